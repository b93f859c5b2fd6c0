/*
 * Golden files: tests/golden/NAME.rows is the reading of NAME.csv; NAME@CASE.rows is another
 * reading of the same file, under the params in its first line ("wish<TAB>{...}"). The form of a
 * reading is that of parse_file.h. DAYBOOK_GOLDEN=write writes what is read now instead of
 * comparing: look at the difference before you keep it.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "mem.h"
#include "parse_file.h"

#define FOLDER "tests/golden"

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	char *bytes = xmalloc(1 << 18);
	size_t len = file ? fread(bytes, 1, (1 << 18) - 1, file) : 0;

	bytes[len] = '\0';
	if (file)
		fclose(file);
	return bytes;
}

/* The params in the first line of a .rows file, as a copy. */
static char *wish_of(const char *expected)
{
	if (strncmp(expected, "wish\t", 5) != 0)
		return xstrdup("{}");
	return xstrndup(expected + 5, strcspn(expected + 5, "\n"));
}

static void write_golden(const char *path, const struct buf *read)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	fwrite(read->at, 1, read->len, file);
	fclose(file);
}

/* Returns whether the reading differs. */
static bool check_golden(const char *name)
{
	const char *mode = getenv("DAYBOOK_GOLDEN");
	char rows_path[512], csv_path[512];
	struct buf read = {0};
	char *expected, *wish;
	bool differs;

	snprintf(rows_path, sizeof rows_path, FOLDER "/%s", name);
	snprintf(csv_path, sizeof csv_path, FOLDER "/%.*s.csv",
		 (int)(strcspn(name, "@") < strcspn(name, ".") ? strcspn(name, "@")
							       : strcspn(name, ".")),
		 name);
	expected = read_file(rows_path);
	wish = wish_of(expected);
	if (strcmp(wish, "{}") != 0)
		buf_format(&read, "wish\t%s\n", wish);
	parse_dump(csv_path, wish, &read);
	buf_text(&read, "");
	differs = strcmp(expected, read.at) != 0;
	if (differs && mode && strcmp(mode, "write") == 0) {
		write_golden(rows_path, &read);
		differs = false;
	}
	if (differs)
		printf("%s\n--- expected\n%s+++ read\n%s", name, expected, read.at);
	buf_release(&read);
	free(wish);
	free(expected);
	return differs;
}

static bool ends_with(const struct dirent *entry, const char *end)
{
	const char *point = strrchr(entry->d_name, '.');

	return point && strcmp(point, end) == 0;
}

static int is_rows(const struct dirent *entry)
{
	return ends_with(entry, ".rows");
}

static int is_csv(const struct dirent *entry)
{
	return ends_with(entry, ".csv");
}

/* Params with the profile that a file's reading shows; NULL where it has none, or something stands
 * above its header: a header that is told begins the file. */
static char *params_shown(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct reading *reading = NULL;
	struct fault why = {0};
	struct buf saved = {0};
	json_t *root, *params;
	char *text = NULL;

	if (reader_detect(fd, span_text("{}"), NULL, NULL, &reading, &why) == 0) {
		reading_save(reading, &saved);
		root = json_loadb(saved.at, saved.len, 0, NULL);
		params = json_pack("{s:O}", "profile", json_object_get(root, "profile"));
		if (json_integer_value(json_object_get(root, "start_line")) >
		    json_integer_value(json_object_get(root, "header_row")))
			text = json_dumps(params, JSON_COMPACT);
		json_decref(params);
		json_decref(root);
	}
	buf_release(&saved);
	reading_free(&reading);
	close(fd);
	return text;
}

/* What is read under these params, without what is said of it. */
static void read_rows(const char *path, const char *params, struct buf *out)
{
	struct fault why = {0};
	struct rows *rows = parse_rows(path, params, NULL, &why);

	if (!rows)
		buf_text(out, why.text);
	for (uint32_t i = 0; rows && i < rows->n; i++)
		parse_dump_row(rows, i, out);
	rows_free(&rows);
}

static bool check_profile(const char *name)
{
	char path[512], *params;
	struct buf found = {0}, told = {0};
	bool differs;

	snprintf(path, sizeof path, FOLDER "/%s", name);
	params = params_shown(path);
	if (!params)
		return false;
	read_rows(path, "{}", &found);
	read_rows(path, params, &told);
	buf_text(&found, "");
	buf_text(&told, "");
	differs = strcmp(found.at, told.at) != 0;
	if (differs)
		printf("%s %s\n--- found\n%s+++ told\n%s", name, params, found.at, told.at);
	buf_release(&found);
	buf_release(&told);
	free(params);
	return differs;
}

static void test_golden_files_read_as_they_should(void **state)
{
	struct dirent **entries;
	int n = scandir(FOLDER, &entries, is_rows, alphasort);
	int differ = 0;

	(void)state;
	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		differ += check_golden(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	assert_int_equal(differ, 0);
}

/* Who takes the profile of one file to the next upload must not find its rows described otherwise,
 * and so twice. */
static void test_golden_profiles_told_back_read_the_same_rows(void **state)
{
	struct dirent **entries;
	int n = scandir(FOLDER, &entries, is_csv, alphasort);
	int differ = 0;

	(void)state;
	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		differ += check_profile(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	assert_int_equal(differ, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden_files_read_as_they_should),
		cmocka_unit_test(test_golden_profiles_told_back_read_the_same_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
