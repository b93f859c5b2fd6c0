/*
 * trial - see trial.h.
 */
#include "trial.h"

#include "day.h"
#include "mem.h"
#include "money.h"

static struct span text_of(const json_t *object, const char *name)
{
	const json_t *text = json_object_get(object, name);

	return span_of(json_string_value(text), json_string_length(text));
}

/* ---- what was said ---- */

static bool is_amount(struct span text)
{
	int digits = 0, points = 0;

	for (size_t i = text.len > 0 && strchr("+-", text.at[0]); i < text.len; i++) {
		points += text.at[i] == '.';
		digits += (unsigned)text.at[i] - '0' < 10u;
		if (text.at[i] != '.' && (unsigned)text.at[i] - '0' >= 10u)
			return false;
	}
	return points <= 1 && digits > 0 && digits <= 15;
}

static bool is_currency(struct span text)
{
	char code[CURRENCY_SIZE];

	return span_copy(text, code, sizeof code) == 0 && money_exponent(code) >= 0;
}

static bool is_date(struct span text)
{
	int32_t day;

	return day_read(text, &day) == 0;
}

/* What a row to be tried says in another way than it is read, or NULL. */
static const char *wrong_in(const json_t *item)
{
	static const struct {
		const char *name, *should;
		bool (*is_right)(struct span text);
	} members[] = {
		{"amount", "amount should be a text such as -12.50", is_amount},
		{"currency", "currency should be a code of ISO 4217 such as EUR", is_currency},
		{"account", "account should be one such as Assets:Bank:Checking", account_is_valid},
		{"date", "date should be one that exists, as 2026-11-23", is_date},
	};

	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (json_object_get(item, members[i].name) &&
		    !members[i].is_right(text_of(item, members[i].name)))
			return members[i].should;
	return NULL;
}

int trial_check(const json_t *list, struct text_fault *faults, int max)
{
	int n = 0;

	for (size_t i = 0; i < json_array_size(list) && n < max; i++) {
		const char *wrong = wrong_in(json_array_get(list, i));

		if (!wrong)
			continue;
		faults[n] = (struct text_fault){.line = (uint32_t)i + 1};
		fault_set(&faults[n++].fault, FAULT_INPUT, "value_error", "%s", wrong);
	}
	return n;
}

/* A description alone is money out, on the everyday account. */
static void add_row(struct rows *rows, const json_t *item)
{
	uint32_t i = rows_add(rows);
	struct span text = json_is_string(item)
				   ? span_of(json_string_value(item), json_string_length(item))
				   : text_of(item, "description");
	struct span currency = text_of(item, "currency"), bank = text_of(item, "account");
	struct span amount = text_of(item, "amount");

	rows->description[i] = rows_text(rows, text);
	span_copy(currency.len == 3 ? currency : span_text("USD"), rows->currency[i].code,
		  sizeof rows->currency[i].code);
	rows->bank[i] = rows_text(rows, bank.len ? bank : span_text("Assets:Bank:Checking"));
	rows->amount_minor[i] = money_minor(amount.len ? amount : span_text("-1.00"),
					    rows->currency[i].code);
	if (day_read(text_of(item, "date"), &rows->day[i]) != 0)
		day_read(span_text("2026-01-01"), &rows->day[i]);
}

void trial_rows(const json_t *list, struct rows *rows)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		add_row(rows, json_array_get(list, i));
}

/* ---- what was decided ---- */

/* Up to the next `mark`, which is passed over. */
static struct span up_to(struct span *text, char mark)
{
	const char *stop = text->len ? memchr(text->at, mark, text->len) : NULL;
	struct span piece = span_of(text->at, stop ? (size_t)(stop - text->at) : text->len);
	size_t used = piece.len + (stop != NULL);

	*text = span_of(text->at + used, text->len - used);
	return piece;
}

/* "payee, line end, tags" as rows have it. */
static void put_label(struct buf *out, struct span label)
{
	struct span payee = up_to(&label, '\n');

	buf_text(out, ",\"payee\":");
	if (payee.len)
		buf_json_string(out, payee);
	else
		buf_text(out, "null");
	buf_text(out, ",\"tags\":[");
	while (label.len) {
		buf_json_string(out, up_to(&label, '\n'));
		if (label.len)
			buf_char(out, ',');
	}
	buf_char(out, ']');
}

static void put_split(struct buf *out, struct span account, int64_t minor, const char *currency)
{
	char money[MONEY_TEXT_SIZE];

	money_text(minor, currency, money);
	buf_text(out, out->at[out->len - 1] == '[' ? "{\"account\":" : ",{\"account\":");
	buf_json_string(out, account);
	buf_format(out, ",\"amount\":\"%s\"}", money);
}

/* The rule's own account, with the rest, comes last. */
static void put_splits(struct buf *out, const struct rows *rows, uint32_t i)
{
	struct span amounts = rows_span(rows, rows->parts[i]);
	struct span accounts = rows_span(rows, rows->part_accounts[i]);
	const char *currency = rows->currency[i].code;
	int64_t left = rows->amount_minor[i], sign = left < 0 ? -1 : 1;
	uint64_t minor;

	buf_text(out, ",\"splits\":[");
	while (amounts.len > 0) {
		struct span number = up_to(&amounts, ' '), account = up_to(&accounts, '\n');

		if (span_u64(number, &minor) != 0 || minor == 0)
			continue;
		put_split(out, account, sign * (int64_t)minor, currency);
		left -= sign * (int64_t)minor;
	}
	if (out->at[out->len - 1] != '[')
		put_split(out, rows_span(rows, rows->account[i]), left, currency);
	buf_char(out, ']');
}

static void put_decided(struct rules *rules, const struct rows *rows, uint32_t i, struct buf *out)
{
	struct span account = rows_span(rows, rows->account[i]);

	buf_text(out, i ? ",{\"account\":" : "{\"account\":");
	if (account.len)
		buf_json_string(out, account);
	else
		buf_text(out, "null");
	put_label(out, rows_span(rows, rows->label[i]));
	put_splits(out, rows, i);
	buf_text(out, ",\"decided_by\":");
	buf_json_string(out, rows_span(rows, rows->decider[i]));
	buf_text(out, ",\"why\":");
	rules_explain(rules, rows, i, out);
	buf_char(out, '}');
}

void trial_put(struct rules *rules, const struct rows *rows, struct buf *out)
{
	buf_text(out, "{\"items\":[");
	for (uint32_t i = 0; i < rows->n; i++)
		put_decided(rules, rows, i, out);
	buf_text(out, "]}");
}
