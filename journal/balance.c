/* balance - the trial balance: one pass over the entries, summed here. */
#include "day.h"
#include "sums.h"

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
		sums_add(sums, &sums_of(sums, 0, sqlite3_column_int64(row, 0), currency)->debit,
			 amount);
		sums_add(sums, &sums_of(sums, 0, sqlite3_column_int64(row, 1), currency)->credit,
			 amount);
	}
	return status;
}

static void put_items(const struct sums *sums, struct buf *json)
{
	for (size_t i = 0; i < sums->n; i++) {
		const struct sum *s = &sums->at[i];

		buf_text(json, i ? ",{\"account\":" : "{\"account\":");
		buf_json_string(json, span_text(s->name));
		buf_format(json, ",\"currency\":\"%s\"", s->currency);
		sums_put(json, "debit", s->debit, s->currency);
		sums_put(json, "credit", s->credit, s->currency);
		sums_put(json, "balance", s->debit - s->credit, s->currency);
		buf_char(json, '}');
	}
}

static void put_totals(const struct sums *totals, struct buf *json)
{
	for (size_t i = 0; i < totals->n; i++) {
		const struct sum *t = &totals->at[i];

		buf_format(json, "%s{\"currency\":\"%s\"", i ? "," : "", t->currency);
		sums_put(json, "debit", t->debit, t->currency);
		sums_put(json, "credit", t->credit, t->currency);
		buf_char(json, '}');
	}
}

/* By currency, kept as sums of account 0. */
static void add_totals(const struct sums *sums, struct sums *totals)
{
	totals->overflow = sums->overflow;
	for (size_t i = 0; i < sums->n; i++) {
		struct sum *t = sums_of(totals, 0, 0, sums->at[i].currency);

		sums_add(totals, &t->debit, sums->at[i].debit);
		sums_add(totals, &t->credit, sums->at[i].credit);
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
		status = sums_take_parts(
			&sums, ledger,
			&(struct sums_range){.from = span_text("0000-01-01"),
					     .to = at.len ? at : span_text("9999-12-31")},
			why);
	if (status == 0)
		add_totals(&sums, &totals);
	if (totals.overflow)
		status = fault_set(why, FAULT_JOB, "balance-range",
				   "a sum is larger than can be told");
	if (status == 0)
		status = sums_name(&sums, ledger, why);
	if (status == 0) {
		buf_text(json, "{\"items\":[");
		put_items(&sums, json);
		buf_text(json, "],\"totals\":[");
		put_totals(&totals, json);
		buf_text(json, "]}");
	}
	sums_release(&sums);
	sums_release(&totals);
	return status;
}
