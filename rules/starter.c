/*
 * starter - see starter.h. In DATA/starter a set is one blob: its texts, one after the other;
 * beside it stands what was compiled of it (stored.h).
 */
#include "starter.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "log.h"
#include "mem.h"

#define STARTER_FILES_MAX 256
#define STARTER_BYTES_MAX (4 * 1024 * 1024)

struct starter {
	int holders;
	struct rules *rules;
	struct blob_hash hash;
	struct buf
		looks; /* names, sizes and times of the files; empty when it was loaded by hash */
};

static const struct id no_owner = {{0}};

static int is_rules(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && dot && strcmp(dot, ".rules") == 0;
}

/* Names of the files, sorted by their bytes: the order must not depend on a locale. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int list(const char *dir, struct dirent ***entries, struct fault *why)
{
	int n = scandir(dir, entries, is_rules, by_bytes);

	if (n < 0)
		return fault_errno(why, "list the starter rules");
	if (n <= STARTER_FILES_MAX)
		return n;
	for (int i = 0; i < n; i++)
		free((*entries)[i]);
	free(*entries);
	return fault_set(why, FAULT_JOB, "rules-too-large", "%.150s has more than %d files", dir,
			 STARTER_FILES_MAX);
}

static int look(const char *dir, struct dirent **entries, int n, struct buf *looks,
		struct fault *why)
{
	struct stat st;

	for (int i = 0; i < n; i++) {
		char *path = xasprintf("%s/%s", dir, entries[i]->d_name);
		int rc = stat(path, &st);

		free(path);
		if (rc != 0)
			return fault_errno(why, "look at a file of starter rules");
		buf_format(looks, "%s %llu %llu %lld.%ld\n", entries[i]->d_name,
			   (unsigned long long)st.st_ino, (unsigned long long)st.st_size,
			   (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	}
	return 0;
}

static int read_all(int fd, struct buf *text, struct fault *why)
{
	ssize_t n = 0;

	do {
		size_t before = text->len;
		char *to = buf_reserve(text, 65536);

		n = read(fd, to, 65536);
		text->len = before + (n > 0 ? (size_t)n : 0);
	} while (n > 0 && text->len <= STARTER_BYTES_MAX);
	close(fd);
	if (n < 0)
		return fault_errno(why, "read starter rules");
	if (text->len > STARTER_BYTES_MAX)
		return fault_set(why, FAULT_JOB, "rules-too-large",
				 "the starter rules are larger than %d MiB",
				 STARTER_BYTES_MAX / 1024 / 1024);
	return 0;
}

static int compile(const struct rules_source *sources, int n, const char *data,
		   struct starter **out, struct fault *why)
{
	struct rules *rules = NULL;
	int64_t start_ms = clock_ms();
	char *store = xasprintf("%s/starter", data);
	int rc = rules_compile_stored(store, sources, n, &rules, why);

	free(store);
	if (rc != 0)
		return -1;
	*out = xcalloc(1, sizeof **out);
	(*out)->holders = 1;
	(*out)->rules = rules;
	(*out)->hash = rules_hash(sources, n);
	log_debug("%u starter rules compiled in %lld ms", rules_count(rules),
		  (long long)(clock_ms() - start_ms));
	return 0;
}

/* For jobs that go on after an upgrade. */
static void archive(const char *data, const struct starter *starter, struct span text)
{
	char *dir = xasprintf("%s/starter", data);
	struct fault why = {0};
	struct blob_hash hash;
	int fd = -1;

	if (blob_open(dir, starter->hash, no_owner, &fd, &why) == 0)
		close(fd);
	else if (blob_put(dir, text, no_owner, &hash, &why) != 0)
		log_fault(LOG_WARN, "keep the starter rules for running jobs", &why);
	else
		assert(memcmp(&hash, &starter->hash, sizeof hash) == 0);
	free(dir);
}

static int read_files(const char *dir, struct dirent **entries, int n, const char *data,
		      struct starter **out, struct fault *why)
{
	struct rules_source sources[STARTER_FILES_MAX];
	size_t ends[STARTER_FILES_MAX];
	struct buf all = {0};
	int rc = 0;

	for (int i = 0; i < n && rc == 0; i++) {
		char *path = xasprintf("%s/%s", dir, entries[i]->d_name);
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		free(path);
		rc = fd == -1 ? fault_errno(why, "open a file of starter rules")
			      : read_all(fd, &all, why);
		ends[i] = all.len;
		buf_char(&all, '\n'); /* as rules_hash() does */
	}
	for (int i = 0; i < n && rc == 0; i++) {
		size_t start = i == 0 ? 0 : ends[i - 1] + 1;

		sources[i].name = entries[i]->d_name;
		sources[i].text = span_of(all.at + start, ends[i] - start);
	}
	if (rc == 0)
		rc = compile(sources, n, data, out, why);
	if (rc == 0)
		archive(data, *out, buf_span(&all));
	buf_release(&all);
	return rc;
}

static int refresh(struct starter **starter, const char *dir, struct dirent **entries, int n,
		   const char *data, struct fault *why)
{
	struct starter *fresh = NULL;
	struct buf looks = {0};
	struct fault fault = {0};

	if (look(dir, entries, n, &looks, why) != 0)
		goto err;
	if (*starter && span_equal(buf_span(&looks), buf_span(&(*starter)->looks))) {
		buf_release(&looks);
		return 0;
	}
	if (read_files(dir, entries, n, data, &fresh, &fault) != 0) {
		*why = fault;
		if (!*starter)
			goto err;
		log_fault(LOG_ERROR, "the starter rules changed; the ones before stay", &fault);
		fresh = starter_take(*starter);
	}
	buf_release(&fresh->looks);
	fresh->looks = looks;
	starter_give_back(starter);
	*starter = fresh;
	return 0;
err:
	buf_release(&looks);
	return -1;
}

int starter_refresh(struct starter **starter, const char *etc, const char *data, struct fault *why)
{
	char *dir = xasprintf("%s/rules", etc);
	struct dirent **entries = NULL;
	int n = list(dir, &entries, why), rc = -1;

	if (n >= 0) {
		rc = refresh(starter, dir, entries, n, data, why);
		for (int i = 0; i < n; i++)
			free(entries[i]);
		free(entries);
	}
	free(dir);
	return rc;
}

int starter_load(const char *data, struct blob_hash hash, struct starter **starter,
		 struct fault *why)
{
	char *dir = xasprintf("%s/starter", data);
	struct buf text = {0};
	int fd = -1, rc = blob_open(dir, hash, no_owner, &fd, NULL);

	free(dir);
	if (rc != 0) {
		fault_set(why, FAULT_RETRY, "starter-missing",
			  "this machine does not have the starter rules that the job began with");
		return fault_hint(why, "install the same version of daybook on all machines");
	}
	rc = read_all(fd, &text, why);
	if (rc == 0) {
		/* one source, without its last line end, which rules_hash() adds */
		size_t len = text.len > 0 ? text.len - 1 : 0;
		struct rules_source source = {"starter", span_of(text.at, len)};

		rc = compile(&source, text.len > 0 ? 1 : 0, data, starter, why);
	}
	buf_release(&text);
	return rc;
}

struct starter *starter_take(struct starter *starter)
{
	starter->holders++;
	return starter;
}

void starter_give_back(struct starter **out)
{
	struct starter *starter = *out;

	*out = NULL;
	if (!starter || --starter->holders > 0)
		return;
	rules_free(&starter->rules);
	buf_release(&starter->looks);
	free(starter);
}

struct rules *starter_rules(struct starter *starter)
{
	return starter->rules;
}

struct blob_hash starter_hash(const struct starter *starter)
{
	return starter->hash;
}
