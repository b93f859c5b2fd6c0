/*
 * evidence - what all records of a file together say about how to read them.
 *
 * Shape    one pass over the whole file with the columns known: counts the records (the job's
 *          total), gathers what dates, amounts, signs, flags and currency symbols have in common.
 *          evidence_settle() then decides order, decimal mark, sign and currency, and what had to
 *          be assumed goes to the reading's notes.
 * Errors   -1 with fault JOB: quote-unclosed, too-many-rows, no-rows, no-date-column,
 *          no-amount-column, account-unknown, year-unknown, date-order-ambiguous,
 *          decimal-mark-ambiguous, currency-unknown, sign-unknown.
 * Owns     nothing.
 */
#ifndef DAYBOOK_PARSE_EVIDENCE_H
#define DAYBOOK_PARSE_EVIDENCE_H

#include "amount.h"
#include "carry.h"
#include "holder.h"
#include "preamble.h"
#include "reading.h"
#include "records.h"
#include "section.h"

/* Signs in one column of money. */
struct sign_count {
	uint64_t amounts, minus, plus, marked; /* marked: + or CR, among plus */
};

struct evidence {
	struct date_evidence date;
	struct carry carry;
	struct preamble between; /* said by lines that are no rows, since the last header */
	struct owner {
		struct whose own, named; /* of the file's own rows; by lines since the last row */
		uint64_t line;		 /* of the first of those; 0: none */
		bool apart;		 /* they stand apart from the rows above them */
	} owner;
	struct holders holders;
	uint64_t end_line;	  /* of the record before */
	struct reader_place last; /* row */
	struct amount_evidence amount;
	struct sign_count signs, debit_signs, credit_signs;
	uint64_t flags, other_flags; /* words of a debit/credit column, and what is none */
	uint64_t flags_out;	     /* of the flags */
	char other_flag[FLAG_SIZE];  /* the word that is not known */
	bool other_several;	     /* there is more than one */
	struct agreement {	     /* of amounts' signs with another witness */
		uint64_t agree, against, line; /* line: of the first against */
		uint64_t against_out;	       /* of those against, that say money out */
	} by_flag, by_words, by_paid;	       /* by_paid: a card's payments, of those by words */
	struct agreement flag_by_words;	       /* of the debit/credit column with the words */
	uint64_t with_amount;		       /* records that have one */
	uint64_t dates_differ;		       /* rows whose two dates are not the same */
	bool large;			       /* some amount takes four characters or more */
	char currency[CURRENCY_SIZE];	       /* shown by a symbol or code beside amounts */
	bool currencies;		       /* more than one is */
	char stated[CURRENCY_SIZE];	       /* in the currency column */
	bool several;			       /* not only that one */
	char script;			       /* of descriptions: see words_script() */
	char symbol;			       /* as in struct amount */
	bool again;			       /* the header came again, and that was told */
	bool stray_quote;		       /* was told */
	bool status_told;		       /* so was a status that is not known */
	bool stray;	  /* a line that is no row, and no title of ours, stands above */
	uint64_t titled;  /* dates up to the last title of a part */
	char undated[40]; /* what stood where a date was looked for */
	uint64_t undated_line;
	char lacking[24]; /* the first of the dates that lack their year */
	uint64_t lacking_line;
};

/* `reading` has dialect, start and columns; its `rows` is set. `pending`: the first rows stand
 * under a title that says they are not booked yet. */
int evidence_gather(struct source *source, struct reading *reading, const struct ground *ground,
		    struct evidence *evidence, struct fault *why);
/* What stands around the rows. */
struct setting {
	const struct wish *wish;
	const struct preamble *preamble;
	const char
		*language; /* of the header, "" when not known: "kr" is Swedish in a Swedish file */
	char script;	   /* of the header: see words_script() */
	int32_t today;	   /* the day on which it is read */
	bool card;	   /* its words speak of a card */
	bool pair_open;	   /* which of debit and credit is which is not known */
};
int evidence_settle(const struct evidence *evidence, const struct setting *setting,
		    struct reading *reading, struct fault *why);
/* What else than the balance says of the direction in which amounts are read once settled: 1 that
 * it is right, though the balance may be what is owed; -1 the opposite; 0 nothing. */
int evidence_bears_out(const struct evidence *evidence, const struct setting *setting,
		       const struct reading *reading);

#endif
