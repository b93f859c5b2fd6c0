#include "merchant.h"

#include "fold.h"
#include "mem.h"
#include "rows.h"

/* Dates in words tell one purchase from the next, never one merchant from another. English only:
 * elsewhere banks write dates in digits. */
static bool is_date_word(struct span word)
{
	static const char *const words[] = {
		"jan",	"feb",	"mar",	  "apr",       "may",	  "jun",      "jul",	  "aug",
		"sep",	"sept", "oct",	  "nov",       "dec",	  "mon",      "tue",	  "wed",
		"thu",	"fri",	"sat",	  "sun",       "january", "february", "march",	  "april",
		"june", "july", "august", "september", "october", "november", "december",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (span_is(word, words[i]))
			return true;
	return false;
}

/* The next word of `text`, which is moved behind it; empty at the end. */
static struct span next_word(struct span *text)
{
	size_t from = 0, to;

	while (from < text->len && !fold_is_word((uint8_t)text->at[from]))
		from++;
	for (to = from; to < text->len && fold_is_word((uint8_t)text->at[to]);)
		to++;
	struct span word = span_of(text->at + from, to - from);

	*text = span_of(text->at + to, text->len - to);
	return word;
}

static bool is_number(struct span word)
{
	for (size_t i = 0; i < word.len; i++)
		if (word.at[i] < '0' || word.at[i] > '9')
			return false;
	return true;
}

/* 7-Eleven, 24-hour: a short number and a name joined by a hyphen, of which `rest` is what follows
 * the number. 12-MAY is a date, 12-3456 is none of it. */
static bool begins_a_name(struct span word, struct span rest)
{
	bool joined = word.len <= 2 && is_number(word) && rest.len > 1 && rest.at[0] == '-' &&
		      fold_is_word((uint8_t)rest.at[1]);
	struct span name = next_word(&rest);

	return joined && name.len > 2 && !span_has_digit(name) && !is_date_word(name);
}

struct span merchant_word(struct span *folded, bool *is_name)
{
	struct span word = next_word(folded);

	*is_name = !is_date_word(word) && (!span_has_digit(word) || begins_a_name(word, *folded));
	return word;
}

static void add_words(struct buf *out, struct span text, bool all)
{
	size_t start = out->len;
	struct span word;
	bool is_name;

	while ((word = merchant_word(&text, &is_name)).len > 0) {
		bool first = out->len == start;

		if (!all && !is_name)
			continue;
		if (out->len - start + !first + word.len > MERCHANT_MAX) {
			if (first) {
				word = span_utf8_whole(span_of(word.at, MERCHANT_MAX));
				buf_add(out, word.at, word.len);
			}
			return;
		}
		if (!first)
			buf_char(out, ' ');
		buf_add(out, word.at, word.len);
	}
}

void merchant_of(struct buf *out, struct span description)
{
	struct buf folded = {0};
	size_t start = out->len;

	if (span_is(description, ROWS_NO_DESCRIPTION))
		return;
	fold_text(&folded, description);
	add_words(out, buf_span(&folded), false);
	if (out->len == start)
		add_words(out, buf_span(&folded), true);
	buf_release(&folded);
}
