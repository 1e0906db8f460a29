#!/bin/sh
# SPDX-License-Identifier: MIT
# --listen-fds: systemd-stdio-bridge asks sd_listen_fds(3) for its connection,
# and a D-Bus client starts it by sockpair, as its address says (unixexec:).
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout systemd-stdio-bridge dbus-daemon dbus-send
unset DBUS_SESSION_BUS_ADDRESS DBUS_STARTER_ADDRESS LISTEN_FDS LISTEN_PID

cat >bus.conf <<!
<busconfig>
	<listen>unix:path=$test_dir/bus</listen>
	<auth>EXTERNAL</auth>
	<policy context="default">
		<allow send_destination="*" eavesdrop="true"/>
		<allow eavesdrop="true"/>
		<allow own="*"/>
	</policy>
</busconfig>
!
timeout -s KILL 300 dbus-daemon --config-file=bus.conf --nofork --nopidfile \
	>bus.out 2>&1 &
bus=$!
trap 'kill $bus 2>/dev/null; cd /; rm -rf "$test_dir"' EXIT
await test -S bus || {
	echo "1..0 # SKIP dbus-daemon does not start here"
	exit 0
}

# escaped TEXT: as a value in a D-Bus address.
escaped() {
	printf '%s' "$1" | sed 's/%/%25/g; s/:/%3a/g; s/=/%3d/g; s/ /%20/g'
}

# address WORD...: the address of a program with these arguments.
address() {
	printf 'unixexec:path=%s' "$(escaped "$SOCKPAIR")"
	address_number=0
	for address_word; do
		address_number=$((address_number + 1))
		printf ',argv%d=%s' $address_number "$(escaped "$address_word")"
	done
}

# ask ADDRESS METHOD ARGUMENT...: what the bus answers.
ask() {
	ask_address=$1
	shift
	limit 60 dbus-send --print-reply=literal --reply-timeout=20000 \
		--bus="$ask_address" --dest=org.freedesktop.DBus / "$@" \
		>out 2>err
	echo "$rc $(cat out)"
}

ask "unix:path=$test_dir/bus" org.freedesktop.DBus.GetId >direct
case $(cat direct) in
"0 "*) ;;
*)
	echo "1..0 # SKIP dbus-send does not reach the bus: $(tail -n 1 err)"
	exit 0 ;;
esac

bridge="systemd-stdio-bridge -p unix:path=$test_dir/bus"
# shellcheck disable=SC2086 # words
is "$(ask "$(address --listen-fds $bridge)" org.freedesktop.DBus.GetId)" \
	"$(cat direct)" "systemd-stdio-bridge takes the connection on 3"
# shellcheck disable=SC2086
is "$(ask "$(address $bridge)" org.freedesktop.DBus.GetId)" \
	"$(cat direct)" "as it does on 0 and 1 without"
# shellcheck disable=SC2086
is "$(ask "$(address --listen-fds -E LISTEN_OTHER $bridge)" \
	org.freedesktop.DBus.NameHasOwner string:org.example.None)" \
	"0    boolean false" "another question is answered as well"
# What a wrapper or a shell in between has, is not the bridge's own.
# shellcheck disable=SC2086
got=$(ask "$(address --listen-fds sh -c "exec $bridge")" \
	org.freedesktop.DBus.GetId)
is "$got" "$(cat direct)" "through a shell that becomes it too"

done_testing
