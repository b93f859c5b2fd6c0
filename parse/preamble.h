/*
 * preamble - what stands before the header: the statement's period, the account and its currency.
 *
 * Shape    words of the lines before the first row are looked at, whatever divides them.
 * Owns     nothing; plain data.
 */
#ifndef DAYBOOK_PARSE_PREAMBLE_H
#define DAYBOOK_PARSE_PREAMBLE_H

#include "date.h"
#include "dialect.h"
#include "money.h"
#include "status.h"
#include "whose.h"

struct preamble {
	struct date_period period;
	char currency[CURRENCY_SIZE]; /* the only one named; or all zero */
	bool currencies;	      /* several are */
	bool pending; /* the line above the first header is the title of rows that are not
		       * booked yet */
	struct whose whose, above; /* whose rows stand below the file's own header, and below one
				    * above it */
};

/* What a record of nothing but its first field is the title of: see status_title(). */
enum status record_title(const struct csv_record *record);
/* What one line says, added to what is known. */
void preamble_line(struct preamble *preamble, struct span line);
int preamble_look(struct source *source, const struct dialect_found *found,
		  struct preamble *preamble, struct fault *why);

#endif
