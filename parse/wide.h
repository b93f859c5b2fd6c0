/*
 * wide - how likely text is in an encoding of several bytes a character.
 *
 * Shape    by which of an encoding's ranges are used, and how. The ranges of the East Asian
 *          encodings are much the same, so where text of another one would hit one half of a
 *          range only, the other half is worth more: on average a text of its own has 1000.
 *          One character beside a letter of ASCII, or two between such, are what another encoding
 *          makes of an accent or a sign: words are longer, or stand beside numbers.
 * Owns     nothing.
 * Source   the layouts of JIS X 0208 (kana, kanji of levels 1 and 2), GB 2312 (levels 1 and 2),
 *          KS X 1001 (hangul, hanja) and Big5 (frequent, less frequent).
 */
#ifndef DAYBOOK_PARSE_WIDE_H
#define DAYBOOK_PARSE_WIDE_H

#include "charset.h"

/* 1000: every character is a common one; can be negative. */
int wide_score(const struct charset *charset, struct span bytes);

#endif
