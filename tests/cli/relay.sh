#!/bin/sh
# SPDX-License-Identifier: MIT
# The relay at work: bytes both ways, each direction for itself, at rest.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
. "${TOP_SRCDIR:-.}/tests/lib.sh"
# shellcheck disable=SC2217 # sleep is to hold, not to read
need timeout mkfifo

# --- bytes ------------------------------------------------------------------

for size in 0 1 65535 65536 65537 20000000; do
	"$PEER" "out:$size" >data
	"$PEER" "out:$size" | { limit 60 sockpair cat; echo $rc >status; } \
		| cat >back
	same back data "$size bytes go to the command and come back"
	is "$(cat status)" 0 "with status 0"
	limit 60 sockpair "$PEER" "check:$size" <data
	is "$rc" 0 "$size bytes from a file come in order"
	limit 60 sockpair "$PEER" "out:$size" >back
	same back data "$size bytes go into a file in order"
done

# Every byte value, so that nothing is taken for text.
awk 'BEGIN { for (i = 0; i < 256; i++) printf "%c", i }' >values
limit 60 sockpair cat <values >back
same back values "every byte value passes"

if can_have oob; then
	printf 'ab' | limit 60 sockpair "$PEER" say:one oob:X say:two cat-in \
		>back 2>/dev/null
	is "$(tr '\n' ' ' <back)" "one Xtwo " "an urgent byte keeps its place"
fi

# --- both directions, each for itself -----------------------------------------
# A FIFO held open for both, by somebody who neither reads nor writes, is a
# consumer that has stalled or an input that is silent.

# The command reads what it is sent although nobody takes its output.
mkfifo out
sleep 1000 <>out &
holder=$!
"$PEER" out:3000000 | limit 60 sockpair "$PEER" \
	fork check:3000000 touch:taken parent out:10000000 >out &
relay=$!
await test -e taken; ok "a stalled consumer does not stop the input"
kill "$holder"
wait "$relay"

# And writes although its input is not read.
mkfifo in
sleep 1000 <>in &
holder=$!
"$PEER" out:10000000 >in &
feeder=$!
limit 60 sockpair "$PEER" out:3000000 touch:said <in | "$PEER" check:3000000
ok "a command that reads nothing can say all it wants"
kill "$holder" "$feeder" 2>/dev/null
wait "$holder" "$feeder" 2>/dev/null

# One byte at a time is answered at once, with no wait for more.
mkfifo to from
limit 60 sockpair "$PEER" echo <to >from &
relay=$!
exec 8>to 9<from
heard=
for word in one two three; do
	echo "$word" >&8
	read -r answer <&9
	heard="$heard $answer"
done
exec 8>&-
wait "$relay"
exec 9<&-
is "$heard" " one two three" "an answer comes while the input stays open"

# --- half-closed, without any timer -------------------------------------------

# The sleep is the slow answer itself: a timer of a second would cut it off.
echo question | limit 60 sockpair sh -c 'cat >asked; sleep 1.5; cat asked' \
	>answer
is "$(cat answer)" question "an answer comes long after the end of input"

# Nobody else may hold the pipe here, as timeout(1) would: hence no limit.
echo more | sockpair "$PEER" say:first half-close wait:ended cat-in 2>said | { cat >first; : >ended; }
is "$(cat first) $(cat said)" "first read 5 bytes" \
	"the command may end its output and read on"

# Its end is passed on while it still runs: the reader makes it go on.
sockpair "$PEER" say:bye half-close wait:over exit:3 </dev/null |
	{ cat >last; : >over; }
is "$(cat last)" bye "the end of the output is passed on at once"

# Here we are told of nothing: so cat would wait, and is ended by the linger.
limit 60 sockpair --no-shutdown --timeout=0.3s cat </dev/null
is "$rc" 124 "--no-shutdown hides the end of input"
limit 60 sockpair -v --no-shutdown -T 0.3s cat </dev/null 2>err
is "$(grep -c 'end of standard input, command not told$' err)" 1 \
	"and a trace says that the command was not told"
limit 60 sockpair --timeout=20s cat </dev/null
is "$rc" 0 "without it the command sees the end of input"

# --- at rest --------------------------------------------------------------------

if [ -n "${SOCKPAIR_WRAPPED:-}" ] || [ ! -r /proc/self/stat ]; then
	elsewhere "memory is bounded" "not measured here"
	elsewhere "no state of rest takes the processor" "not measured here"
	done_testing
fi

# peak PID: its peak resident memory in KiB.
peak() {
	sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"
}

# 200 MB pass, and then the relay is looked at while it still waits.
"$PEER" out:200000000 | {
	sockpair "$PEER" read:200000000 pid:big wait:seen
} &
await test -e big
grown=$(peak "$(parent_of big)")
: >seen
wait $!
[ "$grown" -lt 8192 ]; ok "200 MB pass through less than 8 MiB ($grown KiB)"

# rest NAME: the sockpair of the command that wrote its pid to rest.NAME.
resting=
unreached=
rest() {
	await test -e "rest.$1" || unreached="$unreached $1"
	rest_pid=$(parent_of "rest.$1")
	resting="$resting $rest_pid"
}

mkfifo silent full
sleep 1000 <>silent &
silencer=$!
sleep 1000 <>full &
filler=$!
rest_in() {
	sockpair "$PEER" "$@" <silent
}
rest_in close:0 close:1 pid:rest.closed wait:rested >/dev/null &
rest closed
{ rest_in pid:rest.gone wait:rested | :; } &
rest gone
# Its reader has left, and it writes nothing: not to be looked at for ever.
{ rest_in pid:rest.busy spin | :; } &
rest busy
sockpair "$PEER" pid:rest.input wait:rested </dev/null >/dev/null &
rest input
rest_in half-close pid:rest.half wait:rested >/dev/null &
rest half
rest_in fork out:10000000 parent pid:rest.full wait:rested >full &
rest full
sockpair "$PEER" pid:rest.deaf wait:rested </dev/zero >/dev/null &
rest deaf
rest_in stop-reading half-close pid:rest.hung wait:rested >/dev/null &
rest hung
for type in seqpacket dgram; do
	can_have -t $type || continue
	sockpair -t $type "$PEER" pid:rest.$type wait:rested </dev/null \
		>/dev/null &
	rest $type
	sockpair -t $type -F raw "$PEER" pid:rest.full.$type wait:rested \
		</dev/zero >/dev/null &
	rest full.$type
done

# Terminals whose other side has gone, which poll(2) goes on to say; and a
# grandchild of which a person has been told.
PTY=${PTY:-$(dirname "$PEER")/pty}
name="states of rest of a terminal"
: >told
if "$PTY" -- true >/dev/null 2>&1; then
	rm told
	"$PTY" --master file:rest.master hangup 'run:: >unplugged.master' \
		file:rested -- sockpair "$PEER" pid:rest.master wait:rested \
		<silent >/dev/null 2>&1 &
	rest master
	"$PTY" file:rest.slave hangup 'run:: >unplugged.slave' file:rested -- \
		sh -c 'trap "" HUP; exec sockpair "$PEER" pid:rest.slave \
			wait:rested <silent' >/dev/null 2>&1 &
	rest slave
	"$PTY" 'expect:waiting for others' 'run:: >told' file:rested -- \
		sh -c 'exec sockpair "$PEER" fork wait:rested parent \
			pid:rest.last wait:go <silent >/dev/null' \
		>/dev/null 2>&1 &
	await test -e unplugged.master && await test -e unplugged.slave ||
		unreached="$unreached unplugged"
else
	skip "$name" "no pseudo-terminals"
	rest_in fork wait:rested parent pid:rest.last wait:go >/dev/null &
fi
rest last
: >go
await test -e told || unreached="$unreached told"
is "$unreached" '' "every state of rest is reached"

# waits PID...: how often they have waited for something.
waits() {
	for waits_pid; do
		cat "/proc/$waits_pid/status"
	done | awk '/^voluntary_ctxt_switches/ { sum += $2 } END { print sum }'
}

# All, and one more whose poll(2) fails as long as its limit is so low: of that
# one it is known that it looks a hundred times a second.
calm=$resting
rest_in pid:rest.limit wait:rested >/dev/null &
rest limit
if have prlimit && prlimit --pid "$rest_pid" --nofile=3:3 2>/dev/null; then
	kill -CONT "$rest_pid"
else
	skip "a state of rest without poll(2)" "no prlimit"
fi
hertz=$(getconf CLK_TCK 2>/dev/null || echo 100)
takes_little() {
	[ $((used * 100)) -lt $((15 * hertz)) ]
}
# Full ones look again four times a second.
wakes_seldom() {
	[ "$waited" -lt 200 ]
}
# The absence of activity within some time is what is looked for.  Some may not
# have come to rest yet, so another time is tried.
for _ in 1 2 3 4 5 6 7 8 9 10; do
	# shellcheck disable=SC2086
	before=$(ticks $resting) waited=$(waits $calm)
	sleep 1.2
	# shellcheck disable=SC2086
	used=$(($(ticks $resting) - before)) waited=$(($(waits $calm) - waited))
	takes_little && wakes_seldom && break
done
: >rested
kill "$(cat rest.busy)" "$silencer" "$filler"
takes_little
ok "all states of rest take less than 0.15 s of 1.2 s ($used ticks)"
wakes_seldom
ok "and are woken less than 200 times ($waited)"
wait
done_testing
