/*
 * plain - the digits and signs of a field in the form that dates and amounts are read in.
 *
 * Shape    decimal digits of Arabic, Persian, Indian and Thai writing and of full width become
 *          those of ASCII, as do full-width signs and letters, Arabic marks ("٫" is ".") and the
 *          ideographic blank; marks of the direction of writing are left out. 'a' to 'z' and
 *          whatever else there is stays.
 * Source   Unicode 15, blocks Arabic, Devanagari, Bengali, Thai, General Punctuation, Halfwidth and
 *          Fullwidth Forms
 * Owns     nothing; the caller keeps `room`, which `*out` points into.
 */
#ifndef DAYBOOK_PARSE_PLAIN_H
#define DAYBOOK_PARSE_PLAIN_H

#include "span.h"

#define PLAIN_MAX 64 /* bytes; a field that is longer is no date and no amount */

/* Has it a digit, or what may be one in another script? Without it is no date and no amount. */
bool plain_has_digit(struct span text);
/* Without blanks at either end. False when `text` is plain already, too long or no UTF-8. */
bool plain_of(struct span text, char room[PLAIN_MAX], struct span *out);

#endif
