/* kept - writes that go on though nobody waits: on disk before that is promised, until done. */
#include <stdlib.h>

#include "broker.h"
#include "crash.h"
#include "log.h"
#include "mem.h"

#define NOBODY UINT64_MAX /* no waiter has this number */

static void queue(struct broker *b, const struct wire_write *w, uint32_t stage)
{
	struct payload *body = xcalloc(1, sizeof(*body));

	buf_add(&body->own, w->body.at, w->body.len);
	sched_write(b->sched, w, body, NOBODY, stage);
	sched_keep(b->sched, w->id);
}

static void restore(void *arg, struct span message)
{
	struct broker *b = arg;
	struct wire_msg m;
	struct fault why;
	uint32_t stage;

	if (wire_decode(message, &m, &why) != 0)
		log_fault(LOG_ERROR, "a write that was promised cannot be read", &why);
	else if (m.type != WIRE_WRITE || config_stage_of(b->config, m.write.stage, &stage) != 0)
		log_warn("a write that was promised is left alone: its stage is not configured");
	else
		queue(b, &m.write, stage);
}

int kept_restore(struct broker *b, struct fault *why)
{
	return jobstore_kept(b->store, restore, b, why);
}

/* The write may be waiting already, for who asked first and heard nothing; then it is only kept. */
int kept_take(struct broker *b, const struct wire_write *w, uint32_t stage, struct fault *why)
{
	struct wire_kept m = {.request = w->request};

	if (sched_kept(b->sched) >= WAITERS_MAX)
		return fault_set(why, FAULT_RETRY, "busy",
				 "too many writes are waiting; try again");
	if (jobstore_keep(b->store, w->id, sock_msg_frame(b->in, 0), why) != 0) {
		if (strcmp(why->code, "store-io") == 0)
			b->state = STORE_BROKEN;
		return -1;
	}
	if (!sched_keep(b->sched, w->id))
		queue(b, w, stage);
	buf_clear(&b->out);
	wire_put_kept(&b->out, &m);
	control_answer(b, sock_msg_peer(b->in));
	return 0;
}

/* One that is not forgotten is done again after a start, which changes nothing. */
void kept_over(struct broker *b, const struct act *act)
{
	struct fault why;

	if (act->kind == ACT_WRITE_FAILED)
		log_fault(LOG_ERROR, "a write that was promised was not done", &act->fault);
	if (jobstore_unkeep(b->store, act->write, &why) != 0)
		log_fault(LOG_WARN, "forgetting a write that is done", &why);
}
