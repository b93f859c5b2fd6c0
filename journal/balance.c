/* balance - the trial balance: one pass over the entries, summed here. */
#include <stdlib.h>

#include "books.h"
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
		sum_find(sums, sqlite3_column_int64(row, 0), currency)->debit += amount;
		sum_find(sums, sqlite3_column_int64(row, 1), currency)->credit += amount;
	}
	return status;
}

static void put_sum(struct buf *json, const char *key, int64_t minor, const char *currency)
{
	char text[MONEY_TEXT_SIZE];

	money_text(minor, currency, text);
	buf_format(json, ",\"%s\":\"%s\"", key, text);
}

static int put_items(struct ledger *ledger, const struct sums *sums, struct buf *json,
		     struct fault *why)
{
	for (size_t i = 0; i < sums->n; i++) {
		const struct sum *s = &sums->at[i];
		sqlite3_stmt *row = db_query(ledger->db, SQL_ACCOUNT_NAME, why, "i", s->account);

		if (row == NULL || db_next(ledger->db, row, why) != 1)
			return -1;
		buf_text(json, i ? ",{\"account\":" : "{\"account\":");
		buf_json_string(json, db_text(row, 0));
		sqlite3_reset(row);
		buf_format(json, ",\"currency\":\"%s\"", s->currency);
		put_sum(json, "debit", s->debit, s->currency);
		put_sum(json, "credit", s->credit, s->currency);
		put_sum(json, "balance", s->debit - s->credit, s->currency);
		buf_char(json, '}');
	}
	return 0;
}

static void put_totals(const struct sums *sums, struct buf *json)
{
	struct sums totals = {0};

	for (size_t i = 0; i < sums->n; i++) {
		struct sum *t = sum_find(&totals, 0, sums->at[i].currency);

		t->debit += sums->at[i].debit;
		t->credit += sums->at[i].credit;
	}
	for (size_t i = 0; i < totals.n; i++) {
		const struct sum *t = &totals.at[i];

		buf_format(json, "%s{\"currency\":\"%s\"", i ? "," : "", t->currency);
		put_sum(json, "debit", t->debit, t->currency);
		put_sum(json, "credit", t->credit, t->currency);
		buf_char(json, '}');
	}
	free(totals.at);
}

int ledger_balances(struct ledger *ledger, struct span at, struct buf *json, struct fault *why)
{
	struct sums sums = {0};
	int rc = add_up(ledger, at, &sums, why);

	if (rc == 0) {
		buf_text(json, "{\"items\":[");
		rc = put_items(ledger, &sums, json, why);
		buf_text(json, "],\"totals\":[");
		put_totals(&sums, json);
		buf_text(json, "]}");
	}
	free(sums.at);
	return rc;
}
