#!/bin/sh
# SPDX-License-Identifier: MIT
# --pipes: what the command gets, and how two pipes differ from a socket.  What
# is the same is tested by the scripts whose names end with -pipes.sh.
# shellcheck disable=SC2016 # what is in single quotes is for another shell, or perl
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout mkfifo perl
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
mkfifo silent
sleep 1000 <>silent >/dev/null 2>&1 &
silencer=$!
echo some input >data

# --- what it gets ------------------------------------------------------------

"$PEER" fds <data >direct 2>err
sed '/^[012] /d' direct >beyond
[ -s beyond ] || echo 'no such line' >beyond

# has LETTERS OPTION...: the descriptors of a command that is run with --pipes
# and the options, without what was open beyond 2 before, when those of "i",
# "o" and "e" were closed on entry.  The command writes the list to 9.
has() {
	has_letters=$1
	shift
	(
		case $has_letters in *i*) exec <&- ;; *) exec <data ;; esac
		case $has_letters in *o*) exec >&- ;; *) exec >out ;; esac
		case $has_letters in *e*) exec 2>&- ;; *) exec 2>err ;; esac
		exec timeout -s KILL 60 "$SOCKPAIR" --pipes "$@" \
			"$PEER" use:9 fds 9>fds.out
	) || echo "status $?;"
	grep -vxF -f beyond fds.out | tr '\n' ';'
}

if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "the command's descriptors" "a wrapper may open more"
else
	list='9 file write;'
	is "$(has '')" "0 pipe read;1 pipe write;2 file write;$list" \
	    "0 reads, 1 writes, both block, and nothing else is there"
	is "$(has '' --fd=1,0)" "0 pipe write;1 pipe read;2 file write;$list" \
	    "the first number of --fd reads, the second writes"
	is "$(has '' --fd=7,5)" "0 null read;1 file write;2 file write;\
5 pipe write;7 pipe read;$list" \
	    "where 0 and 1 are not chosen they are as with a pair"
	is "$(has '' --fd=2,1)" "0 null read;1 pipe write;2 pipe read;$list" \
	    "standard error may be one of them"
	wrong=
	for first in 3 4 5 6 7 8 10 11 12 13 14; do
		for second in $((first + 1)) $((first + 2)); do
			[ $second -ne 9 ] || continue
			got=$(has '' "--fd=$second,$first" | tr ';' '\n' |
			    grep pipe | tr '\n' ';')
			[ "$got" = \
			    "$first pipe write;$second pipe read;" ] ||
			    wrong="$wrong $second,$first: $got"
		done
	done
	is "$wrong" '' "they may have any numbers that we use ourselves"
	wrong=
	for letters in i o e io ie oe ioe; do
		case $letters in *e*) error= ;; *) error='2 file write;' ;; esac
		got=$(has $letters)
		[ "$got" = "0 pipe read;1 pipe write;$error$list" ] ||
		    wrong="$wrong without $letters: $got"
	done
	is "$wrong" '' "so they do where any of 0 to 2 was closed on entry"

	# limited N COMMAND...: with at most N descriptors.
	limited() {
		limit 60 sh -c 'ulimit -n "$1" && shift && exec "$@"' \
		    limited "$@"
	}
	limited 1024 sockpair --pipes -d 1022,1023 \
	    sh -c 'exec perl -e "open I, q(<&=1022); open O, q(>&=1023);
		print O <I>"' <data >out 2>err
	is "$rc $(cat out err)" "0 some input" \
	    "they may be the highest that the limit allows"
	rm -f started
	limited 64 sockpair --pipes -d 64,5 "$PEER" touch:started \
	    <data >out 2>err
	[ ! -e started ]
	is "$? $rc $(cat out err)" "0 125 sockpair: --fd: '64' is not a file \
descriptor below the limit of 64" "a higher one is refused"
	odd='' worked='' refused=
	for number in 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18; do
		rm -f out
		limited $number sockpair --pipes cat <data >out 2>err
		case "$rc $(wc -l <err | tr -d ' ') $(cat err)" in
		"0 0 ") cmp -s data out && worked=$number && continue ;;
		"125 1 sockpair: cannot create pipes: Too many open files")
			refused=yes
			[ ! -s out ] && continue ;;
		"125 1 sockpair: cannot "*) [ ! -s out ] && continue ;;
		"127 1 sockpair: error while loading shared libraries"*)
			continue ;;
		esac
		odd="$odd $number: $rc $(cat err)"
	done
	is "$odd" '' "with few descriptors they work, or one line says why not"
	is "$refused $worked" "yes 18" "which is that pipes cannot be created"
fi

got=$(limit 60 sockpair --pipes -d 7,5 -E TO -E SAME \
    sh -c 'echo "$TO $SAME" >&5' </dev/null)
is "$got" "7 7" "-E names the first"

# --- what is better than with a socket ---------------------------------------

name="the command can open /dev/stdin and /dev/stdout"
if [ -e /dev/stdin ]; then
	limit 60 sockpair --pipes sh -c 'cat /dev/stdin >/dev/stdout' \
	    <data >out 2>err
	is "$rc $(cat out err)" "0 some input" "$name"
else
	skip "$name" "no /dev/stdin"
fi

# With one socket on both, its output would be non-blocking as well.
name="a command that makes its input non-blocking loses no output"
if sees "$name"; then
	limit 60 sockpair --pipes "$PEER" nonblock:0 pid:full.pid out:1000000 \
	    </dev/null | {
		await test -s full.pid && await all_asleep "$(cat full.pid)"
		"$PEER" check:1000000
	}
	ok "$name"
fi

cat >talks.js <<'!'
process.stdin.resume();
process.stdout.write('x'.repeat(1 << 20), () => process.exit(3));
!
name="node says 1 MiB to the end"
if have node; then
	echo word | limit 60 sockpair --pipes node talks.js 2>err |
	    { "$PEER" read:1000; wc -c; } >out
	is "$(tr -d ' ' <out) $(cat err)" "$((1048576 - 1000)) " "$name"
else
	skip "$name" "node is not installed"
fi

cat >prints.py <<'!'
import asyncio, sys
async def main():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        sys.stdout.write(line.decode() * 1000)
        sys.stdout.flush()
asyncio.run(main())
!
name="asyncio that reads its standard input can print as usual"
if python3 -c 'import asyncio' 2>/dev/null; then
	perl -e 'print "x" x 999, "\n" for 1 .. 3' |
	    limit 60 sockpair --pipes python3 prints.py 2>err |
	    { "$PEER" read:1000; wc -c; } >out
	is "$(tr -d ' ' <out) $(cat err)" "2999000 " "$name"
else
	skip "$name" "python3 is not installed, or does not run here"
fi

# Even one that the command has started, which a socket's end gives no signal.
{ limit 60 sockpair --pipes sh -c 'yes; echo $? >yes.rc' 2>err
echo "$rc" >status; } </dev/null | head -n 1 >out
is "$(cat yes.rc out status err)" "141
y
0" "whoever writes when the consumer has left dies of SIGPIPE"

# --- a process that keeps only one of them -----------------------------------

limit 60 sockpair --pipes "$PEER" fork close:1 pid:daemon.pid wait:end cat-in \
    parent wait:daemon.pid say:started exit:5 <silent >out 2>err
is "$rc $(cat out)" "5 started" \
    "one that keeps only the input does not hold the output"
: >end
await test -s err
is "$(cat err)" "read 0 bytes" "it reads end of file once we have ended"

rm -f over
{ limit 60 sockpair --pipes "$PEER" fork close:0 wait:over say:late parent \
    close:0 say:early exit:6
echo "$rc" >status; } <silent | {
	read -r line
	: >over
	echo "$line"
	cat
} >out
is "$(cat status out)" "6
early
late" "one that keeps only the output goes on being heard"

limit 60 sockpair --pipes --linger=0.2s "$PEER" fork close:0 pid:held.pid \
    pause parent wait:held.pid say:here exit:2 <silent >out
is "$rc $(cat out)" "2 here" "--linger bounds that"
kill "$(cat held.pid)"

# A process that has half-closed a socket misses it, too.  (With a trace, since
# the kernel moves only what there is room for.)
for option in --pipes --time=rel; do
	name="input that such a process no longer gets is an error ($option)"
	sees "$name" || continue
	rm -f producer.pid command.pid stuck go gone
	"$PEER" pid:producer.pid out:1000000 2>/dev/null |
	    limit 60 sockpair -o trace $option sh -c '
		"$PEER" fork half-close wait:go cat-in touch:gone parent exit:0
		exec "$PEER" pid:command.pid wait:stuck exit:0' 2>err &
	stuck_pid=$!
	await test -s producer.pid && await test -s command.pid
	await all_asleep "$(cat producer.pid)" "$(parent_of command.pid)"
	: >stuck
	wait $stuck_pid
	is "$? $(sed "s/the command's [a-z]*/X/; s/; [1-9][0-9]* B/; N B/" err)" \
	    "125 sockpair: cannot write X: the command has ended; N B undelivered" \
	    "$name"
	: >go
	await test -e gone
done

# --- each direction ends by itself -------------------------------------------

# An idle producer, which poll(2) tells of the end.
cat >told.pl <<'!'
use IO::Poll 'POLLERR';
alarm 60;
select undef, undef, undef, 0.01 until -e 'closed';
my $poll = IO::Poll->new;
$poll->mask(*STDOUT => POLLERR);
$poll->poll(-1);
open my $told, '>', 'told' or die;
!
rm -f closed told
# Nobody else may hold these pipes, as timeout(1) would: hence no limit.
perl told.pl | sockpair --pipes "$PEER" close:0 touch:closed wait:told \
    say:bye exit:4 >out
is "$? $(cat out)" "4 bye" \
    "an idle producer is told that the command has closed its input"
rm -f ended
sockpair --pipes "$PEER" close:1 wait:ended cat-in <data 2>err |
    { cat; : >ended; }
await test -s err
is "$(cat err)" "read 11 bytes" \
    "a command that closes its output ends it, and can read on"
{ limit 60 sockpair --pipes -k 0.1s "$PEER" say:word pause 2>err
echo "$rc" >status; } </dev/null | "$PEER" read:5
is "$(cat status)" 143 \
    "a consumer that leaves a command idle is noticed by --kill-after"
limit 60 sockpair --pipes sh -c 'sockpair --half-close=1 2>&1; echo $?' \
    </dev/null >out
is "$(sed 's/.*: //' out | tr '\n' ' ')" "Socket operation on non-socket 125 " \
    "--half-close is for sockets only"

# --- what is shown of it -----------------------------------------------------

limit 60 sockpair --pipes -d 7,5 -v -o trace.jsonl -o trace.pcapng --stats \
    sh -c 'read -r word <&7; echo "$word" >&5' <data >out 2>err
is "$(grep -c '^\* 0.000000 start .*  (pipes, fd 7,5; ' err) \
$(grep -c '"type":"start".*"socket":"pipes"' trace.jsonl) \
$(grep -ac '(pipes, fd 7,5' trace.pcapng)" "1 1 1" \
    "the first record of a trace says that it is pipes"
is "$(grep -c '^sockpair: .*11 B' err)" 2 "--stats counts as with a pair"

rm -f rc
limit 60 sockpair -p 'sockpair --pipes cat >out 2>err; echo $? >rc' \
    "$HAND" open:data pass:word half-close
is "$(cat rc out err)" "125
wordsockpair: cannot pass on descriptors: the command's pipe is not a unix \
socket" "descriptors that come to standard input are lost, and that is told"

kill "$silencer"
wait
done_testing
