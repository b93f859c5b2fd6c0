/*
 * flag - what the words of a debit/credit column say.
 *
 * Shape    words that were told or learned go before the initials of the heading's two halves
 *          ("CARGO/ABONO"), and those before the words that mean the same in all files.
 * Owns     nothing; plain data.
 */
#ifndef DAYBOOK_PARSE_FLAG_H
#define DAYBOOK_PARSE_FLAG_H

#include "wish.h"
#include "words.h"

struct flag {
	char out[FLAG_SIZE], in[FLAG_SIZE]; /* told or learned; empty when there are none */
	struct halves halves;
};

/* `heading` is the column's; `out` and `in` may be NULL. */
void flag_set(struct flag *flag, struct span heading, const char *out, const char *in);
/* -1 money out, 1 money in, 0 not known. */
int flag_says(const struct flag *flag, struct span text);

#endif
