#include "tables.h"

#include <errno.h>
#include <lmdb.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "mem.h"

#define SUM_BYTES  crypto_shorthash_BYTES
#define TABLES_MAX 16

struct tables {
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi[TABLES];
	bool there[TABLES];
};

static const char *const NAMES[TABLES] = {"meta",    "jobs",	"units",  "contexts", "keys",
					  "tenants", "changes", "expiry", "uploads",  "kept"};

const char *table_name(enum table table)
{
	return NAMES[table];
}

static int open_env(struct tables *t, const char *dir)
{
	int rc = mdb_env_create(&t->env);

	if (rc == 0)
		rc = mdb_env_set_maxdbs(t->env, TABLES_MAX);
	if (rc == 0)
		rc = mdb_env_open(t->env, dir, MDB_RDONLY | MDB_NOTLS, 0600);
	if (rc == 0)
		rc = mdb_txn_begin(t->env, NULL, MDB_RDONLY, &t->txn);
	for (int i = 0; rc == 0 && i < TABLES; i++) {
		rc = mdb_dbi_open(t->txn, NAMES[i], 0, &t->dbi[i]);
		t->there[i] = rc == 0;
		if (rc == MDB_NOTFOUND && i >= UPLOADS)
			rc = 0; /* a store that was made before there was this table */
	}
	return rc;
}

int tables_open(const char *data, struct tables **tables, struct fault *why)
{
	struct tables *t = xcalloc(1, sizeof(*t));
	char *dir = xasprintf("%s/jobs", data);
	int rc = open_env(t, dir);

	free(dir);
	*tables = t;
	if (rc == 0)
		return 0;
	tables_close(tables);
	return fault_set(why, FAULT_JOB, "store", "the job store cannot be read: %s",
			 mdb_strerror(rc));
}

void tables_close(struct tables **tables)
{
	struct tables *t = *tables;

	if (!t)
		return;
	if (t->txn)
		mdb_txn_abort(t->txn);
	if (t->env)
		mdb_env_close(t->env);
	free(t);
	*tables = NULL;
}

static bool sum_is_right(enum table table, const MDB_val *key, const MDB_val *value)
{
	static const unsigned char sum_key[crypto_shorthash_KEYBYTES] = "daybook-kv-sum1";
	unsigned char sums[2 * SUM_BYTES + 1], sum[SUM_BYTES];
	const unsigned char *bytes = value->mv_data;
	size_t len;

	if (value->mv_size < SUM_BYTES)
		return false;
	len = value->mv_size - SUM_BYTES;
	crypto_shorthash(sums, key->mv_data, key->mv_size, sum_key);
	crypto_shorthash(sums + SUM_BYTES, bytes, len, sum_key);
	sums[2 * SUM_BYTES] = (unsigned char)table;
	crypto_shorthash(sum, sums, sizeof(sums), sum_key);
	return memcmp(sum, bytes + len, SUM_BYTES) == 0;
}

static void name_damaged(struct verify *v, enum table table, const MDB_val *key)
{
	char hex[2 * 32 + 1] = "";
	const unsigned char *bytes = key->mv_data;

	for (size_t i = 0; i < key->mv_size && i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
	report_breach(&v->report, I8,
		      "jobs/: the record %s of table %s does not match its checksum", hex,
		      NAMES[table]);
}

void table_walk(struct verify *v, struct tables *tables, enum table table,
		void (*each)(struct verify *v, struct span key, struct span value))
{
	MDB_cursor *cursor;
	MDB_val key, value;
	int rc;

	if (!tables->there[table])
		return;
	rc = mdb_cursor_open(tables->txn, tables->dbi[table], &cursor);
	while (rc == 0 && (rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
		report_looked(&v->report, I8, 1);
		if (!sum_is_right(table, &key, &value))
			name_damaged(v, table, &key);
		else
			each(v, span_of(key.mv_data, key.mv_size),
			     span_of(value.mv_data, value.mv_size - SUM_BYTES));
	}
	if (rc != MDB_NOTFOUND)
		report_breach(&v->report, I8, "jobs/: table %s cannot be walked: %s", NAMES[table],
			      mdb_strerror(rc));
	else
		mdb_cursor_close(cursor);
}

int table_get(struct tables *tables, enum table table, struct span key, struct span *value)
{
	union {
		const char *in;
		char *out;
	} at = {.in = key.at}; /* LMDB takes no const */
	MDB_val k = {key.len, at.out}, found;
	int rc = mdb_get(tables->txn, tables->dbi[table], &k, &found);

	if (rc == MDB_NOTFOUND)
		return 1;
	if (rc != 0 || !sum_is_right(table, &k, &found))
		return -1;
	*value = span_of(found.mv_data, found.mv_size - SUM_BYTES);
	return 0;
}

/* A line of the list of readers: process, thread, transaction; the first is a heading. */
static int count_dead(const char *line, void *count)
{
	long pid = strtol(line, NULL, 10);

	if (pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH)
		++*(int *)count;
	return 0;
}

int tables_dead_readers(struct tables *tables)
{
	int dead = 0;

	mdb_reader_list(tables->env, count_dead, &dead);
	return dead;
}
