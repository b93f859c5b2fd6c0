/*
 * month - months by their names.
 *
 * Shape    in English, German, French, Dutch, Spanish, Portuguese, Italian, Swedish, Danish,
 *          Norwegian, Finnish, Polish, Czech, Hungarian, Romanian, Russian, Ukrainian, Bulgarian,
 *          Lithuanian, Turkish, Greek, Hebrew and Thai, whole or abbreviated.
 * Owns     nothing.
 */
#ifndef DAYBOOK_PARSE_MONTH_H
#define DAYBOOK_PARSE_MONTH_H

#include "span.h"

/* 1 to 12; 0 when the word (not empty) names none. */
int month_of(struct span word);
/* The Thai name that the text begins with, which may have full stops in it; `len` gets its length.
 * 0 when there is none. */
int month_thai(struct span text, size_t *len);

#endif
