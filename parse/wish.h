/*
 * wish - what the uploader said about the file, to be believed over what would be detected.
 *
 * Shape    from the job's params (docs: openapi.yaml): account, currency, default_currency,
 *          date_order, max_rows, and profile with any of the keys in wish.c. What is not said is
 *          empty or zero.
 * Errors   -1 with fault JOB profile-invalid or params-invalid, naming the key.
 * Owns     wish_load gives; wish_free() releases. Spans point into it.
 */
#ifndef DAYBOOK_PARSE_WISH_H
#define DAYBOOK_PARSE_WISH_H

#include "date.h"
#include "fault.h"
#include "money.h"
#include "span.h"

#define WISH_TEXTS_MAX 8
#define FLAG_SIZE      24 /* of a word in a debit/credit column, with its NUL */

/* A column by name, or by number from 1. */
struct wish_column {
	const char *name; /* NULL when it was a number, or nothing */
	uint32_t number;  /* 0 when it was a name, or nothing */
};

enum sign {
	SIGN_UNKNOWN,
	SIGN_AMOUNT,   /* as printed */
	SIGN_INVERTED, /* the other way round: cards that print what was spent as positive */
	SIGN_COLUMN,   /* unsigned; a debit/credit column tells */
	SIGN_MARKED,   /* unsigned is money out; what is marked + or CR is money in */
	SIGN_BALANCE   /* unsigned; each row's balance tells */
};
const char *sign_name(enum sign sign);
enum sign sign_of(struct span name);

struct wish {
	void *json; /* keeps the strings */
	const char *account;
	char currency[CURRENCY_SIZE], default_currency[CURRENCY_SIZE];
	enum date_order date_order; /* 0: not said */
	uint64_t max_rows;	    /* 0: no limit */
	char delimiter, decimal_mark;
	bool has_header_row;
	uint32_t header_row; /* line number; 0 with has_header_row: there is none */
	enum sign sign;
	struct wish_column date, amount, debit, credit, balance, currency_column, flag, fee,
		reference, account_column;
	struct wish_column texts[WISH_TEXTS_MAX];
	uint32_t n_texts;
	const char *encoding;		/* NULL: not said */
	const char *flag_out, *flag_in; /* words of the debit/credit column; NULL: not said */
	int32_t statement_end;		/* day; 0: not said */
	const char *own_account; /* of the rows that are to be read; "*": all; NULL: not said */
	/* What this account's file before was read with, where this one has the same form: taken
	 * where nothing in the file settles it. */
	struct wish_earlier {
		enum date_order date_order;
		char decimal_mark;
		enum sign sign;
		char currency[CURRENCY_SIZE];
	} earlier;
};

int wish_load(struct span json, struct wish *wish, struct fault *why);
void wish_free(struct wish *wish);
/* What was said, as JSON: an object with keys of profile. The caller's to free(). */
char *wish_told(const struct wish *wish);

#endif
