/*
 * form - the named values that come with an upload.
 *
 * Shape    the names are fixed; a value comes in one piece or several. Every fault is named in the
 *          problem, and the rest is still taken.
 * Owns     a zero struct form is empty; form_release frees its values.
 */
#ifndef DAYBOOK_STATUS_API_FORM_H
#define DAYBOOK_STATUS_API_FORM_H

#include "name.h"
#include "problem.h"

enum form_field {
	FORM_TENANT,
	FORM_COMPANY,
	FORM_ACCOUNT,
	FORM_CURRENCY,
	FORM_DATE_ORDER,
	FORM_PROFILE,
	FORM_PRIORITY,
	FORM_FILE_NAME, /* of a raw body; a form's part has its own */
	FORM_FIELDS
};

struct form {
	const char *place; /* "body" or "query" */
	struct buf values[FORM_FIELDS];
	bool given[FORM_FIELDS];
	bool over[FORM_FIELDS]; /* too long, said once */
	uint32_t priority;	/* filled by form_check */
};

/* Which field, or -1 after naming it in the problem: unknown or given before. */
int form_begin(struct form *form, struct span name, struct problem *p);
void form_add(struct form *form, int field, struct span bytes, struct problem *p);
/* Checks all of them; fills tenant and company, and `params` with the members of the job's
 * parameters ("account":..., ...) in a fixed order, so that equal requests give equal bytes. */
int form_check(struct form *form, struct problem *p, char tenant[NAME_SIZE],
	       char company[NAME_SIZE], struct buf *params);
void form_release(struct form *form);

#endif
