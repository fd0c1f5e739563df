"""Functions of the host: called in order, with the values and under the types of their declarations."""

from __future__ import annotations

import itertools
import math
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from anvil import native
from anvil.backend_c import build_shared, emit, load_shared
from anvil.backend_llvm import LinkFailed, compile_program, emit_asm, emit_llvm, emit_object
from anvil.core import (
    Assign,
    Call,
    CallMany,
    Compare,
    Entry,
    Expr,
    ExternCall,
    ExternFunction,
    Function,
    If,
    Logical,
    Loop,
    Math,
    Program,
    Query,
    Return,
    ReturnMany,
    Select,
    Variable,
)
from anvil.core_printer import print_core
from anvil.fingerprint import digest
from anvil.fold import evaluate
from anvil.interp import ExternFailed, Interpreter, InvalidCore, Value
from anvil.runtime.native import HostFunctions, NativeCode
from anvil.store import ReferenceStore
from anvil.types import Type
from tests.anvil.executors.native_view import NativeView, slots
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
    function,
    mul,
    params,
    same,
    var,
)
from tests.anvil.executors.side_by_side import Executors

WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Werror")
NOTE = ExternFunction("note_down", params(L), L)
COST = ExternFunction("cost_of", params(L), L, pure=True, cost=9)
A, C = var(L, "a"), var(L, "b")
EXTERNS: dict[str, Callable[..., Value]] = {"note_down": lambda x: x, "cost_of": lambda x: x ^ 5}


def note(value: Expr | int) -> ExternCall:
    return ExternCall(L, "note_down", (const(L, value) if isinstance(value, int) else value,))


def cost(value: Expr) -> ExternCall:
    return ExternCall(L, "cost_of", (value,))


def positive(value: Expr) -> Compare:
    return Compare("gt", value, const(L, 0))


START, STEP = counting("i", 0)
FEW = Compare("lt", var(N, "i"), const(N, 3))
PAIR = Function("pair", params(L, L), Type.VOID, (), (ReturnMany((note(A), note(C))),), results=(L, L))
HELPER = function("helper", params(L), add(note(A), note(add(A, const(L, 10)))))
VARIABLES = (Variable("x", L), Variable("y", L), Variable("i", N))

ORDERED = {
    name: Function(name, params(L, L), L, VARIABLES, body)
    for name, body in {
        "left_to_right": (Return(add(note(1), mul(note(A), note(C)))),),
        "in_arguments": (Return(add(note(note(A)), Call(L, "helper", (note(C),)))),),
        "of_a_math": (Return(Math(L, "clamp", (note(A), note(2), note(C)))),),
        "chosen": (Return(Select(L, positive(note(A)), note(3), note(C))),),
        "not_eager": (Return(Select(L, positive(A), note(3), const(L, 0))),),
        "short_cut": (
            If(
                Logical("and", positive(note(A)), Logical("or", positive(note(C)), positive(note(7)))),
                (Return(note(8)),),
                (),
            ),
            Return(const(L, 9)),
        ),
        "unused": (Assign("x", note(A)), Return(C)),
        "in_a_loop": (
            START,
            Assign("x", const(L, 0)),
            Loop(0, Logical("and", FEW, positive(note(A))), (Assign("x", add(var(L, "x"), note(C))),), STEP),
            Return(var(L, "x")),
        ),
        "in_a_step": (
            START,
            Loop(0, FEW, (Assign("a", note(C)),), (*STEP, Assign("x", note(A)), Assign("b", note(3)))),
            Return(C),
        ),
        "many": (
            CallMany(("b", "a"), "pair", (note(A), note(C))),
            CallMany(("", ""), "pair", (A, C)),
            CallMany(("x", ""), "pair", (A, Call(L, "helper", (C,)))),
            Return(var(L, "x")),
        ),
        "twice": (Return(add(note(A), note(A))),),
        "around_pure": (Return(add(add(cost(A), note(A)), add(cost(A), note(cost(C))))),),
    }.items()
}
PROGRAM = Program((HELPER, PAIR, *ORDERED.values()), externs=(NOTE, COST))


@pytest.fixture(scope="module")
def executors(tmp_path_factory: pytest.TempPathFactory) -> Executors:
    folder = tmp_path_factory.mktemp("externs")
    return Executors(PROGRAM, folder, jit_levels=(0, 1, 2, 3), externs=EXTERNS, c_flags=WARNINGS)


@pytest.mark.parametrize("name", ORDERED)
def test_calls_come_in_the_same_order(executors: Executors, name: str) -> None:
    for args in itertools.product([0, 1, -1, 12345, L.low], repeat=2):
        executors.check(name, args)


def test_the_order_is_that_of_the_source(executors: Executors) -> None:
    def calls(name: str, *args: int) -> list[Value]:
        _, recorded = executors._run(executors.reference, name, args)
        return [value for _, (value,) in recorded]

    assert calls("left_to_right", 5, 6) == [1, 5, 6]
    assert calls("in_arguments", 5, 6) == [5, 5, 6, 6, 16]
    assert calls("chosen", 5, 6) == [5, 3]
    assert calls("not_eager", 0, 0) == []
    assert calls("short_cut", 0, 6) == [0]
    assert calls("short_cut", 1, 0) == [1, 0, 7, 8]
    assert calls("in_a_loop", 1, 2) == [1, 2, 1, 2, 1, 2]
    assert calls("many", 5, 6) == [5, 6, 5, 6, 6, 5, 5, 15, 6, 20]
    assert calls("twice", 4, 0) == [4, 4]


def test_all_types_both_ways(tmp_path: Path) -> None:
    externs = tuple(ExternFunction(f"echo_{type.name.lower()}", params(*SCALARS, type), type) for type in SCALARS)
    made = [
        function(
            f"f_{extern.name}",
            extern.params,
            ExternCall(extern.result, extern.name, tuple(var(p.type, p.name) for p in extern.params)),
        )
        for extern in externs
    ]
    echo = {extern.name: lambda *args: args[-1] for extern in externs}
    executors = Executors(Program(tuple(made), externs=externs), tmp_path, jit_levels=(0, 1, 2, 3), externs=echo)
    for extern in externs:
        for i, value in enumerate(EDGES[extern.result]):
            args = [EDGES[type][i % len(EDGES[type])] for type in SCALARS]
            assert same(executors.check(f"f_{extern.name}", (*args, value)), value)


NAMES = ["pow", "floor", "double", "_Bool", "restrict", "register", "main", "malloc", "memcpy", "printf", "abs", "y0"]
NAMES += [
    "t1",
    "t_1",
    "v_a",
    "cx",
    "row",
    "row_id",
    "linux",
    "NULL",
    "true",
    "int64_t",
    "HUGE_VAL",
    "r1",
    "static_assert",
]
NAMES += [
    "plain_name",
    "camelCase",
    "next_1",
    "score",
    "thread_local",
    "strlen",
    "isnan",
    "a",
    "_x",
    "__y",
    "math_errhandling",
]


def test_any_name_will_do(tmp_path: Path) -> None:
    """Those of C, of its library, of compilers and of what is emitted around them."""
    externs = tuple(ExternFunction(name, params(D), D, pure=i % 2 == 0) for i, name in enumerate(NAMES))
    total: Expr = Math(D, "floor", (Math(D, "pow", (var(D, "a"), const(D, 1.5))),))
    for name in NAMES:
        total = add(const(D, 0.5), ExternCall(D, name, (total,)))
    made = Program((function("everything", params(D), total),), externs=externs)
    factors = {name: (lambda x, k=k: x * k) for k, name in enumerate(NAMES)}
    executors = Executors(made, tmp_path, jit_levels=(0, 1, 2, 3), externs=factors, c_flags=WARNINGS)
    for x in (0.3, 2.0, 7.7):
        executors.check("everything", (x,))
    for compiler in filter(shutil.which, ("gcc", "clang-14")):
        for standard in ("c11", "gnu17"):
            command = [compiler, f"-std={standard}", *WARNINGS, "-c", "-x", "c", "-", "-o", str(tmp_path / "x.o")]
            subprocess.run(command, input=emit(made), text=True, check=True)


@pytest.mark.parametrize("name", ["anvil_f_score", "anvil_rt_pow", "vk_find_row", "score", "score_batch", "a.b", "1x"])
def test_a_name_that_the_program_has_is_refused(name: str) -> None:
    extern = ExternFunction(name, params(L), D)
    score = function("score", (Variable("obj_id", L),), ExternCall(D, name, (var(L, "obj_id"),)))
    made = Program((score,), (), (Entry("score", "rank"),), (extern,))
    for use in (emit, emit_llvm):
        with pytest.raises(ValueError, match="cannot be the name of a function of the host"):
            use(made)


def test_files_for_a_linker(tmp_path: Path) -> None:
    """The emitted C and the object file call the host under its own names."""
    externs = (COST, ExternFunction("register_", params(B, N), D), ExternFunction("index", params(), B))
    value = add(as_double(cost(A)), ExternCall(D, "register_", (ExternCall(B, "index", ()), const(N, -3))))
    made = Program((function("score", params(L), value),), (), (Entry("score", "rank"),), externs, ("score",))
    (tmp_path / "host.c").write_text(
        "#include <stdbool.h>\n#include <stdint.h>\n"
        "int64_t cost_of(int64_t k); double register_(bool a, int32_t b); bool index(void);\n"
        "double anvil_f_score(int64_t k); double score(const void *, const void *, int64_t);\n"
        "int64_t cost_of(int64_t k) { return k ^ 5; }\ndouble register_(bool a, int32_t b) { return a ? b : 7; }\n"
        "bool index(void) { return true; }\n"
        "int main(void) { return anvil_f_score(6) == 0 && score(0, 0, 5) == -3 ? 0 : 1; }\n"
    )
    (tmp_path / "score.c").write_text(emit(made))
    (tmp_path / "score.o").write_bytes(emit_object(made))
    assert "extern int64_t cost_of(int64_t) __attribute__((const));" in emit(made)
    for part in ("score.c", "score.o"):
        command = ["gcc", "-std=c11", "-O2", "-fno-builtin", "host.c", part, "-o", "main", "-lm"]
        subprocess.run(command, cwd=tmp_path, check=True)
        assert subprocess.run([tmp_path / "main"]).returncode == 0
    assert "call" in emit_asm(made) and "cost_of" in emit_asm(made)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    made = Program((function("f", params(L), add(note(A), cost(A))),), externs=(NOTE, COST))
    build_shared(made, tmp_path / "f.so")
    some = HostFunctions(made, {"note_down": EXTERNS["note_down"]})
    assert set(some.symbols) == {"note_down"}
    with pytest.raises(KeyError, match="cost_of"):
        load_shared(tmp_path / "f.so", made, some.symbols)
    with pytest.raises(LinkFailed, match=r"no address for cost_of:"):
        compile_program(made, queries_ir=None, symbols=some.symbols)
    with pytest.raises(LinkFailed, match=r"no address for cost_of, note_down:"):
        compile_program(made, queries_ir=None, symbols={})
    with pytest.raises(ExternFailed, match="the function cost_of of the host is not given"):
        Interpreter(made, externs={"note_down": EXTERNS["note_down"]}).call("f", 1)
    with pytest.raises(InvalidCore, match="note_down is not declared"):
        Interpreter(Program(made.functions), externs=EXTERNS).call("f", 1)


def test_what_is_declared_and_never_called_need_not_be_there(tmp_path: Path) -> None:
    made = Program((function("f", params(L), A),), externs=(NOTE, COST))
    assert "cost_of" not in emit(made) + emit_llvm(made)
    assert Executors(made, tmp_path).check("f", (4,)) == 4


def test_two_programs_have_their_own_functions(tmp_path: Path) -> None:
    """No symbol is known to the whole process."""
    made = Program((function("f", params(L), cost(A)),), externs=(COST,))
    hosts = [HostFunctions(made, {"cost_of": lambda x, k=k: x + k}) for k in (1, 2)]
    codes: list[NativeCode] = [compile_program(made, queries_ir=None, symbols=host.symbols) for host in hosts]
    for k in (1, 2):
        build_shared(made, tmp_path / f"{k}.so")
    codes += [load_shared(tmp_path / f"{k}.so", made, host.symbols) for k, host in enumerate(hosts, 1)]
    assert [code.call("f", 10) for code in codes] == [11, 12, 11, 12]


GARBAGE: list[tuple[Type, object]] = [
    (N, 2**31),
    (N, 1.0),
    (N, True),
    (L, None),
    (L, "1"),
    (L, -(2**63) - 1),
    (B, 1),
    (D, "1.0"),
    (D, None),
    (D, False),
    (D, 10**400),
    (D, 1j),
]


@pytest.mark.parametrize(("type", "value"), GARBAGE)
def test_garbage_from_the_host_is_refused(type: Type, value: object) -> None:
    extern = ExternFunction("get", (), type)
    made = Program((function("f", (), ExternCall(type, "get", ())),), externs=(extern,))
    with pytest.raises(ExternFailed, match=r"^get gave .*, which is not a value of"):
        Interpreter(made, externs={"get": lambda: value}).call("f")
    host = HostFunctions(made, {"get": lambda: value})
    assert compile_program(made, queries_ir=None, symbols=host.symbols).call("f") == 0
    with pytest.raises(ExternFailed, match="get gave"):
        host.check()
    host.check()


def test_results_are_converted_and_errors_pass_through() -> None:
    made = Program((function("f", (), ExternCall(D, "get", ())),), externs=(ExternFunction("get", (), D),))
    assert same(Interpreter(made, externs={"get": lambda: 3}).call("f"), 3.0)
    assert math.isnan(float(Interpreter(made, externs={"get": lambda: math.nan}).call("f")))
    with pytest.raises(ZeroDivisionError):
        Interpreter(made, externs={"get": lambda: 1 // 0}).call("f")


def test_never_folded() -> None:
    assert evaluate(cost(const(L, 1)), {}) is None
    assert evaluate(add(const(L, 1), cost(const(L, 1))), {}) is None
    assert evaluate(Select(L, const(B, True), const(L, 1), note(1)), {}) is None


def test_printed_and_fingerprinted() -> None:
    made = Program((function("f", params(L), add(cost(A), note(A))),), externs=(NOTE, COST))
    text = print_core(made)
    assert text.startswith("extern note_down(a: int64_t) -> int64_t   # cost 0\n")
    assert "extern cost_of(a: int64_t) -> int64_t   # pure, cost 9" in text
    assert "return (extern cost_of(a) +.i64 extern note_down(a))" in text
    other = Program((function("f", params(L), add(note(A), cost(A))),), externs=(NOTE, COST))
    assert digest(made) != digest(other)


# ------------------------------------------------------------------------------------------------ with a store

SLOTS = slots(("heat", "object", L, "Latest", ()))


def test_in_entries_and_their_batches(tmp_path: Path) -> None:
    """An extern is called once an object, in the order of the objects; what is pure may leave the loop."""
    heat = Query(L, "get_latest", "vk_latest_get_i64", 0, var(L, "a"), (), ())
    seen = Function(
        "seen", params(L), Type.VOID, (), (ReturnMany((note(heat), cost(const(L, 3)))),), True, results=(L, L)
    )
    body = (CallMany(("x", "y"), "seen", (A,)), Return(as_double(add(var(L, "x"), mul(var(L, "y"), note(A))))))
    score = Function("score", params(L), D, VARIABLES[:2], body, True)
    # The id of the object is another one after the call.
    moved_body = (CallMany(("a", ""), "seen", (A,)), Return(as_double(heat)))
    moved = Function("moved", params(L), D, (), moved_body, True)
    value = Function("total", (), D, (Variable("a", L), *VARIABLES[:2]), (Assign("a", const(L, 2)), *body), True)
    entries = (Entry("score", "rank"), Entry("moved", "rank"), Entry("total", "value"))
    made = Program((seen, score, moved, value), SLOTS, entries, (NOTE, COST))
    store = ReferenceStore(SLOTS)
    for i in range(6):
        store.update("heat", (i * 4) % 6, i)
    view = NativeView(store)
    calls: list[int] = []

    def note_down(x: int) -> int:
        calls.append(x)
        return x

    externs: dict[str, Callable[..., object]] = {**EXTERNS, "note_down": note_down}
    host = HostFunctions(made, externs)
    header, ir, symbols = native.queries_header(), native.queries_ir(), {**view.symbols, **host.symbols}
    build_shared(made, tmp_path / "p.so", "-O3", queries_header=header, flags=WARNINGS)
    codes: dict[str, NativeCode] = {"C": load_shared(tmp_path / "p.so", made, symbols)}
    codes |= {f"O{o}": compile_program(made, queries_ir=ir, symbols=symbols, opt=o) for o in range(4)}
    objects = [3, 0, 5, 2, 4, 1]
    reference = Interpreter(made, store, externs=externs)
    for entry in entries:
        arguments = [(i,) for i in objects] if entry.kind == "rank" else [()]
        calls.clear()
        expected = [float(reference.call(entry.function, *args)) for args in arguments]
        order = list(calls)
        for label, code in codes.items():
            calls.clear()
            got = [view.score(code, entry.function, *(args or (0,))) for args in arguments]
            assert (got, calls) == (expected, order), f"{label}: {entry.function}"
            if entry.kind == "rank":
                calls.clear()
                assert (view.score_batch(code, entry.function, objects), calls) == (expected, order), label
    host.check()
