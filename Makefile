# What can be done here; `make` alone lists it. All it takes is python3 (3.11 to 3.13) with venv.
# Without make (Windows; a Redis must be installed and named in REDIS_URL):
#   py -m venv .venv
#   .venv\Scripts\python -m pip install -r requirements.txt
#   .venv\Scripts\python -m webapp.stack demo          (or run; demo --once)
# and for tests, .venv\Scripts\python -m pip install -r requirements-dev.txt, then .venv\Scripts\python -m pytest

PYTHON ?= python3
BIN := .venv/bin
RUNTIME := .venv/requirements.stamp
DEV := .venv/requirements-dev.stamp
IB_ASYNC := .venv-ib-async
SCRIPT_TOOLS := node_modules/installed.stamp
PIP_OPTIONS := --quiet --quiet --disable-pip-version-check --no-input
PIP_INSTALL := $(BIN)/python -m pip install $(PIP_OPTIONS)
STARTED := $(shell date +%s)
TRANSLATED := $(patsubst %/translations/,%,$(wildcard webapp/sources/*/translations/))
UPDATE_OPTIONS := --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width=120

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo run dev unit test check check-scripts client format translations requirements clean faults chaos mutants reliability test-ib-async bench

help: ## list what can be done
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

demo: $(RUNTIME) ## try everything offline, with a sample (ONCE=1: end after the sample)
	@$(BIN)/python -m webapp.stack demo --since $(STARTED) $(if $(filter-out 0 no false,$(ONCE)),--once)

run: $(RUNTIME) ## run everything, with the real sources
	@$(BIN)/python -m webapp.stack run

dev: $(DEV) ## the offline market with a site that reloads what is changed, and hooks before each commit
	@if [ -e .git ]; then $(BIN)/pre-commit install; fi
	@GUNICORN_CMD_ARGS="--reload $(addprefix --reload-extra-file ,$(shell find templates static -type f))" \
	  WEB_CONCURRENCY=1 $(BIN)/python -m webapp.stack demo --folder var/dev

unit: $(DEV) ## all tests that need no server, in two minutes (ARGS="tests/kernel -k spans": of those)
	$(BIN)/python -m pytest -q --unit -n 2 --dist loadfile --timeout=60 $(ARGS)

ifdef ARGS
test: $(DEV)
	$(BIN)/python -m pytest --timeout=600 $(ARGS)
else
test: $(DEV) ## run all tests, with coverage (ARGS="tests/kernel -k spans": those, without)
	@rm -f .coverage .coverage.*
	$(BIN)/python -m pytest -n 2 --dist loadfile --timeout=600 --durations=20 --cov --cov-report=
endif

test-ib-async: $(IB_ASYNC)/requirements.stamp ## run the tests of IBKR's source on ib_async, the successor of ib_insync
	$(IB_ASYNC)/bin/python -m pytest --timeout=600 tests/sources/ibkr tests/sandbox/tws tests/faults/test_ibkr_collections.py

check: $(DEV) ## formatting, lint, types, layers, templates, spelling, scripts, Lua
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --check --lint --quiet templates
	@if command -v luacheck >/dev/null; then luacheck --quiet webapp; \
	  else echo "The Lua scripts were NOT checked: luacheck is missing (on Debian: apt-get install lua-check)." >&2; [ "$$CI" != true ]; fi
	$(BIN)/codespell webapp client tests templates static/*.js static/chart README.md CONTRIBUTING.md CHANGELOG.md SECURITY.md docs/*.md docs/howto/*.md Makefile .env.example --skip '*.po,*.pot,*.mo' -L symbole,whats,connexion,yse,zar,januar,februar,marz,juni,juli,oktober,dezember,nd,hsi,simbol,vie,symboles,groupe
	@$(MAKE) --no-print-directory check-scripts

# The product needs no Node. Where it is missing, what is checked with it is left out, and said to be; never in CI.
check-scripts: ## check and test the scripts in static/ (where Node and npm are)
	@if command -v node >/dev/null && command -v npm >/dev/null; then \
	  $(MAKE) --no-print-directory $(SCRIPT_TOOLS) && npm run --silent lint && npm run --silent types && npm run --silent test; \
	else \
	  echo "The scripts in static/ were NOT checked: Node and npm are missing (on Debian: apt-get install nodejs npm)." >&2; \
	  [ "$$CI" != true ]; \
	fi

client: $(DEV) ## build the wheel of moisson-client, for notebooks on other machines, into client/dist
	@rm -rf client/dist
	$(BIN)/python -m flit_core.wheel client --outdir client/dist

faults: $(DEV) ## run all fault tests: real processes, killed and frozen (POOL=threads or solo: on that pool)
	$(if $(POOL),FAULTS_POOL=$(POOL)) $(BIN)/python -m pytest --timeout=600 \
	  -m "$(if $(POOL),not one_pool,slow or not slow)" tests/faults $(if $(POOL),,tests/collecting/test_fences.py)

chaos: $(DEV) ## break things at random and judge what is left (SEED=7 MINUTES=3 POOL=threads)
	$(BIN)/python -m tests.faults.chaos $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(POOL),--pool $(POOL))

bench: $(DEV) ## measure, side by side with what one would write by hand and with what the rules allow (QUICK=1: a glance)
	@status=0; for one in writing reading serving client $(if $(QUICK),,pacing); do \
	  PYTHONPATH=client $(BIN)/python -m tests.bench.$$one $(if $(QUICK),--quick) || status=1; done; exit $$status

mutants: $(DEV) ## take each safeguard out of a copy; a test must notice
	$(BIN)/python -m tests.faults.mutants

reliability: $(DEV) ## measure and rewrite the figures in docs/RELIABILITY.md (SEEDS="1 2" MINUTES=5, or JSON="FILE …")
	$(BIN)/python -m tests.faults.report $(if $(JSON),--json $(JSON),--seeds $(or $(SEEDS),1 2)) $(if $(MINUTES),--minutes $(MINUTES))

format: $(DEV) ## put the code into its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/djlint --reformat --quiet templates
	@if [ -f $(SCRIPT_TOOLS) ]; then npm run --silent format; fi

translations: $(DEV) ## find new sentences and compile the catalogues; then complete the French (SOURCE=acme: of that source alone)
ifndef SOURCE
	@{ printf '[ignore: %s/**]\n' $(TRANSLATED); cat babel.cfg; } > .venv/babel.cfg
	$(BIN)/pybabel -q extract -F .venv/babel.cfg -k sentence --no-location --omit-header -o .venv/messages.pot .
	$(BIN)/pybabel -q update -i .venv/messages.pot -d webapp/translations $(UPDATE_OPTIONS)
	$(BIN)/pybabel -q compile -d webapp/translations
endif
	@for source in $(if $(SOURCE),webapp/sources/$(SOURCE),$(TRANSLATED)); do \
	  $(BIN)/pybabel -q extract -k sentence --no-location --omit-header -o .venv/source.pot $$source \
	  && $(BIN)/pybabel -q update -i .venv/source.pot -d $$source/translations $(UPDATE_OPTIONS) \
	  && $(BIN)/pybabel -q compile -d $$source/translations || exit 1; \
	done

requirements: $(DEV) ## pin what requirements.in and requirements-dev.in ask for
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url requirements-dev.in -o requirements-dev.txt
	$(BIN)/uv pip compile -q --python-platform linux --python-version 3.11 --no-header --no-annotate --no-emit-index-url \
	  --excludes requirements-ib-async.excludes requirements-ib-async.in -o requirements-ib-async.txt

clean: ## remove what was set up; data in var/ stay
	rm -rf .venv $(IB_ASYNC) node_modules client/dist .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

.venv/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	  || { echo "Moisson needs Python 3.11, 3.12 or 3.13; name one with: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
	  echo "Making a virtual environment failed (on Debian: apt-get install python3-venv)." >&2; exit 1; }

$(RUNTIME): .venv/pyvenv.cfg requirements.txt
	@echo "Installing what is needed (about 130 MB; half a minute to two minutes) …"
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(DEV): $(RUNTIME) requirements-dev.txt
	@echo "Installing what tests and checks need …"
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@

# ib_insync and ib_async both bring a package named eventkit: they cannot share an environment.
$(IB_ASYNC)/requirements.stamp: $(RUNTIME) requirements-ib-async.txt
	@echo "Installing ib_async in an environment of its own …"
	@$(BIN)/python -m venv $(IB_ASYNC)
	@$(IB_ASYNC)/bin/python -m pip install $(PIP_OPTIONS) -r requirements-ib-async.txt
	@touch $@

$(SCRIPT_TOOLS): package.json package-lock.json
	@echo "Installing what checks the scripts …"
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
