#!/bin/sh
# SPDX-License-Identifier: MIT
# Traces of a run: what they say, where they go, and that they change nothing.
# Those that take time are in trace-slow.sh, those that fail in trace-fails.sh.
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
# In one write: some shells make one a line.
printf 'de\nf\npart' >rest
{ echo abc; await [ -e stopped ]; cat rest
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

# --- nobody looks ------------------------------------------------------------

if [ -z "${SOCKPAIR_WRAPPED:-}" ] && have strace &&
    strace -o /dev/null true 2>/dev/null; then
	echo hello |
		LC_ALL=en_US.UTF-8 strace -o calls "$SOCKPAIR" cat >out
	is "$(grep -c locale calls)" 0 \
	    "without these options the locale is not asked for"
fi
done_testing
