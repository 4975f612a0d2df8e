# Every target that people and CI use. `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
# One more than two cores: a worker often waits, for Airflow or a lock.
WORKERS ?= 3
BIN := .venv/bin
STAMP := .venv/.assay-installed
export PYTHON

.PHONY: help setup run test up down env lint format types policies docs docs-data lock bench soak clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make .venv from the lock file (once; PYTHON=… chooses the interpreter)

$(STAMP): requirements.lock pyproject.toml
	@deploy/setup.sh

run: $(STAMP) ## Take the demo's real data through Airflow, bronze to gold, to a release
	@deploy/airflow/entrypoint.sh with $(BIN)/python -m assay.airflow.demo

test: $(STAMP) ## Run all tests (WORKERS=3 at once; PYTEST_ARGS=… adds arguments)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not soak" $(PYTEST_ARGS)

up: $(STAMP) ## Start Airflow with its web UI on localhost (AIRFLOW_PORT=8080), until Ctrl-C
	@exec $(BIN)/python deploy/airflow/stack.py up

down: $(STAMP) ## Stop what `make up` started, children included
	@$(BIN)/python deploy/airflow/stack.py down

env: ## Write .env for docker compose, with random passwords; never overwrites
	@$(PYTHON) deploy/compose/make_env.py .env

lint: $(STAMP) ## Check style, import directions and SQL
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/sqlfluff lint --disable-progress-bar dbt_project/models

format: $(STAMP) ## Format Python as `make lint` wants it
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

types: $(STAMP) ## Check types, strictly
	@$(BIN)/mypy

policies: $(STAMP) ## Check the policies and run their decision tables
	@.ci/check-policies
	@$(BIN)/python -m pytest -q tests/unit/policy

docs: $(STAMP) ## Write the reference pages that follow from the code
	@$(BIN)/python docs/generate.py

docs-data: $(STAMP) ## Render the audits of the newest runs as Data Docs
	@$(BIN)/python -m assay data-docs

lock: ## Choose versions anew: requirements.lock from pyproject.toml (needs uv)
	@uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --upgrade --quiet --output-file requirements.lock

bench: $(STAMP) ## Measure the pipeline and Delta writes against plain DuckDB and peers; writes benchmarks/RESULTS.md
	@$(BIN)/python -m benchmarks

soak: $(STAMP) ## Run the long tests that `make test` leaves out
	@$(BIN)/python -m pytest -m soak --timeout 0 $(PYTEST_ARGS)

clean: ## Remove caches and build products; the lake, deliveries and .venv stay
	@rm -rf .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache build \
	  dbt_project/target dbt_project/logs logs
	@find . -path ./.venv -prune -o -name __pycache__ -type d -print0 | xargs -0 rm -rf
