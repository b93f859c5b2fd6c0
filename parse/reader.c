#include "reader.h"

#include <stdlib.h>

#include "balance.h"
#include "clock.h"
#include "dialect.h"
#include "earlier.h"
#include "evidence.h"
#include "mem.h"
#include "preamble.h"
#include "reading.h"
#include "records.h"
#include "section.h"
#include "shape.h"
#include "table.h"
#include "total.h"
#include "words.h"

#define MS_A_DAY INT64_C(86400000)

/* What the header and the first records say, while a reading is being made. */
struct draft {
	const struct wish *wish;
	struct dialect_found found;
	struct preamble preamble;
	struct table table;
	struct shape shape;
	int rival_date;
};

static void put_number(char *out, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		out[i] = (char)(value >> (8 * i));
}

static uint64_t get_number(const char *in, int bytes)
{
	uint64_t value = 0;

	for (int i = bytes - 1; i >= 0; i--)
		value = value << 8 | (unsigned char)in[i];
	return value;
}

void reader_place_put(struct reader_place place, char out[READER_PLACE_BYTES])
{
	put_number(out, place.offset, 8);
	put_number(out + 8, place.line, 8);
	put_number(out + 16, (uint32_t)place.day, 4);
}

int reader_place_get(struct span bytes, struct reader_place *place)
{
	if (bytes.len != READER_PLACE_BYTES)
		return -1;
	*place = (struct reader_place){get_number(bytes.at, 8), get_number(bytes.at + 8, 8),
				       (int32_t)get_number(bytes.at + 16, 4)};
	return place->offset <= INT64_MAX && place->line >= 1 ? 0 : -1;
}

/* The language that most headings are in, of those that are in one alone; "" when none is. */
static const char *draft_language(const struct draft *draft, uint32_t n)
{
	const char *best = "";
	uint32_t most = 0;

	for (uint32_t i = 0; i < n; i++) {
		const char *language = draft->table.headings[i].language;
		uint32_t count = 0;

		for (uint32_t j = 0; language[0] && j < n; j++)
			count += strcmp(draft->table.headings[j].language, language) == 0;
		if (count > most) {
			most = count;
			best = language;
		}
	}
	return best;
}

/* Said by the uploader, or in the heading of the money: "Amount (EUR)". A heading's word goes
 * before a currency column, which may speak of what was paid abroad. */
static void draft_currency(const struct wish *wish, struct draft *draft, struct reading *reading)
{
	struct columns *columns = &reading->columns;
	char currency[CURRENCY_SIZE];

	table_currency(&draft->table, columns, currency);
	if (currency[0] &&
	    (!wish->currency[0] || memcmp(currency, wish->currency, CURRENCY_SIZE) == 0))
		columns->currency = -1;
	if (wish->currency[0])
		memcpy(currency, wish->currency, CURRENCY_SIZE);
	if (!currency[0])
		return;
	memcpy(reading->currency, currency, CURRENCY_SIZE);
	reading->currency_fixed = true;
}

static const char *draft_money_name(const struct reading *reading, char room[24])
{
	const struct columns *columns = &reading->columns;

	return reading_column_name(reading,
				   columns->amount != -1 ? columns->amount : columns->debit, room);
}

/* One column of a pair told as the only one: the other's money is in no row. Also said where it was
 * told for a file before, as nobody may remember. */
static void draft_half(const struct draft *draft, struct reading *reading)
{
	const struct heading *headings = draft->table.headings;
	int amount = reading->columns.amount;
	char taken[24], other[24];
	enum role missing;

	if (reading->sure.amount_column != SURE_TOLD || amount == -1 ||
	    (headings[amount].role != ROLE_DEBIT && headings[amount].role != ROLE_CREDIT))
		return;
	missing = headings[amount].role == ROLE_DEBIT ? ROLE_CREDIT : ROLE_DEBIT;
	for (uint32_t i = 0; i < draft->table.n; i++) {
		if (headings[i].role != missing || draft->table.content[i].amounts == 0)
			continue;
		notes_add(&reading->assumed,
			  "The amounts are taken from the column \"%s\", not from \"%s\"",
			  draft_money_name(reading, taken),
			  reading_column_name(reading, (int)i, other));
		return;
	}
}

/* How sure the columns are, and what was taken although the file would allow something else. */
static void draft_doubts(const struct draft *draft, struct reading *reading)
{
	const struct wish *wish = draft->wish;
	const struct shape *shape = &draft->shape;
	struct sureness *sure = &reading->sure;
	char taken[24], other[24];

	sure->delimiter = wish->delimiter ? SURE_TOLD : SURE_SETTLED;
	sure->header_row = wish->has_header_row	  ? SURE_TOLD
			   : draft->found.guessed ? SURE_LIKELY
						  : SURE_SETTLED;
	sure->date_column = wish->date.name || wish->date.number ? SURE_TOLD
			    : shape->date			 ? SURE_LIKELY
								 : SURE_SETTLED;
	sure->amount_column = wish->amount.name || wish->amount.number || wish->debit.name ||
					      wish->debit.number || wish->credit.name ||
					      wish->credit.number
				      ? SURE_TOLD
			      : shape->money ? SURE_LIKELY
					     : SURE_SETTLED;
	sure->description_columns = wish->n_texts > 0 ? SURE_TOLD
				    : shape->text     ? SURE_LIKELY
						      : SURE_SETTLED;
	draft_half(draft, reading);
	if (shape->rival_amount == -1) {
		if (sure->amount_column == SURE_LIKELY && reading->header_line > 0 &&
		    !shape->money_ran)
			notes_add(&reading->assumed,
				  "No heading is known to name the amounts: they are taken from "
				  "the column \"%s\"",
				  draft_money_name(reading, taken));
		return;
	}
	sure->amount_column = SURE_ASSUMED;
	notes_add(&reading->assumed,
		  "The amounts are taken from the column \"%s\", not from \"%s\"",
		  draft_money_name(reading, taken),
		  reading_column_name(reading, shape->rival_amount, other));
}

/* A column of currencies, none of which is known: the amounts are in none of ours. */
static int draft_refuse_currency(const struct draft *draft, const struct reading *reading,
				 struct fault *why)
{
	for (uint32_t i = 0; i < reading->n_names; i++) {
		const struct column_content *content = &draft->table.content[i];
		const struct heading *heading = &draft->table.headings[i];

		if (reading->currency_fixed ||
		    (reading->columns.currency != -1 && reading->columns.currency != (int)i) ||
		    heading->role != ROLE_CURRENCY || heading->rank >= WORDS_PART ||
		    content->filled == 0 || content->codes + content->dates + content->amounts > 0)
			continue;
		fault_set(why, FAULT_JOB, "currency-unknown",
			  "the column \"%.60s\" holds no currency of ISO 4217", reading->names[i]);
		return fault_hint(why, "say currency: a code of ISO 4217 such as USD");
	}
	return 0;
}

static int draft_own_account(const struct wish *wish, struct reading *reading, struct fault *why)
{
	reading->statement_end = wish->statement_end;
	reading->all_accounts = wish->own_account && strcmp(wish->own_account, "*") == 0;
	if (!wish->own_account || reading->all_accounts)
		return 0;
	reading->own_account = xstrdup(wish->own_account);
	if (reading->columns.account != -1)
		return 0;
	fault_set(why, FAULT_JOB, "profile-invalid",
		  "profile.own_account is \"%.60s\", and no column is known to name accounts",
		  wish->own_account);
	return fault_hint(why, "leave own_account out, or say account_column");
}

static int draft_flag(const struct wish *wish, struct reading *reading, struct fault *why)
{
	flag_set(&reading->flag, reading_heading(reading, reading->columns.flag), wish->flag_out,
		 wish->flag_in);
	if (reading->columns.flag != -1 || (!wish->flag_out && !wish->flag_in))
		return 0;
	fault_set(why, FAULT_JOB, "profile-invalid",
		  "profile.%s is told, and no column is known to be the debit/credit column",
		  wish->flag_out ? "flag_out" : "flag_in");
	return fault_hint(why, "say flag_column in profile, by name or number from 1");
}

static int draft_columns(struct draft *draft, struct reading *reading, struct fault *why)
{
	struct columns_input input = table_input(&draft->table);

	if (columns_settle(&input, draft->wish, &reading->columns, &draft->shape, why) != 0)
		return -1;
	draft->rival_date = columns_rival_date(&input, &reading->columns);
	reading->reference_hint = !draft->wish->reference.name && !draft->wish->reference.number;
	draft_doubts(draft, reading);
	draft_currency(draft->wish, draft, reading);
	reading->minor = table_minor(&draft->table, table_money(&reading->columns));
	reading->minor_balance = table_minor(&draft->table, reading->columns.balance);
	if (reading->minor)
		notes_add(&reading->assumed, "Amounts are read in the smallest unit of their "
					     "currency, as their heading says");
	if (draft_own_account(draft->wish, reading, why) != 0 ||
	    draft_flag(draft->wish, reading, why) != 0)
		return -1;
	return draft_refuse_currency(draft, reading, why);
}

/* Two date columns that are not the same: which one is taken is a doubt to be told. */
static void draft_rival_date(const struct draft *draft, const struct evidence *evidence,
			     struct reading *reading)
{
	char taken[24], other[24];

	if (draft->rival_date == -1 || reading->sure.date_column == SURE_TOLD ||
	    (draft->rival_date == reading->columns.date_other && evidence->dates_differ == 0))
		return;
	reading->sure.date_column = SURE_ASSUMED;
	notes_add(&reading->assumed, "The date is taken from the column \"%s\", not from \"%s\"",
		  reading_column_name(reading, reading->columns.date, taken),
		  reading_column_name(reading, draft->rival_date, other));
}

/* The script of the headings, and whether they speak of a card. */
static void draft_setting(const struct draft *draft, const struct reading *reading,
			  struct setting *setting)
{
	*setting = (struct setting){.wish = draft->wish,
				    .preamble = &draft->preamble,
				    .language = draft_language(draft, reading->n_names),
				    .today = (int32_t)(clock_wall_ms() / MS_A_DAY),
				    .pair_open = draft->shape.pair_open};
	for (uint32_t i = 0; i < reading->n_names; i++) {
		if (!setting->script)
			setting->script = words_script(span_text(reading->names[i]));
		setting->card |= words_card(span_text(reading->names[i]));
	}
}

static int draft_encoding(struct source *source, const struct wish *wish, struct reading *reading,
			  struct fault *why)
{
	const struct encoding *encoding = &reading->encoding;

	if (encoding_detect(source, wish->encoding, &reading->encoding, why) != 0)
		return -1;
	reading->sure.encoding = encoding->sure;
	if (encoding->sure == SURE_ASSUMED)
		notes_add(&reading->assumed,
			  "The file is read as %s text; %s would be possible too",
			  encoding_name(encoding->charset), encoding_name(encoding->rival));
	return 0;
}

static void draft_names(const struct table *table, struct reading *reading)
{
	reading->n_names = table->n;
	reading->names = xcalloc(table->n + 1, sizeof(reading->names[0]));
	for (uint32_t i = 0; i < table->n; i++)
		reading->names[i] = xstrdup(table->names[i]);
}

/* Everything from the first byte to the last decision. */
static int reading_make(struct source *source, struct draft *draft, struct reading *reading,
			struct fault *why)
{
	const struct wish *wish = draft->wish;
	struct ground ground = {wish, &draft->table, &draft->found, &draft->preamble};
	struct evidence evidence;
	struct setting setting;

	if (draft_encoding(source, wish, reading, why) != 0 ||
	    dialect_find(source, reading->encoding.skip, wish, &draft->found, why) != 0)
		return -1;
	reading->dialect = draft->found.dialect;
	reading->header_line = draft->found.header_line;
	reading->start = draft->found.start;
	reading->account = xstrdup(wish->account);
	if (preamble_look(source, &draft->found, &draft->preamble, why) != 0 ||
	    table_look(source, &draft->found, wish->decimal_mark, &draft->table, why) != 0)
		return -1;
	draft_names(&draft->table, reading);
	if (draft_columns(draft, reading, why) != 0 ||
	    evidence_gather(source, reading, &ground, &evidence, why) != 0)
		return -1;
	draft_rival_date(draft, &evidence, reading);
	draft_setting(draft, reading, &setting);
	if (evidence_settle(&evidence, &setting, reading, why) != 0)
		return -1;
	if (balance_settle(source->fd, evidence_bears_out(&evidence, &setting, reading), reading,
			   why) != 0 ||
	    total_settle(source->fd, evidence.last, reading, why) != 0)
		return -1;
	return balance_watch(source->fd, reading, source->alive, source->alive_arg, why);
}

/* With the params read: what is told, what this account's file before told, and then the file. */
static int reading_start_from(struct source *source, json_t *params, struct reading *reading,
			      struct fault *why)
{
	struct wish_earlier earlier = {0};
	int known = earlier_find(source, params, &earlier, why), rc;
	struct draft *draft;
	struct wish wish;
	char *text;

	if (known == -1)
		return -1;
	text = json_dumps(params, JSON_COMPACT);
	rc = wish_load(span_text(text), &wish, why);
	free(text);
	if (rc != 0)
		return -1;
	wish.earlier = earlier;
	reading->recognised = known == 1;
	reading->told = wish_told(&wish);
	draft = xcalloc(1, sizeof(*draft));
	draft->wish = &wish;
	rc = reading_make(source, draft, reading, why);
	table_release(&draft->table);
	free(draft);
	wish_free(&wish);
	return rc;
}

/* What is read, and what has come of it. */
struct detection {
	int fd;
	void (*alive)(void *);
	void *alive_arg;
	json_t *params;
	struct reading *made;
};

static int detect(struct detection *d, bool dates_own, struct fault *why)
{
	struct source source;
	int rc;

	reading_free(&d->made);
	d->made = xcalloc(1, sizeof(*d->made));
	d->made->dates_own = dates_own;
	source_open(&source, d->fd, d->alive, d->alive_arg);
	rc = reading_start_from(&source, d->params, d->made, why);
	source_close(&source);
	return rc;
}

/* Did an answer that an earlier file was given not fit this one? It was not given for this one. */
static bool earlier_misled(const struct detection *d, const struct fault *why)
{
	return d->made->recognised && why && strcmp(why->code, "profile-invalid") == 0;
}

int reader_detect(int fd, struct span wish_json, void (*alive)(void *), void *alive_arg,
		  struct reading **reading, struct fault *why)
{
	struct span text = span_of(wish_json.at ? wish_json.at : "", wish_json.len);
	struct detection d = {fd, alive, alive_arg, json_loadb(text.at, text.len, 0, NULL), NULL};
	int rc;

	if (!json_is_object(d.params)) {
		json_decref(d.params);
		return fault_set(why, FAULT_JOB, "params-invalid",
				 "the job's params are not a JSON object");
	}
	rc = detect(&d, false, why);
	if (rc != 0 && earlier_misled(&d, why)) {
		json_decref(d.params); /* they were changed by it */
		d.params = json_loadb(text.at, text.len, 0, NULL);
		json_object_del(d.params, "earlier");
		*why = (struct fault){.class = FAULT_NONE};
		rc = detect(&d, false, why);
	}
	if (rc == 0 && d.made->dates_carried && !d.made->balance_runs)
		rc = detect(&d, true, why);
	json_decref(d.params);
	if (rc != 0)
		reading_free(&d.made);
	else
		*reading = d.made;
	return rc;
}
