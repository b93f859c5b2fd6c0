/*
 * cache - see cache.h. WAL and synchronous NORMAL: a power cut may lose the last answers, which are
 * then asked again, but not the file.
 */
#include "cache.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "clock.h"
#include "log.h"
#include "mem.h"

#define BUSY_MS	     1000 /* another process writes; a write takes microseconds */
#define LOG_EVERY_MS 60000

struct cache {
	char *path;
	sqlite3 *db;
	sqlite3_stmt *get, *put;
	int64_t logged_ms; /* 0: never */
};

static void complain(struct cache *cache, const char *doing)
{
	int64_t now_ms = clock_ms();

	if (cache->logged_ms != 0 && now_ms - cache->logged_ms < LOG_EVERY_MS)
		return;
	cache->logged_ms = now_ms;
	log_warn("answers of the model: cannot %s: %s", doing,
		 cache->db ? sqlite3_errmsg(cache->db) : "no memory");
}

static void shut(struct cache *cache)
{
	sqlite3_finalize(cache->get);
	sqlite3_finalize(cache->put);
	sqlite3_close(cache->db);
	cache->get = cache->put = NULL;
	cache->db = NULL;
}

/* Returns SQLite's code; anything but SQLITE_OK leaves the cache shut. */
static int start(struct cache *cache)
{
	static const char schema[] =
		"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
		"CREATE TABLE IF NOT EXISTS answers ("
		" key BLOB PRIMARY KEY, account TEXT NOT NULL, confidence_ppm INTEGER NOT NULL,"
		" stored_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;";
	char expired[96];
	int rc = sqlite3_open(cache->path, &cache->db);

	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(cache->db, BUSY_MS);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(cache->db, schema, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v3(
			cache->db, "SELECT account, confidence_ppm FROM answers WHERE key = ?1", -1,
			SQLITE_PREPARE_PERSISTENT, &cache->get, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v3(cache->db,
					"INSERT OR REPLACE INTO answers VALUES (?1, ?2, ?3, ?4)",
					-1, SQLITE_PREPARE_PERSISTENT, &cache->put, NULL);
	snprintf(expired, sizeof expired, "DELETE FROM answers WHERE stored_ms < %lld",
		 (long long)(clock_wall_ms() - CACHE_DAYS * INT64_C(86400000)));
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(cache->db, expired, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		return rc;
	complain(cache, "open the file");
	shut(cache);
	return rc;
}

static void set_aside(const char *path)
{
	static const char *const kinds[] = {"", "-wal", "-shm"};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		char *from = xasprintf("%s%s", path, kinds[i]);
		char *to = xasprintf("%s%s.damaged", path, kinds[i]);

		rename(from, to);
		free(from);
		free(to);
	}
}

struct cache *cache_open(const char *dir)
{
	struct cache *cache = xcalloc(1, sizeof *cache);

	cache->path = xasprintf("%s/answers.db", dir);
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		log_warn("answers of the model: cannot make %s", dir);
	int rc = start(cache) & 0xff; /* without the extended part */

	if (rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB) {
		set_aside(cache->path);
		start(cache);
	}
	return cache;
}

void cache_close(struct cache **cache)
{
	if (!*cache)
		return;
	shut(*cache);
	free((*cache)->path);
	free(*cache);
	*cache = NULL;
}

bool cache_get(struct cache *cache, const struct blob_hash *key, struct cache_entry *entry)
{
	bool found = false;

	if (!cache->db)
		return false;
	sqlite3_bind_blob(cache->get, 1, key->bytes, sizeof key->bytes, SQLITE_STATIC);
	int rc = sqlite3_step(cache->get);

	if (rc == SQLITE_ROW) {
		struct span account = {(const char *)sqlite3_column_text(cache->get, 0),
				       (size_t)sqlite3_column_bytes(cache->get, 0)};
		int64_t ppm = sqlite3_column_int64(cache->get, 1);

		found = ppm >= 0 && ppm <= 1000000 &&
			span_copy(account, entry->account, sizeof entry->account) == 0;
		entry->confidence_ppm = (uint32_t)ppm;
	} else if (rc != SQLITE_DONE) {
		complain(cache, "read");
	}
	sqlite3_reset(cache->get);
	return found;
}

void cache_put(struct cache *cache, const struct blob_hash *key, struct span account,
	       uint32_t confidence_ppm)
{
	if (!cache->db || account.len >= CACHE_ACCOUNT_MAX)
		return;
	sqlite3_bind_blob(cache->put, 1, key->bytes, sizeof key->bytes, SQLITE_STATIC);
	sqlite3_bind_text(cache->put, 2, account.at ? account.at : "", (int)account.len,
			  SQLITE_STATIC);
	sqlite3_bind_int64(cache->put, 3, confidence_ppm);
	sqlite3_bind_int64(cache->put, 4, clock_wall_ms());
	if (sqlite3_step(cache->put) != SQLITE_DONE)
		complain(cache, "write");
	sqlite3_reset(cache->put);
	sqlite3_clear_bindings(cache->put);
}
