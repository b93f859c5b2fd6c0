/*
 * books - one company's books while they are checked.
 *
 * Owns     the statement given by books_query() is the caller's, to finalize; NULL when the books
 *          cannot be read so, which is reported.
 */
#ifndef DAYBOOK_VERIFY_BOOKS_H
#define DAYBOOK_VERIFY_BOOKS_H

#include <sqlite3.h>

#include "verify.h"

struct books {
	struct verify *v;
	sqlite3 *db;
	char tenant[NAME_SIZE], company[NAME_SIZE];
};

/* An import, as far as its file is counted again. */
struct import {
	int64_t id;
	const struct job *job; /* NULL: its record has expired */
	char state[16];
	char name[ID_JOB_TEXT_SIZE]; /* the job */
	int64_t rows;		     /* that its units brought */
	const char *reading;	     /* JSON */
};

sqlite3_stmt *books_query(struct books *books, const char *sql);
/* The next row? An error is reported as a breach of I8. */
bool books_next(struct books *books, sqlite3_stmt *statement);

/* Every line that the import has, found in the uploaded file at its place, with its amount; of a
 * complete job's file no line left over. */
void source_check(struct books *books, const struct import *import);

#endif
