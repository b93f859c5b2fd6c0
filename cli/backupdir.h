/*
 * backupdir - copies of files into a folder that nobody takes for whole before it is, and the list
 * of them that says later whether they still are.
 *
 * Shape    DIR.partial becomes DIR with one rename, when every file in it and every folder is
 *          synced. DIR/manifest: "daybook-backup 1", "taken <wall ms>", a line "<BLAKE2b-256>
 *          <bytes> <path>" for each file, and last "end <BLAKE2b-256 of all lines before>".
 * Errors   -1 with fault RETRY "disk-full", JOB "io", "backup-exists", "backup-busy" (another
 *          process writes DIR.partial), "backup-damaged".
 * Owns     backupdir_begin gives; backupdir_finish and backupdir_abandon take.
 */
#ifndef DAYBOOK_CLI_BACKUPDIR_H
#define DAYBOOK_CLI_BACKUPDIR_H

#include "buf.h"
#include "fault.h"

struct backupdir {
	char *dir, *partial; /* DIR and DIR.partial */
	int lock;
	struct buf list; /* the manifest so far */
	uint64_t files, bytes;
	void (*alive)(void *arg); /* called now and then while copying; may be NULL */
	void *alive_arg;
};

/* DIR must not be there, or be an empty folder. What a dead one left in DIR.partial is removed. */
int backupdir_begin(const char *dir, struct backupdir **backup, struct fault *why);
/* A path below DIR.partial, its folders made; the caller frees it. NULL with a fault. */
char *backupdir_path(struct backupdir *b, const char *name, struct fault *why);
/* Copies `from` to `name`, synced and listed; 1 when `from` is not there (any more). */
int backupdir_copy(struct backupdir *b, const char *from, const char *name, struct fault *why);
/* The same for every file below the folder `from`, at any depth. */
int backupdir_copy_all(struct backupdir *b, const char *from, const char *name, struct fault *why);
/* Syncs and lists a file that the caller has written at `name`. */
int backupdir_add(struct backupdir *b, const char *name, struct fault *why);
int backupdir_finish(struct backupdir **backup, struct fault *why);
void backupdir_abandon(struct backupdir **backup);

/* Reads DIR/manifest: that it is whole, that every file in it is there with its size and bytes, and
 * none beside them. each() gets the names. */
int backupdir_check(const char *dir, int64_t *taken_ms,
		    int (*each)(void *arg, const char *name, struct fault *why), void *arg,
		    struct fault *why);

#endif
