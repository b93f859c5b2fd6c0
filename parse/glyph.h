/*
 * glyph - whether a character stands where text has it, whatever the language.
 *
 * Shape    a character beyond ASCII is looked at between its neighbours: an apostrophe stands
 *          between letters, a pound sign beside a number, a letter inside a word. What one
 *          encoding takes for the one, another takes for the other, and only one is in its place.
 *          Places are pointers into text of one code point each that begins and ends with two
 *          line ends.
 * Owns     nothing.
 */
#ifndef DAYBOOK_PARSE_GLYPH_H
#define DAYBOOK_PARSE_GLYPH_H

#include <stdbool.h>
#include <utf8proc.h>

enum glyph {
	GLYPH_SIGN,   /* says nothing of the encoding where it stands */
	GLYPH_PLACED, /* a sign just where people write it: as good as a letter of the language */
	GLYPH_LETTER  /* a language may know it */
};

/* Sets `score` to what the place alone adds: nothing, or less where text has no such thing. */
enum glyph glyph_at(const utf8proc_int32_t *at, int *score);

#endif
