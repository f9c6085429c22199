# make env    the environment alone; with TORCH=cpu without the CUDA libraries
# make demo   environment, embedded data set, whole pipeline; prints the scores
# make test   environment, all tests
# make faults kills, full disks, damaged files: what a small run survives (15 minutes)
# make bench  how fast, against plain versions: docs/performance.md (6 minutes)
# make rehearse  the full recipe, few steps of each training: docs/full-recipe.md
# make lint   what the code is held to
# make schema write schemas/ and config.yaml's comments again, after a settings class changed
# make lock   resolve the environment again, after the pins in pyproject.toml changed

PYTHON ?= python3.11
CORES ?= all
TORCH ?= cuda
BIN := .venv/bin
export PYTHONUTF8 := 1

.PHONY: env demo test faults bench rehearse lint lock schema clean

env: .venv/installed

.venv/installed: envs/requirements.lock envs/install.sh pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check uv
	PATH="$(CURDIR)/$(BIN):$$PATH" envs/install.sh $(BIN)/python $(TORCH)
	$(BIN)/uv pip install --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@

demo: env
	$(BIN)/snakemake --cores $(CORES) --resources gpu=4
	$(BIN)/snakemake --cores $(CORES) --report results/report.html
	@echo
	@cat results/scores.txt
	@echo
	@echo "report: results/report.html"

test: env
	$(BIN)/python -m pytest

faults: env
	$(BIN)/python -m tests.faults

bench: env
	$(BIN)/python -m benchmarks.run_all

rehearse: env
	$(BIN)/python -m benchmarks.recipe.rehearsal $(REHEARSE)

lint: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/snakemake --lint

lock:
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv lock --python $(BIN)/python
	$(BIN)/uv export --frozen --no-annotate --no-header --all-groups > envs/requirements.lock

schema: env
	PARTPARSE_EXPLAIN=1 $(BIN)/python -m partparse.planning.schema .

clean:
	rm -rf results logs .snakemake
