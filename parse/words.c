#include "words.h"

#include <stdio.h>

#include "mem.h"
#include "vocabulary.h"

/* U+00C0 to U+017F without their accents; '?' = not a letter, left as it is. */
static const char latin_base[] = "aaaaaaaceeeeiiiidnooooo?ouuuuyts"
				 "aaaaaaaceeeeiiiidnooooo?ouuuuyty"
				 "aaaaaaccccccccddddeeeeeeeeeegggg"
				 "gggghhhhiiiiiiiiiiiijjkkklllllll"
				 "lllnnnnnnnnnoooooooorrrrrrssssss"
				 "ssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

/* One character of two or more bytes: its length; what it folds to is appended. */
static size_t fold_wide(const unsigned char *s, size_t len, char *out, size_t *n, size_t size)
{
	size_t bytes = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	unsigned code;

	if (len < bytes)
		return len;
	code = bytes == 2 ? (unsigned)(s[0] & 0x1f) << 6 | (s[1] & 0x3f) : 0;
	if (code >= 0xc0 && code < 0x180 && latin_base[code - 0xc0] != '?') {
		if (*n < size)
			out[(*n)++] = latin_base[code - 0xc0];
		return bytes;
	}
	if (code >= 0x218 && code <= 0x21b) { /* Romanian s and t with a comma below */
		if (*n < size)
			out[(*n)++] = code < 0x21a ? 's' : 't';
		return bytes;
	}
	if (code == 0xa0 || (bytes == 3 && s[0] == 0xe2 && s[1] <= 0x82)) {
		/* NBSP; general punctuation and currency signs, U+2000 to U+20BF */
		if (*n > 0 && out[*n - 1] != ' ' && *n < size)
			out[(*n)++] = ' ';
		return bytes;
	}
	if (code >= 0xa1 && code <= 0xbf)
		return bytes;
	if (*n + bytes > size)
		return len;
	memcpy(out + *n, s, bytes);
	if (code >= 0x400 && code <= 0x42f) { /* Cyrillic capitals */
		code += code < 0x410 ? 0x50 : 0x20;
		out[*n] = (char)(0xc0 | code >> 6);
		out[*n + 1] = (char)(0x80 | (code & 0x3f));
	}
	*n += bytes;
	return bytes;
}

size_t words_fold(struct span text, char *out, size_t size)
{
	const unsigned char *s = (const unsigned char *)text.at;
	size_t n = 0;

	for (size_t i = 0; i < text.len && n < size;) {
		unsigned char c = s[i];

		if (c >= 0xc2) {
			i += fold_wide(s + i, text.len - i, out, &n, size);
			continue;
		}
		i++;
		if (c >= 'A' && c <= 'Z')
			c |= 0x20;
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			out[n++] = (char)c;
		else if (n > 0 && out[n - 1] != ' ')
			out[n++] = ' ';
	}
	while (n > 0 && out[n - 1] == ' ')
		n--;
	return n;
}

static bool is_letter(char c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (unsigned char)c >= 0x80;
}

/* Where three capitals that ISO 4217 knows stand alone, but not as the first word; or len. */
static size_t currency_code_at(struct span text, char code[CURRENCY_SIZE])
{
	for (size_t i = 1; i + 3 <= text.len; i++) {
		if (is_letter(text.at[i - 1]) || (i + 3 < text.len && is_letter(text.at[i + 3])))
			continue;
		memcpy(code, text.at + i, 3);
		code[3] = '\0';
		if (code[0] >= 'A' && code[0] <= 'Z' && money_exponent(code) >= 0)
			return i;
	}
	return text.len;
}

/* Takes the currency out of a heading: "Amount (EUR)", "Debit CHF", "Betrag in EUR", "Paid £". */
static struct span heading_currency(struct span text, char currency[CURRENCY_SIZE], char *room)
{
	/* 元 may also be Taiwan's; written with the simplified 额 beside it, it is not */
	static const struct {
		const char *sign, *code;
		bool letters; /* that would be read as a word of the heading */
	} signs[] = {{"€", "EUR", false},	{"£", "GBP", false},	  {"円", "JPY", false},
		     {"₪", "ILS", false},	{"ש\"ח", "ILS", false},	  {"ש״ח", "ILS", false},
		     {"zł", "PLN", true},	{"Kč", "CZK", true},	  {"₽", "RUB", false},
		     {"руб", "RUB", true},	{"₹", "INR", false},	  {"R$", "BRL", true},
		     {"₺", "TRY", false},	{"人民币", "CNY", false}, {"额(元)", "CNY", false},
		     {"额（元）", "CNY", false}};
	size_t at = currency_code_at(text, currency);

	if (at < text.len) {
		memcpy(room, text.at, text.len);
		memset(room + at, ' ', 3);
		return span_of(room, text.len);
	}
	memset(currency, 0, CURRENCY_SIZE);
	memcpy(room, text.at, text.len);
	for (size_t i = 0; i < ARRAY_LEN(signs) && !currency[0]; i++) {
		char *sign = memmem(room, text.len, signs[i].sign, strlen(signs[i].sign));

		if (sign)
			memcpy(currency, signs[i].code, CURRENCY_SIZE);
		if (sign && signs[i].letters)
			memset(sign, ' ', strlen(signs[i].sign));
	}
	return span_of(room, text.len);
}

/* Does `word` stand in `phrase` as a whole word, or, in scripts without blanks, anywhere? */
static bool phrase_has(struct span phrase, struct span word)
{
	bool blanks = (unsigned char)word.at[0] < 0x80;

	for (size_t i = 0; i + word.len <= phrase.len; i++) {
		if (memcmp(phrase.at + i, word.at, word.len) != 0)
			continue;
		if (!blanks)
			return true;
		if ((i == 0 || phrase.at[i - 1] == ' ') &&
		    (i + word.len == phrase.len || phrase.at[i + word.len] == ' '))
			return true;
	}
	return false;
}

/* Its currency by a word: "Montant (EUROS)", "Tutar (TL)". */
static void heading_word_currency(struct span phrase, char currency[CURRENCY_SIZE])
{
	static const struct {
		const char *word, *code;
	} words[] = {{"euro", "EUR"}, {"euros", "EUR"}, {"euroa", "EUR"}, {"tl", "TRY"}};

	for (size_t i = 0; i < ARRAY_LEN(words) && !currency[0]; i++) {
		if (phrase_has(phrase, span_text(words[i].word)))
			memcpy(currency, words[i].code, CURRENCY_SIZE);
	}
}

/* Does a word of the phrase begin so? German glues words together. */
static bool has_beginning(struct span phrase, const char *beginning)
{
	size_t len = strlen(beginning);

	for (size_t i = 0; i + len <= phrase.len; i++) {
		if ((i == 0 || phrase.at[i - 1] == ' ') &&
		    memcmp(phrase.at + i, beginning, len) == 0)
			return true;
	}
	return false;
}

/* Words that make a longer heading something else than the word in it: an amount in the money of
 * the shop is not the amount that was booked. */
static bool phrase_is_foreign(struct span phrase)
{
	static const char *const words[] = {
		"original",	"foreign",
		"exchange",	"local",
		"etrangere",	"origine",
		"fremdwahrung", "ursprung",
		"originale",	"estera",
		"extranjera",	"puvodni",
		"oorspr",	"oorspronkelijk",
		"oryginalna",	"ursprungligt",
		"oprindeligt",	"opprinnelig",
		"eredeti",	"alkuperainen",
		"rate",		"tax",
		"vat",		"limit",
		"available",	"points",
		"birth",	"card",
		"due",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (phrase_has(phrase, span_text(words[i])))
			return true;
	}
	if (has_beginning(phrase, "ursprung") || has_beginning(phrase, "fremd") ||
	    has_beginning(phrase, "original") || has_beginning(phrase, "oryginaln"))
		return true;
	/* "source fee amount" is none of the row; "amount after fees" is */
	return (phrase_has(phrase, span_text("fee")) || phrase_has(phrase, span_text("fees"))) &&
	       !phrase_has(phrase, span_text("after"));
}

/* The next phrase of a list, which is moved behind it. */
static struct span next_phrase(const char **list)
{
	const char *end = strchrnul(*list, '|');
	struct span phrase = span_of(*list, (size_t)(end - *list));

	*list = end + (*end == '|');
	return phrase;
}

bool words_listed(const char *list, struct span phrase)
{
	while (*list && phrase.len > 0)
		if (span_equal(phrase, next_phrase(&list)))
			return true;
	return false;
}

bool words_listed_in(const char *list, struct span phrase)
{
	while (*list) {
		struct span part = next_phrase(&list);

		if (part.len > 0 && phrase_has(phrase, part))
			return true;
	}
	return false;
}

static void heading_look_up(struct heading *heading, struct span phrase, bool part)
{
	for (size_t i = 0; i < vocabulary_size; i++) {
		const struct word_list *list = &vocabulary[i];

		if (part ? !list->part || !words_listed_in(list->phrases, phrase)
			 : !words_listed(list->phrases, phrase))
			continue;
		heading->role = list->role;
		heading->rank = (uint8_t)(list->rank + (part ? WORDS_PART : 0));
		memcpy(heading->language, list->language, sizeof(heading->language));
		return;
	}
}

static enum role half_role(struct span half, char folded[WORDS_HALF_SIZE])
{
	struct heading heading = {.role = ROLE_NONE};
	size_t n = words_fold(half, folded, WORDS_HALF_SIZE - 1);

	folded[n] = '\0';
	/* a card's payments come in, an account's go out */
	if (strcmp(folded, "payments") != 0)
		heading_look_up(&heading, span_of(folded, n), false);
	return heading.role;
}

/* Letters are money out and in only beside each other. */
static bool are_letters(const char *out, const char *in)
{
	static const char pairs[] = "d c|d k|d h|d a|s h|t j|b a|c a|dr cr|db cr|д к|χ π|х п";
	char pair[2 * WORDS_HALF_SIZE];

	return words_listed(pairs,
			    span_of(pair, (size_t)snprintf(pair, sizeof(pair), "%s %s", out, in)));
}

bool words_halves(struct span heading, struct halves *halves)
{
	const char *slash = heading.len > 0 ? memchr(heading.at, '/', heading.len) : NULL;
	struct halves swapped;
	enum role left, right;

	*halves = (struct halves){.out = ""};
	if (!slash)
		return false;
	left = half_role(span_of(heading.at, (size_t)(slash - heading.at)), halves->out);
	right = half_role(span_of(slash + 1, (size_t)(heading.at + heading.len - slash - 1)),
			  halves->in);
	if ((left == ROLE_DEBIT && right == ROLE_CREDIT) || are_letters(halves->out, halves->in))
		return true;
	memcpy(swapped.out, halves->in, sizeof(swapped.out));
	memcpy(swapped.in, halves->out, sizeof(swapped.in));
	*halves = swapped;
	if ((left == ROLE_CREDIT && right == ROLE_DEBIT) || are_letters(halves->out, halves->in))
		return true;
	*halves = (struct halves){.out = ""};
	return false;
}

void words_heading(struct span text, struct heading *heading)
{
	struct halves halves;
	char room[WORDS_PHRASE_SIZE];
	struct span phrase;

	*heading = (struct heading){.role = ROLE_NONE};
	text = span_trim(text);
	/* what is this long, or begins as a number does, is not a heading */
	if (text.len == 0 || text.len >= sizeof(room) || strchr("0123456789+-", text.at[0]))
		return;
	text = heading_currency(text, heading->currency, room);
	phrase = span_of(heading->phrase, words_fold(text, heading->phrase, WORDS_PHRASE_SIZE - 1));
	heading->phrase[phrase.len] = '\0';
	heading_word_currency(phrase, heading->currency);
	heading_look_up(heading, phrase, false);
	if (heading->role == ROLE_NONE && words_halves(text, &halves)) {
		heading->role = ROLE_FLAG;
		heading->rank = 1;
	}
	if (heading->role == ROLE_NONE && heading->currency[0] && phrase.len > 3 &&
	    (memcmp(phrase.at + phrase.len - 3, " in", 3) == 0 ||
	     memcmp(phrase.at + phrase.len - 3, " en", 3) == 0)) {
		phrase.len -= 3; /* "Umsatz in EUR", "Montant en EUR" */
		heading_look_up(heading, phrase, false);
	}
	heading->foreign = heading->role == ROLE_NONE && phrase_is_foreign(phrase);
	if (heading->role == ROLE_NONE && !heading->foreign)
		heading_look_up(heading, phrase, true);
}

int words_flag(struct span text)
{
	static const char out[] =
		"payment out|paid out|transfer out|cash out|sent|outgoing|"
		"d|dr|db|dbit|debit|debet|debito|s|soll|af|out|outflow|money "
		"out|withdrawal|expense|"
		"payment|uit|dare|kiadas|terheles|debetas|支出|支|借|借方|付|出|出金|支付|расход|"
		"списание|"
		"дебет|출금|지급|chi|cargo|egreso|gasto|ausgabe|depense|uscita|saida|borc|חובה|"
		"obciazenie|vydaj|utgift|ud|ut";
	static const char in[] =
		"payment in|paid in|transfer in|cash in|received|incoming|"
		"c|cr|crdt|credit|kredit|credito|h|haben|bij|in|inflow|money "
		"in|deposit|income|avere|"
		"bevetel|jovairas|kreditas|k|收入|收|贷|贷方|入|入金|приход|зачисление|кредит|"
		"זכות|입금|thu|abono|ingreso|einnahme|recette|entrata|entrada|alacak|"
		"uznanie|prijem|intakt|ind|inn";
	char folded[24];
	struct span word;

	text = span_trim(text);
	if (text.len == 0 || text.len >= sizeof(folded))
		return 0;
	if (span_is(text, "-") || span_is(text, "+"))
		return text.at[0] == '-' ? -1 : 1;
	word = span_of(folded, words_fold(text, folded, sizeof(folded)));
	if (words_listed(out, word))
		return -1;
	return words_listed(in, word) ? 1 : 0;
}

int words_flag_under(const struct halves *halves, struct span text)
{
	char folded[WORDS_HALF_SIZE];
	size_t n = halves->out[0] ? words_fold(text, folded, sizeof(folded)) : 0;
	bool out = n > 0 && strncmp(halves->out, folded, n) == 0;
	bool in = n > 0 && strncmp(halves->in, folded, n) == 0;

	return out == in ? words_flag(text) : out ? -1 : 1;
}

char words_script(struct span text)
{
	static const struct {
		unsigned first, last;
		char script;
	} scripts[] = {
		{0x370, 0x3ff, 'G'},   {0x400, 0x52f, 'R'},   {0x590, 0x5ff, 'H'},
		{0x530, 0x58f, 'M'},   {0x600, 0x6ff, 'A'},   {0x900, 0xdff, 'I'},
		{0xe00, 0xe7f, 'T'},   {0x10a0, 0x10ff, 'S'}, {0x1200, 0x137f, 'E'},
		{0x3041, 0x30ff, 'J'}, {0xff66, 0xff9f, 'J'}, {0x4e00, 0x9fff, 'C'},
		{0xac00, 0xd7a3, 'K'},
	};
	const unsigned char *s = (const unsigned char *)text.at;
	char found = 0;

	for (size_t i = 0; i + 1 < text.len; i++) {
		unsigned code = s[i] < 0xc0   ? 0
				: s[i] < 0xe0 ? (unsigned)(s[i] & 0x1f) << 6 | (s[i + 1] & 0x3f)
				: i + 2 < text.len && s[i] < 0xf0
					? (unsigned)(s[i] & 0x0f) << 12 |
						  (unsigned)(s[i + 1] & 0x3f) << 6 |
						  (s[i + 2] & 0x3f)
					: 0;

		for (size_t k = 0; code >= 0x370 && k < ARRAY_LEN(scripts); k++) {
			if (code < scripts[k].first || code > scripts[k].last)
				continue;
			if (!found || scripts[k].script == 'J')
				found = scripts[k].script;
		}
	}
	return found;
}

static bool has_word(struct span text, const char *const *words, size_t n)
{
	char folded[WORDS_PHRASE_SIZE];
	struct span phrase = span_of(folded, words_fold(text, folded, sizeof(folded)));

	for (size_t i = 0; i < n; i++) {
		if (phrase_has(phrase, span_text(words[i])))
			return true;
	}
	return false;
}

bool words_card(struct span text)
{
	static const char *const words[] = {
		"card",		 "karte",    "kreditkarte", "kartennummer", "carte",
		"tarjeta",	 "kort",     "kortnummer",  "carta",	    "kaart",
		"karty",	 "karta",    "cartao",	    "kortti",	    "card no",
		"cardholder",	 "handler",  "merchant",    "kaufdatum",    "einkaufsdatum",
		"purchase date", "利用店名", "ご利用先",    "בית עסק",	    "בית העסק",
		"סכום חיוב"};

	return has_word(text, words, ARRAY_LEN(words));
}

bool words_booked(struct span text)
{
	static const char *const words[] = {"abgerechnet",  "gebucht",	     "verbucht",
					    "booked",	    "posted",	     "settled",
					    "comptabilise", "geboekt",	     "bokfort",
					    "bokford",	    "contabilizado", "contabilizzato"};

	return has_word(text, words, ARRAY_LEN(words));
}

bool words_minor(struct span text)
{
	static const char *const words[] = {"cents",	"cent",	  "pence",  "minor", "centimes",
					    "centavos", "grosze", "groszy", "paise", "копейках"};

	return has_word(text, words, ARRAY_LEN(words));
}

bool words_status(struct span text)
{
	static const char *const words[] = {
		"status", "state", "statut",   "etat",	  "estado",   "stato",	"stav", "stan",
		"tila",	  "durum", "situacao", "allapot", "statusas", "статус", "状态", "交易状态"};

	return has_word(text, words, ARRAY_LEN(words));
}
