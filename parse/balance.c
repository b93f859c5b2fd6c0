#include "balance.h"

#include <stdlib.h>

#include "direction.h"

static bool comparable(const struct rows *rows, uint32_t a, uint32_t b)
{
	return rows->state[a] == ROW_OK && rows->state[b] == ROW_OK &&
	       (rows->flags[a] & rows->flags[b] & ROW_HAS_BALANCE) &&
	       memcmp(rows->currency[a].code, rows->currency[b].code, CURRENCY_SIZE) == 0;
}

uint32_t balance_count(const struct rows *rows, uint32_t hits[2][2])
{
	uint32_t tried = 0;

	memset(hits, 0, sizeof(uint32_t[2][2]));
	for (uint32_t i = 1; i < rows->n; i++) {
		int64_t change, here, before;

		if (!comparable(rows, i - 1, i))
			continue;
		change = rows->balance_minor[i] - rows->balance_minor[i - 1];
		here = rows->amount_minor[i];
		before = rows->amount_minor[i - 1];
		if (change == 0)
			continue; /* says nothing */
		tried++;
		hits[0][0] += change == here;
		hits[0][1] += change == -here;
		hits[1][0] += -change == before;
		hits[1][1] += change == before;
	}
	return tried;
}

uint32_t balance_runs(const struct rows *rows, bool inverted)
{
	uint32_t hits[2][2];

	balance_count(rows, hits);
	return hits[0][inverted] > hits[1][inverted] ? hits[0][inverted] : hits[1][inverted];
}

int balance_sample(int fd, const struct reading *reading, struct rows *rows, struct fault *why)
{
	struct reader_place next;
	bool last;

	rows_clear(rows);
	if (reader_unit(reading, fd, reading->start, NULL, rows, &next, &last, why) != 0)
		return -1;
	for (uint32_t i = 0; reading->n_sections > 0 && i < rows->n; i++) {
		const struct section *section = reading_section(reading, rows->line[i]);

		/* what is known of another part does not bear out what is tried here */
		if (section && section->formed)
			rows->flags[i] &= (uint8_t)~ROW_HAS_BALANCE;
	}
	return 0;
}

static int settle_fee(int fd, struct reading *reading, struct rows *rows, struct fault *why)
{
	int16_t fee = reading->columns.fee;
	uint32_t with, without;

	if (reading->columns.fee_beside) {
		notes_add(&reading->assumed,
			  "The column of fees is taken off the amounts, which are after fees");
		return 0;
	}
	if (balance_sample(fd, reading, rows, why) != 0)
		return -1;
	with = balance_runs(rows, false);
	reading->columns.fee = -1;
	if (balance_sample(fd, reading, rows, why) != 0)
		return -1;
	without = balance_runs(rows, false);
	if (with > without)
		reading->columns.fee = fee;
	if (with == without)
		notes_add(&reading->assumed,
			  "The column of fees is taken to be part of the amounts");
	return 0;
}

/* In the order of their dates, does the balance follow from the amounts taken the other way round,
 * and not as they are read? Against that order it would be the balance before each row. */
static bool runs_inverted(const struct rows *rows)
{
	uint32_t hits[2][2], tried = balance_count(rows, hits), printed, first = 0, last = 0;
	bool up = hits[1][1] > hits[0][1];

	printed = hits[0][0] > hits[1][0] ? hits[0][0] : hits[1][0];
	if (hits[up][1] == 0 || hits[up][1] * 2 < tried || printed * 4 >= hits[up][1])
		return false;
	for (uint32_t i = 0; i < rows->n; i++) {
		if (rows->state[i] != ROW_OK)
			continue;
		first = first == 0 ? i + 1 : first;
		last = i + 1;
	}
	return up ? rows->day[first - 1] >= rows->day[last - 1]
		  : rows->day[first - 1] <= rows->day[last - 1];
}

/* The balance says the opposite of what columns or signs say. It may be what is owed, as a card's
 * or a loan's is; but a ledger too has in Debit what came in. */
static int settle_contradicted(int fd, int borne_out, struct reading *reading, struct rows *rows,
			       struct fault *why)
{
	char debit[24], credit[24];

	if (balance_sample(fd, reading, rows, why) != 0)
		return -1;
	if (!runs_inverted(rows))
		return 0;
	if (borne_out < 0 && reading->sign == SIGN_AMOUNT) {
		reading->sign = SIGN_INVERTED;
		reading->sure.sign = SURE_ASSUMED;
		notes_add(&reading->assumed,
			  "The balance and the words of the rows say the opposite of what columns "
			  "or signs do: amounts are read the other way round");
		return 0;
	}
	if (reading->columns.amount == -1)
		fault_set(why, FAULT_JOB, "sign-unknown",
			  "the balance rises with \"%.40s\" and falls with \"%.40s\": it may be "
			  "what is owed, or these are columns of a ledger, where \"%.40s\" came in",
			  reading_column_name(reading, reading->columns.debit, debit),
			  reading_column_name(reading, reading->columns.credit, credit),
			  reading_column_name(reading, reading->columns.debit, debit));
	else
		fault_set(why, FAULT_JOB, "sign-unknown",
			  "the balance rises where money is said to go out: it may be what is "
			  "owed, or the amounts are meant the other way round");
	return fault_hint(why, "say sign in profile: amount (the balance is what is owed) or "
			       "inverted (by the balance)");
}

int balance_settle(int fd, int borne_out, struct reading *reading, struct fault *why)
{
	bool sign_open = reading->sign == SIGN_UNKNOWN;
	struct rows *rows;
	int rc = 0;

	if (reading->columns.balance == -1 && reading->columns.fee == -1 && !sign_open)
		return 0;
	rows = rows_new();
	if (sign_open)
		rc = direction_settle(fd, reading, rows, why);
	else if (reading->sign == SIGN_BALANCE)
		rc = direction_by_balance(fd, reading, rows, why);
	else if (reading->columns.balance != -1 && borne_out <= 0)
		rc = settle_contradicted(fd, borne_out, reading, rows, why);
	if (rc == 0 && reading->columns.fee != -1)
		rc = settle_fee(fd, reading, rows, why);
	rows_free(&rows);
	return rc;
}

/* A way for a balance to run: down the file or up, with what money moved taken as printed or the
 * other way round (what a card's holder owes grows when money goes out). */
enum { WAYS = 4, LINES_TOLD = 3, CURRENCIES = 4 };

struct watch {
	struct last {
		struct currency currency;
		int64_t balance, amount;
		int64_t since; /* moved by the rows after it, which have no balance */
	} last[CURRENCIES];
	int n_last;
	const struct section *section;
	uint64_t tried, hits[WAYS];
	uint64_t gaps[WAYS][LINES_TOLD]; /* lines of the first ones */
	uint32_t n_gaps[WAYS];
};

static void watch_pair(struct watch *watch, const struct last *last, const struct last *row,
		       uint64_t line)
{
	int64_t change = row->balance - last->balance;
	int64_t down = last->since + row->amount, up = last->since + last->amount;
	const bool right[WAYS] = {change == down, -change == up, change == -down, change == up};

	watch->tried++;
	for (int way = 0; way < WAYS; way++) {
		if (right[way])
			watch->hits[way]++;
		else if (watch->n_gaps[way] < LINES_TOLD)
			watch->gaps[way][watch->n_gaps[way]++] = line;
	}
}

static struct last *watch_last(struct watch *watch, const struct currency *currency)
{
	for (int k = 0; k < watch->n_last; k++) {
		if (memcmp(&watch->last[k].currency, currency, sizeof(*currency)) == 0)
			return &watch->last[k];
	}
	return NULL;
}

static void watch_row(struct watch *watch, const struct reading *reading, const struct rows *rows,
		      uint32_t i)
{
	struct last row = {rows->currency[i], rows->balance_minor[i], rows->amount_minor[i], 0};
	const struct section *section = reading_section(reading, rows->line[i]);
	struct last *last;

	if (rows->state[i] != ROW_OK)
		return;
	if (section != watch->section)
		watch->n_last = 0; /* another part of the file has a balance of its own */
	watch->section = section;
	last = watch_last(watch, &row.currency);
	if (!(rows->flags[i] & ROW_HAS_BALANCE)) {
		if (last)
			last->since += row.amount;
		if (last && llabs(last->since) > INT64_MAX / 4) /* amounts are below 10^15 */
			*last = watch->last[--watch->n_last];
		return;
	}
	if (last) {
		watch_pair(watch, last, &row, rows->line[i]);
		*last = row;
	} else if (watch->n_last < CURRENCIES) {
		watch->last[watch->n_last++] = row;
	}
}

static void watch_tell(const struct watch *watch, struct reading *reading)
{
	uint64_t gaps;
	int best = 0;

	for (int way = 1; way < WAYS; way++)
		best = watch->hits[way] > watch->hits[best] ? way : best;
	gaps = watch->tried - watch->hits[best];
	reading->balance_runs = watch->tried > 0 && gaps == 0;
	if (gaps == 0)
		return;
	if (gaps * 2 >= watch->tried)
		notes_add(&reading->warnings,
			  "The balance of %llu of %llu rows does not follow from the row before: "
			  "it is no check on the amounts",
			  (unsigned long long)gaps, (unsigned long long)watch->tried);
	else
		notes_add(&reading->warnings,
			  "The balance on line %llu does not follow from the row before%s: a row "
			  "may be missing there",
			  (unsigned long long)watch->gaps[best][0],
			  gaps > 1 ? ", nor do others" : "");
	for (uint32_t i = 1; gaps * 2 < watch->tried && i < watch->n_gaps[best]; i++)
		notes_add(&reading->warnings,
			  "The balance on line %llu does not follow from the row before",
			  (unsigned long long)watch->gaps[best][i]);
}

int balance_watch(int fd, struct reading *reading, void (*alive)(void *), void *alive_arg,
		  struct fault *why)
{
	struct reader_place at = reading->start;
	struct watch watch = {.n_last = 0};
	struct reading figures = *reading; /* nothing else is looked at, for speed */
	struct rows *rows;
	bool last = false;
	int rc = 0;

	if (reading->columns.balance == -1)
		return 0;
	figures.figures_only = true;
	rows = rows_new();
	while (rc == 0 && !last) {
		rows_clear(rows);
		rc = reader_unit(&figures, fd, at, NULL, rows, &at, &last, why);
		for (uint32_t i = 0; rc == 0 && i < rows->n; i++)
			watch_row(&watch, &figures, rows, i);
		if (alive)
			alive(alive_arg);
	}
	rows_free(&rows);
	if (rc == 0)
		watch_tell(&watch, reading);
	return rc;
}
