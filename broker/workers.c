/* workers - who is there, what they hold, and what they answer. */
#include <stdlib.h>

#include "internal.h"
#include "mem.h"

struct worker *sched_worker(struct sched *s, struct span key)
{
	struct worker *w = s->workers;

	while (w && (w->lost || !span_equal(span_of(w->key, w->key_len), key)))
		w = w->next;
	return w;
}

struct worker *sched_workers(struct sched *s)
{
	return s->workers;
}

struct worker *sched_hello(struct sched *s, struct span key, const struct wire_hello *hello)
{
	struct worker *w = sched_worker(s, key);
	uint32_t stage;

	if (w) /* it dropped what it held; not its fault */
		sched_lost(s, w, false);
	if (config_stage_of(s->config, hello->stage, &stage) != 0 || key.len > sizeof(w->key))
		return NULL;
	w = xcalloc(1, sizeof(*w));
	memcpy(w->key, key.at, key.len);
	w->key_len = (uint8_t)key.len;
	w->stage = stage;
	w->credit = hello->credit < 1 ? 1 : hello->credit > 64 ? 64 : hello->credit;
	w->pid = hello->pid;
	span_copy(hello->host, w->host, sizeof(w->host));
	span_copy(hello->version, w->version, sizeof(w->version));
	w->seen_ms = w->probed_ms = s->now_ms;
	w->next = s->workers;
	s->workers = w;
	s->stages[stage].credit += w->credit;
	return w;
}

void sched_beat(struct sched *s, struct worker *w)
{
	(void)s;
	w->seen_ms = s->now_ms;
}

/* The unit that `w` has held for longest: workers do what they hold in the order in which it came,
 * so that is what it was at. NULL: it holds nothing. */
static struct unit *oldest_held(struct sched *s, const struct worker *w)
{
	struct unit *best = NULL;

	for (struct job *job = s->active; job; job = job->next) {
		if (job->special && job->special->worker == w &&
		    (best == NULL || job->special->token < best->token))
			best = job->special;
		for (struct unit *u = job->open; u; u = u->next) {
			if (u->worker == w && (best == NULL || u->token < best->token))
				best = u;
		}
	}
	for (struct unit *u = s->writes; u; u = u->next) {
		if (u->worker == w && (best == NULL || u->token < best->token))
			best = u;
	}
	return best;
}

/* Only what it was at counts the death as a try. */
void sched_lost(struct sched *s, struct worker *w, bool blame)
{
	struct unit *u;
	struct fault why;

	fault_set(&why, FAULT_RETRY, "worker-lost", "the %s process that did it died or stopped",
		  s->config->stages[w->stage].name);
	w->lost = true;
	s->stages[w->stage].credit -= w->credit;
	s->stages[w->stage].failures += blame;
	while (w->held && (u = oldest_held(s, w)) != NULL) {
		stageq_release(&s->stages[u->stage], u);
		if (blame)
			unit_again(s, u, &why);
		else if (unit_is_unwanted(u))
			unit_let_go(s, u);
		else
			unit_replay(s, u);
		blame = false;
	}
}

void worker_stuck(struct sched *s, struct worker *w)
{
	struct unit *u = oldest_held(s, w);
	struct fault why;

	w->moved_ms = s->now_ms;
	if (u == NULL)
		return;
	fault_set(&why, FAULT_RETRY, "timed-out", "the %s stage did not get done with it in %u s",
		  s->config->stages[w->stage].name, s->config->stages[w->stage].timeout_ms / 1000);
	s->stages[u->stage].failures++;
	unit_drop(s, u);
	stageq_release(&s->stages[u->stage], u);
	unit_again(s, u, &why);
}

static struct unit *unit_held(struct sched *s, struct worker *w, struct id id, uint64_t token)
{
	struct job *job = sched_job(s, id);

	if (job) {
		if (job->special && job->special->token == token && job->special->worker == w)
			return job->special;
		for (struct unit *u = job->open; u; u = u->next) {
			if (u->token == token && u->worker == w)
				return u;
		}
	}
	for (struct unit *u = s->writes; u; u = u->next) {
		if (u->token == token && u->worker == w)
			return u;
	}
	return NULL;
}

bool sched_done(struct sched *s, struct worker *w, const struct wire_done *done, void *payload,
		struct span payload_bytes)
{
	struct unit *u = unit_held(s, w, done->job, done->token);
	struct act *act;

	w->seen_ms = s->now_ms;
	if (u == NULL)
		return false;
	w->moved_ms = s->now_ms;
	w->units_done++;
	stageq_count(&s->stages[u->stage],
		     u->kind == WORK_ROWS && u->step ? u->rows : done->rows_in, s->now_ms);
	stageq_release(&s->stages[u->stage], u);
	switch (u->kind) {
	case WORK_BEGIN:
		life_begin_done(s, u, done, &payload, payload_bytes);
		break;
	case WORK_ROWS:
		life_rows_done(s, u, done, &payload);
		break;
	case WORK_FINISH:
		life_finish_done(s, u, payload_bytes);
		break;
	case WORK_WRITE:
		act = write_over(s, u, ACT_WRITTEN);
		act->payload = payload;
		act->bytes = payload_bytes;
		payload = NULL;
		break;
	}
	if (payload)
		s->release(payload);
	return true;
}

static void fault_of(const struct wire_fail *fail, struct fault *why)
{
	memset(why, 0, sizeof(*why));
	why->class = fail->class == FAULT_RETRY ? FAULT_RETRY : FAULT_JOB;
	span_copy(fail->code, why->code, sizeof(why->code));
	span_copy(fail->text, why->text, sizeof(why->text));
	span_copy(fail->hint, why->hint, sizeof(why->hint));
	why->row = fail->row;
}

void sched_fail(struct sched *s, struct worker *w, const struct wire_fail *fail)
{
	struct unit *u = unit_held(s, w, fail->job, fail->token);
	struct fault why;

	w->seen_ms = s->now_ms;
	if (u == NULL)
		return;
	w->moved_ms = s->now_ms;
	fault_of(fail, &why);
	s->stages[u->stage].failures++;
	stageq_release(&s->stages[u->stage], u);
	if (why.class == FAULT_RETRY)
		unit_again(s, u, &why);
	else
		unit_failed(s, u, &why);
}
