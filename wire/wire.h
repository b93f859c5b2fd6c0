/*
 * wire - messages of the protocol as C structs, and their bytes.
 *
 * Shape    one struct per message of wire.def: struct wire_done {struct id job; uint32_t unit;
 *          ...}.
 *          A decoded message borrows its spans from the bytes it was decoded from.
 * Errors   wire_decode: -1 with fault INPUT "wire-..." for anything that is not exactly one bounded
 *          message: deeper than 4, longer than WIRE_FRAME_MAX, a field over its maximum, of another
 *          type or given twice, an unknown name. Nothing is allocated, and a declared count must
 *          fit into the bytes that are left (wire/cursor.h).
 *          wire_encode: a str is cut at its maximum and made UTF-8; a bin over its maximum is our
 *          own bug.
 * Owns     nothing; wire_encode() appends to the caller's buf.
 */
#ifndef DAYBOOK_WIRE_WIRE_H
#define DAYBOOK_WIRE_WIRE_H

#include "buf.h"
#include "fault.h"
#include "id.h"
#include "wire.def"

#define WIRE_PROTOCOL  1
#define WIRE_FRAME_MAX (256 * 1024) /* docs/ARCHITECTURE.md, Units */
#define WIRE_LIST_MAX  16

enum wire_work_kind { WORK_ROWS, WORK_BEGIN, WORK_FINISH, WORK_WRITE };
enum { WORK_HURRY = 1, WORK_REPLAY = 2 };

enum wire_type {
	WIRE_NONE,
#define WIRE_ENUM(NAME, name) WIRE_##NAME,
	WIRE_MESSAGES(WIRE_ENUM)
#undef WIRE_ENUM
};

#define WIRE_C_u32(name, max) uint32_t name;
#define WIRE_C_u64(name, max) uint64_t name;
#define WIRE_C_i64(name, max) int64_t name;
#define WIRE_C_id(name, max)  struct id name;
#define WIRE_C_str(name, max) struct span name;
#define WIRE_C_bin(name, max) struct span name;
#define WIRE_C_list(name, max)                                                                     \
	struct wire_stage_count name[max];                                                         \
	uint32_t n_##name;
#define WIRE_C(kind, name, max, meaning) WIRE_C_##kind(name, max)

#define WIRE_STRUCT(NAME, name)                                                                    \
	struct wire_##name {                                                                       \
		WIRE_##NAME##_FIELDS(WIRE_C)                                                       \
	};
WIRE_MESSAGES(WIRE_STRUCT)
#undef WIRE_STRUCT

struct wire_msg {
	enum wire_type type;
	union {
#define WIRE_UNION(NAME, name) struct wire_##name name;
		WIRE_MESSAGES(WIRE_UNION)
#undef WIRE_UNION
	};
};

/* "DONE"; "NONE" for what is not a message. */
const char *wire_name(enum wire_type type);
/* Appends the message's bytes. `message` points to the struct of that type. */
void wire_encode(struct buf *out, enum wire_type type, const void *message);
int wire_decode(struct span bytes, struct wire_msg *msg, struct fault *why);
/* One readable line: NAME field=value ...; binary in hex, ids as text, long values cut, fields that
 * are zero left out. */
void wire_dump(struct buf *out, const struct wire_msg *msg);
/* docs/WIRE.md's tables, from wire.def. */
void wire_describe(struct buf *out);
void wire_describe_message(struct buf *out, enum wire_type type);
/* The type called `name`, WIRE_NONE if there is none. */
enum wire_type wire_type_of(struct span name);

#define WIRE_PUT(NAME, name)                                                                       \
	static inline void wire_put_##name(struct buf *out, const struct wire_##name *message)     \
	{                                                                                          \
		wire_encode(out, WIRE_##NAME, message);                                            \
	}
WIRE_MESSAGES(WIRE_PUT)
#undef WIRE_PUT

#endif
