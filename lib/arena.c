#include "arena.h"

#include <assert.h>
#include <stdlib.h>

#include "mem.h"

#define ARENA_BLOCK (64 * 1024)
#define ARENA_ALIGN 16

struct arena_block {
	struct arena_block *next;
	size_t used, room;
	_Alignas(ARENA_ALIGN) char bytes[];
};

static struct arena_block *arena_block_new(size_t bytes)
{
	size_t room = bytes > ARENA_BLOCK ? bytes : ARENA_BLOCK;
	struct arena_block *block = xmalloc(sizeof *block + room);

	block->next = NULL;
	block->used = 0;
	block->room = room;
	return block;
}

void *arena_get(struct arena *a, size_t bytes)
{
	size_t need = (bytes + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	void *at;

	assert(need >= bytes);
	if (!a->first)
		a->first = a->current = arena_block_new(need);
	if (a->current->room - a->current->used < need) {
		a->current->next = arena_block_new(need);
		a->current = a->current->next;
	}
	at = a->current->bytes + a->current->used;
	a->current->used += need;
	return at;
}

struct span arena_copy(struct arena *a, struct span s)
{
	char *at = arena_get(a, s.len);

	if (s.len > 0)
		memcpy(at, s.at, s.len);
	return span_of(at, s.len);
}

char *arena_text(struct arena *a, struct span s)
{
	char *at = arena_get(a, s.len + 1);

	if (s.len > 0)
		memcpy(at, s.at, s.len);
	at[s.len] = '\0';
	return at;
}

static void arena_free_from(struct arena_block *block)
{
	while (block) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
}

void arena_reset(struct arena *a)
{
	if (!a->first)
		return;
	arena_free_from(a->first->next);
	a->first->next = NULL;
	a->first->used = 0;
	a->current = a->first;
}

void arena_release(struct arena *a)
{
	arena_free_from(a->first);
	*a = (struct arena){0};
}
