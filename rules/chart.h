/*
 * chart - the chart of accounts: which names may be booked to.
 *
 * Shape    text, one account a line: `Expenses:Food:Groceries [EUR] [; what belongs there]`; a line
 *          that begins with ; or # is a comment. Names are as account.h has them.
 *          Expenses:Uncategorised and Income:Uncategorised are always part of it.
 * Errors   -1 with fault JOB "chart-syntax" naming source, line and mend.
 * Owns     chart_read gives, and needs the text no longer; names live as long as the chart.
 */
#ifndef DAYBOOK_RULES_CHART_H
#define DAYBOOK_RULES_CHART_H

#include "account.h"
#include "fault.h"
#include "rows.h"
#include "span.h"

#define CHART_ACCOUNTS_MAX 5000

struct chart;

int chart_read(const char *name, struct span text, struct chart **chart, struct fault *why);
/* A fault of a text that a person wrote. */
struct text_fault {
	uint32_t line, column; /* from 1; 0: of the text as a whole */
	struct fault fault;
};
/* All faults, at most `max`, in the order of the text; how many. None: the chart too. */
int chart_check(struct span text, struct chart **chart, struct text_fault *faults, int max);
void chart_free(struct chart **chart);
/* In the order of the text; what is always part of it comes last when it was not written. */
uint32_t chart_count(const struct chart *chart);
struct span chart_account(const struct chart *chart, uint32_t i);
struct span chart_currency(const struct chart *chart, uint32_t i); /* empty: any */
struct span chart_note(const struct chart *chart, uint32_t i);
bool chart_has(const struct chart *chart, struct span account);
/* Its place, or -1. */
int64_t chart_find(const struct chart *chart, struct span account);
/* Has the account no currency, or this one? */
bool chart_takes(const struct chart *chart, struct span account, const char *currency);
/* Takes back what rules, history or a model decided for a row of another currency than the account
 * has: the next one decides, or a person. */
void chart_keep_currencies(const struct chart *chart, struct rows *rows);

#endif
