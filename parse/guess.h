/*
 * guess - which encodings a text that is not UTF-8 may be in, likeliest first.
 *
 * Shape    a sample of the lines that have bytes beyond ASCII, from the whole file, is decoded in
 *          every encoding of charset.h that can, and scored: letters of one language count for it,
 *          and so do signs in their place (glyph.h); symbols inside words, capitals inside
 *          small letters and mixed scripts count against it. Encodings of several bytes a
 *          character are scored by which of them are used (wide.h).
 *          What libuchardet says breaks near-ties.
 * Owns     nothing.
 * Source   alphabets: the languages' own, without letters that are rare in running text, because
 *          those are what other encodings make of common ones.
 */
#ifndef DAYBOOK_PARSE_GUESS_H
#define DAYBOOK_PARSE_GUESS_H

#include "charset.h"

#define GUESS_MAX    32
#define GUESS_SAMPLE 65536 /* bytes are looked at */

struct guess {
	const struct charset *charset;
	int score; /* 1000: every letter is one of the language's; can be negative */
};

/* Sets `guesses` (GUESS_MAX of them) and returns how many there are. Encodings that read the sample
 * as the same text as a likelier one are left out. */
int guess_charsets(struct span sample, struct guess *guesses);
/* The score of a sample that is UTF-8 throughout, as that. */
int guess_utf8(struct span sample);

#endif
