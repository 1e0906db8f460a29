#!/bin/sh
# SPDX-License-Identifier: MIT
# Standard input and output of every kind, and how they are left.
# shellcheck disable=SC2016,SC2094,SC2217,SC2317 # for another shell; a pipe held from both sides; await
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout mkfifo

size=300000
"$PEER" "out:$size" >data
mkfifo fifo back
no_space='sockpair: cannot write standard output: No space left on device'

# --- kinds of input -----------------------------------------------------------

limit 60 sockpair "$PEER" "check:$size" cat-in <data 2>err
is "$rc $(cat err)" "0 read 0 bytes" "input from a file"
"$PEER" "out:$size" | limit 60 sockpair "$PEER" "check:$size" cat-in 2>err
is "$? $(cat err)" "0 read 0 bytes" "input from a pipe"
"$PEER" "out:$size" >fifo &
limit 60 sockpair "$PEER" "check:$size" cat-in <fifo 2>err
is "$rc $(cat err)" "0 read 0 bytes" "input from a FIFO"
wait
# We hold its writing side ourselves, so its end never comes.
"$PEER" "out:$size" >fifo &
limit 60 sockpair "$PEER" "check:$size" <>fifo
is "$rc" 0 "input from a FIFO opened for both"
wait
limit 60 sockpair "$PEER" cat-in </dev/null 2>err
is "$rc $(cat err)" "0 read 0 bytes" "input from /dev/null"
limit 60 sockpair "$PEER" read:10000000 </dev/zero
is "$rc" 0 "input from /dev/zero"
limit 60 sockpair "$PEER" read:1000000 </dev/urandom
is "$rc" 0 "input from /dev/urandom"
if [ -r /proc/version ]; then
	cat /proc/version >direct
	limit 60 sockpair cat </proc/version >out
	same out direct "input from a file in /proc, whose size is said to be 0"
else
	skip "input from a file in /proc" "no /proc"
fi

limit 60 sockpair "$PEER" cat-in say:still exit:0 <. >out 2>err
is "$rc $(cat out)" "125 still" \
	"a directory is an error, and the command ends as it likes"
is "$(sort err | tr '\n' ';')" \
	"read 0 bytes;sockpair: cannot read standard input: Is a directory;" \
	"which one line tells, and end of file the command"
limit 60 sockpair "$PEER" cat-in exit:3 <. 2>err
is "$rc" 3 "the command's own status is told first"

limit 60 sockpair "$PEER" cat-in say:still 0>written >out 2>err
is "$rc $(cat out)" "125 still" "input that is open for writing is an error"
is "$(sort err | tr '\n' ';')" \
	"read 0 bytes;sockpair: cannot read standard input: Bad file descriptor;" \
	"which one line tells, and end of file the command"

# What can never be read is told at once, though poll(2) says nothing of it.
cat >unreadable.py <<'!'
import select, socket, subprocess, sys
kind, command = sys.argv[1], sys.argv[2:]
if kind == "a socket that listens":
    file = socket.socket(socket.AF_UNIX)
    file.bind("listening")
    file.listen()
elif kind == "a socket that is not connected":
    file = socket.socket(socket.AF_UNIX)
else:
    file = select.epoll()
print(subprocess.call(command, stdin=file))
!
for kind in "a socket that listens" "a socket that is not connected" \
    "an epoll descriptor"; do
	if [ "$LINUX_EXTRAS" != yes ] && [ "$kind" = "an epoll descriptor" ]
	then
		elsewhere "$kind is no input" "preadv2(2) tells that"
	elif have python3; then
		is "$(limit 60 python3 unreadable.py "$kind" sockpair cat 2>err
		    cat err)" \
		    "125
sockpair: cannot read standard input: Invalid argument" \
		    "$kind is no input, and we tell at once"
	else
		skip "$kind is no input" "python3 is not installed"
	fi
done
# Others of its kind can be read.
cat >eventfd.py <<'!'
import os, subprocess, sys
file = os.eventfd(0)
command = subprocess.Popen(sys.argv[1:], stdin=file)
os.eventfd_write(file, 7)
print(command.wait())
!
if have python3 && python3 -c 'import os; os.eventfd(0)' 2>/dev/null; then
	is "$(limit 60 python3 eventfd.py sockpair "$PEER" read:8)" 0 \
	    "an eventfd is an input"
else
	skip "an eventfd is an input" "no Python 3.10"
fi

# --- kinds of output ----------------------------------------------------------

limit 60 sockpair "$PEER" "out:$size" </dev/null >out
same out data "output to a file"
limit 60 sockpair "$PEER" "out:$size" </dev/null |
	"$PEER" "check:$size" cat-in 2>err
is "$? $(cat err)" "0 read 0 bytes" "output to a pipe"
"$PEER" "check:$size" cat-in <fifo 2>err &
limit 60 sockpair "$PEER" "out:$size" </dev/null >fifo
wait $!
is "$? $(cat err)" "0 read 0 bytes" "output to a FIFO"
"$PEER" "check:$size" <fifo &
limit 60 sockpair "$PEER" "out:$size" </dev/null 1<>fifo
wait $!
is "$? $rc" "0 0" "output to a FIFO opened for both"
limit 60 sockpair "$PEER" out:50000000 exit:4 </dev/null >/dev/null
is "$rc" 4 "output to /dev/null"
limit 60 sockpair "$PEER" out:1000000 exit:4 </dev/null >/dev/zero
is "$rc" 4 "output to /dev/zero"

if [ -w /dev/full ]; then
	limit 60 sockpair "$PEER" out:1 touch:after </dev/null >/dev/full 2>err
	is "$rc $(cat err)" "125 $no_space" "a full device is an error"
	[ -e after ]; ok "and the command is allowed to finish"
	# Its next write tells it so: as in a pipeline whose reader is gone.
	limit 60 sockpair sh -c 'trap "" PIPE
		while echo line; do :; done 2>/dev/null; cat >rest; exit 5' \
		<data >/dev/full 2>err
	is "$rc $(cat err)" "5 $no_space" "its own status is told first"
	same rest data "and input still reaches it"
	limit 60 sockpair true </dev/null >/dev/full 2>err
	is "$rc $(cat err)" "0 " "a full device is none while nothing is written"
else
	skip "a full device is an error" "no /dev/full"
fi

limit 60 sockpair "$PEER" cat-in <data 1<data 2>err
is "$rc $(cat err)" "0 read $size bytes" \
	"output that is open for reading is no error while nothing is written"
limit 60 sockpair "$PEER" say:x touch:after.read </dev/null 1<data 2>err
is "$rc $(cat err)" \
	"125 sockpair: cannot write standard output: Bad file descriptor" \
	"but is one with the first byte"
[ -e after.read ]; ok "and then too the command is allowed to finish"

# Files of the kernel's say POLLERR from the start, though they have no reader.
setting=/sys/kernel/mm/transparent_hugepage/defrag
if [ -w $setting ]; then
	limit 60 sockpair echo bogus </dev/null >$setting 2>err
	is "$rc $(cat err)" \
	    "125 sockpair: cannot write standard output: Invalid argument" \
	    "a file of sysfs refuses what it cannot take, and we tell"
	value=$(sed 's/.*\[\(.*\)\].*/\1/' $setting)
	limit 60 sockpair sh -c 'sleep 0.1; echo "$0"' "$value" \
	    </dev/null >$setting 2>err
	is "$rc $(cat err)" "0 " "and takes what it can, also after a while"
else
	skip "a file of sysfs refuses what it cannot take" "none to be written"
fi
# And the kernel's log never says that it has room.
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "a device that never says POLLOUT is written to" \
	    "a checker keeps signals for itself"
elif [ -w /dev/kmsg ]; then
	limit 60 sockpair echo 'tests of sockpair' </dev/null >/dev/kmsg 2>err
	is "$rc $(cat err)" "0 " "a device that never says POLLOUT is written to"
	# Its records have an end; what it refuses is told.
	limit 60 sockpair "$PEER" out:4000 </dev/null >/dev/kmsg 2>err
	is "$rc $(cat err)" \
	    "125 sockpair: cannot write standard output: Invalid argument" \
	    "and its refusal is told"
else
	skip "a device that never says POLLOUT is written to" \
	    "/dev/kmsg is not to be written"
fi

# --- offsets that others share -------------------------------------------------

{ echo before; limit 60 sockpair echo within; echo after; } </dev/null >out
is "$(tr '\n' ' ' <out)" "before within after " \
	"what is written before and after stands before and after"

# Somebody else appends while we run: nothing of either is overwritten.
rm -f first.said
echo head >log
limit 60 sockpair "$PEER" say:first wait:added say:second </dev/null >>log &
await grep -q first log
echo between >>log
: >added
wait
is "$(tr '\n' ' ' <log)" "head first between second " \
	"output to a file that is appended to is appended"

printf '1\n2\n3\n' >lines
{ read -r line; limit 60 sockpair cat; read -r more; } <lines >out
is "$line, $(tr '\n' ' ' <out), $more" "1, 2 3 , " \
	"input begins where others have left it, and they find its end"

# After the exit nothing more is read, though somebody holds the socket still:
# that one sees the end, and the next reader what comes.
reaped() {
	! kill -0 "$(cat "$1")"
}
rm -f pid
{ await test -e pid; await reaped pid; echo later; } | {
	limit 60 sockpair "$PEER" fork cat-in parent pid:pid exit:0 2>err
	cat >rest
}
is "$(cat err rest)" "read 0 bytes
later" "what comes after the exit is left for others"

printf 'in\n' >both
# shellcheck disable=SC2016 # expanded by the command
limit 60 sockpair sh -c 'read -r word; echo "got $word"' <>both 1>&0
is "$(tr '\n' ' ' <both)" "in got in " "one file for both has one offset"

# --- descriptors that were closed on entry ----------------------------------------

# Each of the eight combinations, with a command that reads and one that
# answers too.  Nothing but the answer may get into what is open.
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "any of 0, 1 and 2 may be closed on entry" "a wrapper may open them"
else
	odd=
	for letters in '' i o e io ie oe ioe; do
		for command in 'cat >seen' 'cat >seen; echo answer'; do
			: >out
			: >err
			(
				case $letters in *i*) exec <&- ;; *) exec <data ;; esac
				case $letters in *o*) exec >&- ;; *) exec >out ;; esac
				case $letters in *e*) exec 2>&- ;; *) exec 2>err ;; esac
				exec timeout -s KILL 60 "$SOCKPAIR" sh -c "$command"
			)
			got="$? $(wc -c <seen | tr -d ' ') $(cat out), $(cat err)"
			case $letters in *i*) read=0 ;; *) read=$size ;; esac
			case "$command $letters" in
			*answer*o*e*) want="125 $read , " ;;
			*answer*" "*o*) want="125 $read , sockpair: cannot write standard output: Bad file descriptor" ;;
			*answer*) want="0 $read answer, " ;;
			*) want="0 $read , " ;;
			esac
			[ "$got" = "$want" ] || odd="$odd without '$letters' $command: $got"
		done
	done
	is "$odd" "" "any of 0, 1 and 2 may be closed on entry"
fi

# --- O_NONBLOCK, which somebody else has set -----------------------------------------

# The reader waits until the writer must have found the pipe full, and the
# writer until the reader must have found it empty: by what peer has written.
{ await test -e empty; "$PEER" "out:$size"; } | {
	"$PEER" nonblock:0
	limit 60 sockpair "$PEER" touch:empty "check:$size" cat-in 2>err
	echo "$rc $(cat err)" >status
}
is "$(cat status)" "0 read 0 bytes" "input that is already non-blocking"

rm -f full
{
	"$PEER" nonblock:1
	limit 60 sockpair "$PEER" out:100000 touch:full out:3000000 </dev/null
	echo "$rc" >status
} | "$PEER" wait:full check:100000 check:3000000 cat-in 2>err
is "$? $(cat status) $(cat err)" "0 0 read 0 bytes" \
	"output that is already non-blocking"

# Set in the middle, on both.  A shell gives /dev/null to what it puts into the
# background, hence the duplicate.
rm -f full
{ "$PEER" out:50000; "$PEER" wait:set out:50000; } | {
	exec 4<&0
	{ "$PEER" wait:full nonblock:4 nonblock:1 touch:set; } &
	limit 60 sockpair "$PEER" check:50000 touch:full check:50000 \
		out:3000000 exit:6
	echo "$rc" >status
	wait
} | "$PEER" check:3000000 cat-in 2>err
is "$? $(cat status) $(cat err)" "0 6 read 0 bytes" \
	"O_NONBLOCK set while we run loses nothing"

# A socket, full and non-blocking, is the same.
if have perl; then
	cat >one-socket.pl <<'!'
use Socket;
use Fcntl;
# one-socket DOMAIN FLAG COMMAND...: run it with one socket as its 0 and 1,
# send it 2 MB, and print how much of that came back, and whether all of it.
my ($domain, $flag) = splice(@ARGV, 0, 2);
my ($near, $far);
if ($domain eq "unix") {
	socketpair($near, $far, AF_UNIX, SOCK_STREAM, 0) or die;
} else {
	socket(my $server, AF_INET, SOCK_STREAM, 0) or die;
	bind($server, sockaddr_in(0, INADDR_LOOPBACK)) or die;
	listen($server, 1) or die;
	socket($near, AF_INET, SOCK_STREAM, 0) or die;
	connect($near, getsockname($server)) or die;
	accept($far, $server) or die;
}
fcntl($far, F_SETFL, O_RDWR | O_NONBLOCK) if $flag eq "nonblock";
my $data = join("", map { pack("N", $_) } 1 .. 500000);
my $pid = fork();
if ($pid == 0) {
	close $near;
	open(STDIN, "<&", $far); open(STDOUT, ">&", $far);
	close $far;
	exec @ARGV;
}
my $feeder = fork();
if ($feeder == 0) {
	close $far;
	syswrite($near, $data) == length($data) or exit 1;
	shutdown($near, 1);
	exit 0;
}
# While the caller has it too its end is not lost, nor its flags.
my $back = "";
if ($flag eq "held") {
	while (length($back) < length($data)) {
		last unless sysread($near, $back, 65536, length($back));
	}
	waitpid($pid, 0);
	my $status = $? >> 8;
	my $wrote = syswrite($far, "mine") // 0;
	sysread($near, my $mine, 10);
	print $back eq $data ? "same" : "differs", " $status $mine $wrote\n";
} else {
	close $far;
	while (sysread($near, $back, 65536, length($back))) {}
	waitpid($pid, 0);
	print $back eq $data ? "same" : "differs", " ", $? >> 8, "\n";
}
waitpid($feeder, 0);
!
	for domain in unix inet; do
		case $domain in
		inet) perl -MSocket -e 'socket(S, AF_INET, SOCK_STREAM, 0) &&
			bind(S, sockaddr_in(0, INADDR_LOOPBACK)) or exit 1' || {
			skip "one $domain socket as input and output" \
				"no network"
			continue
		} ;;
		esac
		is "$(timeout -s KILL 60 perl one-socket.pl $domain plain \
			sockpair cat)" "same 0" \
			"one $domain socket as input and output"
		is "$(timeout -s KILL 60 perl one-socket.pl $domain nonblock \
			sockpair cat)" "same 0" \
			"one $domain socket that is non-blocking"
		is "$(timeout -s KILL 60 perl one-socket.pl $domain held \
			sockpair sh -c 'cat; exit 3')" "same 3 mine 4" \
			"one $domain socket that the caller uses afterwards"
	done
else
	skip "one socket as input and output" "perl is not installed"
fi

# --- a reader that is slow ------------------------------------------------------------

cat >page.pl <<'!'
# Let the FIFO become full, take a page of it, let it become full again, say so; and
# take the rest only when the file is there that the other direction makes.
alarm 60;
open my $in, '<', 'back' or die;
open my $room, '>', 'back' or die;
sub wait_until {
	my $done = shift;
	select undef, undef, undef, 0.01 until $done->();
}
sub is_full {
	vec(my $slots = '', fileno $room, 1) = 1;
	return !select undef, $slots, undef, 0;
}
wait_until(\&is_full);
my $sum = sysread $in, my $piece, 4096;
wait_until(\&is_full);
open my $full, '>', 'full' or die;
wait_until(sub { -e 'heard' });
close $room;
$sum += length $piece while sysread $in, $piece, 65536;
print "$sum\n";
!
if have perl; then
	rm -f full heard
	perl page.pl >sum &
	{ await [ -e full ]; echo word; } | {
		limit 60 sockpair "$PEER" fork out:1000000 parent read:5 \
			touch:heard >back 2>err
		echo "$rc" >status
	}
	wait
	is "$(cat status err sum)" "0
1000000" \
	    "the input goes on while a reader has taken a page"
else
	skip "the input goes on while a reader has taken a page" "no perl"
fi

# --- a reader that leaves -------------------------------------------------------------

# Nothing is written when it leaves.  With the input ended too, the command has
# nobody left, which --kill-after shows: so we must have noticed.
{ limit 60 sockpair --kill-after=0.1s "$PEER" say:word pause </dev/null
	echo "$rc" >status; } 2>err | "$PEER" read:5
is "$(cat status)" 143 "the reader of a pipe leaves while we idle"
"$PEER" read:5 <back &
limit 60 sockpair --kill-after=0.1s "$PEER" say:word pause </dev/null 2>err >back
is "$rc" 143 "the reader of a FIFO leaves while we idle"
wait
if have perl; then
	cat >leaves.pl <<'!'
use Socket;
# Run a command with a socket as its output, read a line, and leave.
socketpair(my $near, my $far, AF_UNIX, SOCK_STREAM, 0) or die;
my $pid = fork();
if ($pid == 0) {
	open(STDOUT, ">&", $far);
	close $near; close $far;
	exec @ARGV;
}
close $far;
sysread($near, my $line, 5);
close $near;
waitpid($pid, 0);
print $? & 127 ? 128 + ($? & 127) : $? >> 8, "\n";
!
	is "$(timeout -s KILL 60 perl leaves.pl sockpair --kill-after=0.1s \
		"$PEER" say:word pause </dev/null 2>err)" 143 \
		"the reader of a socket leaves while we idle"
else
	skip "the reader of a socket leaves while we idle" "no perl"
fi

# A datagram socket has no reader that could leave: its address may be another's
# soon, and what is lost until then is told.
cat >refuses.pl <<'!'
use Socket;
# Run a command with a datagram socket as its output, whose other end is closed, or
# that was never connected.
my $how = shift;
socketpair my $near, my $far, AF_UNIX, SOCK_DGRAM, 0 or die;
socket $far, AF_UNIX, SOCK_DGRAM, 0 or die if $how eq 'unconnected';
close $near;
my $pid = fork;
if ($pid == 0) {
	open STDOUT, '>&', $far or die;
	exec @ARGV or die;
}
waitpid $pid, 0;
print $? >> 8, "\n";
!
if have perl; then
	is "$(limit 60 perl refuses.pl closed sockpair echo word 2>&1 </dev/null)" \
	    "sockpair: cannot write standard output: Connection refused
125" "a datagram socket whose other end is closed is an error"
	is "$(limit 60 perl refuses.pl unconnected sockpair echo word 2>&1 \
	    </dev/null)" "sockpair: cannot write standard output: Transport \
endpoint is not connected
125" "so is one that is not connected"
else
	skip "a datagram socket whose other end is closed is an error" "no perl"
	skip "so is one that is not connected" "no perl"
fi

# --- as they were ------------------------------------------------------------------------

# compared NAME: whether a run leaves the flags of 0, 1 and 2 as they were, and
# its status, into NAME.status.
compared() {
	"$PEER" use:9 fds 9>"$1.before"
	limit 60 sockpair "$PEER" out:100000 exit:7
	status=$rc
	"$PEER" use:9 fds 9>"$1.after"
	cmp "$1.before" "$1.after" >"$1.cmp" 2>&1
	echo "$? $status" >"$1.status"
}
: | compared pipe 2>err | cat >/dev/null
is "$(cat pipe.status)" "0 7" "the flags of pipes are as before"
cat <back >/dev/null &
compared fifo <>fifo >back 2>err
wait
is "$(cat fifo.status)" "0 7" "the flags of FIFOs are as before"
compared file <data >out 2>err
is "$(cat file.status)" "0 7" "the flags of files are as before"

if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "nothing inherited is ever set non-blocking" "not traced here"
elif ! have strace || ! strace -o trace true 2>/dev/null; then
	skip "nothing inherited is ever set non-blocking" "no strace"
else
	# Not even for a moment, as others share it: what is asked of the
	# kernel, for a pipe, a FIFO and a file.
	"$PEER" out:1000000 | limit 60 strace -o trace.pipe \
		-e trace=fcntl,ioctl sockpair cat 2>err | cat >/dev/null
	cat <back >/dev/null &
	limit 60 strace -o trace.fifo -e trace=fcntl,ioctl \
		sockpair "$PEER" out:1000000 <>fifo >back 2>err
	wait
	limit 60 strace -o trace.file -e trace=fcntl,ioctl \
		sockpair cat <data >out 2>err
	grep -hE '\([012], (F_SETFL|FIONBIO|FIOASYNC)' trace.* >was-set
	is "$(cat trace.* | grep -cE "F_SETFL|FIONBIO") $(cat was-set)" "3 " \
		"nothing inherited is ever set non-blocking, only our end"
fi

# --- limits of files ----------------------------------------------------------------------

if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "a file at its size limit is an error" "the wrapper writes files"
else
	# 16 blocks of 512 bytes: POSIX.  A part fits, so the first write is short.
	# The command's one write is short enough to be over when we fail.
	# shellcheck disable=SC2016 # expanded by the shell that is limited
	limit 60 sh -c 'ulimit -f 16; "$SOCKPAIR" "$PEER" out:20000 \
		touch:after.limit exit:0; echo $? >status' </dev/null >out 2>err
	head -c 8192 data >part
	[ "$(wc -c <out)" -eq 8192 ] && cmp -s out part
	ok "a file is filled up to its size limit"
	is "$(cat status) $(cat err)" \
		"125 sockpair: cannot write standard output: File too large" \
		"and then it is an error, not a signal"
	[ -e after.limit ]; ok "the command is allowed to finish"
fi

# A full file system, of 16 KiB, in a mount namespace of our own: as root, or
# as the root of a user namespace where plain users may make one.
mkdir small
cat >small.sh <<'!'
mount -t tmpfs -o size=16k none small || exit 99
"$SOCKPAIR" "$PEER" out:20000 touch:after.full </dev/null >small/out 2>err
echo $? >status
cp small/out out
!
for how in -m -rm; do
	rm -f status
	limit 60 unshare "$how" sh small.sh >small.err 2>&1
	[ ! -e status ] || break
done
if [ -e status ]; then
	got=$(wc -c <out)
	head -c "$got" data >part
	[ "$got" -gt 0 ] && [ "$got" -le 16384 ] && cmp -s out part
	ok "a file system is filled as far as it goes"
	is "$(cat status) $(cat err)" "125 $no_space" "and then it is an error"
	[ -e after.full ]; ok "the command is allowed to finish"
else
	skip "a full file system is an error" "cannot mount one"
fi

# --- what does not depend on how fast the command is ---------------------------

run=0 odd=
while [ $run -lt 40 ]; do
	run=$((run + 1))
	limit 60 sockpair true 0>/dev/null >out 2>err
	[ "$rc $(cat err)" = '0 ' ] || odd="$odd null:$rc"
	limit 60 sockpair true </ >out 2>err
	[ "$rc" = 125 ] || odd="$odd directory:$rc"
	: >write-only
	limit 60 sockpair true 0>write-only >out 2>err
	[ "$rc" = 125 ] || odd="$odd file:$rc"
done
is "$odd" '' "an input that cannot be read is an error at once, but for \
nohup's /dev/null, 40 times"

# --- a terminal that hangs up is not a reader that leaves -----------------------

cat >master.py <<'!'
import os, subprocess, sys
# The master as standard output, while nobody has the other side open.
master, slave = os.openpty()
name = os.ttyname(slave)
os.close(slave)
status = subprocess.call(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=master)
slave = os.open(name, os.O_RDONLY | os.O_NOCTTY)
print(status, os.read(slave, 100).decode().strip())
!
cat >full-master.py <<'!'
import os, select, signal, subprocess, sys, time, tty
# The same, full, and with nobody left on the other side: the system tells a writer
# that is asleep there nothing of it, but any signal wakes that.
master, slave = os.openpty()
tty.setraw(slave)
relay = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=master)
while select.select([], [master], [], 0)[1]:
    time.sleep(0.01)
os.close(slave)
while relay.poll() is None:
    relay.send_signal(signal.SIGWINCH)
    time.sleep(0.01)
print(relay.returncode)
!
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "a pseudo-terminal's master takes what is read there later" \
	    "a checker keeps signals for itself"
elif have python3; then
	is "$(limit 60 python3 master.py sockpair echo hi)" '0 hi' \
	    "a pseudo-terminal's master takes what is read there later"
	# shellcheck disable=SC2016 # expanded by the command
	is "$(limit 60 python3 full-master.py sockpair sh -c 'trap "" PIPE
	    "$PEER" out:300000 2>/dev/null; exit 0' 2>&1)" "sockpair: cannot \
write standard output: Input/output error
125" \
	    "but nothing when it is full and the other side has hung up"
else
	skip "a pseudo-terminal's master takes it" "python3 is not installed"
	skip "but nothing when it is full and the other side has hung up" \
	    "python3 is not installed"
fi

# A terminal that is gone is in error; that is not a reader that has left, either.
cat >gone.py <<'!'
import os, subprocess, sys
master, slave = os.openpty()
os.close(master)
print(subprocess.call(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=slave))
!
if have python3; then
	is "$(limit 60 python3 gone.py sockpair echo hi 2>err; cat err)" "125
sockpair: cannot write standard output: Input/output error" \
	    "a terminal that is gone takes nothing, and we tell"
	is "$(limit 60 python3 gone.py sockpair true 2>&1)" 0 \
	    "which is no error while nothing is written"
else
	skip "a terminal that is gone takes nothing" "python3 is not installed"
fi
done_testing
