#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "mem.h"

/* Grows by doubling, so that adding n bytes one at a time costs O(n). */
char *buf_reserve(struct buf *b, size_t len)
{
	if (b->room - b->len < len + 1 || b->at == NULL) {
		size_t room = b->room ? b->room : 64;

		while (room - b->len < len + 1)
			room *= 2;
		b->at = xrealloc(b->at, room);
		b->room = room;
	}
	b->len += len;
	b->at[b->len] = '\0';
	return b->at + b->len - len;
}

void buf_add(struct buf *b, const void *bytes, size_t len)
{
	char *at = buf_reserve(b, len);

	if (len)
		memcpy(at, bytes, len);
}

void buf_text(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_format(struct buf *b, const char *format, ...)
{
	va_list args, again;
	int len;
	char *at;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	at = buf_reserve(b, (size_t)len);
	vsnprintf(at, (size_t)len + 1, format, again);
	va_end(again);
	va_end(args);
}

/* Length of a well-formed UTF-8 sequence at s (RFC 3629), 0 if there is none. */
static size_t utf8_len(const unsigned char *s, size_t left)
{
	static const unsigned char low[] = {0xa0, 0x80, 0x90, 0x80};
	size_t n;

	if (s[0] < 0x80)
		return 1;
	n = s[0] >= 0xc2 && s[0] <= 0xdf ? 2 : (s[0] & 0xf0) == 0xe0 ? 3 : 0;
	if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	if (n == 0 || left < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	/* overlong forms, surrogates, beyond U+10FFFF */
	if ((s[0] == 0xe0 && s[1] < low[0]) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < low[2]) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

static void json_escape(struct buf *b, unsigned char c)
{
	switch (c) {
	case '"':
		buf_text(b, "\\\"");
		break;
	case '\\':
		buf_text(b, "\\\\");
		break;
	case '\n':
		buf_text(b, "\\n");
		break;
	case '\r':
		buf_text(b, "\\r");
		break;
	case '\t':
		buf_text(b, "\\t");
		break;
	default:
		buf_format(b, "\\u%04x", c);
	}
}

void buf_json_string(struct buf *b, struct span text)
{
	const unsigned char *s = (const unsigned char *)text.at;
	size_t i = 0, from = 0;

	buf_char(b, '"');
	while (i < text.len) {
		size_t n = utf8_len(s + i, text.len - i);

		if (n >= 1 && s[i] >= 0x20 && s[i] != '"' && s[i] != '\\' && s[i] != 0x7f) {
			i += n;
			continue;
		}
		buf_add(b, text.at + from, i - from);
		if (n == 0)
			buf_text(b, "\xef\xbf\xbd");
		else
			json_escape(b, s[i]);
		from = ++i;
	}
	buf_add(b, text.at + from, i - from);
	buf_char(b, '"');
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->at)
		b->at[0] = '\0';
}

void buf_release(struct buf *b)
{
	free(b->at);
	*b = (struct buf){0};
}
