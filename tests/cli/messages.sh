#!/bin/sh
# SPDX-License-Identifier: MIT
# Message sockets: every boundary kept, both ways, or said what was not.
# shellcheck disable=SC2317 # await calls what is defined just before it
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need perl timeout

# frames FRAMING MESSAGE...: print the messages in a framing.
frames() {
	perl "$TOP_SRCDIR/tests/frames.pl" "$@"
}

# slow.pl FIFO SIZE: copies it, the first SIZE bytes only by and by: each time that
# it is full.
cat >slow.pl <<'!'
my ($fifo, $size) = @ARGV;
alarm 100;
open my $in, '<', $fifo or die;
open my $room, '>', $fifo or die;
for (my $sum = 0; $sum < $size; ) {
	vec(my $slots = '', fileno $room, 1) = 1;
	if (select undef, $slots, undef, 0) {
		select undef, undef, undef, .001;
		next;
	}
	$sum += sysread $in, my $piece, 9001;
	print $piece;
}
close $room;
print $piece while sysread $in, $piece, 65536;
!

# said TEXT: what standard error must hold, and nothing else.
said() {
	printf 'sockpair: %s\n' "$1"
}

# The largest message here, and with buffers of 20000 bytes.
largest() {
	head -c 5000000 /dev/zero | sockpair -t seqpacket "$@" cat 2>&1 |
		sed -n 's/.*limit of //p'
}
# The largest that the system grants to who wants to send one of SIZE bytes.
cat >granted.pl <<'!'
use Socket;
my ($size) = @ARGV;
socketpair my $near, my $far, AF_UNIX, SOCK_SEQPACKET, 0 or die;
# Doubled, see socket(7).  SO_SNDBUFFORCE of Linux, for root.
my $wanted = pack 'i', ($size + 33) / 2;
setsockopt $near, SOL_SOCKET, 32, $wanted or
    setsockopt $near, SOL_SOCKET, SO_SNDBUF, $wanted;
my $got = unpack('i', getsockopt $near, SOL_SOCKET, SO_SNDBUF) - 32;
print $got < $size ? $got : $size;
!
limit=$(largest)
[ "$limit" -ge 200000 ]; ok "messages of 200000 bytes and more can be carried"
is "$limit" "$(perl granted.pl 1048576)" "1 MiB by default, no more"
is "$(largest --max-message=3000001)" "$(perl granted.pl 3000001)" \
    "--max-message has larger ones carried"
is "$(largest --max-message=64M)" "$(perl granted.pl 4263616)" \
    "those that the system can carry"
is "$(largest -b 20000 --max-message=3M)" $((20000 * 2 - 32)) \
    "--buffer wins over it"

for type in seqpacket dgram; do

# --- every framing, the same session ----------------------------------------

for framing in line null netstring u16 u16le u32 u32le lsp; do
	frames $framing '' a '' '' 'two words' '*300' '\x01\x80\xff' '*40000' \
	    '' >in
	limit 60 sockpair -t $type -F $framing "$POST" echo \
	    <in >out 2>err
	got="$rc $(cat err)"
	same in out "$type, $framing: what goes in comes out"
	is "$got" "0 " "$type, $framing: and all is well"
	limit 60 sockpair -t $type --framing=$framing "$POST" list:list \
	    <in >out 2>err
	is "$(head -n 5 list | tr '\n' '|')$(wc -l <list)" \
	    '0 |1 a|0 |0 |9 two words|9' "$type, $framing: so many messages"
	rm -f list
done
frames line '' b >in
limit 60 sockpair -t $type -l "$POST" echo <in >out
same in out "$type: -l is --framing=line"
frames null '' b >in
limit 60 sockpair -t $type -0 "$POST" echo <in >out
same in out "$type: -0 is --framing=null"
frames netstring 'a\x0ab' 'c\x00d' >in
limit 60 sockpair -t $type -l -F null --framing netstring "$POST" echo <in >out
same in out "$type: the last --framing holds"

for framing in line null; do
	{ frames $framing a ''; printf rest; } >in
	limit 60 sockpair -t $type -F $framing "$POST" list:list <in >out 2>err
	is "$rc $(cat err)$(tr '\n' '|' <list)" '0 1 a|0 |4 rest|' \
	    "$type, $framing: a last one that is not ended is a message"
done
limit 60 sockpair -t $type "$POST" list:list </dev/null
is "$rc $(cat list)" '0 ' "$type: an empty input is no message"

# --- empty messages and the end of file --------------------------------------

limit 60 sockpair -t $type -F u16 "$POST" say:a empty empty empty </dev/null \
    >out
frames u16 a '' '' '' >want
same want out "$type: empty messages before the exit are messages"
limit 60 sockpair -t $type -F u16 "$POST" empty empty empty end </dev/null \
    >out
is "$rc" 0 "$type: the command hears of the end of input"
frames u16 '' '' '' >want
same want out "$type: nothing but empty messages are messages"
mkfifo held
limit 60 sockpair -t $type -F u32 "$POST" empty say:x empty half-close end \
    <held >out &
relay=$!
exec 9>held
exec 9>&-
wait $relay
frames u32 '' x '' >want
same want out "$type: nor does a half-close behind them hide them"
rm held
limit 60 sockpair -t $type --no-shutdown -T 0.3s "$POST" take:2 end \
    </dev/null >out 2>err
is "$rc" 124 "$type: --no-shutdown hides the end of input"
frames line a b >in
limit 60 sockpair -t $type "$POST" wait:go list:list <in &
relay=$!
: >go
wait $relay
is "$(tr '\n' '|' <list)" '1 a|1 b|' \
    "$type: what was sent before the end is read after it"
rm -f go list

# --- sizes ------------------------------------------------------------------

for size in 0 1 2 255 256 2047 4095 4096 65535 65536 65537 100000 200000 \
    $((limit - 1)) "$limit"; do
	perl -e 'print pack("N", $ARGV[0]), map { chr(33 + $_ % 89) }
	    0 .. $ARGV[0] - 1' "$size" >in
	limit 60 sockpair -t $type -F u32 "$POST" echo <in >out 2>err
	got="$rc $(cat err)"
	cmp -s in out && [ "$got" = "0 " ] || echo "$size: $got"
done >odd
is "$(cat odd)" '' "$type: messages of all sizes up to the limit pass"
over=$((limit + 1))
frames u32 a "*$over" b >in
limit 60 sockpair -t $type -F u32 "$POST" echo <in >out 2>err
is "$rc $(cat err)" "125 $(said "cannot send message 2: its $over bytes \
are more than the limit of $limit")" "$type: one more byte is an error"
frames u32 a b >want
same want out "$type: those around it pass"

frames line a '*101' '*100' b >in
limit 60 sockpair -t $type --max-message=100 "$POST" echo <in >out 2>err
is "$rc $(cat err)" "125 $(said "cannot send message 2: its 101 bytes are \
more than the limit of 100")" "$type: --max-message limits the input"
frames line a '*100' b >want
same want out "$type: --max-message lets the others pass"
limit 60 sockpair -t $type --max-message=100 -F u16 \
    "$POST" say:a size:101 size:100 size:4000 say:b </dev/null >out 2>err
is "$rc $(cat err)" "125 $(said "cannot receive message 2: its 101 bytes are \
more than the limit of 100")
$(said "cannot receive message 4: its 4000 bytes are more than the limit \
of 100")" "$type: --max-message limits the output"
is "$(wc -c <out)" 108 "$type: and lets the others pass"
limit 60 sockpair -t $type -F u16le "$POST" say:a size:65535 size:65536 say:b \
    </dev/null >out 2>err
is "$rc $(cat err)" "125 $(said "cannot frame message 3: its 65536 bytes are \
more than the limit of 65535")" "$type: u16 tells no larger size than it can"
is "$(wc -c <out)" 65543 "$type: the others are told"
is "$(largest -b 10000)" $((10000 * 2 - 32)) \
    "$type: --buffer is a limit for messages"
over=$(perl granted.pl 3000001)
frames u32 a "*$over" b >in
limit 60 sockpair -t $type --max-message="$over" -F u32 "$POST" echo \
    <in >out 2>err
cmp -s in out
is "$? $rc $(cat err)" "0 0 " \
    "$type: larger ones pass both ways with --max-message"

# --- what cannot be understood -----------------------------------------------

# refuses FRAMING INPUT TEXT NAME: the input (as printf's) is an error, and the
# message before it passes.
refuses() {
	# shellcheck disable=SC2059 # its escapes are meant
	{ frames "$1" first; printf "$2"; } >in
	limit 60 sockpair -t $type -F "$1" "$POST" list:list <in 2>err
	is "$rc $(cat err) $(tr '\n' '|' <list)" \
	    "125 $(said "$3") 5 first|" "$type: $4"
}
cut='cannot read message 2: standard input ended inside it'
refuses u16 '\0' "$cut" "u16: half a size is an error"
refuses u16 '\0\05abc' "$cut" "u16: half a message is an error"
refuses u32 '\0\0\0\05abc' "$cut" "u32: half a message is an error"
refuses u32le '\05\0\0\0abcd' "$cut" "u32le: half a message is an error"
refuses netstring '5:abc' "$cut" "netstring: half a message is an error"
refuses netstring '5:abcde' "$cut" "netstring: so is a missing comma at the end"
refuses netstring '12' "$cut" "netstring: so is half a size"
refuses lsp 'Content-Length: 5\r\n' "$cut" "lsp: half a header is an error"
refuses lsp 'Content-Length: 5\r\n\r\nabc' "$cut" \
    "lsp: half a message is an error"
no='byte 8 of standard input is no netstring:'
refuses netstring '5:abcdefg,' "$no '5:abcdef'" \
    "netstring: a wrong comma is an error"
refuses netstring '5;abcde,' "$no '5;'" "netstring: a wrong colon is an error"
refuses netstring ' 5:abcde,' "$no ' '" "netstring: a blank is an error"
refuses netstring '05:abcde,' "$no '05'" \
    "netstring: a leading zero is an error"
refuses netstring '\0005:abcde,' "$no '\\x00'" \
    "netstring: a NUL is an error, and shown"
refuses lsp 'Loading\r\n' \
    "byte 26 of standard input is no lsp header: 'Loading'" \
    "lsp: what is no header is an error"
{ frames lsp a; printf 'x\ny\n'; frames lsp b; printf 'z\n'; } >in
limit 60 sockpair -t $type -F lsp "$POST" list:list <in 2>err
is "$rc $(cat err) $(tr '\n' '|' <list)" "125 $(said "byte 22 of standard \
input is no lsp header: 'x'") 1 a|1 b|" \
    "$type: lsp: it is told once, and the next message passes"

# Endless input behind it is not waited for.
{ printf '1:a,x'; yes; } 2>/dev/null | {
	limit 60 sockpair -t $type -F netstring "$POST" list:list 2>err
	echo "$rc" >status
}
is "$(cat status) $(cat err) $(cat list)" "125 $(said "byte 4 of standard input \
is no netstring: 'x'") 1 a" \
    "$type: nothing is read behind what cannot be understood"

printf '\377\377\377\377abc' >in
limit 60 sockpair -t $type -F u32 "$POST" list:list <in 2>err
is "$rc $(cat err) $(cat list)" "125 $(said "cannot send message 1: its \
4294967295 bytes are more than the limit of $limit") " \
    "$type: a length of 0xffffffff is an error, not memory"

limit 60 sockpair -t $type sh -c "printf 'a\\nb'; printf 'c\\nd'" \
    </dev/null >out 2>err
is "$rc $(cat err)" "0 $(said "cannot keep message 1 whole: it contains the \
byte that ends one")" "$type: a newline in a message is told of, once"
printf 'a\nb\nc\nd\n' >want
same want out "$type: and nothing of it is lost"
limit 60 sockpair -t $type -0 sh -c "printf 'a\\nb'; printf 'c\\0d'" \
    </dev/null >out 2>err
is "$rc $(cat err)" "0 $(said "cannot keep message 2 whole: it contains the \
byte that ends one")" "$type: so is a NUL with --null"

# --- raw --------------------------------------------------------------------

# One read is one message: each piece is written when the last has been answered.
mkfifo pieces
: >out		# what is awaited is not to be an older one's
limit 60 sockpair -t $type -F raw "$POST" echo <pieces >out &
relay=$!
exec 9>pieces
for piece in abc de fghi; do
	was=$(wc -c <out)
	printf %s "$piece" >&9
	grown() { [ "$(wc -c <out)" -gt "$was" ]; }
	await grown
done
exec 9>&-
wait $relay
is "$(cat out)" abcdefghi "$type, raw: bytes pass as they are"
rm pieces

# Between two message sockets every boundary is there without a framing.
frames u16 '' a bc '' '*60000' '' >in
limit 60 sockpair -t $type -F u16 sockpair -t $type -F raw "$POST" echo \
    <in >out 2>err
got="$rc $(cat err)"
same in out "$type, raw: boundaries are kept between message sockets"
is "$got" '0 ' "$type, raw: and all is well"

# --- many, and a slow reader -------------------------------------------------

seq 20000 >in
limit 100 sockpair -t $type "$POST" echo <in | cat >out
same in out "$type: 20000 messages each way, in order"
limit 100 sockpair -t $type "$POST" count:20000 </dev/null >out
same in out "$type: 20000 from a command that then exits"
limit 100 sockpair -t $type "$POST" list:list <in
is "$(sed 's/.* //' list | cmp - in && echo same)" same \
    "$type: 20000 to a command"

# A FIFO that is always full takes a part of a frame, and the rest later.
perl -e 'for my $i (1 .. 300) {
	my $size = $i * 37 % 9001;
	print pack("N", $size), map { chr(($i + $_ * 7) % 256) } 1 .. $size;
}' >in
mkfifo slow
perl slow.pl slow 700000 >out &
reader=$!
limit 100 sockpair -t $type -F u32 "$POST" echo <in >slow 2>err
wait $reader
same in out "$type: messages that a slow reader takes by parts come whole"
is "$rc $(cat err)" '0 ' "$type: and all is well"
rm slow

# --- what cannot pass ---------------------------------------------------------

# told: the "undelivered" lines of the trace "told", as one.
told() {
	sed -n 's/^\([<>]\) [0-9.]* undelivered /\1 /p' told | tr '\n' ';'
}

# The command stops us while it sends, so that all comes at once.
cat >at-once.sh <<'!'
kill -STOP $PPID
"$POST" say:a size:10 say:bcd size:7 say:ef
kill -CONT $PPID
!
limit 60 sockpair -t $type -F u16 -o told --max-message=4 sh at-once.sh \
    </dev/null >out 2>err
frames u16 a bcd ef >want
same want out "$type: two that are too large are left out of many"
is "$rc $(told) $(cat err)" "125 < 4 B at 1;< 4 B at 8; \
$(said "cannot receive message 2: its 10 bytes are more than the limit of 4")
$(said "cannot receive message 4: its 7 bytes are more than the limit of 4")" \
    "$type: and told of with their numbers and places"

# refused FAULT OPTION...: sockpair with this fault where it sends.
refused() {
	refused_fault=$1
	shift
	limit 60 strace -o trace -e inject=sendmsg,sendmmsg:error="$refused_fault" \
	    "$SOCKPAIR" -t $type -o told "$@"
}
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$type: what the system does not send" \
	    "not under another checker"
elif ! strace -o /dev/null true 2>/dev/null; then
	skip "$type: what the system does not send" "strace may not trace"
else
	frames line abc d ef >in
	refused EMSGSIZE:when=1 --stats "$POST" list:list <in 2>err
	is "$rc $(tr '\n' '|' <list) $(told) $(sed -n 1p err) $(sed -n \
	    's/.*input.* \([0-9]* B undelivered\).*/\1/p' err)" \
	    "125 1 d|2 ef| > 3 B at 0; $(said \
	    'cannot send message 1 of 3 bytes: Message too long') 3 B undelivered" \
	    "$type: one that the system does not send is told of, the others pass"
	frames u32 '*100000' b >in
	refused ENOBUFS:when=1 -F u32 "$POST" list:list <in 2>err
	is "$rc $(tr '\n' '|' <list) $(cat err)" \
	    "125 1 b| $(said \
	    'cannot send message 1 of 100000 bytes: No buffer space available')" \
	    "$type: a large one may have no room"
	frames line a b >in
	refused ENOBUFS:when=1..3 "$POST" list:list <in 2>err
	is "$rc $(tr '\n' '|' <list) $(cat err)" '0 1 a|1 b| ' \
	    "$type: a small one is tried again"

	# Of raw messages one is sent at a time, the second here is too large.
	frames u16 '' 12345 x y >in
	limit 60 sockpair -t seqpacket -F u16 strace -o trace \
	    -e inject=sendmsg,sendmmsg:error=EMSGSIZE:when=2 "$SOCKPAIR" \
	    -t $type -F raw --max-message=4 -o told "$POST" list:list \
	    <in 2>err
	is "$rc $(tr '\n' '|' <list) $(told) $(cat err)" "125 0 |1 y| \
> 5 B at 0;> 1 B at 5; \
$(said 'cannot send message 2: its 5 bytes are more than the limit of 4')
$(said 'cannot send message 3 of 1 bytes: Message too long')" \
	    "$type: raw ones are counted, the empty and the too large, too"
	for error in EMSGSIZE ENOBUFS; do
		# shellcheck disable=SC2016 # for the other shell
		limit 60 sockpair -t seqpacket -F u16 strace -o trace \
		    -e inject=sendmsg:error=$error:when=2 "$SOCKPAIR" \
		    -t $type -F raw -o told "$POST" say:a size:70000 say:b \
		    </dev/null >out 2>err
		frames u16 a b >want
		same want out "$type: $error: so is one to a message socket"
		is "$rc $(told) $(sed 's/:[^:]*$//' err)" "125 < 70000 B at 1; \
$(said 'cannot send message 2 of 70000 bytes')" "$type: $error: and told of"
	done
fi

# --- last words --------------------------------------------------------------

# The command sends and exits while we send to it: 1000 of 1000.
runs=1000
[ -z "${SOCKPAIR_WRAPPED:-}" ] || runs=40
run=0 heard=0
while [ $run -lt $runs ]; do
	run=$((run + 1))
	got=$(yes 2>/dev/null | sockpair -t $type "$POST" take:3 say:last empty \
	    say:words 2>&1; echo $?)
	[ "$got" = "last

words
0" ] && heard=$((heard + 1))
done
is $heard $runs \
    "$type: the last words of a command that we send to arrive, and no other"

# The same with us stopped while it dies, so that all comes at once.
cat >stopping.sh <<'!'
"$POST" take:3
kill -STOP $PPID
"$POST" say:last empty say:words
# Who continues us holds nothing, and waits until the shell has exited, too.
(
	while grep -q '^State:.*([^z]' /proc/$$/status; do sleep 0.01; done
	kill -CONT $PPID
) </dev/null >/dev/null 2>&1 &
!
run=0 heard=0
while [ $run -lt 5 ]; do
	run=$((run + 1))
	got=$(yes 2>/dev/null | limit 60 sockpair -t $type sh stopping.sh 2>&1
	    echo $?)
	[ "$got" = "last

words
0" ] && heard=$((heard + 1))
done
is $heard 5 "$type: so do those that come at once with the exit"

# qemu's user mode knows one of the two time stamps by which we tell an empty
# message from the end; other systems may know none.
name="an empty message is not the end where no time stamps are to be had"
if [ $type != seqpacket ]; then
	:
elif [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "not under another checker"
elif ! strace -o /dev/null true 2>/dev/null; then
	skip "$name" "strace may not trace"
else
	printf '%s\n' a '' '' b >empty.lines
	strace -o calls -e trace=setsockopt "$SOCKPAIR" -t $type true </dev/null
	mark=$(grep -n SO_TIMESTAMP calls | head -n 1 | cut -d : -f 1)
	for when in "$mark" "$mark..$((mark + 1))"; do
		for steps in echo 'say:a empty empty say:b'; do
			# shellcheck disable=SC2086 # steps are words
			limit 60 strace -o calls \
			    -e "inject=setsockopt:error=ENOPROTOOPT:when=$when" \
			    "$SOCKPAIR" -t $type "$POST" $steps <empty.lines \
			    >out 2>err
			is "$rc $(cat out err)" "0 $(cat empty.lines)" \
			    "$name ($when: $steps)"
		done
	done
fi

# --- either side leaves ------------------------------------------------------

got=$({ limit 60 sockpair -t $type "$POST" flood </dev/null 2>err
    echo "$rc" >status; } | head -n 1 | cut -c 1-3)
if [ "$LINUX_EXTRAS" = yes ] && [ -z "${SOCKPAIR_WRAPPED:-}" ]; then
	is "$got $(cat status err)" 'fff 0' \
	    "$type: a command that is held up hears that the reader has left"
fi
{ limit 60 sockpair -t $type "$POST" count:1000000 </dev/null 2>err
    echo "$rc" >status; } | head -n 1 >out
is "$(cat out)" 1 "$type: a reader may leave"
name="$type: the command dies of SIGPIPE then"
if [ "$LINUX_EXTRAS" != yes ]; then
	elsewhere "$name" "built without what only Linux has"
elif [ "$(long_bits)" = 32 ]; then
	skip "$name" "its send(2) may be a socketcall(2), which tells nothing"
elif sees "$name"; then
	is "$(cat status err)" 141 "$name"
fi

# The producer hears that nobody reads, and the output goes on.  (Once the queue
# is full nobody would: unix(7) tells a poll for room nothing of it.)
{ echo a; await [ -e stopped ]; yes; : >producer; } 2>/dev/null |
    sockpair -t $type "$POST" take:1 stop-reading touch:stopped \
    wait:producer say:after >out 2>err
is "$? $(cat out err)" '0 after' \
    "$type: a command that stops reading can go on to speak"
rm -f producer stopped
for how in exit:0 exit:7 die:15; do
	yes 2>/dev/null | {
		limit 60 sockpair -t $type "$POST" take:5 $how >out 2>err
		# A shell may tell there of a command that was killed.
		{ echo "$rc"; cat out; grep ^sockpair err; } >>statuses
	}
done
is "$(tr '\n' ' ' <statuses)" '0 7 143 ' \
    "$type: its exit or death is ours though we send to it"
rm statuses

# --- others hold its end -----------------------------------------------------

: >out
limit 60 sockpair -t $type --linger=10s "$POST" fork orphan quietly:late \
    </dev/null >out 2>err &
relay=$!
heard() { grep -q late out; }
await heard && [ ! -s err ]
ok "$type: with --linger a process that outlives the command is heard"
kill $relay 2>/dev/null
wait $relay 2>/dev/null
limit 60 sockpair -t $type --linger=0.1s "$POST" say:a fork wait:released \
    </dev/null >out 2>err
is "$rc $(cat out err)" '0 a' "$type: --linger bounds the wait for it"
: >released

# --- descriptors that nobody asked for ---------------------------------------

: >out
# shellcheck disable=SC2016 # for the other shell
limit 60 sockpair -t $type -F raw sh -c 'echo $PPID >us; exec "$@"' sh \
    "$POST" attach:50 attach:253 empty wait:counted </dev/null >out 2>err &
relay=$!
both() { [ "$(wc -c <out)" -ge 2 ]; }
await both
if [ -z "${SOCKPAIR_WRAPPED:-}" ] && [ -d /proc/self/fd ]; then
	got=$(find "/proc/$(cat us)/fd" -type l | wc -l)
	[ "$got" -lt 12 ]
	ok "$type: descriptors that come with messages are not kept ($got)"
fi
: >counted
wait $relay
is "$? $(cat out err)" "125 @@$(said "cannot pass on descriptors: standard \
output is not a unix socket")" "$type: and what they came with passes"
rm counted

done

# --- SEQPACKET ends like a stream --------------------------------------------

limit 60 sockpair -t seqpacket "$POST" say:a fork orphan quietly:late \
    </dev/null >out 2>err
is "$rc $(cat out err)" "0 a
late" "seqpacket: without --linger others are waited for"
limit 60 sockpair -t dgram "$POST" say:a fork wait:over </dev/null >out 2>err
is "$rc $(cat out err)" '0 a' \
    "dgram: without --linger the output ends with the command"
: >over

# --- types -------------------------------------------------------------------

frames u16 a '' b >in
limit 60 sockpair --type=raw -F u16 "$POST" echo <in >out
same in out "raw, which the kernel makes dgram, works as that"
limit 60 sockpair --style=5 -F u16 "$POST" echo <in >out
same in out "a type may be a number"
for option in -l -0 -Fu16 --framing=line --max-message=5; do
	name=${option%=*}
	case $name in -l) name=--lines ;; -0) name=--null ;; -F*) name=--framing ;;
	esac
	status sockpair $option touch ran </dev/null 2>err
	is "$rc $(cat err) $(ls ran 2>/dev/null)" \
	    "125 $(said "$name: needs --type=seqpacket, --type=dgram or --wire") " \
	    "$option has no meaning for a stream"
done

# --- a stream from a message socket ------------------------------------------

frames u16 abc '' def >in
limit 60 sockpair -t seqpacket -F u16 sockpair tr a-z A-Z <in >out 2>err
is "$(tr -d '\0\3\6' <out)" ABCDEF \
    "a stream takes what a message socket as its input brings"
if [ "$limit" -ge 100000 ]; then
	frames u32 '*100000' >in
	limit 60 sockpair -t seqpacket -F u32 sockpair cat <in >out 2>err
	is "$rc $(cat err)" "125 $(said \
	    'cannot read standard input: Message too long')" \
	    "one that it cannot take whole is an error"
fi

# Its messages are marked while we look for its end, which all who have it share.
cat >marks.pl <<'!'
use Socket;
use strict;
socketpair my $near, my $far, AF_UNIX, SOCK_SEQPACKET, 0 or die;
# SO_TIMESTAMP and SO_TIMESTAMPNS of Linux.
sub marks {
	join ' ', map { unpack 'i', getsockopt $far, SOL_SOCKET, $_ } 29, 35
}
my $before = marks();
my $pid = fork;
if ($pid == 0) {
	open STDIN, '<&', $far or die;
	exec @ARGV or die;
}
send $near, "a\n", 0 or die;
shutdown $near, 1;
waitpid $pid, 0;
print marks() eq $before ? "as before" : "marked", "\n";
!
for type in stream seqpacket; do
	is "$(limit 60 perl marks.pl sockpair -t $type cat)" "a
as before" "an inherited message socket is left without marks, to a $type"
done

# What cannot be read ends the input; what came before it is sent.
if [ -n "${SOCKPAIR_WRAPPED:-}" ] || [ "$LINUX_EXTRAS" != yes ]; then
	elsewhere "a read error ends the input" "not with this build or checker"
elif ! strace -o /dev/null true 2>/dev/null; then
	skip "a read error ends the input" "strace may not trace"
else
	printf 'one\nhalf' | {
		limit 60 strace -o trace -e inject=preadv2:error=EIO:when=2 \
		    "$SOCKPAIR" -t seqpacket "$POST" list:list 2>err
		echo "$rc" >status
	}
	is "$(cat status err) $(tr '\n' '|' <list)" "125
$(said 'cannot read standard input: Input/output error') 3 one|4 half|" \
	    "a read error ends the input, whose last line is a message"
fi

# --- memory ------------------------------------------------------------------

# shellcheck disable=SC3045 # where there is no ulimit -v it is left out
# limited KIBIBYTES OPTION...: run it with so much address space.
limited() {
	limited_size=$1
	shift
	(ulimit -v "$limited_size" && limit 60 sockpair -t seqpacket "$@") \
	    2>err >out
	rc=$?
}
# shellcheck disable=SC3045
if [ -z "${SOCKPAIR_WRAPPED:-}" ] && (ulimit -v 100000) 2>/dev/null; then
	frames u32 a b >in
	printf '\377\377\377\377' >>in
	limited 60000 -F u32 "$POST" take:2 say:both <in
	is "$(tr -d '\0\4' <out) $(cat err)" "both $(said "cannot send message \
3: its 4294967295 bytes are more than the limit of $limit")" \
	    "little memory is enough, whatever an input announces"
	limited 8000 --max-message=4M touch ran </dev/null
	is "$rc $(cat err) $(ls ran 2>/dev/null)" \
	    "125 $(said 'cannot allocate buffers: Cannot allocate memory') " \
	    "memory that cannot be had is an error before the command starts"
else
	elsewhere "little memory is enough" "not under another checker"
fi
done_testing
