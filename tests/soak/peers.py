# SPDX-License-Identifier: MIT
"""Sessions of two commands, with --peer: what they are to be."""
import signal

from chance import cut, random_bytes, random_messages, random_size
from choices import MESSAGE_LIMIT, add_pause, choose_traces, first_steps


def choose_pieces(plan):
    """What a side says."""
    if plan.is_message_type():
        return random_messages(plan.rng, "raw", MESSAGE_LIMIT)
    most = 100000 if plan.chunk else 2 << 20
    return cut(plan.rng, random_bytes(plan.rng, random_size(plan.rng, most)))


def counted(plan, pieces):
    """How much the other side reads of them: bytes, or messages."""
    return len(pieces) if plan.is_message_type() else sum(map(len, pieces))


def talk_both(plan, one, two):
    """Both say all and hear all, at the same time."""
    one.append("converse")
    two += plan.rng.choice((["converse"], ["write", "half-close", "drain"]))
    plan.hears = [True, True]


def talk_echo(plan, one, two):
    one.append("converse")
    two.append("echo")
    plan.echoes = True
    plan.peer_output = []
    plan.hears = [True, True]


def talk_one_way(plan, one, two):
    """One exits after its last words, and the other then hears the end."""
    one.append("write")
    if plan.type != "dgram" and plan.chance(0.3):
        one.append("half-close")
        add_pause(plan, one)
    two.append("drain")
    plan.peer_output = []
    plan.hears = [False, True]


def talk_turns(plan, one, two):
    """Each awaits what the other says."""
    mine, its = list(plan.output), list(plan.peer_output)
    for _ in range(plan.rng.choice((1, 5, 30))):
        for says, hears, pieces in ((one, two, mine), (two, one, its)):
            count = plan.rng.randrange(4)
            says.append("write:%d" % count)
            hears.append("read:%d" % counted(plan, pieces[:count]))
            del pieces[:count]
        if plan.chance(0.1):
            add_pause(plan, plan.rng.choice((one, two)))
    plan.output = plan.output[:len(plan.output) - len(mine)]
    plan.peer_output = plan.peer_output[:len(plan.peer_output) - len(its)]
    plan.hears = [None, None]


def talk_unread(plan, one, two):
    """The reader leaves, and the writer learns of it."""
    one += ["ignore:%d" % signal.SIGPIPE, "write"]
    two.append("read:%d" % random_size(plan.rng, counted(plan, plan.output)))
    plan.peer_output = []
    plan.hears = [False, False]


def choose_relay(plan):
    """Whatever makes a relay between the two."""
    if plan.chunk:
        plan.options.append("--chunk=%d" % plan.chunk)
        plan.time += 5
    kind = plan.rng.choice(("trace", "timeout", "stall"))
    if kind == "trace":
        choose_traces(plan)
    if kind == "stall":
        plan.options.append("--stall=100")
    if kind == "timeout" or not plan.traces:
        plan.options.append("--timeout=100")
    if plan.chance(0.1):
        plan.options.append("--stats")
        plan.messages_expected += [r"sockpair: .*", r"[ <>].*"]


def choose_peers(plan):
    """Make plan a session of two commands."""
    rng = plan.rng
    plan.type = rng.choice(("stream", "stream", "seqpacket", "dgram"))
    if plan.type != "stream" or plan.chance(0.1):
        plan.options += ["-t", plan.type]
    relayed = plan.chance(0.6)
    if relayed and plan.type == "stream" and plan.chance(0.15):
        plan.chunk = rng.choice((100, 1000, 4096))
    if plan.type == "stream" and plan.chance(0.1):
        plan.options.append("-b%d" % rng.choice((1, 4096, 1 << 20)))
    plan.output, plan.peer_output = choose_pieces(plan), choose_pieces(plan)
    talks = [talk_one_way, talk_turns, talk_unread]
    if plan.type != "dgram":
        talks += [talk_both, talk_echo]
    sides = [[], []]
    turned = rng.randrange(2)
    talk = rng.choice(talks)
    if plan.chance(0.4):
        # Some hundred sets, because the system has a limit on them.
        plan.passing = max(rng.choice((1, 1, 3, 10)),
                           len(plan.output + plan.peer_output) // 100)
    plan.nested = plan.chance(0.3)
    talk(plan, sides[turned], sides[1 - turned])
    if turned:
        plan.output, plan.peer_output = plan.peer_output, plan.output
        plan.hears.reverse()
    plan.echo_side = 1 - turned if plan.echoes else None
    plan.style = "peer " + talk.__name__[len("talk_"):]
    plan.ends = False                   # nobody reads standard input
    for index, steps in enumerate(sides):
        fds = rng.choice(([0, 1],) * 6 + ([3], [5, 7], [1], [0, 4]))
        if plan.nested and index == 1:
            fds = [0, 1]
        if fds != [0, 1]:
            plan.options.append("-%s%s" % ("dD"[index],
                                           ",".join(map(str, fds))))
        if plan.chance(0.2):
            add_pause(plan, steps)
        status = rng.choice((0, 0, 0, 1, 3, 125))
        steps.append("exit:%d" % status)
        plan.exits[index] = status
        heard = (plan.peer_output, plan.output)[index]
        if plan.passing:
            steps.insert(0, "pass:%d" % plan.passing)
        steps[:0] = first_steps(plan, fds[0], fds[0],
                                sum(map(len, heard)))
        plan.peer_fds[index] = fds
    plan.steps, plan.peer = sides
    if plan.chance(0.5):
        plan.options.append("--pipefail")
    if plan.chance(0.1):
        plan.options.append("--kill-after=100")
    if relayed:
        choose_relay(plan)
    if plan.chance(0.2):
        whom = rng.choice(("command", "peer", "relay"))
        number = rng.choice((signal.SIGKILL, signal.SIGTERM)) \
            if whom != "relay" else signal.SIGTERM
        plan.kill = (whom, int(number), rng.uniform(0, 0.03))
