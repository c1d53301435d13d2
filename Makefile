# `make demo` and `make test` need git, make, a Python from 3.11 on and its package index; nothing else.
# PYTHON=… chooses the interpreter, VENV=… the folder that everything is installed into.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

ifndef PYTHON
PYTHON := $(shell for python in python3.13 python3.12 python3.11 python3 python; do \
  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
  && echo "$$python" && break; done)
endif
VENV ?= .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
PYTEST_ARGS ?= -n auto --maxprocesses=8

.PHONY: help setup demo test lint types unit format image-test bench lock clean

help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 20

setup: ## install everything into .venv; quick when nothing has changed
	@test -n "$(PYTHON)" || { echo "error: Access Gate needs Python 3.11 or newer, and none is on the PATH (say PYTHON=/path/to/python3)" >&2; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "error: $(PYTHON) is not a Python 3.11 or newer (say PYTHON=/path/to/python3)" >&2; exit 2; }
	@"$(PYTHON)" tools/setup_venv.py "$(VENV)"

demo: setup ## the main job, end to end: a review of a real change, without network or token
	@"$(PY)" -m tools.demo

test: lint types unit ## everything that has to pass before a change is merged

lint: setup ## style, direction of imports, action.yml, workflows, Dockerfile
	"$(BIN)/ruff" check --no-fix .
	"$(BIN)/ruff" format --check .
	"$(BIN)/lint-imports" --no-cache
	"$(BIN)/check-jsonschema" --quiet --builtin-schema vendor.github-actions action.yml
	"$(BIN)/check-jsonschema" --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	"$(BIN)/check-jsonschema" --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	"$(BIN)/zizmor" --offline --quiet --no-progress .
	"$(BIN)/hadolint" Dockerfile

types: setup ## mypy --strict
	"$(BIN)/mypy"

unit: setup ## the tests; PYTEST_ARGS=… replaces the arguments
	"$(BIN)/pytest" $(PYTEST_ARGS)

format: setup ## put the code in its one format, and mend what can be mended
	"$(BIN)/ruff" check --fix .
	"$(BIN)/ruff" format .

image-test: setup ## build the image, and run it as GitHub's runner does (docker or podman)
	@"$(PY)" -m tools.image_test

bench: setup ## measure what the documentation claims about speed
	@"$(PY)" -m benchmarks

lock: setup ## resolve the dependencies anew, with the hashes of all their wheels
	@"$(PYTHON)" tools/lock.py

clean: ## remove what the other targets made
	rm -rf "$(VENV)" .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
