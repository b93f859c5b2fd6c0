/*
 * cursor - reads msgpack from bytes that nobody vouches for.
 *
 * Shape    walks forward over borrowed bytes, one head at a time; wire and payload decode with it
 *          in a single pass and without an allocation. msgpack-c writes (wire.c), and the tests
 *          hold both against each other. msgpack_unpack_next() builds a tree first, which costs an
 *          allocation a message and trusts declared counts for its size.
 * Errors   -1, without a fault: the bytes end too early, are no msgpack, hold an extension type, or
 *          a declared length or count does not fit into the bytes that are left.
 * Owns     nothing.
 * Source   github.com/msgpack/msgpack/blob/master/spec.md
 */
#ifndef DAYBOOK_WIRE_CURSOR_H
#define DAYBOOK_WIRE_CURSOR_H

#include "span.h"

enum cursor_kind {
	CURSOR_UINT,	 /* number: zero or more */
	CURSOR_NEGATIVE, /* number, as int64_t */
	CURSOR_STR,
	CURSOR_BIN,
	CURSOR_ARRAY, /* number: values that follow */
	CURSOR_MAP,   /* number: pairs that follow */
	CURSOR_OTHER  /* nil, true, false, floats: skipped, none of our fields is one */
};

struct cursor {
	const uint8_t *at, *end;
};

struct cursor_item {
	enum cursor_kind kind;
	uint64_t number;
	struct span body; /* STR, BIN */
};

static inline struct cursor cursor_of(struct span bytes)
{
	const uint8_t *at = (const uint8_t *)bytes.at;

	return (struct cursor){at, bytes.len > 0 ? at + bytes.len : at};
}

/* One value, or the head of an array or map. */
int cursor_next(struct cursor *c, struct cursor_item *item);
/* What `item` contains, when it is an array or map; at most `levels` deep, itself included. */
int cursor_skip(struct cursor *c, const struct cursor_item *item, int levels);

#endif
