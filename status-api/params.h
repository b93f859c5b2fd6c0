/*
 * params - what a client may say, checked field by field.
 *
 * Shape    each function looks at one field and returns 0, or -1 after naming the field in the
 *          problem with a message and type in Pydantic's words; callers go on, so that all bad
 *          fields are named at once.
 *          Identifiers are 1 to 64 of A-Z a-z 0-9 _ -, or an integer, read as its digits.
 * Owns     nothing.
 */
#ifndef DAYBOOK_STATUS_API_PARAMS_H
#define DAYBOOK_STATUS_API_PARAMS_H

#include <jansson.h>

#include "account.h"
#include "id.h"
#include "money.h"
#include "name.h"
#include "problem.h"

#define PARAMS_KEY_MAX 255

#define PARAMS_PRIORITY_MAX 9

struct range {
	uint32_t least, most;
};

/* ---- text: a form's field, a query parameter; `text.at` NULL = not given ---- */

int params_name(struct problem *p, const char *place, const char *field, struct span text,
		char out[NAME_SIZE]);
/* One of the words of `allowed`, separated by '|'. */
int params_choice(struct problem *p, const char *place, const char *field, struct span text,
		  const char *allowed);
int params_u32(struct problem *p, const char *place, const char *field, struct span text,
	       struct range range, uint32_t *out);
int params_currency(struct problem *p, const char *place, const char *field, struct span text,
		    char out[CURRENCY_SIZE]);
/* A ledger account: Assets, Liabilities, Equity, Income or Expenses and one or more parts. */
int params_account(struct problem *p, const char *place, const char *field, struct span text);
int params_date(struct problem *p, const char *place, const char *field, struct span text);
int params_job(struct problem *p, const char *place, const char *field, struct span text,
	       struct id *out);
/* A JSON object in a text; given. */
int params_object(struct problem *p, const char *place, const char *field, struct span text,
		  json_t **out);
int params_idempotency_key(struct problem *p, const char *key);

/* ---- JSON bodies ---- */

/* The body as an object; an empty one is {} if `optional`. */
int params_body(struct problem *p, struct span body, bool optional, json_t **out);
int params_json_name(struct problem *p, const json_t *body, const char *field, char out[NAME_SIZE]);
/* Absent leaves *out. */
int params_json_u32(struct problem *p, const json_t *body, const char *field, struct range range,
		    uint32_t *out);
int params_json_bool(struct problem *p, const json_t *body, const char *field, bool *out);
/* Names every member that is not one of `known`, separated by '|'. */
int params_json_known(struct problem *p, const json_t *body, const char *known);

#endif
