# SPDX-License-Identifier: MIT
"""Message sockets as standard input and output of sockpair."""
import socket

from chance import cut
from ends import Sink, Source
from finding import expect_same

KINDS = {"seqpacket": socket.SOCK_SEQPACKET, "dgram": socket.SOCK_DGRAM}
TIME_STAMPS = 35        # SO_TIMESTAMPNS, which python does not name
LARGEST = 60000         # bytes of a message: some buffers have 64 KiB


class MessageSource(Source):
    """Sends its pieces as messages, some of which may be empty."""

    def __init__(self, kind, plan):
        ours, self.theirs = socket.socketpair(type=KINDS[kind])
        self.socket = ours
        self.messages = 0       # sent
        super().__init__(ours.fileno(), plan.producer, plan.ends)

    def act(self, now):
        if self.steps and (self.started or not self.steps[0][1]):
            try:
                self.socket.send(self.steps[0][0])
            except BlockingIOError:
                return
            except (BrokenPipeError, ConnectionError):
                self.broken = True
                return
            self.sent += len(self.steps.pop(0)[0])
            self.messages += 1
            self.started = False
            return
        super().act(now)

    def end(self):
        """A datagram socket has an end only if its reader's end is shut."""
        self.theirs.shutdown(socket.SHUT_RD)
        self.close()

    def close(self):
        self.socket.close()
        self.theirs.close()
        self.fd = None


class MessageSink(Sink):
    """Receives messages.  A time stamp distinguishes an empty one from the
    end of a seqpacket socket; a datagram socket has no end."""

    def __init__(self, kind, plan):
        self.socket, self.theirs = socket.socketpair(type=KINDS[kind])
        self.socket.setsockopt(socket.SOL_SOCKET, TIME_STAMPS, 1)
        self.has_end = kind == "seqpacket"
        super().__init__(self.socket.fileno(), plan.consumer, False)

    def act(self, now):
        if self.steps and self.steps[0][1] and not self.started:
            self.next = now + self.steps[0][1]
            self.started = True
            return
        try:
            data, marks, _, _ = self.socket.recvmsg(1 << 20, 200)
        except BlockingIOError:
            if self.is_over and not self.has_end:
                self.close()
            return
        if not data and not marks:
            self.close()
            return
        self.got.append(data)
        self.started = False
        self.steps = self.steps[1:]

    def close(self):
        self.socket.close()
        self.fd = None


def take_messages(plan, messages):
    """Of a size that sockets carry, and some of them empty."""
    return [b"" if plan.chance(0.1) else message[:LARGEST]
            for message in messages]


def style_mailbox(plan):
    """Standard input, output, or both are message sockets."""
    rng = plan.rng
    if plan.stdin == "both":
        plan.stdin = plan.stdout = "pipe"
    plan.exact = plan.framing == "raw" and not plan.wire
    kinds = ["seqpacket"] + ["dgram"] * (plan.drains and plan.ends)
    which = rng.randrange(3)
    if plan.stdin == "pty":
        which = 1
    if which != 1:
        plan.stdin = rng.choice(kinds)
        if plan.exact:
            plan.input = take_messages(plan, plan.input)
            pieces = plan.input
        else:
            pieces = [piece[i:i + LARGEST] for piece in cut(
                          rng, plan.input_bytes())
                      for i in range(0, len(piece), LARGEST)]
        plan.producer = [(piece, 0.01 * plan.chance(0.05))
                         for piece in pieces]
        plan.time += 0.02 * len(pieces)
    if which != 0:
        plan.stdout = rng.choice(("seqpacket", "dgram"))
        if plan.exact:
            plan.output = take_messages(plan, plan.output)
        written = plan.input if plan.echoes else plan.said
        # A frame is sent as one message; with --wire=raw it has all that is
        # read at once, and so has an echo of raw input.
        sizes = [len(piece) for piece in written] if plan.framing else []
        if plan.echoes and plan.framing == "raw" and plan.stdin not in KINDS:
            sizes = [sum(sizes)]
        if plan.wire == "raw" or max(sizes, default=0) > LARGEST:
            plan.stdout = "pipe"
    plan.checks.append(check_mailbox)


def style_paced(plan):
    """With --framing=raw each read of sockpair's is a message."""
    if not plan.is_message_type() or not plan.drains or \
            any(step.startswith("read:") for step in plan.steps):
        return
    plan.options = [option for option in plan.options if not
                    option.startswith(("--framing", "--max-message"))]
    plan.options.append("--framing=raw")
    plan.framing = "raw"
    # Not more than a pipe takes at once.
    plan.input = [(message or b"r")[:4096] for message in plan.input][:100]
    plan.output = [message or b"r" for message in plan.output]
    if plan.stdin not in ("pipe", "fifo", "socket"):
        plan.stdin = "pipe"
        if plan.stdout == "both":
            plan.stdout = "pipe"
    plan.producer = [(message, 0) for message in plan.input]
    plan.paced = True
    plan.checks.append(check_paced)


def check_paced(model):
    expect_same(model.heard, model.plan.input, "messages of one read each")


def check_mailbox(model):
    """With --framing=raw, a message is a message on both sides."""
    plan, run = model.plan, model.run
    if not plan.exact:
        return
    if plan.stdin in KINDS and plan.drains:
        expect_same(model.heard, plan.input[:run.source.messages],
                    "messages that the command heard")
    if plan.stdout in KINDS:
        said = model.heard if plan.echoes else plan.output
        expect_same(run.sink.got, said[:model.state.pieces],
                    "messages of the output")
