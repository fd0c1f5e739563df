"""Lambdas, lifted to functions: what they capture becomes further parameters ([lambda])."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from anvil.diagnostics import fail
from anvil.frontend import ast, typed
from anvil.frontend.library import free_name
from anvil.frontend.scope import Scopes, Signature, Symbol
from anvil.types import Type

if TYPE_CHECKING:
    from anvil.frontend.expressions import ExpressionChecker


class _LambdaScopes(Scopes):
    """The scopes of a lambda's body: a name that is not its own is looked up outside, and captured."""

    def __init__(self, outer: Scopes, node: ast.Lambda) -> None:
        super().__init__(outer.context)
        self._outer = outer
        self._node = node
        self.captured: dict[str, tuple[Symbol, Symbol]] = {}
        self.through_lambdas: set[str] = set()
        """What another lambda that is called here has captured: passed on as it is at the time of the call."""

    def local(self, name: str) -> Symbol | None:
        own = super().local(name)
        if own is not None:
            return own
        found = self._outer.local(name)
        if found is not None and found.function is not None:
            return self._lambda(found, found.function)
        if found is None or found.type is None or found.value is not None:
            return found
        if _capture_of(self._node, name) is None:
            fix = f"capture it: `[{name}]`, or everything: `[=]`"
            raise fail("E0318", self._node.span, what=f"`{name}` is used in the lambda, but not captured", fix=fix)
        # Constant: a copy cannot be changed, and a change through a reference is not part of the language.
        inner = Symbol(name, self.unique(name), found.type, True, found.span)
        self.captured[name] = found, inner
        self.declare_outermost(inner)
        return inner

    def _lambda(self, found: Symbol, function: Signature) -> Symbol:
        """A lambda of the outside, its captured values captured once more."""
        passed: list[typed.Expr] = []
        for value in function.captured:
            assert isinstance(value, typed.Name)
            if value.symbol not in self.captured:
                outside = Symbol(value.name, value.symbol, value.type, True, value.span)
                inner = Symbol(value.name, self.unique(value.name), value.type, True, value.span)
                self.captured[value.symbol] = outside, inner
                self.through_lambdas.add(value.symbol)
            inner = self.captured[value.symbol][1]
            passed.append(typed.Name(value.type, inner.name, inner.unique, value.span))
        symbol = replace(found, function=replace(function, captured=tuple(passed)))
        self.declare_outermost(symbol)
        return symbol


def declare_lambda(stmt: ast.Declaration, node: ast.Lambda, checker: ExpressionChecker) -> typed.Block:
    """Declares the lambda's name; what it copies at this point is declared as constants beside it."""
    if stmt.type.text != "auto":
        raise fail("E0318", stmt.span, what="a lambda has no type to name", fix=f"write `auto {stmt.name} = ...`")
    scopes = checker.scopes
    function, inner = lift(stmt.name, node, checker)
    copies: list[typed.Stmt] = []
    passed: list[typed.Expr] = []
    for name, (outside, _) in inner.captured.items():
        assert outside.type is not None
        value: typed.Expr = typed.Name(outside.type, outside.name, outside.unique, node.span)
        capture = None if name in inner.through_lambdas else _capture_of(node, name)
        if capture is not None and not capture.by_reference and not outside.constant:
            copy = scopes.unique(f"{name}_in_{stmt.name}")
            copies.append(typed.Declare(outside.type, copy, copy, value, True, node.span))
            value = typed.Name(outside.type, copy, copy, node.span)
        passed.append(value)
    own = function.params[: len(node.params)]
    signature = Signature(
        function.name,
        function.unique,
        tuple(p.type for p in own),
        function.result,
        function.store is not None,
        node.span,
        captured=tuple(passed),
        implicit_store=True,
    )
    scopes.declare(Symbol(stmt.name, stmt.name, None, True, stmt.name_span, function=signature))
    return tuple(copies)


def lift(name: str, node: ast.Lambda, checker: ExpressionChecker) -> tuple[typed.Function, _LambdaScopes]:
    """The lambda as a function of its parameters and of what it captures."""
    from anvil.frontend.functions import FunctionSource, check_body

    scopes = _LambdaScopes(checker.scopes, node)
    symbol = checker.context.unique(free_name(name))
    params = tuple(checker.type_of(param.type) for param in node.params)
    result = None if node.result is None else _result(node.result, checker)
    signature = Signature(symbol, symbol, params, result or Type.VOID, checker.store is not None, node.span)
    source = FunctionSource(node.params, node.body, node.span)
    function = check_body(
        source, signature, checker.context, scopes=scopes, store=checker.store, deduced=result is None
    )
    checker.context.checked.pop()
    found = result or deduced_result(function.body)
    extra = tuple(typed.Param(i.type, i.name, i.unique) for _, i in scopes.captured.values() if i.type is not None)
    lifted = typed.Function(symbol, found, function.store, (*function.params, *extra), function.body, node.span)
    checker.context.checked.append(lifted)
    return lifted, scopes


def _result(name: ast.TypeName, checker: ExpressionChecker) -> typed.AnyType:
    return Type.VOID if name.text == "void" else checker.type_of(name)


def deduced_result(body: typed.Block) -> typed.AnyType:
    """The type of the first `return`; all others were converted to it."""
    from anvil.frontend.resolve import walk

    for node in walk(body):
        if isinstance(node, typed.Return):
            return Type.VOID if node.value is None else node.value.type
    return Type.VOID


def _capture_of(node: ast.Lambda, name: str) -> ast.Capture | None:
    """The entry of the capture list that captures a variable."""
    named = next((c for c in node.captures if c.name == name), None)
    return named or next((c for c in node.captures if not c.name), None)
