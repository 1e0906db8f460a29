/* SPDX-License-Identifier: MIT */
/* How a command is started for a record: as it was, unless options say else. */
#include "config.h"

#include "play/adapt.h"
#include "talk.h"
#include "tap.h"

static struct talk talk;
static struct plan plan;

static void
begin(void)
{
	talk_init(&talk);
	need(plan_init(&plan) == 0, "plan_init");
}

static void
end(void)
{
	plan_free(&plan);
	fd_list_free(&talk.record.fds);
}

static void
set_fds(struct fd_list *list, int first, int second)
{
	fd_list_free(list);
	list->fds = malloc(2 * sizeof(int));
	need(list->fds != NULL, "malloc");
	list->fds[0] = first;
	list->fds[1] = second;
	list->count = 2;
}

/* What adapt_plan() prints, which must return -1. */
static const char *
refuse(void)
{
	static struct capture capture;
	int result;

	capture_begin(&capture, STDERR_FILENO);
	result = adapt_plan(&plan, &talk.record);
	capture_end(&capture);
	end();
	return result == -1 && capture.writes == 1 ? capture.text :
	    "(not refused)";
}

static void
test_type(void)
{
	begin();
	ok(adapt_plan(&plan, &talk.record) == 0 && plan.is_played &&
	    plan.type == SOCK_STREAM && !plan.pipes,
	    "a stream is played over a stream");
	ok(plan.fds.count == 2 && plan.fds.fds[0] == 0 &&
	    plan.fds.fds[1] == 1, "on standard input and output");
	end();

	begin();
	talk.record.type = SOCK_DGRAM;
	talk.record.has_messages = true;
	ok(adapt_plan(&plan, &talk.record) == 0 && plan.type == SOCK_DGRAM,
	    "messages are played over the recorded type");
	end();

	begin();
	talk.record.type = SOCK_DGRAM;
	talk.record.has_messages = true;
	plan.type_chosen = true;
	plan.type = SOCK_SEQPACKET;
	ok(adapt_plan(&plan, &talk.record) == 0 &&
	    plan.type == SOCK_SEQPACKET, "unless --type names another one");
	end();

	begin();
	talk.record.pipes = true;
	ok(adapt_plan(&plan, &talk.record) == 0 && plan.pipes,
	    "two pipes are played over two pipes");
	end();

	begin();
	talk.record.pipes = true;
	plan.type_chosen = true;
	ok(adapt_plan(&plan, &talk.record) == 0 && !plan.pipes &&
	    plan.type == SOCK_STREAM, "unless --type asks for a pair");
	end();

	begin();
	talk.record.has_messages = true;
	talk.record.wire = FRAMING_LSP;
	plan.type_chosen = true;
	ok(adapt_plan(&plan, &talk.record) == 0 && plan.type == SOCK_STREAM,
	    "messages in a stream are a stream");
	end();
}

static void
test_refused(void)
{
	begin();
	plan.type_chosen = true;
	plan.type = SOCK_SEQPACKET;
	is_str(refuse(), "sockpair: --type: cannot go with a stream, which is "
	    "the talk of talk\n", "--type cannot make messages of a stream");
	begin();
	talk.record.has_messages = true;
	talk.record.type = SOCK_DGRAM;
	plan.type_chosen = true;
	is_str(refuse(), "sockpair: --type: cannot go with the messages of "
	    "talk\n", "nor a stream of messages");
	begin();
	talk.record.has_messages = true;
	talk.record.wire = FRAMING_LSP;
	plan.type_chosen = true;
	plan.type = SOCK_DGRAM;
	is_str(refuse(), "sockpair: --type: cannot go with a stream, which is "
	    "the talk of talk\n", "nor messages of those in a stream");
	begin();
	talk.record.pipes = true;
	set_fds(&talk.record.fds, 5, 5);
	is_str(refuse(), "sockpair: talk: \"pipes\" needs two different "
	    "numbers in --fd\n", "two pipes need two numbers");
}

static void
test_fds(void)
{
	begin();
	set_fds(&talk.record.fds, 7, 3);
	ok(adapt_plan(&plan, &talk.record) == 0 && plan.fds.count == 2 &&
	    plan.fds.fds[0] == 7 && plan.fds.fds[1] == 3,
	    "the recorded descriptors are taken");
	ok(talk.record.fds.count == 0 && talk.record.fds.fds == NULL,
	    "out of the record");
	end();

	begin();
	set_fds(&talk.record.fds, 7, 3);
	set_fds(&plan.fds, 4, 5);
	plan.fds_chosen = true;
	ok(adapt_plan(&plan, &talk.record) == 0 && plan.fds.fds[0] == 4 &&
	    plan.fds.fds[1] == 5, "unless --fd names others");
	end();
}

static void
test_largest(void)
{
	size_t before;

	begin();
	before = plan.max_message;
	talk.record.type = SOCK_SEQPACKET;
	talk.record.has_messages = true;
	talk.record.largest[SPEAKER_STDIN] = before - 1;
	talk.record.largest[SPEAKER_COMMAND] = 1;
	ok(adapt_plan(&plan, &talk.record) == 0 && plan.max_message == before,
	    "there is room for ordinary messages");
	talk.record.largest[SPEAKER_STDIN] = before + 1;
	ok(adapt_plan(&plan, &talk.record) == 0 &&
	    plan.max_message == before + 1, "and for the largest of ours");
	talk.record.largest[SPEAKER_COMMAND] = before + 2;
	ok(adapt_plan(&plan, &talk.record) == 0 &&
	    plan.max_message == before + 2, "or of the command");
	end();
}

int
main(void)
{
	test_type();
	test_refused();
	test_fds();
	test_largest();
	return done_testing();
}
