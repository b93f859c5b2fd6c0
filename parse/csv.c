#include "csv.h"

#include <assert.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Steps from special byte to special byte: delimiter, quote and line end are found 64 bytes at a
 * time as bits of a mask, so that plain text costs next to nothing. */
struct scan {
	const char *at;
	size_t len;
	size_t block;  /* the mask is of at[block .. block + 63] */
	uint64_t mask; /* special bytes there that were not given yet */
	char delimiter, eol;
};

#ifdef __SSE2__

static inline uint64_t scan_mask16(const char *at, __m128i delimiter, __m128i quote, __m128i eol)
{
	__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
	__m128i hits = _mm_or_si128(_mm_cmpeq_epi8(bytes, delimiter), _mm_cmpeq_epi8(bytes, eol));

	return (uint64_t)(uint32_t)_mm_movemask_epi8(
		_mm_or_si128(hits, _mm_cmpeq_epi8(bytes, quote)));
}

static inline uint64_t scan_mask(const struct scan *s, const char *at)
{
	__m128i delimiter = _mm_set1_epi8(s->delimiter), quote = _mm_set1_epi8('"');
	__m128i eol = _mm_set1_epi8(s->eol);

	return scan_mask16(at, delimiter, quote, eol) |
	       scan_mask16(at + 16, delimiter, quote, eol) << 16 |
	       scan_mask16(at + 32, delimiter, quote, eol) << 32 |
	       scan_mask16(at + 48, delimiter, quote, eol) << 48;
}

#else

static inline uint64_t scan_mask(const struct scan *s, const char *at)
{
	uint64_t mask = 0;

	for (int i = 0; i < 64; i++) {
		bool hit = at[i] == s->delimiter || at[i] == '"' || at[i] == s->eol;

		mask |= (uint64_t)hit << i;
	}
	return mask;
}

#endif

static inline void scan_load(struct scan *s)
{
	s->mask = scan_mask(s, s->at + s->block);
	if (s->len - s->block < 64)
		s->mask &= (UINT64_C(1) << (s->len - s->block)) - 1;
}

/* Place of the next special byte, or len. */
static inline size_t scan_next(struct scan *s)
{
	size_t place;

	while (s->mask == 0) {
		if (s->len - s->block <= 64)
			return s->len;
		s->block += 64;
		scan_load(s);
	}
	place = s->block + (size_t)__builtin_ctzll(s->mask);
	s->mask &= s->mask - 1;
	return place;
}

/* The same, passing quotes: in an unquoted field they are ordinary characters. */
static inline size_t scan_next_end(struct scan *s)
{
	size_t place = scan_next(s);

	while (place < s->len && s->at[place] == '"')
		place = scan_next(s);
	return place;
}

/* Nothing but the line end's '\r' stands between a closing quote and the end of its field. */
static bool scan_ends_here(const struct scan *s, size_t from, size_t end)
{
	if (from < end && end < s->len && s->at[end] != s->eol)
		return false;
	while (from < end && s->at[from] == '\r')
		from++;
	return from >= end;
}

/* A field that begins with a quote at `open`, already passed by the scan. Sets where it ends (at a
 * delimiter, a line end or len); false when its end is not here yet. */
static bool scan_quoted(struct scan *s, size_t open, bool eof, struct csv_record *record,
			struct csv_field *field, size_t *end)
{
	bool dirty = false;
	size_t place;

	for (;;) {
		place = scan_next(s);
		if (place < s->len && s->at[place] != '"') {
			record->lines += s->at[place] == s->eol;
			continue;
		}
		if (place + 1 >= s->len && !eof)
			return false; /* whether a quote doubles is not known yet */
		if (place == s->len || place + 1 == s->len || s->at[place + 1] != '"')
			break;
		scan_next(s); /* the second of two */
		dirty = true;
	}
	record->unclosed = place == s->len;
	*field = (struct csv_field){s->at + open + 1, (uint32_t)(place - open - 1), CSV_QUOTED};
	*end = place;
	if (!record->unclosed)
		*end = scan_next_end(s);
	if (*end == s->len && !eof)
		return false;
	if (dirty || record->unclosed || !scan_ends_here(s, place + 1, *end))
		*field = (struct csv_field){s->at + open, (uint32_t)(*end - open), CSV_DIRTY};
	return true;
}

/* One field from `start`; false when its end is not here yet. */
static inline bool scan_field(struct scan *s, size_t start, bool eof, struct csv_record *record,
			      struct csv_field *field, size_t *end)
{
	size_t open = start;
	size_t place = scan_next(s);

	while (open < s->len && s->at[open] == ' ')
		open++;
	if (place == open && place < s->len && s->at[place] == '"')
		return scan_quoted(s, open, eof, record, field, end);
	while (place < s->len && s->at[place] == '"')
		place = scan_next(s);
	*field = (struct csv_field){s->at + start, (uint32_t)(place - start), CSV_PLAIN};
	*end = place;
	return place < s->len || eof;
}

/* '\r' before a line end, also several, belongs to the line end: the last field must not show it.
 */
static void record_trim_cr(struct csv_record *record, struct csv_field *last)
{
	while (record->len > 0 && record->at[record->len - 1] == '\r') {
		record->len--;
		if (last->len > 0 && last->at + last->len > record->at + record->len)
			last->len--;
	}
}

/* Files put one behind the other keep the byte order mark that each began with. */
static const char mark[3] = "\xef\xbb\xbf";

bool csv_record(const struct csv_dialect *dialect, struct span bytes, bool eof,
		struct csv_record *record)
{
	struct scan s = {bytes.at, bytes.len, 0, 0, dialect->delimiter, dialect->eol};
	struct csv_field spare, *field;
	size_t start = 0, end;

	assert(bytes.len > 0);
	if (bytes.len >= sizeof(mark) && memcmp(bytes.at, mark, sizeof(mark)) == 0)
		start = sizeof(mark);
	record->at = bytes.at;
	record->lines = 1;
	record->n_fields = 0;
	record->unclosed = false;
	scan_load(&s);
	for (;;) {
		field = record->n_fields < CSV_FIELDS_MAX ? &record->fields[record->n_fields]
							  : &spare;
		if (!scan_field(&s, start, eof, record, field, &end))
			return false;
		record->n_fields++;
		if (end == s.len || s.at[end] == s.eol)
			break;
		start = end + 1;
	}
	record->len = end;
	record->size = end < s.len ? end + 1 : end;
	record_trim_cr(record, field);
	return true;
}

/* The last field begins with a quote that is not closed: what stands behind that is read once more,
 * without it. */
static void line_mend(const struct csv_dialect *dialect, const char *end, struct csv_record *record)
{
	uint32_t n = record->n_fields - 1;
	const char *from = n < CSV_FIELDS_MAX ? record->fields[n].at + 1 : end;
	struct csv_record rest = {.at = end, .n_fields = 1};

	if (from < end)
		csv_record(dialect, span_of(from, (size_t)(end - from)), true, &rest);
	for (uint32_t i = 0; i < rest.n_fields && i + n < CSV_FIELDS_MAX; i++)
		record->fields[n + i] = rest.fields[i];
	record->n_fields = n + rest.n_fields;
	record->len = (uint64_t)(rest.at - record->at) + rest.len;
	record->unclosed = rest.unclosed;
}

void csv_line(const struct csv_dialect *dialect, struct span bytes, struct csv_record *record)
{
	const char *eol = memchr(bytes.at, dialect->eol, bytes.len);
	const char *end = eol ? eol : bytes.at + bytes.len;

	*record = (struct csv_record){.at = bytes.at, .n_fields = 1};
	if (end > bytes.at)
		csv_record(dialect, span_of(bytes.at, (size_t)(end - bytes.at)), true, record);
	while (record->unclosed)
		line_mend(dialect, end, record);
	record->size = (uint64_t)(end - bytes.at) + (eol != NULL);
	record->lines = 1;
}

enum { SKIP_START, SKIP_MARK, SKIP_PLAIN, SKIP_QUOTED, SKIP_QUOTE_SEEN };

/* What a byte does to the state of a record, byte by byte: rare enough to be slow. */
static int skip_step(const struct csv_dialect *dialect, struct csv_skip *skip, char c)
{
	if (skip->size == 0 || skip->state == SKIP_MARK) {
		if (c == mark[skip->size])
			return skip->size + 1 == sizeof(mark) ? SKIP_START : SKIP_MARK;
		skip->state = skip->size == 0 ? SKIP_START : SKIP_PLAIN;
	}
	if (skip->state == SKIP_QUOTED) {
		skip->lines += c == dialect->eol;
		return c == '"' ? SKIP_QUOTE_SEEN : SKIP_QUOTED;
	}
	if (c == '"' && skip->state != SKIP_PLAIN)
		return SKIP_QUOTED; /* an opening one, or the second of two */
	if (c == dialect->delimiter) {
		skip->n_fields++;
		return SKIP_START;
	}
	if (c == ' ' && skip->state == SKIP_START)
		return SKIP_START;
	return SKIP_PLAIN;
}

void csv_skip(const struct csv_dialect *dialect, struct csv_skip *skip, struct span piece)
{
	if (skip->done)
		return;
	for (size_t i = 0; i < piece.len && !skip->done; i++) {
		if (piece.at[i] == dialect->eol && skip->state != SKIP_QUOTED)
			skip->done = true;
		else
			skip->state = skip_step(dialect, skip, piece.at[i]);
		skip->size++;
	}
	if (skip->done) {
		skip->len = skip->size - 1;
		skip->lines++;
		skip->n_fields++;
	}
}

void csv_skip_end(struct csv_skip *skip)
{
	if (skip->done)
		return;
	skip->done = true;
	skip->unclosed = skip->state == SKIP_QUOTED;
	skip->len = skip->size;
	skip->lines++;
	skip->n_fields++;
}

struct span csv_clean(const struct csv_field *field, char *room)
{
	size_t out = 0, i = 1;

	if (field->kind != CSV_DIRTY)
		return span_of(field->at, field->len);
	for (; i < field->len; i++) {
		if (field->at[i] != '"') {
			room[out++] = field->at[i];
			continue;
		}
		if (i + 1 >= field->len || field->at[i + 1] != '"') {
			i++; /* the closing one; what follows stands as it is */
			break;
		}
		room[out++] = field->at[i++];
	}
	if (i < field->len)
		memcpy(room + out, field->at + i, field->len - i);
	return span_of(room, i < field->len ? out + field->len - i : out);
}

struct span csv_value(const struct csv_field *field, char *room)
{
	struct span text = span_trim(csv_clean(field, room));

	if (text.len >= 3 && text.at[0] == '=' && text.at[1] == '"' && text.at[text.len - 1] == '"')
		return span_trim(span_of(text.at + 2, text.len - 3));
	return text;
}

static bool field_is_blank(const struct csv_field *field)
{
	if (field->len == 0)
		return true;
	if ((unsigned char)*field->at > ' ' && (unsigned char)*field->at < 0x80)
		return false; /* nearly always */
	return field->kind != CSV_DIRTY && span_trim(span_of(field->at, field->len)).len == 0;
}

bool csv_is_blank(const struct csv_record *record)
{
	if (record->n_fields > CSV_FIELDS_MAX)
		return false;
	for (uint32_t i = 0; i < record->n_fields; i++) {
		if (!field_is_blank(&record->fields[i]))
			return false;
	}
	return true;
}
