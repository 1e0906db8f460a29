#!/bin/sh
# SPDX-License-Identifier: MIT
# The folders of src/: each includes only what the table in HACKING allows, what
# its comments cite of the kernel is tested, Makefile.am and HACKING have all
# that is in them, and tests have what was added to an enum or a table.
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

# differences TREE: the files of src/, tests/ and completions/ that Makefile.am
# does not name, so that they are in no tarball or are not run, and those that it
# names and that are not there.  It names a unit test without .c.
differences() {
	(cd "$1" && ls src/*.[ch] src/*/*.[ch] completions/*.[ch] \
	    completions/*.in tests/*.[ch] tests/*.sh tests/*/*.[ch] \
	    tests/*/*.sh tests/unit/*/*.[ch]) |
	    sed '/^tests\/unit/s/\.c$//' | sort >there
	tr -s '[:blank:]' '\n' <"$1/Makefile.am" |
	    grep -e '^src/.*\.[ch]$' -e '^completions/.*\.[ch]$' \
		-e '^completions/.*\.in$' -e '^tests/.*\.[ch]$' \
		-e '^tests/.*\.sh$' -e '^tests/unit/[a-z0-9/-]*$' | sort -u >named
	comm -23 there named | sed 's/$/: not named/'
	comm -13 there named | sed 's/$/: not there/'
}

is "$(differences "$TOP_SRCDIR")" '' \
    "Makefile.am names every file of src/, tests/ and completions/"

rm -r tree
mkdir tree
cp "$TOP_SRCDIR/Makefile.am" tree/
cp -R "$TOP_SRCDIR/src" "$TOP_SRCDIR/tests" "$TOP_SRCDIR/completions" tree/
chmod -R u+w tree
mv tree/src/base/fd.h tree/src/base/planted.h
: >tree/tests/unit/base/planted.c
: >tree/tests/cli/planted.sh
is "$(differences tree)" "src/base/planted.h: not named
tests/cli/planted.sh: not named
tests/unit/base/planted: not named
src/base/fd.h: not there" "one that it does not, or that is not there, is found"

# unlisted TREE: the files that HACKING's lists of files do not have, and the
# files and functions that HACKING names and that are not there.
unlisted() {
	(
		cd "$1" || exit
		tr -s '[:blank:],:()' '\n' <HACKING >words
		for file in src/*/*.[ch]; do
			name=${file##*/}
			grep -qx -e "${name%.[ch]}\.*" words ||
			    echo "$file: not listed"
		done
		for file in tests/*.[ch] tests/*.sh; do
			grep -qFx "$file" words ||
			    echo "$file: not listed"
		done
		# A name in capitals, or a pattern, is not of a file; and
		# debian/ is in no tarball.
		sed 's/[.;]*$//' words | sort -u |
		    grep -E '^[a-z]+(/[a-z0-9-]+)+(\.[a-z]+)?$' |
		    grep -v '^debian/' |
		    while read -r word; do
			for file in "$word" "$word.c" "$word.h" "src/$word" \
			    "src/$word.c" "src/$word.h"; do
				[ ! -e "$file" ] || continue 2
			done
			echo "HACKING: $word is not there"
		done
		grep -v '^	' HACKING | grep -o '[a-z_]*[a-z]()' | sort -u |
		    while read -r word; do
			cat src/*.c src/*/*.[ch] tests/*.h tests/unit/*/*.c |
			    grep -q "^${word%)}" ||
			    echo "HACKING: $word is not there"
		done
	)
}

cp "$TOP_SRCDIR/HACKING" tree/
rm tree/src/base/planted.h tree/tests/*/planted.sh
cp "$TOP_SRCDIR/src/base/fd.h" tree/src/base/
for folder in bench doc .ci packaging; do
	mkdir -p tree/$folder
	cp "$TOP_SRCDIR/$folder/"* tree/$folder/
done
is "$(unlisted tree)" '' "HACKING names every file, and none that is not there"
: >tree/src/base/no-word.h
mv tree/tests/peers.sh tree/tests/planted.sh
rm -f tree/HACKING	# a copy of one that may be read-only
sed 's/is_over()/was_over()/' "$TOP_SRCDIR/HACKING" >tree/HACKING
is "$(unlisted tree)" "src/base/no-word.h: not listed
tests/planted.sh: not listed
HACKING: tests/peers.sh is not there
HACKING: was_over() is not there" "what it lacks, or has too much, is found"

# unknown_cases TREE: each case of a test that SECURITY.md names, and that is
# not in that test.  A name may go on in the next line.
unknown_cases() {
	(cd "$1" && awk '
	{
		gsub(/^ +| +$/, "")
		text = text " " $0
	}
	END {
		count = split(text, after, "`tests/")
		for (i = 2; i <= count; i++) {
			test = "tests/" substr(after[i], 1,
			    index(after[i], "`") - 1)
			parts = split(after[i], quoted, "\"")
			for (j = 2; j <= parts; j += 2)
				print test "\t" quoted[j]
			if (parts < 3)
				print test "\tno case"
		}
	}' SECURITY.md | while IFS='	' read -r test case; do
		grep -qF -e "$case" "$test" 2>/dev/null || echo "$test: $case"
	done)
}

is "$(unknown_cases "$TOP_SRCDIR")" '' \
    "SECURITY.md names only cases that there are"
rm -f tree/SECURITY.md
# shellcheck disable=SC2016 # the file has these marks
sed 's/an urgent byte keeps/an urgent byte loses/
    s/`tests.cli.race.sh`/`tests\/cli\/planted.sh`/' \
    "$TOP_SRCDIR/SECURITY.md" >tree/SECURITY.md
is "$(unknown_cases tree | sed 's/: .*/:/' | sort -u)" "tests/cli/planted.sh:
tests/cli/relay.sh:" "one that is not there is found"

# values FILE ENUM: the values of an enum.
values() {
	sed -n "/^enum $2 {/,/^};/"'s/^\t\([A-Z][A-Z0-9_]*\).*/\1/p' "$1"
}

# lacks FILE WORD...: the words that the file, or sinks.h for it, does not have.
lacks() {
	lacks_file=$1
	shift
	for word; do
		cat "$lacks_file" tests/sinks.h 2>/dev/null |
		    grep -qw -e "$word" || echo "$lacks_file: $word"
	done
}

# forgotten TREE: what was added in src/ and is in no test of its own.
# shellcheck disable=SC2046 # values are words
forgotten() {
	(
		cd "$1" || exit
		for test in unit/plan/framing unit/plan/decoder fuzz/framing; do
			lacks tests/$test.c $(values src/plan/framing.h framing)
		done
		lacks tests/unit/plan/option-value.c $(values \
		    src/plan/option-table.h option |
		    grep -v -e _HELP -e _USAGE -e _VERSION)
		lacks tests/unit/plan/rules.c $(sed -n \
		    's/.*\[TRAIT_.*\] = { "\(--[a-z-]*\)".*/\1/p' \
		    src/plan/rules.c)
		lacks tests/unit/command/exec.c $(values src/command/exec.h \
		    exec_step)
		for test in unit/trace/describe unit/trace/sink-text \
		    unit/trace/sink-json tracer; do
			lacks tests/$test.c $(values src/plan/names.h \
			    trace_kind)
		done
		sed -n 's/^int \([a-z0-9]*\)_start(.*/\1/p' src/trace/sink.h |
		    while read -r format; do
			format=tests/unit/trace/sink-$format.c
			[ -e "$format" ] || echo "$format is not there"
		done
	)
}

is "$(forgotten "$TOP_SRCDIR")" '' "what can be added is in the tests for it"
cd tree || exit
sed 's/FRAMING_RAW,/FRAMING_NEW,/' "$TOP_SRCDIR/src/plan/framing.h" \
    >src/plan/framing.h
sed 's/OPTION_TYPE /OPTION_NEW /' "$TOP_SRCDIR/src/plan/option-table.h" \
    >src/plan/option-table.h
sed 's/"--linger"/"--new"/' "$TOP_SRCDIR/src/plan/rules.c" >src/plan/rules.c
sed 's/STEP_NULL/STEP_NEW/' "$TOP_SRCDIR/src/command/exec.h" \
    >src/command/exec.h
sed 's/TRACE_GONE/TRACE_NEW/' "$TOP_SRCDIR/src/plan/names.h" \
    >src/plan/names.h
sed 's/text_start/new_start/' "$TOP_SRCDIR/src/trace/sink.h" >src/trace/sink.h
cd ..
is "$(forgotten tree)" "tests/unit/plan/framing.c: FRAMING_NEW
tests/unit/plan/decoder.c: FRAMING_NEW
tests/fuzz/framing.c: FRAMING_NEW
tests/unit/plan/option-value.c: OPTION_NEW
tests/unit/plan/rules.c: --new
tests/unit/command/exec.c: STEP_NEW
tests/unit/trace/describe.c: TRACE_NEW
tests/unit/trace/sink-text.c: TRACE_NEW
tests/unit/trace/sink-json.c: TRACE_NEW
tests/tracer.c: TRACE_NEW
tests/unit/trace/sink-new.c is not there" "what is in none is found"

done_testing
