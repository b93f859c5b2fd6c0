#include "arena.h"

#include <stdlib.h>

#include "mem.h"

#define BLOCK_BYTES 65536

struct arena_block {
	struct arena_block *next;
	size_t used, room;
	_Alignas(16) char bytes[];
};

static struct arena_block *block_new(size_t room)
{
	struct arena_block *block = xmalloc(sizeof(*block) + room);

	*block = (struct arena_block){.room = room};
	return block;
}

void *arena_get(struct arena *a, size_t bytes)
{
	struct arena_block *block = a->current;
	void *at;

	bytes = (bytes + 15) & ~(size_t)15;
	if (block == NULL || block->room - block->used < bytes) {
		struct arena_block *more = block_new(bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES);

		if (block)
			block->next = more;
		else
			a->first = more;
		a->current = block = more;
	}
	at = block->bytes + block->used;
	block->used += bytes;
	return at;
}

struct span arena_copy(struct arena *a, struct span s)
{
	char *at = arena_get(a, s.len);

	if (s.len)
		memcpy(at, s.at, s.len);
	return span_of(at, s.len);
}

char *arena_text(struct arena *a, struct span s)
{
	char *at = arena_get(a, s.len + 1);

	if (s.len)
		memcpy(at, s.at, s.len);
	at[s.len] = '\0';
	return at;
}

static void free_blocks(struct arena_block *block)
{
	while (block) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
}

void arena_reset(struct arena *a)
{
	if (a->first == NULL)
		return;
	free_blocks(a->first->next);
	a->first->next = NULL;
	a->first->used = 0;
	a->current = a->first;
}

void arena_release(struct arena *a)
{
	free_blocks(a->first);
	*a = (struct arena){0};
}
