/* export - the books for other tools: hledger, ledger, beancount, a spreadsheet, a program. */
#include "books.h"
#include "csv.h"
#include "money.h"
#include "show.h"

/* A page ends at so many entries or at so many bytes. */
#define PAGE_ENTRIES 1000
#define PAGE_BYTES   (256 * 1024)

/* One entry that counts, as SQL_EXPORT_PAGE has it. */
struct posting {
	struct span date, description, reference, debit, credit, decider;
	char currency[CURRENCY_SIZE], amount[MONEY_TEXT_SIZE], negative[MONEY_TEXT_SIZE];
	int64_t txn, entry, minor, bank_minor, confidence, line;
	bool review;
	uint8_t source;
};

static void read_posting(sqlite3_stmt *row, struct posting *p)
{
	*p = (struct posting){.date = db_text(row, 0),
			      .txn = sqlite3_column_int64(row, 1),
			      .entry = sqlite3_column_int64(row, 2),
			      .description = db_text(row, 3),
			      .reference = db_text(row, 4),
			      .minor = sqlite3_column_int64(row, 5),
			      .debit = db_text(row, 7),
			      .credit = db_text(row, 8),
			      .review = sqlite3_column_int(row, 9) != 0,
			      .bank_minor = sqlite3_column_int64(row, 10),
			      .source = (uint8_t)sqlite3_column_int(row, 11),
			      .decider = db_text(row, 12),
			      .confidence = sqlite3_column_int64(row, 13),
			      .line = sqlite3_column_int64(row, 14)};
	span_copy(db_text(row, 6), p->currency, sizeof p->currency);
	money_text(p->minor, p->currency, p->amount);
	money_text(-p->minor, p->currency, p->negative);
}

/* ---- plain text accounting ---- */

/* On one line, and without what would begin a comment. */
static void put_line(struct buf *out, struct span text, const char *instead)
{
	if (span_trim(text).len == 0)
		text = span_text(instead);
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		buf_char(out, c < ' ' || c == 0x7f ? ' ' : c == ';' ? ',' : text.at[i]);
	}
}

static void put_quoted(struct buf *out, struct span text)
{
	buf_char(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (c == '"' || c == '\\')
			buf_char(out, '\\');
		buf_char(out, c < ' ' || c == 0x7f ? ' ' : text.at[i]);
	}
	buf_char(out, '"');
}

static bool is_declared(struct ledger_export *export, const char *currency)
{
	for (uint32_t i = 0; i < export->n_declared; i++)
		if (strcmp(export->declared[i], currency) == 0)
			return true;
	if (export->n_declared < EXPORT_CURRENCIES_MAX)
		memcpy(export->declared[export->n_declared++], currency, CURRENCY_SIZE);
	return false;
}

/* hledger wants a decimal mark in the format, also where there are no decimals. */
static void put_commodity(struct buf *out, const struct posting *p, bool hledger)
{
	int digits = money_exponent(p->currency);

	digits = digits < 0 ? 2 : digits;
	if (hledger)
		buf_format(out, "commodity 1000.%.*s %s\n\n", digits, "0000", p->currency);
	else
		buf_format(out, "commodity %s\n\n", p->currency);
}

static void put_lines(struct buf *out, const struct posting *p)
{
	buf_format(out, "    %.*s  %s %s\n    %.*s  %s %s\n\n", SPAN_ARG(p->debit), p->amount,
		   p->currency, SPAN_ARG(p->credit), p->negative, p->currency);
}

/* Both read the same; the transaction's number is its code, for good. */
static void put_ledger(struct ledger_export *export, const struct posting *p, struct buf *out)
{
	if (!is_declared(export, p->currency))
		put_commodity(out, p, export->format == EXPORT_HLEDGER);
	buf_format(out, "%.*s %c (%lld) ", SPAN_ARG(p->date), p->review ? '!' : '*',
		   (long long)p->txn);
	put_line(out, p->description, "no description");
	buf_format(out, "\n    ; entry: %lld\n    ; source: %s\n", (long long)p->entry,
		   row_source_name(p->source));
	if (p->decider.len) {
		buf_text(out, "    ; by: ");
		put_line(out, p->decider, "");
		buf_char(out, '\n');
	}
	put_lines(out, p);
}

static void put_beancount(const struct posting *p, struct buf *out)
{
	buf_format(out, "%.*s %c ", SPAN_ARG(p->date), p->review ? '!' : '*');
	put_quoted(out, p->description);
	buf_format(out, "\n    transaction: \"%lld\"\n    entry: \"%lld\"\n    source: \"%s\"\n",
		   (long long)p->txn, (long long)p->entry, row_source_name(p->source));
	if (p->decider.len) {
		buf_text(out, "    by: ");
		put_quoted(out, p->decider);
		buf_char(out, '\n');
	}
	put_lines(out, p);
}

/* ---- tables ---- */

static void put_csv(const struct posting *p, struct buf *out)
{
	char bank[MONEY_TEXT_SIZE];
	bool in = p->bank_minor > 0;

	money_text(p->bank_minor, p->currency, bank);
	buf_format(out, "%.*s,%lld,%lld,", SPAN_ARG(p->date), (long long)p->txn,
		   (long long)p->entry);
	csv_field(out, p->description);
	buf_char(out, ',');
	csv_field(out, p->reference);
	buf_format(out, ",%s,%s,", bank, p->currency);
	csv_field(out, in ? p->debit : p->credit);
	buf_char(out, ',');
	csv_field(out, in ? p->credit : p->debit);
	buf_format(out, ",%s,%s,", p->review ? "needs_review" : "categorized",
		   row_source_name(p->source));
	csv_field(out, p->decider);
	buf_format(out, ",%lld.%06lld\r\n", (long long)(p->confidence / 1000000),
		   (long long)(p->confidence % 1000000));
}

static int put_posting(struct ledger *ledger, struct ledger_export *export, const struct posting *p,
		       struct buf *out, struct fault *why)
{
	switch (export->format) {
	case EXPORT_HLEDGER:
	case EXPORT_LEDGER:
		put_ledger(export, p, out);
		return 0;
	case EXPORT_BEANCOUNT:
		put_beancount(p, out);
		return 0;
	case EXPORT_CSV:
		put_csv(p, out);
		return 0;
	case EXPORT_JSON:
		buf_text(out, export->entry ? ",\n" : "\n");
		return show_transaction(ledger->db, p->entry, out, why);
	}
	return 0;
}

/* ---- head and foot ---- */

static int put_accounts(struct ledger *ledger, bool beancount, struct buf *out, struct fault *why)
{
	struct db *db = ledger->db;
	sqlite3_stmt *first = db_query(db, SQL_EXPORT_FIRST, why, ""), *row;
	char date[16] = "";
	int status;

	if (!first || db_next(db, first, why) != 1)
		return -1;
	span_copy(db_text(first, 0), date, sizeof date);
	sqlite3_reset(first);
	if (*date == '\0')
		return 0; /* no entry, so no day to open accounts on */
	row = db_query(db, SQL_EXPORT_ACCOUNTS, why, "");
	status = row ? 1 : -1;
	while (status == 1 && (status = db_next(db, row, why)) == 1)
		buf_format(out, "%s%s %.*s\n", beancount ? date : "",
			   beancount ? " open" : "account", SPAN_ARG(db_text(row, 0)));
	buf_char(out, '\n');
	return status;
}

static int put_head(struct ledger *ledger, struct ledger_export *export, struct buf *out,
		    struct fault *why)
{
	export->begun = true;
	switch (export->format) {
	case EXPORT_CSV:
		buf_text(out, "date,transaction,entry,description,reference,amount,currency,"
			      "bank_account,account,status,source,decided_by,confidence\r\n");
		return 0;
	case EXPORT_JSON:
		buf_text(out, "{\"transactions\":[");
		return 0;
	default:
		buf_text(out, "; exported by daybook\n\n");
		if (export->format == EXPORT_LEDGER) /* so that --pedantic knows them */
			buf_text(out, "tag entry\ntag source\ntag by\n\n");
		return ledger ? put_accounts(ledger, export->format == EXPORT_BEANCOUNT, out, why)
			      : 0;
	}
}

/* ---- pages ---- */

static int put_page(struct ledger *ledger, struct ledger_export *export, struct buf *out,
		    struct fault *why)
{
	struct db *db = ledger->db;
	size_t start = out->len;
	const char *until = *export->until ? export->until : "9999-12-31";
	sqlite3_stmt *row = db_query(db, SQL_EXPORT_PAGE, why, "tiiit", span_text(export->date),
				     export->txn, export->entry, (int64_t)PAGE_ENTRIES,
				     span_text(until));
	int status = row ? 1 : -1, n = 0;
	struct posting p;

	while (status == 1 && (status = db_next(db, row, why)) == 1) {
		read_posting(row, &p);
		if (put_posting(ledger, export, &p, out, why) != 0)
			return -1;
		span_copy(p.date, export->date, sizeof export->date);
		export->txn = p.txn;
		export->entry = p.entry;
		if (++n == PAGE_ENTRIES || out->len - start > PAGE_BYTES) {
			sqlite3_reset(row);
			return 0;
		}
	}
	return status < 0 ? -1 : 1;
}

int ledger_export(struct ledger *ledger, struct ledger_export *export, struct buf *out,
		  struct fault *why)
{
	int status;

	if (!export->begun && put_head(ledger, export, out, why) != 0)
		return -1;
	status = ledger ? put_page(ledger, export, out, why) : 1;
	if (status == 1 && export->format == EXPORT_JSON)
		buf_text(out, "\n]}\n");
	return status;
}
