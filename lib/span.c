#include "span.h"

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool span_equal_fold(struct span a, struct span b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (fold(a.at[i]) != fold(b.at[i]))
			return false;
	}
	return true;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_nbsp(const char *at)
{
	return at[0] == '\xc2' && at[1] == '\xa0';
}

struct span span_trim(struct span s)
{
	while (s.len) {
		size_t n = is_space(s.at[0]) ? 1 : s.len > 1 && is_nbsp(s.at) ? 2 : 0;

		if (n == 0)
			break;
		s.at += n;
		s.len -= n;
	}
	while (s.len) {
		if (is_space(s.at[s.len - 1]))
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

	if (n)
		memcpy(out, s.at, n);
	out[n] = '\0';
	return n == s.len ? 0 : -1;
}

int span_u64(struct span s, uint64_t *value)
{
	uint64_t n = 0;

	if (s.len == 0)
		return -1;
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] < '0' || s.at[i] > '9' || __builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(s.at[i] - '0'), &n))
			return -1;
	}
	*value = n;
	return 0;
}
