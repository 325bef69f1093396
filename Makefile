# make demo: the page at http://HOST:PORT. make test: everything that must hold. A second run installs nothing again.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 7860
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test lint format typecheck pytest browser yardsticks clean
.DELETE_ON_ERROR:

demo: $(VENV)/.installed
	HOST=$(HOST) PORT=$(PORT) $(BIN)/python app.py

test: lint typecheck pytest

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

typecheck: $(VENV)/.installed-dev
	$(BIN)/mypy

pytest: $(VENV)/.installed-dev browser
	$(BIN)/python -m pytest

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# What the browser tests drive. Without it they are skipped by name, and everything else runs.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Debian's chromium for the browser tests ..."; \
		{ apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y chromium >/dev/null; } || \
		echo "chromium could not be installed: the browser tests will be skipped."; \
	else \
		echo "chromium is missing (as root: apt-get install chromium): the browser tests will be skipped."; \
	fi

# pytorch-grad-cam, which a benchmark compares with: without its opencv-python, which would overwrite the headless one.
yardsticks: $(VENV)/.installed
	$(PIP) install scikit-learn "ttach==0.0.3"
	$(PIP) install --no-deps "grad-cam>=1.5,<2"

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .hypothesis .ruff_cache .mypy_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	{ echo "zslviz needs Python 3.10 or newer; name one with 'make PYTHON=python3.11'."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv is missing (on Debian: apt-get install python3-venv)."; exit 1; }

# torch goes first and by its exact version, so that a CPU build offered beside PyPI (pip's find-links) is the one taken.
$(VENV)/.installed: requirements.txt pyproject.toml | $(BIN)/python
	@echo "Installing what zslviz needs into $(VENV) (a few minutes, once) ..."
	$(PIP) install "$$(grep '^torch==' requirements.txt)"
	$(PIP) install -r requirements.txt
	$(PIP) install --no-deps -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Installing what the tests need ..."
	$(PIP) install -e ".[dev]"
	@touch $@
