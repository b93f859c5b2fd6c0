/*
 * syntax - see syntax.h and reader.h.
 */
#include "reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "chart.h"
#include "mem.h"

int syntax_fault(struct fault *why, const char *file, uint32_t line, const char *format, ...)
{
	char text[200];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	fault_set(why, FAULT_JOB, "rules-syntax", "%.50s:%u: %s", file, line, text);
	if (why)
		why->row = line;
	return -1;
}

int reader_wanted(struct reader *r, const char *what, const char *example)
{
	char found[64];

	syntax_fault(r->why, r->lexer.source, r->lexer.token.line, "%s is wanted, not %s", what,
		     lexer_found(&r->lexer, found));
	return fault_hint(r->why, "for example: %s", example);
}

int reader_next(struct reader *r)
{
	return lexer_next(&r->lexer, r->why);
}

int reader_too_many(struct reader *r, const char *what, uint32_t max)
{
	syntax_fault(r->why, r->lexer.source, r->lexer.token.line, "more than %u %s", max, what);
	return fault_hint(r->why, "split the rules among companies, or join those alike");
}

void *reader_grown(void *array, uint32_t n, uint32_t *room, size_t size)
{
	if (n < *room)
		return array;
	*room = *room ? *room * 2 : 64;
	return xrealloc(array, *room * size);
}

int reader_decimal(struct span text, uint64_t *out)
{
	uint64_t value = 0;
	int whole = 0, decimals = -1;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c == '.' && decimals < 0 && whole > 0) {
			decimals = 0;
			continue;
		}
		if (c < '0' || c > '9' || whole == 15 || decimals == SYNTAX_AMOUNT_EXPONENT)
			return -1;
		value = value * 10 + (uint64_t)(c - '0');
		if (decimals >= 0)
			decimals++;
		else
			whole++;
	}
	if (whole == 0 || decimals == 0)
		return -1;
	for (int i = decimals < 0 ? 0 : decimals; i < SYNTAX_AMOUNT_EXPONENT; i++)
		value *= 10;
	*out = value;
	return 0;
}

int reader_account(struct reader *r, struct span *account)
{
	if (r->lexer.token.kind != TOKEN_WORD || !account_is_valid(r->lexer.token.text))
		return reader_wanted(
			r, "an account",
			"Expenses:Food:Groceries (Assets, Liabilities, Equity, Income or "
			"Expenses, then parts that begin with a capital or digit)");
	*account = arena_copy(&r->syntax->arena, r->lexer.token.text);
	return reader_next(r);
}

static int read_priority(struct reader *r, struct rule *rule)
{
	char text[8];
	char *end = text;
	long value = 0;

	if (span_copy(r->lexer.token.text, text, sizeof text) == 0)
		value = strtol(text, &end, 10);
	if (r->lexer.token.kind != TOKEN_WORD || end == text || *end != '\0' ||
	    labs(value) > SYNTAX_PRIORITY_MAX)
		return reader_wanted(r, "a number from -1000 to 1000",
				     "priority 50 (higher goes first)");
	rule->priority = (int32_t)value;
	return reader_next(r);
}

static int read_confidence(struct reader *r, struct rule *rule)
{
	uint64_t value = 0;

	if (r->lexer.token.kind != TOKEN_WORD || reader_decimal(r->lexer.token.text, &value) != 0 ||
	    value > 10000)
		return reader_wanted(r, "a number from 0 to 1", "confidence 0.7");
	rule->confidence_ppm = (uint32_t)value * 100;
	return reader_next(r);
}

/* One of a rule's parts; 1 when the present token begins none. */
static int read_part(struct reader *r, struct rule *rule)
{
	static const char *const parts[] = {"priority", "confidence", "if", "then"};
	size_t part = 0;

	while (part < ARRAY_LEN(parts) && !lexer_is_word(&r->lexer, parts[part]))
		part++;
	if (part == ARRAY_LEN(parts))
		return 1;
	if (reader_next(r) != 0)
		return -1;
	switch (part) {
	case 0:
		return read_priority(r, rule);
	case 1:
		return read_confidence(r, rule);
	case 2:
		return condition_read(r);
	default:
		return action_read(r, rule);
	}
}

static int read_name(struct reader *r, struct rule *rule)
{
	struct token token = r->lexer.token;

	if ((token.kind != TOKEN_WORD && token.kind != TOKEN_TEXT) || token.text.len == 0 ||
	    token.text.len > SYNTAX_NAME_MAX)
		return reader_wanted(r, "a name of up to 64 bytes", "rule Groceries");
	for (size_t i = 0; i < token.text.len; i++)
		if ((unsigned char)token.text.at[i] < ' ')
			return syntax_fault(r->why, r->lexer.source, token.line,
					    "a rule's name has no control characters");
	rule->name = arena_copy(&r->syntax->arena, token.text);
	return reader_next(r);
}

int rule_read(struct reader *r, const char *file)
{
	struct syntax *s = r->syntax;
	struct rule rule = {.file = file,
			    .line = r->lexer.token.line,
			    .column = r->lexer.token.column,
			    .first = s->n_conditions,
			    .parts_first = s->n_parts,
			    .confidence_ppm = SYNTAX_CONFIDENCE_PPM,
			    .place = s->n_rules};
	int rc = 0;

	if (!lexer_is_word(&r->lexer, "rule"))
		return reader_wanted(
			r, "rule",
			"rule Groceries if description contains \"tesco\" then account "
			"Expenses:Food:Groceries");
	if (s->n_rules == SYNTAX_RULES_MAX)
		return reader_too_many(r, "rules", SYNTAX_RULES_MAX);
	if (reader_next(r) != 0 || read_name(r, &rule) != 0)
		return -1;
	while ((rc = read_part(r, &rule)) == 0)
		;
	if (rc < 0)
		return -1;
	if (r->lexer.token.kind != TOKEN_END && !lexer_is_word(&r->lexer, "rule"))
		return reader_wanted(r, "priority, confidence, if, then or the next rule",
				     "if description contains \"tesco\" or \"lidl\"");
	rule.n = s->n_conditions - rule.first;
	rule.n_parts = s->n_parts - rule.parts_first;
	if (rule.n == 0 || rule.account_line == 0) {
		syntax_fault(r->why, r->lexer.source, rule.line, "rule %.*s has no %s",
			     SPAN_ARG(rule.name), rule.n == 0 ? "condition" : "account");
		return fault_hint(r->why, rule.n == 0 ? "add: if description contains \"...\""
						      : "add: then account Expenses:...");
	}
	if (action_check(r, &rule) != 0)
		return -1;
	s->rules = reader_grown(s->rules, s->n_rules, &s->rules_room, sizeof *s->rules);
	s->rules[s->n_rules++] = rule;
	return 0;
}

int syntax_read(struct syntax *syntax, const struct rules_source *source, struct fault *why)
{
	struct reader r = {.syntax = syntax, .why = why};
	const char *file = arena_text(&syntax->arena, span_text(source->name));
	int rc = lexer_start(&r.lexer, source, &syntax->arena, why);

	while (rc == 0 && r.lexer.token.kind != TOKEN_END)
		rc = rule_read(&r, file);
	buf_release(&r.folded);
	return rc;
}

void syntax_release(struct syntax *syntax)
{
	arena_release(&syntax->arena);
	free(syntax->rules);
	free(syntax->conditions);
	free(syntax->values);
	free(syntax->parts);
	*syntax = (struct syntax){0};
}
