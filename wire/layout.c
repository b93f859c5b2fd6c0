#include "layout.h"

#include <assert.h>
#include <stddef.h>

#include "mem.h"

#define COUNT_u32(name)	 0
#define COUNT_u64(name)	 0
#define COUNT_i64(name)	 0
#define COUNT_id(name)	 0
#define COUNT_str(name)	 0
#define COUNT_bin(name)	 0
#define COUNT_list(name) offsetof(self, n_##name)

#define FIELD(kind, name, max, meaning)                                                            \
	{#name,                                                                                    \
	 meaning,                                                                                  \
	 sizeof #name - 1,                                                                         \
	 WIRE_KIND_##kind,                                                                         \
	 max,                                                                                      \
	 offsetof(self, name),                                                                     \
	 COUNT_##kind(name)},

/* A function each, because the field macros know their struct only by a local name. */
#define LAYOUT(NAME, name)                                                                         \
	static const struct wire_layout *layout_##name(void)                                       \
	{                                                                                          \
		typedef struct wire_##name self;                                                   \
		static const struct wire_field fields[] = {WIRE_##NAME##_FIELDS(FIELD)};           \
		static const struct wire_layout layout = {#NAME, fields, ARRAY_LEN(fields),        \
							  sizeof(self)};                           \
                                                                                                   \
		_Static_assert(ARRAY_LEN(fields) <= 64, "the decoder marks fields in 64 bits");    \
		return &layout;                                                                    \
	}
WIRE_MESSAGES(LAYOUT)

const struct wire_layout *wire_layout(enum wire_type type)
{
	switch (type) {
	case WIRE_NONE:
		break;
#define CASE(NAME, name)                                                                           \
	case WIRE_##NAME:                                                                          \
		return layout_##name();
		WIRE_MESSAGES(CASE)
	}
	assert(!"a type of WIRE_MESSAGES");
	return NULL;
}

enum wire_type wire_type_of(struct span name)
{
#define COMPARE(NAME, name_)                                                                       \
	if (span_equal(name, span_of(#NAME, sizeof #NAME - 1)))                                    \
		return WIRE_##NAME;
	WIRE_MESSAGES(COMPARE)
	return WIRE_NONE;
}

const char *wire_name(enum wire_type type)
{
	return type == WIRE_NONE ? "NONE" : wire_layout(type)->name;
}
