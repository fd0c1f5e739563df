"""Random programs: interpreter = C = JIT, without warnings and without undefined behaviour."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from anvil.backend_c import build_shared, emit, load_shared
from anvil.backend_llvm import emit_llvm
from anvil.core import Function, Program
from anvil.interp import Value
from tests.anvil.executors.generator import Generator
from tests.anvil.executors.shorthand import EDGES
from tests.anvil.executors.side_by_side import Executors

FUNCTIONS = 80
CALLS = 12
WARNINGS = ["-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Wmissing-prototypes", "-Werror", "-fsyntax-only"]


def _program(seed: int, count: int = FUNCTIONS) -> Program:
    generator = Generator(random.Random(seed))
    return Program(tuple(generator.function(f"f{i}") for i in range(count)))


def _calls(program: Program, seed: int, each: int = CALLS) -> list[tuple[str, list[Value]]]:
    rng = random.Random(seed)

    def arguments(function: Function) -> list[Value]:
        return [rng.choice(EDGES[param.type]) for param in function.params]

    return [(function.name, arguments(function)) for function in program.functions for _ in range(each)]


@pytest.fixture(scope="module")
def program() -> Program:
    return _program(1)


def test_executors_agree(program: Program, tmp_path: Path) -> None:
    executors = Executors(program, tmp_path)
    assert executors.check_all(_calls(program, 2)) == FUNCTIONS * CALLS
    assert executors.reference.steps > FUNCTIONS * CALLS * 2


@pytest.mark.parametrize("seed", range(100, 106))
def test_the_jit_agrees_on_more_programs(seed: int, tmp_path: Path) -> None:
    small = _program(seed, 25)
    Executors(small, tmp_path, c_opt="", jit_levels=(0, 1, 2)).check_all(_calls(small, seed))


def test_no_undefined_behaviour(program: Program, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """UBSan writes to the process's standard error."""
    library = tmp_path / "ubsan.so"
    build_shared(program, library, "-O1", flags=["-fsanitize=undefined,float-cast-overflow"])
    code = load_shared(library, program)
    for name, args in _calls(program, 3):
        code.call(name, *args)
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
