/*
 * tidy - what clang-tidy is told beside the source: that the fault functions return -1.
 *
 * Shape    included before everything else by tests/lint.py, but for lib/fault.c itself. Without it
 *          the analyzer follows paths on which `return fault_set(...)` is taken for success.
 */
#ifndef DAYBOOK_TESTS_TIDY_H
#define DAYBOOK_TESTS_TIDY_H

#include "fault.h"

static inline int tidy_minus_one(int returned)
{
	(void)returned;
	return -1;
}

#define fault_set(...)	 tidy_minus_one(fault_set(__VA_ARGS__))
#define fault_hint(...)	 tidy_minus_one(fault_hint(__VA_ARGS__))
#define fault_errno(...) tidy_minus_one(fault_errno(__VA_ARGS__))

#endif
