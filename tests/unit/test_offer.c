/* Offered rules: whatever a bank writes, the rule that is offered decides what was answered. */
#include <stdlib.h>

#include "fold.h"
#include "mem.h"
#include "rules_one.h"

#define ANSWER "Expenses:Gifts"
#define BANK   "Assets:Bank:Checking"

/* Well-known and made-up merchants, as banks write them. */
static const char *const merchants[] = {
	"7-ELEVEN 123",
	"H&M",
	"T-MOBILEX",
	"AT&T",
	"CO-OP",
	"AT&T *PAYMENT 8004",
	"THE BIG OLD CO-OP GROUP FOOD",
	"SAINSBURY'S S/MKT 2231",
	"McDONALD'S F35462 COLUMBUS OH",
	"AMZN Mktp US*2K3LM0P41",
	"PAYPAL *NETFLIX 35314369001",
	"SQ *BLUE BOTTLE COFFEE",
	"UBER   *TRIP-8YHG2",
	"TST* O'REILLY'S PUB",
	"Dunkin' #330214",
	"ROCK 'N' ROLL BURGER",
	"BARNES & NOBLE #2211",
	"1-800-FLOWERS.COM",
	"24-HOUR FITNESS 00123",
	"3M",
	"3 UK",
	"O2 UK 22",
	"E.ON ENERGIE",
	"E*TRADE",
	"C&A",
	"B&Q 1304",
	"M&S SIMPLY FOOD",
	"P&O",
	"Q8 4411",
	"BP",
	"99",
	"4111 1111 1111 1111",
	"12/03 TESCO 4411 LONDON",
	"POS 1234 REWE SAGT DANKE 5678",
	"T 1234 MOBILE",
	"X",
	"X 1",
	"&",
	"---",
	"",
	"   ",
	"#1234",
	"\"QUOTED\" SHOP",
	"BACK\\SLASH 9",
	"a \"b\\\" c\\",
	"C:\\SHOP\\42",
	"REWE/BERLIN//0815",
	"a|b;c,d",
	"<script>",
	"50% OFF STORE",
	"MÜLLER DROGERIE 77",
	"MUELLER",
	"Müller-Milch",
	"ÅHLÉNS CITY",
	"SØSTRENE GRENE",
	"CAFÉ DE FLORE",
	"L'OCCITANE",
	"D'OR'S",
	"ÇİĞKÖFTE",
	"ŻABKA Z1234",
	"Łódź",
	"STRAßENBAHN",
	"ÆSOP",
	"naïve café",
	"cafe\xcc\x81 nfd",
	"ＦＵＬＬ　ＷＩＤＴＨ　１２３",
	"ﾃﾞﾝｷ ﾀﾞｲ",
	"セブン-イレブン 渋谷店",
	"セブン‐イレブン",
	"東京ガス　１２月分",
	"ローソン123",
	"7-ELEVEN 東京",
	"美团外卖*订单 881",
	"支付宝-饿了么",
	"스타벅스 강남점",
	"ПЯТЁРОЧКА 1234 МОСКВА",
	"Яндекс.Такси",
	"ВкусВилл",
	"ΣΚΛΑΒΕΝΙΤΗΣ",
	"Μασούτης-Αθήνα",
	"שופרסל דיל",
	"كارفور ماركت",
	"خانه‌داری",
	"बिग बाज़ार 221",
	"ร้านเซเว่น อีเลฟเว่น",
	"Ⅷ ROMAN",
	"ﬁne ﬂowers",
	"½ PRICE",
	"①②③ SHOP",
	"🍕 PIZZA",
	"🍕🍔",
	"a\tb\nc",
	"nbsp\xc2\xa0shop",
	"\xff\xfe",
	"broken \xe9t\xe9 shop",
	"x\xcc\x81",
	"12-MAY GARAGE",
	"MON 12 JAN SHOP",
	"MARKS.AND.SPENCER",
	"www.example.com/order?id=1",
	"A.B.C.D.E.F.G.H",
	"A-B-C-D-E-F-G-H",
	"A B C D E F G H",
	"Q7Z8X9",
	"Q 7 Z 8",
	"no.1-shop",
	"shop-1",
	"shop-no-1-and-2",
	"a's1",
	"ab'c's2x",
	"'s",
	"''s's",
	"don't stop",
	"st. john's",
	"rule \"x\" then account",
	"# comment",
	"then skip",
	"0.99¢ STORE",
};

static struct chart *the_chart(void)
{
	struct chart *chart = NULL;

	assert_int_equal(chart_read("chart",
				    span_text(ANSWER "\nExpenses:Home\nAssets:Transfers\n"), &chart,
				    NULL),
			 0);
	return chart;
}

static struct rows *answered(const char *description, int64_t minor, const char *account)
{
	struct rows *rows = rows_new();
	uint32_t i = rows_add(rows);

	rows->description[i] = rows_text(rows, span_text(description));
	rows->bank[i] = rows_text(rows, span_text(BANK));
	rows->account[i] = rows_text(rows, span_text(account));
	rows->amount_minor[i] = minor;
	memcpy(rows->currency[i].code, "USD", CURRENCY_SIZE);
	return rows;
}

/* By what API.md lets a client do: the offered text behind the company's own. */
static void decides_when_added(const char *own, struct span offer, const char *description,
			       int64_t minor)
{
	struct chart *chart = the_chart();
	struct text_fault fault;
	struct buf text = {0};
	struct rules *rules;

	buf_format(&text, "%s\n%.*s", own, SPAN_ARG(offer));
	if (rules_check(buf_span(&text), chart, &fault, 1) != 0)
		fail_msg("%s: %s\n%s", description, fault.fault.text, text.at);
	rules = rules_of_text(text.at);
	if (strcmp(account_of_row(rules, description, minor, "USD", BANK), ANSWER) != 0)
		fail_msg("not decided: %s\n%s", description, text.at);
	rules_free(&rules);
	chart_free(&chart);
	buf_release(&text);
}

/* One letter or digit says nothing. */
static bool has_word(const char *description)
{
	struct buf folded = {0};
	int n = 0;

	fold_text(&folded, span_text(description));
	for (size_t i = 0; i < folded.len; i++)
		n += fold_is_word((uint8_t)folded.at[i]);
	buf_release(&folded);
	return n > 1;
}

/* The offer beside the own rules `own`; NULL: none. The caller frees. */
static char *offer_beside(const char *own, const char *description, int64_t minor)
{
	struct rows *rows = answered(description, minor, ANSWER);
	struct rules *rules = rules_of_text(own), *offered;
	struct buf text = {0};
	char *copy;

	offered = rules_offer(rules, rows, 0, &text);
	copy = offered ? strndup(text.at, text.len) : NULL;
	rules_free(&offered);
	rules_free(&rules);
	rows_free(&rows);
	buf_release(&text);
	return copy;
}

#define HOME "if amount >= 0 then account Expenses:Home\n"

static void test_offer_decides_whatever_the_bank_wrote(void **state)
{
	static const char *const owns[] = {
		"",
		"rule Low priority -3 " HOME,
		"rule Zero " HOME,
		"rule A priority 7 " HOME "rule B priority 999 " HOME,
		"rule Skip priority 50 if amount >= 0 then skip\n",
		"rule Split if amount >= 0 then account " ANSWER " then split 50% Expenses:Home\n",
	};
	static const int64_t amounts[] = {-1250, 1250, 0};
	int offered = 0;

	(void)state;
	for (size_t m = 0; m < ARRAY_LEN(merchants); m++) {
		for (size_t k = 0; k < ARRAY_LEN(owns) * ARRAY_LEN(amounts); k++) {
			const char *own = owns[k / ARRAY_LEN(amounts)];
			int64_t minor = amounts[k % ARRAY_LEN(amounts)];
			char *offer = offer_beside(own, merchants[m], minor);

			if ((offer != NULL) != has_word(merchants[m]))
				fail_msg("%s: offered %s", merchants[m], offer ? offer : "nothing");
			if (offer)
				decides_when_added(own, span_text(offer), merchants[m], minor);
			offered += offer != NULL;
			free(offer);
		}
	}
	assert_true(offered > 1500);
}

/* The same with texts that nobody would think of: pieces of merchants, marks and numbers. */
static void test_offer_decides_for_texts_made_of_pieces(void **state)
{
	static const char *const between[] = {" ", "",	 "-",  "*",   "&",   "'",  "/",	 " 12 ",
					      ".", "\"", "\\", "'s ", " - ", "  ", ", ", "12"};
	uint64_t seed = 5;
	char text[900];

	(void)state;
	for (int round = 0; round < 600; round++) {
		size_t len = 0;

		for (int piece = 0; piece < 1 + round % 6; piece++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			len += (size_t)snprintf(text + len, sizeof text - len, "%s%s",
						merchants[(seed >> 33) % ARRAY_LEN(merchants)],
						between[(seed >> 20) % ARRAY_LEN(between)]);
		}
		char *offer = offer_beside("", text, -1250);

		assert_int_equal(offer != NULL, has_word(text));
		if (offer)
			decides_when_added("", span_text(offer), text, -1250);
		free(offer);
	}
}

static void looks_for(const char *description, const char *text)
{
	char *offer = offer_beside("", description, -100), expected[300];

	snprintf(expected, sizeof expected, "    if description %s\n", text);
	if (!offer || !strstr(offer, expected))
		fail_msg("%s: %s", description, offer ? offer : "nothing");
	free(offer);
}

static void test_offer_keeps_marks_within_a_name(void **state)
{
	(void)state;
	looks_for("7-ELEVEN 123", "has word \"7-eleven\"");
	looks_for("H&M", "has word \"h&m\"");
	looks_for("T-MOBILEX", "has word \"t-mobilex\"");
	looks_for("AT&T 0013", "has word \"at&t\"");
	looks_for("CO-OP GROUP", "has word \"co-op group\"");
	looks_for("THE BIG OLD CO-OP FOOD", "has word \"the big old co-op\"");
	looks_for("12/03 TESCO 4411 LONDON", "has word \"tesco\"");
	looks_for("POS 1234 TESCO 99", "has word \"tesco\"");
	looks_for("CARD PURCHASE 4421 ON 12/03 SHELL", "has word \"shell\"");
	looks_for("POS 1234", "has word \"pos\"");
	looks_for("VISA TESCO 12", "has word \"visa tesco\"");
	looks_for("UBER *TRIP-8YHG2", "has word \"uber *trip\"");
	looks_for("the \"Quoted\" shop", "has word \"the \\\"quoted\\\" shop\"");
	looks_for("MÜLLER", "has word \"müller\"");
	looks_for("T 1234 MOBILE", "has word \"mobile\"");
}

static void test_offer_says_in_which_direction(void **state)
{
	static const struct {
		int64_t minor;
		const char *condition;
	} cases[] = {{-1, "if direction out\n"}, {1, "if direction in\n"}, {0, "if amount 0\n"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *offer = offer_beside("", "QUORVEX", cases[i].minor);

		assert_non_null(offer);
		assert_non_null(strstr(offer, cases[i].condition));
		free(offer);
	}
}

static void test_offer_of_a_very_long_word_looks_for_a_part_of_it(void **state)
{
	char text[900] = "";

	(void)state;
	for (int i = 0; i < 90; i++)
		memcpy(text + (size_t)3 * i, "電", 4);
	char *offer = offer_beside("", text, -100);

	assert_non_null(offer);
	assert_non_null(strstr(offer, "contains"));
	decides_when_added("", span_text(offer), text, -100);
	free(offer);
	memset(text, 'q', 150);
	text[150] = '\0';
	offer = offer_beside("", text, -100);
	assert_non_null(strstr(offer, "has word"));
	decides_when_added("", span_text(offer), text, -100);
	free(offer);
}

static void test_offer_has_a_name_of_its_own(void **state)
{
	struct buf own = {0};

	(void)state;
	buf_text(&own, "");
	for (int i = 0; i < 4; i++) { /* each that is kept is corrected once more */
		char *offer = offer_beside(own.at, "H&M 1", -100);

		assert_non_null(offer);
		decides_when_added(own.at, span_text(offer), "H&M 1", -100);
		buf_format(&own, "%.*sExpenses:Home\n", (int)(strstr(offer, ANSWER) - offer),
			   offer);
		free(offer);
	}
	assert_non_null(strstr(own.at, "rule \"h m out 4\"\n    priority 3\n"));
	buf_release(&own);
}

static void is_none(const char *own, const char *description)
{
	char *offer = offer_beside(own, description, -100);

	assert_null(offer);
	free(offer);
}

static void test_offer_is_none_where_no_rule_can_say_it(void **state)
{
	struct rows *rows = answered("QUORVEX", -100, BANK);
	struct buf text = {0};

	(void)state;
	is_none("rule Top priority 1000 " HOME, "QUORVEX");
	is_none("rule So if amount >= 0 then account " ANSWER "\n", "QUORVEX");
	is_none("", "* X *");
	is_none("", "(no description)");
	assert_null(rules_offer(NULL, rows, 0, &text)); /* the account that it is on */
	rows_free(&rows);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offer_decides_whatever_the_bank_wrote),
		cmocka_unit_test(test_offer_decides_for_texts_made_of_pieces),
		cmocka_unit_test(test_offer_keeps_marks_within_a_name),
		cmocka_unit_test(test_offer_says_in_which_direction),
		cmocka_unit_test(test_offer_of_a_very_long_word_looks_for_a_part_of_it),
		cmocka_unit_test(test_offer_has_a_name_of_its_own),
		cmocka_unit_test(test_offer_is_none_where_no_rule_can_say_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
