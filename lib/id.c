#include "id.h"

#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* Ids of one thread, process and millisecond: the last one plus one. */
struct id_last {
	int64_t ms;
	pid_t pid;
	struct id id;
};

static void id_random(struct id *id)
{
	if (getrandom(id->bytes + 6, 10, 0) != 10)
		abort(); /* cannot happen for 10 bytes once the machine has booted */
	/* Leaves room to count up within the millisecond. */
	id->bytes[6] &= 0x7f;
}

static void id_count_up(struct id *id)
{
	for (int i = ID_BYTES - 1; i >= 6 && ++id->bytes[i] == 0; i--)
		;
}

struct id id_new(int64_t wall_ms)
{
	static _Thread_local struct id_last last;
	pid_t pid = getpid();

	if (last.pid == pid && last.ms == wall_ms) {
		id_count_up(&last.id);
		return last.id;
	}
	last.ms = wall_ms;
	last.pid = pid;
	for (int i = 0; i < 6; i++)
		last.id.bytes[i] = (uint8_t)((uint64_t)wall_ms >> (40 - 8 * i));
	id_random(&last.id);
	return last.id;
}

int64_t id_wall_ms(struct id id)
{
	int64_t ms = 0;

	for (int i = 0; i < 6; i++)
		ms = ms << 8 | id.bytes[i];
	return ms;
}

/* 26 characters of 5 bits are 130 bits: the first character holds only the top 3. */
void id_text(struct id id, char out[ID_TEXT_SIZE])
{
	unsigned __int128 bits = 0;

	for (int i = 0; i < ID_BYTES; i++)
		bits = bits << 8 | id.bytes[i];
	for (int c = 25; c >= 0; c--, bits >>= 5)
		out[c] = alphabet[bits & 31];
	out[26] = '\0';
}

int id_read(struct span text, struct id *id)
{
	unsigned __int128 bits = 0;

	if (text.len != 26)
		return -1;
	for (int c = 0; c < 26; c++) {
		const char *found = text.at[c] ? strchr(alphabet, text.at[c]) : NULL;

		if (!found || (c == 0 && found - alphabet > 7))
			return -1;
		bits = bits << 5 | (unsigned)(found - alphabet);
	}
	for (int i = ID_BYTES - 1; i >= 0; i--, bits >>= 8)
		id->bytes[i] = (uint8_t)bits;
	return 0;
}

void id_job_text(struct id id, char out[ID_JOB_TEXT_SIZE])
{
	memcpy(out, "job_", sizeof "job_");
	id_text(id, out + 4);
}

int id_job_read(struct span text, struct id *id)
{
	if (text.len != ID_JOB_TEXT_SIZE - 1 || memcmp(text.at, "job_", 4) != 0)
		return -1;
	return id_read(span_of(text.at + 4, text.len - 4), id);
}

bool id_is_zero(struct id id)
{
	static const struct id zero;

	return memcmp(id.bytes, zero.bytes, ID_BYTES) == 0;
}

int id_compare(struct id a, struct id b)
{
	return memcmp(a.bytes, b.bytes, ID_BYTES);
}
