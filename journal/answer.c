/* answer - what a person decided: an entry of theirs for the one they saw, and back again. */
#include "writing.h"

#include "clock.h"
#include "merchant.h"
#include "show.h"

#define GROUP_MAX 10000 /* transactions of one answer */

struct giving {
	struct writing *w;
	int64_t account, decider, answer;
	int64_t first, changed; /* entry written first; how many transactions */
	struct buf parted;	/* transfers that were taken apart, or stand again, for it */
};

/* ---- one transaction ---- */

/* A person says that this side is no transfer: then the other is none either, and both stand as
 * before the match. */
static int part_transfer(struct giving *g, int64_t txn, struct fault *why)
{
	struct ledger *ledger = g->w->ledger;
	int64_t transfer, confidence = writing_integer(g->w, "confidence", 0);
	int status = db_number(ledger->db, SQL_TRANSFER_OF, &transfer, why, "ii", txn, g->account);

	if (status != 0)
		return status < 0 ? -1 : 0;
	if (transfer_undo(ledger, transfer, confidence, why) < 0)
		return -1;
	buf_format(&g->parted, "%s\"%lld\"", g->parted.len ? ", " : "", (long long)transfer);
	return db_do(ledger->db, SQL_TRANSFER_PARTED, why, "ii", transfer, g->answer);
}

/* Who it was stays said, with its tags; how it was split goes with the account that it was split
 * from. */
static int decide(struct giving *g, int64_t txn, struct fault *why)
{
	struct db *db = g->w->ledger->db;
	int64_t entry, before = 0;

	if (part_transfer(g, txn, why) != 0 ||
	    db_number(db, SQL_LIVE_OF, &before, why, "i", txn) < 0)
		return -1;
	if (before != 0 &&
	    entry_reverse(g->w->ledger, &(struct reversal){txn, before, 0, g->decider, CERTAIN},
			  why) != 0)
		return -1;
	if (db_do(db, SQL_ENTRY_ANSWER, why, "iiii", txn, g->account, g->decider, before) != 0)
		return -1;
	entry = sqlite3_last_insert_rowid(db->handle);
	g->first = g->first ? g->first : entry;
	g->changed++;
	if (db_do(db, SQL_LIVE_ADD, why, "iii", entry, entry, INT64_C(0)) != 0)
		return -1;
	return db_do(db, SQL_ANSWERED_ADD, why, "iiii", g->answer, txn, before, entry);
}

/* Why a transaction cannot go to the account; NULL: it can. */
static const char *cannot(const struct giving *g, int64_t bank, struct span currency)
{
	const char *takes = json_string_value(json_object_get(g->w->body, "account_currency"));

	if (bank == g->account)
		return "account-itself";
	return takes && !span_is(currency, takes) ? "account-currency" : NULL;
}

static void refuse_one(struct writing *w, const char *code)
{
	if (strcmp(code, "transaction-unknown") == 0)
		writing_refuse(w, 404, "transaction-unknown",
			       "these books have no such transaction");
	else if (strcmp(code, "account-currency") == 0)
		writing_refuse(w, 422, code,
			       "the chart of accounts gives this account another currency");
	else
		writing_refuse(w, 422, code, "a transaction is not booked to its own bank account");
}

/* 1: it was refused. */
static int may_answer(struct giving *g, int64_t txn, struct fault *why)
{
	struct db *db = g->w->ledger->db;
	sqlite3_stmt *found = db_query(db, SQL_TXN_OF, why, "i", txn);
	int status = found ? db_next(db, found, why) : -1;
	const char *code = "transaction-unknown";

	if (status < 0)
		return -1;
	if (status == 1)
		code = cannot(g, sqlite3_column_int64(found, 0), db_text(found, 1));
	sqlite3_reset(found);
	if (code)
		refuse_one(g->w, code);
	return code ? 1 : 0;
}

/* The body's transaction, with the entry that was seen; 1: it was refused. */
static int find_one(struct giving *g, int64_t txn, struct fault *why)
{
	struct writing *w = g->w;
	struct db *db = w->ledger->db;
	int64_t shown = writing_integer(w, "entry", -1), live = 0;
	struct buf present = {0};
	int status = may_answer(g, txn, why);

	if (status != 0)
		return status;
	if (db_number(db, SQL_LIVE_OF, &live, why, "i", txn) < 0)
		return -1;
	if (shown < 0 || shown == live)
		return 0;
	if (live == 0)
		buf_text(&present, "null");
	else if (show_transaction(db, live, &present, why) != 0)
		return -1;
	writing_refuse_showing(w, &present, "entry-changed",
			       "the entry that was corrected is not the live one any more");
	buf_release(&present);
	return 1;
}

/* ---- a merchant's group ---- */

/* Appends the id of each that waits for review and is of the merchant. */
static int find_group(struct giving *g, struct buf *group, struct fault *why)
{
	struct writing *w = g->w;
	const char *merchant = json_string_value(json_object_get(w->body, "merchant"));
	const char *currency = json_string_value(json_object_get(w->body, "currency"));
	bool out = json_is_true(json_object_get(w->body, "out"));
	struct db *db = w->ledger->db;
	sqlite3_stmt *found = db_query(db, SQL_LIVE_REVIEW, why, "i",
				       writing_integer(w, "until", INT64_MAX));
	struct buf name = {0};
	int status = found ? 1 : -1;

	while (status == 1 && (status = db_next(db, found, why)) == 1) {
		int64_t txn = sqlite3_column_int64(found, 0);

		buf_clear(&name);
		merchant_of(&name, db_text(found, 3));
		if (!span_is(buf_span(&name), merchant) ||
		    out != (sqlite3_column_int64(found, 4) <= 0) ||
		    cannot(g, sqlite3_column_int64(found, 6), db_text(found, 5)) ||
		    (currency && !span_is(db_text(found, 5), currency)))
			continue;
		buf_add(group, &txn, sizeof txn);
		if (group->len < GROUP_MAX * sizeof txn)
			continue;
		sqlite3_reset(found);
		status = 0;
	}
	buf_release(&name);
	return status;
}

static int decide_all(struct giving *g, const struct buf *group, struct fault *why)
{
	int64_t txn;

	for (size_t at = 0; at < group->len; at += sizeof txn) {
		memcpy(&txn, group->at + at, sizeof txn);
		if (decide(g, txn, why) != 0)
			return -1;
	}
	return 0;
}

/* ---- giving an answer ---- */

static int begin(struct giving *g, struct fault *why)
{
	struct writing *w = g->w;
	struct ledger *ledger = w->ledger;
	const char *account = json_string_value(json_object_get(w->body, "account"));
	int64_t learn = !json_is_false(json_object_get(w->body, "learn"));

	if (names_account(&ledger->accounts, ledger->db, span_text(account), &g->account, why) !=
		    0 ||
	    names_decider(&ledger->deciders, ledger->db, SOURCE_USER, span_text("user"),
			  &g->decider, why) != 0 ||
	    db_do(ledger->db, SQL_ANSWER_ADD, why, "iii", g->account, learn, clock_wall_ms()) != 0)
		return -1;
	g->answer = sqlite3_last_insert_rowid(ledger->db->handle);
	return 0;
}

int answer_give(struct writing *w, struct fault *why)
{
	struct giving g = {.w = w};
	struct buf group = {0};
	int64_t one = writing_integer(w, "txn", 0);
	int status = 0;

	if (!json_is_string(json_object_get(w->body, "account")))
		return writing_refuse(w, 400, "account-missing",
				      "account is the name of an account");
	if (begin(&g, why) != 0)
		return -1;
	if (json_is_string(json_object_get(w->body, "merchant"))) {
		status = find_group(&g, &group, why);
	} else {
		status = find_one(&g, one, why);
		buf_add(&group, &one, sizeof one);
	}
	if (status == 0)
		status = decide_all(&g, &group, why);
	buf_release(&group);
	if (status != 0 || g.changed == 0)
		buf_release(&g.parted);
	if (status != 0)
		return status < 0 ? -1 : 0;
	if (g.changed == 0)
		return writing_refuse(w, 404, "group-empty",
				      "nothing of this merchant waits for review");
	buf_format(w->answer,
		   "{\"answer_id\": \"%lld\", \"changed\": %lld, \"transfers_undone\": [%.*s], "
		   "\"transaction\": ",
		   (long long)g.answer, (long long)g.changed, (int)g.parted.len,
		   g.parted.len ? g.parted.at : "");
	buf_release(&g.parted);
	if (show_transaction(w->ledger->db, g.first, w->answer, why) != 0)
		return -1;
	buf_char(w->answer, '}');
	return 0;
}

/* ---- taking it back ---- */

static int find_answered(struct giving *g, struct buf *all, int64_t *left, struct fault *why)
{
	struct db *db = g->w->ledger->db;
	sqlite3_stmt *found = db_query(db, SQL_ANSWERED_OF, why, "i", g->answer);
	int status = found ? 1 : -1;

	while (status == 1 && (status = db_next(db, found, why)) == 1) {
		struct restoring one = {.txn = sqlite3_column_int64(found, 0),
					.before = sqlite3_column_int64(found, 1),
					.entry = sqlite3_column_int64(found, 2)};

		if (sqlite3_column_int(found, 3))
			buf_add(all, &one, sizeof one);
		else
			++*left;
	}
	return status;
}

/* Both sides of a transfer may be among them, so it is looked for when all stand. */
static int join_transfers(struct giving *g, const struct buf *all, struct fault *why)
{
	int64_t confidence = writing_integer(g->w, "confidence", 0), transfer;
	struct restoring one;
	int status;

	for (size_t at = 0; at < all->len; at += sizeof one) {
		memcpy(&one, all->at + at, sizeof one);
		status = again_transfer(g->w->ledger, one.txn, confidence, &transfer, why);
		if (status < 0)
			return -1;
		if (status == 0)
			buf_format(&g->parted, "%s\"%lld\"", g->parted.len ? ", " : "",
				   (long long)transfer);
	}
	return 0;
}

static int restore(struct giving *g, const struct buf *all, struct fault *why)
{
	struct ledger *ledger = g->w->ledger;
	struct restoring one;

	if (db_do(ledger->db, SQL_ANSWER_UNDONE, why, "ii", g->answer, clock_wall_ms()) != 0)
		return -1;
	for (size_t at = 0; at < all->len; at += sizeof one) {
		memcpy(&one, all->at + at, sizeof one);
		if (again_stand(ledger, &one, writing_integer(g->w, "confidence", 0), why) != 0)
			return -1;
		g->changed++;
	}
	return join_transfers(g, all, why);
}

static int take_back(struct giving *g, struct fault *why)
{
	struct buf all = {0};
	int64_t left = 0;
	int status = find_answered(g, &all, &left, why);

	if (status == 0)
		status = restore(g, &all, why);
	buf_release(&all);
	if (status == 0)
		buf_format(g->w->answer,
			   "{\"answer_id\": \"%lld\", \"restored\": %lld, "
			   "\"changed_meanwhile\": %lld, \"transfers_restored\": [%.*s]}",
			   (long long)g->answer, (long long)g->changed, (long long)left,
			   (int)g->parted.len, g->parted.len ? g->parted.at : "");
	buf_release(&g->parted);
	return status;
}

int answer_take_back(struct writing *w, struct fault *why)
{
	struct giving g = {.w = w, .answer = writing_integer(w, "answer", 0)};
	int64_t undone;
	int status = db_number(w->ledger->db, SQL_ANSWER_FIND, &undone, why, "i", g.answer);

	if (status < 0)
		return -1;
	if (status > 0)
		return writing_refuse(w, 404, "answer-unknown", "these books have no such answer");
	if (undone)
		return writing_refuse(w, 409, "answer-undone", "this answer was taken back before");
	return take_back(&g, why);
}
