#include "schema.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crash.h"
#include "file.h"
#include "ledger.h"
#include "name.h"

#define BRING_UP_WAIT_MS 5000 /* for whoever writes them now */

/* books.sql and the steps after it as one text, ended by a NUL, and where each step begins: a file
 * of version N needs the text from step N + 1 on. make runs the compiler in the repository's root.
 */
extern const char schema_books_sql[], schema_step_2[], schema_step_3[], schema_step_4[];
__asm__(".pushsection .rodata\n"
	".globl schema_books_sql, schema_step_2, schema_step_3, schema_step_4\n"
	"schema_books_sql:\n"
	".incbin \"journal/books.sql\"\n"
	"schema_step_2:\n"
	".incbin \"journal/books-2.sql\"\n"
	"schema_step_3:\n"
	".incbin \"journal/books-3.sql\"\n"
	"schema_step_4:\n"
	".incbin \"journal/books-4.sql\"\n"
	".byte 0\n"
	".popsection\n");

static const char *const steps[SCHEMA_VERSION] = {NULL, schema_step_2, schema_step_3,
						  schema_step_4};

const char *ledger_schema(void)
{
	return schema_books_sql;
}

static int read_version(sqlite3 *handle)
{
	sqlite3_stmt *found = NULL;
	int version = -1;

	if (sqlite3_prepare_v2(handle, "PRAGMA user_version", -1, &found, NULL) == SQLITE_OK &&
	    sqlite3_step(found) == SQLITE_ROW)
		version = sqlite3_column_int(found, 0);
	sqlite3_finalize(found);
	return version;
}

/* Version 1 has the column since it was given out, but for files made while it was written: SQL
 * alone cannot ask. */
static int add_balance(sqlite3 *handle)
{
	if (sqlite3_table_column_metadata(handle, NULL, "transactions", "balance", NULL, NULL, NULL,
					  NULL, NULL) == SQLITE_OK)
		return SQLITE_OK;
	return sqlite3_exec(handle, "ALTER TABLE transactions ADD COLUMN balance INTEGER", NULL,
			    NULL, NULL);
}

/* Two processes may find the same old file: the version is read again when it is ours to write. */
static int bring_up(sqlite3 *handle)
{
	int version;

	if (sqlite3_exec(handle, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
		return -1;
	version = read_version(handle);
	if (version >= 1 && version < SCHEMA_VERSION &&
	    (add_balance(handle) != SQLITE_OK ||
	     sqlite3_exec(handle, steps[version], NULL, NULL, NULL) != SQLITE_OK)) {
		sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL);
		return -1;
	}
	return sqlite3_exec(handle, "COMMIT", NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

int schema_bring_up(const char *path, struct fault *why)
{
	sqlite3 *handle = NULL;
	int status = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
				     NULL);
	int version = status == SQLITE_OK ? read_version(handle) : 0;
	bool old = version >= 1 && version < SCHEMA_VERSION;

	sqlite3_close(handle);
	if (!old)
		return 0; /* what else may be wrong with it, who opens it will see */
	status = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	sqlite3_busy_timeout(handle, BRING_UP_WAIT_MS);
	if (status != SQLITE_OK || bring_up(handle) != 0)
		status = fault_set(why, FAULT_RETRY, "books-busy", "bring the books up to date: %s",
				   handle ? sqlite3_errmsg(handle) : "out of memory");
	sqlite3_close(handle);
	return status == SQLITE_OK ? 0 : -1;
}

int schema_check(sqlite3 *handle, struct fault *why)
{
	int version = read_version(handle);

	if (version == SCHEMA_VERSION)
		return 0;
	return fault_set(why, FAULT_JOB, "books-version",
			 "the books are of version %d, this program knows version %d", version,
			 SCHEMA_VERSION);
}

int schema_path(const char *dir, struct span tenant, struct span company,
		char path[SCHEMA_PATH_MAX], struct fault *why)
{
	int len;

	if (!name_is_valid(tenant) || !name_is_valid(company))
		return fault_set(why, FAULT_INPUT, "name", "a tenant or company has a bad name");
	len = snprintf(path, SCHEMA_PATH_MAX, "%s/%.*s/%.*s.db", dir, SPAN_ARG(tenant),
		       SPAN_ARG(company));
	if (len < 0 || len >= SCHEMA_PATH_MAX)
		return fault_set(why, FAULT_JOB, "io", "the path of the books is too long");
	return 0;
}

static int template_fill(const char *path, struct fault *why)
{
	sqlite3 *handle = NULL;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	bool done;

	/* Both pragmas stay in the file. WAL comes last: closing then leaves one file, synced. */
	done = sqlite3_open_v2(path, &handle, flags, NULL) == SQLITE_OK &&
	       sqlite3_exec(handle, "PRAGMA page_size = 4096; BEGIN", NULL, NULL, NULL) ==
		       SQLITE_OK &&
	       sqlite3_exec(handle, schema_books_sql, NULL, NULL, NULL) == SQLITE_OK &&
	       sqlite3_exec(handle, "COMMIT; PRAGMA journal_mode = WAL", NULL, NULL, NULL) ==
		       SQLITE_OK;
	if (!done)
		fault_set(why, FAULT_RETRY,
			  sqlite3_errcode(handle) == SQLITE_FULL ? "disk-full" : "books-io",
			  "make the books' template: %s", sqlite3_errmsg(handle));
	sqlite3_close(handle);
	return done ? 0 : -1;
}

static int template_make(const char *dir, const char *path, struct fault *why)
{
	char made[SCHEMA_PATH_MAX + 32];

	snprintf(made, sizeof made, "%s.%ld", path, (long)getpid());
	unlink(made); /* of an earlier process of this number */
	if (template_fill(made, why) != 0)
		goto err;
	crash_at("books.template.before");
	if (rename(made, path) != 0) {
		fault_errno(why, "name the books' template");
		goto err;
	}
	crash_at("books.template.after");
	return file_sync_folder(dir, why);
err:
	unlink(made);
	return -1;
}

static int template_path(const char *dir, char path[SCHEMA_PATH_MAX], struct fault *why)
{
	unsigned char hash[crypto_generichash_BYTES_MIN];
	char text[2 * sizeof hash + 1];
	struct stat ignored;

	crypto_generichash(hash, sizeof hash, (const unsigned char *)schema_books_sql,
			   strlen(schema_books_sql), NULL, 0);
	sodium_bin2hex(text, sizeof text, hash, sizeof hash);
	snprintf(path, SCHEMA_PATH_MAX, "%s/.template-%s.db", dir, text);
	if (stat(path, &ignored) == 0)
		return 0;
	return template_make(dir, path, why);
}

static int copy_bytes(int from, int to)
{
	char bytes[65536];
	ssize_t got;

	while ((got = read(from, bytes, sizeof bytes)) > 0)
		for (ssize_t at = 0, put; at < got; at += put) {
			put = write(to, bytes + at, (size_t)(got - at));
			if (put < 0)
				return -1;
		}
	return got == 0 ? fsync(to) : -1;
}

static int copy_file(const char *from_path, const char *to_path, struct fault *why)
{
	int to = -1, from = open(from_path, O_RDONLY | O_CLOEXEC);

	if (from == -1)
		goto err;
	to = open(to_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (to == -1 || copy_bytes(from, to) != 0)
		goto err;
	close(from);
	if (close(to) == 0)
		return 0;
	to = -1;
	from = -1;
err:
	fault_errno(why, "copy the books' template");
	if (from != -1)
		close(from);
	if (to != -1)
		close(to);
	return -1;
}

int schema_make(const char *dir, struct span tenant, const char *path, struct fault *why)
{
	char folder[SCHEMA_PATH_MAX], pattern[SCHEMA_PATH_MAX], made[SCHEMA_PATH_MAX + 32];
	int status;

	snprintf(folder, sizeof folder, "%s/%.*s", dir, SPAN_ARG(tenant));
	snprintf(made, sizeof made, "%s.%ld", path, (long)getpid());
	if (file_make_folder(dir, why) != 0 || template_path(dir, pattern, why) != 0 ||
	    file_make_folder(folder, why) != 0)
		return -1;
	status = copy_file(pattern, made, why);
	crash_at("books.link.before");
	/* link(), not rename(): whoever comes second must not replace books that the first one has
	 * begun to write. */
	if (status == 0 && link(made, path) != 0 && errno != EEXIST)
		status = fault_errno(why, "name the books");
	crash_at("books.link.after");
	unlink(made);
	return status == 0 ? file_sync_folder(folder, why) : -1;
}

/* Also when nobody has asked for its exit status yet. */
static bool is_dead(pid_t pid)
{
	char path[64], line[512] = "";
	const char *state;
	FILE *file;

	if (kill(pid, 0) != 0)
		return errno == ESRCH;
	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	file = fopen(path, "re");
	if (file && !fgets(line, sizeof line, file))
		line[0] = '\0';
	if (file)
		fclose(file);
	state = strrchr(line, ')'); /* "pid (name) state ..." */
	return state && strncmp(state, ") Z", 3) == 0;
}

/* "<name>.db.<pid>", and what SQLite writes beside it. A maker that still is, elsewhere, and loses
 * its file finds nothing to give the name to and tries again. */
static bool is_left_behind(const char *name)
{
	const char *at = strstr(name, ".db.");
	long pid = at ? strtol(at + 4, NULL, 10) : 0;

	return pid > 0 && is_dead((pid_t)pid);
}

static void sweep(int parent, const char *name, bool deeper)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd == -1 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!list) {
		if (fd != -1)
			close(fd);
		return;
	}
	while ((entry = readdir(list)) != NULL) {
		if (is_left_behind(entry->d_name))
			unlinkat(fd, entry->d_name, 0);
		else if (deeper && name_is_valid(span_text(entry->d_name)))
			sweep(fd, entry->d_name, false);
	}
	closedir(list);
}

void schema_sweep(const char *dir)
{
	sweep(AT_FDCWD, dir, true);
}
