#include "service.h"

/* Built from openapi.yaml; the Makefile gives the assembler the folder where it lies. */
__asm__(".section .rodata\n"
	".global openapi_json_at\n"
	".global openapi_json_end\n"
	"openapi_json_at: .incbin \"openapi.json\"\n"
	"openapi_json_end:\n"
	".previous\n");

extern const char openapi_json_at[], openapi_json_end[];

struct span openapi_json(void)
{
	return span_of(openapi_json_at, (size_t)(openapi_json_end - openapi_json_at));
}
