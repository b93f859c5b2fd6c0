/*
 * supervisor - keeps the children of `daybook up` running, and ends them in order.
 *
 * Shape    the broker first; when it is ready, the rest. A child that ends is started again after
 *          0.1 s, doubling to 5 s, anew from 0.1 s once it has lived for 10 s. One that dies ten
 *          times within a minute, or five times in a row before it was ready with a status that
 *          starting again does not mend, ends everything. One that has said it is ready and is
 *          then silent for its watchdog is killed: a stopped process would hold the books' write
 *          lock for ever.
 * Units    monotonic milliseconds, given by the caller.
 * Owns     nothing: children and setting are the caller's.
 */
#ifndef DAYBOOK_CLI_SUPERVISOR_H
#define DAYBOOK_CLI_SUPERVISOR_H

#include "child.h"

struct supervisor {
	struct child *children;
	int n;
	const struct child_setting *setting;
	bool broker_was_ready;
	bool stopping, gave_up;
	int exit_status;
	bool changed;	      /* since the caller last looked: who runs */
	enum child_rank rank; /* what is being ended */
	bool told;	      /* SIGTERM was sent to that rank */
	int64_t deadline_ms;  /* and after this SIGKILL */
	int64_t turned_ms;
};

/* Starts and ends what is due. Returns the milliseconds until something is; -1 when all have ended
 * after supervisor_stop(). */
int supervisor_turn(struct supervisor *supervisor, int64_t now_ms);
/* waitpid() has reported `pid`. */
void supervisor_ended(struct supervisor *supervisor, pid_t pid, int status, int64_t now_ms);
/* A notification of `pid`: READY=1, WATCHDOG=1. */
void supervisor_notified(struct supervisor *supervisor, pid_t pid, bool ready, bool alive,
			 int64_t now_ms);
/* Ends everything; said twice: at once. */
void supervisor_stop(struct supervisor *supervisor, int64_t now_ms);
/* Every child of ours is ready, and every other one too, or has been running for a while: it may
 * not know how to say that it is ready. */
bool supervisor_is_ready(const struct supervisor *supervisor, int64_t now_ms);

#endif
