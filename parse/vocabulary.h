/*
 * vocabulary - the words that name columns, in the languages that are read.
 *
 * Shape    phrases as words_fold() leaves them, separated by '|'; the first list that has a phrase
 *          decides. A phrase with `part` gives its role to longer headings that contain it as a
 *          whole word too, at WORDS_PART.
 * Owns     nothing; plain data.
 * Source   headings of the exports in the shared samples and of public importers' documentation.
 *          Names of banks are not among them.
 */
#ifndef DAYBOOK_PARSE_VOCABULARY_H
#define DAYBOOK_PARSE_VOCABULARY_H

#include "words.h"

struct word_list {
	enum role role;
	uint8_t rank;
	bool part;
	char language[3];
	const char *phrases;
};

extern const struct word_list vocabulary[];
extern const size_t vocabulary_size;

#endif
