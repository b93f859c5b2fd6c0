#include "supervisor.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "log.h"

#define BACKOFF_MIN_MS	 100
#define BACKOFF_MAX_MS	 5000
#define ALIVE_AGAIN_MS	 10000 /* lived so long: what happened before is forgotten */
#define CHILD_DEATHS_MS	 60000
#define HOPELESS_MAX	 5
#define STOP_PATIENCE_MS 10000
#define IDLE_MS		 1000
#define MUTE_MS		 3000 /* a Python stage is ready within half a second */
/* `up` itself did not run for so long (stopped, swapped out): its children's words wait unread. */
#define ABSENT_MS 3000

static bool is_due(const struct supervisor *s, const struct child *child, int64_t now_ms)
{
	return !child->pid && now_ms >= child->next_ms &&
	       (child->rank == RANK_BROKER || s->broker_was_ready);
}

static void start(struct supervisor *s, struct child *child, int64_t now_ms)
{
	pid_t pid = child_start(child, s->setting);

	child->backoff_ms = child->backoff_ms ? child->backoff_ms * 2 : BACKOFF_MIN_MS;
	if (child->backoff_ms > BACKOFF_MAX_MS)
		child->backoff_ms = BACKOFF_MAX_MS;
	child->next_ms = now_ms + child->backoff_ms;
	if (pid == -1) {
		log_error("cannot start %s: %s", child->name, strerror(errno));
		return;
	}
	child->pid = pid;
	child->starts++;
	child->started_ms = child->alive_ms = now_ms;
	child->ready = child->watched = false;
	s->changed = true;
	log_debug("started %s, pid %d", child->name, (int)pid);
}

static void end(const struct child *child, int signal_number)
{
	/* The group: a shell that did not exec leaves nobody behind. */
	if (child->pid && kill(-child->pid, signal_number) != 0)
		kill(child->pid, signal_number);
	/* One that is stopped takes its SIGTERM only when it goes on. */
	if (child->pid && signal_number == SIGTERM)
		kill(-child->pid, SIGCONT);
}

static void watch(struct child *child, int64_t now_ms)
{
	int64_t silent_ms = now_ms - child->alive_ms;

	if (!child->pid || !child->watched || silent_ms < child->watchdog_ms)
		return;
	log_error("%s (pid %d) has been silent for %lld ms: killing it", child->name,
		  (int)child->pid, (long long)silent_ms);
	end(child, SIGKILL);
	child->watched = false; /* once; waitpid() says the rest */
}

static int turn_running(struct supervisor *s, int64_t now_ms)
{
	int64_t wait_ms = IDLE_MS;

	for (int i = 0; i < s->n; i++) {
		struct child *child = &s->children[i];

		if (is_due(s, child, now_ms))
			start(s, child, now_ms);
		if (!child->pid && child->next_ms > now_ms && child->next_ms - now_ms < wait_ms)
			wait_ms = child->next_ms - now_ms;
		watch(child, now_ms);
	}
	return (int)wait_ms;
}

static int count(const struct supervisor *s, enum child_rank rank)
{
	int n = 0;

	for (int i = 0; i < s->n; i++)
		n += s->children[i].rank == rank && s->children[i].pid;
	return n;
}

static void end_rank(struct supervisor *s, int signal_number)
{
	for (int i = 0; i < s->n; i++) {
		if (s->children[i].rank == s->rank)
			end(&s->children[i], signal_number);
	}
}

static int turn_stopping(struct supervisor *s, int64_t now_ms)
{
	while (count(s, s->rank) == 0) {
		if (s->rank == RANK_BROKER)
			return -1;
		s->rank--;
		s->told = false;
	}
	if (!s->told) {
		end_rank(s, SIGTERM);
		s->told = true;
		s->deadline_ms = now_ms + STOP_PATIENCE_MS;
	}
	if (now_ms >= s->deadline_ms) {
		log_warn("killing what has not ended");
		end_rank(s, SIGKILL);
		s->deadline_ms = now_ms + STOP_PATIENCE_MS;
	}
	return (int)(s->deadline_ms - now_ms);
}

int supervisor_turn(struct supervisor *s, int64_t now_ms)
{
	if (s->turned_ms && now_ms - s->turned_ms > ABSENT_MS) {
		for (int i = 0; i < s->n; i++)
			s->children[i].alive_ms = now_ms;
	}
	s->turned_ms = now_ms;
	return s->stopping ? turn_stopping(s, now_ms) : turn_running(s, now_ms);
}

void supervisor_stop(struct supervisor *s, int64_t now_ms)
{
	if (!s->stopping) {
		s->stopping = true;
		s->rank = RANK_STAGE;
		return;
	}
	for (int i = 0; i < s->n; i++)
		end(&s->children[i], SIGKILL);
	s->deadline_ms = now_ms + STOP_PATIENCE_MS;
}

static void give_up(struct supervisor *s, int exit_status, int64_t now_ms)
{
	s->gave_up = true;
	s->exit_status = exit_status;
	if (!s->stopping)
		supervisor_stop(s, now_ms);
}

/* Ends with these say that the next start would end the same way. */
static bool is_hopeless(int status)
{
	switch (WIFEXITED(status) ? WEXITSTATUS(status) : 0) {
	case EX_USAGE:
	case EX_CONFIG:
	case EX_CANTCREAT:
	case 126: /* a shell's "cannot be run" */
	case 127: /* and "not found" */
		return true;
	default:
		return false;
	}
}

/* The death of now is the newest; too many when the tenth before it is less than a minute ago. */
static bool dies_too_often(struct child *child, int64_t now_ms)
{
	int64_t *place = &child->deaths[child->n_deaths++ % CHILD_DEATHS_MAX];
	const int64_t *oldest;

	*place = now_ms;
	if (child->n_deaths < CHILD_DEATHS_MAX)
		return false;
	oldest = &child->deaths[child->n_deaths % CHILD_DEATHS_MAX];
	return now_ms - *oldest < CHILD_DEATHS_MS;
}

/* A stage that was welcomed and then dies has met units that kill it: their jobs fail after some
 * tries, and nobody else's should. It comes back, later and later. */
static bool does_its_work(const struct child *child)
{
	return child->rank == RANK_STAGE && child->ready;
}

static struct child *child_of(struct supervisor *s, pid_t pid)
{
	for (int i = 0; i < s->n; i++) {
		if (s->children[i].pid == pid)
			return &s->children[i];
	}
	return NULL;
}

static void after_death(struct supervisor *s, struct child *child, int status, int64_t now_ms)
{
	char text[64];

	child_end_text(status, text, sizeof(text));
	child->n_hopeless = is_hopeless(status) && !child->ready ? child->n_hopeless + 1 : 0;
	if (child->n_hopeless >= HOPELESS_MAX) {
		log_error("%s cannot start (%s): giving up", child->name, text);
		give_up(s, WEXITSTATUS(status) < 126 ? WEXITSTATUS(status) : EX_OSFILE, now_ms);
	} else if (!does_its_work(child) && dies_too_often(child, now_ms)) {
		log_error("%s died %d times within a minute (%s): giving up", child->name,
			  CHILD_DEATHS_MAX, text);
		give_up(s, 1, now_ms);
	} else {
		log_warn("%s ended (%s), starting it again in %lld ms", child->name, text,
			 (long long)(child->next_ms > now_ms ? child->next_ms - now_ms : 0));
	}
}

void supervisor_ended(struct supervisor *s, pid_t pid, int status, int64_t now_ms)
{
	struct child *child = child_of(s, pid);

	if (!child)
		return;
	kill(-pid, SIGKILL); /* what it may have left in its group */
	child->pid = 0;
	s->changed = true;
	if (now_ms - child->started_ms >= ALIVE_AGAIN_MS)
		child->backoff_ms = BACKOFF_MIN_MS;
	child->next_ms = now_ms + child->backoff_ms;
	if (!s->stopping)
		after_death(s, child, status, now_ms);
	child->ready = false;
}

void supervisor_notified(struct supervisor *s, pid_t pid, bool ready, bool alive, int64_t now_ms)
{
	struct child *child = child_of(s, pid);

	if (!child)
		return;
	child->alive_ms = now_ms;
	if (ready && !child->ready)
		s->changed = child->ready = true;
	s->broker_was_ready = s->broker_was_ready || (child->rank == RANK_BROKER && child->ready);
	/* Programs of ours go on saying that they live; another one must have said so once. */
	child->watched = child->watched || alive || (child->ready && child->path);
}

bool supervisor_is_ready(const struct supervisor *s, int64_t now_ms)
{
	for (int i = 0; i < s->n; i++) {
		const struct child *child = &s->children[i];

		bool may_be_mute = !child->path && now_ms - child->started_ms >= MUTE_MS;

		if (!child->pid || !(child->ready || may_be_mute))
			return false;
	}
	return true;
}
