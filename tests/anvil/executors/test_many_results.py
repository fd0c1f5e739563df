"""Functions with several results, or none: the interpreter, C and every level of the JIT."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from anvil.backend_c import emit, emit_header
from anvil.backend_llvm import compile_program, emit_asm
from anvil.core import (
    Assign,
    Binary,
    Block,
    Call,
    CallMany,
    Compare,
    Continue,
    Entry,
    Expr,
    Function,
    If,
    Loop,
    Program,
    Return,
    ReturnMany,
    Select,
    Variable,
)
from anvil.core_printer import print_core
from anvil.fingerprint import digest
from anvil.fold import assigned
from anvil.interp import Interpreter, InvalidCore
from anvil.types import Type
from tests.anvil.executors.shorthand import (
    EDGES,
    SCALARS,
    B,
    D,
    L,
    N,
    add,
    as_double,
    const,
    counting,
    mul,
    params,
    program,
    var,
)
from tests.anvil.executors.side_by_side import Executors

A, C, E = var(L, "a"), var(L, "b"), var(L, "c")
X, Y = var(L, "x"), var(L, "y")


def many(name: str, arguments: tuple[Variable, ...], *values: Expr, body: Block = ()) -> Function:
    results = tuple(value.type for value in values)
    return Function(name, arguments, Type.VOID, (), (*body, ReturnMany(values)), results=results)


def one(name: str, *body: object, arguments: tuple[Variable, ...] = params(L, L), result: Type = L) -> Function:
    variables = (Variable("x", L), Variable("y", L), Variable("i", N))
    return Function(name, arguments, result, variables, body)  # type: ignore[arg-type]


def mixed(*values: Expr) -> Expr:
    """One number that tells all values and their places."""
    total: Expr = const(L, 0)
    for value in values:
        total = add(mul(total, const(L, 1_000_003)), value)
    return total


SWAP = many("swap", params(L, L), C, A)
# Reads its parameter after the assignment: by value means by value.
STEP_BOTH = many("step_both", params(L, L), A, C, body=(Assign("a", add(A, C)), Assign("b", Binary(L, "sub", A, C))))
NOTHING = many("nothing", params(L))
SINGLE = many("single", params(L), mul(A, A))
EVEN_ODD = many(
    "even_odd",
    params(L),
    const(L, 7),
    const(L, 0),
    body=(If(Compare("gt", A, const(L, 0)), (ReturnMany((const(L, -1), A)),), ()),),
)
INNER = Function(
    "inner",
    params(L, L),
    Type.VOID,
    (Variable("x", L), Variable("y", L)),
    (CallMany(("x", "y"), "swap", (A, C)), CallMany(("y", "x"), "step_both", (X, Y)), ReturnMany((X, Y, add(X, Y)))),
    results=(L, L, L),
)
CALL_SWAP = CallMany(("a", "b"), "swap", (A, C))
START, STEP = counting("i", 0)
SMALL = Compare("lt", var(N, "i"), const(N, 5))

CASES = {
    f.name: f
    for f in (
        one("swapped", CALL_SWAP, Return(mixed(A, C))),
        one("swapped_twice", CALL_SWAP, CALL_SWAP, Return(mixed(A, C))),
        one("one_target", CallMany(("a", "a"), "swap", (A, C)), Return(mixed(A, C))),
        one("shifted", CallMany(("b", "a"), "step_both", (add(A, C), C)), Return(mixed(A, C))),
        one("dropped", CallMany(("", "x"), "step_both", (A, C)), Return(mixed(A, C, X))),
        one("all_dropped", CallMany(("", ""), "step_both", (A, C)), Return(mixed(A, C))),
        one("nothing_at_all", CallMany((), "nothing", (A,)), Return(A)),
        one("one_result", CallMany(("x",), "single", (A,)), Return(mixed(A, X))),
        one("never_read", CallMany(("x", "y"), "swap", (A, C)), Return(A)),
        one("read_before", Assign("x", A), CallMany(("x", "y"), "swap", (add(X, C), X)), Return(mixed(X, Y))),
        one("of_a_nest", CallMany(("a", "", "b"), "inner", (C, A)), Return(mixed(A, C))),
        one(
            "in_branches",
            If(Compare("lt", A, C), (CallMany(("x", "y"), "swap", (A, C)),), (CallMany(("y", "x"), "swap", (A, C)),)),
            If(Compare("lt", X, const(L, 0)), (CallMany(("x", ""), "step_both", (X, Y)),), ()),
            Return(mixed(X, Y)),
        ),
        one(
            "in_a_branch_alone",
            If(Compare("lt", A, C), (CallMany(("x", "y"), "swap", (A, C)), Assign("a", mixed(X, Y))), ()),
            Return(A),
        ),
        one(
            "in_a_loop",
            START,
            Loop(
                0,
                SMALL,
                (
                    CallMany(("a", "b", "x"), "inner", (A, C)),
                    If(Compare("eq", X, const(L, 3)), (Continue(),), ()),
                    CallMany(("x", "y"), "even_odd", (add(X, C),)),
                    Assign("a", mixed(A, X, Y)),
                ),
                STEP,
            ),
            Return(mixed(A, C)),
        ),
        one(
            "in_a_step",
            START,
            Loop(
                0,
                SMALL,
                (If(Compare("lt", A, C), (Continue(),), ()), Assign("b", add(C, const(L, 1)))),
                (CALL_SWAP, *STEP),
            ),
            Return(mixed(A, C)),
        ),
        one("with_calls_in_args", CallMany(("x", "y"), "swap", (Call(L, "swapped", (A, C)), A)), Return(mixed(X, Y))),
        one("after_many_returns", CallMany(("x", "y"), "even_odd", (A,)), Return(mixed(Y, X))),
    )
}
PROGRAM = program(SWAP, STEP_BOTH, NOTHING, SINGLE, EVEN_ODD, INNER, *CASES.values())
VALUES = [0, 1, -1, 3, L.high, L.low, 12345]


@pytest.fixture(scope="module")
def executors(tmp_path_factory: pytest.TempPathFactory) -> Executors:
    flags = ("-Wall", "-Wextra", "-Wconversion", "-Werror")
    return Executors(PROGRAM, tmp_path_factory.mktemp("many"), jit_levels=(0, 1, 2, 3), c_flags=flags)


@pytest.mark.parametrize("name", CASES)
def test_executors_agree(executors: Executors, name: str) -> None:
    for args in itertools.product(VALUES, VALUES):
        executors.check(name, args)


def test_what_the_calls_mean(executors: Executors) -> None:
    def result(name: str, a: int, b: int) -> int:
        return int(executors.check(name, (a, b)))

    def expected(*values: int) -> int:
        total = 0
        for value in values:
            total = total * 1_000_003 + value
        return total

    assert result("swapped", 2, 5) == expected(5, 2)
    assert result("one_target", 2, 5) == expected(2, 5)  # the last result stays
    assert result("shifted", 2, 5) == expected(7, 12)
    assert result("dropped", 2, 5) == expected(2, 5, 2)
    assert result("of_a_nest", 2, 5) == expected(2, 9)
    assert result("read_before", 2, 5) == expected(2, 7)


@pytest.mark.parametrize("count", [1, 5, 13])
def test_results_of_every_type(count: int, tmp_path: Path) -> None:
    """Also so many that they do not fit into registers."""
    types = [SCALARS[i % len(SCALARS)] for i in range(count)]
    arguments = tuple(Variable(f"p{i}", type) for i, type in enumerate(types))
    rotate = many("rotate", arguments, *[var(v.type, v.name) for v in (*arguments[1:], arguments[0])])
    variables = tuple(Variable(f"q{i}", type) for i, type in enumerate(rotate.results))
    call = CallMany(tuple(v.name for v in variables), "rotate", tuple(var(v.type, v.name) for v in arguments))
    getters = [
        Function(f"get{i}", arguments, v.type, variables, (call, Return(var(v.type, v.name))))
        for i, v in enumerate(variables)
    ]
    executors = Executors(program(rotate, *getters), tmp_path, jit_levels=(0, 1, 2, 3))
    for turn in range(8):
        args = [EDGES[type][(7 * turn + i) % len(EDGES[type])] for i, type in enumerate(types)]
        for i, value in enumerate([*args[1:], args[0]]):
            assert str(executors.check(f"get{i}", args)) == str(value)


def test_results_that_are_too_large_to_inline(tmp_path: Path) -> None:
    """Calls that remain calls, at every level."""
    sums = [mixed(*[Binary(L, "xor", A, const(L, i * j)) for i in range(60)]) for j in range(1, 4)]
    large = many("large", params(L, L), *sums, Compare("lt", A, C), as_double(C))
    variables = (*(Variable(f"s{i}", L) for i in range(3)), Variable("less", B), Variable("d", D))
    call = CallMany(tuple(v.name for v in variables), "large", (A, C))
    total = mixed(*(var(L, f"s{i}") for i in range(3)))
    chosen = Select(D, var(B, "less"), as_double(total), var(D, "d"))
    use = Function("use", params(L, L), D, variables, (call, call, Return(chosen)))
    executors = Executors(program(large, use), tmp_path, jit_levels=(0, 1, 2, 3))
    executors.check_all(("use", args) for args in itertools.product(VALUES, VALUES))


def test_nothing_is_left_of_a_small_call() -> None:
    """No call, and no memory for the results."""
    text = emit_asm(program(SWAP, CASES["swapped_twice"]), opt=1)
    assert "call" not in text and "rsp" not in text


def test_only_functions_with_one_result_are_exported() -> None:
    assert "swapped" in emit_header(PROGRAM) and "anvil_f_swap(" not in emit_header(PROGRAM)
    assert "static inline void anvil_f_swap(" in emit(PROGRAM)
    assert "anvil_f_swap" not in emit(program(SWAP, NOTHING))  # nobody calls them
    code = compile_program(PROGRAM, queries_ir=None, symbols={}, opt=0)
    with pytest.raises(KeyError):
        code.call("swap", 1, 2)


def test_the_interpreter_counts_and_checks() -> None:
    interpreter = Interpreter(PROGRAM)
    assert interpreter.call_many("swap", 2, 5) == (5, 2)
    assert interpreter.steps == 1
    assert interpreter.call_many("nothing", 2) == ()
    assert interpreter.call_many("swapped", 0, 5) == (5 * 1_000_003,)
    with pytest.raises(ValueError, match="use call_many"):
        interpreter.call("swap", 2, 5)
    short = Function("short", (), Type.VOID, (), (ReturnMany((const(L, 1),)),), results=(L, L))
    with pytest.raises(InvalidCore, match="returns 1 values instead of 2"):
        Interpreter(program(short)).call_many("short")
    wrong = one("wrong", CallMany(("x",), "swap", (A, C)), Return(X))
    with pytest.raises(InvalidCore, match="has 2 results, not 1"):
        Interpreter(program(SWAP, wrong)).call("wrong", 1, 2)


def test_printed_and_fingerprinted() -> None:
    text = print_core(program(SWAP, NOTHING, CASES["dropped"], CASES["nothing_at_all"]))
    assert "function swap(a: int64_t, b: int64_t) -> (int64_t, int64_t) {\n  return b, a\n" in text
    assert "function nothing(a: int64_t) -> () {\n  return\n" in text
    assert "  _, x = step_both(a, b)\n" in text
    assert "\n  nothing(a)\n" in text

    def made(x: str, y: str, names: str) -> str:
        function, p, q = names.split()
        body = (CallMany((x, y), function, (A, C)), Return(mixed(var(L, p), var(L, q))))
        caller = Function("f", params(L, L), L, (Variable(p, L), Variable(q, L)), body)
        return digest(Program((many(function, params(L, L), C, A), caller), entries=(Entry("f", "rank"),)))

    digests = [made(x, y, "swap p q") for x, y in (("p", "q"), ("q", "p"), ("", "p"), ("p", ""))]
    assert len(set(digests)) == 4
    assert made("r", "s", "exchange r s") == digests[0]


def test_assigned_variables() -> None:
    assert assigned((CallMany(("x", "", "y"), "f", ()), If(SMALL, (CallMany(("a",), "g", ()),), ()))) == {"x", "y", "a"}
