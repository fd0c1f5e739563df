"""Every operation at every edge value: interpreter = C = JIT, and all of them what DESIGN says."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from anvil.builtins import BUILTINS
from anvil.core import Binary, Cast, Compare, Expr, Function, Local, Logical, Math, Return, Select, Unary
from anvil.interp import Interpreter, Value, binary
from anvil.runtime.native import NativeCode
from tests.anvil.executors.shorthand import (
    EDGES,
    INTEGERS,
    SCALARS,
    B,
    D,
    L,
    N,
    U,
    const,
    function,
    locals_of,
    params,
    program,
    same,
)
from tests.anvil.executors.side_by_side import Executors


def _operations() -> Iterator[Function]:
    for type in (*INTEGERS, D):
        a, b = locals_of(params(type, type))
        names = ("add", "sub", "mul", "div") if type is D else ("add", "sub", "mul", "div", "rem", "and", "or", "xor")
        for op in names:
            yield function(f"{op}_{type.name}", params(type, type), Binary(type, op, a, b))
        yield function(f"neg_{type.name}", params(type), Unary(type, "neg", a))
    for type, right in itertools.product(INTEGERS, INTEGERS):
        a, n = locals_of(params(type, right))
        for op in ("shl", "shr"):
            yield function(f"{op}_{type.name}_{right.name}", params(type, right), Binary(type, op, a, n))
    for type in INTEGERS:
        (a,) = locals_of(params(type))
        yield function(f"bitnot_{type.name}", params(type), Unary(type, "bitnot", a))
    for type in SCALARS:
        a, b = locals_of(params(type, type))
        for op in ("lt", "le", "gt", "ge", "eq", "ne"):
            yield function(f"{op}_{type.name}", params(type, type), Compare(op, a, b))
        c, x, y = locals_of(params(B, type, type))
        yield function(f"select_{type.name}", params(B, type, type), Select(type, c, x, y))
    for source, target in itertools.product(SCALARS, SCALARS):
        (a,) = locals_of(params(source))
        yield function(f"cast_{source.name}_{target.name}", params(source), Cast(target, a))
    a, b = locals_of(params(B, B))
    yield function("logical_and", params(B, B), Logical("and", a, b))
    yield function("logical_or", params(B, B), Logical("or", a, b))
    yield function("not_BOOL", params(B), Unary(B, "not", a))


def _builtins() -> Iterator[Function]:
    for builtin in BUILTINS.values():
        for type in (*INTEGERS, D) if builtin.kind == "common" else (D,):
            arguments = params(*[type] * builtin.arity)
            result = B if builtin.kind == "test" else type
            value = Math(result, builtin.name, tuple(locals_of(arguments)))
            yield function(f"{builtin.name}_{type.name}", arguments, value)


FUNCTIONS = {f.name: f for f in (*_operations(), *_builtins())}


def _folded(count: int) -> Iterator[Function]:
    """Operations on constants, which the compilers compute themselves."""
    rng = random.Random(7)
    for i in range(count):
        source = rng.choice(list(FUNCTIONS.values()))
        values = {param.name: const(param.type, rng.choice(EDGES[param.type])) for param in source.params}
        (statement,) = source.body
        assert isinstance(statement, Return)
        yield function(f"folded_{i}", (), _substitute(statement.value, values))


def _substitute(expr: Expr, values: Mapping[str, Expr]) -> Expr:
    """The operation with constants in the place of its parameters."""

    def of(operand: Expr) -> Expr:
        return values[operand.name] if isinstance(operand, Local) else operand

    match expr:
        case Unary() | Cast():
            return replace(expr, operand=of(expr.operand))
        case Binary() | Compare() | Logical():
            return replace(expr, left=of(expr.left), right=of(expr.right))
        case Select():
            return Select(expr.type, of(expr.condition), of(expr.then), of(expr.otherwise))
        case Math():
            return replace(expr, args=tuple(map(of, expr.args)))
    raise AssertionError(expr)


@pytest.fixture(scope="module")
def executors(tmp_path_factory: pytest.TempPathFactory) -> Executors:
    everything = program(*FUNCTIONS.values(), *_folded(300))
    return Executors(everything, tmp_path_factory.mktemp("operations"))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_at_the_edges(executors: Executors, name: str) -> None:
    values = [EDGES[param.type] for param in FUNCTIONS[name].params]
    cases = list(itertools.product(*values))
    rng = random.Random(name)
    for args in cases if len(cases) <= 120 else rng.sample(cases, 120):
        executors.check(name, args)


def test_on_constants(executors: Executors) -> None:
    assert executors.check_all((f"folded_{i}", ()) for i in range(300)) == 300


DESIGN = [
    ("add_INT", (N.high, 1), N.low),
    ("mul_INT64", (L.low, -1), L.low),
    ("neg_INT", (N.low,), N.low),
    ("neg_UINT64", (1,), U.high),
    ("div_INT", (7, 0), 0),
    ("rem_INT", (7, 0), 7),
    ("div_INT64", (L.low, -1), L.low),
    ("rem_INT64", (L.low, -1), 0),
    ("div_INT", (-7, 2), -3),
    ("rem_INT", (-7, 2), -1),
    ("rem_UINT64", (7, 0), 7),
    ("shl_INT_INT", (1, 33), 2),
    ("shl_INT_INT", (1, -1), N.low),
    ("shr_INT_INT64", (-8, 33), -4),
    ("shr_UINT64_INT", (U.high, 63), 1),
    ("cast_DOUBLE_INT", (math.nan,), 0),
    ("cast_DOUBLE_INT", (2147483647.5,), N.high),
    ("cast_DOUBLE_INT", (-1e300,), N.low),
    ("cast_DOUBLE_INT64", (math.inf,), L.high),
    ("cast_DOUBLE_UINT64", (-1.0,), 0),
    ("cast_DOUBLE_UINT64", (2.0**64,), U.high),
    ("cast_UINT64_DOUBLE", (U.high,), 2.0**64),
    ("cast_INT64_INT", ((1 << 32) + 5,), 5),
    ("cast_INT_UINT64", (-1,), U.high),
    ("cast_DOUBLE_BOOL", (math.nan,), True),
    ("cast_DOUBLE_BOOL", (-0.0,), False),
    ("div_DOUBLE", (1.0, -0.0), -math.inf),
    ("div_DOUBLE", (0.0, 0.0), math.nan),
    ("min_DOUBLE", (math.nan, 1.0), math.nan),
    ("min_DOUBLE", (1.0, math.nan), 1.0),
    ("min_DOUBLE", (0.0, -0.0), 0.0),
    ("max_DOUBLE", (-0.0, 0.0), -0.0),
    ("clamp_INT", (5, 7, 3), 7),
    ("abs_INT", (N.low,), N.low),
    ("abs_DOUBLE", (-0.0,), 0.0),
    ("sign_DOUBLE", (-0.0,), 0.0),
    ("sign_DOUBLE", (math.nan,), 0.0),
    ("round_DOUBLE", (0.49999999999999994,), 0.0),
    ("round_DOUBLE", (-0.5,), -1.0),
    ("round_DOUBLE", (2.5,), 3.0),
    ("round_DOUBLE", (-0.25,), -0.0),
    ("floor_DOUBLE", (-0.0,), -0.0),
    ("ceil_DOUBLE", (-0.5,), -0.0),
    ("sqrt_DOUBLE", (-1.0,), math.nan),
    ("sqrt_DOUBLE", (-0.0,), -0.0),
    ("eq_DOUBLE", (math.nan, math.nan), False),
    ("ne_DOUBLE", (math.nan, math.nan), True),
    ("lt_UINT64", (1, U.high), True),
]


@pytest.mark.parametrize(("name", "args", "expected"), DESIGN)
def test_is_what_the_design_says(executors: Executors, name: str, args: tuple[Value, ...], expected: Value) -> None:
    assert same(executors.check(name, args), expected)


def test_every_operation_of_core_is_covered() -> None:
    assert {"add_INT", "rem_UINT64", "shl_INT64_INT", "cast_UINT64_DOUBLE", "atan2_DOUBLE"} <= FUNCTIONS.keys()
    assert len(FUNCTIONS) > 150


def test_the_interpreter_divides_toward_zero_at_any_size() -> None:
    assert binary(L, "div", L.low, 3) == -(2**63 // 3)
    assert binary(U, "div", U.high, 2) == L.high


def test_arguments_that_do_not_fit_are_refused(executors: Executors) -> None:
    everyone: list[Interpreter | NativeCode] = [executors.reference, *executors.native.values()]
    for code in everyone:
        with pytest.raises(ValueError, match="not a value of int"):
            code.call("neg_INT", 2**31)
        with pytest.raises(ValueError, match="takes 1 arguments"):
            code.call("neg_INT", 1, 2)


def test_results_have_the_type_of_the_function(executors: Executors) -> None:
    assert executors.check("lt_INT", (1, 2)) is True
    assert isinstance(executors.check("cast_INT_DOUBLE", (1,)), float)
