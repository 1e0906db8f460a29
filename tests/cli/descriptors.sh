#!/bin/sh
# SPDX-License-Identifier: MIT
# Descriptors that travel: through a relay between unix sockets, each with the
# byte or message that it came with; and where they cannot.
# shellcheck disable=SC2016,SC2317 # in single quotes for another shell; called by name
. "${TOP_SRCDIR:-.}/tests/lib.sh"

echo AAA >a
echo BBB >b

# between OPTIONS FIRST SECOND: relay between two hands.  FIRST are the steps of
# one that speaks with our standard input and output, which are one unix socket;
# SECOND those of our command.  Leaves what both say, sorted, in out, and the
# status of the relay in rc.
between() {
	rm -f c rc heard 1.here 2.here
	first=$2 second=$3
	set -f
	# shellcheck disable=SC2086 # options and steps are words
	OPTIONS="$1" STEPS="$second" limit 60 sockpair -t "$type" -p '
		set -f
		sockpair -t "$TYPE" $OPTIONS "$HAND" $STEPS
		echo $? >rc' "$HAND" $first 2>err
	set +f
	sort err >out
}

# A user without rights may have no more descriptors on their way than files
# open, see unix(7), and a message of the flood brings 253.  So one message more
# than the flood has could always be sent.
flood=1000
# shellcheck disable=SC3045 # every shell of ours has it
ulimit -Sn "$(ulimit -Hn)"
# shellcheck disable=SC3045
most=$(ulimit -n)
if [ "$(id -u)" != 0 ] && [ "$most" != unlimited ]; then
	[ "$most" -gt 253000 ] || flood=$((most / 253))
fi

for type in stream seqpacket dgram; do
	export TYPE="$type"
	raw=
	[ $type = stream ] || raw=--framing=raw

	between "$raw" 'open:a open:b pass:hello take:50 exit:0' \
	    'take:100 open:b pass:world exit:0'
	is "$(cat rc out)" "0
took 5 hello +2 a b
took 5 world +1 b" "$type: descriptors travel both ways, whole and in order"

	between "$raw" 'say:1 wait:1.here make:c pass:2 wait:2.here say:3' \
	    'take:9 touch:1.here take:9 put:written touch:2.here take:9'
	is "$(cat rc c) $(tr '\n' ' ' <err)" \
	    "0
written took 1 1 +0 took 1 2 +1 c took 1 3 +0 " \
	    "$type: each with the byte that it came with, and open for use"

	between "$raw" 'many:253 pass:x take:9' 'take:9 many:253 pass:y'
	is "$(cat rc out)" "0
took 1 x +253
took 1 y +253" "$type: as many as the system lets a message carry"

	between "$raw --stats" "flood:$flood" 'take:1 take:1 take:1'
	is "$(cat rc; grep -c '^took 1 f +253' out)" "0
3" "$type: a flood that is not all read ends with its reader"

	# The command has one descriptor to send, often; we would get many.
	rm -f rc one
	limit 60 sockpair -t $type -p 'ulimit -n 40
		sockpair -t "$TYPE" '"$raw"' "$HAND" same:20 pass:1 wait:one \
		    same:60 pass:2 say:3
		echo $? >rc' "$HAND" take:1 touch:one take:1 take:1 2>err
	is "$(cat rc; sort err)" "125
sockpair: cannot receive descriptors from the command's socket: Too many open files
took 1 1 +20
took 1 2 +0
took 1 3 +0" "$type: past our limit of open files they are lost, and told once"

	# The soft limit is for the command alone, which has one to send.
	rm -f rc one
	limit 60 sockpair -t $type -p 'ulimit -Sn 40
		sockpair -t "$TYPE" '"$raw"' sh -c "ulimit -Sn >soft
		    exec \"\$HAND\" same:60 pass:1 wait:one many:20 pass:2"
		echo $? >rc' "$HAND" take:1 touch:one take:1 2>err
	is "$(cat rc soft; sort err)" "0
40
took 1 1 +60
took 1 2 +20" "$type: which is the hard one, while the command keeps the soft one"
done

# --- stream: where bytes have no boundaries ---------------------------------

type=stream
export TYPE=stream
between '' 'say:1 open:a pass:2 say:3 open:b pass:4 say:5 touch:sent exit:0' \
    'wait:sent take:1 take:1 take:1 take:1 take:1 end'
is "$(cat rc err)" "0
took 1 1 +0
took 1 2 +1 a
took 1 3 +0
took 1 4 +1 b
took 1 5 +0" "each with its byte, among others that wait"
rm -f sent
between '' 'open:a pass:12 open:b pass:34 touch:sent exit:0' \
    'wait:sent take:9 take:9 end'
is "$(cat rc err)" "0
took 2 12 +1 a
took 2 34 +1 b" "and what was sent with them is not taken apart"

between '' 'open:a bulk:1000000 half-close end' 'take-all'
is "$(cat rc err)" "0
took 1000000 +1" "a piece that does not go at once takes them with its first part"

between '' "flood:$flood half-close end" 'take-all'
is "$(cat rc err)" "0
took $flood +$((flood * 253))" "a flood of them arrives whole"
between '' 'take-all' "flood:$flood"
is "$(cat rc err)" "0
took $flood +$((flood * 253))" "and the other way"

# When one has brought some, the next may, too: they come one by one, here while we
# are stopped.  Those before have none.
cat >flooding <<'END'
"$HAND" say:a say:b say:c say:d wait:four same:9 pass:x wait:five
kill -STOP $PPID
"$HAND" flood:5
kill -CONT $PPID
END
for type in stream seqpacket dgram; do
	if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
		elsewhere "$type: a flood keeps within our limit of open files" \
		    "the wrapper has a limit of its own"
		continue
	elif [ "$(id -u)" != 0 ]; then
		# So few could not even be sent by others.
		skip "$type: a flood keeps within our limit of open files" \
		    "the limit is one of descriptors on their way, too"
		continue
	fi
	raw=
	[ $type = stream ] || raw=--framing=raw
	rm -f four five rc
	RAW=$raw TYPE=$type limit 60 sockpair -t $type -p '
		ulimit -Sn 64
		ulimit -Hn 400
		sockpair -t $TYPE $RAW sh flooding
		echo $? >rc' "$HAND" take:1 take:1 take:1 take:1 touch:four \
	    take:1 touch:five take:1 take:1 take:1 take:1 take:1 2>err
	is "$(cat rc; grep ^sockpair err; grep -c '^took 1 f +253' err)" "0
5" \
	    "$type: a flood keeps within our limit of open files, which is raised"
done

# What we hold ourselves, after many have gone through: as much as before.
count_fds() {
	find "/proc/$1/fd" -mindepth 1 | wc -l
}
name="and none of them stays with us"
if sees "$name"; then
	rm -f us ready go sent counted
	limit 60 sockpair -p 'echo $$ >us
		exec sockpair "$HAND" take:1 touch:ready wait:go take:1 take-all' \
	    "$HAND" say:0 wait:go open:a pass:x "flood:$flood" touch:sent wait:counted 2>err &
	await test -e ready
	before=$(count_fds "$(cat us)")
	: >go
	await test -e sent
	same_count() {
		[ "$(count_fds "$(cat us)")" = "$before" ]
	}
	await same_count
	ok "$name"
	: >counted
	wait
fi

# --- what cannot go with its bytes --------------------------------------------

# A receiver that has forbidden them still gets the bytes.
rm -f rc ready
limit 60 sockpair -p 'sockpair "$HAND" refuse-fds touch:ready take:1 take:1 take:1
	echo $? >rc' "$HAND" wait:ready say:1 open:a pass:2 say:3 half-close \
    2>err
if grep -q 'refuse-fds: Protocol not available' err; then
	skip "who forbids descriptors gets the bytes" "Linux before 6.16"
else
	is "$(cat rc; sort err)" "125
sockpair: cannot pass on descriptors to the command's socket: Operation not permitted
took 1 1 +0
took 1 2 +0
took 1 3 +0" "who forbids descriptors gets the bytes"
fi

# The system has too many on their way, for a while or for good.
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "too many on their way are waited for" "not under another checker"
elif ! strace -o /dev/null true 2>/dev/null; then
	skip "too many on their way are waited for" "strace may not trace"
else
	for times in 1..3 1..2500; do
		rm -f rc
		TIMES="$times" limit 60 sockpair -p '
			strace -o trace -e inject=sendmsg:error=ETOOMANYREFS:when=$TIMES \
			    "$SOCKPAIR" "$HAND" take:9
			echo $? >rc' "$HAND" open:a pass:x half-close 2>err
		case $times in
		1..3)
			is "$(cat rc; sort err)" "0
took 1 x +1 a" "too many on their way are waited for" ;;
		*)
			is "$(cat rc; sort err)" "125
sockpair: cannot pass on descriptors to the command's socket: Too many references: cannot splice
took 1 x +0" "but not for ever, if the receiver has read all" ;;
		esac
	done

	if [ "$LINUX_EXTRAS" != yes ]; then
		elsewhere "if it has not, they are waited for until it has" \
		    "only Linux tells what has been read"
	else
		# It reads on only after more tries than that.
		rm -f rc sent trace tried
		{
			await grep -q '^sendmsg.* = 1$' trace
			: >sent
			enough() { [ "$(grep -c TOOMANYREFS trace)" -gt 2100 ]; }
			await enough
			: >tried
		} &
		limit 60 sockpair -p '
			strace -o trace -e trace=sendmsg \
			    -e inject=sendmsg:error=ETOOMANYREFS:when=2..2300 \
			    "$SOCKPAIR" "$HAND" wait:tried take:1 take:1
			echo $? >rc' "$HAND" say:1 wait:sent open:a pass:2 half-close \
		    2>err
		is "$(cat rc err)" "0
took 1 1 +0
took 1 2 +1 a" "if it has not, they are waited for until it has"
		wait
	fi

	# come_between OPTION NEWLINE NAME: we look for them before we read; here they
	# come in between.
	come_between() {
		rm -f rc trace looked
		{
			await grep -q MSG_PEEK trace
			: >looked
		} &
		OPTION=$1 limit 60 sockpair -p '
			strace -o trace -e trace=recvmsg \
			    -e inject=recvmsg:delay_enter=500000:when=2 \
			    "$SOCKPAIR" $OPTION "$HAND" take:1 take:1
			echo $? >rc' "$HAND" "say:1$2" wait:looked open:a \
		    "pass:2$2" half-close 2>err
		is "$(cat rc err)" "0
took 1 1 +0
took 1 2 +1 a" "$3"
		wait
	}
	come_between '' '' "those that come once we have looked keep their place"
	come_between -tseqpacket '
' "also among lines"

	# Those of a message that the system does not send stay with it.
	rm -f rc
	limit 60 sockpair -p '
		strace -o trace \
		    -e inject=sendmsg,sendmmsg:error=EMSGSIZE:when=1 \
		    "$SOCKPAIR" -t seqpacket "$HAND" take:9
		echo $? >rc' "$HAND" open:a "pass:1
" "say:2
" half-close 2>err
	is "$(cat rc err)" "125
sockpair: cannot send message 1 of 1 bytes: Message too long
took 1 2 +0" "those of a message that cannot be sent go with no other"
fi

# An empty message is nothing to a stream, and to a framing of bytes.
empty='sockpair: cannot pass on descriptors: they came with an empty message'
type=seqpacket
export TYPE=$type
is_empty() {
	rm -f rc
	limit 60 sockpair -t seqpacket -p "sockpair $1 \"\$HAND\" take:9 take:9
		echo \$? >rc" "$HAND" open:a pass: open:b "pass:x$2" half-close \
	    2>err
	is "$(cat rc; sort err)" "125
$empty
took 0  +0
took 1 x +1 b" "$3"
}
is_empty '' '' "an empty message gives its own to nothing that follows"
is_empty '-t dgram' '
' "nor to a message in a frame"
rm -f rc
limit 60 sockpair -p 'sockpair -t seqpacket --framing=raw "$HAND" open:a pass: say:x
	echo $? >rc' "$HAND" take:9 take:9 2>err
is "$(cat rc; sort err)" "125
$empty
took 0  +0
took 1 x +0" "and one from the command has none to give to a stream"

# --- framed -----------------------------------------------------------------

# Of bytes on the one side, of messages on the other.
for type in seqpacket dgram; do
	rm -f rc one
	STEPS='take:9 touch:one take:9 open:b pass:out make:c pass:'
	export STEPS
	limit 60 sockpair -p 'set -f
		sockpair -t '$type' "$HAND" $STEPS
		echo $? >rc' "$HAND" "say:1
2" wait:one open:a "pass:3
" half-close take:4 take:50 2>err
	is "$(cat rc; tr '\n' ' ' <err)" \
	    "0
took 1 1 +0 took 2 23 +1 a took 4 out  +1 b took 1   +1 c " "$type: lines take them along, both ways"
done

# Many messages at once may bring more than a process can hold.
for type in seqpacket dgram; do
	rm -f rc
	limit 60 sockpair -p 'ulimit -n 300
		sockpair -t '$type' sh -c "
		    kill -STOP \$PPID; \"\$HAND\" flood:2; kill -CONT \$PPID"
		echo $? >rc' "$HAND" take-all 2>err
	is "$(cat rc err)" "0
took 4 +506" "$type: within our limit of open files pass more, one after another"
done

# The first has been read, as -v shows, before the second is sent.
rm -f rc read
limit 60 sockpair -p 'sockpair -v -t seqpacket "$HAND" take:9 take:9 2>trace
	echo $? >rc' sh -c '"$HAND" say:1 open:a pass:2
	until grep -q " fds " trace; do sleep 0.01; done
	"$HAND" open:b "pass:3
4
" half-close end' 2>err
is "$(cat rc; grep -E '^(sockpair|took)' trace | sort)" "125
sockpair: cannot pass on descriptors: others have come with the same message
took 1 4 +0
took 3 123 +1 a" "a second set for one message is refused, and told"

rm -f rc
limit 60 sockpair -p 'sockpair -t seqpacket --max-message=4 "$HAND" take:9 take:9
	echo $? >rc' "$HAND" open:a "pass:12345
" open:b "pass:6
" half-close end 2>err
is "$(cat rc; sort err)" "125
sockpair: cannot send message 1: its 5 bytes are more than the limit of 4
took 0  +0
took 1 6 +1 b" "those of a message that cannot pass do not go with another"

# Much may have come when we read: each still goes with its own message.  The
# command stops us until it has.
cat >late <<'END'
kill -STOP $PPID
touch up
while [ ! -e sent ]; do sleep 0.01; done
kill -CONT $PPID
exec "$HAND" take:9 take:9 take:9
END
# busy_framed FRAMING STEP...: leaves what was taken in out.
busy_framed() {
	rm -f up sent rc
	FRAMED="$1"
	export FRAMED
	shift
	limit 60 sockpair -p 'sockpair -t seqpacket --framing=$FRAMED sh late 2>trace
		echo $? >rc' "$HAND" wait:up "$@" touch:sent half-close end 2>err
	sort trace err >out
}
busy_framed line 'say:one
' open:b 'pass:two
' 'say:three
'
is "$(cat rc out)" "0
took 3 one +0
took 3 two +1 b
took 5 three +0" "a busy relay keeps them with their lines"
busy_framed netstring open:a pass:5: say:AAAAA, open:b pass:5: say:BBBBB,
is "$(cat rc out)" "0
took 0  +0
took 5 AAAAA +1 a
took 5 BBBBB +1 b" "and those that came with a frame's front with its message"
busy_framed netstring 'say:3:abc,5000000000:' open:a 'pass:0123' 'say:4'
is "$(cat rc; grep -c '^took 3 abc +0' out)" "125
1" "a message too large takes what comes inside it along"

busy_framed 'netstring --max-message=4' 'say:9:abc' open:a pass:def 'say:ghi,1:x,'
is "$(cat rc out)" "125
sockpair: cannot send message 1: its 9 bytes are more than the limit of 4
took 0  +0
took 0  +0
took 1 x +0" "or not at all, though its front and its end came without"

# Its front has been read, as we have told, before the rest is sent.
rm -f rc
limit 60 sockpair -p '
	sockpair -t seqpacket --framing=netstring --max-message=4 \
	    "$HAND" take:9 2>told
	echo $? >rc' sh -c '"$HAND" say:9:abc
	until grep -q "cannot send" told; do sleep 0.01; done
	exec "$HAND" open:a pass:def say:ghi,1:x, half-close end' 2>err
is "$(cat rc told)" "125
sockpair: cannot send message 1: its 9 bytes are more than the limit of 4
took 1 x +0" "also what comes when that has been told"

# A command that stops us while it sends, and then waits for the answer.  First it
# has sent some without, so that we receive more than one at once.
cat >asking <<'END'
"$HAND" say:a say:b wait:both
kill -STOP $PPID
"$HAND" say:1 open:a pass:2
kill -CONT $PPID
exec "$HAND" take:9
END
for type in seqpacket dgram; do
	rm -f both rc
	TYPE=$type limit 60 sockpair -t $type -p '
		sockpair -t $TYPE --framing=raw sh asking
		echo $? >rc' "$HAND" take:9 take:9 touch:both take:9 take:9 \
	    say:3 2>err
	is "$(cat rc; tr '\n' ' ' <err)" "0
took 1 a +0 took 1 b +0 took 1 1 +0 took 1 2 +1 a took 1 3 +0 " \
	    "$type: a message with some does not wait for the one behind it"
done

# Those that wait with us are closed when their reader leaves, though we stay: here
# they are a FIFO's, whose reader would wait for us.  Descriptor 9 is our standard
# output, which is full before they come.
cat >leaving <<'END'
echo $PPID >us
"$HAND" say:a say:b wait:both
perl -MSocket -e 'open my $out, ">&=", 9;
	1 while send $out, "f" x 1000, MSG_DONTWAIT'
kill -STOP $PPID
"$HAND" say:1 make:ours pass:2
kill -CONT $PPID
exec "$HAND" wait:closed 9>&-
END
mkfifo ours
holds_fifo() {
	find "/proc/$(cat us)/fd" -lname '*/ours' | grep -q .
}
for type in stream seqpacket dgram; do
	if [ ! -e /proc/self/fd ]; then
		skip "$type: those that wait are closed when their reader leaves" \
		    "there is no /proc"
		continue
	fi
	raw=
	[ $type = stream ] || raw=--framing=raw
	rm -f us both held closed rc
	{ cat ours; : >closed; } &
	reader=$!
	RAW=$raw TYPE=$type limit 60 sockpair -t $type -p '
		sockpair -t $TYPE $RAW --stats sh leaving 9>&1 </dev/null
		echo $? >rc' "$HAND" take:1 take:1 touch:both wait:held 2>err &
	relay=$!
	await holds_fifo
	: >held
	wait $relay
	is "$? $(cat rc; grep ^took err | tr '\n' ' ')" "0 0
took 1 a +0 took 1 b +0 " \
	    "$type: those that wait are closed when their reader leaves"
	is "$(sed -n 's/.* output: \(4 B\).*, \(2 B undelivered\),.*/\1, \2/p' \
	    err)" "4 B, 2 B undelivered" "$type: and all that waits is counted"
	wait $reader
done

# What a command sends and is too large takes its own along.
for type in stream seqpacket; do
	raw=line
	[ $type = stream ] || raw=raw
	rm -f rc
	RAW=$raw limit 60 sockpair -t $type -p '
		sockpair -t seqpacket --framing=$RAW --max-message=4 \
		    "$HAND" open:a pass:12345 say:6 </dev/null
		echo $? >rc' "$HAND" take:1 2>err
	is "$(cat rc; sort err)" "125
sockpair: cannot receive message 1: its 5 bytes are more than the limit of 4
took 1 6 +0" "to a $type: those of one too large to receive do not go with another"
done

# A message socket as standard input: one that is too large is passed over.
rm -f rc
limit 60 sockpair -t seqpacket -p '
	sockpair -t seqpacket --framing=raw --max-message=4 "$HAND" take:9 take:9
	echo $? >rc' "$HAND" open:a pass:12345 open:b pass:6 half-close 2>err
is "$(cat rc; sort err)" "125
sockpair: cannot send message 1: its 5 bytes are more than the limit of 4
took 0  +0
took 1 6 +1 b" "a message too large for standard input does not end it"

# --- where they cannot travel -----------------------------------------------

for type in stream seqpacket dgram; do
	# What is spliced is not seen: bytes in bulk, or here from the first on.
	if [ "$type,${SPLICE_AT_ONCE:-no}" = stream,yes ]; then
		elsewhere "a stream's are told of" "not when spliced"
		continue
	fi
	for to in pipe file; do
		case $to in
		pipe)
			{ limit 60 sockpair -t $type "$HAND" open:a pass:1 \
			    open:b pass:2 say:3; echo $? >rc; } \
			    </dev/null 2>err | cat >out ;;
		file)
			limit 60 sockpair -t $type "$HAND" open:a pass:1 open:b \
			    pass:2 say:3 </dev/null >out 2>err
			echo $? >rc ;;
		esac
		is "$(cat rc err; tr -d '\n' <out)" "125
sockpair: cannot pass on descriptors: standard output is not a unix socket
123" "$type to a $to: told once, and every byte arrives"
	done
done

# Without what only Linux has a trace knows what kind of file it is.
a=a c=c err=err
[ "$LINUX_EXTRAS" = yes ] && has_proc || a=file c=file err=file
limit 60 sockpair --stats -v "$HAND" open:a pass:1 make:c pass:2 many:1 \
    pass:3 exit:7 </dev/null 2>err >out
is "$? $(sed -n 's/^< [0-9.]* fds *//p' err |
    sed -E 's/[0-9]+: ([^ ]*\/)?/N: /' | tr '\n' ';')" \
    "7 1 passed: N: $a (read);1 passed: N: $c (write);1 passed: N: $err (write);" \
    "a trace shows their number, target and mode"
is "$(sed -n 's/^sockpair: standard output: .*, \([0-9]* descr.*on\), .*/\1/p' \
    err)" "3 descriptors, 3 not passed on" "and the totals count them"

rm -f rc
limit 60 sockpair -p 'sockpair -t seqpacket --framing=raw --stats \
	"$HAND" many:3 pass:x many:2 pass: </dev/null
	echo $? >rc' "$HAND" take:1 end 2>err
is "$(cat rc; sed -n 's/.*output: .*, \([0-9]* descr.*on\), .*/\1/p' err)" "125
5 descriptors, 2 not passed on" "which tell these from those that came"

limit 60 sockpair -o out.json "$HAND" open:a many:2 pass:1 </dev/null \
    >out 2>err
if have jq; then
	is "$(jq -r 'select(.type == "fds") | .from, (.fds[] |
	    (.target | sub(".*/"; "")) + " " + .mode)' out.json | tr '\n' ' ')" \
	    "command $a read $err write $err write " "for jq, too"
else
	skip "for jq, too" "jq is not installed"
fi

done_testing
