/*
 * balance - the running balance as a witness.
 *
 * Shape    where each row's balance follows from its neighbour's and an amount, that amount was
 *          read right: sign, column and fee. The first rows of the file are tried both ways where a
 *          question is open; then the whole file is gone through, and where the balance does not
 *          follow is told as a warning: a row may be missing there, or the bank may round.
 * Errors   as reader_unit; JOB sign-unknown.
 * Owns     nothing.
 */
#ifndef DAYBOOK_PARSE_BALANCE_H
#define DAYBOOK_PARSE_BALANCE_H

#include "reading.h"
#include "rows.h"

/* How many neighbours' balances follow from the amounts (or from them the other way round), in
 * whichever direction of the file more do. */
uint32_t balance_runs(const struct rows *rows, bool inverted);

/* hits[upwards][inverted]: neighbours whose balance follows so. Returns those whose could. */
uint32_t balance_count(const struct rows *rows, uint32_t hits[2][2]);
/* The first unit's rows under `reading`. */
int balance_sample(int fd, const struct reading *reading, struct rows *rows, struct fault *why);

/* Settles what the balance can: whether a fee column is taken off the amount (columns.fee becomes
 * -1 when it is not); where sign is SIGN_UNKNOWN because no amount has a minus, whether they are
 * money in or out; and what to make of a balance that says the opposite of columns and signs, with
 * `borne_out` what else says of them (evidence_bears_out). */
int balance_settle(int fd, int borne_out, struct reading *reading, struct fault *why);

/* Goes through all rows of the file and adds warnings to the reading. */
int balance_watch(int fd, struct reading *reading, void (*alive)(void *), void *alive_arg,
		  struct fault *why);

#endif
