#!/bin/sh
# SPDX-License-Identifier: MIT
# sockplay and sqlite3(1): with a script that has the database on descriptor 3.
# The script is the command, sqlite3 is its peer.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need sqlite3 timeout
need_sockplay
. "$TOP_SRCDIR/tests/play/talks"

# script STATEMENT...: send these, half-close, and read the rows.
cat >script <<'!'
printf '%s\n' "$@" >&3
"$SOCKPAIR" --half-close=3
while read -r row; do
	echo "row: $row" >>rows
done <&3
!
statements="create table t(n, x);
insert into t values (1, 'Zürich'), (2, NULL);
select n, x from t order by n; select count(*), sum(n) from t;"
limit 60 "$SOCKPAIR" -o talk.jsonl -p 'sqlite3 -bail' -d 3 \
    sh script "$statements" 2>err
is "$rc $(cat err) $(tr '\n' ',' <rows)" \
    "0  row: 1|Zürich,row: 2|,row: 2|3," "a talk is recorded"
mv rows recorded

# --- with the script ----------------------------------------------------------

plays "the script: all is as recorded" talk.jsonl sh script "$statements"
same rows recorded "the script: it has had the rows on its descriptor 3"
rm -f rows
asked=$(at talk.jsonl '"text":"create' 'byte')
differs "the script: another statement" \
    "$asked 18 of the command" \
    '"x);\n"' '"y);\n"' talk.jsonl sh script 'create table t(n, y);'
rm -f rows
differs "the script: the end is missing" \
    "$(at_end talk.jsonl command \
    "byte $((${#statements} + 1)) of the command")" \
    'the end' '"\n"' talk.jsonl sh script "$statements" ''
rm -f rows
differs "the script: the status is another" \
    "$(at talk.jsonl '"exit"' "the exit of the command")" \
    'status 0' 'status 7' talk.jsonl sh -c '. ./script; exit 7' sh "$statements"
same rows recorded "the script: though all rows came"
rm -f rows
differs "the script: it looks for the database elsewhere" \
    "$asked 0 of the command" \
    '"create table t(n, x);\n"' \
    'the end, with status 9' -d 4 talk.jsonl \
    sh -c 'sh script "$1" 2>/dev/null; exit 9' sh "$statements"
plays "the script: -d has priority over the record" -d 4 talk.jsonl \
    sh -c 'exec 3<&4 3>&4 4>&-; sh script "$1"' sh "$statements"

# --- in place of the script, and of sqlite3 -----------------------------------

rm -f rows
limit 60 "$SOCKPAIR" --pipefail -p 'sqlite3 -bail' "$SOCKPLAY" talk.jsonl 2>err
is "$rc $(cat err)" "0 " "in the script's place, with sqlite3: all is the same"
limit 60 "$SOCKPAIR" -p "sqlite3 -bail -separator ';'" "$SOCKPLAY" talk.jsonl \
    2>err
is "$rc $(cat err)" "1 $(report \
    "$(at talk.jsonl '1|Z' "byte 1 of standard input")" \
    '"|Z\xc3\xbcrich\n"' '";Z\xc3\xbcrich\n"')" \
    "in the script's place: rows that look different"
limit 60 "$SOCKPAIR" --pipefail -p '"$SOCKPLAY" --as=stdin talk.jsonl' -d 3 \
    sh script "$statements" 2>err
is "$rc $(cat err)" "0 " "in sqlite3's place, with the script: all is the same"
same rows recorded "in sqlite3's place: the script has had all rows"
rm -f rows
limit 60 "$SOCKPAIR" --pipefail -p '"$SOCKPLAY" --as=stdin talk.jsonl' -d 3 \
    sh script "drop table t;" 2>err
is "$rc $(cat err)" "1 $(report "$asked 0 of the command" \
    '"create table t(n, x);\n"' \
    '"drop table t;\n"')" "in sqlite3's place: another statement, status 1"
[ ! -e rows ]
ok "in sqlite3's place: which is not answered"

# --- a failure, recorded ------------------------------------------------------

cat >bad <<'!'
select 'before';
select nonsense from nowhere;
!
on_three='sqlite3 -bail <&3 >&3 2>/dev/null'
limit 60 "$SOCKPAIR" -o bad.jsonl -d 3 sh -c "$on_three" <bad >out
is "$rc $(cat out)" "1 before" "an error of SQL, status 1, is recorded"
plays "an error: the same again is no difference" bad.jsonl sh -c "$on_three"
differs "an error: its status is compared" \
    "$(at bad.jsonl '"exit"' "the exit of the command")" \
    'status 1' 'status 0' bad.jsonl sh -c "$on_three || :"
limit 60 "$SOCKPLAY" bad.jsonl <bad >out 2>err
is "$rc $(cat out err)" "1 before" "an error: a mock of it has the status, too"

done_testing
