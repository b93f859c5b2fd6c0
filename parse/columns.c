#include "columns.h"

#include <stdlib.h>

#include "amount.h"
#include "holder.h"
#include "mem.h"
#include "rival.h"
#include "shape.h"

unsigned columns_header_score(const struct csv_record *record)
{
	unsigned found[ROLE_COUNT] = {0}, roles = 0, columns = 0;
	struct heading heading;
	char room[WORDS_PHRASE_SIZE];
	struct span text;

	for (uint32_t i = 0; i < record->n_fields && i < CSV_FIELDS_MAX; i++) {
		if (record->fields[i].len == 0 || record->fields[i].len > sizeof(room))
			continue;
		text = csv_value(&record->fields[i], room);
		if (date_is(text))
			return 0; /* a row */
		words_heading(text, &heading);
		if (heading.role == ROLE_NONE)
			continue;
		roles += found[heading.role]++ == 0;
		columns++;
	}
	/* A row of data may hold a word or two of ours ("DEBIT"), hardly three. */
	if (roles < 2 || (!found[ROLE_DATE] && roles < 3))
		return 0;
	if (!found[ROLE_DATE] && !found[ROLE_AMOUNT] && !found[ROLE_DEBIT] && !found[ROLE_CREDIT])
		return 0;
	return 100 * (found[ROLE_DATE] > 0) +
	       100 * (found[ROLE_AMOUNT] + found[ROLE_DEBIT] + found[ROLE_CREDIT] > 0) +
	       10 * roles + columns;
}

static bool is_asset(const struct columns_input *input, uint32_t column)
{
	const struct heading *heading = &input->headings[column];

	return heading->role == ROLE_CURRENCY && heading->rank == RANK_CURRENCY_ASSET;
}

/* The role of a column after a look at what it holds: "Valuta" is a date in Germany and a currency
 * in Sweden, and a heading may promise what is not there. */
static enum role role_of(const struct columns_input *input, uint32_t column)
{
	const struct column_content *content = &input->content[column];
	enum role role = input->headings[column].role;

	if (content->filled == 0)
		return role;
	if (role == ROLE_DATE && content->dates * 2 < content->filled)
		return content->codes == content->filled ? ROLE_CURRENCY : ROLE_NONE;
	if (is_asset(input, column))
		return content->codes + content->tickers == content->filled ? role : ROLE_NONE;
	if (role == ROLE_CURRENCY && content->codes == 0)
		return ROLE_NONE;
	/* "Debit/Credit": one signed amount */
	if (role == ROLE_FLAG && content->amounts * 10 >= content->filled * 9 &&
	    (content_has_money(content) || content->minus > 0))
		return ROLE_AMOUNT;
	if ((role == ROLE_AMOUNT || role == ROLE_DEBIT || role == ROLE_CREDIT ||
	     role == ROLE_BALANCE || role == ROLE_FEE) &&
	    content->amounts * 2 < content->filled)
		return ROLE_NONE;
	return role;
}

/* The best column of a role, not `except`; -1 when there is none. A filled one goes before an empty
 * one, then the rank decides, then the place. */
static int16_t best_of(const struct columns_input *input, enum role role, int except)
{
	int16_t best = -1;
	unsigned best_rank = UINT32_MAX;

	for (uint32_t i = 0; i < input->n; i++) {
		unsigned rank = input->headings[i].rank;

		if ((int)i == except || role_of(input, i) != role)
			continue;
		if (input->content[i].filled == 0)
			rank += 2 * WORDS_PART;
		if (rank < best_rank) {
			best_rank = rank;
			best = (int16_t)i;
		}
	}
	return best;
}

static bool is_currency(const struct columns_input *input, uint32_t column)
{
	const struct column_content *content = &input->content[column];

	if (role_of(input, column) == ROLE_CURRENCY)
		return true;
	return role_of(input, column) == ROLE_NONE && !input->headings[column].foreign &&
	       content->codes > 0 && content->codes * 10 >= content->filled * 9;
}

/* Where its heading is not just "Currency": is it of some other amount, filled now and then or
 * behind money that is not the row's? */
static bool is_other_currency(const struct columns_input *input, uint32_t column,
			      const struct columns *columns)
{
	const struct heading *heading = &input->headings[column];
	const int16_t ours[] = {columns->amount, columns->debit, columns->credit, columns->balance,
				columns->fee};
	bool named = heading->role == ROLE_CURRENCY && heading->rank < WORDS_PART;
	int16_t before = (int16_t)(column - 1);

	if (named)
		return false;
	if (input->content[column].filled * 10 < input->n_rows * 9)
		return true;
	if (input->header_line == 0 || column == 0 || !content_has_money(&input->content[before]) ||
	    content_is_constant(&input->content[before]))
		return false; /* a fee of nothing on each row is no other amount */
	for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
		if (ours[i] == before)
			return false;
	}
	return true;
}

/* The currency that belongs to an amount stands after it, most often at once. */
static int16_t currency_near(const struct columns_input *input, const struct columns *columns)
{
	int amount = columns->amount != -1		? columns->amount
		     : columns->debit > columns->credit ? columns->debit
							: columns->credit;
	int16_t best = -1;

	for (uint32_t i = 0; i < input->n; i++) {
		int distance = (int)i - amount, best_distance = best - amount;

		if (!is_currency(input, i) || is_other_currency(input, i, columns))
			continue;
		/* an asset that was bought is no currency of "$42.00" */
		if (is_asset(input, i) &&
		    (best != -1 || (amount >= 0 && input->content[amount].signed_money > 0)))
			continue;
		if (best == -1 || is_asset(input, best) ||
		    (distance > 0 && (best_distance < 0 || distance < best_distance)))
			best = (int16_t)i;
	}
	return best;
}

/* What is left of an amount after the fee beside it: that is what moved. */
static int16_t net_amount(const struct columns_input *input, int16_t amount)
{
	static const char *const words[] = {"net",	  "net amount",	  "net total",
					    "net payout", "net proceeds", "netto",
					    "nettobetrag"};

	for (uint32_t i = 0; i < input->n; i++) {
		for (size_t k = 0; k < ARRAY_LEN(words); k++) {
			if (role_of(input, i) == ROLE_AMOUNT &&
			    strcmp(input->headings[i].phrase, words[k]) == 0)
				return (int16_t)i;
		}
	}
	return amount;
}

/* "Payments" are money out beside "Receipts", and money in beside a card's "Purchases". */
static void settle_payments(const struct columns_input *input, int16_t *debit, int16_t *credit)
{
	if (*debit == -1 || *credit != -1)
		return;
	for (uint32_t i = 0; i < input->n; i++) {
		if (role_of(input, i) == ROLE_DEBIT &&
		    strcmp(input->headings[i].phrase, "payments") == 0)
			*credit = (int16_t)i;
	}
	if (*credit == *debit)
		*debit = best_of(input, ROLE_DEBIT, *credit);
	if (*debit == -1) {
		*debit = *credit;
		*credit = -1;
	}
}

/* Money columns: debit and credit where both are named, for they say the direction themselves. */
static void settle_money(const struct columns_input *input, struct columns *columns)
{
	int16_t amount = best_of(input, ROLE_AMOUNT, -1);
	int16_t debit = best_of(input, ROLE_DEBIT, -1), credit = best_of(input, ROLE_CREDIT, -1);
	bool pair;

	/* a word in a heading over cells that are often empty: of some other amount */
	if (amount != -1 && input->headings[amount].rank >= WORDS_PART &&
	    input->content[amount].filled * 10 < input->n_rows * 9)
		amount = -1;
	settle_payments(input, &debit, &credit);
	pair = debit != -1 && credit != -1;

	if (pair && amount != -1 && input->headings[amount].rank < WORDS_PART &&
	    input->headings[debit].rank >= WORDS_PART && input->headings[credit].rank >= WORDS_PART)
		pair = false;
	if (pair || amount == -1) {
		columns->debit = debit;
		columns->credit = credit;
	} else {
		columns->amount = columns->fee == -1 ? amount : net_amount(input, amount);
	}
}

/* A column of hardly anything but "debit" and "credit", whatever its heading. Letters count only
 * where both ways are seen: a column of all "C" may mean anything. */
static int16_t flag_by_content(const struct columns_input *input, struct columns *columns)
{
	for (uint32_t i = 0; i < input->n; i++) {
		const struct column_content *c = &input->content[i];
		uint32_t minus = c->flags_in > 0 ? c->dashes : 0; /* beside "+" */
		uint32_t flags = c->flags_out + c->flags_in + minus;

		if (flags == 0 || flags * 10 < (c->filled + minus) * 8 ||
		    flags * 10 < input->content[columns->date].dates * 8)
			continue;
		columns->flag_letters = c->flags_letter == flags;
		if (c->flags_out + minus > 0 && c->flags_in > 0)
			return (int16_t)i;
		columns->flag_maybe |= c->flags_out == c->filled;
		/* of a text "payment" throughout says what it is, not which way */
		if (c->flags_long == flags && (columns->n_text == 0 || columns->text[0] != (int)i))
			return (int16_t)i;
	}
	return -1;
}

/* A column that says whether a row is booked: by its heading, or by its words alone. */
static int16_t status_column(const struct columns_input *input, const struct columns *columns)
{
	int16_t found = -1;

	for (uint32_t i = 0; i < input->n; i++) {
		const struct column_content *c = &input->content[i];
		bool text = false;

		for (uint16_t k = 0; k < columns->n_text; k++)
			text |= columns->text[k] == (int16_t)i;
		if (text || (input->headings[i].role != ROLE_NONE &&
			     input->headings[i].rank % WORDS_PART != RANK_TEXT_KIND))
			continue;
		if (input->header_line > 0 && words_status(span_text(input->names[i])))
			return (int16_t)i;
		if (found == -1 && c->status > 0 && c->status * 10 >= c->filled * 8)
			found = (int16_t)i;
	}
	return found;
}

/* A column of "yes" and "no" under "Booked". One that only says no means something else. */
static int16_t booked_column(const struct columns_input *input)
{
	for (uint32_t i = 0; input->header_line > 0 && i < input->n; i++) {
		const struct column_content *c = &input->content[i];

		if (c->yes > 0 && c->answers == c->filled &&
		    words_booked(span_text(input->names[i])))
			return (int16_t)i;
	}
	return -1;
}

static int compare_rank(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static bool has_text(const struct columns *columns, int16_t column)
{
	for (uint16_t i = 0; i < columns->n_text; i++) {
		if (columns->text[i] == column)
			return true;
	}
	return false;
}

/* Appends columns of text, best rank first: those that name a kind of transaction, or the others.
 */
static void settle_text(const struct columns_input *input, bool kinds, struct columns *columns)
{
	uint32_t order[CSV_FIELDS_MAX], n = 0;

	for (uint32_t i = 0; i < input->n; i++) {
		bool kind = input->headings[i].rank % WORDS_PART >= RANK_TEXT_KIND;

		if (role_of(input, i) == ROLE_TEXT && kind == kinds &&
		    !has_text(columns, (int16_t)i))
			order[n++] = (uint32_t)input->headings[i].rank << 16 | i;
	}
	qsort(order, n, sizeof(order[0]), compare_rank);
	for (uint32_t i = 0; i < n && columns->n_text < WISH_TEXTS_MAX; i++)
		columns->text[columns->n_text++] = (int16_t)(order[i] & 0xffff);
}

/* A column that the profile names; -1 with a fault when it is not there. `out` is left alone when
 * the profile says nothing. */
static int wish_find(const struct columns_input *input, const struct wish_column *wish,
		     const char *key, int16_t *out, struct fault *why)
{
	if (wish->number == 0 && !wish->name)
		return 0;
	if (wish->number > 0 && wish->number <= input->n) {
		*out = (int16_t)(wish->number - 1);
		return 0;
	}
	for (uint32_t i = 0; wish->name && input->header_line > 0 && i < input->n; i++) {
		if (span_equal_fold(span_text(input->names[i]), span_trim(span_text(wish->name)))) {
			*out = (int16_t)i;
			return 0;
		}
	}
	if (wish->name)
		fault_set(why, FAULT_JOB, "profile-invalid",
			  "profile.%s names the column \"%.60s\", and the header has none of that "
			  "name",
			  key, wish->name);
	else
		fault_set(why, FAULT_JOB, "profile-invalid",
			  "profile.%s is column %u, and the file has %u", key, wish->number,
			  input->n);
	return fault_hint(why, "columns count from 1");
}

/* What the profile names as the text goes before what was found, which speaks where that is empty:
 * so a profile that is told back describes rows as they were. */
static int settle_told_texts(const struct columns_input *input, const struct wish *wish,
			     struct columns *columns, struct fault *why)
{
	struct columns found = *columns;

	if (wish->n_texts == 0)
		return 0;
	for (uint32_t i = 0; i < wish->n_texts; i++) {
		if (wish_find(input, &wish->texts[i], "description_columns", &columns->text[i],
			      why) != 0)
			return -1;
	}
	columns->n_text = (uint16_t)wish->n_texts;
	for (uint16_t i = 0; i < found.n_text && columns->n_text < WISH_TEXTS_MAX; i++) {
		if (!has_text(columns, found.text[i]))
			columns->text[columns->n_text++] = found.text[i];
	}
	return 0;
}

static int settle_wishes(const struct columns_input *input, const struct wish *wish,
			 struct columns *columns, struct fault *why)
{
	bool amount = wish->amount.name || wish->amount.number;
	bool pair = wish->debit.name || wish->debit.number || wish->credit.name ||
		    wish->credit.number;

	if (amount)
		columns->debit = columns->credit = -1;
	if (pair) {
		columns->debit = columns->credit = -1;
		columns->amount = -1;
	}
	if (wish_find(input, &wish->date, "date_column", &columns->date, why) != 0 ||
	    wish_find(input, &wish->amount, "amount_column", &columns->amount, why) != 0 ||
	    wish_find(input, &wish->debit, "debit_column", &columns->debit, why) != 0 ||
	    wish_find(input, &wish->credit, "credit_column", &columns->credit, why) != 0 ||
	    wish_find(input, &wish->balance, "balance_column", &columns->balance, why) != 0 ||
	    wish_find(input, &wish->flag, "flag_column", &columns->flag, why) != 0 ||
	    wish_find(input, &wish->fee, "fee_column", &columns->fee, why) != 0 ||
	    wish_find(input, &wish->reference, "reference_column", &columns->reference, why) != 0 ||
	    wish_find(input, &wish->account_column, "account_column", &columns->account, why) != 0)
		return -1;
	if (pair && columns->debit != -1 && columns->debit == columns->credit) {
		fault_set(why, FAULT_JOB, "profile-invalid",
			  "profile.credit_column is the column of profile.debit_column");
		return fault_hint(why, "give each its own, or say amount_column for one column");
	}
	return settle_told_texts(input, wish, columns, why);
}

/* Says what is missing, with what there is. */
static int columns_refuse(const struct columns_input *input, bool date, struct fault *why)
{
	const char *what = date ? "dates" : "amounts";
	const char *key = date ? "date_column"
			       : "amount_column, or debit_column and credit_column,";

	if (input->header_line > 0)
		fault_set(why, FAULT_JOB, date ? "no-date-column" : "no-amount-column",
			  "no column of the header on line %llu holds %s",
			  (unsigned long long)input->header_line, what);
	else
		fault_set(why, FAULT_JOB, date ? "no-date-column" : "no-amount-column",
			  "it is not known which column holds %s", what);
	if (why)
		why->row = input->header_line;
	return fault_hint(why, "say %s in profile, by name or number from 1", key);
}

static int columns_refuse_trades(const struct columns_input *input, struct fault *why)
{
	fault_set(why, FAULT_JOB, "no-amount-column",
		  "the header on line %llu is one of trades: which of its columns moved on the "
		  "account is not known",
		  (unsigned long long)input->header_line);
	return fault_hint(why, "say amount_column in profile, by name or number from 1, and sign");
}

static uint16_t least_fields(const struct columns *columns)
{
	int least = columns->date > columns->amount ? columns->date : columns->amount;
	int first = columns->debit, second = columns->credit;

	/* of debit and credit the later one may be left out with what follows it */
	if (first == -1 || (second != -1 && second < first))
		first = second;
	return (uint16_t)((first > least ? first : least) + 1);
}

int columns_settle(const struct columns_input *input, const struct wish *wish,
		   struct columns *columns, struct shape *shape, struct fault *why)
{
	bool named;

	*columns = (struct columns){.amount = -1,
				    .debit = -1,
				    .credit = -1,
				    .reference = -1,
				    .status = -1,
				    .booked = -1};
	columns->date = best_of(input, ROLE_DATE, -1);
	columns->balance = best_of(input, ROLE_BALANCE, -1);
	columns->fee = best_of(input, ROLE_FEE, -1);
	columns->flag = best_of(input, ROLE_FLAG, -1);
	columns->reference = best_of(input, ROLE_REFERENCE, -1);
	columns->account = holder_column(input);
	settle_money(input, columns);
	settle_text(input, false, columns);
	named = columns->n_text > 0;
	if (settle_wishes(input, wish, columns, why) != 0)
		return -1;
	columns->status = status_column(input, columns);
	columns->booked = booked_column(input);
	shape_settle(input, (struct shape_told){wish->amount.name || wish->amount.number, named},
		     columns, shape);
	if (!wish->amount.name && !wish->amount.number)
		rival_settle(input, columns, shape);
	rival_fee(input, columns);
	settle_text(input, true, columns); /* better than nothing */
	columns->n_joined = wish->n_texts > 0 ? (uint16_t)wish->n_texts : columns->n_text > 0;
	if (columns->date == -1)
		return columns_refuse(input, true, why);
	if (columns->amount == -1 && columns->debit == -1 && columns->credit == -1)
		return shape->trades ? columns_refuse_trades(input, why)
				     : columns_refuse(input, false, why);
	columns->flag_named = columns->flag != -1;
	if (!columns->flag_named)
		columns->flag = flag_by_content(input, columns);
	columns->date_other = best_of(input, ROLE_DATE, columns->date);
	if (columns->date_other == -1)
		columns->date_other = (int16_t)columns_rival_date(input, columns);
	columns->currency = currency_near(input, columns);
	if (wish_find(input, &wish->currency_column, "currency_column", &columns->currency, why) !=
	    0)
		return -1;
	columns->least = least_fields(columns);
	return 0;
}

int columns_rival_date(const struct columns_input *input, const struct columns *columns)
{
	bool named = input->headings[columns->date].role == ROLE_DATE;

	for (uint32_t i = 0; i < input->n; i++) {
		const struct heading *heading = &input->headings[i];
		bool value = heading->role == ROLE_DATE &&
			     heading->rank % WORDS_PART == RANK_DATE_VALUE;

		if ((int)i != columns->date && !value && content_has_dates(&input->content[i]) &&
		    input->content[i].dates * 2 > input->n_rows &&
		    (heading->role == ROLE_DATE || !named))
			return (int)i;
	}
	return -1;
}
