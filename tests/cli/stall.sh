#!/bin/sh
# SPDX-License-Identifier: MIT
# --stall: who waits for what, when nothing moves; and the same report with
# --timeout, and with --stats on SIGUSR1.
# shellcheck disable=SC2317 # await calls what is defined just before it
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout mkfifo

exec 7<&0 </dev/null
mkfifo silent
exec 9<>silent		# so that opening it does not wait

# Whether what a child does can be seen.
sleep 1000 &
sleeper=$!
if [ "$LINUX_EXTRAS" = yes ] && [ -n "$(cat "/proc/$sleeper/syscall" \
	2>/dev/null)" ]; then
	seen=yes
else
	seen=no
fi
kill -KILL "$sleeper"

# begin [COMMAND...]: start it in the background, and set $us.  Its report goes
# to err, and what it writes to out, unless output is another file.
begin() {
	: >err
	: >out
	exec 3<&0
	timeout -s KILL 60 "$@" <&3 3<&- >"${output:-out}" 2>>err &
	us=$!
	exec 3<&-
}

# end STATUS NAME: it ends now, with this status.
end() {
	wait "$us"
	is "$?" "$1" "$2"
}

# last_report: print the last report.  Numbers of 1000 bytes and more become
# "many", because they depend on the kernel's buffers.
last_report() {
	awk '/nothing has moved/ { report = "" } { report = report $0 "\n" }
		END { printf "%s", report }' err |
	    sed -E 's/: [0-9]{4,} B wait/: many B wait/'
}

# reports LINES NAME: the last report becomes its first line and then LINES,
# each with "sockpair: " in front.  Where processes cannot be inspected, the
# lines about them are not compared.
reports() {
	reports_want=$(printf '%s\n' "nothing has moved for 0.5 s" "$1" |
	    sed 's/^/sockpair: /')
	[ $seen = yes ] || reports_want=$(echo "$reports_want" | head -n 3)
	reports_get() {
		if [ $seen = yes ]; then last_report
		else last_report | head -n 3
		fi
	}
	reports_same() { [ "$(reports_get)" = "$reports_want" ]; }
	await reports_same
	is "$(reports_get)" "$reports_want" "$2"
}

pid() {
	await [ -s "$1" ]
	cat "$1"
}

# --- what the command waits for ----------------------------------------------

# shellcheck disable=SC2016
begin sockpair --stall=0.5 sh -c 'echo $$ >pid; exec sed -u s/a/b/' <silent
echo a >&9
await [ -s out ]
reports "standard input is silent
the command is silent
sed ($(pid pid)): in read on descriptor 0, its end of the pair" \
    "a silent input and a command that reads"
# Long enough for a second report, which must not come.
sleep 1.2
is "$(grep -c 'nothing has moved' err)" 1 "a stall is reported once"
echo aa >&9
twice() { [ "$(grep -c 'nothing has moved' err)" = 2 ]; }
await twice
ok "the next stall is reported, too"
kill "$(cat pid)"
end 143 "reports do not change the status"
is "$(cat out)" "b
ba" "reports do not change the data"

# The report itself, not yet read, is in the same pipe as the output then.
sockpair --stall=0.5 --time=none -o both.txt "$PEER" wait:both.go </dev/null 2>&1 | {
	await grep -q '^\* stall' both.txt
	: >both.go
	cat
} >both
is "$(sed -n 2,3p both)" "sockpair: standard input has ended
sockpair: the command is silent" \
    "a report that goes where the output goes is not taken for output"

# shellcheck disable=SC2016
begin sockpair --stall=0.5 -p 'echo $$ >peer.pid; exec cat' -d 3 sh -c '
	echo $$ >sh.pid
	sh -c "echo \$\$ >head.pid; exec head -c 4000000 /dev/zero" >&3
	cat <&3'
reports "the peer's output: many B wait, the command does not read
the command's output: many B wait, the peer does not read
sh ($(pid sh.pid)): waits for a process
head ($(pid head.pid)): in write on descriptor 1, its end of the pair
cat ($(pid peer.pid)): in write on descriptor 1, its end of the pair" \
    "two commands that write and do not read"
kill "$(cat sh.pid)" "$(cat head.pid)" "$(cat peer.pid)"
end 143 "the status is the command's"

mkfifo full
exec 8<>full
# shellcheck disable=SC2016
output=full begin sockpair --stall=0.5 sh -c '
	echo $$ >full.pid; exec head -c 4000000 /dev/zero' </dev/null
reports "standard input has ended
standard output: many B wait, its reader does not read
head ($(pid full.pid)): in write on descriptor 1, its end of the pair" \
    "a consumer that does not read"
head -c 4000000 <&8 >taken
end 0 "the command ends once the consumer reads"
is "$(wc -c <taken)" 4000000 "the consumer gets everything"

# shellcheck disable=SC2016
output=full begin sockpair --stall=0.5 sh -c '
	echo $$ >few.pid; echo few; exec sleep 1000' </dev/null
reports "standard input has ended
standard output: its reader has not read all of it
sleep ($(pid few.pid)): sleeps" "a consumer that has a little to read"
kill "$(cat few.pid)"
end 143 "that changes no status"
read -r few <&8
is "$few" few "and it is there"

# Enough for the queue of the command's socket, and more.
head -c 4000000 /dev/zero >data
# shellcheck disable=SC2016
begin sockpair --stall=0.5 sh -c 'echo $$ >stop.pid; kill -STOP $$; exit 5' \
    <data
reports "standard input: many B wait, the command does not read
the command is silent
sh ($(pid stop.pid)): is stopped" "a command that is stopped"
kill -CONT "$(cat stop.pid)"
end 5 "a command that is continued ends as always"

# shellcheck disable=SC2016
begin sockpair --stall=0.5 sh -c 'echo $$ >wait.pid
	sh -c "echo \$\$ >child.pid; exec sleep 1000"; exit 3' </dev/null
reports "standard input has ended
the command is silent
sh ($(pid wait.pid)): waits for a process
sleep ($(pid child.pid)): sleeps" "a command that waits for a process"
kill "$(cat child.pid)"
end 3 "the status of a command that has waited"

begin sockpair --stall=0.5 "$PEER" pid:pause.pid pause </dev/null
reports "standard input has ended
the command is silent
peer ($(pid pause.pid)): sleeps" "a command that sleeps"
kill "$(cat pause.pid)"
end 143 "the status of a command that has slept"

begin sockpair --stall=0.5 "$PEER" pid:spin.pid spin </dev/null
reports "standard input has ended
the command is silent
peer ($(pid spin.pid)): runs" "a command that runs"
kill "$(cat spin.pid)"
end 143 "the status of a command that has run"

if have perl; then
	# shellcheck disable=SC2016
	begin sockpair --stall=0.5 perl -e 'open P, ">", "poll.pid";
		print P "$$\n"; close P;
		vec($in, 0, 1) = 1; select $in, undef, undef, undef;' <silent
	reports "standard input is silent
the command is silent
perl ($(pid poll.pid)): waits for events" "a command in select(2)"
	echo >&9
	end 0 "select(2) returns at an event"
else
	skip "a command in select(2)" "no perl"
	skip "select(2) returns at an event" "no perl"
fi

begin sockpair --pipes --stall=0.5 "$PEER" pid:pipes.pid read:1 <silent
reports "standard input is silent
the command is silent
peer ($(pid pipes.pid)): in read on descriptor 0, its end of the pipe" \
    "a command with pipes"
echo >&9
end 0 "and a byte for it"

# --- the directions ----------------------------------------------------------

begin sockpair --stall=0.5 "$PEER" half-close pid:half.pid pause <silent
reports "standard input is silent
standard output has ended
peer ($(pid half.pid)): sleeps" "a command that has half-closed"
kill "$(cat half.pid)"
end 143 "the status of a command that has half-closed"

begin sockpair --stall=0.5 "$PEER" stop-reading pid:deaf.pid pause <data
reports "standard input: the command reads no more
the command is silent
peer ($(pid deaf.pid)): sleeps" "a command that reads no more"
kill "$(cat deaf.pid)"
end 143 "the status of a command that reads no more"

{ sockpair --stall=0.5 "$PEER" pid:gone.pid pause <silent 2>err; } | : &
us=$!
reports "standard input is silent
standard output: its reader reads no more
peer ($(pid gone.pid)): sleeps" "a consumer that has gone"
kill "$(cat gone.pid)"
end 0 "the pipeline ends with the command"

begin sockpair --stall=0.5 -t seqpacket "$POST" echo <silent
printf part >&9
await_part() { last_report | grep -q rest; }
await await_part
is "$(last_report | sed -n 2p)" \
    "sockpair: standard input: 4 B wait for the rest of a message" \
    "a message that is not whole"
kill "$us" 2>/dev/null
wait "$us" 2>/dev/null

mkfifo trace
exec 6<>trace
begin sockpair --stall=0.5 -o trace "$PEER" pid:traced.pid pause <data
behind() { last_report | grep -q trace; }
await behind
is "$(last_report | sed -n 2p)" \
    "sockpair: standard input: many B wait for the reader of a trace" \
    "a trace that nobody reads"
kill "$(pid traced.pid)"
cat <&6 >/dev/null &
reader=$!
end 143 "the command's status, once the trace is read"
kill "$reader"
exec 6<&-

# --- others that hold the command's end --------------------------------------

# shellcheck disable=SC2016
begin sockpair --stall=0.5 sh -c 'for i in 1 2 3 4 5 6 7 8 9; do
		"$PEER" pid:held.$i pause & done
	exec "$PEER" pid:held.10 pause' </dev/null
for i in 1 2 3 4 5 6 7 8 9 10; do
	pid held.$i >/dev/null
done
if [ $seen = yes ]; then
	nine_and_more() {
		last_report | tail -n 1 | grep -q other
	}
	await nine_and_more
	is "$(last_report | sed -n 's/([0-9]*)/(PID)/; 4,$p' | uniq -c |
	    sed 's/^ *//')" "9 sockpair: peer (PID): sleeps
1 sockpair: other processes may hold this end, too" \
	    "of many holders eight are shown beside the command"
else
	skip "of many holders eight are shown" "no /proc/PID/syscall"
fi
# shellcheck disable=SC2046 # each is a number
kill $(cat held.?) "$(cat held.10)"
end 143 "the status of a command with many holders"

# The name of a process has up to 15 bytes, of any value: see prctl(2).
name="a forged name cannot forge a line"
forged=$(printf 'x\nsockpair: \033')
cp "$PEER" "$forged"
begin sockpair --stall=0.5 "./$forged" pid:forged.pid pause </dev/null
reports "standard input has ended
the command is silent
x\\nsockpair: \\e ($(pid forged.pid)): sleeps" "$name"
kill "$(cat forged.pid)"
wait "$us"

# --- what cannot be inspected ------------------------------------------------

# hidden NAME UNSHARE-OPTIONS SCRIPT: a command cannot be inspected in such a
# namespace, after SCRIPT has been run there.
hidden() {
	hidden_name=$1 hidden_script=$3
	if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
		elsewhere "$hidden_name" "a checker may need /proc"
		return
	fi
	for hidden_how in "$2" "-r $2"; do
		# shellcheck disable=SC2086
		unshare $hidden_how sh -c "$hidden_script" 2>/dev/null &&
			break
		hidden_how=
	done
	if [ -z "$hidden_how" ] || [ "$LINUX_EXTRAS" != yes ]; then
		skip "$hidden_name" "no namespaces, or no /proc"
		return
	fi
	# shellcheck disable=SC2016,SC2086
	limit 60 unshare $hidden_how sh -c "$hidden_script"'
		exec "$SOCKPAIR" --timeout=0.5 "$PEER" pause' </dev/null 2>err
	is "$rc $(sed 's/([0-9]*)/(PID)/' err)" \
	    "124 sockpair: nothing has moved for 0.5 s
sockpair: standard input has ended
sockpair: the command is silent
sockpair: ? (PID): cannot be seen" "$hidden_name"
}
hidden "without /proc no process is inspected" -m 'mount -t tmpfs none /proc;'
# Otherwise another process would be described, which has the same ID there.
hidden "/proc of another PID namespace is not used" -pf ':;'

name="without a free descriptor no process is inspected"
if [ -n "${SOCKPAIR_WRAPPED:-}" ] || [ "$LINUX_EXTRAS" != yes ]; then
	elsewhere "$name" "limits are the wrapper's, or nothing is looked at"
elif ! have prlimit; then
	skip "$name" "no prlimit"
else
	begin sockpair --stall=0.5 "$PEER" pid:limit.pid read:1 pause <silent
	pid limit.pid >/dev/null
	prlimit --pid "$(parent_of limit.pid)" --nofile=3:3
	echo >&9
	unseen() { last_report | grep -q 'cannot be seen'; }
	await unseen
	is "$(last_report | sed -n 's/([0-9]*)/(PID)/; 4,$p')" \
	    "sockpair: ? (PID): cannot be seen" "$name"
	kill "$(cat limit.pid)"
	end 143 "a command ends as always after such a report"
fi

name="a command of another user cannot be inspected"
if [ "$(id -u)" != 0 ] || ! have setpriv; then
	skip "$name" "not run as root, or no setpriv"
elif [ $seen = no ]; then
	skip "$name" "no /proc/PID/syscall"
else
	chmod 755 .
	cp "$PEER" rooted
	chmod 4755 rooted
	# shellcheck disable=SC2016
	if setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
	    sh -c 'test -x "$SOCKPAIR" && ./rooted exit:0' 2>/dev/null; then
		begin setpriv --reuid=65534 --regid=65534 --clear-groups \
		    --inh-caps=-all --bounding-set=-all "$SOCKPAIR" \
		    --stall=0.5 ./rooted read:1 <silent
		four() { [ "$(wc -l <err)" -ge 4 ]; }
		await four
		is "$(sed -n '4s/([0-9]*)/(PID)/p' err)" \
		    "sockpair: rooted (PID): cannot be seen" "$name"
		echo >&9
		wait "$us"
	else
		skip "$name" "the program cannot be run by others"
	fi
fi

# --- --timeout and SIGUSR1 ---------------------------------------------------

limit 60 sockpair --timeout=0.5 "$PEER" pid:timed.pid pause </dev/null 2>err
is "$rc" 124 "--timeout ends a silent command"
reports "standard input has ended
the command is silent
peer ($(pid timed.pid)): sleeps" "after the same report"

begin sockpair --stats "$PEER" pid:usr1.pid read:1 <silent
pid usr1.pid >/dev/null
kill -USR1 "$(parent_of usr1.pid)"
at_once() { [ "$(wc -l <err)" -ge 6 ]; }
await at_once
echo >&9
end 0 "--stats goes on after SIGUSR1"
is "$(sed -n '3,5s/for [0-9.]* s$/for TIME/; 3,5p' err)" \
    "sockpair: nothing has moved for TIME
sockpair: standard input is silent
sockpair: the command is silent" "SIGUSR1 brings the report at once"
is "$(grep -c 'nothing has moved' err)" 1 "the end brings no report"

# --- the page ----------------------------------------------------------------

sed -n '/^\.Ss Who waits for what/,/^\.Sh/p' "$TOP_SRCDIR/man/sockpair.1" >page
sed -n '/^\.Bd/,/^\.Ed/{/^\./!p;}' page | sed 's/([0-9]*)/(PID)/' >want
name="the report that the page shows"
if [ $seen = yes ]; then
	limit 60 sh -c "$(sed -n 's/^\.Dl //p' page)" 2>err
	sed 's/([0-9]*)/(PID)/' err >got
	same got want "$name"
else
	skip "$name" "no /proc/PID/syscall"
fi

# --- the event ---------------------------------------------------------------

begin sockpair --stall=0.5 -v -o t.jsonl -o t.pcapng "$PEER" pid:event.pid \
    read:1 <silent
event() { grep -q '^\* .* stall ' err; }
await event
echo >&9
end 0 "a stall in traces"
is "$(grep '^\*.* stall' err | sed 's/ [0-9.]* / TIME /')" \
    "* TIME stall nothing moved for 0.500 s" "as text"
is "$(sed -n 's/^{"t":[0-9.]*,\("type":"stall".*\)/\1/p' t.jsonl)" \
    '"type":"stall","duration":0.500000}' "as JSON"
grep -aq 'stall nothing moved for 0.500 s' t.pcapng
ok "and as pcapng"

# --- what it costs -----------------------------------------------------------

name="--stall keeps what is moved in the kernel there"
if ! have strace || ! strace -o /dev/null true 2>/dev/null; then
	skip "$name" "no strace"
elif [ "$LINUX_EXTRAS" != yes ] || [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "no splice(2), or a wrapped program"
else
	head -c 4000000 data | cat | limit 60 strace -o calls \
	    "$SOCKPAIR" --stall=60 cat | cat >out
	cmp out data && grep -q '^splice(.* = [1-9]' calls
	ok "$name"
fi

name="a stall costs less than two in a hundred of a processor"
if ! has_proc || [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "no /proc, or a wrapped program"
else
	resting=
	for i in 1 2 3 4 5; do
		sockpair --stall=0.1 "$PEER" pid:rest.$i wait:rested <silent \
		    2>rest.err.$i &
		pid rest.$i >/dev/null
		resting="$resting $(parent_of rest.$i)"
	done
	for i in 1 2 3 4 5; do
		await [ -s rest.err.$i ]
	done
	# shellcheck disable=SC2086
	before=$(ticks $resting)
	# The absence of activity within some time is what is looked for.
	sleep 1.2
	# shellcheck disable=SC2086
	used=$(($(ticks $resting) - before))
	: >rested
	wait
	hertz=$(getconf CLK_TCK 2>/dev/null || echo 100)
	[ $((used * 100)) -lt $((2 * 6 * hertz)) ]
	ok "$name ($used ticks)"
fi
exec 0<&7 7<&- 8<&- 9<&-
done_testing
