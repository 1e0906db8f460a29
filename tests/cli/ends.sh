#!/bin/sh
# SPDX-License-Identifier: MIT
# How things end: who stops reading, who leaves, who stays.
# shellcheck disable=SC2217 # sleep is to hold, not to read
# shellcheck disable=SC2016 # what is in single quotes is for another shell
# shellcheck disable=SC2317 # await calls what is defined just before it
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout mkfifo perl
mkfifo silent
sleep 1000 <>silent >/dev/null 2>&1 &
silencer=$!

# --- the command stops reading -----------------------------------------------

# A producer that goes on for ever must hear of it: as in a pipeline.
mkfifo pipe
{ (echo line; await test -e deaf; exec yes) >pipe; echo $? >yes.rc; } &
producer=$!
# In the background: dash holds a command's redirections for itself too.
sockpair "$PEER" read:5 stop-reading touch:deaf wait:yes.rc say:bye exit:4 \
	<pipe >out &
wait $!
is "$? $(cat out)" "4 bye" \
	"a command that stops reading is heard to the end all the same"
wait "$producer"
is "$(cat yes.rc)" 141 "and the producer gets SIGPIPE meanwhile"

# held_up FULL: once the command has made the file up, fill the pipe until
# nobody has made room for a while, make the file FULL, and go on, held up, for
# ever.
held_up() {
	FULL=$1 perl -MFcntl -e 'my ($full, $none) = ("x" x 4095 . "\n", 0);
		my $flags = fcntl(STDOUT, F_GETFL, 0);
		fcntl(STDOUT, F_SETFL, $flags | O_NONBLOCK);
		select(undef, undef, undef, 0.01) until -e "up";
		while ($none < 30) {
			$none = defined syswrite(STDOUT, $full) ? 0 : $none + 1;
			select(undef, undef, undef, 0.01) if $none > 0;
		}
		fcntl(STDOUT, F_SETFL, $flags);
		open(my $file, ">", $ENV{FULL});
		1 while defined syswrite(STDOUT, $full);'
}

# With the queue full, poll(2) tells nothing of it.
for options in '' '-o trace' '-t seqpacket'; do
	can_have "$options" || continue
	rm -f up full held.rc
	{ held_up full; echo $? >held.rc; } >pipe &
	producer=$!
	# shellcheck disable=SC2086 # options are words
	sockpair $options "$PEER" touch:up wait:full stop-reading \
		wait:held.rc exit:4 <pipe >out &
	wait $!
	rc=$?
	wait "$producer" # held.rc exists a moment before it has its line
	is "$rc $(cat held.rc)" "4 141" \
		"a producer held up by a full queue hears of it ($options)"
done

# So does the exit tell us.
rm -f up full
held_up full | limit 60 sockpair "$PEER" touch:up wait:full stop-reading exit:3
is "$?" 3 "a full socket whose reader has stopped does not keep us"

"$PEER" out:1000000 2>/dev/null |
	limit 60 sockpair "$PEER" close:0 close:1 exit:5 2>err
is "$? $(cat err)" "5 " "a command that closes its socket is no error"

# Our bytes unread when it exits: the kernel says ECONNRESET, to be ignored.
"$PEER" out:1000000 2>/dev/null |
	{ limit 60 sockpair "$PEER" out:150000 exit:7; echo $rc >status; } |
	"$PEER" check:150000
is "$? $(cat status)" "0 7" "an answer comes although the input was not read"

# --- the command exits ---------------------------------------------------------

# The reader takes the rest only after the command has ended.
{ limit 60 sockpair sh -c '"$PEER" out:150000; : >ended; exit 7'
	echo $rc >status; } | { await test -e ended; "$PEER" check:150000; }
is "$? $(cat status)" "0 7" "what is on its way at the exit arrives"
{ limit 60 sockpair "$PEER" out:5000000 exit:7; echo $rc >status; } |
	{ "$PEER" read:100000 cat-in 2>rest; }
is "$(cat rest) $(cat status)" "read 4900000 bytes 7" \
	"so do five megabytes and the status"

limit 60 sockpair true <silent
is "$rc" 0 "a silent standard input does not keep us"
yes 2>/dev/null | limit 60 sockpair true
is "$?" 0 "an endless standard input does not keep us"
limit 60 sockpair true </dev/zero
is "$rc" 0 "an endless device does not keep us"

# --- the consumer leaves ----------------------------------------------------------

# As every event loop does it: write without blocking, and wait for room.
cat >event-loop.pl <<'!'
use strict;
use Errno qw(EAGAIN ECONNRESET EPIPE);
use Fcntl;
$SIG{PIPE} = 'IGNORE';
fcntl STDOUT, F_SETFL, O_RDWR | O_NONBLOCK or die;
for (;;) {
	next if defined syswrite STDOUT, 'x' x 4096;
	# A message socket says either, where there is no relay.
	exit 9 if $! == EPIPE || $! == ECONNRESET;
	die "write: $!" if $! != EAGAIN;
	my $room = '';
	vec($room, fileno STDOUT, 1) = 1;
	select undef, $room, undef, undef;
}
!
for options in '' '-t seqpacket' '-t dgram' '-v'; do
	can_have "$options" || continue
	for input in silent /dev/zero; do
		# shellcheck disable=SC2086 # options are words
		{ limit 60 sockpair $options perl event-loop.pl \
		    <$input 2>err
		echo "$rc" >status; } | head -c 1 >out
		is "$(cat status)" 9 "who waits for room in poll(2) hears that \
the reader has left ($options, input $input)"
	done
done
# Between two commands; with a trace there is a relay between them.
for options in '-t stream' '-t seqpacket' '-t dgram' '-t stream -o trace' \
    '-t seqpacket -o trace' '-t dgram -o trace'; do
	can_have -p || continue
	# shellcheck disable=SC2086 # options are words
	limit 60 sockpair $options -p 'head -c 1 >out' perl event-loop.pl \
	    </dev/null 2>err
	is "$rc" 9 "so does one of two commands ($options)"
done

# On a socket the reader is also the writer of our input, and leaves a part of
# the answer unread.
cat >leave.pl <<'!'
use strict;
use Socket;
my $type = shift @ARGV eq 'seqpacket' ? SOCK_SEQPACKET : SOCK_STREAM;
socketpair(my $ours, my $other, AF_UNIX, $type, 0) or die;
my $pid = fork // die;
if ($pid == 0) {
	open STDIN, '<&', $other or die;
	open STDOUT, '>&', $other or die;
	close $_ for $ours, $other;
	exec @ARGV or die;
}
close $other;
my $room = '';
vec($room, fileno $ours, 1) = 1;
select $room, undef, undef, undef;
close $ours;
waitpid $pid, 0;
exit($? & 127 ? 128 + ($? & 127) : $? >> 8);
!
for options in '' '-o trace' '-t seqpacket -F raw'; do
	can_have "$options" || continue
	case $options in *seqpacket*) type=seqpacket ;; *) type=stream ;; esac
	# shellcheck disable=SC2086 # options are words
	limit 60 perl leave.pl $type "$SOCKPAIR" $options \
	    sh -c 'echo answer; cat; exit 3' 2>err
	is "$rc $(cat err)" "3 " \
	    "a socket whose reader has left is an input that has ended ($options)"
	# shellcheck disable=SC2086 # options are words
	limit 60 perl leave.pl $type "$SOCKPAIR" $options \
	    sh -c 'echo answer; cat' 2>err
	is "$rc $(cat err)" "0 " "which is no error of ours ($options)"
done

# status_of COMMAND...: of sockpair COMMAND with a reader that takes a line.
status_of() {
	{ limit 60 sockpair "$@" 2>err; echo $rc >status; } | head -n 1 >/dev/null
	cat err >>status
	tr '\n' ' ' <status
}

name="yes dies of SIGPIPE in silence, 40 times of 40"
if [ "$LINUX_EXTRAS" != yes ]; then
	elsewhere "$name" "built without what only Linux has"
elif sees "$name"; then
	turn=0 odd=
	while [ $turn -lt 40 ]; do
		turn=$((turn + 1))
		got=$(status_of yes)
		[ "$got" = "141 " ] || odd="$odd $got"
	done
	is "$odd" "" "$name"
fi
# It is asleep in a write, but not in one to its end.
other_socket() {
	rm -f filled.pid
	limit 60 sockpair -p 'exec "$PEER" wait:read.it cat-in' -d 7 sh -c '
		{ sockpair "$PEER" say:line pid:filled.pid use:7 out:5000000 \
		    exit:4 2>err
		echo $? >status; } | {
			read -r line
			"$PEER" wait:left
		}
		cat err >>status' >out 2>second.err &
	await test -s filled.pid && await in_write "$(cat filled.pid)" 7
	relay=$(parent_of filled.pid)
	: >left
	await is_null "$relay"
	: >read.it
	wait $!
	cat status
}
in_write() {
	read -r in_write_call in_write_fd _ <"/proc/$1/syscall" &&
	    [ "$in_write_call $in_write_fd" = "1 0x$2" ]
}
is_null() {
	[ "$(readlink "/proc/$1/fd/1")" = /dev/null ]
}
name="who sleeps in a write to another socket gets no SIGPIPE"
if ! can_have -p; then
	elsewhere "$name" "the kernel sends it to a writer of a pipe"
elif [ "$(uname -m)" != x86_64 ] ||
    [ "$(long_bits)" = 32 ] || ! (: </proc/self/syscall) 2>/dev/null; then
	skip "$name" "no /proc/PID/syscall, or another system call for write(2)"
elif [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "not under another checker"
else
	is "$(other_socket)" 4 "$name"
fi
is "$(status_of sh -c 'trap "" PIPE; yes 2>/dev/null; exit 3')" "3 " \
	"a command that ignores SIGPIPE goes on and gives its own status"

# Noticed while idle: the command writes only after the trace has said so.
mkfifo reader
rm -f left
{
	sockpair --events=gone -o gone.jsonl "$PEER" say:hello wait:left \
		out:1000000 2>err
	echo $? >status
} <silent >reader &
relay=$!
head -n 1 <reader >/dev/null
await grep -q '"gone"' gone.jsonl
: >left
wait "$relay"
is "$(cat status)" 141 "a consumer that left is noticed"

{ sockpair "$PEER" pid:idle.pid pause 2>err; echo $? >idle.status; } <silent |
	{ await test -s idle.pid; : >left.too; } &
await test -e left.too
# The consumer leaves now; the command does not care, and is ended as usual.
kill "$(cat idle.pid)"
await test -s idle.status
is "$(cat idle.status)" 143 "a consumer that leaves an idle command harms nobody"

# Input goes on to the command whose consumer has gone.
{ await test -e unheard; echo still; } |
	{ sockpair "$PEER" say:hello wait:unheard cat-in 2>heard.in; \
		echo $? >status; } | { head -n 1 >/dev/null; : >unheard; }
is "$(cat heard.in) $(cat status)" "read 6 bytes 0" \
	"input still reaches a command whose consumer has gone"

# --- others that hold its end ---------------------------------------------------------

limit 60 sockpair "$PEER" fork wait:exited say:late parent touch:exited \
	say:early exit:6 >out </dev/null
is "$rc $(tr '\n' ' ' <out)" "6 early late " \
	"what a grandchild says after the exit arrives"

limit 60 sockpair --linger=0.2s "$PEER" fork pid:left.pid pause parent \
	wait:left.pid say:here exit:2 >out </dev/null
is "$rc $(cat out)" "2 here" "--linger bounds the wait for a grandchild"
kill "$(cat left.pid)"

# Each word starts the time anew; a pause longer than it ends the wait.
limit 60 sockpair --linger=2s sh -c \
	'(sleep 0.6; echo a; sleep 0.6; echo b; sleep 0.6; echo c; sleep 0.6
	echo d; sleep 0.6; echo e) & exit 0' >out </dev/null
is "$rc $(tr '\n' ' ' <out)" "0 a b c d e " "--linger counts from the last word"

# Nobody is listened to while a trace's reader stalls, so that this is no time
# in which nothing came: neither what a stream nor what messages hold is lost.
mkfifo stalled
for options in '' '-t seqpacket'; do
	can_have "$options" || continue
	rm -f begun went
	perl -e 'alarm 60; open F, "<", "stalled"; sysread F, $_, 1;
		select undef, undef, undef, 0.02 until -e "went";
		select undef, undef, undef, 1; 1 while sysread F, $_, 65536' &
	stalled_pid=$!
	# It exits when the other has begun to write.
	# shellcheck disable=SC2086 # options are words
	limit 60 sockpair --linger=0.4s $options -o stalled sh -c '(
		perl -e "print STDOUT q(x) x 999, qq(\n) while \$i++ < 200" |
		    perl -pe "BEGIN { \$| = 1 } open F, q(>), q(begun)") &
		until [ -e begun ]; do sleep 0.02; done
		: >went' >out 2>err </dev/null
	wait $stalled_pid
	is "$rc $(tr -cd x <out | wc -c)" "0 199800" \
	    "--linger does not count while a trace's reader stalls ($options)"
done
rm stalled

# --- sockets as standard output ----------------------------------------------------------

# socket-out.pl WHICH COMMAND...: run it with one end of a socket pair as
# standard output; prints what the other end reads, "end" when it reads end of
# file while someone else holds our end too, and whether that one can still
# write.  WHICH is "output", or "both": it is standard input as well; or
# "ended", and that is at its end.
cat >socket-out.pl <<'!'
use Socket;
my $which = shift @ARGV;
socketpair(my $near, my $far, AF_UNIX, SOCK_STREAM, 0) or die;
my $pid = fork();
if ($pid == 0) {
	open(STDOUT, ">&", $far);
	open(STDIN, "<&", $far) if $which ne "output";
	close $near; close $far;
	exec @ARGV;
}
shutdown($near, 1) if $which eq "ended";
# We keep $far open, as a caller does that shares its socket with a command.
my ($said, $rin) = ("", "");
while (1) {
	vec($rin = "", fileno($near), 1) = 1;
	# Either end of file or the child's exit must come.
	my $ready = select($rin, undef, undef, 0.05);
	if ($ready > 0) {
		my $got = sysread($near, my $piece, 65536);
		$said .= $got ? $piece : "end";
		last unless $got;
	} elsif (waitpid($pid, 1) == $pid) {
		$pid = 0;
		last if !select($rin = $rin, undef, undef, 0.05);
	}
}
if (open(my $go, ">", "ended")) { close $go }
waitpid($pid, 0) if $pid;
$SIG{PIPE} = "IGNORE";
$said =~ s/\s+$//;
print "$said; ", (defined(syswrite($far, "x")) ? "open" : "shut"), "\n";
!
rm -f ended
if have perl; then
	name="a command's own half-close is done to a socket"
	if [ -n "$OVER_PIPES" ] && [ "$LINUX_EXTRAS" != yes ]; then
		elsewhere "$name" "built without what only Linux has"
	elif [ -z "$OVER_PIPES" ] || sees "$name"; then
		is "$(timeout -s KILL 60 perl socket-out.pl both sockpair \
			"$PEER" say:x half-close wait:ended)" "x
end; shut" "$name"
	fi
	rm -f ended eof eof.seen
	is "$(timeout -s KILL 60 perl socket-out.pl output sh -c '
		(until grep -q "^< .* eof " eof; do sleep 0.02; done
		: >eof.seen) >/dev/null 2>&1 &
		sockpair -o eof "$PEER" say:x half-close wait:eof.seen
		wait; echo after' \
		<silent)" "x
after; open" "but not to one that only takes the output of a whole script"
	rm -f ended
	name="also when the input has ended before"
	if [ "$LINUX_EXTRAS" != yes ]; then
		elsewhere "$name" "built without what only Linux has"
	elif sees "$name"; then
		is "$(timeout -s KILL 60 perl socket-out.pl ended sockpair \
			"$PEER" say:x half-close wait:ended)" "x
end; shut" "$name"
	fi
	rm -f ended
	is "$(timeout -s KILL 60 perl socket-out.pl both sockpair "$PEER" say:y)" "y; open" \
		"a command that just exits leaves the socket to its other users"
	for type in seqpacket dgram; do
		can_have -t $type || continue
		rm -f ended
		is "$(timeout -s KILL 60 perl socket-out.pl both sockpair \
			-t $type "$POST" say:y)" "y; open" "$type: also where it is the input, too"
	done
else
	skip "a command's own half-close is done to a socket" "no perl"
	skip "a command that just exits leaves the socket to others" "no perl"
fi

# --- a terminal is told what is waited for --------------------------------------------------

if have script && has_terminals; then
	# shellcheck disable=SC2016 # expanded by the shell that script runs
	limit 60 script -qfec 'sockpair "$PEER" fork wait:told parent exit:0 \
		</dev/null' typescript >/dev/null &
	teller=$!
	waiting='waiting for others that hold its socket'
	[ -z "$OVER_PIPES" ] || waiting='waiting for others that hold its pipe'
	await grep -q "$waiting" typescript
	ok "after two seconds a terminal is told what is waited for"
	: >told
	wait "$teller"
	is "$(grep -c "$waiting" typescript)" 1 "once"
	mkfifo stalled
	# shellcheck disable=SC2016 # expanded by the shell that script runs
	limit 60 script -qfec 'exec 9<>stalled
		sockpair -o stalled "$PEER" out:100000 </dev/null >/dev/null \
		9<&-' typescript >/dev/null &
	teller=$!
	await grep -q 'waiting for the reader of a trace' typescript
	ok "also if that is the reader of a trace"
	cat stalled >/dev/null
	wait "$teller"
	# The trace has only the exit to show, in a FIFO that is full by then.
	rm typescript
	exec 8<>stalled
	"$PEER" pid:filler.pid use:8 out:50000000 &
	filler=$!
	await test -s filler.pid && await all_asleep "$filler"
	kill "$filler"
	limit 60 script -qfec 'sockpair --events=exit -o stalled true \
		</dev/null >/dev/null' typescript >/dev/null 8<&- &
	teller=$!
	await grep -q 'waiting for the reader of a trace' typescript
	exec 7<stalled 8<&-
	cat <&7 >got
	exec 7<&-
	wait "$teller"
	is "$? $(grep -c 'reader of a trace' typescript) \
$(tail -c 100 got | grep -ac 'exit  *status 0')" "0 1 1" \
	    "also if only the last event waits for it"
	rm stalled
else
	why="script is not installed, or no pseudo-terminals"
	skip "after two seconds a terminal is told what is waited for" "$why"
	skip "once" "$why"
	skip "also if that is the reader of a trace" "$why"
	skip "also if only the last event waits for it" "$why"
fi

kill "$silencer"
wait
done_testing
