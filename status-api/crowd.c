#include "crowd.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "name.h"

struct member {
	char tenant[NAME_SIZE];
	uint32_t requests;
};

/* Those that have any, in no order: of all tenants few ask at one moment. */
struct crowd {
	struct member *members;
	uint32_t n, room, max;
};

struct crowd *crowd_new(uint32_t max)
{
	struct crowd *crowd = xcalloc(1, sizeof(*crowd));

	crowd->max = max;
	return crowd;
}

void crowd_free(struct crowd **crowd)
{
	if (*crowd)
		free((*crowd)->members);
	free(*crowd);
	*crowd = NULL;
}

static struct member *crowd_find(const struct crowd *crowd, const char *tenant)
{
	for (uint32_t i = 0; i < crowd->n; i++) {
		if (strcmp(crowd->members[i].tenant, tenant) == 0)
			return &crowd->members[i];
	}
	return NULL;
}

int crowd_enter(struct crowd *crowd, const char *tenant)
{
	struct member *member = crowd_find(crowd, tenant);

	if (!member) {
		if (crowd->n == crowd->room) {
			crowd->room = crowd->room ? 2 * crowd->room : 16;
			crowd->members = xrealloc(crowd->members,
						  crowd->room * sizeof(*crowd->members));
		}
		member = &crowd->members[crowd->n++];
		*member = (struct member){.requests = 0};
		span_copy(span_text(tenant), member->tenant, sizeof(member->tenant));
	}
	if (member->requests == crowd->max)
		return -1;
	member->requests++;
	return 0;
}

void crowd_leave(struct crowd *crowd, const char *tenant)
{
	struct member *member = crowd_find(crowd, tenant);

	if (--member->requests == 0)
		*member = crowd->members[--crowd->n];
}
