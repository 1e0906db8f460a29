#!/bin/sh
# SPDX-License-Identifier: MIT
# The relay at work, with pipes in place of the pair: the cases of relay.sh.
OVER_PIPES=yes
. "${TOP_SRCDIR:-.}/tests/cli/relay.sh"
