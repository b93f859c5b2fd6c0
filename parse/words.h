/*
 * words - what a column's heading says it holds.
 *
 * Shape    a heading is folded (lower case, accents off, punctuation to single blanks, currency
 *          taken out) and looked up in one table of phrases by role. rank orders columns of one
 *          role, 1 first; a phrase that only contains a known word has WORDS_PART added. Names of
 *          banks are not in the table, and nothing here depends on one.
 * Owns     nothing; plain data.
 * Source   headings of the exports in the shared samples and of public importers' documentation.
 */
#ifndef DAYBOOK_PARSE_WORDS_H
#define DAYBOOK_PARSE_WORDS_H

#include "money.h"
#include "span.h"

enum role {
	ROLE_NONE,
	ROLE_DATE,
	ROLE_AMOUNT,
	ROLE_DEBIT,
	ROLE_CREDIT,
	ROLE_BALANCE,
	ROLE_CURRENCY,
	ROLE_TEXT,
	ROLE_REFERENCE,
	ROLE_FEE,
	ROLE_FLAG,
	ROLE_COUNT
};

#define WORDS_PART 10 /* added to the rank when the phrase only contains the word */

/* Ranks of ROLE_DATE: a value date is taken only where there is no other. */
enum { RANK_DATE_BOOKING = 1, RANK_DATE_PLAIN, RANK_DATE_TRANSACTION, RANK_DATE_VALUE };
/* Of ROLE_CURRENCY: a thing that is held, maybe money. */
#define RANK_CURRENCY_ASSET 3
/* Ranks of ROLE_TEXT, best first. */
enum {
	RANK_TEXT_DESCRIPTION = 1,
	RANK_TEXT_PURPOSE,
	RANK_TEXT_PAYEE,
	RANK_TEXT_DETAIL,
	RANK_TEXT_KIND
};

#define WORDS_PHRASE_SIZE 96

struct heading {
	enum role role;
	uint8_t rank;
	bool foreign;		      /* of what was paid elsewhere, or of no money at all */
	char language[3];	      /* "sv"; empty when the words are of several */
	char currency[CURRENCY_SIZE]; /* "Amount (EUR)"; all zero when it names none */
	char phrase[WORDS_PHRASE_SIZE];
};

void words_heading(struct span text, struct heading *heading);

/* The two halves of a heading such as "CARGO/ABONO" or "D/K", folded: what went out, what came in.
 * False for any other heading, and both empty. */
#define WORDS_HALF_SIZE 32
struct halves {
	char out[WORDS_HALF_SIZE], in[WORDS_HALF_SIZE];
};
bool words_halves(struct span heading, struct halves *halves);

/* What a debit/credit column says: -1 money out, 1 money in, 0 another word. */
int words_flag(struct span text);
/* The same under a heading of two halves (or of none): their first letters say it too, and go
 * before what they mean elsewhere. */
int words_flag_under(const struct halves *halves, struct span text);

/* The first script other than Latin that a text is in: 'J' kana, 'C' Chinese characters, 'K'
 * hangul, 'R' Cyrillic, 'H' Hebrew, 'G' Greek, 'T' Thai, 'A' Arabic, 'I' of India and its
 * neighbours, 'M' Armenian, 'S' Georgian, 'E' Ethiopic; 0 when there is none. Kana go before
 * Chinese. */
char words_script(struct span text);

/* Does a heading speak of a card? */
bool words_card(struct span text);
/* Does it ask whether a transaction is booked? */
bool words_booked(struct span text);
/* Does it say that amounts are whole numbers of the currency's smallest unit? */
bool words_minor(struct span text);
/* Does it say whether a transaction has happened? */
bool words_status(struct span text);

/* Is the phrase, folded, one of a list such as "konto|compte"? */
bool words_listed(const char *list, struct span phrase);
/* Is one of the list part of it, as whole words? */
bool words_listed_in(const char *list, struct span phrase);

/* Folds text as headings are folded; cut when it does not fit. Returns the length. */
size_t words_fold(struct span text, char *out, size_t size);

#endif
