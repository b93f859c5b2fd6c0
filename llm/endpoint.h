/*
 * endpoint - posts questions to a chat endpoint, several at once (libcurl multi).
 *
 * Shape    each question is one POST of a JSON body; what comes back with status 200 goes to
 *          `taken`, which says whether it was a chat response. 408, 429, 5xx and broken connections
 *          are tried again up to ENDPOINT_TRIES times, after a pause that doubles (or as
 *          Retry-After says), within a budget of retries for the whole call. Redirects are not
 *          followed: the key is for this address only. A reply over ENDPOINT_REPLY_MAX is none.
 * Errors   endpoint_open: -1 with fault JOB "model-url", "model-key". endpoint_ask: none; a
 *          question that got no answer is just not taken. Why is logged once a minute.
 * Owns     endpoint_open gives. Bodies are asked for when they are sent.
 */
#ifndef DAYBOOK_LLM_ENDPOINT_H
#define DAYBOOK_LLM_ENDPOINT_H

#include "buf.h"
#include "fault.h"
#include "llm.h"

#define ENDPOINT_REPLY_MAX     (64 * 1024)
#define ENDPOINT_TRIES	       3
#define ENDPOINT_IN_FLIGHT_MAX 64

struct endpoint;

struct endpoint_job {
	uint32_t n; /* questions, from 0 */
	void *arg;  /* of write and taken */
	void (*write)(void *arg, uint32_t question, struct buf *body);
	/* False: not a chat response; counts as a failure of the endpoint. */
	bool (*taken)(void *arg, uint32_t question, struct span reply);
	int (*alive)(void *arg); /* at least twice a second; non-zero ends the call */
	void *alive_arg;
	uint32_t failed; /* questions without a reply that was taken */
};

int endpoint_open(const struct llm_options *options, struct endpoint **endpoint, struct fault *why);
void endpoint_close(struct endpoint **endpoint);
void endpoint_ask(struct endpoint *endpoint, struct endpoint_job *job);

#endif
