/* SPDX-License-Identifier: MIT */
/* Descriptors that came with what a conduit of any kind has read. */
#include "config.h"

#include "conduit.h"

static struct ancillary *const set = &conduit.ancillary;
static int kept;		/* the one that came */

/* A socket of ours as src, with a descriptor that came; dst is to. */
static void
begin(int to, bool ours)
{
	begin_src(SOCK_STREAM);
	reader = -1;
	need(conduit_open_bytes(&conduit) == 0, "conduit_open_bytes");
	if (ours)
		endpoint_open_socket(&dst, to, ENDPOINT_WRITE, -1, "to");
	else
		endpoint_open_inherited(&dst, to, ENDPOINT_WRITE, false, "to");
	kept = dup(writer);
	need(kept != -1, "dup");
	set->fds[0] = kept;
	set->count = 1;
	set->is_new = true;
}

/* What becomes of it. */
static bool
is_kept(void)
{
	return set->count == 1 && fcntl(kept, F_GETFD) != -1 &&
	    set->refusal == REFUSAL_NONE && set->refused == 0;
}

static bool
is_refused(enum ancillary_refusal refusal)
{
	return set->count == 0 && fcntl(kept, F_GETFD) == -1 &&
	    set->refusal == refusal && set->refused == 1;
}

static int
unix_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static void
test_kept(void)
{
	begin(unix_socket(), true);
	conduit_note_descriptors(&conduit, &dst, REFUSAL_NONE);
	ok(is_kept() && !set->is_new,
	    "what can be passed on is kept, and told of once");
	conduit_note_descriptors(&conduit, &dst, REFUSAL_EMPTY);
	ok(is_kept(), "what was told of is not judged again");
	ancillary_refuse(set, REFUSAL_TOLD);
	end();
	begin(unix_socket(), false);
	conduit_note_descriptors(&conduit, &dst, REFUSAL_NONE);
	ok(is_kept(), "another's unix socket can be sent it, too");
	ancillary_refuse(set, REFUSAL_TOLD);
	end();
}

static void
test_refused(void)
{
	begin(unix_socket(), true);
	conduit_note_descriptors(&conduit, &dst, REFUSAL_EMPTY);
	ok(is_refused(REFUSAL_EMPTY) && !set->is_new,
	    "what is refused for a reason is closed");
	end();
	begin(open("/dev/null", O_WRONLY), false);
	conduit_note_descriptors(&conduit, &dst, REFUSAL_NONE);
	ok(is_refused(REFUSAL_FAMILY), "so is what dst cannot be sent");
	end();
	begin(open("/dev/null", O_WRONLY), false);
	conduit_note_descriptors(&conduit, &dst, REFUSAL_EMPTY);
	ok(is_refused(REFUSAL_FAMILY), "whatever else was to be said of it");
	end();
}

static void
test_traced(void)
{
	const char *command[] = { "cat", NULL };
	char path[] = "/tmp/sockpair-unit.XXXXXX";
	char text[400] = "";
	static struct plan plan;
	static struct monitor monitor;
	int file = mkstemp(path);

	need(file != -1 && plan_init(&plan) == 0, "plan_init");
	plan.next_format = FORMAT_JSON;
	need(plan_set_command(&plan, command) == 0 &&
	    plan_add_output(&plan, path) == 0 &&
	    monitor_open(&monitor, &plan) == 0, "monitor_open");
	begin(open("/dev/null", O_WRONLY), false);
	conduit.monitor = &monitor;
	conduit.direction = TRACE_FROM_COMMAND;
	conduit_note_descriptors(&conduit, &dst, REFUSAL_NONE);
	need(read(file, text, sizeof(text) - 1) > 0, "read");
	ok(strstr(text, "\"from\":\"command\",\"type\":\"fds\",\"fds\":[{") !=
	    NULL && is_refused(REFUSAL_FAMILY),
	    "what is refused is traced, before it is closed");
	conduit_note_descriptors(&conduit, &dst, REFUSAL_NONE);
	is_int(read(file, text, 1), 0, "and once");
	end();
	close(file);
	unlink(path);
	monitor_finish(&monitor, 0, 0);
	monitor_free(&monitor);
	plan_free(&plan);
}

int
main(void)
{
	int before = count_descriptors();

	test_kept();
	test_refused();
	test_traced();
	is_int(count_descriptors(), before, "no descriptor leaks");
	return done_testing();
}
