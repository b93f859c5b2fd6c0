#include "service.h"

/* Built from openapi.yaml; the Makefile gives the assembler the folder where it lies. */
__asm__(".section .rodata\n"
	".global openapi_json_at\n"
	".global openapi_json_len\n"
	"openapi_json_at: .incbin \"openapi.json\"\n"
	".balign 8\n"
	"openapi_json_len: .quad openapi_json_len - openapi_json_at\n"
	".previous\n");

extern const char openapi_json_at[];
extern const uint64_t openapi_json_len;

struct span openapi_json(void)
{
	struct span json = span_of(openapi_json_at, openapi_json_len);

	while (json.len && json.at[json.len - 1] == '\0')
		json.len--; /* what aligned the number */
	return json;
}
