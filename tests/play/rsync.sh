#!/bin/sh
# SPDX-License-Identifier: MIT
# sockplay and rsync --daemon, which serves its standard input if that is a
# socket: lists, refusals and small transfers, with statuses other than 0.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need rsync timeout awk
need_sockplay
. "$TOP_SRCDIR/tests/play/talks"
. "$TOP_SRCDIR/tests/own-rsyncd"

printf '\tcomment = some files\n' >>rsyncd.conf
sed 's/some files/no files/' rsyncd.conf >other.conf
mkdir files
echo hello >files/greeting
other="rsync --daemon --config=$test_dir/other.conf"
RSYNC_CONNECT_PROG=$daemon limit 60 rsync here:: >out 2>&1
[ "$rc" = 0 ] || {
	echo "1..0 # SKIP this rsync does not serve on a unix socket"
	exit 0
}

# Remote shells for the client: one starts the daemon, one plays the talk in its
# place.  When a transfer fails, the client may send its shell SIGUSR1.  Whether
# that arrives in time varies, so it is ignored, and not recorded.
cat >recorder <<!
#!/bin/sh
trap '' USR1
exec "\$SOCKPAIR" -o "\$TALK" $daemon
!
cat >mock <<'!'
#!/bin/sh
trap '' USR1
exec 3<&0
"$SOCKPLAY" "$TALK" <&3 3<&- 2>mock.err &
exec <&- >&- 3<&-
wait $!
rc=$?
echo "$rc" >mock.new && mv mock.new mock.rc
exit "$rc"
!
chmod +x recorder mock
export TALK
# client SHELL ARG...: the client's output, errors and status are in client.out.
client() {
	client_shell=$1
	shift
	limit 60 rsync -e "$PWD/$client_shell" --checksum-seed=1 "$@" \
	    >client.out 2>&1
	echo "status $rc" >>client.out
}

# mocked: print the status and the messages of sockplay in the daemon's place.
# The client does not wait for sockplay, so wait here.
mocked() {
	await [ -e mock.rc ]
	cat mock.rc mock.err
	rm mock.rc
}

for talk in list refusal missing fetch; do
	case $talk in
	list) set -- here:: ;;
	refusal) set -- here::nothing/ copy/ ;;
	missing) set -- here::files/nothing copy/ ;;
	fetch) set -- -a here::files/ copy/ ;;
	esac
	TALK=$talk.jsonl
	client recorder "$@"
	cp client.out recorded
	# The client does not wait for sockpair either.
	await grep -q '"type":"exit"' "$TALK"
	# shellcheck disable=SC2086 # several words
	plays "$talk: the daemon is as recorded" "$TALK" $daemon
	rm -rf copy
	client mock "$@"
	same client.out recorded \
	    "$talk: in the daemon's place: the client gets the same"
	status=$(sed -n 's/.*"exit","status":\([0-9]*\).*/\1/p' "$TALK")
	is "$(mocked)" "$status" \
	    "$talk: in the daemon's place: sockplay has its status, $status"
done
is "$(cat copy/greeting)" hello "in the daemon's place: a file has been fetched"

is "$(cat list.jsonl refusal.jsonl missing.jsonl | grep -c '"status":0,')" 0 \
    "the other statuses are not 0"
# shellcheck disable=SC2086 # several words
{
	differs "another list is a difference" \
	    "$(at list.jsonl 'some files' "byte 57 of the command")" \
	    '"some files\n"' '"no files\n"' list.jsonl $other
	differs "another status is a difference" \
	    "$(at list.jsonl '"exit"' "the exit of the command")" \
	    'status 255' 'status 0' list.jsonl sh -c "$daemon || :"
}

TALK=list.jsonl
client mock here::files/
is "$(mocked)" "1
$(report "$(at_byte list.jsonl stdin 41 "standard input")" \
    '"\n"' '"files\n"')" \
    "in the daemon's place: another request is a difference"

# A pipeline in place of the client.
printf '@RSYNCD: 31.0\n#list\n' >asked
# shellcheck disable=SC2086 # several words
{
	limit 60 "$SOCKPAIR" -o asked.jsonl $daemon <asked >reply
	is "$rc $(grep -c 'some files' reply)" "255 1" "status 255 is recorded"
	plays "255 again is no difference" asked.jsonl $daemon
}
limit 60 "$SOCKPLAY" asked.jsonl <asked >out 2>err
is "$rc $(cat err)" "255 " "a mock has status 255"
same out reply "and the answer"

done_testing
