#include "whose.h"

#include "date.h"
#include "mem.h"
#include "words.h"

#define LINE_MAX_BYTES 120 /* longer lines are sentences */
#define KIND_WORDS     4   /* of a title; sentences have more */

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

static bool list_has(const char *list, struct span word)
{
	char needle[40];

	if (word.len == 0 || word.len + 3 > sizeof(needle))
		return false;
	needle[0] = '|';
	memcpy(needle + 1, word.at, word.len);
	memcpy(needle + 1 + word.len, "|", 2);
	return strstr(list, needle) != NULL;
}

static bool has_digit(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] >= '0' && text.at[i] <= '9')
			return true;
	}
	return false;
}

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
	uint32_t words;
	struct whose found;
};

static void look_word(struct look *look, struct span text)
{
	char folded[LINE_MAX_BYTES];
	struct span word = span_of(folded, words_fold(text, folded, sizeof(folded)));
	bool number = has_digit(text) && !date_is(text);

	if (word.len == 0 || look->at == LOOK_DONE)
		return;
	look->words++;
	if (list_has(kinds, word))
		span_copy(word, look->found.kind, WHOSE_SIZE);
	if (look->at == LOOK_NUMBER && (!number || memchr(text.at, '.', text.len)))
		look->at = LOOK_DONE; /* an amount, or another word */
	else if (look->at != LOOK_NOTHING && number) {
		number_add(text, look->found.number);
		look->at = LOOK_NUMBER;
	} else if (list_has(accounts, word) || list_has(kinds, word))
		look->at = LOOK_ACCOUNT;
	else if (look->at == LOOK_ACCOUNT && !list_has(between, word))
		look->at = LOOK_NOTHING;
}

bool whose_look(const struct csv_record *record, struct whose *whose)
{
	struct span line = span_trim(span_of(record->at, record->len));
	struct look look = {.words = 0};
	uint32_t filled = 0;
	size_t start = 0;

	for (uint32_t i = 0; i < record->n_fields && i < CSV_FIELDS_MAX; i++)
		filled += record->fields[i].len > 0;
	if (filled == 0 || filled > 2 || record->fields[0].len == 0 || line.len >= LINE_MAX_BYTES)
		return false;
	for (size_t i = 0; i <= line.len; i++) {
		if (i < line.len && !strchr(" ,;|\t\"()=:#", line.at[i]))
			continue;
		look_word(&look, span_of(line.at + start, i - start));
		start = i + 1;
	}
	if (look.words > KIND_WORDS)
		look.found.kind[0] = '\0';
	if (!whose->number[0])
		memcpy(whose->number, look.found.number, WHOSE_SIZE);
	if (!whose->kind[0])
		memcpy(whose->kind, look.found.kind, WHOSE_SIZE);
	return look.found.number[0] || look.found.kind[0];
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
