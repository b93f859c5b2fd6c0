/*
 * offer - the rule that would have decided as a person just did.
 */
#include "fold.h"
#include "merchant.h"
#include "rules.h"
#include "syntax.h"

#define WORDS_MAX 4 /* more make the rule miss the next branch of the shop */

/* The name of a rule: merchant and direction. Never a starter rule's, which it would replace. */
static void put_name(struct buf *text, struct span merchant, bool out)
{
	size_t max = SYNTAX_NAME_MAX - strlen(" in") - 1;
	size_t len = merchant.len < max ? merchant.len : max;
	struct span name = span_utf8_whole(span_of(merchant.at, len));

	buf_format(text, "\"%.*s %s\"", SPAN_ARG(name), out ? "out" : "in");
}

/* Does `words` stand in `folded` as it is written? Between a merchant's words there may have been
 * a number. */
static bool stands_in(struct span folded, struct span words)
{
	return words.len <= folded.len && memmem(folded.at, folded.len, words.at, words.len);
}

/* The first words of the merchant that stand together in the description. */
static struct span first_words(struct span folded, struct span merchant)
{
	struct span best = {0};
	size_t end = 0;

	for (int words = 0; words < WORDS_MAX && end < merchant.len; words++) {
		const char *space = memchr(merchant.at + end, ' ', merchant.len - end);

		end = space ? (size_t)(space - merchant.at) : merchant.len;
		if (!stands_in(folded, span_of(merchant.at, end)))
			break;
		best = span_of(merchant.at, end);
		end += space != NULL;
	}
	return best;
}

void rules_offer(struct span description, bool out, struct span account, struct buf *text)
{
	struct buf folded = {0}, merchant = {0};
	struct span words;

	fold_text(&folded, description);
	merchant_of(&merchant, description);
	words = first_words(buf_span(&folded), buf_span(&merchant));
	if (words.len >= 2) {
		buf_text(text, "rule ");
		put_name(text, buf_span(&merchant), out);
		buf_format(text,
			   "\n    if description has word \"%.*s\"\n    if direction %s\n"
			   "    then account %.*s\n",
			   SPAN_ARG(words), out ? "out" : "in", SPAN_ARG(account));
	}
	buf_release(&folded);
	buf_release(&merchant);
}

void rules_version(struct span text, char version[RULES_VERSION_SIZE])
{
	struct rules_source source = {"", text};
	char hash[BLOB_HASH_TEXT_SIZE];

	blob_hash_text(rules_hash(&source, 1), hash);
	memcpy(version, hash, RULES_VERSION_SIZE - 1);
	version[RULES_VERSION_SIZE - 1] = '\0';
}
