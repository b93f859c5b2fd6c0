/*
 * chart - the chart of accounts: which names may be booked to.
 *
 * Shape    text, one account a line: `Expenses:Food:Groceries  [; what belongs there]`; names are
 *          hierarchical with ':' and begin with Assets, Liabilities, Equity, Income or Expenses.
 *          Expenses:Uncategorised and Income:Uncategorised are always part of it.
 * Errors   -1 with fault JOB "chart-syntax" naming source and line.
 * Owns     chart_read gives; names live as long as the chart.
 */
#ifndef DAYBOOK_RULES_CHART_H
#define DAYBOOK_RULES_CHART_H

#include "fault.h"
#include "span.h"

struct chart;

int chart_read(const char *name, struct span text, struct chart **chart, struct fault *why);
void chart_free(struct chart **chart);
uint32_t chart_count(const struct chart *chart);
struct span chart_account(const struct chart *chart, uint32_t i);
struct span chart_note(const struct chart *chart, uint32_t i);
bool chart_has(const struct chart *chart, struct span account);
bool account_is_valid(struct span account);

#endif
