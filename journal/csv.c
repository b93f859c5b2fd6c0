/* csv - rejects and duplicates of an import as text/csv, a page at a time. */
#include "csv.h"

#include "books.h"
#include "money.h"

/* A page ends at so many lines or, because a record may be long, at so many bytes. */
#define PAGE_LINES 1000
#define PAGE_BYTES (256 * 1024)

/* Full width, as ＝ or ＠: U+FF00 and the ASCII character without 0x20. */
static bool is_wide(struct span text, size_t i)
{
	return text.len - i >= 3 && text.at[i] == '\xef' && text.at[i + 1] == '\xbc' &&
	       text.at[i + 2] && strchr("\x9d\x8b\x8d\xa0", text.at[i + 2]);
}

/* Would a spreadsheet take the field for a formula? It looks past blanks and quotes (OWASP ASVS
 * 1.2.10, CWE-1236). */
static bool is_formula(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		/* strchr() finds the NUL at the end of its text too */
		if (strchr("=+-@\t\r", text.at[i]) || is_wide(text, i))
			return true;
		if (!strchr(" \"'", text.at[i]))
			return false;
	}
	return false;
}

/* RFC 4180; what would be a formula gets an apostrophe before it. */
void csv_field(struct buf *csv, struct span text)
{
	bool formula = is_formula(text);
	bool quote = formula;

	for (size_t i = 0; i < text.len && !quote; i++)
		quote = text.at[i] && strchr("\",\r\n", text.at[i]);
	if (!quote) {
		buf_add(csv, text.at, text.len);
		return;
	}
	buf_char(csv, '"');
	if (formula)
		buf_char(csv, '\'');
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '"')
			buf_char(csv, '"');
		buf_char(csv, text.at[i]);
	}
	buf_char(csv, '"');
}

/* line, reason, detail, raw */
static void put_reject(struct buf *csv, sqlite3_stmt *row)
{
	buf_format(csv, "%lld", sqlite3_column_int64(row, 0));
	for (int i = 1; i < 4; i++) {
		buf_char(csv, ',');
		csv_field(csv, db_text(row, i));
	}
	buf_text(csv, "\r\n");
}

/* line, raw, transaction, date, amount, currency, description, kept */
static void put_duplicate(struct buf *csv, sqlite3_stmt *row)
{
	char currency[CURRENCY_SIZE], amount[MONEY_TEXT_SIZE];

	span_copy(db_text(row, 5), currency, sizeof currency);
	money_text(sqlite3_column_int64(row, 4), currency, amount);
	buf_format(csv, "%lld,%s,%lld,%.10s,%s,%s,", sqlite3_column_int64(row, 0),
		   sqlite3_column_type(row, 7) == SQLITE_NULL ? "" : "kept",
		   sqlite3_column_int64(row, 2), (const char *)sqlite3_column_text(row, 3), amount,
		   currency);
	csv_field(csv, db_text(row, 6));
	buf_char(csv, ',');
	csv_field(csv, db_text(row, 1));
	buf_text(csv, "\r\n");
}

struct sheet {
	const char *header;
	enum sql page;
	void (*put)(struct buf *csv, sqlite3_stmt *row);
};

static int put_page(struct ledger *ledger, const struct sheet *sheet, struct id job,
		    uint64_t *after, struct buf *csv, struct fault *why)
{
	struct import import;
	sqlite3_stmt *row;
	size_t start = csv->len;
	int status = import_find(ledger, job, &import, why);

	if (status < 0)
		return -1;
	if (*after == 0)
		buf_text(csv, sheet->header);
	if (status == 1)
		return 1;
	row = db_query(ledger->db, sheet->page, why, "iii", import.id, (int64_t)*after,
		       (int64_t)PAGE_LINES);
	status = row ? db_next(ledger->db, row, why) : -1;
	if (status == 0)
		return 1;
	while (status == 1) {
		sheet->put(csv, row);
		*after = (uint64_t)sqlite3_column_int64(row, 0);
		if (csv->len - start > PAGE_BYTES) {
			sqlite3_reset(row);
			return 0;
		}
		status = db_next(ledger->db, row, why);
	}
	return status;
}

int ledger_rejects_csv(struct ledger *ledger, struct id job, uint64_t *after, struct buf *csv,
		       struct fault *why)
{
	static const struct sheet sheet = {"line,reason,detail,record\r\n", SQL_REJECT_PAGE,
					   put_reject};

	return put_page(ledger, &sheet, job, after, csv, why);
}

int ledger_duplicates_csv(struct ledger *ledger, struct id job, uint64_t *after, struct buf *csv,
			  struct fault *why)
{
	static const struct sheet sheet = {
		"line,kept,transaction,date,amount,currency,description,record\r\n",
		SQL_DUPLICATE_PAGE, put_duplicate};

	return put_page(ledger, &sheet, job, after, csv, why);
}
