# What can be done here; `make` alone lists it. All it takes is python3 (3.11 to 3.13) with venv.
# Without make (Windows): py -m venv .venv, .venv\Scripts\pip install -r requirements.txt, then the commands below.

PYTHON ?= python3
BIN := .venv/bin
RUNTIME := .venv/requirements.stamp
DEV := .venv/requirements-dev.stamp

.DEFAULT_GOAL := help
.PHONY: help demo run test check format translations requirements clean

help: ## list what can be done
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

demo: $(RUNTIME) ## try everything offline, with a sample (ONCE=1: end after the sample)
	@$(BIN)/python -m webapp.stack demo $(if $(filter 1,$(ONCE)),--once)

run: $(RUNTIME) ## run everything, with the real sources
	@$(BIN)/python -m webapp.stack run

test: $(DEV) ## run all tests, with coverage
	@rm -f .coverage .coverage.*
	$(BIN)/python -m pytest --cov --cov-report=

check: $(DEV) ## formatting, lint, types, layers, templates, spelling
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --check --lint --quiet templates
	$(BIN)/codespell

format: $(DEV) ## put the code into its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/djlint --reformat --quiet templates

translations: $(DEV) ## find new sentences and compile the catalogues; then complete webapp/translations/fr
	$(BIN)/pybabel -q extract -F babel.cfg -k sentence --no-location --omit-header -o .venv/messages.pot .
	$(BIN)/pybabel -q update -i .venv/messages.pot -d webapp/translations --no-fuzzy-matching --ignore-obsolete \
	  --ignore-pot-creation-date --width=120
	$(BIN)/pybabel -q compile -d webapp/translations

requirements: $(DEV) ## pin what requirements.in and requirements-dev.in ask for
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url requirements-dev.in -o requirements-dev.txt

clean: ## remove what was set up; data in var/ stay
	rm -rf .venv .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

.venv/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	  || { echo "Moisson needs Python 3.11, 3.12 or 3.13; name one with: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Making a virtual environment failed (on Debian: apt-get install python3-venv)." >&2; exit 1; }

$(RUNTIME): .venv/pyvenv.cfg requirements.txt
	@echo "Installing what is needed …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEV): $(RUNTIME) requirements-dev.txt
	@echo "Installing what tests and checks need …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
