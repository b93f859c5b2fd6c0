#include "guess.h"

#include <stdlib.h>
#include <uchardet/uchardet.h>
#include <utf8proc.h>

#include "mem.h"

/* The letters beyond ASCII of some languages, in small. */
static const char *const alphabets[] = {
	"äöüß",		  /* German */
	"àâçéèêëîïôùûœæ", /* French */
	"áéíóúüñºª",	  /* Spanish */
	"ãõçáéíóúâêôàºª", /* Portuguese */
	"àèéìòùî",	  /* Italian */
	"åäöæøéü",	  /* Swedish, Danish, Norwegian, Finnish */
	"éëïöüèêç",	  /* Dutch */
	"áéíóúýðþæö",	  /* Icelandic */
	"ąćęłńóśźż",	  /* Polish */
	"áčéěířšúůýžóď",  /* Czech */
	"áäčéíľôšťúýž",	  /* Slovak */
	"áéíóöőúüű",	  /* Hungarian */
	"ăâîșțşţ",	  /* Romanian */
	"čćđšž",	  /* Croatian, Slovene */
	"ąčęėįšųūž",	  /* Lithuanian */
	"āčēģīķļņšūž",	  /* Latvian */
	"äõöüšž",	  /* Estonian */
	"çğıöşüâi",	  /* Turkish; İ in small is a plain i */
	/* of whole alphabets the letters that are two thirds of all text, and the others */
	"оеаинтсрвлк|бгджзймпуфхцчшщъыьэюяё",  /* Russian, Bulgarian */
	"оаинвретсік|бгдежзйлмпуфхцчшщьюяєїґ", /* Ukrainian */
	"αοιετσνηυρπκ|βγδζθλμξφχψωςάέήίόύώ",   /* Greek */
	"יוהלאמרתבש|גדזחטכנסעפצקךםןףץ",	       /* Hebrew */
};

/* What stands in statements between words and numbers: says nothing. */
static const char neutral[] = "\u00a0€£¥§°´’‘“”„«»–—…·©®™¿¡½¼²³№•ºª±×\u00ad";

struct letters {
	utf8proc_int32_t code[64];
	int n, n_common; /* n_common: the first of them, where the alphabet says which */
};

static void letters_of(const char *text, struct letters *letters)
{
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;

	letters->n = letters->n_common = 0;
	while (*at && letters->n < (int)ARRAY_LEN(letters->code)) {
		at += utf8proc_iterate(at, -1, &letters->code[letters->n++]);
		if (letters->code[letters->n - 1] == '|')
			letters->n_common = letters->n;
	}
}

/* What a letter adds to the score: nothing when it is none of these. */
static int letters_have(const struct letters *letters, utf8proc_int32_t code)
{
	for (int i = 0; i < letters->n; i++) {
		if (letters->code[i] == code)
			return letters->n_common > 0 && i > letters->n_common ? 500 : 1000;
	}
	return 0;
}

enum glyph { GLYPH_NONE, GLYPH_SMALL, GLYPH_CAPITAL, GLYPH_LETTER, GLYPH_DIGIT };

static enum glyph glyph_of(utf8proc_int32_t code)
{
	switch (utf8proc_category(code)) {
	case UTF8PROC_CATEGORY_LU:
		return GLYPH_CAPITAL;
	case UTF8PROC_CATEGORY_LL:
		return GLYPH_SMALL;
	case UTF8PROC_CATEGORY_LO:
		return GLYPH_LETTER;
	case UTF8PROC_CATEGORY_ND:
		return GLYPH_DIGIT;
	default:
		return GLYPH_NONE;
	}
}

static bool is_letter(utf8proc_int32_t code)
{
	enum glyph glyph = glyph_of(code);

	return glyph != GLYPH_NONE && glyph != GLYPH_DIGIT;
}

static bool is_ascii_letter(utf8proc_int32_t code)
{
	return code < 0x80 && is_letter(code);
}

/* One character between its neighbours: what it adds to the score whatever the language, and
 * whether it is a letter that a language may know. */
static int place_score(utf8proc_int32_t before, utf8proc_int32_t code, utf8proc_int32_t after,
		       const struct letters *quiet, const struct letters *never, bool *letter)
{
	enum glyph glyph = glyph_of(code);

	*letter = is_letter(code) && code != 0xaa && code != 0xba;
	if (!*letter) {
		if (is_letter(before) && is_letter(after) && code != 0x2019 && code != 0xb7 &&
		    code != 0xad && code != 0x2013 && code != 0xb4)
			return -1500;
		if (letters_have(never, code) && (is_letter(before) || is_letter(after)))
			return -1000;
		return letters_have(quiet, code) ? 0 : -1000;
	}
	if (code >= 0x370 && (is_ascii_letter(before) || is_ascii_letter(after)))
		return -1500; /* no word mixes scripts */
	if (glyph == GLYPH_CAPITAL && glyph_of(before) == GLYPH_SMALL)
		return -1200;
	if (glyph == GLYPH_SMALL && glyph_of(before) == GLYPH_CAPITAL &&
	    glyph_of(after) == GLYPH_CAPITAL && code != 0xdf)
		return -400;
	if (!is_letter(before) && !is_letter(after) &&
	    (glyph_of(before) == GLYPH_DIGIT || glyph_of(after) == GLYPH_DIGIT))
		return -1200; /* a letter beside a number is a sign misread */
	return 0;
}

/* Of text in UTF-8 that was one byte a character. */
static int score_letters(struct span text)
{
	struct letters known[ARRAY_LEN(alphabets)], quiet, never;
	int64_t hits[ARRAY_LEN(alphabets)] = {0}, best = 0, common = 0, n = 0;
	utf8proc_int32_t before = '\n', code = '\n', after;
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text.at;

	letters_of(neutral, &quiet);
	letters_of("£¥¼½±×", &never); /* beside a letter */
	for (size_t i = 0; i < ARRAY_LEN(alphabets); i++)
		letters_of(alphabets[i], &known[i]);
	for (utf8proc_ssize_t left = (utf8proc_ssize_t)text.len; left > 0;
	     before = code, code = after) {
		utf8proc_ssize_t size = utf8proc_iterate(at, left, &after);
		bool letter;

		if (size <= 0)
			break;
		at += size;
		left -= size;
		if (code < 0x80)
			continue;
		common += place_score(before, code, after, &quiet, &never, &letter);
		n += letter;
		for (size_t i = 0; letter && i < ARRAY_LEN(alphabets); i++)
			hits[i] += letters_have(&known[i], utf8proc_tolower(code));
	}
	for (size_t i = 0; i < ARRAY_LEN(alphabets); i++)
		best = hits[i] > best ? hits[i] : best;
	return n == 0 ? 500 + (int)(common / (int64_t)(text.len + 1)) : (int)((best + common) / n);
}

static int shift_jis_score(unsigned char lead, unsigned char trail)
{
	if (lead == 0x81)
		return 700; /* punctuation */
	if (lead == 0x82 || (lead == 0x83 && trail <= 0x96) || (lead >= 0x88 && lead <= 0x97))
		return 1000; /* kana and the commoner half of kanji */
	return lead >= 0x98 && lead <= 0xea ? 300 : 0;
}

static int gb_score(unsigned char lead, unsigned char trail)
{
	if (trail < 0xa1)
		return 0;
	if (lead >= 0xb0 && lead <= 0xd7)
		return 1000; /* the commoner half of GB 2312 */
	if (lead >= 0xa1 && lead <= 0xa9)
		return 700; /* punctuation */
	return lead >= 0xd8 && lead <= 0xf7 ? 300 : 0;
}

/* Of bytes in an encoding of several a character: by which ranges of it are used. */
static int score_wide(const struct charset *charset, struct span bytes)
{
	int64_t sum = 0, n = 0;
	size_t size;

	for (; bytes.len > 0; bytes = span_of(bytes.at + size, bytes.len - size)) {
		unsigned char lead = (unsigned char)bytes.at[0];

		size = charset_char_size(charset, bytes);
		if (size > bytes.len)
			break;
		if (lead < 0x80)
			continue;
		n++;
		if (size == 1)
			sum += 600; /* katakana of half width */
		else if (size == 2)
			sum += charset->form == CHARSET_SJIS
				       ? shift_jis_score(lead, (unsigned char)bytes.at[1])
				       : gb_score(lead, (unsigned char)bytes.at[1]);
	}
	return n == 0 ? 0 : (int)(sum / n);
}

/* What libuchardet takes the sample for; NULL when it does not know, or we do not. */
static const struct charset *second_opinion(struct span sample)
{
	uchardet_t detector = uchardet_new();
	const struct charset *charset = NULL;

	if (uchardet_handle_data(detector, sample.at, sample.len) == 0) {
		uchardet_data_end(detector);
		charset = charset_find(uchardet_get_charset(detector));
	}
	uchardet_delete(detector);
	return charset;
}

/* Keeps the list in order, best first; of equals the earlier one stays first. */
static void guess_insert(struct guess *guesses, int n, struct guess guess)
{
	int i = n;

	for (; i > 0 && guesses[i - 1].score < guess.score; i--)
		guesses[i] = guesses[i - 1];
	guesses[i] = guess;
}

/* Is the text that `charset` makes of the sample one that was seen? Keeps it for the next. */
struct texts {
	struct span text[GUESS_MAX];
	int n;
};

static bool texts_have(struct texts *texts, struct span text)
{
	for (int i = 0; i < texts->n; i++) {
		if (span_equal(texts->text[i], text))
			return true;
	}
	texts->text[texts->n++] = span_of(memcpy(xmalloc(text.len + 1), text.at, text.len),
					  text.len);
	return false;
}

int guess_charsets(struct span sample, struct guess *guesses)
{
	const struct charset *charset, *second = second_opinion(sample);
	char *room = xmalloc(sample.len * CHARSET_GROWTH + 1);
	struct texts texts = {.n = 0};
	int n = 0;

	for (size_t i = 0; (charset = charset_at(i)) != NULL && n < GUESS_MAX; i++) {
		struct decoder *decoder;
		size_t taken, len;
		int score;

		if (!charset->guessed && charset != second)
			continue;
		decoder = decoder_new(charset);
		taken = decoder_run(decoder, sample, room, &len);
		decoder_free(&decoder);
		if (taken < sample.len || texts_have(&texts, span_of(room, len)))
			continue;
		score = charset->form == CHARSET_SINGLE ? score_letters(span_of(room, len))
							: score_wide(charset, sample);
		guess_insert(guesses, n++,
			     (struct guess){charset, score + 50 * (charset == second)});
	}
	for (int i = 0; i < texts.n; i++)
		free((char *)texts.text[i].at);
	free(room);
	return n;
}
