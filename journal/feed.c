#include "feed.h"

#include <stdio.h>
#include <stdlib.h>

#include "mem.h"

struct feed_table {
	sqlite3_vtab base; /* first: SQLite hands this back */
	struct feed *feed;
};

struct feed_cursor {
	sqlite3_vtab_cursor base;
	uint32_t row;
};

static const struct feed *feed_of(sqlite3_vtab_cursor *cursor)
{
	return ((struct feed_table *)cursor->pVtab)->feed;
}

static int feed_connect(sqlite3 *handle, void *feed, int argc, const char *const *argv,
			sqlite3_vtab **table, char **error)
{
	struct feed_table *made;
	char text[256];
	int status;

	(void)argc, (void)argv, (void)error;
	snprintf(text, sizeof text, "CREATE TABLE feed %s", ((struct feed *)feed)->columns);
	status = sqlite3_declare_vtab(handle, text);
	if (status != SQLITE_OK)
		return status;
	sqlite3_vtab_config(handle, SQLITE_VTAB_DIRECTONLY);
	made = xcalloc(1, sizeof *made);
	made->feed = feed;
	*table = &made->base;
	return SQLITE_OK;
}

static int feed_disconnect(sqlite3_vtab *table)
{
	free(table);
	return SQLITE_OK;
}

static int feed_best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
	(void)table;
	info->estimatedCost = 500;
	info->estimatedRows = 500;
	return SQLITE_OK;
}

static int feed_open(sqlite3_vtab *table, sqlite3_vtab_cursor **cursor)
{
	struct feed_cursor *made = xcalloc(1, sizeof *made);

	(void)table;
	*cursor = &made->base;
	return SQLITE_OK;
}

static int feed_close(sqlite3_vtab_cursor *cursor)
{
	free(cursor);
	return SQLITE_OK;
}

static int feed_filter(sqlite3_vtab_cursor *cursor, int plan, const char *text, int argc,
		       sqlite3_value **argv)
{
	(void)plan, (void)text, (void)argc, (void)argv;
	((struct feed_cursor *)cursor)->row = 0;
	return SQLITE_OK;
}

static int feed_next(sqlite3_vtab_cursor *cursor)
{
	((struct feed_cursor *)cursor)->row++;
	return SQLITE_OK;
}

static int feed_eof(sqlite3_vtab_cursor *cursor)
{
	return ((struct feed_cursor *)cursor)->row >= feed_of(cursor)->n;
}

static int feed_column(sqlite3_vtab_cursor *cursor, sqlite3_context *out, int column)
{
	const struct feed *feed = feed_of(cursor);

	feed->value(out, feed->arg, ((struct feed_cursor *)cursor)->row, column);
	return SQLITE_OK;
}

static int feed_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *rowid)
{
	*rowid = ((struct feed_cursor *)cursor)->row;
	return SQLITE_OK;
}

/* No xCreate: the table is there by its name and cannot be made by CREATE VIRTUAL TABLE. */
static const sqlite3_module feed_module = {
	.xConnect = feed_connect,
	.xBestIndex = feed_best_index,
	.xDisconnect = feed_disconnect,
	.xOpen = feed_open,
	.xClose = feed_close,
	.xFilter = feed_filter,
	.xNext = feed_next,
	.xEof = feed_eof,
	.xColumn = feed_column,
	.xRowid = feed_rowid,
};

int feed_register(sqlite3 *handle, const char *name, struct feed *feed)
{
	return sqlite3_create_module(handle, name, &feed_module, feed);
}
