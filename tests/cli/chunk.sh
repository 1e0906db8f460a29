#!/bin/sh
# SPDX-License-Identifier: MIT
# --chunk: short reads.  No read returns more than a chunk, a chunk comes only
# after the one before has been read, and nothing else changes.
# shellcheck disable=SC2016 # what is in single quotes is for another shell, or perl
# shellcheck disable=SC2317 # await calls what is defined just before it
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need perl timeout cmp

# sizes: read to the end, and print the size of what each read got.
cat >sizes <<'!'
while ($size = sysread STDIN, $data, 65536) { print STDERR "$size " }
print STDERR "end\n";
!

# --- the size of a read -----------------------------------------------------

printf 0123456789 | limit 60 sockpair --chunk=3 perl sizes 2>err
is "$(cat err)" "3 3 3 1 end" "a read returns at most a chunk"
printf 0123456789 | limit 60 sockpair perl sizes 2>err
is "$(cat err)" "10 end" "without --chunk a read returns everything"
printf 0123456789abcdefghij >input
limit 60 sockpair --chunk=3 dd bs=10 count=2 2>/dev/null <input >out
is "$(cat out)" 012345 "dd, which trusts its reads, copies too little"
if echo | dd iflag=fullblock >/dev/null 2>&1; then
	limit 60 sockpair --chunk=3 dd bs=10 count=1 iflag=fullblock \
	    2>/dev/null <input >out
	is "$(cat out)" 0123456789 "dd with fullblock copies everything"
else
	skip "dd with fullblock copies everything" "dd has no fullblock"
fi
limit 60 sockpair --chunk=1G cksum <input >out
is "$(cat out)" "$(cksum <input)" "a chunk may be larger than the input"
printf 0123456789 | limit 60 sockpair --chunk=3 -d 5 perl -e '
	open STDIN, "<&=", 5; do "./sizes"' 2>err
is "$(cat err)" "3 3 3 1 end" "a read of any descriptor returns a chunk"

limit 60 sockpair --chunk=3 -p 'printf 0123456789; exec perl sizes 2>peer.err' \
    sh -c 'printf abcdefgh; sockpair --half-close=1; exec perl sizes' 2>err
is "$rc $(cat err peer.err)" "0 3 3 3 1 end
3 3 2 end" "--peer: both commands read chunks"
printf 0123456789 | limit 60 sockpair --pipes --chunk=3 perl sizes 2>err
is "$(cat err)" "3 3 3 1 end" "--pipes: from a pipe as well"
printf 'hello\n\nyou\n' | limit 60 sockpair --wire=u32 -l --chunk=3 perl -e '
	while ($size = sysread STDIN, $data, 100) {
		$most = $size if $size > $most;
		$all .= $data;
	}
	syswrite STDOUT, $all;
	print STDERR $most' >out 2>err
is "$(tr '\n' ';' <out) $(cat err)" "hello;;you; 3" \
    "--wire: messages come in chunks, and are whole again on standard output"

# --- one chunk at a time ----------------------------------------------------

# Two bytes of a chunk of three are read.  Only the third is in the queue then,
# until it is read as well.
cat >taken <<'!'
use constant FIONREAD => 0x541b;
sub unread {
	my $bytes = pack "i", 0;
	ioctl STDIN, FIONREAD, $bytes or die $!;
	return unpack "i", $bytes;
}
sub await { select undef, undef, undef, 0.001 until unread() == $_[0] }
await 3;
sysread STDIN, $data, 2;
# Nothing must come here.  That can only be watched for a limited time.
select undef, undef, undef, 0.2;
print STDERR unread(), " ";
sysread STDIN, $data, 1;
await 3;
print STDERR "then ", unread(), "\n";
1 while sysread STDIN, $data, 100;
!
for option in '' --pipes; do
	name="${option:-a socket}: a chunk comes after the one before was read"
	[ "$(uname)" = Linux ] || {
		skip "$name" "FIONREAD has another number"
		continue
	}
	# shellcheck disable=SC2086 # none or one
	printf 0123456789 | limit 60 sockpair $option --chunk=3 perl taken 2>err
	is "$(cat err)" "1 then 3" "$name"
done

# --- nothing is lost --------------------------------------------------------

head -c 1048576 /dev/urandom >large
head -c 1000 large >small
for way in 'small 1' 'small 7' 'large 1000' 'large 65537'; do
	size=${way#* }
	for option in '' '-o trace.jsonl' '--pipes'; do
		# shellcheck disable=SC2086 # one or two words
		limit 120 sockpair --chunk="$size" $option cat \
		    <"${way% *}" >out 2>err
		[ "$rc" = 0 ] && [ ! -s err ] && cmp out "${way% *}"
		ok "$way $option: all bytes come, in order" || show err
	done
	limit 120 sockpair --chunk="$size" -p "cat '${way% *}'" \
	    sh -c 'cat >out' </dev/null
	same out "${way% *}" "$way --peer: all bytes come, in order"
done
limit 60 sockpair --chunk=100 cat <large | head -c 300000 >out
head -c 300000 large | cmp - out
ok "a reader that leaves early has read the beginning"
is "$(limit 60 sockpair --chunk=2 sh -c 'cat >/dev/null; echo answer; exit 5' \
    <input; echo "$rc")" "answer
5" "the end comes after the last chunk, and the status is the command's"

# --- a command that does not read -------------------------------------------

limit 60 sockpair --chunk=2 -v --time=none sh -c 'exec <&-; exec >&-
    exit 4' <input >/dev/null 2>err
is "$rc" 4 "a command may exit with a chunk unread"
# A command that stops reading while a chunk is unread.  It writes once the
# writer of standard input has been notified.
cat >deaf.pl <<'!'
sysread STDIN, $data, 1;
@ARGV ? close STDIN : shutdown STDIN, 0;
open ENDED, ">ended";
select undef, undef, undef, 0.01 until -e "written";
print "said\n";
!
for option in '' --pipes; do
	# timeout(1) would hold the pipe as well.
	limit 60 sh -c '
		(cat input; "$PEER" wait:ended; cat large; : >written) |
		    sockpair $1 --chunk=2 perl deaf.pl $1' - "$option" \
		>out 2>err
	is "$rc $(cat out err)" "0 said" \
	    "${option:-a socket}: the writer is notified if nobody reads a chunk"
	rm -f ended written
done
if sees "a command that does not read costs nothing"; then
	sockpair --chunk=1 "$PEER" pid:deaf wait:rested <large >/dev/null &
	sockpair --pipes --chunk=1 "$PEER" pid:deaf.pipe wait:rested <large \
	    >/dev/null &
	await test -s deaf && await test -s deaf.pipe
	resting="$(parent_of deaf) $(parent_of deaf.pipe)"
	# shellcheck disable=SC2086
	before=$(ticks $resting)
	# That nothing happens can only be watched for a limited time.
	sleep 2
	# shellcheck disable=SC2086
	used=$(($(ticks $resting) - before))
	: >rested
	wait
	hertz=$(getconf CLK_TCK 2>/dev/null || echo 100)
	if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
		elsewhere "a command that does not read costs nothing" \
		    "the processor's time is the wrapper's"
	else
		[ $((used * 25)) -le "$hertz" ]
		ok "two commands that do not read take at most 2 % ($used ticks)"
	fi
fi
limit 60 sockpair --chunk=1 --timeout=0.3 sh -c 'exec sleep 50' <input \
    >/dev/null 2>&1
is "$rc" 124 "--timeout ends a command that reads no chunk"
limit 60 sockpair --chunk=1 --timeout=1 perl -e '
	for (1 .. 8) { sysread STDIN, $data, 1; select undef, undef, undef, 0.2 }
	print "slow\n"' <input >out 2>err
is "$rc $(cat out err)" "0 slow" "--timeout does not end one that reads slowly"

# --- real programs, byte by byte --------------------------------------------

if have git && have git-upload-pack; then
	for name in $(git rev-parse --local-env-vars 2>/dev/null); do
		unset "$name"
	done
	export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=A GIT_COMMITTER_NAME=A \
	    GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_EMAIL=a@example.org
	git init -q work
	git -C work commit -q --allow-empty -m first
	cp small work/small
	git -C work add small
	git -C work commit -q -m second
	git clone -q --bare work store.git
	limit 120 sockpair --chunk=1 -p 'git-upload-pack store.git' -d 3 \
	    git clone -q fd::3 copy 2>err
	is "$rc $(cat err) $(git -C copy rev-parse HEAD)" \
	    "0  $(git -C store.git rev-parse HEAD)" \
	    "git clone and git upload-pack, both byte by byte"
	same copy/small small "with the same files"
	printf 0000 >flush
	git-upload-pack store.git <flush >bare.out
	limit 60 sockpair --chunk=1 git-upload-pack store.git <flush >out
	same out bare.out "git upload-pack answers as without --chunk"
else
	skip "git upload-pack, byte by byte" "git is not installed"
fi

if have rsync; then
	mkdir files
	cp small "$TOP_SRCDIR/COPYING" files
	. "$TOP_SRCDIR/tests/own-rsyncd"
	for way in direct chunked; do
		case $way in
		direct) RSYNC_CONNECT_PROG=$daemon ;;
		chunked) RSYNC_CONNECT_PROG="sockpair --chunk=1 $daemon" ;;
		esac
		export RSYNC_CONNECT_PROG
		mkdir $way
		# -O: the times of the directories are not the same.
		limit 120 rsync -aOi here::files/ $way/ >$way.out 2>$way.err
		echo "$rc" >>$way.out
	done
	if [ "$(tail -n 1 direct.out)" = 0 ]; then
		same chunked.out direct.out \
		    "rsync --daemon, byte by byte: the same list and status"
		diff -r files chunked >/dev/null
		ok "rsync --daemon, byte by byte: the same files"
	else
		skip "rsync --daemon, byte by byte" \
		    "this rsync does not serve on a unix socket"
	fi
	unset RSYNC_CONNECT_PROG
else
	skip "rsync --daemon, byte by byte" "rsync is not installed"
fi

name="sshd -i, byte by byte"
# own-sshd skips the whole script if something is missing.
if have ssh && have ssh-keygen && { have sshd || [ -x /usr/sbin/sshd ]; }; then
	. "$TOP_SRCDIR/tests/real/own-sshd"
	# remote OPTION COMMAND: run it by ssh, through sockpair with OPTION.
	remote() {
		through "sockpair $1 $server 2>>$test_dir/sshd.log" \
		    "$user@here" "$2"
	}
	remote '' 'cat; exit 9' <small >bare.out 2>err
	if [ "$rc" = 9 ]; then
		remote --chunk=1 'cat; exit 9' <small >out 2>err
		is "$rc $(cat err)" "9 " "$name: the same status"
		same out bare.out "$name: the same bytes"
	else
		skip "$name" "sshd accepts no login here"
	fi
else
	skip "$name" "sshd or ssh is not installed"
fi

done_testing
