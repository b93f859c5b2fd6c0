/*
 * fold - a description as rules see it.
 *
 * Shape    lower case; accents, Hebrew points and Arabic vowels off (marks of other scripts are
 *          letters: バ is not ハ); compatibility forms plain (full width letters,
 *          half-width katakana, ligatures); each run of white space or control bytes one space,
 *          none at the ends; dashes and quotes in one form; no apostrophe at a word's end or before
 *          its final s. So "SAINSBURY'S  Café" and "sainsburys cafe" are the same. Banks cut case,
 *          accents and apostrophes as they like; rules are written by people who do not.
 *          But ä ö ü å ø stay: they are letters of their own ("über" is not Uber). What banks make
 *          of them, a rule's text is looked for in each way: fold_spelling().
 * Errors   none: bytes that are not UTF-8 become U+FFFD. What comes out is always valid UTF-8.
 * Owns     nothing; adds to the caller's buf.
 */
#ifndef DAYBOOK_LIB_FOLD_H
#define DAYBOOK_LIB_FOLD_H

#include "buf.h"

#define FOLD_SPELLINGS 2

void fold_text(struct buf *out, struct span text);
/* Only what is not ASCII, so that the regular expression keeps its meaning (\S is not \s). */
void fold_regex(struct buf *out, struct span regex);
/* A folded text without ä ö ü å ø: with ae oe ue aa oe (which = 0) or a o u a o (1). False when it
 * has none of them. */
bool fold_spelling(struct buf *out, struct span folded, int which);
/* A byte of a letter or digit; every character beyond ASCII counts as one. */
bool fold_is_word(uint8_t byte);

#endif
