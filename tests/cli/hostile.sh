#!/bin/sh
# SPDX-License-Identifier: MIT
# Commands that try to harm us, or who reads our traces: what SECURITY.md says
# of them, as far as no other test shows it.
# shellcheck disable=SC2016 # single quotes are for perl or another shell
# shellcheck disable=SC2317 # await and in_locales call what is defined here
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need perl timeout

# --- what is shown -----------------------------------------------------------

# unclean FILE...: the lines with a byte that a terminal acts upon, or a
# character that is invisible or changes the direction of text.
unclean() {
	perl -ne 'print "$ARGV:$.: $_" if /[\x00-\x09\x0b-\x1f\x7f]/ ||
	    /\xc2[\x80-\x9f]/ || /\xe2\x80[\x8b-\x8f\xaa-\xae]/;
	    close ARGV if eof' "$@"
}

# An escape sequence, a bell, a newline, a C1 control, a change of direction.
evil=$(printf 'e\033[31m\007\n\302\233\342\200\256')
printf '%s\n' "$evil" >plain
is "$(unclean plain | wc -l | tr -d ' ')" 2 "what a terminal acts upon is found"

echo secret >"$evil"
cp "$HAND" "./$evil!"
sees=yes
has_proc && [ "$LINUX_EXTRAS" = yes ] || sees=no
# no_evil: whether nothing of a command reaches a terminal as it is.
no_evil() {
	rm -f go err t.*
	timeout -s KILL 60 sockpair -v --stall=0.3 -o t.text \
	    -o t.jsonl --format=hex -o t.hex "./$evil!" "open:$evil" \
	    "pass:$evil" wait:go </dev/null >out 2>err &
	await grep -q '^sockpair: .* ([0-9]*): ' err
	: >go
	wait $!
	unclean err t.text t.jsonl t.hex >odd
	# Each of them is there, but escaped; what /proc tells, where it is.
	for file in err t.text t.hex; do
		grep -q "^[*] .* start .*'./e\\\\e\[31m" "$file" &&
		    { grep -q '^< .* fds .*/e\\e\[31m\\x07\\n\\x' "$file" ||
			[ "$sees" = no ]; } || echo "$file lacks them"
	done >>odd
	grep -q '"argv":.*\\u001b\[31m\\u0007\\n\\u009b\\u202e' t.jsonl &&
	    grep -q '"text":.*\\u001b\[31m\\u0007\\n\\u009b\\u202e' t.jsonl ||
	    echo "t.jsonl lacks them" >>odd
	grep -q '^sockpair: e\\e\[31m\\x07\\n.* ([0-9]*): ' err ||
	    [ "$sees" = no ] || echo "err lacks the process" >>odd
	[ ! -s odd ] || {
		cat -v odd | sed 's/^/# /'
		return 1
	}
}
in_locales "no name, argument or byte of a command reaches a terminal" no_evil

name="a trace file can be read by its owner alone"
(umask 0; limit 60 sockpair -o t.new true </dev/null)
is "$(find t.new -perm 600)" t.new "$name"

# --- descriptors -------------------------------------------------------------

# Its own end, which must not keep the output from ending; sockets that hold
# each other; a file of /proc; and our trace.
file=/proc/self/status
has_proc || file=/etc/passwd
odd="own:0 own:0 ring open:/dev/null open:$file open:t.jsonl"
no_socket='standard output is not a unix socket'
for type in stream seqpacket dgram; do
	# shellcheck disable=SC2086
	limit 60 sockpair -t $type -o t.jsonl "$HAND" $odd pass:x own:0 \
	    pass:y own:0 ring pass:z </dev/null >out 2>err
	is "$rc $(tr -d '\n' <out) $(cat err)" \
	    "125 xyz sockpair: cannot pass on descriptors: $no_socket" \
	    "$type: descriptors of any kind do no harm, its own end included"
done
for type in stream seqpacket; do
	rm -f rc
	# shellcheck disable=SC2086
	framing=
	[ $type = stream ] || framing='-F raw'
	TYPE="-t $type $framing" STEPS="$odd pass:x own:0 pass:y own:0 ring pass:z" \
	    limit 60 sockpair -t $type -p '
		sockpair $TYPE -o t.jsonl "$HAND" $STEPS
		echo $? >rc' "$HAND" take-all half-close 2>err
	is "$rc $(cat rc err)" "0 0
took 3 +11" "$type: and all of them are passed on"
done

# --- the socket itself -------------------------------------------------------

# SO_PASSCRED, SO_RCVBUF and SO_SNDBUF, SO_PEEK_OFF; then SIGIO for us, at each
# byte that moves.
cat >options.pl <<'END'
use Fcntl;
use Socket;
for ([SO_PASSCRED, 1], [SO_RCVBUF, 1], [SO_SNDBUF, 1], [42, 1]) {
	setsockopt(STDIN, SOL_SOCKET, $_->[0], pack("i", $_->[1]));
}
$SIG{IO} = "IGNORE";
fcntl(STDIN, F_SETOWN, getppid) or die "F_SETOWN: $!";
fcntl(STDIN, F_SETFL, O_RDWR | O_ASYNC) or die "F_SETFL: $!";
exec "cat";
END
"$PEER" out:300000 >pattern
name="what a command sets on its end costs no byte"
if perl -MSocket -e 'exit !eval { SO_PASSCRED }'; then
	limit 60 sockpair perl options.pl <pattern >out 2>err
	same out pattern "$name"
	is "$rc $(cat err)" "0 " "nor the status"
else
	skip "$name" "no SO_PASSCRED"
fi

# A datagram socket of a pair can be connected again, to another socket.
cat >elsewhere.pl <<'END'
use Socket;
socket(my $other, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
bind($other, pack_sockaddr_un("other")) or die "bind: $!";
connect(STDIN, $ARGV[0] eq "nobody" ? pack("S x14", AF_UNSPEC) :
    pack_sockaddr_un("other")) or die "connect: $!";
open(my $away, ">", "away") or die "away: $!";
if ($ARGV[0] eq "nobody") {
	recv(STDIN, my $got, 100, 0);
	print STDERR "got $got\n";
} else {
	select(undef, undef, undef, 0.02) until -s "err";
}
END
for where in other nobody; do
	rm -f away other
	{
		await test -e away
		echo one
	} | {
		limit 60 sockpair -t dgram perl elsewhere.pl $where >out 2>err
		echo "$rc $(cat out err)"
	}
done >got
name="a datagram socket that its command connects elsewhere is an error"
denied='Operation not permitted'
if [ "$(uname)" = Linux ]; then
	is "$(sed -n 1p got)" \
	    "125 sockpair: cannot write the command's socket: $denied" \
	    "$name"
	is "$(sed 1d got)" "0 got one" "one that it disconnects still gets all"
else
	skip "$name" "Linux decides that here"
fi

name="the peer credentials of its end are ours"
if perl -MSocket -e 'exit !eval { SO_PEERCRED }'; then
	got=$(sockpair perl -MSocket -e '
		my ($pid, $uid) = unpack "iI",
		    getsockopt(STDIN, SOL_SOCKET, SO_PEERCRED);
		print $pid == getppid && $uid == $>' </dev/null 2>&1)
	is "$got" 1 "$name"
else
	skip "$name" "no SO_PEERCRED"
fi

# --- signals and processes ---------------------------------------------------

# All signals but KILL, those that stop a process, and two of the C library; the
# command itself gets back what is passed on.
cat >signals.pl <<'END'
use Config;
my @names = split " ", $Config{sig_name};
my @numbers = split " ", $Config{sig_num};
my %spared = map { $_ => 1 } qw(ZERO KILL STOP TSTP TTIN TTOU NUM32 NUM33);
my @sent = grep { !$spared{$names[$_]} } 0 .. $#names;
$SIG{$names[$_]} = "IGNORE" for @sent;
for (1 .. 100) {
	kill $numbers[$_], getppid for @sent;
	syswrite STDOUT, "x" x 1000;
}
END
name="a flood of signals ends nobody and loses nothing"
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "a checker keeps signals for itself"
else
	for options in '' '--stats --stall=60' '--timeout=60 -o t.jsonl'; do
		# shellcheck disable=SC2086
		limit 60 sockpair $options perl signals.pl </dev/null \
		    >out 2>err
		[ "$rc" -eq 0 ] && [ "$(wc -c <out)" -eq 100000 ] ||
		    echo "'$options': status $rc, $(wc -c <out) bytes"
	done >odd
	is "$(cat odd)" '' "$name"
fi

# Each process of the chain holds the end, starts the next one, and exits.
cat >chain.sh <<'END'
[ -e stop ] || { sleep 0.02; sh chain.sh & }
END
limit 60 sockpair --linger=0.3 sh -c 'sh chain.sh; echo word; exit 4' \
    </dev/null >out 2>err
is "$rc $(cat out err)" "4 word" \
    "processes that fork for ever hold the output no longer than --linger"
: >stop

done_testing
