#include "dialogue.h"

#include "crash.h"
#include "log.h"
#include "mem.h"

#define HELLO_EVERY_MS	  1000
#define CONNECT_MS	  20   /* a HELLO waits for its connection in steps of this */
#define NEED_AGAIN_MS	  2000 /* a PIECE that did not come is asked for again */
#define BEAT_MS_DEFAULT	  1000 /* until WELCOME says otherwise */
#define LEASE_MS_DEFAULT  10000
#define LEASES_OF_SILENCE 3

static int say(struct dialogue *d, struct span payload, struct fault *why)
{
	int rc = sock_send(d->sock, NULL, buf_span(&d->out), payload, why);

	buf_clear(&d->out);
	return rc;
}

/* What is said again anyway: nobody needs to know that it did not go out. */
static int say_short(struct dialogue *d)
{
	return say(d, (struct span){0}, NULL);
}

static void say_answer(struct dialogue *d, struct span payload)
{
	struct fault why = {0};

	if (say(d, payload, &why) != 0)
		log_fault(LOG_WARN, "an answer to the broker is lost", &why);
}

/* Until there is a broker to connect to nothing can be sent, and so nothing piles up for it. */
static void say_hello(struct dialogue *d, int64_t now_ms)
{
	wire_put_hello(&d->out, &d->hello);
	d->said_ms = say_short(d) == 0 ? now_ms : now_ms - HELLO_EVERY_MS + CONNECT_MS;
}

static void say_beat(struct dialogue *d, int64_t now_ms)
{
	struct wire_beat beat = {.held = d->queue.n + (uint32_t)d->n_current};

	wire_put_beat(&d->out, &beat);
	say_short(d);
	d->said_ms = now_ms;
}

static void say_need(struct dialogue *d, struct span hash, uint64_t offset)
{
	struct wire_need need = {.hash = hash, .offset = offset};

	wire_put_need(&d->out, &need);
	say_short(d);
}

/* What is held is no longer ours. */
static void forget(struct dialogue *d)
{
	workqueue_clear(&d->queue);
	for (int i = 0; i < d->n_current; i++)
		d->current[i]->dropped = true;
	d->contexts.fetching = false;
	d->welcomed = false;
}

static int connect_anew(struct dialogue *d, int64_t now_ms, struct fault *why)
{
	sock_close(&d->sock);
	if (sock_open(SOCK_WORKER, d->endpoint, false, &d->sock, why) != 0)
		return -1;
	d->heard_ms = d->asked_ms = now_ms;
	say_hello(d, now_ms);
	return 0;
}

int dialogue_open(struct dialogue *d, const char *endpoint, const struct wire_hello *hello,
		  int64_t now_ms, struct fault *why)
{
	*d = (struct dialogue){.endpoint = endpoint, .hello = *hello};
	d->beat_ms = BEAT_MS_DEFAULT;
	d->lease_ms = LEASE_MS_DEFAULT;
	d->msg = sock_msg_new();
	contexts_open(&d->contexts);
	return connect_anew(d, now_ms, why);
}

void dialogue_close(struct dialogue *d)
{
	struct wire_bye bye = {.held = d->queue.n + (uint32_t)d->n_current};

	if (d->sock && d->welcomed) {
		wire_put_bye(&d->out, &bye);
		say_short(d);
	}
	workqueue_release(&d->queue);
	contexts_release(&d->contexts);
	sock_msg_release(&d->msg);
	buf_release(&d->out);
	sock_close(&d->sock);
}

/* ---- what the broker says ---- */

static void on_welcome(struct dialogue *d, const struct wire_welcome *welcome)
{
	if (d->welcomed)
		return; /* the answer to a HELLO that was repeated */
	d->welcomed = d->was_welcomed = true;
	d->beat_ms = welcome->beat_ms ? welcome->beat_ms : BEAT_MS_DEFAULT;
	d->lease_ms = welcome->lease_ms ? welcome->lease_ms : LEASE_MS_DEFAULT;
	d->who[0] = '\0';
	log_info("welcomed by the broker: beat %u ms, lease %u ms", d->beat_ms, d->lease_ms);
}

static void on_who(struct dialogue *d, const struct wire_who *who, int64_t now_ms)
{
	char reason[sizeof(d->who)];

	span_copy(who->reason, reason, sizeof(reason));
	if (strncmp(reason, "protocol", 8) == 0) {
		log_error("the broker refuses this program: %s", reason);
		d->refused = true;
		return;
	}
	if (strcmp(reason, d->who) != 0)
		log_warn("the broker does not know this worker: %s", reason);
	memcpy(d->who, reason, sizeof(reason));
	/* A WHO before our HELLO was read is answered by that HELLO; another is due in a second. */
	if (!d->welcomed)
		return;
	forget(d);
	say_hello(d, now_ms);
}

static void on_work(struct dialogue *d, const struct wire_work *work)
{
	if (!d->welcomed)
		return; /* dealt to what we were before */
	if (work->context.len != 0 && work->context.len != CONTEXTS_HASH_BYTES)
		log_error("the broker sent work whose context hash has %zu bytes",
			  work->context.len);
	else
		workqueue_put(&d->queue, &d->msg, work);
}

static void on_drop(struct dialogue *d, const struct wire_drop *drop)
{
	struct workitem *item = d->queue.first;
	struct fault why;

	while (item && item->head.token != drop->token)
		item = item->next;
	if (item) {
		fault_set(&why, FAULT_RETRY, "dropped", "dropped before it was begun");
		dialogue_fail(d, item, &why);
		workqueue_drop(&d->queue, drop->token);
		return;
	}
	for (int i = 0; i < d->n_current; i++) {
		if (d->current[i]->head.token == drop->token)
			d->current[i]->dropped = true;
	}
}

/* Fails whatever waits for the context that cannot be had. */
static void fail_waiting(struct dialogue *d, const struct fault *why)
{
	struct span hash = contexts_fetched(&d->contexts);
	struct workitem *item = d->queue.first;

	while (item) {
		struct workitem *next = item->next;

		if (span_equal(item->head.context, hash)) {
			dialogue_fail(d, item, why);
			workqueue_drop(&d->queue, item->head.token);
		}
		item = next;
	}
}

static void on_piece(struct dialogue *d, const struct wire_piece *piece, struct span bytes,
		     int64_t now_ms)
{
	struct fault why = {0};
	size_t had = d->contexts.bytes.len;
	int rc = contexts_piece(&d->contexts, piece, bytes, &why);

	if (rc < 0) {
		log_fault(LOG_WARN, "fetching a job's context", &why);
		fail_waiting(d, &why);
	} else if (rc == 1 && d->contexts.fetching && d->contexts.bytes.len > had) {
		d->contexts.asked_ms = now_ms;
		say_need(d, contexts_fetched(&d->contexts), d->contexts.bytes.len);
	}
}

static void on_message(struct dialogue *d, const struct wire_msg *msg, int64_t now_ms)
{
	switch (msg->type) {
	case WIRE_WELCOME:
		on_welcome(d, &msg->welcome);
		break;
	case WIRE_WHO:
		on_who(d, &msg->who, now_ms);
		break;
	case WIRE_WORK:
		on_work(d, &msg->work);
		break;
	case WIRE_DROP:
		on_drop(d, &msg->drop);
		break;
	case WIRE_PIECE:
		on_piece(d, &msg->piece, sock_msg_frame(d->msg, 1), now_ms);
		break;
	default:
		log_warn("the broker said %s to a worker", wire_name(msg->type));
	}
}

static void receive(struct dialogue *d, int64_t now_ms)
{
	struct wire_msg msg;
	struct fault why = {0};
	int rc;

	while ((rc = sock_recv(d->sock, d->msg, &why)) != 1) {
		if (rc == 0 && wire_decode(sock_msg_frame(d->msg, 0), &msg, &why) == 0) {
			d->heard_ms = now_ms;
			on_message(d, &msg, now_ms);
		} else {
			log_fault(LOG_WARN, "hearing the broker", &why);
		}
	}
}

/* ---- what is due ---- */

static bool item_is_ready(void *arg, const struct workitem *item)
{
	struct dialogue *d = arg;

	if (item->head.work == WORK_BEGIN || item->head.work == WORK_WRITE)
		return true;
	return contexts_find(&d->contexts, item->head.context) != NULL;
}

static void ask_for_context(struct dialogue *d, int64_t now_ms)
{
	struct workqueue_wish wish = {.is_ready = item_is_ready, .arg = d};
	struct workitem *item;

	if (d->contexts.fetching && now_ms - d->contexts.asked_ms < NEED_AGAIN_MS)
		return;
	item = workqueue_waiting(&d->queue, &wish);
	if (!item)
		return;
	contexts_fetch(&d->contexts, item->head.context, now_ms);
	say_need(d, item->head.context, 0);
}

/* The broker has no reason to speak to an idle or a fully dealt worker, so silence alone proves
 * nothing. It always answers a NEED, also of a context that cannot exist. */
static void doubt(struct dialogue *d, int64_t now_ms)
{
	static const char nothing[CONTEXTS_HASH_BYTES];
	struct fault why = {0};
	int64_t silent_ms = now_ms - d->heard_ms;

	if (silent_ms >= (int64_t)d->lease_ms * LEASES_OF_SILENCE) {
		log_warn("nothing heard from the broker for %lld ms: connecting again",
			 (long long)silent_ms);
		forget(d);
		if (connect_anew(d, now_ms, &why) != 0)
			log_fault(LOG_ERROR, "connecting to the broker", &why);
	} else if (d->welcomed && silent_ms >= d->lease_ms && now_ms - d->asked_ms >= d->lease_ms) {
		d->asked_ms = now_ms;
		say_need(d, span_of(nothing, sizeof(nothing)), 0);
	}
}

int dialogue_turn(struct dialogue *d, int64_t now_ms)
{
	int64_t every_ms; /* and, at the end, what is left of it */

	receive(d, now_ms);
	every_ms = d->welcomed ? d->beat_ms : HELLO_EVERY_MS;
	if (now_ms - d->said_ms >= every_ms) {
		if (d->welcomed)
			say_beat(d, now_ms);
		else
			say_hello(d, now_ms);
	}
	if (d->welcomed)
		ask_for_context(d, now_ms);
	doubt(d, now_ms);
	every_ms = d->said_ms + every_ms - now_ms;
	return every_ms > 0 ? (int)every_ms : 0;
}

int dialogue_take(struct dialogue *d, int max_units, uint32_t max_rows, struct workitem **taken)
{
	struct workqueue_wish wish = {
		.max_units = max_units, .max_rows = max_rows, .is_ready = item_is_ready, .arg = d};

	return workqueue_take(&d->queue, &wish, taken);
}

struct workitem *dialogue_untried(struct dialogue *d)
{
	struct workitem *item = d->queue.first;

	while (item && (item->tried || item->head.work != WORK_ROWS || !item_is_ready(d, item)))
		item = item->next;
	return item;
}

/* ---- answers ---- */

void dialogue_done(struct dialogue *d, const struct wire_done *done, struct span payload)
{
	if (!d->welcomed)
		return; /* a dropped unit is answered too: its token says what it is worth */
	wire_put_done(&d->out, done);
	crash_at("done.before");
	say_answer(d, payload);
	crash_at("done.after");
}

void dialogue_fail(struct dialogue *d, const struct workitem *item, const struct fault *why)
{
	struct wire_fail fail = {.job = item->head.job,
				 .unit = item->head.unit,
				 .work = item->head.work,
				 .token = item->head.token};

	if (!d->welcomed)
		return;
	fail.class = why->class == FAULT_RETRY ? FAULT_RETRY : FAULT_JOB;
	fail.code = span_text(why->code);
	fail.text = span_text(why->text);
	fail.hint = span_text(why->hint);
	fail.row = why->row;
	wire_put_fail(&d->out, &fail);
	crash_at("fail.before");
	say_answer(d, (struct span){0});
	crash_at("fail.after");
}
