#include "db.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include "clock.h"
#include "mem.h"
#include "merchant.h"

#define BUSY_FIRST_US	 500
#define BUSY_LATER_US	 2000
#define BUSY_QUICK_WAITS 8
#define BUSY_MAX_MS	 5000

/* Write-ahead log: copied back and begun anew whenever it has grown by 16 MiB (4 MiB cost 20 % of
 * the speed). A passive copy would do with one writer; with two that write in turns there is nearly
 * always a frame that is not copied, so that the log only grew, and every commit copied again
 * (56,000 rows/s for 130,000). So both writers and readers are waited for, but not long: someone
 * may look at the books with a tool of their own and keep a snapshot for minutes. */
#define WAL_COPY_PAGES 4096
#define COPY_WAIT_MS   200
#define ALIVE_OPS      1000000 /* virtual machine steps between calls of alive(): some 30 ms */

/* Two processes write the same books in turns, each for some 15 ms; SQLite's own waiting sleeps up
 * to 100 ms at a time. */
static int wait_for_writer(void *arg, int tried)
{
	struct db *db = arg;
	long sleep_us = tried < BUSY_QUICK_WAITS ? BUSY_FIRST_US : BUSY_LATER_US;

	if (tried == 0)
		db->waiting_since_ms = clock_ms();
	else if (clock_ms() - db->waiting_since_ms > db->patience_ms)
		return 0;
	nanosleep(&(struct timespec){.tv_nsec = sleep_us * 1000}, NULL);
	return 1;
}

/* The commit is done whatever becomes of the copying, so its status is not told. */
static int copy_back(void *arg, sqlite3 *handle, const char *name, int pages)
{
	struct db *db = arg;

	if (pages < db->log_pages)
		db->log_pages = 0; /* begun anew meanwhile */
	if (pages - db->log_pages < WAL_COPY_PAGES)
		return SQLITE_OK;
	db->log_pages = pages;
	db->patience_ms = COPY_WAIT_MS;
	sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
	db->patience_ms = BUSY_MAX_MS;
	return SQLITE_OK;
}

static int call_alive(void *arg)
{
	struct db *db = arg;

	return db->alive ? db->alive(db->alive_arg) : 0;
}

/* merchant(description) in SQL. */
static void sql_merchant(sqlite3_context *context, int n, sqlite3_value **values)
{
	const void *text = sqlite3_value_text(values[0]);
	struct buf name = {0};

	(void)n;
	merchant_of(&name, span_of(text, (size_t)sqlite3_value_bytes(values[0])));
	sqlite3_result_text(context, name.at ? name.at : "", (int)name.len, SQLITE_TRANSIENT);
	buf_release(&name);
}

int db_open(const char *path, bool write, struct db **db, struct fault *why)
{
	static const char writing[] =
		"PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384;"
		"PRAGMA journal_size_limit = 16777216; PRAGMA trusted_schema = OFF;";
	static const char reading[] = "PRAGMA cache_size = -4096; PRAGMA trusted_schema = OFF;"
				      "PRAGMA query_only = ON;";
	int flags = SQLITE_OPEN_NOMUTEX | (write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);

	*db = xcalloc(1, sizeof **db);
	(*db)->patience_ms = BUSY_MAX_MS;
	if (sqlite3_open_v2(path, &(*db)->handle, flags, NULL) != SQLITE_OK)
		goto err;
	sqlite3_extended_result_codes((*db)->handle, 1);
	sqlite3_busy_handler((*db)->handle, wait_for_writer, *db);
	sqlite3_progress_handler((*db)->handle, ALIVE_OPS, call_alive, *db);
	sqlite3_wal_hook((*db)->handle, copy_back, *db);
	if (sqlite3_create_function((*db)->handle, "merchant", 1,
				    SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, sql_merchant, NULL,
				    NULL) != SQLITE_OK)
		goto err;
	if (sqlite3_exec((*db)->handle, write ? writing : reading, NULL, NULL, NULL) != SQLITE_OK)
		goto err;
	return 0;
err:
	db_fault(*db, "open the books", why);
	db_close(db);
	return -1;
}

void db_close(struct db **db)
{
	if (!*db)
		return;
	for (int i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize((*db)->statements[i]);
	sqlite3_close((*db)->handle);
	free(*db);
	*db = NULL;
}

int db_fault(struct db *db, const char *doing, struct fault *why)
{
	int code = db->handle ? sqlite3_extended_errcode(db->handle) : SQLITE_NOMEM;
	const char *text = db->handle ? sqlite3_errmsg(db->handle) : "out of memory";

	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return fault_set(why, FAULT_RETRY, "books-busy",
				 "%s: another process holds the books", doing);
	case SQLITE_FULL:
		return fault_set(why, FAULT_RETRY, "disk-full", "%s: the disk is full", doing);
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		/* SQLITE_FULL is said of the log only, not of the file that indexes it */
		if (sqlite3_system_errno(db->handle) == ENOSPC)
			return fault_set(why, FAULT_RETRY, "disk-full", "%s: the disk is full",
					 doing);
		return fault_set(why, FAULT_RETRY, "books-io", "%s: %s", doing, text);
	case SQLITE_NOMEM:
	case SQLITE_INTERRUPT:
		return fault_set(why, FAULT_RETRY, "books-io", "%s: %s", doing, text);
	case SQLITE_CONSTRAINT:
		return fault_set(why, FAULT_JOB, "books-refused", "%s: %s", doing, text);
	default:
		return fault_set(why, FAULT_JOB, "books-corrupt", "%s: %s", doing, text);
	}
}

sqlite3_stmt *db_prepare(struct db *db, const char *text, struct fault *why)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(db->handle, text, -1, &statement, NULL) != SQLITE_OK)
		db_fault(db, "prepare a query of the books", why);
	return statement;
}

static sqlite3_stmt *prepared(struct db *db, enum sql name, struct fault *why)
{
	sqlite3_stmt *made = db->statements[name];

	if (made)
		return made;
	if (sqlite3_prepare_v3(db->handle, sql_text(name), -1, SQLITE_PREPARE_PERSISTENT, &made,
			       NULL) != SQLITE_OK)
		db_fault(db, "prepare a statement of the books", why);
	db->statements[name] = made;
	return made;
}

static void bind(sqlite3_stmt *statement, const char *format, va_list args)
{
	struct span span;

	for (int at = 1; *format; format++, at++) {
		switch (*format) {
		case 'i':
			sqlite3_bind_int64(statement, at, va_arg(args, int64_t));
			break;
		case 't':
			span = va_arg(args, struct span);
			sqlite3_bind_text(statement, at, span.len ? span.at : "", (int)span.len,
					  SQLITE_STATIC);
			break;
		case 'b':
			span = va_arg(args, struct span);
			sqlite3_bind_blob(statement, at, span.len ? span.at : "", (int)span.len,
					  SQLITE_STATIC);
			break;
		default:
			assert(*format == 'n');
			sqlite3_bind_null(statement, at);
		}
	}
}

static sqlite3_stmt *start(struct db *db, enum sql name, struct fault *why, const char *format,
			   va_list args)
{
	sqlite3_stmt *statement = prepared(db, name, why);

	if (statement)
		bind(statement, format, args);
	return statement;
}

int db_next(struct db *db, sqlite3_stmt *statement, struct fault *why)
{
	int code = sqlite3_step(statement);

	if (code == SQLITE_ROW)
		return 1;
	if (code != SQLITE_DONE)
		db_fault(db, "the books", why);
	sqlite3_reset(statement);
	return code == SQLITE_DONE ? 0 : -1;
}

int db_do(struct db *db, enum sql name, struct fault *why, const char *format, ...)
{
	sqlite3_stmt *statement;
	va_list args;

	va_start(args, format);
	statement = start(db, name, why, format, args);
	va_end(args);
	if (!statement)
		return -1;
	return db_next(db, statement, why);
}

sqlite3_stmt *db_query(struct db *db, enum sql name, struct fault *why, const char *format, ...)
{
	sqlite3_stmt *statement;
	va_list args;

	va_start(args, format);
	statement = start(db, name, why, format, args);
	va_end(args);
	return statement;
}

int db_number(struct db *db, enum sql name, int64_t *number, struct fault *why, const char *format,
	      ...)
{
	sqlite3_stmt *statement;
	va_list args;
	int status;

	va_start(args, format);
	statement = start(db, name, why, format, args);
	va_end(args);
	if (!statement)
		return -1;
	status = db_next(db, statement, why);
	if (status < 0)
		return -1;
	if (status == 0)
		return 1;
	*number = sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return 0;
}

/* Costs nothing where it is so already; otherwise each statement is prepared anew when it is run.
 */
int db_begin(struct db *db, enum guard guard, struct fault *why)
{
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, guard == GUARDED, NULL);
	return db_do(db, SQL_BEGIN, why, "");
}

int db_commit(struct db *db, struct fault *why)
{
	return db_do(db, SQL_COMMIT, why, "");
}

/* Some faults (a full disk) have ended the transaction already. */
void db_rollback(struct db *db)
{
	struct fault ignored;

	for (int i = 0; i < SQL_COUNT; i++)
		if (db->statements[i])
			sqlite3_reset(db->statements[i]);
	if (!sqlite3_get_autocommit(db->handle))
		db_do(db, SQL_ROLLBACK, &ignored, "");
}

struct span db_text(sqlite3_stmt *statement, int column)
{
	const void *text = sqlite3_column_text(statement, column);

	return span_of(text, (size_t)sqlite3_column_bytes(statement, column));
}

struct span db_blob(sqlite3_stmt *statement, int column)
{
	const void *bytes = sqlite3_column_blob(statement, column);

	return span_of(bytes, (size_t)sqlite3_column_bytes(statement, column));
}
