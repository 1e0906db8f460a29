#!/bin/sh
# SPDX-License-Identifier: MIT
# What CAVEATS of sockpair(1) says of programs that other scripts do not run.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout

name="a program that opens /dev/stdin fails, and - helps"
if [ -e /dev/stdin ]; then
	# Nothing is written: a command that does not read would lose it.
	limit 60 sockpair cat /dev/stdin </dev/null >out 2>err
	got=$rc
	echo text >words
	limit 60 sockpair cat - <words >out 2>>err
	is "$got $rc $(cat out) $(sed 's/.*: //' err)" \
	    "1 0 text No such device or address" "$name"
else
	skip "$name" "no /dev/stdin"
fi

# bash(1), INVOCATION: "executed by the remote shell daemon".
name="bash reads ~/.bashrc if its input is a socket, unless below another"
if ! have bash; then
	skip "$name" "bash is not installed"
else
	mkdir home
	echo 'echo of .bashrc' >home/.bashrc
	# The environment is that of a program that is not bash.
	start_bash() {
		limit 60 env -u SHLVL HOME="$PWD/home" "$@" </dev/null 2>&1
	}
	got=$(start_bash sockpair bash -c 'echo of bash')
	is "$(echo "$got" | tr '\n' ,)" "of .bashrc,of bash," "$name"
	is "$(start_bash sockpair bash --norc -c 'echo of bash')" "of bash" \
	    "--norc helps"
	is "$(start_bash sockpair --pipes bash -c 'echo of bash')" "of bash" \
	    "so does --pipes"
	is "$(start_bash SHLVL=1 sockpair bash -c 'echo of bash')" "of bash" \
	    "SHLVL tells bash that a shell has started it"
fi

done_testing
