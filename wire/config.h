/*
 * config - daybook.conf (ZPL, RFC 4 of ZeroMQ) as plain data.
 *
 * Shape    etc/daybook.conf documents every key and its default. One file for all processes. Keys
 *          that are missing have the default; unknown keys are refused with their line's name.
 * Errors   -1 with fault INPUT "config-..." naming file, key and what is allowed.
 * Owns     config_load gives; strings live as long as the config.
 */
#ifndef DAYBOOK_WIRE_CONFIG_H
#define DAYBOOK_WIRE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "fault.h"
#include "name.h"

#define CONFIG_STAGES_MAX     16 /* stages in one pipeline; as many as JOB can list */
#define CONFIG_PIPELINES_MAX  64
#define CONFIG_ALL_STAGES_MAX 64

enum stage_kind { STAGE_SOURCE, STAGE_MAP, STAGE_EFFECT };

/* A stage as processes: the same in every pipeline that names it. */
struct config_stage {
	char name[NAME_SIZE];
	enum stage_kind kind;
	bool builtin;	   /* a built-in pipeline needs it */
	uint32_t workers;  /* how many `daybook up` starts */
	uint32_t credit;   /* units that one worker holds */
	uint32_t lease_ms; /* silence after which a worker has lost what it holds */
	uint32_t attempts; /* lost leases and RETRY failures of one unit before its job fails */
	uint32_t
		timeout_ms; /* a unit held for so long is taken away, however alive its worker is */
	uint32_t spare;	    /* credit that a tenant or company with units here leaves to others */
	char *command;	    /* what `daybook up` runs; NULL = daybook-<name> beside daybook */
};

/* A stage's place in a pipeline. */
struct config_step {
	uint32_t stage; /* index into config.stages */
	uint32_t share; /* of 100 */
	bool begin, finish;
	char verb[64]; /* "Matching rules": JOB.message is `<verb> 1350/3000...` */
};

struct config_pipeline {
	char name[NAME_SIZE];
	bool builtin;
	uint32_t base; /* progress at which running starts (categorize: 20) */
	uint32_t span; /* what the shares divide (upload: 100; categorize: 70) */
	uint32_t n_steps;
	struct config_step steps[CONFIG_STAGES_MAX];
};

struct config_model {
	char *url; /* https://host/v1/chat/completions; NULL = no model */
	char *name;
	char *key_file; /* mode 0600; NULL: environment DAYBOOK_MODEL_KEY */
	uint32_t timeout_ms, questions_in_flight;
};

struct config {
	char *data;			  /* data directory */
	char *listen;			  /* host:port of status-api */
	char *log;			  /* level: error, warn, info, debug */
	char *etc;			  /* directory of the file: starter rules, chart */
	char *bin;			  /* directory of the running program */
	char *currency;			  /* default currency */
	uint32_t retention_s;		  /* how long a finished job stays */
	uint64_t max_bytes;		  /* of an upload; 0 = no limit */
	uint64_t max_rows;		  /* of an upload; 0 = no limit */
	uint32_t window_units;		  /* unfinished units of one job */
	uint32_t window_all;		  /* of all jobs */
	uint32_t running_jobs;		  /* jobs that run at once */
	uint32_t disk_fill_ppm;		  /* of the disk: from here on no upload is taken */
	uint32_t connections_per_address; /* to the API, at once */
	uint32_t requests_per_tenant;	  /* under way at once, where tenants have keys */
	uint32_t confidence_ppm;	  /* from here on "high confidence" */
	char *keys_file;		  /* API keys; NULL = none: loopback only */
	struct config_model model;
	uint32_t n_stages, n_pipelines;
	struct config_stage stages[CONFIG_ALL_STAGES_MAX];
	struct config_pipeline pipelines[CONFIG_PIPELINES_MAX];
};

/* Pipeline progress: base + span * sum(share * done/total) / 100. */

/* `path` NULL: $DAYBOOK_CONFIG, DATA/daybook.conf, then etc/ beside or above the program. `data`
 * and `listen` override the file's when not NULL. */
int config_load(const char *path, const char *data, const char *listen, struct config **config,
		struct fault *why);
/* The same with the defaults of another directory than the program's: for tests. */
int config_load_with(const char *etc, const char *path, const char *data, const char *listen,
		     struct config **config, struct fault *why);
void config_free(struct config **config);
const struct config_pipeline *config_pipeline(const struct config *config, const char *name);
const struct config_stage *config_stage(const struct config *config, const char *name);
/* 0 with its place in config->stages; -1: there is no such stage. */
int config_stage_of(const struct config *config, struct span name, uint32_t *stage);
/* Endpoints in the data directory, fixed names: ipc://DATA/run/{work,control,events}.ipc */
void config_endpoint(const struct config *config, const char *which, char out[256]);

#endif
