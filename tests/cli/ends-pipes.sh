#!/bin/sh
# SPDX-License-Identifier: MIT
# How things end, with pipes in place of the pair: the cases of ends.sh.
OVER_PIPES=yes
. "${TOP_SRCDIR:-.}/tests/cli/ends.sh"
