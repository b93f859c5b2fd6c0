#include "broker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

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
#define BEAT_MS_MAX	1000
#define EXPIRE_MAX	64 /* jobs a second and round; the rest next second */

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

static void restore_job(void *arg, struct job *job)
{
	struct broker *b = arg;
	struct fault why;

	if (job->pipeline == NULL) {
		log_warn("job of pipeline %s is left alone: it is no longer configured", job->type);
		return;
	}
	job->rows_read = 0;
	job->source_done = false;
	sched_restore(b->sched, job);
	if (jobstore_units(b->store, job, restore_unit, b, &why) != 0)
		log_fault(LOG_ERROR, "reading a job's units", &why);
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
	char *dir = xasprintf("%s/jobs", config->data);
	uint32_t epoch = 0;
	int rc;

	b->config = config;
	b->now_ms = clock_ms();
	b->wall_ms = clock_wall_ms();
	b->in = sock_msg_new();
	rc = jobstore_open(dir, config, sync, &b->store, &epoch, why);
	free(dir);
	if (rc == 0) {
		b->sched = sched_new(config, epoch, (uint64_t)b->wall_ms, payload_release);
		sched_time(b->sched, b->now_ms, b->wall_ms);
		rc = jobstore_unended(b->store, restore_job, b, why);
	}
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
	free(b);
	*broker = NULL;
	sock_shutdown();
}

/* ---- the round ---- */

static void forget_blobs(struct broker *b)
{
	char *dir = xasprintf("%s/blobs", b->config->data);
	struct blob_hash hash;
	struct fault why;

	for (struct job *j = sched_dirty_jobs(b->sched); j; j = j->dirty_next) {
		if (!j->gone || j->blob.len == 0)
			continue;
		memcpy(hash.bytes, j->blob_bytes, sizeof(hash.bytes));
		if (blob_delete(dir, hash, j->id, &why) != 0)
			log_fault(LOG_WARN, "deleting an upload", &why);
	}
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
		sched_restore(b->sched, job);
		sched_expire(b->sched, job);
	}
}

static void tend(struct broker *b)
{
	if (b->now_ms - b->tended_ms < TEND_MS)
		return;
	b->tended_ms = b->now_ms;
	notify_alive();
	jobstore_tend(b->store);
	dialogue_probe(b);
	if (!b->read_only && !hold_is_on(b->config->data, b->wall_ms))
		expire(b);
}

static int commit(struct broker *b)
{
	struct fault why;

	if (b->read_only && b->now_ms - b->tried_ms < COMMIT_AGAIN_MS)
		return -1;
	b->tried_ms = b->now_ms;
	/* blobs first: a record that is gone can no longer name its upload */
	forget_blobs(b);
	if (jobstore_commit(b->store, sched_dirty_jobs(b->sched), sched_dirty_units(b->sched),
			    &why) == 0) {
		if (b->read_only)
			log_info("the store takes writes again");
		b->read_only = false;
		return 0;
	}
	if (!b->read_only)
		log_fault(LOG_ERROR, "the store refuses: no job is taken until it has room", &why);
	b->read_only = true;
	control_refuse_fresh(b, &why);
	return -1;
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
	/* While nothing can be committed workers wait too: their answers stay in the socket. */
	if (!b->read_only)
		drain(b, b->work, dialogue_take);
	tend(b);
	if (!b->read_only) {
		sched_tick(b->sched);
		sched_deal(b->sched);
	}
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
			  b->read_only ? COMMIT_AGAIN_MS : sched_timeout_ms(b->sched), ready);
		/* subscriptions are read and forgotten: the socket itself remembers them */
		while (sock_recv(b->events, b->in, &ignored) == 0)
			;
		round_once(b);
	}
	return 0;
}
