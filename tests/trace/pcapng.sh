#!/bin/sh
# SPDX-License-Identifier: MIT
# Captures, read by tshark and tcpdump.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need tshark

# A user's settings must not matter, nor the rights of root.
shark() {
	tshark -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE \
		-o udp.check_checksum:TRUE "$@" 2>shark.err
}

# faults FILE: what tshark warns of, or has to say against it.
faults() {
	shark -r "$1" -q -z expert,warn | grep -v '^ *$'
	grep -v 'Running as user' shark.err
}

# The bytes of one direction of a stream, in hexadecimal: from port N.
sent() {
	shark -r "$1" -Y "tcp.srcport == $2 && tcp.len > 0" -T fields \
		-e tcp.payload | tr -d '\n'
}

hex() {
	od -An -v -tx1 "$@" | tr -d ' \n'
}

# --- a stream -------------------------------------------------------------

"$TRACER" command:server file:http.pcapng start \
	'in:GET /a HTTP/1.1\r\nHo' 'in:st: x\r\n\r\n' \
	'out:HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234' out:56789 \
	signal:15 in-eof out-eof exit:0
is "$(faults http.pcapng)" "" "tshark finds no fault with a stream"
is "$(shark -r http.pcapng -Y tcp -T fields -e tcp.checksum.status \
	-e ip.checksum.status | sort -u)" "$(printf '1\t1')" \
	"every checksum is right"
# Some versions show the body as text, others in hexadecimal.
is "$(shark -r http.pcapng -d tcp.port==50001,http -Y http.response \
	-T fields -e http.response.code -e http.file_data | tr -d : |
	sed 's/30313233343536373839/0123456789/')" \
	"$(printf '200\t0123456789')" "a dissector reassembles the pieces"
shark -r http.pcapng -q -z follow,tcp,raw,0 | sed -n 's/^	//p' >answer
is "$(tr -d '\n' <answer)" "$(printf \
	'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789' | hex)" \
	"Follow Stream shows the command's side"
is "$(shark -r http.pcapng -T fields -e frame.comment | grep . | cut -c 1-12 |
	tr '\n' ';')" \
	"start 4242: ;signal TERM ;eof end of s;eof end of t;exit status ;" \
	"comments tell the rest"
is "$(shark -r http.pcapng -T fields -e frame.time_epoch | sed -n '4p;$p' |
	tr '\n' ' ')" "1768478400.001000000 1768478400.008000000 " \
	"times are in nanoseconds"
is "$(shark -r http.pcapng -T fields -e frame.interface_name \
	-e frame.packet_flags_direction | sort -u | tr '\n' ' ')" \
	"$(printf 'sockpair\t0x00000001 sockpair\t0x00000002 ')" \
	"each packet has its direction"

"$TRACER" command:server port:80 file:port.pcapng start \
	'in:GET /a HTTP/1.1\r\n\r\n' exit:0
shark -r http.pcapng -d tcp.port==50001,http -q --export-objects http,objects
is "$(cat objects/* 2>/dev/null)" 0123456789 "Export Objects finds the body"
is "$(shark -r port.pcapng -Y http -T fields -e http.request.uri)" /a \
	"a port chooses the dissector"

# --- all the bytes ------------------------------------------------------------

# The same each time: tshark takes some random bytes for a protocol of theirs.
perl -e 'srand 1; print pack "C*", map { int rand 256 } 1 .. 300000' >random
for step in 1000 65495 65496 200000; do
	"$TRACER" command:cat file:bytes.pcapng start in-file:$step:random \
		out-file:777:random in-eof out-eof exit:0
	is "$(faults bytes.pcapng)" "" "pieces of $step: no fault"
	is "$(sent bytes.pcapng 50000 | cksum) $(sent bytes.pcapng 50001 |
		cksum)" "$(hex random | cksum) $(hex random | cksum)" \
		"pieces of $step: all bytes are there, both ways"
done

# Beyond 4 GiB, a few bytes of each piece captured.
"$TRACER" command:cat snaplen:16 file:long.pcapng start \
	out-many:70000:65495 in-many:3:1000 out:last in-eof out-eof exit:0
is "$(faults long.pcapng)" "" "a stream of more than 4 GiB has no fault"
is "$(shark -r long.pcapng -o tcp.relative_sequence_numbers:FALSE \
	-Y 'frame.len == 44 && tcp.srcport == 50001' -T fields -e tcp.seq \
	-e tcp.payload)" \
	"$(printf '%s\t6c617374' "$(((70000 * 65495 + 1) % 4294967296))")" \
	"its sequence numbers go on modulo 2^32"

# --- how it ends --------------------------------------------------------------

"$TRACER" command:cat file:reset.pcapng start in:hello in-reset out:bye \
	out-eof in-eof exit:0
is "$(shark -r reset.pcapng -Y tcp.flags.reset==1 -T fields -e ip.src)" \
	127.0.0.2 "a command that left bytes unread resets"
is "$(sent reset.pcapng 50001)" 627965 "and its last words are there"
"$TRACER" command:yes file:gone.pcapng start out:y out-gone die:13
is "$(shark -r gone.pcapng -Y tcp.flags.reset==1 -T fields -e ip.src)" \
	127.0.0.1 "a reader that has gone resets"

# --- messages -----------------------------------------------------------------

head -c 70000 random >large
"$TRACER" messages command:cat file:messages.pcapng start in:one in: \
	out-file:65507:large in-file:70000:large in-eof exit:0
is "$(faults messages.pcapng)" "" "tshark finds no fault with messages"
is "$(shark -r messages.pcapng -Y udp -T fields -e udp.srcport -e udp.length \
	-e frame.len | tr '\t\n' ' ;')" \
	"50000 11 31;50000 8 28;50001 65515 65535;50001 4501 4521;\
50000 65515 70028;" "each message is a packet, with its size"
is "$(shark -r messages.pcapng -Y 'udp && frame.cap_len < 60000' -T fields \
	-e udp.checksum.status | sort -u)" 1 "with the right checksum"
is "$(shark -r messages.pcapng -Y 'udp.srcport == 50000 && frame.comment' \
	-T fields -e frame.comment)" \
	"a message of 70000 B, cut to the 65507 B that a packet can have" \
	"one that is too large says so"
is "$(shark -r messages.pcapng -Y 'udp.srcport == 50001' -T fields \
	-e udp.payload | tr -d '\n' | cksum)" "$(hex large | cksum)" \
	"all bytes of the others are there"

# --- files --------------------------------------------------------------------

"$TRACER" command:cat file:twice.pcapng start in:one in-eof out-eof exit:0
"$TRACER" command:cat append:twice.pcapng start in:two in-eof out-eof exit:0
is "$(sent twice.pcapng 50000)" "$(printf onetwo | hex)" \
	"a file that is added to can be read"
mkfifo pipe
shark -r - -T fields -e tcp.payload <pipe >payloads &
"$TRACER" command:cat format:pcapng file:pipe start in:a out:b exit:0
wait $!
is "$(tr -d '\n' <payloads)" 6162 "a FIFO's reader sees it"

if have tcpdump; then
	for file in http messages long; do
		# It says what it reads, on standard error.
		tcpdump -nr $file.pcapng >dump 2>err
		is "$? $(grep -v '^reading from file' err)" "0 " \
			"tcpdump reads $file"
	done
	grep -q 'link-type RAW' err
	ok "as raw IP, which many programs know" || cat err
	tcpdump -nvvr http.pcapng 2>/dev/null | grep -c incorrect >wrong
	is "$(cat wrong)" 0 "and finds every checksum right"
	is "$(tcpdump -nr http.pcapng 'tcp[tcpflags] & tcp-push != 0' \
		2>/dev/null | wc -l)" 4 "and filters"
else
	skip "tcpdump reads it too" "tcpdump is not installed"
fi
if have ngrep; then
	ngrep -q -I http.pcapng 'GET /a' >dump 2>err
	is "$? $(grep -c '^ *GET /a HTTP' dump)" "0 1" "ngrep finds what was said"
else
	skip "ngrep finds what was said" "ngrep is not installed"
fi
if have tcpflow; then
	tcpflow -r http.pcapng -o flows 2>err
	is "$? $(tail -c 10 flows/127.000.000.002.50001-*)" "0 0123456789" \
		"tcpflow makes a file of each side"
else
	skip "tcpflow makes a file of each side" "tcpflow is not installed"
fi

done_testing
