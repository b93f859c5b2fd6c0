/*
 * db - one SQLite connection to a company's books: its statements, waiting, faults, transactions.
 *
 * Shape    statements are named by enum sql and prepared once, at their first use. Values are bound
 *          by a format, one letter each: i int64_t, t struct span as text (empty is ''), b struct
 *          span as blob, n nothing (NULL); db_do(db, SQL_X, why, "it", number, text).
 *          A second writer is waited for: sleeps of 0.5 to 2 ms, at most 5 s.
 * Errors   -1 with RETRY books-busy, disk-full, books-io; JOB books-corrupt, books-refused (a
 *          constraint or trigger said no). After a fault inside a transaction call db_rollback().
 * Owns     db_open gives. Text from a column lives until the statement's next step.
 */
#ifndef DAYBOOK_JOURNAL_DB_H
#define DAYBOOK_JOURNAL_DB_H

#include <sqlite3.h>

#include "fault.h"
#include "span.h"
#include "sql.h"

struct db {
	sqlite3 *handle;
	sqlite3_stmt *statements[SQL_COUNT];
	int64_t waiting_since_ms, patience_ms;
	int log_pages;		 /* of the write-ahead log, when it was last copied back */
	int (*alive)(void *arg); /* called now and then in long statements; may be NULL */
	void *alive_arg;
};

/* A file that does not exist is a fault JOB books-missing. */
int db_open(const char *path, bool write, struct db **db, struct fault *why);
void db_close(struct db **db);

/* Runs a statement that gives no rows. */
int db_do(struct db *db, enum sql name, struct fault *why, const char *format, ...);
/* Starts one that does; db_next: 1 = a row is there, 0 = no more, -1 fault. A statement not walked
 * to its end needs sqlite3_reset(), or it keeps its snapshot of the books. */
sqlite3_stmt *db_query(struct db *db, enum sql name, struct fault *why, const char *format, ...);
int db_next(struct db *db, sqlite3_stmt *statement, struct fault *why);
/* First column of the first row; 1 = there is none. */
int db_number(struct db *db, enum sql name, int64_t *number, struct fault *why, const char *format,
	      ...);

/* A statement of the moment: prepared from text, for sqlite3_finalize(). */
sqlite3_stmt *db_prepare(struct db *db, const char *text, struct fault *why);

/* GUARDED: the triggers of the books hold (journal/books-4.sql). A job's rows are booked with them
 * off: they are only inserted, and the rest holds by construction. */
enum guard { UNGUARDED, GUARDED };
int db_begin(struct db *db, enum guard guard, struct fault *why);
int db_commit(struct db *db, struct fault *why);
void db_rollback(struct db *db);

int db_fault(struct db *db, const char *doing, struct fault *why);
struct span db_text(sqlite3_stmt *statement, int column);
struct span db_blob(sqlite3_stmt *statement, int column);

#endif
