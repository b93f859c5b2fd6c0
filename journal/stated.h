/*
 * stated - balances that the bank stated, asserted in an export.
 *
 * Shape    what is written on each bank account is summed up as it is written. At the end of a day
 *          on which the bank stated that very balance, the export asserts it: hledger and ledger by
 *          a posting of nothing with `=`, beancount by `balance` on the next morning. So an
 *          assertion always holds, and is left out where lines are missing, were taken back or cut
 *          a day in two. With `opening` each account starts with what the first balance says that
 *          it held, where the first day leaves no doubt. At most EXPORT_BANKS_MAX accounts and
 *          currencies.
 * Errors   those of db.
 * Owns     nothing; the sums are in struct ledger_export.
 */
#ifndef DAYBOOK_JOURNAL_STATED_H
#define DAYBOOK_JOURNAL_STATED_H

#include "books.h"

#define STATED_OPENING "Equity:Opening-Balances"

/* Only plain text accounting has assertions. */
static inline bool stated_in(enum export_format format)
{
	return format == EXPORT_HLEDGER || format == EXPORT_LEDGER || format == EXPORT_BEANCOUNT;
}

/* Which accounts are a bank's, and the entries that open them, if they are asked for. */
int stated_begin(struct ledger *ledger, struct ledger_export *export, struct buf *out,
		 struct fault *why);
/* An amount was written on an account. */
void stated_add(struct ledger_export *export, int64_t account, const char *currency, int64_t minor);
/* Nothing more of the day export->date will be written. */
int stated_end_day(struct ledger *ledger, struct ledger_export *export, struct buf *out,
		   struct fault *why);

#endif
