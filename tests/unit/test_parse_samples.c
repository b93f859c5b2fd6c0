/*
 * Real exports of banks, where they are to be had: $DAYBOOK_SHARED/data/bank-csv (by default beside
 * the repository) with the expected reading of each. They are not part of the repository.
 *
 * A file must be read exactly right. Where SOURCES.md says that the file itself leaves something
 * open, that must be told or asked, and the override named there must lead to the expected reading.
 *
 * And csv-torture: files of other people's CSV parsers, with their records as JSON.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "csv.h"
#include "mem.h"
#include "parse_file.h"

static const char *samples(void)
{
	static char path[512];
	const char *shared = getenv("DAYBOOK_SHARED");
	struct stat found;

	snprintf(path, sizeof path, "%s/data", shared ? shared : "../shared");
	return stat(path, &found) == 0 ? path : NULL;
}

static char *read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	char *bytes = xmalloc(1 << 20);

	assert_non_null(file);
	*len = fread(bytes, 1, (1 << 20) - 1, file);
	bytes[*len] = '\0';
	fclose(file);
	return bytes;
}

/* One field of a line of expected/NAME.tsv; the line's rest is left in `line`. */
static struct span next_field(struct span *line, char end)
{
	const char *at = line->len ? memchr(line->at, end, line->len) : NULL;
	size_t len = at ? (size_t)(at - line->at) : line->len;
	struct span field = span_of(line->at, len);

	*line = span_of(line->at + len + (at != NULL), line->len - len - (at != NULL));
	return field;
}

static bool row_matches(const struct rows *rows, uint32_t i, struct span line)
{
	struct span date = next_field(&line, '\t'), minor = next_field(&line, '\t');
	struct span currency = next_field(&line, '\t'), description = next_field(&line, '\t');
	char day[DAY_TEXT_SIZE], amount[32];

	day_text(rows->day[i], day);
	snprintf(amount, sizeof amount, "%lld", (long long)rows->amount_minor[i]);
	return span_is(date, day) && span_is(minor, amount) &&
	       (currency.len == 0 || span_is(currency, rows->currency[i].code)) &&
	       (description.len == 0 ||
		span_equal(description, rows_span(rows, rows->description[i])));
}

/* Line of the expected reading that the rows do not give, from 1; 0 when they give all and nothing
 * else. */
static unsigned first_difference(const struct rows *rows, struct span expected)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < rows->n; i++) {
		if (rows->state[i] == ROW_REJECTED)
			continue;
		n++;
		if (expected.len == 0 || !row_matches(rows, i, next_field(&expected, '\n')))
			return n;
	}
	return expected.len == 0 ? 0 : n + 1;
}

/* The override that SOURCES.md has for a file, as params; NULL when there is none. */
static char *override_of(const char *sources, const char *name)
{
	char heading[300], key[32], value[64];
	const char *at, *end;

	snprintf(heading, sizeof heading, "\n### %s.csv\n", name);
	at = strstr(sources, heading);
	end = at ? strstr(at + 5, "\n### ") : NULL;
	at = at ? strstr(at, "override: ") : NULL;
	if (!at || (end && at > end) || sscanf(at, "override: %31[a-z_]=%63[^\n]", key, value) != 2)
		return NULL;
	if (value[0] >= '0' && value[0] <= '9')
		return xasprintf("{\"profile\": {\"%s\": %s}}", key, value);
	return xasprintf("{\"profile\": {\"%s\": \"%s\"}}", key, value);
}

enum outcome { RIGHT, REFUSED, DIFFERENT };

static enum outcome read_sample(const char *path, const char *wish, struct span expected,
				struct buf *told)
{
	struct fault why = {0};
	struct rows *rows = parse_rows(path, wish, told, &why);
	unsigned difference;

	if (!rows) {
		buf_format(told, "refused: %s", why.code);
		return REFUSED;
	}
	difference = first_difference(rows, expected);
	if (difference > 0)
		buf_format(told, "expected line %u differs", difference);
	rows_free(&rows);
	return difference > 0 ? DIFFERENT : RIGHT;
}

/* Was what the override settles asked or told without it? */
static bool is_doubted(const char *wish, const struct buf *told)
{
	static const struct {
		const char *key, *question, *sentence;
	} doubts[] = {
		{"date_column", "no-date-column", "The date is taken from"},
		{"date_order", "date-order-ambiguous", "tells day from month"},
		{"currency", "currency-unknown", "does not name its currency"},
		{"sign", "sign-unknown", "amounts are read as printed"},
	};

	for (size_t i = 0; i < sizeof doubts / sizeof doubts[0]; i++) {
		if (strstr(wish, doubts[i].key))
			return told->at && (strstr(told->at, doubts[i].question) ||
					    strstr(told->at, doubts[i].sentence));
	}
	return false;
}

/* Returns whether it was read wrong. */
static bool check_sample(const char *folder, const char *name, const char *sources)
{
	char path[1024], expected_path[1024];
	char *wish, *expected;
	struct buf plain = {0}, asked = {0};
	enum outcome first, second = REFUSED;
	bool wrong;
	size_t len;

	snprintf(path, sizeof path, "%s/%s.csv", folder, name);
	snprintf(expected_path, sizeof expected_path, "%s/expected/%s.tsv", folder, name);
	expected = read_file(expected_path, &len);
	wish = override_of(sources, name);
	first = read_sample(path, "{}", span_of(expected, len), &plain);
	if (wish)
		second = read_sample(path, wish, span_of(expected, len), &asked);
	wrong = wish ? second != RIGHT || !is_doubted(wish, &plain) : first != RIGHT;
	printf("%-26s %s\n", name,
	       wrong		  ? "WRONG"
	       : !wish		  ? "read right"
	       : first == RIGHT	  ? "read right, the doubt is told; the override is taken"
	       : first == REFUSED ? "asks; read right when told"
				  : "tells its doubt; read right when told");
	if (wrong)
		printf("%s\n%s\n", plain.at ? plain.at : "", asked.at ? asked.at : "");
	buf_release(&plain);
	buf_release(&asked);
	free(wish);
	free(expected);
	return wrong;
}

static int is_csv(const struct dirent *entry)
{
	const char *end = strrchr(entry->d_name, '.');

	return end && strcmp(end, ".csv") == 0;
}

static void test_parse_samples_are_read_right(void **state)
{
	char folder[560], path[1024];
	struct dirent **entries;
	int n, wrong = 0;
	char *sources;
	size_t len;

	(void)state;
	if (!samples()) {
		printf("skipped: no samples of banks' exports (DAYBOOK_SHARED)\n");
		skip();
	}
	snprintf(folder, sizeof folder, "%s/bank-csv", samples());
	snprintf(path, sizeof path, "%s/SOURCES.md", folder);
	sources = read_file(path, &len);
	n = scandir(folder, &entries, is_csv, alphasort);
	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		*strrchr(entries[i]->d_name, '.') = '\0';
		wrong += check_sample(folder, entries[i]->d_name, sources);
		free(entries[i]);
	}
	free(entries);
	free(sources);
	assert_int_equal(wrong, 0);
}

/* Some copies of newlines_crlf.csv have lost their carriage returns on the way, and its JSON has
 * not: a '\r' is not missed where the whole file has none. */
static bool same_text(struct span text, const char *expected, bool has_cr)
{
	size_t n = 0;

	for (; *expected; expected++) {
		if (*expected == '\r' && !has_cr)
			continue;
		if (n == text.len || text.at[n++] != *expected)
			return false;
	}
	return n == text.len;
}

/* Does the record hold the values of `object`, in the order of `header`'s names? */
static bool record_matches(const struct csv_record *record, const struct csv_record *header,
			   const json_t *object, bool has_cr)
{
	char room[1024], name[128];

	if (record->n_fields != header->n_fields || json_object_size(object) != header->n_fields)
		return false;
	for (uint32_t i = 0; i < header->n_fields; i++) {
		const char *expected;

		span_copy(csv_clean(&header->fields[i], room), name, sizeof name);
		expected = json_string_value(json_object_get(object, name));
		if (!expected || !same_text(csv_clean(&record->fields[i], room), expected, has_cr))
			return false;
	}
	return true;
}

static bool check_torture(const char *folder, const char *name)
{
	static const struct csv_dialect comma = {',', '\n'};
	static struct csv_record header, record;
	char path[1024];
	size_t len, at, row = 0;
	char *bytes;
	json_t *expected;
	bool right = true;

	snprintf(path, sizeof path, "%s/%s.json", folder, name);
	expected = json_load_file(path, 0, NULL);
	assert_non_null(expected);
	snprintf(path, sizeof path, "%s/%s.csv", folder, name);
	bytes = read_file(path, &len);
	assert_true(csv_record(&comma, span_of(bytes, len), true, &header));
	for (at = header.size; at < len && right; at += record.size) {
		assert_true(csv_record(&comma, span_of(bytes + at, len - at), true, &record));
		right = record_matches(&record, &header, json_array_get(expected, row++),
				       memchr(bytes, '\r', len) != NULL);
	}
	right = right && row == json_array_size(expected);
	printf("%-26s %s\n", name, right ? "read right" : "WRONG");
	json_decref(expected);
	free(bytes);
	return right;
}

static void test_csv_torture_is_read_right(void **state)
{
	struct dirent **entries;
	char folder[560];
	int n, wrong = 0;

	(void)state;
	if (!samples()) {
		printf("skipped: no csv-torture (DAYBOOK_SHARED)\n");
		skip();
	}
	snprintf(folder, sizeof folder, "%s/csv-torture", samples());
	n = scandir(folder, &entries, is_csv, alphasort);
	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		*strrchr(entries[i]->d_name, '.') = '\0';
		wrong += !check_torture(folder, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_samples_are_read_right),
		cmocka_unit_test(test_csv_torture_is_read_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
