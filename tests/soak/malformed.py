# SPDX-License-Identifier: MIT
"""Sessions with bytes that are no message, among those that are."""
import re

from choices import (
    add_pause, choose_data, choose_files, choose_noise, finish_steps)
from framing import FRAMINGS, SIZES, Cut, Stray, frame, frame_all

# What begins where a message should, and is none.
WRONG = {
    "netstring": (b"x", b":", b",", b"12x:", b"01:a,", b"5:abcdeX", b"-1:,",
                  b"99999999999999999999:a,", b"\n", b"\0"),
    "lsp": (b"Loading numpy\n", b"\n", b"\r\n\r\n", b"5:abcde,\n", b"\0\xff\n",
            b"Content-Type: text\r\n\r\n", b"Content-Length: five\r\n\r\n",
            b"Content-Length: 5\r\nno field\r\n\r\n", b"x" * 5000 + b"\n"),
}


def spoil(plan, kind, messages, noun):
    """Put in what is malformed, and expect what sockpair says of it."""
    rng = plan.rng
    wrong = WRONG.get(kind)
    if wrong and plan.chance(0.7):
        for _ in range(rng.choice((1, 1, 2, 5))):
            messages.insert(rng.randrange(len(messages) + 1),
                            Stray(rng.choice(wrong)))
        first = next(i for i, m in enumerate(messages)
                     if isinstance(m, Stray))
        plan.messages_required.append(
            "sockpair: byte %d of %s is no %s: '.+'" % (
                len(frame_all(kind, messages[:first])), noun,
                {"lsp": "lsp header"}.get(kind, kind)))
    elif messages and (wrong or kind in SIZES):
        last = frame(kind, messages.pop())
        if len(last) < 2:
            return
        messages.append(Cut(last[:rng.randrange(1, len(last))]))
        plan.messages_required.append(re.escape(
            "sockpair: cannot read message %d: %s ended inside it" % (
                len(messages), noun)))


def choose_malformed(plan):
    """Make plan a session with malformed frames."""
    rng = plan.rng
    kinds = ("netstring", "netstring", "lsp", "lsp", *SIZES)
    plan.type = rng.choice(("stream", "pipes", "seqpacket", "dgram"))
    plan.framing = rng.choice(kinds)
    if plan.is_message_type():
        plan.options += ["-t", plan.type]
    else:
        plan.wire = rng.choice(FRAMINGS + kinds)
        plan.options += ["-W", plan.wire]
        if plan.type == "pipes":
            plan.options.append("--pipes")
    plan.options += ["-F", plan.framing]
    choose_data(plan)
    plan.drains = True
    plan.style = "malformed"
    if plan.chance(0.2):
        add_pause(plan, plan.steps)
    if plan.is_message_type() or plan.chance(0.5):
        spoil(plan, plan.framing, plan.input, "standard input")
    if plan.wire and (not plan.messages_required or plan.chance(0.5)):
        spoil(plan, plan.wire, plan.said, "the command's output")
        data = frame_all(plan.wire, plan.said)
        size = rng.choice((1, 7, 4096, 1 << 22))
        size = max(size, len(data) // 1500 + 1)
        plan.output = [data[i:i + size] for i in range(0, len(data), size)]
    plan.steps += rng.choice((["both"], ["write", "drain"],
                              ["drain", "write"]))
    plan.exit = rng.choice((0, 0, 3))
    plan.steps.append("exit:%d" % plan.exit)
    choose_noise(plan)
    plan.options = [o for o in plan.options if o != "--stats" and
                    not o.startswith("--max-message")]
    plan.messages_expected = []
    choose_files(plan)
    finish_steps(plan)
