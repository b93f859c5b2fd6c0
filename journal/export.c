/* export - the books for other tools: hledger, ledger, beancount, a spreadsheet, a program. */
#include "account.h"
#include "books.h"
#include "csv.h"
#include "money.h"
#include "show.h"
#include "stated.h"

/* A page ends at so many entries or at so many bytes. */
#define PAGE_ENTRIES 1000
#define PAGE_BYTES   (256 * 1024)

/* One entry that counts, as SQL_EXPORT_PAGE has it. */
struct posting {
	struct span date, description, reference, debit, credit, decider, payee, tags;
	struct span parts; /* lines of text, ready to be written */
	char currency[CURRENCY_SIZE], amount[MONEY_TEXT_SIZE], negative[MONEY_TEXT_SIZE];
	int64_t txn, entry, minor, bank_minor, confidence, debit_id, credit_id;
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
			      .payee = db_text(row, 14),
			      .tags = db_text(row, 15),
			      .debit_id = sqlite3_column_int64(row, 16),
			      .credit_id = sqlite3_column_int64(row, 17)};
	span_copy(db_text(row, 6), p->currency, sizeof p->currency);
}

void export_account(const struct ledger_export *export, struct span name, struct buf *out)
{
	if (export->format == EXPORT_BEANCOUNT)
		account_beancount(out, name);
	else
		buf_add(out, name.at, name.len);
}

void export_line(const struct ledger_export *export, struct span account, const char *amount,
		 const char *currency, struct buf *out)
{
	buf_text(out, "    ");
	export_account(export, account, out);
	buf_format(out, "  %s %s\n", amount, currency);
}

/* Each part on a line of `text`; the rest stays with the entry's own accounts. Columns of
 * SQL_PARTS_OF: amount, negative when it takes from the credit; account. */
static int read_parts(struct ledger *ledger, const struct ledger_export *export, struct posting *p,
		      struct buf *text, struct fault *why)
{
	sqlite3_stmt *part = db_query(ledger->db, SQL_PARTS_OF, why, "i", p->entry);
	int64_t debit = p->minor, credit = -p->minor;
	char money[MONEY_TEXT_SIZE];
	int status = part ? 1 : -1;

	buf_clear(text);
	while (status == 1 && (status = db_next(ledger->db, part, why)) == 1) {
		int64_t amount = sqlite3_column_int64(part, 0);

		*(amount > 0 ? &debit : &credit) -= amount;
		money_text(amount, p->currency, money);
		if (stated_in(export->format))
			export_line(export, db_text(part, 1), money, p->currency, text);
		else
			buf_format(text, "%.*s %s %s\n", SPAN_ARG(db_text(part, 1)), money,
				   p->currency);
	}
	p->parts = buf_span(text);
	money_text(debit, p->currency, p->amount);
	money_text(credit, p->currency, p->negative);
	return status;
}

/* ---- plain text accounting ---- */

static struct span tag_name(struct span tag, struct span *value)
{
	const char *colon = memchr(tag.at, ':', tag.len);
	size_t len = colon ? (size_t)(colon - tag.at) : tag.len;

	*value = colon ? span_of(colon + 1, tag.len - len - 1) : (struct span){0};
	return span_of(tag.at, len);
}

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

/* hledger wants a decimal mark in the format, also where there are no decimals. beancount knows all
 * commodities. */
void export_declare(struct ledger_export *export, const char *currency, struct buf *out)
{
	int digits = money_exponent(currency);

	if (export->format == EXPORT_BEANCOUNT || is_declared(export, currency))
		return;
	digits = digits < 0 ? 2 : digits;
	if (export->format == EXPORT_HLEDGER)
		buf_format(out, "commodity 1000.%.*s %s\n\n", digits, "0000", currency);
	else
		buf_format(out, "commodity %s\n\n", currency);
}

static void put_lines(const struct ledger_export *export, const struct posting *p, struct buf *out)
{
	export_line(export, p->debit, p->amount, p->currency, out);
	export_line(export, p->credit, p->negative, p->currency, out);
	buf_format(out, "%.*s\n", SPAN_ARG(p->parts));
}

/* A tag without a value is another thing than one with an empty value, but not in hledger. */
static void put_tags(const struct ledger_export *export, const struct posting *p, struct buf *out)
{
	struct span tags = p->tags;

	while (tags.len > 0) {
		struct span tag = show_tag(&tags), value, name = tag_name(tag, &value);

		if (export->format == EXPORT_LEDGER && value.len == 0)
			buf_format(out, "    ; :%.*s:\n", SPAN_ARG(name));
		else
			buf_format(out, "    ; %.*s:%s%.*s\n", SPAN_ARG(name), value.len ? " " : "",
				   SPAN_ARG(value));
	}
}

/* Both read the same; the transaction's number is its code, for good. */
static void put_ledger(struct ledger_export *export, const struct posting *p, struct buf *out)
{
	export_declare(export, p->currency, out);
	buf_format(out, "%.*s %c (%lld) ", SPAN_ARG(p->date), p->review ? '!' : '*',
		   (long long)p->txn);
	if (p->payee.len && export->format == EXPORT_HLEDGER)
		buf_format(out, "%.*s | ", SPAN_ARG(p->payee));
	put_line(out, p->description, "no description");
	if (p->payee.len && export->format == EXPORT_LEDGER)
		buf_format(out, "\n    ; Payee: %.*s", SPAN_ARG(p->payee));
	buf_format(out, "\n    ; entry: %lld\n    ; source: %s\n", (long long)p->entry,
		   row_source_name(p->source));
	if (p->decider.len) {
		buf_text(out, "    ; by: ");
		put_line(out, p->decider, "");
		buf_char(out, '\n');
	}
	put_tags(export, p, out);
	put_lines(export, p, out);
}

/* Tags without a value are beancount's tags, the others metadata. */
static void put_hashes(const struct posting *p, struct buf *out)
{
	struct span tags = p->tags, value;

	while (tags.len > 0) {
		struct span name = tag_name(show_tag(&tags), &value);

		if (value.len == 0)
			buf_format(out, " #%.*s", SPAN_ARG(name));
	}
}

static void put_metadata(const struct posting *p, struct buf *out)
{
	struct span tags = p->tags, value;

	while (tags.len > 0) {
		struct span name = tag_name(show_tag(&tags), &value);

		if (value.len == 0)
			continue;
		buf_format(out, "    %.*s: ", SPAN_ARG(name));
		put_quoted(out, value);
		buf_char(out, '\n');
	}
}

static void put_beancount(const struct ledger_export *export, const struct posting *p,
			  struct buf *out)
{
	buf_format(out, "%.*s %c ", SPAN_ARG(p->date), p->review ? '!' : '*');
	if (p->payee.len) {
		put_quoted(out, p->payee);
		buf_char(out, ' ');
	}
	put_quoted(out, p->description);
	put_hashes(p, out);
	buf_format(out, "\n    transaction: \"%lld\"\n    entry: \"%lld\"\n    source: \"%s\"\n",
		   (long long)p->txn, (long long)p->entry, row_source_name(p->source));
	if (p->decider.len) {
		buf_text(out, "    by: ");
		put_quoted(out, p->decider);
		buf_char(out, '\n');
	}
	put_metadata(p, out);
	put_lines(export, p, out);
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
	buf_format(out, ",%lld.%06lld,", (long long)(p->confidence / 1000000),
		   (long long)(p->confidence % 1000000));
	csv_field(out, p->payee);
	buf_char(out, ',');
	csv_field(out, p->tags);
	buf_char(out, ',');
	csv_field(out, p->parts);
	buf_text(out, "\r\n");
}

static int put_posting(struct ledger *ledger, struct ledger_export *export, const struct posting *p,
		       struct buf *out, struct fault *why)
{
	stated_add(export, p->debit_id, p->currency, p->minor);
	stated_add(export, p->credit_id, p->currency, -p->minor);
	switch (export->format) {
	case EXPORT_HLEDGER:
	case EXPORT_LEDGER:
		put_ledger(export, p, out);
		return 0;
	case EXPORT_BEANCOUNT:
		put_beancount(export, p, out);
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

static int put_accounts(struct ledger *ledger, const struct ledger_export *export, struct buf *out,
			struct fault *why)
{
	bool beancount = export->format == EXPORT_BEANCOUNT, opening = export->opening;
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
	while (status == 1 && (status = db_next(db, row, why)) == 1) {
		opening = opening && !span_is(db_text(row, 0), STATED_OPENING);
		buf_format(out, "%s%s ", beancount ? date : "", beancount ? " open" : "account");
		export_account(export, db_text(row, 0), out);
		buf_char(out, '\n');
	}
	if (opening)
		buf_format(out, "%s%s %s\n", beancount ? date : "", beancount ? " open" : "account",
			   STATED_OPENING);
	buf_char(out, '\n');
	return status;
}

/* So that --pedantic knows them. */
static int declare_tags(struct ledger *ledger, struct buf *out, struct fault *why)
{
	sqlite3_stmt *row = db_query(ledger->db, SQL_EXPORT_TAGS, why, "");
	int status = row ? 1 : -1;
	struct span value;

	buf_text(out, "tag entry\ntag source\ntag by\ntag Payee\n");
	while (status == 1 && (status = db_next(ledger->db, row, why)) == 1) {
		struct span tags = db_text(row, 0);

		while (tags.len > 0) {
			struct span name = tag_name(show_tag(&tags), &value);

			buf_format(out, "tag %.*s\n", SPAN_ARG(name));
		}
	}
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
			      "bank_account,account,status,source,decided_by,confidence,payee,tags,"
			      "parts\r\n");
		return 0;
	case EXPORT_JSON:
		buf_text(out, "{\"transactions\":[");
		return 0;
	default:
		buf_text(out, "; exported by daybook\n\n");
		if (!ledger)
			return 0;
		if ((export->format == EXPORT_LEDGER && declare_tags(ledger, out, why) != 0) ||
		    put_accounts(ledger, export, out, why) != 0)
			return -1;
		return stated_begin(ledger, export, out, why);
	}
}

/* ---- pages ---- */

/* One that stands on its own: with its parts, and behind the end of the day before. */
static int put_next(struct ledger *ledger, struct ledger_export *export, struct posting *p,
		    struct buf *out, struct fault *why)
{
	bool plain = stated_in(export->format);
	struct buf parts = {0};
	int status;

	if (plain && export->date[0] && !span_is(p->date, export->date) &&
	    stated_end_day(ledger, export, out, why) != 0)
		return -1;
	status = read_parts(ledger, export, p, &parts, why);
	if (status == 0)
		status = put_posting(ledger, export, p, out, why);
	buf_release(&parts);
	span_copy(p->date, export->date, sizeof export->date);
	export->txn = p->txn;
	export->entry = p->entry;
	return status;
}

static int put_page(struct ledger *ledger, struct ledger_export *export, struct buf *out,
		    struct fault *why)
{
	struct db *db = ledger->db;
	size_t start = out->len;
	const char *until = *export->until ? export->until : "9999-12-31";
	char after[sizeof(export->date)]; /* read by the query to its last row */
	sqlite3_stmt *row;
	struct posting p;
	int status, n = 0;

	memcpy(after, export->date, sizeof(after));
	row = db_query(db, SQL_EXPORT_PAGE, why, "tiiit", span_text(after), export->txn,
		       export->entry, (int64_t)PAGE_ENTRIES, span_text(until));
	status = row ? 1 : -1;
	while (status == 1 && (status = db_next(db, row, why)) == 1) {
		read_posting(row, &p);
		if (put_next(ledger, export, &p, out, why) != 0)
			return -1;
		if (++n == PAGE_ENTRIES || out->len - start > PAGE_BYTES) {
			sqlite3_reset(row);
			return 0;
		}
	}
	if (status == 0 && stated_in(export->format))
		status = stated_end_day(ledger, export, out, why);
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
