/* rules, accounts - a company's rules and its chart: show, replace, test, import. */
#include <stdio.h>
#include <string.h>

#include "books.h"
#include "hledger_rules.h"
#include "jobview.h"

/* ---- rules ---- */

static int rules_get(struct books *books, const char *unused)
{
	json_t *reply;
	int rc = books_get(books, "/api/rules", &reply);

	(void)unused;
	if (rc != EX_OK)
		return rc;
	if (books->options.json)
		jobview_print_json(reply);
	else
		fputs(books_text(reply, "rules"), stdout);
	json_decref(reply);
	return EX_OK;
}

static int put_text(struct books *books, const char *path, const char *name, struct span text)
{
	json_t *body = json_pack("{s:s%}", name, text.at ? text.at : "", text.len), *reply = NULL;
	int rc = body ? books_put(books, path, body, &reply) : EX_DATAERR;

	if (!body)
		fprintf(stderr, "daybook: the file is not UTF-8\n");
	if (rc == EX_OK && books->options.json)
		jobview_print_json(reply);
	else if (rc == EX_OK)
		fprintf(stderr, "version %s\n", books_text(reply, "version"));
	json_decref(body);
	json_decref(reply);
	return rc;
}

static int put_file(struct books *books, const char *path, const char *name, const char *file)
{
	struct buf text = {0};
	int rc = books_read_file(file, &text);

	if (rc == EX_OK)
		rc = put_text(books, path, name, buf_span(&text));
	buf_release(&text);
	return rc;
}

static int rules_put(struct books *books, const char *file)
{
	return put_file(books, "/api/rules", "rules", file);
}

static void print_match(const json_t *match)
{
	const json_t *because = json_object_get(match, "because");

	printf("  %s %s%s, line %lld:", json_is_true(json_object_get(match, "decides")) ? "*" : " ",
	       json_is_true(json_object_get(match, "starter")) ? "starter rule " : "rule ",
	       books_text(match, "rule"),
	       (long long)json_integer_value(json_object_get(match, "line")));
	for (size_t i = 0; i < json_array_size(because); i++)
		printf("%s %s", i ? "," : "", json_string_value(json_array_get(because, i)));
	printf("\n");
}

/* What the rule does beside naming an account. */
static void print_more(const json_t *item)
{
	const json_t *tags = json_object_get(item, "tags"),
		     *splits = json_object_get(item, "splits");

	if (*books_text(item, "payee"))
		printf("  payee %s\n", books_text(item, "payee"));
	for (size_t i = 0; i < json_array_size(tags); i++)
		printf("  tag %s\n", json_string_value(json_array_get(tags, i)));
	for (size_t i = 0; i < json_array_size(splits); i++) {
		const json_t *split = json_array_get(splits, i);

		printf("  %s of it to %s\n", books_text(split, "amount"),
		       books_text(split, "account"));
	}
}

static void print_tested(const json_t *item)
{
	const json_t *matches = json_object_get(json_object_get(item, "why"), "matches");
	const char *account = books_text(item, "account");

	printf("%s\n", *account ? account : "no rule decides this");
	print_more(item);
	for (size_t i = 0; i < json_array_size(matches); i++)
		print_match(json_array_get(matches, i));
}

static int rules_test(struct books *books, const char *description)
{
	json_t *body = json_pack("{s:[s]}", "descriptions", description), *reply = NULL;
	int rc = body ? books_post(books, "/api/rules/test", body, &reply) : EX_USAGE;

	if (rc == EX_OK && books->options.json)
		jobview_print_json(reply);
	else if (rc == EX_OK)
		print_tested(json_array_get(json_object_get(reply, "items"), 0));
	json_decref(body);
	json_decref(reply);
	return rc;
}

/* Behind the rules that are there. */
static int rules_import(struct books *books, const char *file)
{
	struct buf text = {0}, rules = {0};
	struct hledger_count count;
	json_t *reply = NULL;
	int rc = books_read_file(file, &text);

	if (rc == EX_OK)
		rc = books_get(books, "/api/rules", &reply);
	if (rc == EX_OK) {
		const char *there = books_text(reply, "rules");

		buf_text(&rules, there);
		if (rules.len && rules.at[rules.len - 1] != '\n')
			buf_char(&rules, '\n');
		count = hledger_rules(buf_span(&text), hledger_last(there), &rules);
		rc = put_text(books, "/api/rules", "rules", buf_span(&rules));
		if (rc == EX_OK)
			fprintf(stderr,
				"%u rules of %u if-blocks; what could not be taken over stands "
				"in comments\n",
				count.rules, count.blocks);
	}
	json_decref(reply);
	buf_release(&text);
	buf_release(&rules);
	return rc;
}

/* ---- accounts ---- */

static int accounts_get(struct books *books, const char *unused)
{
	const json_t *list;
	json_t *reply;
	int rc = books_get(books, "/api/accounts", &reply);

	(void)unused;
	if (rc != EX_OK)
		return rc;
	list = json_object_get(reply, "accounts");
	if (books->options.json)
		jobview_print_json(reply);
	for (size_t i = 0; !books->options.json && i < json_array_size(list); i++) {
		const json_t *account = json_array_get(list, i);

		printf("%-34s %-3s %s%s\n", books_text(account, "name"),
		       books_text(account, "currency"), *books_text(account, "note") ? "; " : "",
		       books_text(account, "note"));
	}
	json_decref(reply);
	return EX_OK;
}

static int accounts_put(struct books *books, const char *file)
{
	return put_file(books, "/api/accounts", "text", file);
}

/* ---- both ---- */

struct action {
	const char *name;
	bool argument;
	int (*run)(struct books *books, const char *argument);
};

static int run(const struct command *command, const struct action *actions, int argc, char **argv)
{
	const char *words[BOOKS_WORDS_MAX] = {0};
	struct usage usage = {.command = command, .words = words, .n_words = 2, .n_optional = 1};
	struct books books = {0};
	int rc = books_open(&books, &usage, NULL, argc, argv);

	if (rc != -1)
		return rc;
	while (actions->name && strcmp(actions->name, words[0]) != 0)
		actions++;
	if (!actions->name)
		rc = usage_wrong(command, "there is no \"%s\" here", words[0]);
	else if (actions->argument != (words[1] != NULL))
		rc = usage_wrong(command,
				 actions->argument ? "%s needs one more word"
						   : "%s takes no more words",
				 words[0]);
	else
		rc = actions->run(&books, words[1]);
	books_close(&books);
	return rc;
}

static int run_rules(int argc, char **argv)
{
	static const struct action actions[] = {{"get", false, rules_get},
						{"put", true, rules_put},
						{"test", true, rules_test},
						{"import", true, rules_import},
						{0}};

	return run(&COMMAND_RULES, actions, argc, argv);
}

static int run_accounts(int argc, char **argv)
{
	static const struct action actions[] = {
		{"get", false, accounts_get}, {"put", true, accounts_put}, {0}};

	return run(&COMMAND_ACCOUNTS, actions, argc, argv);
}

const struct command COMMAND_RULES = {
	.name = "rules",
	.arguments = "get | put FILE | test DESCRIPTION | import FILE --company ID --tenant ID",
	.about = "show, replace or test a company's rules, or import those of hledger",
	.more = "FILE may be - for standard input. import adds the if-blocks of an hledger .rules "
		"file.\n",
	.run = run_rules,
};

const struct command COMMAND_ACCOUNTS = {
	.name = "accounts",
	.arguments = "get | put FILE --company ID --tenant ID [option ...]",
	.about = "show or replace a company's chart of accounts",
	.run = run_accounts,
};
