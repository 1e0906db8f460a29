#!/bin/sh
# SPDX-License-Identifier: MIT
# --events: traces of chosen events, in every format, which cost no more than
# what they show; and the exit of a command that could not be run.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
# shellcheck disable=SC2317 # await calls what is defined just before it
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout mkfifo

# --- each event by itself ---------------------------------------------------

# happen EVENT ARGUMENT...: a run in which the event happens, with these options
# for its traces.
happen() {
	happen_event=$1
	shift
	rm -f go
	case $happen_event in
	message)
		printf 'a\nb\n' | sockpair "$@" -t seqpacket cat ;;
	fds)
		: >passed
		sockpair "$@" -p '"$HAND" open:passed pass:x' "$HAND" take-all ;;
	shutdown | undelivered)
		# Of the three bytes one at least has still to be written.
		printf abc |
		    sockpair "$@" --chunk=1 "$PEER" read:1 stop-reading ;;
	reset)
		# The first byte is read when both are there.
		printf ab | sockpair "$@" "$PEER" read:1 ;;
	gone)
		sockpair "$@" "$PEER" say:a wait:go out:100 |
		    { read -r _; exec <&-; : >go; } ;;
	signal)
		sockpair "$@" sh -c 'kill -USR2 "$PPID"; exec sleep 60' ;;
	timeout)
		sockpair "$@" -T 0.05 sh -c 'exec sleep 60' ;;
	stall)
		sockpair "$@" --stall=0.05 "$PEER" wait:go &
		await grep -q '^\* stall' all.txt && : >go
		wait $! ;;
	*)
		echo data | sockpair "$@" cat ;;
	esac </dev/null
}

# only EVENT FILE: the lines of a text trace that are of this event.
only() {
	awk -v event="$1" '/^[*<>] [a-z]+ / { inside = $2 == event } inside' \
	    "$2"
}

events='start data message fds eof shutdown reset gone signal timeout stall
undelivered exit'
: >seen
for event in $events; do
	rm -f -- *.txt *.jsonl
	happen "$event" --time=none -o all.txt -o all.jsonl \
	    --events="$event" -v -o one.txt -o one.jsonl --format=hex \
	    -o hex.txt >/dev/null 2>err
	only "$event" all.txt >want
	[ ! -s want ] || echo "$event" >>seen
	# The command's own words, and ours, are there as well.
	grep -a '^[*<>] ' err >got
	same got want "$event: -v shows it alone"
	same one.txt want "$event: so does a file of text"
	grep "\"type\":\"$event\"" all.jsonl >want.jsonl
	same one.jsonl want.jsonl "$event: and one of JSON Lines"
	is "$(grep -c '^[*<>] [a-z]' hex.txt)" "$(grep -c '^[*<>] [a-z]' want)" \
	    "$event: and one in hexadecimal"
done
is "$(tr '\n' ' ' <seen)" "$(echo "$events" | tr '\n' ' ')" \
    "each event has happened"

# --- the list ---------------------------------------------------------------

echo data | sockpair --time=none -o before -o before.jsonl --events=start,exit \
    -o first --events=data,exit,data -v -o second --events=eof cat >out 2>err
is "$(cut -d ' ' -f 1,2 err | tr '\n' ' ')" "> eof < eof " \
    "-v shows the events of the last list, wherever it stands"
is "$(awk '/^[*<>] [a-z]/ { print $2 }' before | tr '\n' ' ')" \
    "start data eof data eof exit " "an -o before the first list shows all"
is "$(cut -d ' ' -f 1,2 first | tr '\n' ' ')" "* start * exit " \
    "an -o after the first list shows its events"
is "$(awk '/^[*<>] [a-z]/ { print $1, $2 }' second | tr '\n' ' ')" \
    "> data < data * exit " "an -o after the second list shows its events"
is "$(grep -c '"type"' before.jsonl) $(cat out)" "6 data" \
    "--events does not change the data"
echo data | sockpair --events=message -v cat >out 2>err
is "$(cat out err)" data "an event that cannot happen is not shown"
echo data | sockpair --events=exit -o /dev/null --stats cat >out 2>err
is "$(grep -c '5 B' err)" 2 "--stats counts what no trace shows"

# --- times and totals -------------------------------------------------------

# At least a fifth of a second passes before the first event that is shown.  The
# command may begin its second a little before the trace begins.
sockpair --events=exit -v -o exit.jsonl sh -c 'sleep 1; exit 3' </dev/null 2>err
is "$? $(wc -l <err) $(wc -l <exit.jsonl)" "3 1 1" "the exit alone"
awk '{ exit !($2 >= 0.2 && $2 < 60) }' err &&
    sed 's/.*"t":\([0-9.]*\),.*"duration":\([0-9.]*\)}$/\1 \2/' exit.jsonl |
    awk '{ exit !($1 >= 0.2 && $2 >= 0.2 && $1 - $2 < 5 && $2 - $1 < 5) }'
ok "times count from a start that is not shown" || show err exit.jsonl
printf 'one\ntwo\n' | sockpair --events=exit --time=none -v cat >out 2>err
is "$(sed 's/ in [0-9]*//g; s/, [0-9.]* s$//' err)" \
    "* exit  status 0; > 8 B, < 8 B" "the exit counts bytes that are not shown"

# --- what it costs ----------------------------------------------------------

head -c 8000000 /dev/zero >data
# spliced ARGUMENT...: how many calls of splice(2) have moved data from a pipe
# to the command.
spliced() {
	# shellcheck disable=SC2002 # a pipe is what is wanted
	cat data | limit 60 strace -o trace "$SOCKPAIR" "$@" sh -c 'cat >out'
	grep -cE '^splice\(.* = [1-9]' trace
}
name="a trace that shows no bytes"
if ! have strace || [ -n "${SOCKPAIR_WRAPPED:-}" ] ||
    [ "$LINUX_EXTRAS" != yes ] || ! strace -o trace true 2>/dev/null; then
	elsewhere "$name" "nothing is spliced, or strace cannot tell"
else
	[ "$(spliced -o exit.txt)" = 0 ]
	ok "with a trace that shows all events nothing is spliced"
	[ "$(spliced --events=exit -o exit.txt --events=start,eof,exit -v \
	    2>err)" -ge 10 ]
	ok "$name leaves bulk to the kernel"
	same out data "$name loses nothing"
	[ "$(spliced --events=exit -o exit.txt --events=data -o /dev/null)" = 0 ]
	ok "$name does not, beside a trace that shows bytes"
fi

# --- captures ---------------------------------------------------------------

: >kept
status sockpair -a -o kept.txt --events=exit,eof -o x.pcapng true </dev/null \
    >out 2>err
is "$rc $(cat out err)" "125 sockpair: --events: needs data or message for $(
    )the capture 'x.pcapng'" "a capture needs data or messages"
[ ! -e x.pcapng ] && [ ! -e kept.txt ]
ok "no file is created if a capture has no data"
status sockpair --events=exit --format=pcapng -o x true </dev/null >out 2>err
is "$rc $(cat err)" "125 sockpair: --events: needs data or message for $(
    )the capture 'x'" "a capture chosen by --format needs data, too"
status sockpair -o all.pcapng --events=exit -o x.txt true </dev/null 2>err
is "$rc $(cat err)" "0 " "a capture before the list shows all events"
if have tshark; then
	# shown FILE FILTER: how many packets, and what tshark warns of.
	shown() {
		tshark -r "$1" -Y "$2" 2>/dev/null | wc -l | tr -d ' '
		tshark -r "$1" -q -z expert,warn 2>/dev/null | grep -v '^ *$'
	}
	for list in data message data,exit start,message data,eof,exit,start; do
		echo hello | sockpair --events="$list" -o some.pcapng cat >out
		is "$(shown some.pcapng 'tcp.len > 0')" 2 \
		    "a capture of a stream with $list is without fault"
		ends=0
		case $list in *eof*) ends=2 ;; esac
		is "$(shown some.pcapng 'tcp.flags.fin == 1')" $ends \
		    "a capture with $list has the ends that it names"
		is "$(shown some.pcapng 'tcp.flags.reset == 1')" 0 \
		    "a capture with $list has no reset"
		printf 'a\nb\n' | sockpair -t dgram --events="$list" \
		    -o some.pcapng cat >out
		is "$(shown some.pcapng udp)" 4 \
		    "a capture of messages with $list has them all"
	done
else
	skip "captures of chosen events" "tshark is not installed"
fi

# --- a command that could not be run ----------------------------------------

# tried STATUS REASON COMMAND: it leaves an exit record in every format.
tried() {
	rm -f trace.*
	status sockpair -v --time=none -o trace.txt -o trace.jsonl \
	    -o trace.pcapng --format=hex -o trace.hex "$3" </dev/null 2>err
	is "$rc" "$1" "$3: the status is $1"
	want="* exit  status $1, could not be run: $2; > 0 B in 0, $(
	    )< 0 B in 0, 0.000 s"
	is "$(tail -n +2 err)" "$want" "$3: -v shows its exit and the reason"
	is "$(cat trace.txt trace.hex)" "$want
$want" "$3: so do text and hexadecimal"
	is "$(grep -c "\"type\":\"exit\",\"status\":$1,\"reason\":\"$2\"" \
	    trace.jsonl) $(wc -l <trace.jsonl)" "1 1" "$3: and JSON Lines"
	[ "$(grep -acF "exit status $1, could not be run: $2" \
	    trace.pcapng)" = 1 ]
	ok "$3: and a capture"
	status sockpair -v --time=none --events=exit -p true "$3" 2>err
	is "$rc $(grep -c "^\* exit  status $1, could not be run: $2, peer " \
	    err)" "$1 1" "$3: --peer and --events=exit"
	status sockpair -v --events=start -o trace.txt "$3" </dev/null 2>err
	is "$rc $(wc -l <err) $(cat trace.txt)" "$1 1 " \
	    "$3: without exit in --events nothing is shown"
}
tried 127 "No such file or directory" ./nothing
mkdir directory
tried 126 "Permission denied" ./directory

done_testing
