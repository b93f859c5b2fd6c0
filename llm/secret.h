/*
 * secret - the key of a model's endpoint.
 *
 * Shape    from a file that only its owner can read (mode 0600 or less), else from the environment
 *          variable DAYBOOK_MODEL_KEY, else none. One line of printable characters.
 * Errors   -1 with fault JOB "model-key" naming the file and the mend.
 * Owns     secret_read gives; secret_free wipes it before the memory goes back.
 */
#ifndef DAYBOOK_LLM_SECRET_H
#define DAYBOOK_LLM_SECRET_H

#include "fault.h"

#define SECRET_BYTES_MAX 4096

/* *secret is NULL when there is none. */
int secret_read(const char *file, char **secret, struct fault *why);
void secret_free(char **secret);

#endif
