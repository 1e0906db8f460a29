#!/bin/sh
# SPDX-License-Identifier: MIT
# Totals, at the end and on SIGUSR1, and the meter of --progress.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
# shellcheck disable=SC2317 # await calls what is defined just before it
. "${TOP_SRCDIR:-.}/tests/lib.sh"
mkfifo silent

# --- totals ------------------------------------------------------------------

head -c 100000 /dev/zero | sockpair --stats cat >out 2>err
is "$(sed -E 's/, [0-9.]+ s.*//' err)" \
    'sockpair: standard input: 97.7 KiB (100000 B), 0 B undelivered
sockpair: standard output: 97.7 KiB (100000 B), 0 B undelivered' \
    "--stats prints totals of both directions"
head -c 8000000 /dev/zero >large
sockpair --stats cat <large 2>err >out
is "$(grep -c '(8000000 B)' err)" 2 "also of what is spliced"
printf 'a\n\nbcd\n' | sockpair --stats -t dgram "$POST" echo >out 2>err
grep -q 'standard input: 4 B.*3 messages' err
ok "and of messages" || cat err
if [ -z "${SOCKPAIR_WRAPPED:-}" ]; then
	rm -f runs
	sockpair --stats "$PEER" touch:runs cat-in <silent >out 2>err &
	relay=$!
	exec 9>silent
	await [ -e runs ]
	kill -USR1 $relay
	printed() { [ "$(wc -l <err)" -ge 2 ]; }
	await printed
	exec 9>&-
	wait $relay
	is "$? $(unreported err | grep -c 'standard input')" "0 2" \
	    "SIGUSR1 prints them in between, and is not passed on"
	mkfifo hold
	rm -f out
	sockpair --stats sh -c '(read -r _ <hold) & echo $$' </dev/null >out \
	    2>err &
	relay=$!
	await [ -s out ]
	is_reaped() { ! kill -0 "$(cat out)"; }
	await is_reaped
	kill -USR1 $relay
	await printed
	: >hold
	wait $relay
	is "$? $(unreported err | grep -c 'standard input')" "0 2" \
	    "nor ends it us when the command has exited"
fi

# --- the meter ---------------------------------------------------------------

echo a | sockpair --progress cat >out 2>err
is "$(cat out err)" a "--progress is nothing without a terminal"
PTY=${PTY:-$(dirname "$PEER")/pty}
case $PTY in /*) ;; *) PTY=$(pwd)/$PTY ;; esac
# on_terminal [STEP...] -- COMMAND...: what is on the screen then, with ESC and
# CR as letters.
on_terminal() {
	rm -f drawn again
	TERM=xterm "$PTY" "$@" 2>end | tr '\033\r' ER
}
if "$PTY" -- true >/dev/null 2>&1; then
	on_terminal 'expect:B/s  0:0' 'run:: >drawn' expect:a 'expect:B/s  0:0' \
	    'run:: >again' -- sockpair --progress \
	    "$PEER" wait:drawn say:a wait:again >screen
	grep -q '^R>  *0 B  *0 B/s  <  *0 B  *0 B/s  0:0[0-9]:[0-9]*R' screen
	ok "on a terminal it is a meter, drawn over itself" || show screen
	grep -q 'R *Ra' screen
	ok "which makes way for the output" || show screen
	tail -n 1 screen | grep -q '0:0[0-9]:[0-9]*R *R$'
	ok "and is gone at the end" || show screen
	on_terminal -- sockpair --progress \
	    sh -c 'printf "name? "; sleep 1; echo me' >screen
	grep -q 'name? meR' screen
	ok "it leaves a line alone that is not ended" || show screen
	on_terminal 'expect:B/s  0:0' 'run:: >drawn' -- \
	    sockpair --progress --stats "$PEER" wait:drawn >screen
	grep -q 'R *Rsockpair: standard input: 0 B' screen
	ok "and makes way for our own lines" || show screen
	if [ -c /dev/full ]; then
		on_terminal 'expect:B/s  0:0' 'run:: >drawn' -- sh -c '
			exec sockpair --progress "$PEER" wait:drawn say:lost \
			    >/dev/full' >screen
		grep -q 'R *Rsockpair: cannot write standard output: ' screen
		ok "also for what went wrong" || show screen
	fi
	# A second command's half line is not on the screen.
	on_terminal 'expect:<       1 B' 'run:: >drawn' -- sockpair --progress \
	    -T 1h -p 'exec "$PEER" read:1 wait:drawn' \
	    "$PEER" out:1 wait:drawn >screen
	is "$(tail -n 1 end)" 'exit 0' \
	    "between two commands a line that is not ended does not stop it" ||
	    show screen
	# 3 MB are more than waits anywhere.
	on_terminal 'expect:B/s  0:0' send:^S full 'run:: >drawn' file:again \
	    send:^Q -- sh -c 'exec sockpair --progress \
		"$PEER" wait:drawn out:3000000 touch:again >out' >screen
	is "$(tail -n 1 end) $(wc -c <out)" 'exit 0 3000000' \
	    "a terminal stopped by ^S stops the meter, and nothing else"
else
	skip "a meter on a terminal" "no pseudo-terminals"
fi

done_testing
