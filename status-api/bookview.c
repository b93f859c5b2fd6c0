#include "bookview.h"

#include <stdlib.h>

#include "clock.h"
#include "jobs.h"
#include "ledger.h"
#include "mem.h"
#include "params.h"
#include "route.h"
#include "server.h"

#define HELPERS	     2
#define OPEN_MAX     32 /* books that one helper keeps open */
#define LIST_DEFAULT 100
#define LIST_MAX     1000

enum list { TRANSACTIONS, GROUPS, ENTRIES, IMPORTS, TRANSFERS, COMPANIES, BALANCES, MONTHLY };

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
 * some 25 ms (journal/list.c), and no page begins after this. */
#define LOOK_MS 15

struct look {
	enum list list;
	const char *dir; /* of all books */
	char tenant[NAME_SIZE], company[NAME_SIZE], currency[CURRENCY_SIZE];
	char *texts[10]; /* what the spans of `query` point into */
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
	int rc;

	if (look->list == COMPANIES)
		return ledger_companies(look->dir, look->tenant, &look->query, &look->json,
					&look->next, &look->fault);
	rc = ledger_pool_get(pool, span_text(look->tenant), span_text(look->company), &ledger,
			     &look->fault);
	if (rc != 0)
		return rc;
	if (look->list == BALANCES)
		return ledger_balances(ledger, look->at, &look->json, &look->fault);
	if (look->list == MONTHLY)
		return ledger_monthly(ledger, &look->query, &look->json, &look->fault);
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

static bool is_paged(const struct look *look)
{
	return look->list != BALANCES && look->list != MONTHLY;
}

static void look_work(struct aside_task *task, void *own)
{
	struct look *look = ((struct request *)task->asker)->state;
	int rc;

	if (is_paged(look))
		buf_text(&look->json, "{\"items\":[");
	rc = look_read(look, own);
	look->failed = rc < 0;
	if (is_paged(look)) {
		buf_text(&look->json, "],\"next_cursor\":");
		if (look->next.len)
			buf_json_string(&look->json, buf_span(&look->next));
		else
			buf_text(&look->json, "null");
		buf_char(&look->json, '}');
	} else if (rc == 1) {
		buf_text(&look->json, look->list == BALANCES
					      ? "{\"items\":[],\"totals\":[]}"
					      : "{\"from\":null,\"to\":null,\"items\":[]}");
	}
}

static void look_done(struct aside_task *task)
{
	struct request *r = task->asker;
	struct look *look = r->state;
	struct problem p = {0};

	if (!look->failed) {
		request_json(r, 200, &look->json);
	} else if (look->fault.class == FAULT_INPUT) {
		/* a date was looked at before, so only these two are left */
		bool cursor = strcmp(look->fault.code, "cursor") == 0;

		problem_field(&p, "query", span_text(cursor ? "cursor" : "from"), look->fault.code,
			      "%s", look->fault.text);
		request_problem(r, &p);
	} else {
		request_fault(r, &look->fault);
	}
}

/* A query parameter, kept for the helper; `at` is NULL when it was not given. */
static struct span keep_any(struct request *r, struct look *look, const char *name)
{
	const char *value = request_query(r, name);

	if (value == NULL)
		return span_of(NULL, 0);
	look->texts[look->n_texts] = xstrdup(value);
	return span_text(look->texts[look->n_texts++]);
}

/* Empty is as good as absent. */
static struct span keep(struct request *r, struct look *look, const char *name)
{
	struct span value = keep_any(r, look, name);

	return value.len ? value : span_of("", 0);
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

static void keep_filters(struct request *r, struct look *look)
{
	struct ledger_query *q = &look->query;
	enum list list = look->list;

	q->cursor = keep(r, look, "cursor");
	if (list == TRANSACTIONS || list == ENTRIES || list == MONTHLY) {
		q->account = keep(r, look, "account");
		q->from = keep(r, look, "from");
		q->to = keep(r, look, "to");
	}
	if (list == TRANSACTIONS || list == ENTRIES)
		q->q = keep(r, look, "q");
	if (list == TRANSACTIONS || list == MONTHLY)
		q->currency = keep(r, look, "currency");
	if (list != TRANSACTIONS)
		return;
	q->status = keep(r, look, "status");
	q->direction = keep(r, look, "direction");
	q->merchant = keep_any(r, look, "merchant");
}

static void check_filters(struct look *look, struct problem *p)
{
	struct ledger_query *q = &look->query;

	if (q->status.len)
		params_choice(p, "query", "status", q->status, "categorized|needs_review");
	if (q->direction.len)
		params_choice(p, "query", "direction", q->direction, "in|out");
	if (q->from.len)
		params_date(p, "query", "from", q->from);
	if (q->to.len)
		params_date(p, "query", "to", q->to);
	if (q->currency.len) {
		params_currency(p, "query", "currency", q->currency, look->currency);
		q->currency = span_text(look->currency);
	}
}

static void check_txn(struct problem *p, const char *text, int64_t *out)
{
	uint64_t id;

	if (span_u64(span_text(text), &id) == 0 && id > 0 && id < INT64_MAX)
		*out = (int64_t)id;
	else
		problem_field(p, "query", span_text("transaction_id"), "id",
			      "Input should be an id, as this API gave it");
}

static void check_query(struct request *r, struct look *look, struct problem *p)
{
	const char *limit = request_query(r, "limit"), *job = request_query(r, "job_id");
	const char *txn = request_query(r, "transaction_id"), *months = request_query(r, "months");
	struct ledger_query *q = &look->query;

	q->limit = LIST_DEFAULT;
	keep_filters(r, look);
	check_filters(look, p);
	if (job && *job)
		params_job(p, "query", "job_id", span_text(job), &q->job);
	if (txn && *txn)
		check_txn(p, txn, &q->txn);
	if (months && look->list == MONTHLY)
		params_u32(p, "query", "months", span_text(months),
			   (struct range){1, LEDGER_MONTHS_MAX}, &q->months);
	if (limit)
		params_u32(p, "query", "limit", span_text(limit), (struct range){1, LIST_MAX},
			   &q->limit);
	if (look->list == TRANSACTIONS)
		check_group(r, look, p);
}

/* Without a tenant the list of companies has all that the caller may see. */
static void check_who(struct request *r, struct look *look, struct problem *p)
{
	const char *tenant = request_query(r, "tenant_id");

	if (tenant || look->list != COMPANIES)
		params_name(p, "query", "tenant_id", span_text(tenant), look->tenant);
	else
		span_copy(jobs_tenant(r), look->tenant, sizeof(look->tenant));
	if (look->list != COMPANIES)
		params_name(p, "query", "company_id", span_text(request_query(r, "company_id")),
			    look->company);
}

static void look_at(struct request *r, enum list list)
{
	struct look *look = xcalloc(1, sizeof(*look));
	struct problem p = {0};

	r->state = look;
	r->state_free = look_free;
	look->list = list;
	look->dir = r->server->books_dir;
	check_who(r, look, &p);
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

void bookview_monthly(struct request *r)
{
	look_at(r, MONTHLY);
}

void bookview_companies(struct request *r)
{
	look_at(r, COMPANIES);
}
