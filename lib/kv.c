#include "kv.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sysexits.h>
#include <unistd.h>

#include "file.h"
#include "kvcheck.h"
#include "log.h"
#include "mem.h"

#define MAP_BYTES     (UINT64_C(1) << 30) /* address space, not memory: the file is sparse */
#define SUM_BYTES     crypto_shorthash_BYTES
#define KEY_MAX	      511
#define FULL_BYTES    65536 /* less room than this is none: a commit writes some pages */
#define LOCK_TRIES    50    /* 5 were not enough on a machine with ten at work for each core */
#define LOCK_PAUSE_US 10000
#define FORMAT_KEY    "\0format" /* no key of a caller begins with NUL in table 0 */
#define FORMAT_VALUE  "daybook-kv 1"

struct kv {
	MDB_env *env;
	MDB_dbi tables[KV_TABLES_MAX];
	int n_tables, lock;
	size_t map_bytes;
	bool sync;
};

struct kv_txn {
	struct kv *kv;
	MDB_txn *mdb;
};

struct kv_cursor {
	struct kv_txn *txn;
	MDB_cursor *mdb;
	int table;
	bool down, started;
	struct {
		char at[KEY_MAX];
		size_t len;
	} from;
};

/* A fixed key: the sum finds damage, it keeps no secret. */
static const unsigned char sum_key[crypto_shorthash_KEYBYTES] = "daybook-kv-sum1";

static int mdb_fault(struct fault *why, int rc, const char *doing)
{
	switch (rc) {
	case MDB_MAP_FULL:
		return fault_set(why, FAULT_RETRY, "map-full", "%s: the store's map is full",
				 doing);
	case ENOSPC:
	case EDQUOT:
		fault_set(why, FAULT_RETRY, "disk-full", "%s: %s", doing, mdb_strerror(rc));
		return fault_hint(why, "make room on the disk");
	case ENOMEM:
		return fault_set(why, FAULT_RETRY, "no-memory", "%s: %s", doing, mdb_strerror(rc));
	case EIO:
		fault_set(why, FAULT_JOB, "store-io", "%s: %s", doing, mdb_strerror(rc));
		return fault_hint(why, "look at the disk, then start the broker again");
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
	case MDB_PANIC:
		return fault_set(why, FAULT_JOB, "store-corrupt", "%s: %s", doing,
				 mdb_strerror(rc));
	default:
		return fault_set(why, FAULT_JOB, "store", "%s: %s", doing, mdb_strerror(rc));
	}
}

/* ---- open ---- */

static int take_lock(struct kv *kv, const char *dir, struct fault *why)
{
	char *path = xasprintf("%s/lock", dir);

	kv->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	free(path);
	if (kv->lock < 0)
		return fault_errno(why, "open the store's lock file");
	/* The child that checks for a process just killed may outlive it by a moment. */
	for (int tries = 0; tries < LOCK_TRIES; tries++) {
		if (flock(kv->lock, LOCK_EX | LOCK_NB) == 0)
			return 0;
		usleep(LOCK_PAUSE_US);
	}
	return fault_set(why, FAULT_JOB, "store-busy", "another process has %s open", dir);
}

static int open_tables(struct kv *kv, const char *const *tables, struct fault *why)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(kv->env, NULL, 0, &txn);

	if (rc != 0)
		return mdb_fault(why, rc, "open the store");
	for (int i = 0; i < kv->n_tables && rc == 0; i++)
		rc = mdb_dbi_open(txn, tables[i], MDB_CREATE, &kv->tables[i]);
	if (rc != 0) {
		mdb_txn_abort(txn);
		return mdb_fault(why, rc, "open the store's tables");
	}
	rc = mdb_txn_commit(txn);
	return rc ? mdb_fault(why, rc, "open the store's tables") : 0;
}

static int check_format(struct kv *kv, struct fault *why)
{
	struct kv_txn *txn;
	struct span key = span_of(FORMAT_KEY, sizeof(FORMAT_KEY) - 1), value = {0};
	int rc;

	if (kv_begin(kv, true, &txn, why) != 0)
		return -1;
	rc = kv_get(txn, 0, key, &value, why);
	if (rc == 1)
		rc = kv_put(txn, 0, key, span_text(FORMAT_VALUE), why);
	else if (rc == 0 && !span_is(value, FORMAT_VALUE))
		rc = fault_set(why, FAULT_JOB, "store-format",
			       "the store is of another format: %.*s", SPAN_ARG(value));
	if (rc != 0) {
		kv_abort(&txn);
		return -1;
	}
	return kv_commit(&txn, why);
}

/* LMDB has met what cannot be in a store that is whole, such as a list of free pages that is none;
 * it would abort. What was committed stays as it is. */
static void damaged(MDB_env *env, const char *what)
{
	(void)env;
	log_error("the store is damaged: %s; restore it from a back-up", what);
	_exit(EX_CANTCREAT);
}

static int open_env(struct kv *kv, const char *dir, struct fault *why)
{
	/* No MDB_WRITEMAP: a full disk would be SIGBUS. NOTLS: a reader is tied to its txn. */
	unsigned flags = MDB_NOTLS | MDB_NORDAHEAD | (kv->sync ? 0 : MDB_NOSYNC);
	struct stat st;
	char *path = xasprintf("%s/data.mdb", dir);
	int rc;

	while (stat(path, &st) == 0 && (uint64_t)st.st_size > kv->map_bytes / 2)
		kv->map_bytes *= 2;
	free(path);
	rc = mdb_env_create(&kv->env);
	if (rc == 0)
		rc = mdb_env_set_assert(kv->env, damaged);
	if (rc == 0)
		rc = mdb_env_set_mapsize(kv->env, kv->map_bytes);
	if (rc == 0)
		rc = mdb_env_set_maxdbs(kv->env, KV_TABLES_MAX);
	if (rc == 0)
		rc = mdb_env_open(kv->env, dir, flags, 0600);
	return rc ? mdb_fault(why, rc, "open the store") : 0;
}

/* Takes `k`, with what its caller asks for, and gives it back open. */
static int open_store(struct kv *k, const char *dir, const char *const *tables, struct kv **kv,
		      struct fault *why)
{
	assert(k->n_tables <= KV_TABLES_MAX);
	k->lock = -1;
	if (file_make_folder(dir, why) != 0 || take_lock(k, dir, why) != 0 ||
	    kvcheck_run(dir, why) != 0 || open_env(k, dir, why) != 0)
		goto err;
	kv_reader_check(k);
	if (open_tables(k, tables, why) != 0 || check_format(k, why) != 0 ||
	    file_sync_folder(dir, why) != 0) /* LMDB syncs only what is in the files */
		goto err;
	*kv = k;
	return 0;
err:
	kv_close(&k);
	return -1;
}

int kv_open(const char *dir, const char *const *tables, int n_tables, bool sync, struct kv **kv,
	    struct fault *why)
{
	struct kv *k = xcalloc(1, sizeof(*k));

	k->n_tables = n_tables;
	k->sync = sync;
	k->map_bytes = MAP_BYTES;
	return open_store(k, dir, tables, kv, why);
}

int kv_open_sized(const char *dir, const char *const *tables, int n_tables, size_t map_bytes,
		  struct kv **kv, struct fault *why)
{
	struct kv *k = xcalloc(1, sizeof(*k));

	k->n_tables = n_tables;
	k->map_bytes = map_bytes;
	return open_store(k, dir, tables, kv, why);
}

void kv_close(struct kv **kv)
{
	if (*kv == NULL)
		return;
	if ((*kv)->env)
		mdb_env_close((*kv)->env);
	if ((*kv)->lock >= 0)
		close((*kv)->lock);
	free(*kv);
	*kv = NULL;
}

void kv_reader_check(struct kv *kv)
{
	int dead;

	mdb_reader_check(kv->env, &dead);
}

int kv_grow(struct kv *kv, struct fault *why)
{
	int rc = mdb_env_set_mapsize(kv->env, kv->map_bytes * 2);

	if (rc != 0)
		return mdb_fault(why, rc, "grow the store");
	kv->map_bytes *= 2;
	return 0;
}

/* ---- transactions ---- */

static int begin(struct kv *kv, unsigned flags, struct kv_txn **txn, struct fault *why)
{
	struct kv_txn *t = xcalloc(1, sizeof(*t));
	int rc;

	*txn = NULL;
	t->kv = kv;
	rc = mdb_txn_begin(kv->env, NULL, flags, &t->mdb);
	if (rc != 0) {
		free(t);
		mdb_fault(why, rc, "begin");
		return -1;
	}
	*txn = t;
	return 0;
}

int kv_begin(struct kv *kv, bool write, struct kv_txn **txn, struct fault *why)
{
	return begin(kv, write ? 0 : MDB_RDONLY, txn, why);
}

int kv_begin_progress(struct kv *kv, struct kv_txn **txn, struct fault *why)
{
	return begin(kv, MDB_NOMETASYNC, txn, why);
}

/* LMDB says EIO for a short write on a full disk and for a write or sync that really failed. */
static bool is_full(const struct kv *kv)
{
	struct statvfs fs;

	return fstatvfs(kv->lock, &fs) == 0 && fs.f_bavail * fs.f_frsize < FULL_BYTES;
}

int kv_commit(struct kv_txn **txn, struct fault *why)
{
	const struct kv *kv = (*txn)->kv;
	int rc = mdb_txn_commit((*txn)->mdb);

	free(*txn);
	*txn = NULL;
	if (rc == EIO && is_full(kv))
		rc = ENOSPC;
	return rc ? mdb_fault(why, rc, "commit") : 0;
}

void kv_abort(struct kv_txn **txn)
{
	if (*txn == NULL)
		return;
	mdb_txn_abort((*txn)->mdb);
	free(*txn);
	*txn = NULL;
}

/* ---- records ---- */

/* Over table, key and value: a record that strays to another key is found too. */
static void sum_of(int table, struct span key, struct span value, unsigned char out[SUM_BYTES])
{
	unsigned char sums[2 * SUM_BYTES + 1] = {0};

	crypto_shorthash(sums, (const unsigned char *)key.at, key.len, sum_key);
	crypto_shorthash(sums + SUM_BYTES, (const unsigned char *)value.at, value.len, sum_key);
	sums[2 * SUM_BYTES] = (unsigned char)table;
	crypto_shorthash(out, sums, sizeof(sums), sum_key);
}

static int corrupt(struct fault *why, int table, struct span key)
{
	char hex[65] = "";

	for (size_t i = 0; i < key.len && i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", (unsigned char)key.at[i]);
	return fault_set(why, FAULT_JOB, "store-corrupt",
			 "the record %s of table %d does not match its checksum", hex, table);
}

static int check(int table, struct span key, MDB_val stored, struct span *value, struct fault *why)
{
	unsigned char sum[SUM_BYTES];
	const char *at = stored.mv_data;

	if (stored.mv_size < SUM_BYTES)
		return corrupt(why, table, key);
	*value = span_of(at, stored.mv_size - SUM_BYTES);
	sum_of(table, key, *value, sum);
	if (memcmp(sum, at + value->len, SUM_BYTES) != 0)
		return corrupt(why, table, key);
	return 0;
}

static MDB_val val_of(struct span s)
{
	union {
		const char *in;
		char *out;
	} u = {.in = s.at}; /* LMDB takes no const */

	return (MDB_val){s.len, u.out};
}

/* A key that changed but kept its place hides its record; a bad sum on either side of where the key
 * would be says so. Nothing found is then not the same as nothing there. */
static int check_absence(struct kv_txn *txn, int table, struct span key, struct fault *why)
{
	MDB_val k = val_of(key), v;
	struct span value;
	MDB_cursor *cursor;
	int rc = mdb_cursor_open(txn->mdb, txn->kv->tables[table], &cursor);

	if (rc != 0)
		return mdb_fault(why, rc, "get");
	rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
	if (rc == 0 && check(table, span_of(k.mv_data, k.mv_size), v, &value, why) != 0)
		rc = -1;
	if (rc == 0 || rc == MDB_NOTFOUND)
		rc = mdb_cursor_get(cursor, &k, &v, rc == 0 ? MDB_PREV : MDB_LAST);
	if (rc == 0 && check(table, span_of(k.mv_data, k.mv_size), v, &value, why) != 0)
		rc = -1;
	mdb_cursor_close(cursor);
	if (rc == 0 || rc == MDB_NOTFOUND)
		return 1;
	return rc == -1 ? -1 : mdb_fault(why, rc, "get");
}

int kv_get(struct kv_txn *txn, int table, struct span key, struct span *value, struct fault *why)
{
	MDB_val k = val_of(key), v;
	int rc = mdb_get(txn->mdb, txn->kv->tables[table], &k, &v);

	if (rc == MDB_NOTFOUND)
		return check_absence(txn, table, key, why);
	if (rc != 0)
		return mdb_fault(why, rc, "get");
	return check(table, key, v, value, why);
}

int kv_put(struct kv_txn *txn, int table, struct span key, struct span value, struct fault *why)
{
	MDB_val k = val_of(key), v = {value.len + SUM_BYTES, NULL};
	int rc;

	if (key.len == 0 || key.len > KEY_MAX)
		return fault_set(why, FAULT_JOB, "store-key", "a key of %zu bytes", key.len);
	rc = mdb_put(txn->mdb, txn->kv->tables[table], &k, &v, MDB_RESERVE);
	if (rc != 0)
		return mdb_fault(why, rc, "put");
	if (value.len)
		memcpy(v.mv_data, value.at, value.len);
	sum_of(table, key, value, (unsigned char *)v.mv_data + value.len);
	return 0;
}

int kv_del(struct kv_txn *txn, int table, struct span key, struct fault *why)
{
	MDB_val k = val_of(key);
	int rc = key.len ? mdb_del(txn->mdb, txn->kv->tables[table], &k, NULL) : MDB_NOTFOUND;

	return rc == 0 || rc == MDB_NOTFOUND ? 0 : mdb_fault(why, rc, "delete");
}

/* ---- walking ---- */

int kv_walk(struct kv_txn *txn, int table, struct span from, bool down, struct kv_cursor **cursor,
	    struct fault *why)
{
	struct kv_cursor *c = xcalloc(1, sizeof(*c));
	int rc;

	*cursor = NULL;
	if (from.len > sizeof(c->from.at)) {
		free(c);
		return fault_set(why, FAULT_JOB, "store-key", "a key of %zu bytes", from.len);
	}
	c->txn = txn;
	c->table = table;
	c->down = down;
	if (from.len)
		memcpy(c->from.at, from.at, from.len);
	c->from.len = from.len;
	rc = mdb_cursor_open(txn->mdb, txn->kv->tables[table], &c->mdb);
	if (rc != 0) {
		free(c);
		return mdb_fault(why, rc, "walk");
	}
	*cursor = c;
	return 0;
}

/* Upwards the first key >= from; downwards the last key <= from. */
static int first(struct kv_cursor *c, MDB_val *k, MDB_val *v)
{
	MDB_val wanted;
	int rc;

	if (c->from.len == 0)
		return mdb_cursor_get(c->mdb, k, v, c->down ? MDB_LAST : MDB_FIRST);
	wanted = (MDB_val){c->from.len, c->from.at};
	*k = wanted;
	rc = mdb_cursor_get(c->mdb, k, v, MDB_SET_RANGE);
	if (!c->down)
		return rc;
	if (rc == MDB_NOTFOUND)
		return mdb_cursor_get(c->mdb, k, v, MDB_LAST);
	if (rc == 0 && mdb_cmp(c->txn->mdb, c->txn->kv->tables[c->table], k, &wanted) != 0)
		return mdb_cursor_get(c->mdb, k, v, MDB_PREV);
	return rc;
}

int kv_next(struct kv_cursor *c, struct span *key, struct span *value, struct fault *why)
{
	MDB_val k, v;
	int rc;

	*key = (struct span){0};
	do {
		rc = c->started ? mdb_cursor_get(c->mdb, &k, &v, c->down ? MDB_PREV : MDB_NEXT)
				: first(c, &k, &v);
		c->started = true;
		if (rc == MDB_NOTFOUND)
			return 1;
		if (rc != 0)
			return mdb_fault(why, rc, "walk");
		*key = span_of(k.mv_data, k.mv_size);
	} while (c->table == 0 && span_equal(*key, span_of(FORMAT_KEY, sizeof(FORMAT_KEY) - 1)));
	return check(c->table, *key, v, value, why);
}

void kv_walk_end(struct kv_cursor **cursor)
{
	if (*cursor == NULL)
		return;
	mdb_cursor_close((*cursor)->mdb);
	free(*cursor);
	*cursor = NULL;
}
