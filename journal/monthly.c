/* monthly - what came and went by month and account, for charts: one pass over the entries, since
 * the index by days leads to them one by one (0.2 s for a million in order, many times that where
 * files came in any order). */
#include <stdio.h>

#include "day.h"
#include "sums.h"

#define MONTHS_DEFAULT 12

struct span_of_days {
	char from[DAY_TEXT_SIZE], to[DAY_TEXT_SIZE];
};

static void month_text(int32_t month, char out[DAY_TEXT_SIZE])
{
	snprintf(out, DAY_TEXT_SIZE, "%04d-%02d", (int)(month / 12 % 10000), (int)(month % 12 + 1));
}

static int newest_day(struct ledger *ledger, char out[DAY_TEXT_SIZE], struct fault *why)
{
	sqlite3_stmt *row = db_query(ledger->db, SQL_ENTRY_LAST_DAY, why, "");
	int status = row ? db_next(ledger->db, row, why) : -1;

	if (status != 1)
		return status;
	span_copy(db_text(row, 0), out, DAY_TEXT_SIZE);
	sqlite3_reset(row);
	return 0;
}

/* Without `to` until the newest entry, without `from` so many months until then. Both stay empty
 * where there is no entry. */
static int settle(struct ledger *ledger, const struct ledger_query *query,
		  struct span_of_days *days, struct fault *why)
{
	int32_t last, first;
	char month[DAY_TEXT_SIZE];

	if (span_copy(query->from, days->from, DAY_TEXT_SIZE) != 0 ||
	    span_copy(query->to, days->to, DAY_TEXT_SIZE) != 0)
		return fault_set(why, FAULT_INPUT, "date", "a date is yyyy-mm-dd");
	if (*days->to == '\0' && newest_day(ledger, days->to, why) != 0)
		return -1;
	if (*days->to == '\0')
		return 0;
	last = sums_month(span_text(days->to));
	if (*days->from == '\0') {
		first = last - (int32_t)(query->months ? query->months : MONTHS_DEFAULT) + 1;
		month_text(first < 12 ? 12 : first, month); /* not before the year 1 */
		snprintf(days->from, DAY_TEXT_SIZE, "%.7s-01", month);
	}
	if (last - sums_month(span_text(days->from)) >= LEDGER_MONTHS_MAX)
		return fault_set(why, FAULT_INPUT, "range", "at most %d months are told at once",
				 LEDGER_MONTHS_MAX);
	return 0;
}

/* Columns of SQL_AMOUNTS_BETWEEN: debit, credit, currency, amount, date. */
static int add_up(struct ledger *ledger, const struct ledger_query *query,
		  const struct span_of_days *days, struct sums *sums, struct fault *why)
{
	sqlite3_stmt *row = db_query(ledger->db, SQL_AMOUNTS_BETWEEN, why, "tt",
				     span_text(days->from), span_text(days->to));
	char currency[CURRENCY_SIZE];
	int status = row ? 1 : -1;

	while (status == 1 && (status = db_next(ledger->db, row, why)) == 1) {
		int64_t amount = sqlite3_column_int64(row, 3);
		int32_t month = sums_month(db_text(row, 4));

		memset(currency, 0, sizeof currency);
		span_copy(db_text(row, 2), currency, sizeof currency);
		if (query->currency.len && !span_is(query->currency, currency))
			continue;
		sums_add(sums, &sums_of(sums, month, sqlite3_column_int64(row, 0), currency)->debit,
			 amount);
		sums_add(sums,
			 &sums_of(sums, month, sqlite3_column_int64(row, 1), currency)->credit,
			 amount);
	}
	return status;
}

/* Is `name` the account, or below it? */
static bool is_under(const char *name, struct span account)
{
	return account.len == 0 || (strncmp(name, account.at, account.len) == 0 &&
				    (name[account.len] == '\0' || name[account.len] == ':'));
}

static void put_day(struct buf *json, const char *key, const char *day)
{
	if (*day)
		buf_format(json, "\"%s\":\"%s\",", key, day);
	else
		buf_format(json, "\"%s\":null,", key);
}

static void put_items(const struct sums *sums, struct span account, struct buf *json)
{
	const char *comma = "";
	char month[DAY_TEXT_SIZE];

	for (size_t i = 0; i < sums->n; i++) {
		const struct sum *s = &sums->at[i];

		/* a correction cancels what it corrects, which has its day */
		if (s->debit == s->credit || !is_under(s->name, account))
			continue;
		month_text(s->month, month);
		buf_format(json, "%s{\"month\":\"%s\",\"account\":", comma, month);
		buf_json_string(json, span_text(s->name));
		buf_format(json, ",\"currency\":\"%s\"", s->currency);
		sums_put(json, "amount", s->debit - s->credit, s->currency);
		buf_char(json, '}');
		comma = ",";
	}
}

int ledger_monthly(struct ledger *ledger, const struct ledger_query *query, struct buf *json,
		   struct fault *why)
{
	struct span_of_days days = {.from = ""};
	struct sums sums = {0};
	int status = settle(ledger, query, &days, why);

	if (status == 0 && *days.to)
		status = add_up(ledger, query, &days, &sums, why);
	if (status == 0 && *days.to)
		status = sums_take_parts(&sums, ledger,
					 &(struct sums_range){.from = span_text(days.from),
							      .to = span_text(days.to),
							      .currency = query->currency,
							      .by_month = true},
					 why);
	if (sums.overflow)
		status = fault_set(why, FAULT_JOB, "balance-range",
				   "a sum is larger than can be told");
	if (status == 0)
		status = sums_name(&sums, ledger, why);
	if (status == 0) {
		buf_char(json, '{');
		put_day(json, "from", days.from);
		put_day(json, "to", days.to);
		buf_text(json, "\"items\":[");
		put_items(&sums, query->account, json);
		buf_text(json, "]}");
	}
	sums_release(&sums);
	return status;
}
