#include "shape.h"

#include "mem.h"

/* The columns of money among those that have no role yet, as places in the sheet. */
struct money {
	const struct columns_input *input;
	const struct sheet *sheet;
	int at[SHEET_COLUMNS], n;
	int n_sure;  /* the first ones show that they are money; others are whole numbers */
	int balance; /* the heading's, or -1 */
};

/* One way to understand them, with what speaks for it. */
struct theory {
	int in, out, balance; /* out -1: `in` has both */
	struct run run;
	unsigned weight;
};

static bool has_role(const struct columns *columns, int16_t column)
{
	const int16_t roles[] = {columns->date,	   columns->amount,    columns->debit,
				 columns->credit,  columns->fee,       columns->flag,
				 columns->balance, columns->reference, columns->status};

	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		if (roles[i] == column)
			return true;
	}
	for (uint16_t i = 0; i < columns->n_text; i++) {
		if (columns->text[i] == column)
			return true;
	}
	return false;
}

static const struct column_content *content_at(const struct money *money, int place)
{
	return &money->input->content[money->sheet->column[place]];
}

/* Whole numbers may be money too: JPY and HUF are written so. */
static bool may_be_money(const struct column_content *content, bool whole)
{
	if (!whole)
		return content_has_money(content);
	return !content_has_money(content) && content->amounts * 10 >= content->filled * 9 &&
	       content->serial == 0 && (content->filled < 3 || !content_is_constant(content));
}

static bool is_one_of(const struct heading *heading, const char *list)
{
	return words_listed(list, span_text(heading->phrase));
}

#define PRICES "price|unit price|preis|prix|precio|price at transaction|spot price"
#define QUANTITIES                                                                                 \
	"quantity|qty|units|shares|menge|stuck|anzahl|quantite|cantidad|quantity transacted"

/* Of a thing, or how many: nothing that moved. */
static bool is_price(const struct heading *heading)
{
	return is_one_of(heading, PRICES) || is_one_of(heading, QUANTITIES);
}

/* So many of a thing at such a price: what else there is of money may be before fees or after, and
 * which sign it has when it is spent nobody knows. */
static bool is_trades(const struct columns_input *input)
{
	bool price = false, quantity = false;

	for (uint32_t i = 0; i < input->n; i++) {
		price |= is_one_of(&input->headings[i], PRICES);
		quantity |= is_one_of(&input->headings[i], QUANTITIES);
	}
	return price && quantity;
}

static void money_gather(struct money *money, const struct columns *columns)
{
	for (int whole = 0; whole < 2; whole++) {
		for (uint32_t i = 0; i < money->sheet->n_columns; i++) {
			int16_t column = money->sheet->column[i];

			if (column == columns->balance)
				money->balance = (int)i;
			else if (!has_role(columns, column) &&
				 money->input->headings[column].role == ROLE_NONE &&
				 !is_price(&money->input->headings[column]) &&
				 may_be_money(&money->input->content[column], whole))
				money->at[money->n++] = (int)i;
		}
		if (whole == 0)
			money->n_sure = money->n;
	}
}

#define HITS_SURE 3 /* fewer may be chance */

/* Is one of its columns of whole numbers, such as numbers of rows are? */
static bool has_whole(const struct money *money, const struct theory *theory)
{
	return !content_has_money(content_at(money, theory->in)) ||
	       (theory->out != -1 && !content_has_money(content_at(money, theory->out))) ||
	       (theory->balance != money->balance &&
		!content_has_money(content_at(money, theory->balance)));
}

/* A theory that the balance bears out: hits first, then signs where there is one column, then
 * without turning them round. */
static void theory_try(const struct money *money, struct theory theory, struct theory *best)
{
	bool all;

	theory.run = sheet_run(money->sheet, theory.in, theory.out, theory.balance);
	all = theory.out != -1 && theory.run.hits == theory.run.tried;
	if (theory.run.hits == 0 || (theory.run.hits < HITS_SURE &&
				     (theory.run.hits * 2 < theory.run.tried ||
				      (!all && money->n_sure > 0 && has_whole(money, &theory)))))
		return;
	theory.weight = 4 * theory.run.hits;
	theory.weight += 2 * (theory.out != -1 || content_at(money, theory.in)->minus > 0);
	theory.weight += theory.out != -1 || !theory.run.inverted;
	if (theory.weight > best->weight)
		*best = theory;
}

static void theory_try_balance(const struct money *money, int balance, struct theory *best)
{
	for (int i = 0; i < money->n; i++) {
		int in = money->at[i];

		if (in == balance)
			continue;
		theory_try(money, (struct theory){.in = in, .out = -1, .balance = balance}, best);
		for (int j = 0; j < i; j++) {
			int out = money->at[j];

			if (out != balance && sheet_is_pair(money->sheet, out, in))
				theory_try(money, (struct theory){in, out, balance, {0}, 0}, best);
		}
	}
}

/* Without a balance: two neighbours of which each row fills one, side by side before others. */
static bool theory_pair(const struct money *money, struct theory *best)
{
	for (int apart = 0; apart < 2; apart++) {
		for (int i = 1; i < money->n; i++) {
			int out = money->at[i - 1], in = money->at[i];
			bool beside = money->sheet->column[in] == money->sheet->column[out] + 1;

			if (beside == apart || !sheet_is_pair(money->sheet, out, in))
				continue;
			*best = (struct theory){in, out, -1, {0}, 1};
			return true;
		}
	}
	return false;
}

/* Do all rows fill it, and not with the same? */
static bool is_full(const struct money *money, const struct column_content *content)
{
	return content->filled * 10 >= money->input->n_rows * 9 &&
	       (content->filled < 2 || content->same + 1 < content->filled);
}

/* Does one column do better as the amounts than another? That all rows fill it says most, then that
 * it is written as money, then that it has minus signs. */
static bool does_better(const struct money *money, int place, int than)
{
	const struct column_content *a = content_at(money, place), *b = content_at(money, than);

	if (is_full(money, a) != is_full(money, b))
		return is_full(money, a);
	if ((a->signed_money > 0) != (b->signed_money > 0))
		return a->signed_money > 0;
	return a->minus > b->minus;
}

/* The best one; of equals the first. */
static void theory_one(const struct money *money, struct theory *best)
{
	int in = money->at[0];

	for (int i = 1; i < money->n; i++) {
		if (does_better(money, money->at[i], in))
			in = money->at[i];
	}
	*best = (struct theory){in, -1, -1, {0}, 1};
}

/* Where it is empty or has a zero, does another column have what moved? Whole numbers may do. */
static void theory_mate(const struct money *money, int n, struct theory *best)
{
	for (int i = 0; i < n && best->out == -1; i++) {
		int at = money->at[i], in = best->in;

		if (at == in || !sheet_is_pair(money->sheet, at, in))
			continue;
		best->out = at < in ? at : in;
		best->in = at < in ? in : at;
	}
}

/* Which of a pair is money out: by signs, else by the balance that ran, else open. */
static void take_pair(const struct money *money, const struct theory *best, struct columns *columns,
		      struct shape *shape)
{
	int out = best->out, in = best->in;
	bool out_minus = content_at(money, out)->minus > 0;
	bool in_minus = content_at(money, in)->minus > 0;

	shape->pair_open = best->run.hits == 0 && out_minus == in_minus;
	if (best->run.hits > 0 ? best->run.inverted : in_minus && !out_minus) {
		out = best->in;
		in = best->out;
	}
	columns->debit = money->sheet->column[out];
	columns->credit = money->sheet->column[in];
}

/* Does a heading name the amounts, of a column that holds something else? Another column is not
 * taken for them then. */
static bool money_is_promised(const struct columns_input *input)
{
	for (uint32_t i = 0; i < input->n; i++) {
		enum role role = input->headings[i].role;

		if ((role == ROLE_AMOUNT || role == ROLE_DEBIT || role == ROLE_CREDIT) &&
		    input->headings[i].rank < WORDS_PART && input->content[i].filled > 0 &&
		    input->content[i].dates == 0)
			return true;
	}
	return false;
}

static void settle_money(const struct columns_input *input, struct columns *columns,
			 struct shape *shape)
{
	struct money money = {.input = input, .sheet = input->sheet, .balance = -1};
	struct theory best = {0};
	int n;

	money_gather(&money, columns);
	if (money.n == 0)
		return;
	if (money.balance != -1)
		theory_try_balance(&money, money.balance, &best);
	for (int i = 0; money.balance == -1 && i < money.n; i++)
		theory_try_balance(&money, money.at[i], &best);
	shape->trades = best.weight == 0 && money.n > 1 && is_trades(input);
	if (best.weight == 0 && (money_is_promised(input) || shape->trades))
		return;
	n = money.n;
	/* without a balance that tells, whole numbers are money only where nothing else is */
	if (best.weight == 0 && money.n_sure > 0)
		money.n = money.n_sure;
	if (best.weight == 0 && !theory_pair(&money, &best)) {
		theory_one(&money, &best);
		theory_mate(&money, n, &best);
	}
	shape->money = true;
	shape->money_ran = best.run.hits > 0;
	if (best.out != -1)
		take_pair(&money, &best, columns, shape);
	else
		columns->amount = money.sheet->column[best.in];
	if (columns->balance == -1 && best.run.hits > 0)
		columns->balance = money.sheet->column[best.balance];
	for (int i = 0; best.run.hits == 0 && i < money.n; i++) {
		if (money.at[i] != best.in && money.at[i] != best.out)
			shape->rival_amount = money.sheet->column[money.at[i]];
	}
	if (columns->balance == -1 && money.n - (best.out != -1) == 2)
		columns->balance = shape->rival_amount;
}

/* One heading over two columns of which each row fills one, or the same over both, as where the
 * header takes two rows: a pair, and the balance may know which is money out. */
static void settle_twins(const struct columns_input *input, struct columns *columns,
			 struct shape *shape)
{
	struct money money = {.input = input, .sheet = input->sheet};
	struct theory best = {.in = sheet_place(input->sheet, columns->amount), .balance = -1};
	int16_t beside = (int16_t)(columns->amount + 1);
	int balance = sheet_place(input->sheet, columns->balance);
	const struct heading *heading = &input->headings[columns->amount];

	if ((uint32_t)beside >= input->n || has_role(columns, beside) || best.in == -1 ||
	    (input->names[beside][0] &&
	     strcmp(input->headings[beside].phrase, heading->phrase) != 0))
		return;
	best.out = best.in;
	best.in = sheet_place(input->sheet, beside);
	if (best.in == -1 || !sheet_is_pair(input->sheet, best.out, best.in))
		return;
	if (balance != -1)
		best.run = sheet_run(input->sheet, best.in, best.out, balance);
	take_pair(&money, &best, columns, shape);
	columns->amount = -1;
	shape->money = true;
}

/* Only one of debit and credit is named by its heading: the other one is the column of which each
 * row fills one of the two. */
static void settle_half(const struct columns_input *input, struct columns *columns)
{
	int16_t *missing = columns->debit == -1 ? &columns->debit : &columns->credit;
	int named = sheet_place(input->sheet,
				columns->debit == -1 ? columns->credit : columns->debit);

	for (uint32_t i = 0; named != -1 && i < input->sheet->n_columns; i++) {
		int16_t column = input->sheet->column[i];

		if (input->headings[column].role == ROLE_NONE && !has_role(columns, column) &&
		    sheet_is_pair(input->sheet, named, (int)i)) {
			*missing = column;
			return;
		}
	}
}

static void settle_date(const struct columns_input *input, struct columns *columns)
{
	for (uint32_t i = 0; i < input->n && columns->date == -1; i++) {
		const struct column_content *content = &input->content[i];

		if (content_has_dates(content) && content->dates * 2 > input->n_rows &&
		    !has_role(columns, (int16_t)i))
			columns->date = (int16_t)i;
	}
}

/* How well a column does as a text: words that banks do not use, then variety. */
static uint64_t text_score(const struct column_content *content)
{
	uint32_t flags = content->flags_out + content->flags_in;

	if (content->filled == 0 ||
	    (content->dates + content->amounts + content->codes) * 2 > content->filled)
		return 0;
	/* one text in all rows is the bank's or the branch's name */
	if (flags == content->filled || (content->filled > 2 && content_is_constant(content)))
		return 1;
	return 2 + (uint64_t)content->words * 16 + (content->filled - content->same);
}

/* Does the heading name what is no text of a transaction, whatever the cells look like? */
static bool is_aside(const struct heading *heading)
{
	static const char *const phrases[] = {
		"timezone",	"time zone",   "zeitzone", "fuseau horaire",
		"zona horaria", "fuso orario", "country",  "country code",
		"land",		"pays",	       "pais",	   "paese",
	};

	for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
		if (strcmp(heading->phrase, phrases[i]) == 0)
			return true;
	}
	return false;
}

#define SHAPE_TEXTS 3 /* where the first is empty the next one speaks */

static void settle_text(const struct columns_input *input, bool named, struct columns *columns)
{
	while (columns->n_text < SHAPE_TEXTS) {
		uint64_t best_score = columns->n_text > 0 ? 2 : 0;
		int16_t best = -1;

		for (uint32_t i = 0; i < input->n; i++) {
			uint64_t score = text_score(&input->content[i]);

			/* beside a named one only what is words for sure */
			if (named && (input->content[i].words < 3 * input->content[i].filled ||
				      is_aside(&input->headings[i])))
				continue;
			if (score <= best_score || has_role(columns, (int16_t)i) ||
			    input->headings[i].role != ROLE_NONE)
				continue;
			best_score = score;
			best = (int16_t)i;
		}
		if (best == -1)
			break;
		columns->text[columns->n_text++] = best;
	}
}

void shape_settle(const struct columns_input *input, struct shape_told told,
		  struct columns *columns, struct shape *shape)
{
	*shape = (struct shape){.rival_amount = -1};
	if (columns->date == -1) {
		settle_date(input, columns);
		shape->date = columns->date != -1;
	}
	if (columns->amount == -1 && columns->debit == -1 && columns->credit == -1)
		settle_money(input, columns, shape);
	else if (columns->amount != -1 && !told.amount && input->header_line > 0)
		settle_twins(input, columns, shape);
	else if (columns->amount == -1 && (columns->debit == -1) != (columns->credit == -1))
		settle_half(input, columns);
	shape->text = columns->n_text == 0;
	settle_text(input, told.text, columns);
	shape->text &= columns->n_text > 0;
}
