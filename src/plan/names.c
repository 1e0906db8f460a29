/* SPDX-License-Identifier: MIT */
/* The tables of names.  One more name is one more row. */
#include "config.h"

#include <sys/socket.h>

#include <signal.h>
#include <string.h>

#include "plan/framing.h"
#include "plan/names.h"

const struct name domain_names[] = {
	{ "unix", AF_UNIX },
	{ "local", AF_UNIX },
	{ "inet", AF_INET },
	{ "inet6", AF_INET6 },
	{ NULL, 0 }
};

const struct name type_names[] = {
	{ "stream", SOCK_STREAM },
	{ "seqpacket", SOCK_SEQPACKET },
	{ "dgram", SOCK_DGRAM },
	{ "raw", SOCK_RAW },
#ifdef SOCK_RDM
	{ "rdm", SOCK_RDM },
#endif
	{ NULL, 0 }
};

const struct name framing_names[] = {
	{ "line", FRAMING_LINE },
	{ "null", FRAMING_NULL },
	{ "netstring", FRAMING_NETSTRING },
	{ "u16", FRAMING_U16 },
	{ "u16le", FRAMING_U16LE },
	{ "u32", FRAMING_U32 },
	{ "u32le", FRAMING_U32LE },
	{ "lsp", FRAMING_LSP },
	{ "raw", FRAMING_RAW },
	{ NULL, 0 }
};

/* The signals of POSIX.1-2017, signal.h; then those of some systems. */
const struct name signal_names[] = {
	{ "HUP", SIGHUP },
	{ "INT", SIGINT },
	{ "QUIT", SIGQUIT },
	{ "ILL", SIGILL },
	{ "TRAP", SIGTRAP },
	{ "ABRT", SIGABRT },
	{ "BUS", SIGBUS },
	{ "FPE", SIGFPE },
	{ "KILL", SIGKILL },
	{ "USR1", SIGUSR1 },
	{ "SEGV", SIGSEGV },
	{ "USR2", SIGUSR2 },
	{ "PIPE", SIGPIPE },
	{ "ALRM", SIGALRM },
	{ "TERM", SIGTERM },
	{ "CHLD", SIGCHLD },
	{ "CONT", SIGCONT },
	{ "STOP", SIGSTOP },
	{ "TSTP", SIGTSTP },
	{ "TTIN", SIGTTIN },
	{ "TTOU", SIGTTOU },
	{ "URG", SIGURG },
	{ "XCPU", SIGXCPU },
	{ "XFSZ", SIGXFSZ },
	{ "VTALRM", SIGVTALRM },
	{ "PROF", SIGPROF },
	{ "SYS", SIGSYS },
#ifdef SIGWINCH
	{ "WINCH", SIGWINCH },
#endif
#ifdef SIGIO
	{ "IO", SIGIO },
#endif
#ifdef SIGPWR
	{ "PWR", SIGPWR },
#endif
	{ NULL, 0 }
};

const struct name time_names[] = {
	{ "rel", TIME_REL },
	{ "delta", TIME_DELTA },
	{ "abs", TIME_ABS },
	{ "none", TIME_NONE },
	{ NULL, 0 }
};

const struct name color_names[] = {
	{ "auto", COLOR_AUTO },
	{ "always", COLOR_ALWAYS },
	{ "never", COLOR_NEVER },
	{ NULL, 0 }
};

const struct name format_names[] = {
	{ "text", FORMAT_TEXT },
	{ "hex", FORMAT_HEX },
	{ "json", FORMAT_JSON },
	{ "pcapng", FORMAT_PCAPNG },
	{ NULL, 0 }
};

const struct name event_names[] = {
	{ "start", TRACE_START },
	{ "data", TRACE_DATA },
	{ "message", TRACE_MESSAGE },
	{ "fds", TRACE_FDS },
	{ "eof", TRACE_EOF },
	{ "shutdown", TRACE_SHUTDOWN },
	{ "reset", TRACE_RESET },
	{ "gone", TRACE_GONE },
	{ "signal", TRACE_SIGNAL },
	{ "timeout", TRACE_TIMEOUT },
	{ "stall", TRACE_STALL },
	{ "undelivered", TRACE_UNDELIVERED },
	{ "exit", TRACE_EXIT },
	{ NULL, 0 }
};

bool
names_value(const struct name *table, const char *name, int *value)
{
	for (; table->name != NULL; table++)
		if (strcmp(table->name, name) == 0) {
			*value = table->value;
			return true;
		}
	return false;
}

const char *
names_name(const struct name *table, int value)
{
	for (; table->name != NULL; table++)
		if (table->value == value)
			return table->name;
	return NULL;
}
