/* SPDX-License-Identifier: MIT */
/*
 * A model of the ends of a run, for spin(1): how data, ends of file, exits,
 * signals and deadlines meet, in every order.  tests/spin/check runs it.
 *
 * The process sockpair is the loop of src/relay/supervise.c.  Its states and
 * inlines have the names of the sources: struct channel and channel_step() of
 * transfer/channel.c are "channel" and advance_to_command(),
 * advance_from_command(); a macro in the part "the deadlines" is a function of
 * timers.c, waiting.c or side.c.  The other processes are all that sockpair
 * meets: who writes standard input (producer), who reads standard output
 * (consumer), the command, another process that holds its end (grandchild), who
 * sends signals, who reads a trace.  Each does at any time whatever it can, and
 * may stop for ever.
 *
 * What is checked, in every order of their steps:
 *
 *	at_rest()	When nobody can do anything any more, nobody waits for
 *			something that sockpair could do, and sockpair itself
 *			has a reason to wait, or has ended.
 *	report_status()	Status 0 means that all that was accepted is delivered,
 *			or its reader has left.  125 means that something was
 *			lost.  Another status needs its cause.
 *	order		Each reader gets what was written, once and in order.
 *	half_close_told	The command is told of the end of input once at most,
 *			and reads all data before it.
 *	ends		See the end of this file.
 *	no cycle	The loop does not turn without doing something.
 *
 * What is left out.  A unit stands for a piece of any size, and is moved whole;
 * a socket holds QUEUE of them, standard input and output one each.  Only a
 * stream of bytes over a socket pair is modelled: no messages, --pipes, --peer,
 * --chunk, splicing, descriptors or terminals.  Files other than pipes, and
 * errors of reads and writes other than a lost reader, do not occur.  A channel
 * reads, writes and tells an end in one step, because what others could do in
 * between is the same as before or after it; but it is not atomic with the
 * poll(2) before it, nor with the other channel.  There is no time: a deadline
 * that is set may come at any moment, one in a turn; and the reader that is
 * given up may be slow only.  A retry that would change nothing does not occur.
 * Room in a socket is reported at once.  A command reads and writes in turn,
 * blocking; it does not poll.  The grandchild only writes.  SIGPIPE for a
 * command that is about to write (sigpipe.h) is not waited for.  A trace is
 * never behind by its own pieces, only as long as its reader takes nothing.
 *
 * FLAGS (-D) choose a case; those that change the model where it says #ifdef
 * are mistakes, which are to be found.
 */

/*
 * How much comes from the producer and from the command, how much a socket
 * holds; whether there is a grandchild, and how many signals come; whether the
 * command shuts down or closes its end before it exits, and whether the
 * consumer only takes.  The other flags are options, and ONE_SOCKET: standard
 * input and output are one socket.
 */

#ifndef INPUT
#define INPUT 0
#endif
#ifndef OUTPUT
#define OUTPUT 0
#endif
#ifndef QUEUE
#define QUEUE 2
#endif
#ifndef SHUTS
#define SHUTS true
#endif
#ifndef TAKES
#define TAKES false
#endif
#ifndef GRANDCHILD
#define GRANDCHILD 0
#endif
#ifndef SIGNALS
#define SIGNALS 0
#endif
#ifndef LINGER
#define LINGER false
#endif
#ifndef TIMEOUT
#define TIMEOUT false
#endif
#ifndef KILL_AFTER
#define KILL_AFTER false
#endif
#ifndef NO_SHUTDOWN
#define NO_SHUTDOWN false
#endif
#ifndef ONE_SOCKET
#define ONE_SOCKET false
#endif
#ifdef KEEP_SLOT
#define SLOT_KEPT	true
#else
#define SLOT_KEPT	false
#endif
#ifndef TRACE
#define TRACE false
#endif

/* --- the kernel */

chan stdin = [1] of { byte };
chan stdout = [1] of { byte };
chan to_queue = [QUEUE] of { byte };	/* our end to the command's */
chan from_queue = [QUEUE] of { byte };	/* the command's end to ours */

bool stdin_ended = INPUT == 0;	/* the producer has closed its end */
bool stdin_refused;	/* we have closed ours */
bool stdout_ended;	/* we have closed our end */
bool stdout_left;	/* the consumer has closed its */

/*
 * shutdown(2) of one end for writing and of the other for reading do the same;
 * the last close of an end does both.
 */
bool to_shut;
bool from_shut;
bool was_reset;		/* our end has an error: ECONNRESET */
byte holders = 1 + GRANDCHILD;	/* of the command's end */

bool sigchld, sigterm;	/* pending for us */

inline drop_all(queue)
{
	do
	:: len(queue) > 0 -> queue ? _
	:: else -> break
	od
}

/* A holder of the command's end closes it. */
inline release_end()
{
	holders--;
	if
	:: holders == 0 ->
		was_reset = len(to_queue) > 0;
		drop_all(to_queue);
		to_shut = true;
		from_shut = true;
		/* Does not matter any more. */
		reader_shut = false;
		command_half_closed = command_half_closed && ONE_SOCKET
	:: else
	fi
}

/* --- the environment */

mtype:does = { RUNS, READS, WRITES, STALLS, LEFT, ENDED };
mtype:death = { LIVES, BY_EXIT, BY_TERM, BY_KILL, BY_PIPE };

mtype:does producer_does = (INPUT > 0 -> RUNS : ENDED);
mtype:does consumer_does = RUNS;
mtype:does command_does = RUNS;
mtype:does grandchild_does = RUNS;

mtype:death command_dying = LIVES;	/* a signal that it dies of has come */
mtype:death wait_status = LIVES;	/* once it can be reaped */
bool exit_failed;			/* it exits, but not with 0 */

byte input_sent, input_given, input_got;
byte output_sent, output_written, output_got;
bool command_half_closed;	/* it has shut down its end for writing */
bool reader_shut;		/* it has shut down its end for reading */
bool half_close_told;		/* we have shut down our end for writing */
bool caller_told;		/* we have shut down the caller's socket */
bool term_came_late;		/* a signal came after the command's end */
bool term_came;			/* a signal came */
bool trace_room = true;
bool sockpair_ended;
bool command_holds_end = true;
byte input_taken;

#if INPUT
active proctype producer()
{
	do
	:: atomic {
		input_sent < INPUT ->
		producer_does = WRITES;
end_write:	if
		:: stdin_refused ->	/* SIGPIPE */
			producer_does = ENDED;
			break
		:: !stdin_refused && len(stdin) < 1 ->
			stdin ! input_sent;
			input_sent++
		fi;
		producer_does = RUNS
	   }
	:: atomic {
		stdin_ended = true;
		producer_does = ENDED;
		break
	   }
	:: atomic {
		producer_does = STALLS;
		break
	   }
	od
}

#endif

active proctype consumer()
{
	byte n;

	do
	:: atomic {
		consumer_does = READS;
end_read:	if
		:: len(stdout) > 0 ->
			stdout ? n;
			assert(n == output_got);
			output_got++;
			n = 0
		:: len(stdout) == 0 && stdout_ended ->
			consumer_does = ENDED;
			break
		fi;
		consumer_does = RUNS
	   }
	:: atomic {
		!TAKES ->
		stdout_left = true;
		drop_all(stdout);
		consumer_does = ENDED;
		break
	   }
	:: atomic {
		!TAKES ->
		consumer_does = STALLS;
		break
	   }
	od
}

active proctype command()
{
	byte n;
	byte written;
	bool at_eof;

	do
	:: command_dying != LIVES -> break
	:: atomic {
		command_dying == LIVES && command_holds_end && !at_eof &&
		!reader_shut ->
		command_does = READS;
end_read:	if
		:: len(to_queue) > 0 ->
			to_queue ? n;
			assert(n == input_got);
			input_got++;
			n = 0
		:: len(to_queue) == 0 && to_shut -> at_eof = true
		:: command_dying != LIVES -> break
		fi;
		command_does = RUNS
	   }
	:: atomic {
		command_dying == LIVES && command_holds_end &&
		!command_half_closed && written < OUTPUT ->
		command_does = WRITES;
end_write:	if
		:: from_shut -> command_dying = BY_PIPE
		:: from_shut -> written = OUTPUT	/* EPIPE */
		:: !from_shut && len(from_queue) < QUEUE ->
			from_queue ! output_sent;
			output_sent++;
			written++
		:: command_dying != LIVES -> break
		fi;
		command_does = RUNS
	   }
	:: atomic {
		SHUTS && command_dying == LIVES && command_holds_end &&
		!command_half_closed ->
		command_half_closed = true;
		from_shut = true
	   }
	:: atomic {
		SHUTS && command_dying == LIVES && command_holds_end &&
		!reader_shut ->
		reader_shut = true;
		to_shut = true
	   }
	:: atomic {
		SHUTS && command_dying == LIVES && command_holds_end ->
		command_holds_end = false;
		release_end()
	   }
	:: atomic {
		command_dying == LIVES ->
		command_does = STALLS;
end_stall:	command_dying != LIVES -> break
	   }
	:: atomic {
		command_dying == LIVES ->
		command_dying = BY_EXIT;
#ifdef EXIT_FAILS
		if
		:: exit_failed = true
		:: skip
		fi;
#endif
		break
	   }
	od;
	/* An exit closes the end before the command can be reaped. */
	atomic {
		command_does = RUNS;
		at_eof = false;
		written = 0;
		if
		:: command_holds_end ->
			command_holds_end = false;
			release_end()
		:: else
		fi
	};
	atomic {
		command_does = ENDED;
		wait_status = command_dying;
		sigchld = true
	}
}

#if GRANDCHILD
active proctype grandchild()
{
	do
	:: atomic {
		output_sent < OUTPUT ->
		grandchild_does = WRITES;
end_write:	if
		:: from_shut ->
			grandchild_does = ENDED;
			release_end();
			break
		:: !from_shut && len(from_queue) < QUEUE ->
			from_queue ! output_sent;
			output_sent++
		fi;
		grandchild_does = RUNS
	   }
	:: atomic {
		grandchild_does = STALLS;
		break
	   }
	:: atomic {
		grandchild_does = ENDED;
		release_end();
		break
	   }
	od
}
#endif

#if SIGNALS
/* Somebody sends us a signal that would end us. */
active proctype sender()
{
	byte left = SIGNALS;

	do
	:: atomic {
		left > 0 && !sockpair_ended ->
		left--;
		sigterm = true;
		term_came = true;
		term_came_late = term_came_late || wait_status != LIVES
	   }
	:: atomic { left = 0; break }
	od
}
#endif

#if TRACE
active proctype trace_reader()
{
	if
	:: trace_room = false;
		if
		:: trace_room = true
		:: skip
		fi
	:: skip
	fi
}
#endif

/* --- sockpair */

typedef channel {
	bool src_open;
	bool dst_open;
	bool src_half_closed;
	bool is_blocked;
	bool writer_gone;	/* src.writer_gone: it ends once it is empty */
	bool reader_gone;	/* dst.reader_gone */
	bool pending;		/* the conduit holds a unit */
	byte unit
};

mtype:termination = { TERMINATE_NOT, TERMINATE_TERM, TERMINATE_KILL,
    TERMINATE_DONE };
mtype:due = { NOTHING, RETRY, CONTINUE_BREAK, CHECK_READER, GIVE_UP_TRACE,
    END_LINGER, TIME_OUT, TERMINATE };
mtype:step = { CHANNEL_OPEN, CHANNEL_FLUSHED, CHANNEL_REFUSED, CHANNEL_CLOSED };
mtype:status = { DIES, TIMED_OUT, OF_COMMAND, FAILED, SUCCESS };

#define wants_data(c)	(c.dst_open && !c.pending && c.src_open && !is_behind)
#define wants_to_write(c)	(c.pending && !is_behind)

#define channel_is_ready(c)	((c.dst_open && (c.reader_gone || \
	(!c.src_open && !c.pending) || \
	(wants_to_write(c) && !c.is_blocked))) || \
	(wants_data(c) && c.writer_gone))

#define relay_is_ready	(relay && \
	(channel_is_ready(to_command) || channel_is_ready(from_command)))

/* Which slots poll(2) reports. */
#define stdin_ready	(relay && wants_data(to_command) && \
	(len(stdin) > 0 || stdin_ended))
#define stdout_room	(relay && from_command.dst_open && \
	wants_to_write(from_command) && len(stdout) < 1)
#define stdout_lost	(relay && from_command.dst_open && stdout_left)
#define socket_polled	(relay && (wants_data(from_command) || \
	(to_command.dst_open && wants_to_write(to_command)) || \
	!hung_up || SLOT_KEPT))
#define socket_input	(relay && wants_data(from_command) && \
	(len(from_queue) > 0 || from_shut))
#define socket_room	(relay && to_command.dst_open && \
	wants_to_write(to_command) && len(to_queue) < QUEUE)
#define socket_hung_up	(to_shut && from_shut)
#define socket_lost	(socket_polled && (socket_hung_up || was_reset))
#define trace_ready	(is_behind && trace_room)

#ifdef LOST_WAKE_UP
#define signal_ready	false
#else
#define signal_ready	(sigchld || sigterm)
#endif
#define slots_ready	(signal_ready || stdin_ready || stdout_room || \
	stdout_lost || socket_input || socket_room || socket_lost || \
	trace_ready)

#define side_is_lingering	(relay && reaped && from_command.src_open && \
	!from_command.writer_gone && !from_command.pending && !is_behind)
#define relay_is_drained	(!from_command.pending && from_command.src_open)
#define supervise_is_lingering	(relay && reaped && !is_behind && \
	relay_is_drained)
#define supervise_is_fatal_pending	(pending_fatal && \
	supervise_is_lingering)
#define is_hurried	(fatal_signal || (reaped && \
	(was_ended || pending_fatal || timed_out)))
#define relay_is_flushed	(!from_command.dst_open)

#ifdef END_ON_SIGCHLD
#define is_over	(fatal_signal || reaped)
#elif defined(AWAIT_HOLDERS)
#define is_over	(fatal_signal || (reaped && \
	(!relay || (relay_is_flushed && holders == 0))))
#elif defined(END_ON_HANG_UP)
#define is_over	(fatal_signal || (reaped && \
	(!relay || relay_is_flushed || hung_up)))
#else
#define is_over	(fatal_signal || ((!relay || relay_is_flushed) && reaped))
#endif

/* The deadlines: whether each may come. */
#ifdef NO_RETRY
#define retry_is_set	false
#else
#define retry_is_set	(relay && to_command.dst_open && \
	to_command.is_blocked && wants_to_write(to_command) && to_shut)
#endif
#define side_is_breaking	(relay && from_command.src_open && \
	!from_command.dst_open)
#define reader_is_awaited	(relay && is_hurried && \
	from_command.pending && !is_behind)
#define trace_is_awaited	(is_hurried && is_behind)
#define linger_is_set	((LINGER || timed_out) && side_is_lingering)
#define timeout_is_set	(TIMEOUT && relay && !timed_out && !reaped)
#define termination_is_set	(termination == TERMINATE_TERM || \
	termination == TERMINATE_KILL)

/* An event for the trace. */
inline trace_event()
{
	if
	:: TRACE && !trace_room && !trace_given_up -> is_behind = true
	:: else
	fi
}

/* Send the command a signal.  A process that has ended gets none. */
inline child_signal(death)
{
	if
	:: reaped || command_dying != LIVES
	:: else ->
		if
		:: death != BY_KILL	/* it handles the signal */
		:: command_dying = death
		fi
	fi
}

inline give_up_stdin()
{
	stdin_refused = true;
	drop_all(stdin)
}

/* endpoint_refuse(), of our end: SHUT_RD, and what waits there is dropped. */
inline refuse_socket()
{
	atomic { from_shut = true };
	atomic { drop_all(from_queue) }
}

inline stop_reading_to_command()
{
	atomic {
		if
		:: to_command.src_open ->
			to_command.src_open = false;
			give_up_stdin()
		:: else
		fi
	}
}

inline stop_reading_from_command()
{
	if
	:: from_command.src_open ->
		from_command.src_open = false;
		refuse_socket()
	:: else
	fi
}

/* endpoint_finish() of to_command: the command is told that input has ended. */
inline finish_to_command()
{
	atomic {
#ifndef TOLD_TWICE
		to_command.dst_open = false;
#endif
		if
		:: NO_SHUTDOWN
		:: else ->
			assert(!half_close_told);
			half_close_told = true;
			to_shut = true
		fi;
		trace_event()
	}
}

/* endpoint_finish() of from_command: standard output is closed. */
inline finish_from_command(half_closed)
{
	atomic {
		from_command.dst_open = false;
		if
		:: ONE_SOCKET && half_closed ->
			assert(!caller_told);
			assert(command_half_closed);
			caller_told = true
		:: else
		fi;
		stdout_ended = true;
		trace_event()
	}
}

/* --- channel.c */

inline fill_to_command()
{
	atomic {
		if
		:: len(stdin) > 0 ->
			stdin ? to_command.unit;
			to_command.pending = true;
			input_taken++;
			moved = true;
			trace_event()
		:: len(stdin) == 0 && stdin_ended ->
			to_command.src_open = false;
			give_up_stdin()
		:: else
		fi
	}
}

inline drain_to_command()
{
	atomic {
		to_command.is_blocked = false;
		if
		:: to_shut || was_reset ->
			was_reset = false;
			result = CHANNEL_REFUSED
		:: !to_shut && !was_reset && len(to_queue) < QUEUE ->
			to_queue ! to_command.unit;
			to_command.unit = 0;
			to_command.pending = false;
			input_given++;
			moved = true
		:: else -> to_command.is_blocked = true
		fi
	}
}

inline break_to_command()
{
	atomic {
		to_command.pending = false;
		to_command.is_blocked = false
	};
	finish_to_command();
	to_command.dst_open = false
}

inline advance_to_command()
{
	atomic {
		result = CHANNEL_OPEN;
		if
		:: !to_command.dst_open ->
			result = CHANNEL_CLOSED
		:: to_command.dst_open && (to_command.reader_gone ||
		   (command_lost && !to_command.pending)) ->
			result = CHANNEL_REFUSED
		:: else ->
			if
			:: wants_data(to_command) && other_src ->
				fill_to_command()
			:: else
			fi;
			if
			:: wants_to_write(to_command) && (command_dst ||
			   !to_command.is_blocked || due == RETRY) ->
				drain_to_command()
			:: else
			fi;
			if
			:: result == CHANNEL_REFUSED
			:: else ->
				if
				:: !to_command.pending &&
				   !to_command.src_open ->
					result = CHANNEL_FLUSHED
				:: to_command.pending && command_lost ->
					result = CHANNEL_REFUSED
				:: else
				fi
			fi
		fi;
		if
		:: result == CHANNEL_FLUSHED ->
			finish_to_command()
		:: result == CHANNEL_REFUSED ->
			break_to_command();
#ifndef KEEP_STDIN
			stop_reading_to_command()
#endif
		:: else
		fi;
		result = CHANNEL_OPEN
	}
}

inline fill_from_command()
{
	atomic {
		was_reset = was_reset && len(from_queue) > 0;
		if
		:: len(from_queue) > 0 ->
			from_queue ? from_command.unit;
			from_command.pending = true;
			moved = true;
			trace_event()
		:: len(from_queue) == 0 && from_shut ->
			end_src = true
		:: else
		fi
	}
}

inline drain_from_command()
{
	atomic {
		from_command.is_blocked = false;
		if
		:: stdout_left -> result = CHANNEL_REFUSED
		:: !stdout_left && len(stdout) < 1 ->
			stdout ! from_command.unit;
			from_command.unit = 0;
			from_command.pending = false;
			output_written++;
			moved = true
		:: else -> from_command.is_blocked = true
		fi
	}
}

inline break_from_command()
{
	atomic {
		from_command.pending = false;
		from_command.is_blocked = false
	};
	finish_from_command(false)
}

inline note_half_close()
{
	atomic {
		if
		:: !to_command.dst_open && !reaped && command_holds_end ->
			from_command.src_half_closed = true
		:: else
		fi
	}
}

inline advance_from_command()
{
	atomic {
		result = CHANNEL_OPEN;
		if
		:: !from_command.dst_open ->
			result = CHANNEL_CLOSED
		:: from_command.dst_open && other_lost &&
		   !from_command.pending ->
			result = CHANNEL_REFUSED
		:: else ->
			if
			:: wants_data(from_command) &&
			   (command_src || from_command.writer_gone) ->
				fill_from_command()
			:: else
			fi;
			if
			:: wants_to_write(from_command) && (other_dst ||
			   !from_command.is_blocked) ->
				drain_from_command()
			:: else
			fi;
			if
			:: result == CHANNEL_REFUSED
			:: else ->
				if
				:: !from_command.pending &&
				   !from_command.src_open ->
					result = CHANNEL_FLUSHED
				:: from_command.pending && other_lost ->
					result = CHANNEL_REFUSED
				:: else
				fi
			fi
		fi
	};
	if
	:: end_src ->
		atomic {
			end_src = false;
			from_command.src_half_closed =
			    !from_command.writer_gone && !socket_hung_up
		};
		stop_reading_from_command();
		result = CHANNEL_FLUSHED
	:: else
	fi;
	if
	:: result == CHANNEL_FLUSHED ->
		note_half_close();
		finish_from_command(from_command.src_half_closed)
	:: result == CHANNEL_REFUSED ->
		break_from_command()
		/* side_begin_break(): see side_is_breaking */
	:: else
	fi;
	result = CHANNEL_OPEN
}

/* --- supervise.c, supervise-signals.c, timers.c, waiting.c */

inline wait_for_slots()
{
	atomic {
		if
		:: is_due || relay_is_ready || slots_ready -> due = NOTHING
		:: !is_due && retry_is_set -> due = RETRY
		:: !is_due && side_is_breaking -> due = CONTINUE_BREAK
		:: !is_due && reader_is_awaited -> due = CHECK_READER
		:: !is_due && trace_is_awaited -> due = GIVE_UP_TRACE
		:: !is_due && linger_is_set -> due = END_LINGER
		:: !is_due && timeout_is_set -> due = TIME_OUT
		:: !is_due && termination_is_set -> due = TERMINATE
		:: timeout -> at_rest(); goto rests
		fi;
		signals_ready = signal_ready;
		traces_ready = trace_ready;
		/* side_read_slots(): other_dst before what it depends on. */
		other_src = stdin_ready;
		other_dst = stdout_room || stdout_lost;
		other_lost = stdout_lost;
		command_src = socket_input || socket_lost;
		command_dst = socket_room || socket_lost;
		command_lost = socket_lost;
		hung_up = hung_up || (socket_polled && socket_hung_up)
	}
}

inline schedule_kill()
{
	if
	:: KILL_AFTER && !reaped && termination == TERMINATE_NOT ->
		termination = TERMINATE_TERM
	:: else
	fi
}

inline supervise_die()
{
	if
	:: !fatal_signal -> fatal_signal = true
	:: else ->
		if
		:: is_behind ->
			is_behind = false; trace_given_up = true; failed = true
		:: else
		fi
	fi
}

inline relay_note_reaped()
{
	stop_reading_to_command()
}

/* waitpid(2); "ended" is kept until note_reaped(). */
inline reap_commands()
{
	atomic {
		if
		:: !reaped && wait_status != LIVES ->
			ended = true;
			reaped = true;
			termination = TERMINATE_DONE	/* terminate_stop() */
		:: else
		fi
	}
}

/* Handle all signals that have come. */
inline handle_all_signals()
{
	do
	:: atomic {
		sigchld ->
		sigchld = false;
		child = true
	   }
	:: sigterm ->
		sigterm = false;
#ifndef SIGNAL_FIRST
		reap_commands();
#endif
		atomic {
			if
			:: !was_running -> supervise_die()
			:: else ->
				fatal_seen = true;
				pending_fatal = pending_fatal || reaped;
				child_signal(BY_TERM)
			fi
		}
	:: atomic { !sigchld && !sigterm -> break }
	od
}

inline supervise_handle_signals()
{
	do
	:: true ->
		was_running = !reaped;
		reap_commands();
		handle_all_signals();
		atomic {
			if
			:: ended ->	/* note_reaped() */
				was_ended = was_ended ||
				    (fatal_seen && wait_status == BY_TERM)
			:: else
			fi;
			if
			:: ended && relay -> relay_note_reaped()
			:: else
			fi;
			ended = false;
			was_running = false;
			if
			:: child -> child = false
			:: else -> break
			fi
		}
	od
}

inline write_traces()
{
	atomic {
		if
		:: is_behind && traces_ready && trace_room -> is_behind = false
		:: else
		fi
	}
}

inline advance_relay()
{
	advance_to_command();
	advance_from_command()
}

inline continue_break()
{
	/* sigpipe_send() */
	atomic {
		if
		:: command_does == WRITES && !reaped -> child_signal(BY_PIPE)
		:: else
		fi
	};
	stop_reading_from_command();
	trace_event()
}

inline check_reader()
{
	atomic {
		from_command.pending = false;
		from_command.is_blocked = false;
		failed = true
	};
	finish_from_command(false);
	stop_reading_from_command()
}

inline give_up_trace()
{
	is_behind = false;
	trace_given_up = true;
	failed = true
}

inline end_linger()
{
	/* side_leave() */
#ifdef LINGER_DROPS
	stop_reading_from_command();
#else
	atomic { from_shut = true };
	from_command.writer_gone = true;
#endif
	to_command.reader_gone = true
}

inline time_out()
{
	timed_out = true;
	if
	:: termination == TERMINATE_NOT || termination == TERMINATE_TERM ->
		termination = TERMINATE_TERM
	:: else
	fi
}

inline terminate()
{
	if
	:: termination == TERMINATE_TERM ->
		child_signal(BY_TERM);
		termination = TERMINATE_KILL
	:: else ->
		child_signal(BY_KILL);
		termination = TERMINATE_DONE
	fi
}

/* What was due when poll(2) returned may be due no more. */
inline timers_handle()
{
	if
	:: due == CONTINUE_BREAK && side_is_breaking -> continue_break()
	:: due == CHECK_READER && reader_is_awaited && !moved -> check_reader()
	:: due == GIVE_UP_TRACE && trace_is_awaited -> give_up_trace()
	:: due == END_LINGER && linger_is_set && !moved -> end_linger()
	:: due == TIME_OUT && timeout_is_set && !moved -> time_out()
	:: due == TERMINATE && termination_is_set -> terminate()
	:: else
	fi
}

inline end_cut_off()
{
	if
	:: hung_up || (!to_command.dst_open && !from_command.src_open) ->
		schedule_kill()
	:: else
	fi
}

inline supervise_turn()
{
	is_due = supervise_is_fatal_pending;
#ifdef LOST_WAKE_UP
	supervise_handle_signals();
#endif
end_poll:
	wait_for_slots();
	if
	:: signals_ready -> supervise_handle_signals()
	:: else
	fi;
	if
	:: relay && fatal_signal
	:: else ->
		write_traces();
		if
		:: relay -> advance_relay()
		:: else
		fi;
		timers_handle();
		if
		:: relay -> end_cut_off()
		:: else
		fi;
		if
		:: is_due && supervise_is_fatal_pending && !moved ->
			supervise_die()
		:: else
		fi
	fi;
	/* Nothing of a turn is kept. */
	atomic {
		is_due = false; moved = false; due = NOTHING;
		signals_ready = false; traces_ready = false;
		other_src = false; other_dst = false; other_lost = false;
		command_src = false; command_dst = false; command_lost = false
	}
}

inline report_input()
{
	atomic {
		if
		:: to_command.dst_open && to_command.pending &&
		   !socket_hung_up && !was_reset -> failed = true
		:: else
		fi
	}
}

inline end_relay()
{
	if
	:: fatal_signal ->
		if
		:: from_command.dst_open -> check_reader()
		:: else
		fi
	:: !fatal_signal -> report_input()
	fi;
	relay = false;
	trace_event()
}

/* --- what must hold */

/* Whether sockpair has a reason to wait for ever. */
#define may_wait	(!term_came_late && \
	(command_does != ENDED || is_behind || \
	(consumer_does == STALLS && output_written < output_sent) || \
	(GRANDCHILD && grandchild_does == STALLS && !LINGER && !timed_out)))
#define output_is_held_up	(consumer_does == STALLS || is_behind)

/* Nobody can do anything any more, and no deadline is to come. */
inline at_rest()
{
	assert(sockpair_ended || may_wait);
	/* Each of the others that waits does so for one that stalls. */
	assert(producer_does != WRITES || is_behind ||
	    (command_does == STALLS && !reader_shut && holders > 0) ||
	    (command_does == WRITES && output_is_held_up && !reader_shut));
	assert(consumer_does != READS || is_behind ||
	    (len(from_queue) == 0 && !from_shut));
	assert(command_does != READS || is_behind ||
	    (input_got == input_sent && (producer_does == STALLS ||
	    NO_SHUTDOWN)));
	assert(command_does != WRITES || output_is_held_up)
}

#define output_is_lost	(output_written < output_sent && !stdout_left)
#define input_is_lost	(input_given < input_taken && !reader_shut && \
	holders > 0)

inline report_status()
{
	atomic {
		if
		:: fatal_signal -> status = DIES
		:: !fatal_signal && timed_out -> status = TIMED_OUT
		:: !fatal_signal && !timed_out &&
		   (wait_status != BY_EXIT || exit_failed) ->
			status = OF_COMMAND
		:: else ->
			if
			:: failed -> status = FAILED
			:: else -> status = SUCCESS
			fi
		fi;
		assert(reaped || fatal_signal);
		/* Nothing is lost in silence. */
		assert(status != SUCCESS || !(output_is_lost || input_is_lost ||
		    trace_given_up));
		assert(status != FAILED || output_written < output_sent ||
		    input_given < input_taken ||
		    trace_given_up);
		assert(status != DIES || term_came);
		assert(status == OF_COMMAND || term_came || timed_out ||
		    (wait_status == BY_EXIT && !exit_failed))
	}
}

active proctype sockpair()
{
	channel to_command, from_command;
	bool relay = true;
	bool hung_up;
	bool reaped;
	bool failed;
	bool timed_out;
	bool fatal_seen;
	bool was_ended;
	bool pending_fatal;
	bool fatal_signal;
	mtype:termination termination = TERMINATE_NOT;
	bool is_behind;
	bool trace_given_up;
	/* Of one turn: */
	bool is_due;
	bool moved;
	mtype:due due = NOTHING;
	bool signals_ready, traces_ready;
	bool other_src, other_dst, other_lost;
	bool command_src, command_dst, command_lost;
	/* Of one function: */
	bool end_src;
	bool child, was_running, ended;
	mtype:step result = CHANNEL_OPEN;
	mtype:status status = SUCCESS;

	atomic {
		to_command.src_open = true;
		to_command.dst_open = true;
		from_command.src_open = true;
		from_command.dst_open = true
	};
	do
	:: relay && is_over -> end_relay()
	:: (relay && !(is_over)) ||
	   (!relay && is_behind) ->	/* the latter in end_monitor() */
		supervise_turn()
	:: !relay && !is_behind -> break
	od;
	report_status();
	atomic {
		sockpair_ended = true;
		give_up_stdin();
		stdout_ended = true;
		drop_all(from_queue);
		from_shut = true;
		to_shut = true
	};
end:	timeout -> at_rest();
rests:	skip
}

/*
 * Checked with weak fairness: after the command's end sockpair ends as well,
 * however slow all others are.  It may wait only for a consumer that takes
 * nothing, or for a grandchild that holds the end.
 */
ltl ends {
	[] (wait_status != LIVES -> <> (sockpair_ended ||
	    consumer_does == STALLS || grandchild_does == STALLS))
}
