"""Proofs about Core: every path returns, nothing is read before it is assigned, every loop ends, the budget holds."""

from __future__ import annotations

from dataclasses import dataclass

from anvil import core
from anvil.diagnostics import Diagnostic, diagnostic
from anvil.recursion import deep_stack
from anvil.verify.analysis import Analysis
from anvil.verify.cost import DEFAULT_BUDGET, Bound, Guard, LoopReport, Proved, Report, excess
from anvil.verify.flow import check_flow
from anvil.verify.marks import guarded, marked
from anvil.verify.obligations import Obligation
from anvil.verify.spent import Spent

__all__ = ["DEFAULT_BUDGET", "Report", "Verdict", "verify"]

_SPLITS = 16
"""Parts of a counter's range that are told apart where the budget does not hold without that."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An accepted program, its operations marked where no guard is needed, with its report; or what was found."""

    program: core.Program | None
    report: Report | None
    found: tuple[Diagnostic, ...] = ()


def verify(program: core.Program, budget: int = DEFAULT_BUDGET, exports: tuple[str, ...] = ()) -> Verdict:
    """Proves a program for every call of its entry points and of `exports`.

    Where there are neither, the functions that no other one calls are what can be called.
    """
    found = [finding for function in program.functions for finding in check_flow(function)]
    if found:
        return Verdict(None, None, tuple(found))
    names = exports or () if program.entries else exports or _uncalled(program)
    roots = tuple(dict.fromkeys([entry.function for entry in program.entries] + list(names)))
    with deep_stack():
        analysis, functions = _analysed(program, roots, budget)
    found = [
        diagnostic("E0501", loop.condition.span, why=reason.why, fix=reason.fix)
        for loop, reason in analysis.unbounded.values()
    ]
    found += [_unproved(item) for item in analysis.obligations.unproved()]
    if found:
        return Verdict(None, None, tuple(found))
    loops = _loop_reports(analysis)
    found = excess(program, functions, loops, budget)
    if found:
        return Verdict(None, None, tuple(found))
    report = _report(program, analysis, functions, loops, budget)
    return Verdict(marked(program, analysis.events, names), report)


def _uncalled(program: core.Program) -> tuple[str, ...]:
    called: set[str] = set()
    for function in program.functions:
        for stmt in core.walk_block(function.body):
            called.update([stmt.function] if isinstance(stmt, core.CallMany) else [])
            for expr in core.expressions(stmt):
                called.update(node.function for node in core.walk_expr(expr) if isinstance(node, core.Call))
    return tuple(function.name for function in program.functions if function.name not in called)


def _analysed(program: core.Program, roots: tuple[str, ...], budget: int) -> tuple[Analysis, dict[str, Spent]]:
    analysis = Analysis(program)
    functions = analysis.run(roots)
    if analysis.unbounded or _most(functions) <= budget:
        return analysis, functions
    closer = Analysis(program, _SPLITS)
    spent = closer.run(roots)
    return (closer, spent) if _most(spent) < _most(functions) else (analysis, functions)


def _most(functions: dict[str, Spent]) -> int:
    return max((spent.steps for spent in functions.values()), default=0)


def _unproved(item: Obligation) -> Diagnostic:
    expr = f"{item.what}, where {item.inferred}," if item.inferred else item.what
    fix = {
        "index": "clamp the argument, as with `anvil::clamp(k, 0, N - 1)`, or attach a larger window",
        "pre": "check the condition before the call, or clamp the argument",
        "post": "clamp the result",
    }[item.kind]
    return diagnostic("E0503", item.span, expr=expr, required=item.required, fix=fix)


def _loop_reports(analysis: Analysis) -> dict[int, LoopReport]:
    return {
        number: LoopReport(
            facts.trips.count, Bound(facts.spent.steps, facts.spent.cost), facts.loop.span, facts.trips.proof
        )
        for number, facts in sorted(analysis.loops.items())
    }


def _report(
    program: core.Program,
    analysis: Analysis,
    functions: dict[str, Spent],
    loops: dict[int, LoopReport],
    budget: int,
) -> Report:
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
