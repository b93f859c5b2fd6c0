/*
 * dialogue - a worker's talk with the broker.
 *
 * Shape    HELLO until WELCOME, then WORK in, DONE or FAIL out, BEAT in between, BYE at the end.
 *          WHO: the broker does not know us (it was restarted, or took us for dead): what is held
 *          is void, HELLO again. dialogue_turn() receives all there is and says what is due; it
 *          may be called while a unit is worked on, so that beats and DROPs pass.
 *          A broker that is silent is asked something that it always answers; after three leases
 *          without a word the connection is made anew (a half-open one never says that it is).
 * Units    monotonic milliseconds.
 * Errors   only dialogue_open fails. What cannot be sent is logged and left: the broker deals it
 *          again once the lease has run out.
 * Owns     socket, queue and contexts. `current` are borrowed from whoever works on them.
 */
#ifndef DAYBOOK_STAGES_DIALOGUE_H
#define DAYBOOK_STAGES_DIALOGUE_H

#include "contexts.h"
#include "workqueue.h"

#define DIALOGUE_CURRENT_MAX 8

struct dialogue {
	const char *endpoint;
	struct wire_hello hello;
	struct sock *sock;
	bool welcomed;
	bool was_welcomed; /* once, since the start */
	bool refused;	   /* another protocol: talking on makes no sense */
	uint32_t beat_ms, lease_ms;
	int64_t said_ms;  /* last HELLO or BEAT */
	int64_t heard_ms; /* last word from the broker */
	int64_t asked_ms; /* last question whether it is there */
	struct workqueue queue;
	struct contexts contexts;
	struct workitem *current[DIALOGUE_CURRENT_MAX];
	int n_current;
	struct sock_msg *msg;
	struct buf out;
	char who[256]; /* the reason of the last WHO, to log each once */
};

int dialogue_open(struct dialogue *d, const char *endpoint, const struct wire_hello *hello,
		  int64_t now_ms, struct fault *why);
/* Hands back what is held and closes. */
void dialogue_close(struct dialogue *d);

/* Receives all that is there and says what is due. Returns the milliseconds until something is. */
int dialogue_turn(struct dialogue *d, int64_t now_ms);
/* Fills `taken` with work that can be begun: `max_units` of one company at most. */
int dialogue_take(struct dialogue *d, int max_units, uint32_t max_rows, struct workitem **taken);

/* The oldest that can be begun and was not tried yet, left where it is; NULL: none. */
struct workitem *dialogue_untried(struct dialogue *d);

/* Answers for one item; nothing is said for one that was dropped. */
void dialogue_done(struct dialogue *d, const struct wire_done *done, struct span payload);
void dialogue_fail(struct dialogue *d, const struct workitem *item, const struct fault *why);

#endif
