"""The same programs on the real feature store: vulcan.Policy over JIT and C = interpreter on the reference store."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from anvil import native
from anvil.backend_c import build_shared, load_shared
from anvil.backend_llvm import compile_program
from anvil.core import Entry, Program
from anvil.interp import Interpreter
from anvil.runtime.native import NativeCode
from anvil.store import ReferenceStore
from tests.anvil.executors.shorthand import EDGES, D, L, same
from tests.anvil.executors.test_queries import SLOTS, _random_functions, _single_queries

vulcan = pytest.importorskip("vulcan")
pytest.importorskip("vulcan._core")

OBJECTS = range(30)


def _programs() -> Program:
    made = [*((f, "rank") for f in list(_single_queries())[::4]), *_random_functions(9)]
    entries = tuple(Entry(function.name, kind) for function, kind in made if kind != "helper")
    return Program(tuple(function for function, _ in made), SLOTS, entries)


PROGRAM = _programs()


def _update(store: ReferenceStore, real: object, rng: random.Random) -> None:
    type = rng.choice([L, D])
    value = rng.choice(EDGES[type]) if rng.random() < 0.3 else rng.randrange(100)
    value = value if type is L else float(value)
    if rng.random() < 0.05:
        gone = rng.choice(OBJECTS)
        store.remove(gone)
        real.remove(gone)  # type: ignore[attr-defined]
    elif rng.random() < 0.3:
        store.update(f"global_{type.name}", value)
        real.update_global(f"global_{type.name}", value)  # type: ignore[attr-defined]
    else:
        target = rng.choice(OBJECTS)
        store.update(f"object_{type.name}", value, target)
        real.update(f"object_{type.name}", target, value)  # type: ignore[attr-defined]


def _codes(folder: Path) -> dict[str, NativeCode]:
    path = folder / "heuristic.so"
    build_shared(PROGRAM, path, "-O0", queries_header=native.queries_header())
    symbols = native.runtime_symbols()
    jit = compile_program(PROGRAM, queries_ir=native.queries_ir(), symbols=symbols, opt=1)
    return {"C": load_shared(path, PROGRAM, symbols), "JIT": jit}


def test_policies_agree_with_the_interpreter(tmp_path: Path) -> None:
    codes = _codes(tmp_path)
    store = ReferenceStore(SLOTS)
    real = vulcan.Store(vulcan.Schema.from_slots(codes["JIT"].slots))
    policies = {
        (label, entry.function): vulcan.Policy(code, entry=entry.function)
        for label, code in codes.items()
        for entry in PROGRAM.entries
    }
    rng = random.Random(3)
    reference = Interpreter(PROGRAM, store)
    for _ in range(3):
        for _ in range(300):
            _update(store, real, rng)
        ids = sorted(store.objects)
        assert ids == sorted(real.ids().tolist())
        for entry in PROGRAM.entries:
            arguments = [(i,) for i in ids] if entry.kind == "rank" else [()]
            expected = [float(reference.call(entry.function, *args)) for args in arguments]
            for label in codes:
                policy = policies[label, entry.function]
                if entry.kind == "value":
                    got = [policy.value(real)]
                else:
                    got = policy.score_many(real, np.array(ids, dtype=np.int64)).tolist()
                    assert same(policy.score(real, ids[0]), expected[0])
                assert all(map(same, got, expected)), f"{label}: {entry.function}"
        assert real.dropped == store.dropped
