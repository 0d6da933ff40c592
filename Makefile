# Two commands do everything: `make run` starts Quillux with its demo data, `make test` runs every check.
VENV ?= .venv
PY := $(VENV)/bin/python
SOURCES := conversation knowledge graphs bots web infra manifests bench tests

.PHONY: run test check lint types contracts tests spark format lock clean

run: $(VENV)/.run
	@$(VENV)/bin/quillux run --demo

test: check tests

check: lint types contracts

lint: $(VENV)/.dev
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .

types: $(VENV)/.dev
	$(VENV)/bin/mypy

contracts: $(VENV)/.dev
	$(VENV)/bin/lint-imports

tests: $(VENV)/.dev
	$(VENV)/bin/pytest

# With Spark (450 MB, and Java 17 on the machine) the tests of joins in Spark run too.
spark: $(VENV)/.spark

format: $(VENV)/.dev
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

# Locks carry hashes and name no host, so any mirror of the package index can serve them.
lock: $(VENV)/.tools
	$(VENV)/bin/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		--group dev --extra models pyproject.toml -o requirements/dev.lock
	$(VENV)/bin/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		-c requirements/dev.lock pyproject.toml -o requirements/run.lock
	printf 'pyspark==4.3.*\n' | $(VENV)/bin/uv pip compile -q --universal --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --python-version 3.11 - -o requirements/spark.lock

clean:
	rm -rf $(VENV) .data .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# uv installs in seconds; where it cannot reach the index as pip does, pip takes over with the same lock.
$(VENV)/.tools: requirements/tools.lock
	@echo "Creating $(VENV)"
	@python3 -m venv $(VENV)
	@$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements/tools.lock
	@touch $@

$(VENV)/.run: $(VENV)/.tools requirements/run.lock pyproject.toml
	@echo "Installing Quillux (about 200 packages, once)"
	@$(VENV)/bin/uv pip install -q --compile-bytecode --python $(PY) --require-hashes -r requirements/run.lock \
		|| $(PY) -m pip install -q --require-hashes -r requirements/run.lock
	@$(PY) -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.lock
	@echo "Installing what the tests need"
	@$(VENV)/bin/uv pip install -q --compile-bytecode --python $(PY) --require-hashes -r requirements/dev.lock \
		|| $(PY) -m pip install -q --require-hashes -r requirements/dev.lock
	@touch $@

$(VENV)/.spark: $(VENV)/.dev requirements/spark.lock
	@echo "Installing Spark"
	@$(VENV)/bin/uv pip install -q --python $(PY) --require-hashes -r requirements/spark.lock \
		|| $(PY) -m pip install -q --require-hashes -r requirements/spark.lock
	@touch $@
