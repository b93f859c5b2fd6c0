#include "broker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ballast.h"
#include "blob.h"
#include "clock.h"
#include "crash.h"
#include "hold.h"
#include "log.h"
#include "mem.h"
#include "notify.h"

#define DRAIN_MAX	256  /* messages a socket and round, so that neither starves the other */
#define TEND_MS		1000 /* dead readers, expired jobs */
#define COMMIT_AGAIN_MS 500
#define SWEEP_MS	3600000 /* an upload without a job is left alone for so long */
#define EXPIRE_MAX	64	/* jobs a second and round; the rest next second */

void payload_release(void *payload)
{
	struct payload *p = payload;

	sock_msg_release(&p->msg);
	buf_release(&p->own);
	free(p);
}

struct span payload_bytes(const struct payload *payload)
{
	return payload->msg ? sock_msg_frame(payload->msg, 1) : buf_span(&payload->own);
}

/* ---- open ---- */

static void restore_unit(void *arg, struct job *job, struct unit *unit)
{
	sched_restore_unit(((struct broker *)arg)->sched, job, unit);
}

int broker_restore(struct broker *b, struct job *job, struct fault *why)
{
	job->rows_read = 0;
	job->source_done = false;
	sched_restore(b->sched, job);
	return jobstore_units(b->store, job, restore_unit, b, why);
}

static void restore_job(void *arg, struct job *job)
{
	struct broker *b = arg;
	struct fault why;

	if (job->pipeline == NULL) {
		log_warn("job of pipeline %s is left alone: it is no longer configured", job->type);
		return;
	}
	if (broker_restore(b, job, &why) != 0)
		log_fault(LOG_ERROR, "restoring a job", &why);
	sched_restored(b->sched, job);
}

static int open_sockets(struct broker *b, struct fault *why)
{
	char endpoint[256];

	config_endpoint(b->config, "work", endpoint);
	if (sock_open(SOCK_ROUTER, endpoint, true, &b->work, why) != 0)
		return -1;
	config_endpoint(b->config, "control", endpoint);
	if (sock_open(SOCK_ROUTER, endpoint, true, &b->control, why) != 0)
		return -1;
	config_endpoint(b->config, "events", endpoint);
	return sock_open(SOCK_XPUB, endpoint, true, &b->events, why);
}

int broker_open(const struct config *config, bool sync, struct broker **broker, struct fault *why)
{
	struct broker *b = xcalloc(1, sizeof(*b));
	uint32_t epoch = 0;
	int rc;

	b->config = config;
	b->dir = xasprintf("%s/jobs", config->data);
	b->now_ms = clock_ms();
	b->wall_ms = clock_wall_ms();
	b->in = sock_msg_new();
	rc = jobstore_open(b->dir, config, sync, &b->store, &epoch, why);
	if (rc == 0) {
		b->state = ballast_fill(b->dir) ? STORE_OK : STORE_LOW;
		b->sched = sched_new(config, epoch, (uint64_t)b->wall_ms, payload_release);
		sched_time(b->sched, b->now_ms, b->wall_ms);
		uploads_restore(b);
		rc = jobstore_unended(b->store, restore_job, b, why);
	}
	if (rc == 0)
		rc = kept_restore(b, why);
	if (rc == 0)
		rc = open_sockets(b, why);
	if (rc != 0) {
		broker_close(&b);
		return -1;
	}
	log_info("epoch %u, %u jobs pending, %u running", epoch, sched_pending(b->sched),
		 sched_running(b->sched));
	*broker = b;
	return 0;
}

void broker_close(struct broker **broker)
{
	struct broker *b = *broker;

	if (b == NULL)
		return;
	sock_close(&b->work);
	sock_close(&b->control);
	sock_close(&b->events);
	sock_msg_release(&b->in);
	sched_free(&b->sched);
	jobstore_close(&b->store);
	buf_release(&b->out);
	buf_release(&b->out2);
	free(b->replies);
	free(b->dir);
	free(b);
	*broker = NULL;
	sock_shutdown();
}

/* ---- the round ---- */

/* First of all that is kept for the job: its record still names it if this is the last thing that
 * we do, and on a full disk it may be the room that the rest needs. */
static void forget_blob(struct broker *b, const struct job *job)
{
	char *dir;
	struct blob_hash hash;
	struct fault why;

	if (job->blob.len == 0)
		return;
	dir = xasprintf("%s/blobs", b->config->data);
	memcpy(hash.bytes, job->blob_bytes, sizeof(hash.bytes));
	crash_at("broker.unlink.before");
	if (blob_delete(dir, hash, job->id, &why) != 0)
		log_fault(LOG_WARN, "deleting an upload", &why);
	crash_at("broker.unlink.after");
	free(dir);
}

static void expire(struct broker *b)
{
	struct id ids[EXPIRE_MAX];
	struct job *job;
	struct fault why;
	int n;

	if (jobstore_expired(b->store, b->wall_ms, ids, EXPIRE_MAX, &n, &why) != 0) {
		log_fault(LOG_ERROR, "looking for expired jobs", &why);
		return;
	}
	for (int i = 0; i < n; i++) {
		if (sched_job(b->sched, ids[i]) || jobstore_load(b->store, ids[i], &job, &why) != 0)
			continue;
		forget_blob(b, job);
		sched_restore(b->sched, job);
		sched_expire(b->sched, job);
	}
}

/* An upload is named before its job is submitted. When status-api died in between nobody else knows
 * the file. */
static bool is_orphan(void *arg, struct id owner)
{
	struct broker *b = arg;
	struct fault why;
	int rc;

	if (b->wall_ms - id_wall_ms(owner) < SWEEP_MS || sched_job(b->sched, owner))
		return false;
	buf_clear(&b->out2);
	rc = jobstore_record(b->store, owner, &b->out2, &why);
	return rc == 1;
}

static void sweep(struct broker *b)
{
	char *dir;
	int n;

	if (b->swept_ms && b->now_ms - b->swept_ms < SWEEP_MS)
		return;
	b->swept_ms = b->now_ms;
	dir = xasprintf("%s/blobs", b->config->data);
	n = blob_remove_orphans(dir, is_orphan, b);
	if (n)
		log_info("%d uploads that never became jobs are removed", n);
	free(dir);
}

static void refill(struct broker *b)
{
	if (b->state != STORE_LOW || !ballast_fill(b->dir))
		return;
	b->state = STORE_OK;
	log_info("there is room on the disk again: jobs are taken");
}

static void tend(struct broker *b)
{
	if (b->now_ms - b->tended_ms < TEND_MS)
		return;
	b->tended_ms = b->now_ms;
	notify_alive();
	jobstore_tend(b->store);
	dialogue_probe(b);
	refill(b);
	if (hold_is_on(b->config->data, b->wall_ms))
		return; /* a backup copies the uploads of the jobs that it has copied */
	sweep(b);
	if (broker_can_commit(b))
		expire(b);
	if (b->state == STORE_OK)
		uploads_settle(b);
}

/* What is to be done after a commit that failed; 0: it went through after all. */
static int refused(struct broker *b, const struct fault *why)
{
	struct fault again = *why;
	enum store_state next;

	if (strcmp(why->code, "disk-full") == 0 && ballast_spend(b->dir)) {
		log_fault(LOG_ERROR, "no job is taken until there is room; the ballast is spent",
			  why);
		b->state = STORE_LOW;
		if (jobstore_commit(b->store, sched_dirty_jobs(b->sched),
				    sched_dirty_units(b->sched), &again) == 0)
			return 0;
	}
	next = strcmp(again.code, "store-io") == 0 ? STORE_BROKEN : STORE_FULL;
	if (next != b->state)
		log_fault(LOG_ERROR, "the job store refuses a commit; only reads go on", &again);
	b->state = next;
	control_refuse_fresh(b, &again);
	return -1;
}

static int commit(struct broker *b)
{
	struct fault why;

	if (b->state == STORE_BROKEN ||
	    (b->state == STORE_FULL && b->now_ms - b->tried_ms < COMMIT_AGAIN_MS))
		return -1;
	b->tried_ms = b->now_ms;
	if (jobstore_commit(b->store, sched_dirty_jobs(b->sched), sched_dirty_units(b->sched),
			    &why) != 0)
		return refused(b, &why);
	if (b->state == STORE_FULL) {
		log_info("the job store takes commits again");
		b->state = STORE_LOW;
	}
	return 0;
}

static void drain(struct broker *b, struct sock *sock, void (*take)(struct broker *b))
{
	struct fault why;
	int rc;

	for (int i = 0; i < DRAIN_MAX && (rc = sock_recv(sock, b->in, &why)) != 1; i++) {
		if (rc == 0)
			take(b);
		else
			log_fault(LOG_WARN, "a message is dropped", &why);
	}
}

static void round_once(struct broker *b)
{
	b->now_ms = clock_ms();
	b->wall_ms = clock_wall_ms();
	sched_time(b->sched, b->now_ms, b->wall_ms);
	drain(b, b->control, control_take);
	/* While nothing can be committed nothing is dealt, but workers are heard: beats that pile
	 * up unread would make the living look dead. */
	drain(b, b->work, dialogue_take);
	tend(b);
	sched_tick(b->sched);
	if (broker_can_commit(b))
		sched_deal(b->sched);
	sched_tell(b->sched);
	if (commit(b) != 0)
		return;
	speech_all(b);
	sched_clean(b->sched);
}

int broker_run(struct broker *b, const volatile int *stop, struct fault *why)
{
	struct sock *const socks[] = {b->work, b->control, b->events};
	bool ready[ARRAY_LEN(socks)];
	struct fault ignored;

	(void)why;
	notify_ready();
	while (!*stop) {
		sock_wait(socks, ARRAY_LEN(socks), -1,
			  broker_can_commit(b) ? sched_timeout_ms(b->sched) : COMMIT_AGAIN_MS,
			  ready);
		/* subscriptions are read and forgotten: the socket itself remembers them */
		while (sock_recv(b->events, b->in, &ignored) == 0)
			;
		round_once(b);
	}
	return 0;
}
