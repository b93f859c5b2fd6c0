#include "direction.h"

#include <stdlib.h>

#include "balance.h"
#include "kind.h"
#include "mem.h"

#define UNSIGNED_MANY  3    /* so many deposits and no payment are no longer likely */
#define FLAGS_LEAST    4    /* rows that bear out a column no heading says to be of flags */
#define LINES_TOLD_MAX 4000 /* of rows in a reading, which every unit loads */

static int refuse_direction(bool both, struct fault *why)
{
	fault_set(why, FAULT_JOB, "sign-unknown", "no amount has a minus, and %s",
		  both ? "the balance goes up and down: the column that says which is not known"
		       : "nothing tells money in from money out");
	return fault_hint(why, "say flag_column, or sign, in profile: amount (all is money in) or "
			       "inverted");
}

/* Does the row's balance follow from its neighbour's, `change` being from the older to it? */
static int direction_of(const struct rows *rows, uint32_t i, int64_t change)
{
	int64_t amount = llabs(rows->amount_minor[i]);

	return amount == 0 || llabs(change) != amount ? 0 : change > 0 ? 1 : -1;
}

static bool has_balance(const struct rows *rows, uint32_t i)
{
	return rows->state[i] == ROW_OK && (rows->flags[i] & ROW_HAS_BALANCE);
}

/* -1, 1, or 0 where the balance does not tell. `up`: the rows above are the younger ones. */
static int sample_direction(const struct rows *rows, uint32_t i, bool up)
{
	uint32_t older = up ? i + 1 : i - 1; /* wraps before the first */

	if (older >= rows->n || !has_balance(rows, i) || !has_balance(rows, older) ||
	    memcmp(&rows->currency[i], &rows->currency[older], sizeof(rows->currency[i])) != 0)
		return 0;
	return direction_of(rows, i, rows->balance_minor[i] - rows->balance_minor[older]);
}

/* Where words are learned from. `up`: the rows above are the younger ones. */
struct lesson {
	int fd;
	struct reading *reading;
	bool up, learned;
	struct rows *rows; /* room */
};

/* Two words, each of which stands beside one direction throughout. */
struct pair {
	struct span word[2];
	int says[2];
	uint32_t known; /* rows whose direction the balance tells */
};

static bool pair_look(struct pair *pair, struct span word, int direction)
{
	int k = 0;

	while (k < 2 && pair->word[k].len > 0 && !span_equal(pair->word[k], word))
		k++;
	if (k == 2 || word.len == 0 || word.len >= FLAG_SIZE ||
	    (direction != 0 && pair->says[k] == -direction))
		return false;
	pair->word[k] = word;
	pair->says[k] = direction != 0 ? direction : pair->says[k];
	pair->known += direction != 0;
	return true;
}

static void learn_words(struct lesson *lesson, int16_t column, const struct pair *pair)
{
	struct reading *reading = lesson->reading;
	bool first = pair->says[0] > 0;

	lesson->learned = true;
	reading->columns.flag = column;
	reading->sign = SIGN_COLUMN;
	reading->sure.sign = SURE_LIKELY;
	span_copy(pair->word[first], reading->flag.out, sizeof(reading->flag.out));
	span_copy(pair->word[!first], reading->flag.in, sizeof(reading->flag.in));
	notes_add(&reading->assumed,
		  "No amount has a minus, and the balance falls where a row has \"%s\": that is "
		  "read as money out, \"%s\" as money in",
		  reading->flag.out, reading->flag.in);
}

/* Do the words of a column say what the balance does? */
static int learn_from(struct lesson *lesson, int16_t column, struct fault *why)
{
	const struct columns *columns = &lesson->reading->columns;
	struct reading probe = *lesson->reading;
	const struct rows *rows = lesson->rows;
	struct pair pair = {.known = 0};
	bool holds = true;

	probe.columns.reference = column; /* that rows have a place for */
	if (balance_sample(lesson->fd, &probe, lesson->rows, why) != 0)
		return -1;
	for (uint32_t i = 0; holds && i < rows->n; i++) {
		if (rows->state[i] == ROW_OK)
			holds = pair_look(&pair, rows_span(rows, rows->reference[i]),
					  sample_direction(rows, i, lesson->up));
	}
	if (holds && pair.says[0] * pair.says[1] == -1 &&
	    ((columns->flag_named && column == columns->flag) || pair.known >= FLAGS_LEAST))
		learn_words(lesson, column, &pair);
	return 0;
}

static bool has_role(const struct columns *columns, int16_t column)
{
	const int16_t roles[] = {columns->date,	   columns->date_other, columns->amount,
				 columns->balance, columns->currency,	columns->fee,
				 columns->status,  columns->booked,	columns->account};

	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		if (roles[i] == column)
			return true;
	}
	for (uint16_t i = 0; i < columns->n_joined; i++) {
		if (columns->text[i] == column)
			return true;
	}
	return false;
}

/* Looks for a column of two words that the balance explains: the flag's first. */
static int learn_flag(struct lesson *lesson, struct fault *why)
{
	const struct reading *reading = lesson->reading;

	if (reading->columns.flag != -1 && learn_from(lesson, reading->columns.flag, why) != 0)
		return -1;
	for (uint32_t i = 0; !lesson->learned && i < reading->n_names; i++) {
		if (!has_role(&reading->columns, (int16_t)i) &&
		    learn_from(lesson, (int16_t)i, why) != 0)
			return -1;
	}
	return 0;
}

/* What is gone through for each row's direction. */
struct walk {
	struct reading *reading;
	bool up;
	bool has_last;
	struct currency currency;
	int64_t balance, amount; /* of the row before */
	uint64_t line;
	int words;
	uint64_t rows;
};

static void walk_put(struct walk *walk, uint64_t line, int direction, int words)
{
	struct reading *reading = walk->reading;

	if (direction == 0)
		direction = words;
	if (direction >= 0)
		lines_add(direction > 0 ? &reading->came_in : &reading->unsure, line);
}

/* Row `i`, and with it the one before it where that is the younger one. */
static void walk_row(struct walk *walk, const struct rows *rows, uint32_t i)
{
	int64_t change = rows->balance_minor[i] - walk->balance;
	int words = kind_direction(rows_span(rows, rows->description[i])), direction = 0;
	bool follows = has_balance(rows, i) && walk->has_last &&
		       memcmp(&rows->currency[i], &walk->currency, sizeof(walk->currency)) == 0;

	/* the oldest row of a new account: nothing stood there before */
	if (!walk->up && walk->rows == 0 && has_balance(rows, i))
		direction = direction_of(rows, i, rows->balance_minor[i]);
	if (follows && llabs(change) == (walk->up ? walk->amount : llabs(rows->amount_minor[i])))
		direction = (change > 0) != walk->up ? 1 : -1;
	walk->rows++;
	if (!walk->up && rows->amount_minor[i] != 0)
		walk_put(walk, rows->line[i], direction, words);
	if (walk->up && walk->amount != 0)
		walk_put(walk, walk->line, direction, walk->words);
	walk->has_last = has_balance(rows, i);
	walk->currency = rows->currency[i];
	walk->balance = rows->balance_minor[i];
	walk->amount = llabs(rows->amount_minor[i]);
	walk->line = rows->line[i];
	walk->words = words;
}

/* Each row of the file. */
static int settle_rows(int fd, struct reading *reading, bool up, struct rows *rows,
		       struct fault *why)
{
	struct reading figures = *reading;
	struct walk walk = {.reading = reading, .up = up};
	struct reader_place at = reading->start;
	bool last = false;

	figures.figures_only = true;
	figures.sign = SIGN_AMOUNT;
	reading->came_in.n = reading->unsure.n = 0;
	while (!last) {
		rows_clear(rows);
		if (reader_unit(&figures, fd, at, NULL, rows, &at, &last, why) != 0)
			return -1;
		for (uint32_t i = 0; i < rows->n; i++) {
			if (rows->state[i] == ROW_OK)
				walk_row(&walk, rows, i);
		}
		if (reading->came_in.n + reading->unsure.n > LINES_TOLD_MAX)
			return refuse_direction(true, why);
	}
	if (up && walk.amount != 0)
		walk_put(&walk, walk.line,
			 !walk.has_last || llabs(walk.balance) != walk.amount ? 0
			 : walk.balance > 0				      ? 1
									      : -1,
			 walk.words);
	if (reading->unsure.n > 1 && reading->unsure.n * 10 > walk.rows)
		return refuse_direction(true, why);
	reading->sign = SIGN_BALANCE;
	return 0;
}

static int refuse_told(const struct reading *reading, struct fault *why)
{
	fault_set(why, FAULT_JOB, "profile-invalid", "profile.sign is balance, and %s",
		  reading->columns.amount == -1 ? "the file has no single amount column"
		  : reading->columns.balance == -1
			  ? "no column is known to be the balance"
			  : "the balance does not follow from the amounts");
	return fault_hint(why, "leave sign out, or say balance_column in profile");
}

int direction_by_balance(int fd, struct reading *reading, struct rows *rows, struct fault *why)
{
	uint32_t hits[2][2], down, up;
	struct reading printed = *reading;

	printed.sign = SIGN_AMOUNT;
	if (reading->columns.amount == -1 || reading->columns.balance == -1)
		return refuse_told(reading, why);
	if (balance_sample(fd, &printed, rows, why) != 0)
		return -1;
	balance_count(rows, hits);
	down = hits[0][0] + hits[0][1];
	up = hits[1][0] + hits[1][1];
	if (down + up == 0)
		return refuse_told(reading, why);
	return settle_rows(fd, reading, up > down, rows, why);
}

/* The balance goes up and down. */
static int settle_mixed(int fd, struct reading *reading, bool up, bool sure, struct rows *rows,
			struct fault *why)
{
	struct lesson lesson = {fd, reading, up, false, rows};

	if (learn_flag(&lesson, why) != 0)
		return -1;
	if (lesson.learned)
		return 0;
	if (!sure)
		return refuse_direction(true, why);
	if (settle_rows(fd, reading, up, rows, why) != 0)
		return -1;
	reading->sure.sign = SURE_LIKELY;
	notes_add(&reading->assumed,
		  "No amount has a minus: what came in and what went out is told "
		  "by the balance of each row");
	return 0;
}

/* In the direction of the file in which most rows follow: all the same way, or now up, now down? */
int direction_settle(int fd, struct reading *reading, struct rows *rows, struct fault *why)
{
	uint32_t hits[2][2], printed, inverted, tried;
	bool way;

	reading->sign = SIGN_AMOUNT;
	if (balance_sample(fd, reading, rows, why) != 0)
		return -1;
	tried = balance_count(rows, hits);
	printed = balance_runs(rows, false);
	inverted = balance_runs(rows, true);
	way = hits[1][0] + hits[1][1] > hits[0][0] + hits[0][1];
	if (hits[way][0] > 0 && hits[way][1] > 0)
		return settle_mixed(fd, reading, way,
				    (hits[way][0] + hits[way][1]) * 10 >= tried * 9, rows, why);
	if (inverted == printed &&
	    (printed > 0 || rows->n >= UNSIGNED_MANY || reading->columns.flag_maybe))
		return refuse_direction(printed > 0, why);
	if (inverted > printed)
		reading->sign = SIGN_INVERTED;
	if (inverted == printed)
		notes_add(&reading->assumed, "No amount has a minus: all are read as money in");
	return 0;
}
