/*
 * datelex - takes a field apart that may be a date.
 *
 * Shape    numbers and separators, names of months, a time of day behind them: date.h says which
 *          forms. What the numbers mean, where an order decides, is lexed_day()'s question.
 * Errors   -1 when it has no such form, or there is no such day.
 * Owns     nothing.
 */
#ifndef DAYBOOK_PARSE_DATELEX_H
#define DAYBOOK_PARSE_DATELEX_H

#include "date.h"

enum date_form {
	FORM_SETTLED, /* year, month and day are known: n[0], n[1], n[2] */
	FORM_LAST,    /* n[0] and n[1] are day and month in some order, n[2] is the year */
	FORM_SHORT    /* three numbers of at most two digits */
};

struct lexed_date {
	enum date_form form;
	int n[3];
	char separator;
};

int date_lex(struct span text, struct lexed_date *lexed);
/* The day that a lexed date is in an order; -1 when there is no such day. */
int lexed_day(const struct lexed_date *lexed, enum date_order order, int32_t *day);

#endif
