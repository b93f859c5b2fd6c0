# daybook - see README.md. Targets: all web shots deps demo check fault lint fuzz bench format install
# clean.
BUILD   ?= build
# By one name, however it is given: what depends on what is kept under it.
override BUILD := $(patsubst $(CURDIR)/%,%,$(abspath $(BUILD)))
PREFIX  ?= /usr/local
CC      ?= gcc
SAN     ?= 0
PY      := /usr/bin/python3

VERSION := $(shell git describe --always --dirty 2>/dev/null || echo unversioned)
CFLAGS  ?= -O2 -g
CFLAGS  += -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
           -Wmissing-prototypes -fstack-protector-strong -fPIE -MMD -MP -DDAYBOOK_VERSION='"$(VERSION)"'
LDFLAGS += -pie -Wl,--as-needed -Wl,-z,relro,-z,now
ifeq ($(SAN),1)
override BUILD := $(BUILD)/san
CFLAGS  += -O1 -g1 -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
LDFLAGS += -fsanitize=address,undefined
else ifeq ($(FUZZ),1)
override BUILD := $(BUILD)/fuzz
CC      := clang
# An empty span is NULL + 0, which C2y allows and clang reports as pointer-overflow.
CFLAGS  += -O1 -g1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined \
           -fno-sanitize=pointer-overflow -Wno-error
LDFLAGS += -fsanitize=fuzzer,address,undefined
else
CFLAGS  += -D_FORTIFY_SOURCE=2
endif
LIBS    := -lczmq -lzmq -lmsgpackc -llmdb -lmicrohttpd -ljansson -lsqlite3 -lhs -lpcre2-8 -lutf8proc -lcurl -lsodium -luchardet -lpthread -lm

# Layers: a folder is compiled with only the include paths that it may use, so that an include in the
# wrong direction does not compile.
INC_lib        := lib
INC_wire       := lib wire
INC_parse      := lib parse
INC_rules      := lib rules
INC_llm        := lib llm
INC_journal    := lib journal
INC_broker     := lib wire broker
INC_harness    := lib wire stages/harness
INC_stages     := lib wire parse rules llm journal stages/harness
INC_status-api := lib wire journal status-api
INC_cli        := lib wire cli
INC_verify     := lib verify
FOLDERS        := lib wire parse rules llm journal broker stages/harness status-api cli verify
PROCESSES      := broker status-api cli verify

srcs_of   = $(filter-out %/main.c %/daybook-dump.c,$(wildcard $(1)/*.c))
obj_of    = $(patsubst %.c,$(BUILD)/%.o,$(1))
STAGES   := $(wildcard stages/*.c)
EXAMPLES := $(wildcard examples/*/*.c)
UNIT     := $(wildcard tests/unit/test_*.c)
BENCH    := $(wildcard bench/*.c)
FUZZERS  := $(wildcard tests/fuzz/*.c)
SHIMS    := $(wildcard tests/fault/*.c)
ARCHIVES := $(foreach f,verify cli status-api broker stages/harness journal llm rules parse wire lib,$(BUILD)/lib$(notdir $(f)).a)
BINS     := $(BUILD)/bin/daybook $(BUILD)/bin/daybook-dump $(BUILD)/bin/daybook-broker \
            $(BUILD)/bin/daybook-status-api $(BUILD)/bin/daybook-dbcheck $(patsubst stages/%.c,$(BUILD)/bin/daybook-%,$(STAGES)) \
            $(patsubst %.c,$(BUILD)/bin/daybook-%,$(notdir $(EXAMPLES)))
TESTS    := $(patsubst tests/unit/%.c,$(BUILD)/test/%,$(UNIT))

all: $(BINS)

define FOLDER
$(BUILD)/lib$(notdir $(1)).a: $(call obj_of,$(call srcs_of,$(1)))
$(call obj_of,$(wildcard $(1)/*.c)): CPPFLAGS += $(addprefix -iquote,$(INC_$(notdir $(1))))
endef
$(foreach f,$(FOLDERS),$(eval $(call FOLDER,$(f))))
$(call obj_of,$(STAGES) $(EXAMPLES)): CPPFLAGS += $(addprefix -iquote,$(INC_stages))
$(call obj_of,$(UNIT) $(BENCH) $(FUZZERS) $(SHIMS)): CPPFLAGS += $(addprefix -iquote,$(FOLDERS)) -iquotetests/unit

$(BUILD)/%.o: %.c Makefile | $(BUILD)/deps-ok
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@
%.a:
	@mkdir -p $(@D); rm -f $@
	ar rcs $@ $^
LINK = @mkdir -p $(@D); $(CC) $(LDFLAGS) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIBS) -o $@
$(BUILD)/bin/daybook: $(BUILD)/cli/main.o $(ARCHIVES)
	$(LINK)
$(BUILD)/bin/daybook-dump: $(BUILD)/cli/daybook-dump.o $(ARCHIVES)
	$(LINK)
$(BUILD)/bin/daybook-broker: $(BUILD)/broker/main.o $(ARCHIVES)
	$(LINK)
$(BUILD)/bin/daybook-status-api: $(BUILD)/status-api/main.o $(ARCHIVES)
	$(LINK)
$(BUILD)/bin/daybook-dbcheck: $(BUILD)/verify/main.o $(BUILD)/libverify.a $(BUILD)/liblib.a
	$(LINK)
# The API's description travels in the program that serves it.
$(BUILD)/openapi.json: openapi.yaml
	@mkdir -p $(@D)
	$(PY) -c 'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)' <$< >$@
$(BUILD)/status-api/openapi.o: $(BUILD)/openapi.json
$(BUILD)/journal/schema.o: $(wildcard journal/*.sql)
$(BUILD)/status-api/openapi.o: CPPFLAGS += -Wa,-I$(BUILD)
# So does the web page; web/dist is committed.
$(BUILD)/page/page.inc: status-api/page.py $(wildcard web/dist/*.html web/dist/assets/*)
	$(PY) $< web/dist $(@D)
$(BUILD)/status-api/page.o: $(BUILD)/page/page.inc
$(BUILD)/status-api/page.o: CPPFLAGS += -iquote$(BUILD)/page
define PROGRAM
$(BUILD)/bin/daybook-$(basename $(notdir $(1))): $(call obj_of,$(1)) $(ARCHIVES)
	$$(LINK)
endef
$(foreach s,$(STAGES) $(EXAMPLES),$(eval $(call PROGRAM,$(s))))
$(BUILD)/test/%: $(BUILD)/tests/unit/%.o $(ARCHIVES)
	@mkdir -p $(@D); $(CC) $(LDFLAGS) $< -Wl,--start-group $(ARCHIVES) -Wl,--end-group $(LIBS) -lcmocka -o $@
$(BUILD)/bench/%: $(BUILD)/bench/%.o $(ARCHIVES)
	$(LINK)

$(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/%.o $(foreach f,parse rules wire lib,$(BUILD)/lib$(f).a)
	$(LINK)

# Libraries that fault tests load into daybook's processes before libc. They define what fortified
# headers would define inline.
$(call obj_of,$(SHIMS)): CFLAGS += -fPIC -U_FORTIFY_SOURCE
$(BUILD)/test/%.so: $(BUILD)/tests/fault/%.o
	@mkdir -p $(@D); $(CC) -shared $< -o $@ -ldl

tests: $(TESTS) $(patsubst tests/fault/%.c,$(BUILD)/test/%.so,$(SHIMS))
fuzzers: $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(FUZZERS))

# All tests, or with WORDS= those whose names hold one of the words. fault: what faults do, in full
# sizes, with a table at the end.
RUN = sh etc/deps.sh check && BUILD=$(BUILD) tests/run $(WORDS)
check: ; @$(RUN)
fault: export DAYBOOK_TEST_FULL := 1
fault: ; @$(RUN) $(if $(WORDS),,build/all fault/ browser/test_2 flow/test_14 flow/test_2 flow/test_30 unit/test_sched unit/test_kv)
lint:  ; @$(RUN) build/all lint/
# T= seconds for each fuzzer.
fuzz:  export FUZZ_SECONDS := $(or $(T),60)
fuzz:  ; @$(RUN) build/fuzz fuzz/
format: ; clang-format -i $(shell git ls-files '*.c' '*.h')

# PORT= and DATA= as in etc/demo.sh. ARGS= of bench/run.py, such as --quick.
demo: all ; @BUILD=$(abspath $(BUILD)) sh etc/demo.sh
bench: all $(patsubst %.c,$(BUILD)/%,$(BENCH)) ; @sh etc/deps.sh bench && $(PY) bench/run.py --build $(BUILD) $(ARGS)

# The page that status-api serves; web/dist is committed, so that only who changes it needs node.
web: ; @sh etc/deps.sh web && sh web/build.sh
# Pictures of its views, of a real system, into docs/shots.
shots: all ; @sh etc/deps.sh check && $(PY) tests/browser/shots.py

EXAMPLE_BINS = $(patsubst %.c,$(BUILD)/bin/daybook-%,$(notdir $(EXAMPLES)))
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/daybook/etc $(DESTDIR)$(PREFIX)/share/doc/daybook
	install -m 755 $(filter-out $(EXAMPLE_BINS),$(BINS)) $(DESTDIR)$(PREFIX)/bin
	cp -R etc/daybook.conf etc/rules etc/accounts $(DESTDIR)$(PREFIX)/share/daybook/etc/
	cp README.md LICENSE $(filter-out %.in.md,$(wildcard docs/*.md)) $(DESTDIR)$(PREFIX)/share/doc/daybook/

# Debian packages; apt only when something is missing.
deps: ; @sh etc/deps.sh
$(BUILD)/deps-ok: etc/deps.sh
	@mkdir -p $(@D); sh etc/deps.sh && touch $@

clean: ; rm -rf $(BUILD)

.PHONY: all web shots tests fuzzers deps demo check fault lint fuzz bench format install clean
.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
