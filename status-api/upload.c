#include "upload.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "blob.h"
#include "clock.h"
#include "crash.h"
#include "form.h"
#include "log.h"
#include "mem.h"
#include "params.h"
#include "preview.h"
#include "server.h"
#include "sniff.h"
#include "submit.h"

#define PARTS_MAX     32
#define POST_BUFFER   4096 /* a part's header must fit */
#define BOUNDARY_MAX  70   /* RFC 2046, 5.1.1 */
#define FILE_NAME_MAX 255
#define SMALL_BYTES   16384 /* wire.def, SUBMIT.upload: such a file goes into the job's record */

enum part { PART_NONE, PART_FIELD, PART_FILE, PART_IGNORED };

struct upload {
	struct request *request;
	struct MHD_PostProcessor *post; /* NULL: the body is the file */
	bool is_form;
	struct form form;
	struct problem problem;
	int parts;
	enum part part; /* which is being read, and its field */
	int field;
	bool part_empty; /* nothing of it has come yet, and this is its name */
	char part_key[32];
	bool has_file, refused; /* refused: its bytes are thrown away from here on */
	char file_name[FILE_NAME_MAX + 1];
	char head[SNIFF_BYTES];
	size_t head_len;
	uint64_t bytes;
	struct buf small; /* the file, as long as it is small */
	struct blob_writer *writer;
	/* once it is complete: */
	bool preview; /* not to become a job */
	struct id job;
	char tenant[NAME_SIZE], company[NAME_SIZE];
	struct buf fields;
	struct blob_hash hash;
	struct fault fault;
};

void upload_free(struct upload **upload)
{
	struct upload *u = *upload;

	*upload = NULL;
	if (u == NULL)
		return;
	if (u->post)
		MHD_destroy_post_processor(u->post);
	blob_abandon(&u->writer);
	form_release(&u->form);
	buf_release(&u->fields);
	buf_release(&u->small);
	free(u);
}

/* ---- the file ---- */

static void file_refuse(struct upload *u)
{
	u->refused = true;
	blob_abandon(&u->writer);
}

static void file_fault(struct upload *u, const struct fault *why)
{
	problem_fault(&u->problem, why);
	file_refuse(u);
}

static void file_check(struct upload *u)
{
	const char *what = sniff_binary(span_of(u->head, u->head_len));

	if (what == NULL || u->refused)
		return;
	problem_set(&u->problem, 415, "file-binary", "The file is no text: it is %s", what);
	problem_hint(&u->problem, "Export the statement as CSV and upload that");
	problem_field(&u->problem, "body", span_text("file"), "file_binary",
		      "File should be CSV text, it is %s", what);
	file_refuse(u);
}

static void file_too_large(struct upload *u, uint64_t max)
{
	problem_set(&u->problem, 413, "file-too-large", "The file has more than %llu bytes",
		    (unsigned long long)max);
	problem_hint(&u->problem, "Split the statement by months, or raise limits.max_bytes");
	problem_field(&u->problem, "body", span_text("file"), "file_too_large",
		      "File should have at most %llu bytes", (unsigned long long)max);
	file_refuse(u);
}

static void file_write(struct upload *u, struct span data)
{
	uint64_t max = u->request->server->config->max_bytes;
	size_t want = sizeof(u->head) - u->head_len;
	struct fault why;

	u->has_file = true;
	u->bytes += data.len;
	if (u->refused || data.len == 0)
		return;
	if (max && u->bytes > max) {
		file_too_large(u, max);
		return;
	}
	if (want) {
		want = data.len < want ? data.len : want;
		memcpy(u->head + u->head_len, data.at, want);
		u->head_len += want;
		if (u->head_len == sizeof(u->head))
			file_check(u);
	}
	if (u->refused)
		return;
	if (u->bytes <= SMALL_BYTES)
		buf_add(&u->small, data.at, data.len);
	else
		buf_release(&u->small);
	if ((u->writer == NULL && blob_start(u->request->server->blobs, &u->writer, &why) != 0) ||
	    blob_write(u->writer, data, &why) != 0)
		file_fault(u, &why);
}

/* Only the last part of a path: some browsers once sent the whole. Never used to name a file. */
static void file_named(struct upload *u, const char *name)
{
	for (const char *at = name; *at; at++) {
		if (*at == '/' || *at == '\\')
			name = at + 1;
	}
	span_copy(span_text(name), u->file_name, sizeof(u->file_name));
}

/* ---- parts of a form ---- */

static void part_begin(struct upload *u, const char *key, const char *file_name)
{
	u->part = PART_IGNORED;
	if (++u->parts > PARTS_MAX) {
		problem_set(&u->problem, 413, "parts-many", "The form has more than %d parts",
			    PARTS_MAX);
		return;
	}
	if (key == NULL) {
		problem_field(&u->problem, "body", span_text(""), "part_name",
			      "Each part should have a name");
		return;
	}
	if (strcmp(key, "file") == 0) {
		if (u->has_file) {
			problem_field(&u->problem, "body", span_text("file"), "given_twice",
				      "One file a request");
			return;
		}
		u->part = PART_FILE;
		u->has_file = true;
		file_named(u, file_name ? file_name : "");
		return;
	}
	u->field = form_begin(&u->form, span_text(key), &u->problem);
	if (u->field >= 0)
		u->part = PART_FIELD;
}

/* libmicrohttpd tells the beginning of a value twice where the network cut it there: first with
 * nothing, then with what follows. An empty value is told once. */
static bool part_is_begun(const struct upload *u, const char *key)
{
	return u->part_empty && key && span_is(span_text(key), u->part_key);
}

static enum MHD_Result part_take(void *cls, enum MHD_ValueKind kind, const char *key,
				 const char *file_name, const char *content_type,
				 const char *transfer_encoding, const char *data, uint64_t off,
				 size_t size)
{
	struct upload *u = cls;

	(void)kind;
	(void)content_type;
	(void)transfer_encoding;
	if (off == 0 && !part_is_begun(u, key))
		part_begin(u, key, file_name);
	u->part_empty = off == 0 && size == 0 && key &&
			span_copy(span_text(key), u->part_key, sizeof(u->part_key)) == 0;
	if (u->part == PART_FILE)
		file_write(u, span_of(data, size));
	else if (u->part == PART_FIELD)
		form_add(&u->form, u->field, span_of(data, size), &u->problem);
	return MHD_YES;
}

/* ---- the body ---- */

static enum MHD_Result query_take(void *cls, enum MHD_ValueKind kind, const char *key,
				  const char *value)
{
	struct upload *u = cls;
	int field = form_begin(&u->form, span_text(key), &u->problem);

	(void)kind;
	if (field >= 0)
		form_add(&u->form, field, span_text(value ? value : ""), &u->problem);
	return MHD_YES;
}

static bool boundary_is_long(const char *type)
{
	const char *boundary = strcasestr(type, "boundary=");

	return boundary && strcspn(boundary + 9, ";, \t\r\n") > BOUNDARY_MAX + 2;
}

static void malformed(struct upload *u)
{
	problem_set(&u->problem, 400, "multipart-malformed",
		    "The form could not be read: its parts are not as its boundary says");
	file_refuse(u);
}

struct upload *upload_new(struct request *r)
{
	struct upload *u = xcalloc(1, sizeof(*u));
	const char *type = request_header(r, "Content-Type");

	u->request = r;
	u->is_form = type && strncasecmp(type, "multipart/form-data", 19) == 0;
	u->form.place = u->is_form ? "body" : "query";
	if (!u->is_form) {
		MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, query_take, u);
		span_copy(r->parts[0], u->file_name, sizeof(u->file_name));
		return u;
	}
	if (!boundary_is_long(type))
		u->post = MHD_create_post_processor(r->connection, POST_BUFFER, part_take, u);
	if (u->post == NULL)
		malformed(u);
	return u;
}

bool upload_receive(struct upload *u, struct span data)
{
	if (!u->is_form)
		file_write(u, data);
	else if (u->post && MHD_post_process(u->post, data.at, data.len) != MHD_YES)
		malformed(u);
	return u->refused;
}

/* ---- complete ---- */

static void check_file(struct upload *u)
{
	if (u->post) {
		enum MHD_Result whole = MHD_destroy_post_processor(u->post);

		u->post = NULL;
		if (whole != MHD_YES)
			malformed(u);
	}
	if (u->problem.status == 400)
		return;
	if (u->form.values[FORM_FILE_NAME].len)
		file_named(u, u->form.values[FORM_FILE_NAME].at);
	file_check(u);
	if (!u->has_file)
		problem_field(&u->problem, "body", span_text("file"), "missing", "Field required");
	else if (u->bytes == 0)
		problem_field(&u->problem, "body", span_text("file"), "file_empty",
			      "File should not be empty");
}

static void put_file(const struct upload *u, struct buf *json, const char *before)
{
	buf_format(json, "%s\"file_name\":", before);
	if (u->file_name[0])
		buf_json_string(json, span_text(u->file_name));
	else
		buf_text(json, "null");
	buf_format(json, ",\"bytes\":%llu", (unsigned long long)u->bytes);
}

static void use_upload(struct request *r)
{
	struct upload *u = r->upload;
	struct buf params = {0}, meta = {0};
	struct submission what = {.job = u->job,
				  .type = "upload-and-categorize",
				  .tenant = u->tenant,
				  .company = u->company,
				  .priority = u->form.priority,
				  .fields = buf_span(&u->fields),
				  .file = &u->hash,
				  .upload = buf_span(&u->small)};

	if (u->preview) {
		preview_ask(r, &what);
		return;
	}
	buf_add(&params, u->fields.at, u->fields.len);
	put_file(u, &params, ",");
	put_file(u, &meta, "{");
	buf_char(&meta, '}');
	what.params = buf_span(&params);
	what.meta = buf_span(&meta);
	submit_job(r, &what);
	buf_release(&params);
	buf_release(&meta);
}

static void sync_work(struct aside_task *task, void *own)
{
	struct upload *u = ((struct request *)task->asker)->upload;

	(void)own;
	crash_at("api.blob.before");
	if (blob_finish(&u->writer, u->job, &u->hash, NULL, &u->fault) == 0)
		u->fault.class = FAULT_NONE;
	crash_at("api.blob.after");
}

static void sync_done(struct aside_task *task)
{
	struct request *r = task->asker;

	if (r->upload->fault.class != FAULT_NONE)
		request_fault(r, &r->upload->fault);
	else
		use_upload(r);
}

/* A small file is on disk with the job's record, in one commit; its own file need not wait, nor
 * need one that is only looked at. */
static void keep_file(struct request *r)
{
	struct upload *u = r->upload;

	u->job = id_new(clock_wall_ms());
	if (u->small.len == 0 && !u->preview) {
		r->task.work = sync_work;
		r->task.done = sync_done;
		aside_run(r->server->disk, &r->task);
	} else if (blob_finish_soon(&u->writer, u->job, &u->hash, &u->fault) == 0) {
		use_upload(r);
	} else {
		request_fault(r, &u->fault);
	}
}

static void upload_check(struct request *r)
{
	struct upload *u = r->upload;

	check_file(u);
	if (u->problem.status != 400) {
		form_check(&u->form, &u->problem, u->tenant, u->company, &u->fields);
		params_idempotency_key(&u->problem, request_header(r, "Idempotency-Key"));
	}
	if (u->problem.status == 0 && !access_may(&r->caller, span_text(u->tenant)))
		problem_set(&u->problem, 404, "tenant-unknown", "There is no such tenant");
	if (u->problem.status) {
		blob_abandon(&u->writer);
		request_problem(r, &u->problem);
		return;
	}
	keep_file(r);
}

void upload_run(struct request *r)
{
	upload_check(r);
}

void upload_preview(struct request *r)
{
	r->upload->preview = true;
	upload_check(r);
}
