/*
 * history - what a company's people decided before, deciding again.
 *
 * Shape    history_pack makes a text of people's decisions, newest first, for a job to take along:
 *          a line for each merchant (merchant.h), direction, amount class and account, with how
 *          often. Compiled from that text:
 *          1. the same merchant in the same direction decides as it was decided, the newest account
 *          among those it had;
 *          2. else a naive Bayes classifier over the merchant's words, direction and amount class
 *          (powers of two and of its root). Its margin means nothing by itself: it is turned into a
 *          confidence by asking it for each merchant with that merchant left out, and fitting a
 *          rising step function to what was right (isotonic regression). Below the threshold a row
 *          stays undecided and only its decider says what was thought of (HISTORY_SUGGESTS and the
 *          account). Nothing leaves the company: text and result are made of its own books.
 * Errors   none: a line that cannot be read is left out.
 * Owns     history_read gives, and needs the text no longer. One thread at a time.
 * Source   figures on a three-year ledger: tests/unit/test_history_ledger.c
 */
#ifndef DAYBOOK_RULES_HISTORY_H
#define DAYBOOK_RULES_HISTORY_H

#include "buf.h"
#include "chart.h"
#include "rows.h"
#include "rules.h"

#define HISTORY_DECISIONS_MAX 20000 /* looked at for a text, newest first */
#define HISTORY_BYTES_MAX     (64 * 1024)
#define HISTORY_SUGGESTS      "suggests:"

struct history;

/* Rows with description, amount and account, newest first; the text ends before `max` bytes. */
void history_pack(const struct rows *decided, size_t max, struct buf *text);
struct history *history_read(struct span text);
void history_free(struct history **history);
/* Accounts outside the chart decide nothing. */
void history_keep_to(struct history *history, const struct chart *chart);
/* Decides rows that are still undecided, and those that the base of `rules` decided although people
 * placed the same merchant themselves: account, source, confidence_ppm and decider. */
void history_apply(struct history *history, const struct rules *rules, uint32_t confidence_ppm,
		   struct rows *rows);

/* What it thinks of row i, also below any threshold; account empty: nothing at all. */
struct history_guess {
	struct span account;
	uint32_t confidence_ppm;
	bool same_merchant;
};
struct history_guess history_guess(struct history *history, const struct rows *rows, uint32_t i);

#endif
