#include "hledger_rules.h"

#include <ctype.h>

#define PATTERNS_MAX 256

struct block {
	struct span patterns[PATTERNS_MAX];
	bool joined[PATTERNS_MAX]; /* begins with &: it and the one before must hold */
	uint32_t n;
	struct span account;
	bool skip, open;
};

struct importing {
	struct buf *out;
	struct block block;
	struct hledger_count count;
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

static void put_test(struct buf *out, struct span pattern)
{
	if (is_plain(pattern)) {
		buf_format(out, "contains \"%.*s\"", SPAN_ARG(pattern));
		return;
	}
	buf_text(out, "matches /");
	for (size_t i = 0; i < pattern.len; i++) {
		if (pattern.at[i] == '\\' && i + 1 < pattern.len)
			buf_char(out, pattern.at[i++]);
		else if (pattern.at[i] == '/')
			buf_char(out, '\\');
		buf_char(out, pattern.at[i]);
	}
	buf_char(out, '/');
}

static void put_head(struct importing *im)
{
	buf_format(im->out, "rule \"hledger %u\"\n", ++im->count.rules);
}

static void put_foot(struct importing *im)
{
	buf_text(im->out, im->block.skip ? "    then skip" : "    then account ");
	if (!im->block.skip)
		put_account(im->out, im->block.account);
	buf_text(im->out, "\n\n");
}

/* Values of one condition are all of a kind, so texts and expressions are two rules. */
static void put_alone(struct importing *im, bool plain)
{
	const struct block *b = &im->block;
	bool any = false;

	for (uint32_t i = 0; i < b->n; i++) {
		bool joined = b->joined[i] || (i + 1 < b->n && b->joined[i + 1]);

		if (joined || is_plain(b->patterns[i]) != plain)
			continue;
		if (!any) {
			put_head(im);
			buf_text(im->out, "    if description ");
			put_test(im->out, b->patterns[i]);
		} else {
			struct buf test = {0};

			put_test(&test, b->patterns[i]);
			buf_format(im->out, ",\n        %s", strchr(test.at, ' ') + 1);
			buf_release(&test);
		}
		any = true;
	}
	if (!any)
		return;
	buf_char(im->out, '\n');
	put_foot(im);
}

static void put_joined(struct importing *im)
{
	const struct block *b = &im->block;

	for (uint32_t i = 0; i + 1 < b->n; i++) {
		if (b->joined[i] || !b->joined[i + 1])
			continue;
		put_head(im);
		for (uint32_t k = i; k == i || (k < b->n && b->joined[k]); k++) {
			buf_text(im->out, "    if description ");
			put_test(im->out, b->patterns[k]);
			buf_char(im->out, '\n');
		}
		put_foot(im);
	}
}

static void close_block(struct importing *im)
{
	struct block *b = &im->block;

	if (b->n > 0 && (b->account.len || b->skip)) {
		put_alone(im, true);
		put_alone(im, false);
		put_joined(im);
	} else if (b->n > 0) {
		put_comment(im, "a block without account2", b->patterns[0]);
	}
	*b = (struct block){0};
}

/* ---- lines ---- */

static void add_pattern(struct importing *im, struct span line)
{
	struct block *b = &im->block;
	bool joined = line.len > 0 && line.at[0] == '&';

	if (joined)
		line = after(line, 1);
	if (line.len > 0 && line.at[0] == '%') {
		if (!begins(line, "%description")) {
			put_comment(im, "a test of another field than the description", line);
			return;
		}
		line = after(line, strlen("%description"));
	}
	if (line.len == 0 || b->n == PATTERNS_MAX)
		return;
	b->joined[b->n] = joined && b->n > 0;
	b->patterns[b->n++] = line;
}

static void take_assignment(struct importing *im, struct span line)
{
	struct block *b = &im->block;

	if (begins(line, "account2") || begins(line, "account1"))
		b->account = after(line, strlen("account2"));
	else if (begins(line, "skip"))
		b->skip = true;
	else
		put_comment(im, "not taken over", line);
}

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

struct hledger_count hledger_rules(struct span text, struct buf *rules)
{
	struct importing im = {.out = rules};

	while (text.len > 0)
		take_line(&im, next_line(&text));
	close_block(&im);
	return im.count;
}
