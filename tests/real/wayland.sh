#!/bin/sh
# SPDX-License-Identifier: MIT
# Wayland: a client that finds its connection by WAYLAND_SOCKET, which is ours,
# while we speak with the compositor.  Its pixels travel as a descriptor.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout weston weston-simple-shm wayland-info perl

# The directory of a test may be longer than the address of a socket can be.
short=$(mktemp -d /tmp/sockpair-wl.XXXXXX) || exit 99
compositor=
# shellcheck disable=SC2317 # called by its name
clean_up() {
	[ -z "$compositor" ] || kill "$compositor" 2>/dev/null
	wait
	cd / && rm -rf "$short" "$test_dir"
}
trap clean_up EXIT
export XDG_RUNTIME_DIR="$short"
timeout -s KILL 300 weston --backend=headless-backend.so --socket=display \
    --no-config --idle-time=0 >weston.log 2>&1 &
compositor=$!
# The socket is there before anybody listens on it.
# shellcheck disable=SC2317 # called by its name
answers() { WAYLAND_DISPLAY=display timeout 10 wayland-info >want 2>&1; }
if ! await answers; then
	echo "1..0 # SKIP weston does not start here: $(tail -n 1 weston.log)"
	exit 0
fi

# connect COMMAND...: run it with the compositor on its 0 and 1.
# shellcheck disable=SC2016 # perl's
connect() {
	limit 60 perl -MSocket -e 'socket my $s, AF_UNIX, SOCK_STREAM, 0 or die $!;
		connect $s, sockaddr_un(shift) or die $!;
		open STDIN, "<&", $s; open STDOUT, ">&", $s; close $s;
		exec @ARGV or die $!' "$short/display" "$@"
}

# shellcheck disable=SC2016 # the inner shell's
connect sockpair -o trace.txt -d 3 -E WAYLAND_SOCKET \
    sh -c 'exec wayland-info >info 2>&1'
is "$rc" 0 "wayland-info speaks with weston through us"
sort -b want >want.sorted
sort -b info >info.sorted
same info.sorted want.sorted "and sees what it sees without us" ||
    diff info.sorted want.sorted | sed 's/^/# /'
tail -n 1 trace.txt | grep -q 'status 0; > [1-9][0-9]* B'
ok "both directions are in the trace" || tail -n 3 trace.txt

# It draws until it is told to end: once the compositor has answered what came
# after the descriptor, that was good.
mkfifo events
# shellcheck disable=SC2016 # the inner shell's
connect sh -c 'echo $$ >us
	exec sockpair --format=json -o events --kill-after=10s -d 3 \
	    -E WAYLAND_SOCKET weston-simple-shm' 2>err &
# The first piece from the compositor after the client's descriptor ends it.
while IFS= read -r event; do
	case $event in
	*'"from":"command","type":"fds"'*)
		printf '%s\n' "$event" >fds
		bytes=0 ;;
	*'"from":"stdin","type":"data"'*)
		[ -e fds ] || continue
		bytes=$((bytes + 1))
		[ "$bytes" -ge 3 ] && break ;;
	*'"type":"exit"'*)
		break ;;
	esac
done <events
kill "$(cat us)"
grep -qE '"target":"(/memfd:.*|file)","mode":"read, write"' fds
ok "weston-simple-shm passes its pixels, and weston goes on with them" ||
    cat fds err
[ "${bytes:-0}" -ge 3 ]
ok "frame after frame"

done_testing
