/*
 * llm - asks a language model which account a transaction belongs to.
 *
 * Shape    one question per distinct description (redacted, ASCII case aside) and direction;
 *          several questions are in flight at once (libcurl multi); answers are strict JSON against
 *          a schema whose accounts are the chart's, anything else is no answer. Amounts and dates
 *          are never sent and never come from a model. Answers are cached in CACHE_DIR by (tenant,
 *          model, prompt version, chart, question), so a replay asks nothing again. Text is
 *          redacted first: card, account and phone numbers, addresses. A model may say that it
 *          cannot tell: that is an answer, and the row stays without an account.
 * Errors   none that fail a job: a row without an answer stays without an account. What went wrong
 *          is logged once a minute and counted in struct llm_report. llm_open: -1 with fault JOB
 *          "model-url" or "model-key".
 * Owns     llm_open gives. The key is read from `key_file` (refused unless 0600) or the environment
 *          and wiped at close.
 */
#ifndef DAYBOOK_LLM_LLM_H
#define DAYBOOK_LLM_LLM_H

#include "fault.h"
#include "rows.h"

struct llm;

struct llm_options {
	const char *url, *model, *key_file, *cache_dir; /* url NULL or "": no model */
	uint32_t timeout_ms, questions_in_flight;
};

/* Distinct questions: those sent, those found in the cache, those of both that were answered (also
 * with "cannot be told"), those sent without a usable answer. */
struct llm_report {
	uint32_t asked, cached, answered, failed;
};

int llm_open(const struct llm_options *options, struct llm **llm, struct fault *why);
void llm_close(struct llm **llm);
bool llm_has_model(const struct llm *llm);
/* Whether there is a row that would be asked about. */
bool llm_has_questions(const struct rows *rows);
/* Whose rows they are. `accounts` is the chart, one name a line, `;` and what belongs there after
 * it. */
struct llm_company {
	struct span tenant, accounts;
};

/* Fills account, source, confidence_ppm, decider (llm:MODEL@PROMPT) of rows without an account.
 * `alive` is called at least once a second while it waits; when it returns non-zero the rest goes
 * unanswered. */
void llm_ask(struct llm *llm, const struct llm_company *company, struct rows *rows,
	     int (*alive)(void *), void *alive_arg, struct llm_report *report);

#endif
