/*
 * bayes - a naive Bayes classifier over a merchant's words, with a calibrated confidence.
 *
 * Shape    features are words, the direction and the amount class; a word that it never saw says
 *          nothing. Trained on samples in memory in one pass; then each merchant is asked with its
 *          own counts taken out, and a rising step function from margin to share of right answers
 *          is fitted to that (pool adjacent violators, one right and one wrong added to a step).
 * Owns     bayes_train gives; samples are borrowed for as long.
 */
#ifndef DAYBOOK_RULES_BAYES_H
#define DAYBOOK_RULES_BAYES_H

#include "span.h"

struct sample {
	struct span merchant, account;
	bool out;
	uint32_t class; /* of the amount: its power of the square root of two */
	uint32_t count, place;
};

struct bayes;

struct bayes *bayes_train(const struct sample *samples, uint32_t n);
void bayes_free(struct bayes **bayes);
/* Empty: it has no word to go by. */
struct span bayes_guess(struct bayes *bayes, const struct sample *key, uint32_t *confidence_ppm);

#endif
