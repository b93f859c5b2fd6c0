/*
 * fuzz_date - any bytes as a date: refused, or a day that its text gives again; what is looked at
 * over a file is settled as an order in which all of it can be read, or asked.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "date.h"
#include "day.h"

#define TODAY 20000 /* in 2024 */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_one(struct span text)
{
	static const enum date_order orders[] = {DATE_DMY, DATE_MDY, DATE_YMD};
	char written[DAY_TEXT_SIZE];
	int32_t day, again;

	for (size_t i = 0; i < 3; i++) {
		if (date_read(text, orders[i], &day) != 0)
			continue;
		day_text(day, written);
		if (strlen(written) == 10 && written[0] != '0' && written[0] != '-') {
			assert(date_read(span_text(written), orders[i], &again) == 0);
			assert(again == day);
		}
	}
	date_read(text, DATE_DMY | DATE_BUDDHIST, &day);
	if (date_read(text, DATE_YMD | DATE_SERIAL, &day) == 0)
		assert(day >= 0 && date_is_serial(text));
}

/* Lines of the input as the dates of a file. */
static void check_all(struct span text)
{
	struct date_evidence evidence = {0};
	struct date_verdict verdict;
	struct fault why = {0};
	uint64_t line = 0;

	while (text.len > 0) {
		const char *end = memchr(text.at, '\n', text.len);
		size_t len = end ? (size_t)(end - text.at) : text.len;

		check_one(span_of(text.at, len));
		date_look(span_of(text.at, len), ++line, &evidence);
		date_look_pair(span_of(text.at, len), text, &evidence);
		len += end != NULL;
		text = span_of(text.at + len, text.len - len);
	}
	if (date_settle(&evidence, NULL, TODAY, 0, &verdict, &why) == 0)
		assert(evidence.open == 0 || !(evidence.against & verdict.order));
	else
		assert(strcmp(why.code, "date-order-ambiguous") == 0 && why.hint[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *copy = malloc(len + 1);

	if (!copy)
		abort();
	memcpy(copy, bytes, len);
	check_all(span_of(copy, len));
	free(copy);
	return 0;
}
