/*
 * sums - what was debited and credited, by month, account and currency.
 *
 * Shape    a sorted array: books have hundreds of accounts, and entries come mostly in order of
 *          days, so that a new month goes to the end. SQLite's GROUP BY over a million entries
 *          sorts them all (1.5 s measured where this takes 0.2).
 * Errors   a sum that does not fit is told by `overflow`.
 * Owns     sums_release() frees all.
 */
#ifndef DAYBOOK_JOURNAL_SUMS_H
#define DAYBOOK_JOURNAL_SUMS_H

#include "books.h"

struct sum {
	int32_t month; /* 12 * year + month - 1; 0 where months are not told apart */
	int64_t account;
	char currency[CURRENCY_SIZE];
	int64_t debit, credit;
	char *name; /* of the account, after sums_name() */
};

struct sums {
	struct sum *at;
	size_t n, room;
	bool overflow;
};

/* The sum of this month, account and currency; valid until the next one is asked for. */
struct sum *sums_of(struct sums *s, int32_t month, int64_t account, const char *currency);
void sums_add(struct sums *s, int64_t *to, int64_t amount);
/* Of a day "2025-01-31"; 0 where it is none. */
int32_t sums_month(struct span date);

struct sums_range {
	struct span from, to; /* days */
	struct span currency; /* only in this one; empty = all */
	bool by_month;
};
/* What the parts of split entries have is not their category's: takes it from there. */
int sums_take_parts(struct sums *s, struct ledger *ledger, const struct sums_range *range,
		    struct fault *why);
/* Names all and sorts them by month, name and currency; then none is asked for any more. */
int sums_name(struct sums *s, struct ledger *ledger, struct fault *why);
void sums_release(struct sums *s);

/* ,"key":"-1.00" */
void sums_put(struct buf *json, const char *key, int64_t minor, const char *currency);

#endif
