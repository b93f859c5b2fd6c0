/*
 * fold - see fold.h. ASCII, nearly all there is, goes byte by byte through a table; the rest
 * through utf8proc.
 */
#include "fold.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "mem.h"

#define FOLD_CODEPOINTS_MAX 32 /* of one: U+FDFA becomes 18, the most in Unicode */

/* ASCII as it comes out; 0: not so simple (apostrophes, and what is beyond ASCII). */
static const char plain[256] = {
	[0 ... ' '] = ' ', [0x7f] = ' ', ['!'] = '!', ['"'] = '"', ['#'] = '#', ['$'] = '$',
	['%'] = '%',	   ['&'] = '&',	 ['('] = '(', [')'] = ')', ['*'] = '*', ['+'] = '+',
	[','] = ',',	   ['-'] = '-',	 ['.'] = '.', ['/'] = '/', ['0'] = '0', ['1'] = '1',
	['2'] = '2',	   ['3'] = '3',	 ['4'] = '4', ['5'] = '5', ['6'] = '6', ['7'] = '7',
	['8'] = '8',	   ['9'] = '9',	 [':'] = ':', [';'] = ';', ['<'] = '<', ['='] = '=',
	['>'] = '>',	   ['?'] = '?',	 ['@'] = '@', ['A'] = 'a', ['B'] = 'b', ['C'] = 'c',
	['D'] = 'd',	   ['E'] = 'e',	 ['F'] = 'f', ['G'] = 'g', ['H'] = 'h', ['I'] = 'i',
	['J'] = 'j',	   ['K'] = 'k',	 ['L'] = 'l', ['M'] = 'm', ['N'] = 'n', ['O'] = 'o',
	['P'] = 'p',	   ['Q'] = 'q',	 ['R'] = 'r', ['S'] = 's', ['T'] = 't', ['U'] = 'u',
	['V'] = 'v',	   ['W'] = 'w',	 ['X'] = 'x', ['Y'] = 'y', ['Z'] = 'z', ['['] = '[',
	['\\'] = '\\',	   [']'] = ']',	 ['^'] = '^', ['_'] = '_', ['a'] = 'a', ['b'] = 'b',
	['c'] = 'c',	   ['d'] = 'd',	 ['e'] = 'e', ['f'] = 'f', ['g'] = 'g', ['h'] = 'h',
	['i'] = 'i',	   ['j'] = 'j',	 ['k'] = 'k', ['l'] = 'l', ['m'] = 'm', ['n'] = 'n',
	['o'] = 'o',	   ['p'] = 'p',	 ['q'] = 'q', ['r'] = 'r', ['s'] = 's', ['t'] = 't',
	['u'] = 'u',	   ['v'] = 'v',	 ['w'] = 'w', ['x'] = 'x', ['y'] = 'y', ['z'] = 'z',
	['{'] = '{',	   ['|'] = '|',	 ['}'] = '}', ['~'] = '~',
};

/* Letters with a treatment of their own. `ae` and `a` are the spellings of those that stay. */
static const struct letter {
	utf8proc_int32_t capital, small;
	const char *folded, *ae, *a;
} letters[] = {
	{0x00c4, 0x00e4, "\xc3\xa4", "ae", "a"}, /* ä */
	{0x00d6, 0x00f6, "\xc3\xb6", "oe", "o"}, /* ö */
	{0x00dc, 0x00fc, "\xc3\xbc", "ue", "u"}, /* ü */
	{0x00c5, 0x00e5, "\xc3\xa5", "aa", "a"}, /* å */
	{0x00d8, 0x00f8, "\xc3\xb8", "oe", "o"}, /* ø */
	/* those that Unicode does not take apart but banks do */
	{0x00c6, 0x00e6, "ae", NULL, NULL},
	{0x00d0, 0x00f0, "d", NULL, NULL},
	{0x00de, 0x00fe, "th", NULL, NULL},
	{0x0110, 0x0111, "d", NULL, NULL},
	{0x0130, 0x0131, "i", NULL, NULL},
	{0x0141, 0x0142, "l", NULL, NULL},
	{0x0152, 0x0153, "oe", NULL, NULL},
};

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

static void put_codepoint(struct buf *out, size_t start, utf8proc_int32_t c)
{
	utf8proc_uint8_t bytes[4];

	if (c >= 0x80)
		buf_add(out, bytes, (size_t)utf8proc_encode_char(c, bytes));
	else if (plain[c] != ' ')
		buf_char(out, plain[c] ? plain[c] : '\'');
	else if (out->len > start && out->at[out->len - 1] != ' ')
		buf_char(out, ' ');
}

static const struct letter *letter_of(utf8proc_int32_t c)
{
	for (size_t i = 0; i < ARRAY_LEN(letters); i++)
		if (letters[i].capital == c || letters[i].small == c)
			return &letters[i];
	return NULL;
}

/* A diaeresis or ring that follows its letter (decomposed, as some systems write file text): puts
 * the letter that stays in place of the plain one. */
static bool put_mark(struct buf *out, size_t start, utf8proc_int32_t mark)
{
	if (out->len == start || (mark != 0x308 && mark != 0x30a))
		return false;
	char last = (char)(out->at[out->len - 1] | 0x20);
	const char *with = mark == 0x30a ? "a" : "aou";
	const char *at = last ? strchr(with, last) : NULL;

	if (!at)
		return false;
	out->len--;
	buf_text(out, letters[mark == 0x30a ? 3 : at - with].folded);
	return true;
}

/* Of Latin, Greek and Cyrillic, Hebrew points and Arabic vowels: people write with and without. The
 * marks of other scripts are vowels and consonants. */
static bool is_accent(utf8proc_int32_t c)
{
	utf8proc_category_t category = utf8proc_category(c);

	return (category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME) &&
	       (c < 0x700 || (c >= 0x1ab0 && c < 0x1b00) || (c >= 0x1dc0 && c < 0x1e00) ||
		(c >= 0x20d0 && c < 0x2100) || (c >= 0xfe20 && c < 0xfe30));
}

/* What was taken apart, in Kana, Hangul and the scripts of India, together again. */
static void join(struct buf *out, size_t start)
{
	utf8proc_uint8_t *joined = NULL;
	utf8proc_ssize_t len = utf8proc_map((const utf8proc_uint8_t *)out->at + start,
					    (utf8proc_ssize_t)(out->len - start), &joined,
					    UTF8PROC_STABLE | UTF8PROC_COMPOSE);

	if (len >= 0) {
		out->len = start;
		buf_add(out, joined, (size_t)len);
	}
	free(joined);
}

/* Does a character from U+0800 on begin here? Only those need be joined; not U+2000 to U+2FFF,
 * dashes and the like. */
static bool is_far(const char *at)
{
	return (uint8_t)*at >= 0xe0 && (uint8_t)*at != 0xe2;
}

/* One character beyond ASCII; returns its bytes in the source. `again`: an apostrophe came out, and
 * whether it goes is told by what comes out behind it (＇Ｓ). */
static size_t fold_wide(struct buf *out, size_t start, const char *at, const char *end, bool *again)
{
	utf8proc_int32_t c, parts[FOLD_CODEPOINTS_MAX];
	int boundary = 0;
	utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)at,
						(utf8proc_ssize_t)(end - at), &c);

	if (len < 1) {
		buf_text(out, "\xef\xbf\xbd"); /* U+FFFD */
		return 1;
	}
	const struct letter *letter = letter_of(c);

	if (letter)
		buf_text(out, letter->folded);
	if (letter || put_mark(out, start, c))
		return (size_t)len;
	if ((c == 0x2019 || c == 0x2018 || c == 0x02bc || c == 0x00b4) &&
	    apostrophe_goes(at + len, end))
		return (size_t)len;
	utf8proc_ssize_t n = utf8proc_decompose_char(c, parts, FOLD_CODEPOINTS_MAX,
						     UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
							     UTF8PROC_CASEFOLD | UTF8PROC_LUMP |
							     UTF8PROC_IGNORE,
						     &boundary);
	for (utf8proc_ssize_t i = 0; i < n && i < FOLD_CODEPOINTS_MAX; i++) {
		letter = letter_of(parts[i]);
		if (letter)
			buf_text(out, letter->folded);
		else if (!is_accent(parts[i]))
			put_codepoint(out, start, parts[i]);
		*again = *again || (parts[i] < 0x80 && plain[parts[i]] == 0);
	}
	return (size_t)len;
}

/* As far as it is plain, straight into reserved room; without a branch for each space, which cost
 * half of the time. */
static const char *fold_plain(struct buf *out, size_t start, const char *at, const char *end)
{
	char *to = buf_reserve(out, (size_t)(end - at));
	char last = to > out->at + start ? to[-1] : ' ', c = 0;

	while (at < end && (c = plain[(uint8_t)*at]) != 0) {
		*to = c;
		to += (c != ' ') | (last != ' ');
		last = c;
		at++;
	}
	out->len = (size_t)(to - out->at);
	return at;
}

static void fold_again(struct buf *out, size_t start)
{
	struct buf once = {0};

	buf_add(&once, out->at + start, out->len - start);
	out->len = start;
	fold_text(out, buf_span(&once));
	buf_release(&once);
}

void fold_text(struct buf *out, struct span text)
{
	const char *at = text.at, *end = at + text.len;
	size_t start = out->len;
	bool far = false, again = false;

	while (at < end) {
		at = fold_plain(out, start, at, end);
		if (at == end)
			break;
		far = far || is_far(at);
		if ((uint8_t)*at >= 0x80)
			at += fold_wide(out, start, at, end, &again);
		else if (!apostrophe_goes(++at, end))
			buf_char(out, '\'');
	}
	if (out->len > start && out->at[out->len - 1] == ' ')
		out->len--;
	if (far && out->len > start)
		join(out, start);
	if (again)
		fold_again(out, start);
	if (out->at)
		out->at[out->len] = '\0';
}

void fold_regex(struct buf *out, struct span regex)
{
	const char *at = regex.at, *end = at + regex.len;
	size_t start = out->len;
	struct buf one = {0};
	utf8proc_int32_t mark;
	bool far = false, again = false;

	while (at < end) {
		if ((uint8_t)*at < 0x80) {
			buf_char(out, *at++);
			continue;
		}
		far = far || is_far(at);
		utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)at, end - at,
							&mark);
		if (len > 0 && put_mark(out, start, mark)) {
			at += len;
			continue;
		}
		buf_clear(&one);
		buf_char(&one, 'x'); /* a space is kept only after something */
		at += fold_wide(&one, 0, at, end, &again);
		for (size_t i = 1; i < one.len; i++) {
			/* a full width bracket is the character, not a group */
			if (!fold_is_word((uint8_t)one.at[i]))
				buf_char(out, '\\');
			buf_char(out, one.at[i]);
		}
	}
	buf_release(&one);
	if (far && out->len > start)
		join(out, start);
}

bool fold_spelling(struct buf *out, struct span folded, int which)
{
	bool any = false;

	for (size_t i = 0; i < folded.len; i++) {
		const struct letter *letter = NULL;

		if ((uint8_t)folded.at[i] == 0xc3 && i + 1 < folded.len)
			letter = letter_of(0xc0 + (folded.at[i + 1] & 0x3f));
		if (!letter || !letter->ae) {
			buf_char(out, folded.at[i]);
			continue;
		}
		buf_text(out, which == 0 ? letter->ae : letter->a);
		any = true;
		i++;
	}
	return any;
}
