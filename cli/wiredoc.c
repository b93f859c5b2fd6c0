#include "wiredoc.h"

#include "payload.h"
#include "wire.h"

static int fill_word(struct span word, struct buf *out, uint64_t *shown, struct fault *why)
{
	enum wire_type type = wire_type_of(word);

	if (type != WIRE_NONE) {
		wire_describe_message(out, type);
		*shown |= UINT64_C(1) << type;
		out->len--; /* the template has the line's end */
		return 0;
	}
	if (span_is(word, "columns")) {
		payload_describe(out);
		out->len--;
	} else if (span_is(word, "protocol")) {
		buf_format(out, "%d", WIRE_PROTOCOL);
	} else if (span_is(word, "frame_max")) {
		buf_format(out, "%d", WIRE_FRAME_MAX);
	} else if (span_is(word, "rows_max")) {
		buf_format(out, "%d", ROWS_MAX);
	} else {
		return fault_set(why, FAULT_INPUT, "wiredoc-word",
				 "{{%.*s}} is no message and no known word", SPAN_ARG(word));
	}
	return 0;
}

static int check_shown(uint64_t shown, struct fault *why)
{
#define SHOWN(NAME, name)                                                                          \
	if (!(shown >> WIRE_##NAME & 1))                                                           \
		return fault_set(why, FAULT_INPUT, "wiredoc-message",                              \
				 "the template does not show {{" #NAME "}}");
	WIRE_MESSAGES(SHOWN)
	return 0;
}

int wiredoc_fill(struct span template, struct buf *out, struct fault *why)
{
	uint64_t shown = 0;
	struct span rest = template;

	while (rest.len > 0) {
		const char *open = memmem(rest.at, rest.len, "{{", 2);
		const char *close = open ? memmem(open, (size_t)(rest.at + rest.len - open), "}}",
						  2)
					 : NULL;

		if (!close)
			break;
		buf_add(out, rest.at, (size_t)(open - rest.at));
		if (fill_word(span_of(open + 2, (size_t)(close - open - 2)), out, &shown, why) != 0)
			return -1;
		rest = span_of(close + 2, (size_t)(rest.at + rest.len - close - 2));
	}
	buf_add(out, rest.at, rest.len);
	return check_shown(shown, why);
}
