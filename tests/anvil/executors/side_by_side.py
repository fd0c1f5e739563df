"""All executors of one program, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from anvil.backend_c import build_shared, load_shared
from anvil.backend_llvm import compile_program
from anvil.core import Program
from anvil.interp import Interpreter, Value
from anvil.runtime.native import NativeCode
from tests.anvil.executors.shorthand import same


class Executors:
    """The interpreter and the compiled forms of a program without queries."""

    def __init__(
        self, program: Program, folder: Path, c_opt: str = "-O3", jit_levels: Sequence[int] = (0, 1, 2)
    ) -> None:
        self.program = program
        self.reference = Interpreter(program)
        self.native: dict[str, NativeCode] = {}
        if c_opt:
            path = folder / "program.so"
            build_shared(program, path, c_opt)
            self.native[f"C {c_opt}"] = load_shared(path, program)
        for level in jit_levels:
            code = compile_program(program, queries_ir=None, symbols={}, opt=level, functions=True)
            self.native[f"JIT O{level}"] = code

    def check(self, name: str, args: Sequence[Value]) -> Value:
        """The result of the interpreter, after all others gave the same."""
        expected = self.reference.call(name, *args)
        for label, code in self.native.items():
            got = code.call(name, *args)
            assert same(got, expected), f"{label}: {name}{tuple(args)} is {got!r}, not {expected!r}"
        return expected

    def check_all(self, cases: Iterable[tuple[str, Sequence[Value]]]) -> int:
        count = 0
        for name, args in cases:
            self.check(name, args)
            count += 1
        return count
