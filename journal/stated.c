#include "stated.h"

#include "day.h"
#include "money.h"

/* NULL: no bank's account, or one too many. */
static struct export_bank *bank_of(struct ledger_export *export, int64_t account,
				   const char *currency)
{
	struct export_bank *bank = export->banks, *end = bank + export->n_banks;
	bool known = false;

	for (; bank < end; bank++) {
		known = known || bank->account == account;
		if (bank->account == account &&
		    (strcmp(bank->currency, currency) == 0 || bank->currency[0] == '\0')) {
			memcpy(bank->currency, currency, CURRENCY_SIZE);
			return bank;
		}
	}
	if (!known || export->n_banks == EXPORT_BANKS_MAX)
		return NULL;
	export->n_banks++;
	*end = (struct export_bank){.account = account};
	memcpy(end->currency, currency, CURRENCY_SIZE);
	return end;
}

void stated_add(struct ledger_export *export, int64_t account, const char *currency, int64_t minor)
{
	struct export_bank *bank = bank_of(export, account, currency);

	if (!bank)
		return;
	bank->touched = true;
	/* a sum out of range is no bank's balance: it wraps round and matches none */
	bank->sum = (int64_t)((uint64_t)bank->sum + (uint64_t)minor);
}

static int put_opening(struct ledger_export *export, sqlite3_stmt *row, struct buf *out)
{
	char currency[CURRENCY_SIZE] = "", in[MONEY_TEXT_SIZE], against[MONEY_TEXT_SIZE];
	struct span date = db_text(row, 0), name = db_text(row, 1);
	int64_t minor = sqlite3_column_int64(row, 4);
	struct export_bank *bank;

	span_copy(db_text(row, 3), currency, sizeof currency);
	bank = bank_of(export, sqlite3_column_int64(row, 2), currency);
	if (!bank || minor == 0)
		return 0;
	bank->sum = minor;
	money_text(minor, currency, in);
	money_text(-minor, currency, against);
	export_declare(export, currency, out);
	buf_format(out, "%.*s * %sopening balance%s\n", SPAN_ARG(date),
		   export->format == EXPORT_BEANCOUNT ? "\"" : "",
		   export->format == EXPORT_BEANCOUNT ? "\"" : "");
	export_line(export, name, in, currency, out);
	export_line(export, span_text(STATED_OPENING), against, currency, out);
	buf_char(out, '\n');
	return 0;
}

static int open_accounts(struct ledger *ledger, struct ledger_export *export, struct buf *out,
			 struct fault *why)
{
	sqlite3_stmt *row = db_query(ledger->db, SQL_EXPORT_OPENING, why, "");
	int status = row ? 1 : -1;

	while (status == 1 && (status = db_next(ledger->db, row, why)) == 1)
		put_opening(export, row, out);
	return status;
}

/* beancount counts what stands below an account as its own, so there no such account is asserted.
 */
int stated_begin(struct ledger *ledger, struct ledger_export *export, struct buf *out,
		 struct fault *why)
{
	bool beancount = export->format == EXPORT_BEANCOUNT;
	sqlite3_stmt *row = db_query(ledger->db, SQL_EXPORT_BANKS, why, "i", (int64_t)beancount);
	int status = row ? 1 : -1;

	while (status == 1 && (status = db_next(ledger->db, row, why)) == 1) {
		if (export->n_banks == EXPORT_BANKS_MAX)
			continue;
		export->banks[export->n_banks++] = (struct export_bank){
			.account = sqlite3_column_int64(row, 0)};
	}
	return status == 0 && export->opening ? open_accounts(ledger, export, out, why) : status;
}

static void put_assertion(const struct ledger_export *export, struct span name,
			  const struct export_bank *bank, struct buf *out)
{
	char nothing[MONEY_TEXT_SIZE], balance[MONEY_TEXT_SIZE], next[DAY_TEXT_SIZE];
	int32_t day = 0;

	money_text(0, bank->currency, nothing);
	money_text(bank->sum, bank->currency, balance);
	if (export->format == EXPORT_BEANCOUNT) {
		day_read(span_text(export->date), &day);
		day_text(day + 1, next);
		buf_format(out, "%s balance ", next);
		export_account(export, name, out);
		buf_format(out, "  %s %s\n\n", balance, bank->currency);
		return;
	}
	buf_format(out, "%s * balance as the bank states it\n    %.*s  %s %s = %s %s\n\n",
		   export->date, SPAN_ARG(name), nothing, bank->currency, balance, bank->currency);
}

int stated_end_day(struct ledger *ledger, struct ledger_export *export, struct buf *out,
		   struct fault *why)
{
	struct db *db = ledger->db;

	for (uint32_t i = 0; i < export->n_banks; i++) {
		struct export_bank *bank = &export->banks[i];
		sqlite3_stmt *found;
		int status;

		if (!bank->touched)
			continue;
		bank->touched = false;
		found = db_query(db, SQL_EXPORT_STATED, why, "itti", bank->account,
				 span_text(export->date), span_text(bank->currency), bank->sum);
		status = found ? db_next(db, found, why) : -1;
		if (status < 0)
			return -1;
		if (status == 1)
			put_assertion(export, db_text(found, 0), bank, out);
		sqlite3_reset(found);
	}
	return 0;
}
