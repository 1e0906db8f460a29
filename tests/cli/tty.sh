#!/bin/sh
# SPDX-License-Identifier: MIT
# At a terminal: its keys do what they do without us, and it is left as it was.
# Each case is a session of pty, whose head lists the steps.
# shellcheck disable=SC2016 # what is in single quotes is for another shell, or perl
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need perl
need_proc
PTY=${PTY:-$(dirname "$PEER")/pty}
case $PTY in /*) ;; *) PTY=$(pwd)/$PTY ;; esac
if [ ! -x "$PTY" ]; then
	echo "1..0 # SKIP no $PTY"
	exit 0
fi
if ! has_terminals; then
	echo "1..0 # SKIP no pseudo-terminals"
	exit 0
fi

# play ARGUMENT...: run pty; the screen is then in screen, without carriage
# returns, and the end, or what went wrong, in end.
play() {
	rm -f ./*.pid ./*.runs ./*.go
	timeout -s KILL 120 "$PTY" "$@" </dev/null >screen.raw 2>end
	tr -d '\r' <screen.raw >screen
}

# screen_is TEXT NAME: what was on the screen, and that all went well.
screen_is() {
	is "$(cat screen; cat end)" "$1" "$2"
}

# A command that notes each SIGINT, and ends on a SIGUSR1 after it.
cat >noting.pl <<'END'
$| = 1;
$SIG{INT} = sub { print "INT\n" };
$SIG{USR1} = sub { print "last words\n"; exit 3 };
open F, '>', 'command.tmp'; print F "$$\n"; close F;
rename 'command.tmp', 'command.pid';
sleep 1 while 1;
END

# --- ^C --------------------------------------------------------------------

play file:command.pid 'send:^C' 'expect:INT\r\n' \
    'run:kill -USR1 $(cat command.pid)' -- sockpair perl noting.pl
screen_is '^CINT
last words
exit 3' "^C reaches the command, once, and its last words and status arrive"

play file:runs 'send:^C' -- sockpair "$PEER" touch:runs pause
screen_is '^Csignal 2' "^C ends a command that does not catch it, and so us"
rm -f runs

play file:runs 'send:\x1c' -- \
    sh -c 'ulimit -c 0; exec sockpair "$PEER" touch:runs pause'
screen_is '^\signal 3' "^\\ does the same with SIGQUIT"
rm -f runs

for shell in bash dash; do
	name="^C stops a script of $shell"
	if ! have $shell; then
		skip "$name" "$shell is not installed"
		continue
	fi
	play file:runs 'send:^C' -- $shell -c '
		sockpair "$PEER" touch:runs pause; echo went on'
	screen_is '^Csignal 2' "$name"
	rm -f runs
	# A shell that does not wait yet ends at once, whatever it has started.
	play file:command.pid state:S:shell.pid 'send:^C' \
	    'expect:INT\r\n' 'run:kill -USR1 $(cat command.pid)' -- \
	    $shell -c 'echo $$ >shell.tmp; mv shell.tmp shell.pid
		sockpair perl noting.pl; echo "went on after $?"'
	case $shell in
	bash) want='went on after 3
exit 0' ;;
	# It stops for every SIGINT, whatever the command does.
	*) want='signal 2' ;;
	esac
	screen_is "^CINT
last words
$want" "$shell does with a command that catches ^C as it does without us"
done

play file:command.pid 'send:^C' 'idle:300' \
    'run:kill -USR1 $(cat command.pid)' -- \
    sh -c 'trap "" INT; exec sockpair perl -e "
	\$SIG{USR1} = sub { print qq(last words\n); exit 3 };
	open F, q(>), q(c.tmp); print F \$\$; close F;
	rename q(c.tmp), q(command.pid); sleep 1 while 1"'
screen_is '^Clast words
exit 3' "^C is ignored if it was ignored before us"

# --- ^Z, fg, bg ------------------------------------------------------------

for shell in bash dash; do
	name="^Z stops us and the command, fg goes on ($shell)"
	if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
		elsewhere "$name" "not under another checker"
		continue
	elif ! have $shell; then
		skip "$name" "$shell is not installed"
		continue
	fi
	play 'file:command.pid' 'file:us.pid' 'send:^Z' \
	    'state:T:command.pid' 'state:T:us.pid' 'expect:stopped 148' \
	    'send:a line\r' 'expect:shell: a line' 'expect:foreground' \
	    'send:to the command\r' 'expect:command: to the command\r\n' \
	    'expect:status 7' -- $shell -c '
		set -m
		sh -c "echo \$\$ >us.tmp; mv us.tmp us.pid
			exec sockpair sh -c \"
			echo \\\$\\\$ >c.tmp; mv c.tmp command.pid
			read -r line; echo command: \\\$line; exit 7\""
		echo stopped $?
		read -r line; echo "shell: $line"; echo foreground
		fg >/dev/null; echo status $?'
	grep -q 'status 7' screen && grep -q '^exit 0$' end
	ok "$name" || sed 's/^/# /' screen end
done

name="in the background we take no line from the shell, and fg goes on"
if have dash; then
	play 'file:runs' 'send:for the shell\r' \
	    'expect:shell: for the shell' 'expect:foreground' \
	    'send:hello\r' 'send:^D' 'expect:HELLO' 'expect:status 0' -- \
	    dash -c '
		set -m
		sockpair sh -c ": >runs; exec tr a-z A-Z" &
		read -r line; echo "shell: $line"; echo foreground
		fg >/dev/null; echo status $?'
	grep -q 'status 0' screen && grep -q '^exit 0$' end
	ok "$name" || sed 's/^/# /' screen end
	rm -f runs
else
	skip "$name" "dash is not installed"
fi

# --- ^S and ^Q -------------------------------------------------------------

play file:runs 'send:^S' full 'run:: >go' 'idle:200' 'run:: >marked' \
    'send:^Q' 'expect:said\r\n' -- \
    sockpair "$PEER" touch:runs wait:go say:said exit:3
screen_is 'said
exit 3' "^S holds the output, ^Q lets it go, and nothing of it is lost"
rm -f runs go marked

play file:runs 'send:^S' full 'run:: >go' 'state:S:us.pid' \
    'run:while [ -e /proc/$(cat command.pid) ]; do sleep 0.02; done' \
    'run:kill -TERM $(cat us.pid)' 'idle:300' -- sh -c 'echo $$ >us.pid
	exec sockpair "$PEER" pid:command.pid touch:runs wait:go out:1000'
is "$(cat end)" 'signal 15' \
    "a signal ends us while ^S holds what a command that has ended has left"
rm -f runs go

# --- ^D and what is typed ahead --------------------------------------------

play 'expect:ready\r\n' 'send:question\r' 'send:^D' 'expect:answer: question' \
    'expect:shell?' 'send:next\r' 'expect:shell: next' -- sh -c '
	sockpair perl -e "\$| = 1; print qq(ready\n); \$_ = join q(), <STDIN>;
		select undef, undef, undef, 0.4; print qq(answer: \$_); exit 7"
	echo "shell? $?"; read -r line; echo "shell: $line"'
screen_is 'ready
question
answer: question
shell? 7
next
shell: next
exit 0' "after ^D the answer still comes, and the next line is the shell's"

# After ^D a line that comes while the command still runs is the shell's too.
play 'expect:ready\r\n' 'send:^D' 'expect:ended\r\n' 'send:next\r' 'run:: >go' \
    'expect:shell: next' -- sh -c '
	sockpair sh -c "echo ready; cat; echo ended
		until [ -e go ]; do sleep 0.02; done"
	read -r line; echo "shell: $line"'
screen_is 'ready
ended
next
shell: next
exit 0' "after ^D nothing more is read from the terminal"
rm -f go

# late_line NAME COMMAND...: stop us; let the command do its last, and a line
# come; when we go on we see both at once, and the line is the shell's.
late_line() {
	late_line_name=$1
	shift
	play file:runs 'run:kill -STOP $(cat us.pid)' state:T:us.pid \
	    'run:: >go' file:finished state:ZS:command.pid 'send:next\r' \
	    'expect:next\r\n' 'run:kill -CONT $(cat us.pid)' \
	    'expect:shell: next' -- sh -c '
		sh -c "echo \$\$ >us.pid; exec sockpair \"\$@\"" sh "$@"
		read -r line; echo "shell: $line"' sh "$@"
	grep -q '^shell: next' screen
	ok "$late_line_name" || sed 's/^/# /' screen end
	rm -f runs go finished
}
late_line "a line that comes when the command has exited is the shell's" \
    "$PEER" pid:command.pid touch:runs wait:go touch:finished exit:3
late_line "even while a grandchild holds the socket" "$PEER" \
    pid:command.pid fork touch:runs wait:go parent wait:go touch:finished exit:3
late_line "and when it has closed its end" sh -c '
	echo $$ >command.pid; : >runs
	until [ -e go ]; do sleep 0.02; done
	exec <&- >&-; : >finished; exec sleep 0.5'


play 'file:command.pid' \
    'run:while [ -e /proc/$(cat command.pid) ]; do sleep 0.02; done' \
    'send:next\r' 'run:: >go' 'expect:shell: next' -- sh -c '
	sockpair "$PEER" pid:command.pid fork wait:go parent exit:0
	read -r line; echo "shell: $line"'
grep -q '^shell: next' screen
ok "a line typed while we wait for a grandchild is the shell's" ||
    sed 's/^/# /' screen end
rm -f go

# --- a password that somebody asks for -----------------------------------------

# It is typed while nobody but us reads the terminal.
cat >ask <<'!'
stty -echo </dev/tty
printf 'Password:' >/dev/tty
until [ -e typed.go ]; do sleep 0.02; done
read -r word </dev/tty
stty echo </dev/tty
printf '<%s>' "$word" >/dev/tty
read -r word
printf '[%s]' "$word" >/dev/tty
!
play expect:Password: 'send:sesame\r' idle:300 'run:: >typed.go' \
    'expect:<sesame>' 'send:more\r' 'expect:[more]' -- \
    sockpair -o trace sh ask
is "$(tr '\n' ' ' <screen; cat end)" "Password:<sesame>more [more]exit 0" \
    "a password that is typed goes to who asks for it"
is "$(grep '^>  ' trace)" '>   more' "and neither to the command nor a trace"
# Some never show what is typed, as Emacs does in its shells.
play file:up.go 'send:line\r' 'expect:[line]' -- sh -c 'stty -echo
    : >up.go
    exec sockpair sh -c "read -r word; echo [\$word]"'
is "$(cat screen; cat end)" "[line]
exit 0" "a terminal that had no echo before us is read as ever"

# --- hang-up ---------------------------------------------------------------

# Of the kernel's SIGHUP: first to the leader of the session alone, and when
# that has ended to the group in the foreground.
hears_hangup='perl -e "
	\$SIG{HUP} = sub { open F, q(>), q(log.tmp); print F qq(HUP\n);
	close F; rename q(log.tmp), q(log); exit 4 };
	open F, q(>), q(runs); sleep 60"'
play file:runs hangup 'file:log' -- sh -c "sockpair $hears_hangup; true"
is "$(cat log)" HUP "a hang-up of the shell's terminal reaches the command"
rm -f runs log
PTY_LIMIT=10
export PTY_LIMIT
play file:runs hangup 'file:log' -- sh -c "exec sockpair $hears_hangup"
unset PTY_LIMIT
is "$(cat end)" 'exit 4' "so does one that reaches only us, who lead the session"
rm -f runs log

play file:runs hangup 'file:log' -- sh -c 'trap "" HUP
	exec sockpair sh -c ": >runs; cat; echo eof >log; exit 4" \
	    2>/dev/null'
is "$(cat log): $(cat end)" 'eof: exit 4' \
    "a hang-up that is ignored is the end of input"
rm -f runs log

name="under nohup a hang-up leaves the command alone"
if have nohup; then
	play file:runs hangup 'run:: >go' -- sh -c '
		exec nohup sockpair "$PEER" touch:runs wait:go say:went-on \
		    exit:4'
	is "$(cat end): $(grep -c went-on nohup.out)" 'exit 4: 1' "$name"
	rm -f runs go nohup.out
else
	skip "$name" "nohup is not installed"
fi

# --- the window, the settings ----------------------------------------------

play file:command.pid resize:100x30 'expect:30 100' -- \
    sockpair perl -e '$| = 1; $SIG{WINCH} = sub {
	system "stty size </dev/tty"; exit 3 };
	open F, ">", "c.tmp"; print F $$; close F;
	rename "c.tmp", "command.pid"; sleep 1 while 1'
screen_is '30 100
exit 3' "a change of the window's size reaches the command"

cat >flags.sh <<'END'
stty -g <&0
for fd in 0 1 2; do
	grep flags: /proc/self/fdinfo/$fd
done
END
name="the terminal's settings and flags are the same afterwards"
if [ -r /proc/self/fdinfo/0 ]; then
	play 'file:runs' 'send:line\r' 'send:^D' 'expect:after' -- sh -c '
		sh flags.sh >before
		sockpair sh -c ": >runs; cat; echo out; echo err >&2"
		sh flags.sh >after; echo after' 2>/dev/null
	same before after "$name"
	[ -s before ] && grep -q flags before
	ok "and we have looked at them"
	rm -f runs before after

	play file:runs 'send:^C' 'expect:after' -- sh -c '
		trap : INT
		sh flags.sh >before
		sockpair "$PEER" touch:runs pause
		sh flags.sh >after; echo after'
	same before after "and if we die of a signal"
	rm -f runs before after

	play file:runs 'expect:during' -- sh -c '
		sh flags.sh >before
		sockpair "$PEER" touch:runs say:said wait:go &
		while [ ! -e runs ]; do sleep 0.02; done
		sh flags.sh >after; : >go; wait; echo during'
	same before after "and while we run"
	rm -f runs go before after
else
	skip "$name" "no /proc/self/fdinfo"
fi

# --- a full terminal -------------------------------------------------------

play file:runs pause 'run:: >go' full resume -- sockpair "$PEER" touch:runs wait:go out:300000
# The terminal adds a carriage return to every newline.
"$PEER" out:300000 >want
tr -d '\r' <want >want.text
same screen want.text "a terminal that is read slowly loses nothing"
rm -f runs go

play file:runs pause 'run:: >go' full 'run:kill -TERM $(cat us.pid)' \
    'run:while [ -e /proc/$(cat command.pid) ]; do sleep 0.02; done' \
    resume -- \
    sh -c 'echo $$ >us.pid; exec sockpair "$PEER" pid:command.pid \
	touch:runs wait:go out:3000000'
is "$(cat end)" 'signal 15' \
    "a signal gets through while the terminal is full"
rm -f runs go

# The master's side cannot be reopened.
play --master file:runs pause 'run:: >go' full resume -- \
    sockpair "$PEER" touch:runs wait:go out:300000
"$PEER" out:300000 >want
same screen.raw want "a pty's master as standard output gets every byte"
rm -f runs go

play --master file:runs pause 'run:: >go' full 'run:kill -TERM $(cat us.pid)' \
    'run:while [ -e /proc/$(cat command.pid) ]; do sleep 0.02; done' \
    resume -- \
    sh -c 'echo $$ >us.pid; exec sockpair "$PEER" pid:command.pid \
	touch:runs wait:go out:3000000'
is "$(cat end)" 'signal 15' "a signal gets through while it is full"
rm -f runs go

play --master file:runs pause 'run:: >go' full 'run:kill -USR1 $(cat us.pid)' \
    'file:caught' resume -- \
    sh -c 'echo $$ >us.pid; exec sockpair perl -e "
	\$SIG{USR1} = sub { open F, q(>), q(caught) };
	open F, q(>), q(runs); \$d = q(x) x 300000;
	select undef, undef, undef, 0.02 until -e q(go);
	while (length \$d) {
		\$n = syswrite STDOUT, \$d; substr(\$d, 0, \$n) = q() if \$n;
	} exit 3"'
is "$(wc -c <screen.raw) $(tail -n 1 end)" '300000 exit 3' \
    "and one that the command catches does, with nothing lost"
rm -f runs caught go

play --master file:command.pid pause 'run:: >go' full \
    'run:while [ -e /proc/$(cat command.pid) ]; do sleep 0.02; done' \
    'run:kill -INT $(cat us.pid)' -- \
    sh -c 'echo $$ >us.pid
	exec sockpair "$PEER" pid:command.pid wait:go \
	    out:200000 exit:0'
is "$(cat end)" 'signal 2' \
    "and once the command has exited it is ours, at once"
rm -f go

play --master -- sh -c '
	exec sockpair -v --color=never "$PEER" say:x 2>&1 </dev/null >out'
grep -q '^<   x$' screen && grep -q '^exit 0$' end
ok "one as standard error gets the trace" || show screen end

# --- a terminal that controls nothing ----------------------------------------

# What leads a session without a terminal gets one by opening it (tty(4)): field
# 7 of its stat is then not 0.
name="a terminal as standard input does not become our controlling one"
if [ -r /proc/self/stat ]; then
	play --stranger 'send:word\r' expect:heard 'run:: >go' -- sockpair sh -c '
		read -r line; echo heard; until [ -e go ]; do sleep 0.02; done
		cut -d " " -f 7 "/proc/$PPID/stat"'
	is "$(tail -n 1 screen) $(cat end)" "0 exit 0" "$name" ||
	    show screen
	rm -f go
else
	skip "$name" "no /proc/self/stat"
fi

# --- two commands ----------------------------------------------------------

cat >noting2.sh <<'END'
trap 'echo "$1 INT" >&2' INT
trap 'exit 3' USR1
echo $$ >"$1.tmp"
mv "$1.tmp" "$1.pid"
while :; do sleep 0.05; done
END
# One that we sent as well would be one with the key's, unless it came later.
play file:first.pid file:second.pid 'run:kill -STOP $(cat us.pid)' \
    state:T:us.pid 'send:^C' 'expect:INT\r\n' 'expect:INT\r\n' \
    'run:kill -CONT $(cat us.pid)' 'idle:200' \
    'run:kill -USR1 $(cat first.pid) $(cat second.pid)' -- \
    sh -c 'echo $$ >us.pid; exec sockpair -p "exec sh noting2.sh second" \
	sh noting2.sh first'
is "$(sed 's/\^C//' screen | sort | tr '\n' ' ')$(cat end)" \
    'first INT second INT exit 3' \
    "^C reaches each of two commands, once" || sed 's/^/# /' screen

play file:runs 'send:^C' -- sockpair -p 'exec "$PEER" cat-in' \
    "$PEER" touch:runs pause
is "$(tail -n 1 end)" 'signal 2' "^C ends both, and so us"
rm -f runs

# --- what we wait for ------------------------------------------------------

play 'expect:sockpair: ' 'run:: >go' -- \
    sockpair "$PEER" fork wait:go parent exit:3
is "$(grep -c '^sockpair: ' screen) $(cat end)" '1 exit 3' \
    "at a terminal one line tells that a grandchild is waited for" ||
    sed 's/^/# /' screen
rm -f go

play idle:3000 'run:: >go' -- \
    sh -c 'sockpair "$PEER" fork wait:go parent exit:3 2>err'
is "$(cat screen err)" '' "not where standard error is no terminal"
rm -f go

play idle:3000 'run:: >go' -- sockpair "$PEER" wait:go exit:3
screen_is 'exit 3' "not while the command itself runs"
rm -f go

# --- traces ------------------------------------------------------------------

play --master -- env TERM=dumb sh -c '
	sockpair -v --time=none true </dev/null 2>&1 >out'
is "$(grep -c '^\* exit  status 0' screen) $(cat end)" '1 exit 0' \
    "the master of a terminal is written to, not opened once more" ||
    show screen

# colored [VARIABLE=VALUE...] COMMAND...: how many lines on the screen have some.
colored() {
	play -- env TERM=xterm "$@"
	grep -c "$(printf '\033')\[" screen
}
[ "$(colored sockpair -v true)" -ge 3 ]
ok "a trace has colors" || show screen
is "$(colored sockpair -v --color=never true)$(
	colored NO_COLOR=1 sockpair -v true)$(
	colored TERM=dumb sockpair -v true)" 000 \
    "not with --color=never, NO_COLOR or TERM=dumb"
[ "$(colored NO_COLOR= sockpair -v true)" -ge 3 ]
ok "an empty NO_COLOR says nothing" || show screen

done_testing
