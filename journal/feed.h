/*
 * feed - rows in memory as a table in SQL, so that a unit is one statement.
 *
 * Shape    an eponymous virtual table without constraints, read from first to last row. INSERT ...
 *          SELECT from one took 2.7 us a transaction and 1.9 us an entry where a statement a row
 *          took 5.5 and 3.3.
 * Owns     nothing: a feed outlives the connection that it is registered with, and what `value`
 *          hands to SQLite must live until the statement's end.
 */
#ifndef DAYBOOK_JOURNAL_FEED_H
#define DAYBOOK_JOURNAL_FEED_H

#include <sqlite3.h>
#include <stdint.h>

struct feed {
	const char *columns; /* "(place, line, amount)" */
	uint32_t n;
	void (*value)(sqlite3_context *out, const void *arg, uint32_t row, int column);
	const void *arg;
};

int feed_register(sqlite3 *handle, const char *name, struct feed *feed);

#endif
