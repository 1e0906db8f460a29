#!/bin/sh
# SPDX-License-Identifier: MIT
# The folders of src/: each includes only what the table in HACKING allows, what
# its comments cite of the kernel is tested, and Makefile.am has all that is in
# them.
. "${TOP_SRCDIR:-.}/tests/lib.sh"

# wrong_includes TREE: a line for each #include that HACKING's table forbids.
# The table must have a row for each folder, and a row may name only folders
# above it, so that the folders cannot form a circle.
wrong_includes() {
	(cd "$1" && awk '
	FILENAME == "HACKING" {
		if (/^$/)
			in_table = 0
		if (in_table) {
			rows++
			known[$1] = may[$1, $1] = 1
			for (i = 2; i <= NF; i++) {
				if ($i == "nothing")
					continue
				if (!($i in known) || $i == $1)
					print "HACKING: " $1 " is not below " $i
				may[$1, $i] = 1
			}
		}
		if ($1 == "folder" && $2 == "includes")
			in_table = 1
		next
	}
	FNR == 1 {
		split(FILENAME, path, "/")
		if (!(path[2] in known))
			print FILENAME ": HACKING has no row for its folder"
	}
	/^[ \t]*#[ \t]*include[ \t]*"/ {
		split($0, quoted, "\"")
		if (quoted[2] == "config.h")
			next
		split(quoted[2], part, "/")
		if (!((path[2], part[1]) in may))
			print FILENAME ": " quoted[2]
	}
	END {
		if (rows == 0)
			print "HACKING has no table of folders"
	}' HACKING src/*/*.[ch])
}

is "$(wrong_includes "$TOP_SRCDIR")" '' \
    "a file includes headers of its own folder and of folders below it"

mkdir -p tree/src
cp "$TOP_SRCDIR/HACKING" tree/
cp -R "$TOP_SRCDIR/src/base" "$TOP_SRCDIR/src/trace" tree/src/
chmod -R u+w tree
echo '#include "relay/relay.h"' >tree/src/trace/planted.h
echo '# include "json.h"' >tree/src/base/planted.c
mkdir tree/src/new
echo '#include "base/fd.h"' >tree/src/new/planted.c
is "$(wrong_includes tree)" "src/base/planted.c: json.h
src/new/planted.c: HACKING has no row for its folder
src/new/planted.c: base/fd.h
src/trace/planted.h: relay/relay.h" "one that does not is found"

rm -r tree/src/new
rm tree/src/*/planted.*
sed 's/^    base  *nothing$/    base        plan/' "$TOP_SRCDIR/HACKING" \
    >tree/HACKING
is "$(wrong_includes tree)" "HACKING: base is not below plan" \
    "so is a circle of folders"
sed '/^    folder  *includes/d' "$TOP_SRCDIR/HACKING" >tree/HACKING
is "$(wrong_includes tree | tail -n 1)" "HACKING has no table of folders" \
    "and a missing table"

# unknown_facts TREE: each kernel fact that a comment in src/ cites and that no
# function in tests/unit/kernel checks.  A citation may go on in the next line.
unknown_facts() {
	(cd "$1" && awk '
	{
		sub(/^[ \t]*\*?[ \t]*/, "")
		text = text " " $0
	}
	/\*\// {
		count = split(text, after, "tests/unit/kernel:")
		text = ""
		for (i = 2; i <= count; i++) {
			sub(/[^a-z0-9_, ].*/, "", after[i])
			gsub(/[, ]+/, "\n", after[i])
			print after[i]
		}
	}' src/*.[ch] src/*/*.[ch] | sort -u | while read -r fact; do
		[ -z "$fact" ] ||
		    cat tests/unit/kernel/*.c | grep -q "^$fact(void)" ||
		    echo "$fact"
	done)
}

is "$(unknown_facts "$TOP_SRCDIR")" '' \
    "a fact of the kernel that a comment cites is tested"

mkdir -p tree/src/new tree/tests/unit
cp -R "$TOP_SRCDIR/tests/unit/kernel" tree/tests/unit/
cat >tree/src/planted.c <<'END'
/* A reader drains its queue (tests/unit/kernel: dgram_end, planted_one). */
	/*
	 * And it is found in the next line, too (unix(7); tests/unit/kernel:
	 * planted_two).
	 */
END
: >tree/src/new/planted.h
is "$(unknown_facts tree)" "planted_one
planted_two" "one that is not is found"

# differences TREE: the files of src/ that Makefile.am does not name, so that
# they are in no tarball, and those that it names and that are not there.
differences() {
	(cd "$1" && ls src/*.[ch] src/*/*.[ch]) | sort >there
	tr -s '[:blank:]' '\n' <"$1/Makefile.am" | grep '^src/.*\.[ch]$' |
	    sort -u >named
	comm -23 there named | sed 's/$/: not named/'
	comm -13 there named | sed 's/$/: not there/'
}

is "$(differences "$TOP_SRCDIR")" '' "Makefile.am names every file of src/"

rm -r tree
mkdir tree
cp "$TOP_SRCDIR/Makefile.am" tree/
cp -R "$TOP_SRCDIR/src" tree/
chmod -R u+w tree
mv tree/src/base/fd.h tree/src/base/planted.h
is "$(differences tree)" "src/base/planted.h: not named
src/base/fd.h: not there" "one that it does not, or that is not there, is found"

done_testing
