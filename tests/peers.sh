# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# shellcheck disable=SC2016 # what is in single quotes is for another shell
# shellcheck disable=SC2317 # functions are called by their names
# shellcheck disable=SC2086 # over is a list of options
# --peer: what holds for two commands on one pair, and as well for two with a
# relay between them: who speaks with whom, who holds what, how each ends, and
# what then becomes of the other.
#
#	. "${TOP_SRCDIR:-.}/tests/lib.sh"
#	over=OPTIONS
#	. "$TOP_SRCDIR/tests/peers.sh"
#
# over is what makes it a relay, or empty.
need timeout mkfifo
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
export over

# gone PID: wait until there is no such process, or only its remains.
gone() {
	await is_gone "$1"
}

# peers PEER2 OPTION... COMMAND...: the outcome, as "STATUS: ERROR OUTPUT".
peers() {
	peers_second=$1
	shift
	limit 60 sockpair $over -p "$peers_second" "$@" </dev/null >out 2>err
	echo "$rc: $(unreported err | tr '\n' ' ')"
}

# --- a slow one, which runs beside all others --------------------------------

# Stopped for longer than --kill-after: a second that would be ended at once if
# that time counted.
(
	mkdir stopped
	cd stopped || exit
	sh -c 'echo $$ >us.tmp; mv us.tmp us.pid
		exec sockpair $over -k 2 --pipefail -p "exec \"\$PEER\" pid:second.pid \
		    cat-in touch:told pause" "$PEER" wait:go exit:0' \
		</dev/null >out 2>&1 &
	await test -e second.pid && await test -e us.pid
	: >go
	await test -e told
	kill -STOP "$(cat us.pid)"
	sleep 2.5
	kill -CONT "$(cat us.pid)"
	sleep 0.3
	kill -0 "$(cat second.pid)" && echo "still there" >result
	wait $!
	echo $? >>result
) &
stopped_pid=$!

# --- who speaks with whom ---------------------------------------------------

for type in stream seqpacket dgram raw 5; do
	is "$(peers 'exec "$PEER" echo:6' -t $type "$PEER" say:hello read:6 \
		exit:7)" "7: " "$type: the one is answered by the other"
	is "$(peers 'exec "$PEER" read:6 err:heard' -t $type \
		"$PEER" say:hello)" "0: heard " \
		"$type: what the first says the second hears"
	is "$(peers 'exec "$PEER" say:hello' -t $type "$PEER" read:6 err:heard)" \
		"0: heard " "$type: what the second says the first hears"
	is "$(cat out)" "" "$type: nothing of it comes to our output"
done

# Each hears of the other's end while we and the other still run.
for type in stream seqpacket 5; do
	is "$(peers 'exec "$PEER" cat-in say:answer' -t $type \
		"$PEER" say:question half-close read:7 err:heard)" \
		"0: read 9 bytes heard " \
		"$type: each sees the other's half-close, and may still answer"
	rm -f second.pid told
	is "$(peers '"$PEER" pid:second.pid fork close:0 close:1 wait:told
		exit 0' -t $type "$PEER" wait:second.pid cat-in touch:told)" \
		"0: read 0 bytes " "$type: each sees the other's end at once"
	rm -f told
	is "$(peers 'exec "$PEER" cat-in touch:told' -t $type \
		"$PEER" close:0 close:1 wait:told exit:4)" "4: read 0 bytes " \
		"$type: though that goes on"
done

# --- who holds what ---------------------------------------------------------

echo some input >data
"$PEER" fds <data >direct 2>err
sed '/^[012] /d' direct >beyond
[ -s beyond ] || echo 'no such line' >beyond
line() {
	grep -vxF -f beyond "$1" | tr '\n' ';'
}
# both_have OPTION...: the descriptors of the first, and those of the second.
both_have() {
	rm -f first.fds second.fds
	limit 60 sockpair $over "$@" <data >out 2>err
	[ "$rc" = 0 ] || echo "status $rc: $(cat err)"
	echo "$(line first.fds) $(line second.fds)"
}
show='exec "$PEER" use:8 fds 8>second.fds'
mine='8 file write;'
both='socket both'
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "what each of the two holds" "a wrapper may open more"
else
	shows='exec "$PEER" use:8 fds 8>first.fds'
	pair="0 $both;1 $both;2 file write;"
	keep="0 file read;1 file write;2 file write;"
	is "$(both_have -p "$show" sh -c "$shows")" "$pair$mine $pair$mine" \
		"each has its end on 0 and 1, and nothing more"
	is "$(both_have -p "$show" -d 3 sh -c "$shows")" \
		"${keep}3 $both;$mine $pair$mine" \
		"the first keeps our 0 and 1 where they are not chosen"
	is "$(both_have -p "$show" -D 5 sh -c "$shows")" \
		"$pair$mine ${keep}5 $both;$mine" \
		"so does the second, with --peer-fd"
	is "$(both_have -p "$show" -d 3,4 --peer-fd=4,5,3,6,7 sh -c "$shows")" \
		"${keep}3 $both;4 $both;$mine ${keep}3 $both;4 $both;5 $both;6 $both;7 $both;$mine" \
		"both may have any of the numbers that we use ourselves"
	is "$(both_have -p "$show" -t dgram -d 3,4 -D 4,3 sh -c "$shows")" \
		"${keep}3 $both;4 $both;$mine ${keep}3 $both;4 $both;$mine" \
		"of a dgram pair, which we hold too, nothing more either"
	limit 60 sh -c 'exec sockpair $over -p "$0" -d 3 sh -c "$1" <&-' \
		"$show" "$shows" >out 2>err
	is "$rc $(line first.fds) $(line second.fds)" \
		"0 1 file write;2 file write;3 $both;$mine $pair$mine" \
		"what was closed on entry and is not chosen stays closed"
fi
limit 60 sockpair $over -p 'exec cat' -d 3 sh -c 'cat' <data >out
is "$rc $(cat out)" "0 some input" "nothing is relayed: our 0 and 1 are its own"
limit 60 sockpair $over -p 'cat; cat <&3' -D 3 sh -c 'echo to the socket; exit 2' \
	<data >out 2>err
is "$rc $(tr '\n' ' ' <out)" "2 some input to the socket " \
	"and the second's, with --peer-fd"

for option in '-b 20000' '-t dgram -b 1G' '-t seqpacket'; do
	# shellcheck disable=SC2086 # a list
	limit 60 sockpair $over -p 'exec "$PEER" use:8 socket:0 8>second.socket' \
		$option sh -c 'exec "$PEER" use:8 socket:0 8>first.socket'
	is "$rc $(cat first.socket)" "0 $(cat second.socket)" \
		"both ends are the same, with $option"
	case $(cat first.socket) in *"oobinline 0") true ;; *) false ;; esac
	ok "and the second's is no end of a relay"
done
case $(cat second.socket) in *"type 5 "*) true ;; *) false ;; esac
ok "which have the type that was asked for"

limit 60 sockpair $over -E ONE -p 'exec "$PEER" use:2 env:ONE' -d 7 \
	"$PEER" use:2 env:ONE 2>err
is "$(sort err | tr '\n' ' ')" "ONE unset ONE=7 " \
	"--env is for the first only"
limit 60 sockpair $over --listen-fds -p 'exec "$PEER" use:2 env:LISTEN_FDS' \
	"$PEER" use:2 env:LISTEN_FDS 2>err
is "$(sort err | tr '\n' ' ')" "LISTEN_FDS unset LISTEN_FDS=1 " \
	"so is --listen-fds"

# us: our pid, as COMMAND2 found it; it is the parent of both.
us() {
	parent_of second.pid
}
# held OPTION...: how many sockets we hold while both run, and what is ours of
# what we inherited.
held() {
	rm -f first.pid second.pid looked
	limit 60 sockpair $over -p 'exec "$PEER" pid:second.pid wait:looked' "$@" \
		"$PEER" pid:first.pid wait:looked 7<data 9<data <data \
		>out 2>err &
	await test -e first.pid && await test -e second.pid
	held_us=$(us)
	# It lets go once both are started.
	await test ! -e "/proc/$held_us/fd/9"
	for held_fd in "/proc/$held_us/fd"/*; do
		readlink "$held_fd"
	done >held
	: >looked
	wait $!
	echo "$? $(grep -c '^socket:' held) $(grep -c '/data$' held)"
}
if [ -n "${SOCKPAIR_WRAPPED:-}" ] || [ ! -r /proc/self/fd/0 ]; then
	elsewhere "what we hold ourselves" "not looked at here"
else
	for type in stream seqpacket dgram; do
		# Each end of a relay is ours; of a dgram pair both are.
		want=0
		[ -z "$over" ] || want=2
		[ $type != dgram ] || want=$((want + 2))
		is "$(held -t $type)" "0 $want 0" \
			"$type: we hold $want ends, and nothing that we inherited"
	done
	rm -f closed
	mkfifo fifo
	limit 60 sh -c 'exec sockpair $over -p "exec \"\$PEER\" wait:closed" -d 3 \
		"$PEER" close:1 wait:closed >fifo' 2>err &
	closing_pid=$!
	cat fifo
	: >closed
	wait $closing_pid
	is "$?" 0 \
		"a reader of our output sees its end when the commands close it"
fi

# --- how they are started ---------------------------------------------------

mkdir bin
rm -f ran
PATH=$test_dir/bin status "$SOCKPAIR" $over -p : "$PEER" touch:ran 2>err
[ ! -e ran ]
is "$? $rc $(cat err)" \
	"0 125 sockpair: cannot run 'sh': No such file or directory" \
	"without a sh the first is not run, and we say so"
is "$(peers ./no-such-program true)" \
	"0: $(sh -c ./no-such-program 2>&1 | tr '\n' ' ')" \
	"what sh does not find is told by sh, and is no failure of the first"
is "$(peers ./no-such-program --pipefail true | cut -d : -f 1)" 127 \
	"unless --pipefail makes it count"
is "$(peers '-c "$PEER" 2>/dev/null' --pipefail true)" '127: ' \
	"a command that looks like an option is none"
is "$(peers 'exec "$PEER" say:"$(printf "a  b")"' "$PEER" read:5 err:'a  b')" \
	'0: a  b ' "the second is read by sh as it is"

# not_started WANT COMMAND...: it runs us, and nobody is left that holds our standard
# error, as both would, once we have said that the first cannot be started.
not_started() {
	not_started_want=$1
	shift
	rm -f status
	{ limit 60 "$@" 2>&1 >/dev/null </dev/null
	echo "$rc" >status; } | timeout -s KILL 20 cat >err
	is "$? $(cat status) $(cat err)" "0 $not_started_want" \
		"$not_started_name"
}
missing="127 sockpair: cannot run './missing': No such file or directory"
not_started_name="a first that is not found leaves no second behind"
not_started "$missing" sockpair $over -p 'exec cat' ./missing
not_started_name="nor one that would not end by itself"
not_started "$missing" sockpair $over -k 100 -p 'exec "$PEER" pause' ./missing
not_started_name="nor one that ends neither by SIGTERM"
# timeout(1) does not hand down what is ignored.
not_started "$missing" sh -c 'trap "" TERM; exec sockpair $over -k 0.1 \
	-p "exec \"\$PEER\" pause" ./missing'
not_started_name="nor one of type dgram"
not_started "$missing" sockpair $over -t dgram -p 'exec "$PEER" pause' ./missing
for type in stream seqpacket dgram; do
	not_started_name="$type: what the second leaves behind reads end of file"
	not_started "$missing
read 0 bytes" sh -c 'trap "" TERM; exec sockpair $over -t '$type' \
		-p "\"\$PEER\" fork cat-in parent exit:0" ./missing'
done
: >text
not_started_name="nor does a first that cannot be run"
not_started "126 sockpair: cannot run './text': Permission denied" \
	sockpair $over -p 'exec "$PEER" pause' ./text

# A number past the limit is told of before either runs.
for option in --fd --peer-fd; do
	rm -f ran
	# A second that ran would not be ended before it tells.
	limit 60 sh -c 'ulimit -n 64; trap "" TERM
		exec sockpair $over -p ": >ran" "$0=100000" touch ran' $option 2>err
	[ ! -e ran ]
	is "$? $rc $(sed 's/ below .*//' err)" \
		"0 125 sockpair: $option: '100000' is not a file descriptor" \
		"a limit on $option holds before either runs"
done

# --- how they end -------------------------------------------------------------

is "$(peers 'exit 3' "$PEER" exit:4)" "4: " "the status is the first's"
is "$(peers 'exit 3' true)" "0: " "whatever the second's is"
is "$(peers 'kill -9 $$' true)" "0: " "even a signal"
rm -f late
is "$(peers 'cat >/dev/null; sleep 0.2; : >late' "$PEER" exit:5; ls late)" \
	"5: 
late" "both are waited for: the second, when the first has ended"
is "$(peers 'exit 3' sh -c 'cat >/dev/null; sleep 0.2; exit 6')" "6: " \
	"and the first, when the second has ended"

wrong=
while read -r first second want; do
	got=$(peers "$second" --pipefail sh -c "$first")
	[ "${got%%:*}" = "$want" ] || wrong="$wrong ($first) ($second): $got;"
done <<'!'
exit${IFS}0 exit${IFS}0 0
exit${IFS}0 exit${IFS}1 1
exit${IFS}0 exit${IFS}255 255
exit${IFS}0 kill${IFS}-TERM${IFS}$$ 143
exit${IFS}0 kill${IFS}-9${IFS}$$ 137
exit${IFS}4 exit${IFS}0 4
exit${IFS}4 exit${IFS}3 4
exit${IFS}4 kill${IFS}-9${IFS}$$ 4
kill${IFS}-TERM${IFS}$$ exit${IFS}3 143
kill${IFS}-TERM${IFS}$$ exit${IFS}0 143
!
is "$wrong" "" "with --pipefail a failure of the second counts, behind the first's"
sh -c 'sockpair $over -p : sh -c "kill -9 \$\$"; echo after' >out 2>err
is "$(cat out)" after "a first that is killed ends us in the same way"

for second in 'exit 0' 'exit 3'; do
	limit 60 sh -c 'trap "" CHLD; exec sockpair $over --pipefail -p "$0" true' \
		"$second"
	is "exit $rc" "$second" "with SIGCHLD ignored the status comes: $second"
done

# --- --kill-after: of each, from the other's end -----------------------------

rm -f up
is "$(peers 'exec "$PEER" catch:15 touch:up await:15' -k 1 "$PEER" wait:up \
	exit:3)" \
	"3: caught SIG 15 " \
	"--kill-after: a second that outlives the first gets SIGTERM"
rm -f up
is "$(peers 'exec "$PEER" wait:up' -k 1 "$PEER" catch:15 err:up touch:up \
	await:15 exit:4)" \
	"4: up caught SIG 15 " "so does a first that outlives the second"
rm -f killed.rc
limit 60 sh -c 'trap "" TERM
	sockpair $over -k 0.1 --pipefail -p "exec \"\$PEER\" pause" true
	echo $? >killed.rc'
is "$(cat killed.rc)" 137 "and SIGKILL, if it still runs"
is "$(peers 'exec "$PEER" pause' -k 0 "$PEER" exit:3)" "3: " \
	"--kill-after=0 is at once"
is "$(peers 'exec "$PEER" cat-in' -k 0.1 sh -c 'sleep 0.5; exit 3')" \
	"3: read 0 bytes " "while both run it does not count"
is "$(peers 'exec "$PEER" pause' -t dgram -k 0.1 "$PEER" exit:3)" "3: " \
	"it counts for a dgram pair as well"

wait $stopped_pid
is "$(tr '\n' ' ' <stopped/result)" "still there 143 " \
	"while we are stopped it does not count either"

# --- dgram: the end that the kernel does not tell -----------------------------

for type in dgram raw 2; do
	is "$(peers 'exec "$PEER" cat-in' -t $type \
		"$PEER" say:one say:two say:three)" "0: read 14 bytes " \
		"$type: the second reads all, and then end of file"
	is "$(peers 'exec "$PEER" say:one say:two' -t $type \
		"$PEER" cat-in exit:3)" "3: read 8 bytes " \
		"$type: so does the first"
	peers 'exec "$PEER" cat-in' -t $type "$PEER" say:one die:9 >got
	is "$(cut -d : -f 1 got) $(grep read err)" "137 read 4 bytes" \
		"$type: even of one that is killed"
	is "$(peers 'exec "$PEER" out:50000000' -t $type --pipefail "$PEER" \
		read:65536)" "99: peer: out: Broken pipe " \
		"$type: a second that waits for room is woken when the first ends"
	is "$(peers 'exec "$PEER" read:65536' -t $type "$PEER" out:50000000)" \
		"99: peer: out: Broken pipe " "$type: so is a first"
	is "$(peers 'exec "$PEER" out:50000000' -t $type -b 200000 --pipefail \
		true)" "99: peer: out: Broken pipe " \
		"$type: whatever the size of the buffers"
done
rm -f over
is "$(peers 'exec "$PEER" cat-in touch:over' -t dgram \
	"$PEER" fork wait:over exit:0 parent exit:3)" "3: read 0 bytes " \
	"dgram: another that holds the first's end does not matter"

# --- signals --------------------------------------------------------------------

# begin ARGUMENT...: run us beside; our pid is in $us once both are up.
begin() {
	rm -f first.up second.up rc
	{
		limit 60 sockpair $over "$@" >out 2>err </dev/null
		echo "$rc" >rc
	} &
	await test -e second.up && await test -e first.up
	us=$(parent_of second.up)
}
for sig in 1 2 10 12 14 15 28; do
	begin -p "exec \"\$PEER\" catch:$sig pid:second.up await:$sig err:second" \
		"$PEER" catch:$sig pid:first.up await:$sig err:first exit:7
	kill -$sig "$us"
	await test -s rc
	[ "$(cat rc) $(sort err | tr '\n' ' ')" = \
		"7 caught SIG $sig caught SIG $sig first second " ] || break
done
is "$(cat rc) $(sort err | tr '\n' ' ')" \
	"7 caught SIG 28 caught SIG 28 first second " "signals go to both"
begin -p 'exec "$PEER" pid:second.up pause' "$PEER" pid:first.up pause
first=$(cat first.up) second=$(cat second.up)
kill -TERM "$us"
await test -s rc
gone "$first" && gone "$second" && [ "$(cat rc)" = 143 ]
ok "one that ends both ends us in the same way"
begin -p 'exec "$PEER" catch:15 pid:second.up await:15' "$PEER" \
	pid:first.up exit:3
gone "$(cat first.up)"
kill -TERM "$us"
await test -s rc
is "$(cat rc) $(cat err)" "3 caught SIG 15" \
	"when one has ended they go to the other"

name="a key between the two starts reaches each once"
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "not under another tracer"
elif ! have strace || ! strace -o /dev/null true 2>/dev/null; then
	skip "$name" "strace is not installed, or may not trace"
else
	# The tracer's signal looks like the kernel's, but comes to us alone: the
	# second, which runs, would have got a key's from the terminal.
	making=clone,clone3,fork,vfork
	rm -f once
	limit 60 strace -o trace -e trace=$making \
		-e inject=$making:signal=SIGINT:when=2 "$SOCKPAIR" $over \
		-p 'trap "exit 1" INT; cat >/dev/null; : >once' \
		"$PEER" pause </dev/null >out 2>err
	[ -e once ]
	# What ends us ends the tracer in the same way.
	is "$? $rc" "0 130" "$name"
fi

name="--die-with-parent is for both"
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "not under another checker"
elif [ "$LINUX_EXTRAS" != yes ]; then
	elsewhere "$name" "built without what only Linux has"
else
	begin --die-with-parent -p 'exec "$PEER" pid:second.up pause' \
		"$PEER" pid:first.up pause
	kill -KILL "$us"
	gone "$(cat first.up)" && gone "$(cat second.up)"
	ok "$name"
fi
wait
