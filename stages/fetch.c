/*
 * fetch - the source of a categorize run: transactions that nobody could place yet.
 *
 * Begin counts them and remembers the last one; a unit's place is the id of the transaction that
 * the one before it ended with, 8 bytes little-endian.
 */
#include <stdlib.h>

#include "ledger.h"
#include "mem.h"
#include "stage.h"

#define OPEN_MAX      16
#define LIMIT_DEFAULT 1000000 /* the most that API.md allows */

static int fetch_open(const struct config *config, void **state, struct fault *why)
{
	char *dir = xasprintf("%s/books", config->data);

	(void)why;
	*state = ledger_pool_new(dir, LEDGER_READ, OPEN_MAX);
	free(dir);
	return 0;
}

static void fetch_close(void *state)
{
	struct ledger_pool *pool = state;

	ledger_pool_free(&pool);
}

static int fetch_begin(void *state, struct work *work, struct fault *why)
{
	const json_t *params = json_object_get(work->context, "params");
	const json_t *limit = json_object_get(params, "limit");
	struct ledger *ledger;
	int64_t last = 0;
	int rc = ledger_pool_get(state, work->head.tenant, work->head.company, &ledger, why);

	if (rc == 0)
		rc = ledger_candidates(ledger,
				       json_is_integer(limit) ? (uint64_t)json_integer_value(limit)
							      : LIMIT_DEFAULT,
				       &work->total, &last, why);
	if (rc < 0) /* 1: no books yet, so nothing to look at */
		return -1;
	json_object_set_new(work->context, "fetch", json_pack("{sI}", "last", (json_int_t)last));
	return 0;
}

static int64_t place_get(struct span bytes, int64_t fallback)
{
	int64_t place;

	if (bytes.len != sizeof(place))
		return fallback;
	memcpy(&place, bytes.at, sizeof(place));
	return place;
}

static int fetch_unit(void *state, struct work *work, struct fault *why)
{
	int64_t last = json_integer_value(
		json_object_get(json_object_get(work->context, "fetch"), "last"));
	int64_t after = place_get(work->head.start, 0);
	int64_t until = place_get(work->head.end, last), next = until;
	struct ledger *ledger;
	int rc = 1;

	if (after < until)
		rc = ledger_pool_get(state, work->head.tenant, work->head.company, &ledger, why);
	if (rc == 0)
		rc = ledger_fetch(ledger, after, until, work->rows, &next, why);
	if (rc < 0)
		return -1;
	if (work->head.end.len) /* a replay ends where it did, whatever is left of it */
		next = until;
	memcpy(work->end, &next, sizeof(next));
	work->end_len = sizeof(next);
	work->last = next >= until;
	return 0;
}

static const struct stage fetch = {
	.name = "fetch",
	.about = "finds transactions that nobody could place yet",
	.open = fetch_open,
	.close = fetch_close,
	.begin = fetch_begin,
	.unit = fetch_unit,
};

int main(int argc, char **argv)
{
	return stage_main(&fetch, argc, argv);
}
