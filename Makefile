# The one vocabulary: people, hooks and CI say the same words. `make help` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ENGINES := postgresql
DUCKDB_ICEBERG := build/duckdb-iceberg/.installed
NOTEBOOK := build/notebook/.installed
DATACONTRACT := build/datacontract-cli/.installed
PYSPARK := build/pyspark/.installed
GX := build/gx/.installed
KEYCLOAK := build/keycloak/.installed
LOCAL_KMS := build/local-kms/.installed
AXE := build/axe/.installed
BROWSER := build/browser/.installed

# The clock is moved before pytest starts, by the library's own means and not by its plugin.
CLOCK := -p no:time_machine -W "ignore:Module already imported:pytest.PytestAssertRewriteWarning"

# The tests of a file stay in one worker, which makes once what they share, until the other worker has none left.
WORKERS := -n 2 --dist worksteal

# Whatever the environment says, compiled modules are kept: else each worker, and each process of a test, compiles all.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo test unit lint types format test-engines test-long test-http test-properties test-clock environments bench docs screenshots constraints clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## Build .venv from the pinned versions; redone only when they change

# The build back end is installed first and used without isolation, so that its version is pinned like all others.
# An environment of before has this project under its former name, data-platform, which owns the same command.
$(STAMP): pyproject.toml constraints.txt .ci/python
	.ci/python $(PYTHON) $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt hatchling editables
	$(BIN)/python -m pip uninstall -qq --yes data-platform
	$(BIN)/python -m pip install --quiet -c constraints.txt --no-build-isolation -e '.[dev]'
	@touch $@

demo: $(STAMP) ## Three domains at work, in demo/ (made anew, what you added stays)
	$(BIN)/python examples/demo.py

# The three run at once: lint and types leave a core idle most of the time.
test: $(STAMP) ## What must pass before a commit: lint, layers, types, tests
	@$(MAKE) --no-print-directory --jobs 3 lint types unit

unit: $(STAMP) ## The tests that need only Python, without the long ones
	$(BIN)/pytest -m "not engines and not long" $(WORKERS)

# Without its cache: that one keeps an import of a module that did not exist yet as an import of the whole package.
lint: $(STAMP) ## Style, formatting, and the layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-cache

types: $(STAMP) ## Strict types
	$(BIN)/mypy

format: $(STAMP) ## Put the sources into shape
	$(BIN)/ruff check --fix --exit-zero
	$(BIN)/ruff format

test-engines: $(STAMP) environments ## The longer lane: tests against real outside systems (Postgres, Chromium, Keycloak, local-kms, DuckDB's Iceberg, Jupyter, Spark, Great Expectations)
	.ci/debian $(ENGINES)
	command -v java >/dev/null || .ci/debian default-jre-headless
	$(BIN)/pytest -m engines

test-long: $(STAMP) ## The longer lane: the tests marked `long`, which need only Python
	DATA_PLATFORM_ALL_EXAMPLES=1 $(BIN)/pytest -m "long and not engines" $(WORKERS)

test-http: $(STAMP) ## The longer lane: the tests of verbs and commands again, with a server between them and the mesh
	DATA_PLATFORM_TEST_TRANSPORT=http $(BIN)/pytest -m "not engines and not long" $(WORKERS) tests/client tests/verbs tests/cli

test-properties: $(STAMP) ## The longer lane: every property (Hypothesis) with all its examples
	DATA_PLATFORM_ALL_EXAMPLES=1 $(BIN)/pytest -m "hypothesis and not long and not engines" $(WORKERS)

# A file keeps its real time, so each of the two runs also sees files whose clock is a year behind or ahead.
test-clock: $(STAMP) ## The longer lane: the fast lane's tests with the clock a year ahead, then a year behind
	PYTHONPATH=tests/clock TEST_CLOCK_DAYS=365 $(BIN)/pytest -m "not engines and not long" $(WORKERS) $(CLOCK)
	PYTHONPATH=tests/clock TEST_CLOCK_DAYS=-365 $(BIN)/pytest -m "not engines and not long" $(WORKERS) $(CLOCK)

environments: $(AXE) $(BROWSER) $(DUCKDB_ICEBERG) $(DATACONTRACT) $(GX) $(KEYCLOAK) $(LOCAL_KMS) $(NOTEBOOK) $(PYSPARK) ## Build what the longer lanes compare with, each in an environment of its own

# Environments of their own for what only tests and benchmarks compare with.
build/%/.installed: .ci/%.txt .ci/python
	.ci/python $(PYTHON) $(@D)
	$(@D)/bin/python -m pip install --quiet -r $<
	@touch $@

$(KEYCLOAK): .ci/keycloak
	.ci/keycloak $(@D)
	@touch $@

$(AXE): .ci/axe
	.ci/axe $(@D)
	@touch $@

# The driver of the browser goes into .venv, beside the server whose pages it opens. Nothing else in there may change:
# the fast lane runs at the same time.
$(BROWSER): $(STAMP)
	command -v chromium >/dev/null || .ci/debian chromium
	$(BIN)/python -m pip install --quiet -c constraints.txt pillow playwright
	@mkdir -p $(@D) && touch $@

$(LOCAL_KMS): .ci/local-kms
	.ci/local-kms $(@D)
	@touch $@

bench: $(STAMP) $(DATACONTRACT) ## Measure the budgets against their baselines
	$(BIN)/python -m benchmarks

docs: $(STAMP) ## Write the generated pages of docs/ anew
	$(BIN)/python docs/generate.py

screenshots: $(STAMP) $(BROWSER) demo ## Write the pictures of docs/images/ anew, from the portal of the demo's mesh
	$(BIN)/python docs/screenshots.py

constraints: ## Pin the newest versions that pyproject.toml allows, from an environment of their own
	.ci/constraints $(PYTHON) constraints.txt

clean: ## Remove what the other commands made (the demo's folder too)
	rm -rf $(VENV) build dist demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests benchmarks examples docs -name __pycache__ -type d -prune -exec rm -rf {} +
