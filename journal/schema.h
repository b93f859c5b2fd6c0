/*
 * schema - a company's file comes into being.
 *
 * Shape    DIR/.template-<hash of the schema>.db is made once; a company's file is a copy of it,
 *          complete and synced before it gets its name, so that two processes may race and a
 *          killed one leaves nothing that looks like books.
 *          A file of an earlier version is brought up to date by whoever opens it first.
 * Errors   those of errno (RETRY disk-full, ...) and of db.
 */
#ifndef DAYBOOK_JOURNAL_SCHEMA_H
#define DAYBOOK_JOURNAL_SCHEMA_H

#include <sqlite3.h>

#include "fault.h"
#include "span.h"

#define SCHEMA_VERSION	4 /* PRAGMA user_version in books-4.sql */
#define SCHEMA_PATH_MAX 4096

/* DIR/<tenant>/<company>.db; INPUT for names that may not name files. */
int schema_path(const char *dir, struct span tenant, struct span company,
		char path[SCHEMA_PATH_MAX], struct fault *why);
/* Makes the file at `path`; fine when it is there already. */
int schema_make(const char *dir, struct span tenant, const char *path, struct fault *why);
/* Removes what processes that died while they made a file have left in DIR and its tenants'
 * folders. */
void schema_sweep(const char *dir);
/* A file of an earlier version gets what it lacks, in one transaction. */
int schema_bring_up(const char *path, struct fault *why);
/* Is the open file of our version? JOB books-version. */
int schema_check(sqlite3 *handle, struct fault *why);

#endif
