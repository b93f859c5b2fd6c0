/*
 * minor - a number of minor units found in a record, however the bank writes it.
 *
 * Shape    marks for thousands, decimal point or comma, brackets and signs at either end do not
 *          matter; a number is whole: no digit stands beside it.
 * Owns     nothing.
 */
#ifndef DAYBOOK_VERIFY_MINOR_H
#define DAYBOOK_VERIFY_MINOR_H

#include "span.h"

/* Whether a number in the record is this many minor units of a currency with `exponent` decimals;
 * `fee`: or the sum or difference of two numbers. */
bool minor_is_in(struct span record, uint64_t minor, int exponent, bool fee);

#endif
