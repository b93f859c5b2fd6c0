#include "words.h"

#include "mem.h"

/* Phrases as words_fold() leaves them, separated by '|'. `part`: a longer heading that contains
 * the phrase as a whole word has the role too, at WORDS_PART. */
struct word_list {
	enum role role;
	uint8_t rank;
	bool part;
	char language[3];
	const char *phrases;
};

static const struct word_list word_lists[] = {
	/* dates: of booking */
	{ROLE_DATE, RANK_DATE_BOOKING, false, "en",
	 "booking date|date booked|booked date|booked on|posting date|post date|posted date|"
	 "posted|date posted|posted on|posted transactions|date processed|process date|"
	 "processed date|completed date|date completed|settlement date|entry date|"
	 "accounting date|bookkeeping date|effective date"},
	{ROLE_DATE, RANK_DATE_BOOKING, false, "de",
	 "buchungstag|buchungsdatum|buchung|datum der buchung|gebucht am|buchungszeit"},
	{ROLE_DATE, RANK_DATE_BOOKING, false, "fr",
	 "date de comptabilisation|date comptable|date de comptable|date d ecriture|"
	 "ecriture|date de l ecriture|date de passage|comptabilise le|date de traitement"},
	{ROLE_DATE, RANK_DATE_BOOKING, false, "es",
	 "fecha contable|fecha de contabilizacion|fecha de asiento|fecha de apunte|"
	 "fecha de registro"},
	{ROLE_DATE, RANK_DATE_BOOKING, false, "it",
	 "data contabile|data contabilizzazione|data registrazione|data di registrazione|"
	 "contabile|data reg|data cont"},
	{ROLE_DATE, RANK_DATE_BOOKING, false, "nl",
	 "boekdatum|boekingsdatum|datum boeking|geboekt op|verwerkingsdatum"},
	{ROLE_DATE, RANK_DATE_BOOKING, false, "sv",
	 "bokforingsdag|bokforingsdatum|bokford|bokfort"},
	{ROLE_DATE, RANK_DATE_BOOKING, false, "da", "bogforingsdato|bogfort|bogforingsdag"},
	{ROLE_DATE, RANK_DATE_BOOKING, false, "no", "bokforingsdato|bokfort dato|bokforingsdatoen"},
	{ROLE_DATE, RANK_DATE_BOOKING, false, "", "银行记账日|记账日|记账日期|入账日期|入账日"},
	/* dates: just a date */
	{ROLE_DATE, RANK_DATE_PLAIN, true, "en", "date"},
	{ROLE_DATE, RANK_DATE_PLAIN, true, "", "datum|data|dato|fecha|日期|年月日|дата"},
	{ROLE_DATE, RANK_DATE_PLAIN, false, "", "pvm|paiva|paivamaara|kelt"},
	{ROLE_DATE, RANK_DATE_PLAIN, false, "en", "day|date time|datetime|timestamp"},
	/* dates: of the purchase or order */
	{ROLE_DATE, RANK_DATE_TRANSACTION, false, "en",
	 "transaction date|trans date|trans date time|tran date|txn date|"
	 "date of transaction|transaction date time|purchase date|date of purchase|"
	 "started date|created date|date created|created on|operation date|payment date|"
	 "execution date"},
	{ROLE_DATE, RANK_DATE_TRANSACTION, false, "de",
	 "transaktionsdatum|umsatzdatum|belegdatum|kaufdatum|einkaufsdatum|ausfuhrungsdatum|"
	 "auftragsdatum|datum der transaktion|abschlussdatum"},
	{ROLE_DATE, RANK_DATE_TRANSACTION, false, "fr",
	 "date operation|date d operation|date de l operation|date d achat|"
	 "date de transaction|date transaction|date de la transaction|date d execution"},
	{ROLE_DATE, RANK_DATE_TRANSACTION, false, "es",
	 "fecha operacion|fecha de operacion|fecha de la operacion|f operacion|"
	 "fecha transaccion|fecha de transaccion|fecha movimiento|fecha de compra"},
	{ROLE_DATE, RANK_DATE_TRANSACTION, false, "it",
	 "data operazione|data dell operazione|data transazione|data movimento|"
	 "data acquisto"},
	{ROLE_DATE, RANK_DATE_TRANSACTION, false, "nl",
	 "transactiedatum|datum transactie|aankoopdatum"},
	{ROLE_DATE, RANK_DATE_TRANSACTION, false, "sv",
	 "transaktionsdag|transaktionsdatum|kopdatum"},
	{ROLE_DATE, RANK_DATE_TRANSACTION, false, "hu", "tranzakcio datuma|tranzakcio napja"},
	{ROLE_DATE, RANK_DATE_TRANSACTION, false, "", "交易日|交易日期|交易时间|datum provedeni"},
	/* dates: of value */
	{ROLE_DATE, RANK_DATE_VALUE, false, "en",
	 "value date|valuedate|val date|date value|interest date"},
	{ROLE_DATE, RANK_DATE_VALUE, false, "de",
	 "valuta|valutadatum|wertstellung|wertstellungsdatum|wertstellung valuta|wert|"
	 "valuta datum"},
	{ROLE_DATE, RANK_DATE_VALUE, false, "fr", "date valeur|date de valeur|valeur"},
	{ROLE_DATE, RANK_DATE_VALUE, false, "es", "fecha valor|fecha de valor|f valor"},
	{ROLE_DATE, RANK_DATE_VALUE, false, "it", "data valuta|valuta"},
	{ROLE_DATE, RANK_DATE_VALUE, false, "nl", "rentedatum|valutadatum"},
	{ROLE_DATE, RANK_DATE_VALUE, false, "sv", "valutadag"},
	{ROLE_DATE, RANK_DATE_VALUE, false, "hu", "erteknap"},
	{ROLE_DATE, RANK_DATE_VALUE, false, "", "rentedato|valutadato|valuteringsdato"},
	/* one signed amount */
	{ROLE_AMOUNT, 1, true, "en", "amount"},
	{ROLE_AMOUNT, 1, false, "en",
	 "billing amount|transaction amount|amount in account currency|account amount|"
	 "amount booked|booked amount|net amount|amt|value|net|transaction value|"
	 "payment amount"},
	{ROLE_AMOUNT, 1, true, "de", "betrag|umsatz"},
	{ROLE_AMOUNT, 2, false, "de",
	 "buchungsbetrag|umsatzbetrag|betrag in kontowahrung|abrechnungsbetrag"},
	{ROLE_AMOUNT, 1, true, "fr", "montant"},
	{ROLE_AMOUNT, 1, false, "fr", "montant de l operation|montant operation|somme"},
	{ROLE_AMOUNT, 1, true, "es", "importe"},
	{ROLE_AMOUNT, 2, false, "es", "monto|cantidad|importe de la operacion"},
	{ROLE_AMOUNT, 1, true, "it", "importo"},
	{ROLE_AMOUNT, 1, true, "nl", "bedrag"},
	{ROLE_AMOUNT, 2, false, "nl", "transactiebedrag"},
	{ROLE_AMOUNT, 1, true, "sv", "belopp"},
	{ROLE_AMOUNT, 1, true, "da", "belob"},
	{ROLE_AMOUNT, 1, true, "no", "belop"},
	{ROLE_AMOUNT, 1, false, "hu", "osszeg|tranzakcio osszege"},
	{ROLE_AMOUNT, 1, false, "pt", "valor"},
	{ROLE_AMOUNT, 1, false, "",
	 "castka|zauctovana castka|kwota|kwota operacji|金额|交易金额|сумма"},
	/* money out, money in */
	{ROLE_DEBIT, 1, true, "en", "debit|withdrawal|withdrawals|debits"},
	{ROLE_DEBIT, 1, false, "en",
	 "debit amount|withdrawal amount|withdrawal amt|withdrawals amount|paid out|"
	 "money out|out|outflow|payments|spent|amount debit|debit amt|charges|charge|"
	 "money out amount|dr|spending"},
	{ROLE_DEBIT, 1, false, "de",
	 "soll|belastung|belastungen|ausgang|ausgaben|ausgabe|lastschrift|auszahlung"},
	{ROLE_DEBIT, 1, false, "fr",
	 "debit|montant debit|debit montant|depenses|depense|retraits|retrait"},
	{ROLE_DEBIT, 1, false, "es",
	 "cargo|cargos|debe|debito|debitos|gasto|gastos|retiros|retiro|egresos"},
	{ROLE_DEBIT, 1, false, "it", "addebiti|addebito|uscite|uscita|dare|importo addebito"},
	{ROLE_DEBIT, 1, false, "nl", "uit|uitgaven|debet|bedrag af"},
	{ROLE_DEBIT, 1, false, "",
	 "uttag|utgift|ut av konto|ud|支出|借方|お引出し|お支払金額|出金"},
	{ROLE_CREDIT, 1, true, "en", "credit|deposit|deposits|credits"},
	{ROLE_CREDIT, 1, false, "en",
	 "credit amount|deposit amount|deposit amt|deposits amount|paid in|money in|in|"
	 "inflow|receipts|received|amount credit|credit amt|money in amount|cr|income"},
	{ROLE_CREDIT, 1, false, "de",
	 "haben|gutschrift|gutschriften|eingang|einnahmen|einnahme|einzahlung"},
	{ROLE_CREDIT, 1, false, "fr",
	 "credit|montant credit|credit montant|recettes|recette|versements|depots|depot"},
	{ROLE_CREDIT, 1, false, "es",
	 "abono|abonos|haber|credito|creditos|ingreso|ingresos|depositos|deposito"},
	{ROLE_CREDIT, 1, false, "it",
	 "accrediti|accredito|entrate|entrata|avere|importo accredito"},
	{ROLE_CREDIT, 1, false, "nl", "inkomsten|credit|bedrag bij"},
	{ROLE_CREDIT, 1, false, "",
	 "insattning|inntekt|inn pa konto|ind|存入|收入|贷方|お預入れ|お預り金額|入金"},
	/* what the account holds */
	{ROLE_BALANCE, 1, true, "en", "balance"},
	{ROLE_BALANCE, 1, false, "en",
	 "running balance|account balance|balance after|balance amount|closing balance|"
	 "available balance|running bal"},
	{ROLE_BALANCE, 1, true, "", "saldo"},
	{ROLE_BALANCE, 1, false, "de", "saldo nach buchung|kontostand|kontostand nach buchung"},
	{ROLE_BALANCE, 1, false, "fr", "solde|solde apres operation|solde du compte"},
	{ROLE_BALANCE, 1, false, "es", "saldo disponible|saldo contable"},
	{ROLE_BALANCE, 1, false, "it", "saldo contabile|saldo progressivo"},
	{ROLE_BALANCE, 1, false, "nl", "saldo na mutatie|saldo na trn|saldo na boeking"},
	{ROLE_BALANCE, 1, false, "",
	 "egyenleg|余额|账户余额|残高|差引残高|zustatek|saldo po operacji"},
	/* in what money */
	{ROLE_CURRENCY, 1, true, "en", "currency"},
	{ROLE_CURRENCY, 1, false, "en",
	 "billing currency|account currency|transaction currency|ccy|curr|currency code|cur"},
	{ROLE_CURRENCY, 1, false, "de", "wahrung|waehrung|wahrung des kontos|kontowahrung|whg|wrg"},
	{ROLE_CURRENCY, 1, false, "fr", "devise|monnaie|devise du compte"},
	{ROLE_CURRENCY, 1, false, "es", "divisa|moneda"},
	{ROLE_CURRENCY, 1, false, "it", "divisa|valuta conto"},
	{ROLE_CURRENCY, 1, false, "nl", "munt|muntsoort|valutacode"},
	{ROLE_CURRENCY, 2, false, "",
	 "valuta|valuuta|tranzakcio devizaneme|devizanem|mena|mena uctu|waluta|币种|币别|"
	 "通貨|валюта"},
	/* text, best first */
	{ROLE_TEXT, RANK_TEXT_DESCRIPTION, true, "en", "description"},
	{ROLE_TEXT, RANK_TEXT_DESCRIPTION, false, "en",
	 "transaction description|narrative|narration|particulars|transaction details|"
	 "booking text|transaction|transaction remarks|remarks|statement text|"
	 "transaction text|transaction narrative|details of transaction|payment details|"
	 "title|name description|original description|statement description|"
	 "extended description"},
	{ROLE_TEXT, RANK_TEXT_DESCRIPTION, false, "de",
	 "beschreibung|umsatztext|buchungsdetails|bezeichnung|umsatzbeschreibung"},
	{ROLE_TEXT, RANK_TEXT_DESCRIPTION, false, "fr",
	 "libelle|texte comptable|libelle operation|libelle de l operation|"
	 "description de l operation|intitule|nature de l operation"},
	{ROLE_TEXT, RANK_TEXT_DESCRIPTION, false, "es",
	 "concepto|descripcion|detalle|movimiento|concepto de la operacion"},
	{ROLE_TEXT, RANK_TEXT_DESCRIPTION, false, "it",
	 "descrizione|causale|descrizione operazione|descrizione estesa|operazione"},
	{ROLE_TEXT, RANK_TEXT_DESCRIPTION, false, "nl",
	 "omschrijving|naam omschrijving|omschrijving 1|omschrijving transactie"},
	{ROLE_TEXT, RANK_TEXT_DESCRIPTION, false, "sv",
	 "rubrik|beskrivning|transaktionstext|specifikation"},
	{ROLE_TEXT, RANK_TEXT_DESCRIPTION, false, "da", "tekst|beskrivelse"},
	{ROLE_TEXT, RANK_TEXT_DESCRIPTION, false, "no", "forklaring|beskrivelse|tekst"},
	{ROLE_TEXT, RANK_TEXT_DESCRIPTION, false, "pt", "historico|descricao"},
	{ROLE_TEXT, RANK_TEXT_DESCRIPTION, false, "",
	 "text|交易描述|摘要|お取り扱い内容|お取扱内容|описание|popis|opis operacji"},
	{ROLE_TEXT, RANK_TEXT_PURPOSE, false, "en",
	 "memo|payment purpose|purpose|message|notes|note|details|comment|reference text|"
	 "remittance information"},
	{ROLE_TEXT, RANK_TEXT_PURPOSE, false, "de",
	 "verwendungszweck|zweck|mitteilung|mitteilungen|vwz|buchungshinweis"},
	{ROLE_TEXT, RANK_TEXT_PURPOSE, false, "fr",
	 "detail de l ecriture|detail|motif|communication|informations complementaires|"
	 "commentaire"},
	{ROLE_TEXT, RANK_TEXT_PURPOSE, false, "es", "observaciones|comentario|mas datos"},
	{ROLE_TEXT, RANK_TEXT_PURPOSE, false, "it", "note|dettagli"},
	{ROLE_TEXT, RANK_TEXT_PURPOSE, false, "nl", "mededelingen|mededeling|omschrijving 2"},
	{ROLE_TEXT, RANK_TEXT_PURPOSE, false, "",
	 "meddelande|besked|melding|kozlemeny|zprava|zprava pro prijemce|poznamka|备注"},
	{ROLE_TEXT, RANK_TEXT_PAYEE, false, "en",
	 "partner name|payee|name|merchant|merchant name|counterparty|counterparty name|"
	 "beneficiary|payee name|vendor|counter party|other party|from to"},
	{ROLE_TEXT, RANK_TEXT_PAYEE, false, "de",
	 "empfanger|name zahlungsbeteiligter|zahlungsbeteiligter|auftraggeber|"
	 "auftraggeber empfanger|begunstigter zahlungspflichtiger|"
	 "beguenstigter zahlungspflichtiger|zahlungsempfanger in|zahlungsempfanger|"
	 "zahlungspflichtige r|partnername|handler|name des partners|"
	 "auftraggeber begunstigter|gegenpartei"},
	{ROLE_TEXT, RANK_TEXT_PAYEE, false, "fr",
	 "beneficiaire|tiers|nom|nom du beneficiaire|contrepartie|emetteur"},
	{ROLE_TEXT, RANK_TEXT_PAYEE, false, "es", "beneficiario|ordenante|nombre|comercio"},
	{ROLE_TEXT, RANK_TEXT_PAYEE, false, "it",
	 "beneficiario|ordinante|nome|controparte|esercente"},
	{ROLE_TEXT, RANK_TEXT_PAYEE, false, "nl",
	 "naam tegenpartij|tegenpartij|naam|begunstigde|naam tegenrekening"},
	{ROLE_TEXT, RANK_TEXT_PAYEE, false, "",
	 "namn|mottagare|modtager|mottaker|partner neve|nazev protiuctu|交易对方"},
	{ROLE_TEXT, RANK_TEXT_DETAIL, false, "de", "buchungstext|notiz|bemerkung"},
	{ROLE_TEXT, RANK_TEXT_DETAIL, false, "",
	 "reszletek|additional information|additional info|payment reference|"
	 "zahlungsreferenz|reference de paiement|referencia de pago|"
	 "riferimento del pagamento|betalingskenmerk"},
	{ROLE_TEXT, RANK_TEXT_KIND, false, "en",
	 "type|transaction type|transaction code|category|tran type"},
	{ROLE_TEXT, RANK_TEXT_KIND, false, "de",
	 "umsatztyp|vorgang|transaktionstyp|umsatzart|transaktionsart|kategorie|art"},
	{ROLE_TEXT, RANK_TEXT_KIND, false, "fr",
	 "type|type de transaction|type d operation|categorie|secteur"},
	{ROLE_TEXT, RANK_TEXT_KIND, false, "",
	 "typ|tipo|mutatiesoort|code|soort|tranzakcio tipusa|typ transakce|kategoria|"
	 "categoria"},
	/* the bank's own number of the transaction */
	{ROLE_REFERENCE, 1, false, "en",
	 "transaction id|unique id|fitid|transaction reference|bank reference|"
	 "transaction number|unique transaction id"},
	{ROLE_REFERENCE, 1, false, "de",
	 "transaktions id|transaktionsnummer|buchungsreferenz|umsatz id"},
	{ROLE_REFERENCE, 1, false, "fr",
	 "numero de transaction|identifiant de transaction|identifiant transaction"},
	{ROLE_REFERENCE, 1, false, "",
	 "id transakce|transactiereferentie|id transazione|id de transaccion|交易流水号"},
	/* a fee beside the amount */
	{ROLE_FEE, 1, false, "en", "fee|fees|total fees|fee amount|transaction fee"},
	{ROLE_FEE, 1, false, "de", "gebuhr|gebuhren"},
	{ROLE_FEE, 1, false, "", "frais|comision|commissione|kosten|avgift|gebyr|poplatek"},
	/* which way the money went */
	{ROLE_FLAG, 1, false, "en",
	 "debit credit|credit debit|dr cr|cr dr|d c|c d|debit or credit|credit or debit|"
	 "credit debit indicator|debit credit indicator|direction|cr dr indicator"},
	{ROLE_FLAG, 1, false, "de", "soll haben|s h|soll haben kennzeichen|h s"},
	{ROLE_FLAG, 1, false, "",
	 "af bij|debit credit|debet credit|debe haber|dare avere|sens|credit debet|"
	 "bevetel kiadas|收支|收 支"},
};

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
	if (code >= 0x410 && code <= 0x42f) { /* Cyrillic capitals */
		code += 0x20;
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
	size_t at = currency_code_at(text, currency);

	if (at < text.len) {
		memcpy(room, text.at, text.len);
		memset(room + at, ' ', 3);
		return span_of(room, text.len);
	}
	memset(currency, 0, CURRENCY_SIZE);
	if (memmem(text.at, text.len, "€", 3))
		memcpy(currency, "EUR", CURRENCY_SIZE);
	else if (memmem(text.at, text.len, "£", 2))
		memcpy(currency, "GBP", CURRENCY_SIZE);
	return text;
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

/* Words that make a longer heading something else than the word in it: an amount in the money of
 * the shop is not the amount that was booked. */
static bool phrase_is_foreign(struct span phrase)
{
	static const char *const words[] = {
		"original",	"foreign",  "exchange",	 "local",  "etrangere",	 "origine",
		"fremdwahrung", "ursprung", "originale", "estera", "extranjera", "puvodni",
		"rate",		"tax",	    "vat",	 "limit",  "available",	 "points",
		"birth",	"card",	    "due",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (phrase_has(phrase, span_text(words[i])))
			return true;
	}
	return false;
}

/* Looks `phrase` up in one list; `part`: as a word in it. */
static bool list_has(const struct word_list *list, struct span phrase, bool part)
{
	const char *at = list->phrases;

	while (*at) {
		size_t len = strcspn(at, "|");
		struct span known = span_of(at, len);

		if (part ? phrase_has(phrase, known) : span_equal(phrase, known))
			return true;
		at += len + (at[len] == '|');
	}
	return false;
}

static void heading_look_up(struct heading *heading, struct span phrase, bool part)
{
	for (size_t i = 0; i < ARRAY_LEN(word_lists); i++) {
		const struct word_list *list = &word_lists[i];

		if ((part && !list->part) || !list_has(list, phrase, part))
			continue;
		heading->role = list->role;
		heading->rank = (uint8_t)(list->rank + (part ? WORDS_PART : 0));
		memcpy(heading->language, list->language, sizeof(heading->language));
		return;
	}
}

void words_heading(struct span text, struct heading *heading)
{
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
	heading_look_up(heading, phrase, false);
	if (heading->role == ROLE_NONE && heading->currency[0] && phrase.len > 3 &&
	    (memcmp(phrase.at + phrase.len - 3, " in", 3) == 0 ||
	     memcmp(phrase.at + phrase.len - 3, " en", 3) == 0)) {
		phrase.len -= 3; /* "Umsatz in EUR", "Montant en EUR" */
		heading_look_up(heading, phrase, false);
	}
	if (heading->role == ROLE_NONE && !phrase_is_foreign(phrase))
		heading_look_up(heading, phrase, true);
}

int words_flag(struct span text)
{
	static const struct word_list lists[] = {
		{ROLE_DEBIT, 0, false, "",
		 "d|dr|db|dbit|debit|debet|debito|s|soll|af|out|outflow|money "
		 "out|withdrawal|expense|"
		 "payment|uit|dare|kiadas|支出|支"},
		{ROLE_CREDIT, 0, false, "",
		 "c|cr|crdt|credit|kredit|credito|h|haben|bij|in|inflow|money "
		 "in|deposit|income|avere|"
		 "bevetel|收入|收"},
	};
	char folded[24];
	struct span word;

	text = span_trim(text);
	if (text.len == 0 || text.len >= sizeof(folded))
		return 0;
	if (span_is(text, "-") || span_is(text, "+"))
		return text.at[0] == '-' ? -1 : 1;
	word = span_of(folded, words_fold(text, folded, sizeof(folded)));
	if (list_has(&lists[0], word, false))
		return -1;
	return list_has(&lists[1], word, false) ? 1 : 0;
}
