#include "aside.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "log.h"
#include "mem.h"

struct list {
	struct aside_task *first, **end;
};

struct aside {
	pthread_mutex_t mutex; /* guards both lists and `ending` */
	pthread_cond_t more;
	struct list waiting, finished;
	bool ending;
	int wake; /* eventfd: something is finished */
	int n_threads;
	const struct aside_own *own;
	struct aside_own own_copy;
	pthread_t threads[];
};

static void list_add(struct list *list, struct aside_task *task)
{
	task->next = NULL;
	*list->end = task;
	list->end = &task->next;
}

static struct aside_task *list_take(struct list *list)
{
	struct aside_task *task = list->first;

	if (task == NULL)
		return NULL;
	list->first = task->next;
	if (list->first == NULL)
		list->end = &list->first;
	return task;
}

/* NULL: it is time to end. */
static struct aside_task *wait_for_task(struct aside *aside)
{
	struct aside_task *task;

	pthread_mutex_lock(&aside->mutex);
	while ((task = list_take(&aside->waiting)) == NULL && !aside->ending)
		pthread_cond_wait(&aside->more, &aside->mutex);
	pthread_mutex_unlock(&aside->mutex);
	return task;
}

static void *thread_main(void *arg)
{
	struct aside *aside = arg;
	void *own = aside->own ? aside->own->make(aside->own->arg) : NULL;
	struct aside_task *task;
	const uint64_t one = 1;

	while ((task = wait_for_task(aside)) != NULL) {
		ssize_t written;

		task->work(task, own);
		pthread_mutex_lock(&aside->mutex);
		list_add(&aside->finished, task);
		pthread_mutex_unlock(&aside->mutex);
		written = write(aside->wake, &one, sizeof(one));
		assert(written == sizeof(one));
	}
	if (aside->own)
		aside->own->free(own);
	return NULL;
}

struct aside *aside_new(int n_threads, const struct aside_own *own)
{
	struct aside *aside = xcalloc(1, sizeof(*aside) + (size_t)n_threads * sizeof(pthread_t));

	pthread_mutex_init(&aside->mutex, NULL);
	pthread_cond_init(&aside->more, NULL);
	aside->waiting.end = &aside->waiting.first;
	aside->finished.end = &aside->finished.first;
	aside->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (own) {
		aside->own_copy = *own;
		aside->own = &aside->own_copy;
	}
	for (; aside->n_threads < n_threads; aside->n_threads++) {
		if (pthread_create(&aside->threads[aside->n_threads], NULL, thread_main, aside))
			break;
	}
	if (aside->wake == -1 || aside->n_threads == 0) {
		log_error("no threads or descriptors are left to work with");
		exit(71);
	}
	return aside;
}

void aside_free(struct aside **aside)
{
	struct aside *a = *aside;

	*aside = NULL;
	if (a == NULL)
		return;
	pthread_mutex_lock(&a->mutex);
	a->ending = true;
	pthread_cond_broadcast(&a->more);
	pthread_mutex_unlock(&a->mutex);
	for (int i = 0; i < a->n_threads; i++)
		pthread_join(a->threads[i], NULL);
	aside_collect(a);
	close(a->wake);
	pthread_cond_destroy(&a->more);
	pthread_mutex_destroy(&a->mutex);
	free(a);
}

void aside_run(struct aside *aside, struct aside_task *task)
{
	pthread_mutex_lock(&aside->mutex);
	list_add(&aside->waiting, task);
	pthread_cond_signal(&aside->more);
	pthread_mutex_unlock(&aside->mutex);
}

int aside_fd(const struct aside *aside)
{
	return aside->wake;
}

int aside_collect(struct aside *aside)
{
	struct aside_task *task, *next;
	uint64_t count;
	int n = 0;

	if (read(aside->wake, &count, sizeof(count)) == -1)
		return 0;
	pthread_mutex_lock(&aside->mutex);
	task = aside->finished.first;
	aside->finished = (struct list){0};
	aside->finished.end = &aside->finished.first;
	pthread_mutex_unlock(&aside->mutex);
	for (; task; task = next, n++) {
		next = task->next;
		task->done(task);
	}
	return n;
}
