#!/bin/sh
# SPDX-License-Identifier: MIT
# sshd -i behind ssh's ProxyCommand: the longest conversation of all, with
# keys of its own, as the user who runs the test.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
. "$TOP_SRCDIR/tests/real/own-sshd"

# One shell line each, run by ssh: sshd alone, and with sockpair before it.
printf '#!/bin/sh\nexec %s 2>>"%s"\n' "$server" "$test_dir/sshd.log" >bare
# shellcheck disable=SC2016 # expanded when they run
printf '#!/bin/sh\nexec "$SOCKPAIR" %s 2>>"%s"\n' \
    "$server" "$test_dir/sshd.log" >pair
# The same between two pipes, where ssh may give it one socket for both.
# shellcheck disable=SC2016
printf '#!/bin/sh\ncat | "$SOCKPAIR" %s 2>>"%s" | cat\n' \
    "$server" "$test_dir/sshd.log" >piped
chmod +x bare pair piped
need_login "$test_dir/bare"

# remote WAY COMMAND...: run it at the far end.
remote() {
	remote_way=$1
	shift
	through "$test_dir/$remote_way" "$user@here" "$@"
}

head -c 20000000 /dev/urandom >there
head -c 20000000 /dev/urandom >here
for way in bare pair piped; do
	remote $way "cat >'$test_dir/got.there'; cat '$test_dir/here'" \
	    <there >got.here 2>err
	is "$rc $(cat err)" "0 " "$way: twenty megabytes there, then back"
	same got.there there "$way: what came there"
	same got.here here "$way: what came back"
	rm -f got.there got.here
	remote $way cat <there >got.here 2>err
	is "$rc $(cat err)" "0 " "$way: twenty megabytes both ways at once"
	same got.here there "$way: they came back the same"
done

# What ssh tells of the far command, with sockpair and without.
# shellcheck disable=SC2016 # the far shell's
for way in bare pair piped; do
	for command in 'exit 0' 'exit 7' 'exit 255' 'kill -TERM $$' nosuch \
	    'echo out; echo err >&2; exit 3' 'head -c 300000 /dev/zero; exit 4' \
	    'read -r line; echo "$line"; exit 5'; do
		echo "a line" | {
			remote $way "$command" >out 2>err
			echo "$command: $rc $(cksum <out) $(cat err)"
		}
	done >"$way.list"
done
same pair.list bare.list "statuses, output and error output are the same"
same piped.list bare.list "so they are between pipes"
grep -q '^exit 7: 7 ' pair.list; ok "a status of 7 among them"

# A far command that leaves something behind is not waited for by its status
# alone: ssh itself waits until the output ends.
{
	remote pair "(\"$PEER\" wait:$test_dir/ended; echo late) & echo soon
	    exit 6" 2>err </dev/null
	echo "$rc" >late.rc
} >out &
await grep -q soon out && : >ended
wait $!
is "$(cat late.rc) $(tr '\n' ' ' <out)" "6 soon late " \
    "the words of what it left behind come too"

# A consumer that leaves: ssh ends, and so must all behind it.
{
	# shellcheck disable=SC2016 # the far shell's
	remote pair 'echo $PPID; exec yes' 2>/dev/null </dev/null
} | head -n 1 >server.pid
pid=$(cat server.pid)
turn=0
while kill -0 "$pid" 2>/dev/null && [ $turn -lt 300 ]; do
	turn=$((turn + 1))
	sleep 0.1
done
! kill -0 "$pid" 2>/dev/null
ok "the server ends when the caller's consumer has gone"

# Nobody is let in with a key that is not on the list, and ssh tells.
ssh-keygen -q -t ed25519 -N '' -f other_key
cp other_key.pub authorized_keys
for way in bare pair; do
	remote $way true >"$way.out" 2>"$way.err" </dev/null
	echo "$rc" >>"$way.out"
done
same pair.out bare.out "a caller who is refused has the same status"
is "$(tail -n 1 pair.out)" 255 "which is ssh's own"

# Nothing of all that is left: neither sshd nor who ran it.  ssh does not wait
# for its ProxyCommand, so this is awaited.
left_running() {
	for left_proc in /proc/[0-9]*; do
		case $(tr '\0' ' ' <"$left_proc/cmdline") in
		*"-f $test_dir/sshd_config"*) echo "${left_proc#/proc/}" ;;
		esac
	done 2>/dev/null
}
turn=0
while [ -n "$(left_running)" ] && [ $turn -lt 200 ]; do
	turn=$((turn + 1))
	sleep 0.1
done
left=$(left_running)
# shellcheck disable=SC2086 # one pid a word
[ -z "$left" ] || kill -9 $left
is "$left" "" "nothing is left running"

done_testing
