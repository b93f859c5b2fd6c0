#include "balance.h"

static bool comparable(const struct rows *rows, uint32_t a, uint32_t b)
{
	return rows->state[a] == ROW_OK && rows->state[b] == ROW_OK &&
	       (rows->flags[a] & rows->flags[b] & ROW_HAS_BALANCE) &&
	       memcmp(rows->currency[a].code, rows->currency[b].code, CURRENCY_SIZE) == 0;
}

uint32_t balance_runs(const struct rows *rows, bool inverted)
{
	uint32_t down = 0, up = 0;

	for (uint32_t i = 1; i < rows->n; i++) {
		int64_t change, here, before;

		if (!comparable(rows, i - 1, i))
			continue;
		change = rows->balance_minor[i] - rows->balance_minor[i - 1];
		here = inverted ? -rows->amount_minor[i] : rows->amount_minor[i];
		before = inverted ? -rows->amount_minor[i - 1] : rows->amount_minor[i - 1];
		if (change == 0)
			continue; /* says nothing */
		down += change == here;
		up += -change == before;
	}
	return down > up ? down : up;
}

/* The first unit's rows under `reading`. */
static int balance_sample(int fd, const struct reading *reading, struct rows *rows,
			  struct fault *why)
{
	struct reader_place next;
	bool last;

	rows_clear(rows);
	return reader_unit(reading, fd, reading->start, NULL, rows, &next, &last, why);
}

static int settle_fee(int fd, struct reading *reading, struct rows *rows, struct fault *why)
{
	int16_t fee = reading->columns.fee;
	uint32_t with, without;

	if (balance_sample(fd, reading, rows, why) != 0)
		return -1;
	with = balance_runs(rows, false);
	reading->columns.fee = -1;
	if (balance_sample(fd, reading, rows, why) != 0)
		return -1;
	without = balance_runs(rows, false);
	if (with > without)
		reading->columns.fee = fee;
	if (with == without)
		notes_add(&reading->assumed,
			  "The column of fees is taken to be part of the amounts");
	return 0;
}

#define UNSIGNED_MANY 5 /* so many deposits and no payment are no longer likely */

static int settle_direction(int fd, struct reading *reading, struct rows *rows, struct fault *why)
{
	uint32_t printed, inverted;

	reading->sign = SIGN_AMOUNT;
	if (balance_sample(fd, reading, rows, why) != 0)
		return -1;
	printed = balance_runs(rows, false);
	inverted = balance_runs(rows, true);
	if (inverted > printed)
		reading->sign = SIGN_INVERTED;
	if ((printed > 0 && inverted > 0) || (inverted == printed && rows->n >= UNSIGNED_MANY)) {
		fault_set(why, FAULT_JOB, "sign-unknown",
			  printed > 0 ? "no amount has a minus, and the balance goes up and down: "
					"the column that says which is not known"
				      : "no amount has a minus, and nothing tells money in from "
					"money out");
		return fault_hint(why, "say flag_column, or sign, in profile: amount (all is money "
				       "in) or inverted");
	}
	if (inverted == printed)
		notes_add(&reading->assumed, "No amount has a minus: all are read as money in");
	return 0;
}

int balance_settle(int fd, struct reading *reading, struct fault *why)
{
	bool sign_open = reading->sign == SIGN_UNKNOWN;
	struct rows *rows;
	int rc = 0;

	if (reading->columns.fee == -1 && !sign_open)
		return 0;
	rows = rows_new();
	if (sign_open)
		rc = settle_direction(fd, reading, rows, why);
	if (rc == 0 && reading->columns.fee != -1)
		rc = settle_fee(fd, reading, rows, why);
	rows_free(&rows);
	return rc;
}
