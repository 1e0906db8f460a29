#!/bin/sh
# SPDX-License-Identifier: MIT
# Traces as text, read by grep, awk and perl.
. "${TOP_SRCDIR:-.}/tests/lib.sh"

"$TRACER" command:cat file:trace start 'in:one\ntwo' 'out:\x00\x01' in-eof \
	out-eof exit:0
is "$(grep -c '^>' trace) $(grep -c '^<' trace) $(grep -c '^\*' trace)" \
	"4 3 2" "the first character of every line is the direction"
is "$(awk '$3 == "data" { n[$1] += $4 } END { print n[">"], n["<"] }' trace)" \
	"7 2" "awk adds up the bytes of each"
is "$("$TRACER" command:cat time:none format:hex fd:1 'in:abc')" \
	"$(printf '> data  3 B at 0\n> 000000  61 62 63%42sabc' '')" \
	"what others share is written too"

# Two that write to one file at the same time: a record is never torn.
"$TRACER" command:cat append:both in-many:500:3000 &
"$TRACER" command:cat append:both in-many:500:3000
wait
is "$(grep -c 'data  3000 B' both) $(grep -vc '^> ' both)" "1000 0" \
	"records do not mix"

status "$TRACER" command:cat file:/dev/full file:good start exit:0 2>err
is "$(cat err)" \
	"${TRACER##*/}: cannot write '/dev/full': No space left on device" \
	"a sink that fails says so once"
is "$(wc -l <good)" 2 "and the others go on"

if have perl; then
	head -c 30000 /dev/urandom >random
	printf 'na\303\257ve \342\202\254 5\n\033[1m \\n\\\r\n\134' >words
	cat words random words words >input
	# shellcheck disable=SC2016 # perl's
	decode='
	while (<STDIN>) {
		s/^([<>]) // && $1 eq $ARGV[0] or next;
		if (s/^  //) {
			s/\\\n$// unless /(^|[^\\])(\\\\)+\n$/;
			s/\\(?:x(..)|(.))/defined $1 ? chr hex $1 :
			    {"e" => "\e", "r" => "\r", "t" => "\t",
			    "\\" => "\\"}->{$2}/ge;
			print;
		} elsif (/^[0-9a-f]{6,}  (.{0,48})/) {
			print pack "H*", $1 =~ s/ //gr;
		}
	}'
	for step in 1 5 1000 65536; do
		case $step in
		[15]) head -c 600 input >part ;;
		*) cp input part ;;
		esac
		for format in text hex; do
			"$TRACER" command:cat time:none format:$format \
				file:trace in-file:$step:part out-file:7:words
			perl -e "$decode" '>' <trace >got
			same got part "$format in pieces of $step comes back"
		done
	done
	perl -e "$decode" '<' <trace >got
	same got words "and so does the other side"
	# What Unicode calls ignorable, a control or no character; and others.
	perl -CO -e '
	for my $code (0x20 .. 0xd7ff, 0xe000 .. 0x10ffff) {
		my $c = chr $code;
		print $c, "\n" if $c =~ /[\p{DI}\p{Cc}\p{Bidi_C}\p{NChar}]/ ||
		    $c =~ /[\p{Zl}\p{Zp}]/;
	}' 2>/dev/null >hidden
	perl -CO -e 'print chr, "\n" for grep {
		chr !~ /[\p{C}\p{DI}\p{Bidi_C}\p{Zl}\p{Zp}]/ && $_ != 0x5c
	    } 0x20 .. 0xd7ff, 0xe000 .. 0x1ffff' >shown
	[ "$(wc -l <hidden)" -gt 4000 ] && [ "$(wc -l <shown)" -gt 60000 ]
	ok "perl knows which characters hide"
	"$TRACER" command:cat time:none utf8 file:trace in-file:65536:hidden
	is "$(LC_ALL=C grep '^>  ' trace | LC_ALL=C grep -cv \
		'^>   [ -~]*$')" 0 "no character that hides is as it is"
	"$TRACER" command:cat time:none utf8 file:trace in-file:16777216:shown
	sed -n 's/^>   //p' trace >got
	same got shown "all others are as they are"
else
	skip "text comes back" "perl is not installed"
fi

done_testing
