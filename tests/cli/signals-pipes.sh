#!/bin/sh
# SPDX-License-Identifier: MIT
# Signals, with pipes in place of the pair: the cases of signals.sh.
OVER_PIPES=yes
. "${TOP_SRCDIR:-.}/tests/cli/signals.sh"
