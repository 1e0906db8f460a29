#!/bin/sh
# SPDX-License-Identifier: MIT
# The exit status, with pipes in place of the pair: the cases of exit.sh.
OVER_PIPES=yes
. "${TOP_SRCDIR:-.}/tests/cli/exit.sh"
