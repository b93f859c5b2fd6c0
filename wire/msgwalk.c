#include "msgwalk.h"

struct walk {
	const unsigned char *at, *from, *end;
	int depth;
	struct fault *why;
};

static int refuse(const struct walk *w, const char *what)
{
	return fault_set(w->why, FAULT_INPUT, "wire-form", "%s at byte %zu", what,
			 (size_t)(w->at - w->from));
}

/* A big-endian number of `bytes` bytes. */
static int number(struct walk *w, size_t bytes, uint64_t *n)
{
	if ((size_t)(w->end - w->at) < bytes)
		return refuse(w, "cut short");
	*n = 0;
	while (bytes--)
		*n = *n << 8 | *w->at++;
	return 0;
}

static int skip(struct walk *w, uint64_t bytes)
{
	if ((uint64_t)(w->end - w->at) < bytes)
		return refuse(w, "a length goes beyond the end");
	w->at += bytes;
	return 0;
}

static int object(struct walk *w);

static int items(struct walk *w, uint64_t n)
{
	if ((uint64_t)(w->end - w->at) < n)
		return refuse(w, "a count goes beyond the end");
	if (w->depth-- == 0)
		return refuse(w, "nested too deep");
	while (n--) {
		if (object(w) != 0)
			return -1;
	}
	w->depth++;
	return 0;
}

/* 0xc4 to 0xdf: the types with a size of their own. */
static int sized(struct walk *w, unsigned char type)
{
	uint64_t n = 0;

	if (type >= 0xcc && type <= 0xd3) /* uint 8 to int 64 */
		return skip(w, UINT64_C(1) << (type - (type < 0xd0 ? 0xcc : 0xd0)));
	switch (type) {
	case 0xc4: /* bin 8, 16, 32 */
	case 0xc5:
	case 0xc6:
		return number(w, (size_t)1 << (type - 0xc4), &n) != 0 ? -1 : skip(w, n);
	case 0xd9: /* str 8, 16, 32 */
	case 0xda:
	case 0xdb:
		return number(w, (size_t)1 << (type - 0xd9), &n) != 0 ? -1 : skip(w, n);
	case 0xdc: /* array 16, 32 */
	case 0xdd:
		return number(w, (size_t)2 << (type - 0xdc), &n) != 0 ? -1 : items(w, n);
	case 0xde: /* map 16, 32 */
	case 0xdf:
		return number(w, (size_t)2 << (type - 0xde), &n) != 0 ? -1 : items(w, 2 * n);
	default: /* ext, float */
		return refuse(w, "a type that the protocol does not use");
	}
}

static int object(struct walk *w)
{
	unsigned char type;

	if (w->at == w->end)
		return refuse(w, "cut short");
	type = *w->at++;
	if (type <= 0x7f || type >= 0xe0 || type == 0xc0 || type == 0xc2 || type == 0xc3)
		return 0; /* small numbers, nil, bool */
	if (type <= 0x8f)
		return items(w, 2U * (type & 0x0f));
	if (type <= 0x9f)
		return items(w, type & 0x0f);
	if (type <= 0xbf)
		return skip(w, type & 0x1f);
	return sized(w, type);
}

int msgwalk_check(struct span bytes, int depth, struct fault *why)
{
	const unsigned char *from = (const unsigned char *)bytes.at;
	struct walk w = {from, from, from + bytes.len, depth, why};

	if (object(&w) != 0)
		return -1;
	return w.at == w.end ? 0 : refuse(&w, "bytes after the object");
}
