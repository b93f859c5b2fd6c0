/*
 * names - accounts, deciders and labels by name: their numbers in these books.
 *
 * Shape    a small hash table before a table of the books; a name not known yet is added there, so
 *          it must be called inside a transaction. At most NAMES_MAX are kept in memory.
 * Errors   those of db.
 * Owns     copies of the names. names_clear() forgets all: after a rollback, because what was added
 *          is gone from the books.
 */
#ifndef DAYBOOK_JOURNAL_NAMES_H
#define DAYBOOK_JOURNAL_NAMES_H

#include "arena.h"
#include "db.h"

#define NAMES_MAX   2048
#define NAMES_SLOTS 4096 /* a power of two, at most half full */

struct name_slot {
	struct span name; /* at == NULL: free */
	int64_t id;
	uint8_t source;
};

struct names {
	struct arena text;
	uint32_t n;
	struct name_slot slots[NAMES_SLOTS];
};

int names_account(struct names *names, struct db *db, struct span name, int64_t *id,
		  struct fault *why);
int names_decider(struct names *names, struct db *db, uint8_t source, struct span name, int64_t *id,
		  struct fault *why);
/* A label is a payee, a line end, and tags, a line each; either may be empty. */
int names_label(struct names *names, struct db *db, struct span name, int64_t *id,
		struct fault *why);
void names_clear(struct names *names);
void names_release(struct names *names);

#endif
