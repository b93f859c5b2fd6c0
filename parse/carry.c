#include "carry.h"

#include "kind.h"
#include "mem.h"

#define CARRY_LEAST 2 /* rows of each kind: one without a date is a slip */

void carry_dated(struct carry *carry, struct span date)
{
	if (carry->outside || carry->broken) /* most files soon have two rows of a day */
		return;
	carry->broken |= carry->below && span_is(date, carry->last);
	carry->below = true;
	carry->dated++;
	span_copy(date, carry->last, sizeof(carry->last));
}

static struct span field_of(const struct csv_record *record, int column, char room[CARRY_DATE])
{
	if (column < 0 || (uint32_t)column >= record->n_fields || record->fields[column].len == 0 ||
	    record->fields[column].len > CARRY_DATE)
		return span_of(NULL, 0);
	return csv_value(&record->fields[column], room);
}

static bool has_text(const struct csv_record *record, const struct columns *columns)
{
	char room[CARRY_DATE];
	bool found = false;

	for (uint16_t i = 0; i < columns->n_text; i++) {
		int column = columns->text[i];

		if ((uint32_t)column >= record->n_fields || record->fields[column].len == 0)
			continue;
		if (kind_is_total(field_of(record, column, room)))
			return false;
		found = true;
	}
	return found;
}

bool carry_undated(struct carry *carry, const struct csv_record *record,
		   const struct columns *columns, uint64_t line)
{
	const int money[] = {columns->amount, columns->debit, columns->credit};
	char room[CARRY_DATE];
	bool amount = false;

	for (size_t i = 0; i < ARRAY_LEN(money); i++) {
		struct span text = field_of(record, money[i], room);

		amount |= text.len > 0 && content_is_amount(text);
	}
	if (carry->outside || !amount || !has_text(record, columns))
		return false;
	/* with another date it is not booked yet; at the top there is no day above it */
	carry->broken |= !carry->below || field_of(record, columns->date_other, room).len > 0;
	if (carry->carried++ == 0)
		carry->line = line;
	return true;
}

void carry_part(struct carry *carry, bool outside)
{
	carry->below = false;
	carry->outside = outside;
}

bool carry_holds(const struct carry *carry)
{
	return !carry->broken && carry->dated >= CARRY_LEAST && carry->carried >= CARRY_LEAST;
}
