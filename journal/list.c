/* list - pages of transactions and of entries, newest day first. */
#include <assert.h>

#include "books.h"
#include "day.h"
#include "show.h"

/* A page looks at no more rows than this, so that it takes some 13 ms also where few of a million
 * match (1.8 us a row measured, 2.5 with its description): such a page is short, or empty, and its
 * cursor says where to go on. */
#define LOOK_MAX	     7500
#define LOOK_MAX_DESCRIPTION 5000

/* Lists go by (day, transaction, entry), newest first; this is also the cursor. */
struct place {
	char date[DAY_TEXT_SIZE];
	int64_t txn, entry;
};

struct listing {
	struct ledger *ledger;
	const struct ledger_query *query;
	bool entries;	/* entries, else transactions */
	bool queue;	/* transactions that need review: the list is driven by live */
	int64_t import; /* 0 = any */
	char first_date[DAY_TEXT_SIZE];
	struct place from;  /* exclusive */
	struct buf pattern; /* of LIKE */
};

/* ---- the request ---- */

/* "yyyy-mm-dd.transaction.entry" */
static int read_cursor(struct span text, struct place *place, struct fault *why)
{
	const size_t head = DAY_TEXT_SIZE; /* the day and its point */
	const char *point = text.len > head ? memchr(text.at + head, '.', text.len - head) : NULL;
	uint64_t txn, entry;
	int32_t day;

	if (!point || text.at[head - 1] != '.' || day_read(span_of(text.at, head - 1), &day) != 0)
		goto err;
	if (span_u64(span_of(text.at + head, (size_t)(point - text.at) - head), &txn) != 0 ||
	    span_u64(span_of(point + 1, text.len - (size_t)(point - text.at) - 1), &entry) != 0 ||
	    txn > INT64_MAX || entry > INT64_MAX)
		goto err;
	span_copy(span_of(text.at, head - 1), place->date, sizeof place->date);
	place->txn = (int64_t)txn;
	place->entry = (int64_t)entry;
	return 0;
err:
	return fault_set(why, FAULT_INPUT, "cursor", "the cursor is not one of this list");
}

static int read_date(struct span text, const char *otherwise, char out[DAY_TEXT_SIZE],
		     struct fault *why)
{
	int32_t day;

	if (text.len == 0) {
		span_copy(span_text(otherwise), out, DAY_TEXT_SIZE);
		return 0;
	}
	if (day_read(text, &day) != 0)
		return fault_set(why, FAULT_INPUT, "date", "a date is yyyy-mm-dd");
	span_copy(text, out, DAY_TEXT_SIZE);
	return 0;
}

/* Where text stands for itself in LIKE. */
static void like_pattern(struct span text, struct buf *out)
{
	buf_char(out, '%');
	for (size_t i = 0; i < text.len; i++) {
		if (strchr("%_\\", text.at[i]) && text.at[i])
			buf_char(out, '\\');
		buf_char(out, text.at[i]);
	}
	buf_char(out, '%');
}

static int read_status(struct listing *list, struct fault *why)
{
	struct span status = list->query->status;

	list->queue = span_is(status, "needs_review");
	if (status.len == 0 || list->queue || span_is(status, "categorized"))
		return 0;
	return fault_set(why, FAULT_INPUT, "status", "status is categorized or needs_review");
}

/* An import knows its first and last day: no need to look beyond. */
static int narrow_to_import(struct listing *list, struct place *newest, struct fault *why)
{
	struct db *db = list->ledger->db;
	sqlite3_stmt *days = db_query(db, SQL_IMPORT_DAYS, why, "i", list->import);
	struct span first, last;

	if (!days || db_next(db, days, why) != 1)
		return -1;
	first = db_text(days, 0);
	last = db_text(days, 1);
	if (first.len && strncmp(list->first_date, first.at, first.len) < 0)
		span_copy(first, list->first_date, sizeof list->first_date);
	if (last.len && strncmp(newest->date, last.at, last.len) > 0)
		span_copy(last, newest->date, sizeof newest->date);
	sqlite3_reset(days);
	return 0;
}

/* All entries of a transaction have its day. 1 = nothing can match. */
static int read_txn(struct listing *list, struct place *newest, struct fault *why)
{
	struct db *db = list->ledger->db;
	int64_t txn = list->query->txn;
	char date[DAY_TEXT_SIZE];
	sqlite3_stmt *day;
	int status;

	if (txn == 0)
		return 0;
	day = db_query(db, SQL_TXN_DAY, why, "i", txn);
	status = day ? db_next(db, day, why) : -1;
	if (status != 1)
		return status == 0 ? 1 : -1;
	span_copy(db_text(day, 0), date, sizeof date);
	sqlite3_reset(day);
	if (strcmp(date, list->first_date) < 0 || strcmp(date, newest->date) > 0)
		return 1;
	memcpy(list->first_date, date, sizeof date);
	*newest = (struct place){.txn = txn + 1};
	memcpy(newest->date, date, sizeof date);
	return 0;
}

/* 1 = these books know no such job, so nothing can match. */
static int read_job(struct listing *list, struct place *newest, struct fault *why)
{
	struct import import;
	int status;

	if (id_is_zero(list->query->job))
		return 0;
	status = import_find(list->ledger, list->query->job, &import, why);
	if (status != 0)
		return status;
	list->import = import.id;
	return narrow_to_import(list, newest, why);
}

static int read_query(struct listing *list, struct fault *why)
{
	const struct ledger_query *query = list->query;
	struct place newest = {.txn = INT64_MAX, .entry = INT64_MAX};
	int status;

	if (read_status(list, why) != 0 ||
	    read_date(query->from, "0000-01-01", list->first_date, why) != 0 ||
	    read_date(query->to, "9999-12-31", newest.date, why) != 0)
		return -1;
	status = read_job(list, &newest, why);
	if (status == 0)
		status = read_txn(list, &newest, why);
	if (status != 0)
		return status;
	list->from = newest;
	if (query->cursor.len > 0 && read_cursor(query->cursor, &list->from, why) != 0)
		return -1;
	if (query->q.len > 0)
		like_pattern(query->q, &list->pattern);
	return 0;
}

/* ---- the search ---- */

/* An account and all below it. */
#define UNDER                                                                                      \
	"(SELECT id FROM accounts WHERE name = ?5 OR substr(name, 1, length(?5) + 1) = ?5 || ':')"

/* What only a transaction has. */
static bool asks_for_group(const struct ledger_query *query)
{
	return query->merchant.at || query->direction.len || query->currency.len;
}

static void search_group(const struct ledger_query *query, struct buf *sql)
{
	if (query->direction.len)
		buf_text(sql, " AND (t.amount > 0) = (?9 = 'in')");
	if (query->currency.len)
		buf_text(sql, " AND t.currency = ?10");
	if (query->merchant.at)
		buf_text(sql, " AND merchant(t.description) = ?8");
}

/* Columns: day, transaction, entry, does it match. The index is named because without statistics
 * SQLite would as well begin with another table and sort. */
static void search_text(const struct listing *list, struct buf *sql)
{
	const struct ledger_query *query = list->query;
	bool entry = query->account.len || list->import;
	bool txn = query->q.len || list->import || asks_for_group(query);

	buf_text(sql, list->queue ? "SELECT l.review, l.txn, l.entry, 1"
				  : "SELECT e.date, e.txn, e.id, 1");
	if (query->account.len)
		buf_text(sql,
			 " AND (e.debit IN " UNDER " OR e.credit IN " UNDER " OR EXISTS (SELECT 1 "
			 "FROM parts p WHERE p.entry = e.id AND (p.debit IN " UNDER " OR "
			 "p.credit IN " UNDER ")))");
	if (list->import)
		buf_text(sql, list->entries ? " AND e.run IS ?6" : " AND ?6 IN (t.import, e.run)");
	if (query->q.len)
		buf_text(sql, list->entries ? " AND coalesce(t.description, (SELECT u.description "
					      "FROM undone u WHERE u.id = e.txn)) LIKE ?7 ESCAPE "
					      "'\\'"
					    : " AND t.description LIKE ?7 ESCAPE '\\'");
	search_group(query, sql);
	if (query->txn)
		buf_text(sql, list->queue ? " AND l.txn = ?11" : " AND e.txn = ?11");
	if (!list->queue && query->status.len)
		buf_text(sql, " AND l.review IS NULL");
	if (list->queue)
		buf_text(sql, entry ? " FROM live l INDEXED BY live_review "
				      "CROSS JOIN entries e ON e.id = l.entry"
				    : " FROM live l INDEXED BY live_review");
	else
		buf_text(sql, list->entries
				      ? " FROM entries e INDEXED BY entries_date"
				      : " FROM entries e INDEXED BY entries_date "
					"CROSS JOIN live l ON l.txn = e.txn AND l.entry = e.id");
	if (txn && list->entries) /* also of a transaction that was taken back */
		buf_text(sql, " LEFT JOIN transactions t ON t.id = e.txn");
	else if (txn)
		buf_text(sql, list->queue ? " CROSS JOIN transactions t ON t.id = l.txn"
					  : " CROSS JOIN transactions t ON t.id = e.txn");
	buf_text(sql, list->queue ? " WHERE (l.review, l.txn) < (?1, ?2) AND l.review >= ?4 "
				    "ORDER BY l.review DESC, l.txn DESC"
				  : " WHERE (e.date, e.txn, e.id) < (?1, ?2, ?3) AND e.date >= ?4 "
				    "ORDER BY e.date DESC, e.txn DESC, e.id DESC");
}

static void bind_span(sqlite3_stmt *found, int at, struct span text)
{
	sqlite3_bind_text(found, at, text.at, (int)text.len, SQLITE_STATIC);
}

static sqlite3_stmt *search(const struct listing *list, struct fault *why)
{
	const struct ledger_query *query = list->query;
	struct buf sql = {0};
	sqlite3_stmt *found;

	search_text(list, &sql);
	found = db_prepare(list->ledger->db, sql.at, why);
	buf_release(&sql);
	if (!found)
		return NULL;
	/* What the text does not mention SQLite refuses to bind, and no matter. */
	sqlite3_bind_text(found, 1, list->from.date, -1, SQLITE_STATIC);
	sqlite3_bind_int64(found, 2, list->from.txn);
	sqlite3_bind_int64(found, 3, list->from.entry);
	sqlite3_bind_text(found, 4, list->first_date, -1, SQLITE_STATIC);
	bind_span(found, 5, query->account);
	sqlite3_bind_int64(found, 6, list->import);
	bind_span(found, 7, buf_span(&list->pattern));
	bind_span(found, 8, query->merchant);
	bind_span(found, 9, query->direction);
	bind_span(found, 10, query->currency);
	sqlite3_bind_int64(found, 11, query->txn);
	return found;
}

static void put_cursor(struct buf *next, const struct place *place)
{
	buf_clear(next);
	buf_format(next, "%s.%lld.%lld", place->date, (long long)place->txn,
		   (long long)place->entry);
}

static int show(struct listing *list, int64_t entry, struct buf *items, struct fault *why)
{
	return list->entries ? show_entry(list->ledger->db, entry, items, why)
			     : show_transaction(list->ledger->db, entry, items, why);
}

/* Walks until the page is full, too much was looked at, or the end. The cursor is the last place
 * looked at; one match more than the page holds tells whether there is another. */
static int walk(struct listing *list, sqlite3_stmt *found, struct buf *items, struct buf *next,
		struct fault *why)
{
	uint32_t looked = 0, shown = 0;
	bool reads = list->pattern.len || list->query->merchant.at;
	uint32_t most = reads ? LOOK_MAX_DESCRIPTION : LOOK_MAX;
	struct place at = list->from;
	int status;

	while ((status = db_next(list->ledger->db, found, why)) == 1) {
		bool match = sqlite3_column_int(found, 3) != 0;

		if (sqlite3_column_int64(found, 1) < list->query->txn)
			return 0;
		if (++looked > most || (match && shown == list->query->limit)) {
			put_cursor(next, &at);
			return 0;
		}
		span_copy(db_text(found, 0), at.date, sizeof at.date);
		at.txn = sqlite3_column_int64(found, 1);
		at.entry = sqlite3_column_int64(found, 2);
		if (!match)
			continue;
		if (shown++ > 0)
			buf_char(items, ',');
		if (show(list, at.entry, items, why) != 0)
			return -1;
	}
	return status;
}

static int run(struct listing *list, struct buf *items, struct buf *next, struct fault *why)
{
	sqlite3_stmt *found;
	int status;

	assert(list->query->limit > 0);
	buf_clear(next);
	status = read_query(list, why);
	if (status == 0) {
		found = search(list, why);
		status = found ? walk(list, found, items, next, why) : -1;
		sqlite3_finalize(found);
	}
	buf_release(&list->pattern);
	return status < 0 ? -1 : 0;
}

int ledger_transactions(struct ledger *ledger, const struct ledger_query *query, struct buf *items,
			struct buf *next, struct fault *why)
{
	struct listing list = {.ledger = ledger, .query = query};

	return run(&list, items, next, why);
}

int ledger_entries(struct ledger *ledger, const struct ledger_query *query, struct buf *items,
		   struct buf *next, struct fault *why)
{
	struct ledger_query own = *query;
	struct listing list = {.ledger = ledger, .query = &own, .entries = true};

	own.status = (struct span){0};
	return run(&list, items, next, why);
}
