#include "owner.h"

/* May text go on below its row, as it does where the last field of one is not quoted? */
static bool text_is_last(const struct reading *reading, const struct columns *columns)
{
	for (uint16_t i = 0; i < columns->n_text; i++) {
		if ((uint32_t)columns->text[i] + 1 == reading->n_names)
			return true;
	}
	return false;
}

/* Does a line that names an account belong to what is below it? Text that goes on from the row
 * above it, with the number of the other side, does not. */
static bool owner_is_apart(const struct records *records, const struct reading *reading,
			   const struct whose *named, const struct evidence *evidence)
{
	const struct csv_record *record = &records->record;
	const struct whose *own = &evidence->owner.own;

	if (records->start.line > evidence->end_line || evidence->date.dates == 0)
		return true;
	for (uint32_t i = 1; i < record->n_fields && i < CSV_FIELDS_MAX; i++) {
		if (record->fields[i].len > 0)
			return false;
	}
	if (!own->number[0] || record->n_fields > 1)
		return own->number[0];
	return named->number[0] && named->title && (!named->iban || own->iban) &&
	       (named->first ||
		!text_is_last(
			reading,
			reading_columns(reading, reading_section(reading, records->start.line))));
}

/* Is it a line of its own that names an account? */
static bool owner_line(const struct records *records, const struct reading *reading,
		       struct evidence *evidence)
{
	struct owner *owner = &evidence->owner;
	uint64_t line = records->start.line;
	const struct columns *columns = reading_columns(reading, reading_section(reading, line));
	struct whose named = {.loose = false};
	bool apart;

	for (uint16_t i = 0; i < columns->n_text; i++) {
		if (columns->text[i] == 0)
			return false;
	}
	if (line <= reading->header_line || !whose_look(&records->record, &named))
		return false;
	apart = owner_is_apart(records, reading, &named, evidence);
	if (owner->line == 0 || (apart && !owner->apart))
		*owner = (struct owner){.own = owner->own, .line = line, .apart = apart};
	whose_look(&records->record, &owner->named);
	return true;
}

/* A title tells whose the rows below it are; the first one those of the whole file, where nothing
 * stands above it. Several lines may say it together, so the next one decides. */
void owner_look(const struct records *records, struct reading *reading, struct evidence *evidence)
{
	struct owner *owner = &evidence->owner;

	if (owner_line(records, reading, evidence) || owner->line == 0)
		return;
	if (evidence->date.dates == 0 && whose_same(&(struct whose){.loose = false}, &owner->own))
		owner->own = owner->named;
	if (owner->apart || columns_header_score(&records->record) > 0)
		section_account(owner->line, !whose_same(&owner->own, &owner->named), reading);
	evidence->stray = false; /* what the header below it means is known */
	*owner = (struct owner){.own = owner->own};
}
