# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Every test script of the program begins with:
#
#	. "${TOP_SRCDIR:-.}/tests/lib.sh"
#
# This creates an empty directory, enters it, and defines the functions below.
# SOCKPAIR is the program under test, and SOCKPLAY that of tests/play.  PEER and
# POST are the scripted commands for bytes and for messages, HAND is the one that
# passes descriptors (peer.c, post.c, hand.c).  TRACER writes traces (tracer.c).
# All are absolute paths, so that the same scripts can test installed programs.

set -u
TOP_SRCDIR=$(cd "${TOP_SRCDIR:-.}" && pwd)
SOCKPAIR=${SOCKPAIR:-$TOP_SRCDIR/sockpair}
SOCKPLAY=${SOCKPLAY:-$TOP_SRCDIR/sockplay}
PEER=${PEER:-$TOP_SRCDIR/tests/peer}
POST=${POST:-$TOP_SRCDIR/tests/post}
case $SOCKPAIR in /*) ;; *) SOCKPAIR=$(pwd)/$SOCKPAIR ;; esac
case $SOCKPLAY in /*) ;; *) SOCKPLAY=$(pwd)/$SOCKPLAY ;; esac
case $PEER in /*) ;; *) PEER=$(pwd)/$PEER ;; esac
case $POST in /*) ;; *) POST=$(pwd)/$POST ;; esac
HAND=${HAND:-$TOP_SRCDIR/tests/hand}
case $HAND in /*) ;; *) HAND=$(pwd)/$HAND ;; esac
TRACER=${TRACER:-$TOP_SRCDIR/tests/tracer}
case $TRACER in /*) ;; *) TRACER=$(pwd)/$TRACER ;; esac
# Whether the program was built with the calls that only Linux has (configure).
LINUX_EXTRAS=${LINUX_EXTRAS:-yes}
export SOCKPAIR SOCKPLAY PEER POST HAND TRACER TOP_SRCDIR LINUX_EXTRAS
PATH=$(dirname "$SOCKPAIR"):$(dirname "$SOCKPLAY"):$PATH
unset POSIXLY_CORRECT POSIX_ME_HARDER NO_COLOR CDPATH
export LC_ALL=C

test_dir=$(mktemp -d "${TMPDIR:-/tmp}/sockpair-test.XXXXXX") || exit 99
cd "$test_dir" || exit 99
export HOME="$test_dir"
trap 'cd /; rm -rf "$test_dir"' EXIT
trap 'exit 99' HUP INT TERM
test_count=0

# Scripts call the programs by name.  PATH may lead to others of these names: to
# an installed sockplay beside the sockpair under test, for example.
if [ "$(command -v sockpair)" != "$SOCKPAIR" ] ||
    { [ -x "$SOCKPLAY" ] && [ "$(command -v sockplay)" != "$SOCKPLAY" ]; }
then
	[ -x "$SOCKPAIR" ] || {
		echo "there is no $SOCKPAIR"
		exit 99
	}
	mkdir programs
	ln -s "$SOCKPAIR" programs/sockpair
	ln -s "$SOCKPLAY" programs/sockplay
	PATH=$test_dir/programs:$PATH
fi

# With OVER_PIPES set, the program under test is run with --pipes first of all,
# so that a script can test it with pipes in place of the pair.
OVER_PIPES=${OVER_PIPES:-}
if [ -n "$OVER_PIPES" ]; then
	mkdir over-pipes
	printf '#!/bin/sh\nexec "%s" --pipes "$@"\n' "$SOCKPAIR" \
		>over-pipes/sockpair
	chmod +x over-pipes/sockpair
	SOCKPAIR=$test_dir/over-pipes/sockpair
	PATH=$test_dir/over-pipes:$PATH
fi

# can_have OPTION... or oob: whether the program under test can have these.  With
# --pipes there is no socket that has a type, is for a second command, or carries
# an urgent byte.
can_have() {
	case $OVER_PIPES,$* in
	?*,*-t* | ?*,*-p* | ?*,oob) return 1 ;;
	esac
}

# ok NAME: the last command's status decides.
#	[ "$got" = 7 ]; ok "the command's status is ours"
ok() {
	if [ $? -eq 0 ]; then
		test_count=$((test_count + 1))
		printf 'ok %d - %s\n' "$test_count" "$1"
	else
		test_count=$((test_count + 1))
		printf 'not ok %d - %s\n' "$test_count" "$1"
		return 1
	fi
}

# is GOT WANT NAME: the two strings are the same.
is() {
	[ "$1" = "$2" ]
	ok "$3" || printf '%s\n' "got:  '$1'" "want: '$2'" | sed 's/^/# /'
}

# same FILE FILE NAME: the two files hold the same bytes.
same() {
	cmp "$1" "$2" >cmp.out 2>&1
	ok "$3" || sed 's/^/# /' cmp.out
}

# show FILE...: print the files, each line as a comment.
show() {
	awk '{ print "# " $0 }' "$@"
}

# skip NAME REASON: one case that cannot be run here.
skip() {
	test_count=$((test_count + 1))
	printf 'ok %d - %s # SKIP %s\n' "$test_count" "$1" "$2"
}

# elsewhere NAME REASON: one case that cannot be shown in this build or under
# this checker, but is shown by other builds.  It is not counted, since no tool
# is missing.
elsewhere() {
	printf '# elsewhere: %s (%s)\n' "$1" "$2"
}

# have PROGRAM: whether it is installed.
have() {
	command -v "$1" >/dev/null 2>&1
}

# need PROGRAM...: skip the whole script unless all are installed.
need() {
	for need_program; do
		have "$need_program" || {
			echo "1..0 # SKIP $need_program is not installed"
			exit 0
		}
	done
}

# mkfifo FILE...: or end with an error, where another case has left a file.
if have mkfifo; then
	mkfifo() {
		command mkfifo "$@" || exit 99
	}
fi

# need_sockplay: skip the whole script unless sockplay was built.
need_sockplay() {
	[ -x "$SOCKPLAY" ] || {
		echo "1..0 # SKIP there is no sockplay"
		exit 0
	}
}

# lacks FACT: whether an emulator runs the programs that lacks it: tests/machine.
lacks() {
	case " ${MACHINE_LACKS:-} " in *" $1 "*) true ;; *) false ;; esac
}

# long_bits: print how many bits a long of the program under test has.
long_bits() {
	if lacks wide-long; then
		echo 32
	else
		getconf LONG_BIT 2>/dev/null
	fi
}

# status COMMAND...: run it, and set $rc to its status, as a shell sees it.
status() {
	"$@"
	rc=$?
}

# limit SECONDS COMMAND...: run it, and kill it after SECONDS, which shows as
# status 137.  The limit is against hangs only, not a test of speed.  Sets $rc
# to the status, and returns it.
limit() {
	limit_seconds=$1
	shift
	timeout -s KILL "$limit_seconds" "$@"
	rc=$?
	return "$rc"
}

# has_proc: whether /proc shows processes.
has_proc() {
	[ -r /proc/self/stat ]
}

# need_proc: skip the whole script unless has_proc.
need_proc() {
	has_proc || {
		echo "1..0 # SKIP no /proc"
		exit 0
	}
}

# sees NAME: whether a case can be run that needs /proc to inspect processes,
# in the test or in the program.  If not, the case is skipped.
sees() {
	has_proc || {
		skip "$1" "no /proc"
		return 1
	}
}

# has_terminals: whether pseudo-terminals can be created.
has_terminals() {
	perl -e 'open $terminal, "+<", "/dev/ptmx" or exit 1' 2>/dev/null
}

# in_locales NAME FUNCTION: a case for each of the locales C and C.UTF-8, in
# which FUNCTION must succeed.
in_locales() {
	for in_locales_one in C C.UTF-8; do
		case $in_locales_one,$(LC_ALL=$in_locales_one \
		    locale charmap 2>/dev/null) in
		C,* | *,UTF-8) ;;
		*)
			skip "$1 ($in_locales_one)" "there is no such locale"
			continue
			;;
		esac
		(export LC_ALL=$in_locales_one && "$2")
		ok "$1 ($in_locales_one)"
	done
}

# await COMMAND...: wait until it succeeds, a minute at most.
await() {
	await_turns=0
	until "$@" 2>/dev/null; do
		await_turns=$((await_turns + 1))
		[ "$await_turns" -lt 3000 ] || return 1
		sleep 0.02
	done
}

# parent_of FILE: print the pid of sockpair, as written by its command, peer.
parent_of() {
	cat "$1.parent"
}

# unreported [FILE...]: print them without the report of who waits for what that
# comes with --timeout and SIGUSR1.
unreported() {
	cat "$@" | sed '/^sockpair: nothing has moved for /{N;N;d;}
		/^sockpair: [^ ]* ([0-9]*): /d'
}

# is_gone PID: whether the process has ended; a zombie counts as ended.
is_gone() {
	has_proc || {
		! kill -0 "$1" 2>/dev/null
		return
	}
	is_gone_line=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
	case ${is_gone_line##*) } in Z*) true ;; *) false ;; esac
}

# naps PID...: print each process's state and number of context switches.
naps() {
	for naps_pid; do
		grep -E '^State|ctxt_switches' "/proc/$naps_pid/status"
	done
}

# all_asleep PID...: whether all processes sleep at the same moment.  If only
# they can wake each other, no data will move any more.
all_asleep() {
	all_asleep_was=$(naps "$@")
	[ "$(echo "$all_asleep_was" | grep -c '^State:.S')" -eq $# ] &&
		[ "$all_asleep_was" = "$(naps "$@")" ]
}

# ticks PID...: print the sum of their processor time so far, in clock ticks.
ticks() {
	ticks_sum=0
	for ticks_pid; do
		# The name in parentheses may hold anything but has no ")" here.
		ticks_line=$(sed 's/.*) //' "/proc/$ticks_pid/stat")
		# shellcheck disable=SC2086
		set -- $ticks_line
		ticks_sum=$((ticks_sum + ${12} + ${13}))
	done
	echo "$ticks_sum"
}

done_testing() {
	echo "1..$test_count"
	exit 0
}
