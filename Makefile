# Two commands do everything on a fresh machine: `make run` and `make test`.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PEERS := $(VENV)/.peers
NATIVE := $(shell find anvil/runtime libvulcan studies -name '*.c' -o -name '*.h' -o -name '*.cpp' -o -name '*.hpp' -o -name 'CMakeLists.txt')

TRACE := examples/traces/sqlite_mixed.oracleGeneral.zst
JOBS ?= 2

.PHONY: run test nightly install lint bench clean

run: $(STAMP)  ## search a cache-eviction heuristic for the example trace
	$(BIN)/vulcan synth cache --trace $(TRACE) --size 10% --max-evals 2500 --max-time 200

test: $(STAMP) $(PEERS)  ## every test, in parallel
	$(BIN)/python -m pytest -n $(JOBS) -q

nightly: $(STAMP) $(PEERS)  ## new random examples, and the front end on 100,000 sources of each kind
	$(BIN)/python -m pytest -n $(JOBS) -q --hypothesis-profile=nightly
	$(BIN)/python -m tests.anvil.frontend_fuzz 100000

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(STAMP) $(PEERS)  ## figures beside those of peers, in one run
	for script in bench/*.py; do $(BIN)/python $$script || exit 1; done

install: $(STAMP)

$(STAMP): pyproject.toml CMakeLists.txt $(NATIVE)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet "scikit-build-core>=1.1,<2" "pybind11>=3.1,<4"
	CMAKE_BUILD_PARALLEL_LEVEL=2 $(BIN)/pip install --quiet --no-build-isolation --editable ".[test]"
	touch $@

# Peers are compared with where they can be had; without them those tests skip.
$(PEERS): $(STAMP)
	-$(BIN)/pip install --quiet "libcachesim>=0.3.5"
	touch $@

clean:
	rm -rf $(VENV) build
