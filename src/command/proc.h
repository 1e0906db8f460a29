/* SPDX-License-Identifier: MIT */
/*
 * What /proc shows of a process or thread (proc(5)).  Each is opened as a
 * directory, so that another process that gets the same pid later is not
 * mistaken for it.  If the directory is -1, or if the process has ended, the
 * functions below find nothing.  Without LINUX_EXTRAS, /proc counts as not
 * mounted.
 */
#ifndef PROC_H
#define PROC_H

#include <sys/types.h>

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>

#include "command/syscall.h"

#define PROC_NAME_MAX 64	/* bytes, with the NUL; prctl(2) allows 16 */
#define PROC_LINK_MAX 120	/* bytes kept of a file's name, with the NUL */

/* The number that name consists of, such as a pid in /proc; or -1. */
int proc_number(const char *name);

/*
 * Open the directory of process pid.  Returns it, and the caller closes it; or
 * returns -1, also if /proc belongs to another PID namespace than ours.
 */
int proc_open(pid_t pid);

/* Open the list of all processes for readdir(3); or NULL, as proc_open(). */
DIR *proc_open_all(void);

/* Open a list of a process, whose name is "fd" or "task"; or NULL. */
DIR *proc_open_list(int directory, const char *name);

/* Open the process or thread that is the entry name of list; or -1. */
int proc_open_entry(DIR *list, const char *name);

/* Its name, as ps(1) shows it; "?" if it cannot be read. */
void proc_find_name(int process, char name[PROC_NAME_MAX]);

/* The letter of its state, such as T for stopped; or NUL. */
char proc_find_state(int process);

/*
 * The file on its descriptor number, as readlink(2) shows it: "pipe:[4711]" or
 * a name; or the empty string.
 */
void proc_find_file(int process, int number, char link[PROC_LINK_MAX]);

/*
 * The system call that it is in.  False if we may not read that: the caller
 * needs the right to trace the process (ptrace(2), "access mode checking").
 */
bool proc_find_call(int process, struct system_call *call);

#endif
