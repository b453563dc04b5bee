# `make demo` and `make test` set themselves up; `make` alone lists the rest.

PYTHON ?= python3
WORKERS ?= auto
FUZZ_SECONDS ?= 60
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input

.PHONY: help setup demo test check format bench fuzz screenshots lock clean
.DELETE_ON_ERROR:

help:
	@echo "make demo    read, check, decide, explain; a million claim lines"
	@echo "make test    every test              (ARGS='-m \"not slow\"', ARGS=tests/decide, ...)"
	@echo "make check   ruff, mypy, the import contracts"
	@echo "make format  let ruff mend what it can"
	@echo "make bench   the benchmarks          (ARGS=...)"
	@echo "make fuzz    the reader's fuzzer     (FUZZ_SECONDS=60)"
	@echo "make screenshots   every kind of page, in build/screenshots"
	@echo "make setup   only the .venv          (PYTHON=python3.12)"
	@echo "make lock    pin anew, with uv       (ARGS=--upgrade)"
	@echo "make clean   remove what these made"

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "medpol needs Python 3.11 or newer: install one (apt install python3) or name it, as in: make $(or $(MAKECMDGOALS),setup) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make virtual environments: install its venv module (apt install python3-venv), then run make again" >&2; exit 1; }
	@echo "Setting up $(VENV) from requirements.lock (once)." >&2
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY)
	@$(BIN)/python demo/demo.py $(ARGS)

test: $(READY)
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --maxprocesses 8 --dist worksteal $(ARGS)

# Every tool speaks, also when one before it found something.
check: $(READY)
	@failed=; \
	for tool in "ruff check ." "ruff format --check ." "mypy" "lint-imports --no-logo"; do \
		$(BIN)/$$tool || failed="$$failed, $$tool"; \
	done; \
	[ -z "$$failed" ] || { echo "found something: $${failed#, }" >&2; exit 1; }

format: $(READY)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(READY)
	@$(BIN)/python benchmarks/run.py $(ARGS)

# New inputs and crashes go to build/fuzz; fuzz/corpus, which is replayed first, stays as it is.
fuzz: $(READY)
	@$(BIN)/python -c 'import atheris' 2>/dev/null || \
		{ echo "the fuzzer, atheris, has no wheel for this machine: Linux on x86-64 with CPython 3.11 to 3.14" >&2; exit 1; }
	@mkdir -p build/fuzz
	@$(BIN)/python fuzz/fuzz_reader.py -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=build/fuzz/ $(ARGS) build/fuzz fuzz/corpus

screenshots: $(READY)
	@PYTHONPATH=. $(BIN)/python tests/browser/screenshots.py build/screenshots

lock:
	@uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet $(ARGS) --output-file requirements.lock

clean:
	@rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
