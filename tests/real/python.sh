#!/bin/sh
# SPDX-License-Identifier: MIT
# python3(1): a program on standard input, exceptions, a conversation, and the
# socket as a socket object.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need python3 timeout mkfifo
python3 -c pass 2>/dev/null || {
	echo "1..0 # SKIP python3 does not run here"
	exit 0
}
. "$TOP_SRCDIR/tests/real/beside"
unset PYTHONUNBUFFERED PYTHONSTARTUP PYTHONPATH PYTHONHOME
export PYTHONDONTWRITEBYTECODE=1

cat >program <<'!'
import hashlib, sys
text = "".join("%d %s\n" % (i, hashlib.md5(b"%d" % i).hexdigest())
               for i in range(50000))
sys.stdout.write(text)
sys.stderr.write("done\n")
!
beside "a program on standard input" 0 program python3
is "$(wc -l <pair.out | tr -d ' ')" 50000 "all fifty thousand lines have come"

printf 'print("before", flush=True)\nprint("last words")\n1 / 0\n' >raises
beside "an exception" 1 raises python3 -
is "$(tail -n 1 pair.out)" "last words" "what was printed before it has come"
grep -q '^ZeroDivisionError' pair.err; ok "the traceback has come"

# A large text still on its way when the command fails: none of it is lost.
cat >burst <<'!'
import os, sys
sys.stdout.write("x" * 3000000)
sys.stdout.flush()
os._exit(9)
!
beside "three megabytes, then status 9" 9 burst python3 -
is "$(wc -c <pair.out | tr -d ' ')" 3000000 "all three megabytes have come"

for code in 3 255; do
	echo "import sys; sys.exit($code)" >exits
	beside "sys.exit($code)" "$code" exits python3
done

echo 'import os; os.kill(os.getpid(), 9)' >killed
beside "a program that kills itself with SIGKILL" 137 killed python3
echo 'import os; os.kill(os.getpid(), 15)' >killed
beside "a program that kills itself with SIGTERM" 143 killed python3

# It copies its standard input, which comes after the program, into a digest.
cat >digest.py <<'!'
import hashlib, sys
sum = hashlib.sha256()
size = 0
while True:
    piece = sys.stdin.buffer.read1(65536)
    if not piece:
        break
    sum.update(piece)
    size += len(piece)
print(size, sum.hexdigest())
!
python3 -c 'import os, sys; sys.stdout.buffer.write(os.urandom(20000001))' >big
beside "twenty megabytes read to the end" 0 big python3 digest.py
grep -q '^20000001 ' pair.out; ok "it has counted every byte"

cat >eval.py <<'!'
import sys
for line in sys.stdin:
    try:
        print(eval(line))
    except Exception as error:
        print(type(error).__name__)
        sys.exit(5)
!
talk "$SOCKPAIR" python3 -u eval.py
answers=
for sum in '6 * 7' '2 ** 70' '"a" * 5' 'nosuch'; do
	say "$sum"
	hear
	answers="$answers $heard"
done
is "$answers" " 42 1180591620717411303424 aaaaa NameError" \
    "in a conversation each line is answered before the next is sent"
# Standard input is still open here: the command's exit alone must end it.
heard=$(cat <&9)
wait "$talk_pid"
is "$? '$heard'" "5 ''" \
    "its exit ends the conversation though our side is still open"
exec 8>&- 9<&-

# Python ignores SIGPIPE and says so of a reader that has gone.
cat >endless.py <<'!'
import sys
try:
    while True:
        sys.stdout.write("y\n" * 1000)
        sys.stdout.flush()
except BrokenPipeError:
    sys.stderr.write("the reader has gone\n")
    sys.stderr.flush()
    import os
    os._exit(4)
!
{
	limit 60 "$SOCKPAIR" python3 endless.py 2>gone.err
	echo "$rc" >gone.rc
} | head -n 1 >gone.out
is "$(cat gone.out) $(cat gone.rc) $(cat gone.err)" \
    "y 4 the reader has gone" "a reader that leaves is heard of as in a pipe"

cat >descriptor.py <<'!'
import socket, sys
s = socket.socket(fileno=int(sys.argv[1]))
print(s.family.name, s.type.name, file=sys.stderr)
f = s.makefile("rwb")
s.sendall(b"hello\n")
text = f.read()
s.sendall(text.upper())
s.shutdown(socket.SHUT_WR)
print(len(text), s.recv(1), file=sys.stderr)
sys.exit(6)
!
printf 'one\ntwo' >words
for fd in 0 1 3 9; do
	case $fd in
	0 | 1) chosen=0,1 ;;
	*) chosen=$fd ;;
	esac
	limit 60 "$SOCKPAIR" -d "$chosen" python3 descriptor.py "$fd" \
	    <words >socket.out 2>socket.err
	is "$rc $(tr '\n' ' ' <socket.out) $(tr '\n' ' ' <socket.err)" \
	    "6 hello ONE TWO AF_UNIX SOCK_STREAM 7 b'' " \
	    "descriptor $fd is a socket object that half-closes"
done

done_testing
