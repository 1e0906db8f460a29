#!/bin/sh
# SPDX-License-Identifier: MIT
# Errors of single reads and writes, made by strace: each is told as what it
# is, and is never taken for the end.
# shellcheck disable=SC2317 # functions are called by their names
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout perl

# send.pl TYPE MESSAGE... -- COMMAND...: COMMAND's standard input is a socket of
# that type with these messages, and no more will come.
cat >send.pl <<'!'
use strict;
use Socket;
my $type = shift @ARGV eq 'dgram' ? SOCK_DGRAM : SOCK_SEQPACKET;
my @messages;
push @messages, shift @ARGV while $ARGV[0] ne '--';
shift @ARGV;
socketpair(my $ours, my $other, AF_UNIX, $type, 0) or die;
for (@messages) {
	defined send $other, $_, 0 or die;
}
shutdown $ours, 0 or die;
open STDIN, '<&', $ours or die;
close $_ for $ours, $other;
exec @ARGV or die;
!
send_them() {
	limit 60 perl send.pl "$@"
}
for type in dgram seqpacket; do
	rm -f list
	send_them $type one '' three -- "$SOCKPAIR" -t $type -F raw "$POST" \
	    list:list >out 2>err
	is "$rc $(cat err) $(tr '\n' ' ' <list)" "0  3 one 0  5 three " \
	    "$type: a socket that is read without errors is read to its end"
done

if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "errors of single reads and writes" "not under another checker"
	done_testing
fi
if ! have strace || ! strace -o /dev/null true 2>/dev/null; then
	skip "errors of single reads and writes" \
	    "strace is not installed, or may not trace"
	done_testing
fi

# inject FAULT OPTION...: sockpair, in which the calls of FAULT fail.
inject() {
	inject_fault=$1
	shift
	limit 60 strace -o trace -e inject="$inject_fault" "$SOCKPAIR" "$@"
}

perl -e 'print "x" x 200000' >data

# --- the input --------------------------------------------------------------

# ENODATA is what a message socket's end was called among ourselves.  It is an
# error of a file: of sysfs, of FUSE, of a bad sector.
for error in ENODATA EIO ENXIO EBADMSG; do
	reason=$(perl -MErrno -e '$! = &{"Errno::$ARGV[0]"}; print "$!"' \
	    $error)
	limit 60 strace -P "$PWD/data" -o trace \
	    -e inject="read:error=$error:when=2" \
	    "$SOCKPAIR" "$PEER" cat-in <data 2>err
	is "$rc $(sort err)" "125 read 65536 bytes
sockpair: cannot read standard input: $reason" \
	    "$error from a file is an error, and what was read before arrives"
done

# A program with 32 bits for sizes is refused so for a file of 3 GiB.
limit 60 strace -P "$PWD/data" -o trace \
    -e inject='?fstat,?fstat64,?newfstatat,?statx:error=EOVERFLOW' \
    "$SOCKPAIR" "$PEER" cat-in <data 2>err
is "$rc $(sort err)" "125 read 0 bytes
sockpair: cannot read standard input: Value too large for defined data type" \
    "a file that cannot be asked what it is has its own error"

one_by_one() {
	rm -f list
	send_them dgram one '' three -- strace -o trace -e inject="$1" "$SOCKPAIR" \
	    -t dgram -F raw "$POST" list:list >out 2>err
	echo "$rc $(cat err) $(tr '\n' ' ' <list)"
}
for error in EINTR EAGAIN; do
	for turn in 1 2 3 4; do
		got=$(one_by_one "recvmsg:error=$error:when=$turn")
		[ "$got" = "0  3 one 0  5 three " ] || echo "$turn: $got"
	done >odd
	is "$(cat odd)" '' "$error does not end a datagram socket that is read"
done

# Where the system has no marks for messages, the end is an end all the same.
rm -f list
send_them seqpacket one two -- strace -o trace \
    -e inject=setsockopt:error=ENOPROTOOPT:when=3+ "$SOCKPAIR" -t seqpacket \
    -F raw "$POST" list:list >out 2>err
is "$rc $(cat err) $(tr '\n' ' ' <list)" "0  3 one 3 two " \
    "without marks the end of a message socket is found"

# --- without /dev/null --------------------------------------------------------

# Standard output is given up, and its number must not be another file's.
if [ -d /proc/self/fd ]; then
	rm -f up go
	limit 60 strace -P /dev/null -o trace \
	    -e inject=?open,openat:error=EACCES "$SOCKPAIR" "$PEER" pid:up \
	    half-close wait:go </dev/zero >out &
	await [ -e up ]
	held="/proc/$(parent_of up)/fd/1"
	is_root() { [ "$(readlink "$held")" = / ]; }
	await is_root
	ok "the number of an output that is given up is held"
	: >go
	wait $!
	is $? 0 "and all goes on"
else
	skip "the number of an output that is given up is held" "no /proc"
fi

# --- the command's messages -------------------------------------------------

# The command ends as soon as it has spoken, so that a turn that receives
# nothing may be the last.
last_words() {
	limit 60 strace -o trace -e inject="$1" "$SOCKPAIR" -t "$type" "$POST" \
	    say:1 say:2 say:3 exit:4 </dev/null >out 2>err
	echo "$rc $(cat err) $(tr '\n' ' ' <out)"
}
for type in dgram seqpacket; do
	if [ "$LINUX_EXTRAS" != yes ]; then
		elsewhere "$type: last words" "they are received one by one"
		continue
	fi
	for error in EINTR EAGAIN; do
		for turn in 1 2 3; do
			got=$(last_words "recvmmsg:error=$error:when=$turn")
			[ "$got" = "4  1 2 3 " ] || echo "$turn: $got"
		done >odd
		is "$(cat odd)" '' "$type: $error does not end the output"
	done
done

# --- beside a trace ---------------------------------------------------------

# A trace is written between a read and what is made of its error.
cat >large.pl <<'!'
use strict;
use Socket;
socketpair(my $ours, my $other, AF_UNIX, SOCK_SEQPACKET, 0) or die;
my $hand = fork // die;
if ($hand == 0) {
	open STDIN, '<&', $other or die;
	close $_ for $ours, $other;
	exec $ENV{HAND}, 'say:first', 'open:/dev/null', 'bulk:70000',
	    'say:after', 'say:last', 'half-close';
	die;
}
open STDIN, '<&', $ours or die;
close $_ for $ours, $other;
exec @ARGV or die;
!
rm -f list
limit 60 perl large.pl strace -o trace -P "$PWD/traced" \
    -e inject=write,writev,pwritev2:error=EINTR:when=1+2 "$SOCKPAIR" \
    -t seqpacket -F raw --max-message=60000 -o traced "$POST" list:list \
    >out 2>err
# strace tells of the process that perl left to it.
is "$rc $(grep -v '^strace: ' err) $(tr '\n' ' ' <list)" "125 sockpair: cannot send message 2: \
its 70000 bytes are more than the limit of 60000 5 first 5 after 4 last " \
    "a trace that is written with interruptions changes nothing"

done_testing
