/*
 * bookwrite - the calls that change a company's books, rules or chart: short writes.
 *
 * Shape    each goes through the broker to the stage that owns what changes, keyed by the request's
 *          id, and waits for its answer. With an Idempotency-Key the id is made of the key, so that
 *          the same call again has the first one's answer. tenant_id and company_id may stand in
 *          the query or in the body.
 * Owns     bookwrite_send takes the body.
 */
#ifndef DAYBOOK_STATUS_API_BOOKWRITE_H
#define DAYBOOK_STATUS_API_BOOKWRITE_H

#include <jansson.h>

#include "name.h"
#include "request.h"

void bookwrite_categorize(struct request *r);
void bookwrite_categorize_group(struct request *r);
void bookwrite_undo_answer(struct request *r);
void bookwrite_undo_import(struct request *r);
void bookwrite_undo_transfer(struct request *r);
void bookwrite_rules_get(struct request *r);
void bookwrite_rules_put(struct request *r);
void bookwrite_rules_test(struct request *r);
void bookwrite_accounts_get(struct request *r);
void bookwrite_accounts_put(struct request *r);

struct bookwrite {
	const char *stage, *verb;
	struct span tenant, company;
	json_t *body;
};

/* Answers the request in the end: 200 with what the stage said, or its refusal. */
void bookwrite_send(struct request *r, struct bookwrite *what);

#endif
