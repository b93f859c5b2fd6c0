/*
 * lexer - a rule file as tokens.
 *
 * Shape    words, "texts" (\" and \\ are the escapes), /regular expressions/ (\/ is a slash),
 *          commas and comparisons, separated by white space; # begins a comment. After `any` or
 *          `all` a round bracket opens a group. Lines mean nothing, except that a text or a regular
 *          expression ends on its own.
 * Errors   -1 with fault JOB "rules-syntax", see syntax.h.
 * Owns     nothing: texts go into the caller's arena, words are borrowed from the source.
 */
#ifndef DAYBOOK_RULES_LEXER_H
#define DAYBOOK_RULES_LEXER_H

#include "syntax.h"

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_TEXT,
	TOKEN_REGEX,
	TOKEN_COMMA,
	TOKEN_COMPARE,
	TOKEN_OPEN,
	TOKEN_CLOSE
};

struct token {
	enum token_kind kind;
	struct span text;      /* without quotes and escapes */
	uint32_t line, column; /* from 1; columns are characters */
	bool leads;	       /* nothing stands before it in its line */
};

struct lexer {
	const char *source;
	const char *at, *end, *line_at;
	uint32_t line;
	struct arena *arena;
	uint32_t groups;    /* open ones */
	struct token token; /* the present one */
};

/* Reads the first token. */
int lexer_start(struct lexer *lexer, const struct rules_source *source, struct arena *arena,
		struct fault *why);
int lexer_next(struct lexer *lexer, struct fault *why);
/* After a fault: on to the next word `rule` that a line begins with, or to the end. */
void lexer_recover(struct lexer *lexer);
bool lexer_is_word(const struct lexer *lexer, const char *word);
/* The present token as a message shows it: `"tesco"`, `end of file`, cut to 40 bytes. */
const char *lexer_found(const struct lexer *lexer, char out[64]);

#endif
