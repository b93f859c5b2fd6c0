#include "wide.h"

#define KANA_HALF 700 /* katakana of half width, where they are single bytes */
#define MARKS	  700 /* punctuation, full width signs and letters */
#define RARE	  300

static int shift_jis_score(unsigned char lead, unsigned char trail)
{
	if (lead == 0x81)
		return MARKS;
	if (lead == 0x82 || (lead == 0x83 && trail <= 0x96) || (lead >= 0x88 && lead <= 0x97))
		return 1000; /* kana and the commoner half of kanji */
	return lead >= 0x98 && lead <= 0xea ? RARE : 0;
}

static int euc_jp_score(unsigned char lead, unsigned char trail)
{
	(void)trail;
	if (lead == 0x8e || lead == 0xa4 || lead == 0xa5)
		return 1100; /* kana, which only this encoding has in every text */
	if (lead >= 0xa1 && lead <= 0xa3)
		return MARKS;
	if (lead >= 0xb0 && lead <= 0xcf)
		return 850;
	return lead >= 0xd0 && lead <= 0xf4 ? RARE : 0;
}

static int gb_score(unsigned char lead, unsigned char trail)
{
	if (trail < 0xa1)
		return 0;
	if (lead >= 0xb0 && lead <= 0xd7)
		return lead <= 0xc8 ? 900 : 1100; /* hangul would all be in the first part */
	if (lead >= 0xa1 && lead <= 0xa3)
		return MARKS;
	return lead >= 0xd8 && lead <= 0xf7 ? RARE : 0;
}

static int euc_kr_score(unsigned char lead, unsigned char trail)
{
	if (trail < 0xa1)
		return 0;
	if (lead >= 0xb0 && lead <= 0xc8)
		return 1000; /* hangul */
	if (lead >= 0xa1 && lead <= 0xa3)
		return MARKS;
	return lead >= 0xca && lead <= 0xfd ? RARE / 2 : 0;
}

static int big5_score(unsigned char lead, unsigned char trail)
{
	if (lead >= 0xa4 && lead <= 0xc6)
		return trail < 0xa1 ? 1050 : 950; /* the others have no such second bytes */
	if (lead >= 0xa1 && lead <= 0xa3)
		return MARKS;
	return lead >= 0xc9 && lead <= 0xf9 ? RARE : 0;
}

/* Of a character beyond ASCII. */
static int character_score(const struct charset *charset, struct span bytes, size_t size)
{
	unsigned char lead = (unsigned char)bytes.at[0];
	unsigned char trail = size > 1 ? (unsigned char)bytes.at[1] : 0;

	if (size == 1)
		return charset->form == CHARSET_SJIS ? KANA_HALF : 0;
	if (size > 2)
		return 0;
	switch (charset->form) {
	case CHARSET_SJIS:
		return shift_jis_score(lead, trail);
	case CHARSET_EUC_JP:
		return euc_jp_score(lead, trail);
	case CHARSET_EUC_KR:
		return euc_kr_score(lead, trail);
	case CHARSET_BIG5:
		return big5_score(lead, trail);
	default:
		return gb_score(lead, trail);
	}
}

/* Characters beyond ASCII in a row. */
struct run {
	int64_t sum, n;
	bool glued; /* to a letter of ASCII in front */
	bool eats;  /* each has a letter of ASCII for its second byte: élève */
};

static int64_t run_score(const struct run *run, bool glued)
{
	if (run->n <= run->glued + glued)
		return run->n * -1000;
	return run->eats && run->n <= 3 ? 0 : run->sum;
}

static bool is_ascii_letter(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

int wide_score(const struct charset *charset, struct span bytes)
{
	int64_t sum = 0, n = 0;
	struct run run = {.eats = true};
	char before = '\n';
	size_t size;

	for (; bytes.len > 0; bytes = span_of(bytes.at + size, bytes.len - size)) {
		size = charset_char_size(charset, bytes);
		if (size > bytes.len)
			break;
		if ((bytes.at[0] & 0x80) == 0) {
			sum += run_score(&run, is_ascii_letter(bytes.at[0]));
			n += run.n;
			run = (struct run){.eats = true};
			before = bytes.at[0];
			continue;
		}
		if (run.n++ == 0)
			run.glued = is_ascii_letter(before);
		/* not the digits of full width, at 0x82 */
		run.eats &= size == 2 && is_ascii_letter(bytes.at[1]) && bytes.at[0] != '\x82';
		run.sum += character_score(charset, bytes, size);
	}
	sum += run_score(&run, false);
	n += run.n;
	return n == 0 ? 0 : (int)(sum / n);
}
