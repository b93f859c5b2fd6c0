/*
 * endpoint - see endpoint.h. One slot for each question under way; a slot that waits for its next
 * try stays taken, so that a struggling endpoint gets fewer questions, not more.
 */
#include "endpoint.h"

#include <curl/curl.h>
#include <sodium.h>
#include <stdlib.h>

#include "breaker.h"
#include "clock.h"
#include "log.h"
#include "mem.h"
#include "secret.h"

#define CONNECT_MS     5000
#define POLL_MS	       200 /* between calls of alive() */
#define PAUSE_FIRST_MS 250
#define PAUSE_MAX_MS   10000 /* also of Retry-After */
#define LOG_EVERY_MS   60000
#define RETRIES_FREE   8 /* in each call, and one more for ten questions */

enum slot_state { SLOT_FREE, SLOT_SENT, SLOT_WAITS };

struct slot {
	enum slot_state state;
	uint32_t question, tries;
	int64_t due_ms; /* of the next try */
	CURL *easy;
	struct buf body, reply;
};

struct endpoint {
	char *url;
	CURLM *multi;
	struct curl_slist *headers;
	struct slot *slots;
	uint32_t n_slots, in_flight, timeout_ms;
	struct breaker breaker;
	int64_t logged_ms; /* 0: never */
	uint64_t unlogged;
};

/* One call of endpoint_ask. */
struct call {
	struct endpoint *endpoint;
	struct endpoint_job *job;
	uint32_t next, retries;
	bool over; /* nobody waits, or the endpoint is left alone: what is left goes unanswered */
};

/* ---- set-up ---- */

static size_t receive(char *bytes, size_t size, size_t n, void *arg)
{
	struct slot *slot = arg;

	if (size * n > ENDPOINT_REPLY_MAX - slot->reply.len)
		return 0; /* ends the transfer */
	buf_add(&slot->reply, bytes, size * n);
	return size * n;
}

static bool is_loopback(const char *host)
{
	return strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
	       strcmp(host, "[::1]") == 0;
}

static int check_url(const char *url, bool has_key, struct fault *why)
{
	CURLU *parts = curl_url();
	char *scheme = NULL, *host = NULL;
	bool usable = curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
		      curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		      curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		      (strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0);

	if (usable && has_key && strcmp(scheme, "http") == 0 && !is_loopback(host))
		log_warn("the model's key goes to %s unencrypted: use https", host);
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(parts);
	if (usable)
		return 0;
	fault_set(why, FAULT_JOB, "model-url", "the model's url is not an http or https address");
	return fault_hint(why, "model/url in daybook.conf: https://host/v1/chat/completions");
}

static int set_headers(struct endpoint *endpoint, const char *secret)
{
	struct curl_slist *all = curl_slist_append(NULL, "Content-Type: application/json");

	all = curl_slist_append(all, "Accept: application/json");
	all = curl_slist_append(all, "Expect:"); /* no round trip of its own for a larger chart */
	if (secret) {
		char *header = xasprintf("Authorization: Bearer %s", secret);

		all = curl_slist_append(all, header);
		secret_free(&header);
	}
	endpoint->headers = all;
	return all ? 0 : -1;
}

static CURL *easy_new(const struct endpoint *endpoint, struct slot *slot)
{
	CURL *easy = curl_easy_init();

	if (!easy)
		return NULL;
	curl_easy_setopt(easy, CURLOPT_URL, endpoint->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, endpoint->headers);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "daybook/" DAYBOOK_VERSION);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)endpoint->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, slot);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, slot);
	return easy;
}

static int start(struct endpoint *endpoint)
{
	endpoint->multi = curl_multi_init();
	if (!endpoint->multi)
		return -1;
	for (uint32_t i = 0; i < endpoint->n_slots; i++) {
		endpoint->slots[i].easy = easy_new(endpoint, &endpoint->slots[i]);
		if (!endpoint->slots[i].easy)
			return -1;
	}
	return 0;
}

int endpoint_open(const struct llm_options *options, struct endpoint **out, struct fault *why)
{
	struct endpoint *endpoint = NULL;
	char *secret = NULL;
	uint32_t n = options->questions_in_flight;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return fault_set(why, FAULT_JOB, "model-url", "libcurl does not start");
	if (secret_read(options->key_file, &secret, why) != 0 ||
	    check_url(options->url, secret != NULL, why) != 0) {
		secret_free(&secret);
		return -1;
	}
	endpoint = xcalloc(1, sizeof *endpoint);
	endpoint->url = xstrdup(options->url);
	endpoint->timeout_ms = options->timeout_ms ? options->timeout_ms : 30000;
	endpoint->n_slots = n < 1 ? 1 : n > ENDPOINT_IN_FLIGHT_MAX ? ENDPOINT_IN_FLIGHT_MAX : n;
	endpoint->slots = xcalloc(endpoint->n_slots, sizeof *endpoint->slots);
	int rc = set_headers(endpoint, secret);

	secret_free(&secret);
	if (rc == 0 && start(endpoint) == 0) {
		*out = endpoint;
		return 0;
	}
	endpoint_close(&endpoint);
	return fault_set(why, FAULT_RETRY, "model-url", "no memory for connections to the model");
}

void endpoint_close(struct endpoint **out)
{
	struct endpoint *endpoint = *out;

	if (!endpoint)
		return;
	for (uint32_t i = 0; i < endpoint->n_slots; i++) {
		curl_easy_cleanup(endpoint->slots[i].easy);
		buf_release(&endpoint->slots[i].body);
		buf_release(&endpoint->slots[i].reply);
	}
	curl_multi_cleanup(endpoint->multi);
	for (struct curl_slist *header = endpoint->headers; header; header = header->next)
		sodium_memzero(header->data, strlen(header->data)); /* one of them has the key */
	curl_slist_free_all(endpoint->headers);
	free(endpoint->slots);
	free(endpoint->url);
	free(endpoint);
	*out = NULL;
}

/* ---- asking ---- */

static void send_slot(struct call *call, struct slot *slot)
{
	buf_clear(&slot->reply);
	curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)slot->body.len);
	curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS, slot->body.at);
	curl_multi_add_handle(call->endpoint->multi, slot->easy);
	slot->state = SLOT_SENT;
	slot->tries++;
}

/* Fills free slots, and sends those whose pause is over. */
static void send_due(struct call *call, int64_t now_ms)
{
	struct endpoint *endpoint = call->endpoint;
	uint32_t allowed = breaker_allows(&endpoint->breaker, endpoint->n_slots, now_ms);

	if (allowed == 0)
		call->over = true;
	for (uint32_t i = 0; i < endpoint->n_slots && !call->over; i++) {
		struct slot *slot = &endpoint->slots[i];

		if (slot->state == SLOT_WAITS && slot->due_ms <= now_ms) {
			send_slot(call, slot);
		} else if (slot->state == SLOT_FREE && endpoint->in_flight < allowed &&
			   call->next < call->job->n) {
			slot->question = call->next++;
			slot->tries = 0;
			buf_clear(&slot->body);
			call->job->write(call->job->arg, slot->question, &slot->body);
			endpoint->in_flight++;
			send_slot(call, slot);
		}
	}
}

static void slot_end(struct call *call, struct slot *slot, bool failed)
{
	slot->state = SLOT_FREE;
	call->endpoint->in_flight--;
	call->job->failed += failed;
}

/* Never the reply itself: it may repeat a person's rows. */
static void complain(struct endpoint *endpoint, CURLcode rc, long status)
{
	int64_t now_ms = clock_ms();

	endpoint->unlogged++;
	if (endpoint->logged_ms != 0 && now_ms - endpoint->logged_ms < LOG_EVERY_MS)
		return;
	if (rc != CURLE_OK)
		log_warn("the model did not answer: %s", curl_easy_strerror(rc));
	else if (status != 200)
		log_warn("the model did not answer: HTTP status %ld", status);
	else
		log_warn("the model's reply is not a chat response");
	if (endpoint->logged_ms != 0 && endpoint->unlogged > 1)
		log_warn("%llu failures since the last such line",
			 (unsigned long long)endpoint->unlogged);
	endpoint->logged_ms = now_ms;
	endpoint->unlogged = 0;
}

static bool is_transient(CURLcode rc, long status)
{
	if (rc == CURLE_OK)
		return status == 408 || status == 429 || (status >= 500 && status <= 599);
	/* not timeouts: another try would cost as much again */
	return rc == CURLE_COULDNT_CONNECT || rc == CURLE_GOT_NOTHING || rc == CURLE_SEND_ERROR ||
	       rc == CURLE_RECV_ERROR || rc == CURLE_PARTIAL_FILE;
}

static int64_t pause_of(const struct slot *slot)
{
	curl_off_t after_s = 0;
	int64_t pause_ms = (int64_t)PAUSE_FIRST_MS << slot->tries;

	/* spread, so that questions that failed together do not come back together */
	pause_ms = pause_ms / 2 + randombytes_uniform((uint32_t)pause_ms);
	curl_easy_getinfo(slot->easy, CURLINFO_RETRY_AFTER, &after_s);
	if (after_s > 0 && after_s * 1000 > pause_ms)
		pause_ms = after_s * 1000;
	return pause_ms < PAUSE_MAX_MS ? pause_ms : PAUSE_MAX_MS;
}

static void slot_failed(struct call *call, struct slot *slot, CURLcode rc, long status)
{
	struct endpoint *endpoint = call->endpoint;
	int64_t now_ms = clock_ms();
	uint32_t weight = rc == CURLE_OPERATION_TIMEDOUT ? BREAKER_TIMEOUT : 1;

	complain(endpoint, rc, status);
	if (breaker_failure(&endpoint->breaker, weight, now_ms)) {
		log_warn("the model is left alone for %lld s",
			 (long long)(endpoint->breaker.pause_ms / 1000));
		call->over = true;
	}
	if (call->over || !is_transient(rc, status) || slot->tries >= ENDPOINT_TRIES ||
	    call->retries == 0) {
		slot_end(call, slot, true);
		return;
	}
	call->retries--;
	slot->state = SLOT_WAITS;
	slot->due_ms = now_ms + pause_of(slot);
}

static void slot_done(struct call *call, struct slot *slot, CURLcode rc)
{
	long status = 0;

	curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
	if (rc == CURLE_OK && status == 200 &&
	    call->job->taken(call->job->arg, slot->question, buf_span(&slot->reply))) {
		breaker_success(&call->endpoint->breaker);
		slot_end(call, slot, false);
	} else {
		slot_failed(call, slot, rc, status);
	}
}

/* How many there were. */
static int take_replies(struct call *call)
{
	CURLM *multi = call->endpoint->multi;
	CURLMsg *message;
	int left = 0, n = 0;

	while ((message = curl_multi_info_read(multi, &left))) {
		CURLcode rc = message->data.result;
		CURL *easy = message->easy_handle;
		char *private = NULL;

		curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
		curl_multi_remove_handle(multi, easy); /* ends what `message` points to */
		slot_done(call, (struct slot *)(void *)private, rc);
		n++;
	}
	return n;
}

static void drop_rest(struct call *call)
{
	struct endpoint *endpoint = call->endpoint;

	for (uint32_t i = 0; i < endpoint->n_slots; i++) {
		struct slot *slot = &endpoint->slots[i];

		if (slot->state == SLOT_SENT)
			curl_multi_remove_handle(endpoint->multi, slot->easy);
		if (slot->state != SLOT_FREE)
			slot_end(call, slot, true);
	}
	call->job->failed += call->job->n - call->next;
}

void endpoint_ask(struct endpoint *endpoint, struct endpoint_job *job)
{
	struct call call = {
		.endpoint = endpoint, .job = job, .retries = RETRIES_FREE + job->n / 10};
	int running = 0;

	job->failed = 0;
	while (!call.over && (call.next < job->n || endpoint->in_flight > 0)) {
		send_due(&call, clock_ms());
		curl_multi_perform(endpoint->multi, &running);
		/* a reply made room: send before waiting */
		if (take_replies(&call) == 0 && !call.over && endpoint->in_flight > 0)
			curl_multi_poll(endpoint->multi, NULL, 0, POLL_MS, NULL);
		if (job->alive && job->alive(job->alive_arg) != 0)
			call.over = true;
	}
	drop_rest(&call);
}
