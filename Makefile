# make run    set up what is missing and open the app
# make test   set up what is missing and run all tests
# make check  style, types and the rules of the architecture
# make bench  measurements, as ratios (see docs/performance.md)
# make lock   compile requirements.lock anew from pyproject.toml

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.PHONY: run test check bench lock clean

run: $(READY)
	@$(BIN)/memgpt-docs app

test: $(READY)
	@$(BIN)/python -m pytest

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_architecture.py

bench: $(READY)
	@$(BIN)/python -m tests.bench

# Everything the project needs comes from the package registry, pinned by hash.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'memgpt-docs needs Python 3.11 or newer: make run PYTHON=python3.12'; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
		{ echo 'Python came without venv; on Debian: apt-get install python3-venv'; rm -rf .venv; exit 1; }
	@echo 'Installing into .venv (about two minutes the first time) ...'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

lock:
	uv pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes \
		--no-header --no-emit-index-url --upgrade pyproject.toml -o requirements.lock

clean:
	rm -rf .venv build *.egg-info
