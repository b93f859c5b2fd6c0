/*
 * Encodings: found by what the bytes make of words, decoded with places that stay bytes of the
 * file.
 */
#include <iconv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "encoding.h"
#include "mem.h"
#include "parse_file.h"

static void convert(const char *encoding, struct span text, struct buf *out)
{
	iconv_t cd = iconv_open(encoding, "UTF-8");
	size_t left = text.len, room = text.len * 4 + 16, all = room;
	char *from = (char *)text.at, *to = buf_reserve(out, room);

	assert_true(cd != (iconv_t)-1);
	assert_int_equal(iconv(cd, &from, &left, &to, &room), 0);
	out->len -= room;
	assert_true(room < all);
	iconv_close(cd);
}

static int file_of(const struct buf *bytes)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd != -1 && write(fd, bytes->at, bytes->len) == (ssize_t)bytes->len);
	return fd;
}

static const struct {
	const char *name, *iconv, *text;
} texts[] = {
	{"utf-8", "UTF-8", "Café à Paris"},
	{"windows-1252", "CP1252", "Überweisung an Müller"},
	{"windows-1252", "ISO-8859-1", "Prélèvement hôtel à Évreux"},
	{"windows-1252", "CP1252", "Nómina “Compañía” – señor"},
	{"iso-8859-15", "ISO-8859-15", "Bœuf à 12 € chez Françoise"},
	{"windows-1250", "CP1250", "Převod za služby, účet č. 5"},
	{"windows-1250", "CP1250", "Żółta łódź, świeże śliwki"},
	{"iso-8859-2", "ISO-8859-2", "Żółta łódź, świeże śliwki"},
	{"windows-1250", "CP1250", "Könyvelés: fizetőeszköz, gyűjtő"},
	{"windows-1251", "CP1251", "Оплата услуг связи"},
	{"koi8-r", "KOI8-R", "Оплата услуг связи"},
	{"windows-1257", "CP1257", "Mokėjimas už paslaugas šį mėnesį"},
	{"windows-1255", "CP1255", "תשלום עבור שירותים"},
	{"windows-1253", "CP1253", "Πληρωμή λογαριασμού ρεύματος"},
	{"windows-1254", "CP1254", "Ödeme işlemi için ağ ücreti"},
	{"cp850", "CP850", "Überweisung an Müller"},
	{"shift_jis", "CP932", "ｶｰﾄﾞ ご利用代金　カード会社"},
	{"gb18030", "GB18030", "银行转账手续费"},
	{"big5", "BIG5", "跨行轉帳 信用卡費 王小明"},
	{"euc-kr", "CP949", "급여 체크카드 스타벅스"},
	{"euc-jp", "EUC-JP", "お引出し コンビニ 電気料"},
	{"shift_jis", "CP932", "年月日 ２０２４ 振込　タナカ"},
	{"windows-874", "CP874", "ซื้อสินค้าและบริการ"},
	{"windows-1256", "CP1256", "راتب شهر يناير"},
	{"iso-8859-5", "ISO-8859-5", "Оплата услуг связи"},
	{"cp857", "CP857", "Şişli Market, Maaş"},
	{"cp862", "CP862", "משכורת, שכר דירה"},
	/* one sign among ASCII */
	{"windows-1252", "CP1252", "McDonald’s"},
	{"windows-1252", "CP1252", "McDonald’s, WENDY’S and the drivers’ fees"},
	{"windows-1252", "CP1252", "Payment – thank you"},
	{"windows-1252", "CP1252", "Open Monday–Friday"},
	{"windows-1252", "CP1252", "Lego®"},
	{"windows-1252", "CP1252", "Zoom™ Pro"},
	{"windows-1252", "CP1252", "Amazon\u00a0Prime"},
	{"windows-1252", "CP1252", "Amazon Mktpl…"},
	{"windows-1252", "CP1252", "The “Blue” Cafe"},
	{"windows-1252", "CP1252", "Nº 12"},
	{"windows-1252", "CP1252", "§ 12"},
	{"windows-1252", "CP1252", "Cash £20"},
	{"windows-1252", "CP1252", "-£45.90"},
	{"windows-1252", "CP1252", "12,50 €"},
	{"iso-8859-15", "ISO-8859-15", "-45,90 €"},
	{"macintosh", "MACINTOSH", "McDonald’s"},
	/* and letters which other encodings take for one */
	{"windows-1252", "CP1252", "Cafe in Málaga"},
	{"cp850", "CP850", "Cafe in Málaga"},
	{"cp850", "CP850", "Konto in Malmö"},
	{"cp850", "CP850", "KJÆR BAGERI"},
	{"cp852", "CP852", "Żabka"},
	{"macintosh", "MACINTOSH", "Compañía en España"},
	{"shift_jis", "CP932", "ATM引出"},
};

static void test_encoding_is_found_by_what_it_makes_of_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		char *line = xasprintf("Date,Text,Amount\n2024-01-31,%s,-1.00\n", texts[i].text);
		struct encoding encoding;
		struct buf bytes = {0};
		struct source source;
		struct fault why = {0};
		int fd;

		convert(texts[i].iconv, span_text(line), &bytes);
		fd = file_of(&bytes);
		source_open(&source, fd, NULL, NULL);
		if (encoding_detect(&source, NULL, &encoding, &why) != 0)
			fail_msg("%s: %s", texts[i].text, why.text);
		if (strcmp(encoding_name(encoding.charset), texts[i].name) != 0)
			fail_msg("%s: %s instead of %s", texts[i].text,
				 encoding_name(encoding.charset), texts[i].name);
		source_close(&source);
		buf_release(&bytes);
		free(line);
		close(fd);
	}
}

/* How many characters begin with `lead`; each must be one code point. */
static uint32_t check_lead(const struct charset *charset, struct decoder *decoder, unsigned lead)
{
	uint32_t n = 0;

	for (unsigned trail = 0x30; trail < 256; trail++) {
		const char bytes[4] = {(char)lead, (char)trail, (char)0x81, '0'};
		size_t len, size = charset_char_size(charset, span_of(bytes, sizeof bytes));
		char out[sizeof bytes * CHARSET_GROWTH];

		if (decoder_run(decoder, span_of(bytes, size), out, &len) != size)
			continue;
		assert_int_equal(span_utf8_first(span_of(out, len)), len);
		n++;
	}
	return n;
}

/* Every character of an encoding is one code point: steps of bytes and of text stay together. */
static void test_charset_steps_as_it_decodes(void **state)
{
	static const char *const names[] = {"shift_jis", "gb18030", "big5",
					    "euc-kr",	 "euc-jp",  "utf-16le"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct charset *charset = charset_find(names[i]);
		struct decoder *decoder = decoder_new(charset);
		uint32_t n = 0;

		for (unsigned lead = 1; lead < 256; lead++)
			n += check_lead(charset, decoder, lead);
		assert_true(n > 5000);
		decoder_free(&decoder);
	}
}

static void rows_same(const struct rows *a, const struct rows *b, uint32_t from)
{
	for (uint32_t i = 0; i < b->n; i++) {
		assert_int_equal(a->line[from + i], b->line[i]);
		assert_int_equal(a->amount_minor[from + i], b->amount_minor[i]);
		assert_true(span_equal(rows_span(a, a->raw[from + i]), rows_span(b, b->raw[i])));
	}
}

/* Reads a file in units, each twice; the second time only from its places. Returns how many. */
static int read_units(int fd, const struct buf *bytes, size_t line_end, uint32_t n_rows)
{
	struct rows *rows = rows_new(), *again = rows_new();
	struct reading *reading;
	struct reader_place at, next, replayed;
	struct fault why = {0};
	uint32_t n = 0;
	int units = 0;
	bool last = false, ignored;

	assert_int_equal(reader_detect(fd, span_text("{}"), NULL, NULL, &reading, &why), 0);
	for (at = reading_start(reading); !last; at = next, units++) {
		rows_clear(rows);
		rows_clear(again);
		assert_int_equal(reader_unit(reading, fd, at, NULL, rows, &next, &last, &why), 0);
		assert_int_equal(
			reader_unit(reading, fd, at, &next, again, &replayed, &ignored, &why), 0);
		assert_int_equal(replayed.offset, next.offset);
		assert_int_equal(rows->n, again->n);
		rows_same(rows, again, 0);
		assert_true(next.offset - at.offset <= 65536 && rows->text_len < 200000);
		/* a place is a byte of the file: the one after a line's end */
		assert_true(next.offset % line_end == 0 &&
			    bytes->at[next.offset - line_end] == '\n');
		n += rows->n;
	}
	assert_int_equal(n, n_rows);
	reading_free(&reading);
	rows_free(&rows);
	rows_free(&again);
	return units;
}

static void test_places_are_bytes_of_the_file_in_any_encoding(void **state)
{
	static const struct {
		const char *iconv, *text;
		size_t line_end;
	} files[] = {
		{"CP1252", "Überweisung an Müller & Söhne, Köln", 1},
		{"CP932", "ｶｰﾄﾞ ご利用代金　カード会社　御中", 1},
		{"GB18030", "银行转账手续费及其他费用说明", 1},
		{"UTF-16LE", "Überweisung 银行 an Müller 😀", 2},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct buf text = {0}, bytes = {0};
		int fd;

		buf_text(&text, "Date,Description,Amount,Currency\n");
		for (int row = 0; row < 3000; row++)
			buf_format(&text, "2024-01-%02d,\"%.*s %d\",-%d.00,EUR\n", row / 107 + 1,
				   row % 40 == 7 ? 9 : 100, files[i].text, row, row + 1);
		convert(files[i].iconv, buf_span(&text), &bytes);
		fd = file_of(&bytes);
		assert_true(read_units(fd, &bytes, files[i].line_end, 3000) >= 6);
		buf_release(&text);
		buf_release(&bytes);
		close(fd);
	}
}

static void test_encoding_told_is_believed_or_refused_with_the_place(void **state)
{
	struct buf file = {0};
	struct reading *reading = NULL;
	struct fault why = {0};
	int fd;

	(void)state;
	buf_text(&file, "Date,Text,Amount\n2024-01-31,Caf\xe9,-1.00\n2024-01-31,x\x81y,-1.00\n");
	fd = file_of(&file);
	assert_int_equal(reader_detect(fd, span_text("{\"profile\": {\"encoding\": \"cp1252\"}}"),
				       NULL, NULL, &reading, &why),
			 -1);
	assert_string_equal(why.code, "encoding-unknown");
	assert_int_equal(why.row, 3);
	assert_non_null(strstr(why.text, "byte 51 (0x81"));
	assert_int_equal(reader_detect(fd, span_text("{\"profile\": {\"encoding\": \"cp850\"}}"),
				       NULL, NULL, &reading, &why),
			 0);
	reading_free(&reading);
	buf_release(&file);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encoding_is_found_by_what_it_makes_of_words),
		cmocka_unit_test(test_charset_steps_as_it_decodes),
		cmocka_unit_test(test_places_are_bytes_of_the_file_in_any_encoding),
		cmocka_unit_test(test_encoding_told_is_believed_or_refused_with_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
