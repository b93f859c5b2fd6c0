/*
 * patterns - the string conditions of a rule set as one Vectorscan database.
 *
 * Shape    patterns are added, then built, then texts are scanned: one pass over the text whatever
 *          the number of patterns. A pattern that is a text compiles to a plain literal (1,000 of
 *          them in about 25 ms; a regular expression costs 2 to 3 ms); whether it stands there as a
 *          whole word is seen where it was found. A regular expression that Vectorscan does not
 *          know (lookaround, back references) is prefiltered by it and confirmed by PCRE2 when
 *          somebody asks; one that it cannot do at all is not scanned but only asked.
 * Errors   -1 with fault JOB "regex" (regex.h) or "rules-engine".
 * Owns     patterns_new gives. Texts are borrowed and live as long as the patterns do; so does the
 *          scanned text until the next scan.
 */
#ifndef DAYBOOK_RULES_PATTERNS_H
#define DAYBOOK_RULES_PATTERNS_H

#include "fault.h"
#include "span.h"

#define PATTERNS_REGEX_MAX	 200 /* compile in a second or so */
#define PATTERNS_REGEX_PCRE2_MAX 100 /* of them, those that Vectorscan does not know */

enum pattern_kind { PATTERN_CONTAINS, PATTERN_WORD, PATTERN_REGEX };

struct patterns;

struct patterns *patterns_new(void);
void patterns_free(struct patterns **patterns);
int patterns_add(struct patterns *patterns, enum pattern_kind kind, struct span text, uint32_t *id,
		 struct fault *why);
/* `*id` is the pattern that failed, UINT32_MAX when it is not one's fault. `store` is a folder for
 * what was compiled (stored.h), or NULL. */
int patterns_build(struct patterns *patterns, const char *store, uint32_t *id, struct fault *why);

/* Ids of the patterns that hold, or may hold, for this text, each once. */
uint32_t patterns_scan(struct patterns *patterns, struct span folded, const uint32_t **ids);
/* Does it hold for the text scanned last? */
bool patterns_hold(struct patterns *patterns, uint32_t id);
uint32_t patterns_count(const struct patterns *patterns);
/* Is what the scan says of it final? Else patterns_hold() must be asked. */
bool patterns_is_final(const struct patterns *patterns, uint32_t id);
/* Does patterns_scan report it when it holds? */
bool patterns_is_scanned(const struct patterns *patterns, uint32_t id);
/* How often a regular expression was given up at its limits. */
uint64_t patterns_given_up(const struct patterns *patterns);
/* Was one since this was asked last? The last one's id. */
bool patterns_gave_up(struct patterns *patterns, uint32_t *id);

#endif
