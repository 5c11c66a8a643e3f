# Parley. `make help` lists what there is; a fresh Debian 12 needs only git, make, python3 and python3-venv.

# What `make run` starts once .venv is there.
RUN = .venv/bin/parley run-sample
# More for pytest: make test PYTEST="-k talk_time -n 0"
PYTEST =

BIN = .venv/bin
SHELL = /bin/bash
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL = help
.PHONY: help run test coverage check format setup setup-run servers clauses crash casework-proof hostile sip
.PHONY: levels-proof reports-proof bench-quick bench-levels bench-import lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

run: setup-run ## start Parley on this machine with a sample office; Ctrl-C stops it
	@$(RUN)

test: setup ## every check and every test (under CI=true Debian's servers are installed first)
	@if [ "$$CI" = true ]; then $(MAKE) servers; fi
	@$(MAKE) check
	@$(BIN)/pytest $(PYTEST)

coverage: setup ## every test again, with which lines and branches they reach; takes about twice as long
	@$(BIN)/coverage erase
	@$(BIN)/pytest --cov $(PYTEST)

check: setup ## the checks that run nothing: format, lint, types, floors
	@$(BIN)/ruff format --check --quiet --output-format concise . || { echo "check: these files are not formatted; run 'make format'."; exit 1; }
	@$(BIN)/ruff check --quiet --output-format concise .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: setup ## format the code and mend what ruff can mend
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

servers: ## install postfix, dovecot, kamailio and the like for the tests, as root; starts no service
	@bash deploy/scripts/servers.sh

casework-proof: setup ## try ten thousand random sequences of casework against the law of the policies
	@$(BIN)/python -m tests.casework

clauses: setup ## which row of the published policies is tested by what, and which wait for later work
	@$(BIN)/python -m tests.clauses

crash: setup ## kill Parley at random and named instants, 500 times, and look for what was lost
	@$(BIN)/python -m tests.crash

hostile: setup ## send a million messages and dialogues that no honest program would
	@$(BIN)/python -m tests.hostile

sip: setup ## five hundred calls at twenty a second by SIPp through Kamailio and Parley
	@PARLEY_SIP_CALLS=500 $(BIN)/pytest -n 0 -k many_calls tests/servers/test_kamailio_sipp.py

levels-proof: setup ## levels of 200,000 made-up contacts over two years against a plain count, on both databases
	@$(BIN)/python -m tests.levels

reports-proof: setup ## reports on made-up offices of five years against a plain count
	@$(BIN)/python -m tests.reports 5

bench-quick: setup ## measure Parley beside its peers
	@$(BIN)/python -m tests.bench

bench-levels: setup ## levels of an office with a million contacts, and what one contact more costs
	@$(BIN)/python -m tests.bench.levels

bench-import: setup ## how fast contacts of the past come in
	@$(BIN)/python -m tests.bench.import_contacts

lock: ## write the locks anew from pyproject.toml (UPGRADE=--upgrade for newer versions)
	@UPGRADE="$(UPGRADE)" bash deploy/scripts/lock.sh

clean: ## remove what make made, but for ./var
	@rm -rf .venv .coverage .coverage.* htmlcov .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@rm -rf tests/npm/node_modules build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup:
	@bash deploy/scripts/setup.sh dev

setup-run:
	@bash deploy/scripts/setup.sh run
