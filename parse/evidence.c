#include "evidence.h"

#include "kind.h"
#include "mem.h"
#include "owner.h"
#include "status.h"
#include "words.h"
#include "yearless.h"

/* The text of a record's column, trimmed; empty where the record has no such column. */
static struct span column_text(const struct csv_record *record, int column, char *room, size_t size)
{
	if (column < 0 || (uint32_t)column >= record->n_fields || record->fields[column].len == 0 ||
	    record->fields[column].len > size)
		return span_of(NULL, 0);
	return csv_value(&record->fields[column], room);
}

static void look_currency(const struct amount *amount, struct evidence *evidence)
{
	if (!amount->currency[0])
		return;
	if (!evidence->currency[0])
		memcpy(evidence->currency, amount->currency, CURRENCY_SIZE);
	evidence->currencies |= memcmp(evidence->currency, amount->currency, 3) != 0;
}

/* The amount's sign in `sign` (may be NULL). */
static bool look_money(struct span text, uint64_t line, struct evidence *evidence,
		       struct sign_count *signs, int *sign)
{
	struct amount amount;

	if (text.len == 0 || amount_look(text, line, &evidence->amount, &amount) != AMOUNT_OK)
		return false;
	look_currency(&amount, evidence);
	if (amount.symbol)
		evidence->symbol = amount.symbol;
	signs->amounts++;
	signs->minus += amount.mantissa < 0;
	signs->plus += amount.mantissa > 0;
	signs->marked += amount.mark == AMOUNT_PLUS || amount.mark == AMOUNT_CREDIT;
	evidence->large |= text.len >= 4;
	if (sign)
		*sign = amount.mantissa < 0 ? -1 : amount.mantissa > 0;
	return true;
}

/* Does another witness say the same of the direction? Both are -1, 0 (nothing) or 1. */
static void look_agreement(int sign, int says, uint64_t line, struct agreement *with)
{
	if (sign == 0 || says == 0)
		return;
	with->agree += sign == says;
	with->against += sign != says;
	with->against_out += says < 0 && sign > 0;
	if (sign != says && with->line == 0)
		with->line = line;
}

static int look_flag(struct span text, const struct flag *words, int sign, uint64_t line,
		     struct evidence *evidence)
{
	int flag = flag_says(words, text);

	evidence->flags += flag != 0;
	evidence->flags_out += flag < 0;
	if (flag == 0 && text.len > 0) {
		evidence->other_several |= text.len >= FLAG_SIZE ||
					   (evidence->other_flags++ > 0 &&
					    !span_is(text, evidence->other_flag));
		span_copy(text, evidence->other_flag, sizeof(evidence->other_flag));
	}
	look_agreement(sign, flag, line, &evidence->by_flag);
	return flag;
}

/* By the words in a text, or one that is nothing but "Deposit". "Payment" alone may be both. */
static int row_direction(struct span text)
{
	int says = kind_direction(text);

	return says != 0 || text.len < 4 || span_equal_fold(text, span_text("payment"))
		       ? says
		       : words_flag(text);
}

#define LOOK_TEXTS 500 /* rows whose words are looked at: more of them say the same */

/* What a row says of its direction: -1, 0 or 1. */
struct said {
	int sign, flag;
};

/* What is the same for whole files: the first rows tell. */
static void look_words(const struct csv_record *record, const struct columns *columns,
		       const struct said *said, uint64_t line, struct evidence *evidence)
{
	char room[256], code[CURRENCY_SIZE];
	struct span text;
	int words;

	for (uint16_t i = 0; i < columns->n_text; i++) {
		text = column_text(record, columns->text[i], room, sizeof(room));
		if (!evidence->script)
			evidence->script = words_script(text);
		words = row_direction(text);
		look_agreement(said->sign, words, line, &evidence->by_words);
		look_agreement(said->sign, kind_is_paid(text), line, &evidence->by_paid);
		if (columns->text[i] != columns->flag)
			look_agreement(said->flag, words, line, &evidence->flag_by_words);
	}
	text = column_text(record, columns->currency, room, sizeof(room));
	if (!amount_currency(text, code))
		return;
	evidence->several |= evidence->stated[0] && memcmp(evidence->stated, code, 3) != 0;
	memcpy(evidence->stated, code, CURRENCY_SIZE);
}

/* The row's other date, if it has one. */
static void look_dates(struct span date, struct span other, uint64_t line,
		       struct evidence *evidence)
{
	if (other.len == 0)
		return;
	if (!span_equal(date, other))
		evidence->dates_differ++;
	if (evidence->with_amount < LOOK_TEXTS)
		date_look_pair(date, other, &evidence->date);
	date_look_other(other, line, &evidence->date);
}

/* The record's date. False where it has none: then it is no row of the statement, unless rows
 * without a date are of the day above them. */
static bool look_date(const struct records *records, const struct columns *columns,
		      const struct reading *reading, struct evidence *evidence)
{
	uint64_t line = records->start.line, dates = evidence->date.dates;
	char room[256], year[YEARLESS_ROOM];
	struct span text = column_text(&records->record, columns->date, room, sizeof(room));

	if (reading->yearless)
		yearless_full(text, reading->statement_end, year, &text);
	if (!reading->serial)
		date_look(text, line, &evidence->date);
	else if (date_is_serial(text))
		evidence->date.dates++;
	if (evidence->date.dates > dates) {
		carry_dated(&evidence->carry, text);
		return true;
	}
	if (text.len == 0)
		return carry_undated(&evidence->carry, &records->record, columns, line) &&
		       reading->dates_carried;
	if (evidence->undated_line == 0) {
		span_copy(text, evidence->undated, sizeof(evidence->undated));
		evidence->undated_line = line;
	}
	if (dates == 0 && evidence->lacking_line == 0 && reading->rows < LOOK_TEXTS &&
	    yearless_is(text)) {
		span_copy(text, evidence->lacking, sizeof(evidence->lacking));
		evidence->lacking_line = line;
	}
	return false;
}

/* Is it on the account that is read? */
static bool look_holder(const struct csv_record *record, const struct columns *columns,
			const struct reading *reading, struct evidence *evidence)
{
	char room[256], other[256];
	struct span name = column_text(record, columns->account, room, sizeof(room));
	struct span text = column_text(record, columns->n_text > 0 ? columns->text[0] : -1, other,
				       sizeof(other));

	holder_look(name, text, &evidence->holders);
	return holder_is_ours(reading->own_account, name);
}

/* A word that is not known, where the others say what has become of a row. */
static void look_status(const struct csv_record *record, const struct columns *columns,
			uint64_t line, struct reading *reading, struct evidence *evidence)
{
	char room[256], name[24];
	struct span text = column_text(record, columns->status, room, sizeof(room));

	if (text.len == 0 || evidence->status_told || status_of(text) != STATUS_NONE)
		return;
	evidence->status_told = true;
	notes_add(&reading->warnings,
		  "Line %llu says \"%.*s\" under \"%.60s\", which is not known: its row is read as "
		  "booked",
		  (unsigned long long)line, (int)(text.len < 40 ? text.len : 40), text.at,
		  reading_column_name(reading, columns->status, name));
}

/* Is it a row? What else a record holds says nothing. */
static bool look_record(const struct records *records, const struct section *section,
			const struct reading *reading, struct evidence *evidence)
{
	const struct columns *columns = reading_columns(reading, section);
	const struct csv_record *record = &records->record;
	bool apart = section && section->formed; /* says nothing of the other rows' signs */
	struct sign_count other_signs = {0};
	uint64_t line = records->start.line;
	struct amount balance;
	char room[256], other[256];
	struct said said = {0, 0};
	int out = 0, in = 0;
	bool money;

	if (!look_date(records, columns, reading, evidence))
		return false;
	if (columns->account != -1 && !look_holder(record, columns, reading, evidence))
		return true;
	look_dates(column_text(record, columns->date, room, sizeof(room)),
		   column_text(record, columns->date_other, other, sizeof(other)), line, evidence);
	money = look_money(column_text(record, columns->amount, room, sizeof(room)), line, evidence,
			   apart ? &other_signs : &evidence->signs, apart ? NULL : &said.sign);
	money |= look_money(column_text(record, columns->debit, room, sizeof(room)), line, evidence,
			    apart ? &other_signs : &evidence->debit_signs, &out);
	money |= look_money(column_text(record, columns->credit, room, sizeof(room)), line,
			    evidence, apart ? &other_signs : &evidence->credit_signs, &in);
	if (!apart && (out != 0) != (in != 0)) /* by its column, whatever is printed there */
		said.sign = out != 0 ? -1 : 1;
	if (columns->flag != -1 && !apart)
		said.flag = look_flag(column_text(record, columns->flag, room, sizeof(room)),
				      &reading->flag, said.sign, line, evidence);
	if (evidence->with_amount < LOOK_TEXTS)
		look_words(record, columns, &said, line, evidence);
	evidence->with_amount += money;
	if (amount_look(column_text(record, columns->balance, room, sizeof(room)), line,
			&evidence->amount, &balance) == AMOUNT_OK)
		look_currency(&balance, evidence);
	return true;
}

/* A header below the first one begins a section; the file's own header comes here too where another
 * one stands before it. Of the last steps of a record, for it may read on in the file. */
static int look_header(const struct records *records, const struct ground *ground,
		       struct reading *reading, struct evidence *evidence, struct fault *why)
{
	const struct section *above = reading_section(reading, records->start.line);
	struct section_said said = {
		.pending = above && above->pending && evidence->date.dates == evidence->titled,
		.foreign = evidence->between.currency[0] &&
			   memcmp(evidence->between.currency, ground->preamble->currency,
				  CURRENCY_SIZE) != 0};

	if (reading->header_line == 0)
		return 0;
	if (columns_header_score(&records->record) == 0) {
		preamble_line(&evidence->between, span_of(records->record.at, records->record.len));
		return 0;
	}
	evidence->between = (struct preamble){.currencies = false};
	return section_header(records, ground, said, reading, why);
}

/* A title tells whether the rows below it are booked. */
static void look_title(const struct records *records, struct reading *reading,
		       struct evidence *evidence)
{
	enum status status = record_title(&records->record);

	if (status == STATUS_NONE)
		return;
	evidence->titled = evidence->date.dates;
	section_title(records->start.line, status == STATUS_PENDING, reading);
}

/* A quote that is never closed swallows all lines after it. On the last line it is a cut file, and
 * that row's affair; else nobody can tell where the field was meant to end. */
static int refuse_unclosed(const struct records *records, struct fault *why)
{
	fault_set(why, FAULT_JOB, "quote-unclosed",
		  "a quoted field that begins in line %llu is never closed: all that follows would "
		  "be "
		  "read as part of it",
		  (unsigned long long)records->start.line);
	if (why)
		why->row = records->start.line;
	return fault_hint(why, "mend that line, or download the file again");
}

/* The header once more, below a line that is no row: another account may begin there, and nothing
 * else would show it. */
static void look_again(const struct records *records, struct reading *reading,
		       struct evidence *evidence)
{
	bool again = reading->header_line > 0 && records->start.line > reading->header_line &&
		     table_is_header(&records->record, reading->names, reading->n_names);

	if (again && evidence->stray && !evidence->again)
		notes_add(&reading->warnings,
			  "Line %llu has the header once more: if another account begins there, "
			  "upload it as a file of its own",
			  (unsigned long long)records->start.line);
	evidence->again |= again && evidence->stray;
	if (again)
		evidence->stray = false;
	else if (record_title(&records->record) == STATUS_NONE)
		evidence->stray = true;
}

#define CUT_AMOUNTS 4 /* so many tell how the others are written */

/* The file ends without a line end in an amount that is shorter than all others. */
static void look_cut(const struct records *records, const struct columns *columns, bool odd_before,
		     struct reading *reading, const struct evidence *evidence)
{
	const struct amount_evidence *marks = &evidence->amount;
	int last = (int)records->record.n_fields - 1;

	if (!records->eof || odd_before || marks->looked < CUT_AMOUNTS ||
	    marks->looked == marks->cents ||
	    (last != columns->amount && last != columns->debit && last != columns->credit &&
	     last != columns->balance))
		return;
	notes_add(
		&reading->warnings,
		"The file ends in the middle of line %llu, with a number that is shorter than the "
		"others: it may be cut off",
		(unsigned long long)records->start.line);
}

static int look_any(const struct records *records, const struct ground *ground,
		    struct reading *reading, struct evidence *evidence, struct fault *why)
{
	uint64_t undated = evidence->undated_line, line = records->start.line;
	bool odd = evidence->amount.looked > evidence->amount.cents;
	const struct section *section;

	if (evidence->owner.line > 0)
		owner_look(records, reading, evidence);
	section = reading_section(reading, line);
	if ((!section || section->own) && look_record(records, section, reading, evidence)) {
		look_cut(records, reading_columns(reading, section), odd, reading, evidence);
		look_status(&records->record, reading_columns(reading, section), line, reading,
			    evidence);
		evidence->stray = false;
		evidence->last = records->start;
		return 0;
	}
	if (!section || !section->other_account)
		look_again(records, reading, evidence);
	if (evidence->owner.line == 0)
		owner_look(records, reading, evidence);
	look_title(records, reading, evidence);
	if (look_header(records, ground, reading, evidence, why) != 0)
		return -1;
	section = reading_section(reading, line);
	if (section && section->line == line) {
		evidence->undated_line = undated; /* that was no row */
		carry_part(&evidence->carry, !section->own || section->pending);
	}
	return 0;
}

/* A row whose text begins with a quote that nobody closed. */
static void look_stray(const struct records *records, struct reading *reading,
		       struct evidence *evidence)
{
	if (records->stray && !evidence->stray_quote)
		notes_add(&reading->warnings,
			  "Line %llu has a quote that is not closed on it: it is left out, so that "
			  "the rows below stay rows",
			  (unsigned long long)records->start.line);
	evidence->stray_quote |= records->stray;
}

static int refuse_many(uint64_t max_rows, struct fault *why)
{
	fault_set(why, FAULT_JOB, "too-many-rows",
		  "the file has more than %llu rows, and this installation accepts no more in one "
		  "upload",
		  (unsigned long long)max_rows);
	return fault_hint(why, "upload it in parts");
}

/* Is there no date so far, and a number of a day where one should be? */
static bool is_serial(const struct evidence *evidence)
{
	return evidence->date.dates == 0 && date_is_serial(span_text(evidence->undated));
}

/* Or one without its year? */
static bool is_yearless(const struct evidence *evidence)
{
	return evidence->date.dates == 0 && evidence->lacking_line > 0;
}

/* One pass over the whole file. */
static int gather(struct source *source, struct reading *reading, const struct ground *ground,
		  struct evidence *evidence, struct fault *why)
{
	uint64_t max_rows = ground->wish->max_rows;
	struct records records;
	int rc;

	*evidence = (struct evidence){.owner.own = ground->preamble->whose};
	reading->rows = 0;
	if (section_first(source, ground, reading, why) != 0)
		return -1;
	if (reading->n_sections > 0)
		carry_part(&evidence->carry,
			   !reading->sections[0].own || reading->sections[0].pending);
	records_open(&records, reading->dialect, source, reading->start);
	while ((rc = records_next(&records, why)) == 1) {
		reading->rows++;
		if (max_rows > 0 && reading->rows > max_rows)
			return refuse_many(max_rows, why);
		if (records.record.unclosed && records.record.lines > 1)
			return refuse_unclosed(&records, why);
		look_stray(&records, reading, evidence);
		if (!records.too_long && look_any(&records, ground, reading, evidence, why) != 0)
			return -1;
		evidence->end_line = records.at.line;
		if (reading->rows == LOOK_TEXTS && !reading->serial && !reading->yearless &&
		    (is_serial(evidence) || is_yearless(evidence)))
			return 0; /* the next pass will read them */
	}
	if (rc == 0 && reading->rows == 0) {
		fault_set(why, FAULT_JOB, "no-rows", "the file has a header and nothing below it");
		return fault_hint(why, "choose a period with transactions at the bank");
	}
	return rc;
}

static void gather_again(struct reading *reading, uint32_t said)
{
	reading->n_sections = 0;
	notes_cut(&reading->warnings, said);
}

/* Dates in another form than the usual ones. */
static int settle_form(const struct evidence *evidence, const struct ground *ground,
		       struct reading *reading, struct fault *why)
{
	if (!is_serial(evidence))
		return yearless_settle(evidence->lacking, evidence->lacking_line,
				       &ground->preamble->period, reading, why);
	notes_add(&reading->assumed,
		  "Dates are read as numbers of days, as spreadsheets count them: line %llu has %s",
		  (unsigned long long)evidence->undated_line, evidence->undated);
	reading->serial = true;
	return 0;
}

int evidence_gather(struct source *source, struct reading *reading, const struct ground *ground,
		    struct evidence *evidence, struct fault *why)
{
	uint32_t said = reading->warnings.n;

	if (gather(source, reading, ground, evidence, why) != 0)
		return -1;
	if (is_serial(evidence) || is_yearless(evidence)) {
		if (settle_form(evidence, ground, reading, why) != 0)
			return -1;
		gather_again(reading, said);
		if (gather(source, reading, ground, evidence, why) != 0)
			return -1;
	}
	reading->dates_carried = !reading->dates_own && reading->columns.balance != -1 &&
				 carry_holds(&evidence->carry);
	if (!reading->dates_carried)
		return 0;
	notes_add(&reading->assumed,
		  "Rows without a date, the first on line %llu, are read as of the day above them",
		  (unsigned long long)evidence->carry.line);
	/* once more: those rows too tell of signs, currency and decimals */
	gather_again(reading, said);
	return gather(source, reading, ground, evidence, why);
}
