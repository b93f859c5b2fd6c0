/*
 * money - currencies and minor units.
 *
 * Units    int64_t minor units of a currency; the exponent (digits after the point) is ISO 4217's:
 *          JPY 0, USD 2, KWD 3. Never floating. |amount| <= MONEY_MAX_MINOR.
 * Source   ISO 4217:2015 list one (active codes) as of 2025, and what left it since 2015:
 *          statements of those years are still imported.
 */
#ifndef DAYBOOK_LIB_MONEY_H
#define DAYBOOK_LIB_MONEY_H

#include "span.h"

#define MONEY_MAX_MINOR                                                                            \
	INT64_C(1000000000000000) /* 10^15: ten trillion dollars, sums of 9,000 such still fit */
#define MONEY_TEXT_SIZE 48
#define CURRENCY_SIZE	4 /* three letters and NUL */

/* Digits after the point, or -1 for a code that ISO 4217 does not list. */
int money_exponent(const char *currency);
/* "-12.50" for (-1250, "USD"), "-1250" for JPY; two digits for an unlisted code. */
void money_text(int64_t minor, const char *currency, char out[MONEY_TEXT_SIZE]);
/* Back again: "-12.5" of USD is -1250. What is no digit or too many of them is passed over. */
int64_t money_minor(struct span text, const char *currency);

#endif
