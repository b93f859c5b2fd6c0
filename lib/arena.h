/*
 * arena - memory for one unit of work, released in one go.
 *
 * Shape    zero-initialised is valid and empty. Returned memory is aligned to 16 bytes.
 * Owns     everything handed out; arena_reset() keeps the first block, arena_release() frees all.
 */
#ifndef DAYBOOK_LIB_ARENA_H
#define DAYBOOK_LIB_ARENA_H

#include "span.h"

struct arena_block;

struct arena {
	struct arena_block *first, *current;
};

void *arena_get(struct arena *a, size_t bytes);
struct span arena_copy(struct arena *a, struct span s);
/* The same, ended in NUL. */
char *arena_text(struct arena *a, struct span s);
void arena_reset(struct arena *a);
void arena_release(struct arena *a);

#endif
