#include "form.h"

#include "mem.h"
#include "params.h"

#define VALUE_MAX   1024
#define PROFILE_MAX 16384

static const char *const names[FORM_FIELDS] = {
	[FORM_TENANT] = "tenant_id",  [FORM_COMPANY] = "company_id",	[FORM_ACCOUNT] = "account",
	[FORM_CURRENCY] = "currency", [FORM_DATE_ORDER] = "date_order", [FORM_PROFILE] = "profile",
	[FORM_PRIORITY] = "priority", [FORM_FILE_NAME] = "file_name",
};

static int field_of(struct span name)
{
	for (int i = 0; i < FORM_FIELDS; i++) {
		if (span_is(name, names[i]))
			return i;
	}
	return -1;
}

int form_begin(struct form *form, struct span name, struct problem *p)
{
	int field = field_of(name);

	if (field < 0) {
		problem_field(p, form->place, name, "extra_forbidden",
			      "Extra inputs are not permitted; known are file, company_id, "
			      "tenant_id, account, currency, date_order, profile, priority");
		return -1;
	}
	if (form->given[field]) {
		problem_field(p, form->place, name, "given_twice", "Field given more than once");
		return -1;
	}
	form->given[field] = true;
	return field;
}

void form_add(struct form *form, int field, struct span bytes, struct problem *p)
{
	size_t max = field == FORM_PROFILE ? PROFILE_MAX : VALUE_MAX;

	if (form->over[field])
		return;
	if (form->values[field].len + bytes.len > max) {
		form->over[field] = true;
		problem_field(p, form->place, span_text(names[field]), "string_too_long",
			      "Value should have at most %zu bytes", max);
		return;
	}
	buf_add(&form->values[field], bytes.at, bytes.len);
}

/* NULL: not given. An empty value of an optional field is what an HTML form sends for one that was
 * left alone. */
static struct span value_of(const struct form *form, enum form_field field)
{
	const struct buf *value = &form->values[field];
	bool required = field == FORM_TENANT || field == FORM_COMPANY;

	if (!form->given[field] || form->over[field])
		return span_of(NULL, 0);
	if (value->len == 0)
		return required ? span_of("", 0) : span_of(NULL, 0);
	return buf_span(value);
}

static void put(struct buf *params, enum form_field field, struct span value)
{
	buf_format(params, ",\"%s\":", names[field]);
	buf_json_string(params, value);
}

static void check_account(const struct form *form, struct problem *p, struct buf *params)
{
	struct span value = value_of(form, FORM_ACCOUNT);

	if (value.at == NULL)
		value = span_text("Assets:Bank:Checking");
	if (params_account(p, form->place, names[FORM_ACCOUNT], value) != 0)
		return;
	if (value.at[0] != 'A' && value.at[0] != 'L')
		problem_field(p, form->place, span_text(names[FORM_ACCOUNT]), "account_type",
			      "A bank account is one of Assets or Liabilities");
	else
		put(params, FORM_ACCOUNT, value);
}

static void check_currency(const struct form *form, struct problem *p, struct buf *params)
{
	struct span value = value_of(form, FORM_CURRENCY);
	char code[CURRENCY_SIZE];

	if (value.at && params_currency(p, form->place, names[FORM_CURRENCY], value, code) == 0)
		put(params, FORM_CURRENCY, span_text(code));
}

static void check_date_order(const struct form *form, struct problem *p, struct buf *params)
{
	struct span value = value_of(form, FORM_DATE_ORDER);

	if (value.at &&
	    params_choice(p, form->place, names[FORM_DATE_ORDER], value, "dmy|mdy|ymd") == 0)
		put(params, FORM_DATE_ORDER, value);
}

static void check_priority(struct form *form, struct problem *p, struct buf *params)
{
	struct span value = value_of(form, FORM_PRIORITY);

	if (value.at && params_u32(p, form->place, names[FORM_PRIORITY], value,
				   (struct range){0, PARAMS_PRIORITY_MAX}, &form->priority) == 0)
		buf_format(params, ",\"priority\":%u", form->priority);
}

static void check_profile(const struct form *form, struct problem *p, struct buf *params)
{
	struct span value = value_of(form, FORM_PROFILE);
	json_t *profile;
	char *text;

	if (value.at == NULL ||
	    params_object(p, form->place, names[FORM_PROFILE], value, &profile) != 0)
		return;
	text = json_dumps(profile, JSON_COMPACT | JSON_SORT_KEYS);
	if (text)
		buf_format(params, ",\"profile\":%s", text);
	free(text);
	json_decref(profile);
}

int form_check(struct form *form, struct problem *p, char tenant[NAME_SIZE],
	       char company[NAME_SIZE], struct buf *params)
{
	int before = p->n_errors + p->more_errors;

	/* one that was too long has been named already */
	if (!form->over[FORM_COMPANY])
		params_name(p, form->place, names[FORM_COMPANY], value_of(form, FORM_COMPANY),
			    company);
	if (!form->over[FORM_TENANT])
		params_name(p, form->place, names[FORM_TENANT], value_of(form, FORM_TENANT),
			    tenant);
	check_account(form, p, params);
	check_currency(form, p, params);
	check_date_order(form, p, params);
	check_profile(form, p, params);
	check_priority(form, p, params);
	return p->n_errors + p->more_errors > before ? -1 : 0;
}

void form_release(struct form *form)
{
	for (int i = 0; i < FORM_FIELDS; i++)
		buf_release(&form->values[i]);
}
