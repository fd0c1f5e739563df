"""A found heuristic made easier to read, with the same result for every input."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

from anvil.frontend import typed as t
from anvil.types import Type
from synth.gp.listeners import literal_value
from synth.gp.simplify import constant, spelled_out
from synth.gp.tree import rewrite, walk


def tidy(module: t.Module) -> t.Module:
    """The module with every feature that an entry point uses twice or more named by a constant at its top.

    Queries are pure and total, so asking once, first, changes nothing.
    """
    entries = {entry.name for entry in module.entries}
    functions = tuple(_tidy(f, module) if f.name in entries else f for f in module.functions)
    return dataclasses.replace(module, functions=functions)


def _tidy(function: t.Function, module: t.Module) -> t.Function:
    taken = _names(function, module)
    function = rewrite(spelled_out(function), _signs)
    declared: list[t.Stmt] = []
    while (chosen := _repeated(function)) is not None:
        name = _fresh(_feature_name(chosen), taken)
        taken.add(name)
        named = t.Name(chosen.type, name, name)
        function = _replaced(function, chosen, named)
        declared.append(t.Declare(chosen.type, name, name, chosen, constant=True))
    return dataclasses.replace(function, body=(*declared, *function.body))


def _replaced(function: t.Function, old: t.Expr, new: t.Expr) -> t.Function:
    changed: t.Function = rewrite(function, lambda node: new if node == old else node)
    return changed


def _repeated(function: t.Function) -> t.Expr | None:
    """The feature used most often, None when none is used twice."""
    params = {param.symbol for param in function.params}
    counts = Counter(node for node in walk(function) if _is_feature(node, params))
    for feature, count in counts.most_common(1):
        if count > 1:
            return feature  # type: ignore[no-any-return]
    return None


def _is_feature(node: Any, params: set[str]) -> bool:
    """A double made of queries alone, which name nothing but the object."""
    if isinstance(node, t.Convert):
        inner = node.operand
    elif isinstance(node, t.QueryCall):
        inner = node
    else:
        return False
    if node.type is not Type.DOUBLE:
        return False
    operands = (inner.left, inner.right) if isinstance(inner, t.Binary) and inner.op == "-" else (inner,)
    return all(
        isinstance(operand, t.QueryCall) and all(n.symbol in params for n in walk(operand) if isinstance(n, t.Name))
        for operand in operands
    )


def _signs(node: Any) -> Any:
    """`a + -b` as `a - b`: the same value in IEEE-754 arithmetic."""
    match node:
        case t.Binary(type=Type.DOUBLE, op="+", right=t.Unary(op="-", operand=operand)) if constant(operand) is None:
            return t.Binary(Type.DOUBLE, "-", node.left, operand)
    return node


def _feature_name(feature: t.Expr) -> str:
    """A name from the query: `size_value`, `since_insert_time`, `last_access_kth_1`."""
    inner = feature.operand if isinstance(feature, t.Convert) else feature
    prefix = ""
    if isinstance(inner, t.Binary):
        prefix, inner = "since_", inner.right
    assert isinstance(inner, t.QueryCall)
    name = f"{prefix}{inner.signal.name}"
    if inner.listener.listener == "Latest":
        return name if prefix else f"{name}_value"
    args = [
        f"{value:g}".replace(".", "").replace("-", "m")
        for arg in inner.args
        if (value := literal_value(arg)) is not None
    ]
    return "_".join([name, inner.query.method.removeprefix("get_"), *args])


def _names(function: t.Function, module: t.Module) -> set[str]:
    used = {node.name for node in walk(function) if isinstance(node, t.Name | t.Declare)}
    used |= {param.name for param in function.params} | {function.store or ""}
    used |= {other.name for other in module.functions} | {constant.name for constant in module.constants}
    return used | (set(module.interface.signals) if module.interface else set())


def _fresh(name: str, taken: set[str]) -> str:
    return name if name not in taken else next(f"{name}_{i}" for i in range(2, 1000) if f"{name}_{i}" not in taken)
