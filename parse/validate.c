#include "validate.h"

#include "day.h"

/* Books of a person or firm alive today; beyond them a date is a slip of the keyboard or a cell
 * that was never filled. No clock: the same rows give the same marks on every day. */
#define YEAR_FIRST 1900
#define YEAR_LAST  2200

/* What is the same for many rows is worked out once. */
struct limits {
	int32_t first, last;	      /* days */
	char currency[CURRENCY_SIZE]; /* found in ISO 4217 last */
};

static void validate_day(struct rows *rows, uint32_t i, const struct limits *limits)
{
	int year, month, day;

	if (rows->day[i] >= limits->first && rows->day[i] <= limits->last)
		return;
	day_to_civil(rows->day[i], &year, &month, &day);
	rows_reject(rows, i, "date-range", "The year %d is outside %d to %d", year, YEAR_FIRST,
		    YEAR_LAST);
}

static void validate_money(struct rows *rows, uint32_t i, struct limits *limits)
{
	const char *code = rows->currency[i].code;

	if (rows->amount_minor[i] > MONEY_MAX_MINOR || rows->amount_minor[i] < -MONEY_MAX_MINOR)
		rows_reject(rows, i, "amount-range", "The amount is beyond what is booked");
	if (memcmp(code, limits->currency, CURRENCY_SIZE) == 0)
		return;
	if (money_exponent(code) < 0)
		rows_reject(rows, i, "currency-unknown-code",
			    "\"%.3s\" is not a currency code of ISO 4217", code);
	else
		memcpy(limits->currency, code, CURRENCY_SIZE);
}

/* Eight bytes without control characters, DEL or anything beyond ASCII? */
static bool plain_8(const char *at)
{
	uint64_t word;

	memcpy(&word, at, 8);
	return (((word - UINT64_C(0x2020202020202020)) | (word + UINT64_C(0x0101010101010101)) |
		 word) &
		UINT64_C(0x8080808080808080)) == 0;
}

/* Line ends, tabs and other control characters (U+0000-001F, 007F-009F) become blanks: no reason to
 * lose a row, and no guests for terminals and exports. `raw` keeps the record as it was. */
static void validate_text(struct rows *rows, struct text_ref ref)
{
	char *text = rows->text + ref.off;

	for (uint32_t i = 0; i < ref.len; i++) {
		unsigned char c;

		while (i + 8 < ref.len && plain_8(text + i))
			i += 8;
		c = (unsigned char)text[i];
		if (c < 0x20 || c == 0x7f)
			text[i] = ' ';
		if (c == 0xc2 && i + 1 < ref.len && (unsigned char)text[i + 1] < 0xa0)
			text[i] = text[i + 1] = ' ';
	}
}

void validate_rows(struct rows *rows)
{
	struct text_ref nothing = {0, 0};
	struct limits limits = {0};

	day_from_civil(YEAR_FIRST, 1, 1, &limits.first);
	day_from_civil(YEAR_LAST, 12, 31, &limits.last);
	for (uint32_t i = 0; i < rows->n; i++) {
		if (rows->state[i] == ROW_REJECTED)
			continue;
		validate_day(rows, i, &limits);
		validate_money(rows, i, &limits);
		validate_text(rows, rows->description[i]);
		validate_text(rows, rows->reference[i]);
		if (rows->state[i] == ROW_REJECTED || rows->description[i].len > 0)
			continue;
		/* A row without words is money all the same. */
		if (nothing.len == 0)
			nothing = rows_text(rows, span_text(ROWS_NO_DESCRIPTION));
		rows->description[i] = nothing;
	}
}
