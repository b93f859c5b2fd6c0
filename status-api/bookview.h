/*
 * bookview - reading a company's books: lists, the trial balance, sums by month; and whose there
 * are.
 *
 * Shape    books are opened read-only by helper threads (aside.h), one page at a time.
 *          A company that has no books yet has empty lists.
 */
#ifndef DAYBOOK_STATUS_API_BOOKVIEW_H
#define DAYBOOK_STATUS_API_BOOKVIEW_H

#include "aside.h"
#include "request.h"

/* The helpers that read books, each with a bounded number of them open. `dir` is borrowed for as
 * long as they are. */
struct aside *bookview_helpers(char *dir);

void bookview_transactions(struct request *r);
void bookview_entries(struct request *r);
void bookview_imports(struct request *r);
void bookview_transfers(struct request *r);
void bookview_balances(struct request *r);
void bookview_monthly(struct request *r);
void bookview_companies(struct request *r);

#endif
