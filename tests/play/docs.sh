#!/bin/sh
# SPDX-License-Identifier: MIT
# What the documents show of sockplay: the section of README.md, and in the page
# the examples of tests, the diagnostics and the options.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout awk bc
need_sockplay
. "$TOP_SRCDIR/tests/documents.sh"
need_views

page=$TOP_SRCDIR/man/sockplay.1

# --- the README --------------------------------------------------------------

readme_section 'A recorded session' Build

# a_day_later FILE: put another date, of the same size, into the web server's
# answer in it.
a_day_later() {
	sed 's/\\r\\nDate: [^\\]*/\\r\\nDate: Day, 01 Jan 1970 00:00:00 GMT/' \
		"$1" >a_day_later
	cp a_day_later "$1"
}

if have busybox; then
	ignoring=$(sed -n 's/^\$ \(sockplay --ignore=.*\) &&.*/\1/p' examples)
	a_day_later page.jsonl
	run "${ignoring%% *} ${ignoring#*.*\' }"
	is "$rc $(steady out | sed -n 1p)" \
		"1 sockplay: page.jsonl:N: byte 30 of the command differs" \
		"README: another date is a difference"
	run "$ignoring"
	is "$rc $(cat out)" "0 " "README: $ignoring"
else
	skip "README: another date is a difference" \
		"busybox is not installed"
fi

# --- the page: tests ---------------------------------------------------------

views "$page" '   Tests'

# types FILE: run it, as a person types it who has just recorded talk.jsonl.
types() {
	limit 60 sh "$1" >out 2>err </dev/null
}

# prints TEXT: the display prints this, and nothing else.
prints() {
	types "$display"
	is "$rc $(cat out err)" "0 $1" "$name"
}

next_display "a talk is written by hand" bc && prints same
next_display "a talk is recorded and played" bc && prints "42
same"

next_display "another program is found to differ" bc && {
	types "$display"
	differs=$rc
	steady err >got
}
next_display "the difference is the one that is shown" bc && {
	steady "$display" >wanted
	is "$differs" 1 "a difference has status 1"
	same got wanted "$name" || show got
}

next_display "a talk is shortened" bc jq && {
	prints same
	is "$(sed -n 2p short.jsonl)" \
		'{"from":"stdin","type":"data","text":"6*7\n"}' \
		"what is left is what a person would write"
}

if next_display "what changes is ignored" busybox; then
	echo '<p>hello' >index.html
	types "$display"
	is "$rc $(grep -c '^<p>hello' out) $(tail -n 1 out)" "0 1 same" \
		"$name" || show err
	a_day_later page.jsonl
	sed -n '/^sockplay/,$p' "$display" >again
	types again
	is "$rc $(cat out)" "0 same" "the date does not matter" || show err
	sed 's/Content-Length: 9/Content-Length: 8/' page.jsonl >changed
	cp changed page.jsonl
	types again
	is "$rc $(cat out)" "1 " "the size does" || show err
fi

next_display "messages are played" && {
	prints "1
2
3
same"
	sed 's/seqpacket/dgram/' "$display" >dgram
	types dgram
	is "$rc $(tail -n 1 out)" "0 same" "datagrams are, too" || show err
	grep '^sockplay' "$display" |
		sed 's/ cat / dd bs=9 count=2 status=none /' >changed
	types changed
	is "$rc $(tail -n 1 err)" "1 got: the end" \
		"a message that is missing is found" || show err
}

# A talk is played again when the server has changed, and only then.
if next_display "make plays talks" make bc; then
	cp "$display" Makefile
	printf '#!/bin/sh\nexec bc -q\n' >server
	chmod +x server
	mkdir tests
	cp talk.jsonl tests/recorded.jsonl
	printf '%s\n' '{"from":"stdin","type":"data","text":"1+1\n"}' \
		'{"from":"command","type":"data","text":"2\n"}' \
		>tests/hand.jsonl
	# A make that runs this test has put its own flags here.
	unset MAKEFLAGS MAKELEVEL MFLAGS
	limit 60 make -s -j2 check >out 2>&1
	is "$rc $(cat out) $(cd tests && echo *.same)" \
		"0  hand.same recorded.same" "$name" || show out
	limit 60 make check >out 2>&1
	is "$rc $(grep -c sockplay out)" "0 0" "it does not play them again"
	printf '#!/bin/sh\nread -r sum; echo 42\n' >server
	touch -d '1 hour' server 2>/dev/null || touch -t 209901010000 server
	limit 60 make -s -k check >out 2>&1
	[ "$rc" -ne 0 ] && [ "$(grep -c '^sockplay:' out)" = 1 ]
	ok "it finds the server that has changed" || show out
fi

# recorded: record talk.jsonl, which the displays that follow play.
recorded() {
	echo '6*7' | limit 60 sockpair -o talk.jsonl bc -q >out
}

next_display "short reads are tried" bc && {
	recorded
	prints ''
	# It takes one read to be a line.
	cat >trusting <<'!'
#!/usr/bin/env perl
$SIG{TERM} = "DEFAULT";
sysread STDIN, $line, 4096;
syswrite STDOUT, $line eq "6*7\n" ? "42\n" : "?\n";
!
	chmod +x trusting
	sed 's|bc -q|./trusting|' "$display" >short
	types short
	is "$(cat out)" "breaks at reads of 1
breaks at reads of 2
breaks at reads of 3" "a program that trusts its reads is found" || show err
}

next_display "what is said can be seen" bc && {
	recorded
	types "$display"
	is "$rc $(cat out) $(sed -n 's/^\([<>]\)   /\1/p' err)" "0  >6*7
<42" "$name" || show err
}

next_display "sockpair starts the player" bc && {
	recorded
	prints ''
	sed 's/bc -q/echo 43/' "$display" >changed
	types changed
	is "$rc $(sed -n 2p err)" '1 expected: "2\n"' \
		"its status is that of a difference" || show err
}

no_display_left
ok "there is no example that is not run"

# --- the page: the format ----------------------------------------------------

# displays HEADING: print the displays of this section, from the page's source.
displays() {
	awk -v heading=".Sh $1" '
		/^\.Sh/ { inside = $0 == heading }
		/^\.Ed/ { displayed = 0 }
		inside && displayed
		/^\.Bd/ { displayed = 1 }' "$page" | undo_quotes
}

displays 'THE FILE' >shown.jsonl
if have bc; then
	limit 60 sockplay shown.jsonl bc -q >out 2>&1
	is "$rc $(cat out)" "0 " "the lines that show the format can be played"
else
	skip "the lines that show the format can be played" \
		"bc is not installed"
fi

# --- the page: diagnostics ---------------------------------------------------

# Each case prints a message that the page shows.
cat >talk.jsonl <<'!'
{"t":0.000000,"type":"start","argv":["bc","-q"],"socket":"stream","fds":[0,1]}
{"t":0.000100,"from":"stdin","type":"data","offset":0,"size":4,"text":"6*7\n"}
{"t":0.000125,"from":"stdin","type":"eof","told":true}
{"t":0.002190,"from":"command","type":"data","offset":0,"size":3,"text":"42\n"}
{"t":0.002324,"from":"command","type":"eof","told":true}
{"t":0.002341,"type":"exit","status":0}
!
cat >sum.jsonl <<'!'
{"from":"stdin","type":"data","text":"6*7\n"}
{"from":"command","type":"data","text":"42\n"}
!
cat >box.jsonl <<'!'
{"type":"start","socket":"seqpacket"}
{"from":"stdin","type":"message","text":"a"}
{"from":"command","type":"message","text":"a"}
{"from":"command","type":"message","text":""}
{"from":"command","type":"message","text":"b"}
!
cat >page.jsonl <<'!'
{"type":"start"}
{"from":"stdin","type":"data","text":"GET /\n"}
{"from":"stdin","type":"eof"}
{"from":"command","type":"data","text":"200 OK\nDate: now\nConnection: close\n"}
!
said() {
	limit 60 "$@" >out 2>err
	cat err >>said
}
said sockplay talk.jsonl sh -c 'cat >/dev/null; echo 43'
said sockplay box.jsonl "$POST" take:1 say:a empty say:c
said sockplay --ignore='^Date: .*' page.jsonl \
	sh -c 'cat >/dev/null; printf "200 OK\nDate: then\nServer: x\n"'
echo '6*8' | said sockplay talk.jsonl
# shellcheck disable=SC2016 # the other shell's own process
said sockplay talk.jsonl sh -c 'cat >/dev/null; echo 42; kill $$'
# shellcheck disable=SC2016 # the same
said sockplay talk.jsonl sh -c 'ulimit -c 0; cat >/dev/null; kill -SEGV $$'
said sockplay -T 0.2s talk.jsonl sh -c 'cat >/dev/null; exec sleep 60'
said sockplay -T 3s talk.jsonl \
	sh -c 'cat >/dev/null; echo 42; exec sleep 60'
awk 'BEGIN {
	print "{\"type\":\"start\"}"
	printf "{\"from\":\"stdin\",\"type\":\"data\",\"text\":\""
	for (i = 0; i < 500000; i++) printf "0123456789abcdef"
	print "\"}"
}' >talk.jsonl
said sockplay -T 0.2s talk.jsonl sleep 60
said sockplay sum.jsonl sh -c 'read -r line; echo 42; exit 3'
printf '%s\n' '{"type":"start"}' '' '{"type":"start"}' >talk.jsonl
said sockplay talk.jsonl true

# without_sizes FILE: print it with N for the number of bytes.
without_sizes() {
	sed -E 's/[0-9]+ B /N B /' "$1"
}
displays DIAGNOSTICS | join_shown ' ' >diagnostics
without_sizes diagnostics >wanted
without_sizes said >got
is "$(grep -vxFf got wanted)" '' \
	"the diagnostics are shown as they are printed" || show got
[ -s wanted ]
ok "the page shows some"

page_agrees sockplay
done_testing
