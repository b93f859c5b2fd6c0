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

/* One behind the other, not by pointers: all are looked at for each row. */
static const char words_balance[][KIND_TEXT_MAX] = {
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
	"b f",
	"c f",
	"brought forward",
	"carried forward",
	"opening bal",
	"closing bal",
	"ledger balance",
	"available balance",
	"cleared balance",
	"book balance",
	"balance forward",
	"monthly total",
	"sub total",
	"net change",
	"net change in period",
	"devreden bakiye",
	"υπολοιπο εκ μεταφορας",
	"balance b f",
	"balance c f",
	"algsaldo",
	"loppsaldo",
	"kaive",
	"sakuma atlikums",
	"beigu atlikums",
	"apgrozijums",
	"saldo awal",
	"saldo akhir",
	"saldo do dia",
	"saldo del dia",
	"startsaldo",
	"slutsaldo",
	"alkusaldo",
	"loppusaldo",
	"pocetno stanje",
	"zavrsno stanje",
	"acilis bakiyesi",
	"kapanis bakiyesi",
	"входящий остаток",
	"исходящий остаток",
	"期初余额",
	"期末余额",
	"前月繰越",
};

/* Does a phrase of the list begin as the text does? Nearly all descriptions end here. An accent may
 * hide anything. */
static bool may_be_balance(struct span text)
{
	uint32_t here, phrase;

	if (text.len < 4)
		return text.len == 3 && text.at[1] == '/'; /* "B/F" */
	memcpy(&here, text.at, 4);
	if (here & 0x80808080)
		return true;
	here |= 0x20202020;
	for (size_t i = 0; i < ARRAY_LEN(words_balance); i++) {
		memcpy(&phrase, words_balance[i], 4);
		if (here == phrase)
			return true;
	}
	return false;
}

static bool begins_with(struct span text, const char *start)
{
	return text.len >= strlen(start) && memcmp(text.at, start, strlen(start)) == 0;
}

bool kind_is_balance(struct span text)
{
	char folded[KIND_TEXT_MAX];
	struct span phrase;

	if (text.len > sizeof(folded) || !may_be_balance(text))
		return false;
	phrase = span_of(folded, words_fold(text, folded, sizeof(folded)));
	if (begins_with(phrase, "balance carried forward ") ||
	    begins_with(phrase, "balance brought forward "))
		return true;
	phrase = without_date(phrase);
	for (size_t i = 0; i < ARRAY_LEN(words_balance); i++) {
		if (span_is(phrase, words_balance[i]))
			return true;
	}
	return false;
}

bool kind_is_total(struct span text)
{
	static const char *const words[] = {
		"total",    "totals",  "totale",  "totaal", "totalt", "totales", "subtotal",
		"sum",	    "summe",   "summa",	  "somme",  "suma",   "gesamt",	 "gesamtsumme",
		"saldo",    "balance", "solde",	  "razem",  "celkem", "celkom",	 "osszesen",
		"itogo",    "итого",   "всего",	  "разом",  "viso",   "kokku",	 "kopa",
		"yhteensa", "ialt",    "samtals", "toplam", "συνολο", "ukupno",	 "skupaj",
		"合計",	    "合计",    "总计",	  "小計",   "小计",   "합계",	 "סהכ",
	};
	char folded[KIND_TEXT_MAX];
	struct span first;
	size_t n = 0;

	if (text.len > sizeof(folded))
		return false;
	first = span_of(folded, words_fold(text, folded, sizeof(folded)));
	while (n < first.len && first.at[n] != ' ')
		n++;
	first.len = n;
	return kind_is_balance(text) || in_list(first, words, ARRAY_LEN(words));
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

/* What a card's account says when its holder pays: money in, whatever the sign. "Autopay" is not
 * among them, for the account that it is paid from says so too. */
static const char *const words_paid[] = {
	"payment received",    "thank you",	     "directpay full balance",
	"paiement recu",       "paiement merci",     "merci",
	"zahlung erhalten",    "dankend erhalten",   "pago recibido",
	"gracias por su pago", "pagamento recebido", "pagamento ricevuto",
	"betaling ontvangen",  "betalning mottagen", "inbetalning tack",
	"betaling modtaget",   "betaling mottatt",
};
static const char *const words_in[] = {
	"salary",	   "payroll",	    "refund",	      "direct deposit",
	"interest paid",   "gehalt",	    "lohn",	      "gutschrift",
	"zahlungseingang", "virement recu", "salaire",	      "remboursement",
	"nomina",	   "devolucion",    "stipendio",      "rimborso",
	"salaris",	   "terugbetaling", "loenoverforsel", "wyplata wynagrodzenia",
	"wynagrodzenie",   "vyplata mzdy",  "mzda",	      "fizetes",
	"salario",	   "estorno",
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

	if (has_phrase(phrase, words_in, ARRAY_LEN(words_in)) ||
	    has_phrase(phrase, words_paid, ARRAY_LEN(words_paid)))
		return 1;
	return has_phrase(phrase, words_out, ARRAY_LEN(words_out)) ? -1 : 0;
}

bool kind_is_paid(struct span text)
{
	char folded[96];
	struct span phrase = span_of(folded, words_fold(text, folded, sizeof(folded)));

	return has_phrase(phrase, words_paid, ARRAY_LEN(words_paid));
}
