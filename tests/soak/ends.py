# SPDX-License-Identifier: MIT
"""The producer, the consumer, and the readers of traces."""
import errno
import os
import pty
import socket
import tty


class Source:
    """Writes pieces to a descriptor, with pauses, and closes it."""

    def __init__(self, fd, steps, ends, is_tty=False):
        self.fd = fd
        self.steps = list(steps)
        self.ends = ends
        self.is_tty = is_tty
        self.sent = 0
        self.place = 0
        self.next = 0.0         # not before
        self.broken = False
        self.started = False
        if fd is not None:
            os.set_blocking(fd, False)

    def wants(self, now):
        return self.fd is not None and not self.broken and \
            now >= self.next and (self.steps or self.ends)

    def wakes(self):
        return self.next

    def act(self, now):
        if not self.steps:
            self.end()
            return
        data, pause = self.steps[0]
        if not self.started and pause:
            self.next = now + pause
            self.started = True
            return
        try:
            put = os.write(self.fd, data[self.place:self.place + (1 << 20)])
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno not in (errno.EPIPE, errno.ECONNRESET):
                raise
            self.broken = True
            return
        self.sent += put
        self.place += put
        if self.place == len(data):
            self.place = 0
            self.started = False
            self.steps.pop(0)

    def end(self):
        if self.is_tty:
            os.write(self.fd, b"\4")
            self.ends = False
        elif self.ends == "shutdown":
            socket.socket(fileno=os.dup(self.fd)).shutdown(socket.SHUT_WR)
            self.ends = False
        else:
            self.close()

    def close(self):
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None


class Paced(Source):
    """Writes a piece only when all before it have been heard."""

    before = 0      # bytes of one.heard then

    def act(self, now):
        heard = os.path.getsize("one.heard") \
            if os.path.exists("one.heard") else 0
        if self.steps and heard < self.before:
            self.next = now + 0.002
            return
        left = len(self.steps)
        size = len(self.steps[0][0]) if self.steps else 0
        super().act(now)
        if len(self.steps) < left:
            self.before += 4 + size


class Sink:
    """Reads from a descriptor, with pauses, all of it or until it leaves."""

    def __init__(self, fd, steps, leaves):
        self.fd = fd
        self.steps = list(steps)
        self.leaves = leaves
        self.got = []
        self.next = 0.0
        self.started = False
        self.left = self.ended = False
        self.is_over = False    # nobody has the other end
        if fd is not None:
            os.set_blocking(fd, False)

    def wants(self, now):
        return self.fd is not None and now >= self.next

    def wakes(self):
        return self.next

    def act(self, now):
        size = 1 << 20
        if self.steps:
            size, pause = self.steps[0]
            if not self.started and pause:
                self.next = now + pause
                self.started = True
                return
        elif self.leaves:
            self.left = True
            self.close()
            return
        try:
            data = os.read(self.fd, size)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno not in (errno.EIO, errno.ECONNRESET):
                raise
            data = b""
        if not data:
            self.ended = True
            self.close()
            return
        self.got.append(data)
        if self.steps:
            size -= len(data)
            if size > 0:
                self.steps[0] = (size, 0)
            else:
                self.steps.pop(0)
                self.started = False

    def close(self):
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None

    def data(self):
        return b"".join(self.got)


class Trickle(Sink):
    """The reader of a trace that reads slowly."""

    def act(self, now):
        super().act(now)
        self.next = now + 0.002
        self.steps = [(200000, 0)]


def open_input(plan):
    """The producer, and the descriptor that sockpair reads."""
    if plan.stdin == "file":
        with open("input", "wb") as file:
            file.write(plan.input_bytes())
        source = Source(None, [], False)
        source.sent = len(plan.input_bytes())
        return source, os.open("input", os.O_RDONLY)
    if plan.stdin == "fifo":
        os.mkfifo("input")
        theirs = os.open("input", os.O_RDONLY | os.O_NONBLOCK)
        ours = os.open("input", os.O_WRONLY)
        os.set_blocking(theirs, True)
    elif plan.stdin == "socket":
        ours, theirs = [s.detach() for s in socket.socketpair()]
    elif plan.stdin == "pty":
        ours, theirs = pty.openpty()
    else:
        theirs, ours = os.pipe()
    kind = Paced if plan.paced else Source
    return kind(ours, plan.producer, plan.ends, plan.stdin == "pty"), theirs


def open_output(plan):
    """The consumer, and the descriptor that sockpair writes."""
    if plan.stdout in ("file", "full"):
        path = "output" if plan.stdout == "file" else "/dev/full"
        return Sink(None, [], False), \
            os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    if plan.stdout == "fifo":
        os.mkfifo("output")
        ours = os.open("output", os.O_RDONLY | os.O_NONBLOCK)
        theirs = os.open("output", os.O_WRONLY)
    elif plan.stdout == "socket":
        ours, theirs = [s.detach() for s in socket.socketpair()]
    elif plan.stdout == "pty":
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
    else:
        ours, theirs = os.pipe()
    return Sink(ours, plan.consumer, plan.leaves), theirs


def open_both(plan):
    """Both on one socket."""
    ours, theirs = [s.detach() for s in socket.socketpair()]
    ends = "shutdown" if plan.ends else False
    return Source(os.dup(ours), plan.producer, ends), \
        Sink(ours, plan.consumer, plan.leaves), theirs, os.dup(theirs)
