# What a machine must have: Python 3.11 or newer, and make. Everything else is installed into .venv.
PYTHON ?= python3
BIN := .venv/bin
# Tests wait more than they compute: for answers, for deadlines, for processes that start.
WORKERS ?= 4

.PHONY: demo run postgres test prove lint bench schema clean

demo: .venv/ready ## run the scenarios on both services and the worker over real HTTP, and print them
	$(BIN)/python -m demo

run: .venv/ready ## run both services and the worker with the data of the demo until Ctrl-C
	$(BIN)/python -m demo --serve

postgres: .venv/ready ## a private PostgreSQL until Ctrl-C, and the settings with which services use it
	$(BIN)/python -m devtools.postgres

test: .venv/ready ## the whole suite, each worker on a private PostgreSQL of its own
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile

prove: .venv/ready ## the proofs under races and kills in their full size, twenty minutes or more
	$(BIN)/python -m pytest tests/proofs --full -s --timeout 7200

lint: .venv/ready ## ruff, mypy --strict, the import contracts, and squawk for the SQL of migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/squawk services/*/migrations/*.sql

bench: .venv/ready ## time of the services relative to a minimal handler on the same database
	$(BIN)/python -m bench

schema: .venv/ready ## write the files that are derived from the code: the SDL, pages of docs/ and JSON Schemas
	$(BIN)/python -m devtools.generate

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:
	rm -rf .venv var build *.egg-info
