#!/bin/sh
# SPDX-License-Identifier: MIT
# What the system refuses: each reason of socketpair(2), fork, and then every
# system call of a run, one at a time, with each of five errors.
# shellcheck disable=SC2317 # functions are called by their names
# shellcheck disable=SC2016 # what is in single quotes is for another shell, or perl
. "${TOP_SRCDIR:-.}/tests/lib.sh"

# no_pair ARGUMENTS REASON OPTION...: socketpair(2) refuses; nothing is run.
no_pair() {
	no_pair_want="sockpair: cannot create a socket pair ($1): $2"
	shift 2
	rm -f ran
	status "$@" touch ran </dev/null >out 2>err
	[ ! -e ran ] || rc="$rc, and ran"
	is "$rc: $(cat out err)" "125: $no_pair_want" \
	    "refused: ${no_pair_want#*pair }"
}

# --- for real --------------------------------------------------------------

no_pair '99, stream, 0' 'Address family not supported by protocol' \
    sockpair --domain=99
no_pair 'unix, stream, 6' 'Protocol not supported' sockpair --protocol=6
no_pair 'unix, rdm, 0' 'Socket type not supported' sockpair --type=rdm
no_pair 'unix, 77, 0' 'Invalid argument' sockpair --style=77
no_pair 'inet, stream, 0' 'Operation not supported' sockpair --domain=inet
no_pair 'inet, seqpacket, 0' 'Socket type not supported' \
    sockpair --namespace=2 --type=5
# Not on a system without it.
status sockpair --domain=inet6 true </dev/null 2>err
[ "$rc" = 125 ] && [ "$(wc -l <err)" -eq 1 ] && grep -q \
    '^sockpair: cannot create a socket pair (inet6, stream, 0): .' err
ok "inet6 is refused by the system as well" || sed 's/^/# /' err

# is_crash STATUS: whether the process died of its own fault.
is_crash() {
	case $1 in
	132 | 134 | 135 | 136 | 139) true ;;
	*) false ;;
	esac
}

# The loader needs one descriptor more than is open, a pair two more than us.
seen=
for limit in 3 4 5 6 7 8; do
	rm -f ran
	got=$(sh -c 'ulimit -n "$0"; exec sockpair touch ran' $limit \
	    </dev/null 2>&1)
	rc=$?
	case $rc in
	0) [ -z "$got" ] && [ -e ran ] || seen="$seen $limit: $got" ;;
	125) seen=$seen${got#sockpair: cannot create a socket pair }\; ;;
	*) ! is_crash $rc || seen="$seen $limit: a crash" ;;
	esac
done
case $seen in
*'a crash'*) false ;;
*'(unix, stream, 0): Too many open files;'*) true ;;
*) false ;;
esac
ok "too many open files is a reason like any other" || echo "# $seen"

# --- by injection ----------------------------------------------------------

why=
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	why="not under another checker"
elif ! have strace; then
	why="strace is not installed"
elif ! strace -o /dev/null true 2>/dev/null; then
	why="strace may not trace"
elif ! have perl; then
	why="perl is not installed"
fi
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "each errno of socketpair(2) reaches the user" "$why"
	elsewhere "every system call may fail" "$why"
	done_testing
elif [ -n "$why" ]; then
	skip "each errno of socketpair(2) reaches the user" "$why"
	skip "every system call may fail" "$why"
	done_testing
fi

# inject FAULT: SOCKPAIR with this fault, in the program itself only.
inject() {
	inject_fault=$1
	shift
	strace -o trace -e inject="$inject_fault" "$SOCKPAIR" "$@"
}

for error in EMFILE ENFILE EAFNOSUPPORT EPROTONOSUPPORT EOPNOTSUPP \
    ESOCKTNOSUPPORT ENOMEM ENOBUFS EACCES EPERM; do
	reason=$(perl -MErrno -e '$! = &{"Errno::$ARGV[0]"}; print "$!"' \
	    $error)
	no_pair 'unix, stream, 0' "$reason" inject socketpair:error=$error
done

# fails NAME FAULT MESSAGE [OPTION...]: with this fault we say so, and nothing is
# run.
fails() {
	fails_name=$1 fails_fault=$2 fails_message=$3
	shift 3
	rm -f ran
	status inject "$fails_fault" "$@" touch ran </dev/null >out 2>err
	[ ! -e ran ] || rc="$rc, and ran"
	is "$rc: $(cat out err)" "125: sockpair: $fails_message" "$fails_name"
}
fails "fork may fail" '?fork,?vfork,clone,?clone3:error=EAGAIN' \
    'cannot create a process: Resource temporarily unavailable'
fails "fork may fail for want of memory" \
    '?fork,?vfork,clone,?clone3:error=ENOMEM' \
    'cannot create a process: Cannot allocate memory'
if [ "$LINUX_EXTRAS" = yes ]; then
	fails "a pipe may fail" '?pipe,pipe2:error=ENFILE' \
	    'cannot create a pipe: Too many open files in system'
else
	fails "a pipe may fail" '?pipe,pipe2:error=ENFILE' \
	    'cannot take over signals: Too many open files in system'
fi
fails "the socket's type may not be told" 'getsockopt:error=ENOBUFS' \
    "cannot ask for the socket's type: No buffer space available" -t raw
fails "nor made what was asked for" 'getsockopt:retval=0' \
    'cannot relay a socket of type raw: Operation not supported' -t raw
fails "a socket may find no number that is not chosen" \
    'fcntl:error=EMFILE' "cannot move a socket off the chosen descriptors: Too \
many open files" -d 3,4,5,6,7,8,9,10,11,12
fails "what we say may be interrupted" 'write:error=EINTR:when=1' \
    "--type: 'x' is not a socket type" --type=x

# In the child the chosen descriptors are placed; the command's own calls of
# that name would fail too, but there are none.
status strace -f -o trace -e inject=dup2,?dup3:error=EBUSY \
    "$SOCKPAIR" -d 0,1,7 "$PEER" touch:ran exit:0 </dev/null >out 2>err
[ "$rc" = 125 ] && [ ! -e ran ] &&
    grep -q '^sockpair: cannot place descriptor 0: ' err &&
    [ "$(wc -l <err)" -eq 1 ]
ok "placing the descriptors may fail, in the child, and we tell" ||
    sed "s/^/# $rc: /" err
status strace -f -o trace -e inject=execve:error=ELIBBAD \
    "$SOCKPAIR" "$PEER" touch:ran exit:0 </dev/null >out 2>err
is "$rc: $(cat out err)" \
    "126: sockpair: cannot run '$PEER': Accessing a corrupted shared library" \
    "so may the command's exec"

# --- every system call, one at a time --------------------------------------

# sweep SHAPE NAME [COUNT]: run_SHAPE PROGRAM... runs the program as part of
# something, and leaves its output in out, its messages in err and its status in
# rc.  The first run lists the calls, which must be more than COUNT; what comes
# before the program's own first step, the look at descriptors 0 to 2, is the
# loader's.
#
# close is left out: strace would not run it, and a descriptor that stays open
# is a hang of strace's making.  So is what cannot fail, such as the write by
# which the handler of a signal tells of it, 8 bytes into a pipe of our own.
sweep() {
	"run_$1" strace -o trace "$SOCKPAIR"
	cat out >want
	[ -s want ] && [ "$(cat rc)" = 0 ]
	ok "$2: the run to be disturbed is sound" || return
	awk '
	{ name = $0; sub(/\(.*/, "", name) }
	name !~ /^[a-z_0-9]+$/ { next }
	{ count[name]++ }
	/^write\([0-9]+, "\\.*, 8\) *= 8$/ { next }
	/^p?poll\(\[{fd=0, events=0}/ { begun = 1 }
	!begun || name ~ /^(close|exit_group|getpid|gettid)$/ { next }
	# The first tells a failure otherwise, and the second never fails.
	name ~ /^(brk|rt_sigreturn)$/ { next }
	++seen[name] <= 4 { print name, count[name] }
	' trace | sort -u >calls
	[ "$(wc -l <calls)" -gt "${3:-20}" ]
	ok "$2: there are calls to be disturbed"
	: >wrong
	while read -r name number; do
		for error in EINTR ENOMEM EIO EAGAIN EINVAL; do
			disturb "$1" "$name" "$number" "$error" >>wrong
		done
	done <calls
	is "$(cat wrong)" '' "$2: no call that fails is a hang or a silent loss"
}

# is_to_be_repeated NAME ERROR: a call that moves data or waits, and an error that
# says only: not now.
is_to_be_repeated() {
	case $2 in EINTR | EAGAIN) ;; *) return 1 ;; esac
	case $1 in
	*read* | *write* | splice | sendfile | *poll | recv* | send*) ;;
	wait*) [ "$2" = EINTR ] ;;
	*) return 1 ;;
	esac
}

# disturb SHAPE NAME NUMBER ERROR: one run of a sweep; print what is wrong.
disturb() {
	rm -f out err rc
	: >out
	: >err
	"run_$1" strace -o trace -e trace="$2" \
	    -e inject="$2:error=$4:when=$3" "$SOCKPAIR"
	# The signal may come before another write that was to fail.
	! grep -q '^write([0-9]*, "\\.*, 8) .*(INJECTED)$' trace || return 0
	disturb_rc=$(cat rc)
	disturb_lines=$(wc -l <err)
	if [ "$disturb_rc" = 137 ]; then
		echo "$2 number $3, $4: a hang"
	elif is_crash "$disturb_rc"; then
		echo "$2 number $3, $4: a crash ($disturb_rc)"
	elif [ "$disturb_rc" = 0 ] && ! cmp -s out want; then
		echo "$2 number $3, $4: a silent loss"
	elif [ "$disturb_rc" != 0 ] && is_to_be_repeated "$2" "$4"; then
		echo "$2 number $3, $4: not tried again ($(head -n 1 err))"
	elif [ "$disturb_rc" != 0 ] && [ "$disturb_lines" -eq 0 ]; then
		echo "$2 number $3, $4: status $disturb_rc, and no word"
	elif [ "$(grep -c '^sockpair: ' err)" -gt 2 ]; then
		echo "$2 number $3, $4: more than two lines"
	fi
}

# Pipes on both sides; timeout kills the whole group, of which strace is one.
perl -e 'print pack "N*", 0 .. 40000' >data
run_pipes() {
	timeout -s KILL 15 sh -c '
		cat data | { "$@" "$PEER" echo; echo $? >rc; } 2>err | cat >out
	' sh "$@" </dev/null 2>/dev/null || echo 137 >rc
}
sweep pipes "between pipes"

# Files, and another descriptor.
run_files() {
	timeout -s KILL 15 sh -c '
		"$@" --fd=7 -T 60s "$PEER" use:7 echo:160004 half-close \
		    <data >out 2>err; echo $? >rc
	' sh "$@" </dev/null 2>/dev/null || echo 137 >rc
}
sweep files "between files"

# Messages in a stream.
perl -e 'print pack("N/a*", "x" x ($_ * 99)) for 0 .. 200' >messages
run_wire() {
	timeout -s KILL 15 sh -c '
		cat messages | { "$@" -F u32 -W netstring "$PEER" echo
		    echo $? >rc; } 2>err | cat >out
	' sh "$@" </dev/null 2>/dev/null || echo 137 >rc
}
sweep wire "messages in a stream"

# Two commands; what the one says is the other's.
run_peers() {
	timeout -s KILL 15 sh -c '
		"$@" -p "exec \"\$PEER\" echo:6" -d 3 sh -c "
			echo hello >&3; read -r word <&3; echo \$word" \
		    >out 2>err; echo $? >rc
	' sh "$@" </dev/null 2>/dev/null || echo 137 >rc
}
sweep peers "between two commands"

# Our end is passed on, to one that receives it.
run_passing() {
	timeout -s KILL 15 sh -c '
		"$SOCKPAIR" -p "$* --pass-fd \"\$PEER\" say:hello 2>err
		    echo \$? >rc" "$PEER" receive:5 use:5 read:6 \
		    use:2 say:received 2>out; :
	' sh "$@" </dev/null 2>/dev/null || echo 137 >rc
}
sweep passing "when an end is passed on" 15

# --- calls that are always refused -------------------------------------------

# refused CALLS COMMAND...: with these refused for ever.
refused() {
	refused_calls=$1
	shift
	limit 60 strace -o trace -e trace="$refused_calls" \
	    -e inject="$refused_calls:error=$errno" "$@" 2>err
}
for errno in ENOSYS EPERM; do
	name="with poll(2) refused ($errno) both directions move"
	if [ "$LINUX_EXTRAS" = yes ]; then
		mkfifo lines.$errno
		# The answer to the second comes before the third is asked.
		{
			echo one
			await grep -q one answers.$errno && echo two
			await grep -q two answers.$errno && echo three
		} >lines.$errno &
		refused ppoll,poll "$SOCKPAIR" sh -c '
			while read -r word; do echo "$word"; done; exit 3' \
		    <lines.$errno >answers.$errno
		is "$rc $(tr '\n' ' ' <answers.$errno)$(cat err)" \
		    "3 one two three " "$name"
		wait
	else
		elsewhere "$name" "pipes are polled for want of preadv2(2)"
	fi
	refused ppoll,poll "$SOCKPAIR" -T 0.2 "$PEER" pause </dev/null
	is "$rc $(unreported err)" "124 " "and --timeout ends a command ($errno)"
	refused ppoll,poll "$SOCKPAIR" -k 0.2 -p 'exec "$PEER" pause' \
	    "$PEER" exit:5 </dev/null
	is "$rc $(cat err)" "5 " "and --kill-after one of two ($errno)"
	refused ppoll "$SOCKPAIR" -T 0.2 "$PEER" say:word pause \
	    </dev/null >out
	is "$rc $(unreported out err)" "124 word" \
	    "where ppoll(2) alone is refused ($errno), too"
	refused wait4 "$SOCKPAIR" sh -c 'echo word; exit 3' </dev/null >out
	is "$rc $(sed 's/process [0-9]*:/process N:/' err | cut -d : -f 1,2
	    ) $(cat out)" "125 sockpair: cannot wait for process N word" \
	    "a status that cannot be had ($errno) is told, and is 125"
	refused shutdown "$SOCKPAIR" -t dgram -k 0.1 \
	    -p 'exec "$PEER" cat-in' "$PEER" exit:0 </dev/null
	is "$rc $(cut -d : -f 1,2 err)" \
	    "125 sockpair: cannot notify a command that the other has exited" \
	    "so is an end that cannot be told to a dgram's reader ($errno)"
done
limit 60 strace -o trace -e trace=shutdown \
    -e inject=shutdown:error=ENOBUFS:when=1..2 "$SOCKPAIR" -t dgram \
    -p 'exec "$PEER" cat-in' "$PEER" say:word exit:0 </dev/null 2>err
is "$rc $(cat err)" "0 read 5 bytes" "a passing failure to tell it is not"

done_testing
