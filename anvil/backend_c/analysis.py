"""What a backend asks about a whole program before it emits anything."""

from __future__ import annotations

import enum
from functools import cached_property

from anvil import fold
from anvil.core import (
    Call,
    CallMany,
    Expr,
    ExternCall,
    ExternFunction,
    Function,
    Program,
    Query,
    expressions,
    walk_block,
    walk_expr,
)
from anvil.types import Type

_SMALL = 150  # nodes of expressions


class RowOf(enum.Enum):
    """How a function finds the row of an object."""

    OWN = enum.auto()
    """A rank entry: its parameter is the object that `row` belongs to; other ids are compared, as by TEST."""
    FIND = enum.auto()
    """A value entry: there is no `row`, so every object is looked up."""
    TEST = enum.auto()
    """Anything else: `row` belongs to the object `row_id`, or is NULL."""


class Analysis:
    """Facts about one program, each computed once."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._nodes = {function.name: _nodes(function) for function in program.functions}
        self._calls = {function.name: self._callees(function) for function in program.functions}
        self._called = {callee for callees in self._calls.values() for callee in callees}
        self._kinds = {entry.function: entry.kind for entry in program.entries}

    def _callees(self, function: Function) -> list[str]:
        many = [stmt.function for stmt in walk_block(function.body) if isinstance(stmt, CallMany)]
        return many + [node.function for node in self._nodes[function.name] if isinstance(node, Call)]

    def row_of(self, function: Function) -> RowOf:
        """The cheapest way that is right for every caller."""
        kind = self._kinds.get(function.name)
        if kind is None or function.name in self._called:
            return RowOf.TEST
        if kind == "value":
            return RowOf.FIND
        own_id = function.params[0].name
        return RowOf.TEST if own_id in fold.assigned(function.body) else RowOf.OWN

    @cached_property
    def exported(self) -> frozenset[str]:
        """Functions that can be called from outside under their own C names, besides the entry points.

        Those that the program was verified for; of a program that was not, all, unless it has entry points.
        """
        program = self.program
        names = set(program.exports) or {f.name for f in program.functions if not program.entries}
        callable = (f for f in program.functions if not f.takes_store and f.result is not Type.VOID)
        return frozenset(function.name for function in callable if function.name in names)

    @cached_property
    def reachable(self) -> list[Function]:
        """The functions that entry points and exported functions need, with these, callees first."""
        wanted = set(self._kinds)
        for function in reversed(self.program.functions):  # callers before callees
            if function.name in wanted or function.name in self.exported:
                wanted |= {function.name, *self._calls[function.name]}
        return [function for function in self.program.functions if function.name in wanted]

    @cached_property
    def inlinable(self) -> frozenset[str]:
        """Functions that may be copied into all their callers: small ones, with all that is copied into themselves."""
        sizes: dict[str, int] = {}
        small: set[str] = set()
        for name, nodes in self._nodes.items():  # callees first
            sizes[name] = len(nodes) + sum(sizes[callee] for callee in self._calls[name] if callee in small)
            if sizes[name] <= _SMALL:
                small.add(name)
        return frozenset(small)

    @cached_property
    def queries(self) -> list[Query]:
        """All that the reachable functions ask of the feature store."""
        return [node for f in self.reachable for node in self._nodes[f.name] if isinstance(node, Query)]

    @cached_property
    def externs(self) -> list[ExternFunction]:
        """The functions of the host that the reachable functions call, in the order of their declarations."""
        called = {node.name for f in self.reachable for node in self._nodes[f.name] if isinstance(node, ExternCall)}
        return [extern for extern in self.program.externs if extern.name in called]


def _nodes(function: Function) -> list[Expr]:
    return [node for stmt in walk_block(function.body) for expr in expressions(stmt) for node in walk_expr(expr)]
