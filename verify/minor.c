#include "minor.h"

#include <inttypes.h>
#include <stdio.h>

#define DIGITS_MAX 24

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Bytes of a mark that may group digits by thousands: a blank, a point, a comma, an apostrophe
 * (also the curly one), a no-break space (also the narrow and the thin one). */
static size_t group_mark(struct span s)
{
	static const char *const marks[] = {
		" ", ".", ",", "'", "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x89", "\xe2\x80\x99"};
	size_t len;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		len = strlen(marks[i]);
		if (s.len >= len && memcmp(s.at, marks[i], len) == 0)
			return len;
	}
	return 0;
}

static struct span after(struct span s, size_t n)
{
	return span_of(s.at + n, s.len - n);
}

/* The decimals at the start of `s`, which the number must end with: as many as wanted, less when
 * the rest is zeros, more when they are zeros. */
static bool ends_with(struct span s, const char *decimals)
{
	size_t i = 0, n = strlen(decimals);

	for (; i < s.len && is_digit(s.at[i]); i++) {
		if (s.at[i] != (i < n ? decimals[i] : '0'))
			return false;
	}
	for (; i < n; i++) {
		if (decimals[i] != '0')
			return false;
	}
	return true;
}

static bool only_zeros(const char *decimals)
{
	return decimals[strspn(decimals, "0")] == '\0';
}

/* Whether the number that starts here is `whole` and `decimals`. */
static bool number_is(struct span s, const char *whole, const char *decimals)
{
	while (s.len > 1 && s.at[0] == '0' && is_digit(s.at[1]))
		s = after(s, 1);
	for (size_t i = 0; whole[i]; i++) {
		size_t mark = i > 0 ? group_mark(s) : 0;

		if (mark < s.len && s.at[mark] == whole[i])
			s = after(s, mark + 1);
		else if (s.len > 0 && s.at[0] == whole[i])
			s = after(s, 1);
		else
			return strcmp(whole, "0") == 0 && i == 0 && s.len > 1 &&
			       (s.at[0] == '.' || s.at[0] == ',') && is_digit(s.at[1]) &&
			       ends_with(after(s, 1), decimals);
	}
	if (s.len > 0 && is_digit(s.at[0]))
		return false;
	if (s.len > 1 && (s.at[0] == '.' || s.at[0] == ',') && ends_with(after(s, 1), decimals))
		return true;
	return only_zeros(decimals);
}

static bool is_in(struct span record, uint64_t minor, int exponent)
{
	char digits[DIGITS_MAX + 1], whole[DIGITS_MAX + 1];
	size_t len;

	snprintf(digits, sizeof(digits), "%0*" PRIu64, exponent + 1, minor);
	len = strlen(digits) - (size_t)exponent;
	memcpy(whole, digits, len);
	whole[len] = '\0';
	for (size_t i = 0; i < record.len; i++) {
		bool starts = i == 0 || !is_digit(record.at[i - 1]);

		if (starts && number_is(after(record, i), whole, digits + len))
			return true;
	}
	return false;
}

/* The number that starts here, without marks for thousands, as minor units. */
static uint64_t plain_number(struct span s, int exponent)
{
	uint64_t value = 0;
	size_t i = 0;
	int decimals = -1;

	for (; i < s.len && value < UINT64_MAX / 100; i++) {
		if (is_digit(s.at[i]) && decimals < exponent) {
			value = 10 * value + (uint64_t)(s.at[i] - '0');
			decimals += decimals >= 0;
		} else if (decimals < 0 && (s.at[i] == '.' || s.at[i] == ',')) {
			decimals = 0;
		} else {
			break;
		}
	}
	for (decimals = decimals < 0 ? 0 : decimals; decimals < exponent; decimals++)
		value *= 10;
	return value;
}

bool minor_is_in(struct span record, uint64_t minor, int exponent, bool fee)
{
	if (is_in(record, minor, exponent))
		return true;
	for (size_t i = 0; fee && i < record.len; i++) {
		uint64_t other = 0;

		if (is_digit(record.at[i]) && (i == 0 || !is_digit(record.at[i - 1])))
			other = plain_number(after(record, i), exponent);
		if (other &&
		    (is_in(record, minor + other, exponent) ||
		     is_in(record, minor > other ? minor - other : other - minor, exponent)))
			return true;
	}
	return false;
}
