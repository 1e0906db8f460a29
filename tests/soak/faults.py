# SPDX-License-Identifier: MIT
"""Planted faults, which the model must notice."""
import os
import random

import programs
from mailboxes import style_mailbox, style_paced
from malformed import choose_malformed
from peers import choose_peers
from plan import Plan
from processes import become_reaper
from styles import generate, style_plain
from watching import style_events, style_stall
from worker import Worker



def styled_session(index, style):
    """A session that a program between pipes does not change."""
    plan = generate(0, index, style)
    plan.stdin = plan.stdout = "pipe"
    plan.replay = False
    for trace in plan.traces:
        trace["reader"] = "file"
    return plan


def plain_session(index):
    return styled_session(index, style_plain)


def stalled_session(index):
    return styled_session(index, style_stall)


def session_of_events(index):
    return styled_session(index, style_events)


def mailbox_session(index):
    return generate(0, index, style_mailbox)


def paced_session(index):
    return generate(0, index, style_paced)


def peer_session(index):
    plan = Plan(random.Random("0:%s" % index))
    choose_peers(plan)
    plan.kill = None
    return plan


def malformed_session(index):
    plan = Plan(random.Random("0:%s" % index))
    choose_malformed(plan)
    plan.stdin = plan.stdout = "pipe"
    return plan


# What tests/soak/faulty can do wrong, and the sessions that must notice it.
FAULTS = (
    (plain_session, (
        "input lost", "descriptor leaked", "first byte lost",
        "last byte lost", "byte changed", "order changed", "byte more",
        "status lost", "signal as status", "no end", "process left",
        "file left", "words of its own", "trace cut")),
    (peer_session, (
        "descriptor leaked", "end heard early", "heard changed",
        "heard cut", "passed cut", "passed changed", "passed late",
        "peer's status lost", "status lost", "byte more",
        "no end", "trace cut")),
    (malformed_session, (
        "heard cut", "last byte lost", "status lost", "silence",
        "words changed", "byte more")),
    (stalled_session, ("no stall", "silence", "words changed")),
    (session_of_events, ("all events", "event lost", "event changed")),
    (paced_session, ("framing changed", "heard cut")),
    (mailbox_session, (
        "messages joined", "input joined", "heard cut", "heard changed",
        "status lost")),
)


def test_fault(worker, fault):
    """Play sessions until one has a finding: whether that is right."""
    os.environ["SOAK_FAULT"] = fault
    worker.failed = index = 0
    while not worker.failed and index < (15 if fault == "none" else 40):
        worker.play(index)
        index += 1
    right = (worker.failed == 0) == (fault == "none")
    print("%s - %s: %s: a finding in %d of %d" % (
        "ok" if right else "not ok", worker.make.__name__.replace("_", " "),
        fault, worker.failed, index), flush=True)
    return right


def test_self(top):
    """Without a fault there is no finding, with each there is one."""
    os.environ["SOAK_PROGRAM"] = programs.SOCKPAIR
    programs.SOCKPAIR = os.path.abspath(
        os.path.join(os.path.dirname(__file__), "faulty"))
    become_reaper()
    results = []
    for make, faults in FAULTS:
        worker = Worker(top, "self-test-%d", make, 3, quiet=True)
        results += [test_fault(worker, fault) for fault in ("none", *faults)]
    return results.count(True), results.count(False)
