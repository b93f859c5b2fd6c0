#include "show.h"

#include <stdio.h>

#include "id.h"
#include "money.h"
#include "rows.h"

static void put_name(struct buf *out, const char *name)
{
	if (out->at[out->len - 1] != '{')
		buf_text(out, ", ");
	buf_format(out, "\"%s\": ", name);
}

static void put_text(struct buf *out, const char *name, struct span text)
{
	put_name(out, name);
	buf_json_string(out, text);
}

/* A number that is a name: a string, null when there is none. */
static void put_id(struct buf *out, const char *name, sqlite3_stmt *found, int column)
{
	put_name(out, name);
	if (sqlite3_column_type(found, column) == SQLITE_NULL)
		buf_text(out, "null");
	else
		buf_format(out, "\"%lld\"", sqlite3_column_int64(found, column));
}

static void put_job(struct buf *out, sqlite3_stmt *found, int column)
{
	struct span bytes = db_blob(found, column);
	char text[ID_JOB_TEXT_SIZE];
	struct id job;

	put_name(out, "job_id");
	if (bytes.len != ID_BYTES) {
		buf_text(out, "null");
		return;
	}
	memcpy(job.bytes, bytes.at, ID_BYTES);
	id_job_text(job, text);
	buf_format(out, "\"%s\"", text);
}

static void put_money(struct buf *out, int64_t minor, struct span currency)
{
	char code[CURRENCY_SIZE], money[MONEY_TEXT_SIZE];

	span_copy(currency, code, sizeof code);
	money_text(minor, code, money);
	put_text(out, "amount", span_text(money));
	put_text(out, "currency", currency);
}

/* Millionths as a number from 0 to 1 without a float on the way. */
static void put_confidence(struct buf *out, int64_t ppm)
{
	char digits[8];
	int n = snprintf(digits, sizeof digits, "%06u", (unsigned)(ppm % 1000000));

	while (n > 1 && digits[n - 1] == '0')
		n--;
	put_name(out, "confidence");
	buf_format(out, "%u.%.*s", (unsigned)(ppm / 1000000), n, digits);
}

static void put_decision(struct buf *out, sqlite3_stmt *found, int confidence, int source, int name)
{
	put_confidence(out, sqlite3_column_int64(found, confidence));
	put_text(out, "source",
		 span_text(row_source_name((uint8_t)sqlite3_column_int(found, source))));
	put_text(out, "decided_by", db_text(found, name));
}

/* What history thought of where it did not decide. */
#define SUGGESTS "suggests:"

static void put_suggestion(struct buf *out, sqlite3_stmt *found, int source, int name)
{
	int later = 17; /* NULL: nothing else is thought since, '': nothing at all */
	struct span decider = db_text(
		found, sqlite3_column_type(found, later) == SQLITE_NULL ? name : later);
	size_t len = strlen(SUGGESTS);

	put_name(out, "suggestion");
	if (sqlite3_column_int(found, source) == SOURCE_NONE && decider.len > len &&
	    memcmp(decider.at, SUGGESTS, len) == 0)
		buf_json_string(out, span_of(decider.at + len, decider.len - len));
	else
		buf_text(out, "null");
}

/* "payee": null or a text, "tags": a list of texts. */
static void put_label(struct buf *out, struct span payee, struct span tags)
{
	put_name(out, "payee");
	if (payee.len > 0)
		buf_json_string(out, payee);
	else
		buf_text(out, "null");
	put_name(out, "tags");
	buf_char(out, '[');
	while (tags.len > 0) {
		struct span tag = show_tag(&tags);

		buf_json_string(out, tag);
		if (tags.len > 0)
			buf_text(out, ", ");
	}
	buf_char(out, ']');
}

struct span show_tag(struct span *tags)
{
	const char *stop = memchr(tags->at, '\n', tags->len);
	struct span tag = span_of(tags->at, stop ? (size_t)(stop - tags->at) : tags->len);
	size_t used = tag.len + (stop != NULL);

	*tags = span_of(tags->at + used, tags->len - used);
	return tag;
}

static int one_row(struct db *db, sqlite3_stmt *found, struct fault *why)
{
	int status = found ? db_next(db, found, why) : -1;

	if (status == 0)
		return fault_set(why, FAULT_JOB, "books-corrupt",
				 "an entry without its transaction or account");
	return status == 1 ? 0 : -1;
}

static void put_line(struct buf *out, struct span account, int64_t minor, struct span currency)
{
	if (out->at[out->len - 1] != '[')
		buf_text(out, ", ");
	buf_char(out, '{');
	put_text(out, "account", account);
	put_money(out, minor, currency);
	buf_char(out, '}');
}

/* How amounts are signed: as an entry's lines (debits are positive) or as its transaction. */
struct counting {
	int sign;
	int64_t left;
};

/* Each part of an entry as a line, and what they leave of `as->left`. Columns of
 * SQL_PARTS_OF: amount, negative when it takes from a credit; account. */
static int put_parts(struct db *db, int64_t entry, struct buf *out, struct span currency,
		     struct counting *as, struct fault *why)
{
	sqlite3_stmt *part = db_query(db, SQL_PARTS_OF, why, "i", entry);
	int status = part ? 1 : -1;

	while (status == 1 && (status = db_next(db, part, why)) == 1) {
		int64_t amount = sqlite3_column_int64(part, 0);

		put_line(out, db_text(part, 1), as->sign * amount, currency);
		as->left -= as->sign * amount;
	}
	return status;
}

/* "splits": every account with its part of the amount; none when it goes to one. */
static int put_splits(struct db *db, sqlite3_stmt *found, int64_t entry, struct buf *out,
		      struct fault *why)
{
	struct counting as = {-1, sqlite3_column_int64(found, 2)};
	struct buf parts = {0};
	int status;

	put_name(out, "splits");
	buf_char(&parts, '[');
	status = put_parts(db, entry, &parts, db_text(found, 3), &as, why);
	buf_char(out, '[');
	if (status == 0 && parts.len > 1) {
		put_line(out, db_text(found, 6), as.left, db_text(found, 3));
		buf_format(out, ", %.*s", (int)parts.len - 1, parts.at + 1);
	}
	buf_char(out, ']');
	buf_release(&parts);
	return status;
}

int show_transaction(struct db *db, int64_t entry, struct buf *out, struct fault *why)
{
	sqlite3_stmt *found = db_query(db, SQL_SHOW_TXN, why, "i", entry);
	int status;

	if (one_row(db, found, why) != 0)
		return -1;
	buf_char(out, '{');
	put_id(out, "id", found, 0);
	put_text(out, "date", db_text(found, 1));
	put_money(out, sqlite3_column_int64(found, 2), db_text(found, 3));
	put_text(out, "description", db_text(found, 4));
	put_text(out, "reference", db_text(found, 5));
	put_text(out, "account", db_text(found, 6));
	put_text(out, "bank_account", db_text(found, 7));
	put_decision(out, found, 8, 9, 10);
	put_text(out, "status",
		 span_text(sqlite3_column_int(found, 11) ? "needs_review" : "categorized"));
	put_suggestion(out, found, 9, 10);
	put_id(out, "entry_id", found, 12);
	put_job(out, found, 13);
	put_name(out, "line");
	buf_format(out, "%lld", sqlite3_column_int64(found, 14));
	put_label(out, db_text(found, 15), db_text(found, 16));
	status = put_splits(db, found, entry, out, why);
	buf_char(out, '}');
	sqlite3_reset(found);
	return status;
}

/* The debited account, the credited one, then those of the parts, which took from one of them. */
static int put_lines(struct db *db, sqlite3_stmt *found, int64_t entry, struct buf *out,
		     struct fault *why)
{
	int64_t minor = sqlite3_column_int64(found, 12), debit = minor, credit = -minor;
	struct counting as = {1, 0};
	struct span currency = db_text(found, 13);
	struct buf parts = {0};
	int status;

	buf_char(&parts, '[');
	status = put_parts(db, entry, &parts, currency, &as, why);
	if (as.left < 0) /* what was debited is split */
		debit += as.left;
	else
		credit += as.left;
	put_line(out, db_text(found, 10), debit, currency);
	put_line(out, db_text(found, 11), credit, currency);
	if (parts.len > 1)
		buf_format(out, ", %.*s", (int)parts.len - 1, parts.at + 1);
	buf_release(&parts);
	return status;
}

int show_entry(struct db *db, int64_t entry, struct buf *out, struct fault *why)
{
	sqlite3_stmt *found = db_query(db, SQL_SHOW_ENTRY, why, "i", entry);
	int status;

	if (one_row(db, found, why) != 0)
		return -1;
	buf_char(out, '{');
	put_id(out, "id", found, 0);
	put_text(out, "date", db_text(found, 1));
	put_text(out, "description", db_text(found, 2));
	put_id(out, "transaction_id", found, 3);
	put_job(out, found, 4);
	put_id(out, "reverses", found, 5);
	put_id(out, "reversed_by", found, 6);
	put_decision(out, found, 9, 7, 8);
	put_name(out, "lines");
	buf_char(out, '[');
	status = put_lines(db, found, entry, out, why);
	buf_char(out, ']');
	put_label(out, db_text(found, 14), db_text(found, 15));
	buf_char(out, '}');
	sqlite3_reset(found);
	return status;
}
