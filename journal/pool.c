/* pool - a bounded number of open books. */
#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "books.h"
#include "mem.h"
#include "name.h"
#include "schema.h"

struct pooled {
	char tenant[NAME_SIZE], company[NAME_SIZE];
	struct ledger *ledger;
	uint64_t used; /* when: number of the call */
};

struct ledger_pool {
	char *dir;
	enum ledger_mode mode;
	uint64_t calls;
	struct ledger *current; /* as last given */
	int n, max;
	struct pooled open[];
};

struct ledger_pool *ledger_pool_new(const char *dir, enum ledger_mode mode, int max_open)
{
	struct ledger_pool *pool;

	assert(max_open > 0);
	if (mode == LEDGER_WRITE)
		schema_sweep(dir);
	pool = xcalloc(1, sizeof *pool + (size_t)max_open * sizeof pool->open[0]);
	pool->dir = xstrdup(dir);
	pool->mode = mode;
	pool->max = max_open;
	return pool;
}

void ledger_pool_free(struct ledger_pool **pool)
{
	if (!*pool)
		return;
	for (int i = 0; i < (*pool)->n; i++)
		ledger_close(&(*pool)->open[i].ledger);
	free((*pool)->dir);
	free(*pool);
	*pool = NULL;
}

int ledger_pool_has(struct ledger_pool *pool, struct span tenant, struct span company)
{
	char path[SCHEMA_PATH_MAX];
	struct fault ignored;

	return schema_path(pool->dir, tenant, company, path, &ignored) == 0 &&
	       access(path, F_OK) == 0;
}

/* A free place, or that of the one used longest ago, closed. */
static struct pooled *pool_place(struct ledger_pool *pool)
{
	struct pooled *oldest = &pool->open[0];

	if (pool->n < pool->max)
		return &pool->open[pool->n++];
	for (int i = 1; i < pool->n; i++)
		if (pool->open[i].used < oldest->used)
			oldest = &pool->open[i];
	ledger_close(&oldest->ledger);
	return oldest;
}

static struct ledger *pool_find(struct ledger_pool *pool, struct span tenant, struct span company)
{
	for (int i = 0; i < pool->n; i++) {
		struct pooled *place = &pool->open[i];

		if (span_is(tenant, place->tenant) && span_is(company, place->company)) {
			place->used = pool->calls;
			return place->ledger;
		}
	}
	return NULL;
}

static int pool_open(struct ledger_pool *pool, struct span tenant, struct span company,
		     struct ledger **ledger, struct fault *why)
{
	struct pooled *place;
	int status = ledger_open(pool->dir, tenant, company, pool->mode, ledger, why);

	if (status != 0)
		return status;
	place = pool_place(pool);
	place->ledger = *ledger;
	place->used = pool->calls;
	span_copy(tenant, place->tenant, sizeof place->tenant);
	span_copy(company, place->company, sizeof place->company);
	return 0;
}

int ledger_pool_get(struct ledger_pool *pool, struct span tenant, struct span company,
		    struct ledger **ledger, struct fault *why)
{
	pool->calls++;
	*ledger = pool_find(pool, tenant, company);
	/* Only the books in hand keep their pages: 16 MiB each would be too much for all. */
	if (pool->current && pool->current != *ledger)
		books_rest(pool->current);
	pool->current = NULL;
	if (!*ledger) {
		int status = pool_open(pool, tenant, company, ledger, why);

		if (status != 0)
			return status;
	}
	pool->current = *ledger;
	return 0;
}
