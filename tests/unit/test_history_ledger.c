/* history on a real person's ledger, in time order: the first year teaches, the rest is asked. The
 * file lies beside the repository; where it is not there the test is skipped. */
#include "unit.h"

#include "history.h"
#include "mem.h"

#define LEDGER	  "data/labelled/beancount-example.tsv"
#define THRESHOLD 800000
#define BINS	  10
#define ROWS	  2000

struct line {
	char year[5], payee[64], text[160], label[64];
	long minor;
};

static struct line *lines;
static int n_lines;

static int load(void **state)
{
	const char *shared = getenv("DAYBOOK_SHARED");
	char path[512], row[1024];
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s/%s", shared ? shared : "../shared", LEDGER);
	file = fopen(path, "r");
	if (!file)
		return 0;
	lines = xcalloc(ROWS, sizeof(*lines));
	while (n_lines < ROWS && fgets(row, sizeof(row), file)) {
		char *field[7], *at = row;
		struct line *line = &lines[n_lines];

		row[strcspn(row, "\r\n")] = '\0';
		for (int i = 0; i < 7; i++)
			field[i] = at ? strsep(&at, "\t") : "";
		if (field[0][0] != '1' && field[0][0] != '2')
			continue; /* the header */
		snprintf(line->year, sizeof(line->year), "%.4s", field[0]);
		snprintf(line->payee, sizeof(line->payee), "%s", field[1]);
		snprintf(line->text, sizeof(line->text), "%s %s", field[1], field[2]);
		snprintf(line->label, sizeof(line->label), "%s", field[6]);
		line->minor = strtol(field[3], NULL, 10);
		n_lines++;
	}
	fclose(file);
	return 0;
}

static int unload(void **state)
{
	(void)state;
	free(lines);
	return 0;
}

static void add(struct rows *rows, const struct line *line)
{
	uint32_t i = rows_add(rows);

	rows->description[i] = rows_text(rows, span_text(line->text));
	rows->amount_minor[i] = line->minor;
	memcpy(rows->currency[i].code, "USD", 4);
	rows->account[i] = rows_text(rows, span_text(line->label));
}

static bool is_first_year(const struct line *line)
{
	return strcmp(line->year, lines[0].year) == 0;
}

static struct history *taught(void)
{
	struct rows *rows = rows_new();
	struct buf text = {0};
	struct history *history;

	for (int i = n_lines - 1; i >= 0; i--) /* newest first */
		if (is_first_year(&lines[i]))
			add(rows, &lines[i]);
	history_pack(rows, HISTORY_BYTES_MAX, &text);
	history = history_read(buf_span(&text));
	buf_release(&text);
	rows_free(&rows);
	return history;
}

/* Plain lookup: the account that the payee had last, in the first year. */
static const char *looked_up(const char *payee)
{
	const char *label = NULL;

	for (int i = 0; i < n_lines && *payee; i++)
		if (is_first_year(&lines[i]) && strcmp(lines[i].payee, payee) == 0)
			label = lines[i].label;
	return label;
}

struct score {
	int asked, answered, right;
};

static void score_add(struct score *score, bool answered, bool right)
{
	score->asked++;
	score->answered += answered;
	score->right += answered && right;
}

static void score_print(const char *name, const struct score *s)
{
	print_message("%-28s %4d asked, %5.1f %% answered, %5.1f %% of those right\n", name,
		      s->asked, 100.0 * s->answered / (s->asked ? s->asked : 1),
		      100.0 * s->right / (s->answered ? s->answered : 1));
}

/* Expected calibration error over everything that it had an opinion on. */
struct bins {
	double n[BINS], right[BINS], sure[BINS];
};

static void bins_add(struct bins *bins, uint32_t ppm, bool right)
{
	int at = ppm >= 1000000 ? BINS - 1 : (int)(ppm / (1000000 / BINS));

	bins->n[at]++;
	bins->right[at] += right;
	bins->sure[at] += ppm / 1e6;
}

static double bins_error(const struct bins *bins)
{
	double n = 0, error = 0;

	for (int i = 0; i < BINS; i++) {
		double gap = bins->sure[i] - bins->right[i];

		n += bins->n[i];
		error += gap < 0 ? -gap : gap;
	}
	return n > 0 ? error / n : 1;
}

static void print_recall(const char *label, const bool *right)
{
	struct score score = {0};

	for (int i = 0; i < n_lines; i++)
		if (!is_first_year(&lines[i]) && strcmp(lines[i].label, label) == 0)
			score_add(&score, right[i], true);
	print_message("  recall %-32s %3d of %3d\n", label, score.answered, score.asked);
}

static void print_recalls(const bool *right)
{
	for (int i = 0; i < n_lines; i++) {
		int first = 0;

		while (first < i && strcmp(lines[first].label, lines[i].label) != 0)
			first++;
		if (first == i)
			print_recall(lines[i].label, right);
	}
}

static void test_history_decides_two_years_by_the_first(void **state)
{
	struct score all = {0}, unseen = {0}, plain = {0};
	struct bins bins = {0};
	struct history *history;
	bool right[ROWS] = {false};

	(void)state;
	if (!lines) {
		print_message("skipped: no %s beside the repository\n", LEDGER);
		skip();
	}
	history = taught();
	for (int i = 0; i < n_lines; i++) {
		const char *label = looked_up(lines[i].payee);
		struct rows *rows = rows_new();
		struct history_guess guess;

		if (!is_first_year(&lines[i])) {
			add(rows, &lines[i]);
			guess = history_guess(history, rows, 0);
			right[i] = guess.confidence_ppm >= THRESHOLD &&
				   span_is(guess.account, lines[i].label);
			score_add(&all, guess.confidence_ppm >= THRESHOLD, right[i]);
			score_add(&plain, label != NULL,
				  label && span_is(span_text(label), lines[i].label));
			if (!label)
				score_add(&unseen, guess.confidence_ppm >= THRESHOLD, right[i]);
			if (guess.account.len)
				bins_add(&bins, guess.confidence_ppm,
					 span_is(guess.account, lines[i].label));
		}
		rows_free(&rows);
	}
	score_print("history", &all);
	score_print("history, payee never seen", &unseen);
	score_print("plain lookup of the payee", &plain);
	print_message("calibration error %.3f\n", bins_error(&bins));
	print_recalls(right);
	history_free(&history);
	assert_true(all.right >= 0.98 * all.answered);
	assert_true(all.answered >= 0.95 * all.asked);
	assert_true(bins_error(&bins) <= 0.05);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_history_decides_two_years_by_the_first),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
