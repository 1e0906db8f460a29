#!/bin/sh
# SPDX-License-Identifier: MIT
# Races: what other relays lose now and then is done here often enough to see.
# Every run must give the same bytes and the same status.
# shellcheck disable=SC2317 # functions that another calls by name
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout
turns=40
[ -z "${SOCKPAIR_WRAPPED:-}" ] || turns=3

# often NAME WANT FUNCTION: all turns print WANT.
often() {
	often_turn=0 often_odd=
	while [ $often_turn -lt $turns ]; do
		often_turn=$((often_turn + 1))
		often_got=$($3 2>&1 </dev/null | tr '\n' ' ')
		[ "$often_got" = "$2 " ] || often_odd="$often_odd $often_got;"
	done
	is "$often_odd" "" "$1, $turns times of $turns"
}

# sized COMMAND...: its output is checked against the pattern, to be as long
# as $size, and both statuses are printed.
sized() {
	{ limit 60 "$@"; echo "$rc" >status; } | "$PEER" "check:$size" cat-in \
		2>rest
	echo "$? $(cat rest) $(cat status)"
}

burst() {
	size=3000000
	sized sockpair "$PEER" out:3000000 exit:7
}
often "a burst before a failure" "0 read 0 bytes 7" burst

unread() {
	size=150000
	"$PEER" out:1000000 2>/dev/null |
		sized sockpair "$PEER" out:150000 exit:7
}
often "an answer while our input is not read" "0 read 0 bytes 7" unread

half_closed() {
	size=300000
	sized sockpair "$PEER" out:300000 half-close exit:3
}
often "an end of output just before the exit" "0 read 0 bytes 3" half_closed

killed() {
	size=200000
	sized sockpair "$PEER" out:200000 die:9 2>/dev/null
}
often "what a killed command had said" "0 read 0 bytes 137" killed

grandchild() {
	size=200000
	sized sockpair "$PEER" fork out:200000 parent exit:4
}
often "a grandchild's last words" "0 read 0 bytes 4" grandchild

# The relay stands still while its command says its last words and dies.
stopped() {
	rm -f up still said
	sockpair "$PEER" touch:up wait:still out:100000 touch:said exit:5 >kept &
	stopped_relay=$!
	await test -e up
	kill -STOP "$stopped_relay"
	: >still
	await test -e said
	kill -CONT "$stopped_relay"
	wait "$stopped_relay"
	echo $?
	"$PEER" check:100000 cat-in <kept
}
often "a relay that stood still at the death" "5 read 0 bytes" stopped

# A signal to us that comes together with the command's exit.
signalled() {
	# shellcheck disable=SC2016 # expanded by the command
	limit 60 sockpair sh -c 'trap "" HUP; echo last; kill -HUP $PPID; exit 6'
	echo "$rc"
}
often "a signal beside the exit" "last 6" signalled

# It is over before the first byte, or the command gets SIGPIPE.
left() {
	{ limit 60 sockpair "$PEER" out:1000000 2>left.err; echo "$rc" >status; } | :
	case $(cat status) in
	0 | 141) echo "over $(cat left.err)" ;;
	*) echo "$(cat status) $(cat left.err)" ;;
	esac
}
often "a consumer that leaves at once" "over " left

done_testing
