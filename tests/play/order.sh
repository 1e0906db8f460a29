#!/bin/sh
# SPDX-License-Identifier: MIT
# A recorded talk is played in the order in which it was recorded, whatever byte
# a request or an answer ends in.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need python3 seq timeout
need_sockplay

# client BYTE...: for each, ask with three bytes that end in it, and read the
# whole answer before the next request.
cat >client <<'!'
import os, sys
for byte in sys.argv[1:]:
    os.write(1, b"\x00a" + bytes([int(byte)]))
    answer = b""
    while len(answer) < 3:
        answer += os.read(0, 3 - len(answer)) or sys.exit("no answer")
!
# server STEP: answer each request, once all of it has come, with the same bytes
# (1), or with these in reverse (-1).
cat >server <<'!'
import os, sys
step = int(sys.argv[1])
request = b""
while True:
    piece = os.read(0, 3 - len(request))
    if not piece:
        break
    request += piece
    if len(request) == 3:
        os.write(1, request[::step])
        request = b""
!

# plays NAME STEP BYTE...: a talk of client and server is recorded, and can be
# played in place of the client, and in place of the server.  The timeout ends a
# play that would wait for ever.
plays() {
	plays_name=$1
	plays_step=$2
	shift 2
	rm -f talk.jsonl
	limit 60 "$SOCKPAIR" -o talk.jsonl -p "python3 client $*" \
	    python3 server "$plays_step" 2>err
	is "$rc $(cat err)" "0 " "$plays_name: recorded"
	limit 60 "$SOCKPLAY" --timeout=20 talk.jsonl \
	    python3 server "$plays_step" 2>err
	is "$rc $(cat err)" "0 " "$plays_name: to the server" ||
	    show talk.jsonl
	limit 60 "$SOCKPAIR" -p "python3 client $*" \
	    "$SOCKPLAY" --timeout=20 talk.jsonl 2>err
	is "$rc $(cat err)" "0 " "$plays_name: to the client" ||
	    show talk.jsonl
}

plays "requests that end in the first byte of a character" -1 195 195 195
plays "and their answers" 1 195 195 195
plays "of one that has more bytes" 1 226 240 226 240
# shellcheck disable=SC2046 # many words
plays "requests that end in any byte" -1 $(seq 0 255)
# shellcheck disable=SC2046 # the same
plays "and their answers, in any byte" 1 $(seq 0 255)

done_testing
