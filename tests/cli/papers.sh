#!/bin/sh
# SPDX-License-Identifier: MIT
# The papers in doc/: what they name is there, and the pictures and the table are
# what bench/plots draws from the data.
. "${TOP_SRCDIR:-.}/tests/lib.sh"

# unknown_names TREE: what a paper names and is not there.  Names stand between
# backquotes: a fact of the kernel after "kernel:" (one or more, with commas), a
# function or a macro with (), a state or another constant in capitals, a file
# of the tree.  A name may go on in the next line.
unknown_names() {
	(
		cd "$1" || exit
		cat src/*.[ch] src/*/*.[ch] tests/spin/ends.pml bench/*.c >all
		# shellcheck disable=SC2016 # a paper has these marks
		cat doc/*.md | tr '\n' ' ' | grep -o '`[^`]*`' | tr -d '`' |
		    sort -u >names
		sed -n 's/^kernel: *//p' names | tr -s ', ' '\n' |
		    while read -r fact; do
			cat tests/unit/kernel/*.c | grep -q "^$fact(void)" ||
			    echo "$fact: no such fact"
		done
		grep -E '^[a-z_]+\(\)$' names | while read -r name; do
			grep -q "\<${name%()}(" all ||
			    echo "$name: no such function"
		done
		grep -E '^[A-Z]+_[A-Z_]+$' names | while read -r name; do
			grep -qw -e "$name" all || echo "$name: no such name"
		done
		grep -E '^(src|tests|bench|doc|man|\.ci)/[^ ]*$' names |
		    while read -r name; do
			[ -e "$name" ] || echo "$name: no such file"
		done
	)
}

mkdir -p tree/.ci
for folder in src tests bench doc man; do
	cp -R "$TOP_SRCDIR/$folder" tree/
done
cp "$TOP_SRCDIR"/.ci/* tree/.ci/
chmod -R u+w tree
is "$(unknown_names tree)" '' "a paper names only what there is"
# shellcheck disable=SC2016 # a paper has these marks
printf '%s\n' 'Nobody knows (`kernel: dgram_end,' 'planted_one`).' \
    '`is_over()`, `is_under()`, `CHANNEL_OPEN`, `CHANNEL_AJAR`.' \
    'See `src/relay/relay.c` and `src/relay/planted.c`.' >tree/doc/planted.md
is "$(unknown_names tree)" "planted_one: no such fact
is_under(): no such function
CHANNEL_AJAR: no such name
src/relay/planted.c: no such file" "what is not there is found"

# The checks of .ci/run that doc/portability.md names.
unknown_checks() {
	grep -o '^| "[^"]*"' "$1/doc/portability.md" | sed 's/^| //' |
	    sort -u | while read -r check; do
		grep -qE "^check(_alone)? $check( |$)" "$1/.ci/run" ||
		    echo "$check"
	done
}

is "$(unknown_checks tree)" '' "doc/portability.md names checks of .ci/run"
sed 's/"musl"/"music"/' "$TOP_SRCDIR/doc/portability.md" \
    >tree/doc/portability.md
is "$(unknown_checks tree)" '"music"' "and one that is not there is found"

if have python3; then
	mkdir drawn
	"$TOP_SRCDIR/bench/plots" draw "$TOP_SRCDIR/doc" drawn
	ok "the pictures can be drawn from the data"
	for file in throughput.svg round-trip.svg start-up.svg design.md; do
		cmp "$TOP_SRCDIR/doc/$file" drawn/$file
		ok "doc/$file has what is drawn from doc/bench.tsv"
	done

	cp "$TOP_SRCDIR/doc/bench.tsv" "$TOP_SRCDIR/doc/design.md" drawn/
	chmod u+w drawn/*
	sed 's/^\(out	one	sockpair	.*	MB.s	\).*/\142/' \
	    "$TOP_SRCDIR/doc/bench.tsv" >drawn/bench.tsv
	"$TOP_SRCDIR/bench/plots" draw drawn
	! cmp -s "$TOP_SRCDIR/doc/throughput.svg" drawn/throughput.svg &&
	    ! cmp -s "$TOP_SRCDIR/doc/design.md" drawn/design.md
	ok "other data give another picture and another table"
else
	skip "the pictures are those of the data" "no python3"
fi

done_testing
