# SPDX-License-Identifier: MIT
"""One session, from its start to its end."""
import os
import select
import signal
import subprocess
import time

import programs
from actor import State, read_pieces, write_pieces
from ends import Sink, Trickle, open_both, open_input, open_output
from finding import expect, expect_same
from mailboxes import KINDS, MessageSink, MessageSource
from model import Model
from peer_model import PeerModel
from processes import (
    children, descendants, describe, kill_descendant, read_or)


class Run:
    """The processes of a session, from start to end."""

    def __init__(self, plan, patience):
        self.plan = plan
        self.limit = plan.time + patience
        self.source = self.sink = None
        self.readers = {}
        self.status = None
        self.hang = []
        self.killed = False             # the harness has sent its signal
        self.left_over = []

    def open_traces(self):
        for trace in self.plan.traces:
            if trace["reader"] == "file":
                continue
            os.mkfifo(trace["name"])
            fd = os.open(trace["name"], os.O_RDONLY | os.O_NONBLOCK)
            kind = Trickle if trace["reader"] == "slow" else Sink
            leaves = trace["reader"] == "leaves"
            steps = [(300, 0)] if leaves else []
            self.readers[trace["name"]] = kind(fd, steps, leaves)

    def open_source(self):
        if self.plan.stdin not in KINDS:
            return open_input(self.plan)
        source = MessageSource(self.plan.stdin, self.plan)
        return source, os.dup(source.theirs.fileno())

    def open_sink(self):
        if self.plan.stdout not in KINDS:
            return open_output(self.plan)
        sink = MessageSink(self.plan.stdout, self.plan)
        return sink, sink.theirs.detach()

    def start(self, argv):
        if self.plan.stdin == "both":
            self.source, self.sink, theirs, theirs_out = open_both(self.plan)
        else:
            self.source, theirs = self.open_source()
            self.sink, theirs_out = self.open_sink()
        self.open_traces()
        environment = {"HOME": os.getcwd(), "LC_ALL": "C.UTF-8",
                       "PATH": os.environ["PATH"],
                       "TMPDIR": os.path.join(os.getcwd(), "tmp")}
        for name, value in os.environ.items():
            if name.endswith("SAN_OPTIONS") or name.startswith("SOAK_"):
                environment[name] = value
        os.mkdir("tmp")
        with open("stderr", "wb") as errors:
            process = subprocess.Popen(
                argv, stdin=theirs, stdout=theirs_out, stderr=errors,
                env=environment)
        os.close(theirs)
        os.close(theirs_out)
        return process

    def send_kill(self, process, now, began):
        """Send the session's signal, when it is time."""
        whom, number, when = self.plan.kill
        if when == "ready":
            if not os.path.exists("one.ready"):
                return
        elif now < began + when:
            return
        if whom == "relay":
            process.send_signal(number)
        else:
            state = State("two" if whom == "peer" else "one")
            if not state.ran or state.pid == 0:
                return
            kill_descendant(process.pid, state.pid, number)
        self.killed = True

    def parts(self):
        return [self.source, self.sink, *self.readers.values()]

    def step(self, poller, until):
        """Wait until something can move, and move it."""
        now = time.monotonic()
        by_fd = {}
        for part in self.parts():
            if part.fd is None:
                continue
            if part.wants(now):
                event = select.POLLOUT if part is self.source \
                    else select.POLLIN
                poller.register(part.fd, event)
                by_fd[part.fd] = part
            elif part.wakes() > now:
                until = min(until, part.wakes())
        ready = poller.poll(max(0, (until - now) * 1000 + 0.5))
        for fd in by_fd:
            poller.unregister(fd)
        now = time.monotonic()
        for fd, _ in ready:
            if fd in by_fd:
                by_fd[fd].act(now)
        return ready

    def supervise(self, process):
        pidfd = os.pidfd_open(process.pid)
        poller = select.poll()
        poller.register(pidfd, select.POLLIN)
        began = time.monotonic()
        over = began + self.limit
        while True:
            now = time.monotonic()
            until = over
            if self.plan.kill and not self.killed:
                self.send_kill(process, now, began)
                until = min(until, now + 0.003)
            ready = self.step(poller, until)
            if any(fd == pidfd for fd, _ in ready):
                break
            if time.monotonic() > over:
                self.note_hang("sockpair does not end")
                break
        os.close(pidfd)
        self.status = process.wait()

    def note_hang(self, what):
        self.hang.append(what)
        for pid in descendants(os.getpid())[1:]:
            self.hang += describe(pid)
        self.hang.append("the harness:")
        self.hang += describe(os.getpid())
        for pid in descendants(os.getpid())[1:]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def drain(self):
        """Take what is still in the queues, once sockpair has ended."""
        self.source.close()
        end = time.monotonic() + 20
        readers = self.parts()[1:]
        for part in readers:
            part.is_over = True
            if not part.leaves:
                part.steps = []
        while any(part.fd is not None for part in readers):
            if time.monotonic() > end:
                self.hang.append("a reader does not see the end")
                break
            # Not by poll(2), which says nothing of a FIFO that sockpair did
            # not live to open.
            for part in readers:
                if part.fd is not None:
                    part.act(end)
            time.sleep(0.0005)
        for part in self.parts():
            part.close()

    def wait_for_others(self):
        """Processes that sockpair has left: some are meant to end."""
        plan = self.plan
        if plan.orphan or plan.style == "timeout":
            for pid in children():
                os.kill(pid, signal.SIGKILL)
        patient = plan.style in ("relay_killed", "orphan") or plan.kill
        end = time.monotonic() + (5 if patient or plan.orphan else 0.5)
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                if time.monotonic() > end:
                    break
                time.sleep(0.002)
        self.note_hang("a process is left")
        while children():
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                break

    def keep(self):
        """What was read, as files in place of the FIFOs."""
        for name, part in (("output", self.sink), *self.readers.items()):
            if part.got:
                with open(name + ".new", "wb") as file:
                    file.write(part.data())
                os.rename(name + ".new", name)

    def run(self, argv):
        process = self.start(argv)
        self.supervise(process)
        self.drain()
        self.wait_for_others()


def play_again(plan):
    """sockplay must find that the same command says the same."""
    os.link("one.say", "again.say")
    argv = [programs.SOCKPLAY, "--timeout=60", plan.replay,
            *plan.command("again")]
    with open("play.err", "wb") as errors:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, check=False,
                              stdout=errors, stderr=errors, timeout=90)
    text = read_or("play.err", "")
    expect(done.returncode == 0 and not text, "sockplay: status %d: %s",
           done.returncode, text)
    if plan.drains and not plan.framing == "raw":
        heard, again = read_pieces("one.heard"), read_pieces("again.heard")
        if not plan.is_message_type():
            heard, again = b"".join(heard), b"".join(again)
        expect_same(again, heard, "what the command heard of sockplay")


def play_session(plan, patience):
    """In an empty directory.  Raises Finding."""
    write_pieces("one.say", plan.output)
    write_pieces("two.say", plan.peer_output)
    run = Run(plan, patience)
    run.run(plan.argv())
    run.keep()
    kind = Model if plan.peer is None else PeerModel
    kind(plan, run).check()
    if plan.replay and os.path.exists(programs.SOCKPLAY):
        play_again(plan)
