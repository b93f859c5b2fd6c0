#include "params.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>

#include "day.h"

static int missing(struct problem *p, const char *place, const char *field)
{
	problem_field(p, place, span_text(field), "missing", "Field required");
	return -1;
}

int params_name(struct problem *p, const char *place, const char *field, struct span text,
		char out[NAME_SIZE])
{
	out[0] = '\0';
	if (text.at == NULL)
		return missing(p, place, field);
	if (!name_is_valid(text)) {
		problem_field(p, place, span_text(field), "string_pattern_mismatch",
			      "Input should be 1 to 64 of A-Z a-z 0-9 _ -, or an integer");
		return -1;
	}
	span_copy(text, out, NAME_SIZE);
	return 0;
}

static bool is_one_of(struct span word, const char *words)
{
	while (*words) {
		size_t len = strcspn(words, "|");

		if (word.len == len && memcmp(word.at, words, len) == 0)
			return true;
		words += len + (words[len] == '|');
	}
	return false;
}

/* "dmy|mdy" -> "'dmy' or 'mdy'", as Pydantic says it. */
static void say_words(const char *words, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	while (*words && len < size) {
		size_t word = strcspn(words, "|");
		const char *after = words[word] == '\0'		    ? ""
				    : strchr(words + word + 1, '|') ? ", "
								    : " or ";

		len += (size_t)snprintf(out + len, size - len, "'%.*s'%s", (int)word, words, after);
		words += word + (words[word] == '|');
	}
}

int params_choice(struct problem *p, const char *place, const char *field, struct span text,
		  const char *allowed)
{
	char words[160];

	if (is_one_of(text, allowed))
		return 0;
	say_words(allowed, words, sizeof(words));
	problem_field(p, place, span_text(field), "literal_error", "Input should be %s", words);
	return -1;
}

static int check_range(struct problem *p, const char *place, const char *field, int64_t value,
		       struct range range)
{
	if (value < (int64_t)range.least) {
		problem_field(p, place, span_text(field), "greater_than_equal",
			      "Input should be greater than or equal to %u", range.least);
		return -1;
	}
	if (value > (int64_t)range.most) {
		problem_field(p, place, span_text(field), "less_than_equal",
			      "Input should be less than or equal to %u", range.most);
		return -1;
	}
	return 0;
}

int params_u32(struct problem *p, const char *place, const char *field, struct span text,
	       struct range range, uint32_t *out)
{
	bool negative = text.len > 1 && text.at[0] == '-';
	uint64_t value;
	int64_t number;

	if (span_u64(negative ? span_of(text.at + 1, text.len - 1) : text, &value) != 0) {
		problem_field(p, place, span_text(field), "int_parsing",
			      "Input should be a valid integer");
		return -1;
	}
	number = value > UINT32_MAX ? (int64_t)UINT32_MAX + 1 : (int64_t)value;
	number = negative ? -number : number;
	if (check_range(p, place, field, number, range) != 0)
		return -1;
	*out = (uint32_t)number;
	return 0;
}

int params_currency(struct problem *p, const char *place, const char *field, struct span text,
		    char out[CURRENCY_SIZE])
{
	bool fits = text.len == 3;

	for (size_t i = 0; i < 3 && fits; i++)
		out[i] = (char)toupper((unsigned char)text.at[i]);
	out[fits ? 3 : 0] = '\0';
	if (fits && money_exponent(out) >= 0)
		return 0;
	problem_field(p, place, span_text(field), "currency_code",
		      "Input should be a currency of ISO 4217, as USD or EUR");
	return -1;
}

int params_account(struct problem *p, const char *place, const char *field, struct span text)
{
	if (account_is_valid(text))
		return 0;
	problem_field(p, place, span_text(field), "account_syntax",
		      "Input should be an account such as Assets:Bank:Checking, at most %d bytes",
		      ACCOUNT_LEN_MAX);
	return -1;
}

int params_date(struct problem *p, const char *place, const char *field, struct span text)
{
	int32_t day;

	if (day_read(text, &day) == 0)
		return 0;
	problem_field(p, place, span_text(field), "date_parsing",
		      "Input should be a date that exists, as 2026-11-23");
	return -1;
}

int params_job(struct problem *p, const char *place, const char *field, struct span text,
	       struct id *out)
{
	if (id_job_read(text, out) == 0)
		return 0;
	problem_field(p, place, span_text(field), "job_id",
		      "Input should be a job id: job_ and 26 characters");
	return -1;
}

int params_object(struct problem *p, const char *place, const char *field, struct span text,
		  json_t **out)
{
	json_error_t error;

	*out = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, &error);
	if (*out == NULL) {
		problem_field(p, place, span_text(field), "json_invalid", "Invalid JSON: %.100s",
			      error.text);
		return -1;
	}
	if (json_is_object(*out))
		return 0;
	json_decref(*out);
	*out = NULL;
	problem_field(p, place, span_text(field), "dict_type",
		      "Input should be a valid JSON object");
	return -1;
}

int params_idempotency_key(struct problem *p, const char *key)
{
	size_t len = key ? strlen(key) : 1;
	bool sound = len > 0 && len <= PARAMS_KEY_MAX;

	for (size_t i = 0; key && i < len && sound; i++)
		sound = key[i] >= ' ' && key[i] <= '~';
	if (sound)
		return 0;
	problem_field(p, "header", span_text("Idempotency-Key"), "string_pattern_mismatch",
		      "Input should be 1 to %d printable ASCII characters", PARAMS_KEY_MAX);
	return -1;
}

/* ---- JSON bodies ---- */

int params_body(struct problem *p, struct span body, bool optional, json_t **out)
{
	*out = NULL;
	if (span_trim(body).len > 0)
		return params_object(p, "body", "", body, out);
	if (optional) {
		*out = json_object();
		return 0;
	}
	problem_field(p, "body", span_text(""), "missing", "Field required");
	return -1;
}

int params_json_name(struct problem *p, const json_t *body, const char *field, char out[NAME_SIZE])
{
	const json_t *value = json_object_get(body, field);
	char digits[32];

	out[0] = '\0';
	if (value == NULL)
		return missing(p, "body", field);
	if (json_is_integer(value)) {
		snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT,
			 json_integer_value(value));
		return params_name(p, "body", field, span_text(digits), out);
	}
	if (json_is_string(value))
		return params_name(p, "body", field,
				   span_of(json_string_value(value), json_string_length(value)),
				   out);
	problem_field(p, "body", span_text(field), "string_type",
		      "Input should be a valid string or an integer");
	return -1;
}

int params_json_u32(struct problem *p, const json_t *body, const char *field, struct range range,
		    uint32_t *out)
{
	const json_t *value = json_object_get(body, field);
	double real;

	if (value == NULL)
		return 0;
	if (json_is_string(value))
		return params_u32(p, "body", field,
				  span_of(json_string_value(value), json_string_length(value)),
				  range, out);
	real = json_number_value(value);
	if (!json_is_number(value) || real != floor(real)) {
		problem_field(p, "body", span_text(field), "int_type",
			      "Input should be a valid integer");
		return -1;
	}
	/* beyond 2^53 a double is not exact, but far outside any range asked for here */
	if (real < -1e15 || real > 1e15)
		real = real < 0 ? -1e15 : 1e15;
	if (check_range(p, "body", field, (int64_t)real, range) != 0)
		return -1;
	*out = (uint32_t)real;
	return 0;
}

int params_json_bool(struct problem *p, const json_t *body, const char *field, bool *out)
{
	const json_t *value = json_object_get(body, field);

	if (value == NULL)
		return 0;
	if (!json_is_boolean(value)) {
		problem_field(p, "body", span_text(field), "bool_type",
			      "Input should be a valid boolean");
		return -1;
	}
	*out = json_is_true(value);
	return 0;
}

int params_json_known(struct problem *p, const json_t *body, const char *known)
{
	const char *name;
	json_t *value;
	int rc = 0;

	json_object_foreach((json_t *)body, name, value)
	{
		if (is_one_of(span_text(name), known))
			continue;
		problem_field(p, "body", span_text(name), "extra_forbidden",
			      "Extra inputs are not permitted");
		rc = -1;
	}
	return rc;
}
