/*
 * set - see set.h.
 */
#include "set.h"

#include <stdlib.h>

#include "day.h"
#include "mem.h"

static bool is_string(enum test test)
{
	return test == TEST_CONTAINS || test == TEST_WORD || test == TEST_REGEX;
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

/* Each name once, then the order in which they decide. */
static int settle(struct syntax *s, struct fault *why)
{
	if (s->n_rules == 0)
		return 0;
	qsort(s->rules, s->n_rules, sizeof *s->rules, by_name);
	for (uint32_t i = 1; i < s->n_rules; i++) {
		const struct rule *first = &s->rules[i - 1], *second = &s->rules[i];

		if (!span_equal(first->name, second->name))
			continue;
		syntax_fault(why, second->file, second->line,
			     "rule %.*s is there already, in %.50s:%u", SPAN_ARG(second->name),
			     first->file, first->line);
		return fault_hint(why, "give it a name of its own, or join the two");
	}
	qsort(s->rules, s->n_rules, sizeof *s->rules, by_rank);
	return 0;
}

static int add_patterns(struct set *set, const struct rule *rule, struct fault *why)
{
	struct syntax *s = &set->syntax;

	for (uint32_t c = rule->first; c < rule->first + rule->n; c++) {
		const struct condition *condition = &s->conditions[c];

		for (uint32_t v = condition->first; v < condition->first + condition->n; v++) {
			struct value *value = &s->values[v];
			struct fault fault = {0};

			if (!is_string(condition->test))
				break;
			if (patterns_add(set->patterns, (enum pattern_kind)condition->test,
					 value->text, &value->pattern, &fault) != 0) {
				syntax_fault(why, rule->file, value->line, "%s", fault.text);
				return fault_hint(why, "%s", fault.hint);
			}
			set->condition_of[value->pattern] = c;
		}
	}
	return 0;
}

static const struct rule *rule_of(const struct set *set, uint32_t pattern)
{
	const struct rule *rule = set->syntax.rules;
	uint32_t c = set->condition_of[pattern];

	while (c < rule->first || c >= rule->first + rule->n)
		rule++;
	return rule;
}

const struct rule *set_gave_up(struct set *set)
{
	uint32_t pattern;

	return patterns_gave_up(set->patterns, &pattern) ? rule_of(set, pattern) : NULL;
}

/* The rule and value that a pattern came from, for a fault. */
static int blame(const struct set *set, uint32_t pattern, const struct fault *fault,
		 struct fault *why)
{
	const struct syntax *s = &set->syntax;
	uint32_t v = s->conditions[set->condition_of[pattern]].first;

	while (s->values[v].pattern != pattern)
		v++;
	syntax_fault(why, rule_of(set, pattern)->file, s->values[v].line, "%s", fault->text);
	return fault_hint(why, "%s", fault->hint);
}

static bool is_group(enum test test)
{
	return test == TEST_ANY || test == TEST_ALL;
}

/* Does the scan see it in full: does no text make it hold in which none of its patterns is found?
 * `*by` is the condition whose patterns tell: itself, or of what must all hold the first such. */
static bool is_seen(const struct set *set, uint32_t c, uint32_t *by)
{
	const struct syntax *s = &set->syntax;
	const struct condition *condition = &s->conditions[c];
	bool any = condition->test == TEST_ANY;
	uint32_t end = condition->first + condition->n, v = condition->first, ignored;

	*by = c;
	if (condition->negated)
		return false;
	if (!is_group(condition->test)) {
		while (is_string(condition->test) && v < end &&
		       patterns_is_scanned(set->patterns, s->values[v].pattern))
			v++;
		return v == end;
	}
	for (uint32_t i = c + 1; i < c + condition->size; i += s->conditions[i].size) {
		bool seen = is_seen(set, i, any ? &ignored : by);

		if (seen != any)
			return seen;
	}
	return any;
}

/* The condition whose patterns raise the rule, or -1. */
static int64_t trigger(const struct set *set, const struct rule *rule)
{
	uint32_t by;

	for (uint32_t c = rule->first; c < rule->first + rule->n;
	     c += set->syntax.conditions[c].size)
		if (is_seen(set, c, &by))
			return by;
	return -1;
}

/* Which rules each pattern raises. First counts them, in first[id + 2]; filling in then moves the
 * start of each id, in first[id + 1], to its end, which is the next one's start. */
static void link_condition(struct set *set, uint32_t c, uint32_t rank, bool fill)
{
	const struct syntax *s = &set->syntax;
	const struct condition *condition = &s->conditions[c];
	uint32_t *first = set->raises_first, by;

	for (uint32_t i = c + 1; i < c + condition->size; i += s->conditions[i].size) {
		is_seen(set, i, &by); /* each of a group that is seen by any of it */
		link_condition(set, by, rank, fill);
	}
	for (uint32_t v = condition->first; v < condition->first + condition->n; v++) {
		uint32_t id = s->values[v].pattern;

		if (fill)
			set->raises[first[id + 1]++] = rank;
		else
			first[id + 2]++;
	}
}

static void link_rule(struct set *set, uint32_t rank, bool fill)
{
	int64_t condition = trigger(set, &set->syntax.rules[rank]);

	if (condition >= 0)
		link_condition(set, (uint32_t)condition, rank, fill);
	else if (fill)
		set->always[set->n_always++] = rank;
}

static void link_patterns(struct set *set, uint32_t n_patterns)
{
	for (uint32_t rank = 0; rank < set->n; rank++)
		link_rule(set, rank, false);
	for (uint32_t id = 0; id < n_patterns; id++)
		set->raises_first[id + 2] += set->raises_first[id + 1];
	for (uint32_t rank = 0; rank < set->n; rank++)
		link_rule(set, rank, true);
	for (uint32_t id = 0; id < n_patterns; id++)
		if (!patterns_is_final(set->patterns, id))
			set->unproven[set->condition_of[id]] = true;
}

static int build(struct set *set, const char *store, struct fault *why)
{
	struct syntax *s = &set->syntax;
	struct fault fault = {0};
	uint32_t failed = UINT32_MAX;

	set->n = s->n_rules;
	set->words = set->n / 64 + 1;
	set->always = xcalloc(set->n + 1, sizeof *set->always);
	set->raised = xcalloc(set->words, sizeof *set->raised);
	set->touched = xcalloc(set->words / 64 + 1, sizeof *set->touched);
	set->seen = xcalloc(s->n_conditions + 1, sizeof *set->seen);
	set->unproven = xcalloc(s->n_conditions + 1, sizeof *set->unproven);
	set->condition_of = xcalloc(s->n_values + 1, sizeof *set->condition_of);
	set->raises = xcalloc(s->n_values + 1, sizeof *set->raises);
	set->raises_first = xcalloc(s->n_values + 2, sizeof *set->raises_first);
	set->patterns = patterns_new();
	for (uint32_t i = 0; i < s->n_rules; i++)
		if (add_patterns(set, &s->rules[i], why) != 0)
			return -1;
	if (patterns_build(set->patterns, store, &failed, &fault) != 0) {
		*why = fault;
		return failed == UINT32_MAX ? -1 : blame(set, failed, &fault, why);
	}
	link_patterns(set, patterns_count(set->patterns));
	return 0;
}

int set_compile(const struct rules_source *sources, int n, const char *store, struct set **out,
		struct fault *why)
{
	struct set *set = xcalloc(1, sizeof *set);
	char version[BLOB_HASH_TEXT_SIZE];
	struct fault fault = {0}; /* callers may pass NULL */

	for (int i = 0; i < n; i++)
		if (syntax_read(&set->syntax, &sources[i], &fault) != 0)
			goto err;
	if (settle(&set->syntax, &fault) != 0 || build(set, store, &fault) != 0)
		goto err;
	blob_hash_text(rules_hash(sources, n), version);
	memcpy(set->version, version, SET_VERSION_DIGITS);
	*out = set;
	return 0;
err:
	if (why)
		*why = fault;
	set_free(&set);
	return -1;
}

void set_free(struct set **out)
{
	struct set *set = *out;

	if (!set)
		return;
	syntax_release(&set->syntax);
	patterns_free(&set->patterns);
	free(set->raises_first);
	free(set->raises);
	free(set->condition_of);
	free(set->seen);
	free(set->unproven);
	free(set->always);
	free(set->raised);
	free(set->touched);
	free(set);
	*out = NULL;
}

uint64_t *set_all(const struct set *set)
{
	uint64_t *bits = xcalloc(set->words, sizeof *bits);

	for (uint32_t rank = 0; rank < set->n; rank++)
		set_bit(bits, rank);
	return bits;
}

/* Expenses:Food covers Expenses:Food and Expenses:Food:Groceries. */
static bool covers(struct span account, struct span under)
{
	return under.len >= account.len && memcmp(under.at, account.at, account.len) == 0 &&
	       (under.len == account.len || under.at[account.len] == ':');
}

static uint64_t date_part(enum test test, int32_t date)
{
	int year, month, day;

	if (test == TEST_DATE)
		return (uint64_t)date + SYNTAX_DAY_BASE;
	if (test == TEST_WEEKDAY) /* 0001-01-01 was a Monday */
		return ((uint64_t)date + SYNTAX_DAY_BASE) % 7 + 1;
	day_to_civil(date, &year, &month, &day);
	return (uint64_t)(test == TEST_YEAR ? year : test == TEST_MONTH ? month : day);
}

bool set_value_holds(struct set *set, enum test test, const struct value *value,
		     const struct question *q)
{
	switch (test) {
	case TEST_CONTAINS:
	case TEST_WORD:
	case TEST_REGEX:
		return patterns_hold(set->patterns, value->pattern);
	case TEST_AMOUNT:
		return q->amount >= value->low && q->amount <= value->high;
	case TEST_DIRECTION:
		return value->out ? q->out : q->in;
	case TEST_ACCOUNT:
		return covers(value->text, q->bank);
	case TEST_CURRENCY:
		return span_equal(value->text, q->currency);
	case TEST_DATE:
	case TEST_YEAR:
	case TEST_MONTH:
	case TEST_DAY:
	case TEST_WEEKDAY:
		return date_part(test, q->date) >= value->low &&
		       date_part(test, q->date) <= value->high;
	case TEST_ANY:
	case TEST_ALL:
		break;
	}
	return false;
}

static bool condition_holds(struct set *set, uint32_t c, const struct question *q);

static bool group_holds(struct set *set, uint32_t c, const struct question *q)
{
	const struct condition *all = set->syntax.conditions;
	bool any = all[c].test == TEST_ANY;

	for (uint32_t i = c + 1; i < c + all[c].size; i += all[i].size)
		if ((condition_holds(set, i, q) != all[i].negated) == any)
			return any;
	return !any;
}

/* As if it were not negated. */
static bool condition_holds(struct set *set, uint32_t c, const struct question *q)
{
	const struct condition *condition = &set->syntax.conditions[c];

	if (is_group(condition->test))
		return group_holds(set, c, q);
	if (is_string(condition->test)) {
		if (set->seen[c] == set->row)
			return true;
		if (!set->unproven[c])
			return false;
	}
	for (uint32_t v = condition->first; v < condition->first + condition->n; v++)
		if (set_value_holds(set, condition->test, &set->syntax.values[v], q))
			return true;
	return false;
}

bool set_condition_holds(struct set *set, uint32_t c, const struct question *q)
{
	return condition_holds(set, c, q) != set->syntax.conditions[c].negated;
}

static bool rule_holds(struct set *set, const struct rule *rule, const struct question *q)
{
	const struct syntax *s = &set->syntax;

	if (span_equal(rule->account, q->bank) || rule->least > q->amount)
		return false; /* an account is never booked against itself */
	for (uint32_t i = rule->parts_first; i < rule->parts_first + rule->n_parts; i++)
		if (span_equal(s->parts[i].account, q->bank))
			return false;
	for (uint32_t c = rule->first; c < rule->first + rule->n; c += s->conditions[c].size)
		if (!set_condition_holds(set, c, q))
			return false;
	return true;
}

static void raise_rank(struct set *set, uint32_t rank)
{
	set_bit(set->raised, rank);
	set_bit(set->touched, rank / 64);
}

static void raise_always(struct set *set)
{
	for (uint32_t i = 0; i < set->n_always; i++)
		raise_rank(set, set->always[i]);
}

struct ranks {
	uint32_t *at, room;
};

/* Those of a word of 64 that hold, as far as there is room; leaves the word empty. */
static uint32_t take_word(struct set *set, uint64_t on, uint32_t w, const struct question *q,
			  const struct ranks *out)
{
	uint32_t n = 0;

	for (uint64_t bits = set->raised[w] & on; bits && n < out->room; bits &= bits - 1) {
		uint32_t rank = w * 64 + (uint32_t)__builtin_ctzll(bits);

		if (rule_holds(set, &set->syntax.rules[rank], q))
			out->at[n++] = rank;
	}
	set->raised[w] = 0;
	return n;
}

uint32_t set_matches(struct set *set, const uint64_t *on, const struct question *q, uint32_t *ranks,
		     uint32_t max)
{
	const uint32_t *ids = NULL;
	uint32_t n = patterns_scan(set->patterns, q->folded, &ids);

	set->row++;
	raise_always(set);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t id = ids[i];

		if (patterns_is_final(set->patterns, id))
			set->seen[set->condition_of[id]] = set->row;
		for (uint32_t r = set->raises_first[id]; r < set->raises_first[id + 1]; r++)
			raise_rank(set, set->raises[r]);
	}
	n = 0;
	for (uint32_t t = 0; t <= set->words / 64; t++) {
		for (; set->touched[t]; set->touched[t] &= set->touched[t] - 1) {
			uint32_t w = t * 64 + (uint32_t)__builtin_ctzll(set->touched[t]);

			n += take_word(set, on[w], w, q, &(struct ranks){ranks + n, max - n});
		}
	}
	return n;
}

int64_t set_decide(struct set *set, const uint64_t *on, const struct question *q)
{
	uint32_t rank;

	return set_matches(set, on, q, &rank, 1) ? (int64_t)rank : -1;
}
