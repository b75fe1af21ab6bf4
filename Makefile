# walletpass - `make help` lists what there is.
SHELL := /bin/sh
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8000
ACCESS ?=
DEMO ?= var/demo
TESTS ?=

.PHONY: help demo demo-reset test lint types contract format assets messages screenshots bench-signing bench-push bench-fetch bench-jwt bench-verify bench-scan bench-coats bench-boards bench-growth bench-camera wheel clean tools browser reader

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/demo assets ## two restaurants, 200 guests and a phone on the screen (PORT=8000 ACCESS=file)
	@exec $(BIN)/walletpass demo --port $(PORT) --dir $(DEMO) $(if $(ACCESS),--access '$(ACCESS)')

demo-reset: ## forget the demo's data; the next start begins anew
	rm -rf '$(DEMO)'

test: $(VENV)/dev assets browser reader lint types contract ## everything: lint, types, imports, unit, property, PostgreSQL, browser
	$(BIN)/python -m pytest -n 2 --dist loadfile $(TESTS)

lint: $(VENV)/dev ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev ## mypy, strict
	$(BIN)/mypy

contract: $(VENV)/dev ## who may import whom
	$(BIN)/lint-imports

format: $(VENV)/dev ## put the code in our form
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .

messages: $(VENV)/dev ## collect new sentences for the translators
	$(BIN)/pybabel -q extract -F walletpass/web/translations/babel.cfg --no-location --sort-output -o $(VENV)/messages.pot walletpass/web
	for l in uk ru; do $(BIN)/pybabel -q update -i $(VENV)/messages.pot -d walletpass/web/translations -l $$l --no-fuzzy-matching; done

screenshots: $(VENV)/dev assets browser ## the README's pictures, taken from a fresh demo
	$(BIN)/python -m tests.browser.pictures

bench-signing: $(VENV)/bench benchmarks/node_modules ## how fast a pass is made, beside other libraries
	$(BIN)/python -m benchmarks.signing

bench-push: $(VENV)/bench benchmarks/node_modules ## what a push costs, beside other clients
	$(BIN)/python -m benchmarks.push

bench-fetch: $(VENV)/bench ## what a phone's question costs the real server
	$(BIN)/python -m benchmarks.fetch

bench-jwt: $(VENV)/bench ## how fast a Google save link is signed, beside other libraries
	$(BIN)/python -m benchmarks.jwt

bench-verify: $(VENV)/bench ## how long a ledger of ten million entries takes to prove
	$(BIN)/python -m benchmarks.verify

bench-camera: $(VENV)/dev assets browser ## from the camera to the guest's name in a real browser
	$(BIN)/python -m benchmarks.camera

bench-scan: $(VENV)/bench ## what a look at a guest and an earn cost the real server
	$(BIN)/python -m benchmarks.scan

bench-coats: $(VENV)/bench ## how long an attendant waits for a scan beside a full house
	$(BIN)/python -m benchmarks.coats

bench-boards: $(VENV)/bench ## how soon forty boards show a guest, and what they cost the tills
	$(BIN)/python -m benchmarks.boards

bench-growth: $(VENV)/bench ## the same with a million cards: a quarter of an hour to fill, and some 35 GB of disk
	$(BIN)/python -m benchmarks.growth

wheel: $(VENV)/dev assets ## build the package with its assets
	$(BIN)/python -m pip -q wheel --no-deps -w dist .

clean: ## remove what was built
	rm -rf $(VENV) node_modules benchmarks/node_modules dist walletpass/web/static/vendor walletpass/web/translations/*/LC_MESSAGES/*.mo

# --- what the targets above stand on -------------------------------------------------------------

tools:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "walletpass needs Python 3.11 or newer: apt-get install python3 (or set PYTHON=)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "walletpass needs Python's venv: apt-get install python3-venv"; exit 1; }
	@node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null || { echo "walletpass needs Node 18 or newer for its front-end assets: apt-get install nodejs"; exit 1; }
	@npm --version >/dev/null 2>&1 || { echo "walletpass needs npm for its front-end assets: apt-get install npm"; exit 1; }

$(BIN)/python: | tools
	@$(PYTHON) -m venv $(VENV)

$(VENV)/demo: pyproject.toml | $(BIN)/python
	@echo "Installing walletpass ..."
	@$(BIN)/python -m pip -q --disable-pip-version-check install -e '.[demo]'
	@touch $@

$(VENV)/dev: pyproject.toml | $(BIN)/python
	@echo "Installing walletpass and what its tests need ..."
	@$(BIN)/python -m pip -q --disable-pip-version-check install -e '.[dev]'
	@touch $@ $(VENV)/demo

$(VENV)/bench: pyproject.toml | $(BIN)/python
	@echo "Installing walletpass and what it is measured against ..."
	@$(BIN)/python -m pip -q --disable-pip-version-check install -e '.[bench]'
	@touch $@

benchmarks/node_modules: benchmarks/package.json benchmarks/package-lock.json | tools
	@npm ci --prefix benchmarks --silent --no-audit --no-fund
	@touch $@

VENDOR := walletpass/web/static/vendor/.built
CATALOGS := $(wildcard walletpass/web/translations/*/LC_MESSAGES/messages.po)

assets: $(VENDOR) $(CATALOGS:.po=.mo)

$(VENDOR): package.json package-lock.json walletpass/web/build.mjs | tools
	@echo "Building the front-end assets ..."
	@npm ci --silent --no-audit --no-fund
	@npm run --silent build
	@touch $@

%.mo: %.po | $(VENV)/demo
	@$(BIN)/pybabel -q compile -i $< -o $@

browser:
	@command -v chromium >/dev/null 2>&1 || test -n "$$CHROMIUM" || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	    echo "Installing chromium ..." && apt-get -q update >/dev/null && apt-get -q install -y chromium >/dev/null; \
	  else \
	    echo "The browser tests need chromium: apt-get install chromium (or set CHROMIUM=/path/to/chromium)"; exit 1; \
	  fi; }

# KDE's pass library, a reader that is not ours. Without it that test is skipped, and fails where CI=true.
reader:
	@test -e /usr/include/KPim/KPkPass/Pass && command -v g++ >/dev/null && command -v pkg-config >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	    echo "Installing KDE's reader of passes ..." && apt-get -q update >/dev/null && apt-get -q install -y --no-install-recommends libkpimpkpass-dev g++ pkg-config >/dev/null; \
	  else false; fi; } || echo "KDE's reader of passes is not here, and its test is skipped: apt-get install libkpimpkpass-dev g++ pkg-config"
