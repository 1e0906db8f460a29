/* SPDX-License-Identifier: MIT */
/*
 * For unit tests of conduits: one conduit, its two ends, and what is beyond
 * them.
 */
#ifndef CONDUIT_TEST_H
#define CONDUIT_TEST_H

#include "transfer/conduit.h"
#include "tap.h"

static struct conduit conduit;
static struct endpoint src, dst;
static struct fault fault;
static int writer;		/* what is read at src is written here */
static int reader;		/* and what is written at dst comes here */

static inline void
end(void)
{
	conduit.kind->free(&conduit);
	close(src.fd);
	close(dst.fd);
	close(writer);
	close(reader);
}

static inline enum io
fill(void)
{
	return conduit.kind->fill(&conduit, &src, &dst);
}

static inline enum io
drain(void)
{
	fault = (struct fault){ .kind = FAULT_NONE };
	return conduit.kind->drain(&conduit, &src, &dst, &fault);
}

static inline size_t
pending(void)
{
	return conduit.kind->pending(&conduit);
}

#endif
