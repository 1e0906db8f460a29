# SPDX-License-Identifier: MIT
"""Planted faults, which the model must notice."""
import os

import programs
from processes import become_reaper
from styles import generate, style_plain
from worker import Worker

# What tests/soak/faulty can do wrong.
FAULTS = ("input lost", "descriptor leaked", "first byte lost",
          "last byte lost", "byte changed", "order changed", "byte more",
          "status lost", "signal as status", "no end", "process left",
          "file left", "words of its own", "trace cut")


def tame(plan):
    """A session that a program between pipes does not change."""
    plan.stdin = plan.stdout = "pipe"
    plan.replay = False
    for trace in plan.traces:
        trace["reader"] = "file"
    return plan


def test_self(top):
    """Without a fault there is no finding, with each there is one."""
    os.environ["SOAK_PROGRAM"] = programs.SOCKPAIR
    programs.SOCKPAIR = os.path.abspath(
        os.path.join(os.path.dirname(__file__), "faulty"))
    become_reaper()
    worker = Worker(top, "self-test-%d",
                    lambda index: tame(generate(0, index, style_plain)), 3,
                    quiet=True)
    passed = failed = 0
    for fault in ("none", *FAULTS):
        os.environ["SOAK_FAULT"] = fault
        worker.failed = 0
        index = 0
        while not worker.failed and index < 40:
            worker.play(index)
            index += 1
        right = (worker.failed == 0) == (fault == "none")
        print("%s - %s: a finding in %d of %d sessions" % (
            "ok" if right else "not ok", fault, worker.failed, index),
            flush=True)
        passed += right
        failed += not right
    return passed, failed
