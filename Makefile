# make demo: the page at http://HOST:PORT. make test: everything that must hold. make help: the rest. A second run installs nothing again.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 7860
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help demo test lint contracts typecheck javascript pytest nightly format docs browser yardsticks clean
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help: ## what can be made
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

demo: $(VENV)/.installed ## the page, on http://HOST:PORT (127.0.0.1:7860)
	HOST=$(HOST) PORT=$(PORT) $(BIN)/python app.py

test: lint typecheck javascript pytest ## every check

lint: $(VENV)/.installed-dev ## style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

contracts: $(VENV)/.installed-dev ## which module may import which
	$(BIN)/lint-imports

typecheck: $(VENV)/.installed-dev ## types of the package
	$(BIN)/mypy

javascript: ## types of the page's scripts (needs npm)
	@if command -v npm >/dev/null; then \
		$(MAKE) --no-print-directory node_modules/.installed && node_modules/.bin/tsc; \
	else echo "npm is missing: the page's scripts are not checked."; fi

pytest: $(VENV)/.installed-dev browser ## the tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder

nightly: $(VENV)/.installed-dev ## foreign input for every reader: 10 000 examples each (hours)
	$(BIN)/python -m pytest -m fuzzing --hypothesis-profile nightly

format: $(VENV)/.installed-dev ## mends what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.installed-docs ## the documents and the API's reference as a site, in site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# What the browser tests drive: Debian's chromium without a window, else whichever there is. Without any they are skipped by name,
# and everything else runs.
browser: ## a Chromium, where it may be installed
	@command -v chromium-headless-shell >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get -qq update && \
		DEBIAN_FRONTEND=noninteractive apt-get -qq install -y chromium-headless-shell >/dev/null 2>&1; then \
		echo "Debian's chromium-headless-shell was installed for the browser tests."; \
	else \
		command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			DEBIAN_FRONTEND=noninteractive apt-get -qq install -y chromium >/dev/null || \
			echo "chromium could not be installed: the browser tests will be skipped."; \
		else \
			echo "chromium is missing (as root: apt-get install chromium): the browser tests will be skipped."; \
		fi; \
	fi

# pytorch-grad-cam, which a benchmark compares with: without its opencv-python, which would overwrite the headless one.
yardsticks: $(VENV)/.installed ## packages that a benchmark compares with
	$(PIP) install scikit-learn "ttach==0.0.3"
	$(PIP) install --no-deps "grad-cam>=1.5,<2"

clean: ## removes what was installed and built
	rm -rf $(VENV) node_modules site build dist *.egg-info .pytest_cache .hypothesis .ruff_cache .mypy_cache .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	{ echo "zslviz needs Python 3.10 or newer; name one with 'make PYTHON=python3.11'."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv is missing (on Debian: apt-get install python3-venv)."; exit 1; }

# torch goes first and by its exact version, so that a CPU build offered beside PyPI (pip's find-links) is the one taken.
$(VENV)/.installed: requirements.txt requirements-alone.txt pyproject.toml | $(BIN)/python
	@echo "Installing what zslviz needs into $(VENV) (a few minutes, once) ..."
	$(PIP) install "$$(grep '^torch==' requirements.txt)"
	$(PIP) install -r requirements.txt
	$(PIP) install --no-deps --ignore-requires-python -r requirements-alone.txt
	$(PIP) install --no-deps -e .
	@touch $@

# Here and below the versions above are constraints: nothing that is installed is replaced by another version of it.
$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Installing what the tests need ..."
	$(PIP) install --no-warn-conflicts -c requirements.txt -e ".[dev]"
	@touch $@

$(VENV)/.installed-docs: $(VENV)/.installed
	@echo "Installing what the documents' site needs ..."
	$(PIP) install --no-warn-conflicts -c requirements.txt -e ".[docs]"
	@touch $@

node_modules/.installed: package-lock.json
	@npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@
