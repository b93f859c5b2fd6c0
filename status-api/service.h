/*
 * service - how the service itself is: alive, ready, measured, described.
 *
 * Shape    /healthz answers from this process alone; the others ask the broker, but not for long:
 *          a broker that is away is a fact to report here, not an error.
 */
#ifndef DAYBOOK_STATUS_API_SERVICE_H
#define DAYBOOK_STATUS_API_SERVICE_H

#include "request.h"

void service_healthz(struct request *r);
void service_readyz(struct request *r);
void service_metrics(struct request *r);
void service_stages(struct request *r);
void service_openapi(struct request *r);

/* openapi.yaml as JSON, put into the program by the build. */
struct span openapi_json(void);

#endif
