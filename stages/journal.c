/*
 * journal - books transactions as journal entries, each unit once, and closes the import.
 *
 * Begin opens the line of a categorize run (an upload's was opened by insert). Finish raises the
 * fence, books what is left to Uncategorised and sums up the result; when the job's record has
 * expired it forgets the rejects. Writes are the short ones of API calls.
 */
#include <stdlib.h>

#include "effect.h"

struct journal {
	struct ledger_pool *pool;
	uint32_t confidence_ppm;
};

static int journal_open(const struct config *config, void **state, struct fault *why)
{
	struct journal *journal = xcalloc(1, sizeof(*journal));

	(void)why;
	journal->pool = effect_books(config);
	journal->confidence_ppm = config->confidence_ppm;
	*state = journal;
	return 0;
}

static void journal_close(void *state)
{
	struct journal *journal = state;

	ledger_pool_free(&journal->pool);
	free(journal);
}

static int journal_begin(void *state, struct work *work, struct fault *why)
{
	struct journal *journal = state;
	struct ledger_import what = {
		.job = work->head.job, .token = work->head.token, .kind = "categorize"};
	struct ledger *ledger;
	int64_t import = 0;

	/* A company without books has nothing to categorize, and gets none by a mistyped name. */
	if (effect_has_books(journal->pool, work) &&
	    (effect_ledger(journal->pool, work, &ledger, why) != 0 ||
	     ledger_begin(ledger, &what, &import, why) != 0))
		return -1;
	json_object_set_new(work->context, "journal",
			    json_pack("{sI}", "import", (json_int_t)import));
	return 0;
}

static int journal_units(void *state, struct work **work, int n, struct fault *why)
{
	struct journal *journal = state;
	struct ledger_unit units[EFFECT_UNITS_MAX];
	struct ledger *ledger;

	effect_units(work, n, units);
	if (effect_ledger(journal->pool, work[0], &ledger, why) != 0 ||
	    ledger_post(ledger, units, n, journal->confidence_ppm, why) != 0)
		return -1;
	effect_faults(work, n, units);
	for (int i = 0; i < n; i++)
		rows_clear(work[i]->rows); /* nothing comes after the books */
	return 0;
}

static int forget_rejects(struct ledger *ledger, struct work *work, struct fault *why)
{
	char job[ID_JOB_TEXT_SIZE];
	struct buf body = {0};
	int rc;

	id_job_text(work->head.job, job);
	buf_format(&body, "{\"job\":\"%s\"}", job);
	rc = ledger_write(ledger, work->head.job, span_text("purge-rejects"), buf_span(&body),
			  &work->answer, why);
	buf_release(&body);
	return rc;
}

/* Begin found no books to categorize. */
static bool is_idle(const json_t *run)
{
	return run && json_integer_value(json_object_get(run, "import")) == 0;
}

static int journal_finish(void *state, struct work *work, struct fault *why)
{
	struct journal *journal = state;
	const json_t *run = json_object_get(work->context, "journal");
	struct ledger *ledger;
	struct ledger_end end;
	char how[NAME_SIZE];

	span_copy(work->head.detail, how, sizeof(how));
	if (!effect_has_books(journal->pool, work) || is_idle(run)) {
		ledger_empty_result(run ? "categorize" : "upload", &work->answer);
		return 0;
	}
	if (effect_ledger(journal->pool, work, &ledger, why) != 0)
		return -1;
	if (strcmp(how, "expired") == 0)
		return forget_rejects(ledger, work, why);
	end = (struct ledger_end){.job = work->head.job,
				  .token = work->head.token,
				  .state = how,
				  .confidence_ppm = journal->confidence_ppm};
	return ledger_finish(ledger, &end, &work->answer, why);
}

static int journal_write(void *state, struct work *work, struct fault *why)
{
	struct journal *journal = state;
	struct ledger *ledger;

	if (!effect_has_books(journal->pool, work)) {
		buf_text(&work->answer, "{\"refused\": {\"status\": 404, \"code\": "
					"\"company-unknown\", \"text\": \"this company has no "
					"books\", \"hint\": \"\"}}");
		return 0;
	}
	if (effect_ledger(journal->pool, work, &ledger, why) != 0)
		return -1;
	return ledger_write(ledger, work->head.job, work->head.detail, work->payload, &work->answer,
			    why);
}

static const struct stage journal = {
	.name = "journal",
	.about = "books transactions as journal entries and closes imports",
	.open = journal_open,
	.close = journal_close,
	.begin = journal_begin,
	.units = journal_units,
	.finish = journal_finish,
	.write = journal_write,
};

int main(int argc, char **argv)
{
	return stage_main(&journal, argc, argv);
}
