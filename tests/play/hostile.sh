#!/bin/sh
# SPDX-License-Identifier: MIT
# Commands that say too much, without an end, or less than they announce:
# sockplay prints the difference, ends in time, and uses little memory.  Then
# files that were made to do harm; see SECURITY.md.
# shellcheck disable=SC3045 # a shell without ulimit -v is noticed
# shellcheck disable=SC2016 # what is in single quotes is for another shell
# shellcheck disable=SC2317 # in_locales calls what is defined here
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need perl timeout
need_sockplay

# Memory is limited unless a checker, which needs much of it, is in use.
if [ -n "${SOCKPAIR_WRAPPED:-}" ] || ! (ulimit -v 60000) 2>/dev/null; then
	memory=unlimited
else
	memory=60000
fi

patience=30		# seconds

# play STATUS ARGUMENT...: sockplay ARGUMENT... ends in time with STATUS.
play() {
	play_want=$1
	shift
	# A soft limit: make coverage lifts it.
	(ulimit -S -v "$memory" && exec timeout -s KILL "$patience" \
	    sockplay "$@") \
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

# The regexec(3) of the GNU C library needs a minute for the first of these, and
# no signal ends us meanwhile.
name="matching that takes too long is given up"
if getconf GNU_LIBC_VERSION >/dev/null 2>&1; then
	perl -e 'print qq({"from":"command","type":"data","text":"), "1" x $_,
	    qq(\\n"}\n) for 90000, 90' >talk.jsonl
	given_up='sockplay: cannot apply --ignore: it takes too long to match'
	patience=300 play 125 --ignore='[0-9]+ms' talk.jsonl \
	    perl -e 'print "1" x $_, "\n" for 90000, 90; sleep 60' &&
	    says "$given_up a line or message"
	ok "$name"
	sed -i 1d talk.jsonl
	patience=300 play 125 --ignore='(1*)(1*)\1\2x' talk.jsonl \
	    perl -e 'print "1" x 90, "\n"; sleep 60' &&
	    says "$given_up a line or message"
	ok "so is that of a short line with back references"
else
	skip "$name" "another library may match in less time"
fi

# --- files --------------------------------------------------------------------

# perl_talk SCRIPT: the file is what this script prints.
perl_talk() {
	perl -e "$1" >talk.jsonl
}

name="a file takes little more memory than its size"
if [ "$memory" = unlimited ]; then
	elsewhere "$name" "a checker needs more"
else
	perl_talk 'print qq({"from":"command","type":"data","text":"), "x" x 9999999,
	    qq(\\n"}\n) for 1, 2'
	play 0 talk.jsonl perl -e 'print "x" x 9999999, "\n" for 1, 2'
	ok "$name"
fi

name="a file that is larger than the memory is refused"
if [ "$memory" = unlimited ]; then
	elsewhere "$name" "a checker ends at such an allocation"
elif truncate -s 1T talk.jsonl 2>/dev/null; then
	play 125 talk.jsonl true &&
	    says "sockplay: cannot read 'talk.jsonl': Cannot allocate memory"
	ok "$name"
else
	skip "$name" "no file of this size"
fi
rm -f talk.jsonl

for what in '[' '{"a":'; do
	perl_talk "print '$what' x 1000000"
	play 125 talk.jsonl true && [ "$(wc -l <err)" -eq 1 ] &&
	    grep -q '^sockplay: talk.jsonl:1: not JSON: ' err
	ok "a million of $what are refused"
done

perl_talk 'print qq({"type":"stall","k":[), "1," x 1000000, qq(1]}\n);
	print qq({"from":"command","type":"data","text":"x"}\n)'
memory=unlimited play 0 talk.jsonl printf x
ok "what is unknown in an event does no harm, however much of it there is"

# It has descriptors of any number, more of them than there may be.
wrong=
for fds in 2147483647 1000000000 "$(seq -s , 0 70000)"; do
	printf '%s\n' '{"type":"start","fds":['"$fds"']}' \
	    '{"from":"command","type":"data","text":"x"}' >talk.jsonl
	play 125 talk.jsonl touch ran && [ "$(wc -l <err)" -eq 1 ] ||
	    wrong="$wrong $(echo "$fds" | head -c 20)"
done
[ -z "$wrong" ] && [ ! -e ran ]
ok "descriptors that cannot be are refused before the command runs"

# What a file says is not run, and only the command gets a signal, which is
# sockplay's own parent by the file.
printf '%s\n' '{"type":"start","argv":["touch","ran"],"pid":'$$'}' \
    '{"from":"command","type":"data","text":"x\n"}' \
    '{"from":"stdin","type":"signal","signal":9}' >talk.jsonl
limit 30 sockplay talk.jsonl </dev/null >out 2>err
is "$rc $(cat out err)" '0 x' "a file alone runs nothing and sends no signal"
[ ! -e ran ]
ok "a command in a file is not run"
echo '{"type":"exit","signal":9}' >>talk.jsonl
limit 30 sockplay talk.jsonl sh -c 'echo x; while :; do sleep 1; done' \
    </dev/null >out 2>err
is "$rc $(cat out err)" '0 ' "SIGKILL in a file is for the command alone"
printf '%s\n' '{"from":"command","type":"data","text":"x"}' \
    '{"type":"exit","signal":19}' >talk.jsonl
play 125 talk.jsonl && says \
    'sockplay: talk.jsonl:2: "signal" must be one that ends a process'
ok "a file cannot stop sockplay"
printf '%s\n' '{"from":"command","type":"data","text":"x\n"}' \
    '{"from":"stdin","type":"signal","signal":19}' \
    '{"from":"command","type":"data","text":"y\n"}' >talk.jsonl
play 124 -T 1 talk.jsonl sh -c 'echo $$ >pid; echo x
    while :; do sleep 1; done' && is_gone "$(cat pid)"
ok "a command that a file stops is ended by --timeout"

# An escape sequence, a newline, a C1 control, a change of direction.
evil=$(printf 'e\033[31m\n\302\233\342\200\256')
shown='e\e[31m\n\xc2\x9b\xe2\x80\xae'
printf '%s\n' '{"from":"command","type":"data",' \
    '"text":"\u001b[31m\u0007\u009b\u202e\n"}' | tr -d '\n' >"$evil"
no_evil() {
	play 1 "$evil" printf '\007\033[31m\302\233\342\200\256\r' &&
	    says "sockplay: $shown:1: byte 0 of the command differs" \
	    'expected: "\e[31m\x07\xc2\x9b\xe2\x80\xae\n"' \
	    'got: "\x07\e[31m\xc2\x9b\xe2\x80\xae\r"'
}
in_locales "nothing of a file or of a command reaches a terminal" no_evil
printf '{"from":"command","type":"\033[31m"}\n' >talk.jsonl
play 125 talk.jsonl true &&
    [ -z "$(tr -d '\n' <err | tr -cd '\000-\037')" ] &&
    grep -q 'control character 0x1b' err
ok "nor when it is no JSON"

done_testing
