#include "amountlex.h"

#include "mem.h"

/* What may stand before or after the digits: longest first where one begins another. `code` is a
 * currency, or NULL for a sign in `effect`: '-', '+', '(', ')', 'C', 'D'; `symbol` as in struct
 * amount. */
struct affix {
	const char *text;
	const char *code;
	char effect;
	bool word; /* which elsewhere than beside digits says something else */
};

static const struct affix sign_affixes[] = {
	{"-", NULL, '-', false},
	{"\xe2\x88\x92", NULL, '-', false},
	{"\xe2\x80\x93", NULL, '-', false},
	{"▲", NULL, '-', false}, /* Japan's */
	{"△", NULL, '-', false},
	{"+", NULL, '+', false},
	{"(", NULL, '(', false},
	{")", NULL, ')', false},
	{"$", NULL, '$', false},
	{"€", "EUR", 0, false},
	{"£", "GBP", 0, false},
	{"¥", NULL, 'Y', false},
	{"￥", NULL, 'Y', false},
	{"円", "JPY", 0, false},
	{"元", "CNY", 0, false},
	{"₹", "INR", 0, false},
	{"₽", "RUB", 0, false},
	{"₺", "TRY", 0, false},
	{"₩", "KRW", 0, false},
	{"₪", "ILS", 0, false},
	{"₴", "UAH", 0, false},
	{"฿", "THB", 0, false},
	{"₫", "VND", 0, false},
	{"₱", "PHP", 0, false},
	{"₦", "NGN", 0, false},
	{"₵", "GHS", 0, false},
	{"₸", "KZT", 0, false},
	{"₾", "GEL", 0, false},
	{"₼", "AZN", 0, false},
	{"₡", "CRC", 0, false},
	{"₲", "PYG", 0, false},
	{"₮", "MNT", 0, false},
	{"₭", "LAK", 0, false},
	{"៛", "KHR", 0, false},
	{"৳", "BDT", 0, false},
	{"руб.", "RUB", 0, false},
	{"руб", "RUB", 0, false},
	{"грн.", "UAH", 0, false},
	{"грн", "UAH", 0, false},
	{"лв.", "BGN", 0, false},
	{"лв", "BGN", 0, false},
	{"đ", "VND", 0, false},
};

/* Those that begin with a letter. */
static const struct affix letter_affixes[] = {
	{"zł", "PLN", 0, false},  {"Kč", "CZK", 0, false},   {"Ft", "HUF", 0, false},
	{"TL", "TRY", 0, false},  {"kr.", NULL, 'k', false}, {"kr", NULL, 'k', false},
	{"Kr", NULL, 'k', false}, {"SFr.", "CHF", 0, false}, {"Fr.", "CHF", 0, false},
	{"R$", "BRL", 0, false},  {"US$", "USD", 0, false},  {"A$", "AUD", 0, false},
	{"C$", "CAD", 0, false},  {"CA$", "CAD", 0, false},  {"NZ$", "NZD", 0, false},
	{"HK$", "HKD", 0, false}, {"S$", "SGD", 0, false},   {"Rs.", "INR", 0, false},
	{"Rs", "INR", 0, false},  {"NT$", "TWD", 0, false},  {"MX$", "MXN", 0, false},
	{"AU$", "AUD", 0, false}, {"J$", "JMD", 0, false},   {"N$", "NAD", 0, false},
	{"S/.", "PEN", 0, false}, {"S/", "PEN", 0, false},   {"R", "ZAR", 0, true},
	{"RM", "MYR", 0, true},	  {"Rp.", "IDR", 0, true},   {"Rp", "IDR", 0, true},
	{"KSh", "KES", 0, true},  {"Ksh", "KES", 0, true},   {"lei", "RON", 0, true},
	{"CR", NULL, 'C', false}, {"Cr.", NULL, 'C', false}, {"Cr", NULL, 'C', false},
	{"cr", NULL, 'C', false}, {"DR", NULL, 'D', false},  {"Dr.", NULL, 'D', false},
	{"Dr", NULL, 'D', false}, {"dr", NULL, 'D', false},  {"DB", NULL, 'D', false},
	{"Db", NULL, 'D', false},
};

/* The affix at the start of `s`, the longest that fits; its length, or 0. */
static size_t affix_find(struct span s, const struct affix **found)
{
	char low = (char)(s.at[0] | 0x20);
	bool letter = low >= 'a' && low <= 'z';
	const struct affix *list = letter ? letter_affixes : sign_affixes;
	size_t n = letter ? ARRAY_LEN(letter_affixes) : ARRAY_LEN(sign_affixes), best = 0;

	for (size_t i = 0; i < n; i++) {
		size_t len;

		if (list[i].text[0] != s.at[0])
			continue;
		len = strlen(list[i].text);
		if (len > best && len <= s.len && memcmp(s.at, list[i].text, len) == 0) {
			best = len;
			*found = &list[i];
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
	if (text.len == 0 || affix_find(text, &affix) != text.len || !affix->code || affix->word)
		return false;
	memcpy(code, affix->code, CURRENCY_SIZE);
	return true;
}

static bool lexed_sign(struct lexed_amount *lexed, char effect)
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
static int lex_affixes(struct span *s, struct lexed_amount *lexed, bool before)
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

static bool is_placeholder(struct span text)
{
	static const char *const words[] = {"-",    "--",   "—",    "–",   "N/A",  "n/a", "NULL",
					    "null", "None", "NaN",  "nan", "#N/A", "nil", "Nil",
					    "NIL",  "-.-",  "-.--", "-,-", "-,--"};

	for (size_t i = 0; i < ARRAY_LEN(words) && text.len <= 4; i++) {
		if (span_is(text, words[i]))
			return true;
	}
	return false;
}

/* A currency and a dash, as accountants' formats print nothing: "$ -". */
static bool is_dash(struct span rest, const struct lexed_amount *lexed)
{
	return rest.len == 0 && lexed->minus && lexed->mark == AMOUNT_BARE &&
	       (lexed->currency[0] || lexed->symbol);
}

bool amount_is_empty(struct span text)
{
	struct lexed_amount lexed = {.mark = AMOUNT_BARE};

	if (text.len == 0 || is_placeholder(text))
		return true;
	return !memchr(text.at, '(', text.len) && lex_affixes(&text, &lexed, true) == 0 &&
	       is_dash(text, &lexed);
}

/* Takes the dashes off the start of `s` that stand for no cents behind a decimal mark: "3.500,-",
 * "45.--". They are no minus. */
static void lex_no_cents(struct span core, struct span *s)
{
	static const char *const dashes[] = {"-", "\xe2\x80\x93", "\xe2\x80\x94"};
	char last = core.len > 1 ? core.at[core.len - 1] : 0;

	for (size_t i = 0; (last == '.' || last == ',') && i < ARRAY_LEN(dashes); i++) {
		size_t len = strlen(dashes[i]);

		while (s->len >= len && memcmp(s->at, dashes[i], len) == 0)
			*s = span_of(s->at + len, s->len - len);
	}
}

static enum amount_fault lex_field(struct span text, struct lexed_amount *lexed)
{
	struct span s = span_trim(text);
	bool open;

	*lexed = (struct lexed_amount){.mark = AMOUNT_BARE};
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
	if (is_placeholder(s))
		return AMOUNT_EMPTY;
	open = memchr(s.at, '(', s.len) != NULL;
	if (open != (memchr(s.at, ')', s.len) != NULL) || lex_affixes(&s, lexed, true) != 0)
		return AMOUNT_SYNTAX;
	if (!open && is_dash(s, lexed))
		return AMOUNT_EMPTY;
	lexed->core = span_of(s.at, core_size(s));
	s = span_of(s.at + lexed->core.len, s.len - lexed->core.len);
	lex_no_cents(lexed->core, &s);
	if (lexed->core.len == 0 || lex_affixes(&s, lexed, false) != 0)
		return AMOUNT_SYNTAX;
	return AMOUNT_OK;
}

/* "-1.2E+03", as programs write large numbers. "12E4" is rather a reference. */
static enum amount_fault lex_power(struct span text, struct lexed_amount *lexed)
{
	struct span s = span_trim(text), front = s, power;
	int8_t value = 0;

	while (front.len > 0 && (front.at[front.len - 1] | 0x20) != 'e')
		front.len--;
	if (front.len < 2 || !is_digit(front.at[front.len - 2]))
		return AMOUNT_SYNTAX;
	power = span_of(front.at + front.len, s.len - front.len);
	front.len--;
	if (power.len > 0 && *power.at == '+')
		power = span_of(power.at + 1, power.len - 1);
	else if (!memchr(front.at, '.', front.len) && !memchr(front.at, ',', front.len))
		return AMOUNT_SYNTAX;
	if (power.len < 1 || power.len > 2 || !is_digit(power.at[0]) ||
	    !is_digit(power.at[power.len - 1]))
		return AMOUNT_SYNTAX;
	for (size_t i = 0; i < power.len; i++)
		value = (int8_t)(value * 10 + (power.at[i] - '0'));
	if (lex_field(front, lexed) != AMOUNT_OK)
		return AMOUNT_SYNTAX;
	lexed->power = value;
	return AMOUNT_OK;
}

enum amount_fault amount_lex(struct span text, char room[PLAIN_MAX], struct lexed_amount *lexed)
{
	enum amount_fault fault = lex_field(text, lexed);
	struct span plain;

	if (fault == AMOUNT_SYNTAX)
		fault = lex_power(text, lexed);
	if (fault == AMOUNT_SYNTAX && plain_of(text, room, &plain))
		fault = lex_field(plain, lexed);
	return fault;
}
