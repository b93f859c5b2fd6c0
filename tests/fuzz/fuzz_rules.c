/*
 * fuzz_rules - any text as a rule set: refused with its place, or compiled and applied to a few
 * rows.
 */
#include <assert.h>

#include "rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static struct rows *some_rows(void)
{
	static const char *const descriptions[] = {
		"TESCO STORES 1234", "Caf\xc3\xa9 d'\xc3\xa9t\xc3\xa9", "a", "\xff not text", ""};
	struct rows *rows = rows_new();

	for (size_t i = 0; i < sizeof(descriptions) / sizeof(descriptions[0]); i++) {
		uint32_t row = rows_add(rows);

		rows->amount_minor[row] = i % 2 ? 1250 : -990;
		memcpy(rows->currency[row].code, "EUR", CURRENCY_SIZE);
		rows->description[row] = rows_text(rows, span_text(descriptions[i]));
		rows->bank[row] = rows_text(rows, span_text("Assets:Bank:Checking"));
	}
	return rows;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct rules_source source = {.name = "fuzz", .text = span_of((const char *)bytes, len)};
	struct rows *rows = some_rows();
	struct rules *rules = NULL;
	struct fault why = {0};

	if (rules_compile(&source, 1, &rules, &why) == 0) {
		rules_apply(rules, rows);
		for (uint32_t i = 0; i < rows->n; i++)
			assert(rows->account[i].len == 0 || rows->decider[i].len > 0);
	} else {
		assert(why.class == FAULT_JOB && why.code[0] && why.text[0]);
	}
	rules_free(&rules);
	rows_free(&rows);
	return 0;
}
