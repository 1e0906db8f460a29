/* SPDX-License-Identifier: MIT */
/* Which options need others, and which cannot go with others. */
#include "config.h"

#include <sys/socket.h>

#include <stdint.h>
#include <string.h>

#include "plan/plan.h"

/*
 * A property of a plan: an option that was given, or the effect of several
 * options.  Each is a bit of a set.  If several bits of one rule are broken,
 * the lowest is reported.
 */
enum trait {
	TRAIT_MESSAGES,		/* messages are relayed */
	TRAIT_OTHER_TYPE,	/* the pair is no stream */
	TRAIT_RELAYED,		/* no peer, or a relay between two commands */
	TRAIT_PEER,
	TRAIT_PEER_DGRAM,
	TRAIT_OTHER_FD,		/* --fd gives another number than 3 */
	TRAIT_LISTEN_ENV,	/* --env sets a variable of LISTEN_FDS's kin */
	TRAIT_KILL_AFTER,
	TRAIT_DIE_WITH_PARENT,
	TRAIT_NO_SHUTDOWN,
	TRAIT_LINGER,
	TRAIT_TIMEOUT,
	TRAIT_TRACE,
	TRAIT_STATS,
	TRAIT_PROGRESS,
	TRAIT_PASS_FD,
	TRAIT_PEER_FD,
	TRAIT_PIPEFAIL,
	TRAIT_LISTEN_FDS,
	TRAIT_FRAMING,
	TRAIT_MAX_MESSAGE,
	TRAIT_STALL,
	TRAIT_PIPES,
	TRAIT_TWO_FDS,
	TRAIT_TYPE,
	TRAIT_DOMAIN,
	TRAIT_PROTOCOL,
	TRAIT_BUFFER,
	TRAIT_CHUNK,
	TRAIT_WIRE,
	TRAIT_WIRE_RAW,
	TRAIT_FRAMING_RAW,
	TRAIT_EVENTS,
	TRAIT_TRACE_OF_EVENTS,
	TRAIT_FORMAT,
	TRAIT_APPEND,
	TRAIT_SNAPLEN,
	TRAIT_TIME,
	TRAIT_COLOR,
	TRAIT_PCAP_PORT,
	TRAIT_COUNT,
};

struct trait_state {
	const char *name;	/* in messages; --framing has several */
	bool is_given;
};

#define SET(name) (UINT64_C(1) << TRAIT_##name)

/* The first rule that a plan breaks is reported. */
static const struct rule {
	enum trait option;
	uint64_t needed;	/* a set: all of these must be given */
	uint64_t excluded;	/* a set: none of these may be given */
} rules[] = {
	{ TRAIT_PIPES, 0, SET(PEER) | SET(PASS_FD) | SET(LISTEN_FDS) |
	    SET(TYPE) | SET(DOMAIN) | SET(PROTOCOL) | SET(BUFFER) },
	{ TRAIT_PIPES, SET(TWO_FDS), 0 },
	{ TRAIT_WIRE, 0, SET(OTHER_TYPE) | SET(PEER) | SET(PASS_FD) },
	{ TRAIT_WIRE_RAW, 0, SET(FRAMING_RAW) },
	{ TRAIT_CHUNK, 0, SET(OTHER_TYPE) | SET(PASS_FD) },
	{ TRAIT_MAX_MESSAGE, SET(MESSAGES), 0 },
	{ TRAIT_FRAMING, SET(MESSAGES), SET(PEER) },
	{ TRAIT_PEER_FD, SET(PEER), 0 },
	{ TRAIT_PIPEFAIL, SET(PEER), 0 },
	{ TRAIT_MAX_MESSAGE, SET(RELAYED), 0 },
	{ TRAIT_LINGER, SET(RELAYED), 0 },
	{ TRAIT_NO_SHUTDOWN, SET(RELAYED), SET(PEER_DGRAM) },
	{ TRAIT_LISTEN_FDS, 0, SET(OTHER_FD) | SET(LISTEN_ENV) },
	/* sockpair has ended before any of these could have an effect. */
	{ TRAIT_PASS_FD, 0, SET(PEER) | SET(KILL_AFTER) |
	    SET(DIE_WITH_PARENT) | SET(NO_SHUTDOWN) | SET(LINGER) |
	    SET(TIMEOUT) | SET(STALL) | SET(TRACE) | SET(STATS) |
	    SET(PROGRESS) | SET(FORMAT) | SET(APPEND) | SET(SNAPLEN) |
	    SET(TIME) | SET(COLOR) | SET(PCAP_PORT) },
	{ TRAIT_EVENTS, SET(TRACE_OF_EVENTS), 0 },
	{ TRAIT_STATS, SET(RELAYED), 0 },
	{ TRAIT_PROGRESS, SET(RELAYED), 0 },
	{ TRAIT_MAX_MESSAGE, 0, SET(PASS_FD) },
	{ TRAIT_FRAMING, 0, SET(PASS_FD) },
	{ TRAIT_COUNT, 0, 0 }
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

static bool
has_two_fds(const struct plan *plan)
{
	return plan->fds.count == 2 && plan->fds.fds[0] != plan->fds.fds[1];
}

/* Whether the pair is dgram, as a raw unix pair is (net/unix/af_unix.c). */
static bool
is_dgram(const struct plan *plan)
{
	return plan->type == SOCK_DGRAM ||
	    (plan->domain == AF_UNIX && plan->type == SOCK_RAW);
}

/* Set each trait of plan. */
static void
find_traits(const struct plan *plan, struct trait_state traits[])
{
	const struct trait_state found[TRAIT_COUNT] = {
		[TRAIT_MESSAGES] = { "--type=seqpacket, --type=dgram or --wire",
		    plan_has_messages(plan) },
		[TRAIT_OTHER_TYPE] = { "another --type than stream",
		    plan->type != SOCK_STREAM },
		[TRAIT_RELAYED] = { "a trace, --timeout, --stall or --chunk "
		    "with --peer",
		    plan->peer == NULL || plan_has_relay(plan) },
		[TRAIT_PEER] = { "--peer", plan->peer != NULL },
		[TRAIT_PEER_DGRAM] = { "--peer and --type=dgram",
		    plan->peer != NULL && is_dgram(plan) },
		[TRAIT_OTHER_FD] = { "another --fd than 3",
		    has_other_fd(plan) },
		[TRAIT_LISTEN_ENV] = { "--env of a variable that it sets",
		    has_listen_env(plan) },
		[TRAIT_KILL_AFTER] = { "--kill-after",
		    plan->kill_after != PLAN_NEVER },
		[TRAIT_DIE_WITH_PARENT] = { "--die-with-parent",
		    plan->die_with_parent },
		[TRAIT_NO_SHUTDOWN] = { "--no-shutdown", plan->no_shutdown },
		[TRAIT_LINGER] = { "--linger", plan->linger != PLAN_NEVER },
		[TRAIT_TIMEOUT] = { "--timeout", plan->timeout != PLAN_NEVER },
		[TRAIT_TRACE] = { "a trace", plan_has_trace(plan) },
		[TRAIT_STATS] = { "--stats", plan->stats },
		[TRAIT_PROGRESS] = { "--progress", plan->progress },
		[TRAIT_PASS_FD] = { "--pass-fd", plan->pass_fd },
		[TRAIT_PEER_FD] = { "--peer-fd", plan->peer_fds_chosen },
		[TRAIT_PIPEFAIL] = { "--pipefail", plan->pipefail },
		[TRAIT_LISTEN_FDS] = { "--listen-fds", plan->listen_fds },
		[TRAIT_FRAMING] = { NULL, plan->framing_option != NULL },
		[TRAIT_MAX_MESSAGE] = { "--max-message",
		    plan->max_message_chosen },
		[TRAIT_STALL] = { "--stall", plan->stall != PLAN_NEVER },
		[TRAIT_PIPES] = { "--pipes", plan->pipes },
		[TRAIT_TWO_FDS] = { "two different numbers in --fd",
		    has_two_fds(plan) },
		[TRAIT_TYPE] = { "--type", plan->type_chosen },
		[TRAIT_DOMAIN] = { "--domain", plan->domain_chosen },
		[TRAIT_PROTOCOL] = { "--protocol", plan->protocol_chosen },
		[TRAIT_BUFFER] = { "--buffer", plan->buffer != 0 },
		[TRAIT_CHUNK] = { "--chunk", plan->chunk > 0 },
		[TRAIT_WIRE] = { "--wire", plan->wire != -1 },
		[TRAIT_WIRE_RAW] = { "--wire=raw", plan->wire == FRAMING_RAW },
		[TRAIT_FRAMING_RAW] = { "--framing=raw",
		    plan->framing == FRAMING_RAW },
		[TRAIT_EVENTS] = { "--events", plan->events_chosen },
		[TRAIT_TRACE_OF_EVENTS] = { "-v, -x or an -o after it",
		    plan->verbose || plan->hex || plan->events_used },
		[TRAIT_FORMAT] = { "--format",
		    plan->next_format != FORMAT_BY_ENDING },
		[TRAIT_APPEND] = { "--append", plan->next_append },
		[TRAIT_SNAPLEN] = { "--snaplen", plan->snaplen != 0 },
		[TRAIT_TIME] = { "--time", plan->time_chosen },
		[TRAIT_COLOR] = { "--color", plan->color_chosen },
		[TRAIT_PCAP_PORT] = { "--pcap-port", plan->pcap_port_chosen },
	};

	memcpy(traits, found, sizeof(found));
}

/* The lowest trait in set, which is not empty. */
static int
find_lowest(uint64_t set)
{
	int trait = 0;

	while (!(set >> trait & 1))
		trait++;
	return trait;
}

bool
plan_has_clash(const struct plan *plan, struct plan_clash *clash)
{
	struct trait_state traits[TRAIT_COUNT];
	uint64_t given = 0;
	uint64_t missing, unwanted;
	const struct rule *rule;
	int i;

	find_traits(plan, traits);
	for (i = 0; i < TRAIT_COUNT; i++)
		given |= (uint64_t)traits[i].is_given << i;
	for (rule = rules; rule->needed | rule->excluded; rule++) {
		missing = rule->needed & ~given;
		unwanted = rule->excluded & given;
		if (!traits[rule->option].is_given ||
		    (missing | unwanted) == 0)
			continue;
		clash->option = rule->option == TRAIT_FRAMING ?
		    plan->framing_option : traits[rule->option].name + 2;
		clash->relation = missing != 0 ? "needs" : "cannot go with";
		clash->other = traits[find_lowest(missing != 0 ? missing :
		    unwanted)].name;
		return true;
	}
	return false;
}
