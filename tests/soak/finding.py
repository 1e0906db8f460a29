# SPDX-License-Identifier: MIT
"""How something that must not be is reported."""
import os


class Finding(Exception):
    """Something that must not be."""


def expect(held, what, *details):
    if not held:
        raise Finding(what % details if details else what)


def show(data):
    text = repr(data[:60])
    return text if len(data) <= 60 else "%s... (%d B)" % (text, len(data))


def expect_same(got, want, what):
    if got == want:
        return
    if isinstance(got, list):
        place = next((i for i, (g, w) in enumerate(zip(got, want)) if g != w),
                     min(len(got), len(want)))
        raise Finding("%s: %d messages instead of %d, number %d differs"
                      % (what, len(got), len(want), place + 1))
    place = len(os.path.commonprefix([got, want]))
    raise Finding("%s: %d B instead of %d B, byte %d differs: %s for %s" % (
        what, len(got), len(want), place, show(got[place:]),
        show(want[place:])))


def expect_prefix(got, want, what):
    expect_same(got, want[:len(got)], what)
