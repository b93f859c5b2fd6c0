#include "datelex.h"

#include <strings.h>

#include "day.h"
#include "daytime.h"
#include "mem.h"
#include "month.h"
#include "plain.h"
#include "words.h"

/* A reader's place in the field. */
struct cursor {
	const char *at, *end;
};

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits at the cursor: how many, 0 to 14; their value when there are at most 8. */
static int lex_number(struct cursor *c, int *value)
{
	int n = 0;

	*value = 0;
	while (c->at < c->end && is_digit(*c->at) && n < 14) {
		if (n < 8)
			*value = *value * 10 + (*c->at - '0');
		c->at++;
		n++;
	}
	return n;
}

/* Passes one of the words at the cursor, separated by '|'. */
static bool lex_word(struct cursor *c, const char *words)
{
	while (*words) {
		size_t len = (size_t)(strchrnul(words, '|') - words);

		if ((size_t)(c->end - c->at) > len && strncasecmp(c->at, words, len) == 0) {
			c->at += len;
			return true;
		}
		words += len + (words[len] == '|');
	}
	return false;
}

/* "3 de enero de 2024", "3rd of January '24" */
static void lex_filler(struct cursor *c)
{
	lex_word(c, "de |del |of |'");
}

/* What makes a number of a day: "3rd", "1er", "1º" */
static void lex_ordinal(struct cursor *c)
{
	struct cursor after = *c;

	if (lex_word(&after, "st|nd|rd|th|er|º") && strchr(" ,-", *after.at))
		*c = after;
}

/* After the separators at the cursor: day or year stand behind every month. Most words are none. */
static bool lex_number_follows(struct cursor c)
{
	while (c.at < c.end && strchr(" -/.,\t", *c.at))
		c.at++;
	lex_filler(&c);
	return c.at < c.end && is_digit(*c.at);
}

/* A word at the cursor that names a month; 0 when it does not. */
static int lex_month(struct cursor *c)
{
	const char *start = c->at;
	size_t len;
	int month = month_thai(span_of(c->at, (size_t)(c->end - c->at)), &len);

	if (month != 0) {
		c->at += len;
		return month;
	}
	while (c->at < c->end && !is_digit(*c->at) && !strchr(" -/.,\t", *c->at))
		c->at++;
	if (c->at - start < 3 || c->at - start > 32 || !lex_number_follows(*c))
		return 0;
	return month_of(span_of(start, (size_t)(c->at - start)));
}

/* The signs of year and month between numbers: 2024年1月31日, 2024년 1월 31일. Leaves the
 * cursor on its last byte. */
static bool lex_era(struct cursor *c)
{
	static const char *const signs[] = {"年", "月", "년", "월"};

	for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
		if (c->end - c->at < 3 || memcmp(c->at, signs[i], 3) != 0)
			continue;
		c->at += 2;
		return true;
	}
	return false;
}

/* One separator with blanks around it ("31. 12. 2024", "Jan 31, 2024"); 0 when there is none. */
static char lex_separator(struct cursor *c)
{
	char separator = 0;

	for (; c->at < c->end && !is_digit(*c->at); c->at++) {
		if (*c->at == ' ')
			separator = separator ? separator : ' ';
		else if (strchr("-/.,_\\", *c->at) && (!separator || separator == ' '))
			separator = *c->at;
		else if (!separator && lex_era(c))
			separator = '-';
		else if (!(*c->at == ',' && separator == '.'))
			break;
	}
	return separator;
}

static bool lex_is_over(struct cursor c)
{
	return daytime_is_all(span_of(c.at, (size_t)(c.end - c.at)));
}

#define SOLID_FIRST 1990 /* a year behind day and month: what else has as many digits is none */
#define SOLID_LAST  2049

/* 31012024, or 1312024 where a spreadsheet took a first zero off. */
static int lex_solid(struct cursor c, int value, struct lexed_date *lexed)
{
	*lexed = (struct lexed_date){
		FORM_LAST, {value / 1000000, value / 10000 % 100, value % 10000}, 0};
	return lexed->n[2] >= SOLID_FIRST && lexed->n[2] <= SOLID_LAST && c.at == c.end ? 0 : -1;
}

/* 20240131, and with a time: 20240131235959[-5:EST]. */
static int lex_compact(struct cursor c, int digits, int value, struct lexed_date *lexed)
{
	*lexed = (struct lexed_date){
		FORM_SETTLED, {value / 10000, value / 100 % 100, value % 100}, 0};
	if (digits < 8 || lexed->n[0] < 1950 || lexed->n[0] > 2199 || lexed->n[1] > 12)
		return lex_solid(c, value, lexed);
	if (digits == 8)
		return lex_is_over(c) ? 0 : -1;
	return c.at == c.end || *c.at == '[' || *c.at == '.' ? 0 : -1;
}

static int year_of(int value, int digits)
{
	if (digits > 2)
		return value;
	return value < 70 ? 2000 + value : 1900 + value; /* as POSIX has it for strptime %y */
}

/* The time of day in the middle of a date: "Jan 31 18:22:05 2024". */
static void lex_clock(struct cursor *c)
{
	struct span rest = span_of(c->at, (size_t)(c->end - c->at));

	if (daytime_pass(&rest) && rest.len > 4 && *rest.at == ' ' && is_digit(rest.at[1]))
		c->at = rest.at + 1;
}

/* "Jan 31, 2024" */
static int lex_month_first(struct cursor c, struct lexed_date *lexed)
{
	int month = lex_month(&c), day, year, digits;

	if (month == 0 || !lex_separator(&c) || lex_number(&c, &day) == 0)
		return -1;
	lex_ordinal(&c);
	if (!lex_separator(&c))
		return -1;
	lex_clock(&c);
	digits = lex_number(&c, &year);
	if ((digits != 2 && digits != 4) || !lex_is_over(c))
		return -1;
	*lexed = (struct lexed_date){FORM_SETTLED, {year_of(year, digits), month, day}, ' '};
	return 0;
}

#define BUDDHIST_CENTURY 2500 /* until 2057 */

/* "31 Jan 2024", "2024-Jan-31": the first number and its separator are read already. */
static int lex_month_second(struct cursor c, int first, int digits, struct lexed_date *lexed)
{
	size_t thai;
	bool era = month_thai(span_of(c.at, (size_t)(c.end - c.at)), &thai) != 0;
	int month, third, third_digits;

	lex_filler(&c);
	month = lex_month(&c);
	if (month == 0 || (!lex_separator(&c) && (c.at == c.end || !is_digit(*c.at))))
		return -1;
	lex_filler(&c);
	third_digits = lex_number(&c, &third);
	if (third_digits == 0 || !lex_is_over(c))
		return -1;
	if (era && third_digits == 2) { /* 67 is 2567: date.c makes 2024 of it */
		third += BUDDHIST_CENTURY;
		third_digits = 4;
	}
	if (digits == 4 && third_digits <= 2)
		*lexed = (struct lexed_date){FORM_SETTLED, {first, month, third}, ' '};
	else if (digits <= 2 && (third_digits == 2 || third_digits == 4))
		*lexed = (struct lexed_date){
			FORM_SETTLED, {year_of(third, third_digits), month, first}, ' '};
	else
		return -1;
	return 0;
}

/* Years of the Republic of China, of which 100 is 2011: what else has three digits is none. */
#define ROC_FIRST 100
#define ROC_LAST  199
#define ROC_YEARS 1911

/* Passes a day of the week, or "on": "Thu 15 Jan", "Do., 15.01.", "le 15/01/2024".
 * Most words are none. */
static bool lex_weekday(struct cursor *c)
{
	static const char days[] =
		"|mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|die|mit|don|fre|sam|son|lun|mar|"
		"mer|jeu|ven|dim|mie|jue|vie|sab|dom|gio|maa|din|woe|vri|zat|zon|tis|ons|tor|lor|"
		"man|lau|pon|wto|sro|czw|pia|sob|nie|seg|ter|qua|qui|sex|le|am|el|";
	char folded[32], needle[8] = "|";
	const char *at = c->at;
	size_t len;

	while (at < c->end && !is_digit(*at) && !strchr(" .,", *at))
		at++;
	if (at - c->at < 2 || at - c->at > 16 || (!is_digit(c->end[-1]) && c->end[-1] != ')'))
		return false;
	len = words_fold(span_of(c->at, (size_t)(at - c->at)), folded, sizeof(folded));
	len = len < 3 ? len : 3;
	memcpy(needle + 1, folded, len);
	memcpy(needle + 1 + len, "|", 2);
	while (at < c->end && strchr(" .,", *at))
		at++;
	c->at = at;
	return strstr(days, needle) != NULL;
}

/* What stands before the years of an emperor of Japan, or of the Republic of China, and the year
 * before the first. */
static const struct reign {
	const char *name;
	int before;
} reigns[] = {{"令和", 2018}, {"平成", 1988}, {"昭和", 1925},	   {"R", 2018},
	      {"H", 1988},    {"S", 1925},    {"民國", ROC_YEARS}, {"民国", ROC_YEARS}};

/* "令和6年1月15日", "R6.01.15", "H 31/4/30"; the first year may be called 元. */
static int lex_reign(struct cursor c, struct lexed_date *lexed)
{
	const struct reign *reign = NULL;
	int year = 1, month, day;
	char separator;

	for (size_t i = 0; i < ARRAY_LEN(reigns) && !reign; i++) {
		size_t len = strlen(reigns[i].name);

		if ((size_t)(c.end - c.at) <= len || memcmp(c.at, reigns[i].name, len) != 0)
			continue;
		reign = &reigns[i];
		c.at += len;
	}
	if (!reign)
		return -1;
	while (c.at < c.end && (*c.at == ' ' || *c.at == '.'))
		c.at++;
	if (c.end - c.at > 3 && memcmp(c.at, "元", 3) == 0)
		c.at += 3;
	else if (lex_number(&c, &year) == 0 || year < 1 || year > ROC_LAST)
		return -1;
	separator = lex_separator(&c);
	if (!separator || lex_number(&c, &month) == 0 || lex_separator(&c) != separator ||
	    lex_number(&c, &day) == 0 || !lex_is_over(c))
		return -1;
	*lexed = (struct lexed_date){FORM_SETTLED, {reign->before + year, month, day}, separator};
	return 0;
}

static int lex_number_first(struct cursor c, struct lexed_date *lexed);

static int lex_field(struct span text, struct lexed_date *lexed)
{
	struct cursor c = {text.at, text.at + text.len};

	if (text.len < 6 || text.len > 64)
		return -1;
	if (*c.at == '\'' && is_digit(c.at[1]))
		c.at++; /* how spreadsheets are told: a text */
	if (is_digit(*c.at))
		return lex_number_first(c, lexed);
	if (lex_month_first(c, lexed) == 0 || lex_reign(c, lexed) == 0)
		return 0;
	if (!lex_weekday(&c) || c.end - c.at < 6)
		return -1;
	return is_digit(*c.at) ? lex_number_first(c, lexed) : lex_month_first(c, lexed);
}

static int lex_number_first(struct cursor c, struct lexed_date *lexed)
{
	int digits[3];
	char separator;

	digits[0] = lex_number(&c, &lexed->n[0]);
	if (digits[0] == 7 || digits[0] == 8 || digits[0] == 14)
		return lex_compact(c, digits[0], lexed->n[0], lexed);
	lex_ordinal(&c);
	separator = lex_separator(&c);
	if (!separator && c.at < c.end && digits[0] <= 2 && (*c.at | 0x20) >= 'a' &&
	    (*c.at | 0x20) <= 'z')
		return lex_month_second(c, lexed->n[0], digits[0], lexed); /* 15Jan2026 */
	if (digits[0] == 3 && lexed->n[0] >= ROC_FIRST && lexed->n[0] <= ROC_LAST) {
		lexed->n[0] += ROC_YEARS;
		digits[0] = 4;
	}
	if (!separator || c.at == c.end || digits[0] > 4 || digits[0] == 3)
		return -1;
	if (!is_digit(*c.at))
		return lex_month_second(c, lexed->n[0], digits[0], lexed);
	digits[1] = lex_number(&c, &lexed->n[1]);
	if (digits[1] > 2 || lex_separator(&c) != separator)
		return -1;
	digits[2] = lex_number(&c, &lexed->n[2]);
	if (digits[2] == 0 || !lex_is_over(c))
		return -1;
	lexed->separator = separator;
	if (digits[0] == 4)
		lexed->form = FORM_SETTLED;
	else if (digits[2] == 4)
		lexed->form = FORM_LAST;
	else
		lexed->form = FORM_SHORT;
	return digits[2] <= 2 || (digits[2] == 4 && digits[0] <= 2) ? 0 : -1;
}

int date_lex(struct span text, struct lexed_date *lexed)
{
	char room[PLAIN_MAX];
	struct span plain;

	if (lex_field(text, lexed) == 0)
		return 0;
	return plain_of(text, room, &plain) ? lex_field(span_trim(plain), lexed) : -1;
}

int lexed_day(const struct lexed_date *lexed, enum date_order order, int32_t *day)
{
	const int *n = lexed->n;

	if (lexed->form == FORM_SETTLED)
		return day_from_civil(n[0], n[1], n[2], day);
	if (order == DATE_YMD && lexed->form == FORM_SHORT)
		return day_from_civil(year_of(n[0], 2), n[1], n[2], day);
	return day_from_civil(lexed->form == FORM_SHORT ? year_of(n[2], 2) : n[2],
			      order == DATE_MDY ? n[0] : n[1], order == DATE_MDY ? n[1] : n[0],
			      day);
}
