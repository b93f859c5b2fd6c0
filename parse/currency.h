/*
 * currency - decides in what currency a file's amounts are.
 *
 * Shape    what the uploader said, else what stands beside amounts, in their column, the heading or
 *          the preamble, else that of the account's file before, else the default: unless signs,
 *          script or missing decimals speak against it. `reading->currency`, `sure.currency` and
 *          the notes say what was taken.
 * Errors   -1 with fault JOB currency-unknown, encoding-unknown.
 * Owns     nothing.
 */
#ifndef DAYBOOK_PARSE_CURRENCY_H
#define DAYBOOK_PARSE_CURRENCY_H

#include "evidence.h"

int currency_settle(const struct evidence *evidence, const struct setting *setting,
		    struct reading *reading, struct fault *why);
/* Does an encoding that was guessed make another script of the bytes than this currency's? */
int currency_check_script(const struct evidence *evidence, const struct setting *setting,
			  const struct reading *reading, struct fault *why);

#endif
