"""All executors of one program, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from anvil.backend_c import build_shared, load_shared
from anvil.backend_llvm import compile_program
from anvil.core import Program
from anvil.interp import Interpreter, Value
from anvil.runtime.native import HostFunctions, NativeCode
from tests.anvil.executors.shorthand import same

LEVELS = (0, 1, 2)


class Executors:
    """The interpreter and the compiled forms of a program without queries.

    `externs` are the functions of the host. Calls of those that are not declared pure must be the same everywhere;
    `restart` is called before every run, for externs that remember something.
    """

    def __init__(
        self,
        program: Program,
        folder: Path,
        c_opt: str = "-O3",
        jit_levels: Sequence[int] = LEVELS,
        externs: Mapping[str, Callable[..., Value]] | None = None,
        restart: Callable[[], None] = lambda: None,
        c_flags: Sequence[str] = (),
    ) -> None:
        program = replace(program, exports=tuple(function.name for function in program.functions))
        self.program = program
        self.restart = restart
        self.calls: list[tuple[str, tuple[Value, ...]]] = []
        self.total_calls = 0
        recorded = {extern.name: self._recorded(extern.name, extern.pure, externs or {}) for extern in program.externs}
        self.reference = Interpreter(program, externs=recorded)
        self.host = HostFunctions(program, recorded)
        self.native: dict[str, NativeCode] = {}
        if c_opt:
            path = folder / "program.so"
            build_shared(program, path, c_opt, flags=c_flags)
            self.native[f"C {c_opt}"] = load_shared(path, program, self.host.symbols)
        for level in jit_levels:
            code = compile_program(program, queries_ir=None, symbols=self.host.symbols, opt=level)
            self.native[f"JIT O{level}"] = code

    def check(self, name: str, args: Sequence[Value]) -> Value:
        """The result of the interpreter, after all others gave the same."""
        expected, calls = self._run(self.reference, name, args)
        self.total_calls += len(calls)
        for label, code in self.native.items():
            got, others = self._run(code, name, args)
            assert same(got, expected), f"{label}: {name}{tuple(args)} is {got!r}, not {expected!r}"
            # As text: all NaNs read the same, and 0.0 is not -0.0.
            assert str(others) == str(calls), f"{label}: {name}{tuple(args)} calls {others}, not {calls}"
        return expected

    def check_all(self, cases: Iterable[tuple[str, Sequence[Value]]]) -> int:
        count = 0
        for name, args in cases:
            self.check(name, args)
            count += 1
        return count

    def _run(
        self, code: Interpreter | NativeCode, name: str, args: Sequence[Value]
    ) -> tuple[Value, list[tuple[str, tuple[Value, ...]]]]:
        self.restart()
        self.calls = []
        result = code.call(name, *args)
        self.host.check()
        return result, self.calls

    def _recorded(self, name: str, pure: bool, externs: Mapping[str, Callable[..., Value]]) -> Callable[..., Value]:
        def call(*args: Value) -> Value:
            if not pure:
                self.calls.append((name, args))
            return externs[name](*args)

        return call
