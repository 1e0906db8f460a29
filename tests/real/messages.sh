#!/bin/sh
# SPDX-License-Identifier: MIT
# Real programs that read and write messages on a descriptor that they are
# given: the same session over each framing and both types.
# shellcheck disable=SC2317 # await calls what is defined just before it
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need python3 timeout

# frame.py KIND: lines, of hexadecimal digits, as frames of them; -d: back.
cat >frame.py <<'!'
import sys
kind, data = sys.argv[1], sys.stdin.buffer
order = "little" if kind.endswith("le") else "big"
size = {"u16": 2, "u32": 4}.get(kind[:3])
def frame(m):
    if kind in ("line", "null"):
        return m + (b"\n" if kind == "line" else b"\0")
    if kind == "netstring":
        return b"%d:%s," % (len(m), m)
    if kind == "lsp":
        return b"Content-Length: %d\r\n\r\n%s" % (len(m), m)
    return len(m).to_bytes(size, order) + m
def messages(rest):
    while rest:
        if kind in ("line", "null"):
            m, _, rest = rest.partition(b"\n" if kind == "line" else b"\0")
        elif kind == "netstring":
            n, _, rest = rest.partition(b":")
            m, rest = rest[:int(n)], rest[int(n) + 1:]
        elif kind == "lsp":
            header, _, rest = rest.partition(b"\r\n\r\n")
            n = int(header.partition(b": ")[2])
            m, rest = rest[:n], rest[n:]
        else:
            n = int.from_bytes(rest[:size], order)
            m, rest = rest[size:size + n], rest[size + n:]
        yield m
if sys.argv[2:] == ["-d"]:
    for m in messages(data.read()):
        print(m.hex())
else:
    for line in data:
        sys.stdout.buffer.write(frame(bytes.fromhex(line.decode())))
!

# A server of questions, as one would write it for a message socket.
cat >server.py <<'!'
import socket, sys
s = socket.socket(fileno=int(sys.argv[1]))
seen = 0
while True:
    question, _, flags, _ = s.recvmsg(70000)
    if question == b"quit":
        s.send(b"%d questions" % seen)
        break
    seen += 1
    s.send(question[::-1])
    if not question:
        s.send(b"")
!
cat >session <<'!'
68656c6c6f

000102ff
c3a4c3b6c3bc
6120622063
71756974
!
cat >want <<'!'
6f6c6c6568


ff020100
bcc3b6c3a4c3
6320622061
35207175657374696f6e73
!
for type in seqpacket dgram; do
	for framing in line null netstring u16 u16le u32 u32le lsp; do
		# A NUL cannot stand in a message that a NUL ends.
		grep -v 000102 session >in
		grep -v 020100 want | sed 's/^35207/34207/' >wanted
		case $framing in
		line | null) ;;
		*) cp session in; cp want wanted ;;
		esac
		python3 frame.py $framing <in >framed
		limit 60 sockpair -t $type -F $framing -d 3 \
		    python3 server.py 3 <framed >out 2>err
		is "$rc $(cat err)" '0 ' "python, $type, $framing: all is well"
		python3 frame.py $framing -d <out >got
		same got wanted "python, $type, $framing: the same session"
	done
	printf 'one\ntwo\nthree\n' >in
	limit 60 sockpair -t $type dd bs=1000 count=2 status=none <in >out
	is "$rc $(cat out)" "0 one
two" "dd, $type: two blocks are two messages"
done

if have socat; then
	# Its PIPE is an echo; one message at a time, or it would merge them.
	mkfifo questions
	for type in seqpacket dgram; do
		: >answers
		limit 60 sockpair -t $type -d 3 socat -b 70000 FD:3 PIPE \
		    <questions >answers 2>/dev/null &
		relay=$!
		exec 9>questions
		for question in first 'and another'; do
			was=$(wc -l <answers)
			echo "$question" >&9
			answered() { [ "$(wc -l <answers)" -gt "$was" ]; }
			await answered
		done
		exec 9>&-
		[ $type = seqpacket ] || kill $relay 2>/dev/null
		wait $relay 2>/dev/null
		is "$(cat answers)" "first
and another" "socat, $type: an echo on descriptor 3"
	done
else
	skip "socat: an echo on descriptor 3" "socat is not installed"
fi
done_testing
