/*
 * noop - a stage that does nothing: what is left is the cost of a job itself.
 *
 * Shape    one source unit without rows, so a job of a pipeline of this stage alone is accepted,
 *          written down, dealt, answered and written down as complete.
 */
#include "stage.h"

static int noop_unit(void *state, struct work *work, struct fault *why)
{
	(void)state;
	(void)why;
	work->last = true;
	return 0;
}

int main(int argc, char **argv)
{
	static const struct stage noop = {
		.name = "noop",
		.about = "does nothing, for the bench",
		.raw = true,
		.unit = noop_unit,
	};

	return stage_main(&noop, argc, argv);
}
