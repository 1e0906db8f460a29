#!/bin/sh
# SPDX-License-Identifier: MIT
# Limits of memory, of processes and of a file's size: what does not fit is
# told, and nothing is lost in silence.
# shellcheck disable=SC2016 # what is in single quotes is for another shell, or perl
# shellcheck disable=SC2317 # await calls what is defined just before it
. "${TOP_SRCDIR:-.}/tests/lib.sh"

# --- RLIMIT_FSIZE: some bytes fit, and then none ---------------------------

large='sockpair: cannot write standard output: File too large'
"$PEER" out:200000 >pattern
head -c 20000 pattern >short
# The block is of 512 bytes or of 1024, as the shell likes it.
(sh -c 'ulimit -f 16; trap "" XFSZ; exec cat short' >fits) 2>/dev/null
if [ -s fits ] && [ "$(wc -c <fits)" -lt 20000 ]; then
	# limited WANT SIGNALS STATUS NAME: more than fits into a file, by a command
	# that ends with STATUS; in one piece, or it would get SIGPIPE.
	limited() {
		(sh -c "$2"' ulimit -f 16
			exec sockpair "$PEER" out:20000 exit:'"$3" \
		    </dev/null >got 2>err)
		is "$?: $(cat err)" "$1: $large" "$4"
		same got fits "and all that fits is there"
	}
	limited 125 '' 0 "a file that may not grow is lost output: 125"
	limited 3 '' 3 "the command's own 3 beats that"
	limited 125 'trap "" XFSZ;' 0 "SIGXFSZ ignored makes no difference"

	: >got
	(sh -c 'ulimit -f 16; exec sockpair "$PEER" out:20000 exit:0' \
	    </dev/null >>got 2>err)
	is "$?: $(cat err)" "125: $large" "nor does a file that is appended to"
	same got fits "and what fits is in that as well"

	(sh -c 'ulimit -f 16; exec sockpair sh -c "cat short >got"' \
	    </dev/null >out 2>&1)
	is "$(($? & 127)) $(wc -c <got)" "25 $(wc -c <fits)" \
	    "the command itself dies of SIGXFSZ, as it would alone"

	"$PEER" out:2000000 >longer
	cat >reader.sh <<'END'
"$PEER" out:20000
until grep -q 'cannot write' err; do sleep 0.02; done
exec "$PEER" cat-in
END
	(sh -c 'trap "" PIPE; ulimit -f 16
		exec timeout -s KILL 60 "$SOCKPAIR" sh reader.sh' \
	    <longer >got 2>err)
	grep -q 'read 2000000 ' err
	ok "input goes on when output may not" || sed 's/^/# /' err
else
	skip "a file that may not grow is lost output: 125" \
	    "no limit on the size of files"
fi

# --- RLIMIT_AS -------------------------------------------------------------

# With whatever memory there is it works, or it fails and says so: us, or the
# loader before us, or the kernel, which kills what it cannot load.
name="with little memory it works, or fails and says so"
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "not under another checker"
elif ! sh -c 'ulimit -v 1000000' 2>/dev/null; then
	skip "$name" "no limit on memory"
else
	wrong=
	worked=
	head -c 100000 pattern >in
	for memory in 100 500 1000 1400 1800 2000 2200 2300 2400 2500 2600 \
	    2700 2800 2900 3000 3200 3500 4000 5000 6000 8000 12000 20000
	do
		rm -f ran
		limit 30 sh -c 'ulimit -v "$0"
			exec "$SOCKPAIR" "$PEER" touch:ran check:100000 \
			    out:200000' $memory <in >out 2>err
		if [ "$rc" = 137 ] && [ $memory -gt 3500 ]; then
			wrong="$wrong $memory: a hang"
		elif [ "$rc" -ge 128 ] && [ $memory -gt 3500 ]; then
			wrong="$wrong $memory: status $rc"
		elif [ "$rc" = 0 ] && ! cmp -s out pattern; then
			wrong="$wrong $memory: a silent loss"
		elif [ "$rc" = 0 ]; then
			worked=$memory
		elif [ "$rc" -lt 128 ] && [ ! -s err ]; then
			wrong="$wrong $memory: status $rc, and no word"
		elif [ "$(wc -l <err)" -gt 2 ]; then
			wrong="$wrong $memory: $(cat err)"
		fi
	done
	is "$wrong" '' "$name"
	[ -n "$worked" ]
	ok "and with 20 megabytes it works"

	name="fifty megabytes each way need no more memory than one"
	head -c 50000000 /dev/zero | limit 60 sh -c 'ulimit -v 20000
		exec "$SOCKPAIR" "$PEER" echo:200000 touch:filled echo' 2>err |
	    { await test -e filled; cksum; } >got
	head -c 50000000 /dev/zero | cksum >want
	same got want "$name"
fi

# --- RLIMIT_NPROC ----------------------------------------------------------

# The limit is on a user's processes and spares root: another user, then.
name="where no process may be made it is 125, and says so"
if ! have perl; then
	skip "$name" "perl is not installed"
elif [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "not under another checker"
else
	mkdir bin
	cp "$SOCKPAIR" bin/sockpair
	chmod 755 . bin bin/sockpair
	cat >limited.pl <<'END'
if ($> == 0) {
	$) = "65534 65534";
	$( = 65534;
	$< = $> = 65534;
	die "cannot change user\n" unless $< == 65534 && $> == 65534;
}
exec "sh", "-c", q{
	ulimit -u 0 2>/dev/null || ulimit -p 0 || exit 77
	exec ./bin/sockpair cat
};
END
	got=$(printf 'one\ntwo\n' | (limit 30 perl limited.pl 2>&1
	    echo "$rc"; cat))
	case $got in
	77* | *'cannot change user'*)
		skip "$name" "no limit on processes" ;;
	*)
		is "$got" "sockpair: cannot create a process: Resource temporarily unavailable
125
one
two" "$name; input is untouched" ;;
	esac
fi

# --- files that are larger than a long may tell ------------------------------

# at_end COMMAND...: run it with 3 GiB less 1 MiB of standard input, a file, read.
at_end() {
	dd bs=1M skip=3071 count=0 status=none
	limit 60 "$@"
}
if truncate -s 3G huge 2>/dev/null; then
	at_end sockpair cat <huge >out 2>err
	is "$rc $(wc -c <out) $(cat err)" "0 1048576 " \
	    "a file of 3 GiB is read to its end"
	echo x | limit 60 sockpair cat >>huge 2>err
	is "$rc $(wc -c <huge) $(tail -c 2 huge) $(cat err)" "0 3221225474 x " \
	    "and is appended to"
	echo y | limit 60 sockpair cat 2>err 1<>huge
	is "$rc $(wc -c <huge) $(head -c 1 huge) $(cat err)" "0 3221225474 y " \
	    "and written from its beginning"
	echo z | limit 60 sockpair -a -o huge cat >out 2>err
	is "$rc $(tail -n 6 huge | grep -c '^>   z') $(cat out err)" "0 1 z" \
	    "and is added to by a trace"
	rm huge
else
	skip "a file of 3 GiB is read to its end" "no room for its size"
fi

# --- a limit that comes later ------------------------------------------------

name="a lower limit on descriptors leaves us alive to signals"
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "not under another checker"
elif ! has_proc; then
	skip "$name" "no /proc"
elif have prlimit; then
	mkfifo later
	sockpair "$PEER" touch:later.runs pause <later >/dev/null 2>&1 &
	relay=$!
	exec 9>later
	await [ -e later.runs ]
	if prlimit --pid $relay --nofile=3:3 2>/dev/null; then
		echo >&9
		kill -TERM $relay
		await is_gone $relay || kill -KILL $relay
		wait $relay 2>/dev/null
		is $? 143 "$name"
	else
		skip "$name" "may not set another's limits"
		kill $relay
	fi
	exec 9>&-
else
	skip "$name" "prlimit is not installed"
fi
done_testing
