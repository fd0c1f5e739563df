"""The `configure` function: which listeners are attached to which signals ([store.configure])."""

from __future__ import annotations

from typing import TypeGuard

from anvil.diagnostics import Stop, fail
from anvil.frontend import ast, typed
from anvil.frontend.literals import number
from anvil.frontend.scope import Context, did_you_mean
from anvil.interface import Interface, Listener

_NAMESPACES = (("vulcan",), ("vulcan", "listeners", "object"), ("vulcan", "listeners", "global"))

ANY_CONFIG = "*"
"""The parameter of a `configure` made of the statements of a policy block: each names its own configuration."""

MAX_WINDOW = 1_048_576
"""Longest window of a listener, in values."""


def is_configure(function: ast.Function) -> bool:
    """Whether a function is `void configure(vulcan::config&)`."""
    return function.name == "configure" and function.result.text == "void"


def attachments(function: ast.Function, context: Context) -> tuple[typed.Attachment, ...]:
    """The listeners that `configure` attaches; faults go to the context."""
    found: list[typed.Attachment] = []
    assert function.body is not None
    if len(function.params) != 1 or not _is_config(function.params[0].type):
        form = "void configure(vulcan::config& config)"
        context.report(fail("E0421", function.name_span, name="configure", form=form))
    for stmt in function.body.body:
        try:
            for attachment in _statement(stmt, function, context):
                if attachment not in found:
                    found.append(attachment)
        except Stop as stop:
            context.report(stop)
    return tuple(found)


def _is_config(name: ast.TypeName) -> bool:
    return name.path == ("vulcan", "config") and name.reference and not name.constant


def _is_list(expr: ast.Expr) -> TypeGuard[ast.BraceList]:
    return isinstance(expr, ast.BraceList) and expr.callee is None


def _named(receiver: ast.Name, config: str) -> bool:
    return config in (receiver.text, ANY_CONFIG)


def _statement(stmt: ast.Stmt, function: ast.Function, context: Context) -> list[typed.Attachment]:
    call = stmt.value if isinstance(stmt, ast.ExprStatement) else None
    config = function.params[0].name if function.params else ""
    shown = config if config and config != ANY_CONFIG else "config"
    if not (isinstance(call, ast.Call) and isinstance(call.receiver, ast.Name) and _named(call.receiver, config)):
        raise fail(
            "E0406",
            stmt.span,
            what="`configure` may only attach listeners",
            fix=f"write `{shown}.add_listeners(signal, {{vulcan::EWMA({{0.2}})}});`",
        )
    if call.callee.text != "add_listeners" or len(call.args) != 2:
        raise fail(
            "E0406",
            call.span,
            what=f"`{call.callee.text}` is not known here",
            fix=f"write `{shown}.add_listeners(signal, {{...}})`",
        )
    if context.interface is None:
        raise fail("E0408", call.span)
    signal, listeners = call.args
    if not isinstance(signal, ast.Name) or signal.text not in context.interface.signals:
        name = signal.text if isinstance(signal, ast.Name) else ""
        known = context.interface.signals
        raise fail(
            "E0401", signal.span, name=name, fix=did_you_mean(name, known, "the signals are " + ", ".join(known))
        )
    items = listeners.items if _is_list(listeners) else (listeners,)
    return [_attachment(item, signal.text, context.interface, context) for item in items]


def _attachment(item: ast.Expr, signal: str, interface: Interface, context: Context) -> typed.Attachment:
    if not isinstance(item, ast.Call) or item.receiver is not None or item.callee.path[:-1] not in _NAMESPACES:
        raise fail("E0406", item.span, what="this is not a listener", fix="listeners are written `vulcan::EWMA({0.2})`")
    name = item.callee.path[-1]
    listener = interface.listeners.get(name)
    if listener is None:
        known = interface.listeners
        raise fail(
            "E0406",
            item.span,
            what=f"there is no listener `{name}`",
            fix=did_you_mean(name, known, "the listeners are " + ", ".join(known)),
        )
    if name.startswith("Pop") and interface.signals[signal].scope == "global":
        raise fail(
            "E0403",
            item.span,
            signal=signal,
            scope="global",
            what=f"`{name}` ranks a population of objects",
            fix="attach it to a per-object signal",
        )
    return typed.Attachment(signal, name, _params(item, listener, context), item.span)


def _params(call: ast.Call, listener: Listener, context: Context) -> tuple[float, ...]:
    args = call.args
    if listener.is_list and len(args) == 1 and _is_list(args[0]):
        args = args[0].items
        if not args:
            raise fail("E0406", call.span, what=f"`{listener.name}` needs at least one value", fix=_form(listener))
    elif listener.is_list or len(args) != bool(listener.param):
        raise fail("E0406", call.span, what=f"`{listener.name}` is not written like this", fix=_form(listener))
    values = tuple(_constant(arg, context) for arg in args)
    for value, arg in zip(values, args, strict=True):
        _check_range(value, arg, listener)
    if len(set(values)) < len(values):
        raise fail("E0406", call.span, what=f"`{listener.name}` has a value twice", fix="name each value once")
    return values


def _check_range(value: float, arg: ast.Expr, listener: Listener) -> None:
    if listener.is_list and not 0 < value <= 1:
        raise fail("E0406", arg.span, what=f"{value!r} is not in (0, 1]", fix="a smoothing factor lies in (0, 1]")
    if not listener.is_list and not (value == int(value) and 1 <= value <= MAX_WINDOW):
        raise fail(
            "E0406",
            arg.span,
            what=f"{value!r} is not a whole number in [1, {MAX_WINDOW}]",
            fix="give the length of the window in values",
        )


def _form(listener: Listener) -> str:
    arg = f"{{{listener.param}...}}" if listener.is_list else listener.param
    return f"write `vulcan::{listener.name}({arg})`"


def _constant(expr: ast.Expr, context: Context) -> float:
    match expr:
        case ast.Number():
            return float(number(expr.text, expr.span)[1])
        case ast.Unary("-", operand):
            return -_constant(operand, context)
        case ast.Name() if expr.text in context.constants and context.constants[expr.text].value is not None:
            return float(context.constants[expr.text].value or 0)
    raise fail("E0311", expr.span, what="the parameter of a listener", fix="write a number or a constexpr constant")
