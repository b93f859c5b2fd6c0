/*
 * transfers - money between the company's own accounts, told by two statements.
 *
 * Shape    a transaction out of one account and one into another, of the same currency, opposite
 *          amounts and at most TRANSFER_DAYS apart, that nobody placed or a rule placed in transit:
 *          both are booked to Assets:Transfers, where they cancel out. Where more than one could be
 *          meant, none is. Looked for when an import ends, over all imports, if there are at least
 *          two bank accounts. And the two legs of an exchange: money out in one currency and in in
 *          another, of one day and with one description that speaks of an exchange, that nobody
 *          placed or a rule placed there: both are booked to Equity:Conversion.
 */
#ifndef DAYBOOK_JOURNAL_TRANSFERS_H
#define DAYBOOK_JOURNAL_TRANSFERS_H

#include "books.h"

#define TRANSFER_DAYS 5 /* SEPA and ACH take one or two, and weekends lie between */

struct transferred {
	int64_t pairs;
	int64_t placed; /* of the transactions that `run` brought, that nobody had placed */
};

/* Within the caller's transaction; the reversals and entries are `run`'s. */
int transfers_match(struct ledger *ledger, int64_t run, struct transferred *result,
		    struct fault *why);

#endif
