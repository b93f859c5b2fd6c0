/*
 * kind - rows that are not transactions, told by their words.
 *
 * Shape    pending rows (the bank has not booked them, and may book them otherwise), rows of what
 * never happened, and rows that state a balance where others state a transaction. Owns     nothing.
 * Source   words seen in exports; a description that merely contains one is a transaction.
 */
#ifndef DAYBOOK_PARSE_KIND_H
#define DAYBOOK_PARSE_KIND_H

#include "span.h"

/* "Pending" and the like, where the date of booking or a status stands. */
bool kind_is_pending(struct span text);
/* "Declined", "reverted" and the like, where a status stands: no money moved. */
bool kind_is_void(struct span text);
/* "Opening balance", "Saldo anterior 31.12.2023": the whole description, but for a date. */
bool kind_is_balance(struct span text);

/* Do its words say that money went out (-1: "POS purchase") or came in (1: "Payment received, thank
 * you")? 0: they do not. */
int kind_direction(struct span text);

#endif
