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

static const char *const words_pending[] = {
	"pending",	"offen",
	"vorgemerkt",	"umsatz vorgemerkt",
	"ausstehend",	"en attente",
	"pendiente",	"pendente",
	"in sospeso",	"non contabilizzato",
	"reserverat",	"reserveret",
	"reservert",	"in behandeling",
	"authorised",	"authorized",
	"not posted",	"unposted",
	"processing",	"in progress",
	"oczekujaca",	"w toku",
	"nezauctovano", "varaus",
	"в обработке",	"处理中",
};
static const char *const words_void[] = {
	"failed",	  "declined",  "reverted",  "cancelled", "canceled",  "rejected",
	"denied",	  "expired",   "voided",    "abgelehnt", "refuse",    "refusee",
	"annule",	  "annulee",   "rechazado", "rechazada", "anulado",   "anulada",
	"cancelado",	  "cancelada", "rifiutato", "rifiutata", "geweigerd", "geannuleerd",
	"fehlgeschlagen", "odrzucona", "odrzucono", "отклонено", "отклонена", "отменено",
	"отменена",	  "交易关闭",  "交易失败",  "失败",
};

/* Does a phrase of the list begin as the text does? Nearly all texts end here. An accent may hide
 * anything. */
static bool may_be(struct span text, const char *const *list, size_t n)
{
	uint32_t here, phrase;

	if (text.len < 4)
		return false;
	memcpy(&here, text.at, 4);
	if (here & 0x80808080)
		return true;
	here |= 0x20202020;
	for (size_t i = 0; i < n; i++) {
		memcpy(&phrase, list[i], 4);
		if (here == phrase)
			return true;
	}
	return false;
}

static bool is_one_of(struct span text, const char *const *list, size_t n)
{
	char folded[KIND_TEXT_MAX];

	if (text.len > sizeof(folded) || !may_be(text, list, n))
		return false;
	return in_list(span_of(folded, words_fold(text, folded, sizeof(folded))), list, n);
}

bool kind_is_pending(struct span text)
{
	return is_one_of(text, words_pending, ARRAY_LEN(words_pending));
}

bool kind_is_void(struct span text)
{
	return is_one_of(text, words_void, ARRAY_LEN(words_void));
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

static const char *const words_balance[] = {
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
	"inngaende saldo",
	"saldo poczatkowe",
	"saldo koncowe",
	"pocatecni zustatek",
	"konecny zustatek",
	"nyito egyenleg",
	"zaro egyenleg",
	"sold initial",
	"sold final",
	"likutis pradziai",
	"likutis pabaigai",
	"apyvarta",
	"turnover",
	"total debits",
	"total credits",
	"balance b f",
	"balance c f",
};

bool kind_is_balance(struct span text)
{
	char folded[KIND_TEXT_MAX];
	struct span phrase;

	if (text.len > sizeof(folded) || !may_be(text, words_balance, ARRAY_LEN(words_balance)))
		return false;
	phrase = span_of(folded, words_fold(text, folded, sizeof(folded)));
	return in_list(without_date(phrase), words_balance, ARRAY_LEN(words_balance));
}

/* Does one of the phrases stand in `text` as whole words? */
static bool has_phrase(struct span text, const char *const *phrases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(phrases[i]);
		const char *at = text.len >= len ? memmem(text.at, text.len, phrases[i], len)
						 : NULL;
		const char *end = text.at + text.len;

		if (at && (at == text.at || at[-1] == ' ') && (at + len == end || at[len] == ' '))
			return true;
	}
	return false;
}

static const char *const words_in[] = {
	"payment received",
	"thank you",
	"pagamento recebido",
	"pago recibido",
	"gracias por su pago",
	"zahlung erhalten",
	"ihre zahlung",
	"paiement recu",
	"votre paiement",
	"pagamento ricevuto",
	"betaling ontvangen",
	"inbetalning",
	"innbetaling",
	"indbetaling",
	"autopay",
	"salary",
	"payroll",
	"refund",
	"direct deposit",
	"interest paid",
	"gehalt",
	"lohn",
	"gutschrift",
	"zahlungseingang",
	"virement recu",
	"salaire",
	"remboursement",
	"nomina",
	"devolucion",
	"stipendio",
	"rimborso",
	"salaris",
	"terugbetaling",
	"loenoverforsel",
	"wyplata wynagrodzenia",
	"wynagrodzenie",
	"vyplata mzdy",
	"mzda",
	"fizetes",
	"salario",
	"estorno",
};
static const char *const words_out[] = {
	"purchase",
	"pos",
	"withdrawal",
	"atm",
	"direct debit",
	"kartenzahlung",
	"lastschrift",
	"auszahlung",
	"bargeldauszahlung",
	"retrait",
	"achat",
	"prlv",
	"prelevement",
	"compra",
	"cajero",
	"prelievo",
	"pagamento pos",
	"betaalautomaat",
	"geldautomaat",
	"incasso",
	"kortkop",
	"uttag",
	"korttransaktion",
	"dankort nota",
	"varekjop",
	"korttiosto",
	"platba kartou",
	"vasarlas",
	"zakup",
	"service charge",
	"annual fee",
	"saque",
};

int kind_direction(struct span text)
{
	char folded[96];
	struct span phrase = span_of(folded, words_fold(text, folded, sizeof(folded)));

	if (has_phrase(phrase, words_in, ARRAY_LEN(words_in)))
		return 1;
	return has_phrase(phrase, words_out, ARRAY_LEN(words_out)) ? -1 : 0;
}
