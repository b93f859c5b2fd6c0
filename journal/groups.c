/* groups - what waits for review, by merchant: one answer often serves for many. */
#include <stdlib.h>

#include "books.h"
#include "day.h"
#include "mem.h"
#include "merchant.h"
#include "money.h"

/* Newest first; a queue longer than this shows what it has once the rest is answered (2.5 us a row
 * measured). */
#define LOOK_MAX 50000
#define SLOTS	 131072 /* a power of two, never half full */

struct group {
	struct span merchant, description; /* of the newest */
	char currency[CURRENCY_SIZE], first[DAY_TEXT_SIZE], last[DAY_TEXT_SIZE];
	bool out;
	int64_t count, total, last_entry, txn;
};

struct groups {
	struct arena text;
	struct group *at;
	uint32_t n, room;
	uint32_t slots[SLOTS]; /* place in `at` + 1 */
};

static uint32_t hash_of(struct span merchant, const char *currency, bool out)
{
	uint32_t hash = 2166136261u ^ out;

	for (size_t i = 0; i < merchant.len; i++)
		hash = (hash ^ (unsigned char)merchant.at[i]) * 16777619u;
	for (; *currency; currency++)
		hash = (hash ^ (unsigned char)*currency) * 16777619u;
	return hash;
}

static struct group *group_of(struct groups *groups, struct span merchant, const char *currency,
			      bool out)
{
	uint32_t at = hash_of(merchant, currency, out) & (SLOTS - 1);
	struct group *group;

	for (; groups->slots[at]; at = (at + 1) & (SLOTS - 1)) {
		group = &groups->at[groups->slots[at] - 1];
		if (group->out == out && span_equal(group->merchant, merchant) &&
		    strcmp(group->currency, currency) == 0)
			return group;
	}
	if (groups->n == groups->room) {
		groups->room = groups->room ? 2 * groups->room : 256;
		groups->at = xrealloc(groups->at, groups->room * sizeof *groups->at);
	}
	group = &groups->at[groups->n++];
	groups->slots[at] = groups->n;
	*group = (struct group){.merchant = arena_copy(&groups->text, merchant), .out = out};
	memcpy(group->currency, currency, CURRENCY_SIZE);
	return group;
}

/* Columns of SQL_LIVE_REVIEW, newest day first. */
static void add(struct groups *groups, sqlite3_stmt *found, struct buf *name)
{
	int64_t amount = sqlite3_column_int64(found, 4), entry = sqlite3_column_int64(found, 1);
	char currency[CURRENCY_SIZE] = "";
	struct group *group;

	buf_clear(name);
	merchant_of(name, db_text(found, 3));
	span_copy(db_text(found, 5), currency, sizeof currency);
	group = group_of(groups, buf_span(name), currency, amount <= 0);
	if (group->count++ == 0) {
		group->description = arena_copy(&groups->text, db_text(found, 3));
		group->txn = sqlite3_column_int64(found, 0);
		span_copy(db_text(found, 2), group->last, sizeof group->last);
	}
	span_copy(db_text(found, 2), group->first, sizeof group->first);
	/* a sum that does not fit stays at the largest: it is shown, not booked */
	if (__builtin_add_overflow(group->total, amount, &group->total))
		group->total = amount < 0 ? INT64_MIN + 1 : INT64_MAX;
	if (entry > group->last_entry)
		group->last_entry = entry;
}

static int collect(struct ledger *ledger, struct groups *groups, struct fault *why)
{
	struct db *db = ledger->db;
	sqlite3_stmt *found = db_query(db, SQL_LIVE_REVIEW, why, "i", INT64_MAX);
	struct buf name = {0};
	int status = found ? 1 : -1;

	for (int looked = 0; status == 1 && (status = db_next(db, found, why)) == 1; looked++) {
		if (looked == LOOK_MAX) {
			sqlite3_reset(found);
			status = 0;
			break;
		}
		add(groups, found, &name);
	}
	buf_release(&name);
	return status;
}

/* The largest group first: there a person's minute does most. */
static int by_count(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	int order = memcmp(x->merchant.at ? x->merchant.at : "",
			   y->merchant.at ? y->merchant.at : "",
			   x->merchant.len < y->merchant.len ? x->merchant.len : y->merchant.len);

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	if (order == 0 && x->merchant.len != y->merchant.len)
		order = x->merchant.len < y->merchant.len ? -1 : 1;
	if (order == 0)
		order = strcmp(x->currency, y->currency);
	return order ? order : x->out - y->out;
}

static void put(struct buf *items, const struct group *group)
{
	char money[MONEY_TEXT_SIZE];

	money_text(group->total, group->currency, money);
	buf_text(items, "{\"merchant\":");
	buf_json_string(items, group->merchant);
	buf_format(items,
		   ",\"direction\":\"%s\",\"count\":%lld,\"amount\":\"%s\",\"currency\":\"%s\","
		   "\"first_date\":\"%s\",\"last_date\":\"%s\",\"last_entry_id\":\"%lld\","
		   "\"transaction_id\":\"%lld\",\"description\":",
		   group->out ? "out" : "in", (long long)group->count, money, group->currency,
		   group->first, group->last, (long long)group->last_entry, (long long)group->txn);
	buf_json_string(items, group->description);
	buf_char(items, '}');
}

static int read_cursor(struct span cursor, uint64_t *from, struct fault *why)
{
	*from = 0;
	if (cursor.len == 0 || span_u64(cursor, from) == 0)
		return 0;
	return fault_set(why, FAULT_INPUT, "cursor", "the cursor is not one of this list");
}

int ledger_groups(struct ledger *ledger, const struct ledger_query *query, struct buf *items,
		  struct buf *next, struct fault *why)
{
	struct groups *groups;
	uint64_t from, to;
	int status;

	buf_clear(next);
	if (read_cursor(query->cursor, &from, why) != 0)
		return -1;
	groups = xcalloc(1, sizeof *groups);
	status = collect(ledger, groups, why);
	if (status == 0 && groups->n > 0)
		qsort(groups->at, groups->n, sizeof *groups->at, by_count);
	to = from < groups->n ? from + query->limit : from;
	to = to < groups->n ? to : groups->n;
	for (uint64_t i = from; status == 0 && i < to; i++) {
		if (i > from)
			buf_char(items, ',');
		put(items, &groups->at[i]);
	}
	if (status == 0 && to < groups->n)
		buf_format(next, "%llu", (unsigned long long)to);
	arena_release(&groups->text);
	free(groups->at);
	free(groups);
	return status;
}
