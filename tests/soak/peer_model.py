# SPDX-License-Identifier: MIT
"""What a session of two commands must have come to."""
import signal

from actor import State, read_passed, read_pieces
from finding import expect, expect_prefix, expect_same
from model import Model
from traces import read_trace, trace_data


class PeerModel(Model):
    """What a session of two commands must have come to."""

    def __init__(self, plan, run):
        super().__init__(plan, run)
        self.states = [State("one"), State("two")]
        self.heard = [read_pieces("one.heard"), read_pieces("two.heard")]

    def join(self, pieces):
        return pieces if self.plan.is_message_type() else b"".join(pieces)

    def said(self, side, count):
        """The first pieces that a side has said, as the other hears them."""
        if side == self.plan.echo_side:
            return self.join(self.heard[side][:count])
        pieces = (self.plan.output, self.plan.peer_output)[side]
        return self.join(pieces[:count])

    def check_passed(self, side):
        """The descriptors that one side got, and what came with them."""
        plan, other = self.plan, self.states[1 - side]
        if not plan.passing:
            return
        pieces = self.heard[1 - side] if plan.echo_side == 1 - side else \
            (plan.output, plan.peer_output)[1 - side]
        want = []
        place = 0
        for number, piece in enumerate(pieces[:other.begun]):
            if number % plan.passing == 0:
                want += [(place, 4 * number + 1 + i)
                         for i in range(number // plan.passing % 3 + 1)]
            place += 1 if plan.is_message_type() else len(piece)
        got = read_passed(("one", "two")[side])
        expect([serial for _, _, serial in got] ==
               [serial for _, serial in want[:len(got)]],
               "descriptors: %s instead of %s", got, want)
        heard = len(self.join(self.heard[side]))
        for (start, size, _), (place, serial) in zip(got, want):
            if plan.is_message_type():
                size = 1
            expect(start <= place < start + size, "descriptor %d came with "
                   "%d at %d, not %d", serial, size, start, place)
        expect(len(got) >= sum(place < heard for place, _ in want),
               "%d descriptors of %d have come", len(got), len(want))

    def was_killed(self, side):
        """Whether a signal may have ended it anywhere."""
        return self.plan.kill is not None and self.plan.kill[0] in (
            "relay", ("command", "peer")[side])

    def check_side(self, side):
        """What one side heard of the other."""
        me, other = self.states[side], self.states[1 - side]
        name = ("the command", "the peer")[side]
        heard = self.join(self.heard[side])
        most = self.said(1 - side, other.begun)
        expect_prefix(heard, most, "what %s heard" % name)
        if me.ended == 1:
            expect(other.finished_at == 0 or me.ended_at >= other.finished_at,
                   "%s read end of file before there was one", name)
            least = len(self.said(1 - side, other.pieces))
            if not self.plan.is_message_type():
                least += other.partial
            if not (self.plan.kill and self.plan.kill[0] == "relay"):
                expect(len(heard) >= least, "%s heard %d of %d", name,
                       len(heard), least)
        if self.plan.kill:
            return
        if self.plan.hears[side]:
            expect(me.ended == 1, "%s heard no end of file", name)
            expect_same(heard, most, "all that %s heard" % name)
        elif self.plan.hears[side] is None:
            expect_same(heard, self.said(1 - side, 1 << 30), "the turns")
        if not self.plan.style.endswith("unread"):
            expect(me.broken == 0, "%s could not write", name)
            expect(me.ended != 2, "%s read ECONNRESET", name)

    def fate(self, side):
        """Its exit status, -signal, or None if a signal came from us."""
        fate = self.states[side].fate
        return fate - 1 if fate > 0 else fate or None

    def check_status(self):
        plan, status = self.plan, self.run.status
        fates = [self.fate(0), self.fate(1)]
        allowed = [{fate} if fate is not None else set() for fate in fates]
        for side in range(2):
            if self.was_killed(side):
                allowed[side].add(-plan.kill[1])
            elif plan.kill and fates[side] is None:
                # It wrote when the other had been killed.
                allowed[side].add(-signal.SIGPIPE)
            else:
                expect(fates[side] == plan.exits[side], "%s ended with %s",
                       ("the command", "the peer")[side], fates[side])
        if "--pipefail" in plan.options and 0 in allowed[0]:
            allowed[0] |= {128 - other if other < 0 else other
                           for other in allowed[1]}
            if 0 not in allowed[1]:
                allowed[0].discard(0)
        if plan.kill and plan.kill[0] == "relay":
            allowed[0].add(-plan.kill[1])
        expect(status in allowed[0], "status %s instead of %s", status,
               " or ".join(map(str, allowed[0])))

    def check_traces(self):
        plan = self.plan
        for trace in plan.traces:
            if plan.kill or trace["snaplen"] is not None:
                continue
            records, shown, _ = read_trace(trace, trace_data(self.run, trace))
            if trace["format"] == "pcapng" and plan.is_message_type():
                continue                # may be cut
            for side in range(2):
                sent = self.said(side, self.states[side].begun)
                seen = self.join(shown[("command", "stdin")[side]])
                what = "%s, side %d" % (trace["name"], side)
                expect_prefix(seen, sent, what)
                expect(len(seen) >= len(self.join(self.heard[1 - side])),
                       "%s has less than was heard", what)
                if plan.hears[1 - side] is not False:
                    expect_same(seen, sent, what)
            if records:
                last = records[-1]
                got = [last.get("status", -last.get("signal", 0)),
                       last.get("peer_status", -last.get("peer_signal", 0))]
                expect(got == plan.exits, "%s: exits %s instead of %s",
                       trace["name"], got, plan.exits)

    def check(self):
        plan = self.plan
        self.check_surroundings()
        self.check_stderr()
        ran = all(state.ran and state.pid for state in self.states)
        expect(ran or plan.kill, "a command did not run: %s", self.stderr)
        expect(not self.run.sink.data(), "something came on standard output")
        for side in range(2):
            if self.states[side].ran and self.states[side].pid:
                expect(self.states[side].descriptors == sum(
                    1 << fd for fd in {0, 1, 2, *plan.peer_fds[side]}),
                    "descriptors of side %d: %x", side,
                    self.states[side].descriptors)
            self.check_side(side)
            self.check_passed(side)
        self.check_status()
        self.check_traces()
