#!/bin/sh
# SPDX-License-Identifier: MIT
# ssh's ProxyUseFdpass: ssh waits until its ProxyCommand, which is sockpair, has
# passed it a socket and has gone, and then speaks with sshd -i itself.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
. "$TOP_SRCDIR/tests/real/own-sshd"

# One shell line each, run by ssh: sshd by sockpair, with a relay and without.
# shellcheck disable=SC2016 # expanded when it runs
printf '#!/bin/sh\nexec "$SOCKPAIR" %s 2>>"%s"\n' \
    "$server" "$test_dir/sshd.log" >relayed
# shellcheck disable=SC2016
printf '#!/bin/sh\necho $$ >us.pid\nexec "$SOCKPAIR" --pass-fd %s 2>>"%s"\n' \
    "$server" "$test_dir/sshd.log" >passed
# shellcheck disable=SC2016
printf '#!/bin/sh\nexec "$SOCKPAIR" --pass-fd ./nothing\n' >missing
chmod +x relayed passed missing
need_login "$test_dir/relayed"

# remote WAY COMMAND...: run it at the far end.
remote() {
	remote_way=$1
	shift
	case $remote_way in
	relayed) set -- -o ProxyUseFdpass=no "$user@here" "$@" ;;
	*) set -- -o ProxyUseFdpass=yes "$user@here" "$@" ;;
	esac
	through "$test_dir/$remote_way" "$@"
}

head -c 20000000 /dev/urandom >there
head -c 20000000 /dev/urandom >here
remote passed "cat >'$test_dir/got.there'; cat '$test_dir/here'" \
    <there >got.here 2>err
is "$rc $(cat err)" "0 " "twenty megabytes there, then back"
same got.there there "what came there"
same got.here here "what came back"
remote passed cat <there >got.here 2>err
is "$rc $(cat err)" "0 " "twenty megabytes both ways at once"
same got.here there "they came back the same"

# What ssh tells of the far command, with a relay and without.
# shellcheck disable=SC2016 # the far shell's
for way in relayed passed; do
	for command in 'exit 0' 'exit 7' 'kill -TERM $$' nosuch \
	    'echo out; echo err >&2; exit 3' 'head -c 300000 /dev/zero; exit 4' \
	    'read -r line; echo "$line"; exit 5'; do
		echo "a line" | {
			remote $way "$command" >out 2>err
			echo "$command: $rc $(cksum <out) $(cat err)"
		}
	done >"$way.list"
done
same passed.list relayed.list "statuses, output and error output are the same"
grep -q '^exit 7: 7 ' passed.list; ok "a status of 7 among them"

# While they speak nothing of us is there, not even our remains: ssh waits for
# them before it begins.
rm -f us.pid
remote passed "test ! -e /proc/\$(cat '$test_dir/us.pid') && echo gone" \
    >out 2>err </dev/null
if [ -d /proc/self ]; then
	is "$rc $(cat out err)" "0 gone" "we are gone when they begin"
else
	skip "we are gone when they begin" "no /proc"
fi

# A command that cannot be run: ssh is told at once, by our end.
remote missing true >out 2>err </dev/null
is "$rc $(head -n 1 err)" \
    "255 sockpair: cannot run './nothing': No such file or directory" \
    "a command that cannot be started ends ssh, after our line"

# Nothing of all that is left.
left_running() {
	for left_proc in /proc/[0-9]*; do
		case $(tr '\0' ' ' <"$left_proc/cmdline") in
		*"-f $test_dir/sshd_config"*) echo "${left_proc#/proc/}" ;;
		esac
	done 2>/dev/null
}
# shellcheck disable=SC2317 # called by its name
none_running() {
	[ -z "$(left_running)" ]
}
await none_running
left=$(left_running)
# shellcheck disable=SC2086 # one pid a word
[ -z "$left" ] || kill -9 $left
is "$left" "" "nothing is left running"

done_testing
