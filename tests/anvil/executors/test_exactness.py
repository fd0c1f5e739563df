"""What compilers are tempted to change: mathematics on constants, contraction, names, large programs."""

from __future__ import annotations

import math
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from anvil import runtime
from anvil.backend_c import BuildFailed, build_shared, emit, emit_header, load_shared
from anvil.backend_llvm import compile_program, emit_asm, emit_llvm, emit_object
from anvil.builtins import BUILTINS
from anvil.core import (
    Assign,
    Binary,
    Compare,
    Entry,
    Expr,
    Function,
    Loop,
    Math,
    Program,
    Return,
    Select,
    Variable,
)
from tests.anvil.executors.shorthand import (
    EDGES,
    D,
    L,
    N,
    add,
    const,
    counting,
    function,
    math_call,
    mul,
    params,
    program,
    var,
)
from tests.anvil.executors.side_by_side import Executors

X = params(D)
RUNTIME = [builtin for builtin in BUILTINS.values() if builtin.kind == "runtime"]


def _on_constants() -> list[Function]:
    """Where MPFR, with which gcc computes calls of libm on constants, rounds differently in every tenth case."""
    rng = random.Random(5)
    made: list[Function] = []
    for builtin in RUNTIME:
        for i in range(20):
            args = (const(D, math.exp(rng.uniform(-3, 5))) for _ in range(builtin.arity))
            made.append(function(f"{builtin.name}_{i}", (), math_call(builtin.name, *args)))
    return made


def _tempting() -> list[Function]:
    """Calls that compilers replace by others: pow(x, 2) by x * x, pow(2, x) by exp2(x), ..."""
    x = var(D, "a")
    powers = [function(f"pow_x_{i}", X, math_call("pow", x, const(D, p))) for i, p in enumerate((2.0, -1.0, 0.5, 3.0))]
    bases = [function(f"pow_{i}_x", X, math_call("pow", const(D, b), x)) for i, b in enumerate((2.0, 10.0, 1.0))]
    chains = [
        function("log_pow", X, math_call("log", math_call("pow", x, const(D, 2.0)))),
        function("exp_log", X, math_call("exp", math_call("log", x))),
        function("sin_cos", X, add(math_call("sin", x), math_call("cos", x))),
        function("fused", params(D, D, D), add(mul(x, var(D, "b")), var(D, "c"))),
        function("by_ten", X, Binary(D, "div", x, const(D, 10.0))),
        function("plus_zero", X, add(x, const(D, 0.0))),
        function("minus_self", X, Binary(D, "sub", x, x)),
        function("times_zero", X, mul(x, const(D, 0.0))),
    ]
    return [*powers, *bases, *chains]


TEMPTING = _tempting()


@pytest.fixture(scope="module")
def executors(tmp_path_factory: pytest.TempPathFactory) -> Executors:
    clamps = [
        function(
            f"clamp_{low + 2}_{high + 2}", params(N), Math(N, "clamp", (var(N, "a"), const(N, low), const(N, high)))
        )
        for low in range(-2, 3)
        for high in range(-2, 3)
    ]
    return Executors(program(*_on_constants(), *TEMPTING, *clamps), tmp_path_factory.mktemp("exactness"))


def test_mathematics_on_constants_is_left_to_run_time(executors: Executors) -> None:
    executors.check_all((f"{builtin.name}_{i}", ()) for builtin in RUNTIME for i in range(20))


@pytest.mark.parametrize("name", [f.name for f in TEMPTING])
def test_nothing_is_rewritten(executors: Executors, name: str) -> None:
    rng = random.Random(name)
    arity = len(executors.program.function(name).params)
    cases = [[rng.choice(EDGES[D]) for _ in range(arity)] for _ in range(40)]
    cases += [[rng.uniform(0.1, 10) for _ in range(arity)] for _ in range(400)]
    executors.check_all((name, args) for args in cases)


def test_clamp_with_constant_limits_in_any_order(executors: Executors) -> None:
    """gcc 12 -O1 made another function of `x < 1 ? 1 : 0 < x ? 0 : x`."""
    names = [f.name for f in executors.program.functions if f.name.startswith("clamp_")]
    executors.check_all((name, (x,)) for name in names for x in range(-4, 5))


def test_power_is_called_even_for_squares() -> None:
    square = program(TEMPTING[0])
    assert "anvil_rt_pow" in emit_asm(square, opt=3)
    assert "anvil_rt_pow" in emit(square)


def test_modules_name_no_function_that_llvm_knows() -> None:
    """Only exact intrinsics and opaque names."""
    everything = program(*_on_constants(), *TEMPTING)
    called = set(re.findall(r"@([\w.]+)\(", emit_llvm(everything)))
    strange = {name for name in called if not name.startswith(("anvil_rt_", "anvil_f_"))}
    assert strange <= {"llvm.fabs.f64", "llvm.trunc.f64"}


def test_a_loop_is_not_recognised_as_power(tmp_path: Path) -> None:
    start, step = counting("i", 0)
    body = (
        Assign("y", const(D, 1.0)),
        start,
        Loop(0, Compare("lt", var(N, "i"), const(N, 7)), (Assign("y", mul(var(D, "y"), var(D, "a"))),), step),
        Return(var(D, "y")),
    )
    made = Function("power", X, D, (Variable("y", D), Variable("i", N)), body)
    Executors(program(made), tmp_path).check_all(("power", (x,)) for x in EDGES[D])


def test_deep_and_wide_expressions(tmp_path: Path) -> None:
    """C compilers limit the nesting of parentheses; long expressions are cut into named parts."""
    deep: Expr = var(N, "a")
    for i in range(150):
        deep = Binary(N, ("add", "mul", "sub")[i % 3], const(N, i), deep)
    chosen: Expr = var(N, "a")
    for i in range(40):
        chosen = (
            Select(N, Compare("gt", chosen, const(N, i)), add(chosen, const(N, 1)), var(N, "a")) if i < 6 else chosen
        )
    made = program(function("deep", params(N), deep), function("chosen", params(N), chosen))
    Executors(made, tmp_path).check_all((name, (x,)) for name in ("deep", "chosen") for x in EDGES[N])


def test_names_of_the_source_cannot_clash(tmp_path: Path) -> None:
    """With keywords and functions of C, or with each other after mangling."""
    names = ["int", "gamma", "y0", "t1", "cx", "Ewma::update", "Ewma__update", "row", "linux"]
    arguments = tuple(Variable(name, L) for name in names)
    total: Expr = const(L, 0)
    for i, name in enumerate(names):
        total = add(total, mul(var(L, name), const(L, 3**i)))
    made = program(*(Function(name, arguments, L, (), (Return(total),)) for name in names))
    Executors(made, tmp_path).check_all((name, tuple(range(1, len(names) + 1))) for name in names)


def test_objects_and_headers(tmp_path: Path) -> None:
    """A file for a linker, with the header of the emitted C."""
    compiler = shutil.which("gcc") or "cc"
    made = Program(
        (function("score", (Variable("obj_id", L),), const(D, 0.1)),), (), (Entry("score", "rank"),), (), ("score",)
    )
    (tmp_path / "score.o").write_bytes(emit_object(made))
    (tmp_path / "score.h").write_text(emit_header(made))
    main = '#include "score.h"\nint main(void) { return score(0, 0, 7) == 0.1 && anvil_f_score(7) == 0.1 ? 0 : 1; }\n'
    (tmp_path / "main.c").write_text(main)
    flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "main.c", "score.o", "-o", "main", "-lm"]
    subprocess.run([compiler, *flags], cwd=tmp_path, check=True)
    assert subprocess.run([tmp_path / "main"]).returncode == 0


def test_the_runtime_library() -> None:
    functions = runtime.functions()
    assert functions.keys() == {builtin.name for builtin in RUNTIME}
    assert functions["pow"](2.0, 10.0) == 1024.0
    assert math.isnan(functions["log"](-1.0))
    assert set(runtime.addresses()) == {f"anvil_rt_{builtin.name}" for builtin in RUNTIME}
    assert "anvil_rt_pow" in runtime.c_source()
    chosen = runtime.c_source({"anvil_div_i32"})
    assert "anvil_div_i32" in chosen and "anvil_rt_pow" not in chosen


def test_the_text_of_the_runtime_library_has_no_warnings() -> None:
    for compiler in ("gcc", "clang-14"):
        if found := shutil.which(compiler):
            flags = [
                "-std=c11",
                "-Wall",
                "-Wextra",
                "-Wconversion",
                "-Wpedantic",
                "-Werror",
                "-fsyntax-only",
                "-x",
                "c",
            ]
            subprocess.run([found, *flags, "-"], input=runtime.c_source(), text=True, check=True)


def test_a_failed_build_says_why(tmp_path: Path) -> None:
    made = program(TEMPTING[0])
    with pytest.raises(BuildFailed, match="refused"):
        build_shared(made, tmp_path / "x.so", flags=["-no-such-flag"])


def test_code_lives_as_long_as_its_object(tmp_path: Path) -> None:
    made = program(TEMPTING[0])
    codes = [compile_program(made, queries_ir=None, symbols={}, opt=0) for _ in range(20)]
    assert [code.call("pow_x_0", 3.0) for code in reversed(codes)] == [9.0] * 20
    build_shared(made, tmp_path / "x.so")
    assert load_shared(tmp_path / "x.so", made).call("pow_x_0", 3.0) == 9.0


def test_optimisation_levels_are_checked() -> None:
    with pytest.raises(ValueError, match="level 4"):
        compile_program(program(TEMPTING[0]), queries_ir=None, symbols={}, opt=4)
