#include "whose.h"

#include <ctype.h>

#include "date.h"
#include "mem.h"
#include "words.h"

#define LINE_MAX_BYTES 120 /* longer lines are sentences */
#define KIND_WORDS     4   /* of a title that says what kind it is; sentences have more */
#define TITLE_WORDS    6   /* of one with a number */
#define LOOSE_WORDS    2   /* not known, between the word for account and the number */
#define LOOSE_DIGITS   5   /* of a number after such words: fewer are a year or a page */
#define IBAN_GROUP     4

static const char accounts[] =
	"|account|acct|konto|kontonummer|kontonr|compte|cuenta|conto|rekening|rekeningnummer|iban|"
	"conta|tili|tilinumero|rachunek|rachunku|konta|ucet|uctu|szamla|szamlaszam|cont|contul|"
	"hesap|saskaita|счет|счета|חשבון|口座|口座番号|账号|账户|帳號|계좌번호|";

/* What stands between that word and the number. */
static const char between[] =
	"|no|nr|number|num|n|numero|nummer|cislo|numer|numar|iban|bban|id|of|de|del|di|is|ending|"
	"in|with|номер|";

static const char kinds[] =
	"|savings|saver|checking|chequing|sparkonto|sparen|tagesgeld|tagesgeldkonto|girokonto|"
	"festgeld|livret|epargne|ahorro|ahorros|risparmio|spaarrekening|betaalrekening|opsparing|"
	"opsparingskonto|sparekonto|lonekonto|lonnskonto|poupanca|depot|";

/* After these the number is of something else. */
static const char others[] =
	"|balance|total|statement|page|period|phone|saldo|solde|summe|seite|auszug|extrait|"
	"extracto|estratto|";

/* The digits of `text` after those of `number`; what does not fit is left out. */
static void number_add(struct span text, char number[WHOSE_SIZE])
{
	size_t n = strlen(number);

	for (size_t i = 0; i < text.len && n + 1 < WHOSE_SIZE; i++) {
		if (text.at[i] >= '0' && text.at[i] <= '9')
			number[n++] = text.at[i];
	}
	number[n] = '\0';
}

/* Where a line has got to. */
struct look {
	enum { LOOK_NOTHING, LOOK_ACCOUNT, LOOK_NUMBER, LOOK_DONE } at;
	uint32_t words, unknown;
	bool groups; /* of an IBAN, as far as they are whole */
	bool alone;  /* the line is one field */
	struct whose found;
};

/* "NL91", "ABNA", "0417": all but the last are whole. */
static bool is_group(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!isdigit((unsigned char)text.at[i]) && !isupper((unsigned char)text.at[i]))
			return false;
	}
	return text.len == IBAN_GROUP;
}

static bool is_group_first(struct span text)
{
	return is_group(text) && isupper((unsigned char)text.at[0]) &&
	       isupper((unsigned char)text.at[1]) && isdigit((unsigned char)text.at[2]) &&
	       isdigit((unsigned char)text.at[3]);
}

/* A word after that for account, before the number. */
static void look_between(struct look *look, struct span word)
{
	if (words_listed(between, word))
		return;
	if (!look->alone || words_listed(others, word) || look->unknown++ == LOOSE_WORDS)
		look->at = LOOK_NOTHING;
}

static void look_word(struct look *look, struct span text)
{
	char folded[LINE_MAX_BYTES];
	struct span word = span_of(folded, words_fold(text, folded, sizeof(folded)));
	bool number = span_has_digit(text) && !date_is(text);
	bool known = words_listed(kinds, word) || words_listed(accounts, word);

	if (word.len == 0)
		return;
	if (look->words++ == 0)
		look->found.first = known;
	if (look->at == LOOK_DONE)
		return;
	if (words_listed(kinds, word))
		span_copy(word, look->found.kind, WHOSE_SIZE);
	look->found.iban |= look->at <= LOOK_ACCOUNT && span_is(word, "iban");
	if (look->at == LOOK_NUMBER && look->groups && is_group(text)) {
		number_add(text, look->found.number);
		look->words--;
	} else if (look->at == LOOK_NUMBER && (!number || memchr(text.at, '.', text.len))) {
		look->at = LOOK_DONE; /* an amount, or another word */
	} else if (look->at != LOOK_NOTHING && number) {
		look->groups = look->at == LOOK_ACCOUNT && is_group_first(text);
		look->words -= look->at == LOOK_NUMBER;
		number_add(text, look->found.number);
		look->at = LOOK_NUMBER;
	} else if (known) {
		look->at = LOOK_ACCOUNT;
		look->unknown = 0;
	} else if (look->at == LOOK_ACCOUNT) {
		look_between(look, word);
	}
}

/* The first number that is named holds, but for one that was guessed. */
static void whose_add(const struct whose *found, struct whose *whose)
{
	char kind[WHOSE_SIZE];

	memcpy(kind, whose->kind[0] ? whose->kind : found->kind, WHOSE_SIZE);
	if (found->number[0] && (!whose->number[0] || (whose->loose && !found->loose)))
		*whose = *found;
	memcpy(whose->kind, kind, WHOSE_SIZE);
}

bool whose_look(const struct csv_record *record, struct whose *whose)
{
	struct span line = span_trim(span_of(record->at, record->len));
	struct look look = {.words = 0};
	struct whose *found = &look.found;
	uint32_t filled = 0;
	size_t start = 0;

	for (uint32_t i = 0; i < record->n_fields && i < CSV_FIELDS_MAX; i++)
		filled += record->fields[i].len > 0;
	if (filled == 0 || filled > 2 || record->fields[0].len == 0 || line.len >= LINE_MAX_BYTES)
		return false;
	look.alone = filled == 1;
	for (size_t i = 0; i <= line.len; i++) {
		if (i < line.len && !strchr(" ,;|\t\"()=:#", line.at[i]))
			continue;
		look_word(&look, span_of(line.at + start, i - start));
		start = i + 1;
	}
	if (look.words > KIND_WORDS)
		found->kind[0] = '\0';
	found->loose = look.unknown > 0 && found->number[0];
	if (found->loose && (look.words > KIND_WORDS || strlen(found->number) < LOOSE_DIGITS))
		found->number[0] = '\0';
	found->title = look.words <= TITLE_WORDS;
	whose_add(found, whose);
	return found->number[0] || found->kind[0];
}

#define NAME_DIGITS 3 /* at least, of a number: cards and accounts show four where they hide some */

/* Kinds that would say something else in a line between the rows. */
static const char columns_only[] = "|current|giro|pocket|vault|deposit|";

bool whose_names(struct span text)
{
	uint32_t digits = 0;
	char folded[LINE_MAX_BYTES];
	struct span phrase = span_of(folded, words_fold(text, folded, sizeof(folded)));

	for (size_t i = 0; i < phrase.len; i++)
		digits += phrase.at[i] >= '0' && phrase.at[i] <= '9';
	return digits >= NAME_DIGITS || words_listed_in(kinds, phrase) ||
	       words_listed_in(columns_only, phrase);
}

#define END_LEAST 3 /* digits; fewer tell nothing where others are hidden */

/* One is the end of the other, where banks hide the beginning. */
static bool same_end(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	size_t len = n < m ? n : m;

	return (n == m || len >= END_LEAST) && memcmp(a + n - len, b + m - len, len) == 0;
}

bool whose_same(const struct whose *own, const struct whose *other)
{
	if (other->number[0] && own->number[0])
		return same_end(own->number, other->number);
	if (other->kind[0] && own->kind[0])
		return strcmp(own->kind, other->kind) == 0;
	return !other->number[0] && !other->kind[0];
}
