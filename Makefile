# One door for everybody: `make help` lists what there is. Needs python3 (3.11 or newer, with venv) and make, nothing else.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
DATA ?= .demo
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq

DEMO_FLAGS := $(if $(filter-out 0,$(ONCE)),--once) $(if $(SEED),--seed "$(SEED)")

.PHONY: help demo run quick test soak check

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/run.stamp ## the whole chain on this machine, with made-up platforms [ONCE=1] [DATA=DIR] [SEED=N]
	@$(BIN)/python -m monitor.demo --data "$(DATA)" $(DEMO_FLAGS)

run: $(VENV)/run.stamp ## the real thing, as config.toml says
	@test -f config.toml || { echo "There is no config.toml: copy config.example.toml to it and edit it." >&2; exit 2; }
	@$(BIN)/python -m monitor serve --config config.toml

test: $(VENV)/dev.stamp ## every test, with a real browser and a real PostgreSQL [PYTEST_ARGS=...]
	@$(BIN)/python -m tests.support.chromium
	@$(BIN)/python -m tests.support.kernels
	@$(BIN)/python -m pytest -n 3 --dist worksteal -m "not soak" $(PYTEST_ARGS)

quick: $(VENV)/dev.stamp ## the unit tests alone, in under 40 seconds: no browser, no PostgreSQL [PYTEST_ARGS=...]
	@$(BIN)/python -m tests.support.kernels
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not soak" tests/unit $(PYTEST_ARGS)

soak: $(VENV)/dev.stamp ## the long figures: kills, simulated weeks, fuzzing, load [PYTEST_ARGS=...]
	@$(BIN)/python -m tests.support.chromium
	@$(BIN)/python -m pytest -m soak $(PYTEST_ARGS)

check: lint ## format, lint and types, then every test
	@$(MAKE) test

.PHONY: lint
lint: $(VENV)/dev.stamp ## format, lint and types only
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted: run $(BIN)/ruff format ." >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary

# A stamp is as new as the lock it was made from. An older Python, or one without venv, is told what is missing.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "Jikimi needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Install it, or say make PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "$(PYTHON) has no venv. Install it (Debian and Ubuntu: apt-get install python3-venv)." >&2; exit 2; }
	@$(PYTHON) -m venv "$(VENV)"

# A lock names everything, so nothing else is fetched (--no-deps): the package with the Korean fonts would ask for a
# library of plots. Wheels only, so that no compiler is ever needed; pyaes (plain Python, Telethon asks for it) has
# none, but builds anywhere.
$(VENV)/run.stamp: requirements.lock | $(VENV)/bin/python
	@echo "Setting up $(VENV) from requirements.lock ..."
	@$(PIP) install --require-hashes --no-deps --only-binary :all: --no-binary pyaes -r requirements.lock
	@touch $@

# Peers that the benchmarks and some tests compare with have no wheels: they are built where that works, else left out.
BUILT := pdqhash|weighted-levenshtein|threatexchange

$(VENV)/dev.stamp: requirements-dev.lock | $(VENV)/bin/python
	@echo "Setting up $(VENV) from requirements-dev.lock ..."
	@awk '/^[a-zA-Z]/ { keep = !/^($(BUILT))==/ } keep' requirements-dev.lock > "$(VENV)/dev.lock"
	@awk '/^[a-zA-Z]/ { keep = /^($(BUILT))==/ } keep' requirements-dev.lock > "$(VENV)/built.lock"
	@$(PIP) install --require-hashes --no-deps --only-binary :all: --no-binary pyaes -r "$(VENV)/dev.lock"
	@{ command -v c++ && $(PIP) install --require-hashes --no-deps -r "$(VENV)/built.lock"; } >/dev/null 2>&1 \
		|| echo "No C++ compiler (or no Python headers) here: pdqhash and threatexchange are left out; tests use recorded values."
	@touch $@
