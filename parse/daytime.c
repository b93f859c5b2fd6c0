#include "daytime.h"

#include <strings.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void pass(struct span *text, size_t len)
{
	*text = span_of(text->at + len, text->len - len);
}

static void pass_blanks(struct span *text)
{
	while (text->len > 0 && *text->at == ' ')
		pass(text, 1);
}

/* One of the words, separated by '|', that the text begins with. */
static bool pass_word(struct span *text, const char *words)
{
	while (*words) {
		size_t len = (size_t)(strchrnul(words, '|') - words);

		if (text->len >= len && strncasecmp(text->at, words, len) == 0) {
			pass(text, len);
			return true;
		}
		words += len + (words[len] == '|');
	}
	return false;
}

/* Up to two digits; -1 when there are none. */
static int pass_number(struct span *text)
{
	int value = 0, n = 0;

	for (; n < 2 && text->len > 0 && is_digit(*text->at); n++) {
		value = value * 10 + (*text->at - '0');
		pass(text, 1);
	}
	return n > 0 ? value : -1;
}

bool daytime_pass(struct span *text)
{
	struct span rest = *text;
	int hour = pass_number(&rest);

	if (hour < 0 || hour > 24 || !pass_word(&rest, ":|.|h|시 |시|時|时") || rest.len < 2 ||
	    !is_digit(rest.at[1]) || (rest.len > 2 && is_digit(rest.at[2])))
		return false;
	if (pass_number(&rest) > 59)
		return false;
	*text = rest;
	if (rest.len >= 3 && (rest.at[0] == ':' || rest.at[0] == '.') && is_digit(rest.at[1]) &&
	    is_digit(rest.at[2]))
		pass(text, 3);
	return true;
}

/* Signs of fractions, zones and halves of the day: ".000", "+03:00", "PM", "p. m.", "GMT+2 (CET)"
 */
static bool is_zone(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!is_digit(text.at[i]) && !strchr(":.+- TZAPMapmUGCES()", text.at[i]))
			return false;
	}
	return text.len <= 32;
}

static bool is_weekday(struct span text)
{
	return text.len > 2 && text.len <= 16 && text.at[text.len - 1] == ')' &&
	       (text.at[0] == '(' || (text.at[0] == ' ' && text.at[1] == '('));
}

bool daytime_is_all(struct span text)
{
	static const char as_of[] = " as of ";

	if (is_weekday(text))
		return true;
	if (text.len > strlen(as_of) && memcmp(text.at, as_of, strlen(as_of)) == 0)
		return is_digit(text.at[text.len - 1]);
	pass_word(&text, ".");
	pass_word(&text, "日|일| г.| г|г.|г| р.| року| года");
	if (text.len == 0)
		return true;
	if (*text.at != ' ' && *text.at != 'T' && *text.at != ',')
		return false;
	pass(&text, 1);
	pass_blanks(&text);
	pass_word(&text, "-|–|kl.|klo|kl|um|at|om|à|alle|ore|오전|오후|上午|下午|午前|午後");
	pass_blanks(&text);
	if (!daytime_pass(&text))
		return false;
	pass_word(&text, "분|分");
	pass_blanks(&text);
	pass_word(&text, "uhr|uur|μμ|πμ|μ.μ.|π.μ.|น.|h");
	return is_zone(text);
}
