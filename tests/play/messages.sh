#!/bin/sh
# SPDX-License-Identifier: MIT
# sockplay and servers of messages: seqpacket, with empty messages, and dgram.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout python3
need_sockplay
. "$TOP_SRCDIR/tests/play/talks"

# python3 may be a slow script that looks for the right one.
PYTHON=$(python3 -c 'import sys; print(sys.executable)')
export PYTHON

# A server that answers questions.  As usual for a message socket, it does not
# distinguish the end from empty questions.
cat >server.py <<'!'
import socket, sys
s = socket.socket(fileno=int(sys.argv[1]))
seen = 0
while seen < 20:
    question = s.recv(70000)
    if question == b"quit":
        s.send(b"%d questions" % seen)
        break
    seen += 1
    s.send(question[::-1])
    if not question:
        s.send(b"")
!
# A client that asks each of its arguments after the answer to the one before.
# An empty question has two answers.
cat >client.py <<'!'
import socket, sys
s = socket.socket(fileno=0)
for question in sys.argv[1:]:
    s.send(question.encode())
    for answers in range(1 if question else 2):
        print(s.recv(70000), file=sys.stderr, flush=True)
!
# answer NUMBER BYTE: where the server's message NUMBER differs.
answer() {
	at "$type.jsonl" "\"command\",\"type\":\"message\",\"number\":$1," \
	    "byte $2 of message $1 of the command"
}

zeros=$(printf '%059999d' 0)
large=${zeros}7
export large
client="\"\$PYTHON\" client.py hello '' \"\$large\" elf quit"
# For a scripted server: its steps up to the third answer, and to the fifth.
half="use:3 take:1 say:olleh take:1 empty empty"
most="$half take:1 say:7$zeros take:1"
for type in seqpacket dgram; do
	limit 60 "$SOCKPAIR" -t $type -o $type.jsonl -d 3 -p "$client" \
	    "$PYTHON" server.py 3 2>said
	is "$rc $(wc -l <said | tr -d ' ') $(tail -n 1 said)" \
	    "0 6 b'4 questions'" "$type: a talk is recorded"
	plays "$type: the server is as recorded" $type.jsonl "$PYTHON" server.py 3

	# shellcheck disable=SC2086 # several words
	{
		plays "$type: and so is a scripted one" $type.jsonl \
		    "$POST" $most say:fle take:1 'say:4 questions'
		differs "$type: another answer is a difference" \
		    "$(answer 5 2)" '"e"' '"v"' $type.jsonl \
		    "$POST" $most say:flv
		differs "$type: an empty message where another was to come" \
		    "$(answer 6 0)" '"4 questions"' '""' $type.jsonl \
		    "$POST" $most say:fle take:1 empty
		differs "$type: one empty message more" \
		    "$(answer 4 0)" "\"7$(printf %.63s "$zeros")\"..." '""' \
		    $type.jsonl "$POST" $half empty
		differs "$type: a status that differs" \
		    "$(at $type.jsonl '"exit"' "the exit of the command")" \
		    'status 0' 'signal 9 (KILL)' $type.jsonl \
		    "$POST" $most say:fle take:1 'say:4 questions' die:9
		differs "$type: an end before the last message" \
		    "$(answer 6 0 | sed "s/byte 0 of //")" \
		    '"4 questions"' 'the end' $type.jsonl \
		    "$POST" $most say:fle take:1
		limit 60 "$SOCKPLAY" -T 1 $type.jsonl "$POST" use:3 take:1 \
		    say:olleh take:1 empty pause 2>err
	}
	is "$rc $(cat err)" "124 sockplay: $(answer 3 0 | sed 's/byte.*//')1 \
message of the command still awaited" "$type: an empty message is awaited"

	limit 60 "$SOCKPAIR" --pipefail -t $type -p "$client" "$SOCKPLAY" \
	    $type.jsonl 2>mocked
	is "$rc" 0 "$type: in the server's place: a client succeeds"
	same mocked said "$type: in the server's place: it has all answers"
	limit 60 "$SOCKPAIR" --pipefail -t $type -d 3 \
	    -p "\"\$SOCKPLAY\" --as=stdin $type.jsonl" "$PYTHON" server.py 3 2>err
	is "$rc $(cat err)" "0 " \
	    "$type: in the client's place: the server is as recorded"
	limit 60 "$SOCKPAIR" -t $type \
	    -p '"$POST" say:hello take:1 say:world' "$SOCKPLAY" \
	    $type.jsonl 2>err
	is "$rc $(cat err)" "1 $(report \
	    "$(at $type.jsonl '"from":"peer","type":"message","number":2' \
	    "byte 0 of message 2 of standard input")" \
	    '""' '"world"')" "$type: in the server's place: another question"
done

# By hand: the type of messages without a start is seqpacket.
cat >hand.jsonl <<'!'
{"from":"stdin","type":"message","text":"quit"}
{"from":"command","type":"message","text":"0 questions"}
!
plays "by hand: two lines are a talk of messages" -d 3 hand.jsonl \
    "$PYTHON" server.py 3
differs "by hand: compared one by one" \
    "hand.jsonl:2: byte 0 of message 1 of the command" '"0 questions"' \
    '"1 questions"' -d 3 hand.jsonl \
    "$POST" use:3 take:1 'say:1 questions'
limit 60 "$SOCKPLAY" hand.jsonl </dev/null >out 2>err
is "$rc $(cat err)" "125 sockplay: cannot play on standard input: it is no \
socket that keeps messages" "a mock of messages needs a socket for them"

done_testing
