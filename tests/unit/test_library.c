/* library: a company's rules and chart on disk, and jobs that outlive a change of them. */
#include "unit.h"

#include <glob.h>
#include <sys/stat.h>

#include "library.h"

struct place {
	char dir[UNIT_PATH];
	char etc[300], data[300];
};

static void put(const struct place *place, const char *path, const char *text)
{
	char full[400];

	snprintf(full, sizeof full, "%s/%s", place->dir, path);
	for (char *slash = full + strlen(place->dir) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(full, 0700);
		*slash = '/';
	}
	FILE *file = fopen(full, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	fclose(file);
}

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof *place);

	unit_mkdir(place->dir);
	snprintf(place->etc, sizeof place->etc, "%s/etc", place->dir);
	snprintf(place->data, sizeof place->data, "%s/data", place->dir);
	put(place, "data/x", "");
	put(place, "etc/accounts/default.accounts", "Expenses:Food ; eat\nExpenses:Fun\n");
	put(place, "etc/rules/10-a.rules",
	    "rule Food if description contains \"food\" then account Expenses:Food\n");
	put(place, "etc/rules/20-b.rules",
	    "rule Fun if description contains \"fun\" then account Expenses:Fun");
	put(place, "etc/rules/README.md", "not rules");
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;

	unit_rmdir(place->dir);
	free(place);
	return 0;
}

static struct library *open_library(const struct place *place)
{
	struct library *library = NULL;
	struct fault why = {0};

	if (library_open(place->etc, place->data, &library, &why) != 0)
		fail_msg("%s: %s", why.code, why.text);
	return library;
}

static const char *decide(struct library *library, const struct library_texts *texts,
			  const char *description)
{
	static char account[100];
	struct library_set *set = NULL;
	struct rows *rows = rows_new();
	struct fault why = {0};

	rows_add(rows);
	rows->description[0] = rows_text(rows, span_text(description));
	if (library_take(library, buf_span(&texts->rules), buf_span(&texts->accounts),
			 texts->starter, &set, &why) != 0)
		fail_msg("%s: %s", why.code, why.text);
	rules_apply(library_rules(set), rows);
	span_copy(rows_span(rows, rows->account[0]), account, sizeof account);
	library_give_back(&set);
	assert_null(set);
	rows_free(&rows);
	return account;
}

static void read_texts(struct library *library, const char *company, struct library_texts *texts)
{
	struct fault why = {0};

	if (library_read(library, span_text("t1"), span_text(company), texts, &why) != 0)
		fail_msg("%s: %s (%s)", why.code, why.text, why.hint);
}

static void test_library_gives_starter_rules_and_default_chart(void **state)
{
	struct library *library = open_library(*state);
	struct library_texts texts;

	read_texts(library, "acme", &texts);
	assert_int_equal(texts.rules.len, 0);
	assert_string_equal(texts.accounts.at, "Expenses:Food ; eat\nExpenses:Fun\n");
	assert_string_equal(decide(library, &texts, "FOOD"), "Expenses:Food");
	assert_string_equal(decide(library, &texts, "fun"), "Expenses:Fun");
	library_texts_release(&texts);
	library_close(&library);
	assert_null(library);
}

static void test_library_company_rules_come_first_and_its_chart_counts(void **state)
{
	struct library *library = open_library(*state);
	struct library_texts texts, other;

	put(*state, "data/rules/t1/acme.rules",
	    "rule Mine if description contains \"fun food\" then account Expenses:Party\n");
	put(*state, "data/accounts/t1/acme.accounts", "Expenses:Party\nExpenses:Food\n");
	read_texts(library, "acme", &texts);
	read_texts(library, "other", &other);
	assert_string_equal(decide(library, &texts, "fun food"), "Expenses:Party");
	assert_string_equal(decide(library, &texts, "food"), "Expenses:Food");
	assert_string_equal(decide(library, &texts, "fun"), "");
	assert_string_equal(decide(library, &other, "fun food"), "Expenses:Food");
	library_texts_release(&texts);
	library_texts_release(&other);
	library_close(&library);
}

static void test_library_faults_name_the_company_s_file(void **state)
{
	struct library *library = open_library(*state);
	struct library_texts texts;
	struct fault why = {0};

	put(*state, "data/rules/t1/acme.rules", "rule Mine\nif oops");
	assert_int_equal(library_read(library, span_text("t1"), span_text("acme"), &texts, &why),
			 -1);
	assert_string_equal(why.code, "rules-syntax");
	assert_non_null(strstr(why.text, "acme.rules:2:"));
	put(*state, "data/rules/t1/acme.rules",
	    "rule Mine if direction in then account Expenses:Elsewhere");
	assert_int_equal(library_read(library, span_text("t1"), span_text("acme"), &texts, &why),
			 -1);
	assert_string_equal(why.code, "rules-account");
	put(*state, "data/rules/t1/acme.rules", "");
	put(*state, "data/accounts/t1/acme.accounts", "\n\nFun\n");
	assert_int_equal(library_read(library, span_text("t1"), span_text("acme"), &texts, &why),
			 -1);
	assert_string_equal(why.code, "chart-syntax");
	assert_int_equal(why.row, 3);
	library_close(&library);
}

static void test_library_refuses_what_is_too_large_and_names_that_are_paths(void **state)
{
	const struct place *place = *state;
	struct library *library = open_library(place);
	struct library_texts texts;
	struct fault why = {0};
	struct buf large = {0};

	while (large.len <= LIBRARY_RULES_BYTES)
		buf_text(&large,
			 "# a comment of some length, again and again and again and again\n");
	put(place, "data/rules/t1/acme.rules", large.at);
	assert_int_equal(library_read(library, span_text("t1"), span_text("acme"), &texts, &why),
			 -1);
	assert_string_equal(why.code, "rules-too-large");
	buf_release(&large);
	/* would be data/rules/../rules/t1/acme.rules */
	assert_int_equal(
		library_read(library, span_text("../rules/t1"), span_text("acme"), &texts, &why),
		0);
	assert_int_equal(texts.rules.len, 0);
	library_texts_release(&texts);
	library_close(&library);
}

static void test_library_jobs_keep_the_rules_they_began_with(void **state)
{
	const struct place *place = *state;
	struct library *library = open_library(place), *after;
	struct library_texts before, now;

	put(place, "data/rules/t1/acme.rules",
	    "rule Mine if description contains \"fun\" then account Expenses:Food\n");
	read_texts(library, "acme", &before);
	put(place, "data/rules/t1/acme.rules", "");
	put(place, "etc/rules/10-a.rules",
	    "rule Food if description contains \"meal\" then account Expenses:Food\n");
	read_texts(library, "acme", &now);
	assert_string_equal(decide(library, &now, "food"), "");
	assert_string_equal(decide(library, &now, "meal"), "Expenses:Food");
	assert_string_equal(decide(library, &now, "fun"), "Expenses:Fun");
	assert_string_equal(decide(library, &before, "food"), "Expenses:Food");
	assert_string_equal(decide(library, &before, "fun"), "Expenses:Food");
	/* and in a process that started after the change */
	after = open_library(place);
	assert_string_equal(decide(after, &before, "food"), "Expenses:Food");
	assert_string_equal(decide(after, &before, "meal"), "");
	library_texts_release(&before);
	library_texts_release(&now);
	library_close(&library);
	library_close(&after);
}

static void test_library_takes_up_files_that_another_worker_saw_first(void **state)
{
	const struct place *place = *state;
	struct library *first = open_library(place), *second = open_library(place);
	struct library_texts texts;

	put(place, "etc/rules/30-c.rules",
	    "rule Pub if description contains \"pub\" then account Expenses:Fun\n");
	read_texts(first, "acme", &texts);
	assert_string_equal(decide(second, &texts, "pub"), "Expenses:Fun");
	library_texts_release(&texts);
	library_close(&first);
	library_close(&second);
}

static void test_library_keeps_good_starter_rules_when_new_ones_are_faulty(void **state)
{
	const struct place *place = *state;
	struct library *library = open_library(place), *none = NULL;
	struct library_texts texts;
	struct fault why = {0};

	put(place, "etc/rules/10-a.rules", "rule Oops");
	read_texts(library, "acme", &texts);
	assert_string_equal(decide(library, &texts, "food"), "Expenses:Food");
	library_texts_release(&texts);
	library_close(&library);
	assert_int_equal(library_open(place->etc, place->data, &none, &why), -1);
	assert_null(none);
	assert_non_null(strstr(why.text, "10-a.rules:1:"));
}

static void test_library_says_when_starter_rules_are_not_here(void **state)
{
	struct library *library = open_library(*state);
	struct library_set *set = NULL;
	struct blob_hash unknown = {{1, 2, 3}};
	struct fault why = {0};

	assert_int_equal(
		library_take(library, (struct span){0}, (struct span){0}, unknown, &set, &why), -1);
	assert_int_equal(why.class, FAULT_RETRY);
	assert_string_equal(why.code, "starter-missing");
	library_close(&library);
}

/* What was compiled is read back, and made anew when it is damaged. */
static void test_library_starts_from_what_it_compiled_before(void **state)
{
	const struct place *place = *state;
	char pattern[UNIT_PATH + 64];
	glob_t found;

	snprintf(pattern, sizeof pattern,
		 "%s/starter/"
		 "*.hs",
		 place->data);
	for (int round = 0; round < 4; round++) {
		struct library *library = open_library(place);
		struct library_texts texts;
		struct stat st;

		read_texts(library, "acme", &texts);
		assert_string_equal(decide(library, &texts, "a FOOD shop"), "Expenses:Food");
		library_texts_release(&texts);
		library_close(&library);
		assert_int_equal(glob(pattern, 0, NULL, &found), 0);
		assert_int_equal(found.gl_pathc, 1);
		assert_int_equal(stat(found.gl_pathv[0], &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		if (round == 1) /* loses its end */
			assert_int_equal(truncate(found.gl_pathv[0], st.st_size - 8), 0);
		if (round == 2) { /* loses a byte within */
			FILE *file = fopen(found.gl_pathv[0], "r+");

			assert_int_equal(fseek(file, st.st_size / 2, SEEK_SET), 0);
			assert_int_not_equal(fputc('!', file), EOF);
			fclose(file);
		}
		globfree(&found);
	}
}

/* More companies than are kept, some of them lent all the while. */
static void test_library_lends_longer_than_it_keeps(void **state)
{
	struct library *library = open_library(*state);
	struct library_set *lent[LIBRARY_KEPT * 2];
	struct library_texts texts;
	char path[64], text[128];

	for (int i = 0; i < LIBRARY_KEPT * 2; i++) {
		char *company = path + strlen("data/rules/t1/");

		snprintf(path, sizeof path, "data/rules/t1/c%d.rules", i);
		snprintf(text, sizeof text,
			 "rule R if description contains \"c%d\" then account Expenses:Fun\n", i);
		put(*state, path, text);
		*strchr(company, '.') = '\0';
		read_texts(library, company, &texts);
		assert_int_equal(library_take(library, buf_span(&texts.rules),
					      buf_span(&texts.accounts), texts.starter, &lent[i],
					      NULL),
				 0);
		library_texts_release(&texts);
	}
	library_close(&library);
	for (int i = 0; i < LIBRARY_KEPT * 2; i++) {
		assert_int_equal(rules_count(library_rules(lent[i])), 1);
		library_give_back(&lent[i]);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_library_gives_starter_rules_and_default_chart),
		TEST(test_library_company_rules_come_first_and_its_chart_counts),
		TEST(test_library_faults_name_the_company_s_file),
		TEST(test_library_refuses_what_is_too_large_and_names_that_are_paths),
		TEST(test_library_jobs_keep_the_rules_they_began_with),
		TEST(test_library_takes_up_files_that_another_worker_saw_first),
		TEST(test_library_keeps_good_starter_rules_when_new_ones_are_faulty),
		TEST(test_library_says_when_starter_rules_are_not_here),
		TEST(test_library_starts_from_what_it_compiled_before),
		TEST(test_library_lends_longer_than_it_keeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
