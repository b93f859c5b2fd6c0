/*
 * trial - rows that a person tries rules on.
 *
 * Shape    JSON in and out: a list of descriptions, or of {description, amount, currency, account,
 *          date}; {items: [...]} with what was decided of each and why, as openapi.yaml has it.
 * Errors   trial_check names the items that say something in another way than it is read, by their
 *          number from 1; the others are read as far as they can be.
 * Owns     nothing.
 */
#ifndef DAYBOOK_RULES_TRIAL_H
#define DAYBOOK_RULES_TRIAL_H

#include <jansson.h>

#include "rules.h"

/* At most `max`; how many. */
int trial_check(const json_t *list, struct text_fault *faults, int max);
void trial_rows(const json_t *list, struct rows *rows);
void trial_put(struct rules *rules, const struct rows *rows, struct buf *out);

#endif
