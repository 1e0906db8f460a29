/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

int
plan_init(struct plan *plan)
{
	*plan = (struct plan){
		.domain = AF_UNIX,
		.type = SOCK_STREAM,
		.protocol = 0,
		.framing = FRAMING_LINE,
		.kill_after = PLAN_NEVER,
		.linger = PLAN_NEVER,
		.timeout = PLAN_NEVER,
	};
	return parse_fd_list("0,1", &plan->fds);
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
plan_free(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->env_count; i++)
		free(plan->env[i]);
	free(plan->env);
	for (i = 0; plan->command != NULL && plan->command[i] != NULL; i++)
		free(plan->command[i]);
	free(plan->command);
	fd_list_free(&plan->fds);
	*plan = (struct plan){ 0 };
}
