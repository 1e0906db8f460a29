#!/bin/sh
# SPDX-License-Identifier: MIT
# busybox httpd -i: one request by standard input, the reply by standard
# output, which it half-closes before it waits for the caller to hang up.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need busybox timeout mkfifo awk
busybox --list 2>/dev/null | grep -qx httpd || {
	echo "1..0 # SKIP this busybox has no httpd"
	exit 0
}
. "$TOP_SRCDIR/tests/real/beside"
scrub='s/^Date: .*/Date: now/'

mkdir -p www/cgi-bin
echo '<p>hello' >www/index.html
awk 'BEGIN { for (i = 0; i < 400000; i++) print i, "line of a page" }' \
    >www/big.txt
cat >www/cgi-bin/count <<'!'
#!/bin/sh
printf 'Status: 200 OK\r\nContent-Type: text/plain\r\n\r\n'
head -c "$CONTENT_LENGTH" | cksum
!
chmod +x www/cgi-bin/count

# body FILE: what follows the empty line.
body() {
	awk 'body { print } /^\r?$/ { body = 1 }' "$1"
}

request() {
	printf '%s HTTP/1.1\r\nHost: here\r\n' "$1"
}

{ request 'GET /index.html'; printf '\r\n'; } >page.get
beside "GET of a page" 0 page.get busybox httpd -i -h www
is "$(sed -n '1s/\r$//p' pair.out)" "HTTP/1.1 200 OK" "the page is found"
body pair.out >page
same page www/index.html "the page is the file"

{ request 'GET /big.txt'; printf '\r\n'; } >big.get
beside "GET of eight megabytes" 0 big.get busybox httpd -i -h www
body pair.out >page
same page www/big.txt "they are the file"

{ request 'HEAD /big.txt'; printf '\r\n'; } >big.head
beside "HEAD" 0 big.head busybox httpd -i -h www
is "$(sed -n 's/^Content-Length: \([0-9]*\).*/\1/p' pair.out)" \
    "$(wc -c <www/big.txt | tr -d ' ')" "its headers tell the size"

{ request 'GET /missing'; printf '\r\n'; } >none.get
beside "GET of what is not there" 0 none.get busybox httpd -i -h www
is "$(sed -n '1s/\r$//p' pair.out)" "HTTP/1.1 404 Not Found" \
    "it is told to be missing"

# The page is passed to a program of its own by pipes, its answer back.
head -c 300000 www/big.txt >form
{
	request 'POST /cgi-bin/count'
	printf 'Content-Length: 300000\r\n\r\n'
	cat form
} >post
beside "POST to a program" 0 post busybox httpd -i -h www
is "$(body pair.out)" "$(cksum <form)" "the program has read the whole form"

# The input stays open: the reply and the end of it must come all the same.
# The server half-closes, waits a little for us to hang up, and leaves.
talk "$SOCKPAIR" busybox httpd -i -h www
cat page.get >&8
cat <&9 >reply
body reply >page
same page www/index.html \
    "the whole reply and its end come while our side is open"
wait "$talk_pid"
is "$?" 0 "and the server's exit ends it, our side still open"
exec 8>&- 9<&-

done_testing
