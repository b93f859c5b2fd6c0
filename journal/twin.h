/*
 * twin - is a row one of the equal transactions that are there, or another one beside them?
 *
 * Shape    equal in account, day, description, amount and currency. What tells them apart: the
 *          bank's own reference; and the running balance. The same balance after both: the same
 *          purchase. A row whose chain of balances within its file leads to where another file's
 *          day ends (or begins) goes on from there: it is one more. Any other balance says nothing,
 *          for a row that was posted late moves all that follow.
 * Errors   TWIN_ERROR as SQLite's.
 * Owns     nothing.
 */
#ifndef DAYBOOK_JOURNAL_TWIN_H
#define DAYBOOK_JOURNAL_TWIN_H

#include "db.h"
#include "rows.h"

struct twin_row {
	const struct rows *rows; /* of the unit, and which of them it is */
	uint32_t row;
	int64_t bank, fingerprint, import;
	struct span date;
};

enum twin { TWIN_ERROR = -1, TWIN_UNKNOWN, TWIN_SAME, TWIN_OTHER };

/* TWIN_SAME: `txn` is it; of another import, and not seen by the row's own yet. */
enum twin twin_find(struct db *db, const struct twin_row *row, int64_t *txn, struct fault *why);
/* 1 with the first one of another import that the row's own has not seen; 0: there is none.
 * Balances and references may be met out of order, so that what this import has are not the first
 * ones. */
int twin_unseen(struct db *db, const struct twin_row *row, int64_t *txn, struct fault *why);
/* The place after the last of the equal ones. */
int twin_next(struct db *db, const struct twin_row *row, int64_t *ordinal, struct fault *why);

#endif
