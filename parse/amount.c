#include "amount.h"

#include <stdlib.h>

#include "amountlex.h"

/* How digits were set off from each other. */
struct groups {
	uint32_t digits;	   /* since the last mark */
	uint32_t marks, shortened; /* groups of two among them: the Indian way */
	char kind;		   /* '.', ',', '\'' or ' '; one number uses one */
	bool bad;
};

static void groups_mark(struct groups *g, char kind)
{
	if (g->marks == 0) {
		g->bad |= g->digits < 1 || g->digits > 3;
	} else {
		g->bad |= g->kind != kind || (g->digits != 3 && g->digits != 2);
		g->shortened += g->digits == 2;
	}
	g->kind = kind;
	g->marks++;
	g->digits = 0;
}

/* After the last digit before the decimal mark. */
static bool groups_are_right(const struct groups *g)
{
	if (g->marks == 0)
		return !g->bad;
	if (g->digits != 3 || g->bad)
		return false;
	return g->shortened == 0 || g->shortened == g->marks - 1;
}

/* Bytes of one mark, and its kind. */
static size_t mark_size(struct span s, char *kind)
{
	*kind = s.at[0];
	if ((unsigned char)s.at[0] == 0xe2 && s.len >= 3 && (unsigned char)s.at[2] == 0x99) {
		*kind = '\'';
		return 3;
	}
	if (blank_size(s) > 0) {
		*kind = ' ';
		return blank_size(s);
	}
	return 1;
}

enum amount_fault amount_read(struct span text, char decimal_mark, struct amount *amount)
{
	struct groups groups = {0};
	uint64_t mantissa = 0;
	uint32_t decimals = 0, n_digits = 0;
	bool after = false, grouped = true;
	char room[PLAIN_MAX];
	struct lexed_amount lexed;
	enum amount_fault fault = amount_lex(text, room, &lexed);
	char kind;

	if (fault != AMOUNT_OK)
		return fault;
	for (size_t i = 0; i < lexed.core.len;) {
		char c = lexed.core.at[i];

		if (is_digit(c)) {
			if (mantissa > UINT64_C(900000000000000000))
				return AMOUNT_RANGE;
			mantissa = mantissa * 10 + (uint64_t)(c - '0');
			n_digits++;
			groups.digits++;
			decimals += after;
			i++;
			continue;
		}
		if (after)
			return AMOUNT_SYNTAX;
		if (c == decimal_mark) {
			after = true;
			grouped = groups_are_right(&groups);
			i++;
			continue;
		}
		i += mark_size(span_of(lexed.core.at + i, lexed.core.len - i), &kind);
		groups_mark(&groups, kind);
	}
	if (!after)
		grouped = groups_are_right(&groups);
	if (n_digits == 0 || !grouped || decimals > 18)
		return AMOUNT_SYNTAX;
	for (; lexed.power > 0; lexed.power--) {
		if (decimals > 0)
			decimals--;
		else if (mantissa > UINT64_C(90000000000000000))
			return AMOUNT_RANGE;
		else
			mantissa *= 10;
	}
	amount->mark = lexed.mark;
	amount->symbol = lexed.symbol;
	memcpy(amount->currency, lexed.currency, CURRENCY_SIZE);
	amount->decimals = (uint8_t)decimals;
	amount->mantissa = (int64_t)mantissa;
	if (lexed.minus || lexed.mark == AMOUNT_DEBIT)
		amount->mantissa = -amount->mantissa;
	return AMOUNT_OK;
}

#define FLOAT_DECIMALS 10      /* so many are those of a number in binary */
#define FLOAT_NEAR     1000000 /* so much smaller than a unit is what it is off by */

/* "-45.899999999999999", as spreadsheets and programs write a number that they keep in binary, is
 * -45.90: drops the decimals beyond `shift` where all that they say is that. */
static int64_t float_drop(const struct amount *amount, int shift)
{
	int64_t scale = 1, value = amount->mantissa, rest;

	if (amount->decimals < FLOAT_DECIMALS || shift >= 0)
		return value;
	for (; shift < 0; shift++)
		scale *= 10; /* decimals are at most 18 */
	rest = value % scale;
	if (llabs(rest) < scale / FLOAT_NEAR)
		return value - rest;
	if (llabs(rest) > scale - scale / FLOAT_NEAR)
		return value - rest + (rest > 0 ? scale : -scale);
	return value;
}

enum amount_fault amount_minor(const struct amount *amount, int exponent, int64_t *minor)
{
	int shift = exponent - amount->decimals;
	int64_t value = float_drop(amount, shift);

	for (; shift < 0; shift++) {
		if (value % 10 != 0)
			return AMOUNT_SYNTAX;
		value /= 10;
	}
	for (; shift > 0; shift--) {
		if (value > MONEY_MAX_MINOR || value < -MONEY_MAX_MINOR)
			return AMOUNT_RANGE;
		value *= 10;
	}
	if (value > MONEY_MAX_MINOR || value < -MONEY_MAX_MINOR)
		return AMOUNT_RANGE;
	*minor = value;
	return AMOUNT_OK;
}

/* What one amount says about the decimal mark. */
static void look_marks(struct span core, uint64_t line, struct amount_evidence *evidence)
{
	uint32_t points = 0, commas = 0, last = 0;
	size_t after;
	bool point;

	for (uint32_t i = 0; i < core.len; i++) {
		char c = core.at[i];

		points += c == '.';
		commas += c == ',';
		if (c == '.' || c == ',')
			last = i;
	}
	if (points + commas == 0) {
		evidence->whole++;
		return;
	}
	after = core.len - last - 1;
	evidence->cents += after == 2;
	evidence->grouped |= points + commas > 1;
	evidence->fewer += points + commas == 1 && (after == 1 || after == 2);
	evidence->third_used |= points + commas == 1 && after == 3 && core.at[0] == '0';
	point = core.at[last] == '.';
	if (points > 0 && commas > 0) {
		if ((point ? points : commas) > 1)
			return; /* "1.234,567,890": nothing that can be understood */
	} else if (points + commas > 1) {
		point = !point; /* "1.234.567": this mark sets off thousands, the other is decimal
				 */
	} else if (after == 3 && last >= 1 && last <= 3 && core.at[0] != '0') {
		evidence->thirds += core.at[core.len - 1] != '0';
		evidence->doubt_point += point;
		evidence->doubt_comma += !point;
		return;
	}
	if (point && evidence->point_line == 0)
		evidence->point_line = line;
	if (!point && evidence->comma_line == 0)
		evidence->comma_line = line;
}

enum amount_fault amount_look(struct span text, uint64_t line, struct amount_evidence *evidence,
			      struct amount *amount)
{
	char room[PLAIN_MAX];
	struct lexed_amount lexed;
	enum amount_fault fault = amount_lex(text, room, &lexed);
	bool digits = false;

	*amount = (struct amount){0};
	if (fault != AMOUNT_OK)
		return fault;
	for (size_t i = 0; i < lexed.core.len; i++) {
		char c = lexed.core.at[i];

		digits |= is_digit(c);
		if (c >= '1' && c <= '9')
			amount->mantissa = lexed.minus || lexed.mark == AMOUNT_DEBIT ? -1 : 1;
	}
	if (!digits)
		return AMOUNT_SYNTAX;
	evidence->looked++;
	if (lexed.power > 0 && evidence->power_line == 0)
		evidence->power_line = line;
	if (lexed.power == 0)
		look_marks(lexed.core, line, evidence);
	amount->mark = lexed.mark;
	amount->symbol = lexed.symbol;
	memcpy(amount->currency, lexed.currency, CURRENCY_SIZE);
	return AMOUNT_OK;
}

int amount_told(const struct amount_evidence *evidence, char mark, struct fault *why)
{
	uint64_t own = mark == ',' ? evidence->comma_line : evidence->point_line;
	uint64_t other = mark == ',' ? evidence->point_line : evidence->comma_line;

	if (own > 0 || other == 0)
		return 0;
	fault_set(why, FAULT_JOB, "profile-invalid",
		  "profile.decimal_mark is \"%c\", and the amounts on line %llu have their "
		  "decimals after a %s",
		  mark, (unsigned long long)other, mark == ',' ? "point" : "comma");
	return fault_hint(why, "leave decimal_mark out, or say the other one");
}

int amount_settle(const struct amount_evidence *evidence, int exponent, bool sure, char *mark,
		  struct fault *why)
{
	bool point = evidence->point_line > 0, comma = evidence->comma_line > 0;

	if (point && comma) {
		fault_set(why, FAULT_JOB, "decimal-mark-ambiguous",
			  "line %llu writes decimals with a point, line %llu with a comma",
			  (unsigned long long)evidence->point_line,
			  (unsigned long long)evidence->comma_line);
		return fault_hint(why, "say decimal_mark \".\" or \",\" in profile");
	}
	*mark = comma ? ',' : '.';
	/* "1.200" beside "4.5": three decimals of a currency that has two, or a thousand */
	if (exponent < 3 && evidence->thirds == 0 && !evidence->grouped && evidence->fewer > 0 &&
	    !evidence->third_used &&
	    (point   ? evidence->doubt_point
	     : comma ? evidence->doubt_comma
		     : 0) > 0) {
		fault_set(why, FAULT_JOB, "decimal-mark-ambiguous",
			  "some amounts have three digits behind the %s, and line %llu has fewer: "
			  "nothing tells whether \"1%c200\" is about one or about a thousand",
			  point ? "point" : "comma",
			  (unsigned long long)(point ? evidence->point_line : evidence->comma_line),
			  *mark);
		return fault_hint(why, "say decimal_mark \".\" or \",\" in profile");
	}
	if (point || comma || evidence->doubt_point + evidence->doubt_comma == 0)
		return 0;
	/* Only "1.234" and the like. Where some amounts have no mark, or the currency no decimals,
	 * it is there for the thousands: nobody who writes three decimals leaves them out
	 * elsewhere. Where the currency has three, all amounts have them; where it is known to have
	 * fewer, a third that is not 0 is none. */
	if ((evidence->doubt_point == 0 || evidence->doubt_comma == 0) &&
	    (exponent == 0 || (evidence->whole > 0) == (exponent < 3) ||
	     (sure && exponent < 3 && evidence->thirds > 0))) {
		*mark = (evidence->doubt_point > 0) == (exponent == 3) ? '.' : ',';
		return 0;
	}
	fault_set(why, FAULT_JOB, "decimal-mark-ambiguous",
		  "nothing in the file tells whether \"1%c234\" is about one or about a thousand",
		  evidence->doubt_point > 0 ? '.' : ',');
	return fault_hint(why, "say decimal_mark \".\" or \",\" in profile");
}
