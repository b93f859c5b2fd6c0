/* readings - how an account's statements were read before. */
#include "books.h"

int ledger_readings(struct ledger *ledger, struct span bank, struct buf *readings,
		    char currency[CURRENCY_SIZE], struct fault *why)
{
	sqlite3_stmt *found = db_query(ledger->db, SQL_IMPORT_READINGS, why, "t", bank);
	int status = found ? 1 : -1;
	bool first = true;

	currency[0] = '\0';
	buf_char(readings, '[');
	while (status == 1 && (status = db_next(ledger->db, found, why)) == 1) {
		if (!currency[0])
			span_copy(db_text(found, 1), currency, CURRENCY_SIZE);
		if (sqlite3_column_int(found, 2) == 0)
			continue; /* another account's */
		if (!first)
			buf_char(readings, ',');
		buf_add(readings, db_text(found, 0).at, db_text(found, 0).len);
		first = false;
	}
	buf_char(readings, ']');
	return status;
}
