#!/bin/sh
# SPDX-License-Identifier: MIT
# Large streams, with pipes in place of the pair: the cases of bulk.sh.
OVER_PIPES=yes
. "${TOP_SRCDIR:-.}/tests/cli/bulk.sh"
