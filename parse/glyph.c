#include "glyph.h"

#include <string.h>

#define NO_BREAK_SPACE 0xa0
#define SHARP_S	       0xdf

static bool is_small(utf8proc_int32_t code)
{
	return utf8proc_category(code) == UTF8PROC_CATEGORY_LL;
}

static bool is_capital(utf8proc_int32_t code)
{
	return utf8proc_category(code) == UTF8PROC_CATEGORY_LU;
}

static bool is_letter(utf8proc_int32_t code)
{
	utf8proc_category_t category = utf8proc_category(code);

	/* MN: the vowels and tones of Thai and Arabic */
	return is_small(code) || is_capital(code) || category == UTF8PROC_CATEGORY_LO ||
	       category == UTF8PROC_CATEGORY_MN;
}

static bool is_digit(utf8proc_int32_t code)
{
	return utf8proc_category(code) == UTF8PROC_CATEGORY_ND;
}

static bool is_blank(utf8proc_int32_t code)
{
	return code == ' ' || code == NO_BREAK_SPACE;
}

static bool is_among(utf8proc_int32_t code, const char *signs)
{
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)signs;
	utf8proc_int32_t sign;

	while (*at) {
		at += utf8proc_iterate(at, -1, &sign);
		if (sign == code)
			return true;
	}
	return false;
}

/* Between letters, but in capitals only as in O’BRIEN and MCDONALD’S: elsewhere DOS has its Æ. Or
 * behind a word: the drivers’ fees. */
static bool apostrophe_is_placed(const utf8proc_int32_t *at)
{
	if (!is_letter(at[-1]))
		return false;
	if (is_capital(at[-1]) && is_capital(at[1]))
		return !is_letter(at[-2]) || at[1] == 'S' || at[1] == 'T';
	return true;
}

/* Quotation marks come in pairs: the other one is in the same line. */
static bool quote_is_placed(const utf8proc_int32_t *at)
{
	const utf8proc_int32_t *other = at + 1;

	if (!is_letter(at[-1])) {
		while (*other != '\n' && !is_among(*other, "“”»"))
			other++;
	} else if (!is_letter(at[1])) {
		for (other = at - 1; *other != '\n' && !is_among(*other, "“„«");)
			other--;
	}
	return is_among(*other, "“”„«»");
}

/* Between blanks, numbers, or from one name to the next: Monday–Friday, where España has none. */
static bool dash_is_placed(const utf8proc_int32_t *at)
{
	return !is_letter(at[-1]) ? !is_letter(at[1]) : is_small(at[-1]) && is_capital(at[1]);
}

/* 5°, nº, Mª */
static bool ordinal_is_placed(const utf8proc_int32_t *at)
{
	return !is_letter(at[1]) && (is_digit(at[-1]) || (is_letter(at[-1]) && !is_letter(at[-2])));
}

static bool sign_is_placed(const utf8proc_int32_t *at)
{
	bool behind = is_letter(at[-1]), ahead = is_letter(at[1]);

	if (*at == NO_BREAK_SPACE) /* anywhere, but Málaga has none */
		return !(is_capital(at[-1]) && !is_letter(at[-2]) && is_small(at[1]));
	if (is_among(*at, "’"))
		return apostrophe_is_placed(at);
	if (is_among(*at, "“”„«»"))
		return quote_is_placed(at);
	if (is_among(*at, "–—"))
		return dash_is_placed(at);
	if (is_among(*at, "°ºª"))
		return ordinal_is_placed(at);
	if (is_among(*at, "€£¥"))
		return !behind && !ahead;
	if (is_among(*at, "®™…"))
		return (behind || is_digit(at[-1])) && !ahead;
	if (is_among(*at, "§"))
		return !behind && (is_digit(at[1]) || is_blank(at[1]));
	if (is_among(*at, "‘¡¿•"))
		return !behind || at[1] == *at;
	return is_among(*at, "·´") && behind && ahead;
}

/* What stands in statements between words and numbers: says nothing. */
static const char neutral[] = "\u00a0€£¥¢§°´’‘“”„«»–—…·©®™†¿¡½¼¾²³№•ºª±×\u00ad";

/* Of these no two stand side by side. */
static const char exponents[] = "¹²³¼½¾°ºª´·±×¢¥§";

static int sign_score(const utf8proc_int32_t *at)
{
	bool behind = is_letter(at[-1]), ahead = is_letter(at[1]);

	if (behind && ahead && !is_among(*at, "’·–´\u00ad"))
		return -1500;
	if ((behind || ahead) && is_among(*at, "£¥¼½±×"))
		return -1000;
	if (is_among(*at, exponents) && (is_among(at[-1], exponents) || is_among(at[1], exponents)))
		return -1000;
	return is_among(*at, neutral) ? 0 : -1000;
}

/* The last of a number's field: 45,90 Ç. (In 12 à 14 a blank follows.) */
static bool is_behind_number(const utf8proc_int32_t *at)
{
	return is_blank(at[-1]) && is_digit(at[-2]) && !is_blank(at[1]);
}

static int letter_score(const utf8proc_int32_t *at)
{
	utf8proc_int32_t before = at[-1], after = at[1];
	bool alone = !is_letter(before) && !is_letter(after);

	if (*at >= 0x370 &&
	    ((before < 0x80 && is_letter(before)) || (after < 0x80 && is_letter(after))))
		return -1500; /* no word mixes scripts */
	if (is_capital(*at) && is_small(before))
		return -1200;
	if (is_capital(*at) && is_capital(before) && is_small(after))
		return -400; /* BÑcker */
	if (is_small(*at) && is_capital(before) && is_capital(after) && *at != SHARP_S)
		return -400;
	if (alone && (is_digit(before) || is_digit(after) || is_behind_number(at)))
		return -1200; /* a letter beside a number is a sign misread */
	return 0;
}

enum glyph glyph_at(const utf8proc_int32_t *at, int *score)
{
	*score = 0;
	if (is_letter(*at) && !is_among(*at, "ªº")) {
		*score = letter_score(at);
		return GLYPH_LETTER;
	}
	if (sign_is_placed(at))
		return GLYPH_PLACED;
	*score = sign_score(at);
	return GLYPH_SIGN;
}
