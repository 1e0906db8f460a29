#!/bin/sh
# SPDX-License-Identifier: MIT
# What the page of sockplay shows of fake servers: each display is taken from
# the page as a reader sees it, and run as a reader would type it.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout awk
need_sockplay
. "$TOP_SRCDIR/tests/documents.sh"
need_views

views "$TOP_SRCDIR/man/sockplay.1" '   Fake servers'

# types FILE: run it.
types() {
	limit 60 sh "$1" >out 2>err </dev/null
}

# recorded: record talk.jsonl, as the page does.
recorded() {
	echo '6*7' | limit 60 sockpair -o talk.jsonl bc -q >out
}

next_display "a client gets a fake server" bc && {
	recorded
	types "$display"
	is "$rc $(cat out err)" "0 42" "$name"
	sed 's/7/8/' "$display" >changed
	types changed
	is "$rc $(sed -n 2,3p err)" '1 expected: "7\n"
got: "8\n"' "a client that has changed is found"
}

next_display "what is said can be seen" bc && {
	recorded
	types "$display"
	is "$rc $(cat out) $(sed -n 's/^\([<>]\)   /\1/p' err)" "0 42 >6*7
<42" "$name" || show err
}

next_display "a client with messages gets a fake server" && {
	for type in seqpacket dgram; do
		seq 3 | limit 60 sockpair -t $type -o box.jsonl cat >out
		sed "s/seqpacket/$type/" "$display" >typed
		types typed
		is "$rc $(cat out err)" "0 1
2
3" "$name ($type)"
	done
	sed 's/seq 3/seq 4/; s/seqpacket/dgram/' "$display" >changed
	types changed
	is "$rc $(tail -n 2 err)" '1 expected: the end
got: "4"' "a message more is found" || show err
}

if next_display "git has a fake server" git; then
	git init -q store
	git -C store -c user.name=A -c user.email=a@example.org \
		commit -q --allow-empty -m first
	git clone -q --bare store store.git
	git ls-remote store.git >refs
	cat refs refs >wanted
	types "$display"
	same out wanted "$name" || show out err
	is "$rc" 0 "git and the server end well"
	# The last command of the display, once more, without the repository.
	rm -rf store store.git
	sed -n '$p' "$display" >again
	types again
	same out refs "it serves without the repository" || show err
	sed 's/git ls-remote fd::3/sh -c "printf 0001 >\&3"/
		s/^sockpair/& --pipefail/' again >changed
	types changed
	is "$rc $(sed -n 2p err)" '1 expected: "0"' \
		"another client is found to differ" || show err
fi

if next_display "a client in Python has a fake server" python3 bc; then
	recorded
	limit 60 python3 "$display" >out 2>&1
	is "$rc $(cat out)" "0 " "$name"
	sed 's/b"6\*7/b"6*8/; /^assert ours/d' "$display" >changed
	limit 60 python3 changed >out 2>&1
	grep -q '^AssertionError' out && grep -q '^got: "8\\n"' out
	ok "a client that has changed is found" || show out
fi

# An editor: it starts its server with two pipes, waits for each answer, and
# ends the server as the protocol wants it.
cat >editor <<'!'
#!/usr/bin/env python3
import json, os, subprocess, sys

server = subprocess.Popen(["sh", sys.argv[1]], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE)

def send(message):
    text = json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":"))
    server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(text))
    server.stdin.write(text.encode())
    server.stdin.flush()

def answer():
    size = 0
    while (line := server.stdout.readline()) != b"\r\n":
        name, value = line.split(b":")
        if name == b"Content-Length":
            size = int(value)
    return json.loads(server.stdout.read(size))

send({"id": 1, "method": "initialize",
      "params": {"processId": os.getpid(), "capabilities": {}}})
print(answer()["result"]["serverInfo"]["name"])
send({"method": "initialized", "params": {}})
send({"id": 2, "method": sys.argv[2]})
print(answer()["result"])
send({"method": "exit"})
server.stdin.close()
print(server.stdout.read(), server.wait())
!

# The same in vim, if a version with a client for language servers is installed.
cat >session.vim <<'!'
if !has('patch-8.2.4758')
	cquit 77
endif
let server = job_start(['sh', $SERVER], {'mode': 'lsp', 'err_io': 'null'})
let answer = ch_evalexpr(server, {'method': 'initialize',
	\ 'params': {'processId': getpid(), 'capabilities': {}}})
call writefile([answer.result.serverInfo.name], 'vim.out')
call ch_sendexpr(server, {'method': 'initialized', 'params': {}})
call ch_evalexpr(server, {'method': 'shutdown'})
call ch_sendexpr(server, {'method': 'exit'})
while job_status(server) == 'run'
	sleep 10m
endwhile
call writefile([job_info(server).exitval], 'vim.out', 'a')
qa!
!
# by_vim FILE: vim records a talk with clangd, and plays it by FILE.
by_vim() {
	vim --version 2>&1 | grep -q '+channel' || {
		skip "vim has a recorder" "vim with channels is not installed"
		skip "vim has a player" "vim with channels is not installed"
		return
	}
	echo 'exec sockpair -F lsp -W lsp -o lsp.jsonl clangd' >recorder
	{
		printf 'exec '
		cat "$1"
	} >player
	for by_vim_server in recorder player; do
		rm -f vim.out
		SERVER=$by_vim_server limit 60 vim -Nu NONE -i NONE -n -es \
			-S session.vim </dev/null >out 2>&1
		case $rc in 77)
			skip "vim has a $by_vim_server" "vim is too old"
			continue ;;
		esac
		is "$rc $(cat vim.out)" "0 clangd
0" "vim has a $by_vim_server" || show out
	done
}

if next_display "an editor's talk is recorded" python3 clangd; then
	limit 60 python3 editor "$display" shutdown >out 2>err
	is "$rc $(cat out)" "0 clangd
None
b'' 0" "$name" || show err
	next_display "it is the editor's server"
	limit 60 python3 editor "$display" shutdown >out 2>err
	is "$rc $(cat out)" "0 clangd
None
b'' 0" "$name" || show err
	limit 60 python3 editor "$display" restart >out 2>err
	grep -q '^sockplay: lsp.jsonl:[0-9]*: byte [0-9]* of message 3 of st' \
		err
	ok "an editor that has changed is found" || show err
	by_vim "$display"
	next_display "it is a test of the language server"
	types "$display"
	is "$rc $(cat out)" "0 " "$name" || show err
	sed 's/"serverInfo\([^c]*\)clangd/"serverInfo\1flangd/' lsp.jsonl >other
	! cmp -s lsp.jsonl other && cp other lsp.jsonl
	types "$display"
	is "$rc" 1 "a server that has changed is found" || show err
else
	next_display "it is the editor's server" clangd python3
	next_display "it is a test of the language server" clangd python3
fi

no_display_left
ok "there is no example that is not run"

done_testing
