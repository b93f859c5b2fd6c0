/*
 * regex - see regex.h.
 */
#include "regex.h"

#include <stdlib.h>

#include "mem.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define REGEX_DEPTH_MAX	     1000
#define REGEX_HEAP_MAX_KIB   1024
#define REGEX_NEST_MAX	     32
#define REGEX_REPEATS_MAX    1000 /* product of counted repeats; (.{0,200}a){20} took 3.6 s */
#define REGEX_TRIAL_TEXT_LEN 120  /* bytes; a long description */

struct regex {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
	struct span text;
};

static int refuse(struct fault *why, int error, size_t at)
{
	PCRE2_UCHAR text[128];

	if (pcre2_get_error_message(error, text, sizeof text) < 0)
		text[0] = '\0';
	fault_set(why, FAULT_JOB, "regex", "regular expression: %s, at byte %zu", (char *)text, at);
	return fault_hint(why,
			  "the syntax is Perl's; a literal . ( [ * + ? or \\ needs a \\ before");
}

int regex_read(struct span text, struct regex **regex, struct fault *why)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	PCRE2_SIZE at = 0;
	uint32_t may_be_empty = 0;
	int error = 0;

	pcre2_set_parens_nest_limit(context, REGEX_NEST_MAX);
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)text.at, text.len,
					 PCRE2_UTF | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C |
						 PCRE2_NEVER_UCP,
					 &error, &at, context);
	pcre2_compile_context_free(context);
	if (!code)
		return refuse(why, error, at);
	pcre2_pattern_info(code, PCRE2_INFO_MATCHEMPTY, &may_be_empty);
	if (may_be_empty) {
		pcre2_code_free(code);
		fault_set(why, FAULT_JOB, "regex",
			  "regular expression matches nothing at all, so that it would hold for "
			  "nearly every row");
		return fault_hint(why, "let it need at least one character; to exclude something "
				       "write `if not description matches /.../`");
	}
	*regex = xcalloc(1, sizeof **regex);
	(*regex)->code = code;
	(*regex)->text = text;
	return 0;
}

/* A long run of `unit`, then each character of the regular expression once: PCRE2 looks first
 * whether a text has what a match must have, and the run is to be gone through. The mark between
 * makes what would match to the end give back. */
static bool trial(const struct regex *regex, const char *unit, size_t len)
{
	char text[REGEX_TRIAL_TEXT_LEN + 1 + 128];
	size_t n = REGEX_TRIAL_TEXT_LEN;

	for (size_t i = 0; i < n; i++)
		text[i] = unit[i % len];
	text[n++] = '!';
	for (char c = ' '; c < 127; c++)
		if (memchr(regex->text.at, c, regex->text.len))
			text[n++] = c;
	return regex_matches(regex, span_of(text, n)) >= 0;
}

/* Runs of its own characters, alone and in turn: what makes (a+)+b go back without end. */
static bool is_tame(const struct regex *regex)
{
	bool tame = trial(regex, "0", 1) && trial(regex, "x", 1) && trial(regex, "x ", 2) &&
		    trial(regex, "a1", 2);

	for (size_t i = 0; tame && i < regex->text.len; i++) {
		const char *c = &regex->text.at[i];

		if ((unsigned char)*c >= 0x80 || memchr(regex->text.at, *c, i))
			continue;
		tame = trial(regex, c, 1);
		if (tame && i + 1 < regex->text.len && (unsigned char)c[1] < 0x80)
			tame = trial(regex, c, 2);
	}
	return tame;
}

int regex_ready(struct regex *regex, struct fault *why)
{
	if (regex->data)
		return 0;
	pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE); /* where it cannot, it interprets */
	regex->data = pcre2_match_data_create(1, NULL);
	regex->limits = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(regex->limits, REGEX_STEPS_MAX);
	pcre2_set_depth_limit(regex->limits, REGEX_DEPTH_MAX);
	pcre2_set_heap_limit(regex->limits, REGEX_HEAP_MAX_KIB);
	if (is_tame(regex))
		return 0;
	fault_set(why, FAULT_JOB, "regex",
		  "regular expression goes back and forth without end on some texts");
	return fault_hint(why, "no repeat within a repeat, as in (a+)+ or (.*x)*; fewer of .*");
}

void regex_free(struct regex **regex)
{
	if (!*regex)
		return;
	pcre2_code_free((*regex)->code);
	pcre2_match_data_free((*regex)->data);
	pcre2_match_context_free((*regex)->limits);
	free(*regex);
	*regex = NULL;
}

int regex_matches(const struct regex *regex, struct span folded)
{
	if (folded.len > REGEX_TEXT_MAX) {
		folded.len = REGEX_TEXT_MAX;
		while (((unsigned char)folded.at[folded.len] & 0xc0) == 0x80)
			folded.len--; /* not within a character */
	}
	int rc = pcre2_match(regex->code, (PCRE2_SPTR)(folded.at ? folded.at : ""), folded.len, 0,
			     PCRE2_NO_UTF_CHECK, regex->data, regex->limits);

	if (rc >= 0)
		return 1;
	return rc == PCRE2_ERROR_NOMATCH ? 0 : -1;
}

bool regex_is_small(struct span text)
{
	uint64_t repeats = 1;

	for (size_t i = 0; i < text.len; i++) {
		uint64_t count = 0, most = 0;

		if (text.at[i] == '\\' && i + 1 < text.len && strchr("pPX", text.at[i + 1]))
			return false;
		if (text.at[i] != '{')
			continue;
		for (i++; i < text.len && text.at[i] != '}'; i++) {
			bool digit = text.at[i] >= '0' && text.at[i] <= '9';

			count = digit ? count * 10 + (uint64_t)(text.at[i] - '0') : 0;
			most = count > most ? count : most;
			if (most > REGEX_REPEATS_MAX)
				return false;
		}
		repeats *= most ? most : 1;
		if (repeats > REGEX_REPEATS_MAX)
			return false;
	}
	return true;
}
