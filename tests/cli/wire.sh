#!/bin/sh
# SPDX-License-Identifier: MIT
# Messages in a stream, --wire: each message of standard input is written into
# the command's stream in its framing, and each one found there is written to
# standard output; what is no message is reported; all else is as for a stream.
# shellcheck disable=SC2016,SC2317 # shells of their own; await calls functions
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need perl timeout mkfifo

# frames FRAMING MESSAGE...: print the messages in a framing.
frames() {
	perl "$TOP_SRCDIR/tests/frames.pl" "$@"
}

# said TEXT: what standard error must hold, and nothing else.
said() {
	printf 'sockpair: %s\n' "$1"
}

framed='line null netstring u16 u16le u32 u32le lsp'

# --- messages, both ways ------------------------------------------------------

# What the command reads is kept in wire, and what it writes is the same.
for wire in $framed; do
	for framing in $framed; do
		frames "$framing" '' a '' '' 'two words' '*300' '*40000' '' >in
		frames "$wire" '' a '' '' 'two words' '*300' '*40000' '' >want
		limit 60 sockpair --wire="$wire" -F "$framing" tee wire \
		    <in >out 2>err
		got="$rc $(cat err)"
		cmp -s wire want || echo "$framing to $wire: other frames"
		cmp -s in out || echo "$wire to $framing: other messages"
		[ "$got" = "0 " ] || echo "$framing, $wire: $got"
	done
done >odd
is "$(cat odd)" '' "messages of every framing pass through every wire"
frames line a '' b >in
limit 60 sockpair -W lsp tee wire <in >out
frames lsp a '' b >want
same wire want "-W is --wire, and lines are the default on our side"
same out in "messages come back as they were sent"
frames netstring '\x00\x0a\xff\x80' 'a\x0ab' >in
for wire in u16 u16le u32 u32le lsp; do
	limit 60 sockpair -W $wire -F netstring cat <in >out
	cmp -s in out || echo "$wire"
done >odd
is "$(cat odd)" '' "a message may have any bytes"
for wire in line null; do
	{ frames $wire a ''; printf rest; } >in
	limit 60 sockpair -W $wire -F $wire tee wire <in >out 2>err
	frames $wire a '' rest >want
	cmp -s wire want && cmp -s out want && [ "$rc $(cat err)" = "0 " ]
	ok "$wire: a last message need not be terminated, both ways"
done
for wire in $framed raw; do
	limit 60 sockpair -W "$wire" "$PEER" cat-in </dev/null >out 2>err
	[ "$rc $(cat out err)" = "0 read 0 bytes" ] || echo "$wire: $(cat out err)"
done >odd
is "$(cat odd)" '' "an empty input is no message"

# Byte by byte, and with the line ends and the fields that others write.
cat >slow.pl <<'!'
$| = 1;
$/ = \1;
while (<STDIN>) {
	print;
	select undef, undef, undef, 0.001;
}
!
for wire in $framed; do
	frames netstring a '' 'two words' >in
	perl slow.pl <in |
		limit 60 sockpair -W "$wire" -F netstring perl slow.pl >out
	cmp -s in out || echo "$wire"
done >odd
is "$(cat odd)" '' "messages are whole, however slowly they come"
limit 60 sockpair -W lsp printf '%b' 'CONTENT-length:2\n\nabContent-Type: x\r
Content-Length: \t1 \r\nX: y\r\n\r\ncContent-Length: 1\nContent-Length: 1\n\nd' \
    </dev/null >out 2>err
is "$rc $(cat out err)" "0 ab
c
d" "lsp: case and order of fields do not matter, nor CR at the ends of lines"

# --- sizes -------------------------------------------------------------------

for size in 0 1 255 4095 65535 65536 65537 100000 3000000; do
	perl -e 'print pack("N", $ARGV[0]), map { chr(33 + $_ % 89) }
	    0 .. $ARGV[0] - 1' "$size" >in
	for wire in line netstring u32 lsp; do
		limit 60 sockpair -F u32 -W $wire cat <in >out 2>err
		got="$rc $(cat err)"
		cmp -s in out && [ "$got" = "0 " ] ||
			echo "$wire, $size: $got"
	done
done >odd
is "$(cat odd)" '' "messages of all sizes pass"
perl -e 'for my $size (1 .. 20000) { print pack("n", $size % 50),
    "x" x ($size % 50) }' >in
for wire in lsp null u32; do
	limit 60 sockpair -F u16 -W $wire cat <in >out 2>err
	cmp -s in out && [ "$rc $(cat err)" = "0 " ] || echo "$wire: $(cat err)"
done >odd
is "$(cat odd)" '' "twenty thousand small ones pass"

frames line a '*101' '*100' b >in
limit 60 sockpair -W u32 --max-message=100 tee wire <in >out 2>err
is "$rc $(cat err)" "125 $(said "cannot send message 2: its 101 bytes are \
more than the limit of 100")" "--max-message limits the input"
frames line a '*100' b >want
same out want "the others pass"
frames u32 a '*101' '*100' b >wire
limit 60 sockpair -W u32 --max-message=100 cat wire </dev/null >out 2>err
is "$rc $(cat err)" "125 $(said "cannot receive message 2: its 101 bytes are \
more than the limit of 100")" "--max-message limits the output"
same out want "the others pass here, too"
frames u32 '*65536' a >wire
limit 60 sockpair -W u32 -F u16 cat wire </dev/null >out 2>err
is "$rc $(cat err)" "125 $(said "cannot frame message 1: its 65536 bytes are \
more than the limit of 65535")" "a message too large for its framing is an error"
frames u16 a >want
same out want "the next one passes"
for wire in u32 u32le lsp netstring; do
	case $wire in
	u32*) printf '\377\377\377\377abc' ;;
	lsp) printf 'Content-Length: 4294967295\r\n\r\nabc' ;;
	netstring) printf '4294967295:abc' ;;
	esac >bytes
	limit 60 sockpair -W $wire cat bytes </dev/null >out 2>err
	is "$rc $(cat out err)" "125 $(said "cannot receive message 1: its \
4294967295 bytes are more than the limit of 67108864")" \
	    "$wire: 64M is the largest message by default"
done
limit 60 sockpair -W lsp printf 'Content-Length: 18446744073709551616\r\n\r\n' \
    </dev/null >out 2>err
is "$rc $(cat out err)" "125 $(said "byte 0 of the command's output is no \
lsp header: 'Content-Length: 18446744073709551616'")" \
    "lsp: a length of more than 64 bits is not a header"
name="a limit of 64M takes no memory before it is needed"
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "another checker takes memory"
elif sees "$name"; then
	limit 60 sockpair -W lsp sh -c 'grep VmRSS /proc/$PPID/status >rss
		printf "Content-Length: 1\n\nx"' </dev/null >out
	[ "$(tr -cd 0-9 <rss)" -lt 16384 ]; ok "$name" || show rss
fi

# --- raw: a stream without frames ---------------------------------------------

printf 'b\na\nc' >in
{ frames u32 'b\x0a' 'a\x0ac' ''; } >framed
limit 60 sockpair -F u32 -W raw sort <framed >out 2>err
frames u32 'a\x0ab\x0ac\x0a' >want
same out want "raw: sort has the bytes of all messages, and answers with one"
is "$rc $(cat err)" "0 " "raw: an empty message is the end of the input"
mkfifo held
limit 60 sockpair -F u32 -W raw wc -c <held >out 2>err &
relay=$!
exec 9>held
frames u32 abc de '' >&9
wait $relay
is "$? $(tail -c +5 out | tr -d ' ') $(cat err)" "0 5 " \
    "raw: even while standard input stays open"
exec 9>&-
limit 60 sockpair -F u32 -W raw wc -c <framed >out
is "$(tail -c +5 out | tr -d ' ')" 5 "raw: wc counts no frames"
limit 60 sockpair -W raw --no-shutdown -T 0.3s "$PEER" echo <<! >out 2>err
a

!
is "$rc $(cat out)" "124 a" "raw: --no-shutdown hides that end as well"
for rest in 'more\n' 'more' '\n' 'more\nand more\n'; do
	# shellcheck disable=SC2059 # its escapes are meant
	printf "a\n\n$rest" >in
	limit 60 sockpair -W raw "$PEER" cat-in <in >out 2>err
	is "$rc $(cat out err | sort)" "125 read 1 bytes
$(said "cannot send message 3: the empty message before it has ended the input")" \
	    "raw: '$rest' after the end is an error"
done
# Each piece is written once the one before has come.
limit 60 sockpair -F netstring -W raw sh -c 'for word in a bc "d
e"; do printf %s "$word"; read -r line; done' <held >out 2>err &
relay=$!
exec 9>held
for want in 1 6 13; do
	came() { [ "$(wc -c <out)" -ge "$want" ]; }
	await came
	frames netstring '\x0a' >&9
done
exec 9>&-
wait $relay
is "$(cat out)" '1:a,2:bc,3:d
e,' "raw: each piece of the output is a message"
limit 60 sockpair -W raw printf 'a\nb' </dev/null >out 2>err
is "$rc $(cat out err)" "0 a
b
$(said "cannot keep message 1 whole: it contains the byte that ends one")" \
    "raw: as lines, it is reported that a newline splits a message"
limit 60 sockpair -F raw -W u32 tee wire <<! >out
abc
!
is "$(tail -c +5 wire) $(cat out)" "abc abc" \
    "without frames on our side, what one read returns is a message"
# The outer one's command is the inner one, whose input is a message socket.
for name in told told.jsonl told.pcapng; do
	printf 'a\n\nb\n' | limit 60 sockpair -t seqpacket sockpair \
	    --time=none -o "$name" -F raw -W line tee wire >out 2>err
	is "$rc $(tr '\n' '|' <wire) $(cat out err)" "0 a||b| a

b" "with $name, an empty message of a socket is one"
done
is "$(grep -c '^> message 0 B at 2, number 2$' told)" 1 "and traced"

# --- stray bytes -------------------------------------------------------------

# refuses WIRE BYTES TEXT OUT NAME: the command, and then standard input, writes
# BYTES (for printf).  The error TEXT is printed once, and OUT are the messages.
refuses() {
	# shellcheck disable=SC2059 # its escapes are meant
	printf "$2" >bytes
	limit 60 sockpair -W "$1" cat bytes </dev/null >out 2>err
	is "$rc $(cat err) $(tr '\n' '|' <out)" "125 $(said "$3") $4" \
	    "$1, the command: $5"
	limit 60 sockpair -F "$1" -W line cat <bytes >out 2>err
	is "$rc $(cat err) $(perl -0777 -pe 's/Content-Length: 1\r\n\r\n(.)/$1|/g;
	    s/\d+:(\w*),/$1|/g; s/[\0\1]+(\w)/$1|/g' out | tr '\n' '|')" \
	    "125 $(said "$3" |
		sed "s/the command's output/standard input/") $4" \
	    "$1, standard input: $5"
}
cut="cannot read message 2: the command's output ended inside it"
bad() {
	printf "byte %s of the command's output is no %s: '%s'" "$@"
}
refuses u16 '\0\1a\0' "$cut" 'a|' "half a size is reported"
refuses u16le '\1\0a\5\0abc' "$cut" 'a|' "half a message is reported"
refuses u32 '\0\0\0\1a\0\0\0\5abc' "$cut" 'a|' "half a message is reported"
refuses u32le '\1\0\0\0a\5\0\0\0abcd' "$cut" 'a|' "half a message is reported"
refuses netstring '1:a,5:abc' "$cut" 'a|' "half a message is reported"
refuses netstring '1:a,12' "$cut" 'a|' "half a size is reported"
refuses netstring '1:a,5;abcde,1:b,' "$(bad 4 'netstring' '5;')" 'a|' \
    "stray bytes are reported, and all that follows is dropped"
refuses netstring '1:a,\0\0\0\1b' "$(bad 4 'netstring' '\x00')" 'a|' \
    "a size of another framing is shown"
header='Content-Length: 1\r\n\r\n'
refuses lsp "${header}aContent-Length: 5\r\n\r\nabc" "$cut" 'a|' \
    "half a message is reported"
refuses lsp "${header}aContent-Le" "$cut" 'a|' "half a header is reported"
refuses lsp "Loading numpy\n${header}a" "$(bad 0 'lsp header' 'Loading numpy')" \
    'a|' "a stray line in front is reported, and the next message passes"
refuses lsp "${header}aWARNING: old\r\nit is\n\n${header}bmore\n${header}c" \
    "$(bad 22 'lsp header' 'WARNING: old')" 'a|b|c|' \
    "stray lines between messages are reported once"
refuses lsp "${header}a\r\n${header}b" "$(bad 22 'lsp header' '\r\n')" \
    'a|b|' "an empty line is not a header, and its end is shown"
refuses lsp "${header}aprompt> " "$(bad 22 'lsp header' 'prompt> ')" 'a|' \
    "a stray text at the end is reported"
refuses lsp "Content-Type: x\r\n\r\n${header}a" \
    "$(bad 0 'lsp header' 'Content-Type: x')" 'a|' \
    "a header without a length is not a header"
refuses lsp "Content-Length: one\r\n\r\n${header}a" \
    "$(bad 0 'lsp header' 'Content-Length: one')" 'a|' \
    "a header whose length is not a number is not a header"
long=$(printf %5000s '' | tr ' ' x)
refuses lsp "X: $long\r\n${header}a" \
    "$(bad 0 'lsp header' "X: $(echo "$long" | cut -c -61)")" 'a|' \
    "a stray line is shown up to 64 bytes"
refuses lsp "Content-Length: 1\r\nX: $long\r\n\r\na${header}b
${header}c" "$(bad 0 'lsp header' 'Content-Length: 1')" 'c|' \
    "a header of 5 KiB is too long"
printf 'Content-Length: 1\r\nX: %s\r\n\r\na' "$(echo "$long" | cut -c -4070)" \
    >bytes
limit 60 sockpair -W lsp cat bytes </dev/null >out 2>err
is "$rc $(cat out err) $(wc -c <bytes)" "0 a 4097" \
    "lsp: a header may have 4 KiB"
limit 60 sockpair -W lsp printf 'a\033[1mb\n' </dev/null 2>err
is "$(cat err)" "$(said "$(bad 0 'lsp header' 'a\e[1mb')")" \
    "stray bytes are shown escaped"
limit 60 sockpair -W u32 "$PEER" say:x exit:3 </dev/null >out 2>err
is "$rc $(cat out err)" "3 $(said "cannot read message 1: the command's output \
ended inside it")" "a command's own failure beats that 125"

# What follows is read and dropped: the command does not wait, nor get SIGPIPE.
limit 60 sockpair -W netstring "$PEER" say:x out:3000000 touch:written \
    </dev/null >out 2>err
is "$rc $(cat out) $(ls written)" "125  written" \
    "the output after stray bytes is read to its end"
# The end of an input that cannot be decoded any more is not waited for.
{ printf '1:a,x'; yes; } 2>/dev/null | {
	limit 60 sockpair -F netstring -W line cat 2>err >out
	echo "$rc" >status
}
is "$(cat status out err)" "125
1:a,$(said "byte 4 of standard input is no netstring: 'x'")" \
    "nothing is read from standard input after a malformed netstring"
# The next message comes only after the stray line has been reported.
rm -f err
limit 60 sockpair -W lsp sh -c 'echo Loading; read -r line
	printf "Content-Length: 2\r\n\r\nok"' <held >out 2>err &
relay=$!
exec 9>held
await test -s err
echo go >&9
exec 9>&-
wait $relay
is "$? $(cat out err)" "125 ok
$(said "$(bad 0 'lsp header' Loading)")" \
    "a stray line is reported at once, while the command runs"
rm held

frames netstring 'a\x0ab' 'c\x0ad' >in
limit 60 sockpair -F netstring -W line tee wire <in >out 2>err
is "$rc $(cat err)" "0 $(said "cannot keep message 1 whole: it contains the \
byte that ends one")" "that the wire splits messages is reported once"
is "$(cat out)" "1:a,1:b,1:c,1:d," "a message that is split loses no bytes"

# --- everything else is as for a stream ----------------------------------------

limit 60 sockpair -W u16 "$PEER" half-close cat-in <<! >out 2>err
abc
!
is "$rc $(cat out err)" "0 read 5 bytes" \
    "a command that half-closes still reads its input"
frames netstring late >wire
limit 60 sockpair -W netstring sh -c '(until [ -e over ]; do sleep 0.02; done
	cat wire) & : >over' </dev/null >out
is "$rc $(cat out)" "0 late" "the output of a process left behind is awaited"
# lingers WIRE BYTES STATUS OUT TEXT: the command leaves a process behind, and a
# part of a message.
lingers() {
	limit 60 sockpair -W "$1" --linger=0.1 sh -c "printf '$2'; sleep 60 &
		echo \$! >left" </dev/null >out 2>err
	kill "$(cat left)"
	is "$rc $(cat out err)" "$3 $4${5:+$(said "$5")}" \
	    "$1: --linger ends the output as its end does"
}
lingers netstring '3:abc,' 0 abc
lingers line 'a\nrest' 0 'a
rest'
lingers u32 '\0\0\0\5ab' 125 '' "cannot read message 1: the command's output \
ended inside it"
lingers lsp 'prompt> ' 125 '' "$(bad 0 'lsp header' 'prompt> ')"
limit 60 sockpair -W lsp "$PEER" exit:7 </dev/null
is "$rc" 7 "the command's status is passed through"
{ limit 60 sockpair -W lsp "$PEER" die:15 </dev/null; } 2>/dev/null
is "$rc" 143 "the command's signal is passed through"
yes | limit 60 sockpair -W lsp "$PEER" exit:5
is "$?" 5 "a command that does not read ends its run"
mkfifo reader
limit 60 sockpair -W line yes </dev/null >reader 2>err &
relay=$!
head -n 1 reader >out
wait $relay
status=$?
# Elsewhere the command may get only EPIPE, and print an error message.
{ [ "$LINUX_EXTRAS" = yes ] && has_proc; } || [ $status -ne 1 ] || status=141
is "$status $(cat out)" "141 y" \
    "a reader that leaves ends the command as in a pipeline"
limit 60 sockpair -W lsp -T 0.2s "$PEER" pause </dev/null >out 2>err
is "$rc" 124 "--timeout ends a silent command"
frames u32 '*200000' a >in
limit 60 sockpair -b 4096 -F u32 -W lsp cat <in >out
same out in "little room is enough"
limit 60 sockpair --pipes -F u32 -W lsp cat <in >out 2>err
cmp -s out in
is "$? $rc $(cat err)" "0 0 " "two pipes carry messages as well"
limit 60 sockpair --chunk=7 -W lsp cat <<! >out 2>err
hello
world
!
is "$rc $(cat out err)" "0 hello
world" "so do short reads"
limit 60 sockpair -d 3 -W netstring sh -c 'cat <&3 >wire; printf 2:ok, >&3' \
    <<! >out
a
!
is "$(cat wire out)" "1:a,ok" "and other descriptors"

# Descriptors stay with their messages, though much has come at once: the command
# stops us until it has.
: >b
cat >late <<'END'
kill -STOP $PPID
touch up
while [ ! -e sent ]; do sleep 0.01; done
kill -CONT $PPID
exec "$HAND" take:6 take:6 take:8
END
limit 60 sockpair -p 'sockpair -W netstring sh late 2>took
	echo $? >rc' "$HAND" wait:up 'say:one
' open:b 'pass:two
' 'say:three
' touch:sent half-close end 2>err
is "$(cat rc took err)" "0
took 6 3:one, +0
took 6 3:two, +1 b
took 8 5:three, +0" "a descriptor goes to the command with its message"
limit 60 sockpair -p 'sockpair -W netstring "$HAND" say:3:one, open:b \
	pass:3:two, say:5:three,; echo $? >rc' "$HAND" take:4 take:4 take:6 2>err
is "$(cat rc; tr -s '\n' ' ' <err)" "0
took 4 one +0 took 4 two +1 b took 6 three +0 " "and from it"

# --- traces and totals -------------------------------------------------------

frames line ab '' c >in
limit 60 sockpair -W netstring -v --time=none cat <in 2>err >out
grep '^[<>]' err >trace
is "$(grep '^>' trace)" "> message 2 B at 2, number 1
>   ab\\
> message 0 B at 7, number 2
> message 1 B at 10, number 3
>   c\\
> eof   end of standard input, command told" \
    "text: messages have numbers, and offsets in the stream"
is "$(grep '^<' trace)" "< message 2 B at 2, number 1
<   ab\\
< message 0 B at 7, number 2
< message 1 B at 10, number 3
<   c\\
< eof   end of the command's output, reader told" "text: both ways"
is "$(sed -n '1s/.*  //p' err)" \
    "(stream, netstring messages, fd 0,1; > to it, < from it)" \
    "text: the start shows the framing"
is "$(grep '^\* exit' err | sed 's/, [0-9.]* s$//')" \
    "* exit  status 0; > 12 B in 3, < 12 B in 3" \
    "text: the totals count the stream's bytes, and the messages"
limit 60 sockpair -W netstring -o trace.jsonl cat <in >out
is "$(grep '"message"' trace.jsonl | sed 's/"t":[0-9.]*,//' | sort)" \
    '{"from":"command","type":"message","number":1,"offset":2,"size":2,"text":"ab"}
{"from":"command","type":"message","number":2,"offset":7,"size":0,"text":""}
{"from":"command","type":"message","number":3,"offset":10,"size":1,"text":"c"}
{"from":"stdin","type":"message","number":1,"offset":2,"size":2,"text":"ab"}
{"from":"stdin","type":"message","number":2,"offset":7,"size":0,"text":""}
{"from":"stdin","type":"message","number":3,"offset":10,"size":1,"text":"c"}' \
    "json: the same"
is "$(grep -c '"socket":"stream","wire":"netstring"' trace.jsonl)" 1 \
    "json: the start has the framing"
limit 60 sockpair -W lsp -v --time=none printf \
    'Loading\nContent-Length: 1\n\na' </dev/null 2>err >out
is "$(grep '^<' err)" "< data  8 B at 0
<   Loading
< undelivered 8 B at 0
< message 1 B at 27, number 1
<   a\\
< eof   end of the command's output, reader told" \
    "text: stray bytes are shown, and that they were not delivered"
limit 60 sockpair -W u16 -v --time=none printf '\0\5abc' </dev/null 2>err >out
is "$(grep -v '^\*' err | grep -c '^< .*61 62 63') \
$(grep -c '^< undelivered 5 B at 0' err)" "1 1" \
    "text: a message that is cut off is shown as well"
if have tshark; then
	limit 60 sockpair -W netstring -o trace.pcapng tee wire <in >out
	for side in 50000 50001; do
		tshark -r trace.pcapng -Y "tcp.srcport==$side && tcp.len>0" \
		    -T fields -e tcp.payload 2>/dev/null | tr -d ':\n' |
		    perl -pe '$_ = pack "H*", $_' >bytes
		same bytes wire "pcapng: port $side has the stream as it was"
	done
	is "$(tshark -r trace.pcapng -Y 'tcp.analysis.flags || udp' \
	    2>/dev/null)" '' "pcapng: with nothing amiss"
else
	skip "pcapng: it has the stream as it was" "tshark is not installed"
fi
mkfifo unread
# shellcheck disable=SC2094 # so that opening it does not wait
limit 60 sockpair -W u16 --stats -T 0.3 \
    perl -e 'print pack("n/a*", "abc") while 1' 9<>unread >unread 2>err
is "$rc $(grep -c '^sockpair: standard output: .*, largest 3 B, ' err)" "124 1" \
    "what is never read is not one large message"
limit 60 sockpair -W netstring --stats cat <in 2>err >out
is "$(grep -c '12 B in 3 messages' err)" 2 \
    "--stats counts the stream's bytes, and the messages" || show err
done_testing
