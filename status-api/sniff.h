/*
 * sniff - is this the beginning of a text, or of something else?
 *
 * Shape    looks at the first bytes only, at most SNIFF_BYTES; what a client calls the content is
 *          not asked. UTF-16 is text although half of it may be NUL, with or without a mark.
 * Owns     nothing.
 */
#ifndef DAYBOOK_STATUS_API_SNIFF_H
#define DAYBOOK_STATUS_API_SNIFF_H

#include "span.h"

#define SNIFF_BYTES 512

/* NULL for text; otherwise what it is, for people: "a PDF document". */
const char *sniff_binary(struct span head);

#endif
