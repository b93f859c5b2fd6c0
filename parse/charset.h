/*
 * charset - text in an encoding other than UTF-8, as UTF-8.
 *
 * Shape    only encodings without state: the bytes of a character tell its length, so that any
 *          character's byte place in the source can be found again by stepping, and a unit can
 *          be decoded from where it starts. One character becomes one code point, of at most 4
 *          bytes and at most 3 times as long as it was (CHARSET_GROWTH).
 * Errors   decoder_run stops at the first byte that is no part of a character.
 * Owns     decoder_new gives; decoder_free() releases.
 * Source   the tables are iconv's (glibc); WHATWG Encoding Standard for the names.
 */
#ifndef DAYBOOK_PARSE_CHARSET_H
#define DAYBOOK_PARSE_CHARSET_H

#include "span.h"

#define CHARSET_GROWTH 3

enum charset_form {
	CHARSET_SINGLE, /* one byte a character */
	CHARSET_UTF16LE,
	CHARSET_UTF16BE,
	CHARSET_SJIS,	/* one or two */
	CHARSET_BIG5,	/* one, or two from 0x81 on */
	CHARSET_EUC_KR, /* the same */
	CHARSET_EUC_JP, /* one, two from 0xa1 on and at 0x8e, or three at 0x8f */
	CHARSET_GB18030 /* one, two or four */
};

struct charset {
	const char *name;  /* as it is told and asked for */
	const char *iconv; /* iconv's name; of what browsers mean by it, where that is more */
	enum charset_form form;
	bool guessed; /* looked for in files; others are only read when the profile names them */
	bool old;     /* Latin, and hardly written any more */
};

/* By any usual spelling: "Windows-1252", "cp1252"; NULL when it is none of ours, or UTF-8. */
const struct charset *charset_find(const char *name);
/* The i-th, NULL beyond the last: likelier ones first. */
const struct charset *charset_at(size_t i);
/* Bytes of the character that `bytes` (not empty) begins with; more than there are when it is cut
 * off. */
size_t charset_char_size(const struct charset *charset, struct span bytes);

struct decoder;
struct decoder *decoder_new(const struct charset *charset);
void decoder_free(struct decoder **decoder);
/* Decodes whole characters from the start of `bytes` to `out`, which has room for CHARSET_GROWTH
 * times as many; `len` gets how many. Returns how many bytes were taken: fewer than all when a
 * character is cut off at the end or a byte is no part of one. */
size_t decoder_run(struct decoder *decoder, struct span bytes, char *out, size_t *len);

#endif
