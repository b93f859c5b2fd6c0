/* ledger - books opened and closed. */
#include "ledger.h"

#include <stdlib.h>
#include <unistd.h>

#include "books.h"
#include "mem.h"
#include "schema.h"

static void feeds(struct ledger *ledger)
{
	ledger->incoming.columns = "(place, line, bank, date, amount, currency, fingerprint, "
				   "description, reference, raw, balance)";
	ledger->decisions.columns = "(place, txn, account, decider, confidence, label)";
	feed_register(ledger->db->handle, "incoming", &ledger->incoming);
	feed_register(ledger->db->handle, "decisions", &ledger->decisions);
}

int ledger_open(const char *dir, struct span tenant, struct span company, enum ledger_mode mode,
		struct ledger **ledger, struct fault *why)
{
	char path[SCHEMA_PATH_MAX];

	*ledger = NULL;
	if (schema_path(dir, tenant, company, path, why) != 0)
		return -1;
	if (access(path, F_OK) != 0) {
		if (mode == LEDGER_READ)
			return 1;
		if (schema_make(dir, tenant, path, why) != 0)
			return -1;
	}
	/* A writer is a process of one thread: it needs no lock around every malloc. Refused, and
	 * no matter, once SQLite is in use. */
	if (mode == LEDGER_WRITE)
		sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	*ledger = xcalloc(1, sizeof **ledger);
	(*ledger)->mode = mode;
	(*ledger)->spare = rows_new();
	if (schema_bring_up(path, why) != 0 ||
	    db_open(path, mode == LEDGER_WRITE, &(*ledger)->db, why) != 0 ||
	    schema_check((*ledger)->db->handle, why) != 0) {
		ledger_close(ledger);
		return -1;
	}
	feeds(*ledger);
	return 0;
}

void ledger_close(struct ledger **ledger)
{
	if (!*ledger)
		return;
	db_close(&(*ledger)->db);
	names_release(&(*ledger)->accounts);
	names_release(&(*ledger)->deciders);
	names_release(&(*ledger)->labels);
	rows_free(&(*ledger)->spare);
	free(*ledger);
	*ledger = NULL;
}

void ledger_alive(struct ledger *ledger, int (*alive)(void *arg), void *arg)
{
	ledger->db->alive = alive;
	ledger->db->alive_arg = arg;
}

void books_rest(struct ledger *ledger)
{
	sqlite3_db_release_memory(ledger->db->handle);
}

void books_forget(struct ledger *ledger)
{
	names_clear(&ledger->accounts);
	names_clear(&ledger->deciders);
	names_clear(&ledger->labels);
}

int books_undo(struct ledger *ledger)
{
	db_rollback(ledger->db);
	books_forget(ledger);
	return -1;
}
