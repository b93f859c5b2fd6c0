#include "books.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FILE_MAX (1024 * 1024)

int books_open(struct books *books, const struct usage *usage, const struct usage_option *own,
	       int argc, char **argv)
{
	struct usage_option shared[API_USAGE_MAX],
		table[USAGE_OPTIONS_MAX] = {
			{USAGE_TEXT, "company", "ID", "whose books (needed)", &books->company},
			{USAGE_TEXT, "tenant", "ID", "whose company (needed)", &books->tenant},
		};
	struct usage whole = *usage;
	int rc;

	for (int i = 0; own && own[i].kind != USAGE_END; i++)
		table[2 + i] = own[i];
	whole.options = table;
	whole.shared = shared;
	api_usage(&books->options, shared);
	rc = usage_read(&whole, argc, argv);
	if (rc != -1)
		return rc;
	if (!books->company || !books->tenant)
		return usage_wrong(usage->command, "--company and --tenant are needed");
	rc = api_open(&books->options, &books->api);
	return rc == EX_OK ? -1 : rc;
}

void books_close(struct books *books)
{
	api_close(&books->api);
}

void books_path(const struct books *books, const char *path, struct buf *out)
{
	buf_clear(out);
	buf_text(out, path);
	api_query(out, "tenant_id", books->tenant);
	api_query(out, "company_id", books->company);
}

int books_get(const struct books *books, const char *path, json_t **reply)
{
	return books_post(books, path, NULL, reply);
}

int books_post(const struct books *books, const char *path, const json_t *body, json_t **reply)
{
	struct buf whole = {0};
	int rc;

	books_path(books, path, &whole);
	rc = api_call(books->api, whole.at, body, NULL, reply);
	buf_release(&whole);
	return rc;
}

int books_put(const struct books *books, const char *path, const json_t *body, json_t **reply)
{
	struct buf whole = {0};
	int rc;

	books_path(books, path, &whole);
	rc = api_put(books->api, whole.at, body, reply);
	buf_release(&whole);
	return rc;
}

int books_read_file(const char *path, struct buf *text)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *file = standard ? stdin : fopen(path, "rb");
	size_t n = 1;

	while (file && n > 0 && text->len <= FILE_MAX) {
		size_t before = text->len;
		char *to = buf_reserve(text, 65536);

		n = fread(to, 1, 65536, file);
		text->len = before + n;
		text->at[text->len] = '\0';
	}
	if (file && !ferror(file) && text->len <= FILE_MAX) {
		if (!standard)
			fclose(file);
		return EX_OK;
	}
	fprintf(stderr, "daybook: %s: %s\n", path,
		file && text->len > FILE_MAX ? "this is too large" : strerror(errno));
	if (file && !standard)
		fclose(file);
	return EX_NOINPUT;
}

const char *books_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}
