/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <assert.h>

#include "transfer/conduit.h"

static_assert(TRACE_FDS_MAX >= ANCILLARY_MAX,
    "a trace has room for every set of descriptors");
static_assert(MONITOR_LARGEST >= MESSAGE_LARGEST, "and for every message");

void
conduit_note_descriptors(struct conduit *conduit, const struct endpoint *dst,
    enum ancillary_refusal refusal)
{
	struct ancillary *ancillary = &conduit->ancillary;

	if (!ancillary->is_new)
		return;
	ancillary->is_new = false;
	if (conduit->monitor != NULL)
		monitor_fds(conduit->monitor, conduit->direction,
		    ancillary->fds, ancillary->count);
	if (!dst->is_unix)
		refusal = REFUSAL_FAMILY;
	if (refusal != REFUSAL_NONE)
		ancillary_refuse(ancillary, refusal);
}
