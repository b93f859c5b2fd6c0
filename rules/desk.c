#include "desk.h"

#include <stdio.h>
#include <stdlib.h>

#include "chart.h"
#include "mem.h"
#include "trial.h"

#define FAULTS_MAX 32
#define ANSWER_MAX 130000 /* of the 131,072 bytes that a short write may answer */

static struct span text_of(const json_t *object, const char *name)
{
	const json_t *text = json_object_get(object, name);

	return span_of(json_string_value(text), json_string_length(text));
}

/* ---- refusals ---- */

/* `errors` is taken. */
static int refuse(struct desk *desk, int status, const struct fault *why, json_t *errors)
{
	json_t *json = json_pack("{s:{s:i, s:s, s:s, s:s, s:o}}", "refused", "status", status,
				 "code", why->code, "text", why->text, "hint", why->hint, "errors",
				 errors ? errors : json_array());
	char *text = json_dumps(json, JSON_COMPACT);

	buf_clear(desk->answer);
	buf_text(desk->answer, text ? text : "{\"refused\":{\"status\":500}}");
	free(text);
	json_decref(json);
	return 0;
}

static void add_error(json_t *errors, const char *field, const struct text_fault *fault)
{
	const struct fault *why = &fault->fault;
	struct span text = span_utf8_whole(span_text(why->text)); /* it may have been cut */
	char msg[sizeof why->text + sizeof why->hint + 4];

	snprintf(msg, sizeof msg, why->hint[0] ? "%.*s (%s)" : "%.*s", SPAN_ARG(text), why->hint);
	json_array_append_new(errors,
			      json_pack("{s:s, s:I, s:I, s:s, s:s}", "field", field, "line",
					(json_int_t)fault->line, "column",
					(json_int_t)fault->column, "msg", msg, "type", why->code));
}

/* The `n` faults of a text; 0 sound, 1 refused. */
static int refuse_text(struct desk *desk, const char *code, const char *field,
		       const struct text_fault *faults, int n)
{
	struct fault why = {0};
	json_t *errors;

	if (n == 0)
		return 0;
	errors = json_array();
	for (int i = 0; i < n; i++)
		add_error(errors, field, &faults[i]);
	fault_set(&why, FAULT_INPUT, code, "it has %s%d fault%s",
		  n == FAULTS_MAX ? "at least " : "", n, n == 1 ? "" : "s");
	refuse(desk, 422, &why, errors);
	return 1;
}

static int check_rules(struct desk *desk, struct span text, const struct chart *chart,
		       const char *field)
{
	struct text_fault *faults = xcalloc(FAULTS_MAX, sizeof *faults);
	int n = rules_check(text, chart, faults, FAULTS_MAX);
	int rc = refuse_text(desk, "rules-syntax", field, faults, n);

	free(faults);
	return rc;
}

/* Whoever changes a text says which one they saw; 1: it was another. */
static int check_version(struct desk *desk, struct span present)
{
	struct span seen = text_of(desk->body, "version");
	char version[RULES_VERSION_SIZE];
	struct fault why = {0};

	rules_version(present, version);
	if (seen.len == 0 || span_is(seen, version))
		return 0;
	fault_set(&why, FAULT_INPUT, "version-changed", "somebody changed this meanwhile");
	fault_hint(&why, "the present version is %s", version);
	refuse(desk, 409, &why, NULL);
	return 1;
}

static int check_size(struct desk *desk, struct span text, size_t max)
{
	struct fault why = {0};

	if (text.len <= max)
		return 0;
	fault_set(&why, FAULT_INPUT, "text-too-large", "this is larger than %zu KiB", max / 1024);
	refuse(desk, 413, &why, NULL);
	return 1;
}

/* ---- rules ---- */

/* 1: the answer cannot be given, and that was answered. */
static int answer_size(struct desk *desk)
{
	struct fault why = {0};

	if (desk->answer->len <= ANSWER_MAX)
		return 0;
	fault_set(&why, FAULT_INPUT, "answer-too-large",
		  "the answer is larger than %d bytes; ask for less, or read the file", ANSWER_MAX);
	refuse(desk, 413, &why, NULL);
	return 1;
}

/* Saved only if the answer, which has been made, can be given: what is there can be asked for. */
static int save(struct desk *desk, const char *kind, struct span text, struct fault *why)
{
	if (answer_size(desk) != 0)
		return 0;
	return library_put(desk->library, desk->tenant, desk->company, kind, text, why);
}

static void put_rules(struct desk *desk, struct span text)
{
	char version[RULES_VERSION_SIZE];

	rules_version(text, version);
	buf_format(desk->answer, "{\"version\":\"%s\",\"rules\":", version);
	buf_json_string(desk->answer, text);
	buf_char(desk->answer, '}');
}

static int get_rules(struct desk *desk, struct library_texts *texts, struct fault *why)
{
	(void)why;
	put_rules(desk, buf_span(&texts->rules));
	answer_size(desk);
	return 0;
}

static int save_rules(struct desk *desk, struct library_texts *texts, struct fault *why)
{
	struct span text = text_of(desk->body, "rules");
	struct chart *chart = NULL;
	int rc;

	if (check_size(desk, text, LIBRARY_RULES_BYTES) != 0 ||
	    check_version(desk, buf_span(&texts->rules)) != 0)
		return 0;
	if (chart_read("the chart", buf_span(&texts->accounts), &chart, why) != 0)
		return -1;
	rc = check_rules(desk, text, chart, "rules");
	chart_free(&chart);
	if (rc != 0)
		return 0;
	put_rules(desk, text);
	return save(desk, "rules", text, why);
}

/* ---- what would match ---- */

static int explain(struct desk *desk, struct span text, struct span accounts, struct fault *why)
{
	struct library_set *set = NULL;
	struct chart *chart = NULL;
	struct rows *rows;

	if (chart_read("the chart", accounts, &chart, why) != 0)
		return -1;
	if (library_compile(desk->library, text, accounts, &set, why) != 0) {
		chart_free(&chart);
		return -1;
	}
	rows = rows_new();
	trial_rows(json_object_get(desk->body, "descriptions"), rows);
	rules_apply(library_rules(set), rows);
	chart_keep_currencies(chart, rows);
	trial_put(library_rules(set), rows, desk->answer);
	rows_free(&rows);
	chart_free(&chart);
	library_give_back(&set);
	answer_size(desk);
	return 0;
}

/* 1: it was refused. */
static int check_rows(struct desk *desk)
{
	struct text_fault *faults = xcalloc(FAULTS_MAX, sizeof *faults);
	int n = trial_check(json_object_get(desk->body, "descriptions"), faults, FAULTS_MAX);
	int rc = refuse_text(desk, "invalid-request", "descriptions", faults, n);

	free(faults);
	return rc;
}

static int test_rules(struct desk *desk, struct library_texts *texts, struct fault *why)
{
	bool given = json_is_string(json_object_get(desk->body, "rules"));
	struct span text = given ? text_of(desk->body, "rules") : buf_span(&texts->rules);
	struct chart *chart = NULL;
	int rc;

	if (chart_read("the chart", buf_span(&texts->accounts), &chart, why) != 0)
		return -1;
	rc = given ? check_rules(desk, text, chart, "rules") : 0;
	rc = rc ? rc : check_rows(desk);
	chart_free(&chart);
	return rc != 0 ? 0 : explain(desk, text, buf_span(&texts->accounts), why);
}

/* ---- chart ---- */

static void put_account(struct buf *out, const struct chart *chart, uint32_t i)
{
	static const struct {
		const char *root, *type;
	} types[] = {{"Assets:", "asset"},
		     {"Liabilities:", "liability"},
		     {"Equity:", "equity"},
		     {"Income:", "income"},
		     {"Expenses:", "expense"}};
	struct span name = chart_account(chart, i), currency = chart_currency(chart, i);
	size_t t = 0;

	while (strncmp(name.at, types[t].root, strlen(types[t].root)) != 0)
		t++;
	buf_text(out, i ? ",{\"name\":" : "{\"name\":");
	buf_json_string(out, name);
	buf_format(out, ",\"type\":\"%s\",\"currency\":", types[t].type);
	if (currency.len)
		buf_json_string(out, currency);
	else
		buf_text(out, "null");
	buf_text(out, ",\"note\":");
	buf_json_string(out, chart_note(chart, i));
	buf_char(out, '}');
}

static void put_chart(struct desk *desk, struct span text, const struct chart *chart)
{
	char version[RULES_VERSION_SIZE];

	rules_version(text, version);
	buf_format(desk->answer, "{\"version\":\"%s\",\"accounts\":[", version);
	for (uint32_t i = 0; i < chart_count(chart); i++)
		put_account(desk->answer, chart, i);
	buf_text(desk->answer, "]}");
}

static int get_accounts(struct desk *desk, struct library_texts *texts, struct fault *why)
{
	struct chart *chart = NULL;

	if (chart_read("the chart", buf_span(&texts->accounts), &chart, why) != 0)
		return -1;
	put_chart(desk, buf_span(&texts->accounts), chart);
	chart_free(&chart);
	answer_size(desk);
	return 0;
}

static bool is_text_or_none(const json_t *item, const char *member)
{
	const json_t *value = json_object_get(item, member);

	return !value || json_is_null(value) || json_is_string(value);
}

/* What the text of a chart would pass over, or take for another thing, is none. */
static bool is_item(const json_t *item, struct span name)
{
	return name.len > 0 && name.at[0] != ';' && name.at[0] != '#' &&
	       is_text_or_none(item, "currency") && is_text_or_none(item, "note");
}

/* The accounts of the body as the text of a chart: names, or {name, currency, note}. */
static void chart_text(const json_t *body, struct buf *text)
{
	const json_t *list = json_object_get(body, "accounts");
	struct span given = text_of(body, "text");
	json_t *item;
	size_t i;

	if (!json_is_array(list)) {
		buf_add(text, given.at, given.len);
		return;
	}
	json_array_foreach(list, i, item)
	{
		struct span name = json_is_string(item) ? span_of(json_string_value(item),
								  json_string_length(item))
							: text_of(item, "name");
		struct span currency = text_of(item, "currency"), note = text_of(item, "note");
		size_t start = text->len;

		buf_format(text, "%s%.*s", is_item(item, name) ? "" : "? ", SPAN_ARG(name));
		if (currency.len)
			buf_format(text, "  %.*s", SPAN_ARG(currency));
		if (note.len)
			buf_format(text, "  ; %.*s", SPAN_ARG(note));
		for (char *at = text->at + start; at < text->at + text->len; at++)
			*at = *at == '\n' ? ' ' : *at; /* an item is a line */
		buf_char(text, '\n');
	}
}

/* 1: it was refused. */
static int check_chart(struct desk *desk, struct span text, struct chart **chart)
{
	bool list = json_is_array(json_object_get(desk->body, "accounts"));
	struct text_fault *faults = xcalloc(FAULTS_MAX, sizeof *faults);
	int rc, n = chart_check(text, chart, faults, FAULTS_MAX);

	for (int i = 0; list && i < n; i++)
		faults[i].column = 0; /* an item is a line, and its text ours */
	rc = refuse_text(desk, "chart-syntax", list ? "accounts" : "text", faults, n);

	free(faults);
	return rc;
}

static int put_accounts(struct desk *desk, struct library_texts *texts, struct span text,
			const struct chart *chart, struct fault *why)
{
	/* an account that rules still name cannot go before they are changed */
	if (check_rules(desk, buf_span(&texts->rules), chart, "rules") != 0)
		return 0;
	put_chart(desk, text, chart);
	return save(desk, "accounts", text, why);
}

static int save_accounts(struct desk *desk, struct library_texts *texts, struct fault *why)
{
	struct chart *chart = NULL;
	struct buf text = {0};
	int rc = 0;

	chart_text(desk->body, &text);
	if (check_size(desk, buf_span(&text), LIBRARY_CHART_BYTES) == 0 &&
	    check_version(desk, buf_span(&texts->accounts)) == 0 &&
	    check_chart(desk, buf_span(&text), &chart) == 0)
		rc = put_accounts(desk, texts, buf_span(&text), chart, why);
	chart_free(&chart);
	buf_release(&text);
	return rc;
}

/* ---- any ---- */

int desk_do(struct desk *desk, struct span verb, struct fault *why)
{
	static const struct {
		const char *name;
		int (*run)(struct desk *desk, struct library_texts *texts, struct fault *why);
	} verbs[] = {
		{"get-rules", get_rules},	 {"put-rules", save_rules},
		{"test-rules", test_rules},	 {"get-accounts", get_accounts},
		{"put-accounts", save_accounts},
	};
	struct library_texts texts;
	size_t i = 0;
	int rc;

	while (i < ARRAY_LEN(verbs) && !span_is(verb, verbs[i].name))
		i++;
	if (i == ARRAY_LEN(verbs))
		return 1;
	if (library_texts(desk->library, desk->tenant, desk->company, &texts, why) != 0)
		return -1;
	rc = verbs[i].run(desk, &texts, why);
	library_texts_release(&texts);
	return rc;
}
