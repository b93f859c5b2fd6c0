/*
 * amountlex - takes a field apart that may be money.
 *
 * Shape    what stands around the digits (signs, currencies), and the digits with their marks:
 *          amount.h says which forms. What the marks mean is amount_read()'s question.
 * Errors   AMOUNT_EMPTY, AMOUNT_SYNTAX.
 * Owns     nothing: `core` points into the text, or into `room`.
 */
#ifndef DAYBOOK_PARSE_AMOUNTLEX_H
#define DAYBOOK_PARSE_AMOUNTLEX_H

#include "amount.h"
#include "plain.h"

/* A field taken apart: what stands around the digits, and the digits with their marks. */
struct lexed_amount {
	struct span core; /* from the first to the last digit or mark */
	bool minus;
	uint8_t mark;
	char currency[CURRENCY_SIZE];
	char symbol;
	int8_t power; /* of ten that the core is to be taken times: 3 for "1.2E+03" */
};

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Bytes of white space at the start of `s`: ASCII, NBSP, U+2009, U+202F. */
static inline size_t blank_size(struct span s)
{
	unsigned char c = s.len > 0 ? (unsigned char)s.at[0] : 'x';

	if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
		return 1;
	if (c == 0xc2 && s.len >= 2 && s.at[1] == '\xa0')
		return 2;
	if (c == 0xe2 && s.len >= 3 && s.at[1] == '\x80' &&
	    (s.at[2] == '\x89' || s.at[2] == '\xaf'))
		return 3;
	return 0;
}

enum amount_fault amount_lex(struct span text, char room[PLAIN_MAX], struct lexed_amount *lexed);

#endif
