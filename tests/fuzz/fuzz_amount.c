/*
 * fuzz_amount - any bytes as an amount: refused, or read within bounds; the same with white space
 * around it, turned round by a minus before it, and never read otherwise than looked at.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "amount.h"
#include "plain.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_minor(const struct amount *amount)
{
	for (int exponent = 0; exponent <= 4; exponent++) {
		int64_t minor = 0;

		if (amount_minor(amount, exponent, &minor) != AMOUNT_OK)
			continue;
		assert(minor <= MONEY_MAX_MINOR && minor >= -MONEY_MAX_MINOR);
		/* next to nothing, in a number kept in binary, is nothing */
		assert(minor == 0 || (minor < 0) == (amount->mantissa < 0));
		assert(minor != 0 || amount->mantissa == 0 || amount->decimals >= 10);
	}
}

static void check_padded(struct span text, char mark, const struct amount *amount)
{
	struct amount again;
	char padded[300];

	if (text.len + 2 > sizeof(padded))
		return;
	padded[0] = padded[text.len + 1] = ' ';
	memcpy(padded + 1, text.at, text.len);
	assert(amount_read(span_of(padded, text.len + 2), mark, &again) == AMOUNT_OK);
	assert(again.mantissa == amount->mantissa && again.decimals == amount->decimals);
	padded[0] = '-';
	if (text.len < PLAIN_MAX && text.at[0] >= '1' && text.at[0] <= '9' &&
	    amount->mantissa > 0 && amount->mark == AMOUNT_BARE) {
		assert(amount_read(span_of(padded, text.len + 1), mark, &again) == AMOUNT_OK);
		assert(again.mantissa == -amount->mantissa);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *copy = malloc(len + 1); /* exactly as long, so that a byte too far is found */
	struct amount_evidence evidence = {0};
	struct amount amount, looked;
	struct span text = span_of(copy, len);
	char currency[CURRENCY_SIZE];

	if (!copy)
		abort();
	memcpy(copy, bytes, len);
	for (int i = 0; i < 2; i++) {
		char mark = i ? ',' : '.';

		if (amount_read(text, mark, &amount) != AMOUNT_OK)
			continue;
		check_minor(&amount);
		check_padded(text, mark, &amount);
		assert(amount_look(text, 1, &evidence, &looked) == AMOUNT_OK);
		assert((looked.mantissa < 0) == (amount.mantissa < 0));
	}
	if (amount_currency(text, currency))
		assert(money_exponent(currency) >= 0);
	free(copy);
	return 0;
}
