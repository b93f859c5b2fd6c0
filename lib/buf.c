#include "buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "mem.h"

#define BUF_FIRST 256

/* One byte more than is used, for the NUL. */
static void buf_room(struct buf *b, size_t more)
{
	size_t need = b->len + more + 1, room = b->room ? b->room : BUF_FIRST;

	assert(need > more);
	if (need <= b->room)
		return;
	while (room < need)
		room *= 2;
	b->at = xrealloc(b->at, room);
	b->room = room;
}

char *buf_reserve(struct buf *b, size_t len)
{
	char *at;

	buf_room(b, len);
	at = b->at + b->len;
	b->len += len;
	b->at[b->len] = '\0';
	return at;
}

void buf_add(struct buf *b, const void *bytes, size_t len)
{
	char *at = buf_reserve(b, len);

	if (len > 0)
		memcpy(at, bytes, len);
}

void buf_text(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_char(struct buf *b, char c)
{
	*buf_reserve(b, 1) = c;
}

void buf_format(struct buf *b, const char *format, ...)
{
	va_list args, again;
	int len;

	buf_room(b, 64);
	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(b->at + b->len, b->room - b->len, format, args);
	va_end(args);
	assert(len >= 0);
	if ((size_t)len >= b->room - b->len) {
		buf_room(b, (size_t)len);
		vsnprintf(b->at + b->len, b->room - b->len, format, again);
	}
	va_end(again);
	b->len += (size_t)len;
}

static void buf_json_ascii(struct buf *b, unsigned char c)
{
	static const char short_form[] = "btn\0fr"; /* \b \t \n - \f \r from 8 on */

	if (c == '"' || c == '\\')
		buf_format(b, "\\%c", c);
	else if (c >= '\b' && c <= '\r' && c != '\v')
		buf_format(b, "\\%c", short_form[c - '\b']);
	else
		buf_format(b, "\\u%04x", c);
}

void buf_json_string(struct buf *b, struct span text)
{
	size_t plain = 0, i = 0;

	buf_char(b, '"');
	while (i < text.len) {
		unsigned char c = (unsigned char)text.at[i];
		size_t n = span_utf8_first(span_of(text.at + i, text.len - i));

		if (n > 0 && c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) {
			i += n;
			continue;
		}
		buf_add(b, text.at + plain, i - plain);
		if (n == 0)
			buf_text(b, "\xef\xbf\xbd");
		else
			buf_json_ascii(b, c);
		plain = ++i;
	}
	buf_add(b, text.at + plain, i - plain);
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
