#include "preview.h"

#include <stdlib.h>

#include "log.h"
#include "mem.h"
#include "request.h"
#include "server.h"

struct preview {
	struct blob_hash file;
	struct id owner;
};

static void preview_free(void *state)
{
	free(state);
}

static void take_answer(struct broker_call *call, const struct wire_msg *msg,
			const struct sock_msg *raw)
{
	struct request *r = call->asker;
	const struct preview *preview = r->state;
	struct buf json = {0};
	struct fault why;

	(void)raw;
	if (blob_delete(r->server->blobs, preview->file, preview->owner, &why) != 0)
		log_fault(LOG_WARN, "a file that was previewed", &why);
	if (msg == NULL || msg->type != WIRE_WRITTEN) {
		request_no_answer(r, msg);
		return;
	}
	buf_add(&json, msg->written.body.at, msg->written.body.len);
	request_json(r, 200, &json);
}

void preview_ask(struct request *r, const struct submission *what)
{
	struct preview *preview = xcalloc(1, sizeof(*preview));
	char hex[BLOB_HASH_TEXT_SIZE];
	struct buf body = {0};
	struct wire_write write = {.id = what->job,
				   .stage = span_text("parse"),
				   .tenant = span_text(what->tenant),
				   .company = span_text(what->company),
				   .verb = span_text("preview")};

	*preview = (struct preview){*what->file, what->job};
	r->state = preview;
	r->state_free = preview_free;
	blob_hash_text(preview->file, hex);
	buf_format(&body, "{\"blob\":\"%s\"", hex);
	buf_add(&body, what->fields.at, what->fields.len);
	buf_char(&body, '}');
	write.body = buf_span(&body);
	request_ask(r, WIRE_WRITE, &write, take_answer);
	buf_release(&body);
}
