#!/bin/sh
# SPDX-License-Identifier: MIT
# The completions for bash, in a shell on a terminal: with bash-completion, and
# without.
# shellcheck disable=SC2016 # what is in single quotes is for bash
. "${TOP_SRCDIR:-.}/tests/lib.sh"
. "$TOP_SRCDIR/tests/completions.sh"
need bash
need_completions bash/sockpair
need_pty

for program in sockpair sockplay; do
	status limit 60 bash -n "$COMPLETIONS/bash/$program" >syntax 2>&1
	is "$rc$(cat syntax)" 0 "$program has no syntax error"
	if have shellcheck; then
		status limit 60 shellcheck "$COMPLETIONS/bash/$program" >syntax
		is "$rc$(cat syntax)" 0 "and is clean under shellcheck"
	else
		skip "and is clean under shellcheck" \
		    "shellcheck is not installed"
	fi
done

package=/usr/share/bash-completion/bash_completion

# bash divides the line into words as it is typed, and calls record.  That
# records what the completion offers, and offers nothing.  With "default" bash
# completes the names of files.
cat >setup <<'END'
bind 'set enable-bracketed-paste off'
_sockpair_test_own() { mapfile -t COMPREPLY < <(compgen -W '--mine --my-type' -- "$2"); }
complete -F _sockpair_test_own sockpair-test-own
END
cat >load <<END
. '$COMPLETIONS/bash/sockpair'
. '$COMPLETIONS/bash/sockplay'
END
cat >record <<'END'
record() {
	# COMMAND may be sockplay.
	[[ -z ${recording-} ]] || { "_$1" "$@"; return; }
	local recording=yes
	local chosen=' ' line=$COMP_LINE found
	local word=${COMP_WORDS[COMP_CWORD]#=}
	compopt() { chosen+="$* "; }
	"_$1" "$@"
	unset -f compopt
	[[ $chosen != *' default '* || ${COMPREPLY-} ]] ||
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	for found in "${COMPREPLY[@]}"; do
		printf '%s\t%s\n' "$line" "$found"
	done >>offered
	COMPREPLY=()
}
complete -F record sockpair sockplay
END

# on_terminal STEP...: bash, once it has read the file start, and its terminal
# is in the mode for editing: in any other ^U removes what was typed before.
on_terminal() {
	echo "PS1='READY>'" >>start
	limit 300 "$PTY" 'send:. ./start\r' 'expect:READY>' "$@" \
	    'send:exit\r' -- bash --norc --noprofile >screen 2>&1 </dev/null
}

# Type every line with a tab, and ^U.  A blank at the end is a part of a line.
probe() {
	set --
	while IFS='' read -r probe_line; do
		set -- "$@" "send:$probe_line\\t^U"
	done <lines
	rm -f probed
	on_terminal "$@" 'send:: >probed\r' file:probed || show screen
}

echo "# without bash-completion: then COMMAND's arguments are files"
cat setup load record >start
check_completions no '' commands
if [ -e $package ]; then
	echo "# with bash-completion"
	{ echo ". $package"; cat setup load record; } >start
	check_completions no --mine command
else
	skip "with bash-completion" "it is not installed"
fi

# What is typed, and what becomes of it.
cat >typing <<'END'
sockpair() { printf '%s\n' "$@" >typed.new; mv typed.new typed; }
END
mkdir some-folder
: >some-folder/inside
want="--type=seqpacket
--output=some-file
-o
some-folder/inside
-osome-folder/inside
-o
1
-E
SOCKPAIR_TEST_VARIABLE
--events=data,exit
--
sockpair-test-own"
line='sockpair --ty\tseq\t --out\tsome-fi\t -o some-fo\tin\t -osome-fo\tin\t'
line=$line' -o $SOCKPAIR_TEST_V\t'
line=$line' -E SOCKPAIR_TEST_V\t --ev\tdata,ex\t -- sockpair-test-o\t'
cat setup load typing >start
on_terminal "send:$line\\r" file:typed || show screen
is "$(cat typed)" "$want" "what is typed is completed"

# bash-completion finds them by the program's name, as those that are installed.
if [ -e $package ]; then
	rm typed
	mkdir user
	ln -s "$COMPLETIONS/bash" user/completions
	{
		echo "BASH_COMPLETION_USER_DIR='$PWD/user'"
		echo ". $package"
		cat setup typing
	} >start
	on_terminal "send:$line --mi\\t\\r" file:typed || show screen
	is "$(cat typed)" "$want
--mine" "so it is with bash-completion, which loads them"
else
	skip "so it is with bash-completion, which loads them" \
	    "it is not installed"
fi
done_testing
