#include "batch.h"

#include "books.h"
#include "crash.h"

/* `guilty`: the unit that failed, -1 = none of them in particular. */
static int batch_try(const struct batch *batch, int *guilty, struct fault *why)
{
	struct db *db = batch->ledger->db;

	*guilty = -1;
	crash_at(batch->begins);
	if (db_begin(db, UNGUARDED, why) != 0)
		return -1;
	crash_at(batch->begun);
	if (batch->start(batch->arg, why) != 0)
		return books_undo(batch->ledger);
	for (int i = 0; i < batch->n; i++) {
		batch->units[i].replayed = false;
		if (batch->units[i].fault.class != FAULT_NONE)
			continue;
		if (batch->one(batch->arg, i, why) != 0) {
			*guilty = i;
			return books_undo(batch->ledger);
		}
	}
	crash_at(batch->before);
	if (db_commit(db, why) != 0)
		return books_undo(batch->ledger);
	crash_at(batch->after);
	return 0;
}

int batch_run(const struct batch *batch, struct fault *why)
{
	struct fault fault;
	int guilty;

	for (int i = 0; i < batch->n; i++)
		batch->units[i].fault = (struct fault){.class = FAULT_NONE};
	while (batch_try(batch, &guilty, &fault) != 0) {
		if (guilty < 0 || fault.class != FAULT_JOB) {
			*why = fault;
			return -1;
		}
		batch->units[guilty].fault = fault;
	}
	return 0;
}
