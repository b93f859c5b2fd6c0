#include "broker_client.h"

#include <assert.h>
#include <stdlib.h>

#include "clock.h"
#include "log.h"
#include "mem.h"

#define SLOTS_FIRST 64
#define AGAIN_MS    1000 /* and twice as long each time after that */

struct broker_client {
	struct sock *sock;
	struct sock_msg *in;
	/* A question's number is its slot in the low 32 bits and a counter above, so that an answer
	 * finds its asker at once and a late one finds that the number has changed. */
	struct broker_call **slots;
	uint32_t *free_slots;
	uint32_t n_slots, n_free;
	uint64_t asked;
};

/* Every question begins with its number, so that it can be filled in here for all of them. */
#define NUMBER_FIRST(name)                                                                         \
	_Static_assert(offsetof(struct wire_##name, request) == 0, "number first")
NUMBER_FIRST(submit);
NUMBER_FIRST(get);
NUMBER_FIRST(list);
NUMBER_FIRST(since);
NUMBER_FIRST(cancel);
NUMBER_FIRST(retry);
NUMBER_FIRST(write);
NUMBER_FIRST(stages);
NUMBER_FIRST(ping);

static void slots_grow(struct broker_client *client)
{
	uint32_t n = client->n_slots ? 2 * client->n_slots : SLOTS_FIRST;

	client->slots = xrealloc(client->slots, n * sizeof(struct broker_call *));
	client->free_slots = xrealloc(client->free_slots, n * sizeof(*client->free_slots));
	for (uint32_t i = n; i-- > client->n_slots;) {
		client->slots[i] = NULL;
		client->free_slots[client->n_free++] = i;
	}
	client->n_slots = n;
}

int broker_client_open(const char *endpoint, struct broker_client **client, struct fault *why)
{
	struct broker_client *c = xcalloc(1, sizeof(*c));

	if (sock_open(SOCK_DEALER, endpoint, false, &c->sock, why) != 0) {
		free(c);
		return -1;
	}
	c->in = sock_msg_new();
	slots_grow(c);
	*client = c;
	return 0;
}

void broker_client_close(struct broker_client **client)
{
	struct broker_client *c = *client;

	*client = NULL;
	if (c == NULL)
		return;
	sock_msg_release(&c->in);
	sock_close(&c->sock);
	free(c->slots);
	free(c->free_slots);
	free(c);
}

int broker_client_fd(const struct broker_client *client)
{
	return sock_fd(client->sock);
}

static uint64_t request_of(const struct wire_msg *msg)
{
	switch (msg->type) {
	case WIRE_JOB:
		return msg->job.request;
	case WIRE_PAGE:
		return msg->page.request;
	case WIRE_WRITTEN:
		return msg->written.request;
	case WIRE_KEPT:
		return msg->kept.request;
	case WIRE_REFUSED:
		return msg->refused.request;
	case WIRE_PONG:
		return msg->pong.request;
	default:
		return 0;
	}
}

void broker_forget(struct broker_client *client, struct broker_call *call)
{
	uint32_t slot = (uint32_t)call->request;

	if (call->request == 0)
		return;
	assert(slot < client->n_slots && client->slots[slot] == call);
	client->slots[slot] = NULL;
	client->free_slots[client->n_free++] = slot;
	call->request = 0;
	buf_release(&call->sent);
}

static void call_back(struct broker_client *client, struct broker_call *call,
		      const struct wire_msg *msg)
{
	broker_forget(client, call);
	call->answer(call, msg, msg ? client->in : NULL);
}

static void send_call(struct broker_client *client, struct broker_call *call)
{
	struct fault why;

	if (sock_send(client->sock, NULL, buf_span(&call->sent), span_of("", 0), &why) == 0)
		return;
	log_fault(LOG_WARN, "asking the broker", &why);
	call->deadline_ms = 0;
}

void broker_ask(struct broker_client *client, struct broker_call *call, enum wire_type type,
		void *message, int timeout_ms)
{
	uint32_t slot;

	assert(call->request == 0);
	if (client->n_free == 0)
		slots_grow(client);
	slot = client->free_slots[--client->n_free];
	client->slots[slot] = call;
	call->request = ++client->asked << 32 | slot;
	call->deadline_ms = clock_ms() + timeout_ms;
	memcpy(message, &call->request, sizeof(call->request));
	buf_clear(&call->sent);
	wire_encode(&call->sent, type, message);
	call->pause_ms = AGAIN_MS;
	call->again_ms = type == WIRE_RETRY ? INT64_MAX : clock_ms() + AGAIN_MS;
	send_call(client, call);
}

int broker_client_receive(struct broker_client *client)
{
	struct wire_msg msg;
	struct fault why;
	int n = 0, rc;

	for (; (rc = sock_recv(client->sock, client->in, &why)) != 1; n++) {
		struct broker_call *call;
		uint64_t request;

		if (rc != 0 || wire_decode(sock_msg_frame(client->in, 0), &msg, &why) != 0) {
			log_fault(LOG_WARN, "an answer of the broker is dropped", &why);
			continue;
		}
		request = request_of(&msg);
		call = (uint32_t)request < client->n_slots ? client->slots[(uint32_t)request]
							   : NULL;
		if (call && call->request == request)
			call_back(client, call, &msg);
	}
	return n;
}

static void call_back_before(struct broker_client *client, int64_t now_ms)
{
	for (uint32_t i = 0; i < client->n_slots; i++) {
		struct broker_call *call = client->slots[i];

		if (call && call->deadline_ms <= now_ms)
			call_back(client, call, NULL);
	}
}

static void ask_again(struct broker_client *client, int64_t now_ms)
{
	for (uint32_t i = 0; i < client->n_slots; i++) {
		struct broker_call *call = client->slots[i];

		if (call == NULL || call->again_ms > now_ms)
			continue;
		call->pause_ms *= 2;
		call->again_ms = now_ms + call->pause_ms;
		send_call(client, call);
	}
}

void broker_client_tick(struct broker_client *client)
{
	int64_t now_ms = clock_ms();

	ask_again(client, now_ms);
	call_back_before(client, now_ms);
}

void broker_client_give_up(struct broker_client *client)
{
	call_back_before(client, INT64_MAX);
	call_back_before(client, INT64_MAX); /* who has none may have asked for something else */
}
