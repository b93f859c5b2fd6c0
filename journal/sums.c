#include "sums.h"

#include <stdlib.h>

#include "day.h"
#include "mem.h"
#include "money.h"

static int order(int32_t month, int64_t account, const char *currency, const struct sum *sum)
{
	if (month != sum->month)
		return month < sum->month ? -1 : 1;
	if (account != sum->account)
		return account < sum->account ? -1 : 1;
	return strcmp(currency, sum->currency);
}

struct sum *sums_of(struct sums *s, int32_t month, int64_t account, const char *currency)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int side = order(month, account, currency, &s->at[middle]);

		if (side == 0)
			return &s->at[middle];
		if (side < 0)
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
	s->at[low] = (struct sum){.month = month, .account = account};
	memcpy(s->at[low].currency, currency, CURRENCY_SIZE);
	return &s->at[low];
}

void sums_add(struct sums *s, int64_t *to, int64_t amount)
{
	if (__builtin_add_overflow(*to, amount, to))
		s->overflow = true;
}

int32_t sums_month(struct span date)
{
	const char *d = date.at;

	if (date.len != DAY_TEXT_SIZE - 1)
		return 0;
	return ((d[0] - '0') * 1000 + (d[1] - '0') * 100 + (d[2] - '0') * 10 + d[3] - '0') * 12 +
	       (d[5] - '0') * 10 + d[6] - '0' - 1;
}

/* Columns of SQL_PART_AMOUNTS: debit, credit, currency, amount, does it take from a debit, date. */
static void take_part(struct sums *s, sqlite3_stmt *row, int32_t month, const char *currency)
{
	int64_t debit = sqlite3_column_int64(row, 0), credit = sqlite3_column_int64(row, 1);
	int64_t amount = sqlite3_column_int64(row, 3);

	if (sqlite3_column_int(row, 4)) {
		sums_add(s, &sums_of(s, month, credit, currency)->debit, -amount);
		sums_add(s, &sums_of(s, month, debit, currency)->debit, amount);
	} else {
		sums_add(s, &sums_of(s, month, debit, currency)->credit, -amount);
		sums_add(s, &sums_of(s, month, credit, currency)->credit, amount);
	}
}

int sums_take_parts(struct sums *s, struct ledger *ledger, const struct sums_range *range,
		    struct fault *why)
{
	sqlite3_stmt *row = db_query(ledger->db, SQL_PART_AMOUNTS, why, "tt", range->from,
				     range->to);
	char currency[CURRENCY_SIZE];
	int status = row ? 1 : -1;

	while (status == 1 && (status = db_next(ledger->db, row, why)) == 1) {
		memset(currency, 0, sizeof currency);
		span_copy(db_text(row, 2), currency, sizeof currency);
		if (range->currency.len == 0 || span_is(range->currency, currency))
			take_part(s, row, range->by_month ? sums_month(db_text(row, 5)) : 0,
				  currency);
	}
	return status;
}

static int name_one(struct sum *sum, struct ledger *ledger, struct fault *why)
{
	struct db *db = ledger->db;
	sqlite3_stmt *row = db_query(db, SQL_ACCOUNT_NAME, why, "i", sum->account);
	int status = row ? db_next(db, row, why) : -1;
	struct span name;

	if (status == 0)
		return fault_set(why, FAULT_JOB, "books-corrupt", "an entry without its account");
	if (status < 0)
		return -1;
	name = db_text(row, 0);
	sum->name = xstrndup(name.at, name.len);
	sqlite3_reset(row);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct sum *one = a, *other = b;
	int side = strcmp(one->name, other->name);

	if (one->month != other->month)
		return one->month < other->month ? -1 : 1;
	return side ? side : strcmp(one->currency, other->currency);
}

int sums_name(struct sums *s, struct ledger *ledger, struct fault *why)
{
	for (size_t i = 0; i < s->n; i++)
		if (name_one(&s->at[i], ledger, why) != 0)
			return -1;
	if (s->n > 0)
		qsort(s->at, s->n, sizeof *s->at, by_name);
	return 0;
}

void sums_release(struct sums *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->at[i].name);
	free(s->at);
	*s = (struct sums){0};
}

void sums_put(struct buf *json, const char *key, int64_t minor, const char *currency)
{
	char text[MONEY_TEXT_SIZE];

	money_text(minor, currency, text);
	buf_format(json, ",\"%s\":\"%s\"", key, text);
}
