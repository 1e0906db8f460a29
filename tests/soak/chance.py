# SPDX-License-Identifier: MIT
"""Sizes, bytes, pieces, messages and pauses, chosen at random."""
from framing import limit_of

EDGES = (0, 1, 2, 4095, 4096, 4097, 8192, 65535, 65536, 65537, 131072,
         212960, 212992, 262144, 1 << 20, (1 << 20) + 1)


def random_size(rng, most):
    """Often one at which something changes."""
    kind = rng.random()
    if kind < 0.4:
        size = rng.choice(EDGES) + rng.choice((0, 0, -1, 1))
    elif kind < 0.85:
        size = int(2 ** rng.uniform(0, 16))
    else:
        size = int(2 ** rng.uniform(0, 22))
    return max(0, min(size, most))


TEXT = "abc xyz 0123\t\\\"\u00e4\u00df\u20ac\u2192\U0001f600\u200b\u202e\u0085"


def random_bytes(rng, size):
    kind = rng.random()
    if kind < 0.5:
        return rng.randbytes(size)
    if kind < 0.6:
        return bytes(size)
    # Characters that the end of a piece may cut.
    some = "".join(rng.choices(TEXT, k=min(size, 500) + 1)).encode()
    return (some * (size // len(some) + 1))[:size]


def cut(rng, data, most=1500):
    """Data in pieces, none of them empty."""
    if not data:
        return []
    kind = rng.random()
    if kind < 0.3:
        return [data]
    if kind < 0.6:
        size = max(random_size(rng, len(data)), len(data) // most + 1)
        return [data[i:i + size] for i in range(0, len(data), size)]
    count = min(rng.choice((2, 3, 10, 100)), len(data))
    ends = sorted(rng.sample(range(1, len(data)), min(count, len(data)) - 1))
    return [data[i:j] for i, j in zip([0] + ends, ends + [len(data)])]


def random_messages(rng, kind, most):
    """Messages that a framing can have."""
    most = min(most, limit_of(kind))
    count = rng.choice((0, 1, 1, 2, 5, 20, 100, 600))
    room = 3 << 20
    messages = []
    for _ in range(count):
        message = random_bytes(rng, random_size(rng, min(most, room)))
        if count > 50:
            message = message[:rng.choice((3, 300, 5000))]
        if kind == "line":
            message = message.replace(b"\n", b"n")
        elif kind == "null":
            message = message.replace(b"\0", b"0")
        elif kind == "raw" and not message:
            message = b"r"
        room -= len(message)
        messages.append(message)
    return messages


def random_pauses(plan, pieces, longest):
    """Pieces, and now and then a pause."""
    steps = []
    often = plan.rng.choice((0, 0, 0.05, 0.5))
    pauses = 0
    for piece in pieces:
        pause = 0.0
        if pauses < 20 and plan.chance(often):
            pause = plan.rng.uniform(0, longest)
            pauses += 1
            plan.time += pause
        steps.append((piece, pause))
    return steps
