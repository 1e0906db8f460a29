# SPDX-License-Identifier: MIT
"""The known races."""
import random
import signal
import time

from chance import cut, random_size
from choices import finish_steps
from plan import Plan
from worker import Worker, run_jobs


def base_plan(rng, types=("stream", "pipes", "seqpacket", "dgram")):
    """A silent input that does not end, and nothing else."""
    plan = Plan(rng)
    plan.type = rng.choice(types)
    plan.ends = False
    if plan.is_message_type():
        plan.framing = "u32"
        plan.options = ["-t", plan.type, "--framing=u32"]
        size = rng.choice((1, 5000))
        plan.output = [rng.randbytes(size) for _ in range(rng.randrange(30))]
    else:
        if plan.type == "pipes":
            plan.options = ["--pipes"]
        plan.input = b""
        plan.output = cut(rng, rng.randbytes(random_size(rng, 300000)), 100)
    plan.exit = rng.choice((0, 7))
    return plan


def race_exit(rng):
    """The command exits while its last output is queued."""
    plan = base_plan(rng)
    plan.steps = ["write", "exit:%d" % plan.exit]
    return plan


def race_half_close(rng):
    """It ends its output, and exits at the same moment."""
    plan = base_plan(rng, ("stream", "pipes", "seqpacket"))
    plan.steps = ["write", "half-close", "exit:%d" % plan.exit]
    return plan


def race_wake_up(rng):
    """It exits while nothing else happens that could wake sockpair."""
    plan = base_plan(rng)
    plan.output = []
    plan.steps = ["exit:%d" % plan.exit]
    return plan


def race_start(rng):
    """A signal comes while the command is being started."""
    plan = base_plan(rng)
    plan.exit = -signal.SIGTERM
    plan.steps = ["write", "pause"]
    plan.kill = ("relay", int(signal.SIGTERM), rng.uniform(0, 0.004))
    return plan


def race_consumer(rng):
    """The consumer leaves during the last write."""
    plan = base_plan(rng)
    plan.steps = ["write", "exit:%d" % plan.exit]
    size = sum(map(len, plan.output))
    plan.consumer = [(max(1, size - rng.choice((0, 1, 4096))), 0)]
    plan.leaves = True
    return plan


def race_grandchild(rng):
    """A process that inherits the command's end has the last words."""
    plan = base_plan(rng, ("stream", "pipes", "seqpacket"))
    plan.style = "grandchild"
    plan.steps = ["fork", "write", "parent", "exit:%d" % plan.exit]
    return plan


def race_input(rng):
    """The input ends, or is not read, when the command exits."""
    plan = base_plan(rng, ("stream", "pipes"))
    plan.input = rng.randbytes(random_size(rng, 300000))
    plan.producer = [(piece, 0) for piece in cut(rng, plan.input, 100)]
    plan.ends = True
    plan.drains = rng.random() < 0.5
    plan.steps = ["write", "drain" if plan.drains else "read:0",
                  "exit:%d" % plan.exit]
    return plan


RACES = (race_exit, race_half_close, race_wake_up, race_start, race_consumer,
         race_grandchild, race_input)


def play_races(top, options, seed):
    """Each race, so often: how many passed and failed."""
    passed = failed = 0
    for race in RACES:
        def make(index, race=race):
            plan = race(random.Random("%s:%s" % (seed, index)))
            finish_steps(plan)
            return plan
        name = race.__name__.replace("_", "-")
        worker = Worker(top, name + "-%d", make, options.patience)
        began = time.monotonic()
        good, bad = run_jobs(options.jobs, worker, float("inf"), options.races)
        print("%s - %s: %d runs, %d s" % (
            "not ok" if bad else "ok", name, good + bad,
            time.monotonic() - began), flush=True)
        passed += good
        failed += bad
    return passed, failed
