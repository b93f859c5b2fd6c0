/* list - pages of transactions and of journal entries, newest day first. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "books.h"
#include "day.h"
#include "money.h"

/* Both lists are an index read backwards: entries by (day, transaction, entry), the review queue by
 * (day, transaction). A cursor is the place of the last item: "yyyy-mm-dd.transaction.entry". */
struct place {
	char day[DAY_TEXT_SIZE];
	int64_t txn, entry;
};

struct listing {
	struct ledger *ledger;
	const struct ledger_query *query;
	struct place from, last;
	struct buf *items, *next;
	struct buf sql;
	bool first;
};

/* ---- cursors ---- */

static int place_read(struct span cursor, struct place *place, struct fault *why)
{
	char text[80], *end;
	int32_t day;

	snprintf(place->day, sizeof place->day, "9999-12-31");
	place->txn = place->entry = INT64_MAX;
	if (cursor.len == 0)
		return 0;
	if (span_copy(cursor, text, sizeof text) != 0 || cursor.len < 14 || text[10] != '.' ||
	    day_read(span_of(text, 10), &day) != 0)
		goto err;
	span_copy(span_of(text, 10), place->day, sizeof place->day);
	place->txn = strtoll(text + 11, &end, 10);
	if (*end != '.')
		goto err;
	place->entry = strtoll(end + 1, &end, 10);
	if (*end == '\0')
		return 0;
err:
	return fault_set(why, FAULT_INPUT, "cursor", "this cursor is not one of ours");
}

static void place_write(const struct place *place, struct buf *out)
{
	buf_format(out, "%s.%" PRId64 ".%" PRId64, place->day, place->txn, place->entry);
}

/* ---- which: entry ids in order ---- */

#define IN_ACCOUNT                                                                                 \
	"(SELECT id FROM accounts WHERE name = :account OR "                                       \
	"substr(name, 1, length(:account) + 1) = :account || ':')"

static void where_common(struct listing *l, const char *day)
{
	const struct ledger_query *q = l->query;

	if (q->from.len)
		buf_format(&l->sql, " AND %s >= :from", day);
	if (q->to.len)
		buf_format(&l->sql, " AND %s <= :to", day);
	if (q->account.len)
		buf_text(&l->sql, " AND (e.debit IN " IN_ACCOUNT " OR e.credit IN " IN_ACCOUNT ")");
	if (q->q.len)
		buf_text(&l->sql, " AND instr(lower(t.description), lower(:q)) > 0");
}

static void sql_transactions(struct listing *l)
{
	const struct ledger_query *q = l->query;
	bool review = span_is(q->status, "needs_review");
	const char *day = review ? "l.review" : "e.date";

	buf_format(&l->sql, "SELECT e.id, %s, e.txn FROM ", day);
	/* CROSS JOIN: the order of the tables is the order of the walk */
	buf_text(&l->sql,
		 review ? "live l CROSS JOIN entries e ON e.id = l.entry "
			: "entries e CROSS JOIN live l ON l.txn = e.txn AND l.entry = e.id ");
	buf_text(&l->sql, "CROSS JOIN transactions t ON t.id = e.txn ");
	buf_format(&l->sql, "WHERE (%s, %s) < (:day, :txn)", day, review ? "l.txn" : "e.txn");
	if (span_is(q->status, "categorized"))
		buf_text(&l->sql, " AND l.review IS NULL");
	if (!id_is_zero(q->job))
		buf_text(&l->sql, " AND t.import = (SELECT id FROM imports WHERE job = :job)");
	where_common(l, day);
	buf_format(&l->sql, " ORDER BY %s DESC, %s DESC LIMIT :limit", day,
		   review ? "l.txn" : "e.txn");
}

static void sql_entries(struct listing *l)
{
	buf_text(&l->sql, "SELECT e.id, e.date, e.txn FROM entries e "
			  "CROSS JOIN transactions t ON t.id = e.txn "
			  "WHERE (e.date, e.txn, e.id) < (:day, :txn, :entry)");
	if (!id_is_zero(l->query->job))
		buf_text(&l->sql, " AND e.run = (SELECT id FROM imports WHERE job = :job)");
	where_common(l, "e.date");
	buf_text(&l->sql, " ORDER BY e.date DESC, e.txn DESC, e.id DESC LIMIT :limit");
}

static void bind_text(sqlite3_stmt *s, const char *name, struct span text)
{
	int at = sqlite3_bind_parameter_index(s, name);

	if (at)
		sqlite3_bind_text(s, at, text.len ? text.at : "", (int)text.len, SQLITE_STATIC);
}

static void bind_number(sqlite3_stmt *s, const char *name, int64_t number)
{
	int at = sqlite3_bind_parameter_index(s, name);

	if (at)
		sqlite3_bind_int64(s, at, number);
}

static void bind_all(sqlite3_stmt *s, const struct listing *l)
{
	const struct ledger_query *q = l->query;
	int job = sqlite3_bind_parameter_index(s, ":job");

	bind_text(s, ":from", q->from);
	bind_text(s, ":to", q->to);
	bind_text(s, ":account", q->account);
	bind_text(s, ":q", q->q);
	bind_text(s, ":day", span_text(l->from.day));
	bind_number(s, ":txn", l->from.txn);
	bind_number(s, ":entry", l->from.entry);
	bind_number(s, ":limit", (int64_t)q->limit + 1); /* one more tells whether there is one */
	if (job)
		sqlite3_bind_blob(s, job, q->job.bytes, ID_BYTES, SQLITE_STATIC);
}

/* ---- what: an item as JSON ---- */

static void put_string(struct buf *out, const char *key, struct span text)
{
	buf_format(out, "\"%s\":", key);
	buf_json_string(out, text);
	buf_char(out, ',');
}

static void put_money(struct buf *out, const char *key, int64_t minor, const char *currency)
{
	char text[MONEY_TEXT_SIZE];

	money_text(minor, currency, text);
	buf_format(out, "\"%s\":\"%s\",", key, text);
}

static void put_job(struct buf *out, sqlite3_stmt *row, int column)
{
	struct span bytes = db_blob(row, column);
	char text[ID_JOB_TEXT_SIZE];
	struct id id;

	if (bytes.len != ID_BYTES) {
		buf_text(out, "\"job_id\":null,");
		return;
	}
	memcpy(id.bytes, bytes.at, ID_BYTES);
	id_job_text(id, text);
	buf_format(out, "\"job_id\":\"%s\",", text);
}

static void put_decision(struct buf *out, sqlite3_stmt *row, int confidence, int source)
{
	put_string(out, "source",
		   span_text(row_source_name((uint8_t)sqlite3_column_int(row, source))));
	put_string(out, "decided_by", db_text(row, source + 1));
	buf_format(out, "\"confidence\":%g", sqlite3_column_int(row, confidence) / 1e6);
}

/* Columns of SQL_SHOW_TXN. */
static void put_transaction(struct buf *out, sqlite3_stmt *row)
{
	char currency[CURRENCY_SIZE];

	span_copy(db_text(row, 3), currency, sizeof currency);
	buf_format(out, "{\"id\":\"%lld\",", sqlite3_column_int64(row, 0));
	put_string(out, "date", db_text(row, 1));
	put_money(out, "amount", sqlite3_column_int64(row, 2), currency);
	put_string(out, "currency", span_text(currency));
	put_string(out, "description", db_text(row, 4));
	put_string(out, "reference", db_text(row, 5));
	put_string(out, "account", db_text(row, 6));
	put_string(out, "bank_account", db_text(row, 7));
	put_string(out, "status",
		   span_text(sqlite3_column_int(row, 11) ? "needs_review" : "categorized"));
	buf_format(out, "\"entry_id\":\"%lld\",", sqlite3_column_int64(row, 12));
	put_job(out, row, 13);
	buf_format(out, "\"line\":%lld,", sqlite3_column_int64(row, 14));
	put_decision(out, row, 8, 9);
	buf_char(out, '}');
}

static void put_line(struct buf *out, struct span account, int64_t minor, const char *currency)
{
	buf_char(out, '{');
	put_string(out, "account", account);
	put_money(out, "amount", minor, currency);
	buf_format(out, "\"currency\":\"%s\"}", currency);
}

static void put_other(struct buf *out, const char *key, sqlite3_stmt *row, int column)
{
	if (sqlite3_column_type(row, column) == SQLITE_NULL)
		buf_format(out, "\"%s\":null,", key);
	else
		buf_format(out, "\"%s\":\"%lld\",", key, sqlite3_column_int64(row, column));
}

/* Columns of SQL_SHOW_ENTRY. */
static void put_entry(struct buf *out, sqlite3_stmt *row)
{
	char currency[CURRENCY_SIZE];
	int64_t amount = sqlite3_column_int64(row, 12);

	span_copy(db_text(row, 13), currency, sizeof currency);
	buf_format(out, "{\"id\":\"%lld\",", sqlite3_column_int64(row, 0));
	put_string(out, "date", db_text(row, 1));
	put_string(out, "description", db_text(row, 2));
	buf_format(out, "\"transaction_id\":\"%lld\",", sqlite3_column_int64(row, 3));
	put_job(out, row, 4);
	put_other(out, "reverses", row, 5);
	put_other(out, "reversed_by", row, 6);
	buf_text(out, "\"lines\":[");
	put_line(out, db_text(row, 10), amount, currency);
	buf_char(out, ',');
	put_line(out, db_text(row, 11), -amount, currency);
	buf_text(out, "],");
	put_decision(out, row, 9, 7);
	buf_char(out, '}');
}

static int show(struct listing *l, int64_t entry, enum sql how,
		void (*put)(struct buf *out, sqlite3_stmt *row), struct fault *why)
{
	struct db *db = l->ledger->db;
	sqlite3_stmt *row = db_query(db, how, why, "i", entry);
	int status = row ? db_next(db, row, why) : -1;

	if (status < 0)
		return -1;
	if (status == 1) {
		if (!l->first)
			buf_char(l->items, ',');
		l->first = false;
		put(l->items, row);
	}
	sqlite3_reset(row);
	return 0;
}

/* ---- pages ---- */

static int walk(struct listing *l, sqlite3_stmt *ids, enum sql how,
		void (*put)(struct buf *out, sqlite3_stmt *row), struct fault *why)
{
	struct db *db = l->ledger->db;
	uint32_t n = 0;
	int status;

	while ((status = db_next(db, ids, why)) == 1) {
		if (n++ == l->query->limit) {
			place_write(&l->last, l->next);
			return 0;
		}
		l->last.entry = sqlite3_column_int64(ids, 0);
		l->last.txn = sqlite3_column_int64(ids, 2);
		span_copy(db_text(ids, 1), l->last.day, sizeof l->last.day);
		if (show(l, l->last.entry, how, put, why) != 0)
			return -1;
	}
	return status;
}

static int list(struct listing *l, void (*select)(struct listing *l), enum sql how,
		void (*put)(struct buf *out, sqlite3_stmt *row), struct fault *why)
{
	sqlite3_stmt *ids;
	int status;

	buf_clear(l->next);
	if (place_read(l->query->cursor, &l->from, why) != 0)
		return -1;
	select(l);
	ids = db_prepare(l->ledger->db, l->sql.at, why);
	buf_release(&l->sql);
	if (ids == NULL)
		return -1;
	bind_all(ids, l);
	status = walk(l, ids, how, put, why);
	sqlite3_finalize(ids);
	return status;
}

int ledger_transactions(struct ledger *ledger, const struct ledger_query *query, struct buf *items,
			struct buf *next, struct fault *why)
{
	struct listing l = {
		.ledger = ledger, .query = query, .items = items, .next = next, .first = true};

	return list(&l, sql_transactions, SQL_SHOW_TXN, put_transaction, why);
}

int ledger_entries(struct ledger *ledger, const struct ledger_query *query, struct buf *items,
		   struct buf *next, struct fault *why)
{
	struct listing l = {
		.ledger = ledger, .query = query, .items = items, .next = next, .first = true};

	return list(&l, sql_entries, SQL_SHOW_ENTRY, put_entry, why);
}
