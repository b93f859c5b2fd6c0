/*
 * holder - whose account each row is on, where a column says so.
 *
 * Shape    one export may hold the rows of several accounts; a job books to one. holder_look()
 *          gathers what the column says over the whole file; holder_settle() takes what the
 *          uploader said (profile.own_account: the account whose rows are read, as it stands there;
 *          "*": those of all), and asks where the column names several of one's own: every row has
 *          one, they are few, called by numbers or by words such as "Savings", they are no cards
 *          (one account has several), and the texts beside one of them vary, which they hardly do
 *          beside the account of another side. Where it may be something else, a warning says that
 *          all rows are read.
 * Errors   -1 with fault JOB account-unknown.
 * Owns     nothing.
 */
#ifndef DAYBOOK_PARSE_HOLDER_H
#define DAYBOOK_PARSE_HOLDER_H

#include "columns.h"
#include "reading.h"

#define HOLDERS_MAX 8  /* accounts that somebody has at one bank; more are those of others */
#define HOLDER_SIZE 64 /* of a name, with its NUL */

/* What a column says of whose the rows are; zero-initialised. */
struct holders {
	struct holder {
		char name[HOLDER_SIZE];
		char text[24]; /* the beginning of what its first row is about */
		bool varied;   /* others are about something else */
	} one[HOLDERS_MAX];
	uint32_t n, last;
	uint64_t rows, unnamed;
	bool many; /* more than those */
};

/* The column whose heading says that it names the account; -1: none does. */
int16_t holder_column(const struct columns_input *input);
void holder_look(struct span name, struct span text, struct holders *holders);
/* Is a row, with this in that column, to be read? `own` NULL: all are. */
bool holder_is_ours(const char *own, struct span name);
/* `card`: the headings speak of one. */
int holder_settle(const struct holders *holders, bool card, struct reading *reading,
		  struct fault *why);

#endif
