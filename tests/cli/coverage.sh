#!/bin/sh
# SPDX-License-Identifier: MIT
# The report of tests/coverage: what gcov counted, against the list in HACKING.
. "${TOP_SRCDIR:-.}/tests/lib.sh"

# A function whose fourth line was not run, in one program of two; and a branch
# that was taken in the other one.
cat >counts <<'END'
        -:    0:Source:/some/where/src/base/one.c
        -:    1:static int
        2:    2:one(int a)
        -:    3:{
        2:    4:	if (a)
branch  0 taken 0 (fallthrough)
branch  1 taken 2
    #####:    5:		return -1;
call    0 never executed
        2:    6:	return 0;
        -:    7:}
        -:    0:Source:src/base/one.c
        -:    1:static int
        1:    2:one(int a)
        -:    3:{
        1:    4:	if (a)
branch  0 taken 1 (fallthrough)
branch  1 taken 0
    #####:    5:		return -1;
    #####:    6:	return 0;
        -:    7:}
        -:    0:Source:tests/two.c
    #####:    1:	two();
END
report() { awk -f "$TOP_SRCDIR/tests/coverage.awk" "$1" counts; }

# listing LINE...: a HACKING that lists lines of one().
listing() {
	printf 'Before\n\n\nLines that no test reaches\n\nThe reason:\n\n'
	printf '    src/base/one.c, one()\n'
	printf '\t%s\n' "$@"
	printf 'Another reason:\n\n\nAfter\n\n\treturn 9;\n'
}

listing 'return -1;' >listed
got=$(report listed)
is "$? $got" "0 src/base/one.c: 75.00 % of 4 lines, 100.00 % of 2 branches
    5:		return -1;
all: 75.00 % of 4 lines, 100.00 % of 2 branches
1 lines are listed in HACKING, 0 wrongly or not" \
    "a line that no program ran, and is listed, is right"

: >empty
echo >>empty
got=$(report empty)
is "$? $(echo "$got" | grep -c 'return -1.*not listed')" "1 1" \
    "one that is not listed fails"

listing 'return -1;' 'return 0;' >listed
got=$(report listed)
is "$? $(echo "$got" | grep reached)" \
    "1 listed, but reached or not there: src/base/one.c, one() return 0;" \
    "and one that is listed and was run"

listing 'return -1;' 'return -1;' >listed
got=$(report listed)
is "$?" 1 "and one that is listed more often than it is there"

: >counts
got=$(report listed)
is "$?" 2 "without counts there is no result"

done_testing
