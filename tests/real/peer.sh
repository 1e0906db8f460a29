#!/bin/sh
# SPDX-License-Identifier: MIT
# Real programs at both ends of one pair: a server as the second command, its
# client as the first, and nothing between them; and then again with a relay
# between, which writes a trace.
# shellcheck disable=SC2016,SC2317 # in single quotes for another shell; called by name
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout

# between OPTION...: the two commands, by themselves or with a trace.
between() {
	rm -f trace.txt
	# shellcheck disable=SC2086 # words
	limit 120 sockpair --pipefail $over "$@"
}
# has_trace PATTERN NAME: what both have said is in it, if there is one.
has_trace() {
	[ -n "$over" ] || return 0
	grep -q '^> .* data' trace.txt && grep -q '^< .* data' trace.txt &&
		grep -qF -e "$1" trace.txt
	ok "$way$2 is there" || head -n 20 trace.txt
}

# each_way FUNCTION: by themselves, and with a trace.
each_way() {
	over='' way=''
	"$1"
	over='-o trace.txt' way='with a trace '
	"$1"
}
# --- nbdkit and libnbd: a disk, on a socket each --------------------------------

# The module may belong to another python than the first in PATH.
python=
for place in python3 /usr/bin/python3; do
	if "$place" -c 'import nbd' 2>/dev/null; then
		python=$place
		break
	fi
done
if ! have nbdkit; then
	skip "nbdkit serves a libnbd client" "nbdkit is not installed"
elif [ -z "$python" ]; then
	skip "nbdkit serves a libnbd client" "python3-libnbd is not installed"
else
	cat >client.py <<-'!'
	import hashlib, nbd, os
	h = nbd.NBD()
	h.connect_socket(3)
	data = os.urandom(1 << 20)
	for place in range(0, 64 << 20, 1 << 20):
	    h.pwrite(data, place)
	h.flush()
	back = hashlib.sha256()
	for place in range(0, 64 << 20, 1 << 20):
	    back.update(h.pread(1 << 20, place))
	print(h.get_size(), back.digest() == hashlib.sha256(data * 64).digest())
	h.shutdown()
	!
	nbd() {
		between -p 'exec nbdkit -s memory 64M' -d 3 \
			"$python" client.py >out 2>err </dev/null
		is "$rc $(cat out err)" "0 67108864 True" \
			"${way}nbdkit -s serves a libnbd client: 64 MiB there and back"
		has_trace 'NBDMAGIC' "the server's greeting"
	}
	each_way nbd
fi

# --- git: the fd:: transport -----------------------------------------------------

if have git && have git-upload-pack; then
	for name in $(git rev-parse --local-env-vars 2>/dev/null); do
		unset "$name"
	done
	unset GIT_PROTOCOL GIT_TRACE
	export GIT_CONFIG_NOSYSTEM=1
	git config --global user.name 'A Tester'
	git config --global user.email tester@example.org
	git config --global init.defaultBranch main
	git init -q work
	head -c 8000000 /dev/urandom >work/noise
	git -C work add noise
	git -C work commit -q -m noise
	git_pair() {
		rm -rf store.git copy
		git clone -q --bare work store.git
		between -p 'exec git upload-pack store.git' -d 7 \
			git clone -q fd::7 copy >out 2>err </dev/null
		is "$rc $(cat out err)" "0 " "${way}git clones from the other command"
		same copy/noise work/noise "${way}and what comes is whole"
		has_trace 'multi_ack thin' "what the server offers"
		git -C copy commit -q --allow-empty -m second
		between -p 'exec git receive-pack store.git' -d 7,8 \
			git -C copy push -q fd::7,8/store \
			HEAD:refs/heads/pushed >out 2>err </dev/null
		is "$rc $(git -C store.git rev-parse pushed)" \
			"0 $(git -C copy rev-parse HEAD)" "${way}and pushes to it"
		has_trace refs/heads/pushed "what is pushed"
		between -p 'exec git upload-pack none.git' -d 7 \
			git clone -q fd::7 none >out 2>err </dev/null
		is "$rc" 128 "${way}what is not there is git's own failure"
	}
	each_way git_pair
else
	skip "git clones from the other command" "git is not installed"
fi

# --- rsync: the daemon is the second command -----------------------------------------

if have rsync && have socat; then
	. "$TOP_SRCDIR/tests/own-rsyncd"
	mkdir -p files/a files/empty fetched
	seq 100000 >files/numbers
	head -c 5000000 /dev/urandom >files/a/noise
	# rsync has its remote shell between; that is where 3 comes in.
	printf '#!/bin/sh\nexec socat - FD:3\n' >shell
	chmod +x shell
	rsync_pair() {
		rm -rf fetched/*
		between -d 3 -p "exec $daemon" \
			rsync -a -e ./shell here::files/ fetched/ \
			>out 2>err </dev/null
		is "$rc $(cat out err)" "0 " \
			"${way}rsync fetches from the other command"
		(cd files && cksum a/noise numbers) >want
		(cd fetched && cksum a/noise numbers) >got
		same got want "${way}and what comes is whole"
		[ -d fetched/empty ] && [ ! -e daemon.pid ]
		ok "${way}and it has not become a daemon"
		has_trace '@RSYNCD: ' "the server's greeting"
	}
	each_way rsync_pair
else
	skip "rsync fetches from the other command" \
		"rsync or socat is not installed"
fi

# --- two ends of a conversation, and a program that speaks to itself ------------------

if have python3; then
	# multiprocessing's protocol, in messages of both kinds of length.
	cat >end.py <<-'!'
	import sys
	from multiprocessing.connection import Connection
	c = Connection(int(sys.argv[1]))
	if sys.argv[2] == "ask":
	    for size in (0, 1, 70000, 3000000):
	        c.send(b"x" * size)
	        assert c.recv() == size
	    c.send(None)
	else:
	    for data in iter(c.recv, None):
	        c.send(len(data))
	!
	python_pair() {
		between -d 5 -D 6 -p 'exec python3 end.py 6 tell' \
			python3 end.py 5 ask >out 2>err </dev/null
		is "$rc $(cat out err)" "0 " \
			"${way}two pythons speak with each other"
		has_trace 'exit  status 0, peer status 0' "how both ended"
	}
	each_way python_pair
else
	skip "two pythons speak with each other" "python3 is not installed"
fi

done_testing
