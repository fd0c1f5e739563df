"""Preconditions over values known at compile time."""

from __future__ import annotations

import operator
from collections.abc import Mapping

from anvil.frontend import ast
from anvil.frontend.literals import number


def holds(condition: ast.Expr, known: Mapping[str, float]) -> bool | None:
    """Truth of a comparison, or a conjunction of them, over known values; None when it depends on unknown ones."""
    match condition:
        case ast.Binary("&&", left, right):
            parts = (holds(left, known), holds(right, known))
            return False if False in parts else None if None in parts else True
        case ast.Binary(op, left, right) if op in _COMPARE:
            sides = (_known(left, known), _known(right, known))
            return None if sides[0] is None or sides[1] is None else _COMPARE[op](sides[0], sides[1])
    return None


_COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def _known(expr: ast.Expr, known: Mapping[str, float]) -> float | None:
    match expr:
        case ast.Number():
            return number(expr.text, expr.span)[1]
        case ast.Name():
            return known.get(expr.text)
    return None
