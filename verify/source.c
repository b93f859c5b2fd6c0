/*
 * source - the uploaded file counted again, without a CSV reader.
 *
 * An import names, for each row that it has, the line and the bytes of the record. So the file is
 * walked by lines: each record must stand where it is claimed to, behind the one before, and hold
 * its amount; what lies between two of them must be blank, and nothing may follow the last. Which
 * bytes are columns, dates or quotes does not matter for that.
 */
#include <fcntl.h>
#include <iconv.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "books.h"
#include "buf.h"
#include "mem.h"
#include "minor.h"
#include "money.h"

#define TOO_LONG 16384 /* bytes of a record from which on only its beginning is kept */

struct source {
	struct books *books;
	const struct import *import;
	struct span file;
	char eol, delimiter;
	size_t at;
	uint64_t line; /* of the byte at `at`, which begins one */
	bool whole;    /* every record must be claimed */
	bool fee;
	bool bad;
};

/* One breach a file: the rest follows from it. */
static void broken(struct source *s, enum invariant at, uint64_t line, const char *what)
{
	if (!s->bad && !store_moved(s->books->v, s->import->job->id.bytes))
		report_breach(&s->books->v->report, at, "%s: line %llu of its file %s",
			      s->import->name, (unsigned long long)line, what);
	s->bad = true;
}

static bool is_blank(const struct source *s, char c)
{
	return (unsigned char)c <= ' ' || c == s->delimiter || c == '"' || c == '\xc2' ||
	       c == '\xa0';
}

/* To the next line; a record that nobody claims may not be on this one. */
static void pass_line(struct source *s)
{
	bool blank = true;

	for (; s->at < s->file.len && s->file.at[s->at] != s->eol; s->at++)
		blank = blank && is_blank(s, s->file.at[s->at]);
	if (!blank && s->whole)
		broken(s, I2, s->line, "is neither booked, nor a duplicate, nor rejected");
	s->at += s->at < s->file.len;
	s->line++;
}

/* To the end of a record of which only the beginning is known: the line end outside quotes. */
static void pass_record(struct source *s)
{
	bool quoted = false, fresh = true;
	size_t from = s->at;

	for (; s->at < s->file.len; s->at++) {
		char c = s->file.at[s->at];

		if (c == s->eol && !quoted)
			break;
		s->line += c == s->eol;
		if (c == '"' && (quoted || fresh))
			quoted = !quoted;
		/* a second quote right after the closing one opens again */
		fresh = c == s->delimiter || (fresh && c == ' ') || (c == '"' && !quoted);
	}
	if (s->at - from <= TOO_LONG)
		broken(s, I3, s->line, "was rejected as too long and is not");
	s->at += s->at < s->file.len;
	s->line++;
}

static void pass_claimed(struct source *s, struct span raw)
{
	for (size_t i = 0; i < raw.len; i++)
		s->line += raw.at[i] == s->eol;
	s->at += raw.len;
	while (s->at < s->file.len && s->file.at[s->at] == '\r' && s->eol == '\n')
		s->at++;
	if (s->at < s->file.len && s->file.at[s->at] != s->eol)
		broken(s, I3, s->line, "goes on where the record in the books ends");
	s->at += s->at < s->file.len;
	s->line++;
}

static void claim(struct source *s, uint64_t line, struct span raw, bool too_long)
{
	while (s->line < line && s->at < s->file.len)
		pass_line(s);
	if (s->line != line || raw.len > s->file.len - s->at ||
	    memcmp(s->file.at + s->at, raw.at, raw.len) != 0)
		broken(s, I3, line, "is not the record that the books have for it");
	else if (too_long)
		pass_record(s);
	else
		pass_claimed(s, raw);
}

static void check_amount(struct source *s, uint64_t line, struct span raw, sqlite3_stmt *row)
{
	int64_t minor = sqlite3_column_int64(row, 2);
	const char *currency = (const char *)sqlite3_column_text(row, 3);
	uint64_t size = minor < 0 ? 0 - (uint64_t)minor : (uint64_t)minor;

	report_looked(&s->books->v->report, I3, 1);
	if (currency && !minor_is_in(raw, size, money_exponent(currency), s->fee))
		broken(s, I3, line, "does not hold the amount that was booked");
}

static void walk_claims(struct source *s)
{
	sqlite3_stmt *row = books_query(
		s->books,
		"SELECT c.line, t.raw, t.amount, t.currency, 0 FROM claimed c CROSS JOIN txns t "
		"ON t.id = c.id WHERE c.import = ?1 UNION ALL "
		"SELECT s.line, s.raw, t.amount, t.currency, 0 FROM seen s "
		"JOIN txns t ON t.id = s.txn WHERE s.import = ?1 UNION ALL "
		"SELECT line, raw, NULL, NULL, reason = 'row-too-long' FROM rejects "
		"WHERE import = ?1 ORDER BY 1");

	if (row)
		sqlite3_bind_int64(row, 1, s->import->id);
	while (!s->bad && books_next(s->books, row)) {
		uint64_t line = (uint64_t)sqlite3_column_int64(row, 0);
		const char *bytes = sqlite3_column_blob(row, 1);
		struct span raw = span_of(bytes ? bytes : "", (size_t)sqlite3_column_bytes(row, 1));

		report_looked(&s->books->v->report, I2, 1);
		claim(s, line, raw, sqlite3_column_int(row, 4) != 0);
		if (sqlite3_column_type(row, 2) != SQLITE_NULL)
			check_amount(s, line, raw, row);
	}
	sqlite3_finalize(row);
	while (!s->bad && s->whole && s->at < s->file.len)
		pass_line(s);
}

/* Where the records begin, as the import has it: what stands before is headings. */
static void read_reading(struct source *s, const json_t *reading)
{
	const char *delimiter = json_string_value(json_object_get(reading, "delimiter"));
	const char *line_end = json_string_value(json_object_get(reading, "line_end"));
	json_int_t line = json_integer_value(json_object_get(reading, "start_line"));

	s->delimiter = delimiter ? *delimiter : ',';
	s->eol = line_end && strcmp(line_end, "cr") == 0 ? '\r' : '\n';
	s->fee = json_integer_value(json_object_get(reading, "fee_column")) > 0;
	s->at = s->file.len >= 3 && memcmp(s->file.at, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	for (s->line = 1; (json_int_t)s->line < line && s->at < s->file.len;)
		pass_line(s);
	/* Lines may be passed on request, in a retry with skip: they are in no table. */
	s->whole = s->import->job->status == STATUS_COMPLETE &&
		   strcmp(s->import->state, "running") != 0 &&
		   (s->import->job->attempt == 1 ||
		    s->import->job->total == (uint64_t)s->import->rows);
}

/* The file in UTF-8; -1 when it is not what its import says. */
static int decode(struct span file, const char *encoding, struct buf *text)
{
	iconv_t way = iconv_open("UTF-8", encoding);
	union {
		const char *in;
		char *out;
	} from = {.in = file.at}; /* iconv takes no const */
	size_t left = file.len, room = 4 * file.len + 4, size = room;
	char *to;
	int rc;

	if (way == (iconv_t)-1)
		return -1;
	to = buf_reserve(text, room);
	rc = iconv(way, &from.out, &left, &to, &room) == (size_t)-1 ? -1 : 0;
	text->len = size - room;
	iconv_close(way);
	return rc;
}

static void check_file(struct source *s, struct span file)
{
	json_t *reading = json_loads(s->import->reading, 0, NULL);
	const char *encoding = json_string_value(json_object_get(reading, "encoding"));
	struct buf text = {0};

	s->file = file;
	if (encoding && strcmp(encoding, "utf-8") != 0) {
		if (decode(file, encoding, &text) != 0)
			broken(s, I3, 1, "is not in the encoding that it was read in");
		s->file = buf_span(&text);
	}
	read_reading(s, reading);
	walk_claims(s);
	buf_release(&text);
	json_decref(reading);
}

void source_check(struct books *books, const struct import *import)
{
	struct source s = {.books = books, .import = import};
	char hash[65], id[ID_TEXT_SIZE], *path;
	void *at = MAP_FAILED;
	struct stat st;
	int fd;

	sodium_bin2hex(hash, sizeof(hash), import->job->blob, sizeof(import->job->blob));
	id_text(import->job->id, id);
	path = xasprintf("%s/blobs/%s.%s", books->v->data, hash, id);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	free(path);
	if (fd == -1)
		return; /* files.c has said so */
	if (fstat(fd, &st) == 0 && st.st_size > 0)
		at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (at == MAP_FAILED)
		return;
	check_file(&s, span_of(at, (size_t)st.st_size));
	munmap(at, (size_t)st.st_size);
}
