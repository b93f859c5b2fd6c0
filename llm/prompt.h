/*
 * prompt - what a model is told, and what it may answer.
 *
 * Shape    a prompt is for one chart of accounts and one direction: money out may go to Expenses,
 *          Assets, Liabilities and Equity, money in to Income and the last three. A question is the
 *          chat request with the description as data within JSON; an answer is the chat response
 *          whose content is {"account": one of them, "confidence": 0 to 1} and nothing else.
 * Errors   prompt_answer: see enum prompt_verdict. Bytes from outside are never trusted.
 * Owns     prompt_new gives.
 */
#ifndef DAYBOOK_LLM_PROMPT_H
#define DAYBOOK_LLM_PROMPT_H

#include "blob.h"
#include "buf.h"

#define PROMPT_VERSION                                                                             \
	"p1" /* another wording or schema is another version: cached answers differ */
#define PROMPT_CONFIDENCE_MAX 950000 /* ppm; a model never is as sure as a person */

struct prompt;

struct prompt_answer {
	struct span account; /* lives as long as the prompt; empty: it cannot be told */
	uint32_t confidence_ppm;
};

enum prompt_verdict {
	PROMPT_ANSWERED,
	PROMPT_INVALID, /* a chat response, but not with an answer as asked for */
	PROMPT_GARBAGE	/* not a chat response */
};

/* `accounts` is the chart: one account a line, `; ` and a note after it. NULL when none is left. */
struct prompt *prompt_new(struct span accounts, bool in);
void prompt_free(struct prompt **prompt);
/* Names wording, version and accounts: part of a cached answer's key. */
struct blob_hash prompt_hash(const struct prompt *prompt);
void prompt_question(const struct prompt *prompt, const char *model, struct span description,
		     struct buf *body);
enum prompt_verdict prompt_answer(const struct prompt *prompt, struct span body,
				  struct prompt_answer *answer);
/* The chart's own name of an account; false when it is not among those allowed. */
bool prompt_account(const struct prompt *prompt, struct span name, struct span *account);

#endif
