#!/bin/sh
# SPDX-License-Identifier: MIT
# How make check ends: what failed, with its diagnosis, and then the counts.
. "${TOP_SRCDIR:-.}/tests/lib.sh"

# A test's log and results, as automake's driver leaves them.
cat >good.log <<'END'
ok 1 - fine
PASS: good 1 - fine
# of no matter
ok 2 - left out # SKIP no reason
SKIP: good 2 - left out # SKIP no reason
END
printf ':test-result: %s\n' 'PASS good 1' 'SKIP good 2' >good.trs
cat >bad.log <<'END'
# said before the good one
ok 1 - fine
PASS: bad 1 - fine
# said before
noise
not ok 2 - wrong
FAIL: bad 2 - wrong
# got:  '1'
# want: '2'
ok 3 - fine again
PASS: bad 3 - fine again
# said after the good one
ERROR: bad - exited with status 3
END
printf ':test-result: %s\n' 'PASS bad 1' 'FAIL bad 2' 'PASS bad 3' 'ERROR bad' \
    >bad.trs
echo "halfway" >missing.log

got=$("$TOP_SRCDIR/tests/count" good.trs)
is "$? $got" "0 1 passed, 0 failed, 1 skipped" \
    "what passed is only counted"
got=$("$TOP_SRCDIR/tests/count" good.trs bad.trs missing.trs)
is "$? $got" "1 FAIL: bad 2 - wrong
    # said before
    # got:  '1'
    # want: '2'
ERROR: bad - exited with status 3
    # said before the good one
    # said before
    noise
    # got:  '1'
    # want: '2'
    # said after the good one
ERROR: missing was not run to its end
    halfway
3 passed, 3 failed, 1 skipped" \
    "what failed is shown with its diagnosis, just before the counts"

cat >driver.sh <<'END'
echo a case
while [ "$1" != --trs-file ]; do shift; done
cp "$(basename "$2" .of).trs" "$2"
END
for name in good bad; do
	"$TOP_SRCDIR/tests/driver" driver.sh --test-name $name \
	    --trs-file $name.of --log-file $name.log -- ./$name
done >out
is "$(cat out)" "PASS: good, 1 passed, 1 skipped
FAIL: bad, 2 passed, 2 failed" "a test is one line"
is "$(V=1 "$TOP_SRCDIR/tests/driver" driver.sh --trs-file good.of -- ./good)" \
    "a case" "or with V=1 all that its driver says"

done_testing
