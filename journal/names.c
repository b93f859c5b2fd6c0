#include "names.h"

/* FNV-1a, 32 bits: names are short and nobody gains by a collision here. */
static uint32_t hash_of(struct span name, uint8_t source)
{
	uint32_t hash = (2166136261u ^ source) * 16777619u;

	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ (unsigned char)name.at[i]) * 16777619u;
	return hash;
}

static struct name_slot *slot_of(struct names *names, struct span name, uint8_t source)
{
	uint32_t at = hash_of(name, source) & (NAMES_SLOTS - 1);

	while (names->slots[at].name.at) {
		struct name_slot *slot = &names->slots[at];

		if (slot->source == source && span_equal(slot->name, name))
			return slot;
		at = (at + 1) & (NAMES_SLOTS - 1);
	}
	return &names->slots[at];
}

static void remember(struct names *names, struct span name, uint8_t source, int64_t id)
{
	struct name_slot *slot;

	if (names->n >= NAMES_MAX)
		names_clear(names);
	slot = slot_of(names, name, source);
	slot->name = span_of(arena_text(&names->text, name), name.len);
	slot->source = source;
	slot->id = id;
	names->n++;
}

/* `account`: `name` is an account's, and `source` plays no part. */
static int find_or_add(struct db *db, bool account, uint8_t source, struct span name, int64_t *id,
		       struct fault *why)
{
	enum sql find = account ? SQL_ACCOUNT_FIND : SQL_DECIDER_FIND;
	enum sql add = account ? SQL_ACCOUNT_ADD : SQL_DECIDER_ADD;
	const char *format = account ? "t" : "ti";
	int status = db_number(db, find, id, why, format, name, (int64_t)source);

	if (status <= 0)
		return status;
	if (db_do(db, add, why, format, name, (int64_t)source) != 0)
		return -1;
	*id = sqlite3_last_insert_rowid(db->handle);
	return 0;
}

int names_account(struct names *names, struct db *db, struct span name, int64_t *id,
		  struct fault *why)
{
	const uint8_t none = 0;
	struct name_slot *slot = slot_of(names, name, none);

	if (slot->name.at) {
		*id = slot->id;
		return 0;
	}
	if (find_or_add(db, true, none, name, id, why) != 0)
		return -1;
	remember(names, name, none, *id);
	return 0;
}

int names_decider(struct names *names, struct db *db, uint8_t source, struct span name, int64_t *id,
		  struct fault *why)
{
	struct name_slot *slot = slot_of(names, name, source);

	if (slot->name.at) {
		*id = slot->id;
		return 0;
	}
	if (find_or_add(db, false, source, name, id, why) != 0)
		return -1;
	remember(names, name, source, *id);
	return 0;
}

void names_clear(struct names *names)
{
	arena_reset(&names->text);
	memset(names->slots, 0, sizeof names->slots);
	names->n = 0;
}

void names_release(struct names *names)
{
	names_clear(names);
	arena_release(&names->text);
}
