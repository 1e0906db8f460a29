# SPDX-License-Identifier: MIT
"""Sessions that are watched: --stall and --events."""
import json
import re

from finding import expect, expect_same
from programs import has_option
from traces import piece_of

EVENTS = ("start", "data", "message", "fds", "eof", "shutdown", "reset",
          "gone", "signal", "timeout", "stall", "undelivered", "exit")


def add_trace(plan, name):
    """A trace that only check_events() and check_stall() read."""
    plan.options += ["--format=json", "-o", name]


def shown_name():
    """What a report calls the command; only on Linux it knows the name."""
    return "actor" if has_option("--die-with-parent") else r"\?"


def style_stall(plan):
    """The command has done all, and then sleeps for long."""
    plan.options.append("--stall=200ms")
    plan.consumer = []
    plan.steps.insert(-1, "sleep:1500")
    plan.time += 1.5
    add_trace(plan, "stalls")
    plan.messages_expected += [
        r"sockpair: nothing has moved for 0\.2 s",
        r"sockpair: (standard (in|out)put|the command)(:| is| has) .*",
        r"sockpair: %s \(\d+\): .*" % shown_name()]
    plan.checks.append(check_stall)


def relays_until_exit(events):
    """Whether the output, to a slow reader, took as long as the sleep."""
    last = max(event["t"] for event in events[:-1])
    return events[-1]["type"] == "exit" and events[-1]["t"] - last < 0.2


def check_stall(model):
    """Each stall is reported, and the last one is the command's sleep."""
    plan, lines = model.plan, model.stderr.splitlines()
    begins = [i for i, line in enumerate(lines) if "has moved" in line]
    with open("stalls", "rb") as file:
        events = [json.loads(line) for line in file]
    if not begins and relays_until_exit(events):
        return
    expect(begins, "no stall was reported")
    count = sum(event["type"] == "stall" for event in events)
    expect(count == len(begins), "%d stalls, but %d in the trace",
           len(begins), count)
    report = lines[begins[-1]:]
    said = r"standard input has ended" if plan.drains else \
        r"standard input.*"
    said += r"\nsockpair: " + (
        r"standard output has ended"
        if "half-close" in plan.steps and plan.type != "dgram" else
        r"the command is silent")
    # If the harness was late, what it has not read counts.
    late = r"\nsockpair: standard output: .* read(| all of it)"
    want = (r"sockpair: nothing has moved for 0\.2 s\nsockpair: (%s|%s)"
            r"\nsockpair: %s \(%d\): (sleeps|cannot be seen)"
            r"(\nsockpair: (standard|  ).*|\n[ <>].*)*") % (
                said, said.split("\n")[0] + late, shown_name(),
                model.state.pid)
    expect(re.fullmatch(want, "\n".join(report)), "the last report: %s",
           report)


def style_events(plan):
    """One trace has all events, the other some of them."""
    add_trace(plan, "all")
    plan.events = plan.rng.sample(EVENTS, plan.rng.randrange(1, 6))
    plan.options.append("--events=" + ",".join(plan.events))
    add_trace(plan, "some")
    plan.checks.append(check_events)


def check_events(model):
    """The chosen events are the same in both; pieces may be cut elsewhere."""
    traces = []
    for name in ("all", "some"):
        with open(name, "rb") as file:
            traces.append([json.loads(line) for line in file])
    chosen = [record for record in traces[0]
              if record["type"] in model.plan.events]
    for kind in (True, False):
        for side in ("stdin", "command", None):
            want, got = [[record for record in records
                          if record.get("from") == side and kind ==
                          (record["type"] in ("data", "message"))]
                         for records in (chosen, traces[1])]
            if kind:
                want = b"".join(map(piece_of, want))
                got = b"".join(map(piece_of, got))
            expect_same(got, want, "the chosen events")
    expect({record["type"] for record in traces[1]} <=
           set(model.plan.events), "events that were not chosen")
