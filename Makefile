# make demo: meta-trains on made-up characters and draws what came of it.   make test: every test, in release.
# make build: the executable.   make sanitize: races, and accesses beyond arrays, in the tests.
# Each installs what is missing first.
#
# Larger matrix products are left to oneDNN where it is or can be installed (the package's trait `oneDNN`);
# ONEDNN=0 builds without it. One that is not in the usual place is found by CPATH and LIBRARY_PATH.

SHELL := /bin/bash
METALEARN := .build/release/metalearn
PACKAGES := libarchive-dev libcairo2-dev libturbojpeg0-dev pkg-config fontconfig fonts-dejavu-core
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
ONEDNN ?= 1
# Looked up when a recipe needs it, after what is missing has been installed.
HAS_ONEDNN = echo '\#include <dnnl.h>' | clang -E -x c - >/dev/null 2>&1
TRAITS = $(shell if [ "$(ONEDNN)" != 0 ] && $(HAS_ONEDNN); then echo --traits default,oneDNN; fi)

.PHONY: demo test build traits dependencies format lint sanitize clean

demo: build
	@echo
	@echo "Meta-training: MAML, 5-way 1-shot, on characters drawn from random strokes (about a minute on 2 cores)."
	@echo "Then 600 new tasks of characters never seen, before adapting and after 1 to 10 steps."
	@echo
	@rm -rf demo
	@$(METALEARN) train --out demo
	@echo
	@echo "One more task, adapted to from five drawings:"
	@$(METALEARN) adapt demo --seed 7
	@echo
	@echo "Look at demo/curves.png, demo/adaptation.png, demo/sheet.png and demo/adapted-7.png."

build: dependencies
	swift build -c release $(TRAITS) --product metalearn

test: dependencies
	swift test -c release -Xswiftc -enable-testing $(TRAITS)

# The options with which the above call swift.
traits:
	@echo $(TRAITS)

# One line of apt-get, and only where something is missing; on macOS: brew install libarchive cairo jpeg-turbo pkg-config.
dependencies:
	@if command -v apt-get >/dev/null && ! pkg-config --exists libarchive cairo libturbojpeg 2>/dev/null; then \
	  $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq $(PACKAGES); fi
	@if [ "$(ONEDNN)" != 0 ] && command -v apt-get >/dev/null && ! { $(HAS_ONEDNN); }; then \
	  $(SUDO) apt-get install -y -qq libdnnl-dev || { $(SUDO) apt-get update -qq && \
	  $(SUDO) apt-get install -y -qq libdnnl-dev; } || echo "oneDNN cannot be installed: building without it"; fi

format:
	swift format -i -r Package.swift Plugins Sources Tests Examples Benchmarks/Sources Benchmarks/Package.swift

lint:
	swift format lint --strict -r Package.swift Plugins Sources Tests Examples Benchmarks/Sources Benchmarks/Package.swift

# What runs on several threads, under the thread sanitizer; all of the tensors' tests, and with them the kernels, under
# the address sanitizer. Leaks are not looked for: XCTest and Foundation have some; and what is freed is not kept for long,
# because some tests measure memory. Each builds everything, in minutes.
SANITIZE := swift test -c release -Xswiftc -enable-testing

sanitize: dependencies
	$(SANITIZE) --sanitize=thread --scratch-path .build-thread --filter \
	  'ProgramTests|CompiledTests|SharedStepsTests|MemoryTests|ProfileTests|MetaTrainerTests|MAMLPlusPlusTests|MultiTaskTrainingTests|MetaTrainingRunTests|AdaptationReportTests|ScannedInner'
	ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=32 \
	  $(SANITIZE) --sanitize=address --scratch-path .build-address --filter TensorsTests

clean:
	rm -rf .build .build-thread .build-address Benchmarks/.build demo runs
