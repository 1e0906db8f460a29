/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "plan/plan.h"

/*
 * The largest message by default.  Buffers for larger ones would not fit into a
 * processor's cache, and small messages fill the buffers, too.
 */
#define MAX_MESSAGE 1048576

int
plan_init(struct plan *plan)
{
	*plan = (struct plan){
		.domain = AF_UNIX,
		.type = SOCK_STREAM,
		.protocol = 0,
		.framing = FRAMING_LINE,
		.max_message = MAX_MESSAGE,
		.kill_after = PLAN_NEVER,
		.linger = PLAN_NEVER,
		.timeout = PLAN_NEVER,
		.pcap_port = 50001,
	};
	if (parse_fd_list("0,1", &plan->fds) == -1)
		return -1;
	if (parse_fd_list("0,1", &plan->peer_fds) == 0)
		return 0;
	fd_list_free(&plan->fds);
	return -1;
}

int
plan_add_env(struct plan *plan, const char *name)
{
	char **env;
	size_t i;

	if (*name == '\0' || strchr(name, '=') != NULL) {
		errno = EINVAL;
		return -1;
	}
	for (i = 0; i < plan->env_count; i++)
		if (strcmp(plan->env[i], name) == 0) {
			errno = EEXIST;
			return -1;
		}
	env = realloc(plan->env, (plan->env_count + 1) * sizeof(*env));
	if (env == NULL)
		return -1;
	plan->env = env;
	env[plan->env_count] = strdup(name);
	if (env[plan->env_count] == NULL)
		return -1;
	plan->env_count++;
	return 0;
}

int
plan_add_output(struct plan *plan, const char *path,
    enum trace_format format, bool append)
{
	struct plan_output *outputs;
	char *copy = strdup(path);

	outputs = realloc(plan->outputs,
	    (plan->output_count + 1) * sizeof(*outputs));
	if (outputs != NULL)
		plan->outputs = outputs;
	if (outputs == NULL || copy == NULL) {
		free(copy);
		errno = ENOMEM;
		return -1;
	}
	outputs[plan->output_count++] = (struct plan_output){
		copy, format, append
	};
	return 0;
}

int
plan_set_command(struct plan *plan, const char *const *argv)
{
	size_t count = 0;
	size_t i;

	while (argv != NULL && argv[count] != NULL)
		count++;
	plan->command = calloc(count + 1, sizeof(*plan->command));
	if (plan->command == NULL)
		return -1;
	for (i = 0; i < count; i++) {
		plan->command[i] = strdup(argv[i]);
		if (plan->command[i] == NULL)
			return -1;
	}
	return 0;
}

void
plan_set_buffer(struct plan *plan, size_t size)
{
	plan->buffer = size;
	if (!plan->max_message_chosen)
		plan->max_message = SIZE_MAX;
}

void
plan_set_max_message(struct plan *plan, size_t size)
{
	plan->max_message = size;
	plan->max_message_chosen = true;
}

int
plan_set_peer(struct plan *plan, const char *text)
{
	char *copy;

	if (*text == '\0') {
		errno = EINVAL;
		return -1;
	}
	copy = strdup(text);
	if (copy == NULL)
		return -1;
	free(plan->peer);
	plan->peer = copy;
	return 0;
}

int
plan_set_listen_fds(struct plan *plan)
{
	struct fd_list fds;

	plan->listen_fds = true;
	if (plan->fds_chosen)
		return 0;
	/* sd_listen_fds(3): the first that is passed is always 3. */
	if (parse_fd_list("3", &fds) == -1)
		return -1;
	fd_list_free(&plan->fds);
	plan->fds = fds;
	return 0;
}

int64_t
plan_grace(const struct plan *plan)
{
	const int64_t usual = INT64_C(5000000000);	/* five seconds */

	return plan->kill_after != PLAN_NEVER ? plan->kill_after : usual;
}

bool
plan_has_trace(const struct plan *plan)
{
	return plan->verbose || plan->hex || plan->output_count > 0;
}

bool
plan_is_relayed(const struct plan *plan)
{
	return plan->peer == NULL && !plan->pass_fd;
}

bool
plan_has_relay(const struct plan *plan)
{
	if (plan->peer == NULL)
		return !plan->pass_fd;
	return plan->timeout != PLAN_NEVER || plan_has_trace(plan);
}

/* What a plan may have that has no effect with, or without, another. */
enum trait {
	TRAIT_DIE_WITH_PARENT,
	TRAIT_FRAMING,
	TRAIT_KILL_AFTER,
	TRAIT_LINGER,
	TRAIT_LISTEN_ENV,
	TRAIT_LISTEN_FDS,
	TRAIT_MAX_MESSAGE,
	TRAIT_MESSAGES,
	TRAIT_NO_SHUTDOWN,
	TRAIT_OTHER_FD,
	TRAIT_PASS_FD,
	TRAIT_PEER,
	TRAIT_PEER_DGRAM,
	TRAIT_PEER_FD,
	TRAIT_PIPEFAIL,
	TRAIT_TIMEOUT,
	TRAIT_TRACE,
	TRAIT_STATS,
	TRAIT_PROGRESS,
	TRAIT_RELAYED,		/* no peer, or a relay between the two */
};

struct rule {
	enum trait trait;
	const char *option;	/* that gives it; NULL: framing_option */
	bool needs;		/* the other; else it cannot go with it */
	enum trait other;
	const char *name;	/* of the other */
};

#define MESSAGE_TYPES "--type=seqpacket or --type=dgram"
#define RELAY "a trace or --timeout with --peer"

static const struct rule rules[] = {
	{ TRAIT_MAX_MESSAGE, "max-message", true, TRAIT_MESSAGES,
	    MESSAGE_TYPES },
	{ TRAIT_FRAMING, NULL, true, TRAIT_MESSAGES, MESSAGE_TYPES },
	{ TRAIT_PEER_FD, "peer-fd", true, TRAIT_PEER, "--peer" },
	{ TRAIT_PIPEFAIL, "pipefail", true, TRAIT_PEER, "--peer" },
	{ TRAIT_FRAMING, NULL, false, TRAIT_PEER, "--peer" },
	{ TRAIT_MAX_MESSAGE, "max-message", true, TRAIT_RELAYED, RELAY },
	{ TRAIT_LINGER, "linger", true, TRAIT_RELAYED, RELAY },
	{ TRAIT_NO_SHUTDOWN, "no-shutdown", true, TRAIT_RELAYED, RELAY },
	{ TRAIT_NO_SHUTDOWN, "no-shutdown", false, TRAIT_PEER_DGRAM,
	    "--peer and --type=dgram" },
	{ TRAIT_LISTEN_FDS, "listen-fds", false, TRAIT_OTHER_FD,
	    "another --fd than 3" },
	{ TRAIT_LISTEN_FDS, "listen-fds", false, TRAIT_LISTEN_ENV,
	    "--env of a variable that it sets" },
	/* We are gone before any of these could come to pass. */
	{ TRAIT_PASS_FD, "pass-fd", false, TRAIT_PEER, "--peer" },
	{ TRAIT_PASS_FD, "pass-fd", false, TRAIT_KILL_AFTER, "--kill-after" },
	{ TRAIT_PASS_FD, "pass-fd", false, TRAIT_DIE_WITH_PARENT,
	    "--die-with-parent" },
	{ TRAIT_PASS_FD, "pass-fd", false, TRAIT_NO_SHUTDOWN,
	    "--no-shutdown" },
	{ TRAIT_PASS_FD, "pass-fd", false, TRAIT_LINGER, "--linger" },
	{ TRAIT_PASS_FD, "pass-fd", false, TRAIT_TIMEOUT, "--timeout" },
	{ TRAIT_PASS_FD, "pass-fd", false, TRAIT_TRACE, "a trace" },
	{ TRAIT_PASS_FD, "pass-fd", false, TRAIT_STATS, "--stats" },
	{ TRAIT_PASS_FD, "pass-fd", false, TRAIT_PROGRESS, "--progress" },
	{ TRAIT_STATS, "stats", true, TRAIT_RELAYED, RELAY },
	{ TRAIT_PROGRESS, "progress", true, TRAIT_RELAYED, RELAY },
	{ TRAIT_MAX_MESSAGE, "max-message", false, TRAIT_PASS_FD,
	    "--pass-fd" },
	{ TRAIT_FRAMING, NULL, false, TRAIT_PASS_FD, "--pass-fd" },
};

/* sd_listen_fds(3) */
static bool
is_listen_variable(const char *name)
{
	return strcmp(name, "LISTEN_FDS") == 0 ||
	    strcmp(name, "LISTEN_FDNAMES") == 0 ||
	    strcmp(name, "LISTEN_PID") == 0;
}

static bool
has_listen_env(const struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->env_count; i++)
		if (is_listen_variable(plan->env[i]))
			return true;
	return false;
}

static bool
has_other_fd(const struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->fds.count; i++)
		if (plan->fds.fds[i] != 3)
			return true;
	return false;
}

/* Whether it is a dgram pair: a raw unix socket is one (net/unix/af_unix.c). */
static bool
is_dgram(const struct plan *plan)
{
	return plan->type == SOCK_DGRAM ||
	    (plan->domain == AF_UNIX && plan->type == SOCK_RAW);
}

static bool
has_trait(const struct plan *plan, enum trait trait)
{
	switch (trait) {
	case TRAIT_DIE_WITH_PARENT:
		return plan->die_with_parent;
	case TRAIT_FRAMING:
		return plan->framing_option != NULL;
	case TRAIT_KILL_AFTER:
		return plan->kill_after != PLAN_NEVER;
	case TRAIT_LINGER:
		return plan->linger != PLAN_NEVER;
	case TRAIT_LISTEN_ENV:
		return has_listen_env(plan);
	case TRAIT_LISTEN_FDS:
		return plan->listen_fds;
	case TRAIT_MAX_MESSAGE:
		return plan->max_message_chosen;
	case TRAIT_MESSAGES:
		return plan->type != SOCK_STREAM;
	case TRAIT_NO_SHUTDOWN:
		return plan->no_shutdown;
	case TRAIT_OTHER_FD:
		return has_other_fd(plan);
	case TRAIT_PASS_FD:
		return plan->pass_fd;
	case TRAIT_PEER:
		return plan->peer != NULL;
	case TRAIT_PEER_DGRAM:
		return plan->peer != NULL && is_dgram(plan);
	case TRAIT_PEER_FD:
		return plan->peer_fds_chosen;
	case TRAIT_PIPEFAIL:
		return plan->pipefail;
	case TRAIT_TIMEOUT:
		return plan->timeout != PLAN_NEVER;
	case TRAIT_TRACE:
		return plan_has_trace(plan);
	case TRAIT_STATS:
		return plan->stats;
	case TRAIT_PROGRESS:
		return plan->progress;
	case TRAIT_RELAYED:
		return plan->peer == NULL || plan_has_relay(plan);
	}
	return false;
}

bool
plan_has_clash(const struct plan *plan, struct plan_clash *clash)
{
	const struct rule *rule;
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		rule = &rules[i];
		if (!has_trait(plan, rule->trait) ||
		    has_trait(plan, rule->other) == rule->needs)
			continue;
		clash->option = rule->option != NULL ? rule->option :
		    plan->framing_option;
		clash->relation = rule->needs ? "needs" : "cannot go with";
		clash->other = rule->name;
		return true;
	}
	return false;
}

void
plan_free(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->env_count; i++)
		free(plan->env[i]);
	free(plan->env);
	for (i = 0; i < plan->output_count; i++)
		free(plan->outputs[i].path);
	free(plan->outputs);
	for (i = 0; plan->command != NULL && plan->command[i] != NULL; i++)
		free(plan->command[i]);
	free(plan->command);
	free(plan->peer);
	fd_list_free(&plan->fds);
	fd_list_free(&plan->peer_fds);
	*plan = (struct plan){ 0 };
}
