"""What the verifier tells of a program that it does not accept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from anvil import core
from anvil.diagnostics import Diagnostic, Witness, diagnostic
from anvil.interp import Value
from anvil.span import Span
from anvil.verify.analysis import Analysis
from anvil.verify.cost import Report
from anvil.verify.obligations import Obligation
from anvil.verify.witness import broken, endless

_SEARCHED = 3
"""Findings of one program for which a counterexample is looked for."""

_FIX = {
    "index": "clamp the argument, as with `anvil::clamp(k, 0, N - 1)`, or attach a larger window",
    "pre": "check the condition before the call, or clamp the argument",
    "post": "clamp the result",
}

_EVENTS = {
    "zero": ("a division by zero", "test the divisor first: `d != 0 ? n / d : 0`"),
    "shift": ("a shift by more than the width", "clamp the distance"),
    "lossy": ("a conversion that changes the value", "clamp the value into the range of the type"),
    "overflow": ("an integer overflow", "clamp the operands, or compute with int64_t or double"),
}

Hints = Mapping[tuple[int, int], Mapping[str, Value]]
"""Arguments for which an obligation may fail, by the obligation's key."""


def unproved(program: core.Program, roots: Sequence[str], analysis: Analysis, hints: Hints) -> list[Diagnostic]:
    """A finding for every loop without a bound and every condition that may not hold."""
    found: list[Diagnostic] = []
    for loop, reason in analysis.unbounded.values():
        witness = endless(program, roots, loop) if len(found) < _SEARCHED else None
        found.append(replace(diagnostic("E0501", loop.condition.span, why=reason.why, fix=reason.fix), witness=witness))
    for item in analysis.obligations.unproved():
        proposed = hints.get(item.key, {})
        witness = broken(program, roots, item, proposed) if len(found) < _SEARCHED else None
        found.append(replace(_condition(item), witness=witness or _possible(item, proposed)))
    return found


def _condition(item: Obligation) -> Diagnostic:
    expr = f"{item.what}, where {item.inferred}," if item.inferred else item.what
    verb = "may violate the postcondition" if item.kind == "post" else "may violate the precondition"
    return diagnostic("E0503", item.span, expr=expr, verb=verb, required=item.required, fix=_FIX[item.kind])


def _possible(item: Obligation, proposed: Mapping[str, Value]) -> Witness | None:
    if not proposed:
        return None
    shown = {name: str(value) for name, value in proposed.items()}
    return Witness(item.what, shown, f"`{item.required}` may not hold")


def excess(program: core.Program, report: Report) -> list[Diagnostic]:
    """What exceeds the budget: the innermost loop that does, or else the first function."""
    budget = report.budget
    over = [loop for loop in report.loops.values() if loop.bound.steps > budget]
    if over:
        loop = min(over, key=lambda loop: (loop.bound.steps, loop.span.start))
        fix = f"it iterates up to {loop.trips:,} times; lower its limit or that of a loop around it"
        if loop.trips > budget:
            fix = f"it iterates up to {loop.trips:,} times; clamp its limit, as with `anvil::min(limit, 64)`"
        return [_over(loop.span, "loop cost", loop.bound.steps, budget, fix)]
    for function in program.functions:
        bound = report.functions.get(function.name)
        if bound is not None and bound.steps > budget:
            return [_over(function.span, f"cost of `{function.name}`", bound.steps, budget, "call fewer loops from it")]
    return []


def _over(span: Span, what: str, steps: int, budget: int, fix: str) -> Diagnostic:
    return diagnostic("E0502", span, what=what, cost=steps, budget=budget, factor=steps / budget, fix=fix)


def guards(report: Report) -> list[Diagnostic]:
    """A finding for every operation that needs its guard."""
    found: list[Diagnostic] = []
    for guard in report.guards:
        events = [_EVENTS[event] for event in _EVENTS if event in guard.events]
        found.append(diagnostic("E0504", guard.span, what=" or ".join(what for what, _ in events), fix=events[0][1]))
    return found
