# What a machine must have: Python 3.11 or newer, and make. Everything else is installed into .venv.
PYTHON ?= python3
BIN := .venv/bin
# Tests wait more than they compute: for answers, for deadlines, for processes that start.
WORKERS ?= 4
# Keep compiled modules, also where the environment forbids it: without them, every test worker and every process that
# tests start compiles all modules again. Empty means allowed.
export PYTHONDONTWRITEBYTECODE :=
PYTEST := $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help demo run postgres test unit contract integration journeys proofs check test-clients prove lint lint-graphql docs hooks bench schema clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z -]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/ready ## run the scenarios on both services and the worker over real HTTP, and print them
	$(BIN)/python -m demo

run: .venv/ready ## run both services and the worker with the data of the demo until Ctrl-C
	$(BIN)/python -m demo --serve

postgres: .venv/ready ## run a private PostgreSQL until Ctrl-C, and print the settings that use it
	$(BIN)/python -m devtools.postgres

test: .venv/ready ## run all tests, each worker on a private PostgreSQL of its own
	$(PYTEST)

contract integration journeys proofs: .venv/ready ## run the tests of one level
	$(PYTEST) tests/$@

unit: .venv/ready ## run the unit tests, which wait for nothing: one worker for each core
	$(BIN)/python -m pytest -q -n auto --dist worksteal tests/unit

check: .venv/ready ## run one test on a private PostgreSQL: make check TEST=tests/unit/kit/test_sql.py::test_name
	$(BIN)/python -m pytest -q $(or $(TEST),$(error Say which: make check TEST=tests/unit/kit/test_sql.py))

test-clients: .venv/ready ## generate the clients, and run them and other people's against the services
	$(BIN)/python -m pytest -q tests/clients

prove: .venv/ready ## run the proofs, unit tests and generated requests in full size, races and kills included; takes half an hour or more
	$(BIN)/python -m pytest tests/proofs tests/unit tests/integration/planning/test_generated_requests.py --full -s --timeout 7200

lint: .venv/ready docs lint-graphql ## check style, types, import contracts, SQL of migrations, links of the docs, the SDL
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/squawk services/*/migrations/*.sql

lint-graphql: .venv/ready ## check the SDL and the documents of clients with graphql-eslint and graphql-inspector
	$(BIN)/python -m devtools.clients lint

docs: .venv/ready ## build the site of the docs in build/docs/site; a broken link is an error
	$(BIN)/python -m devtools.site

hooks: .venv/ready ## install a Git hook that runs ruff, mypy and the import contracts before each commit
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt pre-commit
	$(BIN)/pre-commit install

bench: .venv/ready ## measure the time of the services relative to a minimal handler on the same database
	$(BIN)/python -m bench

schema: .venv/ready ## write the files that are derived from the code: the SDL, pages of docs/ and JSON Schemas
	$(BIN)/python -m devtools.generate

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

clean: ## remove what was installed and built
	rm -rf .venv node_modules var build *.egg-info
