#!/bin/sh
# SPDX-License-Identifier: MIT
# Real programs with --wire, which exchange messages over a plain stream: a
# language server, alone and with an editor; an SFTP server; a native messaging
# host; and sort(1) and wc(1), used as a port of Erlang uses them.
# shellcheck disable=SC2317 # await calls what is defined just before it
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout mkfifo

# --- clangd: lsp ----------------------------------------------------------------

cat >lines <<'!'
{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}
{"jsonrpc":"2.0","method":"initialized","params":{}}
{"jsonrpc":"2.0","id":2,"method":"shutdown"}
{"jsonrpc":"2.0","method":"exit"}
!

if have clangd; then
	limit 60 sockpair --wire=lsp clangd --log=error <lines >out 2>err
	is "$rc $(cat err)" "0 " \
	    "clangd: four lines are a session, which ends with status 0"
	is "$(wc -l <out | tr -d ' ')$(grep -o '"id":[0-9]' out | tr '\n' ' ')" \
	    '2"id":1 "id":2 ' "clangd: and its two answers are two lines"
	limit 60 sockpair --wire=lsp --chunk=1 clangd --log=error <lines >chunked \
	    2>err
	is "$rc $(cat err)" "0 " \
	    "clangd: so they are if it reads a byte at a time"
	same chunked out "clangd: and its answers are the same"
else
	skip "clangd: four lines are a session" "clangd is not installed"
fi
if have clangd && have python3; then
	export PYTHONIOENCODING=utf-8
	limit 120 python3 "$TOP_SRCDIR/tests/editor.py" x.c 50000 \
	    sockpair -F lsp -W lsp -o t.jsonl sh -c \
	    'tee to | clangd --log=error | tee from' >out 2>err
	is "$rc $(grep '^sockpair' err) $(sed 's/ (.*)$//' out | tr '\n' '|')" \
	    "0  Expected ';' after return statement|True|0|" \
	    "clangd: an editor speaks with it through a tap"
	same to sent "clangd: it has what the editor sent, to the byte"
	same received from "clangd: and the editor what it said"
	python3 - t.jsonl >shown <<-'!'
	import json, sys
	sides = {"stdin": b"", "command": b""}
	for line in open(sys.argv[1], encoding="utf-8"):
	    event = json.loads(line)
	    if event["type"] == "message":
	        text = event["text"].encode()
	        header = b"Content-Length: %d\r\n\r\n" % len(text)
	        side = sides[event["from"]]
	        assert event["offset"] == len(side) + len(header)
	        sides[event["from"]] = side + header + text
	for name, data in sides.items():
	    open("trace." + name, "wb").write(data)
	!
	same trace.stdin sent "clangd: the tap has all of the one side"
	same trace.command received "clangd: and of the other"
else
	skip "clangd: an editor speaks with it through a tap" \
	    "clangd or python3 is not installed"
fi

# --- sftp-server: u32 ------------------------------------------------------------

server=
for place in "$(command -v sftp-server)" /usr/lib/openssh/sftp-server \
    /usr/lib/ssh/sftp-server /usr/libexec/sftp-server \
    /usr/libexec/openssh/sftp-server; do
	if [ -n "$place" ] && [ -x "$place" ]; then
		server=$place
		break
	fi
done
if [ -n "$server" ]; then
	# It drops what it has not written when its input ends.
	mkfifo held
	: >out
	limit 60 sockpair --wire=u32 -F netstring "$server" <held >out 2>err &
	relay=$!
	exec 9>held
	# SSH_FXP_INIT of version 3.
	printf '5:\001\0\0\0\003,' >&9
	has_come() { [ "$(tail -c 1 out)" = , ]; }
	await has_come
	exec 9>&-
	wait $relay
	is "$? $(cat err)" "0 " "sftp-server: it ends with its input"
	size=$(sed 's/:.*//;q' out)
	answer=$(tail -c +$((${#size} + 2)) out | head -c 5 | od -An -to1)
	is "$((${#size} + 1 + size + 1)) $answer" \
	    "$(wc -c <out | tr -d ' ')  002 000 000 000 003" \
	    "sftp-server: SSH_FXP_INIT has SSH_FXP_VERSION for an answer"
else
	skip "sftp-server: it ends with its input" "it is not installed"
fi

have python3 || {
	skip "a native messaging host" "python3 is not installed"
	done_testing
}

# --- a native messaging host: u32le ---------------------------------------------

cat >host.py <<'!'
import json, struct, sys
read, write = sys.stdin.buffer.read, sys.stdout.buffer.write
while True:
    size = read(4)
    if not size:
        break
    message = json.loads(read(struct.unpack("=I", size)[0]))
    body = json.dumps({"echo": message}).encode()
    write(struct.pack("=I", len(body)) + body)
    sys.stdout.buffer.flush()
!
wire=$(python3 -c 'import sys; print({"little": "u32le"}.get(sys.byteorder, "u32"))')
printf '%s\n' '{"a": 1}' '"two words"' '[]' |
    limit 60 sockpair --wire="$wire" python3 host.py >out 2>err
is "$(cat err out)" '{"echo": {"a": 1}}
{"echo": "two words"}
{"echo": []}' "a native messaging host answers lines with lines"
python3 -c 'print("\"" + "x" * 3000000 + "\"")' >in
limit 60 sockpair --wire="$wire" python3 host.py <in >out 2>err
is "$rc $(cat err) $(wc -c <out | tr -d ' ')" "0  3000013" \
    "a message of three megabytes is answered with another"
# The line that it prints by mistake is read as the size of a message.
sed '1s/$/; print("ready", flush=True)/' host.py >chatty.py
echo '{}' >in
limit 60 sockpair --wire="$wire" python3 chatty.py <in >out 2>err
is "$rc $(wc -c <out | tr -d ' ') $(grep -c '^sockpair: cannot receive' err)" \
    "125 0 1" "a line that it prints by mistake is an error"

# --- sort and wc: a port of Erlang, {packet, 4} -----------------------------------

# A port cannot close one direction alone, so an empty packet ends the input.
cat >port.py <<'!'
import hashlib, struct, subprocess, sys, threading
sizes = [1, 2, 65535, 65536, 65537, 200000, 3000000]
port = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE)

def say(data):
    port.stdin.write(struct.pack(">I", len(data)) + data)
    port.stdin.flush()

lines = b"".join(hashlib.sha256(b"%d" % i).hexdigest().encode() + b"\n"
                 for i in range(sum(sizes) // 65 + 1))[:sum(sizes)]

def say_all():
    rest = lines
    for size in sizes:
        say(rest[:size])
        rest = rest[size:]
    say(b"")

teller = threading.Thread(target=say_all)
teller.start()
answer = b""
while True:
    size = port.stdout.read(4)
    if not size:
        break
    size, = struct.unpack(">I", size)
    packet = port.stdout.read(size)
    assert size > 0 and len(packet) == size
    answer += packet
teller.join()
assert not port.stdin.closed
if "sort" in sys.argv:
    wanted = b"".join(line + b"\n" for line in sorted(lines.splitlines()))
    print(answer == wanted)
else:
    print(int(answer) == len(lines))
sys.exit(port.wait())
!
for command in sort 'wc -c'; do
	# shellcheck disable=SC2086 # two words
	limit 60 python3 port.py sockpair -F u32 -W raw $command >out 2>err
	is "$rc $(cat out err)" "0 True" \
	    "$command: a port has the answer to all that it has said"
done

# Packets of all sizes are whole, both ways.
cat >echo.py <<'!'
import struct, subprocess, sys
port = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE)
for size in 0, 1, 65535, 65536, 65537, 131073, 1000000, 5000000:
    data = bytes(i * 31 % 251 for i in range(1000)) * (size // 1000 + 1)
    data = data[:size]
    port.stdin.write(struct.pack(">I", size) + data)
    port.stdin.flush()
    answer = port.stdout.read(struct.unpack(">I", port.stdout.read(4))[0])
    print(answer == data)
port.stdin.close()
print(port.stdout.read(), port.wait())
!
for wire in u32 lsp netstring; do
	limit 60 python3 echo.py sockpair -F u32 -W $wire cat >out 2>err
	is "$(sort out err | uniq -c | tr -s ' ' | tr '\n' ' ')" \
	    " 8 True  1 b'' 0 " "packets up to 5 MB are whole on a wire of $wire"
done
done_testing
