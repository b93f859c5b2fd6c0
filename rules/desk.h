/*
 * desk - what people ask of their rules and their chart, and change.
 *
 * Shape    one call, one JSON object in, one out. Verbs: "get-rules" {}; "put-rules" {rules,
 *          version} (version, if given, is the one that was seen); "test-rules" {rules,
 *          descriptions: ["..." or {description, amount, currency, account, date}]};
 *          "get-accounts" {}; "put-accounts" {text or accounts, version}.
 *          What cannot be done is answered {"refused": {status, code, text, hint, errors}} and
 *          changes nothing; errors have the line and column of each fault.
 * Errors   -1: of reading and writing the files.
 */
#ifndef DAYBOOK_RULES_DESK_H
#define DAYBOOK_RULES_DESK_H

#include <jansson.h>

#include "library.h"

struct desk {
	struct library *library;
	struct span tenant, company;
	const json_t *body;
	struct buf *answer;
};

/* 1: it is none of these verbs. */
int desk_do(struct desk *desk, struct span verb, struct fault *why);

#endif
