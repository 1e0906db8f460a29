#!/bin/sh
# SPDX-License-Identifier: MIT
# The command's descriptors, its environment, and the socket itself.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout
# What the harness keeps open would be in the way; a shell names 0 to 9 only,
# and what else there is, the list below takes as it is.
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-

echo 'some input' >data
"$PEER" fds <data >direct 2>err
sed '/^[012] /d' direct >beyond

# line FILE: its lines as one, without what was open beyond 2 from the start.
line() {
	grep -vxF -f beyond "$1" | tr '\n' ';'
}
# An empty list of patterns would match nothing, but not in every grep.
[ -s beyond ] || echo 'no such line' >beyond
# What a wrapper leaves open in the command is not ours.
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	limit 60 sockpair "$PEER" fds <data >fds.out 2>fds.err
	sed '/^[012] /d' fds.out >>beyond
fi

# fds_with NUMBER OPTION...: the descriptors of a command that is run with the
# options and writes the list to NUMBER.
fds_with() {
	fds_number=$1
	shift
	limit 60 sockpair "$@" "$PEER" "use:$fds_number" fds \
		<data >fds.out 2>fds.err
	[ "$rc" -eq 0 ] || echo "status $rc;"
	line fds.out
}

# --- where its end is placed --------------------------------------------------

both='socket both'
rest='2 file write;'
is "$(fds_with 1)" "0 $both;1 $both;$rest" "its end is on 0 and 1"
is "$(fds_with 0 --fd=0,1)" "0 $both;1 $both;$rest" "--fd=0,1 is the default"
is "$(fds_with 1 --fd=1,0)" "0 $both;1 $both;$rest" "the order does not matter"
is "$(fds_with 0 --fd=0)" "0 $both;1 file write;$rest" "--fd=0"
is "$(fds_with 1 --fd=1)" "0 null read;1 $both;$rest" "--fd=1"
is "$(fds_with 2 --fd=2)" "0 null read;1 file write;2 $both;" "--fd=2"
is "$(fds_with 2 --fd=0,1,2)" "0 $both;1 $both;2 $both;" "--fd=0,1,2"
is "$(fds_with 3 --fd=3)" "0 null read;1 file write;${rest}3 $both;" "--fd=3"
is "$(fds_with 5 --fd=5,5)" "0 null read;1 file write;${rest}5 $both;" \
	"a number given twice is one descriptor"
is "$(fds_with 9 --fd=3 --fd=9)" "0 null read;1 file write;${rest}9 $both;" \
	"the last --fd wins"
is "$(fds_with 7 --fd=0,7,1)" "0 $both;1 $both;${rest}7 $both;" \
	"three numbers, one of them beyond 2"

# The numbers that sockpair's own descriptors have: each is free for the
# command, alone and all together, inheritable, and nothing else appears.
wrong=
for number in 3 4 5 6 7 8 9 10 11 12 13 14; do
	got=$(fds_with "$number" "--fd=$number")
	[ "$got" = "0 null read;1 file write;${rest}$number $both;" ] ||
		wrong="$wrong $number: $got"
done
is "$wrong" "" "its end may have any number that we use ourselves"
is "$(fds_with 4 --fd=9,8,7,6,5,4,3)" "0 null read;1 file write;${rest}3 $both;4 $both;5 $both;6 $both;7 $both;8 $both;9 $both;" \
	"and all of them at once"
is "$(fds_with 4 -o log --fd=9,8,7,6,5,4,3); $(tail -n 1 log | grep -c exit)" \
	"0 null read;1 file write;${rest}3 $both;4 $both;5 $both;6 $both;7 $both;8 $both;9 $both;; 1" \
	"also those of a trace, which is written all the same"

# --- what is inherited beside it ----------------------------------------------

"$PEER" fds 6<data 8>>log 9<data <data >direct 2>err
limit 60 sockpair "$PEER" fds 6<data 8>>log 9<data <data >out 2>err
is "$(line out)" "0 $both;1 $both;$(sed 1,2d direct >rest; line rest)" \
	"the command has what we inherited, its end, and nothing else"
limit 60 sockpair --fd=6 "$PEER" use:6 fds 6<data 8>>log <data >out 2>err
is "$(line out)" "0 null read;1 file write;${rest}6 $both;8 file write;" \
	"a chosen number that we inherited is replaced"
limit 60 sockpair --fd=8 sh -c 'echo kept >&6; echo sent >&8' \
	6>kept 8>lost <data >out 2>err
is "$(cat kept out lost)" "kept
sent" "and nothing is written to what was there"

# --- 0 and 1 where they are not chosen ----------------------------------------

# A command that reads or writes them would steal and mix, if they were ours.
limit 60 sockpair --fd=3 sh -c 'wc -c; cat <&3 >copy; echo said >&3' \
	<data >out 2>err
is "$(tr -d ' ' <err)" 0 "0 is empty, and 1 is our standard error"
same copy data "the input is on the chosen number alone"
is "$(cat out)" said "the output comes from the chosen number alone"
limit 60 sockpair --fd=2 sh -c 'echo to 1; echo to 2 >&2' </dev/null >out 2>err
is "$(cat err) $(cat out)" "to 1 to 2" \
	"with 2 chosen, 1 is what our standard error was"
limit 60 sockpair --fd=0,1,2 "$PEER" err:one say:two </dev/null >out 2>err
is "$(tr '\n' ' ' <out)$(cat err)" "one two " \
	"with 0, 1 and 2 chosen, all of it is the socket's"

# --- those that were closed on entry --------------------------------------------

# closed_with LETTERS OPTION...: the command's descriptors, in 8, when those
# of "i", "o" and "e" are closed.
closed_with() {
	closed_letters=$1
	shift
	(
		case $closed_letters in *i*) exec <&- ;; *) exec <data ;; esac
		case $closed_letters in *o*) exec >&- ;; *) exec >out ;; esac
		case $closed_letters in *e*) exec 2>&- ;; *) exec 2>err ;; esac
		exec timeout -s KILL 60 "$SOCKPAIR" "$@" \
			"$PEER" use:8 fds 8>fds.out
	)
	closed_rc=$?
	[ $closed_rc -eq 0 ] || echo "status $closed_rc;"
	line fds.out
}

if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "descriptors that were closed on entry" "a wrapper may open them"
else
	wrong_default='' wrong_other=''
	for letters in '' i o e io ie oe ioe; do
		case $letters in *e*) error= ;; *) error=$rest ;; esac
		case $letters in *i*) zero= ;; *) zero='0 null read;' ;; esac
		case $letters in *o* | *e*) one= ;; *) one='1 file write;' ;; esac
		got=$(closed_with "$letters")
		[ "$got" = "0 $both;1 $both;${error}8 file write;" ] ||
			wrong_default="$wrong_default without $letters: $got"
		got=$(closed_with "$letters" --fd=5)
		[ "$got" = "$zero$one${error}5 $both;8 file write;" ] ||
			wrong_other="$wrong_other without $letters: $got"
	done
	is "$wrong_default" "" "its end is on 0 and 1 though any of 0 to 2 was closed"
	is "$wrong_other" "" "what was closed on entry and not chosen stays closed"
	is "$(closed_with ioe --fd=2)" "2 $both;8 file write;" \
		"what was closed on entry and is chosen is the socket"
fi

# --- numbers and the limit ----------------------------------------------------------

# limited N COMMAND...: with at most N descriptors.
limited() {
	# shellcheck disable=SC2016 # expanded by the shell that is limited
	limit 60 sh -c 'ulimit -n "$1" && shift && exec "$@"' limited "$@"
}

if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "numbers and the limit" "the wrapper has a limit of its own"
else
	limited 1024 sockpair --fd=1023 "$PEER" use:1023 fds <data >out 2>err
	is "$rc $(line out)" "0 0 null read;1 file write;${rest}1023 $both;" \
		"--fd=1023 under a limit of 1024"
	limited 1024 sockpair --fd=3,1023,4 "$PEER" use:1023 echo <data >out
	is "$rc $(cat out)" "0 some input" "--fd=3,1023,4 under a limit of 1024"
	for number in 1024 1025 2147483647; do
		limited 1024 sockpair "--fd=0,$number" "$PEER" touch:started \
			<data >out 2>err
		[ ! -e started ]
		is "$? $rc $(wc -l <err | tr -d ' ') $(grep -c \
			"^sockpair: .*--fd.*'$number'" err)" "0 125 1 1" \
			"--fd=$number is an error before the command starts"
	done

	# Either it works or it says why not: 127 are the words of the dynamic
	# loader, which runs before us and needs a descriptor for itself.
	odd='' worked=0
	for number in 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
		rm -f out
		limited $number sockpair cat <data >out 2>err
		case "$rc $(wc -l <err | tr -d ' ') $(cat err)" in
		"0 0 ") cmp -s data out && worked=$number && continue ;;
		"125 1 sockpair: cannot "*) [ ! -s out ] && continue ;;
		"127 1 sockpair: error while loading shared libraries"*)
			continue ;;
		esac
		odd="$odd $number: $rc $(cat err)"
	done
	is "$odd" "" "with few descriptors it works, or one line says why not"
	is "$worked" 16 "sixteen descriptors are enough"
fi

# --- the environment ------------------------------------------------------------------

limit 60 sockpair --fd=5,7 --env=ONE -E TWO "$PEER" use:7 env:ONE env:TWO \
	</dev/null >out
is "$(tr '\n' ' ' <out)" "ONE=5 TWO=5 " "--env gives the first of the numbers"
limit 60 sockpair -E ONE "$PEER" env:ONE </dev/null >out
is "$(cat out)" ONE=0 "--env without --fd gives 0"
ONE=old limit 60 sockpair -d 010 -E ONE "$PEER" use:10 env:ONE </dev/null >out
is "$(cat out)" ONE=10 "--env replaces what the variable was, and 010 is ten"

if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "the environment is otherwise the same" "a wrapper adds to it"
else
	# In its order, with a name that no shell could set.
	set -- env -i Z=last A=first 'W=two  words' 'odd-name=1' EMPTY= \
		LISTEN_FDS=3 "PATH=$PATH" ASAN_OPTIONS="${ASAN_OPTIONS:-}"
	"$@" env >direct
	limit 60 "$@" "$SOCKPAIR" env </dev/null >out
	same out direct "the environment is the same"
	limit 60 "$@" "$SOCKPAIR" --fd=0,1 --env=NEW env </dev/null >out
	sed /^NEW=/d out >but
	same but direct "but for what --env adds"
	is "$(grep -c '^NEW=0$' out)" 1 "which is there once"
fi

# --- LISTEN_FDS, as systemd has it for a service of one connection -------------------

# shellcheck disable=SC2016 # expanded by the command
limit 60 sockpair --listen-fds sh -c \
	'echo "$LISTEN_FDS $LISTEN_FDNAMES $((LISTEN_PID - $$))" >&3' \
	</dev/null >out 2>err
is "$(cat out err)" "1 connection 0" \
	"--listen-fds: one, a connection, for the command's own process"
is "$(fds_with 3 --listen-fds)" "0 null read;1 file write;${rest}3 $both;" \
	"which is on 3, and not on 0 and 1"
is "$(fds_with 3 --fd=3 --listen-fds -d 3,3)" \
	"0 null read;1 file write;${rest}3 $both;" "as --fd may say too"
limit 60 sockpair --listen-fds -E ONE "$PEER" use:3 env:ONE </dev/null >out
is "$(cat out)" ONE=3 "and --env gives"
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "what was there before is replaced" "a wrapper adds to it"
else
	set -- env -i LISTEN_PID=1 A=first LISTEN_FDS=7 LISTEN_PIDFDID=5 \
		LISTEN_FDNAMES=a:b "PATH=$PATH" Z=last \
		ASAN_OPTIONS="${ASAN_OPTIONS:-}"
	limit 60 "$@" "$SOCKPAIR" --listen-fds sh -c 'env >&3; echo $$ >&3' \
		</dev/null >out
	is "$(grep '^LISTEN' out | sort | tr '\n' ' ')" \
		"LISTEN_FDNAMES=connection LISTEN_FDS=1 LISTEN_PID=$(tail -n 1 out) " \
		"what was there before is replaced, and nothing is there twice"
	is "$(grep -c '^[AZ]=' out)" 2 "the rest stays"
fi

# --- what we hold ourselves --------------------------------------------------------------

# Nothing between us and the pipe may hold it, too: so no upper bound here, but
# wait: ends after a minute.
name="the reader of what a command closes does not wait for us"
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "a wrapper holds it, too"
elif [ ! -d /dev/fd/ ]; then
	skip "$name" "no /dev/fd"
else
	rm -f heard went-on
	# Descriptor 5 is the pipe, 1 is not.
	sockpair "$PEER" close:5 wait:heard touch:went-on 5>&1 >out </dev/null | {
		cat
		: >heard
	} 2>/dev/null
	[ -e went-on ]
	ok "$name"
fi

# --- the socket -------------------------------------------------------------------------

# socket_with OPTION...: what the command sees of the socket on its 0.
socket_with() {
	limit 60 sockpair "$@" "$PEER" socket:0 </dev/null 2>err
}
set -- "$(socket_with)"
is "${1%% sndbuf *} ${1##* }" "domain 1 type 1 protocol 0 0" \
	"it is a unix stream socket, on which urgent bytes are as always"
is "$(socket_with --type=stream --domain=unix --protocol=0)" "$1" \
	"which is what --type, --domain and --protocol say"

if [ -r /proc/sys/net/core/wmem_default ]; then
	sending=$(cat /proc/sys/net/core/wmem_default)
	receiving=$(cat /proc/sys/net/core/rmem_default)
	case $1 in *" sndbuf $sending rcvbuf $receiving "*) true ;; *) false ;; esac
	ok "its buffers are the system's default"
else
	skip "its buffers are the system's default" "no /proc/sys/net"
fi
# Linux grants twice what is asked for, its accounting included: socket(7).
case $(socket_with -b 48K) in
*" sndbuf 98304 rcvbuf 98304 "*) true ;; *) false ;; esac
ok "--buffer sets both of its buffers"
"$PEER" out:300000 >pattern
# Sizes are those of memory.
large='4G 9999999G' four=4G
[ "$(long_bits)" != 32 ] || large=3G four=3G
for size in 1 4096 1G $large; do
	limit 60 sockpair -b "$size" cat <pattern >out
	cmp -s pattern out
	is "$? $rc" "0 0" "all passes with --buffer=$size"
done
# buffers OPTION...: the sizes of both of its buffers.
buffers() {
	socket_with "$@" | sed 's/.* sndbuf \([0-9]* rcvbuf [0-9]*\) .*/\1/'
}
if [ -r /proc/sys/net/core/wmem_max ]; then
	most=$(cat /proc/sys/net/core/wmem_max)
	got=$((2 * most))" rcvbuf "$((2 * $(cat /proc/sys/net/core/rmem_max)))
	is "$(buffers -b 1G)" "$got" "--buffer=1G sets as much as the system grants"
	is "$(buffers -b $four)" "$got" "so does --buffer=$four"
	for asked in "$most" $((most + most / 2)); do
		limit 60 sockpair -v -b "$asked" true </dev/null 2>err
		is "$(grep ^sockpair err)" "$([ "$asked" = "$most" ] ||
			echo "sockpair: cannot set socket buffers of $asked \
bytes: the system grants $most")" "what is granted of --buffer=$asked is told of"
	done
else
	skip "--buffer=4G sets as much as the system grants" "no /proc/sys/net"
	skip "what is granted of --buffer is told of" "no /proc/sys/net"
fi

# Our own end, as /proc shows it: flags in octal, 04000 is O_NONBLOCK and
# 02000000 O_CLOEXEC.  Standard input is silent, so that we wait meanwhile.
flags_of() {
	sed -n 's/^flags:[^0-9]*//p' "/proc/$1/fdinfo/$2" 2>/dev/null
}
look() {
	look_us=$(parent_of pid)
	for look_fd in "/proc/$look_us/fd"/*; do
		look_number=${look_fd##*/}
		grep -q "^$look_number " direct && continue
		look_flags=$(flags_of "$look_us" "$look_number")
		[ -n "$look_flags" ] || continue
		if [ $((look_flags & 02000000)) -eq 0 ]; then
			echo "$look_number is inheritable"
		fi
		case $(readlink "$look_fd") in
		socket:*)
			[ $((look_flags & 04000)) -ne 0 ] &&
				echo "our end does not block" ;;
		esac
	done
}
if [ -n "${SOCKPAIR_WRAPPED:-}" ] || [ "$LINUX_EXTRAS" != yes ] ||
	[ ! -r /proc/self/fdinfo/0 ]; then
	elsewhere "our end does not block" "not looked at here"
else
	"$PEER" fds <data >direct 2>err
	mkfifo silent
	# shellcheck disable=SC2094 # one pipe, held from both sides
	limit 60 sockpair "$PEER" pid:pid wait:looked <>silent >out 2>err &
	await test -e pid
	is "$(look)" "our end does not block" \
		"our end does not block, and nothing of ours is inheritable"
	: >looked
	wait
fi

# --- before the command runs -------------------------------------------------------------

# The words of a failure come through a descriptor of ours too.
wrong=
for number in 3 4 5 6 7 8 9 10 11 12 13 14; do
	limit 60 sockpair "--fd=$number" ./missing <data >out 2>err
	got="$rc $(cat err)"
	[ "$got" = "127 sockpair: cannot run './missing': No such file or directory" ] ||
		wrong="$wrong $number: $got"
done
is "$wrong" "" "a command that cannot run is told of, whatever its numbers"

{ limit 60 sockpair ./missing 2>err; cat; } <data >out
same out data "nothing is read from a file before the command runs"
{ "$PEER" out:5000; } | { limit 60 sockpair ./missing 2>err; cat; } |
	"$PEER" check:5000
ok "nor from a pipe"
done_testing
