"""Worst-case steps and cost ([cost]).

A step is a statement executed or a loop condition evaluated, as the reference interpreter counts. Cost weighs every
operation by one table, in units of roughly a simple arithmetic instruction.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from anvil import core
from anvil.builtins import BUILTINS
from anvil.diagnostics import Diagnostic, diagnostic
from anvil.span import Span
from anvil.types import Type

COST_TABLE_VERSION = 1
DEFAULT_BUDGET = 1_000_000
"""Largest number of steps that a call may take, unless the template says otherwise."""

_LIMIT = 10**18
"""Where counting stops: anything above exceeds every budget."""

QUERY_COST = {
    "vk_latest_get": 2,
    "vk_average_avg": 8,
    "vk_average_n": 2,
    "vk_ewma_get": 2,
    "vk_window_kth": 4,
    "vk_window_avg": 8,
    "vk_window_n": 2,
    "vk_pop_rank": 200,
    "vk_pop_value": 100,
}
_UNKNOWN_QUERY_COST = 200
_UNKNOWN_EXTERN_COST = 100
_DIVISION_COST = 8


@dataclass(frozen=True, slots=True)
class Bound:
    """Worst case of a piece of a program."""

    steps: int = 0
    cost: int = 0

    def __add__(self, other: Bound) -> Bound:
        return Bound(min(self.steps + other.steps, _LIMIT), min(self.cost + other.cost, _LIMIT))

    def times(self, count: int) -> Bound:
        return Bound(min(self.steps * count, _LIMIT), min(self.cost * count, _LIMIT))

    def worse(self, other: Bound) -> Bound:
        return Bound(max(self.steps, other.steps), max(self.cost, other.cost))


@dataclass(frozen=True, slots=True)
class LoopReport:
    """A loop's proved trip bound and the worst case of all its iterations together."""

    trips: int
    bound: Bound
    span: Span


@dataclass(frozen=True, slots=True)
class Report:
    """What was proved of an accepted program. `functions` gives each function's worst case, calls included."""

    functions: dict[str, Bound]
    loops: dict[int, LoopReport]
    entries: tuple[str, ...]
    budget: int
    table_version: int = COST_TABLE_VERSION

    @property
    def steps(self) -> int:
        """Worst-case steps of any entry point, or of any function where there is none."""
        return max((self.functions[name].steps for name in self.entries or self.functions), default=0)

    @property
    def cost(self) -> int:
        """Worst-case cost, as `steps`."""
        return max((self.functions[name].cost for name in self.entries or self.functions), default=0)

    def to_json(self) -> dict[str, object]:
        return {
            "steps": self.steps,
            "cost": self.cost,
            "budget": self.budget,
            "cost_table": self.table_version,
            "functions": {name: {"steps": b.steps, "cost": b.cost} for name, b in self.functions.items()},
            "loops": [
                {"line": loop.span.line, "trips": loop.trips, "steps": loop.bound.steps, "cost": loop.bound.cost}
                for loop in self.loops.values()
            ],
        }


def account(program: core.Program, trips: dict[int, int], budget: int) -> tuple[Report, tuple[Diagnostic, ...]]:
    """The report of a program whose loops are bounded by `trips`, and what exceeds the budget."""
    accountant = _Accountant(trips, {e.name: e.cost or _UNKNOWN_EXTERN_COST for e in program.externs})
    for function in program.functions:
        accountant.functions[function.name] = accountant.block(function.body)
    report = Report(accountant.functions, accountant.loops, tuple(e.function for e in program.entries), budget)
    return report, tuple(_excess(program, report, budget))


def _excess(program: core.Program, report: Report, budget: int) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    for loop in report.loops.values():
        if loop.bound.steps > budget:
            found.append(
                diagnostic(
                    "E0502",
                    loop.span,
                    what="loop cost",
                    cost=loop.bound.steps,
                    budget=budget,
                    factor=loop.bound.steps / budget,
                    fix=f"it iterates up to {loop.trips:,} times; lower its limit or that of a loop around it",
                )
            )
    for function in program.functions:
        bound = report.functions[function.name]
        if bound.steps > budget and not found:
            found.append(
                diagnostic(
                    "E0502",
                    function.span,
                    what=f"cost of `{function.name}`",
                    cost=bound.steps,
                    budget=budget,
                    factor=bound.steps / budget,
                    fix="call fewer loops from it",
                )
            )
    return found[:1]


@dataclass(slots=True)
class _Accountant:
    trips: dict[int, int]
    externs: dict[str, int]
    functions: dict[str, Bound] = field(default_factory=dict)
    loops: dict[int, LoopReport] = field(default_factory=dict)

    def block(self, block: core.Block) -> Bound:
        total = Bound()
        for stmt in block:
            total += self._statement(stmt)
        return total

    def _statement(self, stmt: core.Stmt) -> Bound:
        if isinstance(stmt, core.Loop):
            return self._loop(stmt)
        total = Bound(1, 1)
        for expr in core.expressions(stmt):
            total += self._expr(expr)
        if isinstance(stmt, core.CallMany):
            total += self.functions[stmt.function] + Bound(0, 5)
        if isinstance(stmt, core.If):
            total += self.block(stmt.then).worse(self.block(stmt.otherwise))
        return total

    def _loop(self, stmt: core.Loop) -> Bound:
        trips = self.trips[stmt.id]
        # The loop is a statement itself; its condition is evaluated once more than its body.
        condition = Bound(1, 1) + self._expr(stmt.condition)
        body = self.block(stmt.body) + self.block(stmt.step)
        total = Bound(1, 1) + condition.times(trips + 1) + body.times(trips)
        self.loops[stmt.id] = LoopReport(trips, total, stmt.span)
        return total

    def _expr(self, expr: core.Expr) -> Bound:
        total = Bound()
        for node in core.walk_expr(expr):
            if isinstance(node, core.Call):
                total += self.functions[node.function] + Bound(0, 5)
            elif isinstance(node, core.ExternCall):
                total += Bound(0, self.externs[node.name])
            else:
                total += Bound(0, _node_cost(node))
        return total


def _node_cost(node: core.Expr) -> int:
    match node:
        case core.Const() | core.Local():
            return 0
        case core.Math():
            return BUILTINS[node.name].cost
        case core.Query():
            return QUERY_COST.get(node.symbol.rsplit("_", 1)[0], _UNKNOWN_QUERY_COST)
        case core.Binary(type, "div" | "rem"):
            return _DIVISION_COST if type is Type.DOUBLE else 3 * _DIVISION_COST
    return 1
