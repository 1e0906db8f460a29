#!/bin/sh
# SPDX-License-Identifier: MIT
# bc(1): a calculator that answers line by line.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need bc timeout mkfifo
. "$TOP_SRCDIR/tests/real/beside"
unset BC_ENV_ARGS BC_LINE_LENGTH

cat >sums <<'!'
scale = 30
a(1) * 4
define f(n) { if (n < 2) return (1); return (n * f(n - 1)) }
f(100)
"a text without a newline"
!
beside "a page of sums" 0 sums bc -ql
grep -q '^3\.14159265358979' pair.out; ok "pi is among them"

printf '6 * 7\n1 / 0\nnosuch(1)\n(\n7 * 6\n' >errors
beside "sums with errors among them" 0 errors bc -q
is "$(sed -n '1p;$p' pair.out | tr '\n' ' ')" "42 42 " \
    "the sums before and after the errors are answered"

# It leaves with most of its input unread: no failure.
{ printf '6 * 7\nhalt\n'; seq 200000; } >halted
beside "halt with much unread input" 0 halted bc -q
is "$(cat pair.out)" 42 "the sum before halt is answered, none after it"

echo '2 ^ 500000' >power
beside "a number of 150 thousand digits" 0 power bc -q

# An answer must come while the input stays open, and before the next
# question: any waiting for more, or for the end, would show as a hang.
talk "$SOCKPAIR" bc -q
answers=
for sum in '1 + 1' '2 ^ 64' 'sqrt(2)' 'a = 5' 'a * a'; do
	say "$sum"
	case $sum in *=*) continue ;; esac
	hear
	answers="$answers $heard"
done
is "$answers" " 2 18446744073709551616 1 25" \
    "in a conversation each sum is answered before the next is asked"
hush
is "$rc '$heard'" "0 ''" "the conversation ends with the input, status 0"

echo '6 * 7' >short
limit 60 "$SOCKPAIR" -d 3 sh -c 'bc -q <&3 >&3' <short >three
is "$rc $(cat three)" "0 42" "a script gives bc its descriptor 3"

# The shape of a script that asks bc: the questions go out by descriptor 3,
# the answers come in by it, its own standard output is left alone.
cat >asker <<'!'
echo '3 * 4' >&3
read -r answer <&3
echo "twelve is $answer" >&2
echo 'halt' >&3
!
rm -f there back
mkfifo there back
timeout -s KILL 60 bc -q <there >back 2>bc.err &
limit 60 "$SOCKPAIR" -d 3 sh asker >there <back 2>asker.err
is "$rc $(cat asker.err)" "0 twelve is 12" \
    "a script asks bc at the far end of its descriptor 3"
wait $!
is "$?" 0 "bc at the far end ends well"

done_testing
