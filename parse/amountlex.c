#include "amountlex.h"

#include "mem.h"

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

static enum amount_fault lex_field(struct span text, struct lexed *lexed)
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

/* "-1.2E+03", as programs write large numbers. "12E4" is rather a reference. */
static enum amount_fault lex_power(struct span text, struct lexed *lexed)
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

enum amount_fault amount_lex(struct span text, char room[PLAIN_MAX], struct lexed *lexed)
{
	enum amount_fault fault = lex_field(text, lexed);
	struct span plain;

	if (fault == AMOUNT_SYNTAX)
		fault = lex_power(text, lexed);
	if (fault == AMOUNT_SYNTAX && plain_of(text, room, &plain))
		fault = lex_field(plain, lexed);
	return fault;
}
