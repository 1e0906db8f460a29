# SPDX-License-Identifier: MIT
"""What a session must have come to."""
import os
import re
import signal

from actor import State, read_pieces
from finding import Finding, expect, expect_prefix, expect_same
from framing import Stray, delivered, frame_all, unframe
from plan import NO_LIMIT
from processes import read_or
from styles import UNREAD
from traces import check_traces


def has_stray(messages):
    return any(isinstance(message, Stray) for message in messages)


class Model:
    """What the session must have come to."""

    def __init__(self, plan, run):
        self.plan = plan
        self.run = run
        self.state = State("one")
        self.heard = read_pieces("one.heard")
        self.stderr = read_or("stderr", "")
        self.relay_killed = plan.style == "relay_killed"
        # The command may have been ended in the midst of something.
        self.cut_short = plan.kill is not None or plan.style == "timeout"

    def consumer_left(self):
        return self.run.sink.left

    def got(self):
        if self.plan.stdout == "file":
            with open("output", "rb") as file:
                return file.read()
        return self.run.sink.data()

    def joined(self):
        """Whether only the bytes can be compared, not messages."""
        return not self.plan.is_message_type() or self.plan.framing == "raw"

    def sent(self):
        """What the producer said, as the command hears it."""
        plan = self.plan
        if plan.framing is None:
            return plan.input[:self.run.source.sent]
        whole = self.complete_messages()
        if plan.wire:
            return frame_all(plan.wire, whole)
        return b"".join(whole) if plan.framing == "raw" else whole

    def complete_messages(self):
        plan = self.plan
        if plan.framing == "raw":
            return [b"".join(plan.input)[:self.run.source.sent]]
        return [message for message in delivered(
                    plan.framing, plan.input, self.run.source.sent)
                if len(message) <= plan.limit]

    def is_stray(self):
        """Whether the input ended early, behind what is no netstring."""
        return self.plan.framing == "netstring" and \
            has_stray(self.plan.input) and self.run.source.sent > 0

    def check_heard(self):
        heard = b"".join(self.heard) if self.joined() else self.heard
        sent = self.sent()
        expect_prefix(heard, sent, "what the command heard")
        if self.relay_killed or self.plan.style == "grandchild":
            return
        expect(self.state.ended != 2, "the command's read gave ECONNRESET")
        if self.state.ended == 1:
            expect(self.plan.ends and not self.run.source.steps or
                   self.run.source.broken or self.is_stray(),
                   "the command read end of file before there was one")
            expect_same(heard, sent, "what the command heard to its end")

    def said(self, pieces):
        """So many pieces as the consumer would have them: its bytes."""
        plan = self.plan
        if plan.echoes:
            some = self.heard[:pieces]
        else:
            some = plan.output[:pieces]
        if plan.framing is None:
            return b"".join(some)
        if not plan.wire:
            return frame_all(plan.framing, some)
        if plan.wire == "raw":
            return b"".join(some)       # compared without frames
        if has_stray(plan.said):
            return frame_all(plan.framing, delivered(
                plan.wire, plan.said, len(b"".join(some))))
        messages, rest = unframe(plan.wire, b"".join(some))
        # What a newline or a NUL should end is a message without it, too.
        if rest and plan.wire in ("line", "null"):
            messages.append(rest)
        return frame_all(plan.framing, [message for message in messages
                                        if len(message) <= plan.limit])

    def unframed(self, got):
        """With --wire=raw the pieces are as they were read."""
        if self.plan.wire != "raw":
            return got
        messages, rest = unframe(self.plan.framing, got)
        if not self.consumer_left() and not self.relay_killed:
            expect(not rest, "output ends inside a message")
        return b"".join(messages)

    def check_output(self):
        plan = self.plan
        if plan.stdout == "full":
            return
        got = self.unframed(self.got())
        state = self.state
        some = self.said(state.begun)
        if self.partial():
            # A piece of which only a part was said.
            done = self.said(state.pieces)
            if plan.framing is None or plan.wire == "raw":
                done = some[:len(done) + state.partial]
        else:
            done = self.said(state.pieces)
        if self.partial() and plan.wire in ("line", "null"):
            got = self.without_cut(got, some)
        expect_prefix(got, some, "the output")
        if self.consumer_left() or self.relay_killed:
            return
        if len(got) < len(done) and self.cut_short and self.stderr:
            return                      # a reader stood still: it said so
        if plan.kill and plan.kill[0] == "relay" and state.fate and \
                self.run.status == -plan.kill[1]:
            return                      # without a command, it ends at once
        expect(len(got) >= len(done), "the output: %d B of %d B have come",
               len(got), len(done))
        if not self.cut_short and not self.partial():
            expect_same(got, done, "the output")

    def without_cut(self, got, some):
        """Without a message that its sender cut off by its death."""
        got, rest = unframe(self.plan.framing, got)
        want, _ = unframe(self.plan.framing, some)
        if got and len(got) <= len(want) and \
                want[len(got) - 1].startswith(got[-1]):
            got[-1] = want[len(got) - 1]
        return frame_all(self.plan.framing, got) + rest

    def partial(self):
        return self.state.begun > self.state.pieces

    def fate(self):
        """How the command ended: what sockpair's status must be."""
        if self.state.fate > 0:
            return self.state.fate - 1
        return self.state.fate or None

    def check_status(self):
        plan, run = self.plan, self.run
        status, fate = run.status, self.fate()
        if self.relay_killed:
            expect(status == -signal.SIGKILL or status == fate,
                   "status %d, of one that was killed", status)
            return
        if plan.style == "timeout" and status == 124:
            return
        allowed = set()
        if plan.kill:
            allowed.add(-plan.kill[1])
        if self.consumer_left() or plan.stdout == "full":
            allowed.add(-signal.SIGPIPE)
        if self.may_be_killed():
            allowed |= {-signal.SIGTERM, -signal.SIGKILL}
        if fate is not None:
            if plan.kill and self.run.killed:
                allowed.add(fate)
            else:
                allowed = {fate}
        if self.must_fail():
            allowed = {code or 125 for code in allowed}
        expect(status in allowed, "status %s instead of %s", status,
               " or ".join(map(str, allowed)) or "any")
        if not plan.kill and not self.consumer_left():
            expect(fate == plan.exit or self.may_be_killed() or
                   plan.stdout == "full",
                   "the command ended with %s instead of %s", fate, plan.exit)

    def may_be_killed(self):
        """Whether --kill-after may end the command.

        Its clock starts when the socket has hung up, which may be long before
        a slow consumer has all, and before --timeout.
        """
        plan = self.plan
        return plan.style == "kill_after" or (
            plan.style == "timeout" and "half-close" in plan.steps and
            "--kill-after=200ms" in plan.options)

    def must_fail(self):
        if self.plan.stdout == "full":
            return self.state.begun > 0 and len(self.said(99999)) > 0
        plan = self.plan
        dropped = plan.limit < NO_LIMIT and any(
            len(message) > plan.limit
            for message in plan.input + (plan.said if plan.wire else []))
        return dropped or self.trace_is_cut() or \
            has_stray(plan.input) or has_stray(plan.said) or \
            re.search(UNREAD, self.stderr)

    def trace_is_cut(self):
        """Whether a trace was not written because its reader had left.

        What the pipe had room for before that counts as written.
        """
        return re.search(r"cannot write .*trace0", self.stderr)

    def check_stderr(self):
        for line in self.stderr.splitlines():
            if any(re.fullmatch(pattern, line)
                   for pattern in self.plan.messages_expected +
                   self.plan.messages_required):
                continue
            if self.cut_short and re.match("sockpair: ", line):
                continue
            raise Finding("on standard error: %s" % line)
        for pattern in self.plan.messages_required:
            count = sum(re.fullmatch(pattern, line) is not None
                        for line in self.stderr.splitlines())
            expect(count == 1, "%d times on standard error: %s", count,
                   pattern)

    def check_descriptors(self):
        if not self.state.ran or self.state.pid == 0:
            return
        want = sum(1 << fd for fd in {0, 1, 2, *self.plan.fds})
        got = self.state.descriptors
        expect(got == want, "the command's descriptors are %s",
               [fd for fd in range(63) if got >> fd & 1])

    def check_surroundings(self):
        """What every session leaves behind it."""
        expect(not self.run.hang, "\n    ".join(self.run.hang))
        expect(not os.listdir("tmp"), "a temporary file is left")

    def check(self):
        self.check_surroundings()
        if not self.state.ran and self.plan.kill:
            expect(self.run.status == -self.plan.kill[1],
                   "status %s, of one that was killed", self.run.status)
            return
        expect(self.state.ran, "the command did not run: %s", self.stderr)
        self.check_stderr()
        self.check_heard()
        self.check_output()
        self.check_status()
        self.check_descriptors()
        check_traces(self)
        for check in self.plan.checks:
            check(self)
