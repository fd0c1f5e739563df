"""Surface AST to typed AST: file level, functions in order, entry points of the template."""

from __future__ import annotations

from anvil.builtins import BUILTINS
from anvil.diagnostics import Diagnostic, Stop, diagnostic, fail
from anvil.fold import evaluate
from anvil.frontend import ast, typed
from anvil.frontend.configure import attachments, is_configure
from anvil.frontend.conversions import convert
from anvil.frontend.desugar import lower_expression
from anvil.frontend.expressions import ExpressionChecker, takes_store
from anvil.frontend.resolve import callees_first, undefined
from anvil.frontend.scope import Context, Scopes, Silent, Symbol
from anvil.frontend.statements import StatementChecker
from anvil.interface import EntryPoint, Interface
from anvil.span import NOWHERE
from anvil.types import Type


def check_file(file: ast.File, interface: Interface | None) -> tuple[typed.Module | None, tuple[Diagnostic, ...]]:
    """The typed module, or None with what is wrong."""
    context = Context(interface)
    bodies = [item for item in file.items if isinstance(item, ast.Function) and item.body is not None]
    context.later_functions = frozenset(function.name for function in bodies)
    constants: list[typed.Constant] = []
    functions: list[typed.Function] = []
    for function in bodies:
        if is_configure(function):
            context.attachments = attachments(function, context)
    for item in file.items:
        try:
            if isinstance(item, ast.Declaration):
                constants.append(_constant(item, context))
            elif isinstance(item, ast.Function) and not is_configure(item):
                checked = _function(item, context)
                if checked is not None:
                    functions.append(checked)
            elif not isinstance(item, ast.Function):
                raise fail("E0113", item.span, what="this declaration", fix="a program holds constants and functions")
        except Stop as stop:
            context.report(stop)
        except Silent:
            pass
    if context.found:
        return None, tuple(context.found)
    missing_bodies = undefined(functions)
    if missing_bodies:
        return None, tuple(missing_bodies)
    ordered, recursion = callees_first(functions)
    entries, missing = _entries(functions, bodies, interface)
    found = (*recursion, *missing)
    return (
        (None, found)
        if found
        else (typed.Module(interface, context.attachments, tuple(constants), ordered, entries), ())
    )


def _constant(item: ast.Declaration, context: Context) -> typed.Constant:
    _check_new_name(item.name, item, context)
    if not item.constant or item.value is None:
        raise fail("E0114", item.span, what="a global variable", fix="make it `constexpr`, or keep state in a listener")
    checker = ExpressionChecker(Scopes(context), None)
    value = checker.value(item.value)
    kind = value.type if item.type.text == "auto" else checker.scalar(item.type)
    known = evaluate(lower_expression(convert(value, kind)), {})
    if known is None:
        raise fail("E0311", item.value.span, what=f"the value of `{item.name}`", fix="write a number")
    context.constants[item.name] = Symbol(item.name, item.name, kind, True, item.name_span, known.value)
    return typed.Constant(kind, item.name, known.value, item.span)


def _function(item: ast.Function, context: Context) -> typed.Function | None:
    known = context.functions.get(item.name)
    if known is not None and (known.body is not None or item.body is None):
        raise fail("E0202", item.name_span, name=item.name, notes=[("first declared here", known.name_span)])
    if known is None:
        _check_new_name(item.name, item, context)
    context.functions[item.name] = item
    if item.body is None:
        return None
    scopes = Scopes(context)
    store = item.params[0].name if takes_store(item) else None
    checker = ExpressionChecker(scopes, store)
    result = _result(item, checker)
    params = tuple(_param(param, scopes, checker) for param in item.params[store is not None :])
    if store is not None and not (item.params[0].type.reference):
        raise fail("E0421", item.params[0].span, name=item.name, form="const vulcan::store& fs")
    if result is None:
        return None
    body = StatementChecker(scopes, checker, result).block(item.body.body)
    return typed.Function(item.name, result, store, params, body, item.name_span)


def _result(item: ast.Function, checker: ExpressionChecker) -> Type | None:
    if item.result.text == "void":
        raise fail("E0114", item.result.span, what="a function without a result", fix="return a value")
    return checker.scalar(item.result)


def _param(param: ast.Param, scopes: Scopes, checker: ExpressionChecker) -> typed.Param:
    kind = checker.scalar(param.type)
    if param.type.reference:
        raise fail("E0114", param.span, what="a reference parameter", fix="pass scalars by value")
    if param.name and scopes.innermost(param.name) is not None:
        raise fail("E0202", param.span, name=param.name)
    unique = scopes.unique(param.name or "unnamed")
    scopes.declare(Symbol(param.name, unique, kind, param.type.constant, param.span))
    return typed.Param(kind, param.name, unique)


def _check_new_name(name: str, item: ast.Declaration | ast.Function, context: Context) -> None:
    what = ""
    if name in BUILTINS:
        what = "a built-in function"
    elif context.interface and name in context.interface.signals:
        what = "a signal of the template"
    elif name in ("main", "configure"):
        what = "a name with a meaning of its own"
    if what:
        raise fail("E0203", item.name_span, name=name, what=what)
    if name in context.constants or (isinstance(item, ast.Declaration) and name in context.functions):
        raise fail("E0202", item.name_span, name=name)


def _entries(
    functions: list[typed.Function], bodies: list[ast.Function], interface: Interface | None
) -> tuple[tuple[EntryPoint, ...], list[Diagnostic]]:
    if interface is None:
        return (), []
    found: list[EntryPoint] = []
    missing: list[Diagnostic] = []
    for entry in interface.entries:
        function = next((f for f in functions if f.name == entry.name), None)
        if function is None:
            place = bodies[-1].name_span if bodies else NOWHERE
            missing.append(diagnostic("E0420", place, name=entry.name, form=signature(entry)))
        elif (
            function.store is None
            or tuple(p.type for p in function.params) != entry.params
            or (function.result is not entry.result)
        ):
            place = next(b.name_span for b in bodies if b.name == entry.name)
            missing.append(diagnostic("E0421", place, name=entry.name, form=signature(entry)))
        else:
            found.append(entry)
    return tuple(found), missing


def signature(entry: EntryPoint) -> str:
    """The form that a template asks for."""
    params = ["const vulcan::store& fs", *(f"{kind.value} obj_id" for kind in entry.params)]
    return f"{entry.result.value} {entry.name}({', '.join(params)})"
