#!/bin/sh
# SPDX-License-Identifier: MIT
# sockplay and programs that end in other ways than at the end of their input:
# half-closed, by a signal, with input unread, or cut off by their reader.
# shellcheck disable=SC2016,SC2317 # shells of their own; await calls functions
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout python3
need_sockplay
. "$TOP_SRCDIR/tests/play/talks"

# --- a server that half-closes ------------------------------------------------

# It answers, half-closes, and exits with the number of bytes that then come.
cat >half.py <<'!'
import socket
s = socket.socket(fileno=0)
s.sendall(s.recv(6).upper())
s.shutdown(socket.SHUT_WR)
rest = b""
while True:
    data = s.recv(100)
    if not data:
        break
    rest += data
raise SystemExit(len(rest))
!
cat >client.sh <<'!'
echo hello
cat >&2
printf %s "$1"
!
limit 60 "$SOCKPAIR" -o half.jsonl -p 'sh client.sh more' python3 half.py 2>err
is "$rc $(cat err)" "4 HELLO" "a half-close is recorded, with what follows"
plays "half-close: as recorded" half.jsonl python3 half.py
limit 60 "$SOCKPLAY" -T 1 half.jsonl \
    sh -c 'read -r line; echo HELLO; cat >/dev/null' 2>err
is "$rc $(cat err)" "124 sockplay: $(at_end half.jsonl command \
    "the end of the command") still awaited" \
    "half-close: without it, it is awaited"
sed 's/SHUT_WR)/&; s.close()/;s/^rest = .*/raise SystemExit(4)/' half.py \
    >closes.py
plays "half-close: one that closes at once takes no more" half.jsonl \
    python3 closes.py
sed 's/^s.shutdown.*/s.sendall(b"x"); &/' half.py >more.py
differs "half-close: a byte more before it" \
    "$(at_end half.jsonl command "byte 6 of the command")" 'the end' '"x"' \
    half.jsonl python3 more.py
limit 60 "$SOCKPAIR" -p 'sh client.sh more' "$SOCKPLAY" half.jsonl 2>err
is "$rc $(cat err)" "4 HELLO" "half-close: a mock of it, with its status"
limit 60 "$SOCKPAIR" -p 'sh client.sh much' "$SOCKPLAY" half.jsonl 2>err
is "$rc $(cat err)" "1 HELLO
$(report "$(at half.jsonl '"more"' "byte 7 of standard input")" \
    '"ore"' '"uch"')" "half-close: a mock compares what follows"
limit 60 "$SOCKPAIR" -p 'sh client.sh ""' "$SOCKPLAY" half.jsonl 2>err
is "$rc $(cat err)" "1 HELLO
$(report "$(at half.jsonl '"more"' "byte 6 of standard input")" \
    '"more"' 'the end')" "half-close: and whether it comes"

# --- a signal -----------------------------------------------------------------

echo hi >hi
dies='read -r line; echo "got $line"; kill -TERM $$'
limit 60 "$SOCKPAIR" -o signal.jsonl sh -c "$dies" <hi >out
is "$rc $(cat out)" "143 got hi" "a death of SIGTERM is recorded"
plays "signal: the same is no difference" signal.jsonl sh -c "$dies"
differs "signal: another one is" \
    "$(at signal.jsonl '"exit"' "the exit of the command")" \
    'signal 15 (TERM)' 'signal 9 (KILL)' signal.jsonl \
    sh -c 'read -r line; echo "got $line"; kill -KILL $$'
differs "signal: and one that has no name" \
    "$(at signal.jsonl '"exit"' "the exit of the command")" \
    'signal 15 (TERM)' 'signal 40' signal.jsonl \
    sh -c 'read -r line; echo "got $line"; kill -40 $$'
differs "signal: and so is the status that a shell makes of it" \
    "$(at signal.jsonl '"exit"' "the exit of the command")" \
    'signal 15 (TERM)' 'status 143' signal.jsonl \
    sh -c 'read -r line; echo "got $line"; exit 143'
python3 -c 'import subprocess, sys
print(subprocess.run(sys.argv[1:], stdin=open("hi"), timeout=60).returncode)' \
    "$SOCKPLAY" signal.jsonl >out 2>err
is "$(cat err out)" "got hi
-15" "signal: a mock dies of it"
sed 's/"signal":15,"name":"TERM"/"signal":9,"name":"KILL"/' signal.jsonl \
    >kill.jsonl
python3 -c 'import subprocess, sys
print(subprocess.run(sys.argv[1:], stdin=open("hi"), timeout=60).returncode)' \
    "$SOCKPLAY" kill.jsonl >out 2>err
is "$(cat err out)" "got hi
-9" "signal: of SIGKILL, too"

# --- a command that is sent SIGTERM -------------------------------------------

# sockpair gets the signal, passes it on, and records it.
serves='exec 2>/dev/null
exec "$PEER" catch:15 pid:pid say:up await:15 say:bye exit:7'
"$SOCKPAIR" -o served.jsonl sh -c "$serves" </dev/null >out 2>err &
is_up() {
	[ "$(cat out)" = up ]
}
await is_up
kill -TERM "$(parent_of pid)"
wait $!
is "$? $(cat out err) $(grep -c '"signal":15' served.jsonl)" "7 up
bye 1" "a server that ends by SIGTERM is recorded"
plays "SIGTERM: sockplay sends the recorded signal" served.jsonl \
    sh -c "$serves"
differs "SIGTERM: a server that only dies of it" \
    "$(at served.jsonl '"bye' "byte 3 of the command")" \
    '"bye\n"' 'the end, with signal 15 (TERM)' served.jsonl "$PEER" say:up pause
limit 60 "$SOCKPLAY" served.jsonl </dev/null >out 2>err
is "$rc $(cat out err)" "7 up
bye" "SIGTERM: a mock of it does not wait for a signal"

# --- input that is not read, and output that nobody reads ---------------------

{
	echo hi
	seq 200000
} >long
limit 60 "$SOCKPAIR" -o unread.jsonl sh -c 'head -n 1; exit 2' <long >out 2>err
is "$rc $(cat out err)" "2 hi" "a command that leaves much unread is recorded"
plays "unread: as recorded" unread.jsonl sh -c 'head -n 1; exit 2'
limit 60 "$SOCKPLAY" unread.jsonl <long >out 2>err
is "$rc $(cat out err)" "2 hi" "unread: a mock leaves as much unread"
differs "unread: one that says more" \
    "$(at_end unread.jsonl command "byte 3 of the command")" \
    'the end' '"1\n"' unread.jsonl sh -c 'head -n 1; echo 1; exit 2'
limit 60 "$SOCKPLAY" unread.jsonl <hi >out 2>err
is "$rc $(sed 2q err)" "1 $(report \
    "$(at unread.jsonl '"hi\n1' "byte 3 of standard input")" \
    '"1\n"' 'the end' | sed 2q)" "unread: a mock needs what was read"

limit 60 "$SOCKPAIR" -o cut.jsonl sh -c 'trap "" PIPE
seq 1000000 2>/dev/null; exit 3' | head -n 1 >out
is "$(cat out) $(grep -c '"status":3' cut.jsonl)" "1 1" \
    "a command whose reader leaves is recorded"
plays "cut off: as recorded" cut.jsonl \
    sh -c 'trap "" PIPE; seq 1000000 2>/dev/null; exit 3'
differs "cut off: what came is compared" \
    "$(at cut.jsonl '"1\n' "byte 0 of the command")" \
    '"1\n"' '"2\n"' cut.jsonl seq 2 1000000
differs "cut off: and the status" \
    "$(at cut.jsonl '"exit"' "the exit of the command")" \
    'status 3' 'status 4' cut.jsonl \
    sh -c 'trap "" PIPE; seq 1000000 2>/dev/null; exit 4'
"$SOCKPLAY" cut.jsonl 2>err | head -n 1 >out
is "$(cat out err)" 1 "cut off: a mock writes to the same reader"
# A writer that waits when its reader leaves gets SIGPIPE if /proc shows it.
if [ "$LINUX_EXTRAS" = yes ] && has_proc; then
	limit 60 "$SOCKPAIR" -o cut.jsonl seq 1000000 | head -n 1 >out
	is "$(cat out) $(grep -c '"signal":13' cut.jsonl)" "1 1" \
	    "one that gets SIGPIPE is recorded"
	plays "cut off: it gets SIGPIPE, as recorded" cut.jsonl seq 1000000
else
	elsewhere "cut off: it gets SIGPIPE" "/proc is not there or not used"
fi

# A reader that takes all that was recorded.
limit 60 "$SOCKPAIR" -o all.jsonl seq 100000 </dev/null >out
limit 60 "$SOCKPLAY" all.jsonl </dev/null >mocked 2>err
is "$rc $(cat err)" "0 " "a mock of half a megabyte"
same mocked out "all of it has come"

# --- a message of which the command reads a part ------------------------------

# Its socket has no room for all of the message.
reader='head -c 5000 >/dev/null; printf "\0\0\0\1x"'
{ echo a; printf '%0900000d\n' 1; echo c; } >lines
limit 60 "$SOCKPAIR" -W u32 -o part.jsonl sh -c "$reader" <lines >out 2>err
is "$rc $(cat out err) $(grep -c undelivered part.jsonl)" "0 x 1" \
    "a command that reads a part of a message is recorded"
plays "it plays: the part is said" -T 30 part.jsonl sh -c "$reader"

reader='head -c 5000 >/dev/null; printf x'
limit 60 "$SOCKPAIR" -W raw -o raw.jsonl sh -c "$reader" <lines >out 2>err
is "$rc $(cat out err) $(grep -c undelivered raw.jsonl)" "0 x 1" \
    "and one that reads a part of a raw message"
plays "it plays, too" -T 30 raw.jsonl sh -c "$reader"

# --- messages that are read after the end -------------------------------------

# With --wire=raw the empty message is the end, and what follows is undelivered.
printf 'a\n\nb\n' | limit 60 "$SOCKPAIR" -W raw -o raw.jsonl cat >out 2>err
is "$(cat out) $(grep -c undelivered raw.jsonl)" "a 1" \
    "a message is recorded after the end"
plays "after the end: it is not played" raw.jsonl cat

done_testing
