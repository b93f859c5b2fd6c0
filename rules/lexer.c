/*
 * lexer - see lexer.h.
 */
#include "lexer.h"

#include <stdio.h>
#include <utf8proc.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* What comes before a group, also without a blank. */
static bool opens_group(struct span word)
{
	return span_is(word, "any") || span_is(word, "all");
}

static bool ends_word(const struct lexer *lexer)
{
	const char *word = lexer->token.text.at;
	char c = *lexer->at;

	if (c == '(')
		return lexer->groups > 0 || opens_group(span_of(word, (size_t)(lexer->at - word)));
	return (lexer->groups > 0 && c == ')') || is_space(c) || c == ',' || c == '"' || c == '<' ||
	       c == '>' || c == '=';
}

/* Whole file at once: what follows may take every byte beyond ASCII as part of a character. */
static int check_utf8(const struct lexer *lexer, struct fault *why)
{
	uint32_t line = 1;
	utf8proc_int32_t c;

	for (const char *at = lexer->at; at < lexer->end;) {
		if ((unsigned char)*at >= 0x80) {
			utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)at,
								lexer->end - at, &c);

			if (len < 1) {
				syntax_fault(why, lexer->source, line, "this is not UTF-8");
				return fault_hint(why, "save the file as UTF-8");
			}
			at += len;
			continue;
		}
		if (*at == '\0')
			return syntax_fault(why, lexer->source, line, "a NUL byte is not text");
		line += *at++ == '\n';
	}
	return 0;
}

static void skip_blank(struct lexer *lexer)
{
	while (lexer->at < lexer->end && (is_space(*lexer->at) || *lexer->at == '#')) {
		if (*lexer->at == '#') {
			while (lexer->at < lexer->end && *lexer->at != '\n')
				lexer->at++;
			continue;
		}
		if (*lexer->at++ == '\n') {
			lexer->line++;
			lexer->line_at = lexer->at;
		}
	}
}

/* Where the token that begins at `at` stands in its line. */
static void place_token(struct lexer *lexer)
{
	struct token *token = &lexer->token;

	token->line = lexer->line;
	token->column = 1;
	token->leads = true;
	for (const char *c = lexer->line_at; c < lexer->at; c++) {
		token->column += ((unsigned char)*c & 0xc0) != 0x80;
		token->leads = token->leads && is_space(*c);
	}
}

/* From after the opening mark to after the closing one. A regular expression keeps its backslashes,
 * but for \/; a text has \" and \\ only. */
static int read_quoted(struct lexer *lexer, char mark, struct fault *why)
{
	const char *first = ++lexer->at;
	bool regex = mark == '/';
	size_t len = 0;

	for (; lexer->at < lexer->end && *lexer->at != mark; lexer->at++) {
		if (*lexer->at == '\n')
			break;
		if (*lexer->at == '\\' && lexer->at + 1 < lexer->end)
			lexer->at++;
	}
	if (lexer->at >= lexer->end || *lexer->at != mark) {
		syntax_fault(why, lexer->source, lexer->line,
			     "the %s that begins here does not end",
			     regex ? "regular expression" : "text");
		return fault_hint(why, "close it with %c on the same line", mark);
	}
	struct span raw = span_of(first, (size_t)(lexer->at++ - first));
	char *out = arena_get(lexer->arena, raw.len + 1);

	for (size_t i = 0; i < raw.len; i++) {
		bool escape = raw.at[i] == '\\' && i + 1 < raw.len;

		if (escape && !regex && raw.at[i + 1] != '"' && raw.at[i + 1] != '\\') {
			syntax_fault(why, lexer->source, lexer->line,
				     "\\%c means nothing in a text", raw.at[i + 1]);
			return fault_hint(why, "a backslash is written \\\\, a quote \\\"");
		}
		if (escape && (!regex || raw.at[i + 1] == '/'))
			i++;
		else if (escape)
			out[len++] = raw.at[i++];
		out[len++] = raw.at[i];
	}
	lexer->token.text = span_of(out, len);
	return 0;
}

int lexer_next(struct lexer *lexer, struct fault *why)
{
	struct token *token = &lexer->token;
	bool opens = token->kind == TOKEN_WORD && opens_group(token->text);

	skip_blank(lexer);
	place_token(lexer);
	token->text = span_of(lexer->at, 0);
	if (lexer->at == lexer->end) {
		token->kind = TOKEN_END;
		return 0;
	}
	char c = *lexer->at;

	if (c == '"' || c == '/') {
		token->kind = c == '"' ? TOKEN_TEXT : TOKEN_REGEX;
		return read_quoted(lexer, c, why);
	}
	if (c == ',') {
		token->kind = TOKEN_COMMA;
		lexer->at++;
	} else if (c == '(' && opens) { /* elsewhere a name may have brackets */
		token->kind = TOKEN_OPEN;
		lexer->groups++;
		lexer->at++;
	} else if (c == ')' && lexer->groups > 0) {
		token->kind = TOKEN_CLOSE;
		lexer->groups--;
		lexer->at++;
	} else if (c == '<' || c == '>' || c == '=') {
		token->kind = TOKEN_COMPARE;
		while (lexer->at < lexer->end && strchr("<>=", *lexer->at))
			lexer->at++;
	} else {
		token->kind = TOKEN_WORD;
		lexer->at++;
		while (lexer->at < lexer->end && !ends_word(lexer))
			lexer->at++;
	}
	token->text.len = (size_t)(lexer->at - token->text.at);
	return 0;
}

int lexer_start(struct lexer *lexer, const struct rules_source *source, struct arena *arena,
		struct fault *why)
{
	*lexer = (struct lexer){.source = source->name,
				.at = source->text.at,
				.end = source->text.at + source->text.len,
				.line = 1,
				.arena = arena};
	if (source->text.len >= 3 && memcmp(lexer->at, "\xef\xbb\xbf", 3) == 0)
		lexer->at += 3; /* byte order mark */
	lexer->line_at = lexer->at;
	if (check_utf8(lexer, why) != 0)
		return -1;
	return lexer_next(lexer, why);
}

void lexer_recover(struct lexer *lexer)
{
	struct fault ignored;

	lexer->groups = 0;
	while (lexer->token.kind != TOKEN_END &&
	       !(lexer->token.leads && lexer_is_word(lexer, "rule"))) {
		/* what does not end is passed over with its line */
		if (lexer_next(lexer, &ignored) != 0)
			while (lexer->at < lexer->end && *lexer->at != '\n')
				lexer->at++;
	}
}

bool lexer_is_word(const struct lexer *lexer, const char *word)
{
	return lexer->token.kind == TOKEN_WORD && span_is(lexer->token.text, word);
}

const char *lexer_found(const struct lexer *lexer, char out[64])
{
	static const char *const formats[] = {
		[TOKEN_END] = "the end of the file%.*s",
		[TOKEN_WORD] = "%.*s",
		[TOKEN_TEXT] = "\"%.*s\"",
		[TOKEN_REGEX] = "/%.*s/",
		[TOKEN_COMMA] = "%.*s",
		[TOKEN_COMPARE] = "%.*s",
		[TOKEN_OPEN] = "%.*s",
		[TOKEN_CLOSE] = "%.*s",
	};
	struct span text = lexer->token.text;

	if (text.len > 40) {
		text.len = 40;
		while (text.len > 0 && ((unsigned char)text.at[text.len] & 0xc0) == 0x80)
			text.len--; /* not within a character */
	}
	snprintf(out, 64, formats[lexer->token.kind], SPAN_ARG(text));
	return out;
}
