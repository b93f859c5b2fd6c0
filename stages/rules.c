/*
 * rules - decides by rules: the company's own, then the starter rules.
 *
 * Begin puts under "rules" what the job uses to its end:
 *   {"own": "<text>", "accounts": "<chart: one account a line, ; and a note after it>",
 *    "starter": "<hash>"}
 * Writes are what people ask of their rules and chart (rules/desk.h).
 * Units compile that once per process, also across jobs that have the same.
 */
#include "desk.h"
#include "stage.h"

/* Leaves room for escapes in JSON: the context goes to every stage of the job. */
#define RULES_JSON_MAX (220 * 1024)

static int rules_open(const struct config *config, void **state, struct fault *why)
{
	struct library *library = NULL;

	if (library_open(config->etc, config->data, &library, why) != 0)
		return -1;
	*state = library;
	return 0;
}

static void rules_close(void *state)
{
	struct library *library = state;

	library_close(&library);
}

static json_t *rules_json(const struct library_texts *texts)
{
	char starter[BLOB_HASH_TEXT_SIZE];

	blob_hash_text(texts->starter, starter);
	return json_pack("{s:s%, s:s%, s:s}", "own", texts->rules.at ? texts->rules.at : "",
			 texts->rules.len, "accounts", texts->accounts.at, texts->accounts.len,
			 "starter", starter);
}

static int rules_begin(void *state, struct work *work, struct fault *why)
{
	struct library_texts texts;
	json_t *json = NULL;

	if (library_read(state, work->head.tenant, work->head.company, &texts, why) != 0)
		return -1;
	json = rules_json(&texts);
	library_texts_release(&texts);
	if (!json || json_dumpb(json, NULL, 0, JSON_COMPACT) > RULES_JSON_MAX) {
		json_decref(json);
		return fault_set(why, FAULT_JOB, "rules-too-large",
				 "the company's rules and chart are larger than %d KiB together",
				 RULES_JSON_MAX / 1024);
	}
	json_object_set_new(work->context, "rules", json);
	return 0;
}

static struct span rules_text(const json_t *json, const char *key)
{
	const json_t *text = json_object_get(json, key);

	return span_of(json_string_value(text), json_string_length(text));
}

static void rules_release(void *compiled)
{
	struct library_set *set = compiled;

	library_give_back(&set);
}

/* The job's rules, compiled once. */
static int rules_of(struct library *library, struct work *work, struct library_set **set,
		    struct fault *why)
{
	const json_t *json = json_object_get(work->context, "rules");
	struct blob_hash starter;

	*set = stage_cached(work);
	if (*set)
		return 0;
	if (blob_hash_read(rules_text(json, "starter"), &starter) != 0) {
		fault_set(why, FAULT_JOB, "context-invalid", "the job has no rules in its context");
		return fault_hint(why, "let the rules stage of the pipeline have begin = 1");
	}
	if (library_take(library, rules_text(json, "own"), rules_text(json, "accounts"), starter,
			 set, why) != 0)
		return -1;
	stage_cache(work, *set, rules_release);
	return 0;
}

static int rules_unit(void *state, struct work *work, struct fault *why)
{
	struct library_set *set = NULL;

	if (rules_of(state, work, &set, why) != 0)
		return -1;
	rules_apply(library_rules(set), work->rows);
	return 0;
}

static int rules_write(void *state, struct work *work, struct fault *why)
{
	struct desk desk = {.library = state,
			    .tenant = work->head.tenant,
			    .company = work->head.company,
			    .answer = &work->answer};
	json_t *body = json_loadb(work->payload.at ? work->payload.at : "", work->payload.len, 0,
				  NULL);
	int rc;

	desk.body = body;
	rc = desk_do(&desk, work->head.detail, why);
	json_decref(body);
	if (rc == 1)
		return fault_set(why, FAULT_JOB, "verb-unknown", "the rules know no such write");
	return rc;
}

int main(int argc, char **argv)
{
	static const struct stage stage = {
		.name = "rules",
		.about = "decides by the company's rules and the starter rules",
		.open = rules_open,
		.close = rules_close,
		.begin = rules_begin,
		.unit = rules_unit,
		.write = rules_write,
	};

	return stage_main(&stage, argc, argv);
}
