#include "apicall.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "datadir.h"
#include "mem.h"

#define CONNECT_TIMEOUT_S 10L
#define REPLY_BYTES_MAX	  (64u * 1024 * 1024) /* a page of a list has far less */
#define STALL_S		  20L		      /* an event stream says a comment each 5 s (API.md) */

struct api {
	CURL *curl;
	char *base;
	char *key_header;
	char error[CURL_ERROR_SIZE];
};

void api_usage(struct api_options *options, struct usage_option table[API_USAGE_MAX])
{
	const struct usage_option all[API_USAGE_MAX] = {
		{USAGE_FLAG, "json", NULL, "print JSON", &options->json},
		{USAGE_TEXT, "url", "URL", "where the API is ($DAYBOOK_URL)", &options->url},
		{USAGE_TEXT, "data", "DIR", "or whose `daybook up` to ask ($DAYBOOK_DATA)",
		 &options->data},
		{USAGE_TEXT, "key-file", "FILE", "holds the API key ($DAYBOOK_API_KEY)",
		 &options->key_file},
		{0},
	};

	memcpy(table, all, sizeof(all));
}

/* ---- where it is ---- */

static int wrong(int status, const char *what, const char *why)
{
	fprintf(stderr, "daybook: %s: %s\n", what, why);
	return status;
}

static char *first_line(const char *path)
{
	char line[512];
	FILE *file = fopen(path, "re");
	bool read = file && fgets(line, sizeof(line), file);

	if (file)
		fclose(file);
	if (!read)
		return NULL;
	line[strcspn(line, "\r\n")] = '\0';
	return xstrdup(line);
}

static int address_of_data(const char *data, char **base)
{
	struct config *config;
	struct fault why = {0};
	char path[DATADIR_PATH_SIZE], *line;

	if (config_load(NULL, data, NULL, &config, &why) != 0)
		return wrong(EX_CONFIG, "configuration", why.text);
	if (datadir_run_path(config->data, "http.port", path) != 0)
		path[0] = '\0';
	line = first_line(path);
	if (!line)
		fprintf(stderr,
			"daybook: nothing runs on %s; start it with: daybook up, or say where it "
			"is "
			"with --url URL\n",
			config->data);
	config_free(&config);
	if (!line)
		return EX_UNAVAILABLE;
	*base = strchr(line, ':') ? xasprintf("http://%s", line)
				  : xasprintf("http://127.0.0.1:%s", line);
	free(line);
	return EX_OK;
}

static int find_address(const struct api_options *options, char **base)
{
	const char *url = options->url ? options->url : getenv("DAYBOOK_URL");

	if (!url || !*url || (options->data && !options->url))
		return address_of_data(options->data ? options->data : getenv("DAYBOOK_DATA"),
				       base);
	*base = xstrdup(url);
	for (size_t len = strlen(*base); len && (*base)[len - 1] == '/'; len--)
		(*base)[len - 1] = '\0';
	return EX_OK;
}

static int find_key(const struct api_options *options, char **header)
{
	const char *key = getenv("DAYBOOK_API_KEY");
	char *line;

	if (!options->key_file) {
		*header = key && *key ? xasprintf("Authorization: Bearer %s", key) : NULL;
		return EX_OK;
	}
	line = first_line(options->key_file);
	if (!line)
		return wrong(EX_NOINPUT, options->key_file, strerror(errno));
	*header = xasprintf("Authorization: Bearer %s", line);
	free(line);
	return EX_OK;
}

int api_open(const struct api_options *options, struct api **api)
{
	struct api *a = xcalloc(1, sizeof(*a));
	int rc = find_address(options, &a->base);

	*api = a;
	if (rc == EX_OK)
		rc = find_key(options, &a->key_header);
	if (rc == EX_OK &&
	    (curl_global_init(CURL_GLOBAL_DEFAULT) != 0 || !(a->curl = curl_easy_init())))
		rc = wrong(EX_SOFTWARE, "HTTP", "libcurl cannot be used");
	if (rc != EX_OK)
		api_close(api);
	return rc;
}

void api_close(struct api **api)
{
	if (!*api)
		return;
	if ((*api)->curl)
		curl_easy_cleanup((*api)->curl);
	free((*api)->base);
	free((*api)->key_header);
	free(*api);
	*api = NULL;
}

static void query_escaped(struct buf *path, const char *name, struct span value)
{
	buf_format(path, "%c%s=", path->at && strchr(path->at, '?') ? '&' : '?', name);
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.at[i];

		if (strchr("-_.~", c) ||
		    (c < 128 && ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'))))
			buf_char(path, (char)c);
		else
			buf_format(path, "%%%02X", c);
	}
}

void api_query(struct buf *path, const char *name, const char *value)
{
	if (value)
		query_escaped(path, name, span_text(value));
}

void api_query_number(struct buf *path, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	api_query(path, name, text);
}

/* ---- requests and replies ---- */

static size_t take_reply(char *bytes, size_t size, size_t n, void *to)
{
	struct buf *reply = to;

	if (reply->len + size * n > REPLY_BYTES_MAX)
		return 0;
	buf_add(reply, bytes, size * n);
	return size * n;
}

static struct curl_slist *prepare(struct api *api, const char *path, const char *idempotency_key)
{
	struct curl_slist *headers = NULL;
	char *url = xasprintf("%s%s", api->base, path);

	curl_easy_reset(api->curl);
	curl_easy_setopt(api->curl, CURLOPT_URL, url);
	curl_easy_setopt(api->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(api->curl, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S);
	curl_easy_setopt(api->curl, CURLOPT_ERRORBUFFER, api->error);
	curl_easy_setopt(api->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(api->curl, CURLOPT_USERAGENT, "daybook/" DAYBOOK_VERSION);
	api->error[0] = '\0';
	free(url);
	if (api->key_header)
		headers = curl_slist_append(headers, api->key_header);
	headers = curl_slist_append(headers, "Expect:");
	if (idempotency_key) {
		char *line = xasprintf("Idempotency-Key: %s", idempotency_key);

		headers = curl_slist_append(headers, line);
		free(line);
	}
	return headers;
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

/* ["body", "limit"] as body.limit */
static void print_place(const json_t *loc)
{
	for (size_t i = 0; i < json_array_size(loc); i++) {
		const json_t *part = json_array_get(loc, i);

		if (json_is_integer(part))
			fprintf(stderr, "%s%lld", i ? "." : "",
				(long long)json_integer_value(part));
		else if (json_is_string(part))
			fprintf(stderr, "%s%s", i ? "." : "", json_string_value(part));
	}
}

static void print_errors(const json_t *errors)
{
	for (size_t i = 0; i < json_array_size(errors); i++) {
		const json_t *error = json_array_get(errors, i);

		fprintf(stderr, "%s", i ? "; " : " (");
		print_place(json_object_get(error, "loc"));
		fprintf(stderr, ": %s", text_of(error, "msg"));
	}
	if (json_array_size(errors))
		fprintf(stderr, ")");
}

static int problem(long status, const json_t *reply)
{
	const char *title = text_of(reply, "title"), *detail = text_of(reply, "detail");

	fprintf(stderr, "daybook: %s", *detail ? detail : *title ? title : "the service refused");
	print_errors(json_object_get(reply, "errors"));
	fprintf(stderr, " [%ld]\n", status);
	return status == 429 || status == 503 || status == 507 ? EX_TEMPFAIL : EXIT_REFUSED;
}

static int perform(struct api *api, struct curl_slist *headers, json_t **reply)
{
	struct buf body = {0};
	long status = 0;
	CURLcode code;

	*reply = NULL;
	curl_easy_setopt(api->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(api->curl, CURLOPT_WRITEFUNCTION, take_reply);
	curl_easy_setopt(api->curl, CURLOPT_WRITEDATA, &body);
	code = curl_easy_perform(api->curl);
	curl_slist_free_all(headers);
	curl_easy_getinfo(api->curl, CURLINFO_RESPONSE_CODE, &status);
	if (body.len)
		*reply = json_loadb(body.at, body.len, JSON_DECODE_ANY, NULL);
	buf_release(&body);
	/* A refusal that came before the whole upload was sent is an answer all the same. */
	if (code != CURLE_OK && status < 400)
		return wrong(EX_UNAVAILABLE, api->base,
			     api->error[0] ? api->error : curl_easy_strerror(code));
	if (status >= 400)
		return problem(status, *reply);
	if (!*reply)
		return wrong(EX_SOFTWARE, api->base, "the answer is not JSON");
	return EX_OK;
}

/* After a refusal nobody wants the reply. */
static int performed(struct api *api, struct curl_slist *headers, json_t **reply)
{
	int rc = perform(api, headers, reply);

	if (rc == EX_OK)
		return rc;
	json_decref(*reply);
	*reply = NULL;
	return rc;
}

int api_put(struct api *api, const char *path, const json_t *body, json_t **reply)
{
	struct curl_slist *headers = prepare(api, path, NULL);
	char *json = json_dumps(body, JSON_COMPACT);
	int rc;

	headers = curl_slist_append(headers, "Content-Type: application/json");
	curl_easy_setopt(api->curl, CURLOPT_CUSTOMREQUEST, "PUT");
	curl_easy_setopt(api->curl, CURLOPT_POSTFIELDS, json ? json : "{}");
	rc = performed(api, headers, reply);
	free(json);
	return rc;
}

struct piece_taker {
	CURL *curl;
	int (*take)(void *arg, struct span piece);
	void *arg;
	struct buf refusal;
};

static size_t take_piece(char *bytes, size_t size, size_t n, void *to)
{
	struct piece_taker *taker = to;
	long status = 0;

	curl_easy_getinfo(taker->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 400) {
		buf_add(&taker->refusal, bytes, size * n);
		return size * n;
	}
	return taker->take(taker->arg, span_of(bytes, size * n)) == 0 ? size * n : 0;
}

int api_stream(struct api *api, const char *path, int (*take)(void *arg, struct span piece),
	       void *arg)
{
	struct piece_taker taker = {.curl = api->curl, .take = take, .arg = arg};
	struct curl_slist *headers = prepare(api, path, NULL);
	json_t *refusal = NULL;
	long status = 0;
	CURLcode code;
	int rc = EX_OK;

	curl_easy_setopt(api->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(api->curl, CURLOPT_WRITEFUNCTION, take_piece);
	curl_easy_setopt(api->curl, CURLOPT_WRITEDATA, &taker);
	code = curl_easy_perform(api->curl);
	curl_slist_free_all(headers);
	curl_easy_getinfo(api->curl, CURLINFO_RESPONSE_CODE, &status);
	if (taker.refusal.len)
		refusal = json_loadb(taker.refusal.at, taker.refusal.len, 0, NULL);
	if (code != CURLE_OK)
		rc = wrong(EX_UNAVAILABLE, api->base,
			   api->error[0] ? api->error : curl_easy_strerror(code));
	else if (status >= 400)
		rc = problem(status, refusal);
	json_decref(refusal);
	buf_release(&taker.refusal);
	return rc;
}

int api_call(struct api *api, const char *path, const json_t *body, const char *idempotency_key,
	     json_t **reply)
{
	struct curl_slist *headers = prepare(api, path, idempotency_key);
	char *json = body ? json_dumps(body, JSON_COMPACT) : NULL;
	int rc;

	if (json) {
		headers = curl_slist_append(headers, "Content-Type: application/json");
		curl_easy_setopt(api->curl, CURLOPT_POSTFIELDS, json);
		curl_easy_setopt(api->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(json));
	}
	rc = performed(api, headers, reply);
	free(json);
	return rc;
}

static int report_sent(void *arg, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
		       curl_off_t up)
{
	const struct api_upload *what = arg;

	(void)down_total;
	(void)down;
	what->sent(what->arg, (uint64_t)up, (uint64_t)up_total);
	return 0;
}

int api_upload(struct api *api, const struct api_upload *what, json_t **reply)
{
	struct curl_slist *headers = prepare(api, what->path, what->idempotency_key);
	curl_mime *form = curl_mime_init(api->curl);
	curl_mimepart *part;
	int rc;

	for (const struct api_field *field = what->fields; field->name; field++) {
		if (!field->value)
			continue;
		part = curl_mime_addpart(form);
		curl_mime_name(part, field->name);
		curl_mime_data(part, field->value, CURL_ZERO_TERMINATED);
	}
	part = curl_mime_addpart(form);
	curl_mime_name(part, "file");
	curl_mime_type(part, "text/csv");
	if (curl_mime_filedata(part, what->file) != CURLE_OK) {
		curl_mime_free(form);
		curl_slist_free_all(headers);
		return wrong(EX_NOINPUT, what->file, strerror(errno));
	}
	curl_easy_setopt(api->curl, CURLOPT_MIMEPOST, form);
	if (what->sent) {
		curl_easy_setopt(api->curl, CURLOPT_NOPROGRESS, 0L);
		curl_easy_setopt(api->curl, CURLOPT_XFERINFOFUNCTION, report_sent);
		curl_easy_setopt(api->curl, CURLOPT_XFERINFODATA, what);
	}
	rc = performed(api, headers, reply);
	curl_mime_free(form);
	return rc;
}

/* ---- Server-Sent Events ---- */

struct stream {
	int (*event)(void *arg, struct span data);
	void *arg;
	struct buf line, data;
	bool ended; /* event() has seen enough */
};

/* One line of the stream: data lines add up, an empty line is the event. Others do not matter. */
static void take_line(struct stream *stream)
{
	struct span line = buf_span(&stream->line);

	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	if (line.len == 0 && stream->data.len) {
		stream->ended = stream->event(stream->arg, buf_span(&stream->data)) != 0;
		buf_clear(&stream->data);
	} else if (line.len >= 5 && memcmp(line.at, "data:", 5) == 0) {
		size_t skip = line.len > 5 && line.at[5] == ' ' ? 6 : 5;

		if (stream->data.len)
			buf_char(&stream->data, '\n');
		buf_add(&stream->data, line.at + skip, line.len - skip);
	}
	buf_clear(&stream->line);
}

static size_t take_stream(char *bytes, size_t size, size_t n, void *to)
{
	struct stream *stream = to;

	for (size_t i = 0; i < size * n && !stream->ended; i++) {
		if (bytes[i] == '\n')
			take_line(stream);
		else
			buf_char(&stream->line, bytes[i]);
		if (stream->line.len + stream->data.len > REPLY_BYTES_MAX)
			return 0;
	}
	return stream->ended ? 0 : size * n;
}

int api_events(struct api *api, const char *path, int (*event)(void *arg, struct span data),
	       void *arg)
{
	struct stream stream = {.event = event, .arg = arg};
	struct curl_slist *headers = prepare(api, path, NULL);
	CURLcode code;

	headers = curl_slist_append(headers, "Accept: text/event-stream");
	curl_easy_setopt(api->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(api->curl, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(api->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(api->curl, CURLOPT_LOW_SPEED_TIME, STALL_S);
	curl_easy_setopt(api->curl, CURLOPT_WRITEFUNCTION, take_stream);
	curl_easy_setopt(api->curl, CURLOPT_WRITEDATA, &stream);
	code = curl_easy_perform(api->curl);
	curl_slist_free_all(headers);
	buf_release(&stream.line);
	buf_release(&stream.data);
	return code == CURLE_OK || stream.ended ? 0 : -1;
}
