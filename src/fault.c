/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "fault.h"

bool
fault_is_loss(const struct fault *fault)
{
	return fault->kind != FAULT_NONE;
}

void
fault_text(const struct fault *fault, char *text, size_t size)
{
	switch (fault->kind) {
	case FAULT_NONE:
		break;
	case FAULT_READ:
		snprintf(text, size, "cannot read %s: %s", fault->noun,
		    strerror(fault->error));
		break;
	case FAULT_WRITE:
		snprintf(text, size, "cannot write %s: %s", fault->noun,
		    strerror(fault->error));
		break;
	}
}
