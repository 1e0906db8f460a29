#!/bin/sh
# SPDX-License-Identifier: MIT
# gdb(1) and its machine interface: a conversation of requests and records.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need gdb timeout mkfifo
. "$TOP_SRCDIR/tests/real/beside"
unset GDBHISTFILE DEBUGINFOD_URLS

cat >records <<'!'
1-gdb-set confirm off
2-data-evaluate-expression 6*7
3-environment-pwd
4-list-features
5-nosuch-command
6-interpreter-exec console "print 0x10"
7-gdb-show print elements
!
beside "a page of requests" 0 records gdb -nx -q --interpreter=mi2
grep -q '^2^done,value="42"' pair.out; ok "the second request is answered"
grep -q '^5^error' pair.out; ok "the refusal of an unknown one has come"

{ cat records; echo 8-gdb-exit; seq 100000; } >leaves
beside "-gdb-exit before the end of the input" 0 leaves \
    gdb -nx -q --interpreter=mi2
grep -q '^8^exit' pair.out; ok "its last record has come"

echo 'quit 3' >quits
beside "a status of the user's own" 3 quits gdb -nx -q

# ask NUMBER REQUEST: its result record, past whatever comes before it.
ask() {
	say "$1-$2"
	heard=
	while :; do
		hear
		case $heard in
		"$1^"* | "end of file"*) break ;;
		esac
	done
}

talk "$SOCKPAIR" gdb -nx -q --interpreter=mi2
answers=
for number in 11 12 13 14; do
	ask $number "data-evaluate-expression $number*$number"
	answers="$answers ${heard#*=}"
done
is "$answers" ' "121" "144" "169" "196"' \
    "in a conversation each request is answered before the next"

# A program run under it, if tracing is allowed here: without sockpair too.
true_path=$(command -v true)
case $true_path in /*) ;; *) true_path=/bin/true ;; esac
if gdb -nx -batch -ex run "$true_path" 2>&1 </dev/null |
    grep -q 'exited normally'; then
	ask 20 "file-exec-and-symbols $true_path"
	ask 21 "exec-run"
	stopped=
	while :; do
		hear
		case $heard in
		'*stopped,'*exited-normally*) stopped=yes; break ;;
		"end of file"*) break ;;
		esac
	done
	is "$stopped" yes "a program that it runs to its end is reported"
else
	skip "a program that it runs to its end is reported" \
	    "gdb may not trace here"
fi
ask 30 gdb-exit
is "$heard" "30^exit" "the request to leave is answered"
hush
is "$rc" 0 "the conversation ends with its status 0"

done_testing
