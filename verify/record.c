/* record - a job's stored value: a head, the idempotency key, the JOB message in msgpack. */
#include <msgpack.h>
#include <stdlib.h>

#include "mem.h"
#include "verify.h"

/* Places in the head, as broker/jobstore_internal.h lays it out. */
#define FORMAT_AT      0
#define STATUS_AT      1
#define FLAGS_AT       3
#define HASH_AT	       24
#define KEY_LEN_AT     88
#define HEAD_BYTES     96
#define KNOWN_FORMAT   1
#define STATUS_HIGHEST STATUS_CANCELLED
#define FLAG_BEGUN     1
#define FLAG_EFFECTS   2

static const msgpack_object *member(const msgpack_object *map, const char *name)
{
	struct span key;

	for (uint32_t i = 0; map->type == MSGPACK_OBJECT_MAP && i < map->via.map.size; i++) {
		const msgpack_object_kv *pair = &map->via.map.ptr[i];

		key = span_of(pair->key.via.str.ptr, pair->key.via.str.size);
		if (pair->key.type == MSGPACK_OBJECT_STR && span_is(key, name))
			return &pair->val;
	}
	return NULL;
}

static struct span bytes_of(const msgpack_object *map, const char *name)
{
	const msgpack_object *found = member(map, name);

	if (found && found->type == MSGPACK_OBJECT_STR)
		return span_of(found->via.str.ptr, found->via.str.size);
	if (found && found->type == MSGPACK_OBJECT_BIN)
		return span_of(found->via.bin.ptr, found->via.bin.size);
	return span_of("", 0);
}

static uint64_t number_of(const msgpack_object *map, const char *name)
{
	const msgpack_object *found = member(map, name);

	return found && found->type == MSGPACK_OBJECT_POSITIVE_INTEGER ? found->via.u64 : 0;
}

static void read_stages(const msgpack_object *record, struct job *job)
{
	const msgpack_object *stages = member(record, "stages");
	uint64_t first = 0;

	job->stages_sound = job->stages_even = true;
	if (!stages || stages->type != MSGPACK_OBJECT_ARRAY)
		return;
	for (uint32_t i = 0; i < stages->via.array.size; i++) {
		const msgpack_object *stage = &stages->via.array.ptr[i];
		uint64_t done = number_of(stage, "done"), total = number_of(stage, "total");

		job->total = total;
		first = i == 0 ? done : first;
		job->stages_sound = job->stages_sound && (total == 0 || done <= total);
		job->stages_even = job->stages_even && done == first;
	}
}

static int read_message(const msgpack_object *record, struct job *job)
{
	struct span blob = bytes_of(record, "blob"), result = bytes_of(record, "result");

	if (!span_is(bytes_of(record, "wire"), "JOB"))
		return -1;
	span_copy(bytes_of(record, "id"), job->text_id, sizeof(job->text_id));
	span_copy(bytes_of(record, "type"), job->type, sizeof(job->type));
	span_copy(bytes_of(record, "tenant"), job->tenant, sizeof(job->tenant));
	span_copy(bytes_of(record, "company"), job->company, sizeof(job->company));
	span_copy(bytes_of(record, "status"), job->status_text, sizeof(job->status_text));
	job->progress = number_of(record, "progress");
	job->change = number_of(record, "change");
	job->attempt = number_of(record, "attempt");
	job->finished_ms = (int64_t)number_of(record, "finished_ms");
	job->expires_ms = (int64_t)number_of(record, "expires_ms");
	job->has_blob = blob.len == sizeof(job->blob);
	if (job->has_blob)
		memcpy(job->blob, blob.at, blob.len);
	job->result = xstrndup(result.at, result.len);
	read_stages(record, job);
	return 0;
}

int record_read(struct span value, struct job *job, struct span *key)
{
	msgpack_unpacked message;
	uint32_t key_len;
	size_t from;
	int rc = -1;

	if (value.len < HEAD_BYTES || value.at[FORMAT_AT] != KNOWN_FORMAT)
		return -1;
	memcpy(&key_len, value.at + KEY_LEN_AT, sizeof(key_len));
	job->status = (uint8_t)value.at[STATUS_AT];
	job->begun = value.at[FLAGS_AT] & FLAG_BEGUN;
	job->effects = value.at[FLAGS_AT] & FLAG_EFFECTS;
	memcpy(job->context_hash, value.at + HASH_AT, sizeof(job->context_hash));
	if (key_len > value.len - HEAD_BYTES || job->status > STATUS_HIGHEST)
		return -1;
	*key = span_of(value.at + HEAD_BYTES, key_len);
	job->has_key = key_len > 0;
	from = HEAD_BYTES + key_len;
	msgpack_unpacked_init(&message);
	if (msgpack_unpack_next(&message, value.at + from, value.len - from, NULL) ==
	    MSGPACK_UNPACK_SUCCESS)
		rc = read_message(&message.data, job);
	msgpack_unpacked_destroy(&message);
	return rc;
}
