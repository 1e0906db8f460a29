#!/bin/sh
# SPDX-License-Identifier: MIT
# Filters of seccomp(2), which containers and service managers put around a
# program, refuse system calls with errors of their own choice: each call that
# has a plainer way is replaced by it, and nothing else changes.
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
done_testing
