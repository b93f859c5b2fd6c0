#include "id.h"

#include <sodium.h>

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* Within one millisecond the last one's random part counts up, so that ids of a process are
 * ordered as they were made. */
struct id id_new(int64_t wall_ms)
{
	static struct id last;
	static int64_t last_ms = -1;

	if (wall_ms > last_ms) {
		for (int i = 0; i < 6; i++)
			last.bytes[i] = (uint8_t)(wall_ms >> (40 - 8 * i));
		randombytes_buf(last.bytes + 6, 10);
		last.bytes[6] &= 0x7f; /* room to count */
		last_ms = wall_ms;
		return last;
	}
	for (int i = ID_BYTES - 1; i >= 6 && ++last.bytes[i] == 0; i--)
		;
	return last;
}

int64_t id_wall_ms(struct id id)
{
	int64_t ms = 0;

	for (int i = 0; i < 6; i++)
		ms = ms << 8 | id.bytes[i];
	return ms;
}

/* 26 digits of five bits hold 130: two zero bits stand before the 128. */
void id_text(struct id id, char out[ID_TEXT_SIZE])
{
	for (int i = 0; i < 26; i++) {
		int bit = i * 5 - 2;
		int value = 0;

		for (int k = bit; k < bit + 5; k++)
			value = value << 1 | (k < 0 ? 0 : id.bytes[k / 8] >> (7 - k % 8) & 1);
		out[i] = digits[value];
	}
	out[26] = '\0';
}

int id_read(struct span text, struct id *id)
{
	struct id out = {{0}};

	if (text.len != 26 || text.at[0] > '7')
		return -1;
	for (int i = 0; i < 26; i++) {
		const char *at = memchr(digits, text.at[i], 32);
		int value;

		if (at == NULL)
			return -1;
		value = (int)(at - digits);
		for (int k = 0; k < 5; k++) {
			int bit = i * 5 - 2 + k;

			if (bit >= 0 && value >> (4 - k) & 1)
				out.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
		}
	}
	*id = out;
	return 0;
}

void id_job_text(struct id id, char out[ID_JOB_TEXT_SIZE])
{
	memcpy(out, "job_", 4);
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
