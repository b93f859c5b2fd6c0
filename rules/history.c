/*
 * history - see history.h. This file: the text, the merchants known, and rows; bayes.c guesses the
 * others.
 */
#include "history.h"

#include <stdio.h>
#include <stdlib.h>

#include "arena.h"
#include "bayes.h"
#include "mem.h"
#include "merchant.h"
#include "rules.h"

#define CLASS_MAX   127
#define SUGGEST_PPM 300000 /* below it a suggestion is noise */

/* How an unseen agreement is weighed: as so many decisions that went as the company's own usually
 * do, which is counted, beginning with 9 of 10. */
#define PRIOR_WEIGHT 1.0

struct history {
	struct bayes *bayes;
	struct sample *samples; /* sorted by merchant and direction, newest first within */
	uint32_t n;
	double agreement; /* how often a merchant is decided as before */
	char version[RULES_VERSION_SIZE];
	struct arena arena;
	struct buf merchant;
};

/* ---- the text ---- */

/* Powers of the square root of two: 2 for each power of two, 1 more in the upper half. */
static uint32_t class_of(uint64_t size)
{
	uint32_t power = 0;

	while (size >> power > 1)
		power++;
	/* 2^(p + 1/2) = 2^p * 1.41421 */
	return 2 * power +
	       (power > 0 && (double)size >= 1.41421356 * (double)(UINT64_C(1) << power));
}

static void sample_of(const struct rows *rows, uint32_t i, struct buf *merchant,
		      struct sample *sample)
{
	int64_t minor = rows->amount_minor[i];

	buf_clear(merchant);
	merchant_of(merchant, rows_span(rows, rows->description[i]));
	*sample = (struct sample){.merchant = buf_span(merchant),
				  .out = minor <= 0,
				  .class = class_of(minor < 0 ? -(uint64_t)minor : (uint64_t)minor),
				  .count = 1};
}

static int by_merchant(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;
	size_t len = x->merchant.len < y->merchant.len ? x->merchant.len : y->merchant.len;
	int order = len ? memcmp(x->merchant.at, y->merchant.at, len) : 0;

	if (order == 0)
		order = (x->merchant.len > y->merchant.len) - (x->merchant.len < y->merchant.len);
	if (order == 0)
		order = (int)x->out - (int)y->out;
	return order ? order : (x->place > y->place) - (x->place < y->place);
}

/* Equal ones lie near: within the merchant, whose decisions are few. */
static bool is_counted(struct sample *samples, uint32_t i)
{
	struct sample *it = &samples[i];

	for (uint32_t k = i; k-- > 0;) {
		struct sample *before = &samples[k];

		if (before->out != it->out || !span_equal(before->merchant, it->merchant))
			return false;
		if (before->count == 0 || before->class != it->class ||
		    !span_equal(before->account, it->account))
			continue;
		before->count += it->count;
		it->count = 0;
		return true;
	}
	return false;
}

static int by_place(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	return (x->place > y->place) - (x->place < y->place);
}

void history_pack(const struct rows *decided, size_t max, struct buf *text)
{
	struct sample *samples = xcalloc(decided->n + 1, sizeof *samples);
	struct arena arena = {0};
	struct buf merchant = {0};
	char line[MERCHANT_MAX + ACCOUNT_LEN_MAX + 40];

	for (uint32_t i = 0; i < decided->n; i++) {
		sample_of(decided, i, &merchant, &samples[i]);
		samples[i].merchant = arena_copy(&arena, samples[i].merchant);
		samples[i].account = rows_span(decided, decided->account[i]);
		samples[i].place = i;
	}
	qsort(samples, decided->n, sizeof *samples, by_merchant);
	for (uint32_t i = 1; i < decided->n; i++)
		is_counted(samples, i);
	qsort(samples, decided->n, sizeof *samples, by_place);
	for (uint32_t i = 0; i < decided->n; i++) {
		const struct sample *s = &samples[i];
		int len = snprintf(line, sizeof line, "%c %u %u %.*s %.*s\n", s->out ? 'o' : 'i',
				   s->class, s->count, SPAN_ARG(s->account), SPAN_ARG(s->merchant));

		if (s->count == 0 || s->merchant.len == 0)
			continue;
		if (text->len + (size_t)len > max)
			break;
		buf_add(text, line, (size_t)len);
	}
	free(samples);
	arena_release(&arena);
	buf_release(&merchant);
}

static struct span next_field(struct span *line)
{
	const char *space = line->len ? memchr(line->at, ' ', line->len) : NULL;
	struct span field = span_of(line->at, space ? (size_t)(space - line->at) : line->len);

	*line = span_of(line->at + field.len + (space != NULL),
			line->len - field.len - (space != NULL));
	return field;
}

static int read_line(struct history *history, struct span line, struct sample *sample)
{
	struct span direction = next_field(&line), class = next_field(&line);
	struct span count = next_field(&line), account = next_field(&line);
	uint64_t number, times;

	if (span_u64(class, &number) != 0 || number > CLASS_MAX || span_u64(count, &times) != 0 ||
	    times == 0 || times > UINT32_MAX || account.len == 0 || line.len == 0)
		return -1;
	*sample = (struct sample){.merchant = arena_copy(&history->arena, line),
				  .account = arena_copy(&history->arena, account),
				  .out = span_is(direction, "o"),
				  .class = (uint32_t)number,
				  .count = (uint32_t)times,
				  .place = history->n};
	return 0;
}

/* ---- merchants known ---- */

static bool is_same(const struct sample *a, const struct sample *b)
{
	return a->out == b->out && span_equal(a->merchant, b->merchant);
}

/* Of each merchant's decisions after the first, how many went like the newest. */
static void measure_agreement(struct history *history)
{
	double agreed = 9, all = 10;

	for (uint32_t i = 0, first = 0; i < history->n; i++) {
		const struct sample *s = &history->samples[i];

		if (!is_same(s, &history->samples[first]))
			first = i;
		all += s->count;
		if (span_equal(s->account, history->samples[first].account))
			agreed += s->count;
		if (first == i) { /* the newest agrees with itself */
			all -= 1;
			agreed -= 1;
		}
	}
	history->agreement = agreed / all;
}

struct history *history_read(struct span text)
{
	struct history *history = xcalloc(1, sizeof *history);
	uint32_t room = 0;

	rules_version(text, history->version);
	while (text.len > 0) {
		const char *stop = memchr(text.at, '\n', text.len);
		size_t len = stop ? (size_t)(stop - text.at) : text.len;

		if (history->n == room) {
			room = room ? 2 * room : 256;
			history->samples = xrealloc(history->samples,
						    room * sizeof *history->samples);
		}
		if (read_line(history, span_of(text.at, len), &history->samples[history->n]) == 0)
			history->n++;
		len += stop != NULL;
		text = span_of(text.at + len, text.len - len);
	}
	if (history->n > 0)
		qsort(history->samples, history->n, sizeof *history->samples, by_merchant);
	measure_agreement(history);
	history->bayes = bayes_train(history->samples, history->n);
	return history;
}

void history_free(struct history **history)
{
	if (!*history)
		return;
	bayes_free(&(*history)->bayes);
	free((*history)->samples);
	arena_release(&(*history)->arena);
	buf_release(&(*history)->merchant);
	free(*history);
	*history = NULL;
}

void history_keep_to(struct history *history, const struct chart *chart)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < history->n; i++)
		if (chart_has(chart, history->samples[i].account))
			history->samples[kept++] = history->samples[i];
	if (kept == history->n)
		return;
	history->n = kept;
	bayes_free(&history->bayes);
	history->bayes = bayes_train(history->samples, kept);
}

/* ---- rows ---- */

static const struct sample *find(const struct history *history, const struct sample *key)
{
	uint32_t low = 0, high = history->n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (by_merchant(&history->samples[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < history->n && is_same(&history->samples[low], key) ? &history->samples[low]
									: NULL;
}

/* The newest account, as sure as its share among the merchant's decisions says. */
static struct history_guess same_merchant(const struct history *history, const struct sample *first)
{
	double agreed = PRIOR_WEIGHT * history->agreement, all = PRIOR_WEIGHT;
	const struct sample *end = history->samples + history->n;

	for (const struct sample *s = first; s < end && is_same(s, first); s++) {
		all += s->count;
		if (span_equal(s->account, first->account))
			agreed += s->count;
	}
	return (struct history_guess){first->account, (uint32_t)(agreed / all * 1e6), true};
}

/* Of the same merchant; account empty: no one decided for that. */
static struct history_guess recall(struct history *history, const struct rows *rows, uint32_t i,
				   struct sample *key)
{
	const struct sample *known;

	sample_of(rows, i, &history->merchant, key);
	known = find(history, key);
	return known ? same_merchant(history, known) : (struct history_guess){0};
}

struct history_guess history_guess(struct history *history, const struct rows *rows, uint32_t i)
{
	struct sample key;
	struct history_guess guess = recall(history, rows, i, &key);

	if (guess.account.len == 0)
		guess.account = bayes_guess(history->bayes, &key, &guess.confidence_ppm);
	return guess;
}

/* As a person's answer does: who it was stays said, how it was split does not. */
static void decide(struct history *history, const struct history_guess *guess, struct rows *rows,
		   uint32_t i)
{
	char decider[64];
	int len = snprintf(decider, sizeof decider, "history:%s@%s",
			   guess->same_merchant ? "merchant" : "similar", history->version);

	rows->account[i] = rows_text(rows, guess->account);
	rows->decider[i] = rows_text(rows, span_of(decider, (size_t)len));
	rows->confidence_ppm[i] = guess->confidence_ppm;
	rows->source[i] = SOURCE_HISTORY;
	rows->parts[i] = (struct text_ref){0};
	rows->part_accounts[i] = (struct text_ref){0};
}

static void suggest(const struct history_guess *guess, struct rows *rows, uint32_t i)
{
	char text[sizeof HISTORY_SUGGESTS + ACCOUNT_LEN_MAX];
	int len = snprintf(text, sizeof text, HISTORY_SUGGESTS "%.*s", SPAN_ARG(guess->account));

	rows->decider[i] = rows_text(rows, span_of(text, (size_t)len));
}

void history_apply(struct history *history, const struct rules *rules, uint32_t confidence_ppm,
		   struct rows *rows)
{
	struct history_guess guess;
	struct sample key;

	for (uint32_t i = 0; history->n > 0 && i < rows->n; i++) {
		bool open = rows->account[i].len == 0;

		if (rows->state[i] == ROW_REJECTED || (!open && !rules_by_base(rules, rows, i)))
			continue;
		guess = open ? history_guess(history, rows, i) : recall(history, rows, i, &key);
		if (guess.account.len == 0 ||
		    span_equal(guess.account, rows_span(rows, rows->bank[i])))
			continue; /* an account is never booked against itself */
		if (guess.confidence_ppm >= confidence_ppm)
			decide(history, &guess, rows, i);
		else if (open && guess.confidence_ppm >= SUGGEST_PPM)
			suggest(&guess, rows, i);
	}
}
