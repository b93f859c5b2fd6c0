/*
 * table - one header and what stands below it, while its columns are being found.
 *
 * Shape    the names, what their words mean, and what the first records below them hold, up to
 *          where another header stands.
 * Errors   as records.
 * Owns     its names; large: not for the stack.
 */
#ifndef DAYBOOK_PARSE_TABLE_H
#define DAYBOOK_PARSE_TABLE_H

#include "columns.h"
#include "dialect.h"

struct table {
	uint64_t header_line; /* 0: there is none, and all names are empty */
	uint32_t n;	      /* columns */
	char **names;
	struct heading headings[CSV_FIELDS_MAX];
	struct column_content content[CSV_FIELDS_MAX];
	struct sheet sheet;
	uint32_t n_rows; /* that content is of */
};

/* `place` says where the header and its first record are; `decimal_mark` 0: by what is shown. */
int table_look(struct source *source, const struct dialect_found *place, char decimal_mark,
	       struct table *table, struct fault *why);
void table_release(struct table *table);

struct columns_input table_input(const struct table *table);
/* The currency in the heading of the money: "Amount (EUR)", "CAD$"; all zero when there is none. */
void table_currency(const struct table *table, const struct columns *columns,
		    char currency[CURRENCY_SIZE]);

/* The first column of money. */
int table_money(const struct columns *columns);
/* Is a column (-1: none) in the smallest unit of the currency, by its heading, and are most of
 * its amounts whole? */
bool table_minor(const struct table *table, int column);

/* Are the record's fields these names? */
bool table_is_header(const struct csv_record *record, char *const *names, uint32_t n);

#endif
