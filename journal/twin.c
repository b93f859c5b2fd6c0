#include "twin.h"

/* Shorter ones are numbers of lines or pages, not of transactions. */
#define REFERENCE_LEAST 6

/* 1 when `name` finds a number for the row, 0 when it does not. */
static int ask(struct db *db, enum sql name, const struct twin_row *row, int64_t *txn,
	       struct fault *why)
{
	const struct rows *rows = row->rows;
	int status = db_number(db, name, txn, why, "itiiti", row->bank, row->date, row->fingerprint,
			       row->import, rows_span(rows, rows->reference[row->row]),
			       rows->balance_minor[row->row]);

	return status < 0 ? -1 : status == 0;
}

static enum twin by_reference(struct db *db, const struct twin_row *row, int64_t *txn,
			      struct fault *why)
{
	int found = ask(db, SQL_TWIN_REFERENCE, row, txn, why);
	int64_t ignored;

	if (found != 0)
		return found < 0 ? TWIN_ERROR : TWIN_SAME;
	found = ask(db, SQL_TWIN_NAMELESS, row, &ignored, why);
	if (found < 0)
		return TWIN_ERROR;
	return found ? TWIN_UNKNOWN : TWIN_OTHER; /* all have references, and none is this */
}

/* Which way a chain of balances is followed: back to what was before, or on to what came after. */
struct chain {
	enum sql end;
	bool back;
};

static int64_t side_of(const struct rows *rows, uint32_t i, bool before)
{
	return rows->balance_minor[i] - (before ? rows->amount_minor[i] : 0);
}

/* The row of the same day and currency that stands on the other side of `balance`; -1: none. */
static int neighbour(const struct twin_row *row, struct chain chain, int64_t balance)
{
	const struct rows *rows = row->rows;

	for (uint32_t i = 0; i < rows->n; i++) {
		if (rows->state[i] == ROW_OK && i != row->row &&
		    rows->day[i] == rows->day[row->row] && (rows->flags[i] & ROW_HAS_BALANCE) &&
		    rows->amount_minor[i] != 0 &&
		    memcmp(&rows->currency[i], &rows->currency[row->row],
			   sizeof rows->currency[i]) == 0 &&
		    side_of(rows, i, !chain.back) == balance)
			return (int)i;
	}
	return -1;
}

/* Does the chain lead to where another import's day ends? 1 yes, 0 no. */
static int leads_on(struct db *db, const struct twin_row *row, struct chain chain,
		    struct fault *why)
{
	const struct rows *rows = row->rows;
	int64_t balance = side_of(rows, row->row, chain.back), ignored;

	for (uint32_t step = 0; step < rows->n; step++) {
		int next, status = db_number(db, chain.end, &ignored, why, "itiit", row->bank,
					     row->date, row->import, balance,
					     span_text(rows->currency[row->row].code));

		if (status <= 0)
			return status < 0 ? -1 : 1;
		next = neighbour(row, chain, balance);
		if (next == -1)
			return 0;
		balance = side_of(rows, (uint32_t)next, chain.back);
	}
	return 0;
}

static enum twin by_balance(struct db *db, const struct twin_row *row, int64_t *txn,
			    struct fault *why)
{
	static const struct chain chains[] = {{SQL_CHAIN_END, true}, {SQL_CHAIN_START, false}};
	int found = ask(db, SQL_TWIN_BALANCE, row, txn, why);

	if (found != 0)
		return found < 0 ? TWIN_ERROR : TWIN_SAME;
	for (int i = 0; i < 2; i++) {
		found = leads_on(db, row, chains[i], why);
		if (found != 0)
			return found < 0 ? TWIN_ERROR : TWIN_OTHER;
	}
	return TWIN_UNKNOWN;
}

enum twin twin_find(struct db *db, const struct twin_row *row, int64_t *txn, struct fault *why)
{
	const struct rows *rows = row->rows;
	enum twin twin = TWIN_UNKNOWN;

	if (rows->reference[row->row].len >= REFERENCE_LEAST)
		twin = by_reference(db, row, txn, why);
	if (twin == TWIN_UNKNOWN && (rows->flags[row->row] & ROW_HAS_BALANCE))
		twin = by_balance(db, row, txn, why);
	return twin;
}

int twin_unseen(struct db *db, const struct twin_row *row, int64_t *txn, struct fault *why)
{
	const struct rows *rows = row->rows;

	if (rows->reference[row->row].len == 0 && !(rows->flags[row->row] & ROW_HAS_BALANCE))
		return 0; /* those are met in order */
	return ask(db, SQL_TWIN_UNSEEN, row, txn, why);
}

int twin_next(struct db *db, const struct twin_row *row, int64_t *ordinal, struct fault *why)
{
	return db_number(db, SQL_TWIN_NEXT, ordinal, why, "iti", row->bank, row->date,
			 row->fingerprint) < 0
		       ? -1
		       : 0;
}
