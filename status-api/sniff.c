#include "sniff.h"

#define MAGIC(text, what)                                                                          \
	{                                                                                          \
		text, sizeof(text) - 1, what                                                       \
	}

static const struct magic {
	const char *bytes;
	size_t len;
	const char *what;
} magics[] = {
	MAGIC("PK\x03\x04", "a ZIP archive or a spreadsheet (xlsx, ods)"),
	MAGIC("PK\x05\x06", "an empty ZIP archive"),
	MAGIC("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a spreadsheet (xls) or another Office document"),
	MAGIC("%PDF-", "a PDF document"),
	MAGIC("\x7f"
	      "ELF",
	      "a program"),
	MAGIC("\x89PNG\r\n", "an image (PNG)"),
	MAGIC("GIF87a", "an image (GIF)"),
	MAGIC("GIF89a", "an image (GIF)"),
	MAGIC("\xff\xd8\xff", "an image (JPEG)"),
	MAGIC("II*\0", "an image (TIFF)"),
	MAGIC("MM\0*", "an image (TIFF)"),
	MAGIC("\x1f\x8b", "compressed (gzip)"),
	MAGIC("BZh", "compressed (bzip2)"),
	MAGIC("\xfd"
	      "7zXZ",
	      "compressed (xz)"),
	MAGIC("\x28\xb5\x2f\xfd", "compressed (zstd)"),
	MAGIC("7z\xbc\xaf", "an archive (7z)"),
	MAGIC("Rar!\x1a\x07", "an archive (rar)"),
	MAGIC("SQLite format 3", "a database"),
};

static bool has_utf16_mark(struct span head)
{
	return head.len >= 2 &&
	       (memcmp(head.at, "\xff\xfe", 2) == 0 || memcmp(head.at, "\xfe\xff", 2) == 0);
}

/* Bank text in UTF-16 is mostly ASCII: every second byte is NUL, and only on one side. */
static bool is_bare_utf16(struct span head)
{
	size_t nuls[2] = {0, 0};

	for (size_t i = 0; i < head.len; i++)
		nuls[i % 2] += head.at[i] == '\0';
	if (nuls[0] && nuls[1])
		return false;
	return (nuls[0] + nuls[1]) * 10 >= head.len / 2 * 6;
}

const char *sniff_binary(struct span head)
{
	size_t control = 0;

	if (head.len > SNIFF_BYTES)
		head.len = SNIFF_BYTES;
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		if (head.len >= magics[i].len &&
		    memcmp(head.at, magics[i].bytes, magics[i].len) == 0)
			return magics[i].what;
	}
	if (has_utf16_mark(head))
		return NULL;
	if (head.len && memchr(head.at, '\0', head.len))
		return is_bare_utf16(head) ? NULL : "binary data";
	for (size_t i = 0; i < head.len; i++) {
		unsigned char c = (unsigned char)head.at[i];

		control += c < ' ' && !strchr("\t\n\v\f\r\x1a\x1b", c);
	}
	return control * 10 > head.len ? "binary data" : NULL;
}
