#include "wish.h"

#include <ctype.h>
#include <jansson.h>

#include "charset.h"
#include "csv.h"
#include "day.h"
#include "mem.h"

#define WISH_ACCOUNT_DEFAULT "Assets:Bank:Checking"

/* Where a refused value stood: "profile" keys answer profile-invalid. */
static int wish_refuse(struct fault *why, bool profile, const char *key, const char *expected)
{
	fault_set(why, FAULT_JOB, profile ? "profile-invalid" : "params-invalid", "%s%s is not %s",
		  profile ? "profile." : "", key, expected);
	return fault_hint(why, "leave %s out, or give %s", key, expected);
}

static int currency_of(const json_t *value, char currency[CURRENCY_SIZE])
{
	const char *text = json_string_value(value);

	if (!text || strlen(text) != 3)
		return -1;
	for (int i = 0; i < 3; i++)
		currency[i] = (char)toupper((unsigned char)text[i]);
	currency[3] = '\0';
	return money_exponent(currency) >= 0 ? 0 : -1;
}

static int order_of(const json_t *value, enum date_order *order)
{
	*order = json_is_string(value) ? date_order_of(span_text(json_string_value(value))) : 0;
	return *order ? 0 : -1;
}

static int column_of(const json_t *value, struct wish_column *column)
{
	*column = (struct wish_column){0};
	if (json_is_integer(value) && json_integer_value(value) >= 1 &&
	    json_integer_value(value) <= CSV_FIELDS_MAX)
		column->number = (uint32_t)json_integer_value(value);
	else if (json_is_string(value) && json_string_length(value) > 0)
		column->name = json_string_value(value);
	else
		return -1;
	return 0;
}

/* Each takes the value of one key of profile; -1 when it is not what it should be. */
static int take_texts(struct wish *wish, const json_t *value)
{
	if (!json_is_array(value))
		return column_of(value, &wish->texts[wish->n_texts++]);
	if (json_array_size(value) < 1 || json_array_size(value) > WISH_TEXTS_MAX)
		return -1;
	for (size_t i = 0; i < json_array_size(value); i++) {
		if (column_of(json_array_get(value, i), &wish->texts[wish->n_texts++]) != 0)
			return -1;
	}
	return 0;
}

static int take_delimiter(struct wish *wish, const json_t *value)
{
	const char *text = json_string_value(value);

	if (!text)
		return -1;
	wish->delimiter = strcmp(text, "tab") == 0 ? '\t' : text[0];
	if (wish->delimiter == '\t' && strlen(text) <= 3)
		return 0;
	return strlen(text) == 1 && ispunct((unsigned char)text[0]) && text[0] != '"' ? 0 : -1;
}

static int take_decimal_mark(struct wish *wish, const json_t *value)
{
	const char *text = json_string_value(value);

	wish->decimal_mark = text ? text[0] : 0;
	return text && (strcmp(text, ".") == 0 || strcmp(text, ",") == 0) ? 0 : -1;
}

static int take_header_row(struct wish *wish, const json_t *value)
{
	wish->has_header_row = true;
	wish->header_row = (uint32_t)json_integer_value(value);
	return json_is_integer(value) && json_integer_value(value) >= 0 &&
			       json_integer_value(value) <= 10000
		       ? 0
		       : -1;
}

static const char *const sign_names[] = {"unknown", "amount", "inverted",
					 "column",  "marked", "balance"};

const char *sign_name(enum sign sign)
{
	return sign_names[sign];
}

enum sign sign_of(struct span name)
{
	for (size_t i = 1; i < ARRAY_LEN(sign_names); i++) {
		if (span_is(name, sign_names[i]))
			return (enum sign)i;
	}
	return SIGN_UNKNOWN;
}

static int take_sign(struct wish *wish, const json_t *value)
{
	wish->sign = sign_of(span_text(json_string_value(value)));
	return wish->sign == SIGN_UNKNOWN ? -1 : 0;
}

static int take_encoding(struct wish *wish, const json_t *value)
{
	const char *text = json_string_value(value);

	wish->encoding = text;
	return text && (strcasecmp(text, "utf-8") == 0 || strcasecmp(text, "utf8") == 0 ||
			charset_find(text))
		       ? 0
		       : -1;
}

static int take_statement_end(struct wish *wish, const json_t *value)
{
	const char *text = json_string_value(value);

	return text ? day_read(span_text(text), &wish->statement_end) : -1;
}

static int take_own_account(struct wish *wish, const json_t *value)
{
	wish->own_account = json_string_value(value);
	return wish->own_account && wish->own_account[0] ? 0 : -1;
}

static int take_flag(const json_t *value, const char **word)
{
	*word = json_string_value(value);
	return *word && (*word)[0] && strlen(*word) < FLAG_SIZE ? 0 : -1;
}

static int take_flag_out(struct wish *wish, const json_t *value)
{
	return take_flag(value, &wish->flag_out);
}

static int take_flag_in(struct wish *wish, const json_t *value)
{
	return take_flag(value, &wish->flag_in);
}

static int take_currency(struct wish *wish, const json_t *value)
{
	return currency_of(value, wish->currency);
}

static int take_order(struct wish *wish, const json_t *value)
{
	return order_of(value, &wish->date_order);
}

/* Keys whose value is one column: 0 taken, -1 a fault, 1 another key. */
static int wish_take_column(struct wish *wish, const char *key, const json_t *value,
			    struct fault *why)
{
	const struct {
		const char *key;
		struct wish_column *column;
	} columns[] = {
		{"date_column", &wish->date},		{"amount_column", &wish->amount},
		{"debit_column", &wish->debit},		{"credit_column", &wish->credit},
		{"balance_column", &wish->balance},	{"currency_column", &wish->currency_column},
		{"flag_column", &wish->flag},		{"fee_column", &wish->fee},
		{"reference_column", &wish->reference}, {"account_column", &wish->account_column},
	};

	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		if (strcmp(key, columns[i].key) != 0)
			continue;
		if (column_of(value, columns[i].column) != 0)
			return wish_refuse(why, true, key,
					   "a column: its name, or its number from 1");
		return 0;
	}
	return 1;
}

/* One key of profile. */
static int wish_take_profile(struct wish *wish, const char *key, const json_t *value,
			     struct fault *why)
{
	static const struct {
		const char *key, *expected;
		int (*take)(struct wish *wish, const json_t *value);
	} keys[] = {
		{"description_columns", "a column or a list of up to 8, by name or number from 1",
		 take_texts},
		{"delimiter", "one of \",\" \";\" \"|\" \"tab\" or another punctuation mark",
		 take_delimiter},
		{"encoding", "an encoding such as \"utf-8\" or \"windows-1252\"", take_encoding},
		{"header_row", "the header's line number, or 0 when there is none",
		 take_header_row},
		{"currency", "a currency code of ISO 4217", take_currency},
		{"date_order", "\"dmy\", \"mdy\" or \"ymd\"", take_order},
		{"decimal_mark", "\".\" or \",\"", take_decimal_mark},
		{"statement_end", "the last day of the statement, as yyyy-mm-dd",
		 take_statement_end},
		{"own_account", "an account as it stands in its column, or \"*\" for all",
		 take_own_account},
		{"flag_out", "a word of the debit/credit column, of up to 23 bytes", take_flag_out},
		{"flag_in", "a word of the debit/credit column, of up to 23 bytes", take_flag_in},
		{"sign", "\"amount\", \"inverted\", \"column\", \"marked\" or \"balance\"",
		 take_sign},
	};
	int rc = wish_take_column(wish, key, value, why);

	if (rc <= 0)
		return rc;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (strcmp(key, keys[i].key) != 0)
			continue;
		if (keys[i].take(wish, value) != 0)
			return wish_refuse(why, true, key, keys[i].expected);
		return 0;
	}
	fault_set(why, FAULT_JOB, "profile-invalid", "profile has no key %.40s", key);
	return fault_hint(why, "the keys of profile are listed in openapi.yaml");
}

/* Keys beside profile. Others belong to other stages. */
static int wish_take_params(struct wish *wish, const json_t *json, struct fault *why)
{
	const json_t *value = json_object_get(json, "account");

	wish->account = WISH_ACCOUNT_DEFAULT;
	if (value && (wish->account = json_string_value(value)) == NULL)
		return wish_refuse(why, false, "account", "the name of an account");
	value = json_object_get(json, "currency");
	if (json_is_string(value) && currency_of(value, wish->currency) != 0)
		return wish_refuse(why, false, "currency", "a currency code of ISO 4217");
	value = json_object_get(json, "default_currency");
	if (json_is_string(value) && currency_of(value, wish->default_currency) != 0)
		return wish_refuse(why, false, "default_currency", "a currency code of ISO 4217");
	value = json_object_get(json, "date_order");
	if (json_is_string(value) && order_of(value, &wish->date_order) != 0)
		return wish_refuse(why, false, "date_order", "\"dmy\", \"mdy\" or \"ymd\"");
	value = json_object_get(json, "max_rows");
	if (value && (!json_is_integer(value) || json_integer_value(value) < 0))
		return wish_refuse(why, false, "max_rows", "a number of rows");
	wish->max_rows = (uint64_t)json_integer_value(value);
	return 0;
}

int wish_load(struct span json, struct wish *wish, struct fault *why)
{
	json_t *root = json_loadb(json.at ? json.at : "{}", json.at ? json.len : 2, 0, NULL);
	json_t *profile, *value;
	const char *key;

	*wish = (struct wish){.json = root, .default_currency = "USD"};
	if (!json_is_object(root)) {
		fault_set(why, FAULT_JOB, "params-invalid",
			  "the job's params are not a JSON object");
		goto err;
	}
	if (wish_take_params(wish, root, why) != 0)
		goto err;
	profile = json_object_get(root, "profile");
	if (profile && !json_is_null(profile) && !json_is_object(profile)) {
		fault_set(why, FAULT_JOB, "profile-invalid", "profile is not a JSON object");
		goto err;
	}
	json_object_foreach(profile, key, value)
	{
		if (!json_is_null(value) && wish_take_profile(wish, key, value, why) != 0)
			goto err;
	}
	return 0;
err:
	wish_free(wish);
	return -1;
}

void wish_free(struct wish *wish)
{
	json_decref(wish->json);
	*wish = (struct wish){0};
}

char *wish_told(const struct wish *wish)
{
	static const char *const beside[] = {"currency", "date_order"}; /* of profile too */
	const json_t *root = wish->json, *value;
	json_t *told = json_deep_copy(json_object_get(root, "profile"));
	char *text;

	if (!json_is_object(told)) {
		json_decref(told);
		told = json_object();
	}
	for (size_t i = 0; i < ARRAY_LEN(beside); i++) {
		value = json_object_get(root, beside[i]);
		if (json_is_string(value))
			json_object_set(told, beside[i], (json_t *)value);
	}
	text = json_dumps(told, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(told);
	return text;
}
