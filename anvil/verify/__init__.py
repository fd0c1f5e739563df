"""Proofs about Core: every path returns, nothing is read before it is assigned, every loop ends, the budget holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil import core
from anvil.diagnostics import Diagnostic
from anvil.interp import Value
from anvil.recursion import deep_stack
from anvil.verify import findings
from anvil.verify.analysis import Analysis
from anvil.verify.cost import DEFAULT_BUDGET, Bound, Guard, LoopReport, Proved, Report
from anvil.verify.flow import check_flow
from anvil.verify.marks import guarded, marked
from anvil.verify.obligations import PROVED
from anvil.verify.spent import Spent
from anvil.verify.trips import Trips

if TYPE_CHECKING:
    from anvil.verify.solver import Solver

__all__ = ["DEFAULT_BUDGET", "Report", "Verdict", "roots_of", "verify"]

_SPLITS = 16
"""Parts of a counter's range that are told apart where the budget does not hold without that."""


_FEW = 64
"""Trip bounds up to here are not worth a closer look."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An accepted program, its operations marked where no guard is needed, with its report; or what was found."""

    program: core.Program | None
    report: Report | None
    found: tuple[Diagnostic, ...] = ()


def verify(
    program: core.Program, budget: int = DEFAULT_BUDGET, exports: tuple[str, ...] = (), strict: bool = False
) -> Verdict:
    """Proves a program for every call of its entry points and of `exports`.

    Where there are neither, the functions that no other one calls are what can be called. With `strict` no guard may
    be needed either.
    """
    found = [finding for function in program.functions for finding in check_flow(function)]
    if found:
        return Verdict(None, None, tuple(found))
    names = exports or (() if program.entries else _uncalled(program))
    roots = roots_of(program, names)
    with deep_stack():
        decided = _decided(program, roots, budget)
        found = findings.unproved(program, roots, decided.analysis, decided.hints)
    if found:
        return Verdict(None, None, tuple(found))
    loops = _loop_reports(decided.analysis)
    report = _report(program, decided, loops, budget)
    found = findings.excess(program, report) + (findings.guards(report) if strict else [])
    if found:
        return Verdict(None, None, tuple(found))
    return Verdict(marked(program, decided.analysis.events, names), report)


def roots_of(program: core.Program, exports: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The functions that a proof begins with: the entry points and `exports`, or else what no other one calls."""
    names = [entry.function for entry in program.entries] + list(exports)
    return tuple(dict.fromkeys(names or _uncalled(program)))


def _uncalled(program: core.Program) -> tuple[str, ...]:
    called: set[str] = set()
    for function in program.functions:
        for stmt in core.walk_block(function.body):
            called.update([stmt.function] if isinstance(stmt, core.CallMany) else [])
            for expr in core.expressions(stmt):
                called.update(node.function for node in core.walk_expr(expr) if isinstance(node, core.Call))
    return tuple(function.name for function in program.functions if function.name not in called)


@dataclass(slots=True)
class _Decided:
    """The last analysis, what each function spends, and arguments for which an obligation may fail."""

    analysis: Analysis
    functions: dict[str, Spent]
    hints: dict[tuple[int, int], dict[str, Value]]


def _decided(program: core.Program, roots: tuple[str, ...], budget: int) -> _Decided:
    """All that can be proved: by intervals, by parts of counters' ranges, by Z3."""
    analysis = Analysis(program)
    functions = analysis.run(roots)
    known: dict[int, Trips] = {}
    hints: dict[tuple[int, int], dict[str, Value]] = {}
    if unproved := analysis.obligations.unproved():
        solver = _solver(analysis)
        solver.settle(unproved)
        hints = {item.key: solver.hints[item.key] for item in unproved if item.key in solver.hints}
    proved = {key for key, item in analysis.obligations.found.items() if item.proof == "z3"}
    if loops := _unclear(analysis, functions, budget):
        known = _solver(analysis).bounds(loops)
        analysis, functions = _again(program, roots, known, proved) if known else (analysis, functions)
    if not analysis.unbounded and _most(functions) > budget:
        closer, spent = _again(program, roots, known, proved, _SPLITS)
        analysis, functions = (closer, spent) if _most(spent) < _most(functions) else (analysis, functions)
    return _Decided(analysis, functions, hints)


def _again(
    program: core.Program,
    roots: tuple[str, ...],
    known: dict[int, Trips],
    proved: set[tuple[int, int]],
    splits: int = 1,
) -> tuple[Analysis, dict[str, Spent]]:
    """A second analysis, with what was proved of loops and of conditions."""
    analysis = Analysis(program, splits, known)
    functions = analysis.run(roots)
    for key, item in analysis.obligations.found.items():
        if item.status != PROVED and key in proved:
            item.status, item.proof = PROVED, "z3"
    return analysis, functions


def _unclear(analysis: Analysis, functions: dict[str, Spent], budget: int) -> frozenset[int]:
    """The loops for which it is worth to look for another measure."""
    found = set(analysis.unbounded)
    if _most(functions) > budget:
        found |= {number for number, facts in analysis.loops.items() if facts.trips.count > _FEW}
    return frozenset(found)


def _solver(analysis: Analysis) -> Solver:
    from anvil.verify.solver import Solver  # Z3 takes 90 ms to import, and few programs need it

    return Solver(analysis)


def _most(functions: dict[str, Spent]) -> int:
    return max((spent.steps for spent in functions.values()), default=0)


def _loop_reports(analysis: Analysis) -> dict[int, LoopReport]:
    return {
        number: LoopReport(
            facts.trips.count, Bound(facts.spent.steps, facts.spent.cost), facts.loop.span, facts.trips.proof
        )
        for number, facts in sorted(analysis.loops.items())
    }


def _report(program: core.Program, decided: _Decided, loops: dict[int, LoopReport], budget: int) -> Report:
    analysis, functions = decided.analysis, decided.functions
    entries = tuple(entry.function for entry in program.entries)
    lines: dict[int, Bound] = {}
    for name in entries or functions:
        for line, (steps, cost) in functions[name].lines.items():
            old = lines.get(line, Bound())
            lines[line] = Bound(max(old.steps, steps), max(old.cost, cost))
    proved = [
        Proved(item.kind, item.what, item.required, item.span, item.proof)
        for item in analysis.obligations.found.values()
    ]
    kept, dropped = guarded(program, analysis.events)
    return Report(
        {name: Bound(spent.steps, spent.cost) for name, spent in functions.items()},
        loops,
        entries,
        budget,
        lines,
        tuple(sorted(proved, key=lambda p: p.span.start)),
        tuple(Guard(events, span) for events, span in kept),
        dropped,
    )
