#include "workqueue.h"

#include <stdlib.h>

#include "mem.h"

void workqueue_put(struct workqueue *queue, struct sock_msg **msg, const struct wire_work *head)
{
	struct workitem *item = queue->spare;
	struct sock_msg *fresh = NULL;

	if (item) {
		queue->spare = item->next;
		fresh = item->msg;
	} else {
		item = xcalloc(1, sizeof(*item));
		fresh = sock_msg_new();
	}
	*item = (struct workitem){.msg = *msg, .head = *head};
	*msg = fresh;
	if (queue->last)
		queue->last->next = item;
	else
		queue->first = item;
	queue->last = item;
	queue->n++;
}

static bool is_ready(const struct workqueue_wish *wish, const struct workitem *item)
{
	return !wish->is_ready || wish->is_ready(wish->arg, item);
}

static bool is_together(const struct workitem *a, const struct workitem *b)
{
	return b->head.work == WORK_ROWS && span_equal(a->head.tenant, b->head.tenant) &&
	       span_equal(a->head.company, b->head.company);
}

/* Takes the item after `before` (NULL: the first) out of the list. */
static struct workitem *unlink_after(struct workqueue *queue, struct workitem *before)
{
	struct workitem *item = before ? before->next : queue->first;

	if (before)
		before->next = item->next;
	else
		queue->first = item->next;
	if (queue->last == item)
		queue->last = before;
	item->next = NULL;
	queue->n--;
	return item;
}

int workqueue_take(struct workqueue *queue, const struct workqueue_wish *wish,
		   struct workitem **taken)
{
	struct workitem *before = NULL, *item = queue->first;
	uint64_t rows = 0;
	int n = 0;

	while (item && n < wish->max_units) {
		struct workitem *next = item->next;
		bool fits = n == 0 || (is_together(taken[0], item) &&
				       rows + item->head.rows <= wish->max_rows);

		if (fits && is_ready(wish, item)) {
			rows += item->head.rows;
			taken[n++] = unlink_after(queue, before);
			if (taken[0]->head.work != WORK_ROWS)
				break;
		} else {
			before = item;
		}
		item = next;
	}
	return n;
}

struct workitem *workqueue_waiting(const struct workqueue *queue, const struct workqueue_wish *wish)
{
	struct workitem *item = queue->first;

	while (item && is_ready(wish, item))
		item = item->next;
	return item;
}

void workqueue_done(struct workqueue *queue, struct workitem **item)
{
	(*item)->next = queue->spare;
	queue->spare = *item;
	*item = NULL;
}

void workqueue_pick(struct workqueue *queue, const struct workitem *item)
{
	struct workitem *before = NULL, *at = queue->first;

	while (at != item) {
		before = at;
		at = at->next;
	}
	unlink_after(queue, before);
}

bool workqueue_drop(struct workqueue *queue, uint64_t token)
{
	struct workitem *before = NULL, *item = queue->first;

	while (item && item->head.token != token) {
		before = item;
		item = item->next;
	}
	if (!item)
		return false;
	item = unlink_after(queue, before);
	workqueue_done(queue, &item);
	return true;
}

void workqueue_clear(struct workqueue *queue)
{
	while (queue->first) {
		struct workitem *item = unlink_after(queue, NULL);

		workqueue_done(queue, &item);
	}
}

void workqueue_release(struct workqueue *queue)
{
	workqueue_clear(queue);
	while (queue->spare) {
		struct workitem *item = queue->spare;

		queue->spare = item->next;
		sock_msg_release(&item->msg);
		free(item);
	}
}
