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
	rm -f c rc heard
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

	between "$raw --stats" "flood:300" 'take:1 take:1 take:1'
	is "$(cat rc; grep -c '^took 1 f +253' out)" "0
3" "$type: a flood that is not all read ends with its reader"

	# Our limit is lower than the command's: we cannot receive them all.
	rm -f rc
	limit 60 sockpair -t $type -p 'ulimit -S -n 40
		sockpair -t "$TYPE" '"$raw"' sh -c "ulimit -S -n 400
		exec \"\$HAND\" many:20 pass:1 many:60 pass:2 say:3"
		echo $? >rc' "$HAND" take:1 take:1 take:1 2>err
	is "$(cat rc; sort err)" "125
sockpair: cannot receive descriptors from the command's socket: Too many open files
took 1 1 +20
took 1 2 +0
took 1 3 +0" "$type: past our limit of open files they are lost, and told once"
done

# --- stream: where bytes have no boundaries ---------------------------------

type=stream
export TYPE=stream
between '' 'say:1 open:a pass:2 say:3 open:b pass:4 say:5 touch:sent exit:0' \
    'wait:sent take:9 take:9 take:9 end'
is "$(cat rc err)" "0
took 2 12 +1 a
took 2 34 +1 b
took 1 5 +0" "two sets are never merged, nor does one come too late"

between '' 'open:a bulk:1000000 half-close end' 'take-all'
is "$(cat rc err)" "0
took 1000000 +1" "a piece that does not go at once takes them with its first part"

between '' 'flood:1000 half-close end' 'take-all'
is "$(cat rc err)" "0
took 1000 +253000" "a flood of them arrives whole"
between '' 'take-all' 'flood:1000'
is "$(cat rc err)" "0
took 1000 +253000" "and the other way"

# What we hold ourselves, after many have gone through: as much as before.
count_fds() {
	find "/proc/$1/fd" -mindepth 1 | wc -l
}
rm -f us ready go sent counted
limit 60 sockpair -p 'echo $$ >us
	exec sockpair "$HAND" touch:ready wait:go take:1 take-all' \
    "$HAND" wait:go open:a pass:x flood:100 touch:sent wait:counted 2>err &
await test -e ready
before=$(count_fds "$(cat us)")
: >go
await test -e sent
same_count() {
	[ "$(count_fds "$(cat us)")" = "$before" ]
}
await same_count
ok "and none of them stays with us"
: >counted
wait

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

# --- where they cannot travel -----------------------------------------------

for type in stream seqpacket dgram; do
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
[ "$LINUX_EXTRAS" = yes ] || a=file c=file err=file
limit 60 sockpair --stats -v "$HAND" open:a pass:1 make:c pass:2 many:1 \
    pass:3 exit:7 </dev/null 2>err >out
is "$? $(sed -n 's/^< [0-9.]* fds *//p' err |
    sed -E 's/[0-9]+: ([^ ]*\/)?/N: /' | tr '\n' ';')" \
    "7 1 passed: N: $a (read);1 passed: N: $c (write);1 passed: N: $err (write);" \
    "a trace shows their number, target and mode"
is "$(sed -n 's/^sockpair: standard output: .*, \([0-9]* descr.*on\), .*/\1/p' \
    err)" "3 descriptors, 3 not passed on" "and the totals count them"

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
