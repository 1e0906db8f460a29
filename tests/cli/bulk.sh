#!/bin/sh
# SPDX-License-Identifier: MIT
# Large streams, which the kernel moves by itself where the two ends allow it:
# nothing may be different but the speed.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need perl timeout

perl -e 'print pack "N*", 0 .. 4999999' >data	# 20 MB, each place known

traced=
if [ -n "${SOCKPAIR_WRAPPED:-}" ] || [ "$LINUX_EXTRAS" != yes ]; then
	why="not with this build or checker"
elif have strace && strace -o /dev/null true 2>/dev/null; then
	traced=yes
else
	why="strace is not installed, or may not trace"
fi

# relay COMMAND...: as sockpair, with its system calls in the file trace, and
# its status in the file status.
relay() {
	if [ -n "$traced" ]; then
		limit 100 strace -o trace "$SOCKPAIR" "$@"
	else
		limit 100 sockpair "$@"
	fi
	echo "$rc" >status
}

# moved_by CALL NAME: the last relay() has used CALL for most of it, or (CALL
# is "none") has copied.
moved_by() {
	is "$(cat status)" 0 "$2: all is well"
	if [ -z "$traced" ]; then
		if [ -n "${SOCKPAIR_WRAPPED:-}" ] || [ "$LINUX_EXTRAS" != yes ]
		then
			elsewhere "$2 by $1" "$why"
		else
			skip "$2 by $1" "$why"
		fi
		return
	fi
	if [ "$1" = none ]; then
		! grep -qE '^(splice|sendfile)\(.* = [1-9]' trace
	else
		[ "$(grep -cE "^$1\\(.* = [1-9]" trace)" -ge 10 ]
	fi
	ok "$2 by $1"
}

# --- every kind of both ends -------------------------------------------------

# shellcheck disable=SC2002 # a pipe is what is wanted
cat data | relay sh -c 'cat >out' 2>err
same data out "pipe to command: nothing is lost"
moved_by splice "pipe to command"
relay cat data </dev/null | cat >out
same data out "command to pipe: nothing is lost"
moved_by splice "command to pipe"
mkfifo fifo
cat data >fifo &
relay sh -c 'cat >out' <fifo
same data out "FIFO to command: nothing is lost"
moved_by splice "FIFO to command"
cat fifo >out &
relay cat data </dev/null >fifo
wait $!
same data out "command to FIFO: nothing is lost"
moved_by splice "command to FIFO"
relay sh -c 'cat >out' <data
same data out "file to command: nothing is lost"
moved_by none "file to command"
relay cat data </dev/null >out
same data out "command to file: nothing is lost"
moved_by none "command to file"
# shellcheck disable=SC2002
cat data | relay cat | cat >out
same data out "both ways: nothing is lost"
moved_by splice "both ways"

# A direction that is full costs the other nothing: who does not read is not
# written to again after each piece of what it says.
yes | relay head -c 100000000 /dev/zero | wc -c >out
is "$(cat status) $(cat out)" "0 100000000" \
    "a command that does not read is read from"
if [ -n "$traced" ]; then
	[ "$(grep -c EAGAIN trace)" -lt 200 ]
	ok "and is not written to each time" ||
	    echo "# $(grep -c EAGAIN trace) calls in vain"
fi

printf 'before\n' >out
relay cat data </dev/null >>out
{ echo before; cat data; } | cmp - out >cmp.out 2>&1
ok "a file opened for appending is appended to" || cat cmp.out
moved_by none "a file opened for appending"

# Our output and the command's errors share a file and its position: what moves
# that without a lock lets the one write over the other.
cat >mix.pl <<'!'
use strict;
my ($block, $line) = ('o' x 65536, 'E' x 99 . "\n");
for (1 .. 500) {
	for (my $done = 0; $done < length $block;) {
		$done += syswrite(STDOUT, $block, 65536 - $done, $done)
		    || die "output: $!";
	}
	(syswrite(STDERR, $line) // 0) == 100 or exit 9 for 1 .. 8;
}
!
relay perl mix.pl </dev/null >log 2>&1
is "$(cat status) $(tr -cd o <log | wc -c) $(tr -cd E <log | wc -c)" \
    "0 32768000 396000" "a log that the command's errors go to loses nothing"

# Two readers of one file: what the relay reads nobody else gets, too.
cat >share.pl <<'!'
use strict;
my ($sum, $got) = (0, '');
alarm 60;
# A little is read before the relay begins, and the rest while it reads.
while (sysread(STDIN, $got, 4096)) {
	$sum += length $got;
	next if $sum > 4096;
	open my $ready, '>', 'begun' or die;
	select undef, undef, undef, 0.01 until -s 'out';
}
print "$sum\n";
!
rm -f out
(perl share.pl <&3 >shared & await [ -e begun ]
    relay sh -c 'tee out | wc -c >count'
    wait) <data 3<&0
is "$(($(cat count) + $(cat shared)))" 20000000 \
    "a file that somebody else reads, too: each byte is read once"

# The offset of a shared file is where the command left it, as by copying.
(dd bs=1000000 count=3 of=head 2>/dev/null; relay sh -c 'cat >out'
    cat >rest) <data
is "$(cat head out rest | cmp - data && echo same) $(wc -c <rest)" "same 0" \
    "a file is read from where it stands, and to its end"
(printf 'head\n'; relay cat data; printf 'tail\n') </dev/null >out
{ printf 'head\n'; cat data; printf 'tail\n'; } | cmp - out >cmp.out 2>&1
ok "a file is written to where it stands, and left at the end" || cat cmp.out

# --- calls that fail meanwhile -----------------------------------------------

# disturbed SHAPE CALLS ERROR [FILE [WHEN]]: relay with this error from the second
# to the eighth of these calls, or WHEN; of those that concern FILE, if it is given.
disturbed() {
	disturbed_fault=$2:error=$3:when=${5:-2..8}
	disturbed_file=${4:-}
	# shellcheck disable=SC2002 # a pipe is what is wanted
	case $1 in
	pipe-in) cat data | disturb sh -c 'cat >out' ;;
	pipe-out) disturb cat data </dev/null | cat >out ;;
	file-in) disturb sh -c 'cat >out' <data ;;
	file-out) disturb cat data </dev/null >out ;;
	esac
	case $1 in
	*-in) disturbed_way=input ;;
	*-out) disturbed_way=output ;;
	esac
	same out data "$1, $3 from $2: nothing is lost"
	is "$(cat status) $(sed -n "s/^sockpair: standard $disturbed_way: .*(\
\([0-9]* B\)), \(.* undelivered\).*/\1, \2/p" err)" \
	    "0 20000000 B, 0 B undelivered" \
	    "$1, $3 from $2: the totals are right, and all is well"
}
disturb() {
	limit 60 strace -o trace ${disturbed_file:+-P "$test_dir/$disturbed_file"} \
	    -e inject="$disturbed_fault" "$SOCKPAIR" --stats "$@" 2>err
	echo "$rc" >status
}
if [ -z "$traced" ]; then
	if [ -n "${SOCKPAIR_WRAPPED:-}" ] || [ "$LINUX_EXTRAS" != yes ]; then
		elsewhere "calls that fail meanwhile" "$why"
	else
		skip "calls that fail meanwhile" "$why"
	fi
else
	for shape in pipe-in pipe-out; do
		for error in EINTR EAGAIN; do
			disturbed $shape splice $error
			grep -q INJECTED trace &&
			    [ "$(grep -c '^splice.* = [1-9]' trace)" -ge 10 ]
			ok "$shape, $error: and it is spliced again"
		done
		disturbed $shape splice EINVAL
		# Once each way, at most.
		grep -q INJECTED trace && [ "$(grep -c INJECTED trace)" -le 2 ]
		ok "$shape, EINVAL: and it is not spliced again"
	done
	for error in EINTR EAGAIN; do
		disturbed file-in read,readv $error data
		grep -q INJECTED trace
		ok "file-in, $error: there were such"
		disturbed file-out splice,write,writev $error out
		grep -q INJECTED trace
		ok "file-out, $error: there were such"
	done
	# Two ends that claim to be ready again and again are not believed.
	for shape in pipe-in pipe-out; do
		disturbed $shape splice EAGAIN '' 2+
		[ "$(grep -c INJECTED trace)" -lt 100 ]
		ok "$shape: what never succeeds is not tried for ever"
	done
fi

# --- small, large, small: each piece at once ---------------------------------

# Each goes through before the next is written.
cat >turns.pl <<'!'
use strict;
my ($n, $got) = (0, '');
$| = 1;
binmode STDIN;
for my $size (1, 10, (100000) x 20, 5, (1) x 40, (300000) x 10, 7) {
	my $piece = chr(65 + $n++ % 26) x $size;
	print $piece;
	my $answer = '';
	while (length $answer < $size) {
		sysread(STDIN, $answer, $size - length $answer,
		    length $answer) or die "short";
	}
	die "different" if $answer ne $piece;
}
!
cat >both.pl <<'!'
use Socket;
use strict;
# The script's input and output are the ends of two pipes to the relay's.
my ($script, @relay) = @ARGV;
pipe(my $in_r, my $in_w) and pipe(my $out_r, my $out_w) or die;
my $pid = fork;
if ($pid == 0) {
	open STDIN, '<&', $in_r; open STDOUT, '>&', $out_w;
	close $_ for $in_r, $in_w, $out_r, $out_w;
	exec @relay or die;
}
close $in_r; close $out_w;
my $other = fork;
if ($other == 0) {
	open STDIN, '<&', $out_r; open STDOUT, '>&', $in_w;
	close $in_w; close $out_r;
	exec 'perl', $script or die;
}
close $in_w; close $out_r;
waitpid $other, 0; my $first = $?;
waitpid $pid, 0;
print "$first $?\n";
!
name="pieces of all sizes pass at once, in turn"
if [ -n "$OVER_PIPES" ] && [ "$LINUX_EXTRAS" != yes ]; then
	elsewhere "$name" "the pipes hold a piece only where they are enlarged"
else
	limit 100 perl both.pl turns.pl "$SOCKPAIR" cat >turns
	is "$(cat turns)" "0 0" "$name"
fi

# --- ends, in the middle of it -----------------------------------------------

run=0 odd=
while [ $run -lt 40 ]; do
	run=$((run + 1))
	{ limit 60 sockpair cat data; echo "$rc" >status; } </dev/null 2>err |
	    head -c 3000000 >out
	head -c 3000000 data | cmp -s - out || odd="$odd $run:data"
	# Elsewhere the command may hear of it by EPIPE alone, and say so.
	[ "$LINUX_EXTRAS" != yes ] || ! has_proc ||
	    [ "$(cat status err)" = 141 ] || odd="$odd $(cat status err)"
done
is "$odd" '' "a reader that leaves ends the command as in a pipeline, 40 times"
run=0 odd=
while [ $run -lt 40 ]; do
	run=$((run + 1))
	limit 60 sockpair sh -c 'head -c 3000000 "$0"; kill -KILL $$' data \
	    </dev/null 2>/dev/null | cat >out
	head -c 3000000 data | cmp -s - out || odd="$odd $run:$(wc -c <out)"
done
is "$odd" '' "what a killed command has written arrives, 40 times"
run=0 odd=
while [ $run -lt 40 ]; do
	run=$((run + 1))
	# shellcheck disable=SC2002
	cat data | sockpair sh -c 'head -c 100000 >/dev/null
	    head -c 2000000 "$0"; exit 5' data >out 2>err
	got=$?
	head -c 2000000 data | cmp -s - out && [ $got = 5 ] && [ ! -s err ] ||
	    odd="$odd $run:$got:$(wc -c <out)"
done
is "$odd" '' "an answer arrives though its question was not read, 40 times"

# Nobody reads: what was not taken stays in the pipe, for others.
mkfifo left-over
{ cat data; echo >fed; } >left-over 2>/dev/null &
writer=$!
exec 8<left-over
limit 60 sockpair "$PEER" read:1000000 touch:has-read close:0 close:1 \
    wait:emptied <&8 >/dev/null &
relay=$!
[ -e has-read ] || await [ -e has-read ]
got=$(cat <&8 | wc -c)
: >emptied
wait $relay
[ "$got" -gt 15000000 ]
ok "what is not taken from a pipe is left to others ($got bytes)"
exec 8<&-
wait $writer

# --- the pipe as it was ------------------------------------------------------

cat >size.pl <<'!'
# A pipe's size (F_SETPIPE_SZ is 1031, F_GETPIPE_SZ 1032) before, while and after a
# relay has used it; of the size that is given, if one is.
pipe(my $r, my $w) or die;
fcntl($r, 1031, 0 + $ARGV[0]) or die if @ARGV;
my $before = fcntl($r, 1032, 0);
my $pid = fork;
if ($pid == 0) {
	open STDIN, '<&', $r; close $w; close $r;
	exec "$ENV{SOCKPAIR} sh -c 'cat >/dev/null'" or die;
}
open my $data, '<', 'data';
while (sysread $data, my $piece, 65536) { syswrite $w, $piece; }
my $used = fcntl($r, 1032, 0);
close $w;
waitpid $pid, 0;
print $used > $before ? "larger" : $used < $before ? "smaller" : "the same",
    " ", fcntl($r, 1032, 0) == $before ? "the same" : "other", "\n";
!
if [ "$LINUX_EXTRAS" = yes ]; then
	is "$(limit 60 perl size.pl)" "larger the same" \
	    "a pipe is enlarged, and gets its size back"
	is "$(limit 60 perl size.pl 524288)" "the same the same" \
	    "one that was larger is left alone"
else
	is "$(limit 60 perl size.pl)" "the same the same" \
	    "a pipe is left alone"
fi

# --- urgent bytes, and files that are full -----------------------------------

if can_have oob; then
	limit 60 sockpair "$PEER" out:1000000 oob:X out:1000000 </dev/null |
		cat >out
	is "$(wc -c <out)" 2000001 "an urgent byte stays in its place, in bulk"
fi
if [ -c /dev/full ]; then
	limit 60 sockpair cat data </dev/null >/dev/full 2>err
	is "$(grep '^sockpair' err)" "sockpair: cannot write standard output: \
No space left on device" "a full device is an error, in bulk"
	[ "$rc" -ne 0 ]; ok "whether by the command's status or by ours"
fi
if [ -z "${SOCKPAIR_WRAPPED:-}" ]; then
	# In blocks of 512 bytes, as POSIX has it; and a shell may count 1024.
	(ulimit -f 20000; trap '' XFSZ; limit 60 sockpair cat data) \
	    </dev/null >out 2>err
	rc=$?
	got=$(wc -c <out)
	head -c "$got" data | cmp -s - out && [ "$got" -gt 0 ] &&
	    [ "$got" -lt 20000000 ]
	ok "a file is filled up to its limit"
	is "$(grep '^sockpair' err)" \
	    "sockpair: cannot write standard output: File too large" \
	    "and that is an error"
	# cat(1) may have ended before, or is told by SIGPIPE or EPIPE.
	[ "$rc" -ne 0 ]; ok "whose status is the command's or ours"
else
	elsewhere "a file is filled up to its limit" "the wrapper writes files"
fi
done_testing
