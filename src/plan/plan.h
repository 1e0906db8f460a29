/* SPDX-License-Identifier: MIT */
/*
 * The plan: everything that the options request.  It is complete before any of
 * it is carried out.  Later stages read the plan, not the options.
 */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fd-list.h"
#include "plan/framing.h"
#include "plan/names.h"

#define PLAN_NEVER INT64_C(-1)	/* for a time: the option was not given */

/* A file that a trace is written to. */
struct plan_output {
	char *path;		/* owned */
	enum trace_format format;
	unsigned int events;	/* those shown: a set of enum trace_kind */
	bool append;
};

struct plan {
	int half_close;		/* the descriptor to half-close, in place of */
				/* running a command; or -1 */

	/* Socket pair: the arguments of socketpair(2). */
	int domain;
	int type;
	int protocol;
	bool domain_chosen;	/* by an option, if only to the default */
	bool type_chosen;
	bool protocol_chosen;
	size_t buffer;		/* bytes to request; 0: the system's choice */

	/* Command. */
	struct fd_list fds;	/* where its end is placed; never empty */
	bool fds_chosen;	/* by --fd, rather than by default */
	bool pipes;		/* two pipes, one on each of two fds, in */
				/* place of the pair */
	char **env;		/* owned: variables set to the first of fds */
	size_t env_count;
	bool listen_fds;	/* set LISTEN_FDS and its kin for it */
	char **command;		/* owned: its argv, NULL at the end */
	int64_t kill_after;	/* nanoseconds, or PLAN_NEVER */
	bool die_with_parent;

	/* The other end, if it is not relayed. */
	char *peer;		/* owned: second command, for sh -c; or NULL */
	struct fd_list peer_fds;	/* where its end is; never empty */
	bool peer_fds_chosen;
	bool pipefail;
	bool pass_fd;		/* the end is sent over standard output */
	bool is_played;		/* it is sockplay's own: nothing is relayed */

	/* Relay. */
	enum framing framing;	/* of messages on standard input and output */
	int wire;		/* the enum framing of messages in the */
				/* command's stream; -1: it has none */
	const char *framing_option;	/* a constant: its option, or NULL */
	size_t max_message;	/* bytes; SIZE_MAX: what the socket can carry */
	bool max_message_chosen;
	size_t chunk;		/* the most bytes that a command reads at a */
				/* time; 0: no limit */
	bool no_shutdown;
	int64_t linger;		/* nanoseconds, or PLAN_NEVER */
	int64_t timeout;	/* nanoseconds, or PLAN_NEVER */
	int64_t stall;		/* the same, for --stall */

	/* Watching. */
	bool verbose;		/* a trace as text on standard error */
	bool hex;		/* the same trace in hexadecimal */
	struct plan_output *outputs;	/* owned */
	size_t output_count;
	enum trace_format next_format;	/* of each later -o */
	bool next_append;
	unsigned int events;	/* the same, and of standard error's trace */
	bool events_chosen;	/* by --events */
	bool events_used;	/* an -o has come after the last --events */
	size_t snaplen;		/* bytes shown of a piece; 0: all */
	enum time_style time;
	bool time_chosen;	/* by --time, if only to the default */
	enum color_when color;
	bool color_chosen;
	uint16_t pcap_port;	/* the command's, in a capture */
	bool pcap_port_chosen;
	bool stats;		/* totals on standard error */
	bool progress;		/* a meter on it, if it is a terminal */
};

/*
 * Fill in the defaults: a unix stream pair on the command's 0 and 1.
 * Returns 0, or -1 with errno ENOMEM.
 */
int plan_init(struct plan *plan);

/*
 * Add a copy of name to the variables that are set to the first of plan->fds.
 * Returns 0, or -1 with errno EINVAL (name is empty or contains "="), EEXIST
 * (name was added before) or ENOMEM.
 */
int plan_add_env(struct plan *plan, const char *name);

/*
 * Add a trace that is written to the file path, which is not empty and is
 * copied.  It gets next_format, next_append and events.  Returns 0, or -1 with
 * errno ENOMEM.
 */
int plan_add_output(struct plan *plan, const char *path);

/*
 * Set the command to a copy of the strings in argv, which ends with NULL.  If
 * argv is NULL the command is empty.  Returns 0, or -1 with errno ENOMEM.
 */
int plan_set_command(struct plan *plan, const char *const *argv);

/*
 * Request socket buffers of size bytes.  Messages are then limited by the
 * buffers alone, unless plan_set_max_message() is called, before or after.
 */
void plan_set_buffer(struct plan *plan, size_t size);

/* Accept no message of more than size bytes. */
void plan_set_max_message(struct plan *plan, size_t size);

/*
 * Set the second command to a copy of text.
 * Returns 0, or -1 with errno EINVAL (empty) or ENOMEM.
 */
int plan_set_peer(struct plan *plan, const char *text);

/*
 * Set LISTEN_FDS and its kin for the command, and place its end on 3 unless the
 * numbers were chosen.  Returns 0, or -1 with errno ENOMEM.
 */
int plan_set_listen_fds(struct plan *plan);

/* Two options that cannot be combined, as the words of a message. */
struct plan_clash {
	const char *option;	/* its long name, without the dashes */
	const char *relation;	/* "needs", "cannot go with" */
	const char *other;	/* the other option, such as "--peer" */
};

/*
 * Whether plan, which is complete, has an option that lacks another one, or
 * cannot go with another one.  If so, *clash describes it.  Defined in rules.c.
 */
bool plan_has_clash(const struct plan *plan, struct plan_clash *clash);

/* Whether messages are relayed, rather than bytes. */
bool plan_has_messages(const struct plan *plan);

/* The bytes of the largest message accepted with --wire. */
size_t plan_wire_limit(const struct plan *plan);

/* Nanoseconds from SIGTERM to SIGKILL when sockpair terminates a command. */
int64_t plan_grace(const struct plan *plan);

/* Whether a trace is to be written. */
bool plan_has_trace(const struct plan *plan);

/* Whether the other end is relayed to standard input and output. */
bool plan_is_relayed(const struct plan *plan);

/*
 * Whether we use the other end ourselves: plan_is_relayed(), or sockplay does,
 * or there is a relay between two commands.
 */
bool plan_has_relay(const struct plan *plan);

void plan_free(struct plan *plan);

#endif
