/*
 * workqueue - the units that a worker holds and has not begun.
 *
 * Shape    in order of arrival. workqueue_take() gives the oldest that is ready; for a stage that
 *          does several at once, with it every other ready unit of rows of the same company, up to
 *          a number of units and of rows: that is what lets one commit to the books hide its fsync.
 *          Pure: no socket, no clock.
 * Owns     its items and their messages. An item taken is the caller's until workqueue_done().
 */
#ifndef DAYBOOK_STAGES_WORKQUEUE_H
#define DAYBOOK_STAGES_WORKQUEUE_H

#include "sock.h"
#include "wire.h"

struct workitem {
	struct workitem *next;
	struct sock_msg *msg;
	struct wire_work head; /* spans into msg */
	bool dropped;	       /* nobody waits for an answer any more */
	bool tried;	       /* looked at while another was waited for: it is not quick */
};

/* Zero-initialised is valid and empty. */
struct workqueue {
	struct workitem *first, *last;
	struct workitem *spare;
	uint32_t n;
};

struct workqueue_wish {
	int max_units; /* 1: singly */
	uint32_t max_rows;
	/* Whether an item can be begun now; NULL: all can. */
	bool (*is_ready)(void *arg, const struct workitem *item);
	void *arg;
};

/* Takes the message (leaves a fresh one for the next receive); `head` was decoded from it. */
void workqueue_put(struct workqueue *queue, struct sock_msg **msg, const struct wire_work *head);
/* Fills at most wish->max_units items, the oldest first; 0 = none is ready. */
int workqueue_take(struct workqueue *queue, const struct workqueue_wish *wish,
		   struct workitem **taken);
/* Takes this one out of its place. */
void workqueue_pick(struct workqueue *queue, const struct workitem *item);
/* The oldest item that is not ready, or NULL. */
struct workitem *workqueue_waiting(const struct workqueue *queue,
				   const struct workqueue_wish *wish);
/* Gives an item back: its memory is used again. */
void workqueue_done(struct workqueue *queue, struct workitem **item);
/* Forgets the unit with this token; false: it is not here. */
bool workqueue_drop(struct workqueue *queue, uint64_t token);
/* Forgets all. */
void workqueue_clear(struct workqueue *queue);
void workqueue_release(struct workqueue *queue);

#endif
