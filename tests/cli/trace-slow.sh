#!/bin/sh
# SPDX-License-Identifier: MIT
# Traces that take time: large ones, and those whose reader is slow or stalls.
# Nothing is lost of them, nor of what is relayed.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
# shellcheck disable=SC2317 # await calls what is defined just before it
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need perl timeout

# --- large, and not changed --------------------------------------------------

perl -e 'print pack "N*", 0 .. 1999999' >data
# shellcheck disable=SC2002
cat data | limit 100 sockpair -o large.jsonl -o large.pcapng cat | cat >out
same out data "a trace takes nothing away"
if have jq; then
	jq -r 'select(.from == "stdin") | .base64 // (.text // empty | @base64)
	    ' large.jsonl | base64 -d | cmp - data >cmp.out 2>&1
	ok "and has all of it" || cat cmp.out
else
	skip "and has all of it" "jq is not installed"
fi

# Each byte of an argument takes six in JSON; a single one has 128 KiB at most.
perl -e 'exec @ARGV, ("\1" x 120000) x 12' \
    sockpair -s 1 -o words.json true </dev/null 2>err
is "$? $(cat err) $(grep -o '\\u0001' words.json | wc -l)" "0  1440000" \
    "the longest command is traced whole"

# --- others that write to standard error -------------------------------------

limit 60 sockpair -v sh -c '
	for i in 1 2 3 4 5 6 7 8 9; do echo "own line $i" >&2; echo $i; done' \
	</dev/null >out 2>err
is "$(grep -c '^own line [1-9]$' err)" 9 \
    "the command's own messages stay whole lines"

# Pieces of 64 KiB, while others write to the same pipe, whose reader is slow.
if [ -z "${SOCKPAIR_WRAPPED:-}" ]; then
	cat >writers <<'!'
for my $writer (1 .. 3) {
	next if fork;
	for (1 .. 100) {
		syswrite STDERR, "own $writer " . "=" x 50 . "\n";
		syswrite STDOUT, ("-" x 70 . "\n") x 200;
	}
	exit;
}
1 while wait > 0;
!
	for style in -v -x; do
		sockpair $style perl writers </dev/null 2>&1 >/dev/null |
		    perl -ne 'select undef, undef, undef, 0.001
			if $. % 100 == 0; print' >mixed
		is "$(grep -cvE '^([*<>] .*|own [1-3] =+)$' mixed
			grep -c '^own [1-3] =*$' mixed)" "0
300" "$style: lines are whole, whoever else writes there"
	done
fi

# --- a reader that is slow ---------------------------------------------------

# Small messages whose reader is slow: many of one read wait for the trace, also
# when standard input has ended.
mkfifo slow
seq 1 5000 >numbers
perl -e 'open F, "<", "slow"; while (sysread F, $_, 1000) {
	print; select undef, undef, undef, 0.0002 }' >slow.out &
slow_pid=$!
limit 60 sockpair -t seqpacket -F line --format=json -o slow "$POST" echo \
    <numbers >out
wait $slow_pid
is "$rc" 0 "a slow reader of a trace of messages is waited for"
same out numbers "it has no message lost"
is "$(grep -c '"from":"stdin","type":"message"' slow.out
    grep -c '"from":"command","type":"message"' slow.out)" '5000
5000' "and gets to see them all"

# A trace may go to the same file as the data, and comes first there.
name="nothing is given before it is in every trace"
if has_proc; then
	mkfifo filled
	rm -f said went
	perl -e 'alarm 60; open F, "<", "filled";
		select undef, undef, undef, 0.02 until -e "went";
		print while sysread F, $_, 65536' >seen &
	reader=$!
	sockpair -o filled "$PEER" out:65536 touch:said wait:went </dev/null \
	    >out 2>err &
	relay=$!
	await test -e said
	await all_asleep $relay
	# The record of the last piece has no room in the FIFO.
	[ "$(wc -c <out)" -lt 65536 ]
	ok "$name"
	: >went
	wait $relay
	wait $reader
	is "$(wc -c <out)" 65536 "and then it is"
else
	skip "$name" "no /proc"
fi

# --- a reader that stalls ----------------------------------------------------

# stalled FILE: what is written to the FIFO comes to FILE, its first byte at
# once, the rest when there is a file called went.
mkfifo stalled
stalled() {
	rm -f went
	perl -e 'alarm 60; open F, "<", "stalled"; sysread F, $_, 1; print;
		select undef, undef, undef, 0.02 until -e "went";
		print while sysread F, $_, 65536' >"$1" &
	stalled_pid=$!
}

# As many messages as one read can bring.
if has_proc; then
	yes '' | head -n 65536 >empty
	for format in text json pcapng; do
		stalled lost
		sockpair -t seqpacket -s 1 --format=$format -o stalled \
		    "$PEER" pid:lost.pid wait:leave <empty >out 2>err &
		relay=$!
		await test -s lost.pid
		await all_asleep $relay
		: >leave
		await is_gone "$(cat lost.pid)"
		is_gone $relay || await all_asleep $relay
		: >went
		wait $relay
		rc=$?
		wait $stalled_pid
		[ "$rc" = 0 ] && [ ! -s err ] && { [ $format = pcapng ] ||
			[ "$(grep -cE '^> [0-9.]+ mess|"type":"message"' \
				lost)" = 65536 ]; }
		ok "$format: messages for nobody are traced while the reader \
stalls" || show err
		rm -f lost.pid leave
	done
else
	skip "messages for nobody are traced while the reader stalls" "no /proc"
fi
stalled signalled
cat >signals.pl <<'!'
$SIG{$_} = "IGNORE" for qw(USR1 USR2 HUP WINCH);
my $sockpair = getppid;
for (1 .. 12000) {
	kill $_, $sockpair for qw(USR1 USR2 HUP WINCH);
	select undef, undef, undef, 0.00001;
}
open F, ">", "went";
!
limit 60 sockpair -s 1 -o stalled perl signals.pl </dev/null 2>err
wait $stalled_pid
is "$rc $(cat err; grep -cvE -e '^> [0-9.]+ signal [A-Z0-9]+ passed on$' \
    -e '^[<>] [0-9.]+ eof ' -e '^\* ' signalled)" "0 0" \
    "no record is cut in silence if many signals come meanwhile"

# A reader that stalls holds the relay, but not signals: the first ends the
# command, and the next, when there is none left, us.
if [ -z "${SOCKPAIR_WRAPPED:-}" ] &&
    sees "a stalled reader holds the relay, but a signal is passed on"; then
	# shellcheck disable=SC2217 # it holds the other end, and reads nothing
	sleep 60 <stalled &
	stall=$!
	sockpair -o stalled sh -c 'echo $PPID >us.part
	    echo $$ >them; mv us.part us; exec cat >/dev/null' \
	    </dev/zero >/dev/null 2>&1 &
	await [ -e us ]
	us=$(cat us) them=$(cat them)
	# Both have something to do unless the trace holds us.
	await all_asleep "$us" "$them" || echo "# they never wait"
	kill -TERM "$us"
	# Reaped, not only ended: until then a signal is still meant for it.
	await [ ! -e "/proc/$them" ] && ! is_gone "$us"
	ok "a stalled reader holds the relay, but a signal is passed on"
	kill -TERM "$us"
	await is_gone "$us"
	ok "and the next one ends us"
	rm us them
	yes 2>/dev/null | sh -c 'sockpair -o stalled -T 2s sh -c "
	    echo \$\$ >them.part; mv them.part them; exec cat >/dev/null" \
	    >/dev/null 2>&1; echo $? >status' &
	await [ -e them ]
	await is_gone "$(cat them)"
	ok "--timeout ends the command all the same"
	kill $stall
	wait
	is "$(cat status)" 124 "and its status is 124"
	# Each read is a page, of a record of many: five seconds.
	perl -e 'open my $fifo, "<", "stalled" or die;
	    for (1 .. 10) {
		sysread $fifo, $_, 4096; select undef, undef, undef, 0.5;
	    }
	    1 while sysread $fifo, $_, 65536' &
	limit 60 sockpair -T 3s -o stalled cat data </dev/null >out 2>err
	is "$rc $(cmp out data)" "0 " "unless it is the trace alone that moves"
	wait
fi
done_testing
