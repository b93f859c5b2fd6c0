/*
 * fold - see fold.h. ASCII, nearly all there is, goes byte by byte without a call; the rest through
 * utf8proc. 40 bytes cost about 50 ns.
 */
#include "fold.h"

#include <utf8proc.h>

#define FOLD_CODEPOINTS_MAX 32 /* of one: U+FDFA becomes 18, the most in Unicode */

static const char replacement[] = "\xef\xbf\xbd";

/* Letters that Unicode does not take apart but banks do. */
static const struct plain_letter {
	utf8proc_int32_t letter;
	char plain[3];
} plain_letters[] = {
	{0x00e6, "ae"}, {0x00f0, "d"}, {0x00f8, "o"}, {0x00fe, "th"},
	{0x0111, "d"},	{0x0131, "i"}, {0x0142, "l"}, {0x0153, "oe"},
};

static bool is_upper(unsigned c)
{
	return c - 'A' < 26u;
}

bool fold_is_word(uint8_t byte)
{
	unsigned c = byte;

	return (c | 0x20) - 'a' < 26u || c - '0' < 10u || c >= 0x80;
}

/* Is the apostrophe before `next` one that is left out: Sainsbury's, Dunkin' (but not d'or)? */
static bool apostrophe_goes(const char *next, const char *end)
{
	if (next == end || !fold_is_word((uint8_t)*next))
		return true;
	return (*next | 0x20) == 's' && (next + 1 == end || !fold_is_word((uint8_t)next[1]));
}

static void put_ascii(struct buf *out, size_t start, uint8_t c)
{
	if (c <= ' ' || c == 0x7f) {
		if (out->len > start && out->at[out->len - 1] != ' ')
			buf_char(out, ' ');
		return;
	}
	buf_char(out, (char)(is_upper(c) ? c | 0x20 : c));
}

static void put_codepoint(struct buf *out, size_t start, utf8proc_int32_t c)
{
	utf8proc_uint8_t bytes[4];

	if (c < 0x80) {
		put_ascii(out, start, (uint8_t)c);
		return;
	}
	for (size_t i = 0; i < sizeof plain_letters / sizeof plain_letters[0]; i++) {
		if (plain_letters[i].letter == c) {
			buf_text(out, plain_letters[i].plain);
			return;
		}
	}
	buf_add(out, bytes, (size_t)utf8proc_encode_char(c, bytes));
}

/* One character beyond ASCII; returns its bytes in the source. */
static size_t fold_wide(struct buf *out, size_t start, const char *at, const char *end)
{
	utf8proc_int32_t c, parts[FOLD_CODEPOINTS_MAX];
	int boundary = 0;
	utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)at,
						(utf8proc_ssize_t)(end - at), &c);

	if (len < 1) {
		buf_text(out, replacement);
		return 1;
	}
	if ((c == 0x2019 || c == 0x2018 || c == 0x02bc || c == 0x00b4) &&
	    apostrophe_goes(at + len, end))
		return (size_t)len;
	utf8proc_ssize_t n = utf8proc_decompose_char(
		c, parts, FOLD_CODEPOINTS_MAX,
		UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK |
			UTF8PROC_LUMP | UTF8PROC_IGNORE,
		&boundary);
	for (utf8proc_ssize_t i = 0; i < n && i < FOLD_CODEPOINTS_MAX; i++)
		put_codepoint(out, start, parts[i]);
	return (size_t)len;
}

/* A stretch of ASCII, straight into reserved room. */
static const char *fold_ascii(struct buf *out, size_t start, const char *at, const char *end)
{
	const char *stop = at;

	while (stop < end && (uint8_t)*stop < 0x80)
		stop++;
	char *to = buf_reserve(out, (size_t)(stop - at));
	char *first = out->at + start;

	for (; at < stop; at++) {
		uint8_t c = (uint8_t)*at;

		if (c <= ' ' || c == 0x7f) {
			if (to > first && to[-1] != ' ')
				*to++ = ' ';
		} else if (is_upper(c)) {
			*to++ = (char)(c | 0x20);
		} else if ((c != '\'' && c != '`') || !apostrophe_goes(at + 1, end)) {
			*to++ = c == '`' ? '\'' : (char)c;
		}
	}
	out->len = (size_t)(to - out->at);
	return stop;
}

void fold_text(struct buf *out, struct span text)
{
	const char *at = text.at, *end = at + text.len;
	size_t start = out->len;

	while (at < end) {
		if ((uint8_t)*at < 0x80)
			at = fold_ascii(out, start, at, end);
		else
			at += fold_wide(out, start, at, end);
	}
	if (out->len > start && out->at[out->len - 1] == ' ')
		out->len--;
	if (out->at)
		out->at[out->len] = '\0';
}

void fold_regex(struct buf *out, struct span regex)
{
	const char *at = regex.at, *end = at + regex.len;
	struct buf plain = {0};

	while (at < end) {
		if ((uint8_t)*at < 0x80) {
			buf_char(out, *at++);
			continue;
		}
		buf_clear(&plain);
		buf_char(&plain, 'x'); /* a space is kept only after something */
		at += fold_wide(&plain, 0, at, end);
		for (size_t i = 1; i < plain.len; i++) {
			/* a full width bracket is the character, not a group */
			if (!fold_is_word((uint8_t)plain.at[i]))
				buf_char(out, '\\');
			buf_char(out, plain.at[i]);
		}
	}
	buf_release(&plain);
}
