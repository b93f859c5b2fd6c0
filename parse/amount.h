/*
 * amount - reads one CSV field as money.
 *
 * Units    a mantissa and how many of its digits follow the decimal mark; amount_minor() makes
 *          minor units of them (exponent from ISO 4217). Never floating.
 * Shape    [sign] [currency] digits with thousands [decimals] [currency] [sign], the sign also as
 *          (parentheses), trailing minus, U+2212, CR or DR, S or H, Af or Bij; times a power of
 *          ten, "1.2E+03"; digits of other scripts and of full width as plain.h says.
 *          Thousands are set off by the mark that is not decimal, a blank (also NBSP, U+2009,
 *          U+202F) or an apostrophe, in groups of three or, as in India, of two after the first.
 *          Digits that do not group so are refused: "1,50" is no amount where the point is decimal.
 *          Which mark is decimal is settled by evidence over the whole file: amount_look() gathers
 *          it, amount_settle() decides.
 * Errors   amount_read: what it was, as enum; amount_settle: fault JOB decimal-mark-ambiguous;
 *          amount_told: profile-invalid.
 * Owns     nothing.
 * Source   ISO 4217:2015; forms: tests/golden/amounts-*.csv
 */
#ifndef DAYBOOK_PARSE_AMOUNT_H
#define DAYBOOK_PARSE_AMOUNT_H

#include "fault.h"
#include "money.h"
#include "span.h"

enum amount_mark { AMOUNT_BARE, AMOUNT_PLUS, AMOUNT_CREDIT, AMOUNT_DEBIT };

struct amount {
	int64_t mantissa; /* signed; negative for minus, parentheses and DR */
	uint8_t decimals;
	uint8_t mark; /* enum amount_mark: what stood there beside or instead of a minus */
	char currency[CURRENCY_SIZE]; /* named in the field by code or clear symbol; or all zero */
	char symbol; /* '$', 'k' (kr) or 'Y' (yen or yuan): clear only in context; or 0 */
};

/* A currency by its code (in any case) or a clear sign of it ("€"): false for any other text. */
bool amount_currency(struct span text, char code[CURRENCY_SIZE]);

/* Nothing, or what some write into a cell that is empty: a dash, "$ -", "N/A", "NULL". */
bool amount_is_empty(struct span text);

enum amount_fault { AMOUNT_OK, AMOUNT_EMPTY, AMOUNT_SYNTAX, AMOUNT_RANGE };

enum amount_fault amount_read(struct span text, char decimal_mark, struct amount *amount);
/* In minor units of a currency with `exponent` digits: AMOUNT_SYNTAX when it has more decimals than
 * the currency (zeros aside, and what binary numbers are off by), AMOUNT_RANGE beyond
 * MONEY_MAX_MINOR. */
enum amount_fault amount_minor(const struct amount *amount, int exponent, int64_t *minor);

/* What the amounts of a whole file say about their decimal mark; zero-initialised. Line numbers are
 * those of the first one seen. */
struct amount_evidence {
	uint64_t point_line, comma_line;   /* one that has this as its decimal mark */
	uint64_t doubt_point, doubt_comma; /* "1.234" or "1,234": could be either */
	uint64_t looked, cents; /* amounts, and those with two digits behind the last mark */
	bool grouped;		/* some set off thousands beyond doubt */
	uint64_t fewer;		/* with one or two digits behind their only mark */
	bool third_used;	/* "0.125": there are three decimals */
	uint64_t thirds;	/* of the doubtful, those whose last digit is not 0 */
	uint64_t whole;		/* amounts without any mark */
	uint64_t power_line;	/* "1.2E+03", of which digits may be missing */
};
/* `amount` gets what does not depend on the decimal mark: as mantissa -1, 0 or 1, its mark,
 * currency and symbol. */
enum amount_fault amount_look(struct span text, uint64_t line, struct amount_evidence *evidence,
			      struct amount *amount);
/* Is a mark that was told one that the file can have? As date_told(). */
int amount_told(const struct amount_evidence *evidence, char mark, struct fault *why);
/* `exponent` of the file's currency, `sure` unless it was only assumed; `mark` gets '.' or ','. */
int amount_settle(const struct amount_evidence *evidence, int exponent, bool sure, char *mark,
		  struct fault *why);

#endif
