#!/bin/sh
# SPDX-License-Identifier: MIT
# sockplay and bc(1): the calculator against a recorded talk, and the record in
# place of the calculator.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need bc timeout
need_sockplay
. "$TOP_SRCDIR/tests/play/talks"
unset BC_ENV_ARGS BC_LINE_LENGTH

# client SUM...: ask for each after the answer to the one before; then
# half-close, and wait for bc's end.
cat >client <<'!'
for sum; do
	echo "$sum"
	read -r answer || break
	echo "$sum = $answer" >&2
done
"$SOCKPAIR" --half-close=1
cat >/dev/null
!
sums='6*7 2^64 7/5'
# shellcheck disable=SC2086 # three words
limit 60 "$SOCKPAIR" -o talk.jsonl -p "sh client $sums" bc -q 2>said
is "$rc $(tr '\n' ',' <said)" \
    "0 6*7 = 42,2^64 = 18446744073709551616,7/5 = 1," "a talk is recorded"

# --- with bc ------------------------------------------------------------------

plays "bc: all is as recorded" talk.jsonl bc -q
differs "one answer is another" \
    "$(at talk.jsonl '"1\n"' "byte 25 of the command")" \
    '"\n"' '".40000000000000000000\n"' talk.jsonl bc -ql
differs "the status is another" \
    "$(at talk.jsonl '"exit"' "the exit of the command")" \
    'status 0' 'status 3' talk.jsonl sh -c 'bc -q; exit 3'
differs "a signal, where a status was" \
    "$(at talk.jsonl '"exit"' "the exit of the command")" \
    'status 0' 'signal 15 (TERM)' talk.jsonl sh -c 'bc -q; kill -TERM $$'
differs "there is more than recorded" \
    "$(at_end talk.jsonl command "byte 26 of the command")" \
    'the end' '"bye\n"' talk.jsonl sh -c 'bc -q; echo bye'
differs "the end comes early" \
    "$(at talk.jsonl 18446 "byte 3 of the command")" \
    '"18446744073709551616\n"' 'the end' talk.jsonl sh -c 'head -n 1 | bc -q'
differs "a command that says nothing at all" \
    "$(at talk.jsonl '42\n' "byte 0 of the command")" \
    '"42\n"' 'the end' talk.jsonl true
plays "--ignore: an answer that may differ" --ignore='^1(\.4[0-9]*)?$' \
    talk.jsonl bc -ql
differs "--ignore: but another may not" \
    "$(at talk.jsonl '42\n' "line 1 of the command")" \
    '"42\n"' '"042\n"' --ignore='^1$' talk.jsonl \
    sh -c 'read -r sum; echo 042; exec cat >/dev/null'
for size in 1 2 3 7 4095; do
	plays "bc that is handed $size B at a time" talk.jsonl \
	    "$SOCKPAIR" --chunk=$size bc -q
done

# --- in place of bc -----------------------------------------------------------

# mocks NAME ARG...: sockplay ARG... plays bc to the same client, without a
# difference for either.
mocks() {
	mocks_name=$1
	shift
	limit 60 "$SOCKPAIR" --pipefail -p "sh client $sums" "$SOCKPLAY" "$@" \
	    2>mocked
	is "$rc" 0 "$mocks_name: sockplay and the client succeed"
	same mocked said "$mocks_name: the client has had all answers"
}
mocks "a mock of bc" talk.jsonl
mocks "a mock with the side named" --as=command talk.jsonl

limit 60 "$SOCKPAIR" -p "sh client 6*7 2^65" "$SOCKPLAY" talk.jsonl 2>mocked
is "$rc $(cat mocked)" "1 6*7 = 42
$(report "$(at talk.jsonl '"2^64\n"' "byte 7 of standard input")" \
    '"4\n"' '"5\n"')" "another client: the mock prints what differs, status 1"
limit 60 "$SOCKPAIR" -p "sh client 6*7" "$SOCKPLAY" talk.jsonl 2>mocked
is "$rc $(cat mocked)" "1 6*7 = 42
$(report "$(at talk.jsonl '"2^64\n"' "byte 4 of standard input")" \
    '"2^64\n"' 'the end')" "a client that leaves early is a difference"
limit 60 "$SOCKPAIR" -p "sh client $sums 1+1" "$SOCKPLAY" talk.jsonl 2>mocked
is "$rc $(cat mocked)" "1 $(cat said)
$(report "$(at_end talk.jsonl peer "byte 13 of standard input")" \
    'the end' '"1+1\n"')" "and one that asks more"

# --- in place of the client ---------------------------------------------------

limit 60 "$SOCKPAIR" --pipefail -p '"$SOCKPLAY" --as=stdin talk.jsonl' bc -q \
    2>mocked
is "$rc $(cat mocked)" "0 " "--as=stdin: sockplay asks bc as the client did"
limit 60 "$SOCKPAIR" --pipefail -p '"$SOCKPLAY" --as=stdin talk.jsonl' \
    bc -ql 2>mocked
is "$rc $(cat mocked)" "1 $(report \
    "$(at talk.jsonl '"1\n"' "byte 25 of the command")" \
    '"\n"' '".40000000000000000000\n"')" "--as=stdin: and prints what differs"
# Both sides of one record.
limit 60 "$SOCKPAIR" --pipefail -p '"$SOCKPLAY" --as=stdin talk.jsonl' \
    "$SOCKPLAY" talk.jsonl 2>mocked
is "$rc $(cat mocked)" "0 " "sockplay satisfies itself"

# --- pipes --------------------------------------------------------------------

echo '6*7' >asked
echo '6*8' >changed
limit 60 "$SOCKPAIR" --pipes -o pipes.jsonl bc -q <asked >out
plays "a record of --pipes is played over pipes" pipes.jsonl \
    sh -c '[ -p /dev/stdin ] && [ -p /dev/stdout ] && bc -q'
plays "-t has priority over the record" -t stream pipes.jsonl \
    sh -c '[ -S /dev/stdin ] && [ -S /dev/stdout ] && bc -q'
limit 60 "$SOCKPLAY" pipes.jsonl <asked >out 2>err
is "$rc $(cat out err)" "0 42" "a mock between pipes"
limit 60 "$SOCKPLAY" pipes.jsonl <changed >out 2>err
is "$rc $(cat out err)" "1 $(report \
    "$(at pipes.jsonl '6*7' "byte 2 of standard input")" \
    '"7\n"' '"8\n"')" "which finds what differs"

# --- written by hand ----------------------------------------------------------

cat >hand.jsonl <<'!'
{"from":"stdin","type":"data","text":"6*7\n"}
{"from":"command","type":"data","text":"42\n"}
{"from":"stdin","type":"eof"}
!
plays "by hand: three lines are a talk" hand.jsonl bc -q
limit 60 "$SOCKPLAY" - bc -q <hand.jsonl >out 2>err
is "$rc $(cat out err)" "0 " "by hand: also from standard input"
differs "by hand: a difference" "hand.jsonl:2: byte 0 of the command" \
    '"42\n"' '"52\n"' hand.jsonl sh -c 'read -r sum; echo 52'
limit 60 "$SOCKPLAY" hand.jsonl sh -c 'bc -q; exit 3' >out 2>err
is "$rc $(cat out err)" "0 sockplay: hand.jsonl: no exit record: status 3 of \
the command is not compared" "by hand: a status not recorded is reported"
limit 60 "$SOCKPLAY" hand.jsonl <asked >out 2>err
is "$rc $(cat out err)" "0 42" "by hand: a mock"

done_testing
