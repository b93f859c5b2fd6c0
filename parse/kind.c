#include "kind.h"

#include "mem.h"
#include "words.h"

#define KIND_TEXT_MAX 48

static bool in_list(struct span text, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (span_is(text, list[i]))
			return true;
	}
	return false;
}

bool kind_is_pending(struct span text)
{
	static const char *const words[] = {
		"pending",    "offen",	    "vorgemerkt", "ausstehend",
		"en attente", "pendiente",  "in sospeso", "non contabilizzato",
		"reserverat", "reserveret", "reservert",  "in behandeling",
		"authorised", "authorized", "not posted", "unposted",
	};
	char folded[KIND_TEXT_MAX];

	if (text.len > sizeof(folded))
		return false;
	return in_list(span_of(folded, words_fold(text, folded, sizeof(folded))), words,
		       ARRAY_LEN(words));
}

/* Every word of the list below has "la" or "ld" in it: nearly all descriptions end here. */
static bool may_be_balance(struct span text)
{
	for (size_t i = 0; i + 1 < text.len; i++) {
		char next = text.at[i + 1] | 0x20;

		if ((text.at[i] | 0x20) == 'l' && (next == 'a' || next == 'd'))
			return true;
	}
	return false;
}

/* Takes a date and the little words before it off the end: "... as of 01 01 2024". */
static struct span without_date(struct span text)
{
	static const char *const little[] = {"as", "of",  "on", "at", "am", "vom", "per",
					     "al", "del", "du", "au", "le", "op",  "den"};

	while (text.len > 0) {
		size_t start = text.len;
		struct span word;

		while (start > 0 && text.at[start - 1] != ' ')
			start--;
		word = span_of(text.at + start, text.len - start);
		if (word.at[0] > '9' && !in_list(word, little, ARRAY_LEN(little)))
			break;
		text.len = start > 0 ? start - 1 : 0;
	}
	return text;
}

bool kind_is_balance(struct span text)
{
	static const char *const words[] = {
		"balance",
		"opening balance",
		"closing balance",
		"beginning balance",
		"starting balance",
		"ending balance",
		"previous balance",
		"balance brought forward",
		"balance carried forward",
		"brought forward balance",
		"new balance",
		"current balance",
		"saldo",
		"saldo anterior",
		"saldo inicial",
		"saldo final",
		"saldo iniziale",
		"saldo finale",
		"saldo precedente",
		"anfangssaldo",
		"endsaldo",
		"alter saldo",
		"neuer saldo",
		"saldovortrag",
		"solde",
		"solde initial",
		"solde final",
		"ancien solde",
		"nouveau solde",
		"solde precedent",
		"beginsaldo",
		"eindsaldo",
		"ingaende saldo",
		"utgaende saldo",
	};
	char folded[KIND_TEXT_MAX];
	struct span phrase;

	if (text.len > sizeof(folded) || !may_be_balance(text))
		return false;
	phrase = span_of(folded, words_fold(text, folded, sizeof(folded)));
	return in_list(without_date(phrase), words, ARRAY_LEN(words));
}
