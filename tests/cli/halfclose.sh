#!/bin/sh
# SPDX-License-Identifier: MIT
# --half-close: a script ends what it sends to its coprocess, and still reads
# the answer.  Descriptors that cannot be half-closed are refused.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
# shellcheck disable=SC2086 # $shell may be two words
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout perl

# with_fd SCRIPT [TYPE]: run a script with an end of a pair on descriptor 3,
# whose other end belongs to a command that reads to the end and then answers.
# What the script prints, and its status, are in $got.
with_fd() {
	got=$(limit 60 sockpair -t "${2:-stream}" \
	    -p 'exec "$PEER" cat-in say:answer 2>/dev/null' -d 3 sh -c "$1" \
	    </dev/null 2>&1
	    echo "$rc")
	got=$(printf '%s' "$got" | tr '\n' ';')
}

# --- what it does -----------------------------------------------------------

for type in stream seqpacket; do
	with_fd 'printf question >&3; sockpair --half-close=3 || exit
	    cat <&3' "$type"
	is "$got" "answer;0" "$type: the other side reads end of file"
	with_fd 'sockpair --half-close=3; sockpair --half-close=3; echo "$?"' \
	    "$type"
	is "$got" "0;0" "$type: a second time is no error"
	with_fd 'exec 4<&3; sockpair --half-close=4 || exit
	    (printf x >&3) 2>/dev/null || echo refused' "$type"
	is "$got" "refused;0" \
	    "$type: the socket is shut down on all its descriptors"
done
# The other side has gone once end of file has come.
limit 60 sockpair -p 'exec "$PEER" exit:0' -d 3 sh -c \
    'cat <&3; sockpair --half-close=3' >out 2>err
is "$rc $(cat out err)" "0 " "it is no error if the other side has gone"
limit 60 sockpair -p 'exec "$PEER" cat-in say:heard 2>/dev/null' sh -c \
    'sockpair --half-close=1; cat >&2' >out 2>err
is "$rc $(cat out err)" "0 heard" "standard output can be half-closed"
limit 60 sockpair sh -c 'echo bye; sockpair --half-close=1; cat >&2' \
    <"$TOP_SRCDIR/COPYING" >out 2>err
is "$rc $(cat out)" "0 bye" "COMMAND can half-close its end of the pair"
same err "$TOP_SRCDIR/COPYING" "and still reads its input"
limit 60 sockpair -v --time=none -p 'exec "$PEER" cat-in say:answer' -d 3 \
    sh -c 'echo ask >&3; sockpair --half-close=3; cat <&3' >out 2>err
is "$(grep -c '^< eof   end of the command.s output, peer told$' err) $(
    cat out)" "1 answer" "a relay passes the half-close on to the other side"

# --- what cannot be half-closed ---------------------------------------------

# refused WANT ARGUMENT...: sockpair prints the line WANT, and the status is 125.
refused() {
	refused_want=$1
	shift
	status sockpair "$@" 2>err >out
	is "$rc $(cat out err)" "125 sockpair: $refused_want" \
	    "refused: $*"
}
exec 3>&- 4>&- 5>&- 6>&-
refused "cannot half-close descriptor 3: Bad file descriptor" --half-close=3
refused "cannot half-close descriptor 99999: Bad file descriptor" \
    --half-close=99999
exec 3>file
refused "cannot half-close descriptor 3: Socket operation on non-socket" \
    --half-close=3
exec 3>&-
got=$(: | sockpair --half-close=0 2>&1)
is "$? $got" "125 sockpair: cannot half-close descriptor 0: $(
    )Socket operation on non-socket" "a pipe is refused"
# Standard descriptors that are closed are not mistaken for others.
for fd in 0 1; do
	case $fd in
	0) sockpair --half-close=0 <&- 2>err ;;
	1) sockpair --half-close=1 >&- 2>err ;;
	esac
	is "$? $(cat err)" \
	    "125 sockpair: cannot half-close descriptor $fd: Bad file descriptor" \
	    "a closed $fd is refused"
done
with_fd 'sockpair --half-close=3; echo "$?"' dgram
is "$got" "sockpair: cannot half-close descriptor 3: a datagram socket has no end of file;125;0" \
    "a datagram socket is refused"

# --- nothing else goes with it ----------------------------------------------

# The end of the pair on descriptor 3 must not be shut down.
try='for options in "--half-close=3 true" "-v --half-close=3" \
    "--half-close=3 --type=stream" "--half-close=3 -o x" \
    "--half-close=x" "--half-close="; do
	eval "sockpair $options" && echo "taken: $options"
	[ "$?" = 125 ] || echo "status $?"
done 2>err
echo x >&3 || echo lost'
limit 60 sockpair -p 'exec "$PEER" cat-in 2>/dev/null' -d 3 sh -c "$try" \
    >out 2>&1
is "$rc $(cat out)" "0 " "nothing is shut down when the options are refused"
is "$(sed 's/^sockpair: //' err)" "--half-close: cannot go with a command
--half-close: cannot go with --verbose
--half-close: cannot go with --type
--half-close: cannot go with --output
--half-close: 'x' is not a file descriptor
--half-close: '' is not a file descriptor" \
    "the message names the other option, or says that there is a command"
[ ! -e x ]
ok "and no trace is created"
is "$(sockpair --half-close=3 --version)" "$(sockpair --version)" \
    "--version goes with it, and prints the version"
sockpair --half-close=3 -- 2>err
is "$(cat err)" \
    "sockpair: cannot half-close descriptor 3: Bad file descriptor" \
    "-- may stand after it, without a command"
status sockpair -p 'exec "$PEER" cat-in say:answer' -d 3 sh -c \
    'sockpair --half-close=9 --half-close=3; cat <&3' >out
is "$(cat out)" "answer" "of two numbers the last counts"

# --- coprocesses in scripts -------------------------------------------------

printf '%s\n' pear apple fig >fruit
sort fruit >sorted
printf '{"a":1}\n{"a":2}\n' >objects
# For every shell: send a file to the coprocess, and print its answer.
ask='cat "$1" >&3
sockpair --half-close=3
while read -r line <&3; do echo "$line"; done'
for shell in dash bash ksh zsh 'busybox sh'; do
	name="$shell: sort, jq -s and openssl dgst are coprocesses"
	have "${shell%% *}" || {
		skip "$name" "${shell%% *} is not installed"
		continue
	}
	limit 60 sockpair -p 'exec sort' -d 3 $shell -c "$ask" ask fruit \
	    >out 2>err
	[ "$rc" = 0 ] && [ ! -s err ] && cmp out sorted
	ok "$shell: sort is a coprocess" || show out err
	for helper in jq openssl; do
		have $helper || {
			skip "$shell: $helper is a coprocess" \
			    "$helper is not installed"
			continue
		}
		case $helper in
		jq) say='jq -s -c .' want='[{"a":1},{"a":2}]' ;;
		*)
			say='openssl dgst -sha256 -r'
			want=$(openssl dgst -sha256 -r <objects) ;;
		esac
		limit 60 sockpair -p "exec $say" -d 3 $shell -c "$ask" ask objects \
		    >out 2>err
		is "$rc $(cat out err)" "0 $want" \
		    "$shell: $helper is a coprocess"
	done
done

done_testing
