"""Conditions in attributes, `[[anvil::pre(...)]]` and `[[anvil::post(...)]]` ([function.contract])."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from anvil.diagnostics import fail
from anvil.frontend import ast, typed
from anvil.frontend.expressions import ExpressionChecker
from anvil.frontend.scope import Context, Scopes, Symbol
from anvil.interface import EntryPoint, Listener, Query
from anvil.types import Type

PRE, POST = "anvil::pre", "anvil::post"


def contracts_of(
    attributes: Iterable[ast.Attribute], name: str, kinds: Mapping[str, typed.AnyType], context: Context
) -> tuple[typed.Contract, ...]:
    """The conditions that attributes of one name hold; `kinds` are what they may speak of."""
    found: list[typed.Contract] = []
    for attribute in attributes:
        if attribute.name != name:
            continue
        if len(attribute.args) != 1:
            raise fail("E0114", attribute.span, what=f"`{name}` without a condition", fix=f"write `{name}(condition)`")
        found.append(_contract(attribute.args[0], kinds, context))
    return tuple(found)


def _contract(
    condition: ast.Expr, kinds: Mapping[str, typed.AnyType], context: Context, known: Mapping[str, int] | None = None
) -> typed.Contract:
    scopes = Scopes(context)
    scalars = {name: kind for name, kind in kinds.items() if isinstance(kind, Type) and kind is not Type.VOID}
    for name, kind in scalars.items():
        scopes.declare(Symbol(name, name, kind, True, condition.span))
    for name, value in (known or {}).items():
        scopes.declare(Symbol(name, name, Type.INT64, True, condition.span, value))
    checked = ExpressionChecker(scopes, None).converted(condition, Type.BOOL)
    from anvil.frontend.printer import print_expr

    text = re.sub(r"\b(\d+)U?LL\b", r"\1", print_expr(checked))
    return typed.Contract(tuple(scalars), checked, text, condition.span)


def query_contract(query: Query, listener: Listener, params: tuple[float, ...]) -> typed.Contract | None:
    """The precondition of a query, for the parameters of the listener that answers it."""
    if query.pre is None:
        return None
    kinds: dict[str, typed.AnyType] = {param.name: param.type for param in query.params if not param.element_of}
    known = {listener.param: int(params[0])} if listener.param and not listener.is_list else {}
    return _contract(query.pre, kinds, Context(None), known)


def entry_contracts(entry: EntryPoint, post: bool) -> tuple[typed.Contract, ...]:
    """The conditions of a template's entry point, which speak of its own names for the parameters."""
    kinds: dict[str, typed.AnyType] = dict(zip(entry.param_names, entry.params, strict=True))
    if post:
        kinds["result"] = entry.result
    return contracts_of(entry.attributes, POST if post else PRE, kinds, Context(None))
