/*
 * kind - rows that are not transactions, told by their words.
 *
 * Shape    rows that state a balance where others state a transaction; and what the words of a
 *          transaction say about its direction.
 * Owns     nothing.
 * Source   words seen in exports; a description that merely contains one is a transaction.
 */
#ifndef DAYBOOK_PARSE_KIND_H
#define DAYBOOK_PARSE_KIND_H

#include "span.h"

/* "Opening balance", "Saldo anterior 31.12.2023": the whole description, but for a date. */
bool kind_is_balance(struct span text);
/* Does it begin as a balance or a total does? Asked only of rows that something else is missing in,
 * for shops are named so too. */
bool kind_is_total(struct span text);

/* Do its words say that money went out (-1: "POS purchase") or came in (1: "Payment received, thank
 * you")? 0: they do not. */
int kind_direction(struct span text);
/* "Payment received, thank you": what only the account of a card says of its holder's payments. */
bool kind_is_paid(struct span text);

#endif
