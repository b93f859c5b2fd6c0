#include "plain.h"

#include <utf8proc.h>

#include "mem.h"

/* Digits of a script stand one after the other, zero first. */
static const utf8proc_int32_t zeros[] = {0x660, 0x6f0, 0x966, 0x9e6, 0xe50};

#define WIDE_FIRST 0xff01 /* is '!' */
#define WIDE_LAST  0xff5e /* is '~' */

/* The ASCII character for it; 0 where it says nothing, itself where it has none. */
static utf8proc_int32_t plain_one(utf8proc_int32_t c)
{
	for (size_t i = 0; i < ARRAY_LEN(zeros); i++) {
		if (c >= zeros[i] && c < zeros[i] + 10)
			return '0' + (c - zeros[i]);
	}
	if (c >= WIDE_FIRST && c <= WIDE_LAST)
		return '!' + (c - WIDE_FIRST);
	switch (c) {
	case 0x66b: /* the Arabic decimal mark */
		return '.';
	case 0x66c: /* and that of thousands */
	case 0x60c: /* a comma */
		return ',';
	case 0xa0: /* blanks that do not break */
	case 0x202f:
	case 0x3000: /* the blank of ideographs */
		return ' ';
	case 0x61c: /* directions of writing */
	case 0x200e:
	case 0x200f:
	case 0x202a:
	case 0x202b:
	case 0x202c:
	case 0x2066:
	case 0x2067:
	case 0x2068:
	case 0x2069:
	case 0xfeff: /* a byte order mark within a file */
		return 0;
	default:
		return c;
	}
}

#define FOREIGN                                                                                    \
	0xd9 /* where the first byte of such signs begins: Latin, Greek, Cyrillic are below */

#define NBSP ((char)0xc2) /* its first byte */

/* Nearly all fields are plain. */
static bool may_be_foreign(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.at[i] >= FOREIGN || text.at[i] == NBSP)
			return true;
	}
	return false;
}

bool plain_has_digit(struct span text)
{
	return span_has_digit(text) || may_be_foreign(text);
}

bool plain_of(struct span text, char room[PLAIN_MAX], struct span *out)
{
	const utf8proc_uint8_t *at;
	bool changed = false;
	size_t n = 0;

	text = span_trim(text);
	at = (const utf8proc_uint8_t *)text.at;
	if (text.len > PLAIN_MAX || !may_be_foreign(text))
		return false;
	for (size_t i = 0; i < text.len;) {
		utf8proc_int32_t c, plain;
		utf8proc_ssize_t len = utf8proc_iterate(at + i, (utf8proc_ssize_t)(text.len - i),
							&c);

		if (len <= 0 || c == 0)
			return false;
		i += (size_t)len;
		plain = plain_one(c);
		changed |= plain != c;
		if (plain != 0)
			n += (size_t)utf8proc_encode_char(plain, (utf8proc_uint8_t *)room + n);
	}
	*out = span_of(room, n);
	return changed;
}
