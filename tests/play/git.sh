#!/bin/sh
# SPDX-License-Identifier: MIT
# sockplay and git: a fetch over descriptor 3 (git-remote-fd), recorded from
# either side, and played in place of either.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need git git-upload-pack timeout
need_sockplay
. "$TOP_SRCDIR/tests/play/talks"
. "$TOP_SRCDIR/tests/own-git"

git init -q store
(
	cd store || exit
	for change in 1 2 3; do
		seq $((change * 1000)) >numbers
		git add numbers
		git commit -q -m "change $change"
	done
	git tag v1
)
git clone -q --mirror store other
git -C other branch -q a main
commit=$(git -C store rev-parse main)

# --- ls-remote is the command, upload-pack its peer ---------------------------

limit 60 "$SOCKPAIR" -d 3 -p 'git upload-pack store' -o list.jsonl \
    git ls-remote fd::3 >refs 2>err
is "$rc $(cat err) $(cut -f2 refs | tr '\n' ',')" \
    "0  HEAD,refs/heads/main,refs/tags/v1," "ls-remote is recorded"

limit 60 "$SOCKPLAY" list.jsonl git ls-remote fd::3 >out 2>err
is "$rc $(cat err)" "0 " "ls-remote: all is as recorded"
same out refs "ls-remote: it lists the same references"
limit 60 "$SOCKPAIR" --pipefail -d 3 -p '"$SOCKPLAY" --as=stdin list.jsonl' \
    git ls-remote fd::3 >out 2>err
is "$rc $(cat err)" "0 " "in upload-pack's place: sockplay and git succeed"
same out refs "in upload-pack's place: it lists the same references"
limit 60 "$SOCKPAIR" --pipefail -p 'git upload-pack store' "$SOCKPLAY" \
    list.jsonl 2>err
is "$rc $(cat err)" "0 " "in ls-remote's place: all is as recorded"
limit 60 "$SOCKPAIR" -p 'git upload-pack other 2>/dev/null' "$SOCKPLAY" \
    list.jsonl 2>err
at=$(sed -n 's/.*"peer":{"size":\([0-9]*\).*/\1/p' list.jsonl)
is "$rc $(cat err)" "1 $(report \
    "list.jsonl:2: byte $((at - 4 - 0x3a - 0x3d + 3)) of standard input" \
    "\"d$commit refs/heads/main\\n\"" "\"a$commit refs/heads/a\\n\"")" \
    "in ls-remote's place: another repository is a difference"

# --- upload-pack is the command, fetch its peer -------------------------------

git init -q --bare near
git init -q --bare far
limit 60 "$SOCKPAIR" --pipefail -p 'git -C near fetch -q fd::3 main:main' \
    --peer-fd=3 -o fetch.jsonl git upload-pack store 2>err
is "$rc $(cat err) $(git -C near rev-parse main)" \
    "0  $(git -C store rev-parse main)" "a fetch is recorded"
# Where upload-pack divides the pack varies, so its side is not compared.
limit 60 "$SOCKPAIR" --pipefail -p 'git -C far fetch -q fd::3 main:main' \
    --peer-fd=3 "$SOCKPLAY" fetch.jsonl 2>err
is "$rc $(cat err) $(git -C far rev-parse main)" \
    "0  $(git -C store rev-parse main)" \
    "in upload-pack's place: the fetch succeeds"
limit 60 git -C far fsck --full --strict >out 2>&1
is "$rc" 0 "in upload-pack's place: every object is whole"

want=$(sed -n '/"peer","type":"data"/{s/.*"text":"..\(.\{64\}\).*/\1/p;q;}' \
    fetch.jsonl)
limit 60 "$SOCKPAIR" -p 'git ls-remote fd::3 >refs 2>/dev/null' --peer-fd=3 \
    "$SOCKPLAY" fetch.jsonl 2>err
is "$rc $(cat err)" "1 $(report "$(at fetch.jsonl '"peer","type":"data"' \
    "byte 2 of standard input")" \
    "\"$want\"..." '"00"')" \
    "in upload-pack's place: a client that fetches nothing is a difference"

git init -q --bare third
differs "ls-remote: a fetch, which wants more, is a difference" \
    "$(at list.jsonl '"from":"command","type":"data"' \
    "byte 2 of the command")" '"00"' "\"$want\"..." \
    list.jsonl sh -c 'git -C third fetch -q fd::3 main:main 2>/dev/null'

limit 60 "$SOCKPAIR" --pipefail -p 'git ls-remote fd::3 >refs' --peer-fd=3 \
    -o serve.jsonl git upload-pack store
plays "upload-pack: all is as recorded" serve.jsonl git upload-pack store
differs "upload-pack: another repository is a difference" \
    "serve.jsonl:2: byte $((at - 4 - 0x3a - 0x3d + 3)) of the command" \
    "\"d$commit refs/heads/main\\n\"" "\"a$commit refs/heads/a\\n\"" \
    serve.jsonl sh -c 'git upload-pack other 2>/dev/null'

# --- a push, which stores the same again when it is played --------------------

cat >receive <<'!'
#!/bin/sh
exec "$SOCKPAIR" -o push.jsonl git receive-pack "$2"
!
cat >mock <<'!'
#!/bin/sh
exec "$SOCKPLAY" push.jsonl 2>mock.err
!
chmod +x receive mock
push() {
	limit 60 git -C store push -q "file://$PWD/kept" \
	    --receive-pack="cd '$PWD' && exec ./$1 git" "$2" >out 2>&1
}
git init -q --bare kept
push receive main
is "$rc $(git -C kept rev-parse main)" "0 $commit" "a push is recorded"
git -C kept update-ref -d refs/heads/main
limit 60 "$SOCKPLAY" push.jsonl git receive-pack kept 2>err
is "$rc $(cat err) $(git -C kept rev-parse main)" "0  $commit" \
    "receive-pack: all is as recorded, and is stored again"
limit 60 "$SOCKPLAY" push.jsonl git receive-pack kept 2>err
is "$rc $(grep -c '^got: ".* refs/heads/main' err)" "1 1" \
    "receive-pack: which is a difference if it is there already"
git -C kept update-ref -d refs/heads/main
push mock main
is "$rc $(cat out mock.err)" "0 " "in receive-pack's place: the push succeeds"
! git -C kept rev-parse -q --verify main >out
ok "in receive-pack's place: though nothing is stored"
push mock main:refs/heads/mein
# git does not wait until sockplay has printed it.
await [ -s mock.err ]
is "$(sed 's/\(: "...\).*/\1/' mock.err)" "$(report "$(at push.jsonl \
    '"from":"stdin","type":"data"' "byte 98 of standard input")" \
    '"ain' '"ein')" \
    "in receive-pack's place: another push is a difference"

done_testing
