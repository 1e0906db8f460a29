#!/bin/sh
# SPDX-License-Identifier: MIT
# The planted defects of tests/mutants: each can still be planted.  And the
# program that plants them, on a small tree of its own.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need perl

got=$(perl "$TOP_SRCDIR/tests/mutants/run" -c)
is "$?" 0 "every defect fits its source, and every file has one" ||
    echo "$got" | sed 's/^/# /'

# A tree with one file, and a test of it that takes its answers from the file.
# Its make compiles by looking for a word; its test waits for ever on request.
mkdir -p toy/src/part toy/tests/unit/part toy/tests/mutants
cp "$TOP_SRCDIR/tests/mutants/run" toy/tests/mutants/run
cd toy || exit
printf '%s\n' 'one = 1' 'two = 2' 'three = 3' 'three = 3' >src/part/file.c
: >tests/unit/part/file.c
cat >Makefile.toy <<'END'
TESTS = tests/unit/part/file tests/other.sh
UNIT_TESTS = tests/unit/part/file
tests/unit/part/file: src/part/file.c
	! grep -q error src/part/file.c
	cp tests/unit-test $@
clean:
END
cat >configure <<'END'
#!/bin/sh
cp Makefile.toy Makefile
END
cat >tests/unit-test <<'END'
#!/bin/sh
if grep -q wait src/part/file.c; then sleep 1000; fi
grep -q 'one = 1' src/part/file.c || printf 'not '
echo 'ok 1 - one is 1'
if grep -q end src/part/file.c; then exit; fi
echo '1..1'
END
cat >tests/other.sh <<'END'
#!/bin/sh
grep -q 'two = 2' src/part/file.c || printf 'not '
echo 'ok 1 - two is 2'
echo '1..1'
END
cat >tests/skipped.sh <<'END'
#!/bin/sh
echo '1..0 # SKIP no reason'
END
chmod +x configure tests/unit-test tests/*.sh

# entry NAME OLD NEW [LINE]: an entry of the list.
entry() {
	printf '%s\n' "$1: src/part/file.c" "Something is wrong." "-$2" "+$3" \
	    ${4:+"$4"} '' >>tests/mutants/list
}

# run_toy NAME [OPTION...]: the line that is printed about NAME.
run_toy() {
	run_toy_name=$1
	shift
	TMPDIR=$test_dir timeout 300 perl tests/mutants/run "$@" -j 1 \
	    "$run_toy_name" >out 2>&1
	sed -n "/^[a-z ]* - $run_toy_name:/p" out
}

entry killed 'one = 1' 'one = 2'
entry killed-later 'two = 2' 'two = 3' \
    'by: tests/unit/part/file tests/other.sh'
entry survivor 'two = 2' 'two = 3'
entry excused 'two = 2' 'two = 3' 'equal: nobody asks'
entry excused-wrongly 'one = 1' 'one = 2' 'survives: nobody asks'
entry broken 'one = 1' 'error'
entry cut-short 'one = 1' 'one = 1 end'
entry endless 'one = 1' 'one = 1 wait'
entry skipped 'one = 1' 'one = 2' 'by: tests/skipped.sh'

unit=tests/unit/part/file
is "$(run_toy killed)" "ok - killed: killed by $unit: ok 1 - one is 1" \
    "a defect that a test notices is killed by this test"
is "$(run_toy killed-later)" \
    "ok - killed-later: killed by tests/other.sh: ok 1 - two is 2" \
    "the tests of an entry are tried in turn"
is "$(run_toy survivor)" \
    "not ok - survivor: survives: Something is wrong." \
    "one that no test notices fails"
is "$(tail -n 1 out)" "0 passed, 1 failed, 0 skipped" "and is counted"
is "$(run_toy survivor -a)" "not ok - survivor: survives: Something is \
wrong.; tests/other.sh would kill it: ok 1 - two is 2" \
    "all tests are tried on request"
is "$(run_toy excused)" "ok - excused: survives, as expected: nobody asks" \
    "unless the entry gives a reason"
is "$(run_toy excused-wrongly)" "not ok - excused-wrongly: expected to \
survive, killed by $unit: ok 1 - one is 1" "a reason that does not hold fails"
is "$(run_toy broken)" "not ok - broken: it does not compile:" \
    "one that does not compile fails"
is "$(run_toy cut-short)" "ok - cut-short: killed by $unit: it ends early" \
    "a test that ends early has noticed it"
is "$(run_toy skipped)" "skip - skipped: its tests are skipped" \
    "one whose test cannot be run here is skipped"
is "$(cat src/part/file.c)" "one = 1
two = 2
three = 3
three = 3" "the tree itself is left as it was"

is "$(run_toy endless -t 1)" \
    "ok - endless: killed by $unit: no end in 1 s" \
    "a test without an end has noticed it"

sed -i 's/one is 1/one is 2/; s/one = 1/one = 0/' tests/unit-test
is "$(run_toy killed)" "not ok - killed: $unit fails without it: ok 1 - one \
is 2" "a test that fails without a defect kills none"

entry twice 'three = 3' 'three = 4'
entry nowhere 'four = 4' 'four = 5'
entry killed 'two = 2' 'two = 3'
: >src/part/new.c
got=$(perl tests/mutants/run -c)
is "$? $got" "1 not ok - twice: its text is in src/part/file.c 2 times
not ok - nowhere: its text is in src/part/file.c 0 times
not ok - killed: two have this name
not ok - src/part/new.c has no entry
0 passed, 4 failed, 0 skipped" "what cannot be planted, or is missing, is found"

done_testing
