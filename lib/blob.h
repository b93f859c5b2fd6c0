/*
 * blob - uploads and contexts: files named by their content.
 *
 * Shape    DIR/<64 hex digits of BLAKE2b-256>[.<ULID of the owning job>], mode
 *          0600; DIR/tmp/ holds what is being written. A blob never changes. An upload carries its
 *          job's id in its name, so the same file in two jobs is two files and one job's end never
 *          takes another's; contexts are shared and have no owner.
 * Errors   RETRY "disk-full" (507 to a client), JOB "io", JOB "blob-missing".
 * Owns     blob_start gives a writer; finish and abandon take it. Nothing is promised before
 *          blob_finish() has returned: file and directory are synced by then. Only who keeps the
 *          bytes elsewhere too may name a file without waiting (blob_finish_soon), and makes it
 *          again after a power cut (blob_keep).
 */
#ifndef DAYBOOK_LIB_BLOB_H
#define DAYBOOK_LIB_BLOB_H

#include "fault.h"
#include "id.h"

#define BLOB_HASH_BYTES	    32
#define BLOB_HASH_TEXT_SIZE 65

struct blob_hash {
	uint8_t bytes[BLOB_HASH_BYTES];
};

struct blob_writer;

int blob_start(const char *dir, struct blob_writer **writer, struct fault *why);
int blob_write(struct blob_writer *writer, struct span bytes, struct fault *why);
/* Syncs, names the file by content and owner (`owner` zero: shared, as contexts are). */
int blob_finish(struct blob_writer **writer, struct id owner, struct blob_hash *hash,
		uint64_t *bytes, struct fault *why);
/* The same without the syncs, which take most of the time of a small upload: 0.8 of 1.9 ms. */
int blob_finish_soon(struct blob_writer **writer, struct id owner, struct blob_hash *hash,
		     struct fault *why);
void blob_abandon(struct blob_writer **writer);

/* One call for what is in memory. */
int blob_put(const char *dir, struct span bytes, struct id owner, struct blob_hash *hash,
	     struct fault *why);
/* The same, unless the file is there already and whole; then it is only synced, and only if `sync`
 * says so; its name is the caller's to sync. */
int blob_keep(const char *dir, struct span bytes, struct id owner, bool sync, struct fault *why);
/* A descriptor for reading. */
int blob_open(const char *dir, struct blob_hash hash, struct id owner, int *fd, struct fault *why);
int blob_delete(const char *dir, struct blob_hash hash, struct id owner, struct fault *why);
/* Removes what a dead writer left in DIR/tmp. */
void blob_sweep(const char *dir);
/* Removes the files of owners that is_orphan() says yes to; returns how many. */
int blob_remove_orphans(const char *dir, bool (*is_orphan)(void *arg, struct id owner), void *arg);
/* Whether less than `fill_ppm` of the file system is taken. */
bool blob_has_room(const char *dir, uint32_t fill_ppm);

void blob_hash_of(struct span bytes, struct blob_hash *hash);
void blob_hash_text(struct blob_hash hash, char out[BLOB_HASH_TEXT_SIZE]);
int blob_hash_read(struct span text, struct blob_hash *hash);

#endif
