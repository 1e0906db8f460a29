#!/bin/sh
# SPDX-License-Identifier: MIT
# Commands that say too much, without an end, or less than they announce:
# sockplay prints the difference, ends in time, and uses little memory.
# shellcheck disable=SC3045 # a shell without ulimit -v is noticed
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need perl timeout
need_sockplay

# Memory is limited unless a checker, which needs much of it, is in use.
if [ -n "${SOCKPAIR_WRAPPED:-}" ] || ! (ulimit -v 60000) 2>/dev/null; then
	memory=unlimited
else
	memory=60000
fi

# play STATUS ARGUMENT...: sockplay ARGUMENT... ends in time with STATUS.
play() {
	play_want=$1
	shift
	(ulimit -v "$memory" && exec timeout -s KILL 30 sockplay "$@") \
		</dev/null >out 2>err
	rc=$?
	[ "$rc" = "$play_want" ] && [ ! -s out ] && return
	echo "# status $rc"
	show err out
	return 1
}

# says LINE...: standard error is these lines, and no others.
says() {
	printf '%s\n' "$@" >want
	cmp -s err want || {
		show err
		return 1
	}
}

# differs PLACE EXPECTED GOT: standard error is the difference at PLACE.  What
# came begins with GOT.
differs() {
	[ "$(wc -l <err)" -eq 3 ] &&
	    [ "$(sed -n 1p err)" = "sockplay: talk.jsonl:$1 differs" ] &&
	    [ "$(sed -n 2p err)" = "expected: $2" ] &&
	    sed -n 3p err | cut -c 6- | head -c "${#3}" >got &&
	    [ "$(cat got)" = "$3" ] && return
	show err
	return 1
}

# message WIRE: a talk of messages in a stream.
message() {
	cat >talk.jsonl <<-EOF
		{"type":"start","wire":"$1"}
		{"from":"stdin","type":"message","text":"hi"}
		{"from":"command","type":"message","text":"ho"}
		{"from":"stdin","type":"eof"}
		{"from":"command","type":"eof"}
	EOF
}

# data: a talk of bytes.
data() {
	cat >talk.jsonl <<-'EOF'
		{"from":"stdin","type":"data","text":"6*7\n"}
		{"from":"command","type":"data","text":"42\n"}
		{"from":"stdin","type":"eof"}
		{"from":"command","type":"eof"}
		{"from":"command","type":"exit","status":0}
	EOF
}

# --- floods ------------------------------------------------------------------

data
play 1 talk.jsonl yes && differs '2: byte 0 of the command' '"42\n"' '"y\n"'
ok "a command that says the same for ever differs, and is ended"
play 1 talk.jsonl cat /dev/zero &&
    differs '2: byte 0 of the command' '"42\n"' '"\x00\x00'
ok "zeros for ever are escaped"
play 1 --ignore=y talk.jsonl cat /dev/zero &&
    differs '2: line 1 of the command' '"42\n"' '"\x00\x00'
ok "a line that never ends differs, with --ignore too"
play 1 --ignore='.*' talk.jsonl yes &&
    differs '4: line 2 of the command' 'the end' '"\x01\n"'
ok "what is ignored is not ignored after the recorded end"
play 1 talk.jsonl sh -c 'echo 42; exec yes' &&
    differs '4: byte 3 of the command' 'the end' '"y\n"'
ok "a flood after the recorded end differs from it"

for wire in line null; do
	message "$wire"
	play 1 talk.jsonl sh -c 'yes | tr -d "\n" 2>/dev/null' &&
	    says 'sockplay: talk.jsonl:3: message 1 of the command differs' \
		'expected: "ho"' 'got: a message of more than 65538 bytes'
	ok "a message without an end differs ($wire)"
done
message u32
play 1 talk.jsonl sh -c 'printf "\377\377\377\377"; exec cat /dev/zero' &&
    says 'sockplay: talk.jsonl:3: message 1 of the command differs' \
	'expected: "ho"' 'got: a message of 4294967295 bytes'
ok "a message announced with 4 GiB is not awaited"
message lsp
play 1 talk.jsonl printf 'Content-Length: 4294967296\r\n\r\nho' &&
    says 'sockplay: talk.jsonl:3: message 1 of the command differs' \
	'expected: "ho"' 'got: a message of 4294967296 bytes'
ok "nor one that a header announces"
message netstring
play 1 talk.jsonl sh -c 'yes 4 | tr -d "\n" 2>/dev/null' &&
    differs '3: message 1 of the command' '"ho"' '"4444'
ok "a number without end begins no netstring"

# A prompt of 40 MB comes in many pieces.  Each of them could be its last one.
perl -e 'my $piece = "x" x 65536;
    print qq({"from":"command","type":"data","text":"$piece"}\n) x 640,
	qq({"from":"stdin","type":"data","text":"y\\n"}\n)' >talk.jsonl
memory=unlimited play 0 --ignore=y talk.jsonl \
    sh -c 'head -c 41943040 /dev/zero | tr "\0" x; read -r y'
ok "a prompt that is a flood is compared once, not for each piece"

done_testing
