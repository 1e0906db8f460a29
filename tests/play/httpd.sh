#!/bin/sh
# SPDX-License-Identifier: MIT
# sockplay and busybox httpd -i: an answer that contains the date, in which all
# else must be as recorded.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need busybox timeout
busybox --list 2>/dev/null | grep -qx httpd || {
	echo "1..0 # SKIP this busybox has no httpd"
	exit 0
}
need_sockplay
. "$TOP_SRCDIR/tests/play/talks"

mkdir www other
echo '<p>hello' >www/index.html
touch -d '2001-02-03 04:05:06' www/index.html 2>/dev/null ||
    touch -t 200102030405.06 www/index.html
cp -p www/index.html other
echo '<p>Hello' >other/index.html
touch -r www/index.html other/index.html

# The record is given a date long ago, since two runs may be in one second.
printf 'GET /index.html HTTP/1.1\r\nHost: here\r\n\r\n' >request
limit 60 "$SOCKPAIR" -o now.jsonl busybox httpd -i -h www <request >reply
is "$rc $(tail -n 1 reply)" "0 <p>hello" "a request is recorded"
sed 's/\\r\\nDate: [^\\]*/\\r\\nDate: Sun, 06 Nov 1994 08:49:37 GMT/' \
    now.jsonl >talk.jsonl
sed 's/^Date: .*/Date: Sun, 06 Nov 1994 08:49:37 GMT\r/' reply >recorded

limit 60 "$SOCKPLAY" talk.jsonl busybox httpd -i -h www </dev/null 2>err
answer=$(line talk.jsonl '1.1 200 OK')
page=$(line talk.jsonl '<p>hello')
is "$rc $(head -n 1 err | sed 's/byte 2[3-9]/byte 2N/')" "1 sockplay: \
talk.jsonl:$answer: byte 2N of the command differs" "httpd: the date differs"
plays "httpd: --ignore: all else is as recorded" --ignore='^Date: .*' \
    talk.jsonl busybox httpd -i -h www
plays "httpd: --ignore: each of several is ignored" --ignore='^Date: .*' \
    --ignore='^<p>.ello$' --ignore='^ETag: ".*"' talk.jsonl \
    busybox httpd -i -h other
differs "httpd: --ignore: another page is a difference" \
    "talk.jsonl:$page: line $(grep -c '' reply) of the command" '"hello\n"' \
    '"Hello\n"' --ignore='^Date: .*' talk.jsonl busybox httpd -i -h other
rm other/index.html
limit 60 "$SOCKPLAY" --ignore='^Date: .*' talk.jsonl \
    busybox httpd -i -h other </dev/null 2>err
is "$rc $(cat err)" "1 $(report "talk.jsonl:$answer: line 1 of the command" \
    '"200 OK\r\n"' '"404 Not Found\r\n"')" \
    "httpd: and so is a page that is not there"

# --- in its place -------------------------------------------------------------

limit 60 "$SOCKPLAY" talk.jsonl <request >out 2>err
is "$rc $(cat err)" "0 " "in httpd's place: a client succeeds"
same out recorded "in httpd's place: it has the page"
sed 's/here/Here/' request >changed
limit 60 "$SOCKPLAY" talk.jsonl <changed >out 2>err
is "$rc $(cat out err)" "1 $(report \
    "$(at talk.jsonl 'GET /' "byte 32 of standard input")" \
    '"here\r\n"' '"Here\r\n"')" "in httpd's place: another request"
limit 60 "$SOCKPLAY" --ignore='^Host: .*' talk.jsonl <changed >out 2>err
is "$rc $(cat err)" "0 " "in httpd's place: --ignore is for what comes, too"
same out recorded "in httpd's place: it has the page"

# A client that waits for the page, and leaves its side open until it has it.
cat >client <<'!'
cat request
while read -r header; do
	[ "$header" != "$(printf '\r')" ] || break
done
read -r page
echo "$page" >&2
!
limit 60 "$SOCKPAIR" -o open.jsonl -p 'sh client' busybox httpd -i -h www \
    2>said
is "$rc $(cat said)" "0 <p>hello" "a client that keeps its side open"
plays "httpd: with the side open, all is as recorded" --ignore='^Date: .*' \
    open.jsonl busybox httpd -i -h www
limit 60 "$SOCKPAIR" --pipefail -p 'sh client' "$SOCKPLAY" open.jsonl 2>said
is "$rc $(cat said)" "0 <p>hello" "in httpd's place: so does this client"

done_testing
