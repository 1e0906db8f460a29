#!/bin/sh
# SPDX-License-Identifier: MIT
# Filters of seccomp(2), which containers and service managers put around a
# program, refuse system calls with errors of their own choice: each call that
# has a plainer way is replaced by it, and nothing else changes.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need perl timeout

DENY=${DENY:-$(dirname "$PEER")/deny}
case $DENY in /*) ;; *) DENY=$(pwd)/$DENY ;; esac
limit 20 "$DENY" ENOSYS signalfd4 true 2>err
if [ "$rc" -eq 77 ]; then
	echo "1..0 # SKIP no filters of system calls"
	exit 0
fi

# --- traces -------------------------------------------------------------------

# Standard error is a socket, which cannot be opened once more.
echo hello >hello
for error in EPERM ENOSYS EINVAL EOPNOTSUPP; do
	limit 20 sockpair -d 2 "$DENY" $error pwritev2 sh -c \
	    'sockpair -v --time=none tr a-z A-Z <hello >out; echo $? >status' \
	    </dev/null >trace
	is "$rc $(cat status out) $(grep -c '^<   HELLO$' trace)" "0 0
HELLO 1" "a trace without pwritev2(2): $error"
done

# --- what is relayed ------------------------------------------------------------

perl -e 'print pack "N*", 0 .. 400000' >data	# enough to be spliced
perl -e 'print "line $_\n" for 1 .. 5000' >lines
# The filter is for us alone; the command would feel it, too.
for error in EPERM ENOSYS EINVAL EOPNOTSUPP; do
	for calls in preadv2 pwritev2 splice,sendfile recvmmsg sendmmsg \
	    signalfd4 \
	    preadv2,pwritev2,splice,sendfile,recvmmsg,sendmmsg,signalfd4; do
		# shellcheck disable=SC2002 # a pipe is what is wanted
		cat data | {
			limit 60 "$DENY" $error $calls sockpair \
			    sh -c 'cat; exit 5' 2>err
			echo "$rc" >ended
		} | cat >out
		cmp -s data out && [ "$(cat ended)" = 5 ] && [ ! -s err ] ||
			echo "$calls: bytes, $(cat ended)"
		for type in seqpacket dgram; do
			# shellcheck disable=SC2002
			cat lines | limit 60 "$DENY" $error $calls sockpair \
			    -t $type "$POST" echo 2>err | cat >out
			cmp -s lines out && [ ! -s err ] || echo "$calls: $type"
		done
		limit 60 "$DENY" $error $calls sockpair \
		    sh -c 'trap "exit 6" USR1; kill -USR1 $PPID
			while :; do sleep 0.05; done' </dev/null >out 2>err
		[ "$rc" = 6 ] && [ ! -s err ] || echo "$calls: a signal, $rc"
	done >odd
	is "$(cat odd)" '' "calls that are refused with $error change nothing"
done

# --- starting and ending -----------------------------------------------------

# A shell as the command may use vfork(2) itself.
for error in EPERM ENOSYS EINVAL EOPNOTSUPP; do
	limit 60 "$DENY" $error vfork sockpair "$PEER" echo exit:5 \
	    <hello >out 2>&1
	is "$rc $(cat out)" '5 hello' \
	    "a command starts without vfork(2): $error"
	limit 60 "$DENY" $error vfork sockpair ./nothing </dev/null 2>err
	is "$rc $(cat err)" \
	    "127 sockpair: cannot run './nothing': No such file or directory" \
	    "and one that cannot says why"
done

# A command lets go of 5, and its reader hears of it while the command runs.
for error in EPERM ENOSYS; do
	name="what was inherited is closed without close_range(2): $error"
	if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
		elsewhere "$name" "a wrapper holds it, too"
		continue
	elif [ ! -d /dev/fd/ ]; then
		skip "$name" "no /dev/fd"
		continue
	fi
	rm -f heard went-on
	"$DENY" $error close_range sockpair "$PEER" close:5 wait:heard \
	    touch:went-on 5>&1 >out </dev/null | {
		cat
		: >heard
	}
	[ -e went-on ]
	ok "$name"
done
done_testing
