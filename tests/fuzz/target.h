/* SPDX-License-Identifier: MIT */
/*
 * What a fuzz target is: a function that is given any bytes at all, and calls
 * abort(3) if what should hold does not.  Linked with libFuzzer
 * (https://llvm.org/docs/LibFuzzer.html) it searches for such bytes; linked
 * with replay.c it is a test of the files in its corpus.
 */
#ifndef TARGET_H
#define TARGET_H

#include <stddef.h>
#include <stdint.h>

/* Returns 0.  data is borrowed, and must not be looked at past size bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
