#include "hledger_rules.h"

#include <ctype.h>
#include <stdlib.h>

#define PATTERNS_MAX 256
#define PARTS_MAX    9 /* account1 to account9 */

struct test {
	struct span pattern;
	bool joined; /* begins with &: it and the one before must hold */
	bool negated, amount;
};

struct block {
	struct test tests[PATTERNS_MAX];
	uint32_t n;
	struct span account, payee, tags;
	struct span accounts[PARTS_MAX + 1], amounts[PARTS_MAX + 1]; /* by number */
	bool skip, open, passed; /* passed: the last test was left out */
};

struct importing {
	struct buf *out;
	struct block block;
	struct hledger_count count;
	uint32_t number; /* of the rule made last */
	struct buf ends; /* size_t each: where in `out` the text of a block ends */
};

static struct span next_line(struct span *text)
{
	const char *stop = memchr(text->at, '\n', text->len);
	struct span line = span_of(text->at, stop ? (size_t)(stop - text->at) : text->len);
	size_t used = line.len + (stop != NULL);

	*text = span_of(text->at + used, text->len - used);
	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

static bool begins(struct span line, const char *word)
{
	size_t len = strlen(word);

	return line.len >= len && memcmp(line.at, word, len) == 0 &&
	       (line.len == len || line.at[len] == ' ' || line.at[len] == '\t');
}

static struct span after(struct span line, size_t n)
{
	return span_trim(span_of(line.at + n, line.len - n));
}

static void put_comment(struct importing *im, const char *why, struct span line)
{
	buf_format(im->out, "# %s: %.*s\n", why, SPAN_ARG(line));
}

/* ---- a rule ---- */

/* expenses:car fuel -> Expenses:Car-Fuel */
static void put_account(struct buf *out, struct span account)
{
	bool first = true;

	for (size_t i = 0; i < account.len; i++) {
		char c = account.at[i];
		bool mark = c == ' ' || c == '_' || c == '&' || c == '/' || c == '.';

		buf_char(out, mark ? '-' : first ? (char)toupper((unsigned char)c) : c);
		first = c == ':' || mark;
	}
}

static bool is_plain(struct span pattern)
{
	for (size_t i = 0; i < pattern.len; i++)
		if (strchr("\\^$.|?*+()[]{}\"/", pattern.at[i]))
			return false;
	return true;
}

static void put_pattern(struct buf *out, struct span pattern)
{
	if (is_plain(pattern)) {
		buf_format(out, "\"%.*s\"", SPAN_ARG(pattern));
		return;
	}
	buf_char(out, '/');
	for (size_t i = 0; i < pattern.len; i++) {
		if (pattern.at[i] == '\\' && i + 1 < pattern.len)
			buf_char(out, pattern.at[i++]);
		else if (pattern.at[i] == '/')
			buf_char(out, '\\');
		buf_char(out, pattern.at[i]);
	}
	buf_char(out, '/');
}

static void put_test(struct buf *out, const struct test *test)
{
	buf_text(out, test->negated ? "not " : "");
	if (test->amount) {
		buf_text(out, "direction out");
		return;
	}
	buf_format(out, "description %s ", is_plain(test->pattern) ? "contains" : "matches");
	put_pattern(out, test->pattern);
}

/* Where the tests that are joined to the one at `i` end. */
static uint32_t joined_end(const struct block *b, uint32_t i)
{
	do
		i++;
	while (i < b->n && b->tests[i].joined);
	return i;
}

/* Are all of one kind, so that they are values of one condition? */
static bool is_list(const struct block *b)
{
	for (uint32_t i = 0; i < b->n; i++) {
		const struct test *test = &b->tests[i];

		if (test->joined || test->negated || test->amount ||
		    is_plain(test->pattern) != is_plain(b->tests[0].pattern))
			return false;
	}
	return true;
}

static void put_list(struct importing *im)
{
	const struct block *b = &im->block;

	buf_text(im->out, "    if ");
	put_test(im->out, &b->tests[0]);
	for (uint32_t i = 1; i < b->n; i++) {
		buf_text(im->out, ",\n        ");
		put_pattern(im->out, b->tests[i].pattern);
	}
	buf_char(im->out, '\n');
}

static void put_tests(struct importing *im)
{
	const struct block *b = &im->block;
	bool one = joined_end(b, 0) == b->n;

	if (!one)
		buf_text(im->out, "    if any (");
	for (uint32_t i = 0, end; i < b->n; i = end) {
		bool group;

		end = joined_end(b, i);
		group = !one && end > i + 1;
		if (!one && i > 0)
			buf_text(im->out, "\n        or ");
		buf_text(im->out, group ? "all (" : "");
		for (uint32_t k = i; k < end; k++) {
			buf_text(im->out, one ? "    if " : k > i ? " and " : "");
			put_test(im->out, &b->tests[k]);
			buf_text(im->out, one ? "\n" : "");
		}
		buf_text(im->out, group ? ")" : "");
	}
	if (!one)
		buf_text(im->out, ")\n");
}

static void put_parts(struct importing *im)
{
	const struct block *b = &im->block;

	for (int i = 3; i <= PARTS_MAX; i++) {
		if (!b->accounts[i].len || !b->amounts[i].len)
			continue;
		buf_format(im->out, "    then split %.*s ", SPAN_ARG(b->amounts[i]));
		put_account(im->out, b->accounts[i]);
		buf_char(im->out, '\n');
	}
}

/* name:value, name: of a comment; what is no tag of ours is said in a comment. */
static void put_tags(struct importing *im)
{
	struct span rest = im->block.tags;

	while (rest.len > 0) {
		const char *comma = memchr(rest.at, ',', rest.len);
		struct span tag = span_of(rest.at, comma ? (size_t)(comma - rest.at) : rest.len);

		rest = span_of(rest.at + tag.len + (comma != NULL),
			       rest.len - tag.len - (comma != NULL));
		tag = span_trim(tag);
		if (tag.len > 0 && tag.at[tag.len - 1] == ':')
			tag.len--;
		buf_format(im->out, "    then tag \"%.*s\"\n", SPAN_ARG(tag));
	}
}

static void put_rule(struct importing *im)
{
	const struct block *b = &im->block;

	buf_format(im->out, "rule \"hledger %u\"\n", ++im->number);
	im->count.rules++;
	if (is_list(b))
		put_list(im);
	else
		put_tests(im);
	buf_text(im->out, b->skip ? "    then skip\n" : "    then account ");
	if (!b->skip) {
		put_account(im->out, b->account);
		buf_char(im->out, '\n');
		if (b->payee.len)
			buf_format(im->out, "    then payee \"%.*s\"\n", SPAN_ARG(b->payee));
		put_tags(im);
		put_parts(im);
	}
	buf_char(im->out, '\n');
}

static void close_block(struct importing *im)
{
	struct block *b = &im->block;

	if (b->n > 0 && (b->account.len || b->skip))
		put_rule(im);
	else if (b->n > 0)
		put_comment(im, "a block without account2", b->tests[0].pattern);
	if (b->n > 0)
		buf_add(&im->ends, &im->out->len, sizeof(im->out->len));
	*b = (struct block){0};
}

/* ---- tests ---- */

/* A test that cannot be taken over takes along what it is joined with: less must hold no more. */
static void pass_over(struct importing *im, struct span line, bool joined)
{
	struct block *b = &im->block;

	put_comment(im, "a test of another field than the description", line);
	while (joined && !b->passed && b->n > 0) {
		b->n--;
		joined = b->tests[b->n].joined;
	}
	b->passed = true;
}

static void add_pattern(struct importing *im, struct span line)
{
	struct block *b = &im->block;
	struct test test = {.joined = line.len > 0 && line.at[0] == '&' && b->n > 0};

	if (line.len > 0 && line.at[0] == '&')
		line = after(line, 1);
	else
		b->passed = false;
	if (line.len > 0 && line.at[0] == '!') {
		test.negated = true;
		line = after(line, 1);
	}
	if (line.len == 0 || b->n == PATTERNS_MAX)
		return;
	test.pattern = line;
	if (begins(line, "%amount")) {
		struct span sign = after(line, strlen("%amount"));

		test.amount = span_is(sign, "-") || span_is(sign, "^-");
	}
	if (begins(line, "%description"))
		test.pattern = after(line, strlen("%description"));
	else if (line.at[0] == '%' && !test.amount) {
		pass_over(im, line, test.joined);
		return;
	}
	if (!b->passed)
		b->tests[b->n++] = test;
}

/* ---- assignments ---- */

/* 3 for "account3 ...", 0 when it is no such line. */
static int number_of(struct span line, const char *word)
{
	size_t len = strlen(word);

	if (line.len <= len + 1 || memcmp(line.at, word, len) != 0 || line.at[len] < '1' ||
	    line.at[len] > '9' || (line.at[len + 1] != ' ' && line.at[len + 1] != '\t'))
		return 0;
	return line.at[len] - '0';
}

/* The number of "EUR -2.50" without its sign; empty where it is not one number. */
static struct span plain_amount(struct span text)
{
	size_t from = 0, to = 0;

	while (from < text.len && !isdigit((unsigned char)text.at[from]))
		from++;
	for (to = from; to < text.len; to++)
		if (!isdigit((unsigned char)text.at[to]) && text.at[to] != '.')
			break;
	for (size_t i = 0; i < text.len; i++)
		if ((i < from || i >= to) && !isalpha((unsigned char)text.at[i]) &&
		    !strchr(" -$", text.at[i]))
			return (struct span){0};
	return span_of(text.at + from, to - from);
}

/* Each piece of a comment between commas is a name, a colon and perhaps a value. */
static bool is_tags(struct span text)
{
	bool named = false, any = false;

	for (size_t i = 0; i <= text.len; i++) {
		char c = i < text.len ? text.at[i] : ',';

		if (c == ',' && !named)
			return false;
		if (c == ':' && !any)
			return false;
		if (c == '"' || c == '|' || c == ';' || (!named && c == ' ' && any))
			return false;
		named = c == ':' || (named && c != ',');
		any = c != ',' && (any || c != ' ');
		if (!named && any && !(c >= 'a' && c <= 'z') && !isdigit((unsigned char)c) &&
		    c != '-' && c != '_')
			return false;
	}
	return text.len > 0;
}

/* "Shop | %description": what is before the bar, where it is a plain name. */
static struct span payee_of(struct span text)
{
	const char *bar = memchr(text.at, '|', text.len);
	struct span payee = span_trim(span_of(text.at, bar ? (size_t)(bar - text.at) : text.len));

	for (size_t i = 0; i < payee.len; i++)
		if (strchr("%\",;\\", payee.at[i]))
			return (struct span){0};
	return payee;
}

static void take_assignment(struct importing *im, struct span line)
{
	struct block *b = &im->block;
	int account = number_of(line, "account"), amount = number_of(line, "amount");
	struct span value = account ? after(line, strlen("accountN")) : (struct span){0};
	struct span money = amount > 2 ? plain_amount(after(line, strlen("amountN"))) : value;

	if (account == 1 || account == 2)
		b->account = value;
	else if (account > 2)
		b->accounts[account] = value;
	else if (amount > 2 && money.len > 0)
		b->amounts[amount] = money;
	else if (begins(line, "skip"))
		b->skip = true;
	else if (begins(line, "comment") && is_tags(after(line, strlen("comment"))))
		b->tags = after(line, strlen("comment"));
	else if (begins(line, "description") && payee_of(after(line, strlen("description"))).len)
		b->payee = payee_of(after(line, strlen("description")));
	else
		put_comment(im, "not taken over", line);
}

/* ---- lines ---- */

static void take_line(struct importing *im, struct span raw)
{
	struct span line = span_trim(raw);
	bool indented = raw.len > 0 && (raw.at[0] == ' ' || raw.at[0] == '\t');
	bool comment = line.len > 0 && strchr("#;*", line.at[0]);

	if (begins(line, "if") && !indented) {
		close_block(im);
		im->count.blocks++;
		im->block.open = true;
		add_pattern(im, after(line, strlen("if")));
	} else if (im->block.open && indented && line.len > 0 && !comment) {
		take_assignment(im, line);
	} else if (im->block.open && line.len > 0 && !comment) {
		add_pattern(im, line);
	} else if (line.len == 0) {
		close_block(im);
	} else if (!comment) {
		put_comment(im, "not taken over", line);
	}
}

uint32_t hledger_last(const char *rules)
{
	static const char name[] = "rule \"hledger ";
	uint32_t last = 0;

	for (const char *at = strstr(rules, name); at; at = strstr(at, name)) {
		unsigned long number = strtoul(at += strlen(name), NULL, 10);

		if (number > last && number < UINT32_MAX)
			last = (uint32_t)number;
	}
	return last;
}

/* With hledger the last block that matches decides, with us the first rule: so they are turned
 * round. */
static void put_last_first(const struct buf *out, const struct buf *ends, struct buf *rules)
{
	size_t end = out->len, start;

	for (size_t i = ends->len; i > 0; end = start) {
		i -= sizeof(start);
		memcpy(&start, ends->at + i, sizeof(start));
		buf_add(rules, out->at + start, end - start);
	}
	buf_add(rules, out->at, end);
}

struct hledger_count hledger_rules(struct span text, uint32_t last, struct buf *rules)
{
	struct buf out = {0};
	struct importing im = {.out = &out, .number = last};

	while (text.len > 0)
		take_line(&im, next_line(&text));
	close_block(&im);
	put_last_first(&out, &im.ends, rules);
	buf_release(&im.ends);
	buf_release(&out);
	return im.count;
}
