/*
 * match - what a row costs to match against 100 and 2,000 rules, beside a loop of PCRE2's JIT over
 * the same patterns.
 *
 * Shape    rules are made, not read: a merchant's name each, every twentieth a regular expression.
 *          Rows name a merchant of the set, or one that no rule has. Both must decide the same
 *          rows. Prints one JSON object.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "fold.h"
#include "mem.h"
#include "rules.h"

#define ROWS	   500
#define ROUNDS	   40
#define TURNS	   25
#define LOOP_TURNS 3
#define SETS	   2
#define REGEX_EACH 20

static const uint32_t sizes[SETS] = {100, 2000};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* A name that looks like a word and is no other's: its number in syllables. */
static void merchant_name(uint32_t number, char out[32])
{
	static const char *const syllables[] = {"ka",  "lo",  "mi",  "ru",  "te",  "vo",
						"xi",  "za",  "bre", "dor", "fen", "gul",
						"hax", "jin", "pol", "quo"};
	size_t len = 0;

	for (int i = 0; i < 4; i++, number /= 16)
		len += (size_t)snprintf(out + len, 32 - len, "%s", syllables[number % 16]);
}

static void pattern_of(uint32_t rule, char out[80])
{
	char name[32];

	merchant_name(rule * 7 + 3, name);
	if (rule % REGEX_EACH == 0)
		snprintf(out, 80, "\\b%s #?[0-9]{2,6}", name);
	else
		snprintf(out, 80, "%s", name);
}

static struct rules *make_rules(uint32_t n)
{
	struct rules *rules = NULL;
	struct buf text = {0};
	struct fault why;
	char pattern[80];

	for (uint32_t i = 0; i < n; i++) {
		pattern_of(i, pattern);
		buf_format(&text,
			   i % REGEX_EACH == 0 ? "rule r%u if description matches /%s/"
					       : "rule r%u if description contains \"%s\"",
			   i, pattern);
		buf_format(&text, " then account Expenses:A%u\n", i % 50);
	}
	if (rules_compile(&(struct rules_source){"bench", buf_span(&text)}, 1, &rules, &why) != 0) {
		fprintf(stderr, "match: %s\n", why.text);
		exit(1);
	}
	buf_release(&text);
	return rules;
}

/* Every second row is of a merchant that a rule of the set names. */
static struct rows *make_rows(uint32_t rules)
{
	struct rows *rows = rows_new();
	char name[32], text[128];

	for (uint32_t i = 0; i < ROWS; i++) {
		uint32_t row = rows_add(rows);
		uint32_t rule = (i * 2654435761u) % rules;

		merchant_name(i % 2 ? rule * 7 + 3 : rule * 7 + 5, name);
		snprintf(text, sizeof(text), "POS PURCHASE %s %u CITY %u", name, 100 + i, i % 97);
		rows->description[row] = rows_text(rows, span_text(text));
		rows->amount_minor[row] = -(int64_t)(100 + i);
		memcpy(rows->currency[row].code, "EUR", 4);
	}
	return rows;
}

static uint32_t decided(const struct rows *rows)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < rows->n; i++)
		n += rows->account[i].len > 0;
	return n;
}

/* Nanoseconds a row. */
static double by_rules(struct rules *rules, struct rows *rows)
{
	int64_t begun = now_ns();

	for (int round = 0; round < ROUNDS; round++) {
		memset(rows->account, 0, rows->n * sizeof(*rows->account));
		rules_apply(rules, rows);
	}
	return (double)(now_ns() - begun) / (ROUNDS * (double)rows->n);
}

static pcre2_code **make_codes(uint32_t n)
{
	pcre2_code **codes = xcalloc(n, sizeof(*codes));
	char pattern[80];
	PCRE2_SIZE at;
	int error;

	for (uint32_t i = 0; i < n; i++) {
		pattern_of(i, pattern);
		codes[i] = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
					 i % REGEX_EACH == 0 ? 0 : PCRE2_LITERAL, &error, &at,
					 NULL);
		pcre2_jit_compile(codes[i], PCRE2_JIT_COMPLETE);
	}
	return codes;
}

/* The first pattern that matches decides, as the first rule does. */
static uint32_t loop_once(pcre2_code **codes, uint32_t n, pcre2_match_data *data,
			  const struct rows *rows)
{
	struct buf folded = {0};
	uint32_t found = 0;

	for (uint32_t row = 0; row < rows->n; row++) {
		bool matched = false;

		buf_clear(&folded);
		fold_text(&folded, rows_span(rows, rows->description[row]));
		for (uint32_t i = 0; i < n && !matched; i++)
			matched = pcre2_jit_match(codes[i], (PCRE2_SPTR)folded.at, folded.len, 0, 0,
						  data, NULL) > 0;
		found += matched;
	}
	buf_release(&folded);
	return found;
}

static double by_loop(pcre2_code **codes, uint32_t n, const struct rows *rows, uint32_t *found)
{
	pcre2_match_data *data = pcre2_match_data_create(8, NULL);
	int64_t begun = now_ns();

	*found = loop_once(codes, n, data, rows);
	pcre2_match_data_free(data);
	return (double)(now_ns() - begun) / rows->n;
}

static void free_codes(pcre2_code **codes, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		pcre2_code_free(codes[i]);
	free(codes);
}

struct subject {
	struct rules *rules;
	struct rows *rows;
	pcre2_code **codes;
	double rules_ns, loop_ns; /* the best of all turns: the others had company */
	uint32_t ours, theirs;
};

static void least(double *best, double each)
{
	if (*best == 0 || each < *best)
		*best = each;
}

int main(void)
{
	struct subject subjects[SETS] = {0};
	int rc = 0;

	for (int s = 0; s < SETS; s++)
		subjects[s] = (struct subject){.rules = make_rules(sizes[s]),
					       .rows = make_rows(sizes[s]),
					       .codes = make_codes(sizes[s])};
	for (int turn = 0; turn < SETS * TURNS; turn++) {
		struct subject *s = &subjects[turn % SETS];

		least(&s->rules_ns, by_rules(s->rules, s->rows));
		s->ours = decided(s->rows);
		if (turn < SETS * LOOP_TURNS)
			least(&s->loop_ns,
			      by_loop(s->codes, sizes[turn % SETS], s->rows, &s->theirs));
	}
	printf("{");
	for (int i = 0; i < SETS; i++) {
		struct subject *s = &subjects[i];

		printf("%s\"%u\": {\"rules_ns\": %.0f, \"pcre2_jit_ns\": %.0f, \"decided\": %u}",
		       i ? ", " : "", sizes[i], s->rules_ns, s->loop_ns, s->ours);
		rc |= s->ours != s->theirs;
		free_codes(s->codes, sizes[i]);
		rows_free(&s->rows);
		rules_free(&s->rules);
	}
	printf("}\n");
	if (rc != 0)
		fprintf(stderr, "match: the loop finds other rows\n");
	return rc;
}
