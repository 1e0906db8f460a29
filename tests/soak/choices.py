# SPDX-License-Identifier: MIT
"""The parts of a session, chosen at random."""
import signal

from chance import (
    cut, random_bytes, random_messages, random_pauses, random_size)
from framing import FRAMINGS, frame_all, limit_of
from programs import has_option

MESSAGE_LIMIT = 1 << 20         # --max-message of message types, by default


def choose_pair(plan):
    rng = plan.rng
    plan.type = rng.choice(("stream",) * 4 + ("pipes",) * 2 +
                           ("seqpacket",) * 2 + ("dgram",))
    if plan.is_message_type():
        plan.framing = rng.choice(FRAMINGS + ("raw",))
        plan.options += ["-t", plan.type]
        if plan.framing != "line" or plan.chance(0.5):
            plan.options.append("--framing=" + plan.framing)
    elif plan.type == "pipes":
        plan.options.append("--pipes")
    if not plan.is_message_type() and plan.chance(0.3):
        plan.wire = rng.choice(FRAMINGS + ("raw",))
        plan.framing = rng.choice(FRAMINGS)
        plan.options += ["-W", plan.wire, "-F", plan.framing]
    if plan.chance(0.25):
        plan.fds = rng.choice(([3], [0], [1], [0, 1, 5], [7, 3], [3, 4], [9],
                               [1, 0], [2, 7], [0, 0]))
        if plan.type == "pipes":
            plan.fds = rng.choice(([3, 4], [1, 0], [0, 3], [7, 1], [9, 8]))
        plan.options.append("-d" + ",".join(map(str, plan.fds)))


def choose_data(plan):
    rng = plan.rng
    if plan.framing is None:
        plan.input = random_bytes(rng, random_size(rng, 4 << 20))
        data = random_bytes(rng, random_size(rng, 4 << 20))
        plan.output = cut(rng, data)
        return
    # A message must suit the frames on both sides.
    kinds = [plan.framing] + ([plan.wire] if plan.wire else [])
    most = min(map(limit_of, kinds))
    if plan.is_message_type():
        most = min(most, MESSAGE_LIMIT)
    lists = []
    for _ in range(2):
        messages = random_messages(rng, plan.framing, most)
        if "line" in kinds:
            messages = [m.replace(b"\n", b"n") for m in messages]
        if "null" in kinds:
            messages = [m.replace(b"\0", b"0") for m in messages]
        if plan.wire == "raw":
            messages = [m or b"r" for m in messages]
        lists.append(messages)
    plan.input, plan.said = lists
    if plan.wire:
        plan.output = cut(rng, frame_all(plan.wire, plan.said))
    else:
        plan.output = plan.said


def add_pause(plan, steps):
    pause = plan.rng.randrange(30)
    plan.time += pause / 1000
    steps.append("sleep:%d" % pause)


def choose_talk(plan):
    """What the command does, if nothing is done to it."""
    rng = plan.rng
    steps = plan.steps
    kinds = ["write-drain", "drain-write", "both", "turns", "unread"]
    if plan.framing is None or plan.is_message_type():
        kinds.append("echo")
    kind = rng.choice(kinds)
    total = plan.heard_size()
    if plan.framing == "raw" and kind == "turns":
        kind = "both"           # how many messages there are depends
    if plan.chance(0.2):
        add_pause(plan, steps)
    plan.drains = kind != "unread"
    if kind == "echo":
        plan.echoes = True
        plan.output = []
        steps.append("echo")
    elif kind == "write-drain":
        steps.append("write")
        if plan.chance(0.4):
            steps.append("half-close")
        steps.append("drain")
    elif kind == "drain-write":
        steps += ["drain", "write"]
    elif kind == "both":
        steps.append("both")
    elif kind == "turns":
        left = total
        for _ in range(rng.randrange(1, 6)):
            part = random_size(rng, left)
            left -= part
            steps.append("read:%d" % part)
            steps.append("write:%d" % rng.randrange(1, 30))
            if plan.chance(0.2):
                add_pause(plan, steps)
        steps += ["write", "drain"]
    else:
        part = random_size(rng, total)
        if plan.framing == "raw":
            part = 0
        steps.append("read:%d" % part)
        if plan.chance(0.3) and plan.type != "dgram":
            steps.append("stop-reading")
        steps.append("write")
        plan.ends = plan.chance(0.5)
    if plan.chance(0.15):
        add_pause(plan, steps)
    if plan.chance(0.1):
        plan.exit = -rng.choice((signal.SIGKILL, signal.SIGTERM,
                                 signal.SIGSEGV, signal.SIGPIPE))
        steps.append("die:%d" % -plan.exit)
    else:
        plan.exit = rng.choice((0, 0, 0, 1, 3, 125, 255))
        steps.append("exit:%d" % plan.exit)


def choose_files(plan):
    """What standard input and output are, and how they behave."""
    rng = plan.rng
    plan.stdin = rng.choice(("pipe",) * 4 + ("file", "fifo", "socket"))
    plan.stdout = rng.choice(("pipe",) * 4 + ("file", "fifo", "socket", "pty"))
    if plan.chance(0.1):
        plan.stdin = plan.stdout = "both"       # one socket
    elif plan.framing is None and plan.chance(0.1):
        plan.stdin = "pty"
        plan.ends = True
        shorten_to_lines(plan)
    data = plan.input_bytes()
    if plan.stdin == "file":
        plan.ends = True
    plan.producer = random_pauses(plan, cut(rng, data), 0.02)
    plan.consumer = random_pauses(
        plan, [random_size(rng, 200000) + 1 for _ in range(10)], 0.05)


def shorten_to_lines(plan):
    """A terminal has lines, and ends after one."""
    words = plan.rng.choices(("a", "bc", "", "words of a line"),
                             k=plan.rng.choice((0, 1, 5, 100)))
    plan.input = "".join(word + "\n" for word in words).encode()
    plan.steps = [step if not step.startswith("read:") else "read:0"
                  for step in plan.steps]


def choose_noise(plan):
    """Options that must change nothing."""
    rng = plan.rng
    options = plan.options
    if plan.chance(0.1):
        options.append("--timeout=100")
    if plan.chance(0.1) and plan.type != "dgram":
        options.append("--linger=100")
    if plan.chance(0.1):
        options.append("--kill-after=100")
    if plan.chance(0.1) and has_option("--die-with-parent"):
        options.append("--die-with-parent")
    if plan.chance(0.1):
        options.append("--stats")
        plan.messages_expected.append(r"sockpair: .*")
        plan.messages_expected.append(r"[ <>].*")
    if plan.chance(0.1) and not plan.is_message_type() and \
            plan.type != "pipes":
        options.append("-b%d" % rng.choice((1, 4096, 65536, 1 << 20)))
    if plan.framing and "raw" not in (plan.framing, plan.wire) and \
            plan.chance(0.2):
        largest = max(map(len, plan.input + plan.said), default=0)
        options.append("--max-message=%d" % max(1, largest))
    if not plan.is_message_type() and plan.chance(0.07):
        size = max(1, plan.heard_size() // rng.choice((1, 7, 60)))
        options.append("--chunk=%d" % size)
        plan.time += 3

TRACE_ENDINGS = {"jsonl": "jsonl", "text": "log", "hex": "hex",
                 "pcapng": "pcapng"}


def choose_traces(plan):
    rng = plan.rng
    if not plan.chance(0.5):
        return
    for i in range(rng.choice((1, 1, 1, 2, 3))):
        trace = {"format": rng.choice(("jsonl",) * 3 +
                                      ("text", "hex", "pcapng")),
                 "snaplen": None, "reader": "file"}
        trace["name"] = "trace%d.%s" % (i, TRACE_ENDINGS[trace["format"]])
        if trace["format"] == "hex":
            plan.options.append("--format=hex")
        else:
            plan.options.append("--format=%s" % (
                {"jsonl": "json"}.get(trace["format"], trace["format"])))
        if plan.chance(0.25):
            trace["reader"] = rng.choice(("fifo", "slow"))
            plan.time += 2
        plan.options += ["-o", trace["name"]]
        plan.traces.append(trace)
    if plan.chance(0.15):
        snaplen = rng.choice((1, 16, 1000))
        plan.options.append("--snaplen=%d" % snaplen)
        for trace in plan.traces:
            trace["snaplen"] = snaplen


def first_steps(plan, hears, says, heard_size):
    """What a command has to know first: its descriptors, and how to read."""
    first = []
    if hears != 0:
        first.append("in:%d" % hears)
    if says != 1:
        first.append("out:%d" % says)
    if plan.is_message_type():
        first.append("messages")
    elif plan.chance(0.3):
        first.append("room:%d" % max(plan.rng.choice((1, 100, 4096, 70000)),
                                     heard_size // 2000))
    if plan.chance(0.2):
        first.append("nonblock")
    return first


def finish_steps(plan):
    says = plan.fds[1] if plan.type == "pipes" else plan.fds[0]
    plan.steps[:0] = first_steps(plan, plan.fds[0], says, plan.heard_size())
