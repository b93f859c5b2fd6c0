/*
 * llm - asks a language model about what no rule decided.
 *
 * Without a model in the configuration, and for jobs that are ending in a hurry (cancelled or
 * failed), rows pass as they are. A model's failure never fails a unit.
 */
#include "llm.h"

#include <stdlib.h>

#include "chart.h"
#include "log.h"
#include "mem.h"
#include "stage.h"

static int stage_llm_open(const struct config *config, void **state, struct fault *why)
{
	char *cache_dir = xasprintf("%s/llm", config->data);
	struct llm_options options = {
		.url = config->model.url,
		.model = config->model.name,
		.key_file = config->model.key_file,
		.cache_dir = cache_dir,
		.timeout_ms = config->model.timeout_ms,
		.questions_in_flight = config->model.questions_in_flight,
	};
	struct llm *llm = NULL;
	int rc = llm_open(&options, &llm, why);

	free(cache_dir);
	*state = llm;
	return rc;
}

static void stage_llm_close(void *state)
{
	struct llm *llm = state;

	llm_close(&llm);
}

static bool stage_llm_is_quick(void *state, const struct work *work)
{
	return !llm_has_model(state) || (work->head.flags & WORK_HURRY) ||
	       !llm_has_questions(work->rows);
}

static void chart_release(void *state)
{
	struct chart *chart = state;

	chart_free(&chart);
}

/* The job's chart, read once. */
static int chart_of(struct work *work, struct span accounts, struct chart **chart,
		    struct fault *why)
{
	*chart = stage_cached(work);
	if (*chart)
		return 0;
	if (chart_read("the chart", accounts, chart, why) != 0)
		return -1;
	stage_cache(work, *chart, chart_release);
	return 0;
}

static int stage_llm_unit(void *state, struct work *work, struct fault *why)
{
	const json_t *accounts = json_object_get(json_object_get(work->context, "rules"),
						 "accounts");
	struct llm_company company = {
		.tenant = work->head.tenant,
		.accounts = span_of(json_string_value(accounts), json_string_length(accounts)),
	};
	struct llm_report report;
	struct chart *chart;

	if (stage_llm_is_quick(state, work) || !json_is_string(accounts))
		return 0;
	if (chart_of(work, company.accounts, &chart, why) != 0)
		return -1;
	llm_ask(state, &company, work->rows, stage_alive_callback, work->harness, &report);
	chart_keep_currencies(chart, work->rows);
	if (report.asked + report.cached > 0)
		log_debug("unit %u: %u asked, %u from the cache, %u answered, %u failed",
			  work->head.unit, report.asked, report.cached, report.answered,
			  report.failed);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct stage stage = {
		.name = "llm",
		.about = "asks a language model about what no rule decided",
		.open = stage_llm_open,
		.close = stage_llm_close,
		.unit = stage_llm_unit,
		.is_quick = stage_llm_is_quick,
	};

	return stage_main(&stage, argc, argv);
}
