/*
 * questions - what is asked of a company's books in SQL.
 *
 * Shape    `broken` gives a row for each breach, told by its first column; `looked` how many things
 *          it looks at. Both may ask these views, which questions_prepare() makes for the
 *          connection: `txns` and `seen` are what the bank said and what was met again, also what
 *          was taken back since; `moves` the entries by which transfers between own accounts were
 *          booked, beside what the units recorded.
 *          `pieces` are the parts of entries that are split.
 * Owns     nothing.
 */
#ifndef DAYBOOK_VERIFY_QUESTIONS_H
#define DAYBOOK_VERIFY_QUESTIONS_H

#include <sqlite3.h>

#include "report.h"

struct question {
	enum invariant at;
	const char *looked, *broken;
};

extern const struct question QUESTIONS[];
extern const int N_QUESTIONS;

/* SQLite's status. */
int questions_prepare(sqlite3 *db);

#endif
