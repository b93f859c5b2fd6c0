/*
 * explain - which rules hold for a row, and which of their values.
 */
#include <inttypes.h>

#include "company.h"
#include "mem.h"

#define MATCHES_MAX 20 /* of a layer; more say nothing more */

struct explaining {
	struct question q;
	struct buf *json;
	bool decided, any;
};

static void put_amount(struct buf *text, uint64_t value)
{
	buf_format(text, "%" PRIu64 ".%02u", value / 10000, (unsigned)(value % 10000 / 100));
}

static void put_range(struct buf *text, const struct value *value)
{
	if (value->high == UINT64_MAX) {
		buf_text(text, "from ");
		put_amount(text, value->low);
		return;
	}
	put_amount(text, value->low);
	if (value->low == value->high)
		return;
	buf_text(text, " to ");
	put_amount(text, value->high);
}

static void put_value(struct buf *text, enum test test, const struct value *value)
{
	static const char *const names[] = {
		[TEST_CONTAINS] = "description contains ",
		[TEST_WORD] = "description has word ",
		[TEST_REGEX] = "description matches ",
		[TEST_AMOUNT] = "amount ",
		[TEST_DIRECTION] = "direction ",
		[TEST_ACCOUNT] = "account ",
		[TEST_CURRENCY] = "currency ",
		[TEST_DATE] = "date",
		[TEST_YEAR] = "year",
		[TEST_MONTH] = "month",
		[TEST_DAY] = "day",
		[TEST_WEEKDAY] = "weekday",
	};
	bool regex = test == TEST_REGEX, quoted = test == TEST_CONTAINS || test == TEST_WORD;

	buf_text(text, names[test]);
	if (quoted || regex)
		buf_format(text, regex ? "/%.*s/" : "\"%.*s\"", SPAN_ARG(value->text));
	else if (test == TEST_AMOUNT)
		put_range(text, value);
	else if (test == TEST_DIRECTION)
		buf_text(text, value->out ? "out" : "in");
	else if (test == TEST_ACCOUNT || test == TEST_CURRENCY)
		buf_add(text, value->text.at, value->text.len);
}

/* The first value that holds says why; a negated condition, that none does. Of a group its first
 * condition that holds, if one is enough, else all. */
static void put_condition(struct explaining *e, struct set *set, uint32_t c, struct buf *text)
{
	const struct condition *condition = &set->syntax.conditions[c];
	const struct value *values = &set->syntax.values[condition->first];
	bool any = condition->test == TEST_ANY, group = any || condition->test == TEST_ALL;
	bool one = any && !condition->negated, first = true;
	uint32_t v = 0;

	if (condition->negated)
		buf_text(text, group ? "not (" : "not ");
	while (!group && !condition->negated && v + 1 < condition->n &&
	       !set_value_holds(set, condition->test, &values[v], &e->q))
		v++;
	if (!group)
		put_value(text, condition->test, &values[v]);
	for (uint32_t i = c + 1; i < c + condition->size; i += set->syntax.conditions[i].size) {
		if (one && !set_condition_holds(set, i, &e->q))
			continue;
		if (!first)
			buf_text(text, any ? " or " : " and ");
		put_condition(e, set, i, text);
		first = false;
		if (one)
			break;
	}
	if (condition->negated && group)
		buf_char(text, ')');
}

static void put_because(struct explaining *e, struct set *set, uint32_t c)
{
	struct buf text = {0};

	put_condition(e, set, c, &text);
	buf_json_string(e->json, buf_span(&text));
	buf_release(&text);
}

static void put_match(struct explaining *e, struct set *set, uint32_t rank, bool starter)
{
	const struct rule *rule = &set->syntax.rules[rank];
	struct buf *json = e->json;
	uint32_t c = rule->first;

	buf_text(json, e->any ? ",{\"rule\":" : "{\"rule\":");
	buf_json_string(json, rule->name);
	buf_format(json, ",\"starter\":%s,\"line\":%u,\"priority\":%d,\"account\":",
		   starter ? "true" : "false", rule->line, rule->priority);
	if (rule->action == ACTION_SKIP)
		buf_text(json, "null");
	else
		buf_json_string(json, rule->account);
	buf_format(json, ",\"decides\":%s,\"because\":[", e->decided ? "false" : "true");
	for (; c < rule->first + rule->n; c += set->syntax.conditions[c].size) {
		if (c > rule->first)
			buf_char(json, ',');
		put_because(e, set, c);
	}
	buf_text(json, "]}");
	e->any = e->decided = true;
}

static void put_layer(struct explaining *e, struct layer *layer, bool starter)
{
	uint32_t ranks[MATCHES_MAX];
	uint32_t n = layer->set && layer->set->n
			     ? set_matches(layer->set, layer->on, &e->q, ranks, MATCHES_MAX)
			     : 0;

	for (uint32_t i = 0; i < n; i++)
		put_match(e, layer->set, ranks[i], starter);
}

void rules_explain(struct rules *rules, const struct rows *rows, uint32_t i, struct buf *json)
{
	struct explaining e = {.json = json};

	rules_ask(rules, rows, i, &e.q);
	buf_text(json, "{\"description\":");
	buf_json_string(json, rows_span(rows, rows->description[i]));
	buf_text(json, ",\"seen_as\":");
	buf_json_string(json, e.q.folded);
	buf_text(json, ",\"matches\":[");
	put_layer(&e, &rules->own, false);
	put_layer(&e, &rules->base, true);
	buf_text(json, "]}");
}
