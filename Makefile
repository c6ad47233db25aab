# make test   run the test suite          make demo [SOURCES=folder]   the whole workflow on this machine
# Both make .venv from requirements.txt first; nothing but Python 3.11+, make and git is needed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: test demo bench lint

test: .venv/installed lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist worksteal

demo: .venv/installed
	$(BIN)/python -m model_cards.demo --out demo $(if $(SOURCES),--sources $(SOURCES))

bench: .venv/installed
	$(BIN)/python -m dataset_builder.bench
	$(BIN)/python -m metrics.bench
	$(BIN)/python -m metrics.bench_generation
	$(BIN)/python -m metrics.bench_reasoning
	$(BIN)/python -m trl_recipes.bench

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.venv/installed: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	touch $@
