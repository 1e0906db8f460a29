#!/bin/sh
# SPDX-License-Identifier: MIT
# --peer with a relay between the two commands: all that holds without one, and
# what only a relay can do: traces, totals, a limit on silence.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
# shellcheck disable=SC2317 # functions are called by their names
. "${TOP_SRCDIR:-.}/tests/lib.sh"
over='-T 1h -o /dev/null'
# shellcheck source=tests/peers.sh
. "$TOP_SRCDIR/tests/peers.sh"
over=

# --- slow ones, which run beside all others -------------------------------------

# Each way alone, and for longer than the limit as a whole.
mkdir said.second said.first
say='i=0; while [ $i -lt 40 ]; do echo; sleep 0.1; i=$((i + 1)); done'
(
	cd said.second || exit
	peers "$say" -T 3 "$PEER" cat-in >result
) &
(
	cd said.first || exit
	peers 'exec "$PEER" cat-in' -T 3 sh -c "$say" >result
) &
said_pid=$!

# --- what makes it a relay ------------------------------------------------------

for option in -v -x '-o trace' '-T 1h' '-T 1h --stats' '-T 1h --progress' \
    '--stall=1h'; do
	# shellcheck disable=SC2086 # a list
	is "$(peers 'exec "$PEER" echo:6' $option "$PEER" say:hello read:6 \
		exit:7 | cut -c 1-2)" "7:" "$option: they speak with each other"
	is "$(cat out)" "" "$option: nothing of it comes to our output"
done

# --- what passes ------------------------------------------------------------------

for type in stream seqpacket dgram; do
	for option in '-T 1h' '-o trace'; do
		# shellcheck disable=SC2086 # a list
		is "$(peers 'exec "$PEER" out:20000000 check:20000000' $option \
			-t $type --pipefail \
			sh -c '"$PEER" check:20000000 && "$PEER" out:20000000')" \
			"0: " "$type: 20 MB each way are unharmed, with $option"
	done
	is "$(peers 'exec "$PEER" echo' -T 1h -t stream \
		sh -c '"$PEER" out:20000000 half-close & "$PEER" check:20000000')" \
		"0: " "20 MB both ways at once"
done
for type in seqpacket dgram; do
	rm -f first.list second.list
	limit 60 sockpair -T 1h --pipefail -t $type \
		-p 'exec "$POST" empty size:70000 say:x empty size:1 list:second.list' \
		"$POST" take:5 empty size:3 empty size:100000 say:last
	is "$rc $(tr '\n' ';' <second.list)" \
		"0 0 ;3 !\"#;0 ;100000 right;4 last;" \
		"$type: the second gets each message by itself, and empty ones"
	limit 60 sockpair -o /dev/null --pipefail -t $type \
		-p 'exec "$POST" empty size:3 empty size:100000 say:last' \
		"$POST" list:first.list
	is "$rc $(tr '\n' ';' <first.list)" \
		"0 0 ;3 !\"#;0 ;100000 right;4 last;" \
		"$type: so does the first"
	limit 60 sockpair -T 1h --max-message=10 -t $type \
		-p 'exec "$POST" size:11 say:short' "$POST" list:first.list 2>err
	is "$rc $(cat first.list err)" \
		"125 5 short
sockpair: cannot receive message 1: its 11 bytes are more than the limit of 10" \
		"$type: --max-message holds, and the next message passes"
	limit 60 sockpair -T 1h --max-message=10 --pipefail -t $type \
		-p 'exec "$POST" list:second.list; exit 3' \
		"$POST" size:11 say:short 2>err
	is "$rc $(cat second.list)" "125 5 short" "$type: either way"
done

for type in stream seqpacket dgram; do
	is "$(peers 'exec "$PEER" receive:5 use:5 say:hello read:7' -t $type \
		-T 1h --pipefail sockpair -P "$PEER" read:6 say:answer)" "0: " \
		"$type: a descriptor passes to the second"
	is "$(peers 'exec sockpair -P "$PEER" read:6 say:answer' -t $type \
		-o /dev/null "$PEER" receive:5 use:5 say:hello read:7)" "0: " \
		"$type: and to the first"
done

# An empty message carries descriptors like any other.
for type in seqpacket dgram; do
	limit 60 sockpair -T 1h --pipefail -t $type \
		-p 'exec "$HAND" many:2 pass: say:two take:1' \
		"$HAND" take:9 take:9 say:x 2>err
	is "$rc $(tr '\n' ' ' <err)" "0 took 0  +2 err err took 3 two +0 took 1 x +0 " \
		"$type: descriptors come with an empty message"
done

# One that the system has no memory for is left out, and told.
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "one message without room does not end all" \
	    "not under another checker"
elif ! strace -o /dev/null true 2>/dev/null; then
	skip "one message without room does not end all" "strace may not trace"
else
	for type in seqpacket dgram; do
		limit 60 strace -o trace -e inject=sendmsg:error=ENOBUFS:when=1 \
			"$SOCKPAIR" -T 1h -t $type \
			-p 'exec "$POST" size:100000 say:next' "$POST" list:list 2>err
		is "$rc $(cat list err)" "125 4 next
sockpair: cannot send message 1 of 100000 bytes: No buffer space available" \
			"$type: one message without room does not end all"
	done
fi

# --- how each hears of the other ------------------------------------------------

# A reader that is no more there, though it runs: what a pipe does then.
for type in stream seqpacket; do
	rm -f told
	peers 'exec "$PEER" stop-reading touch:told cat-in' -T 1h -t $type \
		"$PEER" wait:told out:50000000 >got
	case $type in stream) want=141 ;; *) want=99 ;; esac
	[ "$(cut -d : -f 1 got)" = $want ] ||
		{ [ "$(cut -d : -f 1 got)" = 99 ] && [ "$LINUX_EXTRAS" != yes ]; }
	ok "$type: a first hears that the second reads no more"
	rm -f told
	peers 'exec "$PEER" wait:told out:50000000' -T 1h -t $type --pipefail \
		"$PEER" stop-reading touch:told cat-in >got
	[ "$(cut -d : -f 1 got)" = $want ] ||
		{ [ "$(cut -d : -f 1 got)" = 99 ] && [ "$LINUX_EXTRAS" != yes ]; }
	ok "$type: a second hears that the first reads no more"
done
name="yes dies of SIGPIPE in silence on either side, 20 times"
if [ "$LINUX_EXTRAS" != yes ]; then
	elsewhere "$name" "built without what only Linux has"
elif sees "$name"; then
	turn=0 odd=
	while [ $turn -lt 20 ]; do
		turn=$((turn + 1))
		got=$(peers 'exec yes' -T 1h --pipefail "$PEER" read:10)
		[ "$got" = "141: " ] || odd="$odd second $got"
		got=$(peers 'exec "$PEER" read:10' -T 1h yes)
		[ "$got" = "141: " ] || odd="$odd first $got"
	done
	is "$odd" "" "$name"
fi
rm -f on
is "$(peers 'exec "$PEER" wait:on say:x' -T 1h --no-shutdown -k 0.1 \
	"$PEER" touch:on cat-in | cut -d : -f 1)" 143 \
	"--no-shutdown hides the second's end from the first"
is "$(peers 'exec "$PEER" cat-in' -T 1h --no-shutdown "$PEER" say:x)" \
	"0: read 2 bytes " "but not the first's from the second"

# --- others who hold an end ------------------------------------------------------

for type in stream seqpacket; do
	rm -f left went
	is "$(peers 'exec "$PEER" read:6 wait:left say:go read:5 touch:went' \
		-t $type -T 1h "$PEER" say:hello fork read:3 say:late \
		wait:went exit:0 parent touch:left exit:3)" "3: " \
		"$type: a first's child speaks on when that has ended"
	rm -f left went
	is "$(peers 'exec "$PEER" fork read:6 wait:left say:go read:5 \
		touch:went exit:0 parent touch:left exit:4' -t $type -T 1h \
		--pipefail "$PEER" say:hello read:3 say:late wait:went)" \
		"4: " "$type: so does a second's"
	rm -f left left.too went
	is "$(peers 'exec "$PEER" fork read:6 wait:left say:go read:5 \
		touch:went exit:0 parent touch:left.too exit:4' -t $type \
		-T 1h --pipefail "$PEER" say:hello fork read:3 wait:left.too \
		say:late wait:went exit:0 parent touch:left)" "4: " \
		"$type: and two children when both have ended"
	[ -e went ]
	ok "$type: to their end"
done
for type in stream seqpacket dgram; do
	rm -f over
	is "$(peers 'exec "$PEER" cat-in' --linger=0.1 -T 1h -t $type \
		"$PEER" say:x fork wait:over exit:0 parent exit:3; : >over)" \
		"3: read 2 bytes " "$type: --linger bounds how long they are heard"
	rm -f over
	# A stream brings SIGPIPE, as the commands' own pair would.
	case $type in
	stream) want="141: read 0 bytes heard " ;;
	*) want="99: read 0 bytes heard peer: out: Broken pipe " ;;
	esac
	is "$(peers 'exec "$PEER" cat-in err:heard out:50000000' \
		--linger=0.1 -T 1h -k 100 -t $type --pipefail \
		"$PEER" fork wait:over exit:0 parent exit:0)" \
		"$want" "$type: and spoken to"
	: >over
	rm -f over
	is "$(peers 'exec "$PEER" fork wait:over exit:0 parent' -t $type \
		--linger=0.1 -T 1h "$PEER" fork wait:over exit:0 parent exit:3
		: >over)" "3: " "$type: and when both have ended"
done

# What goes there is not what comes from there.
if have python3; then
	rm -f over eof
	cat >sender.py <<-'!'
	import select, socket
	s = socket.socket(fileno=0)
	for i in range(50):
	    if select.select([s], [], [], 0.1)[0]:
	        if s.recv(1) == b"":
	            open("eof", "w")
	        break
	    s.send(b"x")
	!
	limit 60 sockpair --linger=0.5 -T 1h -p 'python3 sender.py; : >over' \
		"$PEER" fork wait:over exit:0 parent exit:3
	[ "$rc" = 3 ] && [ -e eof ]
	ok "--linger counts from what came from there last"
else
	skip "--linger counts from what came from there last" \
		"python3 is not installed"
fi

# signal_us: until we have ended; as long as the commands are not reaped they
# would get it.
signal_us() {
	while [ ! -s rc ]; do
		kill -TERM "$us" 2>/dev/null
		sleep 0.02
	done
}

# While only their children hold the ends, a signal is ours.
rm -f over
begin -T 1h -p 'exec "$PEER" fork wait:over exit:0 parent pid:second.up \
	wait:ended' "$PEER" fork wait:over exit:0 parent pid:first.up wait:ended
first=$(cat first.up) second=$(cat second.up)
: >ended
gone "$first" && gone "$second"
signal_us
: >over
is "$(cat rc)" 143 "a signal ends us when both have ended"

# --- --timeout --------------------------------------------------------------------

is "$(peers 'exec "$PEER" pause' -T 0.2 "$PEER" pause)" "124: " \
	"--timeout ends both where neither says a word"
begin -T 1 -p 'exec "$PEER" catch:15 pid:second.up await:15 err:second \
	exit:5' "$PEER" catch:15 pid:first.up await:15 err:first exit:6
await test -s rc
is "$(cat rc) $(unreported err | sort | tr '\n' ' ')" \
	"124 caught SIG 15 caught SIG 15 first second " \
	"with SIGTERM, and the status is 124 however they end"
limit 60 sh -c 'trap "" TERM
	exec sockpair -T 0.1 -k 0.1 -p "exec \"\$PEER\" pause" "$PEER" pause'
is "$rc" 124 "and SIGKILL after --kill-after"
is "$(peers 'exec "$PEER" pause' -T 1 "$PEER" exit:3)" "3: " \
	"a first that has ended has its status"
is "$(peers 'exec "$PEER" pause' -T 1 --pipefail "$PEER" exit:0)" "143: " \
	"and with --pipefail the second's counts"
wait $said_pid
await test -s said.second/result
is "$(cat said.second/result)" "0: read 40 bytes " \
	"what the second says is no silence"
is "$(cat said.first/result)" "0: read 40 bytes " "nor is what the first says"

# --- traces -------------------------------------------------------------------------

ask='exec "$PEER" cat-in say:answer'
for type in stream seqpacket; do
	limit 60 sockpair -t $type -v --time=none -p "$ask" -d 3,4 "$PEER" use:3 \
		say:question half-close cat-in 2>err
	case $type in
	stream) data='data  ' number='' ;;
	*) data='message ' number=', number 1' ;;
	esac
	grep -v '^read' err | sed "s/start [0-9]*/start PID/
		s|$PEER|peer|; s/[0-9.]* s\$/TIME/" >got
	cat >want <<-!
	* start PID: peer use:3 say:question half-close cat-in  ($type, fd 3,4, peer 'exec "\$PEER" cat-in say:answer'; > what COMMAND2 says, < what COMMAND says)
	< ${data}9 B at 0$number
	<   question
	< eof   end of the command's output, peer told
	> ${data}7 B at 0$number
	>   answer
	> eof   end of the peer's output, command told
	* exit  status 0, peer status 0; > 7 B in 1, < 9 B in 1, TIME
	!
	same got want "$type: a trace shows both directions and both statuses"
done
limit 60 sockpair -t dgram -v --time=none -p 'exec "$PEER" say:one' \
	"$PEER" cat-in exit:3 2>err
is "$rc $(grep '^>' err | tr '\n' ';')" \
	"3 > message 4 B at 0, number 1;>   one;> eof   end of the peer's output, command told;" \
	"dgram: the end that we tell is in the trace"
grep -q '^\* exit  status 3, peer status 0; > 4 B in 1, < 0 B in 0' err
ok "dgram: and the first's status"
limit 60 sockpair -v --time=none -p 'exec "$PEER" die:9' "$PEER" cat-in 2>err
grep -q '^\* exit  status 0, peer signal KILL; ' err
ok "a second that is killed is in the trace"
limit 60 sockpair -v --time=none -T 0.1 -p 'exec "$PEER" pause' "$PEER" \
	pause 2>err
is "$rc $(grep timeout err)" \
	"124 * timeout nothing moved for 0.100 s, the commands are ended" \
	"and so is the end of both by --timeout"
begin -v --time=none -p 'exec "$PEER" catch:10 pid:second.up await:10' \
	"$PEER" catch:10 pid:first.up await:10
kill -USR1 "$us"
await test -s rc
is "$(grep -c 'signal USR1 passed on' err)" 1 \
	"a signal that both get is one event"

limit 60 sockpair -o trace.jsonl -o trace.pcapng -o trace -x -p "$ask" \
	"$PEER" say:question half-close read:7 2>err
is "$rc" 0 "several traces at once"
grep -q '"from":"command","type":"data","offset":0,"size":9,"text":"question' \
	trace.jsonl &&
	grep -q '"from":"peer","type":"data","offset":0,"size":7,"text":"answer' \
	trace.jsonl &&
	grep -q '"type":"exit","status":0,"peer_status":0,"peer":{"size":7,' \
	trace.jsonl
ok "a trace in JSON tells the peer from the command"
grep -q '^< 000000  71 75 65' err && grep -q '^> 000000  61 6e 73' err
ok "one in hexadecimal has both directions"
if have tshark; then
	tshark -r trace.pcapng -Y 'tcp.len > 0' -T fields -e tcp.srcport \
		-e tcp.payload 2>shark.err | tr '\t\n' ' ;' >got
	is "$(tr -d : <got)" \
		"50001 7175657374696f6e0a;50000 616e737765720a;" \
		"a capture has both directions"
else
	skip "a capture has both directions" "tshark is not installed"
fi
limit 60 sockpair -o /dev/full -p 'exec "$PEER" echo:6' "$PEER" say:hello \
	read:6 2>err
is "$rc $(cat err)" \
	"125 sockpair: cannot write '/dev/full': No space left on device" \
	"a trace that is lost counts when all else is well"
limit 60 sockpair -o /dev/full --pipefail -p 'exec "$PEER" echo:6 exit:3' \
	"$PEER" say:hello read:6 2>err
is "$rc" 3 "but after a second's failure, with --pipefail"

# A reader that stalls holds what is said, but neither a signal nor the time.
if [ -z "${SOCKPAIR_WRAPPED:-}" ] && [ -r /proc/self/status ]; then
	mkfifo stalled
	# shellcheck disable=SC2217 # it holds the other end, and reads nothing
	sleep 60 <stalled &
	stall=$!
	begin -o stalled -p 'exec "$PEER" pid:second.up cat-in' "$PEER" \
		pid:first.up out:50000000
	# One of them has something to do unless the trace holds us.
	await all_asleep "$us" "$(cat first.up)" "$(cat second.up)" ||
		echo "# they never wait"
	kill -TERM "$us"
	gone "$(cat first.up)" && gone "$(cat second.up)" && [ ! -s rc ]
	ok "a stalled reader holds the relay, but a signal goes to both"
	signal_us
	is "$(cat rc)" 143 "and the next one ends us"
	begin -o stalled -T 1 -p 'exec "$PEER" pid:second.up cat-in' \
		"$PEER" pid:first.up out:50000000
	gone "$(cat first.up)" && gone "$(cat second.up)" && [ ! -s rc ]
	ok "--timeout ends both all the same"
	kill $stall
	await test -s rc
	is "$(cat rc)" 124 "and the status is 124"
fi

# --- totals --------------------------------------------------------------------------

begin -T 1h --stats -p 'exec "$PEER" read:9 say:answer pid:second.up \
	wait:printed' "$PEER" say:question read:7 pid:first.up wait:printed
kill -USR1 "$us"
await grep -q 'command to peer' err
cp err printed.err
: >printed
await test -s rc
is "$(cat rc) $(unreported printed.err | cut -d , -f 1 | tr '\n' ';')" \
	"0 sockpair: peer to command: 7 B;sockpair: command to peer: 9 B;" \
	"--stats tells both directions on SIGUSR1"
is "$(cut -d , -f 1 err | tail -n 2 | tr '\n' ';')" \
	"sockpair: peer to command: 7 B;sockpair: command to peer: 9 B;" \
	"and at the end"

# --- at rest ---------------------------------------------------------------------------

name="no state of rest takes the processor"
if [ -n "${SOCKPAIR_WRAPPED:-}" ] || [ ! -r /proc/self/stat ]; then
	elsewhere "$name" "not measured here"
	done_testing
fi
# rest NAME SECOND COMMAND...: it writes its pid to rest.NAME.
resting=
unreached=
rest() {
	rest_name=$1
	rest_second=$2
	shift 2
	sockpair -T 1h -p "$rest_second" "$@" </dev/null >/dev/null 2>&1 &
	await test -e "rest.$rest_name" || unreached="$unreached $rest_name"
	resting="$resting $(parent_of "rest.$rest_name")"
}
idle='exec "$PEER" wait:rested'
rest half "$idle" "$PEER" half-close pid:rest.half wait:rested
rest both 'exec "$PEER" half-close wait:rested' \
	"$PEER" half-close pid:rest.both wait:rested
rest closed "$idle" "$PEER" close:0 close:1 pid:rest.closed wait:rested
rest deaf "$idle" "$PEER" stop-reading pid:rest.deaf wait:rested
rest full 'exec "$PEER" fork out:10000000 exit:0 parent wait:rested' \
	"$PEER" pid:rest.full wait:rested
rest ended 'exit 0' "$PEER" pid:rest.ended wait:rested
rest last "$idle" "$PEER" fork wait:rested exit:0 parent pid:rest.last wait:go
: >go
is "$unreached" '' "every state of rest is reached"
hertz=$(getconf CLK_TCK 2>/dev/null || echo 100)
takes_little() {
	[ $((used * 100)) -lt $((15 * hertz)) ]
}
# The absence of activity within some time is what is looked for.  Some may not
# have come to rest yet, so another time is tried.
for _ in 1 2 3 4 5 6 7 8 9 10; do
	# shellcheck disable=SC2086
	before=$(ticks $resting)
	sleep 1.2
	# shellcheck disable=SC2086
	used=$(($(ticks $resting) - before))
	takes_little && break
done
: >rested
takes_little
ok "$name: seven take less than 0.15 s of 1.2 s ($used ticks)"
wait
done_testing
