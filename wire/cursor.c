#include "cursor.h"

static size_t cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

/* `bytes` of big-endian number. */
static int cursor_number(struct cursor *c, int bytes, uint64_t *number)
{
	*number = 0;
	if (cursor_left(c) < (size_t)bytes)
		return -1;
	for (int i = 0; i < bytes; i++)
		*number = *number << 8 | *c->at++;
	return 0;
}

static int cursor_body(struct cursor *c, struct cursor_item *item, enum cursor_kind kind)
{
	item->kind = kind;
	if (item->number > cursor_left(c))
		return -1;
	item->body = span_of((const char *)c->at, item->number);
	c->at += item->number;
	return 0;
}

/* Every value takes a byte at least, so a count beyond the bytes left is a lie. */
static int cursor_count(struct cursor *c, struct cursor_item *item, enum cursor_kind kind)
{
	size_t left = cursor_left(c);

	item->kind = kind;
	return item->number > (kind == CURSOR_MAP ? left / 2 : left) ? -1 : 0;
}

static int cursor_unsigned(struct cursor *c, struct cursor_item *item, int bytes)
{
	item->kind = CURSOR_UINT;
	return cursor_number(c, bytes, &item->number);
}

static int cursor_signed(struct cursor *c, struct cursor_item *item, int bytes)
{
	int shift = 64 - 8 * bytes;

	if (cursor_number(c, bytes, &item->number) != 0)
		return -1;
	item->number = (uint64_t)((int64_t)(item->number << shift) >> shift);
	item->kind = (int64_t)item->number < 0 ? CURSOR_NEGATIVE : CURSOR_UINT;
	return 0;
}

static int cursor_other(struct cursor *c, size_t bytes)
{
	if (cursor_left(c) < bytes)
		return -1;
	c->at += bytes;
	return 0;
}

/* Heads of more than one byte, 0xc0 to 0xdf. */
static int cursor_long(struct cursor *c, unsigned head, struct cursor_item *item)
{
	/* Bytes that the length, count or number takes. */
	static const int sizes[32] = {0, 0, 0, 0, 1, 2, 4, 0, 0, 0, 4, 8, 1, 2, 4, 8,
				      1, 2, 4, 8, 0, 0, 0, 0, 0, 1, 2, 4, 2, 4, 2, 4};
	int size = sizes[head - 0xc0];

	if (head == 0xc0 || head == 0xc2 || head == 0xc3)
		return cursor_other(c, 0);
	if (head == 0xca || head == 0xcb)
		return cursor_other(c, (size_t)size);
	if (head >= 0xcc && head <= 0xcf)
		return cursor_unsigned(c, item, size);
	if (head >= 0xd0 && head <= 0xd3)
		return cursor_signed(c, item, size);
	if (size == 0 || cursor_number(c, size, &item->number) != 0)
		return -1; /* 0xc1 is never used; the others are extension types */
	if (head <= 0xc6)
		return cursor_body(c, item, CURSOR_BIN);
	if (head <= 0xdb)
		return cursor_body(c, item, CURSOR_STR);
	return cursor_count(c, item, head <= 0xdd ? CURSOR_ARRAY : CURSOR_MAP);
}

int cursor_next(struct cursor *c, struct cursor_item *item)
{
	unsigned head;

	*item = (struct cursor_item){.kind = CURSOR_OTHER};
	if (c->at == c->end)
		return -1;
	head = *c->at++;
	if (head < 0x80 || head >= 0xe0) {
		item->kind = head < 0x80 ? CURSOR_UINT : CURSOR_NEGATIVE;
		item->number = (uint64_t)(int64_t)(int8_t)head;
		return 0;
	}
	if (head >= 0xc0)
		return cursor_long(c, head, item);
	item->number = head & (head < 0xa0 ? 0x0f : 0x1f);
	if (head >= 0xa0)
		return cursor_body(c, item, CURSOR_STR);
	return cursor_count(c, item, head < 0x90 ? CURSOR_MAP : CURSOR_ARRAY);
}

int cursor_skip(struct cursor *c, const struct cursor_item *item, int levels)
{
	uint64_t values = item->kind == CURSOR_MAP ? item->number * 2 : item->number;
	struct cursor_item inner;

	if (item->kind != CURSOR_MAP && item->kind != CURSOR_ARRAY)
		return 0;
	if (levels < 1)
		return -1;
	for (; values > 0; values--)
		if (cursor_next(c, &inner) != 0 || cursor_skip(c, &inner, levels - 1) != 0)
			return -1;
	return 0;
}
