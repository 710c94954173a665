# Two commands: `make run` and `make test`. Both set up what is missing, in .venv.
PYTHON ?= python3
CORES ?= all
# Where pip finds torch, if not where it finds all else: see "Install" in README.md.
PIP_ARGS ?=

BIN := .venv/bin
# A process that spins on more threads than it has cores is many times slower.
export OMP_NUM_THREADS ?= 2
# Each job is a process: without bytecode it would compile the package first.
unexport PYTHONDONTWRITEBYTECODE
# Neither packages nor the tests may phone home.
export HF_HUB_DISABLE_TELEMETRY := 1

.PHONY: run smoke test test-all dashboard slurm browser check format docs lock schema clean help

run: .venv/run.stamp  ## set up and run the demo benchmark
	$(BIN)/snakemake --cores $(CORES)

smoke: .venv/run.stamp  ## one question per model, into results/smoke
	$(BIN)/snakemake --cores $(CORES) --workflow-profile smoke

# With these markers a test is only in the lane of all tests, unless it is marked `smoke` too.
LONG := workflow or slow or browser or postgres or slurm
# pytest has a process per core already
test test-all: export OMP_NUM_THREADS := 1

test: .venv/test.stamp  ## set up and run a contributor's tests: about four minutes on two cores
	$(BIN)/python -m pytest -n auto --dist worksteal --hypothesis-profile quick \
	  -m "smoke or not ($(LONG))"

test-all: .venv/test.stamp  ## all tests, also with SLURM, a browser and PostgreSQL
	$(BIN)/python -m pytest -n auto --dist worksteal

dashboard: .venv/run.stamp  ## look at all results in a browser, on this machine alone
	$(BIN)/modellab dashboard

slurm:  ## install SLURM for its tests (Debian or Ubuntu, as root)
	{ command -v slurmctld && command -v slurmd && command -v sbatch && command -v munged; } >/dev/null || { apt-get update -q && DEBIAN_FRONTEND=noninteractive \
	  apt-get install -y -q --no-install-recommends slurmctld slurmd slurm-client munge; }

browser:  ## install Chromium for tests of pages (Debian or Ubuntu, as root)
	{ command -v chromium && command -v chromedriver; } >/dev/null || { apt-get update -q && DEBIAN_FRONTEND=noninteractive \
	  apt-get install -y -q --no-install-recommends chromium chromium-driver; }

check: .venv/test.stamp  ## style, types and workflow lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/snakemake --lint

format: .venv/test.stamp  ## put code into the common form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile rules

docs: .venv/test.stamp  ## build the documentation as a site, into site/; every link is checked
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

schema: .venv/run.stamp  ## write the config's schema and reference, and the page of metrics
	$(BIN)/modellab schema > resources/config.schema.json
	$(BIN)/modellab reference > docs/config.md
	$(BIN)/modellab metrics > docs/metrics.md

# triton is left out: each build of torch asks for one version of it.
lock: .venv/test.stamp  ## write constraints.txt from what is installed, and envs/ from both
	$(BIN)/pip freeze --exclude-editable | sed -e 's/+cpu$$//' -e '/ @ /d' -e '/^triton==/d' > constraints.txt
	$(BIN)/python -m modellab.workflow.environments

clean:  ## remove results (not .venv)
	rm -rf results .snakemake

help:  ## list the commands
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv

.venv/run.stamp: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet $(PIP_ARGS) -c constraints.txt -e .
	@touch $@

.venv/test.stamp: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet $(PIP_ARGS) -c constraints.txt -e '.[test]'
	@touch $@ .venv/run.stamp
