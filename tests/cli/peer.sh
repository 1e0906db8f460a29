#!/bin/sh
# SPDX-License-Identifier: MIT
# --peer: two commands on one pair; and coprocesses, in every shell that there
# is.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
. "${TOP_SRCDIR:-.}/tests/lib.sh"
over=
# shellcheck source=tests/peers.sh
. "$TOP_SRCDIR/tests/peers.sh"

# --- no relay -----------------------------------------------------------------

name="not one byte passes through us"
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "not under another checker"
elif ! have strace || ! strace -o trace true 2>/dev/null; then
	skip "$name" "strace is not installed, or may not trace"
else
	for type in stream seqpacket; do
		strace -y -o trace "$SOCKPAIR" -t $type \
			-p 'exec "$PEER" check:5000000 out:3000000' \
			"$PEER" out:5000000 check:3000000
		rc=$?
		grep -E '^[a-z0-9_]*(read|write|send|recv|splice|poll)' trace |
			grep -E '<(socket|UNIX)' >moved
		is "$rc $(cat moved)" "0 " "$type: $name"
		grep -Eq '^close\([0-9]+<(socket|UNIX)' trace
		ok "$type: and we have seen what is done with the ends"
	done
fi

# --- a writer that does not block ------------------------------------------------

# It waits for room in poll(2), as every loop of events does, and exits 9 once it
# is refused.
cat >pour.pl <<'END'
use Fcntl; use IO::Poll;
$SIG{PIPE} = 'IGNORE';
fcntl STDOUT, F_SETFL, O_RDWR | O_NONBLOCK or exit 7;
my $poll = IO::Poll->new;
$poll->mask(\*STDOUT => POLLOUT);
while (1) {
	next if defined syswrite STDOUT, 'x' x 1000;
	exit 9 if $!{EPIPE} || $!{ECONNRESET};
	exit 8 unless $!{EAGAIN};
	open F, '>', 'full'; close F;
	$poll->poll;
}
END
if have perl; then
	for type in stream seqpacket dgram raw; do
		rm -f full
		is "$(peers 'exec "$PEER" wait:full' -t $type perl pour.pl)" \
			"9: " "$type: a first that polls for room is woken by the end"
		rm -f full
		is "$(peers 'exec perl pour.pl' -t $type --pipefail \
			"$PEER" wait:full)" "9: " "$type: so is a second"
	done
else
	skip "one that polls for room is woken by the end" "perl is not installed"
fi

# --- coprocesses ------------------------------------------------------------------

if ! have bc; then
	skip "the coprocess recipe" "bc is not installed"
	done_testing
fi
unset BC_ENV_ARGS BC_LINE_LENGTH ENV BASH_ENV
export ZDOTDIR="$test_dir"

# script NAME SHELL: the lines of standard input as a script for SHELL.
script() {
	{
		echo "#!/usr/bin/env -S sockpair -p 'bc -ql' -d 3 $2"
		cat
	} >"$1"
	chmod +x "$1"
}

for shell in dash bash ksh mksh zsh 'busybox sh' sh; do
	if ! have "${shell%% *}"; then
		[ "$shell" = mksh ] ||
			skip "$shell: the coprocess recipe" "it is not installed"
		continue
	fi
	script recipe "$shell" <<-'!'
	echo '2^64' >&3; read -r answer <&3; echo "$answer"
	!
	limit 60 ./recipe >out 2>err </dev/null
	is "$rc $(cat out err)" "0 18446744073709551616" \
		"$shell: a coprocess on 3 answers"

	script uses "$shell" <<-'!'
	ask() { echo "$1" >&3; read -r answer <&3; }
	ask '6*7'; echo "function $answer"
	(echo '2^10' >&3; read -r answer <&3; echo "subshell $answer")
	echo '3^3' | cat >&3
	head -n 1 <&3 >/dev/null 2>&1 & wait $!
	for n in 1 2 3; do echo "$n * $n"; done | while read -r sum; do
		echo "$sum" >&3; read -r answer <&3; echo "loop $answer"
	done
	answer=$(echo '5+5' >&3; read -r answer <&3; echo "$answer")
	echo "substitution $answer"
	while read -r line; do echo "input $line"; done
	exit 9
	!
	printf 'a\nb\n' >lines
	limit 60 ./uses <lines >out 2>err
	is "$rc $(cat out err | tr '\n' ';')" "9 function 42;subshell 1024;loop 1;loop 4;loop 9;substitution 10;input a;input b;" \
		"$shell: in subshells, loops and pipelines, with our input its own"

	# It ends when the script closes it, while the script goes on.
	rm -f ended
	cat >closing <<-!
	#!/usr/bin/env -S sockpair -p 'bc -ql; : >ended' -d 3 $shell
	echo 1 >&3; read -r answer <&3
	exec 3>&-
	"\$PEER" wait:ended
	echo "\$answer, and it has ended"
	!
	chmod +x closing
	limit 60 ./closing >out 2>err </dev/null
	is "$rc $(cat out err)" "0 1, and it has ended" \
		"$shell: exec 3>&- ends it"

	# The inner one must not hold the outer one's end.
	rm -f ended
	cat >nested <<-!
	#!/usr/bin/env -S sockpair -p 'bc -ql; : >ended' -d 3 sockpair -p 'exec "\$PEER" echo 3>&-' -d 4 $shell
	echo '2^8' >&3; echo word >&4
	read -r number <&3; read -r word <&4
	echo "\$number \$word"
	exec 3>&-
	"\$PEER" wait:ended
	echo other >&4; read -r word <&4; echo "\$word"
	!
	# env -S takes no \$.
	sed '1s/"\$PEER"/peer/' nested >recipe
	ln -sf "$PEER" bin/peer
	PATH=$test_dir/bin:$PATH limit 60 ./recipe >out 2>err </dev/null
	is "$rc $(cat out err | tr '\n' ' ')" "0 256 word other " \
		"$shell: two by nesting, and one of them closed"
done

done_testing
