#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include "clock.h"
#include "crash.h"
#include "harness.h"
#include "log.h"
#include "payload.h"

#define SLICE_MS     50 /* --slow-ms sleeps in slices, so that beats and signals pass */
#define ROWS_NOT_SET UINT32_MAX

bool handling_is_unwanted(const struct harness *harness)
{
	for (int i = 0; i < harness->n_slots; i++) {
		if (!harness->slots[i].item->dropped)
			return false;
	}
	return harness->n_slots > 0;
}

void handling_give_up(struct harness *harness)
{
	harness->gave_up = true;
	for (int i = 0; i < harness->n_slots; i++)
		harness->slots[i].item->dropped = true;
}

/* ---- before the handler ---- */

static int load_begin(const struct stage *stage, struct slot *slot, struct fault *why)
{
	struct work *work = &slot->work;

	if (!stage->begin)
		return 0; /* passed on as it came */
	work->context = work->payload.len ? json_loadb(work->payload.at, work->payload.len, 0, NULL)
					  : json_object();
	if (json_is_object(work->context))
		return 0;
	json_decref(work->context);
	work->context = NULL;
	return fault_set(why, FAULT_JOB, "context-syntax",
			 "what the job began with is not a JSON object");
}

static int load_rows(struct harness *harness, struct slot *slot, struct fault *why)
{
	struct work *work = &slot->work;

	if (harness->stage->raw || work->head.work != WORK_ROWS)
		return 0;
	if (!slot->rows)
		slot->rows = rows_new();
	work->rows = slot->rows;
	if (work->payload.len == 0) {
		rows_clear(work->rows);
		return 0;
	}
	if (payload_decode(work->payload, work->rows, why) != 0)
		return -1;
	if (work->rows->n == work->head.rows)
		return 0;
	return fault_set(why, FAULT_JOB, "payload-count",
			 "a unit said to have %u rows came with %u", work->head.rows,
			 work->rows->n);
}

static int slot_load(struct harness *harness, struct slot *slot, struct workitem *item,
		     struct fault *why)
{
	struct work *work = &slot->work;
	struct contexts *contexts = &harness->dialogue.contexts;
	struct buf answer = work->answer;

	buf_clear(&answer);
	slot->item = item;
	slot->context = NULL;
	*work = (struct work){.head = item->head, .answer = answer, .harness = harness};
	work->payload = sock_msg_frame(item->msg, 1);
	work->rows_in = ROWS_NOT_SET;
	work->rows_out = item->head.rows;
	if (item->head.work == WORK_BEGIN)
		return load_begin(harness->stage, slot, why);
	if (item->head.work == WORK_WRITE) {
		work->context = contexts->none.json;
		return 0;
	}
	slot->context = contexts_find(contexts, item->head.context);
	slot->context->pins++;
	work->context = slot->context->json;
	return load_rows(harness, slot, why);
}

static void slot_empty(struct slot *slot)
{
	if (slot->item->head.work == WORK_BEGIN)
		json_decref(slot->work.context);
	slot->work.context = NULL;
	if (slot->context)
		slot->context->pins--;
	context_keep(&slot->loose, NULL, NULL);
}

static void slot_unload(struct harness *harness, struct slot *slot)
{
	slot_empty(slot);
	workqueue_done(&harness->dialogue.queue, &slot->item);
}

/* ---- after the handler ---- */

static int dump_to_buf(const char *bytes, size_t len, void *out)
{
	buf_add(out, bytes, len);
	return 0;
}

static int answer_payload(struct harness *harness, struct slot *slot, struct span *payload,
			  struct fault *why)
{
	struct work *work = &slot->work;
	struct buf *out = &harness->payload;

	buf_clear(out);
	if (work->head.work == WORK_BEGIN && !harness->stage->begin) {
		*payload = work->payload;
	} else if (work->head.work == WORK_BEGIN) {
		if (json_dump_callback(work->context, dump_to_buf, out, JSON_COMPACT) != 0)
			return fault_set(why, FAULT_JOB, "context-syntax",
					 "the stage %s left no JSON object as the job's context",
					 harness->stage->name);
		*payload = buf_span(out);
	} else if (work->head.work != WORK_ROWS || work->answer.len || harness->stage->raw) {
		*payload = buf_span(&work->answer);
	} else if (work->rows->n) {
		payload_encode(out, work->rows);
		*payload = buf_span(out);
	}
	if (payload->len <= WIRE_FRAME_MAX)
		return 0;
	return fault_set(why, FAULT_JOB, "unit-too-large",
			 "the unit's answer has %zu bytes; a message may have %d", payload->len,
			 WIRE_FRAME_MAX);
}

static void answer_counts(struct harness *harness, struct slot *slot, struct wire_done *done)
{
	struct work *work = &slot->work;

	if (work->head.work == WORK_BEGIN)
		done->total = work->total;
	if (work->head.work != WORK_ROWS)
		return;
	done->rows_out = work->rows_out;
	if (!harness->stage->raw && !work->answer.len)
		done->rows_out = work->rows->n;
	done->rows_in = work->rows_in == ROWS_NOT_SET ? done->rows_out : work->rows_in;
	done->end = span_of(work->end, work->end_len);
	done->last = work->last;
	if (!harness->stage->raw && work->rows->n) {
		done->first_line = work->rows->line[0];
		done->last_line = work->rows->line[work->rows->n - 1];
	}
}

static void answer(struct harness *harness, struct slot *slot, struct fault *why)
{
	struct work *work = &slot->work;
	struct span payload = {0};
	struct wire_done done = {.job = work->head.job,
				 .unit = work->head.unit,
				 .work = work->head.work,
				 .token = work->head.token};

	if (why->class == FAULT_NONE && answer_payload(harness, slot, &payload, why) == 0) {
		answer_counts(harness, slot, &done);
		dialogue_done(&harness->dialogue, &done, payload);
		return;
	}
	if (!slot->item->dropped)
		log_fault(why->class == FAULT_RETRY ? LOG_WARN : LOG_INFO, "doing a unit", why);
	dialogue_fail(&harness->dialogue, slot->item, why);
}

/* ---- the handler ---- */

static int not_supported(const struct harness *harness, const char *what, struct fault *why)
{
	return fault_set(why, FAULT_JOB, "not-supported", "the stage %s cannot %s",
			 harness->stage->name, what);
}

static int call_one(struct harness *harness, struct work *work, struct fault *why)
{
	const struct stage *stage = harness->stage;

	switch (work->head.work) {
	case WORK_BEGIN:
		return stage->begin ? stage->begin(harness->state, work, why) : 0;
	case WORK_ROWS:
		return stage->unit ? stage->unit(harness->state, work, why)
				   : not_supported(harness, "do units", why);
	case WORK_FINISH:
		return stage->finish ? stage->finish(harness->state, work, why)
				     : not_supported(harness, "finish jobs", why);
	case WORK_WRITE:
		return stage->write ? stage->write(harness->state, work, why)
				    : not_supported(harness, "do writes", why);
	default:
		return not_supported(harness, "do this kind of work", why);
	}
}

static void fail_all(struct harness *harness, const struct fault *why)
{
	for (int i = 0; i < harness->n_slots; i++)
		harness->slots[i].work.fault = *why;
}

static void call(struct harness *harness)
{
	struct work *works[HARNESS_UNITS_MAX];
	struct fault why = {0};
	int rc;

	assert(harness->n_slots > 0);
	if (handling_is_unwanted(harness)) {
		fault_set(&why, FAULT_RETRY, "dropped", "dropped before it was begun");
		fail_all(harness, &why);
		return;
	}
	for (int i = 0; i < harness->n_slots; i++)
		works[i] = &harness->slots[i].work;
	harness->calling = harness->stage->is_quick != NULL;
	if (harness->stage->units && works[0]->head.work == WORK_ROWS)
		rc = harness->stage->units(harness->state, works, harness->n_slots, &why);
	else
		rc = call_one(harness, works[0], &why);
	harness->calling = false;
	if (rc == 0)
		return;
	if (why.class == FAULT_NONE)
		fault_set(&why, FAULT_JOB, "stage-failed",
			  "the stage %s failed and did not say why", harness->stage->name);
	fail_all(harness, &why);
}

/* --slow-ms: a stage that takes its time, for whoever wants to watch or to kill it. */
static void slow(struct harness *harness)
{
	int64_t now_ms = clock_ms();
	int64_t until_ms = now_ms + (int64_t)harness->options->slow_ms * harness->n_slots;

	while (now_ms < until_ms && !harness->stop_ms && !stage_alive(harness)) {
		int64_t ms = until_ms - now_ms < SLICE_MS ? until_ms - now_ms : SLICE_MS;
		struct timespec slice = {.tv_nsec = (long)ms * 1000000};

		nanosleep(&slice, NULL);
		now_ms = clock_ms();
	}
	if (now_ms < until_ms && harness->stop_ms)
		handling_give_up(harness);
}

/* Takes work into slots; what cannot be loaded is answered at once. */
static void load(struct harness *harness)
{
	struct workitem *items[HARNESS_UNITS_MAX];
	bool singly = !harness->stage->units || harness->options->one_unit;
	int n = dialogue_take(&harness->dialogue, singly ? 1 : HARNESS_UNITS_MAX, HARNESS_ROWS_MAX,
			      items);

	harness->n_slots = 0;
	for (int i = 0; i < n; i++) {
		struct slot *slot = &harness->slots[harness->n_slots];
		struct fault why = {0};

		crash_at("work.received");
		if (slot_load(harness, slot, items[i], &why) == 0) {
			harness->n_slots++;
			continue;
		}
		answer(harness, slot, &why);
		slot_unload(harness, slot);
	}
}

int handling_run(struct harness *harness)
{
	struct dialogue *dialogue = &harness->dialogue;
	int n;

	load(harness);
	n = harness->n_slots;
	if (n == 0)
		return 0;
	for (int i = 0; i < n; i++)
		dialogue->current[i] = harness->slots[i].item;
	dialogue->n_current = n;
	if (harness->options->slow_ms)
		slow(harness);
	call(harness);
	/* What was given up may be half done: without an answer it is dealt again after our BYE. */
	for (int i = 0; i < n && !harness->gave_up; i++)
		answer(harness, &harness->slots[i], &harness->slots[i].work.fault);
	for (int i = 0; i < n; i++)
		slot_unload(harness, &harness->slots[i]);
	dialogue->n_current = 0;
	harness->n_slots = 0;
	return n;
}

/* Does it, or leaves it where it is, for its turn. */
static void try_aside(struct harness *harness, struct workitem *item)
{
	struct slot *slot = &harness->aside;
	struct fault why = {0};

	item->tried = true;
	if (slot_load(harness, slot, item, &why) == 0 &&
	    !harness->stage->is_quick(harness->state, &slot->work)) {
		slot_empty(slot);
		return;
	}
	workqueue_pick(&harness->dialogue.queue, item);
	if (why.class == FAULT_NONE)
		call_one(harness, &slot->work, &why);
	answer(harness, slot, &why);
	slot_unload(harness, slot);
}

void handling_meanwhile(struct harness *harness)
{
	struct workitem *item;

	if (!harness->calling)
		return;
	harness->calling = false; /* not from within one of these */
	while ((item = dialogue_untried(&harness->dialogue)) != NULL)
		try_aside(harness, item);
	harness->calling = true;
}

void handling_release(struct harness *harness)
{
	rows_free(&harness->aside.rows);
	buf_release(&harness->aside.work.answer);
	for (int i = 0; i < HARNESS_UNITS_MAX; i++) {
		rows_free(&harness->slots[i].rows);
		buf_release(&harness->slots[i].work.answer);
	}
	buf_release(&harness->payload);
}
