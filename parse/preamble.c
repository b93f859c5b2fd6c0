#include "preamble.h"

#include "amount.h"
#include "content.h"
#include "mem.h"
#include "status.h"

#define TITLE_MAX 64 /* bytes; longer lines are sentences */

/* Codes of ISO 4217 that are more often words or abbreviations. */
static bool is_word(struct span text)
{
	static const char *const words[] = {"ALL", "TRY", "TOP", "CUP", "MAD", "PEN",
					    "SOS", "GEL", "AMD", "COP", "BAM", "LAK"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (span_is(text, words[i]))
			return true;
	}
	return false;
}

static void preamble_currency(struct preamble *preamble, const char *code)
{
	if (preamble->currency[0])
		preamble->currencies |= memcmp(preamble->currency, code, 3) != 0;
	else
		memcpy(preamble->currency, code, CURRENCY_SIZE);
}

static void preamble_word(struct preamble *preamble, struct span word)
{
	struct amount amount;
	char code[CURRENCY_SIZE];

	if (word.len > 3 && (word.at[word.len - 1] == ':' || word.at[word.len - 1] == '.'))
		word.len--;
	if (date_is(word)) {
		if (preamble->period.n < ARRAY_LEN(preamble->period.text))
			span_copy(word, preamble->period.text[preamble->period.n++],
				  sizeof(preamble->period.text[0]));
	} else if (amount_read(word, '.', &amount) == AMOUNT_OK ||
		   amount_read(word, ',', &amount) == AMOUNT_OK) {
		if (amount.currency[0])
			preamble_currency(preamble, amount.currency);
	} else if (word.len <= 4 && !is_word(word) && (word.len != 3 || word.at[0] < 'a') &&
		   amount_currency(word, code)) {
		preamble_currency(preamble, code);
	}
}

void preamble_line(struct preamble *preamble, struct span line)
{
	size_t start = 0;

	for (size_t i = 0; i <= line.len; i++) {
		if (i < line.len && !strchr(" ,;|\t\"()=", line.at[i]))
			continue;
		if (i > start)
			preamble_word(preamble, span_of(line.at + start, i - start));
		start = i + 1;
	}
}

enum status record_title(const struct csv_record *record)
{
	char room[TITLE_MAX];

	for (uint32_t i = 1; i < record->n_fields && i < CSV_FIELDS_MAX; i++) {
		if (record->fields[i].len > 0)
			return STATUS_NONE;
	}
	if (record->n_fields == 0 || record->fields[0].len == 0 ||
	    record->fields[0].len > sizeof(room))
		return STATUS_NONE;
	return status_title(csv_value(&record->fields[0], room));
}

int preamble_look(struct source *source, const struct dialect_found *found,
		  struct preamble *preamble, struct fault *why)
{
	struct records records;
	bool above = false; /* the first header is */
	int rc = 0;

	*preamble = (struct preamble){.currencies = false};
	records_open(&records, found->dialect, source, found->first);
	while (records.at.offset < found->header.offset &&
	       (rc = records_next(&records, why)) == 1) {
		if (records.too_long || records.start.offset >= found->header.offset)
			continue;
		preamble_line(preamble, span_of(records.record.at, records.record.len));
		above |= found->above.line == records.start.line;
		if (!above)
			preamble->pending = record_title(&records.record) == STATUS_PENDING;
		whose_look(&records.record, above ? &preamble->whose : &preamble->above);
	}
	if (!above)
		preamble->whose = preamble->above;
	if (preamble->currencies)
		memset(preamble->currency, 0, CURRENCY_SIZE);
	return rc == -1 ? -1 : 0;
}
