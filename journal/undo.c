/* undo - an import is taken back: its entries reversed, its transactions moved to the trail. */
#include "writing.h"

#include "clock.h"

/* Which transactions go, while this write lasts. In the connection's own temporary database. */
static const char going[] = "CREATE TEMP TABLE IF NOT EXISTS going (txn INTEGER PRIMARY KEY);"
			    "DELETE FROM going";

struct undoing {
	struct writing *w;
	struct import import;
	int64_t now_ms;
	int64_t vouched, reversed, removed;
};

static int changes(struct undoing *u)
{
	return sqlite3_changes(u->w->ledger->db->handle);
}

/* What only this import brought, or what it was the last to vouch for. Its own sightings vouch no
 * more. */
static int find_going(struct undoing *u, struct fault *why)
{
	struct db *db = u->w->ledger->db;

	if (sqlite3_exec(db->handle, going, NULL, NULL, NULL) != SQLITE_OK)
		return db_fault(db, "undo", why);
	if (db_do(db, SQL_UNDO_GOING, why, "i", u->import.id) != 0 ||
	    db_do(db, SQL_UNDO_GOING_KEPT, why, "i", u->import.id) != 0 ||
	    db_do(db, SQL_UNDO_GOING_SEEN, why, "i", u->import.id) != 0 ||
	    db_do(db, SQL_UNDO_SIGHTINGS, why, "ii", u->import.id, u->now_ms) != 0 ||
	    db_do(db, SQL_UNDO_DROP_SIGHTINGS, why, "i", u->import.id) != 0 ||
	    db_do(db, SQL_UNDO_VOUCHED, why, "") != 0)
		return -1;
	u->vouched = changes(u);
	return 0;
}

/* A transfer with a side that goes is none any more: the other side stands as before. */
static int part_transfers(struct undoing *u, struct fault *why)
{
	struct ledger *ledger = u->w->ledger;
	int64_t confidence = writing_integer(u->w, "confidence", 0), transfer;
	int status;

	while ((status = db_number(ledger->db, SQL_TRANSFER_GOING, &transfer, why, "")) == 0)
		if (transfer_undo(ledger, transfer, confidence, why) < 0)
			return -1;
	return status < 0 ? -1 : 0;
}

static int take_back(struct undoing *u, struct fault *why)
{
	struct ledger *ledger = u->w->ledger;
	struct db *db = ledger->db;
	int64_t decider;

	if (names_decider(&ledger->deciders, db, SOURCE_USER, span_text("undo"), &decider, why) !=
		    0 ||
	    db_do(db, SQL_UNDO_REVERSE, why, "i", decider) != 0)
		return -1;
	u->reversed = changes(u);
	if (db_do(db, SQL_UNDO_PARTS, why, "") != 0 || db_do(db, SQL_UNDO_LIVE, why, "") != 0 ||
	    db_do(db, SQL_UNDO_TRAIL, why, "i", u->now_ms) != 0)
		return -1;
	u->removed = changes(u);
	if (db_do(db, SQL_UNDO_DROP, why, "") != 0)
		return -1;
	return db_do(db, SQL_UNDO_CLOSE, why, "i", u->import.id);
}

/* 1: it was refused. */
static int may_undo(struct undoing *u, struct fault *why)
{
	struct writing *w = u->w;
	int64_t kept;

	if (strcmp(u->import.kind, "upload") != 0)
		writing_refuse(w, 409, "not-an-import",
			       "this job brought no statement; only imports are taken back");
	else if (u->import.running)
		writing_refuse(w, 409, "job-running", "the job is still running: cancel it first");
	else if (strcmp(u->import.state, "undone") == 0)
		writing_refuse(w, 409, "import-undone", "this import was taken back before");
	else if (db_number(w->ledger->db, SQL_UNDO_KEPT_BESIDE, &kept, why, "i", u->import.id) != 0)
		return -1;
	else if (kept > 0)
		writing_refuse(w, 409, "import-built-on",
			       "of a later import %lld lines were kept as further purchases beside "
			       "lines of this one: take that import back first",
			       (long long)kept);
	return w->refused ? 1 : 0;
}

int undo_import(struct writing *w, struct fault *why)
{
	struct undoing u = {.w = w, .now_ms = clock_wall_ms()};
	int status = writing_import(w, &u.import, why);

	if (status == 0)
		status = may_undo(&u, why);
	if (status != 0)
		return status < 0 ? -1 : 0;
	if (find_going(&u, why) != 0 || part_transfers(&u, why) != 0 || take_back(&u, why) != 0)
		return -1;
	buf_format(w->answer,
		   "{\"job_id\": \"%s\", \"removed\": %lld, \"reversed\": %lld, "
		   "\"kept\": %lld}",
		   json_string_value(json_object_get(w->body, "job")), (long long)u.removed,
		   (long long)u.reversed, (long long)u.vouched);
	return 0;
}
