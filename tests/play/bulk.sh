#!/bin/sh
# SPDX-License-Identifier: MIT
# Both sides say much at once, and the command does not read before it has said
# all.  No side waits for the other for ever.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need mkfifo perl seq timeout
need_sockplay

# talk.pl HEAD KIND SIZE ORDER...: print a talk whose first line is HEAD.  For
# each ORDER, standard input (S) or the command (C) says a piece of SIZE bytes,
# or as many as the number behind it: S100 C100.
cat >talk.pl <<'END'
my ($head, $kind, $size, @order) = @ARGV;
my %who = (S => "stdin", C => "command");
print "$head\n";
for (@order) {
	my ($side, $count) = /^([SC])(\d*)$/;
	my $text = $who{$side} x ($size / 4);
	$text = substr $text, 0, $size;
	print qq({"from":"$who{$side}","type":"$kind","text":"$text"}\n)
	    x ($count || 1);
}
print qq({"from":"$_","type":"eof"}\n) for "stdin", "command";
END
# says.pl SIDE OTHER COUNT: as SIDE, say COUNT pieces of 65536 bytes, and
# half-close; then read all that OTHER says, and check it.
cat >says.pl <<'END'
my ($side, $other, $count) = @ARGV;
my $piece = substr $side x 16384, 0, 65536;
for (1 .. $count) {
	my $at = 0;
	while ($at < 65536) {
		$at += syswrite(STDOUT, $piece, 65536 - $at, $at) || exit 9;
	}
}
shutdown STDOUT, 1;
close STDOUT;
my ($all, $read) = ("");
1 while $read = sysread STDIN, $all, 65536, length $all;
exit($all eq (substr $other x 16384, 0, 65536) x $count ? 0 : 8);
END

for head in '{"type":"start","socket":"stream"}' \
    '{"type":"start","socket":"pipes"}'; do
	case $head in *pipes*) over=pipes ;; *) over="a socket" ;; esac
	perl talk.pl "$head" data 65536 S64 C64 >talk.jsonl
	limit 60 "$SOCKPLAY" talk.jsonl perl says.pl command stdin 64 2>err
	is "$rc $(cat err)" "0 " \
	    "4 MiB answer 4 MiB that are still to be said ($over)"
	perl talk.pl "$head" data 65536 C64 S64 >first.jsonl
	limit 60 "$SOCKPLAY" first.jsonl perl says.pl command stdin 64 2>err
	is "$rc $(cat err)" "0 " "or precede them ($over)"
	# shellcheck disable=SC2046 # many words
	perl talk.pl "$head" data 65536 $(printf 'S C %.0s' $(seq 64)) \
	    >turns.jsonl
	limit 60 "$SOCKPLAY" turns.jsonl perl says.pl command stdin 64 2>err
	is "$rc $(cat err)" "0 " "or come in turns ($over)"
done

limit 60 "$SOCKPAIR" -p '"$SOCKPLAY" --as=stdin talk.jsonl' \
    "$SOCKPLAY" talk.jsonl 2>err
is "$rc $(cat err)" "0 " "two mocks talk with each other"
mkfifo one other
# No other process may hold the FIFOs open, as timeout(1) and a shell would.
"$SOCKPLAY" -T 30 talk.jsonl <one >other 2>err &
(exec "$SOCKPLAY" -T 30 --as=stdin talk.jsonl >one <other 2>err2)
rc=$?
wait "$!"
is "$? $rc $(cat err err2)" "0 0 " "and over FIFOs"
limit 60 "$SOCKPAIR" -p "perl says.pl stdin command 64" \
    "$SOCKPLAY" talk.jsonl 2>err
is "$rc $(cat err)" "0 " "a mock reads while it speaks"

perl talk.pl '{"type":"start","socket":"seqpacket"}' message 60000 S64 C64 \
    >talk.jsonl
limit 60 "$SOCKPAIR" -t seqpacket -p '"$SOCKPLAY" --as=stdin talk.jsonl' \
    "$SOCKPLAY" talk.jsonl 2>err
is "$rc $(cat err)" "0 " "messages of both sides, of two mocks"
limit 60 "$SOCKPLAY" talk.jsonl "$SOCKPLAY" talk.jsonl 2>err
is "$rc $(cat err)" "0 " "of sockplay and its command, which is another"

# --- who leaves --------------------------------------------------------------

perl talk.pl '{"type":"start","socket":"stream"}' data 65536 S1600 |
    grep -v eof >long.jsonl
limit 60 "$SOCKPLAY" long.jsonl sh -c 'exec head -c 1 >/dev/null' 2>err
is "$rc $(cat err)" "0 " "a command that ends while 100 MB are said"
echo '{"from":"command","type":"data","text":"x"}' >>long.jsonl
limit 60 "$SOCKPLAY" long.jsonl sh -c 'exec head -c 1 >/dev/null' 2>err
is "$rc $(sed -n 3p err)" "1 got: the end" "and did not say what it should"
limit 60 "$SOCKPLAY" long.jsonl sh -c 'head -c 1 >/dev/null; kill -9 $$' 2>err
is "$rc $(sed -n 3p err)" "1 got: the end, with signal 9 (KILL)" \
    "one that is killed"

done_testing
