#!/bin/sh
# SPDX-License-Identifier: MIT
# sockplay as a mock, with every kind of standard input and output: nothing is
# lost in silence, and both are left as they were.  Also which descriptors of
# sockplay a command inherits.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need mkfifo perl timeout
need_sockplay

cat >talk.jsonl <<'END'
{"from":"stdin","type":"data","text":"6*7\n"}
{"from":"command","type":"data","text":"42\n"}
{"from":"stdin","type":"data","text":"1+1\n"}
{"from":"command","type":"data","text":"2\n"}
{"from":"stdin","type":"eof"}
{"from":"command","type":"eof"}
{"from":"command","type":"exit","status":4}
END
printf '6*7\n1+1\n' >asked
printf '42\n2\n' >answered

# mock STATUS ARGUMENT...: sockplay ARGUMENT... ends with STATUS.  The caller
# redirects standard input and output.
mock() {
	mock_want=$1
	shift
	limit 60 "$SOCKPLAY" "$@" 2>err
	[ "$rc" = "$mock_want" ] || {
		echo "# status $rc"
		show err
		return 1
	}
}

# says LINE...: standard error is these lines, and no others.
says() {
	printf '%s\n' "$@" | cmp -s - err || {
		show err
		return 1
	}
}

# --- files -------------------------------------------------------------------

mock 4 talk.jsonl <asked >out && cmp -s out answered && [ ! -s err ]
ok "two regular files"
mkfifo in
(cat asked >in &)
mock 4 talk.jsonl <in >out && cmp -s out answered
ok "a FIFO"
# shellcheck disable=SC2002 # a pipe is the point
cat asked | (mock 4 talk.jsonl && [ ! -s err ]) | cat >out
same out answered "two pipes"
limit 60 "$SOCKPAIR" "$SOCKPLAY" talk.jsonl <asked >out 2>err
is "$rc $(cat out err)" "4 $(cat answered)" "one socket"
limit 60 "$SOCKPAIR" --pipes "$SOCKPLAY" talk.jsonl <asked >out 2>err
is "$rc $(cat out err)" "4 $(cat answered)" "two pipes of sockpair"
echo before >out
mock 4 talk.jsonl <asked >>out && [ "$(cat out)" = "before
$(cat answered)" ]
ok "a file that is appended to"

if [ -w /dev/full ]; then
	mock 125 talk.jsonl <asked >/dev/full && says \
	    "sockplay: cannot write to standard output: No space left on device"
	ok "a full device is reported, with status 125"
	# What comes differs, but the answer to what came before is due first.
	printf '%s\n' '{"from":"stdin","type":"data","text":"a\n"}' \
	    '{"from":"command","type":"data","text":"b\n"}' \
	    '{"from":"stdin","type":"data","text":"c\n"}' >answers.jsonl
	printf 'a\nx' >differing
	mock 125 answers.jsonl <differing >/dev/full && says \
	    "sockplay: cannot write to standard output: No space left on device"
	ok "and not the difference that comes after it"
	limit 60 "$SOCKPLAY" talk.jsonl sh -c 'echo 43' 2>/dev/full </dev/null
	is "$rc" 1 "a message that cannot be printed does not change the status"
else
	skip "a full device is reported, with status 125" "no /dev/full"
fi
(ulimit -f 0 && limit 60 "$SOCKPLAY" talk.jsonl <asked 2>&1 >limited
	echo "$rc") | cat >out
is "$(cat out)" "sockplay: cannot write to standard output: File too large
125" "so is a file that may not grow"
mock 1 talk.jsonl <&- >out && says \
    'sockplay: talk.jsonl:1: byte 0 of standard input differs' \
    'expected: "6*7\n"' 'got: the end'
ok "standard input that is closed is at its end"
mock 125 talk.jsonl <asked >&- && says \
    "sockplay: cannot write to standard output: Bad file descriptor"
ok "standard output that is closed is reported, with status 125"
limit 60 "$SOCKPLAY" talk.jsonl sh -c 'echo 43' <&- >&- 2>&-
is "$rc" 1 "a command is compared with 0, 1 and 2 closed, too"
mock 125 - true <&- && says \
    "sockplay: cannot read standard input: Bad file descriptor"
ok "a talk from standard input that is closed is no empty talk"

name="an error of poll(2) that says only to try again is no error"
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "not under another checker"
elif ! have strace || ! strace -o /dev/null true 2>/dev/null; then
	skip "$name" "strace is not installed, or may not trace"
else
	for error in EAGAIN EINTR; do
		limit 60 strace -o trace -e trace=poll,ppoll \
		    -e inject=poll,ppoll:error=$error:when=2..4 \
		    "$SOCKPLAY" talk.jsonl <asked >out 2>err
		grep -q INJECTED trace || rc="$rc, undisturbed"
		is "$rc $(cat out err)" "4 $(cat answered)" "$name ($error)"
	done
fi

# --- a difference ------------------------------------------------------------

printf '6*7\n1+2\n' >asked
mock 1 talk.jsonl <asked >out && [ "$(cat out)" = 42 ] && says \
    'sockplay: talk.jsonl:3: byte 6 of standard input differs' \
    'expected: "1\n"' 'got: "2\n"'
ok "what was right before a difference is answered, also in one piece"
printf '6*7\n1+1\n' >asked
# A client that reads the end and then ends its server.
cat >client.pl <<'END'
use Socket;
socketpair(my $ours, my $theirs, AF_UNIX, SOCK_STREAM, 0) or die;
my $pid = fork();
if ($pid == 0) {
	open STDIN, "<&", $theirs;
	open STDOUT, ">&", $theirs;
	open STDERR, ">", "err";
	close $_ for $ours, $theirs;
	exec $ENV{SOCKPLAY}, "talk.jsonl";
}
close $theirs;
syswrite $ours, "6*8\n";
sysread $ours, my $end, 10;
print -s "err" ? "printed" : "not printed";
kill 15, $pid;
waitpid $pid, 0;
END
is "$(limit 60 perl client.pl)" printed \
    "a difference is printed before the client gets the end"

# --- other sides -------------------------------------------------------------

perl -e 'my $piece = "x" x 65536;
    print qq({"from":"command","type":"data","text":"$piece"}\n) x 64,
	qq({"from":"stdin","type":"data","text":"thanks\\n"}\n)' >much.jsonl
limit 60 "$SOCKPAIR" -p 'sh -c "exec head -c 1 >/dev/null"' \
    "$SOCKPLAY" much.jsonl 2>err
is "$rc" 1 "a client that leaves does not say what it should" || show err
says 'sockplay: much.jsonl:65: byte 0 of standard input differs' \
    'expected: "thanks\n"' 'got: the end'
ok "and that is what is printed"
limit 60 perl -e 'pipe R, W; close R; open STDOUT, ">&", \*W; exec @ARGV' \
    "$SOCKPLAY" talk.jsonl <asked 2>err
is "$rc $(cat err)" "4 " "nor is a mock killed that says something to nobody"
cat >slow.pl <<'END'
# Take some, wait until the other side can do no more, take the rest.
my ($got, $piece, $n) = (0);
$n = sysread STDIN, $piece, 1 and $got += $n;
select undef, undef, undef, .2;
while ($got < 64 * 65536) {
	$n = sysread(STDIN, $piece, 1000) or exit 9;
	$got += $n;
}
syswrite STDOUT, "thanks\n";
END
limit 60 "$SOCKPAIR" -p 'perl slow.pl' "$SOCKPLAY" much.jsonl 2>err
is "$rc $(cat err)" "0 " "a slow client gets it all"

# --- nothing is left behind --------------------------------------------------

# If sockplay made this one socket non-blocking, all its users would notice.
cat >flags.pl <<'END'
use Fcntl;
my $status = system @ARGV;
print STDERR join " ", $status >> 8,
    map { fcntl($_, F_GETFL, 0) & O_NONBLOCK } *STDIN, *STDOUT;
END
limit 60 "$SOCKPAIR" perl flags.pl "$SOCKPLAY" talk.jsonl <asked >out 2>err
is "$(cat err)" "4 0 0" "no socket is left non-blocking"
(cat asked >in &)
perl flags.pl "$SOCKPLAY" talk.jsonl <in 2>err | cat >out
is "$(cat err)" "4 0 0" "and no pipe"

cat >seen.jsonl <<'END'
{"from":"command","type":"eof"}
END
limit 60 "$SOCKPAIR" sh -c '"$PEER" fds >&2' </dev/null 2>want >out
limit 60 "$SOCKPLAY" seen.jsonl sh -c '"$PEER" fds >&2' </dev/null 2>err >out
same err want "a command has the descriptors that it has under sockpair"
limit 60 "$SOCKPAIR" -d 3,7 -E LINK sh -c '"$PEER" use:2 fds env:LINK' \
    </dev/null 2>&1 >out | grep -v '^[01] ' >want
limit 60 "$SOCKPLAY" -d 3,7 -E LINK seen.jsonl \
    sh -c '"$PEER" use:2 fds env:LINK' </dev/null 2>&1 >out |
    grep -v '^[01] ' >out
same out want "and the same with --fd and --env"
mkfifo held
"$SOCKPLAY" seen.jsonl sh -c 'exec 9>&-
    until [ -e finished ]; do sleep 0.02; done' 9>held </dev/null 2>err >out &
limit 60 cat <held
: >finished
wait $!
is "$? $rc" "0 0" "what a command closes is not held open by sockplay"

done_testing
