/*
 * daytime - the time of day behind a date, and what else stands there.
 *
 * Shape    "18:22:05 +0300", "T18:22Z", "18.22", "18h22", "- 18:22", "kl. 18:22", ", 18:22 Uhr",
 *          "오후 6:22"; before it the mark of a year ("г.") or of a day ("日"); instead of it
 *          a day of the week in brackets, or the day of which it counts ("as of").
 * Owns     nothing.
 */
#ifndef DAYBOOK_PARSE_DAYTIME_H
#define DAYBOOK_PARSE_DAYTIME_H

#include "span.h"

/* Passes hours and minutes, seconds where they are; false (and passes nothing) when the text does
 * not begin so. */
bool daytime_pass(struct span *text);
/* Is there nothing else behind a date? */
bool daytime_is_all(struct span text);

#endif
