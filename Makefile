# SPDX-License-Identifier: BSD-2-Clause
# A thin front for meson: each target sets up what it needs by itself.

BUILD = build
# Debian's own, which has the pytest that was installed.
PYTHON = /usr/bin/python3
PREFIX = /usr/local
DESTDIR =
SETUP = tools/setup

.PHONY: coverage soak weather
.PHONY: all help demo postfix-demo check lint asan valgrind faults fuzz bench dist install uninstall clean
.DEFAULT_GOAL = all

all:
	@$(SETUP) build
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD) --prefix=$(abspath $(PREFIX))
	@ninja -C $(BUILD)

help:
	@echo 'make               build everything into $(BUILD)/'
	@echo 'make demo          see what scache does for you; needs neither root nor Postfix'
	@echo 'make postfix-demo  1,000 messages through a private Postfix, without and with a cache'
	@echo 'make check         run all tests'
	@echo 'make lint          check format, style, include arrows and sizes'
	@echo 'make asan          run the tests with ASan and UBSan, then the unit tests with valgrind'
	@echo 'make faults        let every call fail in turn, with ASan and UBSan; JOBS=2'
	@echo 'make fuzz          run each fuzzer for SECONDS=60, then a table of what they did'
	@echo 'make coverage      which lines of src/ no test reaches'
	@echo 'make soak          MESSAGES=100000 through a private Postfix, beside misbehaving clients'
	@echo 'make weather       what a client sees while others misbehave, beside Postfix'"'"'s server'
	@echo 'make bench         measure the speed against the kernel'"'"'s floor and Postfix'
	@echo 'make dist          make a release archive'
	@echo 'make install       install under PREFIX=$(PREFIX), DESTDIR='
	@echo 'make uninstall     remove what was installed'
	@echo 'make clean         remove $(BUILD)/ and the other build directories'

demo: all
	@$(SETUP) demo
	@SCACHE_BUILD=$(BUILD) $(PYTHON) tools/demo

postfix-demo: all
	@$(SETUP) check
	@$(PYTHON) tools/postfix_demo.py

# What was built before its libraries came knows nothing of them.
check:
	@$(SETUP) check
	@test ! -f $(BUILD)/build.ninja || test -x $(BUILD)/examples/http-curl || \
		meson setup --reconfigure $(BUILD) >/dev/null
	@$(MAKE) --no-print-directory all
	@$(PYTHON) tools/check.py $(BUILD)

lint: all
	@$(SETUP) lint
	@tools/lint $(BUILD)

asan:
	@$(SETUP) lint
	@test -f $(BUILD)-asan/build.ninja || \
		CC=clang meson setup $(BUILD)-asan -Db_sanitize=address,undefined -Db_lundef=false
	@ninja -C $(BUILD)-asan
	@UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 $(PYTHON) tools/check.py $(BUILD)-asan
	@$(MAKE) valgrind

# A million operations of the store's model would take valgrind an hour.
valgrind: all
	@$(SETUP) lint
	@SCACHE_OPERATIONS=20000 SC_TEST_ON_VALGRIND=1 meson test -C $(BUILD) --no-rebuild --suite unit \
		--wrap='valgrind -q --error-exitcode=9 --leak-check=full' --timeout-multiplier=10 \
		--print-errorlogs

# The n-th call fails, n = 1, 2, ... until none does; ONLY="standalone recvmsg" for some of them.
JOBS = 2
ONLY =
faults:
	@$(SETUP) lint
	@test -f $(BUILD)-asan/build.ninja || \
		CC=clang meson setup $(BUILD)-asan -Db_sanitize=address,undefined -Db_lundef=false
	@ninja -C $(BUILD)-asan
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/fault/faults.py --build $(BUILD)-asan --jobs $(JOBS) \
		--only '$(ONLY)'

SECONDS = 60
fuzz:
	@$(SETUP) lint
	@tools/fuzz $(BUILD)-fuzz $(SECONDS)

coverage:
	@$(SETUP) coverage
	@$(PYTHON) tools/coverage $(BUILD)-coverage

MESSAGES = 100000
soak: all
	@$(SETUP) check
	@SCACHE_BUILD=$(BUILD) $(PYTHON) tools/soak.py --messages $(MESSAGES)

weather: all
	@$(SETUP) check
	@SCACHE_BUILD=$(BUILD) $(PYTHON) tools/weather.py

bench:
	@$(SETUP) bench
	@$(MAKE) all
	@$(BUILD)/scache-bench all --out $(BUILD)/bench-out; test $$? -le 1
	@gnuplot -e "dir='$(BUILD)/bench-out'" bench/plot.gp
	@echo 'See $(BUILD)/bench-out for the plots and figures.'

dist: all
	@meson dist -C $(BUILD) --no-tests

install: all
	@meson configure $(BUILD) -Dprefix=$(abspath $(PREFIX))
	@ninja -C $(BUILD)
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD) --no-rebuild

uninstall:
	@DESTDIR=$(DESTDIR) ninja -C $(BUILD) uninstall

clean:
	@rm -rf $(BUILD) $(BUILD)-asan $(BUILD)-fuzz $(BUILD)-coverage
