#include "bookview.h"

#include <stdlib.h>

#include "clock.h"
#include "ledger.h"
#include "mem.h"
#include "params.h"
#include "route.h"
#include "server.h"

#define HELPERS	     2
#define OPEN_MAX     32 /* books that one helper keeps open */
#define LIST_DEFAULT 100
#define LIST_MAX     1000

enum list { TRANSACTIONS, GROUPS, ENTRIES, IMPORTS, TRANSFERS, BALANCES };

/* ---- helpers ---- */

static void *pool_make(void *arg)
{
	return ledger_pool_new(arg, LEDGER_READ, OPEN_MAX);
}

static void pool_free(void *own)
{
	struct ledger_pool *pool = own;

	ledger_pool_free(&pool);
}

struct aside *bookview_helpers(char *dir)
{
	struct aside_own own = {.make = pool_make, .free = pool_free, .arg = dir};

	return aside_new(HELPERS, &own);
}

/* ---- lists ---- */

/* An answer comes within 50 ms, also where it takes a million rows to find one: a page looks for
 * some 13 ms (journal/list.c), and no page begins after this. */
#define LOOK_MS 15

struct look {
	enum list list;
	char tenant[NAME_SIZE], company[NAME_SIZE];
	char *texts[6]; /* what the spans of `query` point into */
	int n_texts;
	struct ledger_query query;
	struct span at;
	struct buf json, next;
	struct fault fault;
	bool failed;
};

static void look_free(void *state)
{
	struct look *look = state;

	for (int i = 0; i < look->n_texts; i++)
		free(look->texts[i]);
	buf_release(&look->json);
	buf_release(&look->next);
	free(look);
}

static int look_page(struct look *look, struct ledger *ledger)
{
	static int (*const pages[])(struct ledger *, const struct ledger_query *, struct buf *,
				    struct buf *, struct fault *) = {
		[TRANSACTIONS] = ledger_transactions, [GROUPS] = ledger_groups,
		[ENTRIES] = ledger_entries,	      [IMPORTS] = ledger_imports,
		[TRANSFERS] = ledger_transfers,
	};

	return pages[look->list](ledger, &look->query, &look->json, &look->next, &look->fault);
}

/* 0: done, 1: there are no books, -1: fault. */
static int look_read(struct look *look, struct ledger_pool *pool)
{
	struct ledger *ledger;
	struct buf cursor = {0};
	size_t empty = look->json.len;
	int64_t until_ms = clock_ms() + LOOK_MS;
	int rc = ledger_pool_get(pool, span_text(look->tenant), span_text(look->company), &ledger,
				 &look->fault);

	if (rc != 0)
		return rc;
	if (look->list == BALANCES)
		return ledger_balances(ledger, look->at, &look->json, &look->fault);
	rc = look_page(look, ledger);
	/* Where few of many match, a page may find none and say where to look on: so does the
	 * answer, when its time is over. */
	while (rc == 0 && look->json.len == empty && look->next.len && clock_ms() < until_ms) {
		buf_clear(&cursor);
		buf_add(&cursor, look->next.at, look->next.len);
		look->query.cursor = buf_span(&cursor);
		rc = look_page(look, ledger);
	}
	buf_release(&cursor);
	return rc;
}

static void look_work(struct aside_task *task, void *own)
{
	struct look *look = ((struct request *)task->asker)->state;
	int rc;

	if (look->list != BALANCES)
		buf_text(&look->json, "{\"items\":[");
	rc = look_read(look, own);
	look->failed = rc < 0;
	if (look->list != BALANCES) {
		buf_text(&look->json, "],\"next_cursor\":");
		if (look->next.len)
			buf_json_string(&look->json, buf_span(&look->next));
		else
			buf_text(&look->json, "null");
		buf_char(&look->json, '}');
	} else if (rc == 1) {
		buf_text(&look->json, "{\"items\":[],\"totals\":[]}");
	}
}

static void look_done(struct aside_task *task)
{
	struct request *r = task->asker;
	struct look *look = r->state;
	struct problem p = {0};

	if (!look->failed) {
		request_json(r, 200, &look->json);
	} else if (strcmp(look->fault.code, "cursor") == 0) {
		problem_field(&p, "query", span_text("cursor"), "cursor", "%s", look->fault.text);
		request_problem(r, &p);
	} else {
		request_fault(r, &look->fault);
	}
}

/* A query parameter, kept for the helper; empty is as good as absent. */
static struct span keep(struct request *r, struct look *look, const char *name)
{
	const char *value = request_query(r, name);

	if (value == NULL || *value == '\0')
		return span_of("", 0);
	look->texts[look->n_texts] = xstrdup(value);
	return span_text(look->texts[look->n_texts++]);
}

/* group=merchant is another list: of what waits for review, a line a merchant. */
static void check_group(struct request *r, struct look *look, struct problem *p)
{
	const char *group = request_query(r, "group");

	if (group == NULL || params_choice(p, "query", "group", span_text(group), "merchant") != 0)
		return;
	look->list = GROUPS;
	if (!span_is(look->query.status, "needs_review"))
		problem_field(p, "query", span_text("status"), "literal_error",
			      "Input should be 'needs_review': only what waits is grouped");
}

static void check_query(struct request *r, struct look *look, struct problem *p)
{
	const char *limit = request_query(r, "limit"), *job = request_query(r, "job_id");
	struct ledger_query *q = &look->query;

	q->limit = LIST_DEFAULT;
	if (look->list == TRANSACTIONS) {
		q->status = keep(r, look, "status");
		q->q = keep(r, look, "q");
	}
	q->cursor = keep(r, look, "cursor");
	if (look->list != IMPORTS && look->list != TRANSFERS) {
		q->account = keep(r, look, "account");
		q->from = keep(r, look, "from");
		q->to = keep(r, look, "to");
	}
	if (q->status.len)
		params_choice(p, "query", "status", q->status, "categorized|needs_review");
	if (look->list == TRANSACTIONS)
		check_group(r, look, p);
	if (q->from.len)
		params_date(p, "query", "from", q->from);
	if (q->to.len)
		params_date(p, "query", "to", q->to);
	if (job && *job)
		params_job(p, "query", "job_id", span_text(job), &q->job);
	if (limit)
		params_u32(p, "query", "limit", span_text(limit), (struct range){1, LIST_MAX},
			   &q->limit);
}

static void look_at(struct request *r, enum list list)
{
	const char *tenant = request_query(r, "tenant_id");
	const char *company = request_query(r, "company_id");
	struct look *look = xcalloc(1, sizeof(*look));
	struct problem p = {0};

	r->state = look;
	r->state_free = look_free;
	look->list = list;
	params_name(&p, "query", "tenant_id", span_text(tenant), look->tenant);
	params_name(&p, "query", "company_id", span_text(company), look->company);
	if (list == BALANCES) {
		look->at = keep(r, look, "at");
		if (look->at.len)
			params_date(&p, "query", "at", look->at);
	} else {
		check_query(r, look, &p);
	}
	if (p.status == 0 && !access_may(&r->caller, span_text(look->tenant)))
		problem_set(&p, 404, "tenant-unknown", "There is no such tenant");
	if (p.status) {
		request_problem(r, &p);
		return;
	}
	r->task.work = look_work;
	r->task.done = look_done;
	aside_run(r->server->books, &r->task);
}

void bookview_transactions(struct request *r)
{
	look_at(r, TRANSACTIONS);
}

void bookview_entries(struct request *r)
{
	look_at(r, ENTRIES);
}

void bookview_imports(struct request *r)
{
	look_at(r, IMPORTS);
}

void bookview_transfers(struct request *r)
{
	look_at(r, TRANSFERS);
}

void bookview_balances(struct request *r)
{
	look_at(r, BALANCES);
}
