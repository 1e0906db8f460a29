# SPDX-License-Identifier: MIT
"""
An editor whose language server is clangd, for tests.

    editor.py FILE LINES COMMAND...

starts COMMAND, and opens a text with a mistake under the name FILE, with so many
LINES more than that needs.  It prints the error that the server finds there,
whether the answer about a name in it has that name, and the server's status.
The messages that it sends, with their headers, go to the file sent, and those
that it receives to the file received.
"""
import json
import os
import subprocess
import sys

path, lines = sys.argv[1], int(sys.argv[2])
server = subprocess.Popen(sys.argv[3:], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE)
sent, received = open("sent", "wb"), open("received", "wb")


def send(method, params=None, id=None):
    message = {"jsonrpc": "2.0", "method": method}
    if params is not None:
        message["params"] = params
    if id is not None:
        message["id"] = id
    body = json.dumps(message, ensure_ascii=False).encode()
    data = b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    sent.write(data)
    try:
        server.stdin.write(data)
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
        body = server.stdout.read(size)
        received.write(header + body)
        message = json.loads(body)
        if wanted(message):
            return message


uri = "file://" + os.getcwd() + "/" + path
text = "int zähler;\nint f(void) { return zähler }\n" + "//\n" * lines
send("initialize", {"processId": None, "rootUri": None, "capabilities": {}}, 1)
receive(lambda m: m.get("id") == 1)
send("initialized", {})
send("textDocument/didOpen", {"textDocument": {
    "uri": uri, "languageId": "c", "version": 1, "text": text}})
found = receive(
    lambda m: m.get("method") == "textDocument/publishDiagnostics")
print(found["params"]["diagnostics"][0]["message"])
send("textDocument/hover", {"textDocument": {"uri": uri},
                            "position": {"line": 0, "character": 5}}, 2)
print("zähler" in json.dumps(receive(lambda m: m.get("id") == 2),
                             ensure_ascii=False))
send("shutdown", None, 3)
receive(lambda m: m.get("id") == 3)
send("exit")
server.stdin.close()
received.write(server.stdout.read())
print(server.wait())
