/*
 * earlier - recognises a file that is made as one of this account's files before was.
 *
 * Shape    params may hold "earlier": saved readings (reading_save()), newest first. The first
 *          whose delimiter and headings (without a header: number of columns) the file has is
 *          taken: what its uploader told then holds again, but for what is told now; and what was
 *          found then answers where nothing in this file does.
 * Errors   as source; a reading that does not fit is no fault.
 * Owns     earlier_find changes `params` in place.
 */
#ifndef DAYBOOK_PARSE_EARLIER_H
#define DAYBOOK_PARSE_EARLIER_H

#include <jansson.h>

#include "source.h"
#include "wish.h"

/* 1 when the file is recognised, 0 when it is not. */
int earlier_find(struct source *source, json_t *params, struct wish_earlier *earlier,
		 struct fault *why);

#endif
