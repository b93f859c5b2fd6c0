#include "kvcheck.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem.h"

#define CHECK_SECONDS 120 /* a page that leads back to itself would be walked for ever */
#define TABLES_MAX    64

/* In a meta page: 16 bytes of page header, magic, version, address, map size, two trees of 48
 * bytes, last page, transaction. */
#define META_MAGIC	0xBEEFC0DEu
#define META_MAGIC_AT	16
#define META_VERSION_AT 20
#define META_PAGE_AT	40 /* the free list's tree keeps the page size in its first word */
#define META_TXN_AT	144
#define META_BYTES	152

struct meta {
	uint32_t magic, version, page_bytes;
	uint64_t txn;
};

struct check {
	MDB_txn *txn;
	uint64_t pages; /* of all trees */
	uint64_t last_page, last_txn;
};

static int meta_read(int fd, uint64_t at, struct meta *meta)
{
	char bytes[META_BYTES];

	if (pread(fd, bytes, sizeof(bytes), (off_t)at) != (ssize_t)sizeof(bytes))
		return -1;
	memcpy(&meta->magic, bytes + META_MAGIC_AT, 4);
	memcpy(&meta->version, bytes + META_VERSION_AT, 4);
	memcpy(&meta->page_bytes, bytes + META_PAGE_AT, 4);
	memcpy(&meta->txn, bytes + META_TXN_AT, 8);
	return meta->magic == META_MAGIC && meta->version == 1 ? 0 : -1;
}

/* The two are written in turn, so their transactions are neighbours: a damaged number would make
 * the state before the last commit look like the newest. */
static const char *check_metas(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct meta first, second;
	bool whole = fd != -1 && meta_read(fd, 0, &first) == 0 && first.page_bytes >= 512 &&
		     first.page_bytes <= 65536 && meta_read(fd, first.page_bytes, &second) == 0;

	if (fd != -1)
		close(fd);
	if (!whole)
		return "its first pages are damaged";
	if (first.page_bytes != second.page_bytes)
		return "its first pages disagree";
	if (first.txn == 0 && second.txn == 0)
		return NULL;
	if (first.txn + 1 != second.txn && second.txn + 1 != first.txn)
		return "its first pages disagree";
	return first.txn % 2 == 0 ? NULL : "its first pages are damaged";
}

/* A file that was cut short has no bytes behind its last pages: SIGBUS, here rather than later. */
static void touch(const MDB_val *value)
{
	const volatile char *at = value->mv_data;

	for (size_t i = 0; i < value->mv_size; i += 512)
		(void)at[i];
	if (value->mv_size > 0)
		(void)at[value->mv_size - 1];
}

static void count_pages(struct check *c, const MDB_stat *stat)
{
	c->pages += stat->ms_branch_pages + stat->ms_leaf_pages + stat->ms_overflow_pages;
}

/* Every record once, in order, and found by its key from the root. */
static const char *check_table(struct check *c, MDB_dbi dbi)
{
	MDB_cursor *walk, *look;
	MDB_val key, value, before = {0, NULL}, again;
	MDB_stat stat;
	size_t n = 0;
	int rc;

	if (mdb_stat(c->txn, dbi, &stat) != 0 || mdb_cursor_open(c->txn, dbi, &walk) != 0 ||
	    mdb_cursor_open(c->txn, dbi, &look) != 0)
		return "a table cannot be read";
	count_pages(c, &stat);
	while ((rc = mdb_cursor_get(walk, &key, &value, MDB_NEXT)) == 0) {
		if (n++ > 0 && mdb_cmp(c->txn, dbi, &before, &key) >= 0)
			return "records are out of order";
		touch(&value);
		before = again = key;
		if (mdb_cursor_get(look, &again, &value, MDB_SET_KEY) != 0 ||
		    again.mv_data != key.mv_data)
			return "a record is not where its key leads";
	}
	if (rc != MDB_NOTFOUND)
		return "a table cannot be walked";
	return n == stat.ms_entries ? NULL : "a table has lost records";
}

/* The main table's records are the other tables. */
static const char *check_tables(struct check *c)
{
	const char *bad = NULL;
	MDB_cursor *names;
	MDB_val key, value;
	MDB_dbi main, dbi;
	char name[512];

	if (mdb_dbi_open(c->txn, NULL, 0, &main) != 0 || mdb_cursor_open(c->txn, main, &names) != 0)
		return "the list of tables cannot be read";
	bad = check_table(c, main);
	while (!bad && mdb_cursor_get(names, &key, &value, MDB_NEXT) == 0) {
		snprintf(name, sizeof(name), "%.*s", (int)key.mv_size, (char *)key.mv_data);
		if (mdb_dbi_open(c->txn, name, 0, &dbi) != 0)
			return "a table cannot be opened";
		bad = check_table(c, dbi);
	}
	return bad;
}

/* One record of the free list: a transaction; how many pages it freed, and which, largest first. */
static int check_freed(const struct check *c, const MDB_val *key, const MDB_val *value,
		       unsigned char *seen)
{
	uint64_t txn, n, page, before = c->last_page + 1;

	if (key->mv_size != 8 || value->mv_size < 8)
		return -1;
	memcpy(&txn, key->mv_data, 8);
	memcpy(&n, value->mv_data, 8);
	if (txn == 0 || txn > c->last_txn || n > value->mv_size / 8 - 1)
		return -1;
	for (uint64_t i = 1; i <= n; i++) {
		memcpy(&page, (char *)value->mv_data + i * 8, 8);
		if (page < 2 || page >= before || (seen[page / 8] >> page % 8 & 1) != 0)
			return -1;
		seen[page / 8] |= (unsigned char)(1u << page % 8);
		before = page;
	}
	return (int)n;
}

static const char *check_pages(struct check *c)
{
	unsigned char *seen = xcalloc(c->last_page / 8 + 1, 1);
	MDB_cursor *walk;
	MDB_val key, value;
	MDB_stat stat;
	uint64_t free_pages = 0, n = 0;

	if (mdb_stat(c->txn, 0, &stat) != 0 || mdb_cursor_open(c->txn, 0, &walk) != 0)
		return "the list of free pages cannot be read";
	count_pages(c, &stat);
	for (; mdb_cursor_get(walk, &key, &value, MDB_NEXT) == 0; n++) {
		int pages = check_freed(c, &key, &value, seen);

		if (pages < 0)
			return "the list of free pages is damaged";
		free_pages += (uint64_t)pages;
	}
	if (n != stat.ms_entries)
		return "the list of free pages is damaged";
	/* Fewer would only be room lost; more means that a page counts as free and is in use. */
	if (c->pages + free_pages + 2 > c->last_page + 1)
		return "pages in use and free do not add up";
	return NULL; /* the process ends here: nothing is released */
}

static const char *check_env(const char *dir)
{
	struct check c = {0};
	const char *bad;
	MDB_envinfo info;
	MDB_env *env;

	if (mdb_env_create(&env) != 0 || mdb_env_set_maxdbs(env, TABLES_MAX) != 0 ||
	    mdb_env_open(env, dir, MDB_RDONLY | MDB_NOLOCK | MDB_NOTLS, 0600) != 0)
		return "it cannot be opened";
	if (mdb_env_info(env, &info) != 0)
		return "it cannot be opened";
	c.last_page = info.me_last_pgno;
	c.last_txn = info.me_last_txnid;
	if (mdb_txn_begin(env, NULL, MDB_RDONLY, &c.txn) != 0)
		return "it cannot be read";
	bad = check_tables(&c);
	return bad ? bad : check_pages(&c);
}

/* The child's whole life. What it found goes through the pipe; nothing there means that it crashed.
 */
static void check_child(const char *dir, const char *path, int to)
{
	const char *bad;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close_range(3, (unsigned)to - 1, 0); /* above all the store's lock: it is not ours */
	close_range((unsigned)to + 1, ~0U, 0);
	signal(SIGALRM, SIG_DFL);
	signal(SIGSEGV, SIG_DFL); /* a sanitizer's report would only be noise */
	signal(SIGBUS, SIG_DFL);
	alarm(CHECK_SECONDS);
	bad = check_metas(path);
	if (!bad)
		bad = check_env(dir);
	if (!bad)
		bad = "whole";
	_exit(write(to, bad, strlen(bad)) > 0 ? 0 : 1);
}

static int check_fork(const char *dir, const char *path, struct fault *why)
{
	char said[128] = "";
	int ends[2];
	pid_t pid;
	ssize_t n;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return fault_errno(why, "check the store");
	pid = fork();
	if (pid == 0)
		check_child(dir, path, ends[1]);
	close(ends[1]);
	if (pid == -1) {
		close(ends[0]);
		return fault_errno(why, "check the store");
	}
	do
		n = read(ends[0], said, sizeof(said) - 1);
	while (n < 0 && errno == EINTR);
	close(ends[0]);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		;
	if (strcmp(said, "whole") == 0)
		return 0;
	fault_set(why, FAULT_JOB, "store-corrupt", "%s is damaged: %s", path,
		  said[0] ? said : "reading it fails");
	return fault_hint(why,
			  "restore the directory from a backup, or move it away to begin anew");
}

int kvcheck_run(const char *dir, struct fault *why)
{
	char *path = xasprintf("%s/data.mdb", dir);
	struct stat st;
	int rc = 0;

	if (stat(path, &st) != 0 && errno != ENOENT)
		rc = fault_errno(why, "check the store");
	else if (stat(path, &st) == 0 && st.st_size > 0)
		rc = check_fork(dir, path, why);
	free(path);
	return rc;
}
