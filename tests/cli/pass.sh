#!/bin/sh
# SPDX-License-Identifier: MIT
# --pass-fd: the other end goes to whoever reads our standard output, and we
# are gone.  Who reads it here is the first command of a pair of its own, whose
# second is the program under test.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
# shellcheck disable=SC2317 # functions are called by their names
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout mkfifo
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-

# pass_once ARGUMENTS STEP...: run sockpair --pass-fd with ARGUMENTS, shell
# words, and the steps as its caller; the outcome as "STATUS-OF-BOTH: ERROR".
pass_once() {
	pass_arguments=$1
	shift
	rm -f rc
	limit 60 sockpair -t "${pass_type:-stream}" -p "
		sockpair --pass-fd $pass_arguments
		echo \$? >rc.tmp; mv rc.tmp rc" \
		"$PEER" "$@" <"${pass_input:-/dev/null}" >out 2>err
	echo "$rc,$(cat rc): $(tr '\n' ' ' <err)"
}

# The same.  The kernel limits how many descriptors of a user wait in sockets
# (unix(7): ETOOMANYREFS), and other tests of the same user may pass thousands.
pass() {
	pass_turns=0
	while
		pass_outcome=$(pass_once "$@")
		case $pass_outcome in
		*'Too many references'*) [ $pass_turns -lt 600 ] ;;
		*) false ;;
		esac
	do
		pass_turns=$((pass_turns + 1))
		sleep 0.1
	done
	echo "$pass_outcome"
}

echo some input >data
is "$(pass '"$PEER" read:6 say:answer' receive:5 use:5 say:hello read:7 \
	err:heard)" "0,0: heard " \
	"the caller receives one byte, 0, and an end on which it is answered"
for type in stream seqpacket dgram; do
	is "$(pass "-t $type \"\$PEER\" read:6 say:answer" receive:5 use:5 \
		say:hello read:7 err:heard)" "0,0: heard " \
		"so it is with an end of type $type"
	is "$(pass_type=$type pass '"$PEER" read:6 say:answer' receive:5 use:5 \
		say:hello read:7 err:heard)" "0,0: heard " \
		"and on a standard output of type $type"
done
is "$(pass '"$PEER" cat-in 2>/dev/null' receive:5 use:5 wait:rc err:over)" \
	"0,0: over " \
	"we exit with 0, and do not wait for the command"
is "$(pass '"$PEER" say:last exit:7' receive:5 use:5 cat-in)" \
	"0,0: read 5 bytes " "nobody else holds the caller's end, nor the command's"

# --- what either end is -------------------------------------------------------

is "$(pass '"$PEER" wait:seen' receive:5 use:2 fds touch:seen | tr ' ' '\n' |
	grep -A 2 -x 5 | tr '\n' ' ')" "5 socket both " \
	"the end that is passed is a socket, blocking as they come"
rm -f seen
pass '-b 48K "$PEER" wait:seen' receive:5 use:2 socket:5 touch:seen >got
case $(cat got) in
*"sndbuf 98304 rcvbuf 98304 oobinline 0 ") true ;;
*) false ;;
esac
ok "--buffer concerns it as well" || sed 's/^/# /' got
limit 60 sockpair -p 'sockpair --pass-fd -d 7 -E CHANNEL "$PEER" use:7 \
	env:CHANNEL' sh -c '"$PEER" receive:5 use:5 read:10 err:heard' 2>err
is "$rc $(cat err)" "0 heard" "--fd and --env are the command's"

# The command's own descriptors: 0 is ours, 1 our standard error.
rm -f fds.out
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "the command's descriptors" "a wrapper may open more"
else
	"$PEER" fds <data >direct 2>err
	sed '/^[012] /d' direct >beyond
	[ -s beyond ] || echo 'no such line' >beyond
	line() {
		grep -vxF -f beyond "$1" | tr '\n' ';'
	}
	pass '-d 7 "$PEER" use:8 fds 8>fds.out <data' receive:5 use:5 cat-in >got
	is "$(line fds.out)" "0 file read;1 file write;2 file write;7 socket both;8 file write;" \
		"where it is not chosen 0 is ours, and 1 is our standard error"
	pass '"$PEER" use:8 fds 8>fds.out <data' receive:5 use:5 cat-in >got
	is "$(line fds.out)" "0 socket both;1 socket both;2 file write;8 file write;" \
		"where they are chosen the end is all that it has"
fi
limit 60 sockpair -p 'sockpair --pass-fd -d 7 sh -c "cat; echo said" <data' \
	"$PEER" receive:5 use:5 cat-in 2>err
is "$rc $(sort err | tr '\n' ' ')" "0 read 0 bytes said some input " \
	"so what it writes to 1 is on standard error, not on the caller's socket"
is "$(pass '--listen-fds "$PEER" use:3 env:LISTEN_FDS' receive:5 use:5 \
	read:13 err:heard)" "0,0: heard " "--listen-fds is the command's too"

# --- what fails -----------------------------------------------------------------

# fails STATUS MESSAGE NAME ARGUMENTS: the caller reads end of file.
fails() {
	got=$(pass "$4" cat-in)
	is "$got" "0,$1: ${2:+sockpair: $2 }read 0 bytes " "$3: nothing is passed"
}
: >text
fails 127 "cannot run './missing': No such file or directory" \
	"a command that is not found is 127" ./missing
fails 126 "cannot run './text': Permission denied" \
	"one that cannot be run is 126" ./text
fails 125 "cannot create a socket pair (unix, rdm, 0): Socket type not supported" \
	"a pair that cannot be made is 125" "-t rdm true"
fails 125 "--pass-fd: cannot go with --timeout" "a wrong call is 125" \
	"-T 1 true"

no_socket='sockpair: cannot pass a descriptor over standard output: it is not a unix socket'
mkfifo fifo
for what in 'a file' 'a pipe' 'a device' 'a terminal' 'nothing' 'another socket'; do
	rm -f ran
	case $what in
	'a file') status sockpair --pass-fd touch ran >out 2>err ;;
	'a pipe')
		cat fifo >/dev/null &
		status sockpair --pass-fd touch ran >fifo 2>err
		wait ;;
	'a device') status sockpair --pass-fd touch ran >/dev/null 2>err ;;
	'a terminal')
		[ -x "${PEER%/*}/pty" ] || continue
		has_terminals || continue
		"${PEER%/*}/pty" -- sockpair --pass-fd touch ran 2>end |
			tr -d '\r' >err
		rc=$(sed -n 's/^exit //p' end) ;;
	nothing)
		[ -z "${SOCKPAIR_WRAPPED:-}" ] || continue
		status sockpair --pass-fd touch ran >&- 2>err ;;
	'another socket')
		have perl || continue
		perl -MIO::Socket::INET -e '
			$s = IO::Socket::INET->new(Listen => 1,
			    LocalAddr => "127.0.0.1") or exit 125;
			open STDOUT, ">&", $s; $^F = 9;
			exec @ARGV' sockpair --pass-fd touch ran 2>err
		rc=$? ;;
	esac
	[ ! -e ran ]
	is "$? $rc $(cat err)" "0 125 $no_socket" \
		"$what as standard output is no unix socket, and nothing is run"
done

# A caller that has gone: the command is running, and has nobody.
for type in stream seqpacket dgram; do
	rm -f rc left heard first.pid
	limit 60 sockpair -p "
		\"\$PEER\" wait:left
		sockpair --pass-fd -t $type \"\$PEER\" cat-in touch:heard
		echo \$? >rc.tmp; mv rc.tmp rc" "$PEER" pid:first.pid exit:0 2>err &
	await test -e first.pid && await is_gone "$(cat first.pid)"
	: >left
	await test -s rc && await test -e heard
	wait
	is "$(cat rc) $(sort err | tr '\n' ' ')" \
		"125 read 0 bytes sockpair: cannot pass a descriptor over standard output: Broken pipe " \
		"$type: if the caller has gone it is 125, and the command reads end of file"
done

# No room: it waits, whether or not somebody made the socket non-blocking, and
# a signal ends it.
for nonblock in '' nonblock:1; do
	rm -f rc started
	is "$(limit 60 sockpair -t dgram -b 4K -p '
		"$PEER" fill '$nonblock'
		sockpair --pass-fd "$PEER" touch:started say:end
		echo $? >rc' sh -c '
		"$PEER" wait:started
		until "$PEER" receive:5 use:5 read:4 err:received; do :; done' \
		2>&1 | grep -v ^peer; cat rc)" "received
0" "without room on standard output we wait for it (${nonblock:-blocking})"
done
name="and a signal ends us, and the command reads end of file"
if sees "$name"; then
	rm -f rc us.pid cmd.pid
	limit 60 sockpair -p '
		"$PEER" fill
		sh -c "echo \$\$ >us.pid; exec sockpair --pass-fd \
		    \"\$PEER\" pid:cmd.pid cat-in touch:heard"
		echo $? >rc' "$PEER" wait:rc 2>err &
	rm -f heard
	await test -e cmd.pid
	await grep -q '^State:.S' "/proc/$(cat us.pid)/status"
	kill -TERM "$(cat us.pid)"
	await test -s rc && await test -e heard
	wait
	is "$(cat rc)" 143 "$name"
fi

done_testing
