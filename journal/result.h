/*
 * result - the figures of a finished job, summed by SQL from the record of its units.
 *
 * Shape    a unit's record was written in the transaction of its rows, so the sums are exact, and
 *          cost the same few milliseconds for a thousand rows and for a million.
 */
#ifndef DAYBOOK_JOURNAL_RESULT_H
#define DAYBOOK_JOURNAL_RESULT_H

#include "books.h"
#include "day.h"

struct result {
	int64_t parsed, rejected, inserted, duplicates, doubtful;
	int64_t looked_at, booked, categorized, by_rules, by_history, by_llm, high_confidence,
		reversed, changed_meanwhile;
	int64_t elapsed_ms;
	char first_date[DAY_TEXT_SIZE], last_date[DAY_TEXT_SIZE];
};

int result_count(struct ledger *ledger, const struct import *import, struct result *result,
		 struct fault *why);
/* The JSON object of API.md for the import's kind. */
int result_write(struct ledger *ledger, const struct import *import, const struct result *result,
		 struct buf *out, struct fault *why);

#endif
