/*
 * rules_one - one row asked of one rule set, for the tests of rules.
 *
 * Shape    header only. The account that decides for a description, "" for none, in static text
 *          that lives until the next call.
 */
#ifndef DAYBOOK_TESTS_RULES_ONE_H
#define DAYBOOK_TESTS_RULES_ONE_H

#include "unit.h"

#include "rules.h"

static inline struct rules *rules_of_text(const char *text)
{
	struct rules_source source = {"test.rules", span_text(text)};
	struct fault why = {0};
	struct rules *rules = NULL;

	if (rules_compile(&source, 1, &rules, &why) != 0)
		fail_msg("%s (%s)", why.text, why.hint);
	return rules;
}

static inline const char *account_of_row(struct rules *rules, const char *description,
					 int64_t minor, const char *currency, const char *bank)
{
	static char account[256];
	struct rows *rows = rows_new();
	uint32_t i = rows_add(rows);

	rows->description[i] = rows_text(rows, span_text(description));
	rows->bank[i] = rows_text(rows, span_text(bank));
	rows->amount_minor[i] = minor;
	memcpy(rows->currency[i].code, currency, CURRENCY_SIZE);
	rules_apply(rules, rows);
	span_copy(rows_span(rows, rows->account[i]), account, sizeof account);
	rows_free(&rows);
	return account;
}

static inline const char *account_of(struct rules *rules, const char *description)
{
	return account_of_row(rules, description, -1000, "USD", "Assets:Bank:Checking");
}

#endif
