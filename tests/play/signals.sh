#!/bin/sh
# SPDX-License-Identifier: MIT
# Signals to sockplay are passed on to the command, and then end sockplay.  What
# is ignored or blocked on entry stays so.  The keys of a terminal have the same
# effect as without sockplay.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need mkfifo perl timeout
need_sockplay
need_proc
PTY=${PTY:-$(dirname "$PEER")/pty}
case $PTY in /*) ;; *) PTY=$(pwd)/$PTY ;; esac

cat >talk.jsonl <<'END'
{"from":"stdin","type":"data","text":"6*7\n"}
{"from":"command","type":"data","text":"42\n"}
{"from":"stdin","type":"eof"}
{"from":"command","type":"eof"}
{"from":"command","type":"exit","status":0}
END
perl -e 'my $piece = "x" x 65536;
    print qq({"from":"stdin","type":"data","text":"$piece"}\n) x 40' >much.jsonl

# entry.pl IGNORED BLOCKED COMMAND...: run COMMAND with just these signals
# ignored and blocked (numbers separated by commas), and the usual others at
# their default.
cat >entry.pl <<'END'
use POSIX ();
my ($ignored, $blocked, @command) = @ARGV;
POSIX::sigaction($_, POSIX::SigAction->new('DEFAULT'))
    for 1, 2, 3, 10, 12, 13, 14, 15, 17, 25;
POSIX::sigaction($_, POSIX::SigAction->new('IGNORE')) for split /,/, $ignored;
POSIX::sigprocmask(POSIX::SIG_SETMASK,
    POSIX::SigSet->new(split /,/, $blocked));
exec { $command[0] } @command or die "entry.pl: $command[0]: $!\n";
END

# entry IGNORED BLOCKED ARGUMENT...: run sockplay so, and set $rc to its status.
entry() {
	timeout -s KILL 60 perl entry.pl "$1" "$2" "$SOCKPLAY" "$3" "$4" \
	    "$5" "$6" "$7" "$8" </dev/null >out 2>err
	rc=$?
}

# ends NAME SIGNAL ARGUMENT...: sockplay is sent SIGNAL once the command has
# written its pid and sleeps.  The signal kills sockplay, which prints a line
# that ends with $awaited, and the command has ended before.
awaited='still awaited'
ends() {
	ends_name=$1
	ends_signal=$2
	shift 2
	rm -f pid pid.parent
	perl entry.pl '' '' "$SOCKPLAY" "$@" </dev/null >out 2>err &
	await [ -e pid ]
	await all_asleep "$(parent_of pid)" "$(cat pid)"
	kill "-$ends_signal" "$(parent_of pid)"
	wait "$!" 2>/dev/null
	is "$? $(cat out) $(grep -c "^sockplay: .* $awaited\$" err) $(wc -l <err)" \
	    "$((128 + ends_signal))  1 1" "$ends_name"
	is_gone "$(cat pid)"
	ok "$ends_name: the command is gone"
}

# --- in every state ----------------------------------------------------------

for signal in 1 2 3 10 14 15; do
	ends "signal $signal while bytes are awaited" $signal \
	    talk.jsonl "$PEER" pid:pid pause
done
awaited='not taken by the command'
ends "while bytes wait for room" 15 much.jsonl "$PEER" pid:pid pause
awaited='still awaited'
ends "while the end is awaited" 15 talk.jsonl "$PEER" say:42 pid:pid pause
ends "while the exit is awaited" 15 \
    talk.jsonl "$PEER" say:42 half-close pid:pid pause

rm -f err
perl entry.pl '' '' "$SOCKPLAY" talk.jsonl \
    sh -c 'echo 43; exec "$PEER" pid:late pause' 2>err &
await [ -s err ]
await [ -s late.parent ]
kill -15 "$(parent_of late)"
wait "$!" 2>/dev/null
is "$? $(sed -n 1p err)" \
    "143 sockplay: talk.jsonl:2: byte 1 of the command differs" \
    "after a difference, which has been printed"

# --- on entry ----------------------------------------------------------------

# seen: a command that prints how its signals are set, and then the answer.
cat >seen <<'END'
"$PEER" signals >&2 && echo 42
END
for entry in '1 15' '17 17' '13,2 10,14' "'' ''"; do
	eval "set -- $entry"
	timeout 60 perl entry.pl "$1" "$2" sh ./seen 2>want >out
	entry "$1" "$2" talk.jsonl sh ./seen '' '' ''
	is "$rc $(cat err)" "0 $(cat want)" \
	    "the command has signals as on entry (ignored '$1', blocked '$2')"
done

# holds NAME IGNORED BLOCKED SIGNAL: SIGNAL, in the middle of a play, ends
# neither sockplay nor the command.
holds() {
	rm -f pid pid.parent go
	perl entry.pl "$2" "$3" "$SOCKPLAY" talk.jsonl \
	    "$PEER" pid:pid wait:go say:42 2>err &
	await [ -e pid ]
	kill "-$4" "$(parent_of pid)"
	touch go
	wait "$!"
	is "$? $(cat err)" "0 " "$1"
}
holds "a signal that was ignored on entry, as by nohup, ends nobody" 1 '' 1
holds "nor does one that was blocked" '' 15 15

# --- recorded ones -----------------------------------------------------------

limit 60 "$SOCKPAIR" -T 2 -o ended.jsonl \
    perl -e '$SIG{TERM} = sub { print "late\n"; exit 5 }; $| = 1;
	print "hi\n"; sleep 1 while 1' </dev/null >out 2>err
is "$rc $(tr '\n' ' ' <out)" "124 hi late " "a run that --timeout ends is recorded"
limit 60 "$SOCKPLAY" ended.jsonl \
    perl -e '$SIG{TERM} = sub { print "late\n"; exit 5 }; $| = 1;
	print "hi\n"; sleep 1 while 1' 2>err
is "$rc $(cat err)" "0 " "the end of a run by --timeout of sockpair is played"

# --- at a terminal -----------------------------------------------------------

# A command that prints a line for each SIGINT, and exits at a SIGUSR1.
cat >noting.pl <<'END'
$SIG{INT} = sub { print STDERR "INT\n" };
$SIG{USR1} = sub { print STDERR "last words\n"; exit 3 };
open F, '>', 'pid.tmp'; print F "$$\n"; close F;
rename 'pid.tmp', 'command.pid';
sleep 1 while 1;
END

# at_terminal ARGUMENT...: run pty, and set $screen to what is on the screen and
# how the program ended.
at_terminal() {
	rm -f command.pid us.pid
	screen=$(timeout -s KILL 60 "$PTY" "$@" </dev/null 2>end | tr -d '\r'
		cat end)
}

if [ ! -x "$PTY" ] || ! has_terminals; then
	skip "at a terminal" "no pseudo-terminals"
	done_testing
fi
# One that we sent as well would be one with the key's, unless it came later.
at_terminal file:command.pid 'run:kill -STOP $(cat us.pid)' state:T:us.pid \
    'send:^C' 'expect:INT\r\n' 'run:kill -CONT $(cat us.pid)' 'idle:200' \
    'run:kill -USR1 $(cat command.pid)' -- \
    sh -c 'echo $$ >us.pid; exec "$SOCKPLAY" talk.jsonl perl noting.pl'
# What it waited for is printed while the command says INT.
is "$(echo "$screen" | sed 's/sockplay: .* still awaited$//' | tr -d '\n')" \
    '^CINTlast wordssignal 2' "^C reaches the command once, and sockplay ends after it"
# A server that the terminal ends, recorded and played without one.
cat >server.pl <<'END'
$| = 1;
$SIG{INT} = sub { print "bye\n"; exit 7 };
print "hi\n";
sleep 1 while 1;
END
at_terminal 'expect:hi\r\n' 'send:^C' -- "$SOCKPAIR" -o server.jsonl \
    perl server.pl
limit 60 "$SOCKPLAY" server.jsonl perl server.pl 2>err
is "$(grep -c '"type":"signal","signal":2' server.jsonl) $rc $(cat err)" "1 0 " \
    "^C is recorded, and played"

at_terminal 'send:6*7\n' 'expect:42\r\n' 'send:^D' -- "$SOCKPLAY" talk.jsonl
is "$screen" '6*7
42
exit 0' "a mock can be talked with by hand, until ^D"
at_terminal 'send:6*7\n' 'expect:42\r\n' 'send:^C' -- "$SOCKPLAY" talk.jsonl
is "$screen" '6*7
42
^Csignal 2' "or ^C"
name="^Z stops sockplay and the command, fg goes on, and no time has passed"
if ! have bash || [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "not under another checker, not without bash"
else
	# The command waits without creating processes: dash does that by
	# vfork(2), and while the child is stopped before exec the parent waits
	# for it and is not stopped itself.
	mkfifo hold
	at_terminal file:command.pid file:us.pid 'send:^Z' state:T:command.pid \
	    state:T:us.pid 'expect:stopped 148' 'run:sleep 7' \
	    'send:\r' 'run:: >hold' 'expect:status 0' -- bash -c '
		set -m
		sh -c "echo \$\$ >us.tmp; mv us.tmp us.pid
			exec \"\$SOCKPLAY\" -T 6 talk.jsonl sh -c \"
			echo \\\$\\\$ >c.tmp; mv c.tmp command.pid
			read -r _ <hold; echo 42\""
		echo stopped $?
		read -r line; fg >/dev/null; echo status $?'
	case $screen in
	*'status 0'*) ;;
	*) false ;;
	esac
	ok "$name" || echo "$screen" | sed 's/^/# /'
fi

done_testing
