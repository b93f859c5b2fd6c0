#include "span.h"

static unsigned char fold(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

bool span_equal_fold(struct span a, struct span b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (fold((unsigned char)a.at[i]) != fold((unsigned char)b.at[i]))
			return false;
	return true;
}

static bool is_white(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_nbsp(const char *at)
{
	return at[0] == '\xc2' && at[1] == '\xa0';
}

bool span_has_digit(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] >= '0' && s.at[i] <= '9')
			return true;
	return false;
}

struct span span_trim(struct span s)
{
	while (s.len > 0) {
		size_t n = is_white(s.at[0]) ? 1 : s.len > 1 && is_nbsp(s.at) ? 2 : 0;

		if (n == 0)
			break;
		s.at += n;
		s.len -= n;
	}
	while (s.len > 0) {
		if (is_white(s.at[s.len - 1]))
			s.len--;
		else if (s.len > 1 && is_nbsp(s.at + s.len - 2))
			s.len -= 2;
		else
			break;
	}
	return s;
}

int span_copy(struct span s, char *out, size_t size)
{
	size_t n = s.len < size ? s.len : size - 1;

	if (n > 0)
		memcpy(out, s.at, n);
	out[n] = '\0';
	return n == s.len ? 0 : -1;
}

int span_u64(struct span s, uint64_t *value)
{
	uint64_t sum = 0;

	if (s.len == 0)
		return -1;
	for (size_t i = 0; i < s.len; i++) {
		unsigned digit = (unsigned char)s.at[i] - (unsigned)'0';

		if (digit > 9 || __builtin_mul_overflow(sum, UINT64_C(10), &sum) ||
		    __builtin_add_overflow(sum, (uint64_t)digit, &sum))
			return -1;
	}
	*value = sum;
	return 0;
}

/* The second byte's range rules out overlong forms, surrogates and what is beyond U+10FFFF. */
size_t span_utf8_first(struct span s)
{
	const unsigned char *p = (const unsigned char *)s.at;
	unsigned char low = 0x80, high = 0xbf;
	size_t len;

	if (s.len == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (s.len < len || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

struct span span_utf8_whole(struct span s)
{
	size_t back = 1;

	/* To the byte that the last character begins with: at most three follow it. */
	while (back < 4 && back < s.len && (s.at[s.len - back] & 0xc0) == 0x80)
		back++;
	if (s.len == 0 || span_utf8_first(span_of(s.at + s.len - back, back)) == back)
		return s;
	if ((unsigned char)s.at[s.len - back] >= 0xc2) /* begins one, and has not all of it */
		s.len -= back;
	return s;
}

bool span_is_utf8(struct span s)
{
	uint64_t eight;

	while (s.len > 0) {
		size_t n = 8;

		/* Bank text is nearly all ASCII: take it eight bytes at a time. */
		if (s.len >= 8)
			memcpy(&eight, s.at, 8);
		if (s.len < 8 || (eight & UINT64_C(0x8080808080808080)) != 0)
			n = span_utf8_first(s);
		if (n == 0)
			return false;
		s.at += n;
		s.len -= n;
	}
	return true;
}
