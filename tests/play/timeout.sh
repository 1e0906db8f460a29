#!/bin/sh
# SPDX-License-Identifier: MIT
# -T in every state of a play: one line says what was awaited, the status is
# 124, and the command is gone.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need mkfifo perl timeout
need_sockplay

# late NAME LINE ARGUMENT...: sockplay -T 1 ARGUMENT... ends with 124 and
# prints only "sockplay: LINE", and the command, if it wrote its pid, is gone.
late() {
	late_name=$1
	late_want=$2
	shift 2
	rm -f pid
	limit 60 "$SOCKPLAY" -T 1 "$@" >out 2>err
	is "$rc $(cat err)" "124 sockplay: $late_want" "$late_name"
	[ ! -e pid ] || is_gone "$(cat pid)"
	ok "$late_name: the command is gone"
}

cat >data.jsonl <<'END'
{"from":"stdin","type":"data","text":"ask\n"}
{"from":"command","type":"data","text":"ans"}
{"from":"command","type":"data","text":"wer\n"}
{"from":"stdin","type":"eof"}
{"from":"command","type":"eof"}
{"from":"command","type":"exit","status":0}
END
sed 's/"data"/"message"/' data.jsonl >message.jsonl
perl -e 'my $piece = "x" x 65536;
    print qq({"from":"stdin","type":"data","text":"$piece"}\n) x 40,
	qq({"from":"command","type":"data","text":"done"}\n)' >much.jsonl
silent='echo $$ >pid; exec "$PEER" pause'

# --- with a command ----------------------------------------------------------

late "no byte has come" "data.jsonl:2: 7 B of the command still awaited" \
    data.jsonl sh -c "$silent"
late "some bytes have come" "data.jsonl:2: 6 B of the command still awaited" \
    data.jsonl sh -c "printf a; $silent"
late "a piece has come" "data.jsonl:3: 3 B of the command still awaited" \
    data.jsonl sh -c "printf answ; $silent"
late "with --ignore, part of a line has come" \
    "data.jsonl:2: 4 B of the command still awaited" --ignore=x \
    data.jsonl sh -c "printf ans; $silent"
late "the end has not come" \
    "data.jsonl:5: the end of the command still awaited" \
    data.jsonl sh -c "echo answer; $silent"
late "the end has come, the exit has not" \
    "data.jsonl:6: the exit of the command still awaited" \
    data.jsonl sh -c 'echo answer; echo $$ >pid; exec "$PEER" half-close pause'
late "no message has come" \
    "message.jsonl:2: 2 messages of the command still awaited" \
    message.jsonl sh -c "$silent"
late "a message has come" \
    "message.jsonl:3: 1 message of the command still awaited" \
    message.jsonl "$POST" say:ans pause
late "all messages have come, the end has not" \
    "message.jsonl:5: the end of the command still awaited" \
    message.jsonl "$POST" say:ans 'say:wer
' pause

# full NAME WORDS ARGUMENT...: the same if what we say is not read.  WORDS have
# no numbers, because these depend on the sizes of the system's buffers.
full() {
	full_name=$1
	full_by=$2
	shift 2
	limit 60 "$SOCKPLAY" -T 1 "$@" >out 2>err
	is "$rc $(sed 's/:[0-9]*: [0-9]* B/:LINE: SIZE B/' err)" \
	    "124 sockplay: $full_by" "$full_name"
}

full "what we say is not read" \
    "much.jsonl:LINE: SIZE B not taken by the command" \
    much.jsonl "$PEER" pause
sed '1s/^/{"type":"start","socket":"pipes"}\n/' much.jsonl >pipes.jsonl
full "nor from a pipe" "pipes.jsonl:LINE: SIZE B not taken by the command" \
    pipes.jsonl "$PEER" pause
sed 's/"data"/"message"/' much.jsonl >messages.jsonl
full "nor a message" "messages.jsonl:LINE: SIZE B not taken by the command" \
    messages.jsonl "$PEER" pause

# --- as a mock ---------------------------------------------------------------

# We hold both ends of both FIFOs open, so nothing comes, and nothing is read.
mkfifo in out.fifo
exec 3<>in 4<>out.fifo
late "as a mock: no byte has come" \
    "data.jsonl:1: 4 B of standard input still awaited" data.jsonl <&3
printf 'ask\n' >in
limit 60 "$SOCKPLAY" -T 1 data.jsonl <&3 >out 2>err
is "$rc $(cat out err)" "124 answer
sockplay: data.jsonl:4: the end of standard input still awaited" \
    "as a mock: the end has not come"
limit 60 "$SOCKPLAY" -T 1 --as=stdin much.jsonl <&3 >&4 2>err
is "$rc $(sed 's/:[0-9]*: [0-9]* B/:LINE: SIZE B/' err)" "124 sockplay:\
 much.jsonl:LINE: SIZE B not taken by standard output" \
    "as a mock of standard input: what we say is not read"

# --- commands that do not end ------------------------------------------------

late "a command that has stopped is ended" \
    "data.jsonl:2: 7 B of the command still awaited" \
    data.jsonl sh -c 'echo $$ >pid; exec "$PEER" stop'
late "one that ignores SIGTERM is killed" \
    "data.jsonl:2: 7 B of the command still awaited" \
    data.jsonl sh -c 'echo $$ >pid; exec "$PEER" ignore:15 pause'
late "a process that a command left behind does not keep us" \
    "data.jsonl:2: 7 B of the command still awaited" \
    data.jsonl "$PEER" fork pid:left wait:go parent wait:left
touch go
late "nor does one that keeps a socket for messages" \
    "message.jsonl:3: 1 message of the command still awaited" \
    message.jsonl sh -c 'sleep 60 & echo $! >kept; exec "$POST" say:ans'
kill "$(cat kept)"

limit 60 "$SOCKPLAY" -T 2 data.jsonl sh -c '
	for c in a n s w e r; do printf $c; sleep .4; done; echo' >out 2>err
is "$rc $(cat out err)" "0 " "the time begins again with each byte"

done_testing
