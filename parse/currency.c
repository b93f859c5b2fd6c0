#include "currency.h"

#include "mem.h"
#include "money.h"

/* "kr" and a bare yen sign mean what the header's language says; "$" what it can. */
static bool symbol_currency(char symbol, const char *language, char currency[CURRENCY_SIZE])
{
	static const struct {
		char symbol;
		const char *language, *currency;
	} known[] = {
		{'k', "sv", "SEK"}, {'k', "da", "DKK"}, {'k', "no", "NOK"},
		{'Y', "zh", "CNY"}, {'Y', "ja", "JPY"},
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (known[i].symbol != symbol || strcmp(language, known[i].language) != 0)
			continue;
		memcpy(currency, known[i].currency, CURRENCY_SIZE);
		return true;
	}
	return false;
}

/* Could amounts in this currency carry this symbol? */
static bool symbol_fits(char symbol, const char *currency)
{
	static const char dollars[] =
		"USD CAD AUD NZD SGD HKD TWD MXN ARS CLP COP BRL JMD BSD BBD BZD "
		"BMD FJD GYD LRD NAD SBD SRD TTD XCD";
	static const char crowns[] = "SEK NOK DKK ISK";
	static const char yen[] = "JPY CNY";
	const char *list = symbol == '$' ? dollars : symbol == 'k' ? crowns : yen;

	return symbol == 0 || strstr(list, currency) != NULL;
}

/* Scripts (see words_script()) and the currencies of where they are written. */
static const struct {
	char script;
	const char *currencies;
} scripts[] = {
	{'J', "JPY"},
	{'C', "CNY HKD TWD MOP SGD JPY"},
	{'K', "KRW"},
	{'R', "RUB UAH BYN BGN KZT RSD MKD KGS TJS MNT"},
	{'H', "ILS"},
	{'G', "EUR"},
	{'T', "THB"},
	{'A', "SAR AED EGP QAR KWD BHD OMR JOD IQD IRR YER LYD TND "
	      "DZD MAD SDG SYP LBP PKR AFN"},
	{'I', "INR NPR LKR BDT"},
	{'M', "AMD"},
	{'S', "GEL"},
	{'E', "ETB ERN"},
};

/* Could a statement in this script be in this currency? */
static bool script_fits(char script, const char *currency)
{
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
		if (scripts[i].script == script)
			return strstr(scripts[i].currencies, currency) != NULL;
	}
	return true;
}

/* Is a statement in this currency in quite another script? Those of the world are in any. */
static bool script_contradicts(char script, const char *currency)
{
	bool other = false;

	for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
		other |= scripts[i].script != 'G' && strstr(scripts[i].currencies, currency);
	return other && !script_fits(script, currency);
}

int currency_check_script(const struct evidence *evidence, const struct setting *setting,
			  const struct reading *reading, struct fault *why)
{
	enum sure sure = reading->encoding.sure;
	char script = setting->script ? setting->script : evidence->script;

	if ((sure != SURE_LIKELY && sure != SURE_ASSUMED) || reading->currencies ||
	    !script_contradicts(script, reading->currency))
		return 0;
	fault_set(why, FAULT_JOB, "encoding-unknown",
		  "the file reads best as %s text, but is in %s, so it may be in another encoding",
		  encoding_name(reading->encoding.charset), reading->currency);
	return fault_hint(why, "say encoding in profile, or save the file as CSV UTF-8");
}

static int refuse_currency(struct fault *why, const char *evidence, const char *currency)
{
	fault_set(why, FAULT_JOB, "currency-unknown",
		  "the file %s, so it may not be in %s, and it does not say in what", evidence,
		  currency);
	return fault_hint(why, "say currency: a code of ISO 4217 such as USD");
}

#define WHOLE_AMOUNTS 5 /* so many without any decimals speak against cents */

static bool all_whole(const struct evidence *evidence)
{
	return evidence->large && evidence->with_amount >= WHOLE_AMOUNTS &&
	       evidence->amount.point_line + evidence->amount.comma_line == 0;
}

/* The default, unless the file speaks against it. */
static int assume_currency(const struct evidence *evidence, const struct setting *setting,
			   struct reading *reading, struct fault *why)
{
	const char *currency = setting->wish->default_currency;
	char script = setting->script	  ? setting->script
		      : evidence->script  ? evidence->script
		      : reading->buddhist ? 'T'
					  : 0;

	memcpy(reading->currency, currency, CURRENCY_SIZE);
	if (!symbol_fits(evidence->symbol, currency))
		return refuse_currency(why,
				       evidence->symbol == '$'	 ? "has amounts with the sign $"
				       : evidence->symbol == 'k' ? "has amounts with the sign kr"
								 : "has amounts with the sign ¥",
				       currency);
	if (!script_fits(script, currency))
		return refuse_currency(
			why,
			script == 'T' && reading->buddhist
				? "counts its years as another country than this currency's does"
				: "is in another script than that of this currency's country",
			currency);
	if (money_exponent(currency) > 0 && !reading->minor && all_whole(evidence))
		return refuse_currency(why, "has no amount with decimals", currency);
	reading->sure.currency = SURE_ASSUMED;
	if (reading->columns.currency == -1)
		notes_add(&reading->assumed, "The file does not name its currency: read as %s",
			  reading->currency);
	return 0;
}

static int find_currency(const struct evidence *evidence, const struct setting *setting,
			 struct reading *reading, struct fault *why)
{
	const struct wish *wish = setting->wish;

	reading->sure.currency = wish->currency[0] ? SURE_TOLD : SURE_SETTLED;
	if (reading->currency_fixed)
		return 0; /* by the uploader or the heading */
	if (evidence->stated[0] && (!evidence->currency[0] || evidence->currencies)) {
		/* each row states its own */
		reading->currencies = evidence->several;
		memcpy(reading->currency,
		       evidence->several ? wish->default_currency : evidence->stated,
		       CURRENCY_SIZE);
		return 0;
	}
	if (evidence->currency[0] && !evidence->currencies) {
		memcpy(reading->currency, evidence->currency, CURRENCY_SIZE);
		return 0;
	}
	reading->sure.currency = SURE_LIKELY;
	if (symbol_currency(evidence->symbol, setting->language, reading->currency))
		return 0;
	if (setting->preamble->currency[0] &&
	    symbol_fits(evidence->symbol, setting->preamble->currency)) {
		memcpy(reading->currency, setting->preamble->currency, CURRENCY_SIZE);
		return 0;
	}
	if (wish->earlier.currency[0]) {
		memcpy(reading->currency, wish->earlier.currency, CURRENCY_SIZE);
		reading->sure.currency = SURE_EARLIER;
		notes_add(&reading->assumed,
			  "The file does not name its currency: read as %s, as this account's "
			  "file before",
			  reading->currency);
		return 0;
	}
	return assume_currency(evidence, setting, reading, why);
}

int currency_settle(const struct evidence *evidence, const struct setting *setting,
		    struct reading *reading, struct fault *why)
{
	static const char with_cents[] = "USD EUR GBP CAD AUD CHF NZD SGD PLN BRL";

	if (find_currency(evidence, setting, reading, why) != 0)
		return -1;
	if (reading->sure.currency != SURE_TOLD && !reading->minor && all_whole(evidence) &&
	    strstr(with_cents, reading->currency))
		notes_add(&reading->assumed,
			  "No amount has decimals: they are read as whole %s, not as cents",
			  reading->currency);
	return 0;
}
