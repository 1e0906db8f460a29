#!/bin/sh
# SPDX-License-Identifier: MIT
# The exit status: the command's own, its signal, or one of 124 to 127, and
# which of them wins; --timeout, --kill-after and --die-with-parent.
# shellcheck disable=SC2016 # what is in single quotes is for another shell, or perl
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need perl

# outcome COMMAND...: run it with every signal at its default and print what a
# parent sees: "exit N" or "signal N", and "core" if it says that it left one.
cat >outcome.pl <<'END'
$SIG{$_} = 'DEFAULT' for grep { !/^(KILL|STOP|NUM..)$/ } keys %SIG;
system { $ARGV[0] } @ARGV;
print $? & 127 ? 'signal ' . ($? & 127) . ($? & 128 ? ' core' : '')
    : 'exit ' . ($? >> 8), "\n";
END
outcome() {
	timeout -s KILL 60 perl "$test_dir/outcome.pl" "$@"
}

# gone PID: wait until there is no such process, or only its remains.
gone() {
	await is_gone "$1"
}

# arrives PATH: wait until it is there.
arrives() {
	arrives_turns=0
	while [ ! -e "$1" ]; do
		arrives_turns=$((arrives_turns + 1))
		[ $arrives_turns -lt 1200 ] || return 1
		sleep 0.05
	done
}

# grace TRACE CONDITION: it holds for what was left between --timeout and the
# exit, in seconds.
grace() {
	awk '$3 == "timeout" { then = $2 } $3 == "exit" { left = $2 - then }
		END { exit !(then > 0 && left '"$2"') }' "$1"
}

# until_there PATH: lines, so that the clock of --timeout does not begin before
# the file is there.
until_there() {
	until [ -e "$1" ]; do
		echo
		sleep 0.05
	done
}

# --- the slow ones run beside all others, and are looked at in the end -----

# Five seconds of patience, unless --kill-after says else.
(
	outcome sh -c 'trap "" TERM
		exec sockpair -T 0.1s -o patience.txt "$PEER" pause' \
		</dev/null >patience 2>&1
) &
patience_pid=$!

# One piece every 0.3 s, for longer than the limit on silence.
(
	outcome sockpair -T 3s sh -c '
		for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do
			sleep 0.3; printf .
		done; exit 7' </dev/null >talking 2>&1
) &
talking_pid=$!
(
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do
		sleep 0.3; printf '%s' . ; : "$i"
	done | outcome sockpair -T 3s sh -c 'cat >fed; exit 7' >feeding 2>&1
) &
feeding_pid=$!

# Stopped for longer than the limit on silence.
(
	outcome sh -c 'echo $$ >stopped.pid
		exec sockpair -T 2s sh -c "
			: >stopped.runs
			until [ -e stopped.go ]; do sleep 0.05; done
			sleep 0.4; exit 7"' </dev/null >stopped 2>&1
) &
stopped_pid=$!
(
	arrives stopped.runs
	kill -STOP "$(cat stopped.pid)"
	sleep 2.5
	: >stopped.go
	kill -CONT "$(cat stopped.pid)"
) &

# --- the command's status --------------------------------------------------

# Under a checker of memory, that takes a second each, only some.
step=1
[ -z "${SOCKPAIR_WRAPPED:-}" ] || step=17
wrong=
i=0
while [ $i -le 255 ]; do
	status sockpair sh -c "exit $i" </dev/null
	[ "$rc" = "$i" ] || wrong="$wrong $i:$rc"
	i=$((i + step))
done
is "$wrong" '' "every exit status from 0 to 255 is the command's"

i=0 wrong=
while [ $i -le 255 ]; do
	got=$(outcome sockpair sh -c "echo x; exit $i" 2>&1 </dev/null)
	[ "$got" = "x
exit $i" ] || wrong="$wrong $i:$got"
	i=$((i + 85))
done
is "$wrong" '' "a status above 128 is an exit, not a signal"

# --- its signal ------------------------------------------------------------

mkdir core
cd core || exit 99
# A checker of memory has its own use for the highest, and knows no 16.
signals=''
[ -n "${SOCKPAIR_WRAPPED:-}" ] || signals='16 64'
wrong=
for sig in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 24 25 26 27 29 30 31 34 $signals
do
	got=$(outcome sh -c 'ulimit -c unlimited 2>/dev/null
	    exec sockpair sh -c "$1"' sh "ulimit -c 0; kill -$sig \$\$" \
	    2>&1 </dev/null)
	[ "$got" = "signal $sig" ] || wrong="$wrong $sig:$got"
done
is "$wrong" '' "a command killed by a signal makes us die of that signal"
is "$(ls)" '' "we leave no core file beside the command's"
cd ..

status sockpair sh -c 'kill -TERM $$' </dev/null 2>/dev/null
is "$rc" 143 "a shell shows the command's SIGTERM as 128+15"

name="where the signal cannot end us we exit with 128+n"
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "not under another checker"
else
	# -r: as a user without rights, in a user namespace as well.  An old
	# unshare has its command block SIGTERM.
	got=
	for how in -pf -rpf; do
		[ "$(unshare $how sh -c 'sh -c "kill -TERM \$\$"; echo $?' \
		    2>/dev/null)" = 143 ] || continue
		got=$(outcome unshare $how "$SOCKPAIR" \
		    sh -c 'kill -TERM $$' 2>&1 </dev/null)
		break
	done
	if [ -n "$got" ]; then
		is "$got" 'exit 143' "$name"
		# shellcheck disable=SC2086
		got=$(outcome timeout -s KILL 60 unshare $how "$SOCKPAIR" sh -c '
		    (while kill -0 $$; do sleep 0.02; done; kill -TERM 1
		    exec sleep 60) 2>/dev/null & exit 0' 2>&1 </dev/null)
		is "$got" 'exit 143' "nor does one that is ours keep us"
	else
		skip "$name" "no right to make a process-id namespace"
	fi
fi

# --- orphans -------------------------------------------------------------

# The first process of a container gets those whose parent has ended.
name="no process whose parent has ended stays as a zombie"
orphans='
	for i in 1 2 3 4 5; do
		(sh -c "echo \$\$ >orphan.\$1.tmp
		    mv orphan.\$1.tmp orphan.\$1" sh $i &)
	done
	for i in 1 2 3 4 5; do
		turns=0
		while [ ! -e orphan.$i ] ||
		    [ -e "/proc/$(cat orphan.$i)" ]; do
			turns=$((turns + 1))
			[ $turns -lt 500 ] || exit 1
			sleep 0.02
		done
		rm orphan.$i
	done
	exit 7'
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "not under another checker"
else
	got=
	for how in -pf -rpf; do
		unshare $how --mount-proc true 2>/dev/null || continue
		got=$(outcome unshare $how --mount-proc "$SOCKPAIR" \
		    sh -c "$orphans" 2>&1 </dev/null)
		can_have -p && two=$(outcome unshare $how --mount-proc "$SOCKPAIR" \
		    -p 'exec cat' sh -c "$orphans" 2>&1 </dev/null)
		break
	done
	if [ -n "$got" ]; then
		is "$got" 'exit 7' "$name"
		can_have -p && is "$two" 'exit 7' "nor with two commands"
	else
		skip "$name" "no right to make a process-id namespace"
	fi
fi

# A process that is a subreaper is still one after exec; see prctl(2).
name="nor does it where we inherited the right to such processes"
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "not under another checker"
elif [ "$LINUX_EXTRAS" != yes ] || ! have python3 || ! has_proc; then
	skip "$name" "needs Linux, python3 and /proc"
else
	got=$(outcome python3 -c 'import ctypes, os, sys
assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0
os.execvp(sys.argv[1], sys.argv[1:])' "$SOCKPAIR" sh -c "$orphans" \
	    2>&1 </dev/null)
	is "$got" 'exit 7' "$name"
fi

# --- not started -----------------------------------------------------------

# refused STATUS REASON NAME COMMAND...: it is not run, for REASON.  A directory
# in PATH that may not be searched would be another reason.
refused() {
	want_rc=$1 want_reason=$2 name=$3
	shift 3
	status env PATH=/usr/bin:/bin "$SOCKPAIR" "$@" </dev/null >out 2>err
	is "$rc: $(cat out err)" \
	    "$want_rc: sockpair: cannot run '$1': $want_reason" "$name"
}

: >plain
mkdir dir
echo '#!/nonexistent/interpreter' >no-interpreter
printf 'echo read by sh; exit 3\n' >no-head
chmod 755 no-interpreter no-head
missing='No such file or directory'
refused 127 "$missing" "a command that is not in PATH is 127" no-such-program
refused 127 "$missing" "a path that does not exist is 127" ./no-such-program
refused 127 'Not a directory' "a path through a file is 127" ./plain/x
# A checker of memory has its own answer to these.
name="a missing interpreter is 127"
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "not under another checker"
else
	refused 127 "$missing" "$name" ./no-interpreter
fi
refused 127 "$missing" "an empty name is 127" ''
refused 126 'Permission denied' "a file without x is 126" ./plain
refused 126 'Permission denied' "a directory is 126" ./dir
refused 127 "$missing" "a name with arguments is still one name" 'sh -c true'
status sockpair './no
such' </dev/null 2>err
is "$(cat err)" "sockpair: cannot run './no\\nsuch': $missing" \
    "a control character in its name is shown escaped"
long=$(printf '%0300d' 0)
refused 126 'File name too long' "too long a name is 126" "./$long"
(PATH=$PWD:$PATH; export PATH; exec "$SOCKPAIR" plain) </dev/null >out 2>err
is "$?" 126 "a file without x that is found in PATH is 126"

ln -s loop loop
refused 126 'Too many levels of symbolic links' "a loop of links is 126" ./loop

name="a program that is open for writing is 126"
cp "$(command -v perl)" busy
chmod 755 busy
exec 9>>busy
if [ -n "${SOCKPAIR_WRAPPED:-}" ] || ./busy -e 1 2>/dev/null; then
	elsewhere "$name" "this system runs it, or not under another checker"
else
	refused 126 'Text file busy' "$name" ./busy
fi
exec 9>&-

if ldd --version 2>&1 | grep -qi musl; then
	skip "a script without #! is run by sh" "musl's execvp does not"
else
	status sockpair ./no-head </dev/null >out 2>err
	is "$rc: $(cat out err)" '3: read by sh' \
	    "a script without #! is run by sh"
fi

got=$(printf 'one\ntwo\n' |
    (sockpair ./no-such-program 2>/dev/null; echo "$?"; cat))
is "$got" "127
one
two" "a command that cannot be run has read nothing of standard input"
got=$(printf 'one\n' | (sockpair --fd=x true 2>/dev/null; echo "$?"; cat))
is "$got" "125
one" "a usage error has read nothing of standard input"

got=$(perl -e 'exec { $ARGV[0] } "", "sh", "-c", "exit 3"' \
    "$SOCKPAIR" 2>&1 </dev/null; echo $?)
is "$got" 3 "an empty argv[0] of our own does not matter"
got=$(perl -e 'exec { $ARGV[0] } "", "./none"' "$SOCKPAIR" 2>&1 </dev/null)
is "$got" "sockpair: cannot run './none': $missing" \
    "and messages begin with our name even so"

# --- --timeout -------------------------------------------------------------

# Silent, but with somebody who may yet write to it.
mkfifo silent

got=$(outcome sockpair --timeout=0.2s sleep 60 </dev/null)
is "$got" 'exit 124' "a silent command is ended by --timeout: 124"
got=$(outcome sockpair -T 200ms cat <>silent)
is "$got" 'exit 124' "so is one that waits for a silent standard input"

until_there up | outcome sockpair -T 1s perl -e '$| = 1;
	$SIG{TERM} = sub { print "last words\n"; exit 3 };
	open F, ">", "up"; sleep 60' >out 2>err
is "$(unreported out err)" "last words
exit 124" "it gets SIGTERM first, its last words arrive, and 124 beats its 3"

outcome sh -c 'trap "" TERM
	exec sockpair -T 0.2s -k 0.2s -o soon.txt "$PEER" pause' \
	</dev/null >out 2>err
is "$(unreported out err) $(grace soon.txt '< 4' || cat soon.txt)" 'exit 124 ' \
    "then SIGKILL after --kill-after, and 124 beats that signal too"
got=$(outcome sh -c 'trap "" TERM
	exec sockpair -T 0.2s -k 0 -o at-once.txt "$PEER" pause' </dev/null)
[ "$got" = 'exit 124' ] && grace at-once.txt '< 4'
ok "at once, with --kill-after=0" || sed 's/^/# /' at-once.txt

got=$(outcome sockpair -T 0.2s sh -c 'kill -STOP $$' </dev/null)
is "$got" 'exit 124' "--timeout ends a command that is stopped"

got=$(outcome sockpair -T 0.3s sh -c '
	(sleep 1.2; echo late) & exit 7' </dev/null)
is "$got" "late
exit 7" "--timeout counts only while the command runs"

name="--timeout ends a command whose output nobody reads, and us"
if [ -n "${SPLICE_AT_ONCE:-}" ]; then
	elsewhere "$name" "not when spliced from the first byte on"
else
	mkfifo unread
	outcome sh -c 'exec "$@" >unread' sh sockpair -T 0.3s "$PEER" \
	    out:200000 pause </dev/null >out 2>err 9<>unread
	unreported err >rest
	is "$(cat out) $(sed 's/; [1-9][0-9]* B/; N B/' rest)" "exit 124 sockpair: \
cannot write standard output: its reader does not read; N B undelivered" "$name"
fi

got=$(outcome sockpair -T 0.2s sh -c 'sleep 60 & echo $! >left.pid; wait' \
    </dev/null)
is "$got" 'exit 124' "--timeout does not wait for who outlives the command"
kill "$(cat left.pid)"

status sockpair -T 60s ./no-such-program </dev/null 2>/dev/null
is "$rc" 127 "127 beats --timeout"

# --- --kill-after ----------------------------------------------------------

half_close='shutdown(STDOUT, 1) or close(STDOUT)'
long_life='sleep 60; exit 5'

got=$(outcome sockpair -k 0.2s \
    perl -e "$half_close; $long_life" </dev/null)
is "$got" 'signal 15' "--kill-after: both directions ended, then SIGTERM"
got=$(outcome sockpair -k 0 perl -e "$half_close; $long_life" </dev/null)
is "$got" 'signal 15' "--kill-after=0 is at once"
got=$(outcome sockpair -k 0.2s perl -e \
    '$SIG{TERM} = "IGNORE"; '"$half_close; $long_life" </dev/null)
is "$got" 'signal 9' "after as long again SIGKILL"
got=$(outcome sockpair -k 0.2s \
    sh -c 'exec <&- >&- sleep 60' <>silent)
is "$got" 'signal 15' "--kill-after: the socket has hung up, then SIGTERM"
got=$(outcome sockpair -k 0.2s perl -e \
    '$SIG{TERM} = sub { exit 6 }; '"$half_close; $long_life" </dev/null)
is "$got" 'exit 6' "a command may end in its own way before SIGKILL"

# What does not start the clock: each is alive three times as long.
got=$(outcome sockpair -k 0.2s sh -c '
	cat; sleep 0.8; echo late; exit 7' </dev/null)
is "$got" "late
exit 7" "the end of input alone does not start --kill-after"
got=$(outcome sockpair -k 0.2s perl -e \
    "$half_close; select(undef, undef, undef, 0.8); exit 7" <>silent)
is "$got" 'exit 7' "the end of output alone does not start --kill-after"
got=$(outcome sockpair perl -e \
    "$half_close; select(undef, undef, undef, 0.8); exit 7" </dev/null)
is "$got" 'exit 7' "without --kill-after it is waited for"
got=$(outcome sockpair -k 0.2s sh -c '(sleep 0.8; echo late) & exit 7' \
    </dev/null)
is "$got" "late
exit 7" "--kill-after does not count for a command that has ended"

# --- what wins -------------------------------------------------------------

full='sockpair: cannot write standard output: No space left on device'
if [ -c /dev/full ]; then
	status sockpair sh -c 'echo lost' </dev/null >/dev/full 2>err
	is "$rc: $(cat err)" "125: $full" "lost output is 125, with a message"
	status sockpair sh -c 'echo lost; exit 3' </dev/null >/dev/full 2>err
	is "$rc: $(cat err)" "3: $full" "the command's own 3 beats that 125"
	status sockpair sh -c 'echo lost; exit 124' </dev/null >/dev/full \
	    2>err
	is "$rc: $(cat err)" "124: $full" "and its own 124 as well"
	perl -e 'open STDERR, ">&", STDOUT; open STDOUT, ">", "/dev/full";
		system "sockpair", "sh", "-c", "echo lost; kill -TERM \$\$";
		print STDERR $? & 127, "\n"' </dev/null >err
	is "$(cat err)" "$full
15" "the command's signal beats that 125 too"
	status sockpair -T 0.3s sh -c 'echo lost; exec sleep 60' \
	    </dev/null >/dev/full 2>err
	is "$rc: $(unreported err)" "124: $full" "--timeout's 124 beats that 125"
	status sockpair ./no-such-program </dev/null >/dev/full 2>/dev/null
	is "$rc" 127 "nothing written is nothing lost: 127"
	status sockpair true </dev/null >/dev/full 2>err
	is "$rc: $(cat err)" "0: " "an empty output fits on a full device"
else
	skip "lost output is 125" "no /dev/full"
fi

# --- --die-with-parent -----------------------------------------------------

# start_orphan OPTION...: run a command that tells of the end of its input, and
# kill its parent, us.
start_orphan() {
	rm -f parent.pid orphan.pid orphan.eof
	# shellcheck disable=SC2016 # for the other shell
	sh -c 'echo $$ >parent.pid; exec "$@"' sh sockpair "$@" perl -e '
		$SIG{$_} = "IGNORE" for qw(HUP INT PIPE TERM USR1);
		open F, ">", "orphan.tmp"; print F "$$\n"; close F;
		rename "orphan.tmp", "orphan.pid";
		<STDIN>; open F, ">", "orphan.eof"; sleep 600' \
		<>silent >/dev/null 2>&1 &
	arrives orphan.pid
	kill -KILL "$(cat parent.pid)"
}
name="--die-with-parent: the command is killed when we are"
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "not under another checker"
elif [ "$LINUX_EXTRAS" != yes ]; then
	elsewhere "$name" "built without what only Linux has"
else
	start_orphan --die-with-parent
	# It may have read end of file first: descriptors go before the parent.
	gone "$(cat orphan.pid)"
	ok "$name"
fi
name="even if we are gone before it has asked for that"
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "not under another tracer"
elif [ "$LINUX_EXTRAS" != yes ]; then
	elsewhere "$name" "built without what only Linux has"
elif ! have strace || ! strace -o /dev/null true 2>/dev/null; then
	skip "$name" "strace is not installed, or may not trace"
else
	rm -f parent.pid
	sh -c 'echo $$ >parent.tmp; mv parent.tmp parent.pid; exec "$@"' \
		sh strace -f -o prctl.trace \
		-e trace=prctl -e inject=prctl:delay_enter=1000000 \
		"$SOCKPAIR" --die-with-parent "$PEER" touch:orphan.ran pause \
		<>silent >/dev/null 2>&1 &
	arrives parent.pid
	# Our child is in the delay when nothing else has stopped it for long.
	perl -e '
		sub child {
			open F, "<", "/proc/$_[0]/task/$_[0]/children" or return;
			(split " ", <F> // "")[0];
		}
		my ($tracer, $looks) = (shift, 0);
		for (1 .. 20000) {
			select undef, undef, undef, 0.002;
			my $us = child($tracer) or next;
			my $it = child($us) or next;
			open F, "<", "/proc/$it/stat" or next;
			$looks = <F> =~ /\) t/ ? $looks + 1 : 0;
			next if $looks < 50;
			print "$it\n";
			kill "KILL", $us;
			exit;
		}' "$(cat parent.pid)" >orphan.pid
	[ -s orphan.pid ] && gone "$(cat orphan.pid)" && [ ! -e orphan.ran ]
	ok "$name" || kill -KILL "$(cat orphan.pid)" 2>/dev/null
	wait $!
fi
start_orphan
arrives orphan.eof && kill -0 "$(cat orphan.pid)"
ok "without it the command reads end of file, and lives"
kill -KILL "$(cat orphan.pid)"

if [ "$LINUX_EXTRAS" = yes ]; then
	got=$(outcome sockpair --die-with-parent sh -c 'exit 7' </dev/null)
	is "$got" 'exit 7' "--die-with-parent leaves the status alone"
else
	status sockpair --die-with-parent touch ran </dev/null 2>err
	is "$rc $(cat err)" "125 sockpair: cannot set the parent-death \
signal: Function not implemented" "--die-with-parent says that it cannot"
fi

# --- the slow ones ---------------------------------------------------------

wait $talking_pid $feeding_pid $stopped_pid
is "$(cat talking)" ".............exit 7" "output restarts --timeout's clock"
is "$(cat feeding):$(cat fed)" "exit 7:............." \
    "so does input, to a command that says nothing"
is "$(cat stopped)" 'exit 7' "so does SIGCONT after we were stopped"
wait $patience_pid
[ "$(unreported patience)" = 'exit 124' ] && grace patience.txt '>= 5 && left < 30'
ok "without --kill-after SIGKILL comes 5 s after --timeout's SIGTERM" ||
    sed 's/^/# /' patience patience.txt

done_testing
