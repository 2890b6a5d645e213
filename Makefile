# Accord. Nothing but make and Python 3.11 or later is needed; `make help` lists what there is.
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all bench lint format languages sbom clean
ARGS ?=

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' \
	  | awk -F'|' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: ## install everything into .venv; afterwards there is .venv/bin/accord
	@dev/setup.sh dev

demo: ## run Accord here with the demo world (ARGS="--port 9000" or ARGS=--tour)
	@dev/setup.sh run
	@exec .venv/bin/accord demo $(ARGS)

test: ## every check that CI runs, journeys in a browser included
	@dev/setup.sh dev
	@exec dev/check.sh

test-all: ## the same, and the tests that take long
	@dev/setup.sh dev
	@exec dev/check.sh --all

bench: ## all figures but mixed load's
	@dev/setup.sh dev
	@exec .venv/bin/accord bench all $(ARGS)

lint: ## the checks that run no test
	@dev/setup.sh dev
	@exec dev/check.sh --lint

format: ## put the source in its usual form
	@dev/setup.sh dev
	@.venv/bin/ruff check --fix-only --quiet . && .venv/bin/ruff format .

languages: ## extract what screens say and bring the translations' files up to date
	@dev/setup.sh dev
	@.venv/bin/python dev/languages.py

sbom: ## what Accord is made of, as CycloneDX JSON in sbom.cdx.json
	@dev/setup.sh dev
	@.venv/bin/python dev/sbom.py

clean: ## remove .venv and every cache; the data directory .accord stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results
