#!/bin/sh
# SPDX-License-Identifier: MIT
# The recipes of the page: each is taken from the page as a reader sees it, and
# run as a reader would type it, by every POSIX shell that is here.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout awk
. "$TOP_SRCDIR/tests/documents.sh"
need_views

views "$TOP_SRCDIR/man/sockpair.1" RECIPES

# --- how it is typed ---------------------------------------------------------

# A directory for each shell, where it is sh: for the recipe, for the sh that
# the recipe runs, and for COMMAND2.
shells=
for shell in dash bash busybox; do
	have "$shell" || continue
	mkdir "bin.$shell"
	ln -s "$(command -v "$shell")" "bin.$shell/sh"
	shells="$shells $shell"
done
[ -n "$shells" ] || {
	mkdir bin.sh
	shells='sh'
}
one=${shells# }
one=${one%% *}

number=0
# recipe NAME PROGRAM...: set $recipe to the next recipe.  Skip it if one of the
# programs is not installed.
recipe() {
	number=$((number + 1))
	recipe=$test_dir/$view.$number
	name=$1
	shift
	for recipe_program; do
		have "$recipe_program" || {
			skip "$name" "$recipe_program is not installed"
			return 1
		}
	done
}

# type_into SHELL FILE: let SHELL run FILE.
type_into() {
	limit 60 env PATH="$test_dir/bin.$1:$PATH" sh "$2" </dev/null >out 2>err
}

# prints TEXT: in each shell the recipe prints TEXT.
prints() {
	for shell in $shells; do
		type_into "$shell" "$recipe"
		is "$rc $(cat out)" "0 $1" "$name ($shell)" || show err
	done
}

# --- coprocesses -------------------------------------------------------------

if recipe "a script starts itself once more, with a coprocess" bc; then
	is "$(head -n 1 "$recipe")" '#!/bin/sh' "it is a script for any shell"
	for shell in $shells; do
		sed "1s|.*|#!$test_dir/bin.$shell/sh|" "$recipe" >script
		chmod +x script
		limit 60 env PATH="$test_dir/bin.$shell:$PATH" ./script \
			</dev/null >out 2>err
		is "$rc $(cat out)" "0 42" "$name ($shell)" || show err
	done
fi
recipe "a part of a script has a coprocess" bc && prints 42
recipe "a program answers when its input has ended" jq && prints 6
recipe "there are two coprocesses" bc && prints "n = 42"
recipe "a filter is between two programs" bc && prints "= 42"

cat >login <<'!'
#!/bin/sh
printf 'Password: '
read -r password
echo "it is $password"
!
chmod +x login
if recipe "a question without a newline is answered" bash; then
	prints "it is secret"
	for shell in ksh zsh; do
		have "$shell" || {
			skip "$shell can answer it" "$shell is not installed"
			continue
		}
		sed "s/bash/$shell/" "$recipe" >by_other
		type_into "$one" by_other
		is "$rc $(cat out)" "0 it is secret" "$shell can answer it" ||
			show err
	done
fi

# --- servers and clients -----------------------------------------------------

servers=
short=
# shellcheck disable=SC2317 # called by its name
clean_up() {
	# shellcheck disable=SC2086 # one pid a word
	[ -z "$servers" ] || kill $servers 2>/dev/null
	wait
	cd / && rm -rf "$test_dir" ${short:+"$short"}
}
trap clean_up EXIT

# serve PATH TYPE: type the recipe, and wait until it listens there.
serve() {
	rm -f pid
	# shellcheck disable=SC2016 # the recipe's shell
	{
		cat "$recipe"
		echo 'echo $! >pid; wait'
	} >server
	timeout -s KILL 300 sh server </dev/null >server.out 2>server.err &
	await test -s pid
	servers="$servers $(cat pid)"
	await socat -u OPEN:/dev/null "UNIX-CONNECT:$1,type=$2"
}

recipe "socat listens on a path" socat bc && {
	serve calc 1
	ok "$name" || show server.err
}
recipe "a client is answered there" socat bc && {
	prints 42
	await grep -q '^<   42$' server.err
	ok "the data of the connection are shown"
}
recipe "socat listens for messages" socat && {
	serve box 5
	ok "$name" || show server.err
}
recipe "a client of it sends lines as messages" socat && prints "1
2
3"

# The directory of a test may be longer than the address of a socket can be.
# shellcheck disable=SC2317 # called by its name
compositor_answers() {
	timeout 10 wayland-info >info.out 2>&1
}
if recipe "a Wayland client is watched" socat weston wayland-info; then
	short=$(mktemp -d /tmp/sockpair-wl.XXXXXX) || exit 99
	export XDG_RUNTIME_DIR="$short" WAYLAND_DISPLAY=display
	for backend in headless headless-backend.so; do
		timeout -s KILL 300 weston --backend=$backend \
			--socket=display --no-config --idle-time=0 \
			>weston.log 2>&1 &
		compositor=$!
		while ! is_gone $compositor && ! compositor_answers; do
			sleep 0.1
		done
		is_gone $compositor || break
	done
	servers="$servers $compositor"
	if compositor_answers; then
		type_into "$one" "$recipe"
		is "$rc $(grep -c 'interface: .wl_shm' err)" "0 1" "$name" ||
			show err
		grep -q '^< [0-9.]* data ' err &&
			grep -q '^> [0-9.]* data ' err
		ok "the compositor is traced, too"
	else
		skip "$name" "weston does not start here"
	fi
	unset XDG_RUNTIME_DIR WAYLAND_DISPLAY
fi

if recipe "git's talk with a repository is recorded" git; then
	git init -q store
	git -C store -c user.name=A -c user.email=a@example.org \
		commit -q --allow-empty -m first
	git clone -q --bare store store.git
	for shell in $shells; do
		rm -rf copy git.txt
		type_into "$shell" "$recipe"
		is "$rc $(git -C copy rev-parse HEAD)" \
			"0 $(git -C store rev-parse HEAD)" "$name ($shell)" ||
			show err
		grep -q '^<   .*version 2' git.txt
		ok "the trace can be read ($shell)"
	done
fi

# ssh does not take the home directory from HOME, so it gets the names of the
# keys made here.  The commands that it runs are in EXAMPLES.
try_ssh() {
	[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
	mkdir -p .ssh
	ssh-keygen -q -t ed25519 -N '' -f .ssh/id_ed25519
	cat >ssh_config <<!
IdentityFile $test_dir/.ssh/id_ed25519
IdentitiesOnly yes
BatchMode yes
StrictHostKeyChecking no
UserKnownHostsFile $test_dir/known_hosts
GlobalKnownHostsFile /dev/null
LogLevel ERROR
!
	type_into "$one" "$recipe"
	[ "$rc" -eq 0 ] && [ -s sshd_key ] || return 1
	limit 60 ssh -F ssh_config \
		-o ProxyCommand="/usr/sbin/sshd -i -f $test_dir/sshd_config" \
		localhost uname </dev/null >out 2>err
}
if recipe "a plain user has the server for ssh" ssh ssh-keygen; then
	if ! [ -x /usr/sbin/sshd ]; then
		skip "$name" "sshd is not installed"
	elif try_ssh; then
		limit 60 ssh -F ssh_config \
			-o ProxyCommand='sockpair /usr/sbin/sshd -i -f ~/sshd_config' \
			-o HostKeyAlias=sockpair localhost uname \
			</dev/null >out 2>err
		is "$rc $(cat out)" "0 $(uname)" "$name" || show err
	else
		# A locked account, or one without a shell.
		skip "$name" "sshd accepts no login here"
	fi
fi

# A daemon of root reads the files as nobody.
if recipe "rsync copies from a server of its own" rsync; then
	chmod 711 "$test_dir"
	mkdir files
	chmod 755 files
	echo hello >files/hello
	chmod 644 files/hello
	unset RSYNC_RSH RSYNC_PROXY RSYNC_PASSWORD RSYNC_SHELL
	for shell in $shells; do
		rm -rf copy rsync.txt
		type_into "$shell" "$recipe"
		if [ "$rc" -ne 0 ] && ! RSYNC_CONNECT_PROG='
			rsync --daemon --config=rsyncd.conf' timeout 60 \
			rsync localhost::files/ >direct.out 2>&1; then
			skip "$name ($shell)" "rsync does not serve here"
			continue
		fi
		is "$rc $(cat copy/hello)" "0 hello" "$name ($shell)" ||
			show err
		grep -q '^<   @RSYNCD: OK' rsync.txt
		ok "their data are recorded ($shell)"
	done
fi

# --- messages ----------------------------------------------------------------

recipe "empty messages are left out" && prints "one
two"
is "$(printf 'one\n\ntwo\n' | limit 60 sockpair -t seqpacket cat)" one \
	"an empty message is the end for most programs"
recipe "a language server is asked" clangd jq && prints '"clangd"'
if recipe "a native messaging host is asked" perl jq; then
	# It gives what it got, in an object.
	cat >host <<'!'
#!/usr/bin/env perl
binmode $_ for *STDIN, *STDOUT;
while (read STDIN, my $size, 4) {
	read STDIN, my $text, unpack "V", $size;
	print pack "V/a*", qq({"got":$text});
}
!
	chmod +x host
	prints '{
  "got": {
    "text": "ping"
  }
}'
fi
if recipe "sftp's messages are shown" sftp; then
	if [ -x /usr/lib/openssh/sftp-server ]; then
		for shell in $shells; do
			type_into "$shell" "$recipe"
			is "$rc $(grep -c '^> .* message .* number 1$' err)" \
				"0 1" "$name ($shell)" || show err
		done
	else
		skip "$name" "sftp-server is not in this place"
	fi
fi

# --- traces ------------------------------------------------------------------

recipe "a talk is recorded" bc && prints 42
recipe "a sequence diagram is made of it" bc jq && {
	prints 'sequenceDiagram
A->>B: "6*7\n"
B->>A: "42\n"'
	printf 'a;b#c\n' | sockpair -o talk.jsonl cat >out
	type_into "$one" "$recipe"
	is "$(sed -n 2p out)" 'A->>B: "a#59;b#35;c\n"' \
		"the marks of Mermaid are escaped"
	printf '\377' | sockpair -o talk.jsonl cat >out
	type_into "$one" "$recipe"
	is "$(sed -n 2p out)" 'A->>B: "1 bytes"' "bytes that are not text are counted"
}
cat >talk.jsonl <<'!'
{"t":0.000000,"type":"start"}
{"t":0.100000,"from":"stdin","type":"data","offset":0,"size":1,"text":"1"}
{"t":0.200000,"from":"stdin","type":"data","offset":1,"size":1,"text":"2"}
{"t":0.200042,"from":"command","type":"data","offset":0,"size":1,"text":"3"}
{"t":0.300000,"from":"command","type":"data","offset":1,"size":1,"text":"4"}
{"t":0.400000,"from":"stdin","type":"data","offset":2,"size":1,"text":"5"}
{"t":0.401000,"from":"command","type":"data","offset":2,"size":1,"text":"6"}
{"t":0.500000,"from":"command","type":"eof","told":true}
!
recipe "the time of each answer is printed" jq && prints "42
1000"
recipe "lines are edited" rlwrap bc && {
	echo '6*7' | limit 60 sh "$recipe" >out 2>err
	grep -q '^42' out
	ok "$name" || show out err
}

# --- faults ------------------------------------------------------------------

recipe "a server that outlives its input is found" && prints 124
recipe "dd is found to rely on read" && {
	prints a
	sed 's/$/ iflag=fullblock/' "$recipe" >full
	type_into "$one" full
	is "$(cat out)" abcdefg "with iflag=fullblock dd copies everything"
}
recipe "the end is missing if a program does not wait" node && {
	for shell in $shells; do
		type_into "$shell" "$recipe"
		[ "$(cat out)" -lt 50000 ]
		ok "$name ($shell)" || show out err
	done
}

# masked FILE: print it, with N for each number of bytes and each process ID.
masked() {
	sed -E 's/[0-9]+ B /N B /; s/\([0-9]+\)/(N)/' "$1"
}

# reports NAME: type the recipe, and find all lines that the next display shows.
reports() {
	recipe "$1"
	reports_typed=$recipe
	recipe "$1: who waits for what is reported"
	has_proc || {
		skip "$name" "no /proc"
		return
	}
	type_into "$one" "$reports_typed"
	masked err >err.masked
	masked "$recipe" >recipe.masked
	if grep -q 'cannot be seen$' err; then
		skip "$name" "processes cannot be inspected here"
		return
	fi
	is "$(grep -vxFf err.masked recipe.masked)" '' "$name" || show err
}

# patiently: give $recipe more time, for slow machines, because only its result
# is checked.  A process that it leaves behind, or that keeps its input open, does
# so until the recipe has ended.
patiently() {
	sed 's/-T 2s/-T 50s/; s/--stall=1s/--stall=50s/
		s/sleep 3/while [ -e lasting ]; do sleep 0.1; done/
		s/^\(sockpair.* yes\) |/{ \1; rm -f lasting; } |/' "$recipe" >patient
	echo 'rm -f lasting' >>patient
	recipe=patient
}

# cured NAME TEXT: the recipe prints TEXT, and ends.  yes may print an error
# message, where it does not get SIGPIPE.
cured() {
	recipe "$1"
	patiently
	for shell in $shells; do
		: >lasting
		type_into "$shell" "$recipe"
		is "$rc $(cat out err | grep -v '^yes: ')" "0 $2" \
			"$name ($shell)"
	done
}

reports "both write"
is "$rc" 124 "-T ends both that write"
cured "one of them reads meanwhile" 300000
reports "both read"
is "$rc" 124 "-T ends both that read"
cured "the input is ended" "a
b"
reports "the consumer does not read"
cured "it closes its input" ''
reports "a process is left behind"
sed 's/--stall=1s/& --linger=0.1s/' "$reports_typed" >lingering
type_into "$one" lingering
is "$rc $(tail -n 1 err)" "0 1" "--linger does not wait for it"
cured "it has closed the socket" 1

[ ! -e "$test_dir/$view.$((number + 1))" ]
ok "every recipe is run"

done_testing
