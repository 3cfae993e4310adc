# The developer's loop. `make` lists the targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

VENV := .venv
BIN := $(VENV)/bin
PYTEST_OPTIONS ?=

.PHONY: help install demo run test coverage check static faults bench docs format clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

install: $(VENV)/.installed  ## make .venv with the exact versions of constraints.txt

demo: install  ## do the whole main job on simulated instruments, from serial bytes to a verified report
	@$(BIN)/heliobench demo

run: install  ## the same once, then serve the pages on http://127.0.0.1:8000
	@$(BIN)/heliobench demo --once
	@$(BIN)/heliobench serve

test:  ## everything: system packages and check; what .ci/run calls
	@source tools/system-packages && $(MAKE) --no-print-directory check

coverage:  ## the tests once more, with the lines and branches that none of them runs
	@$(MAKE) --no-print-directory test PYTEST_OPTIONS="--cov --cov-report=term $(PYTEST_OPTIONS)"

# The tests start our programs many times: what was compiled once is kept, whatever the environment says.
check: static  ## format, lint, types, tests
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_OPTIONS)

static: $(VENV)/.tested
	@$(BIN)/ruff format --check --quiet . || { echo "Run make format." >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy

faults: $(VENV)/.tested  ## the long fault tests: late replies, killed recorders and servers (half an hour)
	@$(BIN)/python -m pytest -n 0 -m faults --hypothesis-profile explore tests/instruments tests/runs

bench: $(VENV)/.tested  ## all benchmarks, side by side with their peers, as one table
	@$(BIN)/python -m benchmarks

docs: $(VENV)/.tested  ## write docs/validation.md and the symbols of the glossary anew
	@$(BIN)/python -m tests.validation.page

format: $(VENV)/.tested  ## format and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean:  ## remove .venv and caches; records in instance/ stay
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage build *.egg-info

# Two stamps: a laboratory installs what runs; only a developer installs what tests.
$(VENV)/.installed: pyproject.toml constraints.txt
	@tools/make-venv $(VENV)
	@tools/pip-install $(BIN)/python -e .
	@touch $@

$(VENV)/.tested: $(VENV)/.installed
	@tools/pip-install $(BIN)/python -e '.[test]'
	@touch $@
