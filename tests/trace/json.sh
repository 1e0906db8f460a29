#!/bin/sh
# SPDX-License-Identifier: MIT
# Traces as JSON Lines, read by jq.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need jq base64

# What one side sent: the line of the page.
replay() {
	jq -r 'select(.from == "'"$1"'") |
		.base64 // (.text // empty | @base64)' trace.jsonl | base64 -d
}

"$TRACER" command:cat command:"$(printf '\377 "\134')" file:trace.jsonl start \
	'in:a "b" \\n\n' 'out:\xff\x00' in-fds in-eof out-eof in-shutdown \
	in-reset out-gone signal:15 stall:4 timeout:5 in-undelivered:7 exit:3
jq -c . trace.jsonl >lines 2>err
is "$(wc -l <lines) $(cat err)" "14 " "every event is a line for jq"
is "$(jq -r .type trace.jsonl | tr '\n' ' ')" \
	"start data data fds eof eof shutdown reset gone signal stall timeout \
undelivered exit " "each with its type"
is "$(jq -c 'select(.type == "start") | .argv' trace.jsonl)" \
	'["cat",{"base64":"/yAiXA=="}]' "an argument need not be UTF-8"
is "$(jq -c 'select(.type == "exit") | [.status, .stdin.size,
	.command.pieces]' trace.jsonl)" '[3,9,1]' "the exit has the totals"

# Every byte value, in pieces that cut characters.
i=0
while [ $i -lt 256 ]; do
	# shellcheck disable=SC2059 # the format is the byte
	printf "\\$(printf %03o $i)"
	i=$((i + 1))
done >bytes
# shellcheck disable=SC2059 # the same
printf 'na\303\257ve \342\202\254 5 \360\237\230\200\n\033[1m \\n "\r\n' >words
head -c 20000 /dev/urandom >random
cat bytes words words random words >mixed
for step in 1 3 7 1000 65536; do
	case $step in
	[137]) head -c 700 mixed >input ;;
	*) cp mixed input ;;
	esac
	"$TRACER" command:cat file:trace.jsonl start in-file:$step:input \
		out-file:$step:words exit:0
	replay stdin >got
	same got input "what was sent comes back, from pieces of $step"
	replay command >got
	same got words "and the other side's, from pieces of $step"
done

# Characters of three bytes, in pieces that are no multiple of that.
i=0
while [ $i -lt 3000 ]; do
	printf '%d \346\227\245\346\234\254\350\252\236\n' $i
	i=$((i + 1))
done >japanese
for step in 1 10 4096; do
	"$TRACER" command:cat file:trace.jsonl start \
		in-file:$step:japanese in-eof exit:0
	is "$(jq -r 'select(.base64) | .offset' trace.jsonl)" '' \
		"text stays text, in pieces of $step"
	jq -j 'select(.from == "stdin") | .text // empty' trace.jsonl >got
	same got japanese "and has all of it"
	is "$(jq -s '[.[] | select(.type == "data") | .size] | add' \
		trace.jsonl)" "$(wc -c <japanese | tr -d ' ')" \
		"sizes add up to it"
done

# A character whose end comes after the other side has spoken.
"$TRACER" command:cat file:trace.jsonl start 'in:Z\xc3' out:Name: \
	'in:\xbcrich\xc3' stall:4 'in:\xbc' 'out:\xe2\x82' exit:0
is "$(jq -r '[.from // .type, .offset // empty, .text // .base64 // empty] |
	join(" ")' trace.jsonl | tr '\n' ',')" \
	"start,stdin 0 Z,stdin 1 ww==,command 0 Name:,stdin 2 vA==,\
stdin 3 rich,stdin 7 ww==,stall,stdin 8 vA==,command 5 4oI=,exit," \
	"no byte stands after an answer to it, and text is text again"

# Requests and answers of every byte value, by turns.
i=0
: >both
set -- command:cat file:trace.jsonl start
while [ $i -lt 256 ]; do
	set -- "$@" "in:a$(printf '\\x%02x' $i)" "out:$(printf '\\x%02x' $i)b"
	# shellcheck disable=SC2059 # the format is the bytes
	printf "a\\$(printf %03o $i)\\$(printf %03o $i)b" >>both
	i=$((i + 1))
done
"$TRACER" "$@" exit:0
jq -r 'select(.type == "data") | .base64 // (.text | @base64)' trace.jsonl |
	base64 -d >got
same got both "the records are in the order in which bytes were sent"

"$TRACER" messages command:cat file:trace.jsonl start in:one in: 'in:two' \
	exit:0
is "$(jq -c 'select(.type == "message") | [.number, .offset, .size, .text]' \
	trace.jsonl | tr -d '\n')" \
	'[1,0,3,"one"][2,3,0,""][3,3,3,"two"]' "messages have their numbers"

"$TRACER" peer:bc command:cat file:trace.jsonl start in:1 out-eof exit:0
is "$(jq -r 'select(.type != "exit") | .from // .peer' trace.jsonl |
	tr '\n' ' ')" "bc peer command " "a second command is the peer"

mkfifo pipe
jq --unbuffered -r .type <pipe >types &
"$TRACER" command:cat file:pipe.jsonl format:json file:pipe start in:1 exit:0
wait $!
is "$(tr '\n' ' ' <types)" "start data exit " "a FIFO's reader sees them"

done_testing
