#include "amount.h"
#include "rowinternal.h"
#include "words.h"

static bool row_refuse_amount(struct row *row, enum amount_fault fault, struct span text)
{
	if (fault == AMOUNT_EMPTY)
		rows_reject(row->rows, row->i, "amount-missing", "There is no amount");
	else if (fault == AMOUNT_RANGE)
		rows_reject(row->rows, row->i, "amount-range", "\"%.*s\" is beyond what is booked",
			    SPAN_ARG(row_seen(text)));
	else
		rows_reject(row->rows, row->i, "amount-syntax",
			    "\"%.*s\" is not an amount with decimal %s", SPAN_ARG(row_seen(text)),
			    row->reading->decimal_mark == ',' ? "comma" : "point");
	return false;
}

/* Debit and credit columns as one signed amount. A zero beside an amount is an empty cell. */
static bool row_money_pair(struct row *row, struct amount *amount)
{
	const struct reading *r = row->reading;
	struct amount out = {0}, in = {0};
	struct span text = row_field(row, row->columns->debit);
	enum amount_fault fault = amount_read(text, r->decimal_mark, &out);
	struct form form = reading_form(row->reading, row->section);
	enum amount_fault other;

	if (fault != AMOUNT_OK && fault != AMOUNT_EMPTY)
		return row_refuse_amount(row, fault, text);
	text = row_field(row, row->columns->credit);
	other = amount_read(text, r->decimal_mark, &in);
	if (other != AMOUNT_OK && (other != AMOUNT_EMPTY || fault == AMOUNT_EMPTY))
		return row_refuse_amount(row, other, text);
	if (out.mantissa != 0 && in.mantissa != 0) {
		rows_reject(row->rows, row->i, "amount-both",
			    "The row has both money out and money in");
		return false;
	}
	if (!form.debit_minus)
		out.mantissa = -out.mantissa;
	if (form.credit_minus)
		in.mantissa = -in.mantissa;
	*amount = out.mantissa != 0 || other == AMOUNT_EMPTY ? out : in;
	return true;
}

/* Which way the balance says that it went. */
static bool row_by_balance(struct row *row, struct amount *amount)
{
	const struct reading *r = row->reading;
	uint64_t line = row->rows->line[row->i];

	if (lines_have(&r->unsure, line)) {
		rows_reject(row->rows, row->i, "direction-unknown",
			    "The amount has no sign, and no balance before it tells whether it "
			    "came in or went out");
		return false;
	}
	if ((amount->mantissa > 0) != lines_have(&r->came_in, line))
		amount->mantissa = -amount->mantissa;
	return true;
}

/* The amount column with the sign that the whole file gives it. */
static bool row_money_one(struct row *row, struct amount *amount)
{
	const struct reading *r = row->reading;
	struct span text = row_field(row, row->columns->amount);
	enum amount_fault fault = amount_read(text, r->decimal_mark, amount);
	enum sign sign = reading_form(row->reading, row->section).sign;
	int flag;

	if (fault != AMOUNT_OK)
		return row_refuse_amount(row, fault, text);
	if (sign == SIGN_BALANCE)
		return row_by_balance(row, amount);
	if (sign == SIGN_MARKED && amount->mantissa > 0 && amount->mark == AMOUNT_BARE)
		amount->mantissa = -amount->mantissa;
	if (sign != SIGN_COLUMN)
		return true;
	text = row_field(row, row->columns->flag);
	flag = flag_says(&r->flag, text);
	if (flag == 0) {
		rows_reject(row->rows, row->i, "flag-unknown",
			    "\"%.*s\" does not say whether money went out or came in",
			    SPAN_ARG(row_seen(text)));
		return false;
	}
	amount->mantissa *= flag;
	return true;
}

/* A code of some keeper of assets for the currency that was told: "ZEUR". */
static bool is_ours(struct span text, const char *currency)
{
	return text.len == 4 && memcmp(text.at + 1, currency, 3) == 0;
}

/* The row's currency: its own column's, else the one beside its amount, else the file's. */
static bool row_currency(struct row *row, const struct amount *amount, char code[CURRENCY_SIZE])
{
	const struct reading *r = row->reading;
	struct span text = row_field(row, row->columns->currency);

	memcpy(code, r->currency, CURRENCY_SIZE);
	row->exponent = r->exponent;
	if (amount->currency[0]) /* nothing is nearer to it */
		memcpy(code, amount->currency, CURRENCY_SIZE);
	else if (!amount_is_empty(text) && !amount_currency(text, code) &&
		 !is_ours(text, r->currency)) {
		rows_reject(row->rows, row->i, "currency-unknown-code",
			    "\"%.*s\" is not a currency code of ISO 4217",
			    SPAN_ARG(row_seen(text)));
		return false;
	}
	if (memcmp(code, r->currency, CURRENCY_SIZE) == 0)
		return true;
	row->exponent = money_exponent(code);
	if (!r->currency_fixed)
		return true;
	rows_reject(row->rows, row->i, "currency-differs", "The row is in %s, the account in %s",
		    code, r->currency);
	return false;
}

/* A fee that the balance showed to be taken beside the amount. */
static bool row_fee(struct row *row, int64_t *minor)
{
	const struct reading *r = row->reading;
	struct span text = row_field(row, row->columns->fee);
	struct amount fee;
	int64_t fee_minor = 0;
	enum amount_fault fault;

	if (text.len == 0)
		return true;
	fault = amount_read(text, row->reading->decimal_mark, &fee);
	if (fault == AMOUNT_OK)
		fault = amount_minor(&fee, r->minor ? 0 : row->exponent, &fee_minor);
	if (fault != AMOUNT_OK && fault != AMOUNT_EMPTY)
		return row_refuse_amount(row, fault, text);
	*minor -= fee_minor < 0 ? -fee_minor : fee_minor;
	return true;
}

bool row_amount(struct row *row)
{
	const struct reading *r = row->reading;
	struct currency *currency = &row->rows->currency[row->i];
	struct amount amount;
	enum amount_fault fault;
	int64_t minor;

	if (row->columns->amount != -1 ? !row_money_one(row, &amount)
				       : !row_money_pair(row, &amount))
		return false;
	if (!row_currency(row, &amount, currency->code))
		return false;
	fault = amount_minor(&amount, r->minor ? 0 : row->exponent, &minor);
	if (fault == AMOUNT_SYNTAX) {
		rows_reject(row->rows, row->i, "amount-syntax",
			    "The amount has more decimals than %s has", currency->code);
		return false;
	}
	if (fault != AMOUNT_OK)
		return row_refuse_amount(row, fault, row_field(row, row->columns->amount));
	if (reading_form(row->reading, row->section).sign == SIGN_INVERTED)
		minor = -minor;
	if (!row_fee(row, &minor))
		return false;
	row->rows->amount_minor[row->i] = minor;
	return true;
}

void row_balance(struct row *row)
{
	const struct reading *r = row->reading;
	struct span text = row_field(row, row->columns->balance);
	struct amount balance;

	if (text.len == 0 || amount_read(text, r->decimal_mark, &balance) != AMOUNT_OK ||
	    amount_minor(&balance, r->minor_balance ? 0 : row->exponent,
			 &row->rows->balance_minor[row->i]) != AMOUNT_OK)
		return;
	row->rows->flags[row->i] |= ROW_HAS_BALANCE;
}
