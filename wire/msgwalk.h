/*
 * msgwalk - looks over msgpack bytes before anything is made of them.
 *
 * Shape    exactly one object; maps and arrays nest at most `depth` deep; every declared length and
 *          count fits into the bytes that are left (an item takes at least one), so that what a
 *          decoder allocates is bounded by what has arrived; ext types and floats are refused.
 * Errors   -1 with fault INPUT "wire-form" naming the byte.
 * Source   github.com/msgpack/msgpack/blob/master/spec.md
 */
#ifndef DAYBOOK_WIRE_MSGWALK_H
#define DAYBOOK_WIRE_MSGWALK_H

#include "fault.h"
#include "span.h"

int msgwalk_check(struct span bytes, int depth, struct fault *why);

#endif
