"""Random programs: interpreter = C = JIT, without warnings and without undefined behaviour.

Every third function has several results or none, and all of them call functions of a host, whose answers depend on how
often it was called before.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from anvil.backend_c import emit
from anvil.backend_llvm import emit_llvm
from anvil.core import ExternFunction, Function, Program, Variable
from anvil.interp import Value
from anvil.types import Type
from tests.anvil.executors.generator import Generator
from tests.anvil.executors.shorthand import EDGES, SCALARS
from tests.anvil.executors.side_by_side import Executors

FUNCTIONS = 80
CALLS = 12
WARNINGS = ["-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Wmissing-prototypes", "-Werror", "-fsyntax-only"]


def _externs(rng: random.Random) -> tuple[ExternFunction, ...]:
    """For every type, one that is pure and one that is not."""

    def params() -> tuple[Variable, ...]:
        return tuple(Variable(f"a{i}", rng.choice(SCALARS)) for i in range(rng.randint(0, 3)))

    return tuple(
        ExternFunction(f"{'pure' if pure else 'host'}_{type.name.lower()}", params(), type, pure)
        for type in SCALARS
        for pure in (False, True)
    )


def _program(seed: int, count: int = FUNCTIONS) -> Program:
    rng = random.Random(seed)
    generator = Generator(rng, externs=_externs(rng))
    made = [generator.many(f"f{i}") if i % 3 == 2 else generator.function(f"f{i}") for i in range(count)]
    return Program(tuple(made), externs=generator.externs)


@dataclass
class _Host:
    """Answers with an edge value that its arguments choose and, where the function is not pure, the number of calls."""

    program: Program
    calls: int = 0
    externs: dict[str, Callable[..., Value]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.externs = {extern.name: self._function(extern) for extern in self.program.externs}

    def restart(self) -> None:
        self.calls = 0

    def _function(self, extern: ExternFunction) -> Callable[..., Value]:
        def answer(*args: Value) -> Value:
            self.calls += not extern.pure
            key = f"{args} {0 if extern.pure else self.calls}"  # the same for all NaNs
            values = EDGES[extern.result]
            return values[zlib.crc32(key.encode()) % len(values)]

        return answer


def _executors(program: Program, folder: Path, **options: Any) -> Executors:
    host = _Host(program)
    return Executors(program, folder, externs=host.externs, restart=host.restart, **options)


def _calls(program: Program, seed: int, each: int = CALLS) -> list[tuple[str, list[Value]]]:
    rng = random.Random(seed)

    def arguments(function: Function) -> list[Value]:
        return [rng.choice(EDGES[param.type]) for param in function.params]

    callable = [function for function in program.functions if function.result is not Type.VOID]
    return [(function.name, arguments(function)) for function in callable for _ in range(each)]


@pytest.fixture(scope="module")
def program() -> Program:
    return _program(1)


def test_executors_agree(program: Program, tmp_path: Path) -> None:
    executors = _executors(program, tmp_path, jit_levels=(0, 1, 2, 3))
    count = executors.check_all(_calls(program, 2))
    assert count > FUNCTIONS * CALLS / 2
    assert executors.reference.steps > count * 2
    assert executors.total_calls > count


@pytest.mark.parametrize("seed", range(100, 106))
def test_the_jit_agrees_on_more_programs(seed: int, tmp_path: Path) -> None:
    small = _program(seed, 25)
    _executors(small, tmp_path, c_opt="", jit_levels=(0, 1, 2)).check_all(_calls(small, seed))


def test_no_undefined_behaviour(program: Program, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """UBSan writes to the process's standard error."""
    flags = ["-fsanitize=undefined,float-cast-overflow"]
    _executors(program, tmp_path, c_opt="-O1", c_flags=flags, jit_levels=()).check_all(_calls(program, 3))
    assert "runtime error" not in capfd.readouterr().err


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_emitted_c_has_no_warnings(program: Program, compiler: str) -> None:
    found = shutil.which(compiler) or shutil.which(f"{compiler}-14")
    if found is None:
        pytest.skip(f"{compiler} is not installed")
    done = subprocess.run([found, *WARNINGS, "-x", "c", "-"], input=emit(program), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[:2000]


def test_emission_is_deterministic(program: Program) -> None:
    assert emit(program) == emit(_program(1))
    assert emit_llvm(program) == emit_llvm(_program(1))
