"""The one pipeline, from source text to a compiled program; the command line and every library user call it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil import core
from anvil.diagnostics import Diagnostic, Rejected, diagnostic
from anvil.diagnostics.fixes import with_edits
from anvil.frontend import typed
from anvil.frontend.desugar import desugar
from anvil.frontend.parser import Parsed, read
from anvil.frontend.typecheck import check_file
from anvil.interface import Interface
from anvil.span import NOWHERE, Span
from anvil.verify import DEFAULT_BUDGET, Report, verify

if TYPE_CHECKING:
    from anvil.backend_llvm import JitCode

MAX_DIAGNOSTICS = 10
"""Findings shown for one file."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Outcome of a check: `program` and `report` are there exactly when it is accepted."""

    source: str
    filename: str
    diagnostics: tuple[Diagnostic, ...]
    module: typed.Module | None = None
    program: core.Program | None = None
    report: Report | None = None

    @property
    def ok(self) -> bool:
        return self.report is not None

    def render(self) -> str:
        """All findings as a terminal shows them."""
        return "\n\n".join(found.render(self.source, self.filename) for found in self.diagnostics)


def check(
    source: str,
    interface: Interface | None = None,
    *,
    filename: str = "<source>",
    budget: int = DEFAULT_BUDGET,
    exports: tuple[str, ...] = (),
    strict: bool = False,
) -> CheckResult:
    """Parses, types and verifies a source. Never raises for what the source holds.

    What it proves holds for every call of the template's entry points and of the functions named in `exports`; without
    either, of those functions that no other one calls. `strict` rejects what needs a guard at run time.
    """
    try:
        parsed = read(source)
        module, found = check_file(parsed.file, interface) if parsed.file else (None, ())
    except Exception as error:  # fail closed: what the compiler cannot analyse is rejected
        return _internal(source, filename, "reading the program", error)
    if parsed.errors:
        return CheckResult(source, filename, _first((*parsed.errors, *_spared(parsed, found)), source))
    if module is None:
        return CheckResult(source, filename, _first(found, source))
    return _verified(source, filename, module, budget, exports, strict)


def _spared(parsed: Parsed, found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """The findings that stand whatever was left out of a file: those in functions without syntax errors."""
    items = [item.span for item in parsed.file.items] if parsed.file else []
    broken = [span for span in items if any(_within(damage, span) for damage in parsed.damage)]
    if not all(any(_within(damage, span) for span in broken) for damage in parsed.damage):
        return ()  # a declaration that others need may be missing
    intact = [span for span in items if span not in broken]
    return tuple(finding for finding in found if any(_within(finding.span, span) for span in intact))


def _within(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def check_module(
    module: typed.Module,
    *,
    source: str = "",
    filename: str = "<module>",
    budget: int = DEFAULT_BUDGET,
    exports: tuple[str, ...] = (),
) -> CheckResult:
    """As `check`, from a typed AST."""
    return _verified(source, filename, module, budget, exports)


def _verified(
    source: str,
    filename: str,
    module: typed.Module,
    budget: int,
    exports: tuple[str, ...],
    strict: bool = False,
) -> CheckResult:
    try:
        verdict = verify(desugar(module), budget, exports, strict)
    except Exception as error:
        return _internal(source, filename, "verifying the program", error)
    found = _first(verdict.found, source)
    return CheckResult(source, filename, found, module, verdict.program, verdict.report)


def _first(found: tuple[Diagnostic, ...], source: str) -> tuple[Diagnostic, ...]:
    """The findings that are shown, in the order of their places, with the edits that repair them."""
    ordered = sorted(found, key=lambda d: (d.span.start, d.code))[:MAX_DIAGNOSTICS]
    return tuple(with_edits(item, source) for item in ordered)


def _internal(source: str, filename: str, stage: str, error: Exception) -> CheckResult:
    what = f"{type(error).__name__}: {error}"
    return CheckResult(source, filename, (diagnostic("E0901", NOWHERE, stage=stage, what=what),))


@dataclass(frozen=True, slots=True)
class Compiled:
    """An accepted program, ready for any executor."""

    source: str
    filename: str
    module: typed.Module
    program: core.Program
    report: Report

    def jit(self, opt: int = 1, symbols: Mapping[str, int] | None = None) -> JitCode:
        """Machine code in this process, at LLVM's optimisation level `opt`.

        `symbols` gives the addresses of the functions that the program declares `extern`.
        """
        from anvil.backend_llvm import compile_program
        from anvil.native import queries_ir, runtime_symbols

        needs = bool(self.program.slots)
        return compile_program(
            self.program,
            queries_ir=queries_ir() if needs else None,
            symbols={**(runtime_symbols() if needs else {}), **(symbols or {})},
            opt=opt,
        )

    def c_source(self) -> str:
        """The program as one self-contained C11 file."""
        from anvil.backend_c import emit
        from anvil.native import queries_header

        return emit(self.program, queries_header=queries_header() if self.program.slots else None)


def compile(
    source: str,
    interface: Interface | None = None,
    *,
    filename: str = "<source>",
    budget: int = DEFAULT_BUDGET,
    exports: tuple[str, ...] = (),
) -> Compiled:
    """An accepted source, compiled; raises Rejected with the findings otherwise. `exports` as in `check`."""
    return _accepted(check(source, interface, filename=filename, budget=budget, exports=exports))


def compile_module(module: typed.Module, *, budget: int = DEFAULT_BUDGET, exports: tuple[str, ...] = ()) -> Compiled:
    """As `compile`, from a typed AST."""
    return _accepted(check_module(module, budget=budget, exports=exports))


def _accepted(result: CheckResult) -> Compiled:
    if result.module is None or result.program is None or result.report is None:
        raise Rejected(result.diagnostics, result.source, result.filename)
    return Compiled(result.source, result.filename, result.module, result.program, result.report)
