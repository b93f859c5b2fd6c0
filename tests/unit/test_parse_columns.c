/*
 * What headings mean, and which of several columns is taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "columns.h"
#include "mem.h"
#include "shape.h"

static void test_words_fold_leaves_letters_and_digits(void **state)
{
	static const char *const pairs[][2] = {
		{"  Betrag (€) ", "betrag"},
		{"Date de l'Opération", "date de l operation"},
		{"Zahlungsempfänger*in", "zahlungsempfanger in"},
		{"Größe", "grose"},
		{"Číslo ÚČTU", "cislo uctu"},
		{"交易日", "交易日"},
		{"ДАТА", "дата"},
		{"A\xc2\xa0_B", "a b"},
		{"***", ""},
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		size_t len = words_fold(span_text(pairs[i][0]), out, sizeof out);

		assert_true(span_equal(span_of(out, len), span_text(pairs[i][1])));
	}
	assert_int_equal(words_fold(span_text("日本"), out, 4), 3);
}

static enum role role_of_text(const char *text)
{
	struct heading heading;

	words_heading(span_text(text), &heading);
	return heading.role;
}

static void test_words_heading_finds_the_role(void **state)
{
	(void)state;
	assert_int_equal(role_of_text("Date"), ROLE_DATE);
	assert_int_equal(role_of_text("Buchungstag"), ROLE_DATE);
	assert_int_equal(role_of_text("Amount (EUR)"), ROLE_AMOUNT);
	assert_int_equal(role_of_text("Umsatz in EUR"), ROLE_AMOUNT);
	assert_int_equal(role_of_text("Paid in (GBP)"), ROLE_CREDIT);
	assert_int_equal(role_of_text("Debit CHF"), ROLE_DEBIT);
	assert_int_equal(role_of_text("Debit/Credit"), ROLE_FLAG);
	assert_int_equal(role_of_text("Running Balance"), ROLE_BALANCE);
	assert_int_equal(role_of_text("Solde après opération"), ROLE_BALANCE);
	assert_int_equal(role_of_text("Transaction Amount Booked"), ROLE_AMOUNT);
	assert_int_equal(role_of_text("Libellé"), ROLE_TEXT);
}

static void test_words_heading_is_not_led_astray(void **state)
{
	(void)state;
	assert_int_equal(role_of_text("Original Amount"), ROLE_NONE);
	assert_int_equal(role_of_text("Montant (Devise étrangère)"), ROLE_NONE);
	assert_int_equal(role_of_text("Credit Limit"), ROLE_NONE);
	assert_int_equal(role_of_text("Date of birth"), ROLE_NONE);
	assert_int_equal(role_of_text("Update"), ROLE_NONE);
	assert_int_equal(role_of_text("12.50"), ROLE_NONE);
	assert_int_equal(role_of_text(""), ROLE_NONE);
}

static void test_words_heading_takes_the_currency_out(void **state)
{
	struct heading heading;

	(void)state;
	words_heading(span_text("Withdrawals (SGD)"), &heading);
	assert_string_equal(heading.currency, "SGD");
	words_heading(span_text("Betrag (€)"), &heading);
	assert_string_equal(heading.currency, "EUR");
	words_heading(span_text("Paid out £"), &heading);
	assert_string_equal(heading.currency, "GBP");
	words_heading(span_text("Amount"), &heading);
	assert_string_equal(heading.currency, "");
	words_heading(span_text("Belopp"), &heading);
	assert_string_equal(heading.language, "sv");
}

static void test_words_flag_knows_both_ways(void **state)
{
	(void)state;
	assert_int_equal(words_flag(span_text("DEBIT")), -1);
	assert_int_equal(words_flag(span_text(" Cr ")), 1);
	assert_int_equal(words_flag(span_text("Bij")), 1);
	assert_int_equal(words_flag(span_text("S")), -1);
	assert_int_equal(words_flag(span_text("-")), -1);
	assert_int_equal(words_flag(span_text("Card")), 0);
	assert_int_equal(words_flag(span_text("")), 0);
}

/* ---- which column is taken ---- */

struct table {
	struct heading headings[16];
	struct column_content content[16];
	char *names[16];
	struct sheet sheet;
	struct columns_input input;
};

/* Splits a line at commas: a test's table needs no quotes. */
static void split(char *line, struct csv_record *record)
{
	*record = (struct csv_record){0};
	for (char *at = line; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
		record->fields[record->n_fields++] = (struct csv_field){
			at, (uint32_t)strcspn(at, ","), CSV_PLAIN};
	}
}

static void table_make(struct table *table, const char *header, const char *row)
{
	static struct csv_record record;
	static char line[512];

	memset(table, 0, sizeof *table);
	snprintf(line, sizeof line, "%s", row);
	split(line, &record);
	content_look(&record, table->content);
	sheet_begin(&table->sheet, table->content, record.n_fields, 0);
	sheet_add(&table->sheet, &record);
	snprintf(line, sizeof line, "%s", header);
	split(line, &record);
	for (uint32_t i = 0; i < record.n_fields; i++) {
		struct span name = span_of(record.fields[i].at, record.fields[i].len);

		words_heading(name, &table->headings[i]);
		table->names[i] = xstrndup(name.at, name.len);
	}
	table->input = (struct columns_input){.headings = table->headings,
					      .content = table->content,
					      .sheet = &table->sheet,
					      .names = table->names,
					      .n = record.n_fields,
					      .n_rows = 1,
					      .header_line = 1};
}

static void table_free(struct table *table)
{
	for (uint32_t i = 0; i < table->input.n; i++)
		free(table->names[i]);
}

static struct columns settle(const char *header, const char *row)
{
	static struct table table;
	struct wish wish = {0};
	struct columns columns;
	struct shape shape;
	struct fault why = {0};

	table_make(&table, header, row);
	assert_int_equal(columns_settle(&table.input, &wish, &columns, &shape, &why), 0);
	table_free(&table);
	return columns;
}

static void test_columns_settle_prefers_booking_to_value_date(void **state)
{
	struct columns columns;

	(void)state;
	columns = settle("Value Date,Date,Amount", "2024-01-02,2024-01-01,1.00");
	assert_int_equal(columns.date, 1);
	assert_int_equal(columns.date_other, 0);
	columns = settle("Value Date,Amount", "2024-01-02,1.00");
	assert_int_equal(columns.date, 0);
}

static void test_columns_settle_looks_at_what_a_column_holds(void **state)
{
	struct columns columns;

	(void)state;
	columns = settle("Datum,Belopp,Valuta", "2024-01-02,1.00,SEK");
	assert_int_equal(columns.currency, 2);
	columns = settle("Date,Amount,Value", "2024-01-02,high,1.00");
	assert_int_equal(columns.amount, 2);
	columns = settle("Date,Amount,Currency,Original Currency", "2024-01-02,1.00,EUR,USD");
	assert_int_equal(columns.currency, 2);
}

static void test_columns_settle_takes_debit_and_credit_together(void **state)
{
	struct columns columns;

	(void)state;
	columns = settle("Date,Text,Montant,Débit,Crédit", "2024-01-02,a,1.00,1.00,");
	assert_int_equal(columns.amount, -1);
	assert_int_equal(columns.debit, 3);
	assert_int_equal(columns.credit, 4);
	assert_int_equal(columns.least, 4);
	columns = settle("Date,Text,Amount,Credit Card", "2024-01-02,a,1.00,1234");
	assert_int_equal(columns.amount, 2);
	assert_int_equal(columns.credit, -1);
}

static void test_columns_settle_says_what_is_missing(void **state)
{
	static struct table table;
	struct wish wish = {0};
	struct columns columns;
	struct shape shape;
	struct fault why = {0};

	(void)state;
	table_make(&table, "Date,Amount,Balance", "x,1.00,2.00");
	assert_int_equal(columns_settle(&table.input, &wish, &columns, &shape, &why), -1);
	assert_string_equal(why.code, "no-date-column");
	assert_int_equal(why.row, 1);
	table_free(&table);
	table_make(&table, "Date,Amount,Text", "2024-01-01,x,y");
	assert_int_equal(columns_settle(&table.input, &wish, &columns, &shape, &why), -1);
	assert_string_equal(why.code, "no-amount-column");
	wish.amount.name = "Total";
	assert_int_equal(columns_settle(&table.input, &wish, &columns, &shape, &why), -1);
	assert_string_equal(why.code, "profile-invalid");
	assert_non_null(strstr(why.text, "amount_column"));
	table_free(&table);
	table_make(&table, "Date,Text,Amount", "2024-01-01,x,-1.00");
	wish = (struct wish){.debit.number = 3, .credit.name = "Amount"};
	assert_int_equal(columns_settle(&table.input, &wish, &columns, &shape, &why), -1);
	assert_string_equal(why.code, "profile-invalid");
	assert_non_null(strstr(why.text, "profile.credit_column"));
	table_free(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_fold_leaves_letters_and_digits),
		cmocka_unit_test(test_words_heading_finds_the_role),
		cmocka_unit_test(test_words_heading_is_not_led_astray),
		cmocka_unit_test(test_words_heading_takes_the_currency_out),
		cmocka_unit_test(test_words_flag_knows_both_ways),
		cmocka_unit_test(test_columns_settle_prefers_booking_to_value_date),
		cmocka_unit_test(test_columns_settle_looks_at_what_a_column_holds),
		cmocka_unit_test(test_columns_settle_takes_debit_and_credit_together),
		cmocka_unit_test(test_columns_settle_says_what_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
