/*
 * direction - which way unsigned amounts went, by the running balance.
 *
 * Shape    all the same way where the balance only rises or only falls. Where it does both, a
 *          column of two words that say the same becomes the debit/credit column; else each row
 *          goes by its own balance: the lines that came in, and those of which no balance tells,
 *          stand in the reading, so that a unit needs no row before its first.
 * Errors   as reader_unit; JOB sign-unknown, profile-invalid (sign is balance, and nothing runs).
 * Owns     nothing.
 */
#ifndef DAYBOOK_PARSE_DIRECTION_H
#define DAYBOOK_PARSE_DIRECTION_H

#include "reading.h"
#include "rows.h"

/* Where sign is SIGN_UNKNOWN. `rows` is room. */
int direction_settle(int fd, struct reading *reading, struct rows *rows, struct fault *why);
/* Where sign is told to be SIGN_BALANCE. */
int direction_by_balance(int fd, struct reading *reading, struct rows *rows, struct fault *why);

#endif
