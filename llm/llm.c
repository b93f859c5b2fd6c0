/*
 * llm - see llm.h. A unit's rows become distinct questions, the cache answers what it can, the
 * endpoint gets the rest, and the answers go back to the rows.
 */
#include "llm.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "arena.h"
#include "cache.h"
#include "endpoint.h"
#include "mem.h"
#include "prompt.h"
#include "redact.h"

#define BUCKETS	    1024 /* twice ROWS_MAX, a power of two */
#define NO_QUESTION UINT32_MAX

struct question {
	struct blob_hash key; /* in the cache */
	struct span text;
	struct prompt *prompt;
	bool answered;
	struct prompt_answer answer;
};

struct llm {
	char *model, *decider;
	struct endpoint *endpoint; /* NULL: no model */
	struct cache *cache;
	/* of the chart asked last; one company's units come one after the other */
	struct buf accounts;
	struct prompt *out, *in;
	/* of the present call */
	struct question *questions;
	uint32_t n;
	uint32_t *open; /* places in questions of those to be sent */
	struct arena texts;
	struct buf scratch;
};

int llm_open(const struct llm_options *options, struct llm **out, struct fault *why)
{
	struct llm *llm = xcalloc(1, sizeof *llm);

	*out = llm;
	if (!options->url || !*options->url)
		return 0;
	if (endpoint_open(options, &llm->endpoint, why) != 0) {
		llm_close(out);
		return -1;
	}
	llm->model = xstrdup(options->model ? options->model : "");
	llm->decider = xasprintf("llm:%.100s@%s", *llm->model ? llm->model : "model",
				 PROMPT_VERSION);
	llm->cache = cache_open(options->cache_dir);
	llm->questions = xcalloc(ROWS_MAX, sizeof *llm->questions);
	llm->open = xcalloc(ROWS_MAX, sizeof *llm->open);
	return 0;
}

void llm_close(struct llm **out)
{
	struct llm *llm = *out;

	if (!llm)
		return;
	endpoint_close(&llm->endpoint);
	cache_close(&llm->cache);
	prompt_free(&llm->out);
	prompt_free(&llm->in);
	buf_release(&llm->accounts);
	buf_release(&llm->scratch);
	arena_release(&llm->texts);
	free(llm->questions);
	free(llm->open);
	free(llm->model);
	free(llm->decider);
	free(llm);
	*out = NULL;
}

bool llm_has_model(const struct llm *llm)
{
	return llm->endpoint != NULL;
}

static void use_chart(struct llm *llm, struct span accounts)
{
	if (llm->accounts.at && span_equal(buf_span(&llm->accounts), accounts))
		return;
	buf_clear(&llm->accounts);
	buf_add(&llm->accounts, accounts.at, accounts.len);
	prompt_free(&llm->out);
	prompt_free(&llm->in);
	llm->out = prompt_new(accounts, false);
	llm->in = prompt_new(accounts, true);
}

/* ---- rows to questions ---- */

static struct blob_hash key_of(const struct llm *llm, struct span tenant,
			       const struct prompt *prompt, struct span text)
{
	crypto_generichash_state state;
	struct blob_hash key, asked = prompt_hash(prompt);
	const struct span parts[] = {tenant, span_text(llm->model), text};

	crypto_generichash_init(&state, asked.bytes, sizeof asked.bytes, sizeof key.bytes);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		uint64_t len = parts[i].len;

		crypto_generichash_update(&state, (const unsigned char *)&len, sizeof len);
		crypto_generichash_update(&state, (const unsigned char *)parts[i].at, len);
	}
	crypto_generichash_final(&state, key.bytes, sizeof key.bytes);
	return key;
}

/* The description as it is sent. Case is kept, since it helps a model to read; the key does not
 * know it. */
static struct span question_text(struct llm *llm, struct span description, struct span *folded)
{
	buf_clear(&llm->scratch);
	redact(&llm->scratch, description);
	struct span text = arena_copy(&llm->texts, buf_span(&llm->scratch));

	for (size_t i = 0; i < llm->scratch.len; i++)
		if (llm->scratch.at[i] >= 'A' && llm->scratch.at[i] <= 'Z')
			llm->scratch.at[i] |= 0x20;
	*folded = buf_span(&llm->scratch);
	return text;
}

static bool is_open(const struct rows *rows, uint32_t i)
{
	return rows->state[i] != ROW_REJECTED && rows->account[i].len == 0 &&
	       rows->amount_minor[i] != 0 && rows->description[i].len > 0;
}

bool llm_has_questions(const struct rows *rows)
{
	uint32_t i = 0;

	while (i < rows->n && !is_open(rows, i))
		i++;
	return i < rows->n;
}

/* Place of the row's question, new or known. */
static uint32_t question_of(struct llm *llm, struct span tenant, const struct rows *rows,
			    uint32_t i, uint32_t *buckets)
{
	struct prompt *prompt = rows->amount_minor[i] > 0 ? llm->in : llm->out;
	struct span folded, text;

	if (!prompt)
		return NO_QUESTION;
	text = question_text(llm, rows_span(rows, rows->description[i]), &folded);
	if (text.len == 0)
		return NO_QUESTION;
	struct blob_hash key = key_of(llm, tenant, prompt, folded);
	uint32_t at = (uint32_t)(key.bytes[0] | key.bytes[1] << 8) % BUCKETS;

	for (; buckets[at] != 0; at = (at + 1) % BUCKETS)
		if (memcmp(&llm->questions[buckets[at] - 1].key, &key, sizeof key) == 0)
			return buckets[at] - 1;
	llm->questions[llm->n] = (struct question){.key = key, .text = text, .prompt = prompt};
	buckets[at] = ++llm->n;
	return llm->n - 1;
}

static bool from_cache(struct llm *llm, struct question *question)
{
	struct cache_entry entry;

	if (!cache_get(llm->cache, &question->key, &entry))
		return false;
	if (entry.account[0] != '\0' &&
	    !prompt_account(question->prompt, span_text(entry.account), &question->answer.account))
		return false;
	question->answer.confidence_ppm = entry.confidence_ppm;
	question->answered = true;
	return true;
}

/* ---- questions to the endpoint ---- */

static void write_question(void *arg, uint32_t i, struct buf *body)
{
	struct llm *llm = arg;
	const struct question *question = &llm->questions[llm->open[i]];

	prompt_question(question->prompt, llm->model, question->text, body);
}

/* An answer that is not as asked for is no answer, but no failure of the endpoint either: it would
 * be the same again, at temperature 0. */
static bool take_answer(void *arg, uint32_t i, struct span reply)
{
	struct llm *llm = arg;
	struct question *question = &llm->questions[llm->open[i]];
	enum prompt_verdict verdict = prompt_answer(question->prompt, reply, &question->answer);

	if (verdict == PROMPT_ANSWERED) {
		question->answered = true;
		cache_put(llm->cache, &question->key, question->answer.account,
			  question->answer.confidence_ppm);
	}
	return verdict != PROMPT_GARBAGE;
}

static void ask_open(struct llm *llm, int (*alive)(void *), void *alive_arg,
		     struct llm_report *report)
{
	struct endpoint_job job = {.arg = llm,
				   .write = write_question,
				   .taken = take_answer,
				   .alive = alive,
				   .alive_arg = alive_arg};

	for (uint32_t i = 0; i < llm->n; i++) {
		if (from_cache(llm, &llm->questions[i]))
			report->cached++;
		else
			llm->open[job.n++] = i;
	}
	if (job.n > 0)
		endpoint_ask(llm->endpoint, &job);
	report->asked = job.n;
	for (uint32_t i = 0; i < llm->n; i++)
		report->answered += llm->questions[i].answered;
	report->failed = llm->n - report->answered;
}

/* ---- answers to rows ---- */

static void answer_row(struct llm *llm, struct rows *rows, uint32_t i,
		       const struct question *question, struct text_ref *decider)
{
	struct span account = question->answer.account;

	if (!question->answered || account.len == 0 ||
	    span_equal(account, rows_span(rows, rows->bank[i])))
		return; /* an account is never booked against itself */
	if (decider->len == 0)
		*decider = rows_text(rows, span_text(llm->decider));
	rows->account[i] = rows_text(rows, account);
	rows->decider[i] = *decider;
	rows->confidence_ppm[i] = question->answer.confidence_ppm;
	rows->source[i] = SOURCE_LLM;
}

void llm_ask(struct llm *llm, const struct llm_company *company, struct rows *rows,
	     int (*alive)(void *), void *alive_arg, struct llm_report *report)
{
	uint32_t asks[ROWS_MAX] = {0}, buckets[BUCKETS] = {0};
	struct text_ref decider = {0};

	*report = (struct llm_report){0};
	if (!llm->endpoint)
		return;
	assert(rows->n <= ROWS_MAX);
	use_chart(llm, company->accounts);
	llm->n = 0;
	for (uint32_t i = 0; i < rows->n; i++)
		asks[i] = is_open(rows, i) ? question_of(llm, company->tenant, rows, i, buckets)
					   : NO_QUESTION;
	ask_open(llm, alive, alive_arg, report);
	for (uint32_t i = 0; i < rows->n; i++)
		if (asks[i] != NO_QUESTION)
			answer_row(llm, rows, i, &llm->questions[asks[i]], &decider);
	arena_reset(&llm->texts);
}
