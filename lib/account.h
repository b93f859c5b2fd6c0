/*
 * account - names of ledger accounts.
 *
 * Shape    two parts or more, separated by ':'. The first is Assets, Liabilities, Equity, Income or
 *          Expenses, the others are letters, digits and '-', beginning with a capital, a digit or a
 *          character beyond ASCII, so that people name accounts in their own letters. Beyond ASCII
 *          all that shows is allowed: no blanks (hledger ends a name there) and nothing invisible
 *          but the joiners that some scripts are written with. hledger and ledger take such names
 *          as they are; beancount wants a capital or a digit first and is written another name.
 * Errors   none.
 * Owns     nothing.
 * Source   beancount 2.3.5, core/account.py; hledger 1.25 and ledger 3.3.0 asked for all of
 *          Unicode: tests/flow/test_43_export.py
 */
#ifndef DAYBOOK_LIB_ACCOUNT_H
#define DAYBOOK_LIB_ACCOUNT_H

#include "buf.h"

#define ACCOUNT_LEN_MAX 200 /* bytes */

bool account_is_valid(struct span account);
/* Adds a valid name as beancount takes it: X- before each part that begins with something else than
 * a capital or a digit. Two names never become one: what is X-, once or more, and such a part gets
 * a further X-. */
void account_beancount(struct buf *out, struct span account);

#endif
