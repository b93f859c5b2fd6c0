/* fingerprint - what makes a row the same row in another file. */
#include <sodium.h>
#include <utf8proc.h>

#include "books.h"

/* SipHash needs a key; ours is only to be the same for ever. Keys differ by what is hashed, so that
 * a reference never equals a description. */
static const unsigned char key_description[crypto_shorthash_KEYBYTES + 1] = "daybook: descrip";
static const unsigned char key_reference[crypto_shorthash_KEYBYTES + 1] = "daybook: referen";

/* More than any description in use; what stands beyond does not tell rows apart. */
#define FINGERPRINT_TEXT_MAX 4096

/* Length of the white space that `text` begins with: ASCII's, or a no-break space (C2 A0). */
static size_t blank_at(struct span text)
{
	unsigned char c = (unsigned char)text.at[0];

	if (c == ' ' || (c >= '\t' && c <= '\r'))
		return 1;
	return c == 0xc2 && text.len > 1 && (unsigned char)text.at[1] == 0xa0 ? 2 : 0;
}

/* Characters below U+0300, lead bytes up to CB, stand in NFC as they are: most text needs no look
 * at the tables. */
static bool may_compose(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] >= 0xcc)
			return true;
	return false;
}

/* Unicode's normal form C, in `room`; text that is not UTF-8 stays as it is. */
static struct span compose(struct span text, utf8proc_int32_t room[FINGERPRINT_TEXT_MAX + 1])
{
	const utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
	utf8proc_ssize_t n;

	if (!may_compose(text))
		return text;
	n = utf8proc_decompose((const utf8proc_uint8_t *)text.at, (utf8proc_ssize_t)text.len, room,
			       FINGERPRINT_TEXT_MAX, how);
	if (n < 0 || n > FINGERPRINT_TEXT_MAX)
		return text;
	n = utf8proc_reencode(room, n, how); /* in place */
	return n < 0 ? text : span_of((const char *)room, (size_t)n);
}

/* Runs of white space become one space, none at either end. */
static size_t collapse(struct span text, char *out)
{
	size_t n = 0, blank;
	bool space = false;

	while (text.len > 0) {
		blank = blank_at(text);
		if (blank == 0) {
			if (space && n > 0)
				out[n++] = ' ';
			out[n++] = text.at[0];
			blank = 1;
			space = false;
		} else {
			space = true;
		}
		text.at += blank;
		text.len -= blank;
	}
	return n;
}

int64_t fingerprint_of(struct span description, struct span reference, int64_t amount_minor,
		       struct currency currency)
{
	utf8proc_int32_t composed[FINGERPRINT_TEXT_MAX + 1];
	char bytes[sizeof amount_minor + sizeof currency.code + sizeof composed];
	size_t head = sizeof amount_minor + sizeof currency.code;
	struct span text = reference.len ? reference : description;
	int64_t hash = 0;

	if (text.len > FINGERPRINT_TEXT_MAX)
		text.len = FINGERPRINT_TEXT_MAX;
	text = compose(text, composed);
	memcpy(bytes, &amount_minor, sizeof amount_minor);
	memcpy(bytes + sizeof amount_minor, currency.code, sizeof currency.code);
	head += collapse(text, bytes + head);
	crypto_shorthash((unsigned char *)&hash, (const unsigned char *)bytes, head,
			 reference.len ? key_reference : key_description);
	return hash;
}
