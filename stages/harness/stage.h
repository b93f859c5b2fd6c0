/*
 * stage - everything that a stage process is, but its work.
 *
 * Shape    a stage is one file: a struct stage and `int main(...) { return stage_main(...); }`. The
 *          harness owns options, sockets, credit, heartbeats, contexts by hash, logging, signals,
 *          readiness and the test switches. Handlers run one at a time in one thread.
 *          A handler that works for more than a second calls stage_alive() now and then: it renews
 *          the lease and feeds the watchdog; one that stops calling it is killed and replaced.
 * Errors   a handler returns -1 with a fault: RETRY (dealt again with backoff), JOB (the job
 *          fails).
 * Owns     struct work belongs to the harness; a handler fills `answer` or `rows`.
 * Exit     0 after SIGTERM (held units were finished or handed back), 64 usage, 78 configuration,
 *          69 the broker's endpoint cannot be opened, 70 a bug, 75 open() said RETRY.
 */
#ifndef DAYBOOK_STAGES_STAGE_H
#define DAYBOOK_STAGES_STAGE_H

#include <jansson.h>

#include "buf.h"
#include "config.h"
#include "fault.h"
#include "rows.h"
#include "wire.h"

struct harness;

/* What a unit is, and its answer. */
struct work {
	struct wire_work head; /* spans live until the handler returns */
	json_t *context;       /* the job's context (begin: so far), borrowed */
	struct span payload;   /* bytes of the second frame, for what is not rows */
	struct rows *rows;     /* decoded payload; a source's are empty. What is in it afterwards
				* goes on, unless `answer` was filled */
	struct buf answer;     /* begin: not used (change `context`); finish and write: JSON; other
				* stages: own payload bytes instead of rows */
	char end[256];	       /* source: where the next unit starts */
	uint32_t end_len;
	bool last;	    /* source: nothing follows */
	uint32_t rows_in;   /* source: rows this unit stands for; left alone: as many as go on */
	uint32_t rows_out;  /* rows that go on, for what is not `rows`; preset to head.rows */
	uint64_t total;	    /* begin of a source: rows of the whole job */
	struct fault fault; /* a batch handler sets it for a unit that failed alone */
	struct harness *harness;
};

struct stage {
	const char *name;
	const char *about; /* one line for --help */
	bool raw;	   /* payload is not rows: `payload` in, `answer` out */
	/* Each may be NULL. open: once at start, `*state` is handed to all others. */
	int (*open)(const struct config *config, void **state, struct fault *why);
	void (*close)(void *state);
	/* Adds this stage's part to work->context (a JSON object under its own name). */
	int (*begin)(void *state, struct work *work, struct fault *why);
	/* One of the two. units: all of one company, together in one transaction. */
	int (*unit)(void *state, struct work *work, struct fault *why);
	int (*units)(void *state, struct work **work, int n, struct fault *why);
	/* For a `unit` that may wait long: whether this one does not. Such units are done while
	 * another waits, from within its stage_alive(); their `unit` must leave alone what the
	 * waiting one uses. */
	bool (*is_quick)(void *state, const struct work *work);
	int (*finish)(void *state, struct work *work, struct fault *why);
	int (*write)(void *state, struct work *work, struct fault *why);
};

int stage_main(const struct stage *stage, int argc, char **argv);

/* Renews the lease; returns non-zero when nobody waits for the unit any more: then return at once,
 * -1 unless the unit is done all the same. Cheap: call it freely. */
int stage_alive(struct harness *harness);
/* The same with the signature that domains take. */
int stage_alive_callback(void *harness);
void stage_alive_void(void *harness);

/* What a stage compiled from a context (a reading, a rule set), kept by the context's hash: NULL
 * when it is not there. At most 16 are kept; `release` frees the least recently used. */
void *stage_cached(struct work *work);
void stage_cache(struct work *work, void *compiled, void (*release)(void *compiled));

#endif
