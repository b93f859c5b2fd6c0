/*
 * redact - takes out of a description what a model need not see.
 *
 * Shape    runs of six digits or more, also with single spaces, dots or dashes between them (cards,
 *          accounts, phones, order numbers), and IBANs become one '#'; e-mail addresses "@"; each
 *          run of white space one space. Cut to REDACT_MAX bytes, not within a character; bytes
 *          that are not UTF-8 become '?'. So one question stands for all orders of one shop.
 * Owns     nothing; adds to the caller's buf.
 */
#ifndef DAYBOOK_LLM_REDACT_H
#define DAYBOOK_LLM_REDACT_H

#include "buf.h"

#define REDACT_MAX 200

void redact(struct buf *out, struct span description);

#endif
