# SPDX-License-Identifier: BSD-2-Clause
# A thin front for meson. `make` only builds. What runs more than the compiler sees to the Debian
# packages that it takes by tools/setup, which says on the screen what it is going to install.

BUILD = build
# Debian's own, which has the pytest that was installed.
PYTHON = /usr/bin/python3
PREFIX = /usr/local
DESTDIR =
# More for meson setup, when $(BUILD) is made: MESON_OPTIONS="--werror -Dtls=disabled"
MESON_OPTIONS =
SETUP = tools/setup

.PHONY: all help setup demo postfix-demo check lint asan valgrind faults fuzz coverage soak weather
.PHONY: bench deb deb-check dist install uninstall clean
.DEFAULT_GOAL = all

all:
	@tools/build $(BUILD) --prefix=$(abspath $(PREFIX)) $(MESON_OPTIONS)

help:
	@echo 'make               build everything into $(BUILD)/; installs nothing'
	@echo 'make setup         install the packages that a build takes; FOR=check, lint, bench, deb'
	@echo 'make demo          see what scache does for you; needs neither root nor Postfix'
	@echo 'make postfix-demo  1,000 messages through a private Postfix, without and with a cache'
	@echo 'make check         run all tests'
	@echo 'make lint          check format, style, include arrows, sizes and words'
	@echo 'make asan          run the tests with ASan and UBSan, then the unit tests with valgrind'
	@echo 'make faults        let every call fail in turn, with ASan and UBSan; JOBS=2'
	@echo 'make fuzz          run each fuzzer for SECONDS=60, then a table of what they did'
	@echo 'make coverage      which lines of src/ no test reaches'
	@echo 'make soak          MESSAGES=100000 through a private Postfix, beside misbehaving clients'
	@echo 'make weather       what a client sees while others misbehave, beside Postfix'"'"'s server'
	@echo 'make bench         measure the speed against the kernel'"'"'s floor and Postfix'
	@echo 'make dist          make a release archive'
	@echo 'make deb           build the Debian packages into $(BUILD)-deb/'
	@echo 'make deb-check     try them in a fresh Debian: install, upgrade, remove, autopkgtest'
	@echo 'make install       install under PREFIX=$(PREFIX), DESTDIR='
	@echo 'make uninstall     remove what make install with the same variables put there'
	@echo 'make clean         remove $(BUILD)/ and the other build directories'

FOR = build
setup:
	@$(SETUP) $(FOR)

demo:
	@$(SETUP) demo
	@$(MAKE) --no-print-directory all
	@SCACHE_BUILD=$(BUILD) $(PYTHON) tools/demo

postfix-demo:
	@$(SETUP) check
	@$(MAKE) --no-print-directory all
	@$(PYTHON) tools/postfix_demo.py

# What was built before its libraries came knows nothing of them.
check:
	@$(SETUP) check
	@test ! -f $(BUILD)/build.ninja || test -x $(BUILD)/examples/http-curl -a -d $(BUILD)/tests/unit || \
		meson setup --reconfigure $(BUILD) >/dev/null
	@$(MAKE) --no-print-directory all
	@$(PYTHON) tools/check.py $(BUILD)

lint:
	@$(SETUP) lint
	@$(MAKE) --no-print-directory all
	@tools/lint $(BUILD)

asan: $(BUILD)-asan/build.ninja
	@ninja -C $(BUILD)-asan
	@UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 $(PYTHON) tools/check.py $(BUILD)-asan
	@$(MAKE) valgrind

$(BUILD)-asan/build.ninja:
	@$(SETUP) lint
	@CC=clang meson setup $(BUILD)-asan -Db_sanitize=address,undefined -Db_lundef=false

# A million operations of the store's model would take valgrind an hour.
valgrind:
	@$(SETUP) lint
	@$(MAKE) --no-print-directory all
	@SCACHE_OPERATIONS=20000 SC_TEST_ON_VALGRIND=1 meson test -C $(BUILD) --no-rebuild --suite unit \
		--wrap='valgrind -q --error-exitcode=9 --leak-check=full' --timeout-multiplier=10 \
		--print-errorlogs

# The n-th call fails, n = 1, 2, ... until none does; ONLY="standalone recvmsg" for some of them.
JOBS = 2
ONLY =
faults: $(BUILD)-asan/build.ninja
	@ninja -C $(BUILD)-asan
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/fault/faults.py --build $(BUILD)-asan --jobs $(JOBS) \
		--only '$(ONLY)'

SECONDS = 60
fuzz:
	@$(SETUP) lint
	@tools/fuzz $(BUILD)-fuzz $(SECONDS)

coverage:
	@$(SETUP) coverage
	@tools/coverage $(BUILD)-coverage

MESSAGES = 100000
soak:
	@$(SETUP) check
	@$(MAKE) --no-print-directory all
	@SCACHE_BUILD=$(BUILD) $(PYTHON) tools/soak.py --messages $(MESSAGES)

weather:
	@$(SETUP) check
	@$(MAKE) --no-print-directory all
	@SCACHE_BUILD=$(BUILD) $(PYTHON) tools/weather.py

bench:
	@$(SETUP) bench
	@$(MAKE) --no-print-directory all
	@$(BUILD)/scache-bench all --out $(BUILD)/bench-out; test $$? -le 1
	@gnuplot -e "dir='$(BUILD)/bench-out'" bench/plot.gp
	@echo 'See $(BUILD)/bench-out for the plots and figures.'

deb:
	@$(SETUP) deb
	@tools/deb $(BUILD)-deb

deb-check: deb
	@tools/deb-check $(BUILD)-deb

dist: all
	@meson dist -C $(BUILD) --no-tests

install:
	@tools/install $(BUILD) '$(abspath $(PREFIX))' '$(DESTDIR)' $(MESON_OPTIONS)

uninstall:
	@tools/install --remove '$(abspath $(PREFIX))' '$(DESTDIR)'

clean:
	@rm -rf $(BUILD) $(BUILD)-asan $(BUILD)-fuzz $(BUILD)-coverage $(BUILD)-clang $(BUILD)-deb
