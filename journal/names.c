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

/* How a name is looked for in its table of the books, and added. */
struct naming {
	enum sql find, add;
	const char *format;
	uint8_t source; /* of a decider */
};

static int number_of(struct names *names, struct db *db, const struct naming *as, struct span name,
		     int64_t *id, struct fault *why)
{
	struct name_slot *slot = slot_of(names, name, as->source);
	int status;

	if (slot->name.at) {
		*id = slot->id;
		return 0;
	}
	status = db_number(db, as->find, id, why, as->format, name, (int64_t)as->source);
	if (status < 0)
		return -1;
	if (status > 0) {
		if (db_do(db, as->add, why, as->format, name, (int64_t)as->source) != 0)
			return -1;
		*id = sqlite3_last_insert_rowid(db->handle);
	}
	remember(names, name, as->source, *id);
	return 0;
}

int names_account(struct names *names, struct db *db, struct span name, int64_t *id,
		  struct fault *why)
{
	static const struct naming account = {SQL_ACCOUNT_FIND, SQL_ACCOUNT_ADD, "t", 0};

	return number_of(names, db, &account, name, id, why);
}

int names_label(struct names *names, struct db *db, struct span name, int64_t *id,
		struct fault *why)
{
	static const struct naming label = {SQL_LABEL_FIND, SQL_LABEL_ADD, "t", 0};

	return number_of(names, db, &label, name, id, why);
}

int names_decider(struct names *names, struct db *db, uint8_t source, struct span name, int64_t *id,
		  struct fault *why)
{
	const struct naming decider = {SQL_DECIDER_FIND, SQL_DECIDER_ADD, "ti", source};

	return number_of(names, db, &decider, name, id, why);
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
