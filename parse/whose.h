/*
 * whose - which account the lines between the rows say that rows are of.
 *
 * Shape    a line names an account by a number after a word for account ("Konto: 12 34", "Account
 *          ending 1234"), or by what kind of account it is ("Savings"). Cards are none: one account
 *          has several.
 * Owns     nothing; plain data.
 */
#ifndef DAYBOOK_PARSE_WHOSE_H
#define DAYBOOK_PARSE_WHOSE_H

#include "csv.h"
#include "span.h"

#define WHOSE_SIZE 36 /* an IBAN has 34 characters */

struct whose {
	char number[WHOSE_SIZE]; /* its digits; empty: none was named */
	char kind[WHOSE_SIZE];	 /* "savings"; empty: none was named */
	bool iban;  /* the number is called one, as those of the other side often are */
	bool loose; /* a word that is not known stands before the number */
	bool title; /* the line is short, so it says nothing else */
	bool first; /* and begins so */
};

/* What a record of one or two fields, the first of them filled, adds to what is known. True when it
 * names an account. */
bool whose_look(const struct csv_record *record, struct whose *whose);
/* Could it be the name of an account: a number, or by its kind? */
bool whose_names(struct span text);
/* May both be of one account? */
bool whose_same(const struct whose *own, const struct whose *other);

#endif
