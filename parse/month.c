#include "month.h"

#include "words.h"

/* The longest of the month's beginnings, separated by '|', that `folded` has; 0: none. */
static size_t beginning_of(struct span folded, const char *beginnings)
{
	size_t best = 0;

	while (*beginnings) {
		size_t len = (size_t)(strchrnul(beginnings, '|') - beginnings);

		if (*beginnings == folded.at[0] && len > best && folded.len >= len &&
		    memcmp(folded.at, beginnings, len) == 0)
			best = len;
		beginnings += len + (beginnings[len] == '|');
	}
	return best;
}

/* Month names begin like this, folded, at least three letters, so that abbreviations fit too; the
 * longest beginning that fits is the month. Where two languages spell one beginning for two months
 * ("lip": July in Polish, June in Croatian) the one of the languages that are read is listed. */
static int folded_month(struct span folded)
{
	static const char *const beginnings[12] = {
		"jan|ene|gen|ian|sty|led|tam|sau|oca|янв|яну|січ|ינו|Ιαν|ιαν|ΙΑΝ",
		"feb|fev|lut|uno|hel|vas|sub|фев|лют|פבר|Φεβ|φεβ|ΦΕΒ",
		"mar|mrz|maer|maar|mrt|maa|bre|kov|мар|бер|מרץ|Μαρ|Μάρ|μαρ|μάρ|ΜΑΡ",
		"apr|avr|abr|kwi|dub|huh|bal|nis|апр|кві|אפר|Απρ|απρ|ΑΠΡ",
		"may|mai|maj|mag|mei|kve|tou|geg|мая|май|тра|מאי|Μαΐ|Μάι|Μαι|μαΐ|μάι|ΜΑΪ|ΜΑΙ",
		"jun|juin|giu|iun|cze|cerven|cerv|cer|cvn|kes|bir|haz|июн|юни|чер|יונ|Ιουν|Ιούν|"
		"ιουν|ιούν|ΙΟΥΝ",
		"jul|juil|lug|iul|lip|cervenec|cervence|cvc|hei|lie|tem|июл|юли|лип|יול|Ιουλ|Ιούλ|"
		"ιουλ|ιούλ|ΙΟΥΛ",
		"aug|aou|ago|agu|sie|srp|elo|rugp|rgp|авг|сер|אוג|Αυγ|Αύγ|αυγ|αύγ|ΑΥΓ",
		"sep|set|sze|wrz|zar|syy|rugs|rgs|eyl|сен|сеп|вер|ספט|Σεπ|σεπ|ΣΕΠ",
		"oct|okt|ott|out|paz|rij|lok|spa|eki|окт|жов|אוק|Οκτ|οκτ|ΟΚΤ",
		"nov|noi|lis|marras|lap|kas|ноя|ное|лис|נוב|Νοε|Νοέ|νοε|νοέ|ΝΟΕ",
		"dec|dez|dic|des|gru|pro|jou|ara|дек|гру|דצמ|Δεκ|δεκ|ΔΕΚ",
	};
	size_t best = 0;
	int found = 0;

	for (int month = 0; month < 12; month++) {
		size_t len = beginning_of(folded, beginnings[month]);

		if (len > best) {
			best = len;
			found = month + 1;
		}
	}
	return found;
}

int month_of(struct span word)
{
	static const char in[] = "ב"; /* Hebrew glues "in" to the name */
	char room[32];
	struct span folded = span_of(room, words_fold(word, room, sizeof(room)));
	int month = folded.len > 0 ? folded_month(folded) : 0;

	if (month == 0 && folded.len > strlen(in) && memcmp(folded.at, in, strlen(in)) == 0)
		month = folded_month(span_of(folded.at + strlen(in), folded.len - strlen(in)));
	return month;
}

int month_thai(struct span text, size_t *len)
{
	static const char *const names[12] = {"มกราคม|ม.ค.",  "กุมภาพันธ์|ก.พ.",  "มีนาคม|มี.ค.",
					      "เมษายน|เม.ย.", "พฤษภาคม|พ.ค.",  "มิถุนายน|มิ.ย.",
					      "กรกฎาคม|ก.ค.", "สิงหาคม|ส.ค.",   "กันยายน|ก.ย.",
					      "ตุลาคม|ต.ค.",   "พฤศจิกายน|พ.ย.", "ธันวาคม|ธ.ค."};

	if (text.len == 0 || (unsigned char)text.at[0] != 0xe0)
		return 0;
	for (int month = 0; month < 12; month++) {
		*len = beginning_of(text, names[month]);
		if (*len > 0)
			return month + 1;
	}
	return 0;
}
