#include "day.h"

#include <stdio.h>

/* Days to 1 March 0000, from which on leap days fall at the end of a year; eras of 400 years have
 * 146,097 days. Method: Howard Hinnant, "chrono-compatible low-level date algorithms". */
#define DAY_ERA	  146097
#define DAY_EPOCH 719468

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int day_from_civil(int year, int month, int day, int32_t *out)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int y, era, of_era, of_year;

	if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1)
		return -1;
	if (day > lengths[month - 1] + (month == 2 && is_leap(year)))
		return -1;
	y = year - (month <= 2);
	era = y / 400;
	of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	of_era = y % 400 * 365 + y % 400 / 4 - y % 400 / 100 + of_year;
	*out = era * DAY_ERA + of_era - DAY_EPOCH;
	return 0;
}

void day_to_civil(int32_t day, int *year, int *month, int *mday)
{
	int64_t z = (int64_t)day + DAY_EPOCH;
	int64_t era = (z >= 0 ? z : z - (DAY_ERA - 1)) / DAY_ERA;
	int of_era = (int)(z - era * DAY_ERA);
	int y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int of_year = of_era - (365 * y + y / 4 - y / 100);
	int m = (5 * of_year + 2) / 153;

	*mday = of_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = (int)(y + era * 400) + (*month <= 2);
}

void day_text(int32_t day, char out[DAY_TEXT_SIZE])
{
	int year, month, mday;

	day_to_civil(day, &year, &month, &mday);
	if (year < 0 || year > 9999)
		year = 0; /* day_from_civil() gives no such day */
	out[0] = (char)('0' + year / 1000);
	out[1] = (char)('0' + year / 100 % 10);
	out[2] = (char)('0' + year / 10 % 10);
	out[3] = (char)('0' + year % 10);
	out[4] = '-';
	out[5] = (char)('0' + month / 10);
	out[6] = (char)('0' + month % 10);
	out[7] = '-';
	out[8] = (char)('0' + mday / 10);
	out[9] = (char)('0' + mday % 10);
	out[10] = '\0';
}

int day_read(struct span text, int32_t *out)
{
	int digits[10] = {0};

	if (text.len != 10 || text.at[4] != '-' || text.at[7] != '-')
		return -1;
	for (int i = 0; i < 10; i++) {
		digits[i] = text.at[i] - '0';
		if (i != 4 && i != 7 && (digits[i] < 0 || digits[i] > 9))
			return -1;
	}
	return day_from_civil(digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3],
			      digits[5] * 10 + digits[6], digits[8] * 10 + digits[9], out);
}
