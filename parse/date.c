#include "date.h"

#include "datelex.h"
#include "mem.h"

#define BUDDHIST_FIRST	 2443 /* is 1900 */
#define BUDDHIST_LAST	 2743 /* is 2200: nobody has statements of such years of ours */
#define BUDDHIST_YEARS	 543
#define BUDDHIST_CENTURY 2500

/* Two digits are those of a year of the Buddhist era. */
static void lexed_short_era(struct lexed_date *lexed, enum date_order order)
{
	int *year = &lexed->n[order == DATE_YMD ? 0 : 2];

	if (lexed->form != FORM_SHORT)
		return;
	*year += BUDDHIST_CENTURY - BUDDHIST_YEARS;
	lexed->form = order == DATE_YMD ? FORM_SETTLED : FORM_LAST;
}

/* Is its year, of four digits, one of the Buddhist era? Makes ours of it when `change`. */
static bool lexed_era(struct lexed_date *lexed, bool change)
{
	int *year = &lexed->n[lexed->form == FORM_LAST ? 2 : 0];
	bool era = lexed->form != FORM_SHORT && *year >= BUDDHIST_FIRST && *year <= BUDDHIST_LAST;

	if (era && change)
		*year -= BUDDHIST_YEARS;
	return era;
}

#define SERIAL_FIRST 25569 /* 1970-01-01, counted from 1899-12-30 */
#define SERIAL_LAST  73050 /* 2099-12-31 */

/* "46037", and with a time of day "46037.4375". */
static int serial_read(struct span text, int32_t *day)
{
	int32_t serial = 0;
	size_t i = 0;

	text = span_trim(text);
	for (; i < text.len && i < 5 && text.at[i] >= '0' && text.at[i] <= '9'; i++)
		serial = serial * 10 + (text.at[i] - '0');
	if (i < 5 || (i < text.len && text.at[i] != '.' && text.at[i] != ','))
		return -1;
	while (++i < text.len) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return -1;
	}
	*day = serial - SERIAL_FIRST;
	return serial >= SERIAL_FIRST && serial <= SERIAL_LAST ? 0 : -1;
}

bool date_is_serial(struct span text)
{
	int32_t day;

	return serial_read(text, &day) == 0;
}

int date_read(struct span text, enum date_order order, int32_t *day)
{
	struct lexed_date lexed;

	if (order & DATE_SERIAL)
		return serial_read(text, day);
	if (date_lex(span_trim(text), &lexed) != 0)
		return -1;
	if (order & DATE_BUDDHIST) {
		lexed_era(&lexed, true);
		lexed_short_era(&lexed, order & DATE_ANY);
	}
	order &= DATE_ANY;
	if (order == DATE_YMD && lexed.form == FORM_LAST)
		return -1; /* the year stands where it does not go */
	return lexed_day(&lexed, order, day);
}

bool date_is(struct span text)
{
	struct lexed_date lexed;
	int32_t day;

	if (date_lex(span_trim(text), &lexed) != 0)
		return false;
	return lexed_day(&lexed, DATE_DMY, &day) == 0 || lexed_day(&lexed, DATE_MDY, &day) == 0 ||
	       lexed_day(&lexed, DATE_YMD, &day) == 0;
}

/* Orders in which the date exists; `differ` gets the pairs of them that mean different days. */
static unsigned lexed_orders(const struct lexed_date *lexed, unsigned *differ)
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

static void evidence_range(struct date_evidence *evidence, const struct lexed_date *lexed)
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

/* What an order makes of the row after the one before. */
static void course_add(struct date_course *course, int32_t day, bool first)
{
	if (first) {
		*course = (struct date_course){.last = day, .low = day, .high = day};
		return;
	}
	course->up += day > course->last;
	course->down += day < course->last;
	course->last = day;
	if (day < course->low)
		course->low = day;
	if (day > course->high)
		course->high = day;
}

/* The same, when a spreadsheet of another country has read what it could, and left the rest. */
static void evidence_swapped(struct date_evidence *evidence, const struct lexed_date *lexed)
{
	for (unsigned order = DATE_DMY; order <= DATE_MDY; order <<= 1) {
		unsigned other = order == DATE_DMY ? DATE_MDY : DATE_DMY;
		bool first = evidence->open == 1;
		int32_t day;

		if (lexed_day(lexed, other, &day) == 0 || lexed_day(lexed, order, &day) == 0)
			course_add(&evidence->swapped[order], day, first);
	}
}

static void evidence_course(struct date_evidence *evidence, const struct lexed_date *lexed)
{
	int32_t day;

	evidence_swapped(evidence, lexed);
	for (unsigned order = DATE_DMY; order <= DATE_YMD; order <<= 1) {
		if (!(evidence->against & order) && lexed_day(lexed, order, &day) == 0)
			course_add(&evidence->course[order], day, evidence->open == 1);
	}
}

/* What an open date says about orders; false when there is no such day in any. */
static bool evidence_orders(struct date_evidence *evidence, const struct lexed_date *lexed,
			    struct span text, uint64_t line)
{
	unsigned differ, possible = lexed_orders(lexed, &differ);

	if (possible == 0)
		return false; /* the 31st of February is no evidence */
	evidence->dotted |= lexed->separator == '.';
	evidence_range(evidence, lexed);
	for (unsigned order = DATE_DMY; order <= DATE_YMD; order <<= 1) {
		if (!(possible & order) && !(evidence->against & order))
			evidence->line[order] = line;
	}
	evidence->against |= (uint8_t)(DATE_ANY & ~possible);
	if (differ && !evidence->differ)
		span_copy(text, evidence->sample, sizeof(evidence->sample));
	evidence->differ |= (uint8_t)differ;
	return true;
}

void date_look(struct span text, uint64_t line, struct date_evidence *evidence)
{
	struct lexed_date lexed;
	int32_t day;

	text = span_trim(text);
	if (date_lex(text, &lexed) != 0)
		return;
	if (lexed.form == FORM_SETTLED) {
		if (lexed_day(&lexed, DATE_YMD, &day) != 0)
			return;
		if (evidence->dates == evidence->open)
			evidence->earliest = evidence->latest = day;
		if (day < evidence->earliest)
			evidence->earliest = day;
		if (day > evidence->latest)
			evidence->latest = day;
		if (evidence->dates++ == 0)
			span_copy(text, evidence->first, sizeof(evidence->first));
		evidence->era += lexed_era(&lexed, false);
		return;
	}
	if (!evidence_orders(evidence, &lexed, text, line))
		return;
	if (lexed.form == FORM_LAST && evidence->last_line == 0)
		evidence->last_line = line;
	if (evidence->dates++ == 0)
		span_copy(text, evidence->first, sizeof(evidence->first));
	evidence->era += lexed_era(&lexed, false);
	evidence->open++;
	evidence_course(evidence, &lexed);
}

void date_look_other(struct span text, uint64_t line, struct date_evidence *evidence)
{
	struct lexed_date lexed;

	text = span_trim(text);
	if (date_lex(text, &lexed) == 0 && lexed.form != FORM_SETTLED)
		evidence_orders(evidence, &lexed, text, line);
}

void date_look_pair(struct span text, struct span other, struct date_evidence *evidence)
{
	struct lexed_date a, b;
	int32_t day, second;
	bool pair = false;

	if (date_lex(span_trim(text), &a) != 0 || date_lex(span_trim(other), &b) != 0 ||
	    a.form == FORM_SETTLED)
		return;
	for (unsigned order = DATE_DMY; order <= DATE_YMD; order <<= 1) {
		if (lexed_day(&a, order, &day) != 0 || lexed_day(&b, order, &second) != 0)
			continue;
		evidence->course[order].apart += (uint64_t)(day > second ? day - second
									 : second - day);
		pair = true;
	}
	evidence->pairs += pair;
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
 * that changes more is not the year; nor is one that changes beside a day that never does. */
static unsigned settle_short(const struct date_evidence *evidence, unsigned possible)
{
	int first = evidence->first_high - evidence->first_low;
	int last = evidence->last_high - evidence->last_low;

	if (first > last && (first >= DAYS_APART || last == 0))
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

#define SWAPPED_STEPS 3 /* from day to day, so that they run by more than chance */

#define DAYS_AHEAD 62 /* payments that are announced lie hardly further ahead */

/* Orders under which no row lies far in the future. */
static unsigned settle_past(const struct date_evidence *evidence, int32_t today, unsigned possible)
{
	unsigned past = 0;

	for (unsigned order = DATE_DMY; order <= DATE_YMD; order <<= 1) {
		if (today > INT32_MAX - DAYS_AHEAD ||
		    evidence->course[order].high <= today + DAYS_AHEAD)
			past |= order;
	}
	return possible & past ? possible & past : possible;
}

/* Orders under which the file never steps back, where others often do: statements are sorted. */
static unsigned settle_sorted(const struct date_evidence *evidence, unsigned possible)
{
	unsigned sorted = 0, mixed = 0;

	for (unsigned order = DATE_DMY; order <= DATE_YMD; order <<= 1) {
		const struct date_course *course = &evidence->course[order];
		uint32_t back = course->up < course->down ? course->up : course->down;

		if (back == 0 && course->up + course->down >= 4)
			sorted |= order;
		else if (back >= 2)
			mixed |= order;
	}
	return (possible & sorted) && (possible & ~sorted & ~mixed) == 0 ? possible & sorted
									 : possible;
}

#define APART_NEAR 5  /* days between booking and value, usually */
#define APART_FAR  20 /* what day and month taken for each other make of them */

static unsigned settle_pairs(const struct date_evidence *evidence, unsigned possible)
{
	unsigned near = 0, far = 0;

	for (unsigned order = DATE_DMY; order <= DATE_YMD && evidence->pairs > 0; order <<= 1) {
		uint64_t apart = evidence->course[order].apart;

		if (apart <= APART_NEAR * evidence->pairs)
			near |= order;
		else if (apart >= APART_FAR * evidence->pairs)
			far |= order;
	}
	return (possible & near) && (possible & ~near & ~far) == 0 ? possible & near : possible;
}

/* Orders under which all rows lie in the period of the preamble, give or take some days. */
static unsigned settle_period(const struct date_evidence *evidence,
			      const struct date_period *period, unsigned possible)
{
	unsigned inside = 0;

	for (unsigned order = DATE_DMY; period && period->n >= 2 && order <= DATE_YMD;
	     order <<= 1) {
		const struct date_course *course = &evidence->course[order];
		int32_t low = INT32_MAX, high = INT32_MIN, day;

		for (uint32_t i = 0; i < period->n; i++) {
			struct span text = span_text(period->text[i]);

			if (date_read(text, order, &day) != 0 &&
			    (order != DATE_YMD || date_read(text, DATE_DMY, &day) != 0))
				continue;
			low = day < low ? day : low;
			high = day > high ? day : high;
		}
		if (low <= high && course->low >= low - APART_NEAR &&
		    course->high <= high + APART_NEAR)
			inside |= order;
	}
	return possible & inside ? possible & inside : possible;
}

static uint32_t steps_back(const struct date_course *course)
{
	return course->up < course->down ? course->up : course->down;
}

/* Does the file go to and fro over months in the order that some of its dates must have, and run
 * through a shorter time when the others are turned round? */
static bool looks_swapped(const struct date_evidence *evidence, unsigned order)
{
	const struct date_course *swapped = &evidence->swapped[order];
	const struct date_course *course = &evidence->course[order];

	return order <= DATE_MDY &&
	       course->high - course->low > 2 * (swapped->high - swapped->low) &&
	       (evidence->against & (DATE_DMY | DATE_MDY)) && steps_back(course) > 0 &&
	       steps_back(swapped) == 0 && swapped->up + swapped->down >= SWAPPED_STEPS;
}

static int settle_refuse_swapped(const struct date_evidence *evidence, struct fault *why)
{
	fault_set(
		why, FAULT_JOB, "date-order-ambiguous",
		"day and month stand in one order in some dates and in the other in the rest, such "
		"as \"%s\": a spreadsheet seems to have turned them round",
		evidence->sample);
	return fault_hint(why, "download the file from the bank again; to read the dates as they "
			       "stand, say date_order: dmy or mdy");
}

bool date_range(const struct date_evidence *evidence, enum date_order order, int32_t *earliest,
		int32_t *latest)
{
	const struct date_course *course = &evidence->course[order];
	bool settled = evidence->dates > evidence->open;

	*earliest = settled ? evidence->earliest : course->low;
	*latest = settled ? evidence->latest : course->high;
	if (evidence->open > 0 && course->low < *earliest)
		*earliest = course->low;
	if (evidence->open > 0 && course->high > *latest)
		*latest = course->high;
	return evidence->dates > 0;
}

int date_told(const struct date_evidence *evidence, enum date_order order, struct fault *why)
{
	static const char *const first[] = {
		[DATE_DMY] = "day", [DATE_MDY] = "month", [DATE_YMD] = "year"};
	bool last = order == DATE_YMD && evidence->last_line > 0;

	if (!last && (!(evidence->against & order) || evidence->against == DATE_ANY ||
		      (evidence->against == (DATE_DMY | DATE_MDY) && !evidence->short_years)))
		return 0;
	fault_set(why, FAULT_JOB, "profile-invalid",
		  "date_order is %s, and the date on line %llu cannot be %s first",
		  date_order_name(order),
		  (unsigned long long)(last ? evidence->last_line : evidence->line[order]),
		  first[order]);
	return fault_hint(why, "leave date_order out, or say the order that the dates have");
}

int date_settle(const struct date_evidence *evidence, const struct date_period *period,
		int32_t today, enum date_order earlier, struct date_verdict *verdict,
		struct fault *why)
{
	unsigned possible = DATE_ANY & ~evidence->against;

	*verdict = (struct date_verdict){.order = DATE_YMD};
	if (evidence->open == 0)
		return 0;
	if (evidence->short_years)
		possible = settle_short(evidence, possible);
	else
		possible &= ~(unsigned)DATE_YMD;
	if (evidence->last_line > 0 && settle_open(evidence, possible))
		possible &= ~(unsigned)DATE_YMD; /* beside years that stand last */
	/* With dots the day comes first, all over the world, unless some date cannot be so. */
	if (evidence->dotted && (possible & DATE_DMY))
		possible = DATE_DMY;
	if (settle_open(evidence, possible)) {
		verdict->likely = true;
		possible = settle_past(evidence, today, possible);
		possible = settle_pairs(evidence, possible);
		possible = settle_period(evidence, period, possible);
		possible = settle_sorted(evidence, possible);
	}
	if (settle_open(evidence, possible) && (possible & earlier)) {
		verdict->earlier = true;
		possible = earlier;
	}
	if (possible == 0 || settle_open(evidence, possible))
		return settle_refuse(evidence, possible, why);
	verdict->order = possible & DATE_DMY ? DATE_DMY : possible & DATE_MDY ? DATE_MDY : DATE_YMD;
	if (looks_swapped(evidence, verdict->order))
		return settle_refuse_swapped(evidence, why);
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
