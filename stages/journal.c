/*
 * journal - books transactions as journal entries, each unit once, and closes the import.
 *
 * Begin opens the line of a categorize run (an upload's was opened by insert). Finish raises the
 * fence, books what is left to Uncategorised and sums up the result; when the job's record has
 * expired it forgets the rejects. Writes are the short ones of API calls.
 */
#include <stdlib.h>

#include "day.h"
#include "effect.h"
#include "library.h"

struct journal {
	struct ledger_pool *pool;
	struct library *library; /* charts, and the rule that a correction offers */
	uint32_t confidence_ppm;
};

static int journal_open(const struct config *config, void **state, struct fault *why)
{
	struct journal *journal = xcalloc(1, sizeof(*journal));

	journal->pool = effect_books(config);
	journal->confidence_ppm = config->confidence_ppm;
	*state = journal;
	return library_open(config->etc, config->data, &journal->library, why);
}

static void journal_close(void *state)
{
	struct journal *journal = state;

	ledger_pool_free(&journal->pool);
	library_close(&journal->library);
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
	if (is_idle(run)) {
		ledger_empty_result("categorize", &work->answer);
		return 0;
	}
	if (strcmp(how, "expired") == 0 && !effect_has_books(journal->pool, work))
		return 0;
	/* Where there are no books yet, who was to make them may still do so: they get the fence.
	 */
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

/* ---- a person's answer ---- */

#define OFFER_LOOK_PAGES 20 /* of ROWS_MAX that wait: some 40 ms */
#define OFFER_SHOW	 20

static void refuse(struct work *work, int status, const char *code, const char *text,
		   const char *hint)
{
	buf_clear(&work->answer);
	buf_format(&work->answer,
		   "{\"refused\": {\"status\": %d, \"code\": \"%s\", \"text\": \"%s\", "
		   "\"hint\": \"%s\"}}",
		   status, code, text, hint);
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

/* 1: the account is not in the company's chart, and that was answered. Else the body says which
 * currency it takes. */
static int check_chart(struct journal *journal, struct work *work, json_t *body, struct fault *why)
{
	struct span account = span_text(text_of(body, "account")), currency;
	struct library_texts texts;
	struct chart *chart = NULL;
	int64_t place;

	if (library_texts(journal->library, work->head.tenant, work->head.company, &texts, why) !=
		    0 ||
	    chart_read("the chart", buf_span(&texts.accounts), &chart, why) != 0)
		return -1;
	place = chart_find(chart, account);
	currency = span_of(NULL, 0);
	if (place >= 0)
		currency = chart_currency(chart, (uint32_t)place);
	if (currency.len > 0)
		json_object_set_new(body, "account_currency",
				    json_stringn(currency.at, currency.len));
	chart_free(&chart);
	library_texts_release(&texts);
	if (place < 0)
		refuse(work, 422, "account-unknown", "the account is not in the chart of accounts",
		       "PUT /api/accounts adds it");
	return place < 0 ? 1 : 0;
}

struct answered {
	struct journal *journal;
	struct work *work;
	struct ledger *ledger;
	const char *currency; /* of the account; empty: any */
};

/* What else the rule would change: of what waits uncategorised, as a categorize job would. */
static int count_changes(const struct answered *a, struct rules *rules, json_t *offer,
			 struct fault *why)
{
	json_t *list = json_array();
	struct rows *rows = rows_new();
	int64_t after = 0, next = 0;
	json_int_t count = 0;
	int rc = 0;

	for (int page = 0; rc == 0 && page < OFFER_LOOK_PAGES && after < INT64_MAX; page++) {
		rows_clear(rows);
		rc = ledger_fetch(a->ledger, after, INT64_MAX, rows, &next, why);
		if (rc == 0)
			rules_apply(rules, rows);
		for (uint32_t i = 0; rc == 0 && i < rows->n; i++) {
			if (rows->account[i].len == 0 ||
			    (*a->currency && strcmp(a->currency, rows->currency[i].code) != 0) ||
			    ++count > OFFER_SHOW)
				continue;
			json_array_append_new(list, json_sprintf("%lld", (long long)rows->txn[i]));
		}
		after = next;
	}
	rows_free(&rows);
	json_object_set_new(offer, "would_change", json_integer(count));
	json_object_set_new(offer, "transactions", list);
	json_object_set_new(offer, "more", json_boolean(after < INT64_MAX));
	return rc;
}

/* The answered transaction as a row. */
static void add_answered(struct rows *rows, const json_t *txn)
{
	uint32_t i = rows_add(rows);

	rows->description[i] = rows_text(rows, span_text(text_of(txn, "description")));
	rows->bank[i] = rows_text(rows, span_text(text_of(txn, "bank_account")));
	rows->account[i] = rows_text(rows, span_text(text_of(txn, "account")));
	span_copy(span_text(text_of(txn, "currency")), rows->currency[i].code,
		  sizeof(rows->currency[i].code));
	rows->amount_minor[i] = money_minor(span_text(text_of(txn, "amount")),
					    rows->currency[i].code);
	day_read(span_text(text_of(txn, "date")), &rows->day[i]);
}

/* The company's own rules, which an offered one has to come before; NULL: it has none. */
static int own_rules(struct journal *journal, const struct work *work, struct library_set **set,
		     struct fault *why)
{
	struct library_texts texts;
	int rc = library_texts(journal->library, work->head.tenant, work->head.company, &texts,
			       why);

	*set = NULL;
	if (rc == 0 && texts.rules.len > 0)
		rc = library_take(journal->library, buf_span(&texts.rules),
				  buf_span(&texts.accounts), texts.starter, set, why);
	library_texts_release(&texts);
	return rc;
}

/* Adds "offer" to the answer: the rule that would have done it. None while a file of rules that was
 * edited by hand has a fault, which the next job will tell. */
static int add_offer(const struct answered *a, json_t *answer, struct fault *why)
{
	struct library_set *own = NULL;
	struct rows *rows = rows_new();
	struct rules *rules = NULL;
	struct buf text = {0};
	json_t *offer = NULL;
	int rc = 0;

	add_answered(rows, json_object_get(answer, "transaction"));
	if (own_rules(a->journal, a->work, &own, NULL) == 0)
		rules = rules_offer(own ? library_rules(own) : NULL, rows, 0, &text);
	if (rules) {
		offer = json_pack("{s:s%}", "rule", text.at, text.len);
		rc = count_changes(a, rules, offer, why);
		rules_free(&rules);
	}
	json_object_set_new(answer, "offer", offer ? offer : json_null());
	library_give_back(&own);
	rows_free(&rows);
	buf_release(&text);
	return rc;
}

static int offer_rule(const struct answered *a, struct fault *why)
{
	struct work *work = a->work;
	json_t *answer = json_loadb(work->answer.at, work->answer.len, 0, NULL);
	char *text = NULL;
	int rc = 0;

	if (answer && !json_object_get(answer, "refused")) {
		rc = add_offer(a, answer, why);
		text = json_dumps(answer, JSON_COMPACT);
	}
	if (rc == 0 && text) {
		buf_clear(&work->answer);
		buf_text(&work->answer, text);
	}
	free(text);
	json_decref(answer);
	return rc;
}

static int journal_answer(struct journal *journal, struct ledger *ledger, struct work *work,
			  struct fault *why)
{
	json_t *body = json_loadb(work->payload.at ? work->payload.at : "", work->payload.len, 0,
				  NULL);
	struct answered answered = {journal, work, ledger, ""};
	int rc = check_chart(journal, work, body, why);
	char *text = rc == 0 ? json_dumps(body, JSON_COMPACT) : NULL;

	if (text) {
		rc = ledger_write(ledger, work->head.job, work->head.detail, span_text(text),
				  &work->answer, why);
		answered.currency = text_of(body, "account_currency");
		rc = rc == 0 ? offer_rule(&answered, why) : -1;
	}
	free(text);
	json_decref(body);
	return rc < 0 ? -1 : 0;
}

static int journal_write(void *state, struct work *work, struct fault *why)
{
	struct journal *journal = state;
	struct ledger *ledger;

	if (!effect_has_books(journal->pool, work)) {
		refuse(work, 404, "company-unknown", "this company has no books", "");
		return 0;
	}
	if (effect_ledger(journal->pool, work, &ledger, why) != 0)
		return -1;
	if (span_is(work->head.detail, "answer"))
		return journal_answer(journal, ledger, work, why);
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
