/*
 * buf - bytes that grow.
 *
 * Shape    zero-initialised is valid and empty; `at` always ends in a NUL beyond `len` once
 *          anything was added, so it reads as a C string.
 * Owns     its bytes; buf_release() frees them and leaves an empty buf. buf_clear() keeps the room.
 */
#ifndef DAYBOOK_LIB_BUF_H
#define DAYBOOK_LIB_BUF_H

#include "span.h"

struct buf {
	char *at;
	size_t len, room;
};

void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_text(struct buf *b, const char *text);
void buf_char(struct buf *b, char c);
void buf_format(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A JSON string with its quotes: control characters escaped, invalid UTF-8 replaced by U+FFFD. */
void buf_json_string(struct buf *b, struct span text);
/* Room for `len` more bytes at the end, added to len; the caller fills them. */
char *buf_reserve(struct buf *b, size_t len);
void buf_clear(struct buf *b);
void buf_release(struct buf *b);

static inline struct span buf_span(const struct buf *b)
{
	return span_of(b->at, b->len);
}

#endif
