"""Values known at compile time: what is left of an expression when variables with one known value are put in."""

from __future__ import annotations

from collections.abc import Iterable

from anvil import core, interp
from anvil.builtins import BUILTINS

Known = dict[str, core.Const]
"""Variables whose value is known at a point of the program."""


def evaluate(expr: core.Expr, known: Known) -> core.Const | None:
    """The value of an expression, None when it is not known. Only exact operations are folded."""
    match expr:
        case core.Const():
            return expr
        case core.Local():
            return known.get(expr.name)
        case core.Call() | core.ExternCall() | core.Query():
            return None
    parts = [evaluate(child, known) for child in core.children(expr)]
    values = [part.value for part in parts if part is not None]
    if len(values) < len(parts):
        return None
    return core.Const(expr.type, value, expr.span) if (value := _apply(expr, values)) is not None else None


def _apply(expr: core.Expr, values: list[bool | int | float]) -> bool | int | float | None:
    match expr:
        case core.Unary():
            return interp.unary(expr.type, expr.op, values[0])
        case core.Binary():
            return interp.binary(expr.type, expr.op, values[0], values[1])
        case core.Compare():
            return interp.compare(expr.op, values[0], values[1])
        case core.Logical():
            return (values[0] and values[1]) if expr.op == "and" else (values[0] or values[1])
        case core.Select():
            return values[1] if values[0] else values[2]
        case core.Cast():
            return interp.cast(expr.type, values[0])
        case core.Math() if BUILTINS[expr.name].kind != "runtime":
            return interp.builtin(expr.type, expr.name, tuple(values))
    return None


def assigned(block: core.Block) -> frozenset[str]:
    """Every variable that a block may assign."""
    return frozenset(name for stmt in core.walk_block(block) for name in targets(stmt))


def targets(stmt: core.Stmt) -> tuple[str, ...]:
    """The variables that the statement itself assigns, in order."""
    match stmt:
        case core.Assign():
            return (stmt.name,)
        case core.CallMany():
            return tuple(filter(None, stmt.targets))
        case _:
            return ()


def without(known: Known, names: Iterable[str]) -> Known:
    """What is still known after `names` may have changed."""
    gone = frozenset(names)
    return {name: value for name, value in known.items() if name not in gone}


def agreeing(one: Known, other: Known) -> Known:
    """What is known on both of two ways."""
    return {name: value for name, value in one.items() if other.get(name) == value}
