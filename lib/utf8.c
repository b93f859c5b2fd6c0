#include "utf8.h"

size_t utf8_len(struct span span)
{
	const unsigned char *s = (const unsigned char *)span.at;
	size_t n;

	if (span.len == 0)
		return 0;
	if (s[0] < 0x80)
		return 1;
	n = s[0] >= 0xc2 && s[0] <= 0xdf ? 2 : (s[0] & 0xf0) == 0xe0 ? 3 : 0;
	if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	if (n == 0 || span.len < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	/* overlong forms, surrogates, beyond U+10FFFF */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

bool utf8_is_valid(struct span s)
{
	while (s.len) {
		size_t n = utf8_len(s);

		if (n == 0)
			return false;
		s.at += n;
		s.len -= n;
	}
	return true;
}
