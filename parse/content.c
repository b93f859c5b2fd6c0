#include "content.h"

#include "date.h"
#include "kind.h"
#include "mem.h"
#include "plain.h"
#include "status.h"
#include "words.h"

#define FIELD_MAX  256 /* bytes; longer ones are texts */
#define AMOUNT_MAX 40  /* bytes; padded cells are trimmed before */
#define WORDS_ROWS 200 /* so many texts of a column are looked at for their words */

/* With some decimal mark. */
static bool read_any(struct span text, struct amount *amount)
{
	return text.len <= AMOUNT_MAX && plain_has_digit(text) &&
	       (amount_read(text, '.', amount) == AMOUNT_OK ||
		amount_read(text, ',', amount) == AMOUNT_OK);
}

bool content_is_amount(struct span text)
{
	struct amount amount;

	return read_any(text, &amount);
}

/* The text of a short field, trimmed. */
static struct span field_text(const struct csv_field *field, char room[FIELD_MAX])
{
	if (field->len == 0 || field->len > FIELD_MAX)
		return span_of(NULL, 0);
	return csv_value(field, room);
}

bool content_is_row(const struct csv_record *record)
{
	bool date = false, amount = false;
	char room[FIELD_MAX];

	for (uint32_t i = 0; i < record->n_fields && i < CSV_FIELDS_MAX; i++) {
		struct span text = field_text(&record->fields[i], room);

		if (!plain_has_digit(text))
			continue;
		if (date_is(text))
			date = true;
		else
			amount = amount || content_is_amount(text);
		if (date && amount)
			return true;
	}
	return false;
}

bool content_is_transaction(const struct csv_record *record)
{
	uint32_t filled = 0;
	char room[FIELD_MAX];

	for (uint32_t i = 0; i < record->n_fields && i < CSV_FIELDS_MAX; i++) {
		struct span text = field_text(&record->fields[i], room);

		filled += text.len > 0;
		if (kind_is_balance(text))
			return false;
	}
	return filled >= 3 && content_is_row(record);
}

/* Words that banks put beside or instead of what was bought, folded. */
static bool is_bank_word(struct span word)
{
	static const char words[] =
		"|transaction|transactions|payment|payments|transfer|transfers|purchase|debit|"
		"credit|"
		"card|cards|complete|completed|pending|posted|booked|balance|fee|fees|charge|"
		"withdrawal|"
		"deposit|atm|pos|bank|merchant|direct|standing|order|interest|cheque|check|sale|"
		"settled|cleared|incoming|outgoing|sepa|online|internet|mobile|account|type|to|"
		"from|of|"
		"lastschrift|gutschrift|uberweisung|dauerauftrag|kartenzahlung|auszahlung|"
		"einzahlung|"
		"buchung|gebucht|umsatz|entgelt|abschluss|basislastschrift|basis|eingang|ausgang|"
		"zahlung|"
		"virement|prlv|prelevement|carte|paiement|retrait|versement|remise|cotisation|"
		"transferencia|pago|compra|recibo|ingreso|cargo|abono|tarjeta|bizum|cajero|nomina|"
		"bonifico|pagamento|prelievo|addebito|accredito|carta|betaling|overschrijving|"
		"incasso|"
		"betaalautomaat|geldautomaat|overforing|korttransaktion|kortkop|dankort|insattning|"
		"uttag|autogiro|swish|betalning|avtalegiro|varekjop|tilisiirto|korttiosto|przelew|"
		"platnosc|karta|wyplata|wplata|platba|prevod|vyber|vklad|utalas|vasarlas|atutalas|"
		"kartyas|plata|transferencias|transferencia|pix|cartao|saque|deposito|перевод|"
		"оплата|"
		"покупка|pavedimas|mokejimas|kortele|消费|转账|支付|振込|引落|カード|";
	char needle[48];

	if (word.len + 3 > sizeof(needle))
		return false;
	needle[0] = '|';
	memcpy(needle + 1, word.at, word.len);
	memcpy(needle + 1 + word.len, "|", 2);
	return strstr(words, needle) != NULL;
}

uint32_t content_words(struct span text)
{
	char folded[FIELD_MAX];
	size_t len = words_fold(text, folded, sizeof(folded)), start = 0;
	uint32_t n = 0;

	if (memchr(text.at, '@', text.len) && !memchr(text.at, ' ', text.len))
		return 0; /* an address says who, not what */
	for (size_t i = 0; i <= len; i++) {
		struct span word = span_of(folded + start, i - start);
		bool digits = false;

		if (i < len && folded[i] != ' ')
			continue;
		for (size_t k = 0; k < word.len; k++)
			digits |= word.at[k] >= '0' && word.at[k] <= '9';
		if (!digits && word.len > 1 && !is_bank_word(word))
			n += (uint32_t)word.len;
		start = i + 1;
	}
	return n;
}

static void look_amount(struct span text, const struct amount *amount, struct column_content *c)
{
	bool digits = true;

	for (size_t i = 0; i < text.len && digits; i++)
		digits = text.at[i] >= '0' && text.at[i] <= '9';
	c->amounts++;
	c->minus += amount->mantissa < 0;
	c->signed_money += amount->currency[0] || amount->symbol;
	c->money += !digits;
	c->zeros += digits && amount->mantissa == 0;
	c->serial += digits && ((text.at[0] == '0' && text.len > 1) || text.len > 8);
}

/* Short, and all capitals and digits. */
static bool is_ticker(struct span text)
{
	bool letter = false;

	for (size_t i = 0; i < text.len; i++) {
		bool capital = text.at[i] >= 'A' && text.at[i] <= 'Z';

		letter |= capital;
		if (!capital && (text.at[i] < '0' || text.at[i] > '9') && text.at[i] != '.')
			return false;
	}
	return letter && text.len >= 2 && text.len <= 9;
}

static void look_field(struct span text, struct column_content *c)
{
	struct amount amount, mark;
	char code[CURRENCY_SIZE];
	uint32_t hash = 5381;
	int flag = text.len < 24 && c->filled <= c->flags_out + c->flags_in + WORDS_ROWS
			   ? words_flag(text)
			   : 0;

	c->filled++;
	for (size_t i = 0; i < text.len; i++)
		hash = hash * 33 + (unsigned char)text.at[i];
	c->same += hash == c->hash;
	c->hash = hash;
	if (plain_has_digit(text) && date_is(text)) {
		c->dates++;
	} else if (read_any(text, &amount)) {
		look_amount(text, &amount, c);
		amount_look(text, 1, &c->marks, &mark);
	} else if (amount_currency(text, code)) {
		c->codes++;
	} else if (is_ticker(text)) {
		c->tickers++;
		c->words += flag == 0 && c->filled <= WORDS_ROWS ? content_words(text) : 0;
	} else if (flag == 0 && c->filled <= WORDS_ROWS) {
		c->words += content_words(text);
	}
	if (c->filled <= c->status + WORDS_ROWS)
		c->status += status_of(text) != STATUS_NONE;
	c->answers += status_answer(text) != 0;
	c->yes += status_answer(text) > 0;
	c->flags_out += flag < 0;
	c->flags_in += flag > 0;
	c->flags_long += flag != 0 && text.len >= 4;
	c->flags_letter += flag != 0 && text.len == 1 && text.at[0] >= 'A';
}

void content_look(const struct csv_record *record, struct column_content *content)
{
	char room[FIELD_MAX];

	for (uint32_t i = 0; i < record->n_fields && i < CSV_FIELDS_MAX; i++) {
		struct span text = field_text(&record->fields[i], room);

		content[i].dashes += span_is(text, "-");
		if (!amount_is_empty(text))
			look_field(text, &content[i]);
		else if (record->fields[i].len > FIELD_MAX && content[i].filled++ < WORDS_ROWS)
			content[i].words += FIELD_MAX;
	}
}

bool content_is_constant(const struct column_content *content)
{
	return content->filled > 0 && content->same + 1 >= content->filled;
}

bool content_has_dates(const struct column_content *content)
{
	return content->dates > 0 && content->dates * 10 >= content->filled * 9;
}

bool content_has_money(const struct column_content *content)
{
	return content->amounts > 0 && content->amounts * 10 >= content->filled * 9 &&
	       content->money > 0 && content->money * 2 >= content->amounts - content->zeros &&
	       content->serial * 4 <= content->amounts;
}
