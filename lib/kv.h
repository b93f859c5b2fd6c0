/*
 * kv - LMDB with a checksum on every record.
 *
 * Shape    an environment holds up to KV_TABLES_MAX named tables of byte keys to byte values, keys
 *          in memcmp order, 1 to 511 bytes. A stored value is the value and 8 bytes of SipHash-2-4
 *          over table, key and value; one record names the format.
 * Errors   -1 with fault RETRY "disk-full" or "map-full" (grow, do it again), both from put and
 *          from commit alike, JOB "store-io" (a write or a sync failed on a disk that has room:
 *          what is on it is not known until the store is opened again; LMDB itself would go on as
 *          if nothing had been), JOB "store-corrupt" (checksum, with the table and key in hex; from
 *          kv_open: the file is damaged in a way that could lose records unnoticed, lib/kvcheck.h),
 *          JOB "store-busy" (another process writes it). A get that finds nothing returns 1, or -1
 *          when a damaged neighbour may be what it looked for. A store that LMDB itself cannot go
 *          on with ends the process, with a line in the log and status 73.
 * Owns     kv_open gives; spans from get and iteration live until the transaction ends, or the next
 *          put or del in it.
 * Source   docs/ARCHITECTURE.md, Job store: never MDB_WRITEMAP; mdb_reader_check on a timer; the
 *          map is grown by doubling when a commit says MAP_FULL (kv_grow, then do it again).
 */
#ifndef DAYBOOK_LIB_KV_H
#define DAYBOOK_LIB_KV_H

#include "fault.h"
#include "span.h"

#define KV_TABLES_MAX 16

struct kv;
struct kv_txn;
struct kv_cursor;

/* Creates the directory (0700) if it is missing. Takes an exclusive lock file: a second opener gets
 * "store-busy" at once. `sync` false is for tests only. */
int kv_open(const char *dir, const char *const *tables, int n_tables, bool sync, struct kv **kv,
	    struct fault *why);
/* Without sync, and with another size of map than 1 GiB to begin with: for tests of a full one. */
int kv_open_sized(const char *dir, const char *const *tables, int n_tables, size_t map_bytes,
		  struct kv **kv, struct fault *why);
void kv_close(struct kv **kv);
/* Frees slots of readers that died; call every second or so. */
void kv_reader_check(struct kv *kv);
int kv_grow(struct kv *kv, struct fault *why);

int kv_begin(struct kv *kv, bool write, struct kv_txn **txn, struct fault *why);
/* A write that costs one flush instead of two: it survives the death of any process, and a power
 * cut leaves the store whole, but may undo this commit (until the next one) as if it had never
 * been. */
int kv_begin_progress(struct kv *kv, struct kv_txn **txn, struct fault *why);
int kv_commit(struct kv_txn **txn,
	      struct fault *why); /* takes the transaction, also when it fails */
void kv_abort(struct kv_txn **txn);

int kv_get(struct kv_txn *txn, int table, struct span key, struct span *value, struct fault *why);
int kv_put(struct kv_txn *txn, int table, struct span key, struct span value, struct fault *why);
int kv_del(struct kv_txn *txn, int table, struct span key, struct fault *why); /* absent is fine */

/* Walks keys from `from` (inclusive; empty = the first, or the last when `down`). kv_next returns 0
 * with a record, 1 at the end, -1 on a fault: with a key it is a bad record and the walk can go on;
 * with an empty one it cannot. */
int kv_walk(struct kv_txn *txn, int table, struct span from, bool down, struct kv_cursor **cursor,
	    struct fault *why);
int kv_next(struct kv_cursor *cursor, struct span *key, struct span *value, struct fault *why);
void kv_walk_end(struct kv_cursor **cursor);

#endif
