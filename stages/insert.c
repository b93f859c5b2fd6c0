/*
 * insert - puts the rows of an upload into the books as transactions, each unit once.
 *
 * Begin opens the import; units go in several to a transaction. What is refused or was there before
 * stays here: only rows that are to be booked go on, each with its transaction.
 */
#include <stdlib.h>

#include "effect.h"

static int insert_open(const struct config *config, void **state, struct fault *why)
{
	(void)why;
	*state = effect_books(config);
	return 0;
}

static void insert_close(void *state)
{
	struct ledger_pool *pool = state;

	ledger_pool_free(&pool);
}

static struct span text_of(const json_t *object, const char *key, const char *fallback)
{
	const char *text = json_string_value(json_object_get(object, key));

	return span_text(text ? text : fallback);
}

static int insert_begin(void *state, struct work *work, struct fault *why)
{
	const json_t *params = json_object_get(work->context, "params");
	const json_t *parse = json_object_get(work->context, "parse");
	char *reading = json_dumps(parse, JSON_COMPACT);
	struct ledger_import what = {.job = work->head.job,
				     .token = work->head.token,
				     .kind = "upload",
				     .bank = text_of(params, "account", "Assets:Bank:Checking"),
				     .currency = text_of(parse, "currency", ""),
				     .file_name = text_of(params, "file_name", ""),
				     .reading_json = span_text(reading ? reading : "{}")};
	struct ledger *ledger;
	int64_t import;
	int rc = effect_ledger(state, work, &ledger, why);

	if (rc == 0)
		rc = ledger_begin(ledger, &what, &import, why);
	if (rc == 0)
		json_object_set_new(work->context, "insert",
				    json_pack("{sI}", "import", (json_int_t)import));
	free(reading);
	return rc;
}

static int insert_units(void *state, struct work **work, int n, struct fault *why)
{
	struct ledger_unit units[EFFECT_UNITS_MAX];
	struct ledger *ledger;

	effect_units(work, n, units);
	if (effect_ledger(state, work[0], &ledger, why) != 0 ||
	    ledger_insert(ledger, units, n, why) != 0)
		return -1;
	effect_faults(work, n, units);
	return 0;
}

static const struct stage insert = {
	.name = "insert",
	.about = "puts the rows of an upload into the books as transactions",
	.open = insert_open,
	.close = insert_close,
	.begin = insert_begin,
	.units = insert_units,
};

int main(int argc, char **argv)
{
	return stage_main(&insert, argc, argv);
}
