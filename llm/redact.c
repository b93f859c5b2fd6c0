/*
 * redact - see redact.h.
 */
#include "redact.h"

#define DIGITS_MIN 6
#define IBAN_MIN   15 /* Norway's; ISO 13616 allows 34 */
#define IBAN_MAX   34

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	char low = (char)(c | 0x20);

	return low >= 'a' && low <= 'z';
}

static bool is_alnum(char c)
{
	return is_digit(c) || is_letter(c);
}

static bool is_space(char c)
{
	return (unsigned char)c <= ' ' || c == 0x7f;
}

static bool is_separator(const char *at, const char *end)
{
	return *at && strchr(" .-/", *at) && at + 1 < end && is_digit(at[1]);
}

/* Length of a run of digits with single separators at `at`, 0 when it has too few. A last group
 * that a letter goes on from ("123456 22MAR") is a word of its own. */
static size_t digits_at(const char *at, const char *end)
{
	const char *stop = at, *whole = at; /* whole: end of the group before */
	size_t digits = 0, before = 0;

	while (stop < end && (is_digit(*stop) || (stop > at && is_separator(stop, end)))) {
		if (!is_digit(*stop)) {
			whole = stop;
			before = digits;
		}
		digits += is_digit(*stop++);
	}
	if (stop < end && is_letter(*stop) && before >= DIGITS_MIN)
		return (size_t)(whole - at);
	return digits >= DIGITS_MIN ? (size_t)(stop - at) : 0;
}

/* Length of an IBAN at `at`: two letters, two digits, then groups of letters and digits. */
static size_t iban_at(const char *at, const char *end)
{
	const char *stop = at;
	size_t n = 0, digits = 0;

	if (end - at < IBAN_MIN || !is_letter(at[0]) || !is_letter(at[1]) || !is_digit(at[2]) ||
	    !is_digit(at[3]))
		return 0;
	while (stop < end && n < IBAN_MAX && (is_alnum(*stop) || *stop == ' ')) {
		/* in groups of four, or without spaces */
		if (*stop == ' ' && (n % 4 != 0 || stop + 1 == end || !is_alnum(stop[1])))
			break;
		if (*stop != ' ')
			n++;
		digits += is_digit(*stop);
		stop++;
	}
	return n >= IBAN_MIN && digits >= 10 ? (size_t)(stop - at) : 0;
}

/* Length of a word with an @ within it. */
static size_t email_at(const char *at, const char *end)
{
	const char *stop = at, *sign = NULL;

	while (stop < end && (is_alnum(*stop) || (*stop && strchr("._%+-@", *stop)))) {
		if (*stop == '@')
			sign = stop;
		stop++;
	}
	return sign && sign > at && sign + 1 < stop ? (size_t)(stop - at) : 0;
}

/* Length of the UTF-8 character at `at`, 0 when it is none. */
static size_t character_at(const char *at, const char *end)
{
	unsigned char c = (unsigned char)*at;
	size_t len = c < 0x80 ? 1 : c >= 0xf0 && c <= 0xf4 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 0;

	if (c > 0xf4 || len == 0 || (size_t)(end - at) < len)
		return 0;
	for (size_t i = 1; i < len; i++)
		if (((unsigned char)at[i] & 0xc0) != 0x80)
			return 0;
	/* overlong forms, surrogates, beyond U+10FFFF */
	unsigned char next = len > 2 ? (unsigned char)at[1] : 0x80;

	if ((c == 0xe0 && next < 0xa0) || (c == 0xed && next > 0x9f) ||
	    (c == 0xf0 && next < 0x90) || (c == 0xf4 && next > 0x8f))
		return 0;
	return len;
}

void redact(struct buf *out, struct span description)
{
	const char *first = description.at, *at = first, *end = first + description.len;
	size_t start = out->len;

	while (at < end && out->len - start < REDACT_MAX) {
		bool starts = at == first || !is_alnum(at[-1]);
		size_t skip = 0, len = 0;

		if (is_space(*at)) {
			if (out->len > start && out->at[out->len - 1] != ' ')
				buf_char(out, ' ');
			at++;
		} else if ((skip = starts ? email_at(at, end) : 0) > 0) {
			buf_char(out, '@');
			at += skip;
		} else if ((skip = starts ? iban_at(at, end) : 0) > 0 ||
			   (skip = digits_at(at, end)) > 0) {
			buf_char(out, '#');
			at += skip;
		} else if ((len = character_at(at, end)) == 0) {
			buf_char(out, '?');
			at++;
		} else if (out->len - start + len > REDACT_MAX) {
			break;
		} else {
			buf_add(out, at, len);
			at += len;
		}
	}
	if (out->len > start && out->at[out->len - 1] == ' ')
		out->at[--out->len] = '\0';
}
