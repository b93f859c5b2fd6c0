#include "charset.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>

#include "mem.h"

struct decoder {
	const struct charset *charset;
	iconv_t iconv;
	uint8_t len[256]; /* CHARSET_SINGLE: of each byte's character in UTF-8; 0: there is none */
	char text[256][CHARSET_GROWTH];
};

/* Of encodings that read the same bytes as the same text the first one is taken. */
static const struct charset charsets[] = {
	{"windows-1252", "CP1252", CHARSET_SINGLE, true, false},
	{"iso-8859-15", "ISO-8859-15", CHARSET_SINGLE, true, true},
	{"iso-8859-1", "ISO-8859-1", CHARSET_SINGLE, false, false},
	{"windows-1250", "CP1250", CHARSET_SINGLE, true, false},
	{"iso-8859-2", "ISO-8859-2", CHARSET_SINGLE, true, false},
	{"windows-1251", "CP1251", CHARSET_SINGLE, true, false},
	{"windows-1257", "CP1257", CHARSET_SINGLE, true, false},
	{"windows-1255", "CP1255", CHARSET_SINGLE, true, false},
	{"windows-1253", "CP1253", CHARSET_SINGLE, true, false},
	{"windows-1254", "CP1254", CHARSET_SINGLE, true, false},
	{"windows-1256", "CP1256", CHARSET_SINGLE, true, false},
	{"windows-874", "CP874", CHARSET_SINGLE, true, false},
	{"iso-8859-5", "ISO-8859-5", CHARSET_SINGLE, true, false},
	{"cp850", "CP850", CHARSET_SINGLE, true, true},
	{"cp852", "CP852", CHARSET_SINGLE, true, true},
	{"cp857", "CP857", CHARSET_SINGLE, true, true},
	{"koi8-r", "KOI8-R", CHARSET_SINGLE, true, false},
	{"cp866", "CP866", CHARSET_SINGLE, true, false},
	{"cp862", "CP862", CHARSET_SINGLE, true, false},
	{"macintosh", "MACINTOSH", CHARSET_SINGLE, true, true},
	{"shift_jis", "CP932", CHARSET_SJIS, true, false},
	{"gb18030", "GB18030", CHARSET_GB18030, true, false},
	{"big5", "CP950", CHARSET_BIG5, true, false},
	{"euc-kr", "CP949", CHARSET_EUC_KR, true, false},
	{"euc-jp", "EUC-JP-MS", CHARSET_EUC_JP, true, false},
	{"utf-16le", "UTF-16LE", CHARSET_UTF16LE, false, false},
	{"utf-16be", "UTF-16BE", CHARSET_UTF16BE, false, false},
};

static bool name_is(const char *name, const char *known)
{
	for (;; name++, known++) {
		while (*name && !isalnum((unsigned char)*name))
			name++;
		while (*known && !isalnum((unsigned char)*known))
			known++;
		if (tolower((unsigned char)*name) != tolower((unsigned char)*known))
			return false;
		if (*name == '\0')
			return true;
	}
}

const struct charset *charset_find(const char *name)
{
	static const struct {
		const char *other, *name;
	} others[] = {
		{"latin1", "iso-8859-1"},
		{"latin2", "iso-8859-2"},
		{"latin9", "iso-8859-15"},
		{"cp932", "shift_jis"},
		{"sjis", "shift_jis"},
		{"gbk", "gb18030"},
		{"windows-31j", "shift_jis"},
		{"gb2312", "gb18030"},
		{"ibm850", "cp850"},
		{"ibm852", "cp852"},
		{"ibm866", "cp866"},
		{"mac-roman", "macintosh"},
		{"utf-16", "utf-16le"},
		{"cp949", "euc-kr"},
		{"uhc", "euc-kr"},
		{"cp950", "big5"},
		{"tis-620", "windows-874"},
		{"cp874", "windows-874"},
		{"iso-8859-11", "windows-874"},
		{"ibm857", "cp857"},
		{"ibm862", "cp862"},
	};
	char windows[] = "windows-125?";

	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		if (name_is(name, others[i].other))
			name = others[i].name;
	}
	if (strncasecmp(name, "cp125", 5) == 0 && strlen(name) == 6) {
		windows[sizeof(windows) - 2] = name[5];
		name = windows;
	}
	for (size_t i = 0; i < ARRAY_LEN(charsets); i++) {
		if (name_is(name, charsets[i].name))
			return &charsets[i];
	}
	return NULL;
}

const struct charset *charset_at(size_t i)
{
	return i < ARRAY_LEN(charsets) ? &charsets[i] : NULL;
}

static size_t utf16_size(const char *high)
{
	return ((unsigned char)*high & 0xfc) == 0xd8 ? 4 : 2;
}

size_t charset_char_size(const struct charset *charset, struct span bytes)
{
	unsigned char first = (unsigned char)bytes.at[0];

	switch (charset->form) {
	case CHARSET_UTF16LE:
		return bytes.len < 2 ? 2 : utf16_size(bytes.at + 1);
	case CHARSET_UTF16BE:
		return bytes.len < 2 ? 2 : utf16_size(bytes.at);
	case CHARSET_SJIS:
		return (first >= 0x81 && first <= 0x9f) || (first >= 0xe0 && first <= 0xfc) ? 2 : 1;
	case CHARSET_EUC_JP:
		return first == 0x8f ? 3 : first == 0x8e || first >= 0xa1 ? 2 : 1;
	case CHARSET_BIG5:
	case CHARSET_EUC_KR:
		return first >= 0x81 ? 2 : 1;
	case CHARSET_GB18030:
		if (first < 0x81)
			return 1;
		return bytes.len >= 2 && bytes.at[1] >= '0' && bytes.at[1] <= '9' ? 4 : 2;
	default:
		return 1;
	}
}

/* A byte alone, so that no encoding of one byte a character needs more than a table. */
static void decoder_learn(struct decoder *decoder, unsigned byte)
{
	char in = (char)byte, out[8];
	char *from = &in, *to = out;
	size_t left = 1, room = sizeof(out);

	iconv(decoder->iconv, NULL, NULL, NULL, NULL);
	if (iconv(decoder->iconv, &from, &left, &to, &room) == (size_t)-1 ||
	    iconv(decoder->iconv, NULL, NULL, &to, &room) == (size_t)-1)
		return;
	if (out[0] == '\xc2' && (unsigned char)out[1] < 0xa0)
		return; /* a control character that no statement has: U+0080 to U+009F */
	decoder->len[byte] = (uint8_t)(sizeof(out) - room);
	assert(decoder->len[byte] <= CHARSET_GROWTH);
	memcpy(decoder->text[byte], out, decoder->len[byte]);
}

struct decoder *decoder_new(const struct charset *charset)
{
	struct decoder *decoder = xcalloc(1, sizeof(*decoder));

	decoder->charset = charset;
	decoder->iconv = iconv_open("UTF-8", charset->iconv);
	assert(decoder->iconv != (iconv_t)-1); /* glibc has all of the table */
	for (unsigned byte = 1; charset->form == CHARSET_SINGLE && byte < 256; byte++)
		decoder_learn(decoder, byte);
	return decoder;
}

void decoder_free(struct decoder **decoder)
{
	if (!*decoder)
		return;
	iconv_close((*decoder)->iconv);
	free(*decoder);
	*decoder = NULL;
}

static size_t decode_table(const struct decoder *decoder, struct span bytes, char *out, size_t *len)
{
	char *to = out;
	size_t i = 0;

	for (; i < bytes.len; i++) {
		unsigned char byte = (unsigned char)bytes.at[i];
		size_t n = decoder->len[byte];

		if (n == 0)
			break;
		*to = decoder->text[byte][0];
		for (size_t k = 1; k < n; k++)
			to[k] = decoder->text[byte][k];
		to += n;
	}
	*len = (size_t)(to - out);
	return i;
}

size_t decoder_run(struct decoder *decoder, struct span bytes, char *out, size_t *len)
{
	size_t left = bytes.len, room = bytes.len * CHARSET_GROWTH;
	char *from = (char *)bytes.at, *to = out;

	if (decoder->charset->form == CHARSET_SINGLE)
		return decode_table(decoder, bytes, out, len);
	iconv(decoder->iconv, NULL, NULL, NULL, NULL);
	iconv(decoder->iconv, &from, &left, &to, &room);
	*len = (size_t)(to - out);
	return bytes.len - left;
}
