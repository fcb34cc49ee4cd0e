# The workflow, as far as it has commands. Needs Python >= 3.11, pip and make; installs the rest into .venv.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(PYTHON) -m pip --python $(BIN)/python install -qq --disable-pip-version-check --no-input
LOCKED := --require-hashes --only-binary :all:
UV := .venv-lock/bin/uv
COMPILE := $(UV) pip compile --quiet --universal -p 3.11 --generate-hashes --no-annotate --no-header \
	--no-emit-index-url --no-emit-find-links --group build pyproject.toml

.PHONY: run test check soak bench texts pictures lock clean
.DEFAULT_GOAL := run

run: .venv/run                   ## serve the sample association on http://127.0.0.1:8080
	@$(BIN)/kring run --demo

test: .venv/dev                  ## every test, browser tests where a Chromium is found
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

check: .venv/dev                 ## style, types, layers, containers, texts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/hadolint Dockerfile
	$(BIN)/python -m service.texts.update --check

soak: .venv/dev                  ## the long forms of the tests with faults and at random
	@$(BIN)/python -m pytest -m soak

bench: .venv/dev                 ## one JSON line per figure, each with its floor from the same run
	@$(BIN)/python -m tests.bench

texts: .venv/dev                 ## bring the catalogues up to date with code and templates
	$(BIN)/python -m service.texts.update

pictures: .venv/dev              ## take the pictures of docs/ from the running program
	$(BIN)/python -m tests.pictures

lock: .venv-lock/done            ## renew the three hash-pinned locks from pyproject.toml
	$(COMPILE) --extra embedded --output-file requirements.lock
	$(COMPILE) --extra embedded --group test --group lint --output-file requirements-dev.lock
	$(COMPILE) --output-file requirements-container.lock

# Debian ships venv without ensurepip, so the environment is made without pip and filled from outside.
.venv/bin/python:
	@$(PYTHON) -m venv --without-pip .venv

.venv/run: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing Kring into .venv (once)"
	@$(INSTALL) $(LOCKED) -r requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: requirements-dev.lock pyproject.toml | .venv/bin/python
	@echo "Installing Kring and its tests into .venv (once)"
	@$(INSTALL) $(LOCKED) -r requirements-dev.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@ .venv/run

.venv-lock/done:
	@$(PYTHON) -m venv --without-pip .venv-lock
	@$(PYTHON) -m pip --python .venv-lock/bin/python install --quiet uv
	@touch $@

clean:                           ## remove what the targets above made, data/ excepted
	rm -rf .venv .venv-lock dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
