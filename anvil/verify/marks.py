"""Marks the operations whose guard never acts, so that the backends leave it out."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TypeVar

from anvil import core
from anvil.span import Span
from anvil.types import Type

Events = dict[int, set[str]]
"""What may happen in an operation that is reached, by the id of its node."""

_GUARDED = frozenset(["overflow", "zero", "shift", "lossy"])

_Node = TypeVar("_Node")


def marked(program: core.Program, events: Events, exports: tuple[str, ...]) -> core.Program:
    """The program with `proved` set where it holds; only the entry points and `exports` can be called from outside."""
    functions = tuple(replace(f, body=_marked(f.body, events)) for f in program.functions)
    return replace(program, functions=functions, exports=exports)


def guarded(program: core.Program, events: Events) -> tuple[list[tuple[tuple[str, ...], Span]], int]:
    """The events and places of the guards that stay, in the order of the source, and how many do not."""
    kept: dict[tuple[Span, tuple[str, ...]], None] = {}
    dropped = 0
    for function in program.functions:
        for stmt in core.walk_block(function.body):
            for expr in core.expressions(stmt):
                for node in core.walk_expr(expr):
                    if not _has_guard(node) or id(node) not in events:
                        continue
                    found = tuple(sorted(events[id(node)] & _GUARDED))
                    if found:
                        kept[node.span, found] = None
                    else:
                        dropped += 1
    return sorted(((found, span) for span, found in kept), key=lambda item: (item[1].start, item[1].end)), dropped


def _has_guard(node: core.Expr) -> bool:
    match node:
        case core.Unary(type, "neg"):
            return type.is_signed
        case core.Binary(type, op):
            return type.is_integer and (op in ("div", "rem", "shl", "shr") or (type.is_signed and op in _ARITHMETIC))
        case core.Cast(type, operand):
            wider = operand.type.is_integer and (operand.type.low < type.low or operand.type.high > type.high)
            return type.is_integer and (operand.type is Type.DOUBLE or wider)
    return False


_ARITHMETIC = frozenset(["add", "sub", "mul"])


def _marked(node: _Node, events: Events) -> _Node:
    """The node with marks below it; the same object where there is none."""
    if isinstance(node, tuple):
        parts = tuple(_marked(part, events) for part in node)
        return node if all(a is b for a, b in zip(parts, node, strict=True)) else parts  # type: ignore[return-value]
    if not isinstance(node, _NODES):
        return node
    changed: dict[str, object] = {}
    for name in _BELOW[type(node)]:
        old = getattr(node, name)
        if (new := _marked(old, events)) is not old:
            changed[name] = new
    if isinstance(node, _MARKABLE) and _has_guard(node) and not events.get(id(node), _GUARDED) & _GUARDED:
        changed["proved"] = True
    return replace(node, **changed) if changed else node  # type: ignore[type-var]


_NODES = (
    *(core.Const, core.Local, core.Unary, core.Binary, core.Compare, core.Logical, core.Select, core.Cast, core.Math),
    *(core.Call, core.ExternCall, core.Query, core.Assign, core.CallMany, core.If, core.Loop, core.Return),
    core.ReturnMany,
)
_MARKABLE = (core.Unary, core.Binary, core.Cast)
_LEAVES = frozenset(["type", "name", "op", "span", "proved", "pre", "value_type", "id", "targets", "function"])
_BELOW: dict[type, tuple[str, ...]] = {
    kind: tuple(f.name for f in fields(kind) if f.name not in _LEAVES) for kind in _NODES
}
