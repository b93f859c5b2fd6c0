/*
 * backup - a copy of everything that cannot be made anew, while daybook runs.
 *
 * The order makes it consistent: first the job store, in one transaction, then the uploads of the
 * jobs in it, then the books. So the books are never older than the jobs: what a restored job does
 * again is answered from their record. A hold (lib/hold.h) keeps uploads from being purged
 * meanwhile.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backupdir.h"
#include "clock.h"
#include "config.h"
#include "crash.h"
#include "hold.h"
#include "id.h"
#include "mem.h"
#include "usage.h"

#define BUSY_MS	  10000
#define HASH_TEXT 64 /* of a blob's name, before the point and its job */

struct taking {
	const char *data;
	struct backupdir *to;
	int hold;
	int64_t touched_ms;
};

/* ---- jobs ---- */

static int store_fault(struct fault *why, int rc)
{
	return fault_set(why, FAULT_RETRY, "store", "the job store cannot be copied: %s",
			 mdb_strerror(rc));
}

static int copy_jobs(struct taking *t, struct fault *why)
{
	char *from = xasprintf("%s/jobs", t->data);
	char *path = backupdir_path(t->to, "jobs/data.mdb", why);
	int fd = path ? open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600) : -1;
	MDB_env *env = NULL;
	int rc = fd == -1 ? EACCES : mdb_env_create(&env);

	if (rc == 0)
		rc = mdb_env_open(env, from, MDB_RDONLY | MDB_NOTLS, 0600);
	if (rc == 0)
		rc = mdb_env_copyfd2(env, fd, 0);
	if (env)
		mdb_env_close(env);
	if (fd != -1)
		close(fd);
	free(from);
	free(path);
	if (rc != 0)
		return store_fault(why, rc);
	return backupdir_add(t->to, "jobs/data.mdb", why);
}

/* ---- uploads ---- */

/* The table of jobs in the copy. */
static int open_copy(struct taking *t, MDB_env **env, MDB_txn **txn, MDB_dbi *jobs)
{
	char *path = backupdir_path(t->to, "jobs", NULL);
	int rc = mdb_env_create(env);

	if (rc == 0)
		rc = mdb_env_set_maxdbs(*env, 1);
	if (rc == 0)
		rc = mdb_env_open(*env, path, MDB_RDONLY | MDB_NOLOCK | MDB_NOTLS, 0600);
	if (rc == 0)
		rc = mdb_txn_begin(*env, NULL, MDB_RDONLY, txn);
	if (rc == 0)
		rc = mdb_dbi_open(*txn, "jobs", 0, jobs);
	free(path);
	return rc;
}

static int copy_upload(struct taking *t, MDB_txn *txn, MDB_dbi jobs, const char *file,
		       struct fault *why)
{
	char *from, *name;
	MDB_val key, value;
	struct id job;
	int rc;

	if (strlen(file) != HASH_TEXT + ID_TEXT_SIZE ||
	    id_read(span_text(file + HASH_TEXT + 1), &job) != 0)
		return 0;
	key = (MDB_val){ID_BYTES, job.bytes};
	if (mdb_get(txn, jobs, &key, &value) != 0)
		return 0; /* of a job that came later */
	from = xasprintf("%s/blobs/%s", t->data, file);
	name = xasprintf("blobs/%s", file);
	rc = backupdir_copy(t->to, from, name, why);
	free(from);
	free(name);
	return rc < 0 ? -1 : 0; /* 1: of a job that had expired before the hold */
}

static int copy_uploads(struct taking *t, struct fault *why)
{
	char *path = xasprintf("%s/blobs", t->data);
	DIR *dir = opendir(path);
	MDB_env *env = NULL;
	MDB_txn *txn = NULL;
	MDB_dbi jobs;
	struct dirent *entry;
	int rc = open_copy(t, &env, &txn, &jobs);

	if (rc != 0)
		rc = store_fault(why, rc);
	while (rc == 0 && dir && (entry = readdir(dir)) != NULL)
		rc = copy_upload(t, txn, jobs, entry->d_name, why);
	if (txn)
		mdb_txn_abort(txn);
	if (env)
		mdb_env_close(env);
	if (dir)
		closedir(dir);
	free(path);
	return rc;
}

/* ---- books ---- */

static int books_fault(struct fault *why, const char *name, const char *text)
{
	return fault_set(why, FAULT_RETRY, "books", "%s cannot be copied: %s", name, text);
}

/* All pages in one step, so of one moment, whoever writes meanwhile. */
static int copy_pages(const char *from, const char *to, const char *name, struct fault *why)
{
	sqlite3 *source = NULL, *target = NULL;
	sqlite3_backup *copy = NULL;
	int rc = sqlite3_open_v2(from, &source, SQLITE_OPEN_READONLY, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_open_v2(to, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
	if (rc == SQLITE_OK) {
		sqlite3_busy_timeout(source, BUSY_MS);
		/* it is synced when it is listed */
		sqlite3_exec(target, "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF", NULL,
			     NULL, NULL);
		copy = sqlite3_backup_init(target, "main", source, "main");
	}
	rc = copy ? sqlite3_backup_step(copy, -1) : SQLITE_ERROR;
	if (rc != SQLITE_DONE)
		books_fault(why, name, copy ? sqlite3_errstr(rc) : sqlite3_errmsg(source));
	if (copy && sqlite3_backup_finish(copy) != SQLITE_OK && rc == SQLITE_DONE) {
		rc = SQLITE_ERROR;
		books_fault(why, name, sqlite3_errmsg(target));
	}
	sqlite3_close(target);
	sqlite3_close(source);
	return rc == SQLITE_DONE ? 0 : -1;
}

static int copy_company(struct taking *t, const char *name, struct fault *why)
{
	char *from = xasprintf("%s/%s", t->data, name);
	char *to = backupdir_path(t->to, name, why);
	int rc = to ? copy_pages(from, to, name, why) : -1;

	hold_touch(t->hold);
	free(from);
	free(to);
	return rc == 0 ? backupdir_add(t->to, name, why) : -1;
}

static int copy_tenant(struct taking *t, const char *tenant, struct fault *why)
{
	char *path = xasprintf("%s/books/%s", t->data, tenant);
	DIR *dir = opendir(path);
	struct dirent *entry;
	int rc = 0;

	while (rc == 0 && dir && (entry = readdir(dir)) != NULL) {
		size_t len = strlen(entry->d_name);
		char *name;

		if (len < 4 || strcmp(entry->d_name + len - 3, ".db") != 0)
			continue;
		name = xasprintf("books/%s/%s", tenant, entry->d_name);
		rc = copy_company(t, name, why);
		free(name);
	}
	if (dir)
		closedir(dir);
	free(path);
	return rc;
}

static int copy_books(struct taking *t, struct fault *why)
{
	char *path = xasprintf("%s/books", t->data);
	DIR *dir = opendir(path);
	struct dirent *entry;
	int rc = 0;

	while (rc == 0 && dir && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.')
			rc = copy_tenant(t, entry->d_name, why);
	}
	if (dir)
		closedir(dir);
	free(path);
	return rc;
}

/* ---- what people wrote ---- */

static int copy_texts(struct taking *t, struct fault *why)
{
	static const char *const folders[] = {"starter", "rules", "accounts"};
	static const char *const files[] = {"daybook.conf", "restored"};
	char *from;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(folders); i++) {
		from = xasprintf("%s/%s", t->data, folders[i]);
		rc = backupdir_copy_all(t->to, from, folders[i], why);
		free(from);
	}
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(files); i++) {
		from = xasprintf("%s/%s", t->data, files[i]);
		rc = backupdir_copy(t->to, from, files[i], why);
		free(from);
	}
	return rc < 0 ? -1 : 0;
}

/* ---- the command ---- */

static void touch(void *arg)
{
	struct taking *t = arg;
	int64_t now = clock_ms();

	if (now - t->touched_ms < 1000)
		return;
	t->touched_ms = now;
	hold_touch(t->hold);
}

static int copy_everything(struct taking *t, struct fault *why)
{
	t->to->alive = touch;
	t->to->alive_arg = t;
	buf_format(&t->to->list, "daybook-backup 1\ntaken %lld\n", (long long)clock_wall_ms());
	if (copy_jobs(t, why) != 0)
		return -1;
	crash_at("backup.jobs.after");
	if (copy_uploads(t, why) != 0)
		return -1;
	crash_at("backup.blobs.after");
	if (copy_books(t, why) != 0)
		return -1;
	crash_at("backup.books.after");
	return copy_texts(t, why);
}

static int take(const char *data, const char *dir, struct fault *why)
{
	struct taking t = {.data = data, .hold = -1};
	uint64_t files, bytes;
	int rc;

	if (backupdir_begin(dir, &t.to, why) != 0)
		return -1;
	rc = hold_take(data, &t.hold, why);
	if (rc == 0)
		rc = copy_everything(&t, why);
	files = t.to->files;
	bytes = t.to->bytes;
	if (rc == 0)
		rc = backupdir_finish(&t.to, why);
	backupdir_abandon(&t.to);
	hold_release(data, &t.hold);
	if (rc == 0)
		printf("%llu files, %llu bytes, are in %s\n", (unsigned long long)files,
		       (unsigned long long)bytes, dir);
	return rc;
}

static int run_backup(int argc, char **argv)
{
	const char *data = getenv("DAYBOOK_DATA"), *path = NULL, *dir;
	const struct usage_option options[] = {
		{USAGE_TEXT, "data", "DIR", "data directory ($DAYBOOK_DATA)", &data},
		{USAGE_TEXT, "config", "FILE", "configuration", &path},
		{USAGE_END, NULL, NULL, NULL, NULL},
	};
	const struct usage usage = {&COMMAND_BACKUP, options, NULL, &dir, 1, 0};
	struct config *config;
	struct fault why;
	char *store;
	int rc = usage_read(&usage, argc, argv);

	if (rc != -1)
		return rc;
	if (config_load(path, data, NULL, &config, &why) != 0) {
		fprintf(stderr, "daybook backup: %s\n", why.text);
		return EX_CONFIG;
	}
	crash_arm(getenv("DAYBOOK_BACKUP_DIE_AT"));
	store = xasprintf("%s/jobs/data.mdb", config->data);
	rc = EX_OK;
	if (access(store, R_OK) != 0) {
		fprintf(stderr, "daybook backup: %s is no data directory of daybook\n",
			config->data);
		rc = EX_NOINPUT;
	} else if (take(config->data, dir, &why) != 0) {
		fprintf(stderr, "daybook backup: %s\n", why.text);
		rc = why.class == FAULT_RETRY ? EX_TEMPFAIL : EX_CANTCREAT;
	}
	free(store);
	config_free(&config);
	return rc;
}

const struct command COMMAND_BACKUP = {
	.name = "backup",
	.arguments = "DIR [--data DATA]",
	.about = "copy jobs, uploads, books and rules to a new folder, also while daybook runs",
	.more = "DIR is there when the backup is whole; until then it is DIR.partial.\n",
	.run = run_backup,
};
