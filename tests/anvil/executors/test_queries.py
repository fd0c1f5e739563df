"""Programs on the feature store: interpreter on the reference store = C and JIT on the same rows, scalar and batch."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from anvil import native
from anvil.backend_c import build_shared, emit, load_shared
from anvil.backend_llvm import LinkFailed, compile_program, emit_asm, emit_llvm
from anvil.core import Assign, Call, Const, Entry, Function, Local, Program, Query, Return, Variable
from anvil.interp import Interpreter
from anvil.runtime.native import NativeCode
from anvil.store import ReferenceStore
from tests.anvil.executors.generator import Generator, _queries_of
from tests.anvil.executors.native_view import NativeView, slots
from tests.anvil.executors.shorthand import EDGES, D, L, U, add, as_double, const, mul, same, var

OBJECTS = range(10)
ABSENT = (10, -5, L.high)
LISTENERS = (("Latest", ()), ("Average", ()), ("EWMA", (0.95, 0.35)), ("RollingWindow", (5,)), ("RollingWindow", (1,)))
SLOTS = slots(
    *(
        (f"{scope}_{type.name}", scope, type, listener, params)
        for scope in ("global", "object")
        for type in (L, D)
        for listener, params in LISTENERS
    ),
    ("object_INT64", "object", L, "PopPercentile", ()),
    ("object_DOUBLE", "object", D, "PopPercentile", ()),
    ("nobody", "object", D, "PopPercentile", ()),
)
WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Werror")
OWN = Variable("obj_id", L)
ARGUMENTS = {L: (-1, 0, 2, 4, 5, L.high), D: (-1.0, 0.0, 0.3, 0.5, 1.0, 2.0, math.nan)}


def _store(seed: int) -> ReferenceStore:
    rng = random.Random(seed)
    store = ReferenceStore(SLOTS)
    for _ in range(400):
        type = rng.choice([L, D])
        value = rng.choice(EDGES[type]) if rng.random() < 0.3 else rng.randrange(100)
        value = value if type is L else float(value) * rng.choice([1.0, 0.1])
        if rng.random() < 0.3:
            store.update(f"global_{type.name}", value)
        else:
            store.update(f"object_{type.name}", value, rng.choice(OBJECTS))
    store.add(11)  # without any value
    store.remove(3)
    return store


def _single_queries() -> Iterator[Function]:
    """One rank function a query, with arguments in and out of range."""
    for slot in SLOTS:
        for type, symbol, _, by_object, args, constants in _queries_of(slot):
            extremes: list[Const | None] = [const(arg, value) for arg in args for value in ARGUMENTS[arg]]
            for i, value in enumerate(extremes or [None]):
                target = var(L, OWN.name) if by_object else None
                query = Query(type, symbol, symbol, slot.index, target, (value,) if value else (), constants)
                name = f"q_{symbol}_{slot.index}_{'_'.join(map(str, constants))}_{i}"
                yield Function(name, (OWN,), D, (), (Return(as_double(query)),), True)


def _random_functions(seed: int) -> Iterator[tuple[Function, str]]:
    generator = Generator(random.Random(seed), SLOTS)
    for i in range(24):
        kind = ("helper", "rank", "value")[i % 3]
        if kind == "helper":
            yield generator.many(f"many{i}", takes_store=i % 2 == 1), kind
            yield generator.function(f"helper{i}", takes_store=i % 2 == 0), kind
        else:
            params = (OWN,) if kind == "rank" else ()
            yield generator.function(f"{kind}{i}", params, generator.rng.choice([D, D, L, U]), True), kind


def _programs() -> Program:
    made = [*((function, "rank") for function in _single_queries()), *_random_functions(1)]
    entries = tuple(Entry(function.name, kind) for function, kind in made if kind != "helper")
    return Program(tuple(function for function, _ in made), SLOTS, entries)


PROGRAM = _programs()


@pytest.fixture(scope="module")
def view() -> NativeView:
    return NativeView(_store(0))


def _compiled(
    program: Program, view: NativeView, folder: Path, levels: Sequence[int] = (0, 1, 2)
) -> dict[str, NativeCode]:
    path = folder / "queries.so"
    build_shared(program, path, "-O1", queries_header=native.queries_header(), flags=WARNINGS)
    compiled: dict[str, NativeCode] = {"C": load_shared(path, program, view.symbols)}
    for opt in levels:
        ir = native.queries_ir()
        compiled[f"JIT O{opt}"] = compile_program(program, queries_ir=ir, symbols=view.symbols, opt=opt)
    return compiled


def _check(program: Program, view: NativeView, codes: dict[str, NativeCode]) -> None:
    reference = Interpreter(program, view.store)
    objects = [*view.ids, *ABSENT]
    for entry in program.entries:
        rank = entry.kind == "rank"
        for object in objects if rank else [0]:
            expected = float(reference.call(entry.function, *[object] * rank))
            for label, code in codes.items():
                got = view.score(code, entry.function, object)
                assert same(got, expected), f"{label}: {entry.function}({object}) is {got!r}, not {expected!r}"
        if rank:
            expected_all = [float(reference.call(entry.function, object)) for object in objects]
            for label, code in codes.items():
                batch = view.score_batch(code, entry.function, objects)
                assert all(map(same, batch, expected_all)), f"{label}: {entry.function} differs in a batch"


def test_executors_agree(tmp_path: Path) -> None:
    view = NativeView(_store(0))
    codes = _compiled(PROGRAM, view, tmp_path, (0, 2))
    _check(PROGRAM, view, codes)
    for store in (_store(1), _store(2), ReferenceStore(SLOTS)):
        view.show(store)
        _check(PROGRAM, view, codes)


def _small(*functions: Function, kinds: str = "rank") -> Program:
    names = kinds.split()
    entries = tuple(Entry(f.name, kind) for f, kind in zip(functions, names, strict=True) if kind != "helper")
    return Program(functions, SLOTS, entries)


def _latest(target: str | None) -> Query:
    slot = next(s for s in SLOTS if s.listener == "Latest" and s.scope == ("object" if target else "global"))
    return Query(L, "get_latest", "vk_latest_get_i64", slot.index, var(L, target) if target else None, (), ())


def test_a_reassigned_id_is_looked_up(view: NativeView, tmp_path: Path) -> None:
    body = (Assign(OWN.name, add(var(L, OWN.name), const(L, 1))), Return(as_double(_latest(OWN.name))))
    program = _small(Function("next_one", (OWN,), D, (), body, True))
    _check(program, view, _compiled(program, view, tmp_path))


def test_entries_that_call_each_other(view: NativeView, tmp_path: Path) -> None:
    """The row handed to an entry is that of its own object only; a value entry has none to hand on."""
    other = Variable("other", L)
    inner = Function("inner", (OWN,), D, (), (Return(as_double(_latest(OWN.name))),), True)
    helper = Function("helper", (other,), D, (), (Return(as_double(_latest("other"))),), True)
    moved = Call(D, "inner", (add(var(L, OWN.name), const(L, 2)),))
    both = add(moved, mul(Call(D, "helper", (var(L, OWN.name),)), const(D, 3.0)))
    outer = Function("outer", (OWN,), D, (), (Return(both),), True)
    value = Function(
        "total", (), D, (), (Return(add(Call(D, "helper", (const(L, 0),)), Call(D, "inner", (const(L, 1),)))),), True
    )
    program = _small(inner, helper, outer, value, kinds="rank helper rank value")
    _check(program, view, _compiled(program, view, tmp_path))


def test_one_lookup_for_many_queries_of_one_object(view: NativeView) -> None:
    """In a value entry, LLVM merges the lookups of one object, however many queries follow."""
    total = add(as_double(_latest("o")), mul(as_double(_latest("o")), const(D, 2.0)))
    slot = next(s for s in SLOTS if s.listener == "EWMA" and s.scope == "object" and s.value_type is L)
    total = add(total, Query(D, "get_ewma", "vk_ewma_get_i64", slot.index, var(L, "o"), (), (1,)))
    body = (Assign("o", const(L, 7)), Return(total))
    program = _small(Function("total", (), D, (Variable("o", L),), body, True), kinds="value")
    assert emit_asm(program, queries_ir=native.queries_ir()).count("vk_find_row") == 1


def test_population_queries_leave_the_loop_over_objects() -> None:
    slot = next(s for s in SLOTS if s.listener == "PopPercentile" and s.value_type is D)
    median = Query(D, "get_pop_percentile", "vk_pop_value_f64", slot.index, None, (const(D, 0.5),), ())
    program = _small(Function("score", (OWN,), D, (), (Return(add(as_double(_latest(OWN.name)), median)),), True))
    text = emit_asm(program, queries_ir=native.queries_ir())
    assert text.index("vk_pop_value_f64") < text.index("prefetcht0")


def test_queries_come_along_as_internal_functions_and_only_those_in_use() -> None:
    program = _small(Function("score", (OWN,), D, (), (Return(as_double(_latest(OWN.name))),), True))
    text = emit_llvm(program, queries_ir=native.queries_ir())
    assert "define internal i64 @vk_latest_get_i64" in text
    assert "vk_average" not in text
    assert "vk_" not in emit_asm(program, queries_ir=native.queries_ir())


def test_a_missing_symbol_is_named() -> None:
    program = _small(Function("score", (OWN,), D, (), (Return(as_double(_latest(OWN.name))),), True))
    with pytest.raises(LinkFailed, match="vk_latest_get_i64"):
        compile_program(program, queries_ir=None, symbols={})


def test_code_describes_its_slots_and_entries(view: NativeView, tmp_path: Path) -> None:
    program = _small(Function("score", (OWN,), D, (), (Return(as_double(_latest(OWN.name))),), True))
    for code in _compiled(program, view, tmp_path).values():
        assert code.slots == [slot.describe() for slot in SLOTS]
        assert set(code.entries) == {"score"}
        entry = code.entries["score"]
        assert entry["kind"] == "rank" and entry["address"] and entry["batch_address"]


def test_a_batch_of_none(view: NativeView, tmp_path: Path) -> None:
    program = _small(Function("score", (OWN,), D, (), (Return(as_double(_latest(OWN.name))),), True))
    for code in _compiled(program, view, tmp_path).values():
        assert view.score_batch(code, "score", []) == []


def test_c_includes_the_header_where_its_text_is_not_given() -> None:
    program = _small(Function("score", (OWN,), D, (), (Return(as_double(Local(L, OWN.name))),), True))
    assert "queries.h" not in emit(program)
    query = Function("score", (OWN,), D, (), (Return(as_double(_latest(OWN.name))),), True)
    assert "#include <vulcan/queries.h>" in emit(_small(query))


@pytest.mark.parametrize("name", ["double", "main", "vk_find_row", "anvil_f_x", "a.b"])
def test_an_entry_needs_a_free_c_name(name: str) -> None:
    program = _small(Function(name, (OWN,), D, (), (Return(const(D, math.pi)),), True))
    with pytest.raises(ValueError, match="not a free C identifier"):
        emit(program)
