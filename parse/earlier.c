#include "earlier.h"

#include <stdlib.h>

#include "dialect.h"
#include "encoding.h"
#include "rows.h"

#define EARLIER_MAX 4 /* readings are tried; accounts have hardly more forms of file */

/* Are the names of the header those of the saved reading? */
static int same_names(struct source *source, const struct dialect_found *found,
		      const json_t *reading, struct fault *why)
{
	const json_t *names = json_object_get(reading, "columns");
	struct records records;
	char room[ROWS_RECORD_MAX];

	if (json_array_size(names) != found->n_fields ||
	    (found->header_line > 0) !=
		    (json_integer_value(json_object_get(reading, "header_row")) > 0))
		return 0;
	if (found->header_line == 0)
		return 1;
	records_open(&records, found->dialect, source, found->header);
	if (records_next(&records, why) == -1)
		return -1;
	for (uint32_t i = 0; i < found->n_fields; i++) {
		const char *name = json_string_value(json_array_get(names, i));

		if (!name || !span_is(csv_value(&records.record.fields[i], room), name))
			return 0;
	}
	return 1;
}

/* Has the file the form of the saved reading, when read as `wish` says? */
static int same_form(struct source *source, const struct wish *wish, const json_t *reading,
		     struct fault *why)
{
	const char *delimiter = json_string_value(json_object_get(reading, "delimiter"));
	struct dialect_found found;
	struct encoding encoding;

	source_decode(source, NULL);
	if (encoding_detect(source, wish->encoding, &encoding, why) != 0 ||
	    dialect_find(source, encoding.skip, wish, &found, why) != 0)
		return why->class == FAULT_JOB ? 0 : -1;
	if (!delimiter || delimiter[0] != found.dialect.delimiter)
		return 0;
	return same_names(source, &found, reading, why);
}

/* Params as they would be with what was told for the saved reading. */
static json_t *params_with(const json_t *params, const json_t *reading)
{
	json_t *with = json_copy((json_t *)params);
	json_t *told = json_deep_copy(json_object_get(reading, "told"));
	const json_t *now = json_object_get(params, "profile");

	if (!json_is_object(told)) {
		json_decref(told);
		told = json_object();
	}
	json_object_del(told, "statement_end"); /* of that file alone */
	/* what is told now beside profile goes before what was told then */
	if (json_is_string(json_object_get(params, "currency")))
		json_object_del(told, "currency");
	if (json_is_string(json_object_get(params, "date_order")))
		json_object_del(told, "date_order");
	if (json_is_object(now))
		json_object_update(told, (json_t *)now);
	json_object_set_new(with, "profile", told);
	return with;
}

static void earlier_take(const json_t *reading, struct wish_earlier *earlier)
{
	const char *order = json_string_value(json_object_get(reading, "date_order"));
	const char *mark = json_string_value(json_object_get(reading, "decimal_mark"));
	const char *sign = json_string_value(json_object_get(reading, "sign"));
	const char *currency = json_string_value(json_object_get(reading, "currency"));

	earlier->date_order = date_order_of(span_text(order ? order : ""));
	earlier->decimal_mark = mark ? mark[0] : 0;
	earlier->sign = sign_of(span_text(sign ? sign : ""));
	if (earlier->sign == SIGN_COLUMN || earlier->sign == SIGN_BALANCE)
		earlier->sign = SIGN_UNKNOWN; /* needs its column, and then it settles itself */
	if (currency && money_exponent(currency) >= 0)
		span_copy(span_text(currency), earlier->currency, sizeof(earlier->currency));
}

/* 1 and `params` changed when this is the one. */
static int earlier_try(struct source *source, json_t *params, const json_t *reading,
		       struct wish_earlier *earlier, struct fault *why)
{
	json_t *with = params_with(params, reading);
	char *text = json_dumps(with, JSON_COMPACT);
	struct wish wish;
	int same = 0;

	if (wish_load(span_text(text), &wish, why) == 0) {
		same = same_form(source, &wish, reading, why);
		wish_free(&wish);
	}
	if (same == 1) {
		earlier_take(reading, earlier);
		json_object_set(params, "profile", json_object_get(with, "profile"));
	}
	free(text);
	json_decref(with);
	return same;
}

int earlier_find(struct source *source, json_t *params, struct wish_earlier *earlier,
		 struct fault *why)
{
	const json_t *readings = json_object_get(params, "earlier");
	int same = 0;

	for (size_t i = 0; same == 0 && i < json_array_size(readings) && i < EARLIER_MAX; i++)
		same = earlier_try(source, params, json_array_get(readings, i), earlier, why);
	source_decode(source, NULL);
	return same;
}
