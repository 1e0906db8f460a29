/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "command/process.h"

/*
 * The most nanoseconds of processor time to spend in /proc: meanwhile nothing
 * is relayed.  A busy machine takes longer, and finds the same.
 */
#define SEARCH_TIME (SECOND / 10)

static int64_t
time_used(void)
{
	return clock_read(CLOCK_PROCESS_CPUTIME_ID);
}

bool
process_find_call(pid_t pid, struct system_call *call)
{
	int process = proc_open(pid);
	bool found = proc_find_call(process, call);

	fd_close(&process);
	return found;
}

static const char *
describe_file(const char *link, const struct child *child)
{
	if (link[0] == '\0')
		return "which cannot be seen";
	if (child_is_end(child, link))
		return child->ends[1] != 0 ? "its end of the pipe" :
		    "its end of the pair";
	if (strncmp(link, "pipe:", 5) == 0)
		return "a pipe";
	return strncmp(link, "socket:", 7) == 0 ? "a socket" : link;
}

/* Write what a thread that sleeps in call is doing. */
static void
describe_call(int thread, const struct child *child,
    const struct system_call *call, char text[PROCESS_TEXT_MAX])
{
	static const char *const words[] = {
		[DOING_READ] = "read", [DOING_WRITE] = "write",
		[DOING_POLL] = "waits for events",
		[DOING_WAIT] = "waits for a process",
		[DOING_SLEEP] = "sleeps",
	};
	enum doing doing = syscall_doing(call);
	int number = (int)call->arguments[0];
	char link[PROC_LINK_MAX];

	if (doing == DOING_OTHER) {
		snprintf(text, PROCESS_TEXT_MAX, "in system call %ld",
		    call->number);
	} else if (doing == DOING_READ || doing == DOING_WRITE) {
		proc_find_file(thread, number, link);
		snprintf(text, PROCESS_TEXT_MAX, "in %s on descriptor %d, %s",
		    words[doing], number, describe_file(link, child));
	} else {
		snprintf(text, PROCESS_TEXT_MAX, "%s", words[doing]);
	}
}

/*
 * What a thread is doing.  Of the threads of a process, the one with the
 * greatest value is shown.
 */
enum interest {
	INTEREST_UNSEEN,	/* it cannot be inspected */
	INTEREST_NO_CALL,	/* it waits outside of system calls, or ended */
	INTEREST_CALL,		/* it sleeps in a system call */
	INTEREST_RUNNING,
	INTEREST_END,		/* it reads or writes an end of the child */
};

static enum interest
find_interest(int thread, const struct child *child, struct system_call *call)
{
	char link[PROC_LINK_MAX];
	enum doing doing;

	if (!proc_find_call(thread, call))
		return INTEREST_UNSEEN;
	if (call->is_running)
		return INTEREST_RUNNING;
	if (call->number == -1)
		return INTEREST_NO_CALL;
	doing = syscall_doing(call);
	if (doing != DOING_READ && doing != DOING_WRITE)
		return INTEREST_CALL;
	proc_find_file(thread, (int)call->arguments[0], link);
	return child_is_end(child, link) ? INTEREST_END : INTEREST_CALL;
}

/*
 * Set *best to the thread of process with the greatest interest, to the first
 * one of several.  *best is process itself on entry; if it is another directory
 * afterwards, the caller closes it.  Stop once time_used() is until.
 */
static void
find_best_thread(int process, const struct child *child, int64_t until,
    int *best)
{
	DIR *list = proc_open_list(process, "task");
	struct system_call call;
	enum interest most = find_interest(process, child, &call);
	enum interest interest;
	struct dirent *entry;
	int thread;

	if (list == NULL)
		return;
	while (time_used() < until && (entry = readdir(list)) != NULL) {
		if (proc_number(entry->d_name) == -1)
			continue;
		thread = proc_open_entry(list, entry->d_name);
		interest = find_interest(thread, child, &call);
		if (interest > most) {
			most = interest;
			if (*best != process)
				fd_close(best);
			*best = thread;
		} else {
			fd_close(&thread);
		}
	}
	closedir(list);
}

/* Write what a thread is doing; state is that of its process. */
static void
describe_thread(int thread, const struct child *child, char state,
    char text[PROCESS_TEXT_MAX])
{
	bool has_ended = state == 'Z' || state == 'X';
	struct system_call call;

	switch (find_interest(thread, child, &call)) {
	case INTEREST_UNSEEN:
		/* Only root may read the system call of one that has ended. */
		snprintf(text, PROCESS_TEXT_MAX, has_ended ? "has ended" :
		    "cannot be seen");
		break;
	case INTEREST_NO_CALL:
		snprintf(text, PROCESS_TEXT_MAX, has_ended ? "has ended" :
		    "waits in no system call");
		break;
	case INTEREST_RUNNING:
		snprintf(text, PROCESS_TEXT_MAX, "runs");
		break;
	case INTEREST_CALL:
	case INTEREST_END:
		describe_call(thread, child, &call, text);
		break;
	}
}

/* Fill in *shown for process, a directory of /proc, whose pid is pid. */
static void
describe_process(int process, pid_t pid, const struct child *child,
    int64_t until, struct process *shown)
{
	char state = proc_find_state(process);
	int thread = process;

	shown->pid = pid;
	proc_find_name(process, shown->name);
	if (state == 'T' || state == 't') {
		snprintf(shown->text, PROCESS_TEXT_MAX, "is stopped");
		return;
	}
	find_best_thread(process, child, until, &thread);
	describe_thread(thread, child, state, shown->text);
	if (thread != process)
		fd_close(&thread);
}

void
process_describe(pid_t pid, const struct child *child, struct process *shown)
{
	int process = proc_open(pid);

	describe_process(process, pid, child,
	    deadline_after(time_used(), SEARCH_TIME), shown);
	fd_close(&process);
}

/* Whether process has an end of child open.  Stop once time_used() is until. */
static bool
holds_end(int process, const struct child *child, int64_t until)
{
	DIR *list = proc_open_list(process, "fd");
	char link[PROC_LINK_MAX];
	struct dirent *entry;
	bool found = false;
	ssize_t size;

	if (list == NULL)
		return false;
	while (!found && time_used() < until &&
	    (entry = readdir(list)) != NULL) {
		size = readlinkat(dirfd(list), entry->d_name, link,
		    sizeof(link) - 1);
		link[size > 0 ? size : 0] = '\0';
		found = child_is_end(child, link);
	}
	closedir(list);
	return found;
}

/* A search for processes that have an end of child open. */
struct search {
	const struct child *child;
	pid_t self;		/* our own pid, which is left out */
	DIR *list;		/* of /proc */
	int64_t until;		/* when to stop, as of time_used() */
	struct process *found;	/* has room for most */
	size_t most;
	size_t count;		/* of those found; may be most + 1 */
};

/* Add process pid, which is the entry name of /proc, if it holds an end. */
static void
inspect_process(struct search *search, pid_t pid, const char *name)
{
	int process = proc_open_entry(search->list, name);

	if (holds_end(process, search->child, search->until)) {
		if (search->count < search->most)
			describe_process(process, pid, search->child,
			    search->until, &search->found[search->count]);
		search->count++;
	}
	fd_close(&process);
}

/*
 * Inspect the processes whose pids are above that of the child, or those below.
 * Stop once more than most are found, or at search->until.
 */
static void
search_pids(struct search *search, bool above)
{
	struct dirent *entry;
	pid_t pid;

	rewinddir(search->list);
	while (search->count <= search->most && time_used() < search->until &&
	    (entry = readdir(search->list)) != NULL) {
		pid = proc_number(entry->d_name);
		if (pid != -1 && pid != search->child->pid &&
		    pid != search->self && (pid > search->child->pid) == above)
			inspect_process(search, pid, entry->d_name);
	}
}

size_t
process_find_holders(const struct child *child, struct process *found,
    size_t most, bool *is_cut)
{
	struct search search = {
		.child = child, .self = getpid(), .found = found, .most = most,
		.until = deadline_after(time_used(), SEARCH_TIME)
	};

	*is_cut = false;
	search.list = proc_open_all();
	if (search.list == NULL)
		return 0;
	/* Children of the child come first: most holders are among them. */
	search_pids(&search, true);
	search_pids(&search, false);
	closedir(search.list);
	*is_cut = search.count > most || time_used() >= search.until;
	return search.count < most ? search.count : most;
}
