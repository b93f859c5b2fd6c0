/*
 * span - a borrowed stretch of bytes.
 *
 * Shape    `at` need not end in NUL; len 0 is empty (at may be NULL then).
 * Owns     nothing: a span lives as long as what it points into.
 */
#ifndef DAYBOOK_LIB_SPAN_H
#define DAYBOOK_LIB_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const char *at;
	size_t len;
};

/* For printf("%.*s", SPAN_ARG(s)). */
#define SPAN_ARG(s) (int)(s).len, (s).at

static inline struct span span_of(const char *at, size_t len)
{
	return (struct span){at, len};
}

static inline struct span span_text(const char *text)
{
	return (struct span){text, text ? strlen(text) : 0};
}

static inline bool span_equal(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool span_is(struct span a, const char *text)
{
	return span_equal(a, span_text(text));
}

/* ASCII letters compare without case; other bytes exactly. */
bool span_equal_fold(struct span a, struct span b);
/* Without ASCII white space (and NBSP, C2 A0) at either end. */
struct span span_trim(struct span s);
bool span_has_digit(struct span s);
/* Copies at most size-1 bytes and ends them in NUL; returns -1 when it had to cut. */
int span_copy(struct span s, char *out, size_t size);
/* Whole span as an unsigned decimal; -1 on anything else or overflow. */
int span_u64(struct span s, uint64_t *value);
/* Well-formed UTF-8 throughout (RFC 3629: no overlong form, no surrogate). */
bool span_is_utf8(struct span s);
/* Bytes of the character that `s` begins with; 0 if it is empty or not well-formed there. */
size_t span_utf8_first(struct span s);
/* `s` without the character at its end that was cut in two. */
struct span span_utf8_whole(struct span s);

#endif
