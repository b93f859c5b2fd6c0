/*
 * carry - dates that are printed on the first row of a day only.
 *
 * Shape    a file prints them so when no two dated rows that follow each other have the same date,
 *          and rows without one, but with an amount and a text, stand below dated ones. Then a row
 *          without a date is of the day above it; a unit's place has the day it begins in. One row
 *          that does not fit, and rows without a date stay refused; so they do where no balance
 *          runs through them, for parts and notes of the row above look the same.
 * Owns     nothing; plain data.
 */
#ifndef DAYBOOK_PARSE_CARRY_H
#define DAYBOOK_PARSE_CARRY_H

#include "columns.h"

#define CARRY_DATE 40 /* bytes of a date that are compared */

struct carry {
	uint64_t dated, carried, line; /* line: of the first carried */
	bool below;		       /* a dated row stands above in this part of the file */
	bool broken, outside;
	char last[CARRY_DATE];
};

/* A row's date, which is one. */
void carry_dated(struct carry *carry, struct span date);
/* Is the record, which has no date, a row of the day above it, if dates are printed so? */
bool carry_undated(struct carry *carry, const struct csv_record *record,
		   const struct columns *columns, uint64_t line);
/* Another part of the file begins; `outside`: its rows are not booked, and say nothing. */
void carry_part(struct carry *carry, bool outside);
bool carry_holds(const struct carry *carry);

#endif
