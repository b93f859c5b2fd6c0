/*
 * regex - one regular expression by PCRE2, for what Vectorscan refuses.
 *
 * Shape    folded text, without case, \w and \b ASCII; of a longer text only its first
 *          REGEX_TEXT_MAX bytes are seen. Compiled by JIT under a limit for each place at which a
 *          match may begin, so that the worst costs some 9 ms and a sane one a microsecond.
 * Errors   regex_read: -1 with fault JOB "regex", the place in it in the text; also for one that
 *          matches nothing at all. regex_ready: -1 when it hits the limits on texts made from its
 *          own characters: it would do so on a bank's, too.
 * Owns     regex_read gives.
 */
#ifndef DAYBOOK_RULES_REGEX_H
#define DAYBOOK_RULES_REGEX_H

#include "fault.h"
#include "span.h"

#define REGEX_STEPS_MAX 2000 /* about 18 us, measured; a sane one needs a few hundred */
#define REGEX_TEXT_MAX	512

struct regex;

int regex_read(struct span text, struct regex **regex, struct fault *why);
/* Makes it ready to match; one that Vectorscan matches is read only. */
int regex_ready(struct regex *regex, struct fault *why);
void regex_free(struct regex **regex);
/* 1 yes, 0 no, -1 the limits were hit: counts as no. */
int regex_matches(const struct regex *regex, struct span folded);
/* Will Vectorscan compile it in reasonable time (large counted repeats and Unicode classes cost it
 * seconds)? */
bool regex_is_small(struct span text);

#endif
