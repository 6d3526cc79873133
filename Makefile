# make run | test | bench | check | conformance | screenshots: each installs what is missing, then does its job.
PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev

.PHONY: run test bench check conformance screenshots format clean

run: $(STAMP)
	$(BIN)/python app.py

test: $(DEV_STAMP) browser
	@if command -v node >/dev/null; then node --test tests/js/; else echo "node is not installed: tests/js skipped"; fi
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

bench: $(DEV_STAMP) browser
	$(BIN)/python -m tests.bench

check: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

conformance: $(DEV_STAMP)
	@bash .ci/conformance $(BIN)/python
	$(BIN)/python -m pytest tests/conformance

screenshots: $(DEV_STAMP) browser
	$(BIN)/python -m tests.screenshots

format: $(DEV_STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: browser
browser:
	@sh .ci/browser

$(VENV)/bin/python $(VENV)/Scripts/python.exe:
	$(PYTHON) -m venv $(VENV)

$(STAMP): pyproject.toml | $(BIN)/python
	@echo "Installing what TradeSim needs into $(VENV): a minute or two, the first time."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(DEV_STAMP): pyproject.toml | $(BIN)/python
	@echo "Installing what TradeSim and its tests need into $(VENV): some minutes, the first time."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(STAMP)

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache *.egg-info
