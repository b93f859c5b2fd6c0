#include "guess.h"

#include <stdlib.h>
#include <uchardet/uchardet.h>
#include <utf8proc.h>

#include "glyph.h"
#include "mem.h"
#include "wide.h"

/* DOS's, the old Macintosh's and Latin-9 are so rare by now that a byte which is as good a
 * character in one of Windows' is that: more than a near-tie and the second opinion make up for. */
#define GUESS_OLD 120
/* Of two characters that are right where they stand a sign is likelier than a letter, which would
 * have to make a word, too. */
#define GUESS_SIGN 1070

/* The letters beyond ASCII of some languages, in small. */
static const char *const alphabets[] = {
	"äöüß",		   /* German */
	"éèàçœâêëïô|îùûæ", /* French; rare ones, and what DOS makes of others */
	"áéíóúüñºª",	   /* Spanish */
	"ãõçáéíóúâêôàºª",  /* Portuguese */
	"àèéìòù",	   /* Italian */
	"åäöæøéü",	   /* Swedish, Danish, Norwegian, Finnish */
	"éëïöüèêç",	   /* Dutch */
	"áéíóúýðæö|þ",	   /* Icelandic */
	"ąćęłńóśźż",	   /* Polish */
	"áčéěířšúůýžóď",   /* Czech */
	"áäčéíľôšťúýž",	   /* Slovak */
	"áéíóöőúüű",	   /* Hungarian */
	"ăâîșțşţ",	   /* Romanian */
	"čćđšž",	   /* Croatian, Slovene */
	"ąčęėįšųūž",	   /* Lithuanian */
	"āčēģīķļņšūž",	   /* Latvian */
	"äõöü|šž",	   /* Estonian */
	"çğıöşüâi",	   /* Turkish; İ in small is a plain i */
	/* of whole alphabets the letters that are two thirds of all text, and the others */
	"оеаинтсрвлк|бгджзймпуфхцчшщъыьэюяё",		    /* Russian, Bulgarian */
	"оаинвретсік|бгдежзйлмпуфхцчшщьюяєїґ",		    /* Ukrainian */
	"αοιετσνηυρπκ|βγδζθλμξφχψωςάέήίόύώ",		    /* Greek */
	"יוהלאמרתבש|גדזחטכנסעפצקךםןףץ",			    /* Hebrew */
	"اليمنتربدعسوه|أإآىئءؤةثجحخذزشصضطظغفقكًٌّپچژگ",	    /* Arabic, Persian */
	"านรอกเงมยลวดทสตัปบค่ะแห้ีิไ|จพขชโถูซผศุธณภญฉฟฐษโฝฏใำฆฬๆ็์ึื", /* Thai */
};

struct letters {
	utf8proc_int32_t code[72];
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

/* The text as one code point each, between line ends. */
static utf8proc_int32_t *codes_of(struct span text, size_t *n)
{
	utf8proc_int32_t *codes = xmalloc((text.len + 4) * sizeof(*codes));
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text.at;
	utf8proc_ssize_t left = (utf8proc_ssize_t)text.len, size;

	*n = 0;
	codes[0] = codes[1] = '\n';
	while (left > 0 && (size = utf8proc_iterate(at, left, &codes[*n + 2])) > 0) {
		at += size;
		left -= size;
		++*n;
	}
	codes[*n + 2] = codes[*n + 3] = '\n';
	return codes;
}

/* Of text in UTF-8 that was one byte a character: `bytes`; without them, that is UTF-8. */
static int score_letters(struct span text, struct span bytes)
{
	struct letters known[ARRAY_LEN(alphabets)];
	int64_t hits[ARRAY_LEN(alphabets)] = {0}, best = 0, common = 0, n = 0;
	size_t n_codes;
	utf8proc_int32_t *codes = codes_of(text, &n_codes);

	for (size_t i = 0; i < ARRAY_LEN(alphabets); i++)
		letters_of(alphabets[i], &known[i]);
	for (const utf8proc_int32_t *at = codes + 2; at < codes + 2 + n_codes; at++) {
		enum glyph glyph;
		int score;

		if (*at < 0x80)
			continue;
		/* a blank that does not break is what DOS and KOI8 make of letters */
		if (*at == 0xa0 && bytes.len > 0 && bytes.at[at - codes - 2] != '\xa0')
			continue;
		glyph = glyph_at(at, &score);
		common += glyph == GLYPH_PLACED ? GUESS_SIGN : score;
		n += glyph != GLYPH_SIGN;
		for (size_t i = 0; glyph == GLYPH_LETTER && i < ARRAY_LEN(alphabets); i++)
			hits[i] += letters_have(&known[i], utf8proc_tolower(*at));
	}
	free(codes);
	for (size_t i = 0; i < ARRAY_LEN(alphabets); i++)
		best = hits[i] > best ? hits[i] : best;
	return n == 0 ? 500 + (int)(common / (int64_t)(text.len + 1)) : (int)((best + common) / n);
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

int guess_utf8(struct span sample)
{
	return score_letters(sample, span_of(NULL, 0));
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
		score = charset->form == CHARSET_SINGLE ? score_letters(span_of(room, len), sample)
							: wide_score(charset, sample);
		score += 50 * (charset == second) - GUESS_OLD * charset->old;
		guess_insert(guesses, n++, (struct guess){charset, score});
	}
	for (int i = 0; i < texts.n; i++)
		free((char *)texts.text[i].at);
	free(room);
	return n;
}
