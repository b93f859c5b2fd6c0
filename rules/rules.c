/*
 * rules - see rules.h. Compiled: rules stand in the order in which they decide (their rank). A
 * description is scanned once; each pattern found raises the rules that it may make true, as bits
 * by rank; the first raised rule whose conditions all hold decides.
 */
#include "rules.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "fold.h"
#include "mem.h"
#include "patterns.h"
#include "syntax.h"

#define VERSION_DIGITS 12 /* of the set's hash, in a row's decider */

/* What a row is asked. */
struct question {
	uint64_t amount; /* 1/10000 units, without sign */
	bool in, out;
	struct span bank, currency;
};

/* Texts of a rule that stand in the present unit's heap already. */
struct written {
	uint64_t unit;
	struct text_ref account, decider;
};

struct rules {
	struct syntax syntax;
	struct patterns *patterns;
	char version[VERSION_DIGITS + 1];
	uint32_t n, words;		 /* rules; 64-bit words for a bit each */
	uint32_t *raises_first, *raises; /* by pattern: where its ranks begin in raises */
	uint64_t *always;		 /* ranks that no pattern raises */
	uint64_t *on;			 /* ranks that may decide at all */
	uint64_t *raised;		 /* of the present row */
	struct written *written;	 /* by rank */
	uint64_t unit;			 /* counts rules_apply() */
	struct buf folded;
	char currency[CURRENCY_SIZE]; /* of the row before, and its scale to 1/10000 */
	uint64_t scale;
};

static bool is_string(enum test test)
{
	return test == TEST_CONTAINS || test == TEST_WORD || test == TEST_REGEX;
}

static void bit_set(uint64_t *bits, uint32_t i)
{
	bits[i / 64] |= UINT64_C(1) << (i % 64);
}

static int by_name(const void *a, const void *b)
{
	const struct rule *x = a, *y = b;
	size_t len = x->name.len < y->name.len ? x->name.len : y->name.len;
	int order = memcmp(x->name.at, y->name.at, len);

	if (order == 0)
		order = (x->name.len > y->name.len) - (x->name.len < y->name.len);
	return order ? order : (x->place > y->place) - (x->place < y->place);
}

static int by_rank(const void *a, const void *b)
{
	const struct rule *x = a, *y = b;

	if (x->priority != y->priority)
		return x->priority > y->priority ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

/* Leaves the first of each name; twice in one source is a mistake. Then orders by rank. */
static int settle(struct syntax *s, const struct rules_source *sources, struct fault *why)
{
	uint32_t kept = 0;

	if (s->n_rules == 0)
		return 0;
	qsort(s->rules, s->n_rules, sizeof *s->rules, by_name);
	for (uint32_t i = 0; i < s->n_rules; i++) {
		const struct rule *rule = &s->rules[i];
		const struct rule *last = kept ? &s->rules[kept - 1] : NULL;

		if (!last || !span_equal(last->name, rule->name)) {
			s->rules[kept++] = *rule;
		} else if (last->source == rule->source) {
			syntax_fault(why, sources[rule->source].name, rule->line,
				     "rule %.*s is there already, in line %u", SPAN_ARG(rule->name),
				     last->line);
			return fault_hint(why, "give it a name of its own, or join the two");
		}
	}
	s->n_rules = kept;
	qsort(s->rules, s->n_rules, sizeof *s->rules, by_rank);
	return 0;
}

static int add_patterns(struct rules *rules, const struct rule *rule,
			const struct rules_source *sources, struct fault *why)
{
	struct syntax *s = &rules->syntax;

	for (uint32_t c = rule->first; c < rule->first + rule->n; c++) {
		const struct condition *condition = &s->conditions[c];

		for (uint32_t v = condition->first; v < condition->first + condition->n; v++) {
			struct value *value = &s->values[v];
			struct fault fault = {0};

			if (!is_string(condition->test) ||
			    patterns_add(rules->patterns, (enum pattern_kind)condition->test,
					 value->text, &value->pattern, &fault) == 0)
				continue;
			syntax_fault(why, sources[rule->source].name, value->line, "%s",
				     fault.text);
			return fault_hint(why, "%s", fault.hint);
		}
	}
	return 0;
}

/* The condition whose patterns raise the rule: its first on the description that is not negated
 * and that the scan sees in full. */
static const struct condition *trigger(const struct rules *rules, const struct rule *rule)
{
	const struct syntax *s = &rules->syntax;

	for (uint32_t c = rule->first; c < rule->first + rule->n; c++) {
		const struct condition *condition = &s->conditions[c];
		uint32_t end = condition->first + condition->n, v = condition->first;

		if (condition->negated || !is_string(condition->test))
			continue;
		while (v < end && patterns_is_scanned(rules->patterns, s->values[v].pattern))
			v++;
		if (v == end)
			return condition;
	}
	return NULL;
}

/* Which rules each pattern raises: ranks by pattern, counted first, then filled in. */
static void link_patterns(struct rules *rules, uint32_t n_patterns)
{
	struct syntax *s = &rules->syntax;
	uint32_t *first = xcalloc(n_patterns + 2, sizeof *first);

	rules->raises = xcalloc(n_patterns + 1, sizeof *rules->raises);
	for (int fill = 0; fill < 2; fill++) {
		for (uint32_t rank = 0; rank < rules->n; rank++) {
			const struct condition *condition = trigger(rules, &s->rules[rank]);

			if (!condition) {
				bit_set(rules->always, rank);
				continue;
			}
			for (uint32_t v = 0; v < condition->n; v++) {
				uint32_t id = s->values[condition->first + v].pattern;

				if (fill)
					rules->raises[first[id + 1]++] = rank;
				else
					first[id + 2]++;
			}
		}
		for (uint32_t id = 0; !fill && id < n_patterns; id++)
			first[id + 2] += first[id + 1];
	}
	rules->raises_first = first;
}

static int build_patterns(struct rules *rules, const struct rules_source *sources,
			  struct fault *why)
{
	struct syntax *s = &rules->syntax;
	struct fault fault = {0};
	uint32_t failed = 0;

	if (patterns_build(rules->patterns, &failed, &fault) == 0)
		return 0;
	*why = fault;
	for (uint32_t i = 0; i < s->n_rules; i++) {
		const struct rule *rule = &s->rules[i];

		for (uint32_t c = rule->first; c < rule->first + rule->n; c++) {
			const struct condition *condition = &s->conditions[c];
			uint32_t v = condition->first, end = v + condition->n;

			while (is_string(condition->test) && v < end &&
			       s->values[v].pattern != failed)
				v++;
			if (!is_string(condition->test) || v == end)
				continue;
			syntax_fault(why, sources[rule->source].name, s->values[v].line, "%s",
				     fault.text);
			return fault_hint(why, "%s", fault.hint);
		}
	}
	return -1;
}

static uint32_t count_patterns(const struct syntax *s)
{
	uint32_t n = 0;

	for (uint32_t c = 0; c < s->n_conditions; c++)
		n += is_string(s->conditions[c].test) ? s->conditions[c].n : 0;
	return n;
}

static void make_room(struct rules *rules)
{
	rules->n = rules->syntax.n_rules;
	rules->words = rules->n / 64 + 1;
	rules->always = xcalloc(rules->words, sizeof *rules->always);
	rules->raised = xcalloc(rules->words, sizeof *rules->raised);
	rules->on = xcalloc(rules->words, sizeof *rules->on);
	rules->written = xcalloc(rules->n + 1, sizeof *rules->written);
	for (uint32_t rank = 0; rank < rules->n; rank++)
		bit_set(rules->on, rank);
}

struct blob_hash rules_hash(const struct rules_source *sources, int n)
{
	crypto_generichash_state state;
	struct blob_hash hash;

	crypto_generichash_init(&state, NULL, 0, sizeof hash.bytes);
	for (int i = 0; i < n; i++) {
		uint64_t len = sources[i].text.len; /* or two sources could swap text unseen */

		crypto_generichash_update(&state, (const unsigned char *)&len, sizeof len);
		crypto_generichash_update(&state, (const unsigned char *)sources[i].text.at, len);
	}
	crypto_generichash_final(&state, hash.bytes, sizeof hash.bytes);
	return hash;
}

int rules_compile(const struct rules_source *sources, int n, struct rules **out, struct fault *why)
{
	struct rules *rules = xcalloc(1, sizeof *rules);
	char version[BLOB_HASH_TEXT_SIZE];
	struct fault fault = {0}; /* callers may pass NULL */

	rules->patterns = patterns_new();
	for (int i = 0; i < n; i++)
		if (syntax_read(&rules->syntax, &sources[i], (uint32_t)i, &fault) != 0)
			goto err;
	if (settle(&rules->syntax, sources, &fault) != 0)
		goto err;
	for (uint32_t i = 0; i < rules->syntax.n_rules; i++)
		if (add_patterns(rules, &rules->syntax.rules[i], sources, &fault) != 0)
			goto err;
	if (build_patterns(rules, sources, &fault) != 0)
		goto err;
	make_room(rules);
	link_patterns(rules, count_patterns(&rules->syntax));
	blob_hash_text(rules_hash(sources, n), version);
	memcpy(rules->version, version, VERSION_DIGITS);
	*out = rules;
	return 0;
err:
	if (why)
		*why = fault;
	rules_free(&rules);
	return -1;
}

void rules_free(struct rules **out)
{
	struct rules *rules = *out;

	if (!rules)
		return;
	syntax_release(&rules->syntax);
	patterns_free(&rules->patterns);
	free(rules->raises_first);
	free(rules->raises);
	free(rules->always);
	free(rules->on);
	free(rules->raised);
	free(rules->written);
	buf_release(&rules->folded);
	free(rules);
	*out = NULL;
}

uint32_t rules_count(const struct rules *rules)
{
	return rules->n;
}

struct span rules_account(const struct rules *rules, uint32_t i)
{
	return rules->syntax.rules[i].account;
}

uint64_t rules_given_up(const struct rules *rules)
{
	return patterns_given_up(rules->patterns);
}

int rules_keep_to(struct rules *rules, const struct chart *chart, uint32_t own, struct fault *why)
{
	for (uint32_t rank = 0; rank < rules->n; rank++) {
		const struct rule *rule = &rules->syntax.rules[rank];

		if (chart_has(chart, rule->account))
			continue;
		rules->on[rank / 64] &= ~(UINT64_C(1) << (rank % 64));
		if (rule->source >= own)
			continue;
		fault_set(why, FAULT_JOB, "rules-account",
			  "line %u of the company's rules: %.*s is not in the chart of accounts",
			  rule->line, SPAN_ARG(rule->account));
		if (why)
			why->row = rule->line;
		return fault_hint(why, "add it to the chart, or let rule %.*s name another",
				  SPAN_ARG(rule->name));
	}
	return 0;
}

/* Expenses:Food covers Expenses:Food and Expenses:Food:Groceries. */
static bool covers(struct span account, struct span under)
{
	return under.len >= account.len && memcmp(under.at, account.at, account.len) == 0 &&
	       (under.len == account.len || under.at[account.len] == ':');
}

static bool value_holds(struct rules *rules, enum test test, const struct value *value,
			const struct question *q)
{
	switch (test) {
	case TEST_CONTAINS:
	case TEST_WORD:
	case TEST_REGEX:
		return patterns_hold(rules->patterns, value->pattern);
	case TEST_AMOUNT:
		return q->amount >= value->low && q->amount <= value->high;
	case TEST_DIRECTION:
		return value->out ? q->out : q->in;
	case TEST_ACCOUNT:
		return covers(value->text, q->bank);
	case TEST_CURRENCY:
		return span_equal(value->text, q->currency);
	}
	return false;
}

static bool rule_holds(struct rules *rules, const struct rule *rule, const struct question *q)
{
	const struct syntax *s = &rules->syntax;

	if (span_equal(rule->account, q->bank))
		return false; /* an account is never booked against itself */
	for (uint32_t c = rule->first; c < rule->first + rule->n; c++) {
		const struct condition *condition = &s->conditions[c];
		bool holds = false;

		for (uint32_t v = 0; v < condition->n && !holds; v++)
			holds = value_holds(rules, condition->test,
					    &s->values[condition->first + v], q);
		if (holds == condition->negated)
			return false;
	}
	return true;
}

/* Rank of the rule that decides, or -1. */
static int64_t decide(struct rules *rules, struct span description, const struct question *q)
{
	const uint32_t *ids = NULL;

	buf_clear(&rules->folded);
	fold_text(&rules->folded, description);
	memcpy(rules->raised, rules->always, rules->words * sizeof *rules->raised);
	uint32_t n = patterns_scan(rules->patterns, buf_span(&rules->folded), &ids);

	for (uint32_t i = 0; i < n; i++)
		for (uint32_t r = rules->raises_first[ids[i]]; r < rules->raises_first[ids[i] + 1];
		     r++)
			bit_set(rules->raised, rules->raises[r]);
	for (uint32_t w = 0; w < rules->words; w++) {
		for (uint64_t bits = rules->raised[w] & rules->on[w]; bits; bits &= bits - 1) {
			uint32_t rank = w * 64 + (uint32_t)__builtin_ctzll(bits);

			if (rule_holds(rules, &rules->syntax.rules[rank], q))
				return rank;
		}
	}
	return -1;
}

static void ask(struct rules *rules, const struct rows *rows, uint32_t i, struct question *q)
{
	const char *code = rows->currency[i].code;
	int64_t minor = rows->amount_minor[i];

	if (rules->scale == 0 || memcmp(code, rules->currency, CURRENCY_SIZE) != 0) {
		int exponent = money_exponent(code);

		rules->scale = 1;
		for (exponent = exponent < 0 ? 2 : exponent; exponent < SYNTAX_AMOUNT_EXPONENT;
		     exponent++)
			rules->scale *= 10;
		memcpy(rules->currency, code, CURRENCY_SIZE);
	}
	/* at most 10^15 minor units, so 10^19 fits */
	q->amount = (minor < 0 ? -(uint64_t)minor : (uint64_t)minor) * rules->scale;
	q->in = minor > 0;
	q->out = minor < 0;
	q->bank = rows_span(rows, rows->bank[i]);
	q->currency = span_of(code, strnlen(code, CURRENCY_SIZE - 1));
}

static void answer(struct rules *rules, struct rows *rows, uint32_t i, uint32_t rank)
{
	const struct rule *rule = &rules->syntax.rules[rank];
	struct written *written = &rules->written[rank];

	if (written->unit != rules->unit) {
		char decider[SYNTAX_NAME_MAX + VERSION_DIGITS + 8];
		int len = snprintf(decider, sizeof decider, "rule:%.*s@%s", SPAN_ARG(rule->name),
				   rules->version);

		written->unit = rules->unit;
		written->account = rows_text(rows, rule->account);
		written->decider = rows_text(rows, span_of(decider, (size_t)len));
	}
	rows->account[i] = written->account;
	rows->decider[i] = written->decider;
	rows->confidence_ppm[i] = rule->confidence_ppm;
	rows->source[i] = SOURCE_RULE;
}

void rules_apply(struct rules *rules, struct rows *rows)
{
	rules->unit++;
	for (uint32_t i = 0; i < rows->n; i++) {
		struct question q;

		if (rows->state[i] == ROW_REJECTED || rows->account[i].len > 0)
			continue;
		ask(rules, rows, i, &q);
		int64_t rank = decide(rules, rows_span(rows, rows->description[i]), &q);

		if (rank >= 0)
			answer(rules, rows, i, (uint32_t)rank);
	}
}
