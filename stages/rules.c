/*
 * rules - decides by the company's own rules, then what people decided of the same merchant, then
 *         the starter rules, then what people decided of similar ones.
 *
 * Begin puts under "rules" what the job uses to its end:
 *   {"own": "<text>", "accounts": "<chart: one account a line, ; and a note after it>",
 *    "starter": "<hash>", "history": "<people's decisions, see rules/history.h>"}
 * Writes are what people ask of their rules and chart (rules/desk.h).
 * Units compile that once per process, also across jobs that have the same.
 */
#include <stdlib.h>

#include "desk.h"
#include "history.h"
#include "ledger.h"
#include "mem.h"
#include "stage.h"

#define BOOKS_OPEN_MAX 16

/* Leaves room for escapes in JSON: the context goes to every stage of the job. */
#define RULES_JSON_MAX (220 * 1024)

struct deciding {
	struct library *library;
	struct ledger_pool *books; /* people's decisions, read only */
	uint32_t confidence_ppm;
};

/* What a job decides by, compiled. */
struct compiled {
	struct library_set *set;
	struct history *history;
	struct chart *chart;
};

static int rules_open(const struct config *config, void **state, struct fault *why)
{
	struct deciding *deciding = xcalloc(1, sizeof(*deciding));
	char *dir = xasprintf("%s/books", config->data);

	deciding->books = ledger_pool_new(dir, LEDGER_READ, BOOKS_OPEN_MAX);
	deciding->confidence_ppm = config->confidence_ppm;
	free(dir);
	*state = deciding;
	return library_open(config->etc, config->data, &deciding->library, why);
}

static void rules_close(void *state)
{
	struct deciding *deciding = state;

	library_close(&deciding->library);
	ledger_pool_free(&deciding->books);
	free(deciding);
}

/* People's decisions as a text of at most `max` bytes; a company without books has none. */
static int history_text(struct deciding *deciding, const struct work *work, size_t max,
			struct buf *text, struct fault *why)
{
	struct ledger *ledger;
	struct rows *rows;
	int rc = ledger_pool_get(deciding->books, work->head.tenant, work->head.company, &ledger,
				 why);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	rows = rows_new();
	rc = ledger_decided(ledger, HISTORY_DECISIONS_MAX, rows, why);
	if (rc == 0)
		history_pack(rows, max < HISTORY_BYTES_MAX ? max : HISTORY_BYTES_MAX, text);
	rows_free(&rows);
	return rc;
}

static json_t *rules_json(const struct library_texts *texts)
{
	char starter[BLOB_HASH_TEXT_SIZE];

	blob_hash_text(texts->starter, starter);
	return json_pack("{s:s%, s:s%, s:s}", "own", texts->rules.at ? texts->rules.at : "",
			 texts->rules.len, "accounts", texts->accounts.at, texts->accounts.len,
			 "starter", starter);
}

/* The chart may give the statement's account a currency: then a statement in another is not of that
 * account. Rows that have their own are not looked at here. */
static int check_bank(const struct work *work, struct span accounts, struct fault *why)
{
	const json_t *parse = json_object_get(work->context, "parse");
	const char *account = json_string_value(
		json_object_get(json_object_get(work->context, "params"), "account"));
	const char *currency = json_string_value(json_object_get(parse, "currency"));
	bool of_rows = json_integer_value(json_object_get(parse, "currency_column")) > 0 ||
		       json_array_size(json_object_get(parse, "sections")) > 0;
	struct chart *chart = NULL;
	bool takes;

	if (!account || !currency || !*currency || of_rows)
		return 0;
	if (chart_read("the chart", accounts, &chart, why) != 0)
		return -1;
	takes = chart_takes(chart, span_text(account), currency);
	chart_free(&chart);
	if (takes)
		return 0;
	fault_set(why, FAULT_JOB, "account-currency",
		  "the statement is in %s, and the chart of accounts gives %s another currency",
		  currency, account);
	return fault_hint(why, "say account: the one in %s, or currency, if it was assumed",
			  currency);
}

static int rules_begin(void *state, struct work *work, struct fault *why)
{
	struct deciding *deciding = state;
	struct library_texts texts;
	struct buf history = {0};
	json_t *json = NULL;
	size_t used;

	int rc;

	if (library_read(deciding->library, work->head.tenant, work->head.company, &texts, why) !=
	    0)
		return -1;
	rc = check_bank(work, buf_span(&texts.accounts), why);
	json = rc == 0 ? rules_json(&texts) : NULL;
	library_texts_release(&texts);
	if (rc != 0)
		return -1;
	used = json ? json_dumpb(json, NULL, 0, JSON_COMPACT) : SIZE_MAX;
	if (used > RULES_JSON_MAX) {
		json_decref(json);
		return fault_set(why, FAULT_JOB, "rules-too-large",
				 "the company's rules and chart are larger than %d KiB together",
				 RULES_JSON_MAX / 1024);
	}
	/* half of the room that is left: a line end takes two bytes in JSON, and so may others */
	if (history_text(deciding, work, (RULES_JSON_MAX - used) / 2, &history, why) != 0) {
		json_decref(json);
		return -1;
	}
	json_object_set_new(json, "history",
			    json_stringn(history.at ? history.at : "", history.len));
	buf_release(&history);
	json_object_set_new(work->context, "rules", json);
	return 0;
}

static struct span rules_text(const json_t *json, const char *key)
{
	const json_t *text = json_object_get(json, key);

	return span_of(json_string_value(text), json_string_length(text));
}

static void rules_release(void *state)
{
	struct compiled *compiled = state;

	library_give_back(&compiled->set);
	history_free(&compiled->history);
	chart_free(&compiled->chart);
	free(compiled);
}

static int compile_history(const json_t *json, struct compiled *compiled, struct fault *why)
{
	if (chart_read("the chart", rules_text(json, "accounts"), &compiled->chart, why) != 0)
		return -1;
	compiled->history = history_read(rules_text(json, "history"));
	history_keep_to(compiled->history, compiled->chart);
	return 0;
}

/* The job's rules and history, compiled once. */
static int rules_of(struct library *library, struct work *work, struct compiled **out,
		    struct fault *why)
{
	const json_t *json = json_object_get(work->context, "rules");
	struct compiled *compiled;
	struct blob_hash starter;

	*out = stage_cached(work);
	if (*out)
		return 0;
	if (blob_hash_read(rules_text(json, "starter"), &starter) != 0) {
		fault_set(why, FAULT_JOB, "context-invalid", "the job has no rules in its context");
		return fault_hint(why, "let the rules stage of the pipeline have begin = 1");
	}
	compiled = xcalloc(1, sizeof(*compiled));
	if (library_take(library, rules_text(json, "own"), rules_text(json, "accounts"), starter,
			 &compiled->set, why) != 0 ||
	    compile_history(json, compiled, why) != 0) {
		rules_release(compiled);
		return -1;
	}
	stage_cache(work, compiled, rules_release);
	*out = compiled;
	return 0;
}

static int rules_unit(void *state, struct work *work, struct fault *why)
{
	struct deciding *deciding = state;
	struct compiled *compiled;

	if (rules_of(deciding->library, work, &compiled, why) != 0)
		return -1;
	rules_apply(library_rules(compiled->set), work->rows);
	chart_keep_currencies(compiled->chart, work->rows);
	history_apply(compiled->history, library_rules(compiled->set), deciding->confidence_ppm,
		      work->rows);
	chart_keep_currencies(compiled->chart, work->rows);
	return 0;
}

static int rules_write(void *state, struct work *work, struct fault *why)
{
	struct deciding *deciding = state;
	struct desk desk = {.library = deciding->library,
			    .tenant = work->head.tenant,
			    .company = work->head.company,
			    .answer = &work->answer};
	json_t *body = json_loadb(work->payload.at ? work->payload.at : "", work->payload.len, 0,
				  NULL);
	int rc;

	desk.body = body;
	rc = desk_do(&desk, work->head.detail, why);
	json_decref(body);
	if (rc == 1)
		return fault_set(why, FAULT_JOB, "verb-unknown", "the rules know no such write");
	return rc;
}

int main(int argc, char **argv)
{
	static const struct stage stage = {
		.name = "rules",
		.about = "decides by rules, and by what people decided before",
		.open = rules_open,
		.close = rules_close,
		.begin = rules_begin,
		.unit = rules_unit,
		.write = rules_write,
	};

	return stage_main(&stage, argc, argv);
}
