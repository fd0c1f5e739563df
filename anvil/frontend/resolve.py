"""The call graph: callees before callers, and no way back ([function.recursion])."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter

from anvil.diagnostics import Diagnostic, diagnostic
from anvil.frontend import typed


def callees_first(functions: list[typed.Function]) -> tuple[tuple[typed.Function, ...], list[Diagnostic]]:
    """The functions in calling order, and a finding for a cycle."""
    by_name = {function.unique: function for function in functions}
    calls = {f.unique: dict.fromkeys(c for c, _ in _calls(f) if c in by_name) for f in functions}
    try:
        return tuple(by_name[name] for name in TopologicalSorter(calls).static_order()), []
    except CycleError as error:
        cycle: list[str] = error.args[1][::-1]
        path = " calls ".join(f"`{by_name[name].name}`" for name in cycle)
        first = by_name[cycle[0]]
        return (), [diagnostic("E0204", first.span, name=first.name, path=path)]


def undefined(functions: list[typed.Function], externs: Iterable[str]) -> list[Diagnostic]:
    """A finding for every call of a function that is declared but defined nowhere."""
    defined = {function.unique for function in functions} | set(externs)
    return [
        diagnostic("E0205", call.span, name=call.name, fix="it is declared, but not defined; define it")
        for function in functions
        for symbol, call in _calls(function)
        if symbol not in defined
    ]


def _calls(function: typed.Function) -> Iterator[tuple[str, typed.FunctionCall | typed.MethodCall]]:
    """Every call with the symbol of what it calls."""
    for node in walk(function):
        if isinstance(node, typed.FunctionCall):
            yield node.symbol or node.name, node
        elif isinstance(node, typed.MethodCall):
            yield node.symbol, node


def walk(node: object) -> Iterator[object]:
    """A node of the typed AST and all nodes below it, parents first."""
    if isinstance(node, tuple):
        for item in node:
            yield from walk(item)
        return
    yield node
    for child in children(node):
        yield from walk(child)


def children(node: object) -> tuple[object, ...]:
    """The direct parts of a node of the typed AST, in source order."""
    match node:
        case typed.Unary() | typed.Convert():
            return (node.operand,)
        case typed.Binary():
            return (node.left, node.right)
        case typed.Conditional():
            return (node.condition, node.then, node.otherwise)
        case typed.MathCall() | typed.FunctionCall():
            return node.args
        case typed.QueryCall():
            return (() if node.object is None else (node.object,)) + node.args
        case typed.Declare():
            return () if node.value is None else (node.value,)
        case typed.Assign():
            return (node.target, node.value)
        case typed.If():
            return (node.condition, *node.then, *node.otherwise)
        case typed.For():
            return (node.init, node.condition, node.step, *node.body)
        case typed.While():
            return (node.condition, *node.body)
        case typed.Return():
            return () if node.value is None else (node.value,)
        case typed.Member():
            return (node.receiver,)
        case typed.Aggregate():
            return tuple(value for value in node.values if value is not None)
        case typed.MethodCall():
            return (node.receiver, *node.args)
        case typed.CallStatement():
            return (node.call,)
        case typed.Switch():
            return (node.value, *(stmt for case in node.cases for stmt in case.body))
        case typed.Scope():
            return node.body
        case typed.Function():
            return (*node.initialisers, *node.body)
        case typed.Module():
            return node.functions
    return ()
