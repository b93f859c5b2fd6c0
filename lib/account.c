#include "account.h"

#include <utf8proc.h>

#include "mem.h"

/* Up to the next ':', which is passed over. */
static struct span next_part(struct span *account)
{
	const char *colon = memchr(account->at, ':', account->len);
	size_t len = colon ? (size_t)(colon - account->at) : account->len;
	struct span part = span_of(account->at, len);

	*account = colon ? span_of(colon + 1, account->len - len - 1) : (struct span){0};
	return part;
}

static utf8proc_int32_t first_character(struct span text)
{
	utf8proc_int32_t c = 0;

	utf8proc_iterate((const utf8proc_uint8_t *)text.at, (utf8proc_ssize_t)text.len, &c);
	return c;
}

/* ---- which are valid ---- */

/* Blanks, controls, what turns or hides text, and what is no character. Persian and the scripts of
 * India need the joiners U+200C and U+200D. */
static bool shows(utf8proc_int32_t c)
{
	switch (utf8proc_category(c)) {
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_ZS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_CO:
		return false;
	case UTF8PROC_CATEGORY_CF:
		return c == 0x200c || c == 0x200d;
	default:
		return true;
	}
}

static bool part_is_valid(struct span part)
{
	for (size_t i = 0; i < part.len;) {
		unsigned c = (unsigned char)part.at[i];
		bool leads = c - 'A' < 26u || c - '0' < 10u;
		struct span rest = span_of(part.at + i, part.len - i);

		if (c >= 0x80 && !shows(first_character(rest)))
			return false;
		if (c < 0x80 && !leads && (i == 0 || (c - 'a' >= 26u && c != '-')))
			return false;
		i += span_utf8_first(rest);
	}
	return part.len > 0;
}

bool account_is_valid(struct span account)
{
	static const char *const roots[] = {"Assets", "Liabilities", "Equity", "Income",
					    "Expenses"};
	bool known = false;
	struct span root;

	if (account.len == 0 || account.len > ACCOUNT_LEN_MAX || !span_is_utf8(account))
		return false;
	root = next_part(&account);
	for (size_t i = 0; i < ARRAY_LEN(roots); i++)
		known = known || span_is(root, roots[i]);
	if (!known || !account.at)
		return false;
	while (account.at)
		if (!part_is_valid(next_part(&account)))
			return false;
	return true;
}

/* ---- what beancount takes ---- */

#define BEFORE "X-"

/* beancount knows capitals by a list of 2009, so here are those of the scripts that have had them
 * for long (Latin, Greek, Cyrillic), without the few that came to them later. */
static bool is_capital(utf8proc_int32_t c)
{
	bool early = (c < 0x514 && (c < 0x370 || c > 0x37f) && c != 0x3cf) ||
		     (c >= 0x1e00 && c <= 0x1ef9 && c != 0x1e9e);

	return early && utf8proc_category(c) == UTF8PROC_CATEGORY_LU;
}

/* Is it, whatever X- stand before it, one that begins as beancount does not allow? */
static bool is_strange(struct span part)
{
	size_t n = strlen(BEFORE);

	while (part.len > n && memcmp(part.at, BEFORE, n) == 0)
		part = span_of(part.at + n, part.len - n);
	return (unsigned char)part.at[0] >= 0x80 && !is_capital(first_character(part));
}

void account_beancount(struct buf *out, struct span account)
{
	struct span part = next_part(&account);

	buf_add(out, part.at, part.len);
	while (account.at) {
		part = next_part(&account);
		buf_format(out, ":%s%.*s", is_strange(part) ? BEFORE : "", SPAN_ARG(part));
	}
}
