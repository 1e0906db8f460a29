# SPDX-License-Identifier: MIT
"""What a session is to be."""
import os
import shlex

import programs
from framing import frame_all

NO_LIMIT = 1 << 40


class Plan:
    """What a session is to be; generate() makes one."""

    def __init__(self, rng):
        self.rng = rng
        self.options = []
        self.style = "plain"
        self.type = "stream"            # or pipes, seqpacket, dgram
        self.framing = self.wire = None
        self.fds = [0, 1]
        self.input = []                 # bytes, or messages
        self.output = []                # pieces the command says
        self.said = []                  # the messages in these, with --wire
        self.stdin = "pipe"
        self.stdout = "pipe"
        self.producer = []              # (bytes to write or None, seconds)
        self.ends = True                # the producer closes
        self.consumer = []              # (bytes to read or None, seconds)
        self.leaves = False             # the consumer, after these
        self.steps = []                 # of the command
        self.exit = 0                   # the status, or -signal
        self.echoes = False
        self.kill = None                # (whom, signal, seconds or "ready")
        self.traces = []
        self.messages_expected = []     # regular expressions of stderr
        self.messages_required = []     # the same: each once
        self.drains = False             # the command hears all, to the end
        self.limit = NO_LIMIT           # of a message; larger ones are dropped
        self.orphan = False             # a grandchild stays for ever
        self.time = 0.0                 # seconds that it may sleep
        self.replay = False
        self.checks = []                # functions of the model, in addition
        self.paced = False              # a piece after the other is heard
        self.exact = False              # messages at sockpair's own ends
        self.events = []                # those of --events
        self.chunk = 0                  # --chunk, of two commands
        self.peer = None                # the steps of COMMAND2
        self.peer_output = []           # what that says
        self.peer_fds = [[0, 1], [0, 1]]    # of COMMAND and COMMAND2
        self.exits = [0, 0]             # their statuses
        # Whether each hears the other to its end; None: all, but not the end.
        self.hears = [None, None]
        self.passing = 0                # each so many pieces: descriptors
        self.nested = False             # a sockpair between the two more
        self.echo_side = None           # which of them is an echo

    def is_message_type(self):
        return self.type in ("seqpacket", "dgram")

    def chance(self, probability):
        return self.rng.random() < probability

    def heard_size(self):
        """How much the command can hear: bytes, or messages."""
        if self.framing is None or self.is_message_type():
            return len(self.input)
        return len(frame_all(self.wire, self.input))

    def input_bytes(self):
        if self.framing is None:
            return self.input
        return frame_all(self.framing, self.input)

    def command(self, name):
        return [programs.ACTOR, name, *self.steps]

    def argv(self):
        options = list(self.options)
        if self.peer is not None:
            peer = [programs.ACTOR, "two", *self.peer]
            if self.nested:
                # That has a socket as its standard input and output.
                if self.is_message_type():
                    peer[:0] = ["-t", self.type, "-F", "raw"]
                peer.insert(0, os.environ.get("SOAK_PROGRAM",
                                              programs.SOCKPAIR))
            options += ["-p", "exec " + shlex.join(peer)]
        return [programs.SOCKPAIR, *options, *self.command("one")]

    def describe(self):
        lines = ["%s, %s" % (self.style, self.type)]
        if self.peer is None:
            lines.append("standard input: %s, %d B in %d pieces%s" % (
                self.stdin, len(self.input_bytes()), len(self.producer),
                "" if self.ends else ", which does not end"))
            lines.append("standard output: %s%s" % (
                self.stdout, ", whose reader leaves after %d B" % sum(
                    size for size, _ in self.consumer)
                if self.leaves else ""))
        lines.append(shlex.join(self.argv()))
        if self.kill:
            lines.append("kill: %s, signal %d, at %s" % self.kill)
        return lines
