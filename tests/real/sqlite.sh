#!/bin/sh
# SPDX-License-Identifier: MIT
# sqlite3(1): statements in, rows out, and a status that tells of an error.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need sqlite3 timeout mkfifo
. "$TOP_SRCDIR/tests/real/beside"

cat >good <<'!'
create table t(n integer primary key, x text);
insert into t(x) values ('one'), ('two'), ('Zürich');
select n, x from t order by n;
select count(*), sum(n) from t;
!
beside "a few statements" 0 good sqlite3 -bail
grep -q '^3|6$' pair.out; ok "the rows have come"

# sqlite3 stops at the error and leaves megabytes unread: what it had said
# before, and its status 1, must come through all the same.
{
	echo "select 'before';"
	echo "select nonsense from nowhere;"
	seq -f "select %.0f;" 200000
} >bad
beside "an SQL error under -bail" 1 bad sqlite3 -bail
is "$(cat pair.out)" before "rows before the error come, none after it"
[ -s pair.err ]; ok "the error is told"

i=0
while [ $i -lt 30 ]; do
	feed bad | {
		limit 60 "$SOCKPAIR" sqlite3 -bail 2>/dev/null
		echo "$rc"
	} | tr '\n' ' '
	i=$((i + 1))
done >again
is "$(tr ' ' '\n' <again | sort | uniq -c | tr -s ' \n' ' ')" \
    " 30 1 30 before " "30 times over: the row and the status 1 are there"

printf 'select 1;\n.exit 7\nselect 2;\n' >seven
beside ".exit 7" 7 seven sqlite3

cat >many <<'!'
with recursive c(n) as (select 1 union all select n + 1 from c where n < 80000)
select n, hex(n * 7919), 'the quick brown fox jumps over the lazy dog' from c;
!
beside "eighty thousand rows" 0 many sqlite3 -csv

{
	echo 'drop table if exists big;'
	echo 'create table big(n, x);'
	echo 'begin;'
	seq -f "insert into big values(%.0f, 'something to carry');" 40000
	echo 'commit;'
	echo 'select count(*), sum(n) from big;'
} >load
beside "a dump of two megabytes read in" 0 load sqlite3 -bail new.db
is "$(cat pair.out)" "40000|800020000" "every statement has been carried out"

if have stdbuf; then
	# sqlite3 keeps its rows until it ends, unless stdbuf tells it not to.
	talk "$SOCKPAIR" stdbuf -oL sqlite3 new.db
	answers=
	for query in 'select 6*7;' 'select max(n) from big;' "select 'x';"; do
		say "$query"
		hear
		answers="$answers $heard"
	done
	is "$answers" " 42 40000 x" \
	    "in a conversation each query is answered before the next"
	hush
	is "$rc '$heard'" "0 ''" "the conversation ends with the input"
else
	skip "a conversation with sqlite3" "stdbuf is not installed"
fi

echo 'select 6*7;' >short
limit 60 "$SOCKPAIR" -d 3 sh -c 'sqlite3 -bail <&3 >&3' <short >three
is "$rc $(cat three)" "0 42" "a script gives sqlite3 its descriptor 3"
limit 60 "$SOCKPAIR" -d 3 sh -c 'sqlite3 -bail <&3 >&3' <bad >three 2>three.err
is "$rc $(cat three)" "1 before" \
    "a script that gives sqlite3 its descriptor 3 hands on status 1"

done_testing
