/*
 * offer - the rule that would have decided as a person just did.
 */
#include "company.h"
#include "fold.h"
#include "mem.h"
#include "merchant.h"
#include "rules.h"

#define WORDS_MAX  4   /* more make the rule miss the next branch of the shop */
#define LEAST	   2   /* bytes; one letter says nothing */
#define TEXT_BYTES 200 /* of SYNTAX_VALUE_MAX */

/* What the rule looks for. */
struct look {
	struct span text; /* of the folded description */
	bool part;	  /* it ends within a word */
};

/* Do the words stand together, with only marks between them: AT&T, CO-OP? */
static bool is_joined(struct span found, struct span word)
{
	const char *end = found.at + found.len;

	return !memchr(end, ' ', (size_t)(word.at - end));
}

/* Ways of paying, which stand before the name and say nothing of it: "POS 1234 TESCO". */
static bool is_way(struct span word)
{
	static const char *const words[] = {
		"pos",	       "card",	      "purchase",
		"visa",	       "mastercard",  "maestro",
		"debit",       "credit",      "payment",
		"eftpos",      "contactless", "terminal",
		"transaction", "ref",	      "to",
		"from",	       "at",	      "on",
		"ec",	       "girocard",    "kartenzahlung",
		"lastschrift", "achat",	      "carte",
		"cb",	       "paiement",    "compra",
		"tarjeta",     "pago",	      "pagamento",
		"carta",       "bea",	      "betaalautomaat",
		"pinbetaling", "kortköp",     "dankort",
		"varekøb",     "visakøb",     "korttiosto",
		"platba",      "kartou",      "zakup",
		"kartą",       "płatność",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (span_is(word, words[i]))
			return true;
	return false;
}

/* Words that stand together in the description. */
struct run {
	struct span text;
	int words;
	bool way; /* nothing but ways of paying */
};

/* False when the word is one too many. */
static bool run_add(struct run *run, struct span word)
{
	size_t len = run->text.at ? (size_t)(word.at + word.len - run->text.at) : word.len;

	if (run->text.at &&
	    (len > TEXT_BYTES || (run->words >= WORDS_MAX && !is_joined(run->text, word))))
		return false;
	run->text = run->text.at ? span_of(run->text.at, len) : word;
	run->way = is_way(word) && (run->words == 0 || run->way);
	run->words++;
	return true;
}

/* The first words of the merchant that stand together in the description, as they stand there. Of
 * one that is all numbers, all are taken. */
static struct span first_words(struct span folded, bool all)
{
	struct span rest = folded, word, ways = {0};
	struct run run = {.words = 0};
	bool is_name;

	while ((word = merchant_word(&rest, &is_name)).len > 0) {
		if (all || is_name) {
			if (!run_add(&run, word))
				break;
			continue;
		}
		if (run.text.len >= LEAST && !run.way)
			break;
		if (run.way && !ways.at)
			ways = run.text;
		run = (struct run){.words = 0};
	}
	return run.text.len >= LEAST || !ways.at ? run.text : ways;
}

static struct look look_for(struct span folded)
{
	struct look look = {.text = first_words(folded, false)};

	if (look.text.len < LEAST)
		look.text = first_words(folded, true);
	look.part = look.text.len > TEXT_BYTES;
	if (look.part)
		look.text = span_utf8_whole(span_of(look.text.at, TEXT_BYTES));
	return look;
}

static bool has_name(const struct rules *own, struct span name)
{
	const struct rule *rules = own ? own->own.set->syntax.rules : NULL;
	uint32_t i = 0, n = rules ? own->own.set->n : 0;

	while (i < n && !span_equal(rules[i].name, name))
		i++;
	return i < n;
}

/* The name of a rule: merchant and direction, and a number where there is one called so. Never a
 * starter rule's, which it would replace. */
static void put_name(struct buf *text, const struct rules *own, struct span description,
		     const char *direction)
{
	struct buf merchant = {0}, name = {0};
	size_t max = SYNTAX_NAME_MAX - strlen(" out 10000");
	struct span whole;

	merchant_of(&merchant, description);
	whole = buf_span(&merchant);
	whole = whole.len > max ? span_utf8_whole(span_of(whole.at, max)) : whole;
	for (int n = 1; n == 1 || has_name(own, buf_span(&name)); n++) {
		buf_clear(&name);
		buf_format(&name, "%.*s %s", SPAN_ARG(whole), direction);
		if (n > 1)
			buf_format(&name, " %d", n);
	}
	buf_format(text, "rule \"%.*s\"\n", SPAN_ARG(buf_span(&name)));
	buf_release(&merchant);
	buf_release(&name);
}

static void put_text(struct buf *text, struct look look)
{
	buf_format(text, "    if description %s \"", look.part ? "contains" : "has word");
	for (size_t i = 0; i < look.text.len; i++) {
		if (look.text.at[i] == '"' || look.text.at[i] == '\\')
			buf_char(text, '\\');
		buf_char(text, look.text.at[i]);
	}
	buf_text(text, "\"\n");
}

/* Of the own rules that hold for the row the first: what it must come before. */
static const struct rule *first_own(struct rules *own, const struct rows *rows, uint32_t i)
{
	struct question q;
	int64_t rank;

	if (!own || own->own.set->n == 0)
		return NULL;
	rules_ask(own, rows, i, &q);
	rank = set_decide(own->own.set, own->own.on, &q);
	return rank < 0 ? NULL : &own->own.set->syntax.rules[rank];
}

static bool does_so(const struct rule *rule, struct span account)
{
	return rule->action == ACTION_ACCOUNT && rule->n_parts == 0 &&
	       span_equal(rule->account, account);
}

static void put_rule(struct rules *own, const struct rows *rows, uint32_t i, struct buf *text)
{
	struct span description = rows_span(rows, rows->description[i]);
	struct span account = rows_span(rows, rows->account[i]);
	const struct rule *before = first_own(own, rows, i);
	int64_t minor = rows->amount_minor[i];
	struct buf folded = {0};
	struct look look;

	if (!span_is(description, ROWS_NO_DESCRIPTION))
		fold_text(&folded, description);
	look = look_for(buf_span(&folded));
	if (look.text.len >= LEAST &&
	    !(before && (does_so(before, account) || before->priority == SYNTAX_PRIORITY_MAX))) {
		put_name(text, own, description, minor < 0 ? "out" : minor > 0 ? "in" : "zero");
		if (before && before->priority >= 0)
			buf_format(text, "    priority %d\n", before->priority + 1);
		put_text(text, look);
		if (minor == 0)
			buf_text(text, "    if amount 0\n"); /* which is neither in nor out */
		else
			buf_format(text, "    if direction %s\n", minor < 0 ? "out" : "in");
		buf_format(text, "    then account %.*s\n", SPAN_ARG(account));
	}
	buf_release(&folded);
}

/* Does it decide the row as it was answered? */
static bool decides(struct rules *rules, struct rows *rows, uint32_t i)
{
	struct text_ref answered = rows->account[i];
	bool same;

	rows->account[i] = (struct text_ref){0};
	rules_apply(rules, rows);
	same = span_equal(rows_span(rows, rows->account[i]), rows_span(rows, answered));
	rows->account[i] = answered;
	return same;
}

struct rules *rules_offer(struct rules *own, struct rows *rows, uint32_t i, struct buf *text)
{
	struct rules_source source = {"offer", {0}};
	struct rules *rules = NULL;

	put_rule(own, rows, i, text);
	source.text = buf_span(text);
	if (text->len > 0 && rules_compile(&source, 1, &rules, NULL) == 0 &&
	    !decides(rules, rows, i))
		rules_free(&rules);
	return rules;
}

void rules_version(struct span text, char version[RULES_VERSION_SIZE])
{
	struct rules_source source = {"", text};
	char hash[BLOB_HASH_TEXT_SIZE];

	blob_hash_text(rules_hash(&source, 1), hash);
	memcpy(version, hash, RULES_VERSION_SIZE - 1);
	version[RULES_VERSION_SIZE - 1] = '\0';
}
