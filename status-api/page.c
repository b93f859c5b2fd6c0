#include "page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mem.h"

#define ROOT	 "/dashboard/"
#define HOME	 ROOT "background-jobs"
#define ASSETS	 "assets/"
#define TAG_SIZE 48

/* All that the page loads comes from here, and nothing may frame it or be written into it as
 * script: descriptions in bank files are strangers' text. */
#define POLICY                                                                                     \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "          \
	"connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; "               \
	"frame-ancestors 'none'"

struct page_file {
	const char *name, *type, *tag;
	const char *at, *end;
	const char *packed, *packed_end; /* NULL: packing does not make it smaller */
};

/* Made from web/dist by page.py. */
#include "page.inc"

static const struct page_file *file_find(struct span name)
{
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		if (span_is(name, files[i].name))
			return &files[i];
	}
	return NULL;
}

/* Accept-Encoding: "gzip" or "*" among the codings, unless with q=0 (RFC 9110, 12.5.3). */
static bool takes_gzip(const char *header)
{
	while (header && *header) {
		size_t len = strcspn(header, ","), name = strspn(header, " \t");
		struct span coding = span_of(header + name, strcspn(header + name, " \t;,"));
		const char *q = memchr(header, ';', len);

		if (span_is(coding, "*") ||
		    (coding.len == 4 && strncasecmp(coding.at, "gzip", 4) == 0)) {
			q = q ? strchr(q, '=') : NULL;
			return q == NULL || q > header + len || strtod(q + 1, NULL) > 0;
		}
		header += len + (header[len] == ',');
	}
	return false;
}

static void put_headers(struct MHD_Response *response)
{
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(response, "Content-Security-Policy", POLICY);
	MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
	MHD_add_response_header(response, "X-Frame-Options", "DENY");
}

static struct MHD_Response *content_of(const char *at, const char *end)
{
	return MHD_create_response_from_buffer((size_t)(end - at), (void *)(uintptr_t)at,
					       MHD_RESPMEM_PERSISTENT);
}

static void answer_file(struct request *r, const struct page_file *file, const char *keep)
{
	bool packed = file->packed && takes_gzip(request_header(r, "Accept-Encoding"));
	struct MHD_Response *response;
	char tag[TAG_SIZE];
	bool known;

	snprintf(tag, sizeof(tag), "\"%s%s\"", file->tag, packed ? "-gz" : "");
	known = request_has_tag(r, tag);
	if (known)
		response = content_of(file->at, file->at);
	else if (packed)
		response = content_of(file->packed, file->packed_end);
	else
		response = content_of(file->at, file->end);
	if (!known)
		MHD_add_response_header(response, "Content-Type", file->type);
	if (!known && packed)
		MHD_add_response_header(response, "Content-Encoding", "gzip");
	MHD_add_response_header(response, "ETag", tag);
	MHD_add_response_header(response, "Cache-Control", keep);
	MHD_add_response_header(response, "Vary", "Accept-Encoding");
	put_headers(response);
	request_answer(r, known ? 304 : 200, response);
}

void page_home(struct request *r)
{
	static const char none[] = "";
	struct MHD_Response *response = content_of(none, none);

	MHD_add_response_header(response, "Location", HOME);
	MHD_add_response_header(response, "Cache-Control", "no-cache");
	put_headers(response);
	request_answer(r, 302, response);
}

void page_get(struct request *r)
{
	struct span path = span_text(r->path + strlen(ROOT));

	if (path.len == 0)
		page_home(r);
	else if (strncmp(path.at, ASSETS, strlen(ASSETS)) != 0)
		answer_file(r, file_find(span_text("index.html")), "no-cache");
	else if (file_find(path))
		answer_file(r, file_find(path), "public, max-age=31536000, immutable");
	else
		request_refuse(r, 404, "not-found", "The page has no such file");
}
