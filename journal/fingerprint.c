#include <sodium.h>

#include "books.h"

/* SipHash needs a key; ours is only to be the same for ever. Keys differ by what is hashed, so that
 * a reference never equals a description. */
static const unsigned char key_description[crypto_shorthash_KEYBYTES + 1] = "daybook: descrip";
static const unsigned char key_reference[crypto_shorthash_KEYBYTES + 1] = "daybook: referen";

/* Length of the white space that `text` begins with: ASCII's, or a no-break space (C2 A0). */
static size_t blank_at(struct span text)
{
	unsigned char c = (unsigned char)text.at[0];

	if (c == ' ' || (c >= '\t' && c <= '\r'))
		return 1;
	return c == 0xc2 && text.len > 1 && (unsigned char)text.at[1] == 0xa0 ? 2 : 0;
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
	char bytes[sizeof amount_minor + sizeof currency.code + ROWS_RECORD_MAX];
	size_t head = sizeof amount_minor + sizeof currency.code;
	struct span text = reference.len ? reference : description;
	int64_t hash = 0;

	if (text.len > ROWS_RECORD_MAX)
		text.len = ROWS_RECORD_MAX;
	memcpy(bytes, &amount_minor, sizeof amount_minor);
	memcpy(bytes + sizeof amount_minor, currency.code, sizeof currency.code);
	head += collapse(text, bytes + head);
	crypto_shorthash((unsigned char *)&hash, (const unsigned char *)bytes, head,
			 reference.len ? key_reference : key_description);
	return hash;
}
