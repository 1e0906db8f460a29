# SPDX-License-Identifier: MIT
"""What happens to a session that has been chosen."""
import random
import signal

from choices import (
    choose_data, choose_files, choose_noise, choose_pair, choose_talk,
    choose_traces, finish_steps)
from mailboxes import style_mailbox, style_paced
from malformed import choose_malformed
from peers import choose_peers
from plan import Plan
from processes import CATCHABLE
from programs import has_option
from watching import style_events, style_stall


def style_plain(plan):
    traces = [t for t in plan.traces if t["format"] == "jsonl" and
              t["snaplen"] is None and t["reader"] == "file"]
    if traces and not plan.orphan:
        plan.replay = traces[0]["name"]


def style_left(plan):
    """The consumer leaves, and the command may care or not."""
    if plan.stdout in ("file", "pty", "both"):
        plan.stdout = "pipe"
        if plan.stdin == "both":
            plan.stdin = "pipe"
    plan.consumer = plan.consumer[:plan.rng.randrange(len(plan.consumer) + 1)]
    plan.leaves = True
    if plan.chance(0.5):
        plan.steps.insert(0, "ignore:%d" % signal.SIGPIPE)


def style_signal(plan):
    """A signal to sockpair, which passes it on."""
    number = int(plan.rng.choice(CATCHABLE))
    plan.options = [o for o in plan.options if o != "--stats"]
    plan.messages_expected = []
    kind = plan.rng.choice(("caught", "fatal", "any time"))
    if kind == "any time":
        plan.kill = ("relay", number, plan.rng.uniform(0, 0.03))
        return
    last = plan.steps.pop()
    if kind == "caught":
        plan.steps.insert(0, "catch:%d" % number)
        plan.steps += ["ready", "await:%d" % number, "write", last]
    else:
        plan.steps += ["ready", "pause"]
        plan.exit = -number
    plan.kill = ("relay", number, "ready")


def style_killed(plan):
    """The command is killed at any time."""
    number = plan.rng.choice((signal.SIGKILL, signal.SIGTERM))
    plan.kill = ("command", int(number), plan.rng.uniform(0, 0.03))


def style_relay_killed(plan):
    """Sockpair is killed: the command then ends as after a cut pipe."""
    if plan.type == "dgram":
        # Nothing else tells it.
        if not has_option("--die-with-parent"):
            style_plain(plan)
            return
        plan.options.append("--die-with-parent")
    plan.kill = ("relay", int(signal.SIGKILL), plan.rng.uniform(0, 0.03))
    # By a thread of LeakSanitizer's, which looks at us as we end.
    plan.messages_expected.append(
        r"==\d+==Unable to get registers from thread \d+\.")


def style_timeout(plan):
    """The command does nothing more, until --timeout ends it."""
    plan.options.append("--timeout=400ms")
    plan.steps.pop()
    if plan.chance(0.3):
        plan.steps.insert(0, "ignore:%d" % signal.SIGTERM)
        plan.options.append("--kill-after=200ms")
    plan.steps.append("pause")
    plan.exit = 124
    plan.messages_expected.append(r"sockpair: .*")
    plan.time += 2


def style_kill_after(plan):
    """The command has nobody to speak with, and does not exit."""
    if plan.type == "dgram":
        style_plain(plan)
        return
    plan.options.append("--kill-after=200ms")
    plan.steps.pop()
    plan.exit = -signal.SIGTERM
    if plan.chance(0.3):
        plan.steps.insert(0, "ignore:%d" % signal.SIGTERM)
        plan.exit = -signal.SIGKILL
    plan.steps += ["close:%d" % fd for fd in set(plan.fds)] + ["pause"]
    plan.time += 2


UNREAD = r"sockpair: cannot write the command's (socket|pipe): the command " \
    r"has ended; \d+ B undelivered"


def style_grandchild(plan):
    """A process that outlives the command has the last words."""
    if plan.type == "dgram" or plan.echoes:
        style_plain(plan)
        return
    last = plan.steps.pop()
    at = plan.rng.randrange(len(plan.steps) + 1)
    plan.steps[at:at] = ["fork"]
    plan.steps += ["parent", last]
    # Once its output has ended, nobody waits for it to read the input.
    plan.messages_expected.append(UNREAD)


def style_linger(plan):
    """It stays for ever and says nothing more."""
    if plan.type == "dgram":
        style_plain(plan)
        return
    plan.options.append("--linger=200ms")
    last = plan.steps.pop()
    plan.steps += ["fork", "pause", "parent", last]
    plan.orphan = True
    plan.time += 2


def style_full(plan):
    """The output cannot be written: there is no room."""
    if plan.stdin == "both":
        plan.stdin = "pipe"
    plan.stdout = "full"
    plan.consumer = []
    plan.steps.insert(0, "ignore:%d" % signal.SIGPIPE)
    plan.messages_expected.append(
        r"sockpair: cannot write standard output: No space left on device")


def style_trace_left(plan):
    """The reader of a trace leaves before it has all."""
    if not plan.traces:
        style_plain(plan)
        return
    plan.traces[0]["reader"] = "leaves"
    plan.messages_expected.append(r"sockpair: cannot write .*trace0.*")


def style_oversize(plan):
    """Some messages are larger than they may be, and are dropped."""
    if not plan.framing or "raw" in (plan.framing, plan.wire) or \
            not plan.drains or plan.echoes:
        style_plain(plan)
        return
    plan.limit = max(1, plan.rng.choice(
        [len(message) - plan.rng.randrange(2) for message in plan.input] or
        [1]))
    plan.options = [option for option in plan.options
                    if not option.startswith("--max-message")]
    plan.options.append("--max-message=%d" % plan.limit)
    if plan.is_message_type():
        # The buffer of the command's end need not have room for more.
        plan.output = [message[:min(plan.limit, 4096)]
                       for message in plan.output]
    plan.messages_expected.append(
        r"sockpair: cannot (send|receive) message \d+: its \d+ bytes are "
        r"more than the limit of \d+")


STYLES = ((style_plain, 50), (style_left, 14), (style_signal, 10),
          (style_killed, 6), (style_relay_killed, 2), (style_timeout, 2),
          (style_kill_after, 3), (style_grandchild, 6), (style_linger, 3),
          (style_full, 2), (style_trace_left, 2), (style_oversize, 5),
          (style_stall, 2), (style_events, 4),
          (style_mailbox, 8), (style_paced, 4))


def generate(seed, index, style=None):
    plan = Plan(random.Random("%s:%s" % (seed, index)))
    kind = 1 if style else plan.rng.random()
    if kind < 0.15:
        choose_peers(plan)
        return plan
    if kind < 0.22:
        choose_malformed(plan)
        return plan
    choose_pair(plan)
    choose_data(plan)
    choose_talk(plan)
    choose_noise(plan)
    choose_files(plan)
    choose_traces(plan)
    styles, weights = zip(*STYLES)
    chosen = plan.rng.choices(styles, weights)[0]
    chosen = style or chosen
    plan.style = chosen.__name__[len("style_"):]
    chosen(plan)
    if plan.type != "dgram" and plan.ends and plan.chance(0.03) and \
            not plan.drains and plan.style != "grandchild":
        # A grandchild is to be told that the input ends with the command.
        plan.options.append("--no-shutdown")
    finish_steps(plan)
    return plan
