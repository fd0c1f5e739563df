"""Every form that a program can be written in, by the name of the target."""

from __future__ import annotations

import tempfile
from pathlib import Path

from anvil import native
from anvil.driver import Compiled, compile
from anvil.frontend.dump import dump
from anvil.frontend.parser import parse
from anvil.interface import Interface


def emit(target: str, source: str, filename: str, interface: Interface | None, *, budget: int) -> str | bytes:
    """The program as text or, for `obj` and `so`, as bytes; raises Rejected where the program is not accepted."""
    if target == "ast":
        return dump(parse(source, filename))
    return _compiled(target, compile(source, interface, filename=filename, budget=budget))


def _compiled(target: str, compiled: Compiled) -> str | bytes:
    match target:
        case "typed":
            from anvil.frontend.printer import print_module

            return print_module(compiled.module)
        case "core":
            from anvil.core_printer import print_core

            return print_core(compiled.program)
        case "c":
            return compiled.c_source()
        case "so":
            return _shared(compiled)
    return _machine(target, compiled)


def _machine(target: str, compiled: Compiled) -> str | bytes:
    from anvil import backend_llvm

    ir = native.queries_ir() if compiled.program.slots else None
    match target:
        case "llvm":
            return backend_llvm.emit_llvm(compiled.program, queries_ir=ir)
        case "asm":
            return backend_llvm.emit_asm(compiled.program, queries_ir=ir)
        case "obj":
            return backend_llvm.emit_object(compiled.program, queries_ir=ir)
    raise ValueError(f"unknown target {target}")


def _shared(compiled: Compiled) -> bytes:
    from anvil.backend_c import build_shared

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "heuristic.so"
        header = native.queries_header() if compiled.program.slots else None
        build_shared(compiled.program, path, queries_header=header)
        return path.read_bytes()
