#include "encoding.h"

#include <stdlib.h>

#include "guess.h"
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

/* An encoding is taken when most of its letters are one language's, and is an assumption when
 * another one comes this near. */
#define GUESS_LEAST  400
#define GUESS_MARGIN 60

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
		{"[{", 2, true, "a JSON file", export_csv},
		{"[\n", 2, true, "a JSON file", export_csv},
		{"[\r\n", 3, true, "a JSON file", export_csv},
		{"{\"", 2, true, "a JSON file", export_csv},
		{"{\n", 2, true, "a JSON file", export_csv},
		{"{\r\n", 3, true, "a JSON file", export_csv},
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (head.len >= known[i].len && memcmp(head.at, known[i].bytes, known[i].len) == 0)
			return &known[i];
	}
	return NULL;
}

static int encoding_refuse_head(struct span head, struct fault *why)
{
	const struct magic *magic = magic_find(head);

	if (!magic)
		return 0;
	fault_set(why, FAULT_JOB, magic->text ? "not-csv" : "binary-file",
		  "the file is %s, not a CSV file", magic->what);
	return fault_hint(why, "%s", magic->hint);
}

const char *encoding_name(const struct charset *charset)
{
	return charset ? charset->name : "utf-8";
}

/* A byte that is no part of a character, and where it stands. */
struct bad_byte {
	uint64_t place, line;
	unsigned char byte;
};

static int encoding_refuse_byte(const struct bad_byte *bad, const char *what, struct fault *why)
{
	if (bad->byte == 0) {
		fault_set(why, FAULT_JOB, "binary-file",
			  "the file is not text: byte %llu is NUL (line %llu)",
			  (unsigned long long)bad->place, (unsigned long long)bad->line);
		fault_hint(why, "upload the CSV file that the bank offers for download");
	} else {
		fault_set(why, FAULT_JOB, "encoding-unknown",
			  "the file is not %s: byte %llu (0x%02x, line %llu) is no part of a "
			  "character",
			  what, (unsigned long long)bad->place, bad->byte,
			  (unsigned long long)bad->line);
		fault_hint(why, "say encoding in profile, or save the file as CSV UTF-8");
	}
	if (why)
		why->row = bad->line;
	return -1;
}

/* How much of a window's text is right. */
static size_t text_length(struct span text)
{
	size_t good = encoding_utf8_length(text);

	return good < text.len && text.at[good] == '\0' ? good : text.len;
}

/* The file as `charset` from `offset` to its end: 1 with `bad` where that is impossible. Leaves the
 * source reading so. */
static int encoding_check(struct source *source, const struct charset *charset, uint64_t offset,
			  struct bad_byte *bad, struct fault *why)
{
	struct span bytes;
	bool eof = false;

	source_decode(source, charset);
	*bad = (struct bad_byte){offset, 1, 0xff};
	while (!eof) {
		/* 4: a character cut by the window's end is whole in the next one */
		int rc = source_at(source, bad->place, 4, &bytes, &eof, why);
		size_t good;

		if (rc != 0 && (!charset || why->class != FAULT_JOB))
			return -1;
		if (rc != 0) /* the window's beginning can be decoded, as far as raw_len */
			bytes = span_of(source->window, source->len);
		good = charset ? text_length(bytes) : encoding_utf8_length(bytes);
		for (size_t i = 0; i < good; i++)
			bad->line += bytes.at[i] == '\n';
		if (rc != 0) {
			source->offset = bad->place;
			bad->place = source_after(source, bad->place, good);
			bad->byte = (unsigned char)source->raw[bad->place - source->offset];
			source->offset = UINT64_MAX;
			return 1;
		}
		bad->place = source_after(source, bad->place, good);
		if (good < bytes.len && (eof || charset || bytes.len - good >= 4)) {
			bad->byte = (unsigned char)bytes.at[good];
			return 1;
		}
	}
	return 0;
}

/* Lines with bytes beyond ASCII, from the whole file, one after the other. */
static int sample_gather(struct source *source, char *sample, size_t *len, struct fault *why)
{
	uint64_t offset = 0;
	struct span bytes;
	bool eof = false;

	*len = 0;
	source_decode(source, NULL);
	while (!eof && *len < GUESS_SAMPLE) {
		size_t start = 0;

		if (source_at(source, offset, 1, &bytes, &eof, why) != 0)
			return -1;
		for (size_t i = 0; i < bytes.len; i++) {
			bool end = bytes.at[i] == '\n' || bytes.at[i] == '\r';
			bool high = false;

			if (!end && !(eof && i + 1 == bytes.len))
				continue;
			for (size_t k = start; k <= i && !high; k++)
				high = (bytes.at[k] & 0x80) != 0;
			if (high && *len + (i + 1 - start) < GUESS_SAMPLE) {
				memcpy(sample + *len, bytes.at + start, i + 1 - start);
				*len += i + 1 - start;
			}
			start = i + 1;
		}
		offset += start > 0 ? start : bytes.len;
	}
	return 0;
}

/* Is it UTF-8 that was broken somewhere? By chance text in another encoding hardly ever forms its
 * characters of several bytes, let alone more of them than of other bytes. */
static bool is_broken_utf8(struct span sample)
{
	size_t right = 0, wrong = 0;

	while (sample.len > 0) {
		size_t size = span_utf8_first(sample);

		right += size > 1;
		wrong += size == 0;
		size += size == 0;
		sample = span_of(sample.at + size, sample.len - size);
	}
	return right > wrong;
}

#define MIXED_LEAST 700 /* for all of a few words: nearly every letter is one of the language's */

/* Are some of the lines UTF-8, though others are not? They are when they make words as UTF-8, and
 * better ones than in the encoding that is the likeliest for all. */
static bool is_mixed(struct span sample, const struct charset *likeliest)
{
	char *lines = xmalloc(sample.len + 1);
	struct guess guesses[GUESS_MAX];
	size_t len = 0, size;
	int score = GUESS_LEAST, n;

	for (; sample.len > 0; sample = span_of(sample.at + size, sample.len - size)) {
		const char *end = memchr(sample.at, '\n', sample.len);

		size = end ? (size_t)(end + 1 - sample.at) : sample.len;
		if (encoding_utf8_length(span_of(sample.at, size)) < size)
			continue;
		memcpy(lines + len, sample.at, size);
		len += size;
	}
	n = len > 0 ? guess_charsets(span_of(lines, len), guesses) : 0;
	for (int i = 0; i < n; i++) {
		if (guesses[i].charset == likeliest)
			score = guesses[i].score;
	}
	n = len > 0 ? guess_utf8(span_of(lines, len)) : 0;
	free(lines);
	return n >= MIXED_LEAST && n > score + GUESS_MARGIN;
}

/* The likeliest encoding in which the whole file is text; 1 when there is none, 2 when there are
 * several in one file. */
static int encoding_guess(struct source *source, struct encoding *encoding, struct fault *why)
{
	char *sample = xmalloc(GUESS_SAMPLE);
	struct guess guesses[GUESS_MAX];
	struct bad_byte bad, first = {0};
	int n = 0, rc = 1, i = 0;
	size_t len;

	if (sample_gather(source, sample, &len, why) != 0)
		rc = -1;
	else if (is_broken_utf8(span_of(sample, len)))
		rc = 2;
	else
		n = guess_charsets(span_of(sample, len), guesses);
	if (n > 0 && is_mixed(span_of(sample, len), guesses[0].charset))
		rc = 2;
	for (; i < n && rc == 1 && guesses[i].score >= GUESS_LEAST; i += rc == 1) {
		rc = encoding_check(source, guesses[i].charset, 0, &bad, why);
		if (i == 0)
			first = bad;
	}
	free(sample);
	if (rc == 0) {
		encoding->charset = guesses[i].charset;
		encoding->sure = SURE_LIKELY;
		if (i + 1 < n && guesses[i + 1].score > guesses[i].score - GUESS_MARGIN) {
			encoding->sure = SURE_ASSUMED;
			encoding->rival = guesses[i + 1].charset;
		}
		return 0;
	}
	if (rc == 1 && i > 0)
		return encoding_refuse_byte(&first, guesses[0].charset->name, why);
	return rc;
}

/* A byte order mark, or the NULs that UTF-16 has around ASCII. */
static const struct charset *utf16_of(struct span head, uint32_t *skip)
{
	size_t even = 0, odd = 0;

	*skip = 2;
	if (head.len >= 2 && memcmp(head.at, "\xff\xfe", 2) == 0)
		return charset_find("utf-16le");
	if (head.len >= 2 && memcmp(head.at, "\xfe\xff", 2) == 0)
		return charset_find("utf-16be");
	*skip = 0;
	for (size_t i = 0; i + 1 < head.len; i += 2) {
		even += head.at[i] == '\0';
		odd += head.at[i + 1] == '\0';
	}
	/* a fifth of all characters in a statement are ASCII in any script */
	if (odd * 10 >= head.len && even * 100 <= head.len)
		return charset_find("utf-16le");
	if (even * 10 >= head.len && odd * 100 <= head.len)
		return charset_find("utf-16be");
	return NULL;
}

/* Nothing but white space (and zero bytes count as something). */
static bool head_is_blank(struct span head)
{
	return span_trim(head).len == 0;
}

static int encoding_told(struct source *source, const char *told, struct encoding *encoding,
			 struct fault *why)
{
	struct bad_byte bad;
	int rc;

	encoding->charset = charset_find(told);
	encoding->sure = SURE_TOLD;
	rc = encoding_check(source, encoding->charset, encoding->skip, &bad, why);
	return rc == 1 ? encoding_refuse_byte(&bad, encoding_name(encoding->charset), why) : rc;
}

/* The file's bytes alone decide. `head` has the byte order mark off. */
static int encoding_find(struct source *source, struct encoding *encoding, struct fault *why)
{
	struct bad_byte bad;
	int rc = encoding_check(source, encoding->charset, encoding->skip, &bad, why);

	if (rc != 1)
		return rc;
	if (encoding->charset || encoding->skip > 0 || bad.byte == 0)
		return encoding_refuse_byte(&bad, encoding_name(encoding->charset), why);
	rc = encoding_guess(source, encoding, why);
	if (rc <= 0)
		return rc;
	return encoding_refuse_byte(
		&bad, rc == 2 ? "UTF-8 throughout" : "UTF-8, nor in another encoding that is known",
		why);
}

int encoding_detect(struct source *source, const char *told, struct encoding *encoding,
		    struct fault *why)
{
	struct span head;
	bool eof;

	if (source_at(source, 0, 4096, &head, &eof, why) != 0)
		return -1;
	if (head.len > 4096)
		head.len = 4096;
	*encoding = (struct encoding){.sure = SURE_SETTLED};
	encoding->charset = utf16_of(head, &encoding->skip);
	if (head.len >= 3 && memcmp(head.at, "\xef\xbb\xbf", 3) == 0)
		*encoding = (struct encoding){.sure = SURE_SETTLED, .skip = 3};
	head = span_of(head.at + encoding->skip, head.len - encoding->skip);
	if (eof && head_is_blank(head)) {
		fault_set(why, FAULT_JOB, "empty-file", "the file is empty");
		return fault_hint(why, "download it again from the bank");
	}
	if (encoding_refuse_head(head, why) != 0)
		return -1;
	return told ? encoding_told(source, told, encoding, why)
		    : encoding_find(source, encoding, why);
}
