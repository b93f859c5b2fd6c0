#include "holder.h"

#include "buf.h"
#include "mem.h"
#include "whose.h"
#include "words.h"

int16_t holder_column(const struct columns_input *input)
{
	static const char headings[] =
		"account|account number|account no|account name|account type|bank account|"
		"own account|product|konto|auftragskonto|iban auftragskonto|"
		"bezeichnung auftragskonto|produkt|rekening|rekeningnummer|iban bban|compte|"
		"produit|cuenta|producto|conto|prodotto";

	for (uint32_t i = 0; i < input->n; i++) {
		if (words_listed(headings, span_text(input->headings[i].phrase)))
			return (int16_t)i;
	}
	return -1;
}

static struct holder *holder_find(struct span name, struct holders *holders)
{
	for (uint32_t i = 0; i < holders->n; i++) {
		uint32_t k = (holders->last + i) % holders->n;

		if (!span_is(name, holders->one[k].name))
			continue;
		holders->last = k;
		return &holders->one[k];
	}
	return NULL;
}

void holder_look(struct span name, struct span text, struct holders *holders)
{
	struct holder *holder = holder_find(name, holders);
	char beginning[sizeof(holder->text)];

	holders->rows++;
	if (name.len == 0) {
		holders->unnamed++;
		return;
	}
	span_copy(text, beginning, sizeof(beginning));
	if (holder) {
		holder->varied |= strcmp(beginning, holder->text) != 0;
		return;
	}
	if (holders->n == HOLDERS_MAX || name.len >= HOLDER_SIZE) {
		holders->many = true;
		return;
	}
	holder = &holders->one[holders->n++];
	span_copy(name, holder->name, sizeof(holder->name));
	memcpy(holder->text, beginning, sizeof(beginning));
}

bool holder_is_ours(const char *own, struct span name)
{
	return !own || span_is(name, own);
}

/* Beside the account of another side the text is nearly always the same. */
static bool holders_vary(const struct holders *holders)
{
	for (uint32_t i = 0; i < holders->n; i++) {
		if (holders->one[i].varied)
			return !holders->many && holders->unnamed == 0;
	}
	return false;
}

/* Are they accounts of one's own beyond doubt? */
static bool holders_are_own(const struct holders *holders)
{
	for (uint32_t i = 0; i < holders->n; i++) {
		if (!whose_names(span_text(holders->one[i].name)))
			return false;
	}
	return holders->n * UINT64_C(2) <= holders->rows + 1;
}

static int holder_ask(const struct holders *holders, const struct reading *reading,
		      struct fault *why)
{
	struct buf names = {0};
	char room[24];

	for (uint32_t i = 0; i < holders->n; i++)
		buf_format(&names, "%s\"%s\"", i > 0 ? ", " : "", holders->one[i].name);
	if (reading->own_account)
		fault_set(why, FAULT_JOB, "account-unknown",
			  "no row is of the account \"%s\", which own_account names: the column "
			  "\"%.60s\" has %s",
			  reading->own_account,
			  reading_column_name(reading, reading->columns.account, room), names.at);
	else
		fault_set(why, FAULT_JOB, "account-unknown",
			  "the column \"%.60s\" names several accounts: %s",
			  reading_column_name(reading, reading->columns.account, room), names.at);
	buf_release(&names);
	return fault_hint(why, "say own_account in profile: the account whose rows are to be read, "
			       "or \"*\" for all of them");
}

int holder_settle(const struct holders *holders, bool card, struct reading *reading,
		  struct fault *why)
{
	char room[24];

	if (reading->own_account) {
		for (uint32_t i = 0; i < holders->n; i++) {
			if (strcmp(holders->one[i].name, reading->own_account) == 0)
				return 0;
		}
		return holders->many ? 0 : holder_ask(holders, reading, why);
	}
	if (reading->all_accounts || holders->n < 2 || !holders_vary(holders))
		return 0;
	if (!card && holders_are_own(holders))
		return holder_ask(holders, reading, why);
	notes_add(&reading->warnings,
		  "The column \"%.60s\" names several accounts: all rows are booked to one",
		  reading_column_name(reading, reading->columns.account, room));
	return 0;
}
