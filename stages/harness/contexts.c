#include "contexts.h"

#include <assert.h>

#include "blob.h"

void contexts_open(struct contexts *contexts)
{
	*contexts = (struct contexts){0};
	contexts->none.json = json_object();
}

static void context_release(struct context *context)
{
	context_keep(context, NULL, NULL);
	if (context->json)
		json_decref(context->json);
	*context = (struct context){0};
}

void contexts_release(struct contexts *contexts)
{
	for (int i = 0; i < CONTEXTS_MAX; i++)
		context_release(&contexts->kept[i]);
	context_release(&contexts->none);
	buf_release(&contexts->bytes);
}

void context_keep(struct context *context, void *compiled, void (*release)(void *compiled))
{
	if (context->compiled && context->release)
		context->release(context->compiled);
	context->compiled = compiled;
	context->release = release;
}

static bool is_hash(const char *known, struct span hash)
{
	return hash.len == CONTEXTS_HASH_BYTES && memcmp(known, hash.at, hash.len) == 0;
}

struct context *contexts_find(struct contexts *contexts, struct span hash)
{
	if (hash.len == 0)
		return &contexts->none;
	for (int i = 0; i < CONTEXTS_MAX; i++) {
		struct context *context = &contexts->kept[i];

		if (context->json && is_hash(context->hash, hash)) {
			context->used = ++contexts->uses;
			return context;
		}
	}
	return NULL;
}

void contexts_fetch(struct contexts *contexts, struct span hash, int64_t now_ms)
{
	assert(hash.len == CONTEXTS_HASH_BYTES);
	memcpy(contexts->hash, hash.at, hash.len);
	buf_clear(&contexts->bytes);
	contexts->fetching = true;
	contexts->asked_ms = now_ms;
}

struct span contexts_fetched(const struct contexts *contexts)
{
	return span_of(contexts->hash, CONTEXTS_HASH_BYTES);
}

/* A free place, or that of the least recently used. Fewer units are worked on at once than there
 * are places, so one is always unpinned. */
static struct context *place(struct contexts *contexts)
{
	struct context *oldest = NULL;

	for (int i = 0; i < CONTEXTS_MAX; i++) {
		struct context *context = &contexts->kept[i];

		if (!context->json)
			return context;
		if (context->pins == 0 && (!oldest || context->used < oldest->used))
			oldest = context;
	}
	assert(oldest);
	context_release(oldest);
	return oldest;
}

static int keep(struct contexts *contexts, struct fault *why)
{
	struct blob_hash hash;
	struct context *context;
	json_t *json;

	contexts->fetching = false;
	blob_hash_of(buf_span(&contexts->bytes), &hash);
	json = json_loadb(contexts->bytes.at, contexts->bytes.len, 0, NULL);
	if (memcmp(hash.bytes, contexts->hash, sizeof(hash.bytes)) != 0 || !json_is_object(json)) {
		json_decref(json);
		return fault_set(why, FAULT_RETRY, "context-damaged",
				 "the job's context is not what its hash names");
	}
	context = place(contexts);
	context->json = json;
	context->used = ++contexts->uses;
	memcpy(context->hash, contexts->hash, sizeof(context->hash));
	return 0;
}

int contexts_piece(struct contexts *contexts, const struct wire_piece *piece, struct span bytes,
		   struct fault *why)
{
	if (!contexts->fetching || !is_hash(contexts->hash, piece->hash))
		return 1;
	if (piece->total == 0) {
		contexts->fetching = false;
		return fault_set(why, FAULT_RETRY, "context-missing",
				 "the broker has no such context for the job");
	}
	if (piece->total > CONTEXTS_BYTES_MAX) {
		contexts->fetching = false;
		return fault_set(why, FAULT_JOB, "context-too-large",
				 "the job's context has %llu bytes; %u are allowed",
				 (unsigned long long)piece->total, CONTEXTS_BYTES_MAX);
	}
	if (piece->offset != contexts->bytes.len || bytes.len > piece->total - piece->offset)
		return 1; /* an answer to a question that was repeated */
	buf_add(&contexts->bytes, bytes.at, bytes.len);
	return contexts->bytes.len < piece->total ? 1 : keep(contexts, why);
}
