/*
 * patterns - see patterns.h.
 */
#include "patterns.h"

#include <assert.h>
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "fold.h"
#include "mem.h"
#include "regex.h"
#include "stored.h"

#define HS_REGEX_FLAGS (HS_FLAG_CASELESS | HS_FLAG_UTF8 | HS_FLAG_SINGLEMATCH)
#define HS_RETRIES_MAX 4 /* patterns that are too large only together; then all go to PCRE2 */

struct pattern {
	struct span text;
	struct regex *regex; /* NULL: what the scan says is final */
	uint8_t kind;
	bool scanned, prefilter;
};

struct patterns {
	struct pattern *all;
	uint32_t n, room, n_regex, n_pcre2;
	hs_database_t *database;
	hs_scratch_t *scratch;
	struct span folded; /* scanned last */
	bool *hit;	    /* by id */
	uint32_t *hits;	    /* ids, in the order found */
	uint32_t n_hits;
	uint64_t given_up, told; /* how many of them were asked for */
	uint32_t last_given_up;
};

struct patterns *patterns_new(void)
{
	return xcalloc(1, sizeof(struct patterns));
}

void patterns_free(struct patterns **patterns)
{
	struct patterns *p = *patterns;

	if (!p)
		return;
	for (uint32_t i = 0; i < p->n; i++)
		regex_free(&p->all[i].regex);
	hs_free_scratch(p->scratch);
	hs_free_database(p->database);
	free(p->all);
	free(p->hit);
	free(p->hits);
	free(p);
	*patterns = NULL;
}

static bool hs_knows(struct span text, unsigned flags)
{
	hs_compile_error_t *error = NULL;
	hs_expr_info_t *info = NULL;
	char *ended = xstrndup(text.at, text.len);
	bool knows = hs_expression_info(ended, flags, &info, &error) == HS_SUCCESS;

	free(ended);
	free(info);
	hs_free_compile_error(error);
	return knows;
}

int patterns_add(struct patterns *p, enum pattern_kind kind, struct span text, uint32_t *id,
		 struct fault *why)
{
	struct pattern pattern = {.text = text, .kind = (uint8_t)kind, .scanned = true};

	if (kind == PATTERN_REGEX) {
		if (p->n_regex == PATTERNS_REGEX_MAX)
			return fault_set(why, FAULT_JOB, "regex",
					 "more than %d regular expressions", PATTERNS_REGEX_MAX);
		if (regex_read(text, &pattern.regex, why) != 0)
			return -1;
		p->n_regex++;
		pattern.scanned = regex_is_small(text);
		pattern.prefilter = pattern.scanned && !hs_knows(text, HS_REGEX_FLAGS);
		if (pattern.prefilter)
			pattern.scanned = hs_knows(text, HS_REGEX_FLAGS | HS_FLAG_PREFILTER);
		p->n_pcre2 += !pattern.scanned || pattern.prefilter;
		if (p->n_pcre2 > PATTERNS_REGEX_PCRE2_MAX) {
			regex_free(&pattern.regex);
			return fault_set(why, FAULT_JOB, "regex",
					 "more than %d regular expressions with lookaround, back "
					 "references or large repeats",
					 PATTERNS_REGEX_PCRE2_MAX);
		}
	}
	if (p->n == p->room) {
		p->room = p->room ? p->room * 2 : 64;
		p->all = xrealloc(p->all, p->room * sizeof *p->all);
	}
	*id = p->n++;
	p->all[*id] = pattern;
	return 0;
}

/* A text as Vectorscan's expression for just these bytes. */
static char *literal(struct span text)
{
	struct buf out = {0};

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = (uint8_t)text.at[i];

		if (c < 0x80 && (fold_is_word(c) || c == ' '))
			buf_char(&out, (char)c);
		else
			buf_format(&out, "\\x%02x", c);
	}
	return out.at;
}

static unsigned hs_flags(const struct pattern *pattern)
{
	if (pattern->kind == PATTERN_REGEX)
		return HS_REGEX_FLAGS | (pattern->prefilter ? HS_FLAG_PREFILTER : 0);
	/* every place: a word's first may be within another; for others it is no slower */
	return 0;
}

/* What goes to Vectorscan: arrays as it wants them. */
struct batch {
	char **texts;
	unsigned *flags, *ids, n;
};

static struct batch batch_of(const struct patterns *p)
{
	struct batch batch = {xcalloc(p->n + 1, sizeof *batch.texts),
			      xcalloc(p->n + 1, sizeof *batch.flags),
			      xcalloc(p->n + 1, sizeof *batch.ids), 0};

	for (uint32_t i = 0; i < p->n; i++) {
		const struct pattern *pattern = &p->all[i];

		if (!pattern->scanned)
			continue;
		batch.texts[batch.n] = pattern->kind == PATTERN_REGEX
					       ? xstrndup(pattern->text.at, pattern->text.len)
					       : literal(pattern->text);
		batch.flags[batch.n] = hs_flags(pattern);
		batch.ids[batch.n++] = i;
	}
	return batch;
}

static void batch_release(struct batch *batch)
{
	for (unsigned i = 0; i < batch->n; i++)
		free(batch->texts[i]);
	free(batch->texts);
	free(batch->flags);
	free(batch->ids);
}

/* Returns -1 with the pattern that Vectorscan refused in *failed (or UINT32_MAX) and its reason in
 * `why`. */
static int hs_build(struct patterns *p, const char *store, uint32_t *failed, struct fault *why)
{
	struct batch batch = batch_of(p);
	const char *const *texts = (const char *const *)batch.texts;
	struct blob_hash key = stored_key(texts, batch.flags, batch.ids, batch.n);
	hs_compile_error_t *error = NULL;
	int rc = 0;

	if (store && batch.n > 0)
		p->database = stored_load(store, &key);
	if (batch.n > 0 && !p->database) {
		if (hs_compile_multi(texts, batch.flags, batch.ids, batch.n, HS_MODE_BLOCK, NULL,
				     &p->database, &error) == HS_SUCCESS) {
			if (store)
				stored_save(store, &key, p->database);
		} else {
			*failed = error->expression >= 0 ? batch.ids[error->expression]
							 : UINT32_MAX;
			rc = fault_set(why, FAULT_JOB, "rules-engine",
				       "cannot compile the rules: %s", error->message);
		}
	}
	hs_free_compile_error(error);
	batch_release(&batch);
	return rc;
}

/* From now on PCRE2's alone. */
static void unscan(struct patterns *p, uint32_t failed, bool all)
{
	for (uint32_t i = 0; i < p->n; i++)
		if (p->all[i].kind == PATTERN_REGEX && (all || i == failed))
			p->all[i].scanned = false;
}

int patterns_build(struct patterns *p, const char *store, uint32_t *id, struct fault *why)
{
	int retries = 0;
	uint32_t failed = UINT32_MAX;

	while (hs_build(p, store, &failed, why) != 0) {
		if (retries > HS_RETRIES_MAX)
			return -1;
		unscan(p, failed, failed == UINT32_MAX || retries == HS_RETRIES_MAX);
		retries++;
	}
	for (*id = 0; *id < p->n; (*id)++) {
		struct pattern *pattern = &p->all[*id];

		if (pattern->scanned && !pattern->prefilter)
			regex_free(&pattern->regex);
		else if (regex_ready(pattern->regex, why) != 0)
			return -1;
	}
	*id = UINT32_MAX;
	if (p->database && hs_alloc_scratch(p->database, &p->scratch) != HS_SUCCESS)
		return fault_set(why, FAULT_RETRY, "rules-engine", "no memory to match rules in");
	p->hit = xcalloc(p->n + 1, sizeof *p->hit);
	p->hits = xcalloc(p->n + 1, sizeof *p->hits);
	return 0;
}

/* Neither side of the found text goes on with a letter or digit, where its own end is one. */
static bool is_whole_word(struct span text, struct span in, size_t from)
{
	size_t to = from + text.len;
	bool starts = fold_is_word((uint8_t)text.at[0]);
	bool ends = fold_is_word((uint8_t)text.at[text.len - 1]);

	return !(starts && from > 0 && fold_is_word((uint8_t)in.at[from - 1])) &&
	       !(ends && to < in.len && fold_is_word((uint8_t)in.at[to]));
}

static int found(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
		 void *context)
{
	struct patterns *p = context;
	const struct pattern *pattern = &p->all[id];

	(void)from; /* not tracked: a literal's start is its end less its length */
	(void)flags;
	if (p->hit[id])
		return 0;
	if (pattern->kind == PATTERN_WORD &&
	    !is_whole_word(pattern->text, p->folded, (size_t)to - pattern->text.len))
		return 0;
	p->hit[id] = true;
	p->hits[p->n_hits++] = id;
	return 0;
}

uint32_t patterns_scan(struct patterns *p, struct span folded, const uint32_t **ids)
{
	for (uint32_t i = 0; i < p->n_hits; i++)
		p->hit[p->hits[i]] = false;
	p->n_hits = 0;
	p->folded = folded;
	*ids = p->hits;
	if (p->database && folded.len > 0) {
		hs_error_t rc = hs_scan(p->database, folded.at, (unsigned)folded.len, 0, p->scratch,
					found, p);
		assert(rc == HS_SUCCESS); /* anything else is misuse of the interface */
		(void)rc;
	}
	return p->n_hits;
}

bool patterns_hold(struct patterns *p, uint32_t id)
{
	const struct pattern *pattern = &p->all[id];

	if (pattern->scanned && !p->hit[id])
		return false;
	if (!pattern->regex)
		return true;
	int matches = regex_matches(pattern->regex, p->folded);

	if (matches < 0) {
		p->given_up++;
		p->last_given_up = id;
	}
	return matches > 0;
}

uint32_t patterns_count(const struct patterns *p)
{
	return p->n;
}

bool patterns_is_final(const struct patterns *p, uint32_t id)
{
	return p->all[id].scanned && !p->all[id].regex;
}

bool patterns_is_scanned(const struct patterns *p, uint32_t id)
{
	return p->all[id].scanned;
}

uint64_t patterns_given_up(const struct patterns *p)
{
	return p->given_up;
}

bool patterns_gave_up(struct patterns *p, uint32_t *id)
{
	bool any = p->given_up != p->told;

	p->told = p->given_up;
	*id = p->last_given_up;
	return any;
}
