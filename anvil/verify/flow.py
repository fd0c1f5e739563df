"""Definite return and definite assignment, by one walk along the structure ([function.return], [var.assigned])."""

from __future__ import annotations

from anvil import core
from anvil.diagnostics import Diagnostic, diagnostic

_Assigned = frozenset[str] | None
"""Variables assigned on every way to a point; None where no way leads."""


def check_flow(function: core.Function) -> list[Diagnostic]:
    """What is wrong with the paths of a function."""
    walker = _Walker()
    end = walker.block(function.body, frozenset(param.name for param in function.params))
    found = list(walker.found.values())
    if end is not None:
        found.append(diagnostic("E0309", function.span, name=function.name))
    return found


class _Walker:
    def __init__(self) -> None:
        self.found: dict[str, Diagnostic] = {}
        self._exits: list[list[frozenset[str]]] = []

    def block(self, block: core.Block, assigned: _Assigned) -> _Assigned:
        for stmt in block:
            if assigned is None:
                return None
            assigned = self._statement(stmt, assigned)
        return assigned

    def _statement(self, stmt: core.Stmt, assigned: frozenset[str]) -> _Assigned:
        for expr in core.expressions(stmt):
            self._reads(expr, assigned)
        match stmt:
            case core.Assign():
                return assigned | {stmt.name}
            case core.CallMany():
                return assigned | set(stmt.targets)
            case core.If():
                return _meet(self.block(stmt.then, assigned), self.block(stmt.otherwise, assigned))
            case core.Loop():
                return self._loop(stmt, assigned)
            case core.Break():
                self._exits[-1].append(assigned)
                return None
            case core.Continue() | core.Return() | core.ReturnMany():
                return None

    def _loop(self, stmt: core.Loop, assigned: frozenset[str]) -> _Assigned:
        self._exits.append([])
        self.block(stmt.body, assigned)
        # The step runs after the body or after a `continue`; only what holds before the body is sure then.
        self.block(stmt.step, assigned)
        end: _Assigned = None if _always(stmt.condition) else assigned
        for early in self._exits.pop():
            end = _meet(end, early)
        return end

    def _reads(self, expr: core.Expr, assigned: frozenset[str]) -> None:
        for node in core.walk_expr(expr):
            if isinstance(node, core.Local) and node.name not in assigned and node.name not in self.found:
                self.found[node.name] = diagnostic("E0310", node.span, name=node.name)


def _always(condition: core.Expr) -> bool:
    return isinstance(condition, core.Const) and bool(condition.value)


def _meet(one: _Assigned, other: _Assigned) -> _Assigned:
    if one is None:
        return other
    return one if other is None else one & other
