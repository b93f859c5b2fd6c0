/*
 * encoding - what the bytes of a file are.
 *
 * Shape    the whole file is looked at once: a file is read as UTF-8 only if all of it is UTF-8.
 *          `skip` is the length of the byte order mark.
 * Errors   -1 with fault JOB: empty-file, binary-file (magic bytes or NUL, with the byte place),
 *          not-csv (web pages, XML, OFX, QIF: text, but no table), encoding-unknown (with the byte
 *          place and line of the first byte that is not UTF-8).
 * Source   RFC 3629 for UTF-8: no overlong forms, no surrogates, nothing beyond U+10FFFF.
 */
#ifndef DAYBOOK_PARSE_ENCODING_H
#define DAYBOOK_PARSE_ENCODING_H

#include "source.h"

#define ENCODING_NAME_SIZE 16

struct encoding {
	char name[ENCODING_NAME_SIZE]; /* "utf-8" */
	uint32_t skip;
};

int encoding_detect(struct source *source, struct encoding *encoding, struct fault *why);

/* How many of the bytes, from the first on, are whole and right UTF-8 characters without NUL. */
size_t encoding_utf8_length(struct span bytes);

#endif
