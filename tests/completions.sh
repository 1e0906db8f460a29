# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What holds for the completions of every shell, for completion-*.sh in
# tests/cli.  Those define probe, which reads command lines from the file lines,
# asks the shell what it offers after each, and writes that to the file offered:
#
#	LINE	CANDIDATE	DESCRIPTION
#
# with tabs between.  The description may be missing.  A CANDIDATE may be what
# replaces the last word, or only a part of it, such as the value of an option.
# Then they call check_completions.

COMPLETIONS=${COMPLETIONS:-$(dirname "$PEER")/../completions}
case $COMPLETIONS in /*) ;; *) COMPLETIONS=$(pwd)/$COMPLETIONS ;; esac
# A shell may take a while for all lines on a busy machine.
PTY_LIMIT=200
export PTY_LIMIT
PTY=${PTY:-$(dirname "$PEER")/pty}
case $PTY in /*) ;; *) PTY=$(pwd)/$PTY ;; esac

# What the user has set up is not what is tested.
unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME ZDOTDIR PROMPT_COMMAND \
    BASH_COMPLETION_USER_DIR BASH_COMPLETION_USER_FILE BASH_COMPLETION_COMPAT_DIR
export INPUTRC=/dev/null

# need_completions FILE: skip the whole script unless it has been made.
need_completions() {
	[ -e "$COMPLETIONS/$1" ] || {
		echo "1..0 # SKIP there is no $COMPLETIONS/$1"
		exit 0
	}
}

# need_pty: skip the whole script unless a terminal can be scripted.
need_pty() {
	[ -x "$PTY" ] || {
		echo "1..0 # SKIP there is no $PTY"
		exit 0
	}
	has_terminals || {
		echo "1..0 # SKIP no pseudo-terminals"
		exit 0
	}
}

# sockpair-test-own is a command whose completion the scripts define: it has the options
# --mine and --my-type.
mkdir commands
PATH=$test_dir/commands:$PATH
printf '#!/bin/sh\n' >commands/sockpair-test-own
chmod +x commands/sockpair-test-own
: >some-file
SOCKPAIR_TEST_VARIABLE=1
export SOCKPAIR_TEST_VARIABLE

# candidates LINE: what is offered after it, without what is there already.
candidates() {
	awk -F '\t' -v line="$1" '$1 == line { print $2 }' offered |
	    sed 's/^--[a-z-]*=\(.\)/\1/; s/^-[^-]\(.\)/\1/; s/.*,//; s/=$//' |
	    sort -u | tr '\n' ' ' | sed 's/ $//'
}

# offers LINE WANT NAME: after LINE these words are offered, and no others.
# While the lines are being collected, only the line is noted.
offers() {
	if [ -n "$collecting" ]; then
		printf '%s\n' "$1" >>lines
	else
		is "$(candidates "$1")" "$2" "$3"
	fi
}

# check_values: the values of options.
check_values() {
	types='dgram raw rdm seqpacket stream'
	offers 'sockpair --ty' --type "the name of an option"
	offers 'sockpair --type=' "$types" "--type=: all types"
	offers 'sockpair --type ' "$types" "--type and a blank: the same"
	offers 'sockpair -t ' "$types" "-t: the same"
	offers 'sockpair --type=se' seqpacket "--type=se: one of them"
	offers 'sockpair --type se' seqpacket "so it is in the next word"
	offers 'sockpair -tse' seqpacket "and after the letter"
	offers 'sockpair -t se' seqpacket "and in the word after it"
	offers 'sockpair -vxt se' seqpacket "also if other letters come before"
	offers 'sockpair -v --timeout 5 -o a:b --type=se' seqpacket \
	    "and other options, and their values"
	offers 'sockpair --style=se' seqpacket "--style: types"
	offers 'sockpair --domain=in' 'inet inet6' "--domain: domains"
	offers 'sockpair --framing=u3' 'u32 u32le' "--framing: framings"
	offers 'sockpair -W ls' lsp "-W: the same"
	offers 'sockpair --format=p' pcapng "--format: formats"
	offers 'sockpair --time ' 'abs delta none rel' "--time: styles"
	offers 'sockpair --color=' 'always auto never' "--color: when"
	offers 'sockpair --events=ex' exit "--events: an event"
	offers 'sockpair --events data,eof,s' 'shutdown signal stall start' \
	    "and one more"
	offers 'sockpair --output=some-f' some-file "--output=: files"
	offers 'sockpair -o some-f' some-file "-o: files"
	offers 'sockpair -p sockpair-test-o' sockpair-test-own "-p: commands"
	offers 'sockpair --peer=sockpair-test-o' sockpair-test-own "--peer=: commands"
	offers 'sockpair -E SOCKPAIR_TEST_V' SOCKPAIR_TEST_VARIABLE \
	    "-E: variables"
	offers 'sockpair --timeout=' '' "what can be anything is not offered"
	offers 'sockpair -d ' '' "nor is a descriptor, or a file in its place"
}

# check_command MINE SIDE: COMMAND, and its arguments.  MINE and SIDE are what
# is offered if it is sockpair-test-own, after --mi, and if it is sockplay, after --as=c.
check_command() {
	offers 'sockpair sockpair-test-o' sockpair-test-own "COMMAND: commands"
	offers 'sockpair -- sockpair-test-o' sockpair-test-own "also after --"
	offers 'sockpair -vo some-file --type stream -T5 sockpair-test-o' sockpair-test-own \
	    "and after options with values"
	offers 'sockpair -o a:b sockpair-test-o' sockpair-test-own "and after a value with a colon"
	offers 'sockpair --preset sockpair-test-o' sockpair-test-own "and after an alias"
	offers 'sockpair sockpair-test-own --mi' "$1" "an argument of COMMAND: its own"
	offers 'sockpair -v -- sockpair-test-own --mi' "$1" "also after --"
	offers 'sockpair sockpair-test-own --ty' '' "no option of sockpair's is one"
	offers 'sockpair sockpair-test-own -o --ty' '' "wherever it stands"
	offers 'sockpair sockplay --as=c' "$2" "COMMAND may be sockplay"
	offers 'sockplay --as=' 'command stdin' "sockplay --as: sides"
	offers 'sockplay -t se' seqpacket "sockplay -t: types"
	offers 'sockplay --ou' '' "sockplay has no option of sockpair's"
	offers 'sockplay some-f' some-file "sockplay's FILE: files"
	offers 'sockplay -- some-f' some-file "also after --"
	offers 'sockplay some-file sockpair-test-o' sockpair-test-own "then commands"
	offers 'sockplay - sockpair-test-o' sockpair-test-own "also after - for FILE"
	offers 'sockplay -T 5 some-file sockpair-test-own --mi' "$1" \
	    "then the command's own"
	offers 'sockplay some-file --ty' '' "but no option of sockplay's"
}

# options_of PROGRAM: its options as --help shows them: letter or -, name, and
# description, with tabs between.
options_of() {
	"$1" --help | awk '
	function flush() {
		if (name != "")
			print letter "\t" name "\t" text
		name = ""
	}
	/^ +(-., +)?--/ {
		flush()
		letter = $1 ~ /^-[^-]/ ? substr($1, 2, 1) : "-"
		name = $0
		sub(/^[^-]*(-., *)?--/, "", name)
		text = name
		sub(/[= ].*/, "", name)
		sub(/^[^ ]* +/, "", text)
		next
	}
	/^                    / {
		sub(/^ +/, "")
		text = text " " $0
		next
	}
	{ flush() }'
}

# check_options PROGRAM DESCRIBED: all options are offered.  If DESCRIBED is
# yes, so are the descriptions.
check_options() {
	if [ -n "$collecting" ]; then
		printf '%s\n' "$1 -" "$1 --" >>lines
		return
	fi
	options_of "$1" | sort >options
	cut -f 2 options | sort >want
	awk -F '\t' -v line="$1 --" '
	$1 == line { sub(/^--/, "", $2); sub(/=$/, "", $2); print $2 }' \
	    offered | sort -u >got
	same want got "$1: each option of --help is offered, and no other"
	sed -n 's/^\([^-]\)	.*/\1/p' options | sort >want
	awk -F '\t' -v line="$1 -" '
	$1 == line && $2 ~ /^-[^-]$/ { print substr($2, 2) }' offered |
	    sort -u >got
	same want got "$1: so is each letter"
	[ "$(wc -l <want)" -ge 6 ]
	ok "$1: there are some"
	[ "$2" = yes ] || return
	cut -f 2- options | sort >want
	awk -F '\t' -v line="$1 --" '
	$1 == line && $3 != "" {
		sub(/^--/, "", $2)
		print $2 "\t" $3
	}' offered | sort -u >got
	same want got "$1: with the description that --help has"
	[ -s got ] || show offered
}

check_all() {
	check_values
	check_command "$2" "$3"
	check_options sockpair "$1"
	[ ! -x "$SOCKPLAY" ] || check_options sockplay "$1"
}

# check_completions DESCRIBED MINE SIDE: all of these.
check_completions() {
	rm -f lines offered
	collecting=yes
	check_all "$@"
	collecting=
	probe
	[ -s offered ]
	ok "there are completions"
	check_all "$@"
}
