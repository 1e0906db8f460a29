#!/bin/sh
# SPDX-License-Identifier: MIT
# sockplay and clangd: a language server and an editor, recorded by message
# (--wire=lsp) and as a plain stream.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need clangd python3 timeout
need_sockplay
. "$TOP_SRCDIR/tests/play/talks"
export PYTHONIOENCODING=utf-8

# editor.py PATH COMMAND...: an editor whose server is COMMAND.  It prints the
# error that the server finds in the file PATH, and the server's status.
cat >editor.py <<'!'
import json, os, subprocess, sys
path = sys.argv[1]
server = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE)

def say(method, params=None, id=None):
    message = {"jsonrpc": "2.0", "method": method}
    if params is not None:
        message["params"] = params
    if id is not None:
        message["id"] = id
    body = json.dumps(message, ensure_ascii=False).encode()
    try:
        server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        server.stdin.flush()
    except BrokenPipeError:
        pass

def receive(wanted):
    while True:
        header = b""
        while not header.endswith(b"\r\n\r\n"):
            byte = server.stdout.read(1)
            if not byte:
                print("end of file")
                server.stdin.close()
                sys.exit(server.wait())
            header += byte
        size = int(header.split(b":")[1].split(b"\r")[0])
        message = json.loads(server.stdout.read(size))
        if wanted(message):
            return message

uri = "file://" + os.getcwd() + "/" + path
say("initialize", {"processId": None, "rootUri": None, "capabilities": {}}, 1)
receive(lambda m: m.get("id") == 1)
say("initialized", {})
say("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "c",
    "version": 1, "text": "int zähler;\nint f(void) { return zähler }\n"}})
found = receive(lambda m: m.get("method") == "textDocument/publishDiagnostics")
print(found["params"]["diagnostics"][0]["message"])
say("textDocument/hover", {"textDocument": {"uri": uri},
    "position": {"line": 0, "character": 5}}, 2)
print("zähler" in json.dumps(receive(lambda m: m.get("id") == 2),
                             ensure_ascii=False))
say("shutdown", None, 3)
receive(lambda m: m.get("id") == 3)
say("exit")
server.stdin.close()
server.stdout.read()
print(server.wait())
!
clangd='clangd --log=error -j=1 --background-index=false'

for kind in messages stream; do
	case $kind in
	messages) wire='--wire=lsp --framing=lsp' ;;
	stream) wire= ;;
	esac
	# shellcheck disable=SC2086 # several words
	{
		limit 60 python3 editor.py x.c "$SOCKPAIR" $wire \
		    -o $kind.jsonl $clangd >recorded 2>err
		is "$rc $(tail -n 2 recorded | tr '\n' ',')" "0 True,0," \
		    "$kind: an editor is recorded"
		plays "$kind: clangd is as recorded" $kind.jsonl $clangd
	}
	limit 60 python3 editor.py x.c "$SOCKPLAY" $kind.jsonl >mocked 2>err
	is "$rc $(cat err)" "0 " "$kind: in clangd's place: the editor succeeds"
	same mocked recorded "$kind: in clangd's place: it gets the same"
done

# clangd with other flags finds another error.
echo "-Dzähler=3" >compile_flags.txt
for kind in messages stream; do
	case $kind in
	messages)
		where=$(at messages.jsonl publishDiag \
		    'byte [0-9]* of message 2 of the command')
		;;
	stream) where='stream.jsonl:[0-9]*: byte [0-9]* of the command' ;;
	esac
	# shellcheck disable=SC2086 # several words
	limit 60 "$SOCKPLAY" $kind.jsonl $clangd </dev/null 2>err
	is "$rc $(grep -c "^sockplay: $where differs" err) \
$(sed -n 's/^\([a-z]*\): ".*/\1/p' err | tr '\n' ' ')" "1 1 expected got " \
	    "$kind: clangd that finds another error differs"
done
rm compile_flags.txt

limit 60 python3 editor.py y.c "$SOCKPLAY" messages.jsonl >mocked 2>err
before=$(sed -n '/didOpen/{s/.*"text":"\({.*\)x\.c.*/\1/;s/\\//gp;}' \
    messages.jsonl)
at=${#before}
is "$rc $(cat mocked) $(sed 's/\(: "..........\).*/\1/' err)" \
    "1 end of file $(report \
    "$(at messages.jsonl didOpen "byte $at of message 3 of standard input")" \
    '"x.c", "lan' '"y.c", "lan')" \
    "messages: in clangd's place: another file is a difference"
limit 60 python3 editor.py y.c "$SOCKPLAY" stream.jsonl >mocked 2>err
at=$((at + $(sed -n '/didOpen/s/.*"offset":\([0-9]*\).*/\1/p' messages.jsonl)))
is "$rc $(cat mocked) $(sed 's/\(: "..........\).*/\1/' err)" \
    "1 end of file $(report \
    "$(at stream.jsonl didOpen "byte $at of standard input")" \
    '"x.c", "lan' '"y.c", "lan')" \
    "stream: in clangd's place: another file is a difference"

done_testing
