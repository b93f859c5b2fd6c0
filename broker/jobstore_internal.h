/*
 * jobstore_internal - the layout of records, shared by jobstore.c (writing), jobstore_read.c
 * and jobstore_walk.c (lists). Nobody else includes it.
 */
#ifndef DAYBOOK_BROKER_JOBSTORE_INTERNAL_H
#define DAYBOOK_BROKER_JOBSTORE_INTERNAL_H

#include "jobstore.h"
#include "kv.h"
#include "tally.h"

#define STORE_FORMAT 1

enum table {
	T_META,
	T_JOBS,
	T_UNITS,
	T_CONTEXTS,
	T_KEYS,
	T_TENANTS,
	T_CHANGES,
	T_EXPIRY,
	T_UPLOADS,
	T_KEPT,
	T_N
};

struct jobstore {
	struct kv *kv;
	const struct config *config;
	uint64_t commits;
	struct tally tally;
};

/* What the JOB message does not say. Little-endian, as every machine that we run on. */
struct stored_job {
	uint8_t format, status, ending, flags; /* flags: 1 begun, 2 effects begun */
	uint32_t priority, failed_unit;
	uint64_t total;
	uint8_t context_hash[32], fingerprint[32];
	uint32_t key_len;
};

struct stored_unit {
	uint8_t stored, last, start_len, end_len;
	uint32_t source_rows;
	uint64_t first_row, first_line, last_line;
};

/* Counts what is stored into the tally. */
int stored_tally(struct jobstore *store, struct fault *why);
void key_of_idem(struct buf *b, struct span tenant, struct span type, struct span key);
int stored_split(struct span value, struct stored_job *head, struct span *key, struct span *record,
		 struct fault *why);
int stored_job(const struct jobstore *store, struct span key, struct span value, struct job **job,
	       struct fault *why);

static inline struct span id_span(const struct id *id)
{
	return span_of((const char *)id->bytes, ID_BYTES);
}

static inline uint32_t get_u32(const char *at)
{
	const uint8_t *b = (const uint8_t *)at;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static inline uint64_t get_u64(const char *at)
{
	return (uint64_t)get_u32(at) << 32 | get_u32(at + 4);
}

#endif
