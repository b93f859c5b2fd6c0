/*
 * layout - wire.def as data, for the code that works on any message. Inside wire/ only.
 *
 * Shape    a layout per message: its name, its struct's size, and for each field its name, kind,
 *          maximum and place in the struct.
 * Owns     nothing; layouts are constant.
 */
#ifndef DAYBOOK_WIRE_LAYOUT_H
#define DAYBOOK_WIRE_LAYOUT_H

#include "wire.h"

/* A message map, a list in it, a map in that, and one more for what a newer sender may add. */
#define WIRE_DEPTH_MAX 4

enum wire_kind {
	WIRE_KIND_u32,
	WIRE_KIND_u64,
	WIRE_KIND_i64,
	WIRE_KIND_id,
	WIRE_KIND_str,
	WIRE_KIND_bin,
	WIRE_KIND_list
};

struct wire_field {
	const char *name, *meaning;
	size_t name_len;
	enum wire_kind kind;
	uint32_t max;
	size_t offset, count_offset; /* count_offset: of n_<name>, for a list */
};

struct wire_layout {
	const char *name;
	const struct wire_field *fields;
	int n;
	size_t size;
};

/* Never NULL for a type of WIRE_MESSAGES. */
const struct wire_layout *wire_layout(enum wire_type type);

#endif
