/*
 * encoding - what the bytes of a file are.
 *
 * Shape    the whole file is looked at, once: it is UTF-8 only if all of it is; UTF-16 with a byte
 *          order mark, or where NULs stand as in no other text; else the likeliest encoding
 *          (guess.h) that all of its bytes are characters of. `skip` is the length of the byte
 *          order mark. From then on the source is read in that encoding.
 * Errors   -1 with fault JOB: empty-file, binary-file (magic bytes or NUL, with the byte place),
 *          not-csv (web pages, XML, JSON, OFX, QIF: text, no table), encoding-unknown (with the
 *          byte place and line of the first byte that is no part of a character).
 * Source   RFC 3629 for UTF-8: no overlong forms, no surrogates, nothing beyond U+10FFFF.
 */
#ifndef DAYBOOK_PARSE_ENCODING_H
#define DAYBOOK_PARSE_ENCODING_H

#include "source.h"
#include "sure.h"

struct encoding {
	const struct charset *charset; /* NULL: UTF-8 */
	uint32_t skip;
	enum sure sure;
	const struct charset *rival; /* SURE_ASSUMED: this would do as well */
};

/* `told`: what the uploader says, or NULL. */
int encoding_detect(struct source *source, const char *told, struct encoding *encoding,
		    struct fault *why);
/* "utf-8", "windows-1252" ... */
const char *encoding_name(const struct charset *charset);

/* How many of the bytes, from the first on, are whole and right UTF-8 characters without NUL. */
size_t encoding_utf8_length(struct span bytes);

#endif
