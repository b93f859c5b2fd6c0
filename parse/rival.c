#include "rival.h"

#include <stdlib.h>

#include "mem.h"

static bool has_word(const struct heading *heading, const char *list)
{
	return words_listed_in(list, span_text(heading->phrase));
}

static bool is_fee(const struct heading *heading)
{
	return heading->role == ROLE_FEE ||
	       has_word(heading, "fee|fees|commission|charge|charges|gebuhr|gebuhren|spesen|frais|"
				 "comision|commissione|kosten|avgift|gebyr|poplatek|prowizja");
}

static bool is_tax(const struct heading *heading)
{
	return has_word(heading,
			"vat|tax|gst|mwst|ust|umsatzsteuer|mehrwertsteuer|tva|iva|btw|moms|"
			"dph|ptu|afa|alv|pvm");
}

static const int64_t *row_of(const struct columns_input *input, uint32_t i)
{
	return input->sheet->value[i];
}

/* Is in each row the third column what the first one is with the second? A fee is taken off, a tax
 * goes the way of its amount. */
static bool adds_up(const struct columns_input *input, int amount, int part, int sum)
{
	bool fee = is_fee(&input->headings[input->sheet->column[part]]);
	uint32_t parts = 0;

	for (uint32_t i = 0; i < input->sheet->n_rows; i++) {
		const int64_t *row = row_of(input, i);
		int64_t value = row[part] == SHEET_EMPTY ? 0 : llabs(row[part]);

		if (row[amount] == SHEET_EMPTY || row[sum] == SHEET_EMPTY)
			return false;
		if (row[sum] != row[amount] + (fee || row[amount] < 0 ? -value : value))
			return false;
		parts += value != 0;
	}
	return parts > 0;
}

/* The column that has the amount with its fee or tax; `*part` is that one's. -1: there is none. */
static int find_sum(const struct columns_input *input, const struct columns *columns, int amount,
		    int *part)
{
	const struct sheet *sheet = input->sheet;

	for (uint32_t i = 0; i < sheet->n_columns; i++) {
		const struct heading *heading = &input->headings[sheet->column[i]];

		if ((int)i == amount || (!is_fee(heading) && !is_tax(heading)))
			continue;
		for (uint32_t k = 0; k < sheet->n_columns; k++) {
			*part = (int)i;
			if (k != i && (int)k != amount && sheet->column[k] != columns->balance &&
			    input->headings[sheet->column[k]].role != ROLE_BALANCE &&
			    adds_up(input, amount, (int)i, (int)k))
				return (int)k;
		}
	}
	return -1;
}

/* Does another column say what moved, with its fee or tax? */
static bool settle_sum(const struct columns_input *input, struct columns *columns,
		       struct shape *shape)
{
	const struct sheet *sheet = input->sheet;
	int taken = sheet_place(sheet, columns->amount), part = -1, sum;
	bool before = false;

	if (taken == -1)
		return false;
	sum = find_sum(input, columns, taken, &part);
	for (uint32_t i = 0; sum == -1 && i < sheet->n_columns && !before; i++)
		before = (int)i != taken && find_sum(input, columns, (int)i, &part) == taken;
	if (sum == -1 && !before)
		return false;
	if (columns->fee == sheet->column[part])
		columns->fee = -1; /* it is in the sum */
	if (before)
		return true;
	shape->rival_amount = columns->amount;
	columns->amount = sheet->column[sum];
	return true;
}

/* Codes of currencies in the next column, or for all amounts in the one before; -1. */
static int codes_beside(const struct columns_input *input, int column, int step)
{
	const struct column_content *content;

	if (column + step < 0 || column + step >= (int)input->n)
		return -1;
	content = &input->content[column + step];
	return content->codes > 0 && content->codes * 10 >= content->filled * 9 ? column + step
										: -1;
}

/* Another amount, of each row, that is not the same throughout? */
static bool is_rival(const struct columns_input *input, const struct columns *columns, int column)
{
	const struct column_content *content = &input->content[column];
	int a = sheet_place(input->sheet, columns->amount), b = sheet_place(input->sheet, column);

	if (column == columns->amount || column == columns->balance || column == columns->fee ||
	    input->headings[column].role != ROLE_AMOUNT || a == -1 || b == -1 ||
	    content->amounts * 10 < input->n_rows * 9)
		return false;
	for (uint32_t i = 0; i < input->sheet->n_rows; i++) {
		if (row_of(input, i)[a] != row_of(input, i)[b])
			return true;
	}
	return false;
}

enum verdict { KEEP, TAKE, OPEN, TAKE_OPEN };

/* Is the other one the account's? */
static enum verdict judge(const struct columns_input *input, const struct columns *columns,
			  int other)
{
	const struct heading *headings = input->headings;
	int taken = columns->amount, balance = sheet_place(input->sheet, columns->balance);
	int step = codes_beside(input, taken, 1) != -1 && codes_beside(input, other, 1) != -1 ? 1
											      : -1;
	int codes = codes_beside(input, taken, step), others = codes_beside(input, other, step);
	uint32_t hits = 0, others_hits = 0;

	if (balance != -1) {
		hits = sheet_run(input->sheet, sheet_place(input->sheet, taken), -1, balance).hits;
		others_hits =
			sheet_run(input->sheet, sheet_place(input->sheet, other), -1, balance).hits;
	}
	if (hits != others_hits)
		return hits > others_hits ? KEEP : TAKE;
	if (codes != -1 && others != -1 &&
	    content_is_constant(&input->content[codes]) !=
		    content_is_constant(&input->content[others]))
		return content_is_constant(&input->content[codes]) ? KEEP : TAKE;
	/* "Amount", and with a currency of its own "Amount abroad" */
	if (codes == -1 && codes_beside(input, other, 1) != -1 &&
	    headings[taken].rank < WORDS_PART && headings[other].rank >= WORDS_PART)
		return KEEP;
	if (codes != -1 || others != -1 ||
	    (headings[taken].currency[0] != 0) == (headings[other].currency[0] != 0))
		return OPEN;
	return headings[taken].currency[0] ? KEEP : TAKE_OPEN;
}

void rival_settle(const struct columns_input *input, struct columns *columns, struct shape *shape)
{
	int16_t taken = columns->amount;

	if (taken == -1 || input->header_line == 0 || settle_sum(input, columns, shape))
		return;
	for (int i = 0; i < (int)input->n; i++) {
		enum verdict verdict;

		if (!is_rival(input, columns, i))
			continue;
		verdict = judge(input, columns, i);
		if (verdict == OPEN || verdict == TAKE_OPEN)
			shape->rival_amount = verdict == OPEN ? (int16_t)i : columns->amount;
		if (verdict == TAKE || verdict == TAKE_OPEN)
			columns->amount = (int16_t)i;
	}
}

void rival_fee(const struct columns_input *input, struct columns *columns)
{
	const struct heading *amount;
	size_t first;

	if (columns->amount == -1)
		return;
	amount = &input->headings[columns->amount];
	first = strcspn(amount->phrase, " ") + 1;
	if (!strstr(amount->phrase, "after fee"))
		return;
	for (uint32_t i = 0; columns->fee == -1 && i < input->n; i++) {
		const struct heading *heading = &input->headings[i];

		if ((int)i != columns->amount && is_fee(heading) && input->content[i].amounts > 0 &&
		    strncmp(heading->phrase, amount->phrase, first) == 0)
			columns->fee = (int16_t)i;
	}
	columns->fee_beside = columns->fee != -1;
}
