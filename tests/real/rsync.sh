#!/bin/sh
# SPDX-License-Identifier: MIT
# rsync --daemon serves one caller when its standard input is a socket, and
# becomes a daemon when it is a pipe: by sockpair it must always be the first.
# After 3.5.0 that holds for internet sockets only.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need rsync timeout awk
. "$TOP_SRCDIR/tests/own-rsyncd"
printf '\tread only = no\n' >>rsyncd.conf

# The pids of this test's rsync daemons that still run.
daemons() {
	for daemons_proc in /proc/[0-9]*; do
		tr '\0' ' ' <"$daemons_proc/cmdline" |
		    grep -q "^rsync --daemon.*$test_dir/rsyncd.conf" &&
		    echo "${daemons_proc#/proc/}"
	done 2>/dev/null
}

# No rsync of ours is left once its caller has what it wanted: awaited, since
# the far end may need a moment to end.
no_daemons() {
	no_daemons_turn=0
	while [ -n "$(daemons)" ] && [ $no_daemons_turn -lt 200 ]; do
		no_daemons_turn=$((no_daemons_turn + 1))
		sleep 0.1
	done
	no_daemons_left=$(daemons)
	# shellcheck disable=SC2086 # one pid a word
	[ -z "$no_daemons_left" ] || kill -9 $no_daemons_left
	is "$no_daemons_left" "" "$1: no rsync is left running"
	[ ! -e daemon.pid ]
	ok "$1: it has not become a daemon"
}

# tree DIRECTORY: its files, their sizes and sums.
tree() {
	(cd "$1" && find . -type f | sort | while read -r file; do
		cksum "$file"
	done)
}

mkdir -p files/a/b files/empty
i=0
while [ $i -lt 300 ]; do
	seq $i $((i + i)) >"files/a/b/$i"
	i=$((i + 1))
done
head -c 5000000 /dev/urandom >files/noise
awk 'BEGIN { for (i = 0; i < 200000; i++) print "line", i }' >files/lines
tree files >tree.files
mkdir direct onsocket.copy piped.copy fetched

# rsync itself makes a socket for RSYNC_CONNECT_PROG, so this is how it goes
# without sockpair.
RSYNC_CONNECT_PROG="$daemon" limit 120 rsync -ai here::files/ direct/ \
    >direct.out 2>direct.err
if [ "$rc" -ne 0 ]; then
	no_daemons "direct" >/dev/null
	echo "1..0 # SKIP this rsync does not serve on a unix socket"
	exit 0
fi
is "$rc" 0 "rsync serves on a socket of its own caller's"
tree direct >tree.direct
same tree.direct tree.files "all files come"

# Two ways of being between the two: rsync's own socket on both of sockpair's
# standard descriptors, and a pipe each.
printf '#!/bin/sh\nexec %s\n' "\"\$SOCKPAIR\" $daemon" >onsocket
# shellcheck disable=SC2016 # expanded when it runs
printf '#!/bin/sh\ncat | { "$SOCKPAIR" %s; echo $? >piped.rc; } | cat\n' \
    "$daemon" >piped
chmod +x onsocket piped

for way in onsocket piped; do
	RSYNC_CONNECT_PROG="$test_dir/$way" limit 120 \
	    rsync -ai here::files/ "$way.copy/" >"$way.out" 2>"$way.err"
	is "$rc" 0 "$way: files are fetched"
	same "$way.out" direct.out "$way: the list is as it is without sockpair"
	tree "$way.copy" >"tree.$way"
	same "tree.$way" tree.files "$way: all files are the same"
	no_daemons "$way"
done
is "$(cat piped.rc)" 0 "piped: sockpair hands on the daemon's status 0"

# By a remote shell: the client puts a pipe each on our standard input and
# output.  Over those alone rsync would have become a daemon.
printf '#!/bin/sh\nexec %s\n' "\"\$SOCKPAIR\" $daemon" >shell
chmod +x shell
limit 120 rsync -ai -e "$test_dir/shell" here::files/ fetched/ \
    >fetched.out 2>fetched.err
is "$rc" 0 "by a remote shell: files are fetched"
same fetched.out direct.out "by a remote shell: the list is the same"
tree fetched >tree.fetched
same tree.fetched tree.files "by a remote shell: all files are the same"
no_daemons "by a remote shell"

# The other direction, and only what has changed.
echo changed >fetched/lines
rm fetched/a/b/7
limit 120 rsync -a --delete -e "$test_dir/shell" fetched/ here::files/ \
    >sent.out 2>sent.err
is "$rc" 0 "files are sent"
tree files >tree.files
tree fetched >tree.fetched
same tree.files tree.fetched "what is there is what was sent"

# The list of modules, and refusals, with their statuses.
for way in direct shell; do
	case $way in
	direct) RSYNC_CONNECT_PROG=$daemon; export RSYNC_CONNECT_PROG
		remote= ;;
	shell) unset RSYNC_CONNECT_PROG; remote="-e $test_dir/shell" ;;
	esac
	# shellcheck disable=SC2086 # two words or none
	{
		limit 60 rsync $remote here:: >"$way.modules" 2>/dev/null
		echo "modules $rc"
		limit 60 rsync $remote here::nothing/ >/dev/null 2>"$way.error"
		echo "no such module $rc"
		limit 60 rsync $remote here::files/nothing . 2>/dev/null
		echo "no such file $rc"
	} >"$way.status"
done
same shell.status direct.status "statuses are as without sockpair"
is "$(awk '{ print $NF }' shell.status | tr '\n' ' ')" "0 5 23 " \
    "and tell success, refusal and a missing file"
same shell.modules direct.modules "the list of modules is the same"
same shell.error direct.error "the refusal reads the same"
no_daemons "in the end"

done_testing
