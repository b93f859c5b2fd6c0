/* uploads - small files, which the job store keeps until their own are on disk. */
#include <stdlib.h>

#include "blob.h"
#include "broker.h"
#include "clock.h"
#include "file.h"
#include "log.h"
#include "mem.h"

/* Linux writes back by itself what is 30 s old, and looks every 5 s (vm.dirty_expire_centisecs): a
 * sync then finds little to do. */
#define SETTLE_AFTER_MS 40000
#define SETTLE_MAX	1000
#define SETTLE_SPEND_MS 20 /* at a time, where there is more to do than that */

struct settling {
	struct broker *b;
	char *dir;
	int64_t until_ms;
	struct id ids[SETTLE_MAX];
	int n;
};

static bool restore(void *arg, struct id job, struct span upload)
{
	struct fault why;

	if (blob_keep(arg, upload, job, false, &why) != 0)
		log_fault(LOG_ERROR, "making an upload again", &why);
	return true;
}

void uploads_restore(struct broker *b)
{
	char *dir = xasprintf("%s/blobs", b->config->data);
	struct fault why;

	if (jobstore_uploads(b->store, restore, dir, &why) != 0)
		log_fault(LOG_ERROR, "looking for uploads", &why);
	free(dir);
}

static bool settle(void *arg, struct id job, struct span upload)
{
	struct settling *s = arg;
	struct fault why;

	if (s->b->wall_ms - id_wall_ms(job) < SETTLE_AFTER_MS || clock_ms() > s->until_ms)
		return false;
	if (blob_keep(s->dir, upload, job, true, &why) != 0) {
		log_fault(LOG_WARN, "syncing an upload", &why);
		return false;
	}
	s->ids[s->n++] = job;
	return s->n < SETTLE_MAX;
}

void uploads_settle(struct broker *b)
{
	struct settling *s = xcalloc(1, sizeof(*s));
	struct fault why;

	s->b = b;
	s->dir = xasprintf("%s/blobs", b->config->data);
	s->until_ms = clock_ms() + SETTLE_SPEND_MS;
	if (jobstore_uploads(b->store, settle, s, &why) != 0 ||
	    (s->n && file_sync_folder(s->dir, &why) != 0) ||
	    jobstore_let_go(b->store, s->ids, s->n, &why) != 0)
		log_fault(LOG_WARN, "letting go of uploads", &why);
	free(s->dir);
	free(s);
}
