/* balance - the trial balance: one pass over the entries, summed here. */
#include <stdlib.h>

#include "books.h"
#include "day.h"
#include "mem.h"
#include "money.h"

/* Sums by (account, currency). Books have hundreds of accounts, so a sorted array does: SQLite's
 * GROUP BY over two columns of a million entries sorts them all. */
struct sum {
	int64_t account;
	char currency[CURRENCY_SIZE];
	int64_t debit, credit;
};

struct sums {
	struct sum *at;
	size_t n, room;
	bool overflow;
};

static int sum_order(int64_t account, const char *currency, const struct sum *sum)
{
	if (account != sum->account)
		return account < sum->account ? -1 : 1;
	return strcmp(currency, sum->currency);
}

static struct sum *sum_find(struct sums *s, int64_t account, const char *currency)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = sum_order(account, currency, &s->at[middle]);

		if (order == 0)
			return &s->at[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 64;
		s->at = xrealloc(s->at, s->room * sizeof *s->at);
	}
	memmove(&s->at[low + 1], &s->at[low], (s->n - low) * sizeof *s->at);
	s->n++;
	s->at[low] = (struct sum){.account = account};
	memcpy(s->at[low].currency, currency, CURRENCY_SIZE);
	return &s->at[low];
}

static void add(struct sums *s, int64_t *to, int64_t amount)
{
	if (__builtin_add_overflow(*to, amount, to))
		s->overflow = true;
}

/* Columns of SQL_AMOUNTS: debit, credit, currency, amount. */
static int add_up(struct ledger *ledger, struct span at, struct sums *sums, struct fault *why)
{
	sqlite3_stmt *row = at.len ? db_query(ledger->db, SQL_AMOUNTS_UNTIL, why, "t", at)
				   : db_query(ledger->db, SQL_AMOUNTS, why, "");
	char currency[CURRENCY_SIZE];
	int status = row ? 1 : -1;

	while (status == 1 && (status = db_next(ledger->db, row, why)) == 1) {
		int64_t amount = sqlite3_column_int64(row, 3);

		memset(currency, 0, sizeof currency);
		span_copy(db_text(row, 2), currency, sizeof currency);
		add(sums, &sum_find(sums, sqlite3_column_int64(row, 0), currency)->debit, amount);
		add(sums, &sum_find(sums, sqlite3_column_int64(row, 1), currency)->credit, amount);
	}
	return status;
}

/* What a part has is not its category's. Columns of SQL_PART_AMOUNTS: debit, credit, currency,
 * amount, does it take from a debit. */
static int take_parts(struct ledger *ledger, struct span at, struct sums *sums, struct fault *why)
{
	sqlite3_stmt *row = db_query(ledger->db, SQL_PART_AMOUNTS, why, "t", at);
	char currency[CURRENCY_SIZE];
	int status = row ? 1 : -1;

	while (status == 1 && (status = db_next(ledger->db, row, why)) == 1) {
		int64_t debit = sqlite3_column_int64(row, 0), credit = sqlite3_column_int64(row, 1);
		int64_t amount = sqlite3_column_int64(row, 3);

		memset(currency, 0, sizeof currency);
		span_copy(db_text(row, 2), currency, sizeof currency);
		if (sqlite3_column_int(row, 4)) {
			add(sums, &sum_find(sums, credit, currency)->debit, -amount);
			add(sums, &sum_find(sums, debit, currency)->debit, amount);
		} else {
			add(sums, &sum_find(sums, debit, currency)->credit, -amount);
			add(sums, &sum_find(sums, credit, currency)->credit, amount);
		}
	}
	return status;
}

static void put_sum(struct buf *json, const char *key, int64_t minor, const char *currency)
{
	char text[MONEY_TEXT_SIZE];

	money_text(minor, currency, text);
	buf_format(json, ",\"%s\":\"%s\"", key, text);
}

struct item {
	char *name;
	const struct sum *sum;
};

static int by_name(const void *a, const void *b)
{
	const struct item *one = a, *other = b;
	int order = strcmp(one->name, other->name);

	return order ? order : strcmp(one->sum->currency, other->sum->currency);
}

static int name_item(struct ledger *ledger, struct item *item, struct fault *why)
{
	struct db *db = ledger->db;
	sqlite3_stmt *row = db_query(db, SQL_ACCOUNT_NAME, why, "i", item->sum->account);
	int status = row ? db_next(db, row, why) : -1;
	struct span name;

	if (status == 0)
		return fault_set(why, FAULT_JOB, "books-corrupt", "an entry without its account");
	if (status < 0)
		return -1;
	name = db_text(row, 0);
	item->name = xstrndup(name.at, name.len);
	sqlite3_reset(row);
	return 0;
}

static void put_item(struct buf *json, const struct item *item)
{
	const struct sum *s = item->sum;

	buf_text(json, "{\"account\":");
	buf_json_string(json, span_text(item->name));
	buf_format(json, ",\"currency\":\"%s\"", s->currency);
	put_sum(json, "debit", s->debit, s->currency);
	put_sum(json, "credit", s->credit, s->currency);
	put_sum(json, "balance", s->debit - s->credit, s->currency);
	buf_char(json, '}');
}

static int put_items(struct ledger *ledger, const struct sums *sums, struct buf *json,
		     struct fault *why)
{
	struct item *items = xcalloc(sums->n + 1, sizeof *items);
	int status = 0;

	for (size_t i = 0; i < sums->n && status == 0; i++) {
		items[i].sum = &sums->at[i];
		status = name_item(ledger, &items[i], why);
	}
	if (status == 0)
		qsort(items, sums->n, sizeof *items, by_name);
	for (size_t i = 0; i < sums->n; i++) {
		if (status == 0 && i > 0)
			buf_char(json, ',');
		if (status == 0)
			put_item(json, &items[i]);
		free(items[i].name);
	}
	free(items);
	return status;
}

static void put_totals(struct sums *totals, struct buf *json)
{
	for (size_t i = 0; i < totals->n; i++) {
		const struct sum *t = &totals->at[i];

		buf_format(json, "%s{\"currency\":\"%s\"", i ? "," : "", t->currency);
		put_sum(json, "debit", t->debit, t->currency);
		put_sum(json, "credit", t->credit, t->currency);
		buf_char(json, '}');
	}
}

/* By currency, kept as sums of account 0. */
static void add_totals(const struct sums *sums, struct sums *totals)
{
	totals->overflow = sums->overflow;
	for (size_t i = 0; i < sums->n; i++) {
		struct sum *t = sum_find(totals, 0, sums->at[i].currency);

		add(totals, &t->debit, sums->at[i].debit);
		add(totals, &t->credit, sums->at[i].credit);
	}
}

int ledger_balances(struct ledger *ledger, struct span at, struct buf *json, struct fault *why)
{
	struct sums sums = {0}, totals = {0};
	int32_t day;
	int status;

	if (at.len > 0 && day_read(at, &day) != 0)
		return fault_set(why, FAULT_INPUT, "date", "a date is yyyy-mm-dd");
	status = add_up(ledger, at, &sums, why);
	if (status == 0)
		status = take_parts(ledger, at, &sums, why);
	if (status == 0)
		add_totals(&sums, &totals);
	if (totals.overflow)
		status = fault_set(why, FAULT_JOB, "balance-range",
				   "a sum is larger than can be told");
	if (status == 0) {
		buf_text(json, "{\"items\":[");
		status = put_items(ledger, &sums, json, why);
		buf_text(json, "],\"totals\":[");
		put_totals(&totals, json);
		buf_text(json, "]}");
	}
	free(sums.at);
	free(totals.at);
	return status;
}
