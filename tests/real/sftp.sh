#!/bin/sh
# SPDX-License-Identifier: MIT
# sftp-server, driven by sftp: as its own child, and in place of ssh.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need sftp timeout mkfifo
server=
for place in "$(command -v sftp-server)" /usr/lib/openssh/sftp-server \
    /usr/lib/ssh/sftp-server /usr/libexec/sftp-server \
    /usr/libexec/openssh/sftp-server; do
	if [ -n "$place" ] && [ -x "$place" ]; then
		server=$place
		break
	fi
done
[ -n "$server" ] || {
	echo "1..0 # SKIP sftp-server is not installed"
	exit 0
}
. "$TOP_SRCDIR/tests/real/beside"

# packet: one packet of the server's, in octal: a length of four bytes, then so
# much.  Read byte by byte, since more may follow.
packet() {
	dd bs=1 count=4 2>/dev/null <&9 >length
	# shellcheck disable=SC2046 # four words
	set -- $(od -An -tu1 length)
	[ $# -eq 4 ] || return
	dd bs=1 count=$(($3 * 256 + $4)) 2>/dev/null <&9 | od -An -to1
}

# SSH_FXP_INIT of version 3, then SSH_FXP_REALPATH of "/", by hand.  The server
# drops what it has not written when its input ends, so it is kept open.
for way in bare pair; do
	case $way in
	bare) talk "$server" -e ;;
	pair) talk "$SOCKPAIR" "$server" -e ;;
	esac
	printf '\0\0\0\5\1\0\0\0\3' >&8
	packet >"$way.packets"
	printf '\0\0\0\12\20\0\0\0\7\0\0\0\1/' >&8
	packet >>"$way.packets"
	hush
	echo "$rc '$heard'" >>"$way.packets"
done
same pair.packets bare.packets "two packets by hand are answered the same"
is "$(head -n 1 pair.packets | cut -c 1-20)" " 002 000 000 000 003" \
    "the server has told its version"
is "$(tail -n 1 pair.packets)" "0 ''" "it ends with its input, status 0"
printf '\377\377\377\377\1' >monster
beside "a packet of four gigabytes is refused" 11 monster "$server"

mkdir files
head -c 12000000 /dev/urandom >files/noise
seq 50000 >files/numbers
: >files/empty
cat >list <<'!'
mkdir remote
put files/noise remote/noise
put files/numbers remote/numbers
put files/empty remote/empty
ls -1 remote
get remote/noise back-noise
get remote/numbers back-numbers
get remote/empty back-empty
rename remote/numbers remote/renamed
chmod 600 remote/renamed
rm remote/noise
ls -1 remote
!

# The server in place of ssh: sftp -S runs it with ssh's arguments, which are
# none of the server's business.
printf '#!/bin/sh\nexec "%s" -e\n' "$server" >bare
# shellcheck disable=SC2016 # expanded when it runs
printf '#!/bin/sh\nexec "$SOCKPAIR" "%s" -e\n' "$server" >pair
# The same between two pipes, where sftp gives it one socket.
# shellcheck disable=SC2016 # expanded when it runs
printf '#!/bin/sh\ncat | { "$SOCKPAIR" "%s" -e; echo $? >piped.rc; } | cat\n' \
    "$server" >piped
chmod +x bare pair piped

for way in bare pair piped; do
	rm -rf remote back-*
	limit 120 sftp -q -b list -S "$test_dir/$way" here \
	    >"$way.out" 2>"$way.err"
	is "$rc" 0 "$way: a batch of commands"
	for file in noise numbers empty; do
		same "back-$file" "files/$file" "$way: $file there and back"
	done
	same "$way.out" bare.out "$way: what is listed"
	same remote/renamed files/numbers "$way: what is there in the end"
done
is "$(cat piped.rc)" 0 "piped: sockpair hands on the server's status 0"

# With many requests on their way at once, and with one at a time.
for requests in 1 512; do
	rm -f back
	echo 'get files/noise back' |
	    timeout -s KILL 120 sftp -q -b - -R $requests \
		-S "$test_dir/piped" here >many.out 2>&1
	same back files/noise "$requests requests at once"
done

echo 'get files/none back' >fails
for way in bare pair; do
	limit 60 sftp -q -b fails -S "$test_dir/$way" here \
	    >"$way.out" 2>"$way.err"
	echo "$rc" >"$way.rc"
done
is "$(cat pair.rc)" "$(cat bare.rc)" \
    "a file that is not there: the status is as without sockpair"
same pair.err bare.err "a file that is not there: so is what is said"
[ "$(cat pair.rc)" != 0 ]; ok "it is no success"

# sftp -D: the client starts the server itself.
rm -rf remote back-*
limit 120 sftp -q -b list -D "$test_dir/pair" >direct.out 2>direct.err
is "$rc" 0 "sftp -D: a batch of commands"
same back-noise files/noise "sftp -D: there and back"

done_testing
