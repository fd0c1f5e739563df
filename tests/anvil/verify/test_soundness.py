"""The verifier against runs of the reference interpreter: no value leaves its range, no call exceeds its steps."""

from __future__ import annotations

import random
import re
from functools import cache
from pathlib import Path

import pytest

import anvil
from anvil import core
from anvil.frontend.desugar import desugar
from anvil.frontend.parser import read
from anvil.frontend.typecheck import check_file
from anvil.types import Type
from anvil.verify import evaluate, ranges, trips
from anvil.verify.analysis import Analysis
from anvil.verify.obligations import Obligation, Obligations
from anvil.verify.ranges import Range, Result
from anvil.verify.witness import broken
from tests.anvil.conformance import Case, cases
from tests.anvil.verify.watch import Outside, check

SOURCES = [case.source for case in cases() if case.verdict == "accept" and case.interface is None]

_PIECES = """
    + - * / % < > == != <= >= & | ^ << >> && || ++ -- += -= 0 1 2 3 -1 7 63 0.5 int double int64_t bool uint64_t
""".split()


def _mutated(source: str, rng: random.Random) -> core.Program | None:
    """The program with a few operators, constants and types replaced; None where it is none any more."""
    tokens = re.findall(r"\s+|\w+|[^\s\w]+", source)
    places = [place for place, token in enumerate(tokens) if token in _PIECES]
    for _ in range(rng.randint(0, 6) if places else 0):
        tokens[rng.choice(places)] = rng.choice(_PIECES)
    parsed = read("".join(tokens))
    if parsed.errors or parsed.file is None:
        return None
    module, _ = check_file(parsed.file, None)
    return None if module is None else desugar(module)


def _sweep(seed: int, programs: int) -> int:
    """Checks so many mutated programs; gives the number of calls compared."""
    rng = random.Random(seed)
    calls = 0
    while programs:
        program = _mutated(rng.choice(SOURCES), rng)
        if program is not None:
            calls += check(program, rng).calls
            programs -= 1
    return calls


@pytest.mark.parametrize("seed", range(6))
def test_values_lie_in_their_ranges(seed: int) -> None:
    assert _sweep(seed, 120) > 500


def _edges(type: Type, rng: random.Random) -> list[int]:
    return [type.low, type.high, 0, 1, *(rng.randint(max(type.low, -50), 50) for _ in range(3))]


@pytest.mark.parametrize("type", [Type.INT, Type.INT64, Type.UINT64])
@pytest.mark.parametrize("op", ["add", "sub", "mul", "div", "rem", "and", "or", "xor", "shl", "shr"])
def test_integer_operations(type: Type, op: str) -> None:
    """Every result of operands within two ranges lies in the range of the results, and what may happen is told."""
    from anvil import interp

    rng = random.Random(f"{type}/{op}")
    for _ in range(60):
        a, b = (sorted(rng.choices(_edges(type, rng), k=2)) for _ in range(2))
        result = ranges.binary(type, op, Range(*a), Range(*b))
        for x in {*a, *(rng.randint(*a) for _ in range(4))}:
            for y in {*b, *(rng.randint(*b) for _ in range(4))}:
                assert interp.binary(type, op, x, y) in result.range, (x, y, result)
                exact = {"add": x + y, "sub": x - y, "mul": x * y}.get(op)
                if exact is not None and not type.low <= exact <= type.high:
                    assert "overflow" in result.events
                if op in ("div", "rem") and y == 0:
                    assert "zero" in result.events


_DOUBLES = [0.0, -0.0, 1.0, -1.0, 0.5, 3.0, 1e-310, 1e300, -1e300, float("inf"), float("-inf")]


@pytest.mark.parametrize("op", ["add", "sub", "mul", "div"])
def test_double_operations(op: str) -> None:
    from anvil import interp

    rng = random.Random(op)
    for _ in range(400):
        a, b = (sorted(rng.choices(_DOUBLES, k=2)) for _ in range(2))
        nans = rng.random() < 0.2, rng.random() < 0.2
        found = ranges.binary(Type.DOUBLE, op, Range(*a, nans[0]), Range(*b, nans[1])).range
        for x in {*a, *(v for v in _DOUBLES if a[0] <= v <= a[1]), *([float("nan")] if nans[0] else [])}:
            for y in {*b, *(v for v in _DOUBLES if b[0] <= v <= b[1]), *([float("nan")] if nans[1] else [])}:
                assert interp.binary(Type.DOUBLE, op, x, y) in found, (x, y, found)


ONE_ARGUMENT = ["sqrt", "floor", "ceil", "round", "exp", "log", "log1p", "log2", "log10", "cbrt", "tanh", "sin", "cos"]


@pytest.mark.parametrize("name", [*ONE_ARGUMENT, "abs", "sign", "isnan", "isfinite", "isinf", "trunc"])
def test_functions_of_one_double(name: str) -> None:
    from anvil import interp

    rng = random.Random(name)
    for _ in range(300):
        a = sorted(rng.choice(_DOUBLES) if rng.random() < 0.5 else rng.uniform(-30, 30) for _ in range(2))
        found = ranges.builtin(Type.DOUBLE, name, (Range(*a),)).range
        for x in (*a, *(rng.uniform(max(a[0], -1e3), min(a[1], 1e3)) for _ in range(6))):
            if a[0] <= x <= a[1]:
                assert interp.builtin(Type.DOUBLE, name, (x,)) in found, (x, a, found)


@pytest.mark.parametrize("name", ["pow", "fmod", "atan2", "hypot", "min", "max"])
def test_functions_of_two_doubles(name: str) -> None:
    from anvil import interp

    rng = random.Random(name)
    values = [*_DOUBLES, 2.0, -2.0, 0.9, 1.1, 20.0]
    for _ in range(400):
        a, b = (sorted(rng.choices(values, k=2)) for _ in range(2))
        nans = rng.random() < 0.2, rng.random() < 0.2
        found = ranges.builtin(Type.DOUBLE, name, (Range(*a, nans[0]), Range(*b, nans[1]))).range
        for x in {*(v for v in values if a[0] <= v <= a[1]), *([float("nan")] if nans[0] else [])}:
            for y in {*(v for v in values if b[0] <= v <= b[1]), *([float("nan")] if nans[1] else [])}:
                assert interp.builtin(Type.DOUBLE, name, (x, y)) in found, (name, x, y, found)


# ----------------------------------------------------------------------------------------- contracts hold in runs


@cache
def _interface(path: Path) -> anvil.Interface:
    return anvil.load_interface(path)


def _broken_conditions(case: Case) -> list[Obligation]:
    """The conditions of an accepted program that some run breaks."""
    checked = anvil.check(case.source, _interface(case.interface) if case.interface else None)
    assert checked.ok and checked.module is not None
    program = desugar(checked.module)
    roots = [entry.function for entry in program.entries] or [program.functions[-1].name]
    analysis = Analysis(program)
    analysis.run(tuple(roots))
    return [item for item in analysis.obligations.found.values() if broken(program, roots, item, {})]


WITH_CONDITIONS = [c for c in cases() if c.verdict == "accept" and re.search(r"anvil::(pre|post)|get_kth", c.source)]


@pytest.mark.parametrize("case", WITH_CONDITIONS, ids=lambda c: c.path.stem)
def test_accepted_programs_break_no_condition(case: Case) -> None:
    assert not _broken_conditions(case)


@pytest.mark.parametrize("kind", ["store-kth-past", "function-contract-pre", "function-contract-post"])
def test_a_condition_that_nobody_proves_is_found_out(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (case,) = [c for c in cases() if c.path.stem == kind]
    monkeypatch.setattr(Obligations, "unproved", lambda self: [])
    assert _broken_conditions(case)


# ---------------------------------------------------------------------------- a verifier with a fault is found out


def _without_wrapping(original: object) -> object:
    def fitted(type: Type, low: float, high: float) -> Result:
        return Result(Range(max(low, type.low), min(high, type.high)))

    return fitted


def _blind_to_else(original: object) -> object:
    def joined(one: evaluate.Env | None, other: evaluate.Env | None) -> evaluate.Env | None:
        return other if one is None else one

    return joined


def _strict_limits(original: object) -> object:
    def limit(op: str, own: Range, other: Range, type: Type) -> Range:
        return original({"le": "lt", "ge": "gt"}.get(op, op), own, other, type)  # type: ignore[operator,no-any-return]

    return limit


def _one_trip_less(original: object) -> object:
    def steps(self: trips.Measurer, op: str, room: trips.Linear, first: Range) -> int:
        return max(0, original(self, op, room, first) - 1)  # type: ignore[operator,no-any-return]

    return steps


@pytest.mark.parametrize(
    ("owner", "name", "weaken"),
    [
        (ranges, "_fitted", _without_wrapping),
        (evaluate, "_limit", _strict_limits),
        (trips.Measurer, "_steps", _one_trip_less),
        ("anvil.verify.analysis", "joined", _blind_to_else),
    ],
    ids=["overflow", "refinement", "trips", "join"],
)
def test_a_weakened_verifier_is_found_out(
    owner: object, name: str, weaken: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    if isinstance(owner, str):
        import importlib

        owner = importlib.import_module(owner)
    monkeypatch.setattr(owner, name, weaken(getattr(owner, name)))  # type: ignore[operator]
    with pytest.raises(Outside):
        for seed in range(20):
            _sweep(seed, 60)
