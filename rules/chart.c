/*
 * chart - see chart.h.
 */
#include "chart.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "arena.h"
#include "mem.h"

struct account {
	struct span name, currency, note;
	uint32_t line;
};

struct chart {
	struct arena arena;
	struct account *accounts; /* in the order of the text */
	uint32_t n, room;
	uint32_t *sorted; /* places in accounts, by name */
	bool has_currencies;
};

static bool is_utf8(struct span text)
{
	utf8proc_int32_t c;

	for (size_t at = 0; at < text.len;) {
		utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)text.at + at,
							(utf8proc_ssize_t)(text.len - at), &c);

		if (len < 1 || c == 0)
			return false;
		at += (size_t)len;
	}
	return true;
}

static bool part_is_valid(struct span part)
{
	for (size_t i = 0; i < part.len; i++) {
		unsigned c = (unsigned char)part.at[i];
		bool leads = c - 'A' < 26u || c - '0' < 10u || c >= 0x80;

		if (!leads && (i == 0 || (c - 'a' >= 26u && c != '-')))
			return false;
	}
	return part.len > 0;
}

bool account_is_valid(struct span account)
{
	static const char *const roots[] = {"Assets", "Liabilities", "Equity", "Income",
					    "Expenses"};
	const char *colon = account.len ? memchr(account.at, ':', account.len) : NULL;
	bool known = false;

	if (!colon || account.len > ACCOUNT_LEN_MAX || !is_utf8(account))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(roots); i++)
		known = known ||
			span_is(span_of(account.at, (size_t)(colon - account.at)), roots[i]);
	while (known && colon) {
		const char *part = colon + 1;
		size_t left = (size_t)(account.at + account.len - part);

		colon = left ? memchr(part, ':', left) : NULL;
		known = part_is_valid(span_of(part, colon ? (size_t)(colon - part) : left));
	}
	return known;
}

static int by_name(const void *a, const void *b, void *accounts)
{
	struct span x = ((const struct account *)accounts)[*(const uint32_t *)a].name;
	struct span y = ((const struct account *)accounts)[*(const uint32_t *)b].name;
	int order = memcmp(x.at, y.at, x.len < y.len ? x.len : y.len);

	return order ? order : (x.len > y.len) - (x.len < y.len);
}

/* "EUR" at the end of `line`, after a blank, is the account's currency: taken off. */
static struct span take_currency(struct span *line)
{
	struct span code = span_of(line->at + line->len - 3, 3);
	bool letters = line->len > 4 &&
		       (line->at[line->len - 4] == ' ' || line->at[line->len - 4] == '\t');

	for (int i = 0; letters && i < 3; i++)
		letters = code.at[i] >= 'A' && code.at[i] <= 'Z';
	if (!letters)
		return (struct span){0};
	*line = span_trim(span_of(line->at, line->len - 4));
	return code;
}

static void add(struct chart *chart, const struct account *account)
{
	if (chart->n == chart->room) {
		chart->room = chart->room ? chart->room * 2 : 128;
		chart->accounts = xrealloc(chart->accounts, chart->room * sizeof *chart->accounts);
	}
	chart->accounts[chart->n++] = (struct account){arena_copy(&chart->arena, account->name),
						       arena_copy(&chart->arena, account->currency),
						       arena_copy(&chart->arena, account->note),
						       account->line};
}

static int read_line(struct chart *chart, const char *name, struct span line, uint32_t number,
		     struct fault *why)
{
	struct span note = {0}, currency;

	line = span_trim(line);
	if (line.len == 0 || line.at[0] == ';' || line.at[0] == '#')
		return 0;
	const char *semicolon = memchr(line.at, ';', line.len);

	if (semicolon) {
		note = span_trim(
			span_of(semicolon + 1, (size_t)(line.at + line.len - semicolon - 1)));
		line = span_trim(span_of(line.at, (size_t)(semicolon - line.at)));
	}
	currency = line.len > 4 ? take_currency(&line) : (struct span){0};
	if (!account_is_valid(line) || !is_utf8(note)) {
		fault_set(why, FAULT_JOB, "chart-syntax", "%.50s:%u: %.60s is not an account", name,
			  number, is_utf8(line) ? arena_text(&chart->arena, line) : "this");
		if (why)
			why->row = number;
		return fault_hint(why,
				  "write it as Expenses:Food:Groceries ; what belongs there. "
				  "Begin with Assets, Liabilities, Equity, Income or Expenses; "
				  "each further part begins with a capital or a digit");
	}
	if (chart->n == CHART_ACCOUNTS_MAX)
		return fault_set(why, FAULT_JOB, "chart-syntax", "%.50s has more than %d accounts",
				 name, CHART_ACCOUNTS_MAX);
	chart->has_currencies = chart->has_currencies || currency.len > 0;
	add(chart, &(struct account){line, currency, note, number});
	return 0;
}

static void sort(struct chart *chart)
{
	chart->sorted = xrealloc(chart->sorted, (chart->n + 1) * sizeof *chart->sorted);
	for (uint32_t i = 0; i < chart->n; i++)
		chart->sorted[i] = i;
	qsort_r(chart->sorted, chart->n, sizeof *chart->sorted, by_name, chart->accounts);
}

static int check_twice(const struct chart *chart, const char *name, struct fault *why)
{
	for (uint32_t i = 1; i < chart->n; i++) {
		const struct account *a = &chart->accounts[chart->sorted[i - 1]];
		const struct account *b = &chart->accounts[chart->sorted[i]];

		if (!span_equal(a->name, b->name))
			continue;
		uint32_t first = a->line < b->line ? a->line : b->line;
		uint32_t second = a->line < b->line ? b->line : a->line;

		fault_set(why, FAULT_JOB, "chart-syntax",
			  "%.50s:%u: %.*s is there already, in line %u", name, second,
			  SPAN_ARG(a->name), first);
		if (why)
			why->row = second;
		return fault_hint(why, "remove one of the two lines");
	}
	return 0;
}

int chart_read(const char *name, struct span text, struct chart **out, struct fault *why)
{
	static const char *const always[] = {"Expenses:Uncategorised", "Income:Uncategorised"};
	struct chart *chart = xcalloc(1, sizeof *chart);
	uint32_t number = 1;

	if (text.len >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0)
		text = span_of(text.at + 3, text.len - 3); /* byte order mark */
	for (; text.len > 0; number++) {
		const char *stop = memchr(text.at, '\n', text.len);
		size_t len = stop ? (size_t)(stop - text.at) : text.len;

		if (read_line(chart, name, span_of(text.at, len), number, why) != 0)
			goto err;
		text = span_of(text.at + len, text.len - len);
		if (stop)
			text = span_of(text.at + 1, text.len - 1);
	}
	sort(chart);
	if (check_twice(chart, name, why) != 0)
		goto err;
	for (size_t i = 0; i < ARRAY_LEN(always); i++) {
		if (chart_has(chart, span_text(always[i])))
			continue;
		add(chart, &(struct account){.name = span_text(always[i]), .line = number});
		sort(chart);
	}
	*out = chart;
	return 0;
err:
	chart_free(&chart);
	return -1;
}

void chart_free(struct chart **chart)
{
	if (!*chart)
		return;
	arena_release(&(*chart)->arena);
	free((*chart)->accounts);
	free((*chart)->sorted);
	free(*chart);
	*chart = NULL;
}

uint32_t chart_count(const struct chart *chart)
{
	return chart->n;
}

struct span chart_account(const struct chart *chart, uint32_t i)
{
	return chart->accounts[i].name;
}

struct span chart_currency(const struct chart *chart, uint32_t i)
{
	return chart->accounts[i].currency;
}

struct span chart_note(const struct chart *chart, uint32_t i)
{
	return chart->accounts[i].note;
}

int64_t chart_find(const struct chart *chart, struct span account)
{
	uint32_t low = 0, high = chart->n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		struct span name = chart->accounts[chart->sorted[middle]].name;
		int order = memcmp(name.at, account.at ? account.at : "",
				   name.len < account.len ? name.len : account.len);

		if (order == 0)
			order = (name.len > account.len) - (name.len < account.len);
		if (order == 0)
			return chart->sorted[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

bool chart_has(const struct chart *chart, struct span account)
{
	return chart_find(chart, account) >= 0;
}

bool chart_takes(const struct chart *chart, struct span account, const char *currency)
{
	int64_t i = chart_find(chart, account);

	return i < 0 || chart->accounts[i].currency.len == 0 ||
	       span_is(chart->accounts[i].currency, currency);
}

/* The account of the decision and those of its parts, a line each. */
static bool takes_row(const struct chart *chart, const struct rows *rows, uint32_t i)
{
	struct span accounts = rows_span(rows, rows->part_accounts[i]);
	const char *currency = rows->currency[i].code;
	bool takes = chart_takes(chart, rows_span(rows, rows->account[i]), currency);

	while (takes && accounts.len > 0) {
		const char *stop = memchr(accounts.at, '\n', accounts.len);
		size_t len = stop ? (size_t)(stop - accounts.at) : accounts.len;
		size_t used = len + (stop != NULL);

		takes = chart_takes(chart, span_of(accounts.at, len), currency);
		accounts = span_of(accounts.at + used, accounts.len - used);
	}
	return takes;
}

void chart_keep_currencies(const struct chart *chart, struct rows *rows)
{
	static const struct text_ref none;

	for (uint32_t i = 0; chart->has_currencies && i < rows->n; i++) {
		if (rows->account[i].len == 0 || rows->source[i] == SOURCE_USER ||
		    takes_row(chart, rows, i))
			continue;
		rows->account[i] = rows->decider[i] = rows->label[i] = none;
		rows->parts[i] = rows->part_accounts[i] = none;
		rows->confidence_ppm[i] = 0;
		rows->source[i] = SOURCE_NONE;
	}
}
