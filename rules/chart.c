/*
 * chart - see chart.h.
 */
#include "chart.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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

static int by_name(const void *a, const void *b, void *accounts)
{
	uint32_t at = *(const uint32_t *)a, bt = *(const uint32_t *)b;
	struct span x = ((const struct account *)accounts)[at].name;
	struct span y = ((const struct account *)accounts)[bt].name;
	int order = memcmp(x.at, y.at, x.len < y.len ? x.len : y.len);

	if (order == 0)
		order = (x.len > y.len) - (x.len < y.len);
	return order ? order : (at > bt) - (at < bt);
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
	chart->has_currencies = chart->has_currencies || account->currency.len > 0;
	chart->accounts[chart->n++] = (struct account){arena_copy(&chart->arena, account->name),
						       arena_copy(&chart->arena, account->currency),
						       arena_copy(&chart->arena, account->note),
						       account->line};
}

/* ---- faults of the text, as many as are wanted ---- */

struct faults {
	const char *name; /* of the text; NULL: the places are told beside it */
	struct text_fault *at;
	int n, max;
};

static void add_fault(struct faults *faults, uint32_t line, uint32_t column, const char *hint,
		      const char *format, ...) __attribute__((format(printf, 5, 6)));

static void add_fault(struct faults *faults, uint32_t line, uint32_t column, const char *hint,
		      const char *format, ...)
{
	struct text_fault *fault = &faults->at[faults->n];
	char text[200];
	va_list args;

	if (faults->n == faults->max)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	*fault = (struct text_fault){.line = line, .column = column};
	if (faults->name)
		fault_set(&fault->fault, FAULT_JOB, "chart-syntax", "%.50s:%u: %s", faults->name,
			  line, text);
	else
		fault_set(&fault->fault, FAULT_JOB, "chart-syntax", "%s", text);
	fault_hint(&fault->fault, "%s", hint);
	fault->fault.row = line;
	faults->n++;
}

static uint32_t characters(const char *from, const char *to)
{
	uint32_t n = 0;

	while (from < to)
		n += ((unsigned char)*from++ & 0xc0) != 0x80;
	return n;
}

static void read_line(struct chart *chart, struct span line, uint32_t number, struct faults *faults)
{
	const char *start = line.at, *semicolon;
	struct span note = {0}, currency, shown;

	line = span_trim(line);
	if (line.len == 0 || line.at[0] == ';' || line.at[0] == '#')
		return;
	semicolon = memchr(line.at, ';', line.len);
	if (semicolon) {
		note = span_trim(
			span_of(semicolon + 1, (size_t)(line.at + line.len - semicolon - 1)));
		line = span_trim(span_of(line.at, (size_t)(semicolon - line.at)));
	}
	currency = line.len > 4 ? take_currency(&line) : (struct span){0};
	shown = span_is_utf8(line) ? line : span_text("this");
	if (shown.len > 60)
		shown = span_utf8_whole(span_of(shown.at, 60));
	if (account_is_valid(line) && span_is_utf8(note))
		add(chart, &(struct account){line, currency, note, number});
	else
		add_fault(faults, number, characters(start, line.at) + 1,
			  "write it as Expenses:Food:Groceries ; what belongs there. "
			  "Begin with Assets, Liabilities, Equity, Income or Expenses; "
			  "each further part begins with a capital or a digit",
			  "%.*s is not an account", SPAN_ARG(shown));
}

static void sort(struct chart *chart)
{
	chart->sorted = xrealloc(chart->sorted, (chart->n + 1) * sizeof *chart->sorted);
	for (uint32_t i = 0; i < chart->n; i++)
		chart->sorted[i] = i;
	qsort_r(chart->sorted, chart->n, sizeof *chart->sorted, by_name, chart->accounts);
}

static void check_twice(const struct chart *chart, struct faults *faults)
{
	for (uint32_t i = 1, first = 0; i < chart->n; i++) {
		const struct account *a = &chart->accounts[chart->sorted[first]];
		const struct account *b = &chart->accounts[chart->sorted[i]];

		if (span_equal(a->name, b->name))
			add_fault(faults, b->line, 1, "remove one of the lines",
				  "%.*s is there already, in line %u", SPAN_ARG(a->name), a->line);
		else
			first = i;
	}
}

static void read_lines(struct chart *chart, struct span text, struct faults *faults)
{
	uint32_t number = 1;

	if (text.len >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0)
		text = span_of(text.at + 3, text.len - 3); /* byte order mark */
	for (; text.len > 0; number++) {
		const char *stop = memchr(text.at, '\n', text.len);
		size_t len = stop ? (size_t)(stop - text.at) : text.len;

		read_line(chart, span_of(text.at, len), number, faults);
		len += stop != NULL;
		text = span_of(text.at + len, text.len - len);
	}
	if (chart->n > CHART_ACCOUNTS_MAX)
		add_fault(faults, chart->accounts[CHART_ACCOUNTS_MAX].line, 1, "",
			  "more than %d accounts", CHART_ACCOUNTS_MAX);
}

static int by_line(const void *a, const void *b)
{
	const struct text_fault *x = a, *y = b;

	return (x->line > y->line) - (x->line < y->line);
}

/* What is always part of a chart, at its end. */
static void add_always(struct chart *chart)
{
	static const char *const always[] = {"Expenses:Uncategorised", "Income:Uncategorised"};

	for (size_t i = 0; i < ARRAY_LEN(always); i++) {
		if (chart_has(chart, span_text(always[i])))
			continue;
		add(chart, &(struct account){.name = span_text(always[i])});
		sort(chart);
	}
}

static struct chart *read_chart(struct span text, struct faults *faults)
{
	struct chart *chart = xcalloc(1, sizeof *chart);

	read_lines(chart, text, faults);
	sort(chart);
	check_twice(chart, faults);
	qsort(faults->at, (size_t)faults->n, sizeof *faults->at, by_line);
	if (faults->n > 0)
		chart_free(&chart);
	else
		add_always(chart);
	return chart;
}

int chart_read(const char *name, struct span text, struct chart **chart, struct fault *why)
{
	struct text_fault first = {0};
	struct faults faults = {.name = name, .at = &first, .max = 1};

	*chart = read_chart(text, &faults);
	if (!*chart && why)
		*why = first.fault;
	return *chart ? 0 : -1;
}

int chart_check(struct span text, struct chart **chart, struct text_fault *out, int max)
{
	struct faults faults = {.at = out, .max = max};

	*chart = read_chart(text, &faults);
	return faults.n;
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

	while (takes && accounts.at && accounts.len > 0) {
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
