#!/bin/sh
# SPDX-License-Identifier: MIT
# Traces and totals of a run: what they say, that they change nothing, and what
# becomes of one that cannot be written.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
# shellcheck disable=SC2317 # await calls what is defined just before it
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need perl timeout

# masked FILE: a text trace with its changing numbers made the same.
masked() {
	sed -E 's/^([*><]) [0-9]+\.[0-9]{6} /\1 T /
		s/(start )[0-9]+:/\1PID:/; s/[0-9]+\.[0-9]{3} s$/S s/' "$1"
}

# --- text -------------------------------------------------------------------

printf 'hello\nyou' | sockpair -v tr a-z A-Z >out 2>err
is "$(cat out)" 'HELLO
YOU' "-v changes nothing of the output"
masked err >got
cat >want <<'!'
* T start PID: tr a-z A-Z  (stream, fd 0,1; > to it, < from it)
> T data  9 B at 0
>   hello
>   you\
> T eof   end of standard input, command told
< T data  9 B at 0
<   HELLO
<   YOU\
< T eof   end of the command's output, reader told
* T exit  status 0; > 9 B in 1, < 9 B in 1, S s
!
same got want "-v traces as text"
# tr(1) writes nothing before its input ends, so that the order is known.
printf 'hi' | sockpair -x --time=none tr x y >out 2>err
is "$(sed -n '2,3p' err) $(grep -c '^[<>] 000000  68 69 \{45\}hi$' err)" \
    '> data  2 B at 0
> 000000  68 69                                             hi 2' \
    "-x traces in hexadecimal, with text beside"
printf 'hi' | sockpair -v -x --time=none tr x y 2>both >out
sed 's/start [0-9]*/start PID/; s/[0-9.]* s$//' err >want
sed 's/start [0-9]*/start PID/; s/[0-9.]* s$//' both >got
same got want "-vx is the same"
printf 'a\0b' | sockpair -v --time=none cat >out 2>err
is "$(grep -c '^[<>] 000000  61 00 62  *a\.b$' err)" 2 \
    "bytes that are no text are in hexadecimal"
head -c 5000 /dev/zero | tr '\0' x >long
sockpair -v -s 3 cat <long >out 2>err
is "$(grep -c '^[<>]   xxx\\$' err) $(grep -c '5000 B' err)" "2 3" \
    "--snaplen shows so much, and tells the size"
for style in delta abs none; do
	echo a | sockpair -v --time=$style cat 2>&1 >/dev/null |
	    sed -n 2p >$style
done
grep -qE '^> [0-9]+\.[0-9]{6} data' delta &&
    grep -qE '^> [0-9-]+[T ][0-9:]+\.[0-9]{6}.* data' abs &&
    grep -q '^> data' none
ok "--time has styles" || cat delta abs none
# seconds DATE: since 1970, of an RFC 3339 date with an offset or Z.
seconds() {
	perl -MTime::Local -e '$ARGV[0] =~ /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)
	    \.\d+(?:Z|([+-])(\d\d):(\d\d))$/x or die;
	print timegm($6, $5, $4, $3, $2 - 1, $1)
	    - (defined $7 ? "${7}1" * ($8 * 60 + $9) * 60 : 0)' "$1"
}
# is_now SECONDS: within a minute.
is_now() {
	[ $(($(date +%s) - $1)) -lt 60 ] && [ $(($1 - $(date +%s))) -lt 60 ]
}
for zone in UTC0 EST5 NPT-5:45; do
	TZ=$zone sockpair -v --time=abs -o abs.json true </dev/null 2>abs
	is_now "$(seconds "$(sed -n 's/^\* \([^ ]*\) start.*/\1/p' abs)")"
	ok "--time=abs is the time of day: $zone" || cat abs
done
is "$(sed -n 's/^\* .*\([+-]..:..\) start.*/\1/p' abs)" "+05:45" \
    "with the zone's offset"
is_now "$(seconds "$(sed -n 's/.*"time":"\([^"]*\)".*/\1/p' abs.json)")"
ok "so does JSON, at the start" || cat abs.json
echo a | sockpair -v --color=always cat 2>&1 >/dev/null | grep -q "$(printf '\033')\["
ok "--color=always has colors"
is "$(echo a | sockpair -v cat 2>&1 >/dev/null | grep -c "$(printf '\033')")" 0 \
    "a pipe has none"

sockpair -v -b 1G true </dev/null 2>err
granted=$(cat /proc/sys/net/core/wmem_max 2>/dev/null || echo '[0-9]+')
grep -qE "^sockpair: cannot set socket buffers of 1073741824 bytes: the system grants $granted\$" err
ok "-v tells of a smaller buffer than was asked for" || cat err
sockpair -b 1G true </dev/null 2>err
is "$(cat err)" '' "which is no error without it"

# --- what happens ------------------------------------------------------------

# traces WANT NAME COMMAND...: a line like WANT (an extended expression) is in
# the trace.
traces() {
	traces_want=$1 traces_name=$2
	shift 2
	limit 60 sockpair -o trace "$@" >out 2>err
	grep -qE "$traces_want" trace
	ok "$traces_name" || sed 's/^/# /' trace
}
traces '^< .* eof ' "a half-close is told" "$PEER" say:x half-close cat-in \
    </dev/null
traces '^\* .* exit  status 7;' "an exit is told" sh -c 'exit 7' </dev/null
is "$rc" 7 "its status is ours"
traces '^\* .* exit  signal TERM;' "a death is told" sh -c 'kill $$' </dev/null
is "$rc" 143 "and so are we ended"
: >plain
for name in ./missing ./plain; do
	limit 20 sockpair --time=none -v -o t.jsonl -o t.pcapng $name \
	    </dev/null >out 2>err
	case $name in
	./missing) want=127 reason='No such file or directory' ;;
	*) want=126 reason='Permission denied' ;;
	esac
	is "$rc $(sort err)" "$want * exit  status $want, could not be run: \
$reason; > 0 B in 0, < 0 B in 0, 0.000 s
sockpair: cannot run '$name': $reason" "a command that cannot be run is told: $want"
	is "$(cut -d , -f 2- t.jsonl)" \
	    "\"type\":\"exit\",\"status\":$want,\"reason\":\"$reason\",\
\"stdin\":{\"size\":0,\"pieces\":0},\
\"command\":{\"size\":0,\"pieces\":0},\"duration\":0.000000}" "in JSON: $want"
	grep -q "exit status $want, could not be run: $reason" t.pcapng &&
	    [ "$(od -An -v -tx1 t.pcapng | tr -d ' \n' |
		grep -o 7f0000017f000002 | wc -l)" -eq 1 ]
	ok "and in a capture: $want"
done
limit 20 sockpair -p 'exec cat' -o t.jsonl ./missing
grep -qE '"status":127,"reason":"No [^,]*","peer_(status":0|signal":15),' t.jsonl
ok "with the end of the second one" || cat t.jsonl
traces 'timeout' "a timeout is told" -T 0.2s sleep 60 </dev/null
is "$rc" 124 "its status is 124"
yes 2>/dev/null | sockpair -o trace sh -c 'head -c 10 >/dev/null'
grep -q '^> .* reset ' trace
ok "a reset is told" || sed 's/^/# /' trace
{ echo a; await [ -e stopped ]; echo bcd; await grep -q undelivered trace
    : >told; } | sockpair -o trace "$PEER" read:2 stop-reading touch:stopped \
    wait:told
grep -q '^> .* shutdown ' trace && grep -q '^> .* undelivered 4 B' trace
ok "so is what could not be delivered" || sed 's/^/# /' trace
rm -f stopped told
limit 60 sockpair -o trace yes </dev/null 2>err | head -n 1 >/dev/null
grep -q '^< .* gone ' trace && grep -q '^< .* shutdown ' trace
ok "a reader that leaves is told" || cat trace
mkfifo silent
sockpair -o trace "$PEER" touch:up catch:10 await:10 <silent >out 2>err &
relay=$!
exec 9>silent
await [ -e up ]
if [ -z "${SOCKPAIR_WRAPPED:-}" ]; then
	kill -10 $relay
	wait $relay
	grep -qE '^> .* signal .*USR1' trace
	ok "a signal that is passed on is told" || cat trace
else
	kill -10 "$(sed -n 's/.* start \([0-9]*\):.*/\1/p' trace)"
	wait $relay
fi
exec 9>&-
rm up

if [ -c /dev/full ]; then
	rm -f trace
	await grep -q '^< .* shutdown ' trace |
	    sockpair -o trace sh -c 'echo lost; cat >/dev/null' 2>err >/dev/full
	is "$(sed -n 's/^< [0-9][0-9.]* //p' trace)" 'data  5 B at 0
undelivered 5 B at 0
shutdown the command is told that nobody reads' \
	    "a full disk is no reader that left"
fi

# --- messages ----------------------------------------------------------------

sockpair -t seqpacket --max-message=100 -v --time=none "$POST" size:4000 \
    </dev/null 2>err >out
is "$(sed -n 's/^< \([mu].*\)/\1/p' err) $(grep -c '^<   ' err)" \
    'message 100 B at 0, number 1
undelivered 100 B at 0 1' "of one that is too large there is what was received"
printf 'a\n\nbc\n' | sockpair -t seqpacket -v --time=none "$POST" echo \
    >out 2>err
grep -v '^[*]' err | sed 's/^\([<>]\) eof .*/\1 eof/' | grep '^>' >got
cat >want <<'!'
> message 1 B at 0, number 1
>   a\
> message 0 B at 1, number 2
> message 2 B at 1, number 3
>   bc\
> eof
!
same got want "each message is told, also the empty one"
{ printf 'a\n'; head -c 200 /dev/zero | tr '\0' x; printf '\nbc\n'; } |
    sockpair -t seqpacket --max-message=100 -v --time=none --stats "$POST" echo \
    2>err >out
is "$(grep '^> [mu]' err)" '> message 1 B at 0, number 1
> undelivered 200 B at 1
> message 2 B at 201, number 3' "one that is too large is told as not delivered"
grep -q 'standard input: 203 B in 3 messages.* 200 B undelivered' err
ok "and counted" || cat err
# announced NAME WANT: of the announced size counts what has come of it.
announced() {
	sockpair -t seqpacket -F netstring --max-message=100 -v --time=none \
	    --stats "$POST" echo <in >out 2>err
	is "$(grep '^> [mu]' err)
$(sed -n 's/^sockpair: standard input: \(.*undelivered\).*/\1/p' err)
$(sed -n 's/^\* exit .*; \(> [^,]*\),.*/\1/p' err)" "$2" "$1"
}
printf '1:a,888888888:bc' >in
announced "one whose size is announced counts with what came of it" \
    '> message 1 B at 0, number 1
> undelivered 2 B at 1
3 B in 2 messages, largest 2 B, 2 B undelivered
> 3 B in 2'
{ printf '1:a,200:'; head -c 200 /dev/zero; printf ',300:'
    head -c 300 /dev/zero; printf ',2:bc,'; } >in
announced "and with all of it if that came" '> message 1 B at 0, number 1
> undelivered 200 B at 1
> undelivered 300 B at 201
> message 2 B at 501, number 4
503 B in 4 messages, largest 300 B, 500 B undelivered
> 503 B in 4'
printf '1:a,999999999999:' >in
announced "or with nothing" '> message 1 B at 0, number 1
1 B in 2 messages, largest 1 B, 0 B undelivered
> 1 B in 2'
{ echo abc; await [ -e stopped ]; printf 'de\nf\npart'
    await grep -q undelivered trace; : >told; } |
    sockpair -t seqpacket -o trace "$POST" take:1 stop-reading touch:stopped \
    wait:told
sed 's/^> [0-9.]* //' trace | grep -A 1 '^shut' >got
is "$(cat got)" 'shutdown the command reads no more
undelivered 3 B at 3' "what nobody takes is told, whole messages only"
rm -f stopped told trace
yes | head -n 100 | sockpair -t seqpacket -o trace "$POST" take:1 say:x \
    wait:told >out 2>err &
relay=$!
await grep -q '^> .* eof' trace
: >told
wait $relay
is "$(cat out) $(grep -c '^> .* reset the command left bytes unread$' trace)" \
    "x 1" "a reset is told of messages, too"
rm -f told
perl -e 'print "x" x 60000, "\n" for 0 .. 99' >lines
rm -f trace
sockpair -t dgram -o trace -s 1 "$POST" touch:up wait:told <lines >out 2>err &
relay=$!
# Of a file there is always more to be read: only for want of room does it wait.
await grep -q '^> .* number 2,' trace && await all_asleep $relay ||
    echo "# it never waits"
: >told
wait $relay
grep -q '^> .* undelivered [0-9]*0000 B at [0-9]*0000$' trace
ok "what waits for a full queue at the exit is told" || tail -n 5 trace
rm -f up told

# --- several at once ---------------------------------------------------------

echo hello | sockpair -v -o a.jsonl -o a.pcapng -o a.txt --format=hex -o b.txt \
    --format=json -o c.pcapng tr a-z A-Z >out 2>err
grep -q '^>   hello$' err && grep -q '"text":"hello\\n"' a.jsonl &&
    grep -q '^>   hello$' a.txt && grep -q '68 65 6c 6c 6f' b.txt &&
    grep -q '"text":"hello\\n"' c.pcapng
ok "several traces, each in the format of its ending or of --format"
[ "$(od -An -tx1 -N4 a.pcapng | tr -d ' ')" = 0a0d0d0a ]
ok "a capture is pcapng"
# ports FILE FROM TO: segments between them, as numbers in hexadecimal.
ports() {
	od -An -v -tx1 "$1" | tr -d ' \n' |
	    grep -o "7f00000[12]7f00000[12]$2$3" | wc -l | tr -d ' '
}
echo a | sockpair -o port.pcapng --pcap-port=8080 cat >out
[ "$(ports port.pcapng c350 1f90)" -gt 0 ] &&
    [ "$(ports port.pcapng 1f90 c350)" -gt 0 ] &&
    [ "$(ports port.pcapng c350 c351)" -eq 0 ] &&
    [ "$(ports a.pcapng c350 c351)" -gt 0 ]
ok "--pcap-port is the command's port, 50001 unless chosen"
for file in a.jsonl a.pcapng a.txt; do
	ls -l $file
done | grep -vc '^-rw-------' >open
is "$(cat open)" 0 "nobody else may read them"
echo again | sockpair -o a.txt cat >out
is "$(grep -c start a.txt)" 1 "a file is made anew"
echo again | sockpair -a -o a.txt cat >out
is "$(grep -c start a.txt)" 2 "but with -a added to"
echo hello | sockpair -o big.NDJSON -o big.PCAP cat >out
grep -q '"text":"hello\\n"' big.NDJSON &&
    [ "$(od -An -tx1 -N4 big.PCAP | tr -d ' ')" = 0a0d0d0a ]
ok "an ending may be .ndjson or .pcap, in letters of any case"

# --- descriptors by their names ----------------------------------------------

sockpair --time=none -o - sh -c 'echo said' </dev/null >out 2>err
is "$? $(grep -c '^<   said$' out) $(grep -c '^said$' out)$(cat err)" \
    "0 1 1" "-o - is standard output"
[ ! -e ./- ]
ok "and no file"
for name in /dev/stderr /dev/fd/2 /proc/self/fd/2; do
	case $name in
	/proc/*) [ -e /proc/self/fd/2 ] || continue ;;
	esac
	echo before >log
	echo hello | sockpair --time=none -o $name tr a-z A-Z >out 2>>log
	is "$? $(cat out) $(head -n 1 log) $(grep -c '^<   HELLO$' log)" \
	    "0 HELLO before 1" "-o $name adds to it, and truncates nothing"
	echo hello | sockpair -o $name sh -c 'cat; echo own >&2' >out 2>log
	is "$(grep -c '^own$' log) $(grep -c '^[*<>] ' log)" \
	    "1 8" "and shares its position with the command"
done
echo before >log
echo hello | sockpair -o /dev/stdout tr a-z A-Z >>log
is "$(head -n 1 log) $(grep -c '^<   HELLO$' log) $(grep -c '^HELLO$' log)" \
    "before 1 1" "-o /dev/stdout leaves alone what was there"
echo before >log
sockpair -o /dev/fd/7 echo hello 7>>log </dev/null >out
is "$? $(cat out) $(head -n 1 log) $(grep -c '^<   hello$' log)" \
    "0 hello before 1" "so does that of any number"
sockpair -o /dev/fd/7 --fd=0,1,7 sh -c 'echo hello >&7' 7>log </dev/null >out
is "$? $(cat out) $(grep -c '^<   hello$' log)" "0 hello 1" \
    "which may be chosen for the command"
# unopened ARG...: with these $unopened_name names nothing to write to.
unopened() {
	sockpair "$@" touch ran </dev/null >out 2>err
	is "$? $(cat err) $(ls ran 2>/dev/null)" "125 sockpair: cannot open \
'$unopened_name': Bad file descriptor " "$unopened_title"
}
unopened_name=/dev/fd/9 unopened_title="one that is not open is an error"
unopened -o /dev/fd/9
unopened_title="also where a trace of ours has the number"
unopened_name=/dev/fd/3
unopened -o a -o /dev/fd/3 3>&-
unopened_name=/dev/stdin unopened_title="one that is only read is an error"
unopened -o /dev/stdin
unopened_name=-
sockpair -o - touch ran </dev/null >&- 2>err
is "$? $(cat err) $(ls ran 2>/dev/null)" \
    "125 sockpair: cannot open '-': Bad file descriptor " \
    "so is a standard output that is closed"
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "so is a standard error that is closed" "a wrapper may open it"
else
	odd=
	for option in -v -x -vx --output=/dev/stderr; do
		sockpair $option touch ran </dev/null >out 2>&-
		got="$? $(cat out)$(ls ran 2>/dev/null)"
		[ "$got" = "125 " ] || odd="$odd $option: $got"
	done
	is "$odd" '' "so is a standard error that is closed"
fi
for option in -v -x; do
	sockpair $option touch ran >out 2</dev/null
	is "$? $(cat out)$(ls ran 2>/dev/null)" "125 " \
	    "$option needs one that can be written to"
done
mkfifo through
cat through >got &
echo hello | sockpair --time=none -o /dev/fd/7 cat 7>through >out
wait
is "$? $(grep -c '^<   hello$' got)" "0 1" "a pipe's reader sees the end"

# --- several, as others read them ---------------------------------------------------------

if have jq; then
	perl -e 'print map chr, 0 .. 255, 0xc3, 0xa4' >bytes
	sockpair -o bytes.jsonl cat <bytes >out
	jq -r 'select(.from == "command") | .base64 //
	    (.text // empty | @base64)' bytes.jsonl | base64 -d >got
	same got bytes "a side is played back by jq, to the byte"
else
	skip "a side is played back by jq" "jq is not installed"
fi
if have tshark; then
	head -c 300000 bytes /dev/zero | tail -c 200000 >in
	sockpair -o big.pcapng cat <in >out
	tshark -r big.pcapng -o ip.check_checksum:TRUE \
	    -o tcp.check_checksum:TRUE -Y 'tcp.srcport == 50001 && tcp.len > 0' \
	    -T fields -e tcp.payload 2>err | tr -d '\n' |
	    perl -ne 'print pack "H*", $_' >got
	same got in "a capture has all that the command said"
	tshark -r big.pcapng -o ip.check_checksum:TRUE \
	    -o tcp.check_checksum:TRUE -Y '_ws.expert.severity >= "Warning"' \
	    2>/dev/null >warnings || echo "tshark: $?" >>warnings
	is "$(cat warnings)" '' "without a warning"
	printf 'one\ntwo\n' >in
	sockpair -o both.pcapng tr a-z A-Z <in >out
	tshark -r both.pcapng -q -z follow,tcp,raw,0 2>err |
	    sed -n '/^Node 1/,/^===/p' >follow
	is "$(grep -c '^6f6e650a74776f0a$' follow) $(
		grep -c "$(printf '\t')4f4e450a54574f0a$" follow)" "1 1" \
	    "its stream can be followed, both ways"
	printf '\nab\n' | sockpair -t seqpacket -o udp.pcapng "$POST" echo >out
	tshark -r udp.pcapng -o udp.check_checksum:TRUE -Y udp -T fields \
	    -e udp.srcport -e udp.length -e udp.checksum.status 2>err |
	    sort >got
	is "$(cat got)" "$(printf '%s\t%s\t1\n' 50000 10 50000 8 50001 10 \
	    50001 8)" "messages are datagrams in it, the empty one, too"
	mkfifo live.pcapng
	tshark -l -i live.pcapng -T fields -e tcp.payload >got 2>err &
	shark=$!
	{ echo hello; await grep -q '^68656c6c6f0a$' got && : >seen; } |
	    limit 60 sockpair -o live.pcapng cat >out
	wait $shark
	[ -e seen ]
	ok "a FIFO shows it live, while the command runs" || cat got err
else
	skip "what a capture has" "tshark is not installed"
fi
mkfifo live
cat live >got &
echo hello | sockpair -o live --format=text -o live tr a-z A-Z >out 2>err &
relay=$!
wait $relay
wait
grep -q '^<   HELLO$' got
ok "a FIFO shows it live"

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
	for (1 .. 500) {
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
1500" "$style: lines are whole, whoever else writes there"
	done
fi

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

# Each byte of an argument takes six in JSON; a single one has 128 KiB at most.
perl -e 'exec @ARGV, ("\1" x 120000) x 12' \
    sockpair -s 1 -o words.json true </dev/null 2>err
is "$? $(cat err) $(grep -o '\\u0001' words.json | wc -l)" "0  1440000" \
    "the longest command is traced whole"

# --- traces that cannot be written -------------------------------------------

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
is "$? $(cmp out data)$(cat err)" "125 sockpair: cannot write 'left': Broken pipe" \
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

# A reader that stalls holds the relay, but not signals: the first ends the
# command, and the next, when there is none left, us.
mkfifo stalled
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

# --- totals -----------------------------------------------------------------

head -c 100000 data | sockpair --stats cat >out 2>err
is "$(sed -E 's/, [0-9.]+ s.*//' err)" \
    'sockpair: standard input: 97.7 KiB (100000 B), 0 B undelivered
sockpair: standard output: 97.7 KiB (100000 B), 0 B undelivered' \
    "--stats prints totals of both directions"
cp data large
sockpair --stats cat <large 2>err >out
is "$(grep -c '(8000000 B)' err)" 2 "also of what is spliced"
printf 'a\n\nbcd\n' | sockpair --stats -t dgram "$POST" echo >out 2>err
grep -q 'standard input: 4 B.*3 messages' err
ok "and of messages" || cat err
if [ -z "${SOCKPAIR_WRAPPED:-}" ]; then
	rm -f runs
	sockpair --stats "$PEER" touch:runs cat-in <silent >out 2>err &
	relay=$!
	exec 9>silent
	await [ -e runs ]
	kill -USR1 $relay
	printed() { [ "$(wc -l <err)" -ge 2 ]; }
	await printed
	exec 9>&-
	wait $relay
	is "$? $(unreported err | grep -c 'standard input')" "0 2" \
	    "SIGUSR1 prints them in between, and is not passed on"
	mkfifo hold
	rm -f out
	sockpair --stats sh -c '(read -r _ <hold) & echo $$' </dev/null >out \
	    2>err &
	relay=$!
	await [ -s out ]
	is_reaped() { ! kill -0 "$(cat out)"; }
	await is_reaped
	kill -USR1 $relay
	await printed
	: >hold
	wait $relay
	is "$? $(unreported err | grep -c 'standard input')" "0 2" \
	    "nor ends it us when the command has exited"
fi
echo a | sockpair --progress cat >out 2>err
is "$(cat out err)" a "--progress is nothing without a terminal"
PTY=${PTY:-$(dirname "$PEER")/pty}
case $PTY in /*) ;; *) PTY=$(pwd)/$PTY ;; esac
# on_terminal [STEP...] -- [VARIABLE=VALUE...] COMMAND...: what is on the screen then,
# with ESC and CR as letters.
on_terminal() {
	rm -f drawn again
	TERM=xterm "$PTY" "$@" 2>end | tr '\033\r' ER
}
colored() { on_terminal -- env "$@" | grep -c 'E\['; }
if "$PTY" -- true >/dev/null 2>&1; then
	on_terminal 'expect:B/s  0:0' 'run:: >drawn' expect:a 'expect:B/s  0:0' \
	    'run:: >again' -- sockpair --progress \
	    "$PEER" wait:drawn say:a wait:again >screen
	grep -q '^R>  *0 B  *0 B/s  <  *0 B  *0 B/s  0:0[0-9]:[0-9]*R' screen
	ok "on a terminal it is a meter, drawn over itself" || show screen
	grep -q 'R *Ra' screen
	ok "which makes way for the output" || show screen
	tail -n 1 screen | grep -q '0:0[0-9]:[0-9]*R *R$'
	ok "and is gone at the end" || show screen
	on_terminal -- sockpair --progress sh -c 'printf "name? "; sleep 1; echo me' >screen
	grep -q 'name? meR' screen
	ok "it leaves a line alone that is not ended" || show screen
	on_terminal 'expect:B/s  0:0' 'run:: >drawn' -- \
	    sockpair --progress --stats "$PEER" wait:drawn >screen
	grep -q 'R *Rsockpair: standard input: 0 B' screen
	ok "and makes way for our own lines" || show screen
	if [ -c /dev/full ]; then
		on_terminal 'expect:B/s  0:0' 'run:: >drawn' -- sh -c '
			exec sockpair --progress "$PEER" wait:drawn say:lost \
			    >/dev/full' >screen
		grep -q 'R *Rsockpair: cannot write standard output: ' screen
		ok "also for what went wrong" || show screen
	fi
	# A second command's half line is not on the screen.
	on_terminal 'expect:<       1 B' 'run:: >drawn' -- sockpair --progress \
	    -T 1h -p 'exec "$PEER" read:1 wait:drawn' \
	    "$PEER" out:1 wait:drawn >screen
	is "$(tail -n 1 end)" 'exit 0' \
	    "between two commands a line that is not ended does not stop it" ||
	    show screen
	# 3 MB are more than waits anywhere.
	on_terminal 'expect:B/s  0:0' send:^S full 'run:: >drawn' file:again \
	    send:^Q -- sh -c 'exec sockpair --progress \
		"$PEER" wait:drawn out:3000000 touch:again >out' >screen
	is "$(tail -n 1 end) $(wc -c <out)" 'exit 0 3000000' \
	    "a terminal stopped by ^S stops the meter, and nothing else"

	env TERM=dumb "$PTY" --master -- sh -c \
	    'sockpair -v --time=none true </dev/null 2>&1 >out' >screen 2>end
	is "$(tr -d '\r' <screen | grep -c '^\* exit  status 0')" 1 \
	    "the master of a terminal is written to, not opened once more"

	[ "$(colored sockpair -v true)" -ge 3 ]
	ok "a terminal has colors"
	is "$(colored sockpair -v --color=never true)$(
		colored NO_COLOR=1 sockpair -v true)$(
		colored TERM=dumb sockpair -v true)" 000 \
	    "not with --color=never, NO_COLOR or TERM=dumb"
	[ "$(colored NO_COLOR= sockpair -v true)" -ge 3 ]
	ok "an empty NO_COLOR says nothing"
else
	skip "meter and colors on a terminal" "no pseudo-terminals"
fi

# --- nobody looks ------------------------------------------------------------

if [ -z "${SOCKPAIR_WRAPPED:-}" ] && have strace &&
    strace -o /dev/null true 2>/dev/null; then
	echo hello |
		LC_ALL=en_US.UTF-8 strace -o calls "$SOCKPAIR" cat >out
	is "$(grep -c locale calls)" 0 \
	    "without these options the locale is not asked for"
fi
done_testing
