#include "date.h"

#include "day.h"
#include "mem.h"
#include "words.h"

enum date_form {
	FORM_SETTLED, /* year, month and day are known: n[0], n[1], n[2] */
	FORM_LAST,    /* n[0] and n[1] are day and month in some order, n[2] is the year */
	FORM_SHORT    /* three numbers of at most two digits */
};

struct lexed {
	enum date_form form;
	int n[3];
	char separator;
};

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

/* Month names begin like this, folded; at least three letters, so that abbreviations fit too. Where
 * two languages spell one beginning for two months, neither is listed. */
static int month_of(struct span folded)
{
	static const char *const beginnings[12] = {
		"jan|ene|gen",
		"feb|fev",
		"mar|mrz|maer|maar|mrt",
		"apr|avr|abr",
		"may|mai|maj|mag|mei",
		"jun|juin|giu",
		"jul|juil|lug",
		"aug|aou|ago",
		"sep|set",
		"oct|okt|ott|out",
		"nov",
		"dec|dez|dic|des",
	};

	for (int month = 0; month < 12; month++) {
		const char *at = beginnings[month];

		while (*at) {
			size_t len = strcspn(at, "|");

			if (folded.len >= len && memcmp(folded.at, at, len) == 0)
				return month + 1;
			at += len + (at[len] == '|');
		}
	}
	return 0;
}

/* A word at the cursor that names a month; 0 when it does not. */
static int lex_month(struct cursor *c)
{
	const char *start = c->at;
	char folded[16];
	size_t len;

	while (c->at < c->end && !is_digit(*c->at) && !strchr(" -/.,\t", *c->at))
		c->at++;
	if (c->at - start < 3 || c->at - start > 24)
		return 0;
	len = words_fold(span_of(start, (size_t)(c->at - start)), folded, sizeof(folded));
	return month_of(span_of(folded, len));
}

/* One separator with blanks around it ("31. 12. 2024", "Jan 31, 2024"); 0 when there is none. */
static char lex_separator(struct cursor *c)
{
	char separator = 0;

	for (; c->at < c->end && !is_digit(*c->at); c->at++) {
		if (*c->at == ' ')
			separator = separator ? separator : ' ';
		else if ((*c->at == '-' || *c->at == '/' || *c->at == '.' || *c->at == ',') &&
			 (!separator || separator == ' '))
			separator = *c->at;
		else if (!(*c->at == ',' && separator == '.'))
			break;
	}
	return separator;
}

/* After the date: nothing, a full stop, or a time of day. */
static bool lex_is_over(struct cursor c)
{
	bool colon = false;

	if (c.at < c.end && *c.at == '.')
		c.at++;
	if (c.at == c.end)
		return true;
	if (*c.at != ' ' && *c.at != 'T' && *c.at != ',')
		return false;
	c.at++;
	while (c.at < c.end && *c.at == ' ')
		c.at++;
	if (c.at == c.end || !is_digit(*c.at) || c.end - c.at > 32)
		return false;
	for (; c.at < c.end; c.at++) {
		if (!is_digit(*c.at) && !strchr(":.+- TZAPMapmUGCES", *c.at))
			return false;
		colon |= *c.at == ':';
	}
	return colon;
}

/* 20240131, and with a time: 20240131235959[-5:EST]. */
static int lex_compact(struct cursor c, int digits, int value, struct lexed *lexed)
{
	*lexed = (struct lexed){FORM_SETTLED, {value / 10000, value / 100 % 100, value % 100}, 0};
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

/* "Jan 31, 2024" */
static int lex_month_first(struct cursor c, struct lexed *lexed)
{
	int month = lex_month(&c), day, year, digits;

	if (month == 0 || !lex_separator(&c) || lex_number(&c, &day) == 0 || !lex_separator(&c))
		return -1;
	digits = lex_number(&c, &year);
	if ((digits != 2 && digits != 4) || !lex_is_over(c))
		return -1;
	*lexed = (struct lexed){FORM_SETTLED, {year_of(year, digits), month, day}, ' '};
	return 0;
}

/* "31 Jan 2024", "2024-Jan-31": the first number and its separator are read already. */
static int lex_month_second(struct cursor c, int first, int digits, struct lexed *lexed)
{
	int month = lex_month(&c), third, third_digits;

	if (month == 0 || !lex_separator(&c))
		return -1;
	third_digits = lex_number(&c, &third);
	if (third_digits == 0 || !lex_is_over(c))
		return -1;
	if (digits == 4 && third_digits <= 2)
		*lexed = (struct lexed){FORM_SETTLED, {first, month, third}, ' '};
	else if (digits <= 2 && (third_digits == 2 || third_digits == 4))
		*lexed = (struct lexed){
			FORM_SETTLED, {year_of(third, third_digits), month, first}, ' '};
	else
		return -1;
	return 0;
}

static int date_lex(struct span text, struct lexed *lexed)
{
	struct cursor c;
	int digits[3];
	char separator;

	if (text.len < 6 || text.len > 64)
		return -1;
	c = (struct cursor){text.at, text.at + text.len};
	if (!is_digit(*c.at))
		return lex_month_first(c, lexed);
	digits[0] = lex_number(&c, &lexed->n[0]);
	if (digits[0] == 8 || digits[0] == 14)
		return lex_compact(c, digits[0], lexed->n[0], lexed);
	separator = lex_separator(&c);
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

/* The day that a lexed date is in an order; -1 when there is no such day. */
static int lexed_day(const struct lexed *lexed, enum date_order order, int32_t *day)
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

int date_read(struct span text, enum date_order order, int32_t *day)
{
	struct lexed lexed;

	if (date_lex(span_trim(text), &lexed) != 0)
		return -1;
	return lexed_day(&lexed, order, day);
}

/* Orders in which the date exists; `differ` gets the pairs of them that mean different days. */
static unsigned lexed_orders(const struct lexed *lexed, unsigned *differ)
{
	static const enum date_order orders[] = {DATE_DMY, DATE_MDY, DATE_YMD};
	unsigned possible = 0;
	int32_t day[ARRAY_LEN(orders)];

	*differ = 0;
	for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
		if (lexed_day(lexed, orders[i], &day[i]) != 0)
			continue;
		for (size_t j = 0; j < i; j++) {
			if ((possible & orders[j]) && day[i] != day[j])
				*differ |= 1u << (orders[i] | orders[j]);
		}
		possible |= orders[i];
	}
	return possible;
}

static void evidence_range(struct date_evidence *evidence, const struct lexed *lexed)
{
	bool first = !evidence->short_years;

	if (lexed->form != FORM_SHORT)
		return;
	evidence->short_years = true;
	if (first || lexed->n[0] < evidence->first_low)
		evidence->first_low = lexed->n[0];
	if (first || lexed->n[0] > evidence->first_high)
		evidence->first_high = lexed->n[0];
	if (first || lexed->n[2] < evidence->last_low)
		evidence->last_low = lexed->n[2];
	if (first || lexed->n[2] > evidence->last_high)
		evidence->last_high = lexed->n[2];
}

void date_look(struct span text, uint64_t line, struct date_evidence *evidence)
{
	unsigned possible, differ;
	struct lexed lexed;
	int32_t day;

	text = span_trim(text);
	if (date_lex(text, &lexed) != 0)
		return;
	if (lexed.form == FORM_SETTLED) {
		evidence->dates += lexed_day(&lexed, DATE_YMD, &day) == 0;
		return;
	}
	possible = lexed_orders(&lexed, &differ);
	if (possible == 0)
		return; /* the 31st of February is no evidence */
	evidence->dates++;
	evidence->open++;
	evidence->dotted |= lexed.separator == '.';
	evidence_range(evidence, &lexed);
	for (unsigned order = DATE_DMY; order <= DATE_YMD; order <<= 1) {
		if (!(possible & order) && !(evidence->against & order))
			evidence->line[order] = line;
	}
	evidence->against |= (uint8_t)(DATE_ANY & ~possible);
	if (differ && !evidence->differ)
		span_copy(text, evidence->sample, sizeof(evidence->sample));
	evidence->differ |= (uint8_t)differ;
}

static int settle_refuse(const struct date_evidence *evidence, unsigned possible, struct fault *why)
{
	if (possible == 0)
		fault_set(why, FAULT_JOB, "date-order-ambiguous",
			  "line %llu cannot be day first, line %llu cannot be month first",
			  (unsigned long long)evidence->line[DATE_DMY],
			  (unsigned long long)evidence->line[DATE_MDY]);
	else
		fault_set(why, FAULT_JOB, "date-order-ambiguous",
			  "nothing in the file tells which part of \"%s\" is the day and which the "
			  "month",
			  evidence->sample);
	return fault_hint(why, "say date_order: dmy, mdy or ymd");
}

#define DAYS_APART 12 /* so far do days spread in most months, and years in no statement */

/* What two-digit years leave possible: over a statement years hardly change and days do, so the end
 * that changes more is not the year. */
static unsigned settle_short(const struct date_evidence *evidence, unsigned possible)
{
	int first = evidence->first_high - evidence->first_low;
	int last = evidence->last_high - evidence->last_low;

	if (first > last && first >= DAYS_APART)
		return possible & ~(unsigned)DATE_YMD;
	if (first < last && last >= DAYS_APART && (possible & DATE_YMD))
		return DATE_YMD;
	return possible;
}

/* Are there two orders left that read some date differently? */
static bool settle_open(const struct date_evidence *evidence, unsigned possible)
{
	static const unsigned pairs[] = {DATE_DMY | DATE_MDY, DATE_DMY | DATE_YMD,
					 DATE_MDY | DATE_YMD};

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		if ((possible & pairs[i]) == pairs[i] && (evidence->differ & 1u << pairs[i]))
			return true;
	}
	return false;
}

int date_settle(const struct date_evidence *evidence, enum date_order *order, struct fault *why)
{
	unsigned possible = DATE_ANY & ~evidence->against;

	*order = DATE_YMD;
	if (evidence->open == 0)
		return 0;
	if (evidence->short_years)
		possible = settle_short(evidence, possible);
	else
		possible &= ~(unsigned)DATE_YMD;
	/* With dots the day comes first, all over the world, unless some date cannot be so. */
	if (evidence->dotted && (possible & DATE_DMY))
		possible = DATE_DMY;
	if (possible == 0 || settle_open(evidence, possible))
		return settle_refuse(evidence, possible, why);
	*order = possible & DATE_DMY ? DATE_DMY : possible & DATE_MDY ? DATE_MDY : DATE_YMD;
	return 0;
}

const char *date_order_name(enum date_order order)
{
	return order == DATE_DMY ? "dmy" : order == DATE_MDY ? "mdy" : "ymd";
}

enum date_order date_order_of(struct span name)
{
	if (span_is(name, "dmy"))
		return DATE_DMY;
	if (span_is(name, "mdy"))
		return DATE_MDY;
	return span_is(name, "ymd") ? DATE_YMD : 0;
}
