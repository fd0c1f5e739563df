"""Signatures and bodies of functions, methods, constructors and lambdas ([function])."""

from __future__ import annotations

from dataclasses import dataclass

from anvil.diagnostics import Stop, fail
from anvil.frontend import ast, typed
from anvil.frontend.calls import default_object
from anvil.frontend.contracts import POST, PRE, contracts_of
from anvil.frontend.expressions import ExpressionChecker
from anvil.frontend.scope import ClassInfo, Context, Scopes, Signature, Silent, Symbol
from anvil.frontend.statements import StatementChecker
from anvil.span import Span
from anvil.types import Type


@dataclass(frozen=True, slots=True)
class FunctionSource:
    """What `check_body` needs of a function's source; `initialisers` are those of a constructor."""

    params: tuple[ast.Param, ...]
    body: ast.Compound
    name_span: Span
    initialisers: tuple[tuple[str, ast.Expr, Span], ...] = ()
    attributes: tuple[ast.Attribute, ...] = ()


def takes_store(params: tuple[ast.Param, ...]) -> bool:
    """Whether the first parameter is the store."""
    return bool(params) and params[0].type.path in (("vulcan", "store"), ("vulcan", "feature_store"))


def signature_of(item: ast.Function, context: Context, symbol: str) -> Signature:
    """The signature of a function or a method."""
    checker = ExpressionChecker(Scopes(context), None)
    store = takes_store(item.params)
    if store and not (item.params[0].type.reference and item.params[0].type.constant):
        raise fail("E0421", item.params[0].span, name=item.name, form="const vulcan::store& fs")
    rest = item.params[store:]
    kinds = tuple(_param_type(param, checker) for param in rest)
    result = Type.VOID if item.result.text == "void" else checker.type_of(item.result)
    if item.result.reference or item.result.constant:
        what = "a reference as a result" if item.result.reference else "a constant as a result"
        raise fail("E0114", item.result.span, what=what, fix="return by value")
    return Signature(item.name, symbol, kinds, result, store, item.name_span, item.constant)


def _param_type(param: ast.Param, checker: ExpressionChecker) -> typed.AnyType:
    kind = checker.type_of(param.type)
    if param.type.reference and not (param.type.constant and isinstance(kind, typed.ClassType)):
        raise fail(
            "E0114", param.span, what="a reference parameter", fix="pass scalars by value, objects by `const T&`"
        )
    return kind


def check_body(
    source: FunctionSource,
    signature: Signature,
    context: Context,
    owner: ClassInfo | None = None,
    scopes: Scopes | None = None,
    store: str | None = None,
    deduced: bool = False,
    one_type: bool = False,
) -> typed.Function:
    """Checks a body and adds the function to the context; the result of a lambda may be `deduced` from it.

    With `one_type` every `return` has the same type, since C++ deduces the result where Anvil knows it.
    """
    scopes = scopes or Scopes(context)
    if takes_store(source.params):
        store = source.params[0].name
    rest = source.params[takes_store(source.params) :]
    params = tuple(_declare(p, k, scopes) for p, k in zip(rest, signature.params, strict=True))
    is_constructor = owner is not None and signature.name == owner.type.name
    constant = signature.constant and not is_constructor
    checker = ExpressionChecker(scopes, store, owner, constant)
    wanted = None if deduced else Type.VOID if is_constructor else signature.result
    statements = StatementChecker(scopes, checker, wanted, one_type or deduced)
    head = _initialisers(source, owner, checker, context) if is_constructor and owner is not None else ()
    body = statements.block(source.body.body)
    kinds = {param.symbol: param.type for param in params}
    function = typed.Function(
        signature.name,
        signature.result,
        store if signature.takes_store else None,
        params,
        body,
        source.name_span,
        "" if signature.symbol == signature.name else signature.symbol,
        owner.type if owner is not None else None,
        constant,
        head,
        contracts_of(source.attributes, PRE, kinds, context),
        contracts_of(source.attributes, POST, {**kinds, "result": signature.result}, context),
    )
    context.checked.append(function)
    return function


def _declare(param: ast.Param, kind: typed.AnyType, scopes: Scopes) -> typed.Param:
    if param.name and scopes.innermost(param.name) is not None:
        raise fail("E0202", param.span, name=param.name)
    unique = scopes.unique(param.name or "unnamed")
    constant = param.type.constant
    scopes.declare(Symbol(param.name, unique, kind, constant, param.span))
    return typed.Param(kind, param.name, unique)


def _initialisers(
    source: FunctionSource, owner: ClassInfo, checker: ExpressionChecker, context: Context
) -> tuple[typed.Assign, ...]:
    """The members in the order of their declaration: from the list of initialisers, or from their defaults."""
    given = {name: (value, span) for name, value, span in source.initialisers}
    for name, _, span in source.initialisers:
        if owner.type.field(name) is None:
            context.report(fail("E0313", span, type=owner.type.name, name=name, fix="initialise its own members"))
    found: list[typed.Assign] = []
    for member in owner.type.fields:
        value, span = member.default, source.name_span
        if member.name in given:
            expr, span = given[member.name]
            try:
                value = checker.converted(expr, member.type)
            except Stop as stop:
                context.report(stop)
            except Silent:
                pass
        elif value is None and isinstance(member.type, typed.ClassType):
            value = default_object(checker, context.classes[member.type.name], span)
        if value is not None:
            target = typed.Member(member.type, typed.This(owner.type, span), member.name, span)
            found.append(typed.Assign(target, "=", value, member.type, span))
    return tuple(found)
