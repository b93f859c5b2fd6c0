/*
 * condition - reads what stands after `if`: [not] test value { , or value }, or [not] any or all of
 * a group of such.
 */
#include "reader.h"

#include "fold.h"
#include "mem.h"

static struct value *value_add(struct reader *r)
{
	struct syntax *s = r->syntax;

	if (s->n_values == SYNTAX_VALUES_MAX) {
		reader_too_many(r, "texts and values", SYNTAX_VALUES_MAX);
		return NULL;
	}
	s->values = reader_grown(s->values, s->n_values, &s->values_room, sizeof *s->values);
	struct value *value = &s->values[s->n_values++];

	*value = (struct value){.line = r->lexer.token.line, .column = r->lexer.token.column};
	return value;
}

static int read_amount(struct reader *r, uint64_t *out)
{
	static const char example[] =
		"amount >= 100, amount 9.99, amount 10 to 20 (never negative: "
		"say `direction out`)";

	if (r->lexer.token.kind != TOKEN_WORD || reader_decimal(r->lexer.token.text, out) != 0)
		return reader_wanted(r, "an amount", example);
	return reader_next(r);
}

/* >= 10, > 10, <= 10, < 10, = 10, 10, 10 to 20 */
static int read_range(struct reader *r)
{
	struct value *value = value_add(r);
	struct token token = r->lexer.token;
	uint64_t low = 0, high = 0;

	if (!value)
		return -1;
	uint32_t place = (uint32_t)(value - r->syntax->values);

	if (token.kind == TOKEN_COMPARE && reader_next(r) != 0)
		return -1;
	if (read_amount(r, &low) != 0)
		return -1;
	high = low;
	if (token.kind != TOKEN_COMPARE && lexer_is_word(&r->lexer, "to")) {
		if (reader_next(r) != 0 || read_amount(r, &high) != 0)
			return -1;
	} else if (token.kind == TOKEN_COMPARE && token.text.at[0] == '>') {
		high = UINT64_MAX;
		low += token.text.len == 1;
	} else if (token.kind == TOKEN_COMPARE && token.text.at[0] == '<') {
		/* `< 0` holds for nothing: low stays above high */
		low = token.text.len == 1 && high == 0 ? 1 : 0;
		high -= high > 0 && token.text.len == 1;
	}
	if (token.kind == TOKEN_COMPARE && !span_is(token.text, ">") &&
	    !span_is(token.text, ">=") && !span_is(token.text, "<") && !span_is(token.text, "<=") &&
	    !span_is(token.text, "="))
		return syntax_fault(r->why, r->lexer.source, token.line,
				    "%.*s is not one of >= > <= < =", SPAN_ARG(token.text));
	if (low > high)
		return syntax_fault(r->why, r->lexer.source, token.line,
				    "no amount is in this range");
	r->syntax->values[place].low = low;
	r->syntax->values[place].high = high;
	return 0;
}

static int read_direction(struct reader *r)
{
	bool out = lexer_is_word(&r->lexer, "out");

	if (!out && !lexer_is_word(&r->lexer, "in"))
		return reader_wanted(r, "in or out", "if direction out");
	struct value *value = value_add(r);

	if (!value)
		return -1;
	value->out = out;
	return reader_next(r);
}

static int read_account_value(struct reader *r)
{
	struct value *value = value_add(r);
	struct span account;

	if (!value || reader_account(r, &account) != 0)
		return -1;
	r->syntax->values[r->syntax->n_values - 1].text = account;
	return 0;
}

static int read_currency(struct reader *r)
{
	struct span text = r->lexer.token.text;

	if (r->lexer.token.kind != TOKEN_WORD || text.len != 3 || text.at[0] < 'A' ||
	    text.at[0] > 'Z')
		return reader_wanted(r, "a currency", "if currency EUR or CHF");
	struct value *value = value_add(r);

	if (!value)
		return -1;
	value->text = arena_copy(&r->syntax->arena, text);
	return reader_next(r);
}

static int add_text(struct reader *r)
{
	struct value *value = value_add(r);

	if (!value)
		return -1;
	value->text = arena_copy(&r->syntax->arena, buf_span(&r->folded));
	return 0;
}

/* A text or a regular expression, folded; a text in all its spellings. */
static int read_pattern(struct reader *r, bool regex)
{
	struct token token = r->lexer.token;

	if (regex && token.kind != TOKEN_REGEX)
		return reader_wanted(r, "a regular expression in slashes",
				     "if description matches /\\btfl\\b.*\\d{4}/");
	if (!regex && token.kind != TOKEN_TEXT)
		return reader_wanted(r, "a text in plain quotes",
				     "if description contains \"tesco\" or \"lidl\"");
	if (token.text.len > SYNTAX_VALUE_MAX)
		return syntax_fault(r->why, r->lexer.source, token.line,
				    "a text or regular expression is at most %d bytes long",
				    SYNTAX_VALUE_MAX);
	struct buf *folded = &r->folded;

	buf_clear(folded);
	(regex ? fold_regex : fold_text)(folded, token.text);
	if (folded->len == 0)
		return reader_wanted(
			r, "something to look for",
			"if description contains \"tesco\" (an empty one would hold always)");
	if (add_text(r) != 0)
		return -1;
	struct span text = r->syntax->values[r->syntax->n_values - 1].text;

	for (int i = 0; i < FOLD_SPELLINGS && !regex; i++) {
		buf_clear(folded);
		if (fold_spelling(folded, text, i) && add_text(r) != 0)
			return -1;
	}
	return reader_next(r);
}

static int read_date(struct reader *r, enum test test)
{
	struct value *value = value_add(r);

	return value ? datetest_read(r, test, value) : -1;
}

static int read_value(struct reader *r, enum test test)
{
	switch (test) {
	case TEST_CONTAINS:
	case TEST_WORD:
	case TEST_REGEX:
		return read_pattern(r, test == TEST_REGEX);
	case TEST_AMOUNT:
		return read_range(r);
	case TEST_DIRECTION:
		return read_direction(r);
	case TEST_ACCOUNT:
		return read_account_value(r);
	case TEST_CURRENCY:
		return read_currency(r);
	case TEST_DATE:
	case TEST_YEAR:
	case TEST_MONTH:
	case TEST_DAY:
	case TEST_WEEKDAY:
		return read_date(r, test);
	case TEST_ANY:
	case TEST_ALL:
		break;
	}
	return -1;
}

static const struct {
	const char *subject, *verb, *noun;
	enum test test;
} tests[] = {
	{"description", "contains", NULL, TEST_CONTAINS},
	{"description", "has", "word", TEST_WORD},
	{"description", "matches", NULL, TEST_REGEX},
	{"amount", NULL, NULL, TEST_AMOUNT},
	{"direction", NULL, NULL, TEST_DIRECTION},
	{"account", NULL, NULL, TEST_ACCOUNT},
	{"currency", NULL, NULL, TEST_CURRENCY},
	{"date", NULL, NULL, TEST_DATE},
	{"year", NULL, NULL, TEST_YEAR},
	{"month", NULL, NULL, TEST_MONTH},
	{"day", NULL, NULL, TEST_DAY},
	{"weekday", NULL, NULL, TEST_WEEKDAY},
	{"any", NULL, NULL, TEST_ANY},
	{"all", NULL, NULL, TEST_ALL},
};

/* None of these words is a value of any test. */
static bool begins_condition(const struct reader *r)
{
	if (lexer_is_word(&r->lexer, "not"))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		if (lexer_is_word(&r->lexer, tests[i].subject))
			return true;
	return false;
}

/* What the condition looks at, and how: up to its first value. */
static int read_test(struct reader *r, enum test *test)
{
	bool known = false;
	struct token subject = r->lexer.token;

	for (size_t i = 0; i < ARRAY_LEN(tests); i++) {
		if (subject.kind != TOKEN_WORD || !span_is(subject.text, tests[i].subject))
			continue;
		if (!known && reader_next(r) != 0)
			return -1;
		known = true;
		if (tests[i].verb && !lexer_is_word(&r->lexer, tests[i].verb))
			continue;
		*test = tests[i].test;
		if (tests[i].verb && reader_next(r) != 0)
			return -1;
		if (tests[i].noun && !lexer_is_word(&r->lexer, tests[i].noun))
			return reader_wanted(r, "`word`", "if description has word \"shell\"");
		return tests[i].noun ? reader_next(r) : 0;
	}
	if (known)
		return reader_wanted(r, "contains, has word or matches",
				     "if description contains \"tesco\"");
	return reader_wanted(r,
			     "description, amount, direction, account, currency, date, year, "
			     "month, day, weekday, any or all",
			     "if description contains \"tesco\"");
}

/* A comma or a word between two of a list; 1: there was one. */
static int read_between(struct reader *r, const char *word)
{
	bool comma = r->lexer.token.kind == TOKEN_COMMA, either = comma;

	if (comma && reader_next(r) != 0)
		return -1;
	if (lexer_is_word(&r->lexer, word)) {
		either = true;
		if (reader_next(r) != 0)
			return -1;
	}
	return either;
}

/* Within a group what stands between two values may stand between two conditions as well. */
static int read_values(struct reader *r, enum test test, bool grouped)
{
	int more = 1;

	while (more > 0) {
		if (read_value(r, test) != 0)
			return -1;
		more = read_between(r, "or");
		if (more > 0 && grouped && begins_condition(r))
			return 0;
	}
	return more;
}

static int read_one(struct reader *r, int depth);

/* ( condition [[and | or |,] condition ...] ) */
static int read_group(struct reader *r, bool any, int depth)
{
	static const char example[] = "if any (description contains \"rent\" or amount > 1000)";

	if (depth == SYNTAX_NEST_MAX)
		return syntax_fault(r->why, r->lexer.source, r->lexer.token.line,
				    "more than %d groups within one another", SYNTAX_NEST_MAX);
	if (r->lexer.token.kind != TOKEN_OPEN)
		return reader_wanted(r, "a bracket with conditions", example);
	if (reader_next(r) != 0)
		return -1;
	do {
		if (read_one(r, depth + 1) != 0 || read_between(r, any ? "or" : "and") < 0)
			return -1;
	} while (begins_condition(r));
	if (r->lexer.token.kind != TOKEN_CLOSE)
		return reader_wanted(r, "a further condition or the closing bracket", example);
	return reader_next(r);
}

/* Groups come before what is in them; the array may move meanwhile. */
static int read_one(struct reader *r, int depth)
{
	struct syntax *s = r->syntax;
	uint32_t place = s->n_conditions;
	struct condition condition = {.first = s->n_values};
	int rc;

	s->conditions = reader_grown(s->conditions, s->n_conditions, &s->conditions_room,
				     sizeof *s->conditions);
	s->n_conditions++;
	condition.negated = lexer_is_word(&r->lexer, "not");
	if (condition.negated && reader_next(r) != 0)
		return -1;
	if (read_test(r, &condition.test) != 0)
		return -1;
	if (condition.test == TEST_ANY || condition.test == TEST_ALL) {
		rc = read_group(r, condition.test == TEST_ANY, depth);
	} else {
		rc = read_values(r, condition.test, depth > 0);
		condition.n = s->n_values - condition.first;
	}
	condition.size = s->n_conditions - place;
	s->conditions[place] = condition;
	return rc;
}

int condition_read(struct reader *r)
{
	uint32_t before = r->syntax->n_conditions;

	if (read_one(r, 0) == 0)
		return 0;
	r->syntax->n_conditions = before; /* no half of one */
	return -1;
}
