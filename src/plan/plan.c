/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/parse.h"
#include "plan/plan.h"

/*
 * Bytes of the largest message by default.  Buffers for larger messages would
 * not fit into a processor's cache, and many small messages fill them as well.
 */
#define MAX_MESSAGE 1048576

/* The same with --wire, where no socket limits a message. */
#define WIRE_MAX_MESSAGE ((size_t)64 << 20)

int
plan_init(struct plan *plan)
{
	*plan = (struct plan){
		.half_close = -1,
		.domain = AF_UNIX,
		.type = SOCK_STREAM,
		.protocol = 0,
		.framing = FRAMING_LINE,
		.wire = -1,
		.max_message = MAX_MESSAGE,
		.kill_after = PLAN_NEVER,
		.linger = PLAN_NEVER,
		.timeout = PLAN_NEVER,
		.stall = PLAN_NEVER,
		.events = TRACE_ALL,
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
plan_add_output(struct plan *plan, const char *path)
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
	plan->events_used = true;
	outputs[plan->output_count++] = (struct plan_output){
		.path = copy,
		.format = plan->next_format,
		.events = plan->events,
		.append = plan->next_append,
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
	/* sd_listen_fds(3): the first descriptor is always 3. */
	if (parse_fd_list("3", &fds) == -1)
		return -1;
	fd_list_free(&plan->fds);
	plan->fds = fds;
	return 0;
}

bool
plan_has_messages(const struct plan *plan)
{
	return plan->type != SOCK_STREAM || plan->wire != -1;
}

size_t
plan_wire_limit(const struct plan *plan)
{
	return plan->max_message_chosen ? plan->max_message : WIRE_MAX_MESSAGE;
}

int64_t
plan_grace(const struct plan *plan)
{
	const int64_t usual = 5 * SECOND;

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
	return plan->peer == NULL && !plan->pass_fd && !plan->is_played;
}

bool
plan_has_relay(const struct plan *plan)
{
	if (plan->peer == NULL)
		return !plan->pass_fd;
	return plan->timeout != PLAN_NEVER || plan->stall != PLAN_NEVER ||
	    plan->chunk > 0 || plan_has_trace(plan);
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
