# SPDX-License-Identifier: BSD-2-Clause
# A thin front for meson: each target sets up what it needs by itself.

BUILD = build
PREFIX = /usr/local
DESTDIR =
MESON_SETUP = meson setup --prefix=$(abspath $(PREFIX)) --reconfigure
SETUP = tools/setup

.PHONY: all help demo postfix-demo check lint asan fuzz bench soak coverage dist install uninstall clean
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
	@echo 'make asan          run the tests with ASan and UBSan, and with valgrind'
	@echo 'make fuzz          fuzz each parser; SECONDS=60 each'
	@echo 'make bench         measure the speed against the kernel'"'"'s floor and Postfix'
	@echo 'make dist          make a release archive'
	@echo 'make install       install under PREFIX=$(PREFIX), DESTDIR='
	@echo 'make uninstall     remove what was installed'
	@echo 'make clean         remove $(BUILD)/ and the other build directories'

demo: all
	@$(SETUP) demo
	@SCACHE_BUILD=$(BUILD) /usr/bin/python3 tools/demo

postfix-demo: all
	@$(SETUP) check
	@/usr/bin/python3 tools/postfix_demo.py

check: all
	@$(SETUP) check
	@/usr/bin/python3 tools/check.py $(BUILD)

lint: all
	@$(SETUP) lint
	@tools/lint $(BUILD)

asan:
	@$(SETUP) check
	@$(SETUP) lint
	@test -f $(BUILD)-asan/build.ninja || \
		CC=clang meson setup $(BUILD)-asan -Db_sanitize=address,undefined -Db_lundef=false
	@ninja -C $(BUILD)-asan
	@/usr/bin/python3 tools/check.py $(BUILD)-asan

SECONDS = 60
fuzz:
	@$(SETUP) lint
	@tools/fuzz $(BUILD)-fuzz $(SECONDS)

bench: all
	@$(SETUP) bench
	@$(BUILD)/scache-bench all

dist: all
	@meson dist -C $(BUILD) --no-tests

install: all
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD) --no-rebuild

uninstall:
	@DESTDIR=$(DESTDIR) ninja -C $(BUILD) uninstall

clean:
	@rm -rf $(BUILD) $(BUILD)-asan $(BUILD)-fuzz $(BUILD)-coverage
