/*
 * stageq - one stage's queue: what waits, who works, and whose turn it is.
 *
 * Shape    turns are by virtual time: each tenant, and each company in it, has a clock that goes
 *          on by the rows it was dealt; the one furthest behind is next (fair queueing, the same
 *          shares as deficit round robin without its rounds). A flow that was idle starts at the
 *          clock of the flow dealt last, so that nobody saves up turns. Within a company: writes
 *          first (somebody waits), then jobs by priority and age, then units by number.
 *          While another tenant waits, one may hold at most half of the stage's credit.
 *          At an effect stage a company's units are with one worker at a time, in their order.
 * Units    virtual time in rows.
 */
#ifndef DAYBOOK_BROKER_STAGEQ_H
#define DAYBOOK_BROKER_STAGEQ_H

#include "job.h"

#define STAGEQ_RATE_SECONDS 10

/* A tenant (company empty) or a company of one. */
struct flow {
	char tenant[NAME_SIZE], company[NAME_SIZE];
	uint64_t clock;
	uint64_t inner; /* a tenant's: clock of its company dealt last */
	uint32_t queued, held;
	struct worker *holder; /* effect stage: where the company's units are */
};

struct stageq {
	const struct config_stage *config;
	struct unit *first;
	uint32_t queued, held, credit; /* credit: sum over workers */
	struct flow *flows;
	uint32_t n_flows, room;
	uint64_t clock;
	uint64_t units_done, rows_done, failures;
	uint64_t second_rows[STAGEQ_RATE_SECONDS];
	int64_t second; /* which second_rows is for */
};

void stageq_add(struct stageq *q, struct unit *unit, int64_t now_ms);
void stageq_remove(struct stageq *q, struct unit *unit);
/* The next unit that may be dealt now and the worker that gets it; NULL: none. */
struct unit *stageq_next(struct stageq *q, struct worker *workers, int64_t now_ms,
			 struct worker **worker);
/* `unit` is with `worker` from now on, or no longer. */
void stageq_hold(struct stageq *q, struct unit *unit, struct worker *worker);
void stageq_release(struct stageq *q, struct unit *unit);
void stageq_count(struct stageq *q, uint32_t rows, int64_t now_ms);
uint64_t stageq_rows_per_s(const struct stageq *q, int64_t now_ms);
/* Earliest end of a backoff among what waits, INT64_MAX = none. */
int64_t stageq_next_ms(const struct stageq *q, int64_t now_ms);

#endif
