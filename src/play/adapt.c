/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>

#include "base/diag.h"
#include "play/adapt.h"

static void
adapt_fds(struct plan *plan, struct record *record)
{
	if (plan->fds_chosen || record->fds.count == 0)
		return;
	fd_list_free(&plan->fds);
	plan->fds = record->fds;
	record->fds = (struct fd_list){ 0 };
}

static int
adapt_type(struct plan *plan, const struct record *record)
{
	bool keeps_messages = record->has_messages && record->wire == -1;

	if (!plan->type_chosen) {
		plan->type = record->type;
		plan->pipes = record->pipes;
	} else if ((plan->type != SOCK_STREAM) != keeps_messages) {
		diag_print("--type: cannot go with %s of %s", keeps_messages ?
		    "the messages" : "a stream, which is the talk",
		    record->path);
		return -1;
	}
	return 0;
}

int
adapt_plan(struct plan *plan, struct record *record)
{
	struct plan_clash clash;
	size_t largest = record->largest[SPEAKER_STDIN];

	if (record->largest[SPEAKER_COMMAND] > largest)
		largest = record->largest[SPEAKER_COMMAND];
	plan->is_played = true;
	adapt_fds(plan, record);
	if (adapt_type(plan, record) == -1)
		return -1;
	if (plan->max_message < largest)
		plan->max_message = largest;
	if (!plan_has_clash(plan, &clash))
		return 0;
	/* The options alone never clash: the reason is what was recorded. */
	diag_print("%s: \"%s\" %s %s", record->path, clash.option,
	    clash.relation, clash.other);
	return -1;
}
