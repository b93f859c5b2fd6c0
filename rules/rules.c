/*
 * rules - see rules.h. What is a company's own: which rules are on, and how rows are asked and
 * answered. Matching is set.c's.
 */
#include "rules.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "company.h"
#include "fold.h"
#include "mem.h"

struct blob_hash rules_hash(const struct rules_source *sources, int n)
{
	crypto_generichash_state state;
	struct blob_hash hash;

	crypto_generichash_init(&state, NULL, 0, sizeof hash.bytes);
	for (int i = 0; i < n; i++) {
		crypto_generichash_update(&state, (const unsigned char *)sources[i].text.at,
					  sources[i].text.len);
		crypto_generichash_update(&state, (const unsigned char *)"\n", 1);
	}
	crypto_generichash_final(&state, hash.bytes, sizeof hash.bytes);
	return hash;
}

static struct layer layer_of(struct set *set)
{
	return (struct layer){set, set_all(set), xcalloc(set->n + 1, sizeof(struct written))};
}

static void layer_release(struct layer *layer)
{
	free(layer->on);
	free(layer->written);
}

static int by_text(const void *a, const void *b)
{
	struct span x = ((const struct rule *)a)->name, y = ((const struct rule *)b)->name;
	int order = memcmp(x.at, y.at, x.len < y.len ? x.len : y.len);

	return order ? order : (x.len > y.len) - (x.len < y.len);
}

/* Own rules replace the base's of the same name. */
static void replace(struct rules *rules)
{
	const struct syntax *own = &rules->own.set->syntax, *base = &rules->base.set->syntax;
	struct rule *named = xcalloc(own->n_rules + 1, sizeof *named);

	if (own->n_rules > 0)
		memcpy(named, own->rules, own->n_rules * sizeof *named);
	qsort(named, own->n_rules, sizeof *named, by_text);
	for (uint32_t rank = 0; rank < base->n_rules; rank++)
		if (bsearch(&base->rules[rank], named, own->n_rules, sizeof *named, by_text))
			set_clear_bit(rules->base.on, rank);
	free(named);
}

static struct rules *rules_of(struct set *set)
{
	struct rules *rules = xcalloc(1, sizeof *rules);

	rules->own = layer_of(set);
	return rules;
}

int rules_compile_stored(const char *store, const struct rules_source *sources, int n,
			 struct rules **out, struct fault *why)
{
	struct set *set = NULL;

	if (set_compile(sources, n, store, &set, why) != 0)
		return -1;
	*out = rules_of(set);
	return 0;
}

int rules_compile(const struct rules_source *sources, int n, struct rules **out, struct fault *why)
{
	return rules_compile_stored(NULL, sources, n, out, why);
}

int rules_compile_on(struct rules *base, const struct rules_source *sources, int n,
		     struct rules **out, struct fault *why)
{
	assert(!base->base.set);
	if (rules_compile(sources, n, out, why) != 0)
		return -1;
	(*out)->base = layer_of(base->own.set);
	replace(*out);
	return 0;
}

void rules_free(struct rules **out)
{
	struct rules *rules = *out;

	if (!rules)
		return;
	set_free(&rules->own.set);
	layer_release(&rules->own);
	layer_release(&rules->base);
	buf_release(&rules->folded);
	buf_release(&rules->text);
	free(rules);
	*out = NULL;
}

uint32_t rules_count(const struct rules *rules)
{
	return rules->own.set->n;
}

struct span rules_account(const struct rules *rules, uint32_t i)
{
	return rules->own.set->syntax.rules[i].account;
}

uint64_t rules_given_up(const struct rules *rules)
{
	return patterns_given_up(rules->own.set->patterns);
}

/* The first account of a rule that is not in the chart; NULL: all are. */
static const struct span *outside(const struct set *set, const struct rule *rule,
				  const struct chart *chart)
{
	const struct part *parts = &set->syntax.parts[rule->parts_first];

	if (rule->action == ACTION_SKIP)
		return NULL;
	if (!chart_has(chart, rule->account))
		return &rule->account;
	for (uint32_t i = 0; i < rule->n_parts; i++)
		if (!chart_has(chart, parts[i].account))
			return &parts[i].account;
	return NULL;
}

int rules_keep_to(struct rules *rules, const struct chart *chart, struct fault *why)
{
	const struct set *own = rules->own.set, *base = rules->base.set;

	for (uint32_t rank = 0; rank < own->n; rank++) {
		const struct rule *rule = &own->syntax.rules[rank];
		const struct span *account = outside(own, rule, chart);

		if (!account)
			continue;
		fault_set(why, FAULT_JOB, "rules-account",
			  "%.50s:%u: %.*s is not in the chart of accounts", rule->file, rule->line,
			  SPAN_ARG(*account));
		if (why)
			why->row = rule->line;
		return fault_hint(why, "add it to the chart, or let rule %.*s name another",
				  SPAN_ARG(rule->name));
	}
	for (uint32_t rank = 0; base && rank < base->n; rank++)
		if (outside(base, &base->syntax.rules[rank], chart))
			set_clear_bit(rules->base.on, rank);
	return 0;
}

void rules_ask(struct rules *rules, const struct rows *rows, uint32_t i, struct question *q)
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
	buf_clear(&rules->folded);
	fold_text(&rules->folded, rows_span(rows, rows->description[i]));
	q->folded = buf_span(&rules->folded);
	/* at most 10^15 minor units, so 10^19 fits */
	q->amount = (minor < 0 ? -(uint64_t)minor : (uint64_t)minor) * rules->scale;
	q->in = minor > 0;
	q->out = minor < 0;
	q->date = rows->day[i];
	q->bank = rows_span(rows, rows->bank[i]);
	q->currency = span_of(code, strnlen(code, CURRENCY_SIZE - 1));
}

/* value / whole of an amount, half a minor unit up. */
static uint64_t share(uint64_t minor, uint64_t value, uint64_t whole)
{
	unsigned __int128 product = (unsigned __int128)minor * value;

	return (uint64_t)((product * 2 + whole) / (2 * (unsigned __int128)whole));
}

void rules_parts(const struct rules *rules, const struct layer *layer, const struct rule *rule,
		 uint64_t minor, uint64_t got[SYNTAX_PARTS_MAX])
{
	const struct part *parts = &layer->set->syntax.parts[rule->parts_first];
	uint64_t left = minor;

	for (uint32_t i = 0; i < rule->n_parts; i++) {
		uint64_t value = parts[i].value;

		if (parts[i].kind == PART_AMOUNT)
			got[i] = share(1, value, rules->scale);
		else
			got[i] = share(minor, value,
				       SYNTAX_PERCENT_MAX +
					       (parts[i].kind == PART_INCLUDED ? value : 0));
		got[i] = got[i] < left ? got[i] : left;
		left -= got[i];
	}
}

static void split(struct rules *rules, const struct layer *layer, const struct rule *rule,
		  struct rows *rows, uint32_t i)
{
	int64_t minor = rows->amount_minor[i];
	uint64_t got[SYNTAX_PARTS_MAX];

	buf_clear(&rules->text);
	rules_parts(rules, layer, rule, (uint64_t)(minor < 0 ? -minor : minor), got);
	for (uint32_t p = 0; p < rule->n_parts; p++)
		buf_format(&rules->text, "%s%llu", p ? " " : "", (unsigned long long)got[p]);
	rows->parts[i] = rows_text(rows, buf_span(&rules->text));
}

static struct text_ref label_of(struct rules *rules, const struct rule *rule, struct rows *rows)
{
	buf_clear(&rules->text);
	if (rule->payee.len > 0 || rule->tags.len > 0)
		buf_format(&rules->text, "%.*s\n%.*s", SPAN_ARG(rule->payee), SPAN_ARG(rule->tags));
	return rows_text(rows, buf_span(&rules->text));
}

static struct text_ref part_accounts(struct rules *rules, const struct layer *layer,
				     const struct rule *rule, struct rows *rows)
{
	buf_clear(&rules->text);
	for (uint32_t p = 0; p < rule->n_parts; p++)
		buf_format(&rules->text, "%s%.*s", p ? "\n" : "",
			   SPAN_ARG(layer->set->syntax.parts[rule->parts_first + p].account));
	return rows_text(rows, buf_span(&rules->text));
}

static void answer(struct rules *rules, struct layer *layer, struct rows *rows, uint32_t i,
		   uint32_t rank)
{
	const struct rule *rule = &layer->set->syntax.rules[rank];
	struct written *written = &layer->written[rank];

	if (written->unit != rules->unit) {
		char decider[SYNTAX_NAME_MAX + SET_VERSION_DIGITS + 8];
		int len = snprintf(decider, sizeof decider, "rule:%.*s@%s", SPAN_ARG(rule->name),
				   layer->set->version);

		written->unit = rules->unit;
		written->account = rows_text(rows, rule->account);
		written->other = rule->action == ACTION_SKIP
					 ? rows_text(rows, span_text("Income:Uncategorised"))
					 : written->account;
		if (rule->action == ACTION_SKIP)
			written->account = rows_text(rows, span_text("Expenses:Uncategorised"));
		written->decider = rows_text(rows, span_of(decider, (size_t)len));
		written->label = label_of(rules, rule, rows);
		written->part_accounts = part_accounts(rules, layer, rule, rows);
	}
	rows->account[i] = rows->amount_minor[i] > 0 ? written->other : written->account;
	rows->decider[i] = written->decider;
	rows->confidence_ppm[i] = rule->confidence_ppm;
	rows->source[i] = SOURCE_RULE;
	rows->label[i] = written->label;
	rows->part_accounts[i] = written->part_accounts;
	if (rule->n_parts > 0)
		split(rules, layer, rule, rows, i);
}

/* What a rule gave up on counts as no match; the row says so. */
static void remark(struct rules *rules, struct layer *layer, struct rows *rows, uint32_t i)
{
	const struct rule *rule = set_gave_up(layer->set);
	struct written *written;

	if (!rule || rows->remark[i].len > 0)
		return;
	written = &layer->written[rule - layer->set->syntax.rules];
	if (written->remarked != rules->unit) {
		buf_clear(&rules->text);
		buf_format(&rules->text,
			   "rule %.*s (%s, line %u): its regular expression took too long and "
			   "counted as no match",
			   SPAN_ARG(rule->name),
			   layer == &rules->own ? "the company's rules" : rule->file, rule->line);
		written->remarked = rules->unit;
		written->remark = rows_text(rows, buf_span(&rules->text));
	}
	rows->remark[i] = written->remark;
}

static int64_t decide(struct rules *rules, struct layer *layer, const struct question *q,
		      struct rows *rows, uint32_t i)
{
	int64_t rank = set_decide(layer->set, layer->on, q);

	remark(rules, layer, rows, i);
	return rank;
}

void rules_apply(struct rules *rules, struct rows *rows)
{
	struct question q;

	rules->unit++;
	for (uint32_t i = 0; i < rows->n; i++) {
		struct layer *layer = &rules->own;
		int64_t rank = -1;

		if (rows->state[i] == ROW_REJECTED || rows->account[i].len > 0)
			continue;
		rules_ask(rules, rows, i, &q);
		if (layer->set->n > 0)
			rank = decide(rules, layer, &q, rows, i);
		if (rank < 0 && rules->base.set) {
			layer = &rules->base;
			rank = decide(rules, layer, &q, rows, i);
		}
		if (rank >= 0)
			answer(rules, layer, rows, i, (uint32_t)rank);
	}
}

/* A decider ends with the version of its set. */
bool rules_by_base(const struct rules *rules, const struct rows *rows, uint32_t i)
{
	struct span decider = rows_span(rows, rows->decider[i]);

	return rules->base.set && rows->source[i] == SOURCE_RULE &&
	       decider.len > SET_VERSION_DIGITS &&
	       memcmp(decider.at + decider.len - SET_VERSION_DIGITS, rules->base.set->version,
		      SET_VERSION_DIGITS) == 0;
}
