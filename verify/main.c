/*
 * daybook-dbcheck - checks from outside that what daybook promises holds in a data directory.
 *
 * Also called as `daybook verify`. docs/OPERATIONS.md says what each invariant means.
 */
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sysexits.h>
#include <unistd.h>

#include "clock.h"
#include "kvcheck.h"
#include "mem.h"
#include "verify.h"

#define EXIT_BROKEN 1

static int help(void)
{
	printf("daybook verify - checks a data directory against what daybook promises\n\n"
	       "Usage: daybook verify [--data DIR] [--ended] [--accepted FILE]\n\n"
	       "  --data DIR       data directory ($DAYBOOK_DATA)\n"
	       "  --ended          nothing may be in flight: every job has ended\n"
	       "  --accepted FILE  ids of jobs, one a line, that must be there\n"
	       "  --help           this text\n\n"
	       "Nothing is written. It may run beside a running system, whose jobs in flight are\n"
	       "not judged. Exit status: 0 all invariants hold, 1 one is broken (its first record\n"
	       "is named), 64 usage, 66 there is no such data directory.\n");
	return EX_OK;
}

/* A broker holds this lock as long as it lives. */
static bool is_live(const char *data)
{
	char *path = xasprintf("%s/jobs/lock", data);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool held = fd != -1 && flock(fd, LOCK_SH | LOCK_NB) != 0;

	free(path);
	if (fd != -1)
		close(fd);
	return held;
}

/* What `daybook restore` leaves: a line for each time, with two moments. */
static void read_restored(struct verify *v)
{
	char *path = xasprintf("%s/restored", v->data), line[64], *rest;
	FILE *file = fopen(path, "re");

	free(path);
	while (file && v->n_restored < RESTORED_MAX && fgets(line, sizeof(line), file)) {
		v->restored[v->n_restored].taken_ms = strtoll(line, &rest, 10);
		v->restored[v->n_restored++].restored_ms = strtoll(rest, NULL, 10);
	}
	if (file)
		fclose(file);
}

/* The pages of a store that nobody writes are looked at first: damaged ones could crash a reader.
 * One that was opened meanwhile is its broker's, which has looked too. */
static bool pages_are_sound(struct verify *v)
{
	char *dir = xasprintf("%s/jobs", v->data);
	struct fault why;
	bool sound = v->live || kvcheck_run(dir, &why) == 0;

	if (!sound && is_live(v->data))
		sound = v->live = true;
	if (!sound)
		report_breach(&v->report, I8, "%s", why.text);
	free(dir);
	return sound;
}

static void crashed(int signal_number)
{
	static const char said[] = "I8 BROKEN: reading the job store or a file fails: it is cut "
				   "short or damaged\n";

	(void)signal_number;
	_exit(write(STDOUT_FILENO, said, sizeof(said) - 1) > 0 ? EXIT_BROKEN : EX_SOFTWARE);
}

static int check(struct verify *v, const char *accepted)
{
	struct fault why;
	int rc = EX_OK;

	v->wall_ms = clock_wall_ms();
	v->live = is_live(v->data);
	read_restored(v);
	v->blind = !pages_are_sound(v);
	if (!v->blind && store_check(v, &why) != 0) {
		v->blind = true;
		report_breach(&v->report, I8, "%s", why.text);
	}
	if (accepted && store_accepted(v, accepted, &why) != 0) {
		fprintf(stderr, "daybook verify: %s\n", why.text);
		rc = EX_NOINPUT;
	}
	files_check(v);
	books_check(v);
	return report_print(&v->report) > 0 ? EXIT_BROKEN : rc;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"data", required_argument, NULL, 'd'},
						{"ended", no_argument, NULL, 'e'},
						{"accepted", required_argument, NULL, 'a'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	struct verify v = {.data = getenv("DAYBOOK_DATA")};
	const char *accepted = NULL;
	int option, rc;
	char *jobs;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'h')
			return help();
		if (option == '?')
			return EX_USAGE;
		v.ended = v.ended || option == 'e';
		v.data = option == 'd' ? optarg : v.data;
		accepted = option == 'a' ? optarg : accepted;
	}
	if (optind < argc) {
		fprintf(stderr, "daybook verify: unexpected argument \"%s\"\n", argv[optind]);
		return EX_USAGE;
	}
	v.data = v.data ? v.data : "daybook-data";
	jobs = xasprintf("%s/jobs/data.mdb", v.data);
	rc = access(jobs, R_OK);
	free(jobs);
	if (rc != 0) {
		fprintf(stderr, "daybook verify: %s is no data directory of daybook\n", v.data);
		return EX_NOINPUT;
	}
	(void)!sodium_init();
	signal(SIGBUS, crashed);
	signal(SIGSEGV, crashed);
	rc = check(&v, accepted);
	verify_free(&v);
	return rc;
}
