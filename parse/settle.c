#include "evidence.h"

#include "currency.h"
#include "mem.h"
#include "words.h"

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

static int refuse_sign(struct fault *why, const char *text)
{
	fault_set(why, FAULT_JOB, "sign-unknown", "%s", text);
	return fault_hint(why, "say sign in profile: amount (as printed) or inverted");
}

/* Of a file whose column of hardly anything but "D" and "C" was not taken for one: all amounts read
 * the same way would make wrong books. */
static int hint_flag(const struct evidence *evidence, const struct reading *reading,
		     struct fault *why)
{
	int flag = reading->columns.flag;
	char room[24];

	if (flag == -1 || reading->columns.flag_named || evidence->flags <= evidence->other_flags)
		return -1;
	return fault_hint(why,
			  "say flag_column in profile if \"%.40s\" is the debit/credit column, and "
			  "flag_out and flag_in if it has other words for money out and in",
			  reading_column_name(reading, flag, room));
}

#define UNSIGNED_MANY 3 /* so many deposits and no payment are no longer likely */

/* A column of two words, one of which is known: the other one is the other way. */
static bool settle_other_flag(const struct evidence *evidence, struct reading *reading)
{
	if (evidence->other_flags == 0)
		return true;
	if (evidence->other_several ||
	    (evidence->flags_out > 0) == (evidence->flags > evidence->flags_out))
		return false;
	memcpy(evidence->flags_out > 0 ? reading->flag.in : reading->flag.out, evidence->other_flag,
	       FLAG_SIZE);
	reading->sure.sign = SURE_LIKELY;
	return true;
}

/* Nothing but the words of the rows can tell whether unsigned amounts were spent or came in. */
static int settle_worded(const struct evidence *evidence, const struct setting *setting,
			 struct reading *reading, struct fault *why)
{
	const struct agreement *words = &evidence->by_words;

	reading->sure.sign = SURE_ASSUMED;
	if (words->against > 0 && words->agree == 0) {
		reading->sign = SIGN_INVERTED;
		notes_add(&reading->assumed, "No amount has a minus, and the rows speak of what "
					     "was spent: all are read as money out");
		return 0;
	}
	if (words->against > 0)
		return refuse_sign(why, "no amount has a minus, and some rows speak of money out, "
					"others of money in");
	if (words->agree == 0 && setting->card)
		return refuse_sign(why, "no amount has a minus, and the file looks like that of a "
					"card: nothing tells whether they were spent");
	if (words->agree * 2 < evidence->signs.plus && evidence->signs.plus >= UNSIGNED_MANY)
		return refuse_sign(why, "no amount has a minus, and nothing tells money in from "
					"money out");
	if (reading->columns.flag_maybe)
		return refuse_sign(why,
				   "no amount has a minus, and a column has one word throughout "
				   "that may say that all were spent");
	reading->sign = SIGN_AMOUNT;
	notes_add(&reading->assumed, "No amount has a minus: all are read as money in");
	return 0;
}

/* "D" and "C" under a heading that speaks of neither may be deposits and cheques too. */
static int settle_letters(const struct evidence *evidence, struct reading *reading,
			  struct fault *why)
{
	const struct agreement *words = &evidence->flag_by_words;
	char room[24];

	reading->sign = SIGN_COLUMN;
	if (!reading->columns.flag_letters || reading->columns.balance != -1 ||
	    (words->agree > 0 && words->against == 0))
		return 0;
	if (words->against > words->agree || evidence->flags_out * 2 < evidence->flags)
		return refuse_sign(why, "no amount has a minus, and the letters beside them may "
					"say debit and credit, or something else");
	reading->sure.sign = SURE_ASSUMED;
	notes_add(&reading->assumed,
		  "The letters under \"%.40s\" are taken to say debit and credit",
		  reading_column_name(reading, reading->columns.flag, room));
	return 0;
}

/* Does the file, with all amounts unsigned, tell money in from money out? */
static int settle_unsigned(const struct evidence *evidence, const struct setting *setting,
			   struct reading *reading, struct fault *why)
{
	const struct sign_count *signs = &evidence->signs;
	char room[24];

	if (evidence->flags > 0 && settle_other_flag(evidence, reading))
		return settle_letters(evidence, reading, why);
	if (reading->columns.flag_named &&
	    (evidence->flags > evidence->other_flags ||
	     (evidence->flags > 0 && (setting->wish->flag_out || setting->wish->flag_in)))) {
		reading->sign = SIGN_COLUMN;
		return 0;
	}
	if (reading->columns.flag_named && reading->columns.balance == -1) {
		refuse_sign(why, "no amount has a minus, and the words of the debit/credit column "
				 "are not known");
		return fault_hint(why,
				  "say flag_out and flag_in in profile: the words in \"%s\" "
				  "for money out and for money in; or sign",
				  reading_column_name(reading, reading->columns.flag, room));
	}
	if (signs->marked > 0 && signs->marked < signs->amounts) {
		reading->sign = SIGN_MARKED;
		reading->sure.sign = SURE_LIKELY;
		notes_add(&reading->assumed, "No amount has a minus and some are marked + or CR: "
					     "those are read as money "
					     "in, the others as money out");
		return 0;
	}
	reading->sign = setting->wish->earlier.sign;
	reading->sure.sign = SURE_EARLIER;
	/* if unknown, the balance may know */
	return reading->sign == SIGN_UNKNOWN && reading->columns.balance == -1
		       ? settle_worded(evidence, setting, reading, why)
		       : 0;
}

#define WITNESSES 3 /* so many rows against the signs, and hardly any for them, turn them round */
#define MOSTLY	  8 /* amounts; of fewer nobody can say what most are */

/* Is there a witness that a minus is money out? In a few rows one will do. */
static bool signs_borne_out(const struct evidence *evidence, const struct setting *setting,
			    const struct reading *reading)
{
	const struct agreement *words = &evidence->by_words;
	bool few = evidence->signs.amounts < MOSTLY;

	return (reading->columns.balance != -1 && !setting->card) || evidence->by_flag.agree > 0 ||
	       evidence->signs.marked > 0 ||
	       (words->agree >= (few ? 1 : WITNESSES) && words->agree >= 4 * words->against);
}

/* Nothing turns the signs round. But where hardly any amount has a minus they may be a card's,
 * which prints what was spent without: on accounts money goes out more often than it comes in. */
static int settle_printed(const struct evidence *evidence, const struct setting *setting,
			  struct reading *reading, struct fault *why)
{
	const struct agreement *words = &evidence->by_words;
	const struct sign_count *signs = &evidence->signs;
	bool many = signs->amounts >= MOSTLY;

	if (signs_borne_out(evidence, setting, reading))
		return 0;
	if (setting->wish->earlier.sign) {
		reading->sign = setting->wish->earlier.sign;
		reading->sure.sign = SURE_EARLIER;
		return 0;
	}
	if (setting->card ? signs->plus > signs->minus : many && signs->plus > 3 * signs->minus)
		return refuse_sign(why, "hardly any amount has a minus, as on card statements, and "
					"nothing tells whether the others were spent");
	if (!many && words->agree == 0 &&
	    (evidence->by_paid.against > 0 || (words->against > 0 && signs->plus > signs->minus)))
		return refuse_sign(why, "what came in has a minus, as on card statements, and "
					"nothing tells of the other amounts");
	if (words->against > words->agree) {
		reading->sure.sign = SURE_ASSUMED;
		notes_add(
			&reading->assumed,
			"The words of line %llu say the opposite of its sign: amounts are read as "
			"printed",
			(unsigned long long)words->line);
		return 0;
	}
	if (many ? signs->plus <= 2 * signs->minus : signs->plus < signs->minus)
		return 0;
	reading->sure.sign = SURE_ASSUMED;
	notes_add(&reading->assumed,
		  many ? "Most amounts have no minus: they are read as money in, as printed"
		       : "Nothing else in the file says what a minus means: it is read as money "
			 "out");
	return 0;
}

/* Are the signs a card's, which has a minus at payments? */
static bool signs_are_turned(const struct evidence *evidence, const struct setting *setting)
{
	const struct agreement *words = &evidence->by_words, *paid = &evidence->by_paid;

	if (words->agree == 0 && words->against_out > 0 && words->against > words->against_out)
		return true; /* both what was spent and what came in */
	if (evidence->signs.plus < evidence->signs.minus || words->against < 4 * words->agree)
		return false;
	return paid->against > 0 || words->against >= (setting->card ? 1 : WITNESSES);
}

/* Amounts that carry signs: do the debit/credit column and the words of the rows agree? */
static int settle_signed(const struct evidence *evidence, const struct setting *setting,
			 struct reading *reading, struct fault *why)
{
	const struct agreement *flag = &evidence->by_flag;
	bool turned = flag->against >= 2 && flag->agree == 0;

	reading->sure.sign = SURE_LIKELY;
	if (flag->agree > 0 && flag->against > 0) {
		if (flag->against > flag->agree)
			return refuse_sign(why, "the debit/credit column says otherwise than most "
						"amounts' signs, but not of all");
		reading->sure.sign = SURE_ASSUMED;
		notes_add(&reading->assumed,
			  "Line %llu has an amount whose sign is not what its debit/credit column "
			  "says: amounts are read as printed",
			  (unsigned long long)flag->line);
		return 0;
	}
	if (flag->agree == 0 && flag->against == 0)
		turned = signs_are_turned(evidence, setting);
	if (turned) {
		reading->sign = SIGN_INVERTED;
		notes_add(&reading->assumed,
			  "What was spent has no minus and payments have one, as on card "
			  "statements: signs are read the other way round");
		return 0;
	}
	return settle_printed(evidence, setting, reading, why);
}

static void settle_columns_sign(const struct evidence *evidence, struct reading *reading)
{
	const struct sign_count *debit = &evidence->debit_signs;
	const struct sign_count *credit = &evidence->credit_signs;

	reading->debit_minus = debit->minus > debit->plus;
	reading->credit_minus = credit->minus > credit->plus;
	if ((debit->minus > 0 && debit->plus > 0) || (credit->minus > 0 && credit->plus > 0))
		notes_add(&reading->assumed, "A column of money out or money in has amounts of "
					     "both signs: the rarer sign "
					     "is read as the other direction");
}

static int settle_sign(const struct evidence *evidence, const struct setting *setting,
		       struct reading *reading, struct fault *why)
{
	const struct wish *wish = setting->wish;

	settle_columns_sign(evidence, reading);
	if (wish->sign == SIGN_COLUMN &&
	    (reading->columns.flag == -1 || reading->columns.amount == -1)) {
		fault_set(why, FAULT_JOB, "profile-invalid",
			  "profile.sign is column, and the file has no debit/credit column beside "
			  "one amount column");
		return fault_hint(why, "say flag_column in profile, by name or number from 1");
	}
	if (wish->sign == SIGN_MARKED && reading->columns.amount == -1) {
		fault_set(why, FAULT_JOB, "profile-invalid",
			  "profile.sign is marked, and the file has no single amount column");
		return fault_hint(why, "leave sign out, or say amount_column in profile");
	}
	reading->sign = SIGN_AMOUNT;
	reading->sure.sign = SURE_SETTLED;
	if (wish->sign == SIGN_COLUMN)
		settle_other_flag(evidence, reading);
	if (wish->sign != SIGN_UNKNOWN) {
		reading->sign = wish->sign;
		reading->sure.sign = SURE_TOLD;
		return 0;
	}
	if (setting->pair_open) {
		fault_set(
			why, FAULT_JOB, "sign-unknown",
			"columns %d and %d have the amounts, and nothing tells which is money out",
			reading->columns.debit + 1, reading->columns.credit + 1);
		return fault_hint(why, "say debit_column and credit_column in profile");
	}
	if (reading->columns.amount == -1 || evidence->signs.minus + evidence->signs.plus == 0)
		return 0;
	if (evidence->signs.minus > 0)
		return settle_signed(evidence, setting, reading, why);
	return settle_unsigned(evidence, setting, reading, why) == 0
		       ? 0
		       : hint_flag(evidence, reading, why);
}

#define FAR_AHEAD 366 /* days; announced payments lie hardly so far ahead, statements never */

static bool is_thai(const struct evidence *evidence, const struct setting *setting,
		    const struct reading *reading)
{
	const char *named[] = {setting->wish->currency, setting->wish->default_currency,
			       reading->currency, evidence->currency, evidence->stated};

	for (size_t i = 0; i < ARRAY_LEN(named); i++) {
		if (strcmp(named[i], "THB") == 0)
			return true;
	}
	return setting->script == 'T' || evidence->script == 'T';
}

#define FIRST_DAY 0 /* 1970: no bank has older files */

/* All of a file in years to come, or long ago: they are counted otherwise, or stand elsewhere. */
static int settle_range(const struct evidence *evidence, const struct setting *setting,
			struct reading *reading, struct fault *why)
{
	int32_t earliest, latest;
	bool ahead;

	if (reading->buddhist || reading->serial ||
	    !date_range(&evidence->date, reading->order, &earliest, &latest))
		return 0;
	ahead = earliest > setting->today + FAR_AHEAD;
	if (!ahead && latest >= FIRST_DAY)
		return 0;
	if (ahead && evidence->date.short_years && is_thai(evidence, setting, reading)) {
		reading->buddhist = true;
		notes_add(&reading->assumed, "Years are read as those of the Buddhist era");
		return 0;
	}
	if (reading->sure.date_order == SURE_TOLD)
		return 0;
	fault_set(why, FAULT_JOB, "dates-unlikely",
		  "all dates %s: \"%s\" is read with the %s first",
		  ahead ? "lie years ahead" : "are of before 1970", evidence->date.first,
		  reading->order == DATE_DMY   ? "day"
		  : reading->order == DATE_MDY ? "month"
					       : "year");
	return fault_hint(why,
			  "say date_order if they are to be read otherwise, or mend the years");
}

static int settle_order(const struct evidence *evidence, const struct setting *setting,
			struct reading *reading, struct fault *why)
{
	const struct wish *wish = setting->wish;
	struct date_verdict verdict;

	reading->buddhist = evidence->date.era > 0 && evidence->date.era == evidence->date.dates;
	if (reading->buddhist)
		notes_add(&reading->assumed, "Years are read as those of the Buddhist era");
	reading->order = wish->date_order;
	reading->sure.date_order = SURE_TOLD;
	if (reading->order)
		return date_told(&evidence->date, reading->order, why) == 0
			       ? settle_range(evidence, setting, reading, why)
			       : -1;
	if (date_settle(&evidence->date, &setting->preamble->period, setting->today,
			wish->earlier.date_order, &verdict, why) != 0)
		return -1;
	reading->order = verdict.order;
	reading->sure.date_order = verdict.earlier  ? SURE_EARLIER
				   : verdict.likely ? SURE_LIKELY
						    : SURE_SETTLED;
	if (settle_range(evidence, setting, reading, why) != 0)
		return -1;
	if (verdict.earlier)
		notes_add(&reading->assumed,
			  "Nothing in the file tells day from month: read as %s, as this account's "
			  "file before",
			  date_order_name(reading->order));
	return 0;
}

static int settle_mark(const struct evidence *evidence, const struct setting *setting,
		       struct reading *reading, struct fault *why)
{
	const struct wish *wish = setting->wish;
	const struct amount_evidence *marks = &evidence->amount;

	reading->sure.decimal_mark = wish->decimal_mark				 ? SURE_TOLD
				     : marks->point_line + marks->comma_line > 0 ? SURE_SETTLED
										 : SURE_LIKELY;
	if (marks->power_line > 0)
		notes_add(&reading->assumed,
			  "Line %llu writes an amount as a power of ten, such as 1.2E+03: digits "
			  "that it leaves out are read as zeros",
			  (unsigned long long)marks->power_line);
	reading->decimal_mark = wish->decimal_mark;
	if (reading->decimal_mark)
		return amount_told(marks, reading->decimal_mark, why);
	if (amount_settle(marks, reading->exponent, reading->sure.currency != SURE_ASSUMED,
			  &reading->decimal_mark, why) == 0)
		return 0;
	if (!wish->earlier.decimal_mark)
		return -1;
	reading->decimal_mark = wish->earlier.decimal_mark;
	reading->sure.decimal_mark = SURE_EARLIER;
	notes_add(&reading->assumed,
		  "Decimals are read after \"%c\", as in this account's file before",
		  reading->decimal_mark);
	return 0;
}

int evidence_settle(const struct evidence *evidence, const struct setting *setting,
		    struct reading *reading, struct fault *why)
{
	if (evidence->date.dates == 0)
		return refuse_undated(evidence, reading, why);
	if (holder_settle(&evidence->holders, setting->card, reading, why) != 0)
		return -1;
	if (evidence->with_amount == 0)
		return refuse_unpaid(reading, why);
	if (settle_order(evidence, setting, reading, why) != 0 ||
	    currency_settle(evidence, setting, reading, why) != 0 ||
	    currency_check_script(evidence, setting, reading, why) != 0)
		return -1;
	reading->exponent = money_exponent(reading->currency);
	if (settle_mark(evidence, setting, reading, why) != 0)
		return -1;
	return settle_sign(evidence, setting, reading, why);
}

int evidence_bears_out(const struct evidence *evidence, const struct setting *setting,
		       const struct reading *reading)
{
	const struct agreement *words = &evidence->by_words, *paid = &evidence->by_paid;
	uint64_t agree, against;

	if (reading->sure.sign == SURE_TOLD || reading->sure.sign == SURE_EARLIER ||
	    setting->wish->earlier.sign || setting->card || paid->agree + paid->against > 0 ||
	    (evidence->by_flag.agree > 0 && reading->sign == SIGN_AMOUNT))
		return 1;
	if (reading->sign == SIGN_COLUMN)
		words = &evidence->flag_by_words;
	agree = reading->sign == SIGN_INVERTED ? words->against : words->agree;
	against = reading->sign == SIGN_INVERTED ? words->agree : words->against;
	if (agree > 0 && agree >= 4 * against)
		return 1;
	return agree == 0 && against > 0 ? -1 : 0;
}
