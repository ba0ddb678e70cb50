# ./setup fetches what a fresh machine lacks. Every target is then complete on a Debian 12: it installs the Debian packages it needs when run as root,
# and names them in one line otherwise.
SHELL := /bin/bash
.DEFAULT_GOAL := help

RID ?= linux-x64
# Programs of another architecture are cross-built into a folder of their own.
OUT := $(if $(filter linux-x64,$(RID)),out,out/$(RID))
CROSS := $(if $(filter linux-arm64,$(RID)),-p:ObjCopyName=aarch64-linux-gnu-objcopy)
CROSS_TOOLS := $(if $(filter linux-arm64,$(RID)),aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu aarch64-linux-gnu-objcopy:binutils-aarch64-linux-gnu \
  qemu-aarch64-static:qemu-user-static lib:ld-linux-aarch64.so.1:libc6-dev-arm64-cross)
EMULATOR := $(if $(filter linux-arm64,$(RID)),qemu-aarch64-static -L /usr/aarch64-linux-gnu)
# The SDK needs ICU's library or this; the programs need neither.
ifeq ($(wildcard /usr/lib*/libicuuc.so* /usr/lib/*/libicuuc.so*),)
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT = 1
endif
KDT := src/Kdump.Cli/bin/Release/kdt.dll
DOTNET := DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 dotnet
# A release has no .git: its files are found by name.
SOURCES := $(or $(shell git ls-files -co --exclude-standard 'src/*' '*.props' global.json 2>/dev/null),\
  $(shell find src *.props global.json -type f -not -path '*/bin/*' -not -path '*/obj/*'))

PUBLISH_TOOLS := clang ld.lld:lld
LAB_TOOLS := qemu-system-x86_64:qemu-system-x86 busybox:busybox-static makedumpfile kexec:kexec-tools cpio depmod:kmod xz:xz-utils zstd \
  dracut:dracut-core systemctl:systemd udevadm:udev mkfs.ext4:e2fsprogs debugfs:e2fsprogs

# The system's codec libraries are the fast decoders and an oracle for those that need none; the other tools make what the tests read.
TEST_TOOLS := lib:libzstd.so.1:libzstd1 lib:liblzma.so.5:liblzma5 lib:liblzo2.so.2:liblzo2-2 lib:libsnappy.so.1:libsnappy1v5 lib:liblz4.so.1:liblz4-1 \
  lib:libbz2.so.1.0:libbz2-1.0 lib:libsqlite3.so.0:libsqlite3-0 lib:libdeflate.so.0:libdeflate0 cpio gzip bzip2 xz:xz-utils zstd lz4 lzop 7z:p7zip-full zip tar mksquashfs:squashfs-tools mkfs.erofs:erofs-utils

# What a build prints is shown only when it fails; one that takes longer than three seconds says that it is still at work.
quiet = log=$$(mktemp); { sleep 3; echo "building; the first time takes a minute" >&2; } & note=$$!; \
  $(1) > $$log 2>&1 || { kill $$note 2> /dev/null; cat $$log >&2; rm -f $$log; exit 1; }; kill $$note 2> /dev/null; rm -f $$log

.PHONY: help restore build run test corpus field publish publish-clr portable lab lab-quick lab-images lab-dumps lab-arm64 lab-vectors lab-memory lab-rehearse lab-packages lab-fleet fleet-scale fleet-quality answers-diff fuzz bench performance bench-images \
  bench-dumps man sbom install uninstall deb rpm tarball clean deps-test deps-publish deps-lab deps-packages deps-lint

help: ## this list
	@awk -F':.*## ' '/^[a-z -]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

restore: ## fetch the packages that the lock files name
	@$(call quiet,$(DOTNET) restore Kdump.sln --locked-mode -v q -nologo)

build: ## compile everything
	@$(call quiet,$(DOTNET) build Kdump.sln -c Release -v q -nologo)

run: ## the main job on recorded input: why did this machine leave no dump?
	@$(call quiet,$(DOTNET) build src/Kdump.Cli -c Release -v q -nologo -p:RunAnalyzers=false)
	@$(DOTNET) $(KDT) explain fixtures/cases/vector-exhaustion || [ $$? -eq 1 ]

test: deps-test ## everything that needs no root, network or QEMU
	@tests/run-tests $(TEST_ARGS)

corpus: ## figures: our answers beside those of others (needs ../shared/corpora); CORPUS=syz-public picks one
	@$(DOTNET) test tests/Kdump.Tests -c Release --nologo -v q --filter '$(if $(CORPUS),Corpus=$(CORPUS),FullyQualifiedName~CorpusTests|FullyQualifiedName~SyzkallerScore)' --logger 'console;verbosity=detailed' | \
	  grep -E '^ *(Passed |Failed |[a-z0-9 -]*[0-9]+ of [0-9]+$$|  [^ ]+: [0-9]+ of [0-9]+|[a-z0-9 -]+ found [0-9]+/)'

field: ## how public reports are judged: fixtures/field, and ../shared/field where that is; names what is wrong
	@$(DOTNET) test tests/Kdump.Tests -c Release --nologo -v q --filter Corpus=field --logger 'console;verbosity=detailed' | \
	  grep -E '^ *((crash|hardware|kdump|system)/|(fixtures|\.\./shared)/field: )'

publish: deps-publish $(OUT)/kdump-probe $(OUT)/kdt $(OUT)/kdt-fleet ## native kdump-probe, kdt and kdt-fleet into out/

$(OUT)/kdump-probe: $(SOURCES)
	@$(DOTNET) publish src/Kdump.Probe -c Release -p:RunAnalyzers=false -r $(RID) $(CROSS) -o $(OUT)/.probe -v q -nologo
	@install -D -m 755 $(OUT)/.probe/kdump-probe $@ && ls -l $@

$(OUT)/kdt: $(SOURCES)
	@$(DOTNET) publish src/Kdump.Cli -c Release -p:RunAnalyzers=false -r $(RID) $(CROSS) -o $(OUT)/.kdt -v q -nologo
	@install -D -m 755 $(OUT)/.kdt/kdt $@ && ls -l $@

$(OUT)/kdt-fleet: $(SOURCES)
	@$(DOTNET) publish src/Kdump.FleetCli -c Release -p:RunAnalyzers=false -r $(RID) $(CROSS) -o $(OUT)/.fleet -v q -nologo
	@install -D -m 755 $(OUT)/.fleet/kdt-fleet $@ && ls -l $@

publish-clr: deps-publish $(OUT)/kdt-clr ## kdt-clr, which kdt vmcore clr starts: .NET processes in dumps (x64 only)

$(OUT)/kdt-clr: $(SOURCES)
	@$(DOTNET) publish src/Kdump.Clr -c Release -p:RunAnalyzers=false -r linux-x64 -o $(OUT)/.clr -v q -nologo
	@install -D -m 755 $(OUT)/.clr/kdt-clr $@ && ls -l $@

portable: ## kdt and kdt-fleet for glibc 2.28 and later (RHEL 8), linked and tried with Debian 11's, into out/portable/; fetches 10 MB once
	@tests/portable

lab: deps-lab publish portable lab-images lab-dumps ## every scenario on real kernels in QEMU, portable, lab-images, lab-dumps, lab-vectors and lab-memory (hours)
	@tests/lab/run $(LAB_ARGS)
	@tests/lab/vectors/run
	@tests/lab/memory/run

lab-packages: deps-lint deb rpm ## README's two commands and the packages in minimal roots of Debian 11 to sid and Ubuntu 22.04 and 24.04, the RPMs in an empty root; needs root (half an hour)
	@tests/lab/rpms
	@tests/lab/fresh $(LAB_ARGS)

lab-vectors: deps-lab publish ## forecasts of kdt host vectors against crash kernels in QEMU (an hour); LAB_ARGS='trixie ports 1' picks some
	@tests/lab/vectors/run $(LAB_ARGS)

lab-memory: deps-lab publish ## forecasts of kdt host memory against the smallest reservations that crash kernels live with (hours; goes on where it was)
	@tests/lab/memory/run $(LAB_ARGS)

lab-rehearse: deps-lab publish ## kdt host rehearse on whole and broken images (three hours; goes on where it was); LAB_ARGS="whole driver-left-out" picks
	@tests/lab/rehearse/run $(LAB_ARGS)
	@tests/lab/rehearse/faults $(LAB_ARGS)

lab-fleet: publish ## kdt fleet on a made-up fleet whose causes are known (minutes); LAB_ARGS='--slurm' with a one-node Slurm
	@tests/lab/fleet/run $(LAB_ARGS)

fleet-scale: publish ## kdt fleet's fill and query times at 100,000 and 1,000,000 crashes, into docs/fleet.md (an hour); SCALE_ARGS='--logs 500 10000'
	@tests/need time lib:libsqlite3.so.0:libsqlite3-0
	@tests/lab/fleet/scale $(SCALE_ARGS)

fleet-quality: ## kinds of crash beside other methods, into docs/fleet.md; HUST=FILE.xlsx adds that ground truth
	@tests/lab/fleet/quality $(HUST)

lab-quick: deps-lab publish ## the vector story on one kernel (a few minutes)
	@tests/lab/run --quick

lab-images: deps-lab publish ## images by dracut, initramfs-tools and 3cpio, whole and broken, into docs/image-check.md; needs root (half an hour)
	@tests/lab/images/run --table docs/image-check.md $(LAB_ARGS)

bench-images: publish ## kdt image beside zstd, 3cpio, lsinitramfs and lsinitrd, on an image of lab-images
	@tests/lab/images/bench

lab-dumps: deps-lab publish ## dumps of four kernels, and what other tools say of them (an hour; fetches 4 GB once); DUMP_ARGS='bookworm null' picks
	@tests/lab/vmcore/run $(DUMP_ARGS)

bench-dumps: publish ## kdt vmcore beside makedumpfile, crash and drgn on a dump of lab-dumps
	@tests/lab/vmcore/bench.py $(SUITE)

answers-diff: ## what two builds of kdt answer about every fixture, and where they differ: OLD=kdt NEW=out/kdt (minutes)
	@tests/answers-diff $(OLD) $(or $(NEW),$(OUT)/kdt) $(WORDS)

fuzz: publish ## mutated input for kdt, guided by the branches it takes, and the native program once more; MINUTES=10, TARGETS="log dwarf"
	@tests/need $(TEST_TOOLS) || true
	@$(call quiet,$(DOTNET) build tests/Kdump.Fuzz -c Release -v q -nologo)
	@$(DOTNET) tests/Kdump.Fuzz/bin/Release/Kdump.Fuzz.dll $(or $(MINUTES),10) out/fuzz out/kdt $(TARGETS)

bench: ## benchmarks; BENCH='*Log*' picks some
	@cd tests/Kdump.Bench && $(DOTNET) run -c Release -- --filter '$(or $(BENCH),*)'

performance: publish ## kdt's own figures into docs/performance.md, on a quiet machine (some minutes, 1.3 GB in TMPDIR)
	@tests/bench/run.py docs/performance.md

man: $(OUT)/kdt $(OUT)/kdt-fleet ## manual pages into out/man
	@rm -rf $(OUT)/man && mkdir -p $(OUT)/man && $(EMULATOR) $(OUT)/kdt man $(OUT)/man && $(EMULATOR) $(OUT)/kdt-fleet man $(OUT)/man && cp packaging/man/* $(OUT)/man/

sbom: ## what is inside the programs, as CycloneDX out of the lock files, into out/sbom.cdx.json
	@SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct 2> /dev/null || stat -c %Y Directory.Build.props)} \
	  $(DOTNET) run packaging/sbom.cs -- $(OUT)/sbom.cdx.json $(RID)

install: publish man ## into DESTDIR: programs, manual pages, dracut module, initramfs-tools hook; kdt below PREFIX (/usr)
	@dracut/install "$(DESTDIR)" $(OUT)

uninstall: ## take away what make install put there
	@dracut/install --remove "$(DESTDIR)"

deb rpm tarball: publish $(if $(filter linux-x64,$(RID)),$(OUT)/kdt-clr) man sbom deps-packages ## packages of all programs into out/packages
	@EMULATOR='$(EMULATOR)' packaging/build $@ $(OUT) $(RID)

# What is missing costs only the tests that need it: they say so and are skipped.
deps-test:
	@tests/need $(TEST_TOOLS) || true

deps-publish:
	@tests/need $(PUBLISH_TOOLS) $(CROSS_TOOLS) lib:libz.a:zlib1g-dev

deps-lint:
	@tests/need lintian || true; tests/need rpmlint || true

deps-packages:
	@tests/need dpkg-deb:dpkg rpmbuild:rpm objdump:binutils cpio xz:xz-utils

lab-arm64: deps-publish $(OUT)/kdt ## dumps of emulated arm64 machines of five kernels, pages of 4, 16 and 64 KiB, and what others say of them (an hour or more); ARM_ARGS='trixie/arm64 null' picks
	@tests/lab/arm64/run $(ARM_ARGS)

deps-lab:
	@tests/need $(LAB_TOOLS)

clean: ## remove what was built
	@rm -rf $(OUT) src/*/bin src/*/obj tests/*/bin tests/*/obj
