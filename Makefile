# Two commands matter: `make run` and `make test`. Both set up what is missing first.
PYTHON ?= python3
UV_VERSION := 0.13.9
UV := .tools/bin/uv
APP := .venv/bin/wijkverhaal

.DEFAULT_GOAL := help
.PHONY: help run setup app-setup test test-long lint types imports bench mutants fuzz demo clean

help: ## what can be made here
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: setup ## set up what is missing and start: http://127.0.0.1:8080
	@exec $(APP) serve

setup: app-setup ## set up only: the app, Rasa's own environment, the trained model
	@$(APP) setup

app-setup: .venv/.ready

.tools/.ready:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "wijkverhaal needs Python 3.11 or newer as '$(PYTHON)'; say which one with: make PYTHON=python3.12 run"; exit 1; }
	@echo "1/3  Fetching uv, the installer, into .tools (a few seconds)"
	@$(PYTHON) -m venv .tools >/dev/null 2>&1 || { echo "'$(PYTHON) -m venv' does not work here. On Debian and Ubuntu: apt-get install python3-venv"; rm -rf .tools; exit 1; }
	@.tools/bin/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION) || { echo "uv could not be fetched. Is the package registry reachable?"; exit 1; }
	@touch $@

.venv/.ready: .tools/.ready pyproject.toml uv.lock
	@echo "2/3  Installing the app's packages into .venv, as locked (under a minute)"
	@$(UV) sync --locked --compile-bytecode --python $(PYTHON) -q || { echo "The packages could not be installed; see the lines above."; exit 1; }
	@touch $@

test: setup ## set up what is missing and check everything
	@.venv/bin/python -m tests.run

test-long: setup ## look much harder: 1,000 kill -9 on each database, and 20 times the examples of what is tried at random (an hour)
	@WIJKVERHAAL_LONG=1 .venv/bin/python -m pytest -n 2 --dist load -rP tests/contract/test_storage_crash.py tests/property

lint: app-setup
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .

types: app-setup
	@.venv/bin/mypy

imports: app-setup
	@.venv/bin/lint-imports --no-cache

bench: setup ## measure turns a second beside a plain Rasa bot and the raw web server, and the rules
	@.venv/bin/python -m benchmarks.bench
	@.venv/bin/python -m benchmarks.rules

mutants: app-setup ## change the core in thousands of small ways and count which changes no test notices (half an hour; goes on where it stopped)
	@UV_PROJECT_ENVIRONMENT=.cache/mutation $(UV) sync --locked -q --python $(PYTHON) --group mutation
	@.cache/mutation/bin/mutmut run --max-children $$(getconf _NPROCESSORS_ONLN)
	@.cache/mutation/bin/python -m tests.mutants

FUZZ_SECONDS ?= 300
fuzz: app-setup ## feed the rules what may break them, led by which lines have run (five minutes; FUZZ_SECONDS=3600 for more; Linux)
	@UV_PROJECT_ENVIRONMENT=.cache/fuzzing $(UV) sync --locked -q --python $(PYTHON) --group fuzzing
	@.cache/fuzzing/bin/python -m tests.fuzz.understand -max_total_time=$(FUZZ_SECONDS)

demo: setup ## simulated residents talk with the running assistant
	@$(APP) demo --residents 25

clean: ## remove the environments of this checkout (not the data)
	rm -rf .venv .tools .ruff_cache .mypy_cache .pytest_cache
