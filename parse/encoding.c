#include "encoding.h"

#include "mem.h"

/* Eight bytes of plain ASCII without NUL? (The sum sets the high bit of every byte but 0.) */
static bool ascii_8(const char *at)
{
	uint64_t word;

	memcpy(&word, at, 8);
	return ((word | ~(word + UINT64_C(0x7f7f7f7f7f7f7f7f))) & UINT64_C(0x8080808080808080)) ==
	       0;
}

size_t encoding_utf8_length(struct span bytes)
{
	size_t i = 0, size;

	while (i < bytes.len) {
		while (i + 8 <= bytes.len && ascii_8(bytes.at + i))
			i += 8;
		if (i == bytes.len)
			break;
		size = span_utf8_first(span_of(bytes.at + i, bytes.len - i));
		if (size == 0 || bytes.at[i] == '\0')
			break;
		i += size;
	}
	return i;
}

/* What files begin with that people upload by mistake. */
struct magic {
	const char *bytes;
	uint8_t len;
	bool text;
	const char *what, *hint;
};

static const struct magic *magic_find(struct span head)
{
	static const char save_as[] = "open it in a spreadsheet program and save it as CSV";
	static const char export_csv[] = "download the statement as CSV from the bank";
	static const struct magic known[] = {
		{"PK\3\4", 4, false, "a ZIP archive or an Excel workbook (xlsx)", save_as},
		{"\xd0\xcf\x11\xe0", 4, false, "an old Excel workbook (xls)", save_as},
		{"%PDF", 4, false, "a PDF document", export_csv},
		{"\x7f"
		 "ELF",
		 4, false, "a program", export_csv},
		{"\x89PNG", 4, false, "an image (PNG)", export_csv},
		{"\xff\xd8\xff", 3, false, "an image (JPEG)", export_csv},
		{"GIF8", 4, false, "an image (GIF)", export_csv},
		{"\x1f\x8b", 2, false, "a gzip archive", "unpack it first"},
		{"SQLite format 3", 15, false, "a database", export_csv},
		{"{\\rtf", 5, true, "a text document (RTF)", export_csv},
		{"<?xml", 5, true, "an XML file", export_csv},
		{"<html", 5, true, "a web page", export_csv},
		{"<HTML", 5, true, "a web page", export_csv},
		{"<!DOCTYPE", 9, true, "a web page", export_csv},
		{"<!doctype", 9, true, "a web page", export_csv},
		{"OFXHEADER", 9, true, "an OFX file", export_csv},
		{"!Type:", 6, true, "a QIF file", export_csv},
		{":20:", 4, true, "an MT940 file", export_csv},
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (head.len >= known[i].len && memcmp(head.at, known[i].bytes, known[i].len) == 0)
			return &known[i];
	}
	return NULL;
}

/* A byte order mark that is not UTF-8's, or the NULs that UTF-16 has around ASCII. */
static const char *utf16_name(struct span head)
{
	if (head.len >= 2 && memcmp(head.at, "\xff\xfe", 2) == 0)
		return "UTF-16 (little-endian)";
	if (head.len >= 2 && memcmp(head.at, "\xfe\xff", 2) == 0)
		return "UTF-16 (big-endian)";
	if (head.len >= 4 && head.at[0] && !head.at[1] && head.at[2] && !head.at[3])
		return "UTF-16 (little-endian)";
	if (head.len >= 4 && !head.at[0] && head.at[1] && !head.at[2] && head.at[3])
		return "UTF-16 (big-endian)";
	return NULL;
}

static int encoding_refuse_head(struct span head, struct fault *why)
{
	const struct magic *magic = magic_find(head);
	const char *utf16 = utf16_name(head);

	if (magic) {
		fault_set(why, FAULT_JOB, magic->text ? "not-csv" : "binary-file",
			  "the file is %s, not a CSV file", magic->what);
		return fault_hint(why, "%s", magic->hint);
	}
	if (utf16) {
		fault_set(why, FAULT_JOB, "encoding-unknown", "the file is %s, not UTF-8", utf16);
		return fault_hint(why, "save it as CSV UTF-8");
	}
	return 0;
}

/* `place` is that of a byte that is not UTF-8, or NUL. */
static int encoding_refuse_byte(unsigned char byte, uint64_t place, uint64_t line,
				struct fault *why)
{
	if (byte == 0) {
		fault_set(why, FAULT_JOB, "binary-file",
			  "the file is not text: byte %llu is NUL (line %llu)",
			  (unsigned long long)place, (unsigned long long)line);
		fault_hint(why, "upload the CSV file that the bank offers for download");
	} else {
		fault_set(why, FAULT_JOB, "encoding-unknown",
			  "the file is not UTF-8: byte %llu (0x%02x, line %llu) is no part of a "
			  "character",
			  (unsigned long long)place, byte, (unsigned long long)line);
		fault_hint(why, "save it as CSV UTF-8");
	}
	if (why)
		why->row = line;
	return -1;
}

/* From `offset` to the end; `bad` is where it stops being UTF-8 text, or UINT64_MAX. */
static int encoding_check(struct source *source, uint64_t offset, uint64_t *bad, struct fault *why)
{
	struct span bytes;
	size_t good;
	bool eof;

	*bad = UINT64_MAX;
	do {
		/* 4: a character cut by the window's end is whole in the next one */
		if (source_at(source, offset, 4, &bytes, &eof, why) != 0)
			return -1;
		good = encoding_utf8_length(bytes);
		offset += good;
		if (good < bytes.len && (eof || bytes.len - good >= 4)) {
			*bad = offset;
			return 0;
		}
	} while (!eof);
	return 0;
}

/* Line number of the byte at `offset`, and the byte. */
static int encoding_place(struct source *source, uint64_t offset, uint64_t *line,
			  unsigned char *byte, struct fault *why)
{
	uint64_t from = 0;
	struct span bytes;
	bool eof;

	*line = 1;
	while (from < offset) {
		if (source_at(source, from, 1, &bytes, &eof, why) != 0)
			return -1;
		if (bytes.len > offset - from)
			bytes.len = offset - from;
		for (size_t i = 0; i < bytes.len; i++)
			*line += bytes.at[i] == '\n';
		from += bytes.len;
	}
	if (source_at(source, offset, 1, &bytes, &eof, why) != 0)
		return -1;
	*byte = (unsigned char)bytes.at[0];
	return 0;
}

int encoding_detect(struct source *source, struct encoding *encoding, struct fault *why)
{
	struct span head;
	uint64_t bad, line;
	unsigned char byte;
	bool eof;

	if (source_at(source, 0, 64, &head, &eof, why) != 0)
		return -1;
	*encoding = (struct encoding){"utf-8", 0};
	if (head.len >= 3 && memcmp(head.at, "\xef\xbb\xbf", 3) == 0)
		encoding->skip = 3;
	head = span_of(head.at + encoding->skip, head.len - encoding->skip);
	if (eof && span_trim(head).len == 0) {
		fault_set(why, FAULT_JOB, "empty-file", "the file is empty");
		return fault_hint(why, "download it again from the bank");
	}
	if (encoding_refuse_head(head, why) != 0)
		return -1;
	if (encoding_check(source, encoding->skip, &bad, why) != 0)
		return -1;
	if (bad == UINT64_MAX)
		return 0;
	if (encoding_place(source, bad, &line, &byte, why) != 0)
		return -1;
	return encoding_refuse_byte(byte, bad, line, why);
}
