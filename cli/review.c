/* review - what waits for a person, merchant by merchant, by keyboard alone. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "books.h"
#include "fold.h"
#include "mem.h"

#define CHOICES_MAX 9 /* one digit each */

struct review {
	struct books books;
	json_t *accounts; /* the chart's */
	char *last_answer;
	long long answered;
};

enum next { NEXT_GROUP, NEXT_SAME, NEXT_QUIT, NEXT_WRONG };

static void help(void)
{
	fputs("  part of an account's name and Enter; a number takes that line of the list\n"
	      "  Enter alone: leave it for later   u: take the last answer back   q: end\n",
	      stderr);
}

static void show(const json_t *group)
{
	fprintf(stderr, "\n%lld x %s  %s %s  %s to %s\n    %s\n",
		(long long)json_integer_value(json_object_get(group, "count")),
		books_text(group, "merchant"), books_text(group, "amount"),
		books_text(group, "currency"), books_text(group, "first_date"),
		books_text(group, "last_date"), books_text(group, "description"));
}

/* ---- accounts by part of their name ---- */

static bool holds(const struct buf *name, const struct buf *part)
{
	return part->len > 0 && memmem(name->at, name->len, part->at, part->len);
}

/* How many match, whatever their case and accents; the first CHOICES_MAX are kept. One that is
 * meant exactly is the only one. */
static int find(const struct review *review, const char *part, const char *found[CHOICES_MAX])
{
	struct buf wanted = {0}, folded = {0};
	bool exact = false;
	int n = 0;

	fold_text(&wanted, span_text(part));
	for (size_t i = 0; !exact && i < json_array_size(review->accounts); i++) {
		const char *name = books_text(json_array_get(review->accounts, i), "name");

		buf_clear(&folded);
		fold_text(&folded, span_text(name));
		exact = strcasecmp(name, part) == 0;
		if (exact)
			n = 0;
		if (holds(&folded, &wanted) && n++ < CHOICES_MAX)
			found[n - 1] = name;
	}
	buf_release(&wanted);
	buf_release(&folded);
	return n;
}

/* ---- answers ---- */

static void print_offer(const json_t *reply)
{
	const json_t *offer = json_object_get(reply, "offer");

	if (json_is_object(offer))
		fprintf(stderr, "    a rule that would do this, and %lld more:\n%s",
			(long long)json_integer_value(json_object_get(offer, "would_change")),
			books_text(offer, "rule"));
}

static int answer(struct review *review, const json_t *group, const char *account)
{
	json_t *body = json_pack("{s:s, s:s, s:s, s:s, s:s}", "account", account, "merchant",
				 books_text(group, "merchant"), "direction",
				 books_text(group, "direction"), "currency",
				 books_text(group, "currency"), "last_entry_id",
				 books_text(group, "last_entry_id"));
	json_t *reply;
	int rc = books_post(&review->books, "/api/transactions/categorize", body, &reply);

	json_decref(body);
	if (rc != EX_OK)
		return rc;
	free(review->last_answer);
	review->last_answer = xstrdup(books_text(reply, "answer_id"));
	review->answered += json_integer_value(json_object_get(reply, "changed"));
	fprintf(stderr, "    %s\n", account);
	print_offer(reply);
	json_decref(reply);
	return EX_OK;
}

static void take_back(struct review *review)
{
	json_t *body = json_object(), *reply;
	struct buf path = {0};

	if (review->last_answer) {
		buf_format(&path, "/api/answers/%s/undo", review->last_answer);
		if (books_post(&review->books, path.at, body, &reply) == EX_OK) {
			review->answered -= json_integer_value(json_object_get(reply, "restored"));
			fprintf(stderr, "    taken back\n");
			json_decref(reply);
		}
		free(review->last_answer);
		review->last_answer = NULL;
	}
	json_decref(body);
	buf_release(&path);
}

/* ---- lines that are typed ---- */

/* False: there are no more. */
static bool read_line(char *line, int size)
{
	fputs("> ", stderr);
	fflush(stderr);
	if (!fgets(line, size, stdin))
		return false;
	line[strcspn(line, "\r\n")] = '\0';
	return true;
}

static enum next take_line(struct review *review, const json_t *group, const char *line,
			   const char *choices[CHOICES_MAX], int *n)
{
	if (strcmp(line, "q") == 0)
		return NEXT_QUIT;
	if (*line == '\0')
		return NEXT_GROUP;
	if (strcmp(line, "u") == 0 || strcmp(line, "?") == 0) {
		*line == 'u' ? take_back(review) : help();
		return NEXT_SAME;
	}
	if (isdigit((unsigned char)line[0]) && line[1] == '\0' && line[0] > '0' &&
	    line[0] - '0' <= *n) {
		choices[0] = choices[line[0] - '1'];
		*n = 1;
	} else {
		*n = find(review, line, choices);
	}
	if (*n == 1)
		return answer(review, group, choices[0]) == EX_OK ? NEXT_GROUP : NEXT_WRONG;
	fprintf(stderr, *n ? "    which of them?\n" : "    no account is called so\n");
	*n = *n > CHOICES_MAX ? CHOICES_MAX : *n;
	for (int i = 0; i < *n; i++)
		fprintf(stderr, "    %d %s\n", i + 1, choices[i]);
	return NEXT_SAME;
}

static enum next ask(struct review *review, const json_t *group)
{
	const char *choices[CHOICES_MAX];
	enum next next = NEXT_SAME;
	char line[256];
	int n = 0;

	show(group);
	while (next == NEXT_SAME || next == NEXT_WRONG) {
		if (!read_line(line, sizeof(line)))
			return NEXT_QUIT;
		next = take_line(review, group, line, choices, &n);
	}
	return next;
}

static int ask_all(struct review *review)
{
	enum next next = NEXT_GROUP;
	const json_t *items;
	json_t *reply;
	int rc = books_get(&review->books,
			   "/api/transactions?status=needs_review&group=merchant&limit=1000",
			   &reply);

	if (rc != EX_OK)
		return rc;
	items = json_object_get(reply, "items");
	fprintf(stderr, "%zu merchants wait. ? for help\n", json_array_size(items));
	for (size_t i = 0; i < json_array_size(items) && next != NEXT_QUIT; i++)
		next = ask(review, json_array_get(items, i));
	fprintf(stderr, "\n");
	printf("%lld transactions answered\n", review->answered);
	json_decref(reply);
	return EX_OK;
}

static int run_review(int argc, char **argv)
{
	struct usage usage = {.command = &COMMAND_REVIEW};
	struct review review = {0};
	json_t *chart;
	int rc = books_open(&review.books, &usage, NULL, argc, argv);

	if (rc != -1)
		return rc;
	rc = books_get(&review.books, "/api/accounts", &chart);
	if (rc == EX_OK) {
		review.accounts = json_object_get(chart, "accounts");
		rc = ask_all(&review);
		json_decref(chart);
	}
	free(review.last_answer);
	books_close(&review.books);
	return rc;
}

const struct command COMMAND_REVIEW = {
	.name = "review",
	.arguments = "--company ID --tenant ID [option ...]",
	.about = "go through what waits for a person, merchant by merchant",
	.run = run_review,
};
