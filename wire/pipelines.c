/* pipelines - the stages of each, read into a config. */
#include <stdio.h>

#include "config_reading.h"
#include "mem.h"

static int find_stage(struct config *c, const char *name)
{
	for (uint32_t i = 0; i < c->n_stages; i++) {
		if (strcmp(c->stages[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

static int add_stage(const struct loading *l, const char *name)
{
	struct config *c = l->config;
	struct config_stage *s = &c->stages[c->n_stages];

	if (!name_is_valid(span_text(name)))
		return config_refuse(l, "config-name", name, "is not a name for a stage");
	if (c->n_stages == CONFIG_ALL_STAGES_MAX)
		return config_refuse(l, "config-stages", name, "is one stage too many");
	*s = (struct config_stage){.kind = STAGE_MAP,
				   .builtin = l->builtin,
				   .workers = 1,
				   .credit = 4,
				   .lease_ms = 10000,
				   .attempts = 3,
				   .timeout_ms = 600000};
	snprintf(s->name, sizeof(s->name), "%s", name);
	return (int)c->n_stages++;
}

static int set_kind(const struct loading *l, struct config_stage *s, const char *value)
{
	static const char *const kinds[] = {"source", "map", "effect"};

	for (int i = 0; i < 3; i++) {
		if (strcmp(value, kinds[i]) == 0) {
			s->kind = (enum stage_kind)i;
			return 0;
		}
	}
	return config_refuse(l, "config-kind", s->name,
			     "has a kind that is not source, map or effect");
}

static int set_step_number(const struct loading *l, const char *name, const char *value,
			   uint32_t *to)
{
	static const struct key limits[] = {{"", "workers", KEY_U32, 0, 0, 64},
					    {"", "credit", KEY_U32, 0, 1, 64},
					    {"", "lease_ms", KEY_U32, 0, 1000, 3600000},
					    {"", "attempts", KEY_U32, 0, 1, 100},
					    {"", "timeout_ms", KEY_U32, 0, 1000, 86400000},
					    {"", "spare", KEY_U32, 0, 0, 32},
					    {"", "share", KEY_U32, 0, 0, 100},
					    {"", "begin", KEY_U32, 0, 0, 1},
					    {"", "finish", KEY_U32, 0, 0, 1},
					    {"", "base", KEY_U32, 0, 0, 99},
					    {"", "span", KEY_U32, 0, 1, 100}};

	for (size_t i = 0; to && i < ARRAY_LEN(limits); i++) {
		if (strcmp(limits[i].name, name) == 0)
			return config_number(l, &limits[i], value, to);
	}
	return config_refuse(l, "config-unknown-key", name, "is not a key of a stage");
}

static int set_flag(const struct loading *l, const char *name, const char *value, bool *to)
{
	uint32_t n = 0;

	if (set_step_number(l, name, value, &n) != 0)
		return -1;
	*to = n;
	return 0;
}

/* Where a number of a stage or of its step is kept; NULL: it is none. */
static uint32_t *number_of(struct config_stage *s, struct config_step *step, const char *name)
{
	const struct {
		const char *name;
		uint32_t *at;
	} numbers[] = {{"share", &step->share},	   {"workers", &s->workers},
		       {"credit", &s->credit},	   {"lease_ms", &s->lease_ms},
		       {"attempts", &s->attempts}, {"timeout_ms", &s->timeout_ms},
		       {"spare", &s->spare}};

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		if (strcmp(numbers[i].name, name) == 0)
			return numbers[i].at;
	}
	return NULL;
}

static int set_step_key(const struct loading *l, struct config_step *step, zconfig_t *node)
{
	struct config_stage *s = &l->config->stages[step->stage];
	const char *name = zconfig_name(node);
	const char *value = zconfig_value(node) ? zconfig_value(node) : "";

	if (strcmp(name, "kind") == 0)
		return set_kind(l, s, value);
	if (strcmp(name, "verb") == 0)
		return span_copy(span_text(value), step->verb, sizeof(step->verb)) == 0
			       ? 0
			       : config_refuse(l, "config-text", name, "is too long");
	if (strcmp(name, "command") == 0) {
		free(s->command);
		s->command = *value ? xstrdup(value) : NULL;
		return 0;
	}
	if (strcmp(name, "begin") == 0)
		return set_flag(l, name, value, &step->begin);
	if (strcmp(name, "finish") == 0)
		return set_flag(l, name, value, &step->finish);
	return set_step_number(l, name, value, number_of(s, step, name));
}

static struct config_step *find_step(struct config *c, struct config_pipeline *p, const char *name)
{
	for (uint32_t i = 0; i < p->n_steps; i++) {
		if (strcmp(c->stages[p->steps[i].stage].name, name) == 0)
			return &p->steps[i];
	}
	return NULL;
}

static int load_step(const struct loading *l, struct config_pipeline *p, zconfig_t *node)
{
	struct config_step *step = find_step(l->config, p, zconfig_name(node));
	int stage;

	if (step == NULL) {
		stage = find_stage(l->config, zconfig_name(node));
		if (stage < 0 && (stage = add_stage(l, zconfig_name(node))) < 0)
			return -1;
		if (p->n_steps == CONFIG_STAGES_MAX)
			return config_refuse(l, "config-stages", p->name, "has too many stages");
		step = &p->steps[p->n_steps++];
		step->stage = (uint32_t)stage;
	}
	for (zconfig_t *key = zconfig_child(node); key; key = zconfig_next(key)) {
		if (set_step_key(l, step, key) != 0)
			return -1;
	}
	return 0;
}

static struct config_pipeline *pipeline_for(const struct loading *l, const char *name)
{
	struct config *c = l->config;
	struct config_pipeline *p;

	for (uint32_t i = 0; i < c->n_pipelines; i++) {
		if (strcmp(c->pipelines[i].name, name) == 0)
			return &c->pipelines[i];
	}
	if (!name_is_valid(span_text(name)) || c->n_pipelines == CONFIG_PIPELINES_MAX) {
		config_refuse(l, "config-name", name, "cannot be a pipeline");
		return NULL;
	}
	p = &c->pipelines[c->n_pipelines++];
	snprintf(p->name, sizeof(p->name), "%s", name);
	p->builtin = l->builtin;
	p->span = 100;
	return p;
}

int config_read_pipeline(const struct loading *l, zconfig_t *node)
{
	struct config_pipeline *p = pipeline_for(l, zconfig_name(node));
	int rc = p ? 0 : -1;

	for (zconfig_t *n = zconfig_child(node); n && rc == 0; n = zconfig_next(n)) {
		const char *value = zconfig_value(n) ? zconfig_value(n) : "";

		if (strcmp(zconfig_name(n), "base") == 0)
			rc = set_step_number(l, "base", value, &p->base);
		else if (strcmp(zconfig_name(n), "span") == 0)
			rc = set_step_number(l, "span", value, &p->span);
		else
			rc = load_step(l, p, n);
	}
	return rc;
}

int config_check_pipeline(const struct loading *l, const struct config_pipeline *p)
{
	uint32_t shares = 0, finishes = 0;

	if (p->n_steps == 0)
		return config_refuse(l, "config-pipeline", p->name, "has no stages");
	for (uint32_t i = 0; i < p->n_steps; i++) {
		const struct config_stage *s = &l->config->stages[p->steps[i].stage];

		shares += p->steps[i].share;
		finishes += p->steps[i].finish;
		if ((i == 0) != (s->kind == STAGE_SOURCE))
			return config_refuse(l, "config-pipeline", p->name,
					     "begins with a source and has no other");
	}
	if (finishes > 1)
		return config_refuse(l, "config-pipeline", p->name,
				     "has more than one stage with finish = 1");
	if (p->base + p->span > 100)
		return config_refuse(l, "config-pipeline", p->name,
				     "has a base and span of more than 100");
	if (shares > 100)
		return config_refuse(l, "config-pipeline", p->name, "has shares of more than 100");
	return 0;
}
