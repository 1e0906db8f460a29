#!/bin/sh
# SPDX-License-Identifier: MIT
# The command line of sockplay: what is taken, what is refused and how, the help
# texts, the aliases, and that the help and the manual have the same options.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout
need_sockplay

# A talk from which no silent command differs.
echo '{"from":"command","type":"eof"}' >silent.jsonl

# refused WANT ARGUMENT...: sockplay ARGUMENT... prints one line, which is
# "sockplay: WANT", and ends with status 125.
refused() {
	refused_want=$1
	shift
	limit 60 sockplay "$@" </dev/null >out 2>err
	if [ "$rc" != 125 ] || [ -s out ] ||
	    [ "$(cat err)" != "sockplay: $refused_want" ] ||
	    [ "$(wc -l <err)" -ne 1 ]; then
		printf '# %s: status %s, ' "$*" "$rc"
		# A line of its own, whatever they are.
		printf '%s\n' "$(cat out err | tr '\n' ';')"
		return 1
	fi
}

# refuses OPTION NOUN TEXT...: each TEXT is refused, because it is not NOUN, and
# no command is run.
refuses() {
	refuses_option=$1
	refuses_noun=$2
	shift 2
	echo "$refuses_option" >>refusing
	for refuses_text; do
		rm -f ran
		refused "--$refuses_option: '$refuses_text' is not $refuses_noun" \
		    "--$refuses_option=$refuses_text" silent.jsonl touch ran &&
		    [ ! -e ran ] || return 1
	done
}

# takes ARGUMENT...: sockplay ARGUMENT... runs the command.
takes() {
	rm -f ran
	limit 60 sockplay "$@" touch ran </dev/null >out 2>&1
	if [ "$rc" != 0 ] || [ ! -e ran ] || [ -s out ]; then
		sed "s/^/# $*: /" out
		return 1
	fi
}

# --- values ------------------------------------------------------------------

for option in type style; do
	refuses $option "a socket type" '' Stream streams SOCK_STREAM 1x -1 2049
	ok "what is neither a name nor a number is no --$option"
done
refuses fd "a file descriptor" '' ' 1' -1 3x 0x10 2147483648 &&
    refuses fd "a list of file descriptors" , 0, ,0 0,,1 '0, 1' 0,x
ok "what is no list of descriptors is no --fd"
refuses env "a variable's name" '' A=B =x
ok "a variable's name is not empty and has no ="
refused "--env: 'A' is not a new name: it was given before" -E A -E B -E A \
    silent.jsonl true
ok "nor is it given twice"
refuses timeout "a time above zero" '' 0 0.0s 1. .5 1d -1 soon \
    9223372036854775807h
ok "what is no time is no --timeout, nor is 0"
refuses as "command or stdin" '' Command peer 'stdin ' 1
ok "what is no side is no --as"

takes -t stream silent.jsonl && takes --style=1 -d 1,0 silent.jsonl &&
    takes -T 1h --timeout=60 --fd=7,0,1 -E A --env=B -- silent.jsonl
ok "every option of a command is taken, short and long"
got=$(sockplay -d 7,0,1 -E A --env=B silent.jsonl \
    sh -c 'echo "$A $B" >&2' </dev/null 2>&1)
is "$got" '7 7' "-E adds up, and each name gets the first number"

# --- what does not go together -----------------------------------------------

none='needs a file (see sockplay --help)'
refused "$none" && refused "$none" -- && refused "$none" -T 1 --as=stdin
ok "no file is refused"
result=0
for option in --type=stream --style=stream --fd=3 --env=A; do
	refused "${option%=*}: needs a command" $option silent.jsonl || result=1
	refused "${option%=*}: needs a command" -T 9 $option --as=stdin \
	    silent.jsonl || result=1
done
[ $result -eq 0 ]
ok "what is about the command needs one"
refused "--as: cannot go with a command" --as=command silent.jsonl true &&
    refused "--as: cannot go with a command" --as=stdin silent.jsonl true
ok "with a command there is only one side to play"
refused "FILE '-': needs a command" - &&
    refused "FILE '-': needs a command" --as=stdin -
ok "without one, standard input is not the file"

refused "cannot read 'missing': No such file or directory" missing true &&
    refused "cannot read '': No such file or directory" '' true
ok "a file that is not there is refused" || show err

# --- options -----------------------------------------------------------------

refused "'--nothing' is not an option" --nothing silent.jsonl &&
    refused "'-Z' is not an option" -Z silent.jsonl &&
    refused "'--timeou=3' is not an option" --timeou=3 silent.jsonl
ok "an unknown option is refused"
sockplay --help >help
# All options that take a value.
grep -oE -- '--[a-z-]+=' help | sed 's/^--//; s/=$//' | sort -u >valued
result=0
while read -r option; do
	refused "--$option: needs a value" "--$option" || result=1
done <valued
[ $result -eq 0 ] && [ "$(wc -l <valued)" -ge 7 ]
ok "an option without its argument is refused"
# The value of --ignore is read after the whole command line.
{ echo ignore; cat refusing; } | sort -u >refused.options
same valued refused.options \
    "malformed values are tried of every option that takes a value"
limit 60 sockplay --ignore=y '--ignore=x(' silent.jsonl true >out 2>err
[ "$rc" = 125 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] &&
    grep -q "^sockplay: --ignore: 'x(' is not a regular expression: ." err
ok "a malformed regular expression is refused, with the reason" || show err
unwanted="an argument to an option that takes none is refused"
if pkg-config --max-version=1.18.99 popt 2>/dev/null; then
	skip "$unwanted" "popt before 1.19 ignores it"
else
	refused "--help=x: cannot go with a value" --help=x &&
	    refused "--version=x: cannot go with a value" --version=x
	ok "$unwanted"
fi
refused "--fd: '1\\nsockplay: all is well\\e[2J' is not a file descriptor" \
    "--fd=$(printf '1\nsockplay: all is well\033[2J')" silent.jsonl true
ok "control characters in what is quoted do not break the line"

cat >words <<'END'
#!/bin/sh
for word; do
	printf '<%s>' "$word"
done >&2
END
chmod 755 words
got=$(sockplay silent.jsonl ./words -T --fd=x -- -h '' 'a b' '$x' \
	</dev/null 2>&1)
is "$got" '<-T><--fd=x><--><-h><><a b><$x>' \
    "what comes after the command is not ours, and stays as it is"
cp silent.jsonl ./-T
got=$(sockplay -- -T ./words x </dev/null 2>&1)
is "$got" '<x>' "after -- a file may look like an option"

# --- help --------------------------------------------------------------------

for option in --help -h --usage --version -V; do
	limit 60 sockplay $option silent.jsonl </dev/null >out 2>err
	[ "$rc" = 0 ] && [ -s out ] && [ ! -s err ]
	ok "$option is on standard output, its status 0" || show err
	if [ -c /dev/full ]; then
		limit 60 sockplay $option </dev/null >/dev/full 2>err
		is "$rc: $(cat err)" "125: sockplay: cannot write standard output: No space left on device" \
		    "$option on a full device is 125, with a message"
	else
		skip "$option on a full device is 125" "no /dev/full"
	fi
done
is "$(sockplay --version)" \
    "$(sockpair --version | sed 's/sockpair/sockplay/')" \
    "--version has the name, and the number of sockpair"
is "$(grep '^Usage:' help)" \
    "Usage: sockplay [OPTION...] [--] FILE [COMMAND [ARG...]]" \
    "--help shows how to call it"
is "$(tail -n 1 help)" \
    "See the manual page, sockplay(1), for details and examples." \
    "--help ends with where to read more"
sockplay --usage >usage
is "$(cat help usage | grep -cE '.{81}')" 0 "no line has more than 80 columns"
is "$(grep -c '' help | awk '{ print $1 <= 40 }')" 1 "the help is short"

# --- aliases -----------------------------------------------------------------

cat >.popt <<'END'
sockplay alias -q --fd=8,0,1 --env=Q
sockpair alias --foreign --fd=x
END
got=$(sockplay -q silent.jsonl sh -c 'echo $Q >&2' </dev/null 2>&1)
is "$got" 8 "an alias from ~/.popt stands for its options"
refused "'--foreign' is not an option" --foreign silent.jsonl
ok "one of sockpair is not ours"
rm .popt

# --- the manual --------------------------------------------------------------

page=$TOP_SRCDIR/man/sockplay.1
if [ -r "$page" ]; then
	# Long options, then short ones with their long, from both texts.
	grep -oE '^ +(-[A-Za-z0-9], )? *--[a-z-]+' help | tr -d ' ,' |
	    sed -E 's/^-(.)--/-\1 --/' | sort >help.options
	sed -nE 's/^\.It Fl ([A-Za-z0-9]) .*Fl -([a-z-]+).*/-\1 --\2/p
		t
		s/^\.It Fl ([A-Za-z0-9]) , Fl -([a-z-]+).*/-\1 --\2/p
		t
		s/^\.It Fl -([a-z-]+).*/--\1/p' "$page" | sort >page.options
	same help.options page.options \
	    "--help and the manual have the same options" ||
	    show help.options page.options
	[ "$(wc -l <help.options)" -ge 10 ]
	ok "and we have found them"
	grep -oE -- '--[a-z-]+' usage | sort -u >usage.options
	grep -oE -- '--[a-z-]+' help | sort -u >help.long
	same usage.options help.long "so does --usage"
else
	skip "--help and the manual have the same options" "no $page"
fi

limit 60 sockplay silent.jsonl ./no-such-command </dev/null >out 2>err
is "$rc $(cat out err)" "127 sockplay: cannot run './no-such-command': No such \
file or directory" "a command that is not found is reported, with status 127"

# --- what is no talk ---------------------------------------------------------

: >empty.jsonl
limit 60 sockplay empty.jsonl true 2>err
is "$rc $(cat err)" \
    "125 sockplay: cannot play 'empty.jsonl': nothing is said in it" \
    "a file without a line is refused"
echo '{"type":"start"}' >start.jsonl
limit 60 sockplay start.jsonl true 2>err
is "$rc $(cat err)" \
    "125 sockplay: cannot play 'start.jsonl': nothing is said in it" \
    "so is one that was cut off behind its start"
limit 60 sockplay --ignore= silent.jsonl true 2>err
is "$rc $(cat err)" "125 sockplay: --ignore: '' is not a regular expression:\
 it matches nothing" "and --ignore with nothing"

done_testing
