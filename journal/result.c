#include "result.h"

#include <jansson.h>
#include <stdlib.h>

#include "money.h"

#define DOUBTFUL_MAX 100 /* rows listed as possible duplicates: the result is one record */

static int count_inserted(struct ledger *ledger, int64_t import, struct result *r,
			  struct fault *why)
{
	sqlite3_stmt *sums = db_query(ledger->db, SQL_EFFECT_INSERTED, why, "i", import);

	if (!sums || db_next(ledger->db, sums, why) != 1)
		return -1;
	r->parsed = sqlite3_column_int64(sums, 0);
	r->rejected = sqlite3_column_int64(sums, 1);
	r->inserted = sqlite3_column_int64(sums, 2);
	r->duplicates = sqlite3_column_int64(sums, 3);
	r->doubtful = sqlite3_column_int64(sums, 4);
	span_copy(db_text(sums, 5), r->first_date, sizeof r->first_date);
	span_copy(db_text(sums, 6), r->last_date, sizeof r->last_date);
	sqlite3_reset(sums);
	return 0;
}

static int count_booked(struct ledger *ledger, int64_t import, struct result *r, struct fault *why)
{
	sqlite3_stmt *sums = db_query(ledger->db, SQL_EFFECT_BOOKED, why, "i", import);

	if (!sums || db_next(ledger->db, sums, why) != 1)
		return -1;
	r->looked_at = sqlite3_column_int64(sums, 0);
	r->booked = sqlite3_column_int64(sums, 1);
	r->categorized = sqlite3_column_int64(sums, 2);
	r->by_rules = sqlite3_column_int64(sums, 3);
	r->by_history = sqlite3_column_int64(sums, 4);
	r->by_llm = sqlite3_column_int64(sums, 5);
	r->high_confidence = sqlite3_column_int64(sums, 6);
	r->reversed = sqlite3_column_int64(sums, 7);
	r->changed_meanwhile = sqlite3_column_int64(sums, 8);
	sqlite3_reset(sums);
	return 0;
}

int result_count(struct ledger *ledger, const struct import *import, struct result *result,
		 struct fault *why)
{
	memset(result, 0, sizeof *result);
	if (count_inserted(ledger, import->id, result, why) != 0)
		return -1;
	return count_booked(ledger, import->id, result, why);
}

static void put_count(struct buf *out, const char *name, int64_t count)
{
	buf_format(out, "%s\"%s\": %lld", out->at[out->len - 1] == '{' ? "" : ", ", name,
		   (long long)count);
}

static void put_date(struct buf *out, const char *name, const char *date)
{
	if (*date)
		buf_format(out, ", \"%s\": \"%s\"", name, date);
	else
		buf_format(out, ", \"%s\": null", name);
}

/* An array of the reading as it is, [] when there is none. */
static void put_said(struct buf *out, const char *name, const json_t *reading)
{
	const json_t *array = json_object_get(reading, name);
	char *text = json_is_array(array) ? json_dumps(array, JSON_COMPACT) : NULL;

	buf_format(out, ", \"%s\": ", name);
	buf_text(out, text ? text : "[]");
	free(text);
}

/* How the file was read, so that the next upload can say otherwise. */
static void put_profile(struct buf *out, const json_t *reading)
{
	json_t *profile = json_object_get(reading, "profile");
	char *text = json_is_object(profile) ? json_dumps(profile, JSON_COMPACT) : NULL;

	buf_text(out, ", \"profile\": ");
	buf_text(out, text ? text : "null");
	free(text);
}

/* What stages could not do for rows, behind what the reader warned of. */
static int put_remarks(struct ledger *ledger, int64_t import, struct buf *out, struct fault *why)
{
	sqlite3_stmt *found = db_query(ledger->db, SQL_REMARKS_OF, why, "i", import);
	struct buf text = {0};
	int status = found ? 1 : -1;

	while (status == 1 && (status = db_next(ledger->db, found, why)) == 1) {
		int64_t line = sqlite3_column_int64(found, 1),
			rows = sqlite3_column_int64(found, 2);

		buf_clear(&text);
		buf_format(&text, "%.*s (%lld row%s", SPAN_ARG(db_text(found, 0)), (long long)rows,
			   rows == 1 ? "" : "s");
		if (line > 0)
			buf_format(&text, ", first in line %lld", (long long)line);
		buf_char(&text, ')');
		if (out->at[out->len - 1] != '[')
			buf_text(out, ", ");
		buf_json_string(out, buf_span(&text));
	}
	buf_release(&text);
	return status;
}

/* What the reader said of the file when the job began: assumptions, warnings, the profile. */
static int put_reading(struct ledger *ledger, int64_t import, struct buf *out, struct fault *why)
{
	sqlite3_stmt *said = db_query(ledger->db, SQL_IMPORT_SAID, why, "i", import);
	struct span text;
	json_t *reading;
	int status;

	if (!said || db_next(ledger->db, said, why) != 1)
		return -1;
	text = db_text(said, 0);
	reading = text.len ? json_loadb(text.at, text.len, 0, NULL) : NULL;
	sqlite3_reset(said);
	put_said(out, "assumed", reading);
	put_said(out, "warnings", reading);
	out->len--; /* its bracket: more may come */
	status = put_remarks(ledger, import, out, why);
	buf_char(out, ']');
	put_profile(out, reading);
	json_decref(reading);
	return status;
}

static void put_doubtful(struct buf *out, sqlite3_stmt *found)
{
	struct span currency = db_text(found, 5);
	char code[CURRENCY_SIZE], money[MONEY_TEXT_SIZE];

	span_copy(currency, code, sizeof code);
	money_text(sqlite3_column_int64(found, 4), code, money);
	buf_format(out, "{\"line\": %lld, \"transaction_id\": ", sqlite3_column_int64(found, 0));
	if (sqlite3_column_int64(found, 1))
		buf_format(out, "\"%lld\"", sqlite3_column_int64(found, 1));
	else
		buf_text(out, "null");
	buf_format(out,
		   ", \"equals\": \"%lld\", \"date\": \"%.*s\", \"amount\": \"%s\", \"currency\": "
		   "\"%s\", "
		   "\"description\": ",
		   sqlite3_column_int64(found, 2), SPAN_ARG(db_text(found, 3)), money, code);
	buf_json_string(out, db_text(found, 6));
	buf_char(out, '}');
}

static int put_found(struct db *db, sqlite3_stmt *found, struct buf *out, struct fault *why)
{
	int status = found ? 1 : -1;

	while (status == 1 && (status = db_next(db, found, why)) == 1) {
		if (out->at[out->len - 1] != '[')
			buf_text(out, ", ");
		put_doubtful(out, found);
	}
	return status;
}

/* Of the days of the import. */
static int put_of_days(struct db *db, enum sql name, int64_t import, const struct result *r,
		       struct buf *out, struct fault *why)
{
	sqlite3_stmt *found = db_query(db, name, why, "itti", import, span_text(r->first_date),
				       span_text(r->last_date), (int64_t)DOUBTFUL_MAX);

	return put_found(db, found, out, why);
}

/* Rows that were kept although another import had brought an equal one of that day; and those that
 * were not kept, of a day that was cut in two at one end of the file, where neither a balance nor a
 * reference tells whether they are the same. A day is cut when this file and others have each what
 * the other has not; and when one file ends with it and another begins, unless a third goes over
 * it: then another balance shows it, and without balances nothing can, but that this file has all
 * that others had of that day only together. And rows that were kept beside one of the same day and
 * amount that another import has and this one has not, although both go over that day: then the
 * bank describes it otherwise now. */
static int put_all_doubtful(struct ledger *ledger, int64_t import, const struct result *r,
			    struct buf *out, struct fault *why)
{
	struct db *db = ledger->db;
	int status;

	buf_text(out, ", \"possible_duplicates\": [");
	status = put_found(
		db, db_query(db, SQL_EFFECT_DOUBTFUL, why, "ii", import, (int64_t)DOUBTFUL_MAX),
		out, why);
	if (status == 0 && r->duplicates > 0)
		status = put_of_days(db, SQL_SIGHTING_DOUBTFUL, import, r, out, why);
	if (status == 0 && r->inserted > 0)
		status = put_of_days(db, SQL_TXN_REWORDED, import, r, out, why);
	buf_char(out, ']');
	return status;
}

static int write_upload(struct ledger *ledger, int64_t import, const struct result *r,
			struct buf *out, struct fault *why)
{
	put_count(out, "parsed", r->parsed);
	put_count(out, "rejected", r->rejected);
	put_count(out, "inserted", r->inserted);
	put_count(out, "duplicates", r->duplicates);
	put_count(out, "categorized", r->categorized);
	put_count(out, "by_rules", r->by_rules);
	put_count(out, "by_history", r->by_history);
	put_count(out, "by_llm", r->by_llm);
	put_count(out, "high_confidence", r->high_confidence);
	put_count(out, "needs_review", r->booked - r->high_confidence);
	put_count(out, "je_created", r->booked);
	put_date(out, "first_date", r->first_date);
	put_date(out, "last_date", r->last_date);
	if (!ledger)
		buf_text(out, ", \"assumed\": [], \"warnings\": [], \"profile\": null, "
			      "\"possible_duplicates\": []");
	else if (put_reading(ledger, import, out, why) != 0 ||
		 put_all_doubtful(ledger, import, r, out, why) != 0)
		return -1;
	put_count(out, "elapsed_ms", r->elapsed_ms);
	return 0;
}

static int write_categorize(struct ledger *ledger, int64_t import, const struct result *r,
			    struct buf *out, struct fault *why)
{
	int status = 0;

	put_count(out, "journal_entries_created", r->booked);
	put_count(out, "high_confidence", r->high_confidence);
	put_count(out, "needs_review", r->booked - r->high_confidence);
	put_count(out, "changed_meanwhile", r->changed_meanwhile);
	put_count(out, "looked_at", r->looked_at);
	put_count(out, "reversed", r->reversed);
	buf_text(out, ", \"warnings\": [");
	if (ledger)
		status = put_remarks(ledger, import, out, why);
	buf_char(out, ']');
	put_count(out, "elapsed_ms", r->elapsed_ms);
	return status;
}

int result_write(struct ledger *ledger, const struct import *import, const struct result *result,
		 struct buf *out, struct fault *why)
{
	int status = 0;

	buf_char(out, '{');
	if (strcmp(import->kind, "upload") == 0)
		status = write_upload(ledger, import->id, result, out, why);
	else
		status = write_categorize(ledger, import->id, result, out, why);
	buf_char(out, '}');
	return status;
}

void ledger_empty_result(const char *kind, struct buf *result)
{
	const struct result none = {0};

	buf_char(result, '{');
	if (strcmp(kind, "upload") == 0)
		write_upload(NULL, 0, &none, result, NULL);
	else
		write_categorize(NULL, 0, &none, result, NULL);
	buf_char(result, '}');
}
