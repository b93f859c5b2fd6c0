/*
 * validate - refuses rows that were read but cannot be booked.
 */
#include "validate.h"
#include "stage.h"

static int validate_unit(void *state, struct work *work, struct fault *why)
{
	(void)state;
	(void)why;
	validate_rows(work->rows);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct stage stage = {
		.name = "validate",
		.about = "refuses rows that cannot be booked",
		.unit = validate_unit,
	};

	return stage_main(&stage, argc, argv);
}
