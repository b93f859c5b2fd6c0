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

int rules_keep_to(struct rules *rules, const struct chart *chart, struct fault *why)
{
	for (uint32_t rank = 0; rank < rules->own.set->n; rank++) {
		const struct rule *rule = &rules->own.set->syntax.rules[rank];

		if (rule->action == ACTION_SKIP || chart_has(chart, rule->account))
			continue;
		fault_set(why, FAULT_JOB, "rules-account",
			  "%.50s:%u: %.*s is not in the chart of accounts", rule->file, rule->line,
			  SPAN_ARG(rule->account));
		if (why)
			why->row = rule->line;
		return fault_hint(why, "add it to the chart, or let rule %.*s name another",
				  SPAN_ARG(rule->name));
	}
	for (uint32_t rank = 0; rules->base.set && rank < rules->base.set->n; rank++)
		if (rules->base.set->syntax.rules[rank].action == ACTION_ACCOUNT &&
		    !chart_has(chart, rules->base.set->syntax.rules[rank].account))
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

static void answer(struct layer *layer, uint64_t unit, struct rows *rows, uint32_t i, uint32_t rank)
{
	const struct rule *rule = &layer->set->syntax.rules[rank];
	struct written *written = &layer->written[rank];

	if (written->unit != unit) {
		char decider[SYNTAX_NAME_MAX + SET_VERSION_DIGITS + 8];
		int len = snprintf(decider, sizeof decider, "rule:%.*s@%s", SPAN_ARG(rule->name),
				   layer->set->version);

		written->unit = unit;
		written->account = rows_text(rows, rule->account);
		written->other = rule->action == ACTION_SKIP
					 ? rows_text(rows, span_text("Income:Uncategorised"))
					 : written->account;
		if (rule->action == ACTION_SKIP)
			written->account = rows_text(rows, span_text("Expenses:Uncategorised"));
		written->decider = rows_text(rows, span_of(decider, (size_t)len));
	}
	rows->account[i] = rows->amount_minor[i] > 0 ? written->other : written->account;
	rows->decider[i] = written->decider;
	rows->confidence_ppm[i] = rule->confidence_ppm;
	rows->source[i] = SOURCE_RULE;
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
			rank = set_decide(layer->set, layer->on, &q);
		if (rank < 0 && rules->base.set) {
			layer = &rules->base;
			rank = set_decide(layer->set, layer->on, &q);
		}
		if (rank >= 0)
			answer(layer, rules->unit, rows, i, (uint32_t)rank);
	}
}
