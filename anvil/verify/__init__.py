"""Proofs about Core: every path returns, nothing is read before it is assigned, every loop ends, the budget holds."""

from __future__ import annotations

from anvil import core
from anvil.diagnostics import Diagnostic
from anvil.verify.cost import DEFAULT_BUDGET, Report, account
from anvil.verify.flow import check_flow
from anvil.verify.loops import trip_bounds

__all__ = ["DEFAULT_BUDGET", "Report", "verify"]


def verify(program: core.Program, budget: int = DEFAULT_BUDGET) -> tuple[Report | None, tuple[Diagnostic, ...]]:
    """The proof report of an accepted program, or None with every obligation that failed."""
    found = [finding for function in program.functions for finding in check_flow(function)]
    trips, unbounded = trip_bounds(program)
    found += unbounded
    if found:
        return None, tuple(found)
    report, excess = account(program, trips, budget)
    return (None, excess) if excess else (report, ())
