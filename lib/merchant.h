/*
 * merchant - who a description is about, whatever number, date or branch stands beside the name.
 *
 * Shape    the description folded (fold.h), its words in order, one space between: without words
 *          that hold a digit (card and receipt numbers, dates, branches), months and days of the
 *          week, and marks between words. A number that begins a name stays (7-Eleven). Of a
 *          description that is nothing else all words stay.
 *          At most MERCHANT_MAX bytes, cut after a word. Empty only for one without any word, which
 *          is said of ROWS_NO_DESCRIPTION, too: what the bank did not name is no one merchant.
 * Errors   none.
 * Owns     nothing; appends to the caller's buf.
 */
#ifndef DAYBOOK_LIB_MERCHANT_H
#define DAYBOOK_LIB_MERCHANT_H

#include "buf.h"

#define MERCHANT_MAX 96

void merchant_of(struct buf *out, struct span description);
/* The next word of a folded description, which is moved behind it, and whether it is one of the
 * merchant's; empty at the end. */
struct span merchant_word(struct span *folded, bool *is_name);

#endif
