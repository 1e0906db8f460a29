#!/bin/sh
# SPDX-License-Identifier: MIT
# Messages when the reader of standard error does not read.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need python3

# A full pipe on descriptor 9, which this shell holds open at both ends.
cat >fill <<'END'
import os, sys
was_blocking = os.get_blocking(9)
os.set_blocking(9, False)
try:
    while True:
        os.write(9, b"." * int(sys.argv[1]))
except BlockingIOError:
    os.set_blocking(9, was_blocking)
END
fill() {
	python3 fill 4096
	python3 fill 1
}
mkfifo full
exec 9<>full
fill

# Not by kill(1) in a loop: the shell may have reaped the process, and its
# number may be that of another one by then.  No signal is sent before the
# process has slept for a while, since one that comes before it handles signals
# tells nothing.  "once" sends one signal, "often" ten a second.
cat >terminate <<'END'
import signal, subprocess, sys, time

def is_asleep(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] == "S"

def await_sleep(process):
    samples = 0
    while samples < 10 and process.poll() is None:
        samples = samples + 1 if is_asleep(process.pid) else 0
        time.sleep(0.05)

how_often, *command = sys.argv[1:]
with subprocess.Popen(command, stdin=subprocess.DEVNULL,
                      stdout=subprocess.DEVNULL, stderr=9) as process:
    await_sleep(process)
    for count in range(300):
        if count == 0 or how_often == "often":
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(0.1)
            break
        except subprocess.TimeoutExpired:
            pass
    process.kill()
    status = process.wait()
print(status if status >= 0 else 128 - status)
END

# terminated once|often COMMAND...: send it SIGTERM, and print its status.
terminated() {
	python3 terminate "$@"
}

is "$(terminated often "$SOCKPAIR" --stats sleep 60)" 143 \
    "--stats: SIGTERM ends the command, and then us"
is "$(terminated once "$SOCKPAIR" --stall=0.1 sh -c '
    trap "exit 7" TERM; while :; do sleep 0.1; done')" 7 \
    "a stuck report does not keep a signal from the command"
is "$(terminated often "$SOCKPAIR" --stats --linger=0.1 true)" 143 \
    "the totals of a command that has ended"
is "$(terminated often "$SOCKPAIR" /nonexistent/command)" 143 \
    "a command that cannot be started"
if [ -x "$SOCKPLAY" ]; then
	printf '%s\n' '{"from":"command","type":"data","text":"x"}' >talk.jsonl
	is "$(terminated often "$SOCKPLAY" talk.jsonl echo y)" 143 \
	    "sockplay's difference"
fi

# What is to end the command is not kept waiting, either.
limit 60 "$SOCKPAIR" --timeout=0.3 sleep 300 2>&9 9>&- </dev/null
is "$rc" 124 "--timeout ends a command though its report is stuck"
limit 60 "$SOCKPAIR" --stall=0.1 --timeout=1 sleep 300 2>&9 9>&- </dev/null
is "$rc" 124 "and though that of --stall is"

# --- a message waits for its reader -------------------------------------------

# said COMMAND...: run it, empty the pipe meanwhile, and print what is left.
said() {
	limit 60 "$@" 2>&9 9>&- &
	# So that it finds no room.  It must pass if it is later, too.
	sleep 0.3
	python3 -c '
import os, select
data = b""
while not data.endswith(b"\n"):
    select.select([9], [], [])
    data += os.read(9, 4096)
print(data.lstrip(b".").decode(), end="")'
	wait $!
}
is "$(said "$SOCKPAIR" /nonexistent/command)" \
    "sockpair: cannot run '/nonexistent/command': No such file or directory" \
    "a message waits for its reader"
fill
python3 -c 'import os; os.set_blocking(9, False)'
is "$(said "$SOCKPAIR" /nonexistent/command)" \
    "sockpair: cannot run '/nonexistent/command': No such file or directory" \
    "and if somebody has set O_NONBLOCK"

done_testing
