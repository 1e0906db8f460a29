# SPDX-License-Identifier: MIT
"""The programs that a session runs."""
import functools
import os
import subprocess


def program(name, path):
    """An absolute path, from the environment or the build tree."""
    return os.path.abspath(os.environ.get(name, path))


SOCKPAIR = program("SOCKPAIR", "sockpair")
SOCKPLAY = program("SOCKPLAY", "sockplay")
ACTOR = program("ACTOR", "tests/actor")


@functools.lru_cache
def has_option(option):
    """Whether sockpair was built with it."""
    done = subprocess.run([SOCKPAIR, option, "true"], check=False,
                          stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return done.returncode == 0
