/* SPDX-License-Identifier: MIT */
/* The system call that a process sleeps in. */
#ifndef SYSCALL_H
#define SYSCALL_H

#include <stdbool.h>

struct system_call {
	bool is_running;	/* the process runs; the rest is 0 */
	bool is_foreign;	/* number is of another ABI than ours, as in */
				/* a program of 32 bits: do not compare it */
	long number;		/* SYS_read ...; -1: the process is in none */
	unsigned long arguments[4];
};

/* What a system call does, as the report of --stall describes it. */
enum doing {
	DOING_READ,		/* from the descriptor in its first argument */
	DOING_WRITE,		/* to the descriptor in its first argument */
	DOING_POLL,
	DOING_WAIT,
	DOING_SLEEP,
	DOING_OTHER,
};

/* What call does; DOING_OTHER if processes seldom sleep in it. */
enum doing syscall_doing(const struct system_call *call);

#endif
