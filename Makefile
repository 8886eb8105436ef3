# Everything lives in .venv and in the home folder (data/): nothing is read from or written to the user's own.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
unexport PYTHONDONTWRITEBYTECODE  # with it, as some containers have it, each process would compile etl/ anew

PYTHON ?= python3
SOURCE ?= sample
N ?= 100000
PORT ?= 8080
UV_VERSION := 0.13.9
UV := .venv/bin/uv --quiet --no-cache
COMPILE := $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
PARALLEL := --numprocesses=logical --maxprocesses=4 --dist=loadfile --no-loadscope-reorder

.PHONY: help run up test test-cluster matrix cover lint audit format lock docs bench rehearsal install develop airflow clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: airflow  ## install, run the DAG once on the sample (or SOURCE=opendata, a URL, a folder), show what was loaded
	@echo "Running the Airflow DAG questions on $(SOURCE)…"
	@set -a; source airflow.env; AIRFLOW__CORE__MAX_TASK_RETRY_DELAY=1; ANQ_DEADLINE_HOURS=0; \
	AIRFLOW__LOGGING__LOGGING_LEVEL=ERROR AIRFLOW__LOGGING__NAMESPACE_LEVELS=task=CRITICAL; \
	.venv/bin/airflow dags test questions
	@echo; .venv/bin/anq status
	@echo; echo "The warehouse: $$ANQ_HOME/warehouse/current.duckdb"
	@echo; echo "How many questions were asked, and how many answered?"
	@.venv/bin/anq sql "SELECT legislature, question_type, count(*) AS asked, count(answer_date) AS answered \
		FROM questions GROUP BY ALL ORDER BY ALL"
	@echo; echo "Which ministries answer written questions, and in how many days?"
	@.venv/bin/anq sql "SELECT ministry, count(*) AS answers, median(answer_date - question_date)::INTEGER AS days \
		FROM questions WHERE question_type = 'QE' AND answer_date IS NOT NULL GROUP BY ALL ORDER BY answers DESC, ministry LIMIT 5"
	@echo; echo "What are the questions about?"
	@.venv/bin/anq sql "SELECT rubrique, count(*) AS questions FROM questions GROUP BY ALL ORDER BY questions DESC, rubrique LIMIT 5"

up: airflow  ## Airflow with its UI on http://127.0.0.1:8080 (PORT=…), until Ctrl-C
	@echo "http://127.0.0.1:$(PORT) — user and password: $$AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"
	@echo "logs: $$AIRFLOW_HOME/logs/*.log — Ctrl-C stops it"
	@set -a; source airflow.env; exec bin/up

test: develop  ## install, and run the whole suite on all cores
	.venv/bin/pytest $(PARALLEL)

test-cluster: develop  ## a team's Airflow on this machine, with faults: wants redis-server and postgresql
	.venv/bin/pytest tests/cluster

matrix: develop  ## the suite on each Python that is at hand, 3.11 to 3.14: .nox/ has their virtualenvs
	.venv/bin/nox

cover: develop  ## the suite, and which lines it never runs
	.venv/bin/pytest $(PARALLEL) --cov --cov-report=term:skip-covered

lint: develop  ## ruff, mypy, who may import whom, spelling
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/codespell

audit: develop  ## what bandit finds in our code, and pip-audit, over the network, against what the locks install
	.venv/bin/nox --session audit

format: develop  ## let ruff mend what it can
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

lock: .venv/locked  ## resolve the dependencies of pyproject.toml again, into requirements.lock and requirements-dev.lock
	# the tests' S3 server takes no later python-dateutil, and both locks hold the same
	$(COMPILE) --extra airflow --constraints <(echo 'python-dateutil<3') pyproject.toml -o requirements.lock
	$(COMPILE) --group dev --constraints requirements.lock -o requirements-dev.lock

docs: develop  ## write the pages made from schemas/, expectations/ and views again; build the site, site/index.html
	.venv/bin/python -m etl.docs
	NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict

bench: develop .venv-bench/installed  ## compare with peers on N questions (N=100000): the load, then search and look-ups
	.venv/bin/python -m benchmarks.run N=$(N)
	.venv/bin/python -m benchmarks.search N=$(N)

rehearsal: develop  ## the first mornings on a site that behaves as the Assembly's: N=204775 are its real sizes
	.venv/bin/python -m benchmarks.rehearsal N=$(N)

install: .venv/installed  # what the work runs on

develop: .venv/developed  # and what tests, lints and documents it

clean:  ## remove the virtualenvs, caches and site/; data/ stays
	rm -rf site dist .venv .venv-bench .nox .coverage* .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info

.venv/locked: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv --clear .venv
	.venv/bin/python -m pip install --quiet --no-cache-dir --disable-pip-version-check uv==$(UV_VERSION)
	$(UV) pip sync --python .venv --require-hashes --compile-bytecode requirements.lock
	@touch $@

.venv/installed: .venv/locked pyproject.toml
	$(UV) pip install --python .venv --no-deps --editable .
	@touch $@

.venv/developed: .venv/installed requirements-dev.lock
	$(UV) pip install --python .venv --require-hashes --requirements requirements-dev.lock
	@touch $@

.venv-bench/installed: benchmarks/requirements.lock .venv/locked
	$(PYTHON) -m venv --clear .venv-bench
	$(UV) pip sync --python .venv-bench --require-hashes --compile-bytecode benchmarks/requirements.lock
	@touch $@

run up airflow: export ANQ_HOME := $(shell realpath -m -- '$(or $(ANQ_HOME),data)')
run up airflow: export ANQ_SOURCE := $(SOURCE)
run up airflow: export AIRFLOW_HOME = $(ANQ_HOME)/airflow
run up airflow: export AIRFLOW__CORE__DAGS_FOLDER := $(CURDIR)/dags
run up airflow: export AIRFLOW__API__HOST := 127.0.0.1
run up airflow: export AIRFLOW__API__PORT := $(PORT)
run up airflow: export AIRFLOW__API__BASE_URL := http://127.0.0.1:$(PORT)
run up airflow: export AIRFLOW__CORE__EXECUTION_API_SERVER_URL := http://127.0.0.1:$(PORT)/execution/
run up airflow: export AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE = $(AIRFLOW_HOME)/passwords.json
run up airflow: export AIRFLOW__API_AUTH__JWT_SECRET_CMD = cat '$(AIRFLOW_HOME)/jwt_secret'

airflow: install  # its database, pool and secret, made again when the lock changes
	@mkdir -p "$$AIRFLOW_HOME"; chmod 700 "$$AIRFLOW_HOME"; umask 077; \
	ready="$$AIRFLOW_HOME/ready"; if [ "$$ready" -nt .venv/locked ]; then exit 0; fi; \
	echo "Preparing Airflow in $$AIRFLOW_HOME…"; \
	[ -s "$$AIRFLOW_HOME/jwt_secret" ] || head -c 64 /dev/urandom | od -An -v -tx1 | tr -d ' \n' > "$$AIRFLOW_HOME/jwt_secret"; \
	set -a; source airflow.env; AIRFLOW__LOGGING__LOGGING_LEVEL=ERROR; \
	.venv/bin/airflow db migrate; \
	.venv/bin/airflow pools set warehouse 1 "one writer of the warehouse at a time"; \
	touch "$$ready"
