/*
 * utf8 - one well-formed UTF-8 sequence.
 *
 * Source   RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF.
 */
#ifndef DAYBOOK_LIB_UTF8_H
#define DAYBOOK_LIB_UTF8_H

#include "span.h"

/* Bytes of the sequence at the beginning of `s` (1 to 4), 0 when there is none. */
size_t utf8_len(struct span s);
bool utf8_is_valid(struct span s);

#endif
