#include "recent.h"

#include <stdlib.h>

#include "clock.h"
#include "mem.h"

#define SLOTS 256 /* some 300 KiB when all are full */

struct recent {
	struct recent_answer slots[SLOTS];
};

struct recent *recent_new(void)
{
	return xcalloc(1, sizeof(struct recent));
}

static void drop(struct recent_answer *a)
{
	if (a->response)
		MHD_destroy_response(a->response);
	buf_release(&a->json);
	*a = (struct recent_answer){0};
}

void recent_free(struct recent **recent)
{
	for (int i = 0; *recent && i < SLOTS; i++)
		drop(&(*recent)->slots[i]);
	free(*recent);
	*recent = NULL;
}

/* The last byte of an id is random. */
static struct recent_answer *slot_of(struct recent *recent, struct id job)
{
	return &recent->slots[job.bytes[sizeof(job.bytes) - 1] % SLOTS];
}

void recent_keep(struct recent *recent, const struct wire_job *job, struct span json)
{
	struct recent_answer *a;
	struct id id;

	if (span_is(job->status, "pending") || id_job_read(job->id, &id) != 0)
		return;
	a = slot_of(recent, id);
	drop(a);
	a->job = id;
	span_copy(job->tenant, a->tenant, sizeof(a->tenant));
	record_etag(job, a->tag);
	buf_add(&a->json, json.at, json.len);
	a->until_ms = clock_ms() + RECENT_MS;
}

struct recent_answer *recent_find(struct recent *recent, struct id job)
{
	struct recent_answer *a = slot_of(recent, job);

	if (id_compare(a->job, job) != 0)
		return NULL;
	if (clock_ms() < a->until_ms)
		return a;
	drop(a);
	return NULL;
}

void recent_forget(struct recent *recent, struct id job)
{
	struct recent_answer *a = slot_of(recent, job);

	if (id_compare(a->job, job) == 0)
		drop(a);
}
