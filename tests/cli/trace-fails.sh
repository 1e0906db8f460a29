#!/bin/sh
# SPDX-License-Identifier: MIT
# Traces that cannot be written: each costs a line and the status, and neither
# the relay nor the other traces anything.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need perl timeout
mkfifo silent
perl -e 'print pack "N*", 0 .. 1999999' >data

if [ -c /dev/full ]; then
	echo hello | sockpair -o /dev/full tr a-z A-Z >out 2>err
	is "$? $(cat out err)" "125 HELLO
sockpair: cannot write '/dev/full': No space left on device" \
	    "a full device costs a line and 125, and the relay goes on"
	sockpair -o /dev/full sh -c 'exit 7' </dev/null 2>err
	is "$?" 7 "the command's failure goes before it"
	# That at the start, while nothing else happens; and one later on.
	rm -f err
	sockpair -o /dev/full "$PEER" wait:told <silent >out 2>err &
	relay=$!
	exec 9>silent
	await grep -q "cannot write '/dev/full'" err
	: >told
	exec 9>&-
	wait $relay
	is $? 125 "a trace that fails is told at once"
	rm -f told
	mkfifo short
	head -n 1 short >/dev/null &
	reader=$!
	sockpair -o short "$PEER" wait:go say:x wait:told </dev/null >out 2>err &
	relay=$!
	wait $reader
	: >go
	await grep -q "cannot write 'short'" err
	: >told
	wait $relay
	is $? 125 "also while the command runs"
	rm -f told go
fi
sockpair -o no/such/file touch ran </dev/null 2>err
is "$? $(cat err) $(ls ran 2>/dev/null)" "125 sockpair: cannot open \
'no/such/file': No such file or directory " \
    "a file that cannot be made is an error before the command starts"
if have setpriv && [ "$(id -u)" -eq 0 ] && [ -z "${SOCKPAIR_WRAPPED:-}" ]; then
	chmod 711 .
	mkdir -m 555 closed
	cp "$SOCKPAIR" as-nobody
	setpriv --reuid=65534 --clear-groups ./as-nobody -o closed/file \
	    touch ran </dev/null 2>err
	is "$? $(sed 's/^[^:]*: //' err)" \
	    "125 cannot open 'closed/file': Permission denied" \
	    "so is a directory that nothing can be made in"
fi
if have unshare && unshare -m true 2>/dev/null; then
	mkdir small
	# shellcheck disable=SC2002
	cat data | unshare -m sh -c 'mount -t tmpfs -o size=64k none small &&
	    exec "$SOCKPAIR" -o small/a.pcapng -o whole.jsonl -o small/b cat' \
		>out 2>err
	is "$? $(sort err)" "125 sockpair: cannot write 'small/a.pcapng': No \
space left on device
sockpair: cannot write 'small/b': No space left on device" \
	    "a file system that fills up costs a line each, and 125"
	cmp out data && tail -n 1 whole.jsonl | grep -q '"type":"exit"'
	ok "and neither the relay nor the other traces anything"
fi
name="the wait for a FIFO's reader is ended by a signal"
if [ -z "${SOCKPAIR_WRAPPED:-}" ] && sees "$name"; then
	mkfifo unread
	sockpair -o unread touch ran </dev/null >out 2>err &
	waiting=$!
	await grep -qs '^State:.S' /proc/$waiting/status
	kill -TERM $waiting
	wait $waiting
	is "$? $(ls ran 2>/dev/null)" "143 " "$name"
fi
mkfifo left
head -c 1 left >/dev/null &
# shellcheck disable=SC2002
cat data | sockpair -o left cat >out 2>err
is "$? $(cmp out data)$(cat err)" \
    "125 sockpair: cannot write 'left': Broken pipe" \
    "a reader that leaves costs the same"
wait

mkfifo left.pcapng
head -c 1 left.pcapng >/dev/null &
# shellcheck disable=SC2002
cat data | sockpair -o left.pcapng cat >out 2>err
is "$? $(cmp out data)$(cat err)" "125 sockpair: cannot write 'left.pcapng': \
Broken pipe" "so does that of a capture"
wait
if [ -z "${SOCKPAIR_WRAPPED:-}" ]; then
	# The head of a capture is written first of all.
	(ulimit -f 0; sockpair -o none.pcapng echo hello 2>&1; echo $?) |
	    cat >out
	is "$(sort out)" "125
hello
sockpair: cannot write 'none.pcapng': File too large" \
	    "a limit that leaves no room for a capture's head costs the same"
fi

# Its poll(2) never says that it can be written.
if [ -w /dev/kmsg ] && : 2>/dev/null >>/dev/kmsg; then
	echo hello >hello
	limit 20 sockpair -v --time=none cat <hello >out 2>/dev/kmsg
	is "$rc $(cat out)" "0 hello" "a trace goes to the kernel's log"
	limit 20 sockpair -o /dev/kmsg cat <hello >out 2>err
	is "$rc $(cat out err)" "0 hello" "opened by us, too"
else
	skip "a trace goes to the kernel's log" "not allowed"
fi

if [ -z "${SOCKPAIR_WRAPPED:-}" ] && have strace &&
    strace -o /dev/null true 2>/dev/null; then
	limit 20 strace -o calls -e inject=writev:retval=0:when=1 \
	    "$SOCKPAIR" -o nothing echo hello </dev/null >out 2>err
	is "$rc $(cat out err)" "125 hello
sockpair: cannot write 'nothing': Input/output error" \
	    "a write that writes nothing is an error"
else
	elsewhere "a write that writes nothing is an error" "no strace"
fi
done_testing
