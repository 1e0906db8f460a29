#!/bin/sh
# SPDX-License-Identifier: MIT
# sockplay and gdb(1): a client of its machine interface inspects and runs a
# program.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need gdb timeout
need_sockplay
. "$TOP_SRCDIR/tests/play/talks"
unset GDBHISTFILE DEBUGINFOD_URLS

# client FILE: send each request of FILE after the result of the one before, and
# print the results.  For the result "running", print that the program stopped.
cat >client <<'!'
exec 3<"$1"
number=0
while read -r request <&3; do
	number=$((number + 1))
	echo "$number-$request"
	while read -r answer; do
		case $answer in
		"$number^running") ;;
		"$number^"* | '*stopped,'*)
			echo "$answer" >&2
			break
			;;
		esac
	done
done
"$SOCKPAIR" --half-close=1
cat >/dev/null
!
# no_offset FILE: print it without the number of the byte, which varies.
no_offset() {
	sed '1s/byte [0-9]*/byte N/' "$1"
}

cat >requests <<'!'
gdb-set confirm off
data-evaluate-expression 6*$seven
nosuch
environment-cd /
gdb-exit
!
debugger='exec gdb -nx -q --interpreter=mi2 -ex'
limit 60 "$SOCKPAIR" -o talk.jsonl -p 'sh client requests' \
    sh -c "$debugger 'set \$seven = 7'" 2>said
is "$rc $(sed -n 2p said) $(grep -c '^3^error' said) $(tail -n 1 said)" \
    '0 2^done,value="42" 1 5^exit' "a talk is recorded"

plays "gdb: all is as recorded" talk.jsonl sh -c "$debugger 'set \$seven = 7'"
limit 60 "$SOCKPLAY" talk.jsonl sh -c "$debugger 'set \$seven = 8'" 2>err
is "$rc $(no_offset err)" "1 $(report \
    "$(at talk.jsonl '=\"42' "byte N of the command")" '"2"\n"' \
    '"8"\n"')" "gdb: one value is another"

limit 60 "$SOCKPAIR" --pipefail -p 'sh client requests' "$SOCKPLAY" talk.jsonl \
    2>mocked
is "$rc" 0 "in gdb's place: sockplay and the client succeed"
same mocked said "in gdb's place: the client has had all results"
sed 's/nosuch/nosuch-either/' requests >others
limit 60 "$SOCKPAIR" -p 'sh client others' "$SOCKPLAY" talk.jsonl 2>mocked
{
	sed 2q said
	report "$(at talk.jsonl '3-nosuch' "byte 66 of standard \
input")" '"\n"' '"-either\n"'
} >want
is "$rc" 1 "in gdb's place: another request is a difference"
same mocked want "in gdb's place: which is printed"

# --- a program ----------------------------------------------------------------

have cc && cat >tiny.c <<'!' && cc -g -O0 -o tiny tiny.c 2>/dev/null
int answer = 42;
int
main(void)
{
	return answer - 42;
}
!
[ -x tiny ] || {
	skip "gdb: a program is looked at" "there is no compiler"
	done_testing
}
gdb='gdb -nx -q --interpreter=mi2'
cat >requests <<!
file-exec-and-symbols $PWD/tiny
data-evaluate-expression answer*2
gdb-exit
!
# shellcheck disable=SC2086 # four words
{
	limit 60 "$SOCKPAIR" -o look.jsonl -p 'sh client requests' $gdb 2>said
	is "$rc $(sed -n 2p said)" '0 2^done,value="84"' \
	    "a program is looked at"
	plays "gdb: its variable is as recorded" look.jsonl $gdb
	sed 's/answer = 42/answer = 43/' tiny.c >other.c
	cc -g -O0 -o tiny other.c
	limit 60 "$SOCKPLAY" look.jsonl $gdb 2>err
}
is "$rc $(no_offset err)" "1 $(report \
    "$(at look.jsonl '=\"84' "byte N of the command")" '"4"\n"' \
    '"6"\n"')" "gdb: it is another in another program"

# Run the program, if tracing is allowed here.  --ignore is for process numbers.
gdb -nx -batch -ex run ./tiny 2>&1 </dev/null | grep -q 'exited with code' || {
	skip "gdb: a program is run" "gdb may not trace here"
	done_testing
}
cat >requests <<!
file-exec-and-symbols $PWD/tiny
break-insert main
exec-run
data-evaluate-expression answer
exec-continue
gdb-exit
!
ignored='process [0-9]+|pid="[0-9]+"|core="[0-9]+"|0x[0-9a-f]+'
# shellcheck disable=SC2086 # four words
{
	limit 60 "$SOCKPAIR" -o run.jsonl -p 'sh client requests' $gdb 2>said
	is "$rc $(sed -n 4p said) $(grep -c '^.stopped' said)" \
	    '0 4^done,value="43" 2' "a program is run to its breakpoint and end"
	plays "gdb: a run is as recorded, but for what --ignore names" \
	    --ignore="$ignored" run.jsonl $gdb
	limit 60 "$SOCKPLAY" run.jsonl $gdb 2>err
}
is "$rc $(grep -c '^sockplay: run.jsonl:[0-9]*: byte ' err)" "1 1" \
    "gdb: and differs without"
limit 60 "$SOCKPAIR" --pipefail -p 'sh client requests' "$SOCKPLAY" run.jsonl \
    2>mocked
is "$rc" 0 "in gdb's place: a whole run succeeds"
same mocked said "in gdb's place: with the same results"

done_testing
