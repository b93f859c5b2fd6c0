/*
 * library - the rules and charts on disk, and what was compiled of them.
 *
 * Shape    ETC/rules/ *.rules by name are the starter rules, the base of every company's set;
 *          DATA/rules/<tenant>/<company>.rules are a company's own; its chart of accounts is
 *          DATA/accounts/<tenant>/<company>.accounts, else ETC/accounts/default.accounts.
 *          A job takes its texts along, but of the starter rules (90 KB) only the hash: the texts
 *          are kept by it in DATA/starter, so that a job that began before an upgrade goes on with
 *          the rules that it began with.
 * Errors   -1 with fault JOB "rules-syntax", "rules-account", "rules-too-large", "chart-syntax",
 *          "chart-too-large", "io"; RETRY "starter-missing": this machine never had those starter
 *          rules (an older or newer installation than the one that began the job).
 * Owns     library_open gives. What library_take lent stays compiled until it is given back; the
 *          LIBRARY_KEPT used last stay longer, for the next job with the same texts.
 */
#ifndef DAYBOOK_RULES_LIBRARY_H
#define DAYBOOK_RULES_LIBRARY_H

#include "buf.h"
#include "rules.h"

#define LIBRARY_KEPT	    32
#define LIBRARY_RULES_BYTES (128 * 1024)
#define LIBRARY_CHART_BYTES (64 * 1024)

struct library;
struct library_set;

/* What a job takes along. */
struct library_texts {
	struct buf rules;    /* the company's own; empty: it has none */
	struct buf accounts; /* its chart */
	struct blob_hash starter;
};

int library_open(const char *etc, const char *data, struct library **library, struct fault *why);
void library_close(struct library **library);

/* Reads a company's texts as they are now, and compiles them so that a fault comes out here, with
 * the file's name. Files that changed are read anew. */
int library_read(struct library *library, struct span tenant, struct span company,
		 struct library_texts *texts, struct fault *why);
void library_texts_release(struct library_texts *texts);

/* A company's rules and chart as they are on disk, compiled or not. */
int library_texts(const struct library *library, struct span tenant, struct span company,
		  struct library_texts *texts, struct fault *why);
/* Replaces a company's `kind`, "rules" or "accounts". */
int library_put(const struct library *library, struct span tenant, struct span company,
		const char *kind, struct span text, struct fault *why);
/* These rules and chart on the starter rules as they are now; to be freed with
 * library_give_back(). */
int library_compile(struct library *library, struct span rules, struct span accounts,
		    struct library_set **set, struct fault *why);

int library_take(struct library *library, struct span rules, struct span accounts,
		 struct blob_hash starter, struct library_set **set, struct fault *why);
struct rules *library_rules(struct library_set *set);
/* Also after library_close(). */
void library_give_back(struct library_set **set);

#endif
