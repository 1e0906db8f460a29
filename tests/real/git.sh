#!/bin/sh
# SPDX-License-Identifier: MIT
# git-upload-pack and git-receive-pack, reached by git's ext:: transport.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need git git-upload-pack git-receive-pack timeout mkfifo
. "$TOP_SRCDIR/tests/real/beside"
. "$TOP_SRCDIR/tests/own-git"

# A repository with some history and eight megabytes that do not compress.
git init -q work
(
	cd work || exit
	i=0
	while [ $i -lt 20 ]; do
		seq $((i * 100)) $((i * 100 + 500)) >numbers
		git add numbers
		git commit -q -m "change $i"
		i=$((i + 1))
	done
	head -c 8000000 /dev/urandom >noise
	git add noise
	git commit -q -m noise
	git tag -a -m 'a tag' v1
	git branch side HEAD~5
)
git clone -q --bare work store.git

# What the other side advertises, byte by byte.
printf 0000 >flush
beside "upload-pack's list of references" 0 flush git-upload-pack store.git
grep -aq refs/heads/side pair.out; ok "the branches are in it"
beside "receive-pack's list of references" 0 flush git-receive-pack store.git
beside "a repository that is not there" 128 flush git-upload-pack none.git
printf 'this is no packet' >garbage
beside "a caller that speaks something else" 128 garbage \
    git-upload-pack store.git

# transport BARE_OR_SOCKPAIR SERVICE REPOSITORY: the ext:: address, its words
# separated by blanks; SOCKPAIR may have some in its path.
quoted=$(printf '%s' "$SOCKPAIR" | sed 's/%/%%/g; s/ /% /g')
transport() {
	# git-remote-ext(1) takes the words apart at blanks.
	transport_path=$(printf '%s\n' "$3" | sed 's/%/%%/g; s/ /% /g')
	case $1 in
	bare) echo "ext::$2 $transport_path" ;;
	pair) echo "ext::$quoted $2 $transport_path" ;;
	esac
}

# refs REPOSITORY: every reference and what it stands for.
refs() {
	git -C "$1" for-each-ref --format='%(objectname) %(refname)'
}

for version in 0 2; do
	for way in bare pair; do
		limit 120 git -c protocol.version=$version clone -q --mirror \
		    "$(transport $way git-upload-pack store.git)" \
		    "$way$version.git" 2>"clone.$way"
		echo "$rc" >"clone.$way.rc"
	done
	is "$(cat clone.bare.rc clone.pair.rc | tr '\n' ' ')" "0 0 " \
	    "protocol $version: a clone succeeds, with sockpair and without"
	refs "bare$version.git" >refs.bare
	refs "pair$version.git" >refs.pair
	same refs.pair refs.bare "protocol $version: it has the same references"
	refs store.git >refs.store
	same refs.pair refs.store "protocol $version: they are the store's"
	limit 120 git -C "pair$version.git" fsck --full --strict >fsck.out 2>&1
	is "$rc" 0 "protocol $version: every object is whole"
done

# Several rounds of asking and telling: both have what the other has not.
limit 120 git clone -q "$(transport pair git-upload-pack "$PWD/store.git")" near
(
	cd near || exit
	i=0
	while [ $i -lt 50 ]; do
		git commit -q --allow-empty -m "near $i"
		i=$((i + 1))
	done
	head -c 8000000 /dev/urandom >noise2
	git add noise2
	git commit -q -m noise2
)
(
	cd work || exit
	echo far >far
	git add far
	git commit -q -m far
	git push -q ../store.git main
)
limit 120 git -C near fetch -q
is "$rc $(git -C near rev-parse origin/main)" \
    "0 $(git -C work rev-parse main)" "a fetch brings what is new there"
limit 120 git -C near fetch -q
is "$rc" 0 "a fetch of nothing succeeds"

push() {
	limit 120 git -C near push --porcelain \
	    "$(transport "$1" git-receive-pack "$PWD/store.git")" \
	    "$2" >"push.$1" 2>"push.$1.err"
	echo "$rc" >"push.$1.rc"
}

push pair HEAD:refs/heads/pushed
is "$(cat push.pair.rc) $(git -C store.git rev-parse pushed)" \
    "0 $(git -C near rev-parse HEAD)" "a push of eight megabytes arrives"
limit 120 git -C store.git fsck --full --strict >fsck.out 2>&1
is "$rc" 0 "every object is whole there"

push pair HEAD:refs/heads/main
push bare HEAD:refs/heads/main
is "$(cat push.pair.rc)" "$(cat push.bare.rc)" \
    "a push that is no fast-forward has the status it has without"
[ "$(cat push.pair.rc)" != 0 ]; ok "it is no success"

# A hook's words come back as they are, and its refusal.
mkdir -p store.git/hooks
printf '#!/bin/sh\necho "not on my watch" >&2\nexit 1\n' \
    >store.git/hooks/pre-receive
chmod +x store.git/hooks/pre-receive
for way in bare pair; do
	push $way HEAD:refs/heads/refused
	sed '/^To /d' "push.$way" >"push.$way.out"
done
is "$(cat push.pair.rc)" "$(cat push.bare.rc)" \
    "a push that a hook refuses has the status it has without"
same push.pair.out push.bare.out "the refusal reads as it does without"
grep -q 'not on my watch' push.pair.err; ok "the hook's words have come"
! git -C store.git rev-parse -q --verify refused >/dev/null
ok "nothing has been stored"

if have git-upload-archive; then
	for way in bare pair; do
		limit 120 git archive --format=tar --remote \
		    "$(transport $way git-upload-archive "$PWD/store.git")" \
		    v1 >"archive.$way" 2>/dev/null
		echo "$rc" >"archive.$way.rc"
	done
	is "$(cat archive.bare.rc archive.pair.rc | tr '\n' ' ')" "0 0 " \
	    "an archive is made"
	same archive.pair archive.bare "the archive is the same"
else
	skip "an archive is made" "git-upload-archive is not installed"
fi

done_testing
