"""The cost table and the report of a proof ([cost]).

A step is a statement executed or a loop condition evaluated, as the reference interpreter counts. Cost weighs every
operation by one table, in units of roughly a simple arithmetic instruction.
"""

from __future__ import annotations

from dataclasses import dataclass

from anvil import core
from anvil.builtins import BUILTINS
from anvil.span import Span
from anvil.types import Type

COST_TABLE_VERSION = 1
DEFAULT_BUDGET = 1_000_000
"""Largest number of steps that a call may take, unless the template says otherwise."""

CALL_COST = 5
UNKNOWN_EXTERN_COST = 100
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
_DIVISION_COST = 8


def node_cost(node: core.Expr) -> int:
    """What an operation costs by itself; calls are counted where they are made."""
    match node:
        case core.Const() | core.Local() | core.Call() | core.ExternCall():
            return 0
        case core.Math():
            return BUILTINS[node.name].cost
        case core.Query():
            return QUERY_COST.get(node.symbol.rsplit("_", 1)[0], _UNKNOWN_QUERY_COST)
        case core.Binary(type, "div" | "rem"):
            return _DIVISION_COST if type is Type.DOUBLE else 3 * _DIVISION_COST
    return 1


@dataclass(frozen=True, slots=True)
class Bound:
    """Worst case of a piece of a program."""

    steps: int = 0
    cost: int = 0


@dataclass(frozen=True, slots=True)
class LoopReport:
    """A loop's proved trip bound and the worst case of all its iterations together; `proof` names the argument."""

    trips: int
    bound: Bound
    span: Span
    proof: str = "intervals"


@dataclass(frozen=True, slots=True)
class Proved:
    """A condition that was proved to hold wherever it is needed; `proof` is "intervals" or "z3"."""

    kind: str
    what: str
    required: str
    span: Span
    proof: str


@dataclass(frozen=True, slots=True)
class Guard:
    """An operation whose guard stays, since one of `events` may happen."""

    events: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Report:
    """What was proved of an accepted program.

    `functions` gives each function's worst case, calls included; `lines` the most that a line can take in one call of
    any entry point.
    """

    functions: dict[str, Bound]
    loops: dict[int, LoopReport]
    entries: tuple[str, ...]
    budget: int
    lines: dict[int, Bound]
    proved: tuple[Proved, ...] = ()
    guards: tuple[Guard, ...] = ()
    guards_dropped: int = 0
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
                {
                    "line": loop.span.line,
                    "trips": loop.trips,
                    "steps": loop.bound.steps,
                    "cost": loop.bound.cost,
                    "proof": loop.proof,
                }
                for loop in self.loops.values()
            ],
            "lines": {str(line): {"steps": b.steps, "cost": b.cost} for line, b in sorted(self.lines.items())},
            "proved": [
                {"kind": p.kind, "what": p.what, "required": p.required, "line": p.span.line, "proof": p.proof}
                for p in self.proved
            ],
            "guards": {
                "dropped": self.guards_dropped,
                "kept": [{"line": g.span.line, "events": list(g.events)} for g in self.guards],
            },
        }
