#include "reading.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "day.h"
#include "mem.h"

void notes_add(struct notes *notes, const char *format, ...)
{
	va_list args;
	char text[512];

	if (notes->n == READING_NOTES_MAX)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	notes->text[notes->n++] = xstrdup(text);
}

const struct section *reading_section(const struct reading *reading, uint64_t line)
{
	const struct section *found = NULL;

	for (uint32_t i = 0; i < reading->n_sections && reading->sections[i].line <= line; i++)
		found = &reading->sections[i];
	return found;
}

const struct columns *reading_columns(const struct reading *reading, const struct section *section)
{
	return section && section->mapped ? &section->columns : &reading->columns;
}

struct form reading_form(const struct reading *reading, const struct section *section)
{
	if (section && section->formed)
		return section->form;
	return (struct form){reading->sign, reading->debit_minus, reading->credit_minus};
}

struct span reading_heading(const struct reading *reading, int column)
{
	return span_text(column >= 0 && (uint32_t)column < reading->n_names ? reading->names[column]
									    : "");
}

const char *reading_column_name(const struct reading *reading, int column, char room[24])
{
	if (reading->header_line > 0 && column >= 0 && (uint32_t)column < reading->n_names &&
	    reading->names[column][0])
		return reading->names[column];
	snprintf(room, 24, "column %d", column + 1);
	return room;
}

void notes_cut(struct notes *notes, uint32_t n)
{
	while (notes->n > n)
		free(notes->text[--notes->n]);
}

void reading_free(struct reading **reading)
{
	struct reading *r = *reading;

	if (!r)
		return;
	for (uint32_t i = 0; i < r->n_names; i++)
		free(r->names[i]);
	free(r->names);
	lines_free(&r->came_in);
	lines_free(&r->unsure);
	free(r->account);
	free(r->own_account);
	free(r->told);
	notes_cut(&r->assumed, 0);
	notes_cut(&r->warnings, 0);
	free(r);
	*reading = NULL;
}

uint64_t reading_rows(const struct reading *reading)
{
	return reading->rows;
}

struct reader_place reading_start(const struct reading *reading)
{
	return reading->start;
}

/* Columns by their key in JSON; one list for both directions. */
#define READING_COLUMNS(X)                                                                         \
	X("date_column", date)                                                                     \
	X("amount_column", amount)                                                                 \
	X("debit_column", debit)                                                                   \
	X("credit_column", credit)                                                                 \
	X("balance_column", balance)                                                               \
	X("currency_column", currency)                                                             \
	X("reference_column", reference)                                                           \
	X("fee_column", fee)                                                                       \
	X("flag_column", flag)                                                                     \
	X("account_column", account)                                                               \
	X("booked_column", booked)                                                                 \
	X("status_column", status)

static json_t *notes_save(const struct notes *notes)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < notes->n; i++)
		json_array_append_new(list, json_string(notes->text[i]));
	return list;
}

static json_t *texts_save(const struct columns *columns, uint16_t from, uint16_t to)
{
	json_t *list = json_array();

	for (uint16_t i = from; i < to; i++)
		json_array_append_new(list, json_integer(columns->text[i] + 1));
	return list;
}

static json_t *names_save(const struct reading *reading)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < reading->n_names; i++)
		json_array_append_new(list, json_string(reading->names[i]));
	return list;
}

static void columns_save(const struct columns *columns, json_t *root)
{
#define SAVE(key, member)                                                                          \
	if (columns->member != -1)                                                                 \
		json_object_set_new(root, key, json_integer(columns->member + 1));
	READING_COLUMNS(SAVE)
#undef SAVE
	json_object_set_new(root, "description_columns", texts_save(columns, 0, columns->n_joined));
	json_object_set_new(root, "description_fallback",
			    texts_save(columns, columns->n_joined, columns->n_text));
	json_object_set_new(root, "least_fields", json_integer(columns->least));
}

static json_t *sections_save(const struct reading *reading)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < reading->n_sections; i++) {
		const struct section *section = &reading->sections[i];
		json_t *item = json_pack("{sI, sb, sb, sb, sb}", "line", (json_int_t)section->line,
					 "own", section->own, "pending", section->pending,
					 "other_account", section->other_account, "header",
					 section->header);

		if (section->mapped) {
			json_object_set_new(item, "columns",
					    json_integer((json_int_t)section->n_names));
			columns_save(&section->columns, item);
		}
		if (section->formed)
			json_object_update_new(
				item,
				json_pack("{ss, sb, sb}", "sign", sign_name(section->form.sign),
					  "debit_minus", section->form.debit_minus, "credit_minus",
					  section->form.credit_minus));
		json_array_append_new(list, item);
	}
	return list;
}

static const char *const sure_names[] = {"told", "settled", "likely", "earlier", "assumed"};

/* How sure each part is, under the part's key in profile. */
static json_t *sureness_save(const struct reading *reading)
{
	json_t *sure = json_object();

#define SAVE(part) json_object_set_new(sure, #part, json_string(sure_names[reading->sure.part]));
	READING_PARTS(SAVE)
#undef SAVE
	return sure;
}

/* The parts that an uploader may override, as they would be told. */
static json_t *profile_save(const json_t *root)
{
	static const char *const keys[] = {
		"encoding",	 "delimiter",		"header_row",
		"date_column",	 "amount_column",	"debit_column",
		"credit_column", "balance_column",	"flag_column",
		"fee_column",	 "currency_column",	"reference_column",
		"currency",	 "date_order",		"decimal_mark",
		"sign",		 "description_columns", "account_column",
		"own_account",	 "statement_end",	"flag_out",
		"flag_in",
	};
	json_t *profile = json_object();

	/* a reference that was only found must not become one that was told by being told back */
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		json_t *value = json_object_get(root, keys[i]);

		if (strcmp(keys[i], "reference_column") == 0 &&
		    json_is_true(json_object_get(root, "reference_hint")))
			continue;
		/* nor may one currency refuse the rows of the others */
		if (strcmp(keys[i], "currency") == 0 &&
		    json_is_true(json_object_get(root, "currencies")))
			continue;
		if (value && !(json_is_array(value) && json_array_size(value) == 0))
			json_object_set(profile, keys[i], value);
	}
	return profile;
}

void reading_save(const struct reading *reading, struct buf *out)
{
	json_t *root = json_pack(
		"{s:s, s:s#, s:s, s:I, s:I, s:I, s:o, s:s, s:s#, s:s, s:b, s:b, s:s, s:b, s:s, "
		"s:I, s:o, s:o}",
		"encoding", encoding_name(reading->encoding.charset), "delimiter",
		&reading->dialect.delimiter, 1, "line_end",
		reading->dialect.eol == '\r' ? "cr" : "lf", "header_row",
		(json_int_t)reading->header_line, "start", (json_int_t)reading->start.offset,
		"start_line", (json_int_t)reading->start.line, "columns", names_save(reading),
		"date_order", date_order_name(reading->order), "decimal_mark",
		&reading->decimal_mark, 1, "sign", sign_name(reading->sign), "debit_minus",
		reading->debit_minus, "credit_minus", reading->credit_minus, "currency",
		reading->currency, "currency_fixed", reading->currency_fixed, "account",
		reading->account, "rows", (json_int_t)reading->rows, "assumed",
		notes_save(&reading->assumed), "warnings", notes_save(&reading->warnings));
	char *text;

	columns_save(&reading->columns, root);
	json_object_set_new(root, "sections", sections_save(reading));
	json_object_set_new(root, "reference_hint", json_boolean(reading->reference_hint));
	json_object_set_new(root, "dates_carried", json_boolean(reading->dates_carried));
	json_object_set_new(root, "buddhist_years", json_boolean(reading->buddhist));
	json_object_set_new(root, "currencies", json_boolean(reading->currencies));
	json_object_set_new(root, "serial_dates", json_boolean(reading->serial));
	json_object_set_new(root, "total_line", json_integer((json_int_t)reading->total_line));
	json_object_set_new(root, "minor_units", json_boolean(reading->minor));
	json_object_set_new(root, "minor_balance", json_boolean(reading->minor_balance));
	if (reading->yearless) {
		char end[DAY_TEXT_SIZE];

		day_text(reading->statement_end, end);
		json_object_set_new(root, "statement_end", json_string(end));
	}
	if (reading->own_account || reading->all_accounts)
		json_object_set_new(
			root, "own_account",
			json_string(reading->all_accounts ? "*" : reading->own_account));
	if (reading->sign == SIGN_BALANCE) {
		json_object_set_new(root, "came_in", lines_save(&reading->came_in));
		json_object_set_new(root, "unsure", lines_save(&reading->unsure));
	}
	if (reading->flag.out[0])
		json_object_set_new(root, "flag_out", json_string(reading->flag.out));
	if (reading->flag.in[0])
		json_object_set_new(root, "flag_in", json_string(reading->flag.in));
	json_object_set_new(root, "sure", sureness_save(reading));
	json_object_set_new(root, "told",
			    json_loads(reading->told ? reading->told : "{}", 0, NULL));
	json_object_set_new(root, "recognised", json_boolean(reading->recognised));
	json_object_set_new(root, "profile", profile_save(root));
	text = json_dumps(root, JSON_COMPACT);
	buf_text(out, text);
	free(text);
	json_decref(root);
}

static int16_t column_load(const json_t *root, const char *key)
{
	json_int_t number = json_integer_value(json_object_get(root, key));

	return (int16_t)(number >= 1 && number <= CSV_FIELDS_MAX ? number - 1 : -1);
}

static void columns_load(const json_t *root, struct columns *columns)
{
	const json_t *joined = json_object_get(root, "description_columns");
	const json_t *fallback = json_object_get(root, "description_fallback");
	size_t n = json_array_size(joined), m = json_array_size(fallback);

#define LOAD(key, member) columns->member = column_load(root, key);
	READING_COLUMNS(LOAD)
#undef LOAD
	columns->date_other = -1;
	columns->least = (uint16_t)json_integer_value(json_object_get(root, "least_fields"));
	for (size_t i = 0; i < n + m && columns->n_text < WISH_TEXTS_MAX; i++) {
		const json_t *item = i < n ? json_array_get(joined, i)
					   : json_array_get(fallback, i - n);
		json_int_t number = json_integer_value(item);

		if (number < 1 || number > CSV_FIELDS_MAX)
			continue;
		columns->text[columns->n_text++] = (int16_t)(number - 1);
		columns->n_joined += i < n;
	}
}

static void sections_load(const json_t *list, struct reading *reading)
{
	for (size_t i = 0; i < json_array_size(list) && i < READING_SECTIONS_MAX; i++) {
		const json_t *item = json_array_get(list, i);
		struct section *section = &reading->sections[reading->n_sections++];

		section->line = (uint64_t)json_integer_value(json_object_get(item, "line"));
		section->own = json_is_true(json_object_get(item, "own"));
		section->pending = json_is_true(json_object_get(item, "pending"));
		section->other_account = json_is_true(json_object_get(item, "other_account"));
		section->header = json_is_true(json_object_get(item, "header"));
		section->n_names = (uint32_t)json_integer_value(json_object_get(item, "columns"));
		section->mapped = section->n_names > 0;
		if (section->mapped)
			columns_load(item, &section->columns);
		section->form.sign = sign_of(
			span_text(json_string_value(json_object_get(item, "sign"))));
		section->formed = section->form.sign != SIGN_UNKNOWN;
		section->form.debit_minus = json_is_true(json_object_get(item, "debit_minus"));
		section->form.credit_minus = json_is_true(json_object_get(item, "credit_minus"));
	}
}

static void notes_load(const json_t *list, struct notes *notes)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		notes_add(notes, "%s", json_string_value(json_array_get(list, i)));
}

/* The plain members, all of which must be there. */
static int plain_load(json_t *root, struct reading *r)
{
	const char *encoding, *delimiter, *line_end, *order, *mark, *sign, *currency, *account;
	json_int_t header, start, line, rows;
	int debit_minus, credit_minus, fixed;

	if (json_unpack(
		    root,
		    "{s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:s, s:b, s:b, s:s, s:b, s:s, s:I}",
		    "encoding", &encoding, "delimiter", &delimiter, "line_end", &line_end,
		    "header_row", &header, "start", &start, "start_line", &line, "date_order",
		    &order, "decimal_mark", &mark, "sign", &sign, "debit_minus", &debit_minus,
		    "credit_minus", &credit_minus, "currency", &currency, "currency_fixed", &fixed,
		    "account", &account, "rows", &rows) != 0)
		return -1;
	r->encoding.charset = charset_find(encoding);
	r->dialect = (struct csv_dialect){delimiter[0], strcmp(line_end, "cr") == 0 ? '\r' : '\n'};
	r->header_line = (uint64_t)header;
	r->start = (struct reader_place){.offset = (uint64_t)start, .line = (uint64_t)line};
	r->order = date_order_of(span_text(order));
	r->decimal_mark = mark[0];
	r->sign = sign_of(span_text(sign));
	r->debit_minus = debit_minus;
	r->credit_minus = credit_minus;
	span_copy(span_text(currency), r->currency, sizeof(r->currency));
	r->exponent = money_exponent(r->currency);
	r->currency_fixed = fixed;
	r->account = xstrdup(account);
	r->rows = (uint64_t)rows;
	return 0;
}

static enum sure sure_load(const json_t *value)
{
	const char *name = json_string_value(value);

	for (size_t i = 0; name && i < ARRAY_LEN(sure_names); i++) {
		if (strcmp(name, sure_names[i]) == 0)
			return (enum sure)i;
	}
	return SURE_ASSUMED;
}

static void sureness_load(const json_t *root, struct sureness *sure)
{
#define LOAD(part) sure->part = sure_load(json_object_get(root, #part));
	READING_PARTS(LOAD)
#undef LOAD
}

static void names_load(const json_t *list, struct reading *reading)
{
	reading->n_names = (uint32_t)json_array_size(list);
	reading->names = xcalloc(reading->n_names + 1, sizeof(reading->names[0]));
	for (uint32_t i = 0; i < reading->n_names; i++) {
		const char *name = json_string_value(json_array_get(list, i));

		reading->names[i] = xstrdup(name ? name : "");
	}
}

static void own_account_load(const json_t *root, struct reading *r)
{
	const char *own = json_string_value(json_object_get(root, "own_account"));

	r->all_accounts = own && strcmp(own, "*") == 0;
	r->own_account = own && !r->all_accounts ? xstrdup(own) : NULL;
}

int reading_load(struct span json, struct reading **reading, struct fault *why)
{
	json_t *root = json_loadb(json.at, json.len, 0, NULL);
	struct reading *r = xcalloc(1, sizeof(*r));

	if (plain_load(root, r) != 0) {
		json_decref(root);
		reading_free(&r);
		return fault_set(why, FAULT_JOB, "reading-invalid",
				 "the job's reading is not one of ours");
	}
	names_load(json_object_get(root, "columns"), r);
	columns_load(root, &r->columns);
	flag_set(&r->flag, reading_heading(r, r->columns.flag),
		 json_string_value(json_object_get(root, "flag_out")),
		 json_string_value(json_object_get(root, "flag_in")));
	own_account_load(root, r);
	r->yearless = day_read(span_text(json_string_value(json_object_get(root, "statement_end"))),
			       &r->statement_end) == 0;
	lines_load(json_object_get(root, "came_in"), &r->came_in);
	lines_load(json_object_get(root, "unsure"), &r->unsure);
	sections_load(json_object_get(root, "sections"), r);
	r->dates_carried = json_is_true(json_object_get(root, "dates_carried"));
	r->buddhist = json_is_true(json_object_get(root, "buddhist_years"));
	r->currencies = json_is_true(json_object_get(root, "currencies"));
	r->serial = json_is_true(json_object_get(root, "serial_dates"));
	r->total_line = (uint64_t)json_integer_value(json_object_get(root, "total_line"));
	r->minor = json_is_true(json_object_get(root, "minor_units"));
	r->minor_balance = json_is_true(json_object_get(root, "minor_balance"));
	r->reference_hint = json_is_true(json_object_get(root, "reference_hint"));
	sureness_load(json_object_get(root, "sure"), &r->sure);
	r->told = json_dumps(json_object_get(root, "told"), JSON_COMPACT | JSON_SORT_KEYS);
	r->recognised = json_is_true(json_object_get(root, "recognised"));
	notes_load(json_object_get(root, "assumed"), &r->assumed);
	notes_load(json_object_get(root, "warnings"), &r->warnings);
	json_decref(root);
	*reading = r;
	return 0;
}
