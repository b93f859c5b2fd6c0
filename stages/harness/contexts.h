/*
 * contexts - jobs' contexts by hash: fetched in pieces, parsed once, kept.
 *
 * Shape    CONTEXTS_MAX are kept, the least recently used goes first; one that a handler works with
 *          is pinned and stays. One is fetched at a time: the work that waits for the next asks
 *          when its turn comes, so no number of jobs can make them push each other out for ever.
 *          The empty hash is the empty context, always there.
 * Errors   contexts_piece: -1 with fault RETRY "context-missing", "context-damaged" (the bytes are
 *          not what the hash names) or JOB "context-too-large".
 * Owns     parsed contexts and what stages compiled from them.
 */
#ifndef DAYBOOK_STAGES_CONTEXTS_H
#define DAYBOOK_STAGES_CONTEXTS_H

#include <jansson.h>

#include "buf.h"
#include "fault.h"
#include "wire.h"

#define CONTEXTS_MAX	    16
#define CONTEXTS_HASH_BYTES 32
/* A context travels in one frame while it grows (WIRE_FRAME_MAX), so this is never reached by one
 * that is ours; it bounds what a declared total can make us take. */
#define CONTEXTS_BYTES_MAX (8u * 1024 * 1024)

struct context {
	char hash[CONTEXTS_HASH_BYTES];
	json_t *json; /* NULL: the place is free */
	void *compiled;
	void (*release)(void *compiled);
	uint64_t used; /* rises with every use */
	int pins;
};

struct contexts {
	struct context kept[CONTEXTS_MAX];
	struct context none; /* of the empty hash */
	uint64_t uses;
	bool fetching;
	char hash[CONTEXTS_HASH_BYTES]; /* what is fetched */
	struct buf bytes;		/* what came of it */
	int64_t asked_ms;
};

void contexts_open(struct contexts *contexts);
void contexts_release(struct contexts *contexts);
/* NULL when it is not here. Counts as a use. */
struct context *contexts_find(struct contexts *contexts, struct span hash);
/* Starts to fetch one; whatever was being fetched is forgotten. */
void contexts_fetch(struct contexts *contexts, struct span hash, int64_t now_ms);
struct span contexts_fetched(const struct contexts *contexts);
/* Takes the next piece: 0 = the context is complete and kept, 1 = more is to come (or it was not
 * for us), -1 = it cannot be had. */
int contexts_piece(struct contexts *contexts, const struct wire_piece *piece, struct span bytes,
		   struct fault *why);
void context_keep(struct context *context, void *compiled, void (*release)(void *compiled));

#endif
