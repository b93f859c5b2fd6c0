/*
 * effect - what the two stages that write books share: units of the harness as units of the books.
 */
#ifndef DAYBOOK_STAGES_EFFECT_H
#define DAYBOOK_STAGES_EFFECT_H

#include <assert.h>
#include <stdlib.h>

#include "ledger.h"
#include "mem.h"
#include "stage.h"

#define EFFECT_OPEN_MAX	 16 /* books open in a process, least recently used closed first */
#define EFFECT_UNITS_MAX 64 /* more than any credit */

static inline struct ledger_pool *effect_books(const struct config *config)
{
	char *dir = xasprintf("%s/books", config->data);
	struct ledger_pool *pool = ledger_pool_new(dir, LEDGER_WRITE, EFFECT_OPEN_MAX);

	free(dir);
	return pool;
}

static inline bool effect_has_books(struct ledger_pool *pool, const struct work *work)
{
	return ledger_pool_has(pool, work->head.tenant, work->head.company);
}

static inline int effect_ledger(struct ledger_pool *pool, const struct work *work,
				struct ledger **ledger, struct fault *why)
{
	if (ledger_pool_get(pool, work->head.tenant, work->head.company, ledger, why) != 0)
		return -1;
	ledger_alive(*ledger, stage_alive_callback, work->harness);
	return 0;
}

static inline void effect_units(struct work *const *work, int n, struct ledger_unit *units)
{
	assert(n <= EFFECT_UNITS_MAX);
	for (int i = 0; i < n; i++)
		units[i] = (struct ledger_unit){.job = work[i]->head.job,
						.unit = work[i]->head.unit,
						.token = work[i]->head.token,
						.start = work[i]->head.start,
						.end = work[i]->head.end,
						.rows = work[i]->rows};
}

static inline void effect_faults(struct work *const *work, int n, const struct ledger_unit *units)
{
	for (int i = 0; i < n; i++)
		work[i]->fault = units[i].fault;
}

#endif
