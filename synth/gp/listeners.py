"""The listeners that a program needs, from the queries that it makes."""

from __future__ import annotations

import dataclasses
from typing import Any

from anvil.frontend import typed as t
from anvil.interface import Interface
from synth.gp.tree import rewrite, walk
from synth.gp.vocabulary import overload

_LATEST = "Latest"


def attach(module: t.Module) -> t.Module:
    """The module with exactly the listeners that its queries need: every alpha asked for, windows just long enough."""
    interface = module.interface
    assert interface is not None
    needs: dict[tuple[str, str], set[float]] = {}
    for function in module.functions:
        for node in walk(function):
            if isinstance(node, t.QueryCall) and node.listener.listener != _LATEST:
                key = (node.signal.name, node.listener.listener)
                needs.setdefault(key, set()).update(_needs(node, interface))
    attachments = {key: t.Attachment(*key, _params(key[1], values, interface)) for key, values in sorted(needs.items())}

    def change(node: Any) -> Any:
        if not isinstance(node, t.QueryCall):
            return node
        wanted = attachments.get((node.signal.name, node.listener.listener))
        return node if wanted is None or wanted == node.listener else dataclasses.replace(node, listener=wanted)

    functions = tuple(rewrite(function, change) for function in module.functions)
    return dataclasses.replace(module, listeners=tuple(attachments.values()), functions=functions)


def is_ambiguous(module: t.Module) -> bool:
    """Whether a query, read back from source, would go to another listener of the same signal."""
    assert module.interface is not None
    attached = {(item.signal, item.listener) for item in module.listeners}
    overloads: dict[tuple[object, ...], list[str]] = {}
    for query in module.interface.queries:
        overloads.setdefault(overload(query), []).append(query.listener)
    return any(
        sum((node.signal.name, listener) in attached for listener in overloads[overload(node.query)]) > 1
        for function in module.functions
        for node in walk(function)
        if isinstance(node, t.QueryCall)
    )


def _needs(call: t.QueryCall, interface: Interface) -> set[float]:
    """The parameters of its listener that one query asks for."""
    listener = interface.listeners[call.listener.listener]
    if not listener.param:
        return set()
    if listener.is_list:
        return {
            float(value)
            for param, arg in zip(call.query.params, call.args, strict=True)
            if param.element_of and (value := literal_value(arg)) is not None
        }
    indices = [
        literal_value(arg) for param, arg in zip(call.query.params, call.args, strict=True) if param.type.is_integer
    ]
    if indices and all(index is not None for index in indices):
        return {float(index) + 1.0 for index in indices if index is not None}
    return set(call.listener.params)


def _params(name: str, values: set[float], interface: Interface) -> tuple[float, ...]:
    listener = interface.listeners[name]
    if not listener.param:
        return ()
    return tuple(sorted(values, reverse=True)) if listener.is_list else (max(values),)


def literal_value(expr: t.Expr) -> float | None:
    """The value of a constant argument, None if it is not constant."""
    match expr:
        case t.Literal(value=value):
            return float(value)
        case t.Convert(operand=operand):
            return literal_value(operand)
        case t.Unary(op="-", operand=operand):
            inner = literal_value(operand)
            return None if inner is None else -inner
    return None
