#!/bin/sh
# SPDX-License-Identifier: MIT
# Signals: the command has them as we found them, those sent to us are passed
# on, and once there is no command they are ours.
# shellcheck disable=SC2016 # what is in single quotes is for another shell, or perl
# shellcheck disable=SC2317 # await calls what is defined just before it
# shellcheck disable=SC2094 # a FIFO that is held open for both
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need perl

if [ ! -r /proc/self/status ]; then
	echo "1..0 # SKIP no /proc"
	exit 0
fi

# entry.pl IGNORED BLOCKED PENDING COMMAND...: run it with just these signals
# ignored, blocked and sent before it begins (numbers, commas between), and all
# others at their default.
cat >entry.pl <<'END'
use POSIX ();
my ($ignored, $blocked, $pending, @command) = @ARGV;
for my $n (1 .. 64) {
	next if $n == 9 || $n == 19 || $n == 32 || $n == 33;
	POSIX::sigaction($n, POSIX::SigAction->new('DEFAULT'));
}
POSIX::sigaction($_, POSIX::SigAction->new('IGNORE')) for split /,/, $ignored;
POSIX::sigprocmask(POSIX::SIG_SETMASK,
    POSIX::SigSet->new(split /,/, $blocked));
kill $_, $$ for split /,/, $pending;
exec { $command[0] } @command or die "entry.pl: $command[0]: $!\n";
END
entry() {
	timeout -s KILL 60 perl "$test_dir/entry.pl" "$@"
}

# run.pl FILE COMMAND...: run it with every signal at its default; its number
# is then in FILE.pid, and what its parent sees of its end in FILE.end.
cat >run.pl <<'END'
my ($file, @command) = @ARGV;
$SIG{ALRM} = 'DEFAULT';
my $pid = fork;
if (!$pid) {
	exec 'perl', 'entry.pl', '', '', '', @command;
	exit 127;
}
open F, '>', "$file.tmp"; print F "$pid\n"; close F;
rename "$file.tmp", "$file.pid";
$SIG{$_} = 'IGNORE' for qw(HUP INT QUIT TERM);
$SIG{ALRM} = sub { kill 'KILL', $pid };
alarm 90;
waitpid $pid, 0;
open F, '>', "$file.tmp";
print F $? & 127 ? 'signal ' . ($? & 127) : 'exit ' . ($? >> 8), "\n";
close F;
rename "$file.tmp", "$file.end";
END

# listen.pl LOG SIGNAL...: note in LOG each of these as it comes, and exit 5
# after USR2.
cat >listen.pl <<'END'
use POSIX ();
my ($log, @signals) = @ARGV;
open LOG, '>>', $log or die;
my $all = POSIX::SigSet->new;
$all->fillset;
POSIX::sigprocmask(POSIX::SIG_SETMASK, $all);
for my $n (@signals) {
	my $note = sub { syswrite LOG, "$n\n"; exit 5 if $n == 12 };
	POSIX::sigaction($n, POSIX::SigAction->new($note)) or die "$n: $!";
}
open F, '>', "$log.runs"; close F;
POSIX::sigsuspend(POSIX::SigSet->new) while 1;
END

arrives() {
	arrives_turns=0
	while [ ! -e "$1" ]; do
		arrives_turns=$((arrives_turns + 1))
		[ $arrives_turns -lt 2000 ] || return 1
		sleep 0.02
	done
}

# begin FILE COMMAND...: run it beside us, by run.pl.
begin() {
	rm -f "$1.pid" "$1.end"
	# A shell gives what it starts beside it /dev/null, unless told else.
	{ perl run.pl "$@" <&7 7<&- & } 7<&0
	arrives "$1.pid"
}

# ended FILE: wait for its end, and print it.
ended() {
	arrives "$1.end"
	cat "$1.end"
}

# notes LOG LINE: wait until it is there.
notes() {
	notes_turns=0
	until grep -qx "$2" "$1" 2>/dev/null; do
		notes_turns=$((notes_turns + 1))
		[ $notes_turns -lt 2000 ] || return 1
		sleep 0.02
	done
}

# reaped PATH: the process whose number is in PATH is gone without remains.
reaped() {
	arrives "$1" || return 1
	reaped_turns=0
	while [ -e "/proc/$(cat "$1")" ]; do
		reaped_turns=$((reaped_turns + 1))
		[ $reaped_turns -lt 2000 ] || return 1
		sleep 0.02
	done
}

# in_state LETTERS PID: wait until the process is in one of these states.
in_state() {
	in_state_turns=0
	until in_state_line=$(cat "/proc/$2/stat" 2>/dev/null) &&
	    in_state_line=${in_state_line##*) } &&
	    case $1 in *"${in_state_line%% *}"*) ;; *) false ;; esac; do
		in_state_turns=$((in_state_turns + 1))
		[ $in_state_turns -lt 2000 ] || return 1
		sleep 0.02
	done
}

# Catchable, and deadly unless caught, on every common machine.
terminating='1 2 3 6 10 14 15 24 26 27 29 30 34 35 40 49 50 63'
# A checker of memory takes the faults for its own, and knows not all others.
[ -n "${SOCKPAIR_WRAPPED:-}" ] || terminating="$terminating 4 5 7 8 11 16 31 64"

# --- as they were on entry -------------------------------------------------

# inherits IGNORED BLOCKED NAME
inherits() {
	set -- "$1" "$2" "$3" grep -E '^(Sig|Shd)' /proc/self/status
	inherits_name=$3
	case ${SOCKPAIR_WRAPPED:+,$1,}${OVER_PIPES:+,$1,} in
	*,17,*)
		elsewhere "the command finds $3" \
		    "a checker of memory loses it, and so does a shell"
		return ;;
	esac
	want=$(entry "$1" "$2" '' grep -E '^(Sig|Shd)(Pnd|Blk|Ign|Cgt)' \
	    /proc/self/status)
	got=$(entry "$1" "$2" '' sockpair \
	    grep -E '^(Sig|Shd)(Pnd|Blk|Ign|Cgt)' /proc/self/status \
	    </dev/null 2>&1)
	[ -n "$want" ] || got="entry.pl is broken"
	is "$got" "$want" "the command finds $inherits_name"
}
all=1,2,3,4,5,6,7,8,10,11,12,13,14,15,16,17,18,20,21,22,23,24,25,26,27,28,29,30
all=$all,31,34,35,63
inherits '' '' "every signal at its default, none blocked"
inherits 17 '' "SIGCHLD ignored"
inherits '' 17 "SIGCHLD blocked"
inherits 17 17 "SIGCHLD ignored and blocked"
inherits 13 '' "SIGPIPE ignored"
inherits '' 13 "SIGPIPE blocked"
inherits 25 '' "SIGXFSZ ignored"
inherits 1 '' "SIGHUP ignored, as nohup leaves it"
inherits 2,3 '' "SIGINT and SIGQUIT ignored, as a shell leaves them"
inherits 15 10 "SIGTERM ignored, SIGUSR1 blocked"
inherits 10,12 15 "SIGUSR1 and SIGUSR2 ignored, SIGTERM blocked"
inherits 20,21,22,28 18 "the terminal's ignored, SIGCONT blocked"
inherits 34,63 35,62 "real-time ones ignored and blocked"
inherits "$all" "$all" "everything ignored and blocked"

got=
for set in '17,' ',17' '17,17' "$all," ",$all"; do
	case $set in
	*,) i=${set%,} b= ;;
	,*) i='' b=${set#,} ;;
	*) i=17 b=17 ;;
	esac
	entry "$i" "$b" "" sockpair sh -c "exit 7" </dev/null
	got="$got$?"
done
is "$got" 77777 "with SIGCHLD ignored, blocked or both the status comes"

# --- passed on -------------------------------------------------------------

# shellcheck disable=SC2086 # the lists are lists
begin all sockpair perl listen.pl all.log $terminating 12 28 13 25 17 18 23 \
    </dev/null
arrives all.log.runs
pid=$(cat all.pid)
# First what is not to be passed on: it would have come first.
for sig in 13 25 17 18 23; do
	kill -$sig "$pid"
done
for sig in $terminating 28; do
	kill -"$sig" "$pid"
	notes all.log "$sig" || break
done
kill -12 "$pid"
is "$(ended all)" 'exit 5' "a command that catches its signals goes on"
# shellcheck disable=SC2086
is "$(tr '\n' ' ' <all.log)" "$(printf "%s " $terminating 28 12)" \
    "all that end a process and SIGWINCH are passed on, once, and no others"

wrong=
for sig in $terminating 12; do
	begin plain sockpair "$PEER" touch:runs pause </dev/null
	arrives runs
	rm -f runs
	kill -"$sig" "$(cat plain.pid)"
	got=$(ended plain)
	[ "$got" = "signal $sig" ] || wrong="$wrong $sig:$got"
done
is "$wrong" '' "a signal that ends the command ends us in the same way"

begin words sockpair perl -e '$SIG{TERM} = sub {
	print "x" x 150000, "\nlast words\n"; exit 3 };
	open F, ">", "words.runs"; sleep 60' </dev/null >words.out
arrives words.runs
kill -TERM "$(cat words.pid)"
is "$(ended words): $(wc -c <words.out) $(tail -n 1 words.out)" \
    'exit 3: 150012 last words' "what a trap still has to say arrives"

# --- ignored, blocked, waiting on entry ------------------------------------

# listens IGNORED BLOCKED PENDING SENT WANT NAME: with these on entry and SENT
# sent to us, the command, which catches all, notes WANT.
listens() {
	rm -f listens.log listens.log.runs
	begin listens perl entry.pl "$1" "$2" "$3" sockpair \
	    perl listen.pl listens.log 1 10 12 15 </dev/null
	arrives listens.log.runs
	if [ -n "$4" ]; then
		kill -"$4" "$(cat listens.pid)"
		case $5 in "$4 "*) notes listens.log "$4" ;; esac
	fi
	# A later one comes later: 10 is neither ignored nor blocked.
	kill -10 "$(cat listens.pid)"
	notes listens.log 10
	kill -12 "$(cat listens.pid)"
	ended listens >listens.end.seen
	is "$(tr '\n' ' ' <listens.log)" "$5" "$6"
}
listens 15 '' '' 15 '10 12 ' "a signal ignored on entry is not passed on"
listens 15 15 '' 15 '10 12 ' "nor one that was blocked as well"
listens '' 15 '' 15 '15 10 12 ' "one that was blocked on entry is passed on"
listens '' 15 15 '' '15 10 12 ' \
    "one that waited already on entry is passed on"

name="nohup holds"
if have nohup; then
	begin nohup nohup sockpair "$PEER" touch:nohup.runs wait:nohup.go \
	    say:went-on exit:4 </dev/null >nohup.said 2>/dev/null
	arrives nohup.runs
	kill -HUP "$(cat nohup.pid)"
	: >nohup.go
	is "$(ended nohup): $(cat nohup.said)" 'exit 4: went-on' "$name"
else
	skip "$name" "nohup is not installed"
fi

# --- when the command has ended, unknown to us -------------------------------

# Its child holds its end until it is told to go.
begin owed sockpair sh -c '"$PEER" fork wait:owed.go &
    wait
    echo words; kill -STOP $PPID' </dev/null >owed.said
is_stopped() { grep -q '^State:.T' "/proc/$(cat owed.pid)/status"; }
has_zombie() {
	read -r owed_children <"/proc/$1/task/$1/children"
	for owed_child in $owed_children; do
		grep -q '^State:.Z' "/proc/$owed_child/status" && return
	done
	return 1
}
if [ -n "${SOCKPAIR_WRAPPED:-}" ] ||
    [ ! -e "/proc/self/task/$$/children" ]; then
	kill -CONT "$(cat owed.pid)" 2>/dev/null
	: >owed.go
	elsewhere "a signal to a command that has ended is ours" \
	    "not under another checker"
else
	await is_stopped
	await has_zombie "$(cat owed.pid)"
	kill -TERM "$(cat owed.pid)"
	kill -CONT "$(cat owed.pid)"
	is "$(ended owed): $(cat owed.said)" 'signal 15: words' \
	    "a signal to a command that has ended is ours, after its last words"
	: >owed.go
fi

# last.pl [PID]: wait until there is no process PID, have our parent wake, and
# while the tracer delays what it does then say our last words, signal it and
# exit 7.  What lasts for so many looks is the delay, and no other stop of the
# tracer's.
cat >last.pl <<'END'
$SIG{$_} = 'IGNORE' for qw(PIPE TERM USR1);
$| = 1;
my $parent = getppid;
select undef, undef, undef, 0.01 while @ARGV && kill 0, $ARGV[0];
kill 'USR1', $parent;
for (my $looks = 0; $looks < 30; ) {
	open my $stat, '<', "/proc/$parent/stat" or exit 1;
	$looks = <$stat> =~ /\) t/ ? $looks + 1 : 0;
	select undef, undef, undef, 0.001;
}
print "words\n";
kill 'TERM', $parent;
exit 7;
END
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "signals just before the end" "not under another tracer"
elif ! have strace || ! strace -o /dev/null true 2>/dev/null; then
	skip "signals just before the end" \
	    "strace is not installed, or may not trace"
else
	mkfifo silent
	begin last strace -o last.trace -e inject=wait4:delay_enter=500000:when=1 \
	    "$SOCKPAIR" perl last.pl <>silent >last.said
	is "$(ended last): $(cat last.said)" 'exit 7: words' \
	    "a signal just before the command is reaped was meant for it"
	# Its child holds its end until it is told to go.
	rm -f last.go
	begin last strace -o last.trace \
	    -e inject=ppoll:delay_exit=500000:when=1+ "$SOCKPAIR" \
	    sh -c '"$PEER" fork wait:last.go & exec perl last.pl' \
	    <>silent >last.said
	is "$(ended last): $(cat last.said)" 'signal 15: words' \
	    "and one that is ours comes after words that still wait"
	: >last.go
	if can_have -p; then
		begin last strace -o last.trace \
		    -e inject=wait4:delay_enter=500000 "$SOCKPAIR" \
		    -p 'echo $$ >last.tmp; mv last.tmp last.second' \
		    sh -c '"$PEER" wait:last.second
		    exec perl last.pl "$(cat last.second)"' <>silent
		is "$(ended last)" 'exit 7' "nor does one end us that came \
just before the last of two ended"
	fi
fi

# --- between fork and exec -------------------------------------------------

name="a signal between fork and exec reaches the command"
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "not under another tracer"
elif ! have strace || ! strace -o /dev/null true 2>/dev/null; then
	skip "$name" "strace is not installed, or may not trace"
else
	# The exec that strace itself does is not one of those that it counts.
	begin early strace -f -o early.trace -e trace=execve,clone,fork,vfork \
	    -e inject=execve:delay_enter=1500000:when=1 \
	    "$SOCKPAIR" "$PEER" touch:early.runs pause </dev/null
	# The tracer's child is us, its child will be the command.
	tracer=$(cat early.pid)
	us='' them='' turns=0
	until [ -n "$them" ] || [ $turns -ge 500 ]; do
		sleep 0.02
		us=$(cat "/proc/$tracer/task/$tracer/children")
		us=${us%% *}
		[ -z "$us" ] || them=$(cat "/proc/$us/task/$us/children")
		turns=$((turns + 1))
	done
	[ ! -e early.runs ] && kill -TERM "$us"
	is "$(ended early)" 'signal 15' "$name" ||
	    sed 's/^/# /' early.trace

	# strace's own signals look like the kernel's: so does a key's.
	mkfifo held
	# interrupted CALLS: how we end if a key comes as one of CALLS begins,
	# and "0" if the command has ended, too.
	interrupted() {
		timeout 20 cat held >/dev/null &
		reader=$!
		begin key strace -o key.trace -e "trace=$1" \
		    -e "inject=$1:signal=SIGINT:when=1" \
		    "$SOCKPAIR" "$PEER" pause </dev/null 2>/dev/null 5>held
		ended key
		wait $reader
		echo $?
	}
	call=socketpair
	[ -z "$OVER_PIPES" ] || call=pipe2
	is "$(interrupted $call)" 'signal 2
0' "a key before there is a command is passed on to it"
	# The call that makes the command.
	making=clone,clone3,fork,vfork
	is "$(interrupted $making)" 'signal 2
0' "to the very last moment"
	# The group of another process that shares its session is not orphaned,
	# or this would not stop it.  The command waits to be seen stopped, as
	# the key may reach it just after its exec.
	begin key perl -e 'setpgrp; exec @ARGV' \
	    strace -o key.trace -e trace=$making \
	    -e inject=$making:signal=SIGTSTP:when=1 \
	    "$SOCKPAIR" "$PEER" wait:key.seen exit:7 </dev/null 2>/dev/null
	tracer=$(cat key.pid)
	child_of() {
		them=$(cat "/proc/$1/task/$1/children")
		them=${them%% *}
		[ -n "$them" ]
	}
	# A tracer tries its tools on other children, first.
	is_stopped() {
		child_of "$tracer" && us=$them && child_of "$us" &&
		    grep -q '^State:.T' "/proc/$them/status"
	}
	await is_stopped
	ok "one that stops stops the command as well"
	: >key.seen
	kill -CONT "$them" "$us"
	is "$(ended key)" 'exit 7' "and both go on together"
fi

# alarm(2) survives exec, and its signal carries SI_KERNEL as a key's does.
begin alarm perl -e 'alarm 2; exec @ARGV' sockpair "$PEER" \
    catch:14 await:14 exit:6 </dev/null 2>alarm.err

# --- the command alone is stopped ------------------------------------------

mkfifo in
exec 8<>in
begin stopped sockpair "$PEER" pid:stopped.cmd wait:stopped.go echo exit:8 \
    <in >stopped.out 8>&-
arrives stopped.cmd
kill -STOP "$(cat stopped.cmd)"
in_state T "$(cat stopped.cmd)"
timeout -s KILL 30 perl -e 'print "x" x 100000' >&8
ok "while the command is stopped its input is still taken"
in_state SR "$(cat stopped.pid)"
ok "and we are not stopped"
kill -CONT "$(cat stopped.cmd)"
: >stopped.go
exec 8>&-
is "$(ended stopped): $(wc -c <stopped.out)" 'exit 8: 100000' \
    "and nothing is lost when it goes on"

# --- no command left -------------------------------------------------------

# A grandchild holds the socket.
wrong=
for sig in 1 2 3 6 10 11 14 15 34; do
	rm -f held.cmd held.go
	begin held sockpair "$PEER" pid:held.cmd fork wait:held.go parent \
	    exit:0 </dev/null
	reaped held.cmd || wrong="$wrong $sig: a zombie"
	kill -"$sig" "$(cat held.pid)"
	got=$(ended held)
	[ "$got" = "signal $sig" ] || wrong="$wrong $sig:$got"
	: >held.go
done
is "$wrong" '' "with only a grandchild left a signal ends us at once"

# Nobody reads.  From the second turn on the FIFO is full: the rest has to fit
# into our buffer and the command's own pipe.  (Spliced to from the first byte on
# a pipe is enlarged, and takes all of it.)
mkfifo stalled
exec 9<>stalled
wrong=
signals='1 2 15'
[ -z "${SPLICE_AT_ONCE:-}" ] || signals=
for sig in $signals; do
	rm -f full.cmd
	begin full sockpair "$PEER" pid:full.cmd out:130000 exit:0 \
	    </dev/null >stalled 9<&-
	reaped full.cmd || wrong="$wrong $sig: a zombie"
	in_state S "$(cat full.pid)"
	kill -"$sig" "$(cat full.pid)"
	got=$(ended full)
	[ "$got" = "signal $sig" ] || wrong="$wrong $sig:$got"
done
exec 9<&-
name="with only a stopped consumer left a signal ends us at once"
if [ -n "$signals" ]; then
	is "$wrong" '' "$name"
else
	elsewhere "$name" "not when spliced from the first byte on"
fi

# survives IGNORED BLOCKED SENT NAME
survives() {
	rm -f held.cmd held.go
	begin held perl entry.pl "$1" "$2" '' sockpair "$PEER" pid:held.cmd \
	    fork wait:held.go say:late parent exit:0 </dev/null >held.out
	reaped held.cmd
	kill -"$3" "$(cat held.pid)"
	: >held.go
	is "$(ended held): $(cat held.out)" 'exit 0: late' "$4"
}
survives 15 '' 15 "but not one that was ignored on entry"
survives '' 15 15 "nor one that was blocked on entry"
survives 15 15 15 "nor one that was both"
survives '' '' 28 "nor SIGWINCH, which ends nobody"
survives '' '' 13 "nor SIGPIPE, which is for what we write"

# --- what is told then -----------------------------------------------------

# untimed: a trace as text without its times.
untimed() {
	sed 's/^\([<>*]\) [0-9.]* /\1 /; s/, [0-9.]* s$//' "$@"
}

rm -f held.cmd held.go
begin told sockpair --stats -o told.txt -o told.jsonl -o told.pcapng \
    "$PEER" pid:held.cmd say:hi fork wait:held.go parent exit:3 \
    </dev/null >told.out 2>told.err
reaped held.cmd
kill -TERM "$(cat told.pid)"
got=$(ended told)
: >held.go
is "$got: $(untimed told.txt | tail -n 2)" "signal 15: * signal TERM ends sockpair
* exit  status 3; > 0 B in 0, < 3 B in 1" "before a signal ends us a trace is finished"
tail -n 1 told.jsonl | grep -q '"type":"exit","status":3,'
ok "whatever its format"
grep -aq 'exit  *status 3' told.pcapng
ok "a capture as well"
is "$(grep -c 'B undelivered' told.err)" 2 "and the totals are printed"

rm -f full.cmd
begin full sockpair -o full.txt "$PEER" pid:full.cmd out:180000 exit:0 \
    </dev/null 9<>stalled >stalled
reaped full.cmd
in_state S "$(cat full.pid)"
kill -TERM "$(cat full.pid)"
got=$(ended full)
# What waited in our own socket is lost, too: a pipe holds the rest.
lost=$(untimed full.txt | sed -n 's/^< undelivered *\([0-9]*\) B.*/\1/p' |
    paste -s -d + -)
lost=$((${lost:-0}))
if [ "$lost" -ge 100000 ] && [ "$lost" -lt 180000 ]; then
	got="$got, the rest"
fi
is "$got $(untimed full.txt | grep -c '^\* exit .* < 180000 B')" \
    'signal 15, the rest 1' "all that was not written is counted in it" ||
    sed 's/^/# /' full.txt

# --- no reader -------------------------------------------------------------

# stuck WHAT OPTION... COMMAND...: one SIGTERM, when the command has made the
# file called wrote, ends us though nobody reads, with a line about WHAT.
stuck() {
	stuck_what=$1
	shift
	rm -f wrote
	begin stuck sockpair "$@" </dev/null 9<>stalled >stalled 2>stuck.err
	arrives wrote
	kill -TERM "$(cat stuck.pid)"
	stuck_end=$(ended stuck)
	is "$stuck_end: $(sed 's/; [1-9][0-9]* B/; N B/' stuck.err)" \
	    "signal 15: sockpair: cannot write $stuck_what: its reader does not read; N B undelivered" \
	    "$stuck_name"
}
stuck_name="a command that SIGTERM ended does not wait for a stuck reader"
if [ -n "${SPLICE_AT_ONCE:-}" ]; then
	elsewhere "$stuck_name" "not when spliced from the first byte on"
else
	stuck 'standard output' "$PEER" out:180000 touch:wrote pause
	stuck_name="nor does what it leaves behind"
	stuck 'standard output' "$PEER" fork out:180000 touch:wrote \
	    wait:stuck.go parent pause
	: >stuck.go
fi
for type in seqpacket dgram; do
	can_have -t $type || continue
	stuck_name="$type: nor does a command of messages"
	stuck 'standard output' -t $type -F u32 "$PEER" out:800000 \
	    touch:wrote pause
done
# One that catches the signal ends as a shell would say that it died of it.
name="nor does one that catches SIGTERM and exits with 143"
rm -f wrote
begin caught sockpair perl -e '$SIG{TERM} = sub { exit 143 };
    syswrite STDOUT, "x" x 100000; open F, ">", "wrote"; close F;
    sleep 1 while 1' </dev/null 9<>stalled >stalled 2>caught.err
arrives wrote
kill -TERM "$(cat caught.pid)"
got="$(ended caught): $(grep -c 'its reader does not read' caught.err)"
if [ -n "${SPLICE_AT_ONCE:-}" ]; then
	elsewhere "$name" "not when spliced from the first byte on"
else
	is "$got" 'exit 143: 1' "$name"
fi
stuck_name="nor do two, with others that hold an end and do not read"
can_have -p && stuck "the peer's socket" -T 600 -p '"$PEER" fork wait:stuck.done &
    exec "$PEER" pause' "$PEER" out:350000 touch:wrote pause
: >stuck.done

# A reader that takes something now and then, for longer than the limit on that.
rm -f wrote
mkfifo slow
perl -e 'open F, "<", "slow"; until (-e "slow.go") {
	select undef, undef, undef, 0.02 }
	while (sysread F, $_, 20000) { $n += length; 
	select undef, undef, undef, 0.3 } print $n' >slow.read &
slow_pid=$!
begin slow sockpair "$PEER" out:180000 touch:wrote pause </dev/null >slow \
    2>slow.err
arrives wrote
kill -TERM "$(cat slow.pid)"
: >slow.go
wait $slow_pid
is "$(ended slow): $(cat slow.read slow.err)" 'signal 15: 180000' \
    "but a slow one gets it all"

# A trace waits in a FIFO that is full and that nobody reads; another is a file.
mkfifo stalled.trace
rm -f told.txt
exec 9<>stalled.trace
perl -e 'use Fcntl; sysopen F, "stalled.trace", O_WRONLY | O_NONBLOCK or exit 1;
    1 while syswrite F, "-" x 4096'
begin trace sockpair -o told.txt -o stalled.trace "$PEER" out:3000000 pause \
    </dev/null >trace.out 2>trace.err
exec 9<&-
await test -s told.txt
kill -TERM "$(cat trace.pid)"
is "$(ended trace): $(tail -n 1 told.txt | grep -c 'exit  *signal TERM'
    ) $(cat trace.err)" "signal 15: 1 sockpair: cannot write 'stalled.trace': \
Resource temporarily unavailable" "nor does a trace wait for its reader then"

# --- others' children ------------------------------------------------------

got=$(perl -e '
	my $pid = fork; exit 9 unless $pid;
	do { open F, "<", "/proc/$pid/stat"; $_ = <F>; s/.*\) //;
	    select undef, undef, undef, 0.01 } until /^Z/;
	exec @ARGV' sockpair sh -c 'echo ours; exit 5' </dev/null; echo $?)
is "$got" 'ours
5' "a child from before exec that has ended is not mistaken for the command"
got=$(perl -e '
	my $pid = fork;
	if (!$pid) {
		open STDOUT, ">", "/dev/null";
		for (1 .. 400) {
			exit 9 if -e "inherited.go";
			select undef, undef, undef, 0.05;
		}
		open F, ">", "outwaited";
		exit 9;
	}
	exec @ARGV' sockpair sh -c 'echo ours; exit 5' </dev/null; echo $?)
: >inherited.go
is "$got$(ls outwaited 2>/dev/null)" 'ours
5' "one that goes on is not waited for"

is "$(ended alarm)" 'exit 6' "an alarm(2) from before exec is passed on"

done_testing
