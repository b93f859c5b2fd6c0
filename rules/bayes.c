#include "bayes.h"

#include <math.h>
#include <stdlib.h>

#include "arena.h"
#include "mem.h"

#define ACCOUNTS_MAX 400 /* beyond, an account is not guessed */
#define WORDS_MAX    24	 /* of a merchant */
#define SMOOTH                                                                                     \
	0.05 /* added to each count; of test_history_ledger.c it answers 97.4 % so, with           \
	      * 0.2 95.4 %, with 0.5 91.5 % and half as many wrong */
#define STEPS_MAX     64
#define MERCHANTS_MIN 20 /* fewer calibrate nothing: then it only suggests */
#define UNSURE	      0.5

/* How often a feature came with an account, in a chain of the feature's. */
struct tally {
	uint32_t account, next; /* next: place + 1 */
	double weight;
};

struct feature {
	struct span text; /* at == NULL: free */
	uint32_t first;	  /* tally, place + 1 */
	double weight;
};

struct step {
	double margin, right, n; /* from this margin on */
};

struct fitted {
	struct step steps[STEPS_MAX];
	uint32_t n;
};

struct bayes {
	struct arena arena;
	struct feature *features; /* open addressing */
	uint32_t n_features, room;
	struct tally *tallies;
	uint32_t n_tallies, tallies_room;
	struct span accounts[ACCOUNTS_MAX];
	double weight[ACCOUNTS_MAX], words[ACCOUNTS_MAX]; /* samples; features in them */
	uint32_t n_accounts;
	double total;
	struct fitted by_words,
		by_amount; /* for merchants with a word that it knows, and without */
};

/* The features of a merchant, as texts. */
struct asked {
	struct span text[WORDS_MAX + 3];
	uint32_t n, n_words;
	char fine[4], coarse[4]; /* what amount classes are called */
};

static uint32_t hash_of(struct span text)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.at[i]) * 16777619u;
	return hash;
}

static struct feature *slot_of(const struct bayes *b, struct span text)
{
	uint32_t at = hash_of(text) & (b->room - 1);

	while (b->features[at].text.at && !span_equal(b->features[at].text, text))
		at = (at + 1) & (b->room - 1);
	return &b->features[at];
}

static bool has(const struct asked *asked, struct span word)
{
	for (uint32_t i = 0; i < asked->n; i++)
		if (span_equal(asked->text[i], word))
			return true;
	return false;
}

static struct span class_text(char out[4], char width, uint32_t class)
{
	out[0] = '\t';
	out[1] = width;
	out[2] = (char)('0' + class / 32);
	out[3] = (char)('0' + class % 32);
	return span_of(out, 4);
}

/* Words hold no white space, so that no word is a feature of the other kinds. */
static void ask(const struct sample *key, struct asked *asked)
{
	struct span rest = key->merchant;

	asked->n = 0;
	while (rest.len > 0 && asked->n < WORDS_MAX) {
		const char *space = memchr(rest.at, ' ', rest.len);
		struct span word = span_of(rest.at, space ? (size_t)(space - rest.at) : rest.len);
		size_t len = word.len + (space != NULL);

		rest = span_of(rest.at + len, rest.len - len);
		if (word.len > 1 && !has(asked, word))
			asked->text[asked->n++] = word;
	}
	asked->n_words = asked->n;
	asked->text[asked->n++] = span_text(key->out ? "\tout" : "\tin");
	/* in two widths: the fine one says more, the coarse one is met more often */
	asked->text[asked->n++] = class_text(asked->fine, 'f', key->class);
	asked->text[asked->n++] = class_text(asked->coarse, 'c', key->class / 2);
}

/* ---- training ---- */

static uint32_t account_of(struct bayes *b, struct span name)
{
	uint32_t i = 0;

	while (i < b->n_accounts && !span_equal(b->accounts[i], name))
		i++;
	if (i == b->n_accounts && i < ACCOUNTS_MAX)
		b->accounts[b->n_accounts++] = name;
	return i;
}

static void grow(struct bayes *b)
{
	struct feature *old = b->features;
	uint32_t had = b->room;

	b->room = had ? 2 * had : 1024;
	b->features = xcalloc(b->room, sizeof *b->features);
	for (uint32_t i = 0; i < had; i++)
		if (old[i].text.at)
			*slot_of(b, old[i].text) = old[i];
	free(old);
}

static struct tally *tally_of(struct bayes *b, struct feature *feature, uint32_t account)
{
	for (uint32_t t = feature->first; t; t = b->tallies[t - 1].next)
		if (b->tallies[t - 1].account == account)
			return &b->tallies[t - 1];
	if (b->n_tallies == b->tallies_room) {
		b->tallies_room = b->tallies_room ? 2 * b->tallies_room : 1024;
		b->tallies = xrealloc(b->tallies, b->tallies_room * sizeof *b->tallies);
	}
	b->tallies[b->n_tallies++] = (struct tally){account, feature->first, 0};
	feature->first = b->n_tallies;
	return &b->tallies[b->n_tallies - 1];
}

/* The tenth purchase at a shop tells less about other shops than the first. */
static double weight_of(const struct sample *sample)
{
	return 1 + log2(sample->count);
}

/* `sign` -1 takes a sample out again. */
static void learn(struct bayes *b, const struct sample *sample, double sign)
{
	uint32_t account = account_of(b, sample->account);
	double weight = sign * weight_of(sample);
	struct asked asked;

	if (account == ACCOUNTS_MAX)
		return;
	ask(sample, &asked);
	b->weight[account] += weight;
	b->total += weight;
	for (uint32_t i = 0; i < asked.n; i++) {
		struct feature *feature;

		if (2 * b->n_features >= b->room)
			grow(b);
		feature = slot_of(b, asked.text[i]);
		if (!feature->text.at) {
			feature->text = arena_copy(&b->arena, asked.text[i]);
			b->n_features++;
		}
		feature->weight += weight;
		tally_of(b, feature, account)->weight += weight;
		b->words[account] += weight;
	}
}

/* ---- asking ---- */

struct verdict {
	uint32_t account;
	double margin; /* of log probabilities, to the second best */
};

static void add_feature(const struct bayes *b, const struct feature *feature, double *score)
{
	double size = SMOOTH * (b->n_features + 1);

	for (uint32_t a = 0; a < b->n_accounts; a++)
		score[a] += log(SMOOTH / (b->words[a] + size));
	for (uint32_t t = feature->first; t; t = b->tallies[t - 1].next) {
		const struct tally *tally = &b->tallies[t - 1];
		double weight = tally->weight > 0 ? tally->weight : 0;

		score[tally->account] += log((weight + SMOOTH) / SMOOTH);
	}
}

/* `masked`: as if it had no word. Returns how many of its words it knows. */
static uint32_t judge(const struct bayes *b, const struct sample *key, bool masked,
		      struct verdict *verdict)
{
	double score[ACCOUNTS_MAX], second = -INFINITY;
	struct asked asked;
	uint32_t known = 0;

	ask(key, &asked);
	for (uint32_t a = 0; a < b->n_accounts; a++)
		score[a] = b->weight[a] > 1e-9 ? log(b->weight[a] / b->total) : -INFINITY;
	for (uint32_t i = 0; i < asked.n && b->room; i++) {
		const struct feature *feature = slot_of(b, asked.text[i]);

		if (!feature->text.at || feature->weight < 1e-9 || (masked && i < asked.n_words))
			continue;
		known += i < asked.n_words;
		add_feature(b, feature, score);
	}
	*verdict = (struct verdict){0};
	for (uint32_t a = 1; a < b->n_accounts; a++)
		if (score[a] > score[verdict->account])
			verdict->account = a;
	for (uint32_t a = 0; a < b->n_accounts; a++)
		if (a != verdict->account && score[a] > second)
			second = score[a];
	verdict->margin = isinf(second) ? 0 : score[verdict->account] - second;
	return known;
}

/* ---- calibration ---- */

struct trial {
	double margin;
	bool right;
};

static int by_margin(const void *a, const void *b)
{
	const struct trial *x = a, *y = b;

	return (x->margin > y->margin) - (x->margin < y->margin);
}

static bool falls(const struct step *low, const struct step *high)
{
	return low->right * high->n >= high->right * low->n;
}

/* Joins the last two steps as long as the later one is not better. */
static void pool(struct fitted *f)
{
	while (f->n > 1 && falls(&f->steps[f->n - 2], &f->steps[f->n - 1])) {
		f->steps[f->n - 2].right += f->steps[f->n - 1].right;
		f->steps[f->n - 2].n += f->steps[f->n - 1].n;
		f->n--;
	}
}

static void fit(struct fitted *f, struct trial *trials, uint32_t n)
{
	uint32_t least = n / STEPS_MAX + 1; /* trials a step, so that there is room for all */

	f->n = 0;
	if (n < MERCHANTS_MIN)
		return;
	qsort(trials, n, sizeof *trials, by_margin);
	for (uint32_t i = 0; i < n;) {
		struct step *step = &f->steps[f->n++];

		*step = (struct step){.margin = trials[i].margin};
		for (uint32_t k = 0; k < least && i < n; k++, i++) {
			step->n++;
			step->right += trials[i].right;
		}
		pool(f);
	}
}

static void try_merchant(const struct bayes *b, const struct sample *samples, uint32_t n,
			 bool masked, struct trial *trials, uint32_t *n_trials)
{
	struct verdict verdict;

	for (uint32_t i = 0; i < n; i++)
		if (judge(b, &samples[i], masked, &verdict) > 0 || masked)
			trials[(*n_trials)++] = (struct trial){
				verdict.margin,
				span_equal(b->accounts[verdict.account], samples[i].account)};
}

/* Asks for each merchant what it would have said without that merchant. `samples` has equal
 * merchants together. */
static void calibrate(struct bayes *b, const struct sample *samples, uint32_t n, bool masked)
{
	struct trial *trials = xcalloc(n + 1, sizeof *trials);
	uint32_t n_trials = 0;

	for (uint32_t first = 0, end; first < n; first = end) {
		for (end = first;
		     end < n && span_equal(samples[end].merchant, samples[first].merchant); end++)
			learn(b, &samples[end], -1);
		try_merchant(b, samples + first, end - first, masked, trials, &n_trials);
		for (uint32_t i = first; i < end; i++)
			learn(b, &samples[i], 1);
	}
	fit(masked ? &b->by_amount : &b->by_words, trials, n_trials);
	free(trials);
}

static double confidence_of(const struct fitted *f, double margin)
{
	uint32_t i = f->n;

	if (i == 0)
		return UNSURE;
	while (i > 1 && f->steps[i - 1].margin > margin)
		i--;
	return (f->steps[i - 1].right + 1) / (f->steps[i - 1].n + 2);
}

struct bayes *bayes_train(const struct sample *samples, uint32_t n)
{
	struct bayes *b = xcalloc(1, sizeof *b);

	for (uint32_t i = 0; i < n; i++)
		learn(b, &samples[i], 1);
	calibrate(b, samples, n, false);
	calibrate(b, samples, n, true);
	return b;
}

void bayes_free(struct bayes **bayes)
{
	if (!*bayes)
		return;
	arena_release(&(*bayes)->arena);
	free((*bayes)->features);
	free((*bayes)->tallies);
	free(*bayes);
	*bayes = NULL;
}

struct span bayes_guess(struct bayes *b, const struct sample *key, uint32_t *confidence_ppm)
{
	struct verdict verdict;
	const struct fitted *f;

	if (b->n_accounts == 0)
		return (struct span){0};
	f = judge(b, key, false, &verdict) > 0 ? &b->by_words : &b->by_amount;
	*confidence_ppm = (uint32_t)(confidence_of(f, verdict.margin) * 1e6);
	return b->accounts[verdict.account];
}
