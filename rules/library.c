/*
 * library - see library.h.
 */
#include "library.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "file.h"
#include "mem.h"
#include "name.h"
#include "starter.h"

struct library_set {
	struct blob_hash key; /* of own texts, chart and starter rules together */
	struct starter *starter;
	struct rules *rules;
	uint64_t used; /* 0: not in the library any more */
	int lent;
};

struct library {
	char *etc, *data;
	struct starter *starter; /* as it is on disk now */
	struct library_set *kept[LIBRARY_KEPT];
	uint64_t uses;
};

/* ---- files ---- */

/* 1: there is none. */
static int read_text(const char *path, size_t max, const char *too_large, struct buf *text,
		     struct fault *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;

	if (fd == -1)
		return errno == ENOENT ? 1 : fault_errno(why, "open a company's rules or chart");
	do {
		size_t before = text->len;
		char *to = buf_reserve(text, 16384);

		n = read(fd, to, 16384);
		text->len = before + (n > 0 ? (size_t)n : 0);
		text->at[text->len] = '\0';
	} while (n > 0 && text->len <= max);
	close(fd);
	if (n < 0)
		return fault_errno(why, "read a company's rules or chart");
	if (text->len <= max)
		return 0;
	fault_set(why, FAULT_JOB, too_large, "%.150s is larger than %zu KiB", path, max / 1024);
	return fault_hint(why, "leave out what is not needed");
}

static char *company_path(const struct library *library, struct span tenant, struct span company,
			  const char *kind)
{
	if (!name_is_valid(tenant) || !name_is_valid(company))
		return NULL; /* not a file's name */
	return xasprintf("%s/%s/%.*s/%.*s.%s", library->data, kind, SPAN_ARG(tenant),
			 SPAN_ARG(company), kind);
}

static int read_company(const struct library *library, struct span tenant, struct span company,
			struct library_texts *texts, struct fault *why)
{
	char *rules = company_path(library, tenant, company, "rules");
	char *accounts = company_path(library, tenant, company, "accounts");
	char *standard = xasprintf("%s/accounts/default.accounts", library->etc);
	int rc = 0;

	if (rules)
		rc = read_text(rules, LIBRARY_RULES_BYTES, "rules-too-large", &texts->rules, why);
	if (rc >= 0)
		rc = accounts ? read_text(accounts, LIBRARY_CHART_BYTES, "chart-too-large",
					  &texts->accounts, why)
			      : 1;
	if (rc > 0)
		rc = read_text(standard, LIBRARY_CHART_BYTES, "chart-too-large", &texts->accounts,
			       why);
	if (rc > 0)
		rc = fault_set(why, FAULT_JOB, "io", "%.150s is missing", standard);
	free(rules);
	free(accounts);
	free(standard);
	return rc;
}

/* ---- compiled sets ---- */

static void set_drop(struct library_set *set)
{
	if (set->used > 0 || set->lent > 0)
		return;
	rules_free(&set->rules);
	starter_give_back(&set->starter);
	free(set);
}

void library_give_back(struct library_set **set)
{
	if (!*set)
		return;
	(*set)->lent--;
	set_drop(*set);
	*set = NULL;
}

struct rules *library_rules(struct library_set *set)
{
	return set->rules;
}

static struct blob_hash key_of(struct span rules, struct span accounts, struct blob_hash starter)
{
	crypto_generichash_state state;
	struct blob_hash key;

	/* with the first length no text can move into the next unseen */
	crypto_generichash_init(&state, starter.bytes, sizeof starter.bytes, sizeof key.bytes);
	crypto_generichash_update(&state, (const unsigned char *)&rules.len, sizeof rules.len);
	crypto_generichash_update(&state, (const unsigned char *)rules.at, rules.len);
	crypto_generichash_update(&state, (const unsigned char *)accounts.at, accounts.len);
	crypto_generichash_final(&state, key.bytes, sizeof key.bytes);
	return key;
}

static struct library_set *find(struct library *library, const struct blob_hash *key)
{
	for (int i = 0; i < LIBRARY_KEPT; i++) {
		struct library_set *set = library->kept[i];

		if (set && memcmp(&set->key, key, sizeof *key) == 0)
			return set;
	}
	return NULL;
}

static void keep(struct library *library, struct library_set *set)
{
	int place = 0;

	for (int i = 0; i < LIBRARY_KEPT && library->kept[place]; i++)
		if (!library->kept[i] || library->kept[i]->used < library->kept[place]->used)
			place = i;
	if (library->kept[place]) {
		library->kept[place]->used = 0;
		set_drop(library->kept[place]);
	}
	library->kept[place] = set;
}

/* `name` is what a fault in the rules calls them. */
static int compile(struct starter *starter, const char *name, struct span text,
		   struct span accounts, struct library_set **out, struct fault *why)
{
	struct rules_source own = {name, text};
	struct rules *rules = NULL;
	struct chart *chart = NULL;
	char chart_name[80];
	int rc = 0;

	snprintf(chart_name, sizeof chart_name, "%s's chart", name);
	if (chart_read(chart_name, accounts, &chart, why) != 0)
		return -1;
	rc = rules_compile_on(starter_rules(starter), &own, text.len > 0 ? 1 : 0, &rules, why);
	if (rc == 0)
		rc = rules_keep_to(rules, chart, why);
	chart_free(&chart);
	if (rc != 0) {
		rules_free(&rules);
		return -1;
	}
	*out = xcalloc(1, sizeof **out);
	(*out)->rules = rules;
	(*out)->starter = starter_take(starter);
	return 0;
}

/* Finds or compiles; the starter rules stay the caller's. */
static int library_set_of(struct library *library, struct starter *starter, const char *name,
			  const struct library_texts *texts, struct library_set **out,
			  struct fault *why)
{
	struct span rules = buf_span(&texts->rules), accounts = buf_span(&texts->accounts);
	struct blob_hash key = key_of(rules, accounts, texts->starter);
	struct library_set *set = find(library, &key);

	if (!set) {
		if (compile(starter, name, rules, accounts, &set, why) != 0)
			return -1;
		set->key = key;
		set->used = 1;
		keep(library, set);
	}
	set->used = ++library->uses;
	*out = set;
	return 0;
}

static bool is_hash(const struct starter *starter, const struct blob_hash *hash)
{
	struct blob_hash has = starter_hash(starter);

	return memcmp(&has, hash, sizeof has) == 0;
}

int library_take(struct library *library, struct span rules, struct span accounts,
		 struct blob_hash starter, struct library_set **out, struct fault *why)
{
	struct blob_hash key = key_of(rules, accounts, starter);
	struct library_texts texts = {
		{(char *)rules.at, rules.len, 0}, {(char *)accounts.at, accounts.len, 0}, starter};
	struct starter *base = NULL;

	*out = find(library, &key);
	if (*out) {
		(*out)->used = ++library->uses;
		(*out)->lent++;
		return 0;
	}
	if (!is_hash(library->starter, &starter)) {
		struct fault ignored; /* another worker may have seen new files before us */

		starter_refresh(&library->starter, library->etc, library->data, &ignored);
	}
	if (is_hash(library->starter, &starter))
		base = starter_take(library->starter);
	else if (starter_load(library->data, starter, &base, why) != 0)
		return -1;
	int rc = library_set_of(library, base, "the company's rules", &texts, out, why);

	starter_give_back(&base);
	if (rc == 0)
		(*out)->lent++;
	return rc;
}

/* ---- from disk ---- */

int library_read(struct library *library, struct span tenant, struct span company,
		 struct library_texts *texts, struct fault *why)
{
	struct library_set *set = NULL;
	char name[NAME_SIZE + 8];

	*texts = (struct library_texts){0};
	if (starter_refresh(&library->starter, library->etc, library->data, why) != 0)
		return -1;
	texts->starter = starter_hash(library->starter);
	snprintf(name, sizeof name, "%.*s.rules", SPAN_ARG(company));
	if (read_company(library, tenant, company, texts, why) == 0 &&
	    library_set_of(library, library->starter, name, texts, &set, why) == 0)
		return 0;
	library_texts_release(texts);
	return -1;
}

int library_texts(const struct library *library, struct span tenant, struct span company,
		  struct library_texts *texts, struct fault *why)
{
	*texts = (struct library_texts){.starter = starter_hash(library->starter)};
	if (read_company(library, tenant, company, texts, why) == 0)
		return 0;
	library_texts_release(texts);
	return -1;
}

int library_put(const struct library *library, struct span tenant, struct span company,
		const char *kind, struct span text, struct fault *why)
{
	char *path = company_path(library, tenant, company, kind);
	int rc = path ? file_replace(path, text, why)
		      : fault_set(why, FAULT_INPUT, "name", "a tenant or company has a bad name");

	free(path);
	return rc;
}

int library_compile(struct library *library, struct span rules, struct span accounts,
		    struct library_set **set, struct fault *why)
{
	if (starter_refresh(&library->starter, library->etc, library->data, why) != 0)
		return -1;
	if (compile(library->starter, "rules", rules, accounts, set, why) != 0)
		return -1;
	(*set)->lent = 1;
	return 0;
}

void library_texts_release(struct library_texts *texts)
{
	buf_release(&texts->rules);
	buf_release(&texts->accounts);
}

int library_open(const char *etc, const char *data, struct library **out, struct fault *why)
{
	struct library *library = xcalloc(1, sizeof *library);

	library->etc = xstrdup(etc);
	library->data = xstrdup(data);
	*out = library;
	if (starter_refresh(&library->starter, etc, data, why) == 0)
		return 0;
	library_close(out);
	return -1;
}

void library_close(struct library **out)
{
	struct library *library = *out;

	if (!library)
		return;
	for (int i = 0; i < LIBRARY_KEPT; i++) {
		if (!library->kept[i])
			continue;
		library->kept[i]->used = 0;
		set_drop(library->kept[i]);
	}
	starter_give_back(&library->starter);
	free(library->etc);
	free(library->data);
	free(library);
	*out = NULL;
}
