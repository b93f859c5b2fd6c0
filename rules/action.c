/*
 * action - reads what stands after `then`: account, transfer, skip; payee, tag, split.
 */
#include "reader.h"

#include "mem.h"

/* What other tools, or our own exports, read as something else than a tag. */
static const char *const reserved[] = {"amount", "balance",	"by",	       "code",	   "date",
				       "date2",	 "description", "entry",       "filename", "lineno",
				       "payee",	 "source",	"transaction", "type",	   "value"};

static int read_place(struct reader *r, struct rule *rule)
{
	bool skip = lexer_is_word(&r->lexer, "skip");
	bool transfer = lexer_is_word(&r->lexer, "transfer");

	if (rule->account_line != 0)
		return syntax_fault(r->why, r->lexer.source, r->lexer.token.line,
				    "rule %.*s has a second account", SPAN_ARG(rule->name));
	rule->account_line = r->lexer.token.line;
	rule->account_column = r->lexer.token.column;
	rule->action = skip ? ACTION_SKIP : ACTION_ACCOUNT;
	if (transfer)
		rule->account = span_text(SYNTAX_TRANSFERS);
	if (reader_next(r) != 0)
		return -1;
	if (skip || transfer)
		return 0;
	rule->account_line = r->lexer.token.line;
	rule->account_column = r->lexer.token.column;
	return reader_account(r, &rule->account);
}

/* ---- payee and tags ---- */

/* On one line, and nothing that ends a tag in hledger (a comma) or a payee (a bar). */
static bool is_label(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < ' ' || strchr(",|;", text.at[i]))
			return false;
	return text.len > 0 && text.len <= SYNTAX_LABEL_MAX;
}

/* The present token as a label, trimmed; empty when it is none. */
static struct span label_here(const struct reader *r)
{
	const struct token *token = &r->lexer.token;
	struct span text = span_trim(token->text);

	if (token->kind != TOKEN_WORD && token->kind != TOKEN_TEXT)
		return (struct span){0};
	return is_label(text) ? text : (struct span){0};
}

static int read_payee(struct reader *r, struct rule *rule)
{
	uint32_t line = r->lexer.token.line;

	if (reader_next(r) != 0)
		return -1;
	if (rule->payee.len > 0)
		return syntax_fault(r->why, r->lexer.source, line, "rule %.*s has a second payee",
				    SPAN_ARG(rule->name));
	rule->payee = label_here(r);
	if (rule->payee.len == 0)
		return reader_wanted(r, "a payee of up to 100 bytes, without , ; or |",
				     "then payee \"Tesco Express\"");
	rule->payee = arena_copy(&r->syntax->arena, rule->payee);
	return reader_next(r);
}

/* a-z, then a-z 0-9 - _, two or more: what hledger, ledger and beancount all take. */
static bool is_tag_name(struct span name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];
		bool letter = c >= 'a' && c <= 'z';

		if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '-' || c == '_')))
			return false;
	}
	for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
		if (span_is(name, reserved[i]))
			return false;
	return name.len >= 2 && name.len <= 32;
}

/* Is `name` among the lines of `tags`, with a value or without? */
static bool has_tag(struct span tags, struct span name)
{
	for (size_t at = 0; at < tags.len;) {
		const char *stop = memchr(tags.at + at, '\n', tags.len - at);
		size_t len = stop ? (size_t)(stop - tags.at) - at : tags.len - at;

		if (name.len > 0 && len >= name.len &&
		    memcmp(tags.at + at, name.at, name.len) == 0 &&
		    (len == name.len || tags.at[at + name.len] == ':'))
			return true;
		at += len + 1;
	}
	return false;
}

static void add_tag(struct reader *r, struct rule *rule, struct span name, struct span value)
{
	struct buf *text = &r->folded;

	buf_clear(text);
	if (rule->tags.len > 0)
		buf_format(text, "%.*s\n", SPAN_ARG(rule->tags));
	buf_format(text, "%.*s", SPAN_ARG(name));
	if (value.len > 0)
		buf_format(text, ":%.*s", SPAN_ARG(value));
	rule->tags = arena_copy(&r->syntax->arena, buf_span(text));
	rule->n_tags++;
}

static int read_tag(struct reader *r, struct rule *rule)
{
	struct span text, name, value = {0};
	const char *colon;

	if (reader_next(r) != 0)
		return -1;
	text = name = label_here(r);
	colon = text.len ? memchr(text.at, ':', text.len) : NULL;
	if (colon) {
		name = span_of(text.at, (size_t)(colon - text.at));
		value = span_trim(span_of(colon + 1, text.len - name.len - 1));
	}
	if (!is_tag_name(name)) {
		reader_wanted(r, "a tag", "then tag project:alpha, or then tag \"trip:New York\"");
		return fault_hint(r->why, "a tag's name is of a-z, 0-9, - and _, and not one that "
					  "other tools read otherwise, such as date");
	}
	if (rule->n_tags == SYNTAX_TAGS_MAX || has_tag(rule->tags, name))
		return syntax_fault(r->why, r->lexer.source, r->lexer.token.line,
				    rule->n_tags == SYNTAX_TAGS_MAX
					    ? "rule %.*s has too many tags"
					    : "rule %.*s has this tag already",
				    SPAN_ARG(rule->name));
	add_tag(r, rule, name, value);
	return reader_next(r);
}

/* ---- split ---- */

static int read_size(struct reader *r, struct part *part)
{
	struct span text = r->lexer.token.text;
	bool percent = text.len > 1 && text.at[text.len - 1] == '%';

	text.len -= percent;
	if (r->lexer.token.kind != TOKEN_WORD || reader_decimal(text, &part->value) != 0 ||
	    part->value == 0 || (percent && part->value > SYNTAX_PERCENT_MAX))
		return reader_wanted(r, "a part of the amount",
				     "then split 20% included Assets:VAT, then split 50% "
				     "Expenses:Home, then split 2.50 Expenses:Fees");
	part->kind = percent ? PART_PERCENT : PART_AMOUNT;
	if (reader_next(r) != 0)
		return -1;
	if (!percent || !lexer_is_word(&r->lexer, "included"))
		return 0;
	part->kind = PART_INCLUDED;
	return reader_next(r);
}

static int read_split(struct reader *r, struct rule *rule)
{
	struct syntax *s = r->syntax;
	struct part part = {0};

	if (reader_next(r) != 0)
		return -1;
	if (s->n_parts - rule->parts_first == SYNTAX_PARTS_MAX)
		return reader_too_many(r, "parts of one rule", SYNTAX_PARTS_MAX);
	if (read_size(r, &part) != 0)
		return -1;
	part.line = r->lexer.token.line;
	part.column = r->lexer.token.column;
	if (reader_account(r, &part.account) != 0)
		return -1;
	if (part.kind == PART_AMOUNT &&
	    __builtin_add_overflow(rule->least, part.value, &rule->least))
		rule->least = UINT64_MAX; /* no amount is as large */
	s->parts = reader_grown(s->parts, s->n_parts, &s->parts_room, sizeof *s->parts);
	s->parts[s->n_parts++] = part;
	return 0;
}

/* ---- any ---- */

int action_read(struct reader *r, struct rule *rule)
{
	static const struct {
		const char *name;
		int (*read)(struct reader *r, struct rule *rule);
	} actions[] = {{"account", read_place}, {"transfer", read_place}, {"skip", read_place},
		       {"payee", read_payee},	{"tag", read_tag},	  {"split", read_split}};

	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (lexer_is_word(&r->lexer, actions[i].name))
			return actions[i].read(r, rule);
	return reader_wanted(r, "account, transfer, skip, payee, tag or split",
			     "then account Expenses:Food:Groceries");
}

static int check_parts(struct reader *r, const struct rule *rule)
{
	const struct part *parts = &r->syntax->parts[rule->parts_first];
	uint64_t percent = 0;

	for (uint32_t i = 0; i < rule->n_parts; i++) {
		bool twice = span_equal(parts[i].account, rule->account);

		for (uint32_t k = 0; k < i; k++)
			twice = twice || span_equal(parts[i].account, parts[k].account);
		if (twice)
			return syntax_fault(r->why, r->lexer.source, parts[i].line,
					    "rule %.*s gives to %.*s twice", SPAN_ARG(rule->name),
					    SPAN_ARG(parts[i].account));
		if (parts[i].kind == PART_PERCENT)
			percent += parts[i].value;
		if (percent > SYNTAX_PERCENT_MAX)
			return syntax_fault(r->why, r->lexer.source, parts[i].line,
					    "the parts of rule %.*s are more than 100 %%",
					    SPAN_ARG(rule->name));
	}
	return 0;
}

int action_check(struct reader *r, const struct rule *rule)
{
	bool transfer = span_is(rule->account, SYNTAX_TRANSFERS);

	if (rule->action == ACTION_SKIP && (rule->payee.len || rule->n_tags || rule->n_parts)) {
		syntax_fault(r->why, r->lexer.source, rule->account_line,
			     "rule %.*s leaves the row to a person and has further actions",
			     SPAN_ARG(rule->name));
		return fault_hint(r->why, "`then skip` stands alone");
	}
	if (transfer && rule->n_parts > 0) {
		syntax_fault(r->why, r->lexer.source, r->syntax->parts[rule->parts_first].line,
			     "rule %.*s splits a transfer", SPAN_ARG(rule->name));
		return fault_hint(r->why, "both sides of a transfer are of the whole amount");
	}
	return check_parts(r, rule);
}
