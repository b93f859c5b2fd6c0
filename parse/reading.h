/*
 * reading - how one file is to be read: what detection settled, and what units go by.
 *
 * Shape    plain data inside parse/; opaque outside (reader.h). Column numbers count from 0 here
 *          and from 1 in JSON; -1 is none.
 * Owns     its names, lines, account, own_account, told and notes.
 */
#ifndef DAYBOOK_PARSE_READING_H
#define DAYBOOK_PARSE_READING_H

#include "columns.h"
#include "csv.h"
#include "date.h"
#include "encoding.h"
#include "flag.h"
#include "lines.h"
#include "reader.h"
#include "wish.h"

#define READING_NOTES_MAX 12

/* Sentences for the result: cut off at READING_NOTES_MAX. */
struct notes {
	uint32_t n;
	char *text[READING_NOTES_MAX];
};

/* The parts of a reading that are more or less sure, by their keys in profile. */
#define READING_PARTS(PART)                                                                        \
	PART(encoding)                                                                             \
	PART(delimiter)                                                                            \
	PART(header_row)                                                                           \
	PART(date_column)                                                                          \
	PART(amount_column)                                                                        \
	PART(description_columns)                                                                  \
	PART(date_order)                                                                           \
	PART(decimal_mark)                                                                         \
	PART(sign)                                                                                 \
	PART(currency)

#define READING_SECTIONS_MAX 64 /* two years of months with two headers each, and some more */

/* Where a header or a title stands in the file (section.h). Rows below it are ours when the header
 * has the names of ours or columns of the same kinds, and not booked yet when a title says so. */
struct section {
	uint64_t line;
	bool own, pending;
	bool other_account; /* the lines above it say so: never ours */
	bool header;	    /* it is a header that stands on that line */
	bool mapped;	    /* it has columns of its own, which follow */
	bool formed;	    /* its amounts have another form than the file's own, which follows */
	struct form {
		enum sign sign;
		bool debit_minus, credit_minus; /* that column prints its amounts with a minus */
	} form;
	uint32_t n_names;
	struct columns columns;
	uint64_t names; /* a hash of them, while the reading is being made */
};

struct reading {
	struct encoding encoding;
	struct csv_dialect dialect;
	uint64_t header_line; /* 0: there is none */
	struct reader_place start;
	struct section sections[READING_SECTIONS_MAX]; /* in order; none but where headers differ or
							* a title speaks of pending rows */
	uint32_t n_sections;
	uint32_t n_names; /* columns of the header, or of most records where there is none */
	char **names;
	struct columns columns;
	enum date_order order;
	bool buddhist;	       /* so are its years counted */
	bool serial;	       /* its dates are numbers of days: date.h */
	bool yearless;	       /* its dates have no year */
	int32_t statement_end; /* the last day that they may be; 0: not known */
	char decimal_mark;
	enum sign sign;
	struct flag flag;		/* what the words of the debit/credit column mean */
	struct lines came_in, unsure;	/* SIGN_BALANCE: rows of money in, and of which it does not
				       * tell; the others are money out */
	bool dates_carried;		/* a row without a date is of the day above it: carry.h */
	bool dates_own;			/* that was tried, and the balance did not bear it out */
	bool balance_runs;		/* throughout the file, as far as it has one */
	bool reference_hint;		/* the reference column was found, not told */
	bool debit_minus, credit_minus; /* as in struct form */
	char currency[CURRENCY_SIZE];	/* where a row does not state its own */
	int exponent;			/* of that currency */
	bool minor, minor_balance;	/* these are in its smallest unit, as their headings say */
	bool currencies;		/* rows state several of their own */
	bool currency_fixed;		/* said by the uploader or in the amount's heading: a row
					 * that states another one is refused */
	char *account;
	char *own_account; /* whose rows are read, where a column says whose they are; NULL: all */
	bool all_accounts; /* so it was said */
	char *told;	   /* what the uploader said: JSON with keys of profile */
	uint64_t rows;
	uint64_t total_line; /* of a last row that sums up the others: total.h; 0: there is none */
	bool recognised;     /* the file has the form of one of this account's before */
	bool figures_only;   /* rows without the raw record: while the reading is being made */
	struct sureness {
#define READING_MEMBER(part) enum sure part;
		READING_PARTS(READING_MEMBER)
#undef READING_MEMBER
	} sure;
	struct notes assumed, warnings;
};

void notes_add(struct notes *notes, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Takes those after the first `n` back. */
void notes_cut(struct notes *notes, uint32_t n);
/* The last header above a line; NULL where the file has but one. */
const struct section *reading_section(const struct reading *reading, uint64_t line);
/* The columns in that part of the file. */
const struct columns *reading_columns(const struct reading *reading, const struct section *section);
/* The form of amounts there. */
struct form reading_form(const struct reading *reading, const struct section *section);
/* The heading of a column; empty where there is none. */
struct span reading_heading(const struct reading *reading, int column);
/* The heading of a column, or "column 3" where there is no header. Lives as long as `room`. */
const char *reading_column_name(const struct reading *reading, int column, char room[24]);

#endif
