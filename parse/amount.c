#include "amount.h"

#include "mem.h"

/* A field taken apart: what stands around the digits, and the digits with their marks. */
struct lexed {
	struct span core; /* from the first to the last digit or mark */
	bool minus;
	uint8_t mark;
	char currency[CURRENCY_SIZE];
	char symbol;
};

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Bytes of white space at the start of `s`: ASCII, NBSP, U+2009, U+202F. */
static inline size_t blank_size(struct span s)
{
	unsigned char c = s.len > 0 ? (unsigned char)s.at[0] : 'x';

	if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
		return 1;
	if (c == 0xc2 && s.len >= 2 && s.at[1] == '\xa0')
		return 2;
	if (c == 0xe2 && s.len >= 3 && s.at[1] == '\x80' &&
	    (s.at[2] == '\x89' || s.at[2] == '\xaf'))
		return 3;
	return 0;
}

/* What may stand before or after the digits: longest first where one begins another. `code` is a
 * currency, or NULL for a sign in `effect`: '-', '+', '(', ')', 'C', 'D'; `symbol` as in struct
 * amount. */
struct affix {
	const char *text;
	const char *code;
	char effect;
};

static const struct affix affixes[] = {
	{"-", NULL, '-'},
	{"\xe2\x88\x92", NULL, '-'},
	{"\xe2\x80\x93", NULL, '-'},
	{"▲", NULL, '-'}, /* Japan's */
	{"△", NULL, '-'},
	{"－", NULL, '-'},
	{"+", NULL, '+'},
	{"(", NULL, '('},
	{")", NULL, ')'},
	{"$", NULL, '$'},
	{"€", "EUR", 0},
	{"£", "GBP", 0},
	{"¥", NULL, 'Y'},
	{"￥", NULL, 'Y'},
	{"円", "JPY", 0},
	{"元", "CNY", 0},
	{"₹", "INR", 0},
	{"₽", "RUB", 0},
	{"₺", "TRY", 0},
	{"₩", "KRW", 0},
	{"₪", "ILS", 0},
	{"₴", "UAH", 0},
	{"฿", "THB", 0},
	{"₫", "VND", 0},
	{"₱", "PHP", 0},
	{"zł", "PLN", 0},
	{"Kč", "CZK", 0},
	{"Ft", "HUF", 0},
	{"TL", "TRY", 0},
	{"kr.", NULL, 'k'},
	{"kr", NULL, 'k'},
	{"Kr", NULL, 'k'},
	{"SFr.", "CHF", 0},
	{"Fr.", "CHF", 0},
	{"R$", "BRL", 0},
	{"US$", "USD", 0},
	{"A$", "AUD", 0},
	{"C$", "CAD", 0},
	{"CA$", "CAD", 0},
	{"NZ$", "NZD", 0},
	{"HK$", "HKD", 0},
	{"S$", "SGD", 0},
	{"Rs.", "INR", 0},
	{"Rs", "INR", 0},
	{"CR", NULL, 'C'},
	{"Cr.", NULL, 'C'},
	{"Cr", NULL, 'C'},
	{"cr", NULL, 'C'},
	{"DR", NULL, 'D'},
	{"Dr.", NULL, 'D'},
	{"Dr", NULL, 'D'},
	{"dr", NULL, 'D'},
};

/* The affix at the start of `s`, the longest that fits; its length, or 0. */
static size_t affix_find(struct span s, const struct affix **found)
{
	size_t best = 0;

	for (size_t i = 0; i < ARRAY_LEN(affixes); i++) {
		size_t len;

		if (affixes[i].text[0] != s.at[0])
			continue;
		len = strlen(affixes[i].text);
		if (len > best && len <= s.len && memcmp(s.at, affixes[i].text, len) == 0) {
			best = len;
			*found = &affixes[i];
		}
	}
	return best;
}

/* Three capitals of ISO 4217 at the start of `s`. */
static size_t code_find(struct span s, char code[CURRENCY_SIZE])
{
	if (s.len < 3 || s.at[0] < 'A' || s.at[0] > 'Z')
		return 0;
	memcpy(code, s.at, 3);
	code[3] = '\0';
	return money_exponent(code) >= 0 ? 3 : 0;
}

bool amount_currency(struct span text, char code[CURRENCY_SIZE])
{
	const struct affix *affix = NULL;

	if (text.len == 3 && text.at[0] >= 'A') {
		for (int i = 0; i < 3; i++)
			code[i] = text.at[i] >= 'a' ? text.at[i] & ~0x20 : text.at[i];
		code[3] = '\0';
		if (money_exponent(code) >= 0)
			return true;
	}
	if (text.len == 0 || affix_find(text, &affix) != text.len || !affix->code)
		return false;
	memcpy(code, affix->code, CURRENCY_SIZE);
	return true;
}

static bool lexed_sign(struct lexed *lexed, char effect)
{
	if (effect == '-' || effect == '(')
		lexed->minus = true;
	else if (effect == '+')
		lexed->mark = AMOUNT_PLUS;
	else if (effect == 'C')
		lexed->mark = AMOUNT_CREDIT;
	else if (effect == 'D')
		lexed->mark = AMOUNT_DEBIT;
	else if (effect != ')')
		lexed->symbol = effect;
	return effect != 0;
}

/* Letters that stand for CR and DR, alone after the digits: "85,00 H", "EUR 23,45 Af". */
static char trailing_effect(struct span s)
{
	static const char *const out[] = {"D", "S", "Af", "AF", "af"};
	static const char *const in[] = {"C", "H", "Bij", "BIJ", "bij"};

	for (size_t i = 0; i < ARRAY_LEN(out); i++) {
		if (span_is(s, out[i]))
			return 'D';
		if (span_is(s, in[i]))
			return 'C';
	}
	return 0;
}

/* Takes signs and currencies off the start of `s`. Two currencies or two signs of one kind are more
 * than an amount has: -1, as for anything else that is not known. */
static int lex_affixes(struct span *s, struct lexed *lexed, bool before)
{
	const struct affix *affix = NULL;
	char code[CURRENCY_SIZE];
	unsigned signs = 0, currencies = 0;
	size_t len;

	while (s->len > 0) {
		if (before && (is_digit(s->at[0]) || s->at[0] == '.' || s->at[0] == ','))
			break;
		len = blank_size(*s);
		if (!before && len == 0 && trailing_effect(*s)) {
			lexed_sign(lexed, trailing_effect(*s));
			return signs > 0 ? -1 : 0;
		}
		if (len == 0 && (len = affix_find(*s, &affix)) > 0) {
			if (affix->code)
				memcpy(lexed->currency, affix->code, CURRENCY_SIZE);
			if (affix->code || affix->effect == '$' || affix->effect == 'Y' ||
			    affix->effect == 'k')
				currencies++;
			else
				signs++;
			lexed_sign(lexed, affix->effect);
		} else if (len == 0 && (len = code_find(*s, code)) > 0) {
			memcpy(lexed->currency, code, CURRENCY_SIZE);
			currencies++;
		}
		if (len == 0 || signs > 2 || currencies > 2)
			return -1;
		*s = span_of(s->at + len, s->len - len);
	}
	return 0;
}

/* Length of what is digits and marks at the start of `s`. Blanks belong to it only between digits:
 * "1 234,50 kr". */
static size_t core_size(struct span s)
{
	size_t i = 0, blank;

	while (i < s.len) {
		struct span rest = span_of(s.at + i, s.len - i);

		if (is_digit(s.at[i]) || s.at[i] == '.' || s.at[i] == ',' || s.at[i] == '\'') {
			i++;
			continue;
		}
		blank = blank_size(rest);
		if (blank == 0 && rest.len >= 3 && memcmp(rest.at, "\xe2\x80\x99", 3) == 0)
			blank = 3; /* an apostrophe, typographic */
		if (blank == 0 || blank >= rest.len || !is_digit(rest.at[blank]))
			break;
		i += blank;
	}
	return i;
}

bool amount_is_empty(struct span text)
{
	static const char *const words[] = {"-",    "--",   "—",    "–",   "N/A", "n/a",
					    "NULL", "null", "None", "NaN", "nan", "#N/A"};

	for (size_t i = 0; i < ARRAY_LEN(words) && text.len <= 4; i++) {
		if (span_is(text, words[i]))
			return true;
	}
	return text.len == 0;
}

static enum amount_fault amount_lex(struct span text, struct lexed *lexed)
{
	struct span s = span_trim(text);
	bool open;

	*lexed = (struct lexed){.mark = AMOUNT_BARE};
	if (s.len > 1 && s.at[0] == '\'' && strchr("0123456789+-", s.at[1]))
		s = span_of(s.at + 1, s.len - 1); /* how spreadsheets are told: a text */
	if (s.len == 0)
		return AMOUNT_EMPTY;
	if (is_digit(s.at[s.len - 1]) && (is_digit(s.at[0]) || s.at[0] == '-')) {
		lexed->minus = s.at[0] == '-'; /* nearly all of them */
		lexed->core = span_of(s.at + lexed->minus, s.len - lexed->minus);
		if (is_digit(lexed->core.at[0]) && core_size(lexed->core) == lexed->core.len)
			return AMOUNT_OK;
		lexed->minus = false;
	}
	if (amount_is_empty(s))
		return AMOUNT_EMPTY;
	open = memchr(s.at, '(', s.len) != NULL;
	if (open != (memchr(s.at, ')', s.len) != NULL) || lex_affixes(&s, lexed, true) != 0)
		return AMOUNT_SYNTAX;
	lexed->core = span_of(s.at, core_size(s));
	s = span_of(s.at + lexed->core.len, s.len - lexed->core.len);
	if (lexed->core.len == 0 || lex_affixes(&s, lexed, false) != 0)
		return AMOUNT_SYNTAX;
	return AMOUNT_OK;
}

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
	struct lexed lexed;
	enum amount_fault fault = amount_lex(text, &lexed);
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
	amount->mark = lexed.mark;
	amount->symbol = lexed.symbol;
	memcpy(amount->currency, lexed.currency, CURRENCY_SIZE);
	amount->decimals = (uint8_t)decimals;
	amount->mantissa = (int64_t)mantissa;
	if (lexed.minus || lexed.mark == AMOUNT_DEBIT)
		amount->mantissa = -amount->mantissa;
	return AMOUNT_OK;
}

enum amount_fault amount_minor(const struct amount *amount, int exponent, int64_t *minor)
{
	int64_t value = amount->mantissa;
	int shift = exponent - amount->decimals;

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
	point = core.at[last] == '.';
	if (points > 0 && commas > 0) {
		if ((point ? points : commas) > 1)
			return; /* "1.234,567,890": nothing that can be understood */
	} else if (points + commas > 1) {
		point = !point; /* "1.234.567": this mark sets off thousands, the other is decimal
				 */
	} else if (after == 3 && last >= 1 && last <= 3 && core.at[0] != '0') {
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
	struct lexed lexed;
	enum amount_fault fault = amount_lex(text, &lexed);
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

int amount_settle(const struct amount_evidence *evidence, int exponent, char *mark,
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
	if (point || comma || evidence->doubt_point + evidence->doubt_comma == 0)
		return 0;
	/* Only "1.234" and the like. Where some amounts have no mark, or the currency no decimals,
	 * it is there for the thousands: nobody who writes three decimals leaves them out
	 * elsewhere. Where the currency has three, all amounts have them. */
	if ((evidence->doubt_point == 0 || evidence->doubt_comma == 0) &&
	    (exponent == 0 || (evidence->whole > 0) == (exponent < 3))) {
		*mark = (evidence->doubt_point > 0) == (exponent == 3) ? '.' : ',';
		return 0;
	}
	fault_set(why, FAULT_JOB, "decimal-mark-ambiguous",
		  "nothing in the file tells whether \"1%c234\" is about one or about a thousand",
		  evidence->doubt_point > 0 ? '.' : ',');
	return fault_hint(why, "say decimal_mark \".\" or \",\" in profile");
}
