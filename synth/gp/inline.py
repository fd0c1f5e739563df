"""Expressions made independent of the function that they come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anvil.frontend import typed as t
from anvil.types import Type
from synth.gp.tree import rewrite, size, target, walk
from synth.gp.vocabulary import number

_MAX_SIZE = 40


def closed(expr: t.Expr, function: t.Function, module: t.Module, object_name: t.Expr | None) -> t.Expr | None:
    """The expression with locals and constants inlined, and the object renamed; None where that cannot be done.

    A local can be inlined when it is initialised where it is declared and never assigned again.
    """
    values = _values(function)
    constants = {constant.name: constant for constant in module.constants}
    result = _inline(expr, values, constants, function, object_name, 4)
    return result if result is not None and size(result) <= _MAX_SIZE else None


def _values(function: t.Function) -> dict[str, t.Expr]:
    assigned = {target(node) for node in walk(function) if isinstance(node, t.Assign)}
    return {
        node.symbol: node.value
        for node in walk(function)
        if isinstance(node, t.Declare) and node.value is not None and node.symbol not in assigned
    }


def _inline(
    expr: t.Expr,
    values: Mapping[str, t.Expr],
    constants: Mapping[str, t.Constant],
    function: t.Function,
    object_name: t.Expr | None,
    depth: int,
) -> t.Expr | None:
    if depth == 0 or any(isinstance(node, t.FunctionCall) for node in walk(expr)):
        return None
    params = {param.symbol for param in function.params}
    failed = False

    def change(node: Any) -> Any:
        nonlocal failed
        if not isinstance(node, t.Name):
            return node
        if node.symbol in params:
            failed |= object_name is None
            return object_name or node
        if node.symbol in values:
            inner = _inline(values[node.symbol], values, constants, function, object_name, depth - 1)
            failed |= inner is None
            return inner or node
        if node.name in constants:
            return _literal(constants[node.name])
        failed = True
        return node

    result: t.Expr = rewrite(expr, change)
    return None if failed else result


def _literal(constant: t.Constant) -> t.Expr:
    if constant.type is Type.DOUBLE:
        return number(float(constant.value))
    if isinstance(constant.type, Type) and constant.type is not Type.BOOL and constant.value < 0:
        return t.Unary(constant.type, "-", t.Literal(constant.type, -constant.value))
    return t.Literal(constant.type, constant.value)
