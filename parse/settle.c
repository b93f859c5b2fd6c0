#include "evidence.h"

#include "mem.h"

/* Decisions from a file's evidence. Each takes what the uploader said, then what the file shows,
 * then what is usual, and says so when it was only usual. */

static int refuse_undated(const struct evidence *evidence, const struct reading *reading,
			  struct fault *why)
{
	char room[24];
	const char *name = reading_column_name(reading, reading->columns.date, room);

	if (evidence->undated_line > 0)
		fault_set(why, FAULT_JOB, "no-date-column",
			  "no row has a date under \"%.60s\"; line %llu has \"%s\" there", name,
			  (unsigned long long)evidence->undated_line, evidence->undated);
	else
		fault_set(why, FAULT_JOB, "no-date-column", "no row has a date under \"%.60s\"",
			  name);
	return fault_hint(why, "say date_column in profile, by name or number from 1");
}

static int refuse_unpaid(const struct reading *reading, struct fault *why)
{
	const struct columns *columns = &reading->columns;
	char room[24];

	fault_set(why, FAULT_JOB, "no-amount-column", "no row has an amount under \"%.60s\"",
		  reading_column_name(reading,
				      columns->amount != -1  ? columns->amount
				      : columns->debit != -1 ? columns->debit
							     : columns->credit,
				      room));
	return fault_hint(why, "say amount_column, or debit_column and credit_column, in profile");
}

/* "kr" and the like mean what the header's language says; "$" and a bare yen sign what they can. */
static bool symbol_currency(char symbol, const char *language, char currency[CURRENCY_SIZE])
{
	static const struct {
		const char *language, *currency;
	} crowns[] = {{"sv", "SEK"}, {"da", "DKK"}, {"no", "NOK"}};

	for (size_t i = 0; symbol == 'k' && i < ARRAY_LEN(crowns); i++) {
		if (strcmp(language, crowns[i].language) == 0) {
			memcpy(currency, crowns[i].currency, CURRENCY_SIZE);
			return true;
		}
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

static int settle_currency(const struct evidence *evidence, const struct wish *wish,
			   const char *language, struct reading *reading, struct fault *why)
{
	if (reading->currency_fixed)
		return 0; /* by the uploader or the heading */
	if (evidence->currency[0] && !evidence->currencies) {
		memcpy(reading->currency, evidence->currency, CURRENCY_SIZE);
		return 0;
	}
	if (symbol_currency(evidence->symbol, language, reading->currency))
		return 0;
	memcpy(reading->currency, wish->default_currency, CURRENCY_SIZE);
	if (!symbol_fits(evidence->symbol, reading->currency)) {
		fault_set(
			why, FAULT_JOB, "currency-unknown",
			"the file's amounts carry the sign %s, so they are not in %s, but it does "
			"not say in what",
			evidence->symbol == '$'	  ? "$"
			: evidence->symbol == 'k' ? "kr"
						  : "¥",
			reading->currency);
		return fault_hint(why, "say currency: a code of ISO 4217 such as USD");
	}
	if (reading->columns.currency == -1)
		notes_add(&reading->assumed, "The file does not name its currency: read as %s",
			  reading->currency);
	return 0;
}

/* Does the file, with all amounts unsigned, tell money in from money out? */
static int settle_unsigned(const struct evidence *evidence, struct reading *reading,
			   struct fault *why)
{
	const struct sign_count *signs = &evidence->signs;

	if (evidence->flags > evidence->other_flags) {
		reading->sign = SIGN_COLUMN;
		return 0;
	}
	if (reading->columns.flag_named) {
		fault_set(why, FAULT_JOB, "sign-unknown",
			  "no amount has a minus, and the words of the debit/credit column are not "
			  "known");
		return fault_hint(why, "say sign in profile: amount (as printed) or inverted");
	}
	if (signs->marked > 0 && signs->marked < signs->amounts) {
		reading->sign = SIGN_MARKED;
		notes_add(&reading->assumed, "No amount has a minus and some are marked + or CR: "
					     "those are read as money "
					     "in, the others as money out");
		return 0;
	}
	reading->sign = SIGN_UNKNOWN; /* the balance may know */
	return 0;
}

static int settle_sign(const struct evidence *evidence, const struct wish *wish,
		       struct reading *reading, struct fault *why)
{
	const struct sign_count *debit = &evidence->debit_signs;
	const struct sign_count *credit = &evidence->credit_signs;

	reading->debit_minus = debit->minus > debit->plus;
	reading->credit_minus = credit->minus > credit->plus;
	if ((debit->minus > 0 && debit->plus > 0) || (credit->minus > 0 && credit->plus > 0))
		notes_add(&reading->assumed, "A column of money out or money in has amounts of "
					     "both signs: the rarer sign "
					     "is read as the other direction");
	if (wish->sign == SIGN_COLUMN &&
	    (reading->columns.flag == -1 || reading->columns.amount == -1)) {
		fault_set(why, FAULT_JOB, "profile-invalid",
			  "profile.sign is column, and the file has no debit/credit column beside "
			  "one amount column");
		return fault_hint(why, "say flag_column in profile, by name or number from 1");
	}
	reading->sign = SIGN_AMOUNT;
	if (wish->sign != SIGN_UNKNOWN)
		reading->sign = wish->sign;
	else if (reading->columns.amount != -1 && evidence->signs.minus == 0 &&
		 evidence->signs.plus > 0)
		return settle_unsigned(evidence, reading, why);
	return 0;
}

int evidence_settle(const struct evidence *evidence, const struct wish *wish, const char *language,
		    struct reading *reading, struct fault *why)
{
	if (evidence->date.dates == 0)
		return refuse_undated(evidence, reading, why);
	if (evidence->with_amount == 0)
		return refuse_unpaid(reading, why);
	reading->order = wish->date_order;
	if (!reading->order && date_settle(&evidence->date, &reading->order, why) != 0)
		return -1;
	if (settle_currency(evidence, wish, language, reading, why) != 0)
		return -1;
	reading->exponent = money_exponent(reading->currency);
	reading->decimal_mark = wish->decimal_mark;
	if (!reading->decimal_mark &&
	    amount_settle(&evidence->amount, reading->exponent, &reading->decimal_mark, why) != 0)
		return -1;
	return settle_sign(evidence, wish, reading, why);
}
