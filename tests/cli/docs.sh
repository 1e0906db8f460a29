#!/bin/sh
# SPDX-License-Identifier: MIT
# What the documents show: every example in them is run, word for word.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout
. "$TOP_SRCDIR/tests/documents.sh"

# The examples of the page: each is a line, or a display of more than one.
page_examples() {
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh RECIPES/p' \
		"$TOP_SRCDIR/man/sockpair.1" | undo_quotes
}

# The commands, and the scripts, that the page shows of coprocesses.
page_coprocesses() {
	sed -n '/^\.Sh COPROCESSES/,/^\.Sh TRACES/p' \
		"$TOP_SRCDIR/man/sockpair.1" | undo_quotes
}

# The texts, and the records, that the page shows of traces.
page_traces() {
	sed -n '/^\.Sh TRACES/,/^\.Sh ENVIRONMENT/{
		/^\.Bd/,/^\.Ed/{/^\./!p;}
		}' "$TOP_SRCDIR/man/sockpair.1" | undo_quotes
}

# --- the README ------------------------------------------------------------

readme_section 'A tour' 'A recorded session'
cat "$TOP_SRCDIR/README.md" >README.md
sed -n 's,^    \(\./.*[^ ]\)  *#.*,\1,p' README.md >top
cat >want <<'!'
./bootstrap && ./sockpair tr a-z A-Z < README.md
./bootstrap && make check
!
same top want "README begins with the two commands that do all"
ln -s "$SOCKPAIR" sockpair
run "$(sed -n '1s/.*&& //p' top)"
tr '[:lower:]' '[:upper:]' <README.md >want
same out want "README: the first of them does its job"
picture="README: its picture shows what a run prints"
if ! have python3; then
	skip "$picture" "python3 is not installed"
elif ! have bc; then
	skip "$picture" "bc is not installed"
else
	"$TOP_SRCDIR/doc/make-trace-svg" --check "$TOP_SRCDIR/doc/trace.svg" \
		>out 2>&1
	ok "$picture" || show out
fi

# --- the page: the same examples, in the page's order -----------------------

page_examples | awk '
	/^\.Bd/ { file = "example" ++n; next }
	/^\.Ed/ { file = ""; next }
	sub(/^\.Dl /, "") { print >("example" ++n); next }
	file != "" { print >file }'
# in_one_line FILE: print it so, as the name of a test.
in_one_line() {
	tr -s ' \n' ' ' <"$1" | sed 's/ $//'
}
number=0
# next_example PROGRAM...: run the next of these files, and set $name to the
# name of its test.  Skip it if one of the programs is not installed.
next_example() {
	number=$((number + 1))
	name="page: $(in_one_line "example$number")"
	for example_program; do
		have "$example_program" || {
			skip "$name" "$example_program is not installed"
			return 1
		}
	done
	run "$(cat "example$number")"
}
next_example
is "$(cat out)" HELLO "$name"
next_example
is "$(cat out)" 42 "$name"
next_example
is "$(cat out)" 5 "$name"
next_example
is "$(cat out)" "1
2" "$name"
next_example clangd && is "$(grep -c '"id":1.*"result"' out)" 1 "$name"
next_example
is "$(cat out)" "1
2
3" "$name"
next_example
is "$(grep -c '^[*><]' out) $(sed -n 's/^<   //p' out)" "8 HELLO" "$name"
printf 'hello\nyou\r' | sockpair -o talk tr o O >out
printf '\0\0\0\3abc' | sockpair -o frame cat >out
echo hello | sockpair -o talk.jsonl cat >out
page_traces | join_shown '' >traces
{ cat talk; grep '^> 000000 ' frame; sed -n 2p talk.jsonl; } >lines
steady lines >got
steady traces >want
same got want "page: what it shows of traces"
next_example
is "$(cat out) $(wc -l <talk.jsonl)" "HELLO 6" "$name"
next_example jq && is "$(cat out)" hello "$name"
next_example
is "$(unreported out)" 124 "$name"
next_example
is "$(cat out) $rc" "started 0" "$name"
next_example node && is "$(cat out)" 42 "$name"
# These two are run below, if there is a server.
ssh=example$((number + 1))
passing=example$((number + 2))
[ ! -e "example$((number + 3))" ]
ok "page: there is no example that is not run"
join_lines <"$ssh" >want
same others want "README and page show the same server"

# What a reader sees, and may copy, is what is run here: quotes are easily lost.
{
	page_coprocesses | literal_lines
	page_traces
	page_examples | literal_lines
} >run_here
# shown FIRST NEXT: the displays of the page between these two sections.
shown() {
	sed -n "/^$1/,/^$2/s/^ \{11\}\([^ ].*\| .*[^ ].*\)\$/\\1/p" rendered
}
if have mandoc; then
	mandoc -Tutf8 -O width=1000 "$TOP_SRCDIR/man/sockpair.1"
elif have groff; then
	groff -mdoc -Tutf8 -rLL=1000n "$TOP_SRCDIR/man/sockpair.1"
fi | sed "s/.$(printf '\b')//g" >rendered
if [ -s rendered ]; then
	{
		shown COPROCESSES TRACES
		shown TRACES ENVIRONMENT | grep '^[*<>{]\|^    "'
		shown EXAMPLES RECIPES
	} >shown_there
	same shown_there run_here "page: its examples are shown as they are run"
else
	skip "page: its examples are shown as they are run" \
		"neither mandoc nor groff is installed"
fi

# --- the server ------------------------------------------------------------

# ssh asks for the user's home directory in a way that HOME does not change,
# so that it needs to be told about the keys made here.
try_ssh() {
	ssh-keygen -q -t ed25519 -N '' -f host_key
	ssh-keygen -q -t ed25519 -N '' -f user_key
	cp user_key.pub authorized_keys
	[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
	cat >sshd_config <<!
HostKey $test_dir/host_key
AuthorizedKeysFile $test_dir/authorized_keys
PidFile none
StrictModes no
PermitRootLogin yes
LogLevel ERROR
!
	cat >ssh_config <<!
IdentityFile $test_dir/user_key
IdentitiesOnly yes
BatchMode yes
StrictHostKeyChecking no
UserKnownHostsFile $test_dir/known_hosts
LogLevel ERROR
!
	mkdir bin
	printf '#!/bin/sh\nexec %s -F %s/ssh_config "$@"\n' \
		"$(command -v ssh)" "$test_dir" >bin/ssh
	chmod +x bin/ssh
	PATH=$test_dir/bin:$PATH
	# A locked account, or one without a shell, is not let in at all.
	run "ssh -o ProxyCommand='/usr/sbin/sshd -i -f ~/sshd_config' \
		localhost uname"
}

# connects FILE: it runs a command on the server.
connects() {
	connects_name="page: $(in_one_line "$1")"
	if [ -n "$unserved" ]; then
		skip "$connects_name" "$unserved"
		return
	fi
	run "$(cat "$1")"
	is "$(cat out)" "$(uname)" "$connects_name"
}

unserved=
if ! have ssh || ! [ -x /usr/sbin/sshd ]; then
	unserved="sshd or ssh is not installed"
else
	try_ssh
	[ "$(cat out)" = "$(uname)" ] || unserved="sshd lets nobody in here"
fi
connects "$ssh"
connects "$passing"

# --- coprocesses --------------------------------------------------------------

page_coprocesses | sed -n '/^\.Bd/,/^\.Ed/p' |
	awk '/^\.Bd/ { name = "coprocess" ++n; next } /^\.Ed/ { next }
		{ print >name }'
page_coprocesses | sed -n 's/^\.Dl //p' >page
chmod +x coprocess*
run ./coprocess2
is "$(cat out)" "apple
pear" "page: the one that half-closes"
if have bc; then
	run ./coprocess1
	is "$(cat out)" 18446744073709551616 "page: the script with a coprocess"
	run ./coprocess3
	is "$(cat out)" "the answer is 42" "page: the one with two"
else
	skip "page: the script with a coprocess" "bc is not installed"
	skip "page: the one with two" "bc is not installed"
fi
[ ! -e coprocess4 ] && [ "$(wc -l <page)" -eq 1 ]
ok "page: there are no others"
if have git; then
	rm -rf copy
	git init -q store
	git -C store -c user.name=A -c user.email=a@example.org \
		commit -q --allow-empty -m first
	git clone -q --bare store store.git
	run "$(cat page)"
	is "$rc $(git -C copy rev-parse HEAD)" \
		"0 $(git -C store rev-parse HEAD)" "page: $(cat page)"
else
	skip "page: $(cat page)" "git is not installed"
fi

page_agrees sockpair
done_testing
