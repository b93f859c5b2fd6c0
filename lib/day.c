#include "day.h"

#include <stdio.h>

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Counts in years that begin in March, so that the leap day is the last one, and in eras of 400
 * years, which all have 146,097 days. */
int day_from_civil(int year, int month, int day, int32_t *out)
{
	int era, of_era, of_year, of_400;

	if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
	    day > month_days(year, month))
		return -1;
	year -= month <= 2;
	era = year / 400;
	of_era = year % 400;
	of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	of_400 = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
	*out = era * 146097 + of_400 - 719468; /* days from 0000-03-01 to 1970-01-01 */
	return 0;
}

void day_to_civil(int32_t day, int *year, int *month, int *mday)
{
	int z = day + 719468;
	int era = (z >= 0 ? z : z - 146096) / 146097;
	int of_400 = z - era * 146097;
	int of_era = (of_400 - of_400 / 1460 + of_400 / 36524 - of_400 / 146096) / 365;
	int of_year = of_400 - (365 * of_era + of_era / 4 - of_era / 100);
	int m = (5 * of_year + 2) / 153;

	*mday = of_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = of_era + era * 400 + (*month <= 2);
}

void day_text(int32_t day, char out[DAY_TEXT_SIZE])
{
	int year, month, mday;
	char text[48];

	day_to_civil(day, &year, &month, &mday);
	snprintf(text, sizeof(text), "%04d-%02d-%02d", year, month, mday);
	memcpy(out, text, DAY_TEXT_SIZE - 1);
	out[DAY_TEXT_SIZE - 1] = '\0';
}

int day_read(struct span text, int32_t *out)
{
	int part[3] = {0, 0, 0}, k = 0;

	if (text.len != 10)
		return -1;
	for (size_t i = 0; i < 10; i++) {
		char c = text.at[i];

		if (i == 4 || i == 7) {
			if (c != '-')
				return -1;
			k++;
		} else if (c < '0' || c > '9') {
			return -1;
		} else {
			part[k] = part[k] * 10 + (c - '0');
		}
	}
	return day_from_civil(part[0], part[1], part[2], out);
}
