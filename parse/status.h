/*
 * status - what a bank says has become of a row: booked, not yet, or not at all.
 *
 * Shape    the whole text of a cell is looked up, folded: a description that merely contains such
 *          a word is a transaction.
 * Owns     nothing.
 * Source   words seen in exports and in public importers' documentation.
 */
#ifndef DAYBOOK_PARSE_STATUS_H
#define DAYBOOK_PARSE_STATUS_H

#include "span.h"

enum status { STATUS_NONE, STATUS_BOOKED, STATUS_PENDING, STATUS_VOID };

enum status status_of(struct span text);
/* "Yes" is 1, "no" is -1, any other word 0. */
int status_answer(struct span text);
/* Is a line of its own the title of rows that are not booked yet ("Pending transactions"), or of
 * such as are ("Booked transactions")? */
enum status status_title(struct span line);

#endif
