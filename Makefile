# socle: the verbs of working on it. `make help` lists them.

SWIFT        ?= swift
PREFIX       ?= /usr/local
# Nobody links against the program: without names for others the linker can leave out what is never used. Libraries are inside, and
# addresses are fixed: decision 12 says why. What commands enter stands in front, in their order: decision 16.
RELEASE_ARGS := -c release --static-swift-stdlib --product socle --disable-local-rpath \
                -Xlinker --symbol-ordering-file=$(abspath scripts/symbols.order) -Xlinker --no-warn-symbol-ordering \
                -Xlinker --version-script=$(abspath scripts/no-exports.map) -Xlinker --gc-sections -Xlinker --icf=safe \
                -Xswiftc -use-ld=lld -Xswiftc -L$(abspath build/static) -Xlinker --no-pie -Xlinker -z -Xlinker now \
                -Xcc -ffunction-sections -Xcc -fdata-sections -Xswiftc -Xfrontend -Xswiftc -function-sections \
                -Xswiftc -Xfrontend -Xswiftc -disable-concrete-type-metadata-mangled-name-accessors
RELEASE      := build/socle
DEBUG        := .build/debug/socle
ITERATIONS   ?= 20000

.PHONY: help build debug order install demo examples test test-unit test-root test-machine lint fmt bench bench-buildkit fuzz deps deps-test docs clean mutants

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: deps ## The release binary, build/socle: one file, Swift's runtime inside, stripped
	@scripts/static-libraries build/static
	$(SWIFT) build $(RELEASE_ARGS) -Xlinker -s
	@mkdir -p build && cp .build/release/socle $(RELEASE)
	@scripts/check-binary $(RELEASE)

debug: deps ## The debug binary and all tests
	$(SWIFT) build --build-tests

order: deps-test ## Finds out anew which functions commands enter (root); the next build puts those in front
	$(SWIFT) build $(RELEASE_ARGS)
	scripts/order-release .build/release/socle >build/symbols.order && mv build/symbols.order scripts/symbols.order
	@rm -f .build/release/socle

install: build ## The release binary into PREFIX/bin
	install -D -m 0755 $(RELEASE) $(DESTDIR)$(PREFIX)/bin/socle

demo: build ## Docker's page "Base images", step by step, on socle
	scripts/demo

examples: deps-test build ## Builds and checks the projects in examples/, EXAMPLES=NAME… only some
	scripts/examples $(EXAMPLES)

test: deps-test build debug test-unit test-root ## All tests: those without root first, then the others

test-unit: debug ## Tests that need no root, no network and no other program
	$(SWIFT) test --skip-build --skip EndToEndTests --skip InteropTests 2>&1 | scripts/test-report unit

test-root: debug ## Tests of the binary, against Docker and other peers; what can't run here is named at the end
	SOCLE_BINARY=$(abspath $(RELEASE)) scripts/with-docker \
	  $(SWIFT) test --skip-build --no-parallel --filter 'EndToEndTests|InteropTests|OracleTests|ImageManagementTests' 2>&1 | scripts/test-report root

test-machine: deps-test build debug ## Tests in a virtual machine with Debian's kernel, systemd and AppArmor; minutes, more when its disk is made
	SOCLE_MACHINE=1 SOCLE_BINARY=$(abspath $(RELEASE)) \
	  $(SWIFT) test --skip-build --no-parallel --filter MachineTests 2>&1 | scripts/test-report machine

mutants: debug ## Takes each defence of docs/security.md out of a copy of the code, and sees its test fail; MUTANTS=NAME… only some
	scripts/mutants $(MUTANTS)

lint: ## The formatter's rules and the binary's gates
	$(SWIFT) format lint --strict --recursive --parallel Sources Tests Package.swift

fmt: ## Formats all Swift
	$(SWIFT) format --in-place --recursive --parallel Sources Tests Package.swift

bench: deps-test build ## The same work on socle and on Docker, interleaved: medians and ratios
	scripts/with-docker Benchmarks/bench $(BENCH)

bench-buildkit: deps-test build ## The builds on socle and on docker 26 with BuildKit, which debootstrap and apt bring
	scripts/with-buildkit Benchmarks/bench $(BENCH)

fuzz: debug ## The fuzz targets, ITERATIONS mutations each
	SOCLE_FUZZ_ITERATIONS=$(ITERATIONS) $(SWIFT) test --skip-build --filter FuzzTests

deps: ## Debian's packages that the build needs
	@scripts/install-packages build

deps-test: ## Debian's packages that the tests and benchmarks compare with
	@scripts/install-packages test

clean: ## Removes what was built; the cached Debian root too
	rm -rf .build build
