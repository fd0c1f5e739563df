"""Queries of the feature store: signal, overload, listener and compile-time arguments ([store])."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil.diagnostics import fail
from anvil.frontend import ast, typed
from anvil.frontend.conversions import convert, rank
from anvil.frontend.scope import did_you_mean
from anvil.interface import OBJECT, Interface, Listener, Query, Signal
from anvil.types import Type

if TYPE_CHECKING:
    from anvil.frontend.expressions import ExpressionChecker


def check_query(checker: ExpressionChecker, call: ast.Call) -> typed.Expr:
    """The typed form of `fs.method(signal, ...)`."""
    interface = checker.context.interface
    method = call.callee.text
    if interface is None:
        raise fail("E0408", call.span)
    overloads = interface.queries_named(method)
    if not overloads:
        known = {query.method for query in interface.queries}
        raise fail(
            "E0404",
            call.callee.span,
            method=method,
            fix=did_you_mean(method, known, "its queries are " + ", ".join(sorted(known))),
        )
    signal = _signal(checker, call, interface)
    args = [checker.arithmetic(checker.value(arg), method, arg.span)[0] for arg in call.args[1:]]
    fitting = _fitting(call, signal, overloads, args)
    attachment, query = _attachment(checker, call, signal, fitting, interface, args)
    values = args[1:] if query.by_object else args
    converted = tuple(
        _argument(p.type, p.element_of, v, signal, attachment, interface)
        for p, v in zip(query.params, values, strict=True)
    )
    target = convert(args[0], Type.INT64) if query.by_object else None
    return typed.QueryCall(query.result_type(signal), query, signal, attachment, target, converted, call.span)


def _signal(checker: ExpressionChecker, call: ast.Call, interface: Interface) -> Signal:
    first = call.args[0] if call.args else None
    if not isinstance(first, ast.Name):
        place = first.span if first is not None else call.span
        raise fail(
            "E0401",
            place,
            name="" if first is None else "this expression",
            fix="the first argument of a query is a signal: " + ", ".join(interface.signals),
        )
    if checker.scopes.lookup(first.text) is not None:
        raise fail("E0401", first.span, name=first.text, fix="a variable of that name hides it; rename the variable")
    if first.text not in interface.signals:
        known = ", ".join(interface.signals)
        raise fail(
            "E0401",
            first.span,
            name=first.text,
            fix=did_you_mean(first.text, interface.signals, f"the signals are {known}"),
        )
    return interface.signals[first.text]


def _fitting(call: ast.Call, signal: Signal, overloads: tuple[Query, ...], args: list[typed.Expr]) -> list[Query]:
    """The overloads that C++ would choose: right scope and arity, the best conversions."""
    scoped = [query for query in overloads if query.scope == signal.scope]
    method = call.callee.text
    if not scoped:
        raise fail(
            "E0403",
            call.span,
            signal=signal.name,
            scope=signal.scope,
            what=f"`{method}` is not defined for those",
            fix="use a signal of the other scope",
        )
    sized = [query for query in scoped if len(query.params) + query.by_object == len(args)]
    if not sized:
        wanted = sorted({len(query.params) + query.by_object + 1 for query in scoped})
        form = " or ".join(sorted({_form(query, signal) for query in scoped}))
        if signal.scope == OBJECT and len(args) + 1 < wanted[0]:
            raise fail(
                "E0403",
                call.span,
                signal=signal.name,
                scope="per-object",
                what="the id of the object is missing",
                fix=f"write `{form}`",
            )
        raise fail(
            "E0303",
            call.span,
            name=method,
            expected=f"{' or '.join(map(str, wanted))} argument{'' if wanted == [1] else 's'}",
            found=len(args) + 1,
            form=form,
        )
    ranks = {id(query): _ranks(query, args) for query in sized}
    best = [
        q for q in sized if all(all(a <= b for a, b in zip(ranks[id(q)], ranks[id(o)], strict=True)) for o in sized)
    ]
    # Two listeners may declare the same query; two different parameter lists are what C++ calls ambiguous.
    if len({tuple(_kinds(query)) for query in best}) != 1:
        raise fail("E0306", call.span, name=method, forms=" and ".join(_form(query, signal) for query in sized))
    chosen = best[0]
    if chosen.by_object and args and args[0].type is Type.DOUBLE:
        raise fail(
            "E0403",
            call.span,
            signal=signal.name,
            scope="per-object",
            what="a double is not the id of an object",
            fix=f"write `{_form(chosen, signal)}`",
        )
    return best


def _ranks(query: Query, args: list[typed.Expr]) -> list[int]:
    pairs = zip(args, _kinds(query), strict=True)
    return [rank(arg.type, kind) for arg, kind in pairs if isinstance(arg.type, Type)]


def _kinds(query: Query) -> list[Type]:
    return ([Type.INT64] if query.by_object else []) + [param.type for param in query.params]


def _form(query: Query, signal: Signal) -> str:
    parts = [signal.name, *(["obj_id"] if query.by_object else []), *(param.name for param in query.params)]
    return f"fs.{query.method}({', '.join(parts)})"


def _attachment(
    checker: ExpressionChecker,
    call: ast.Call,
    signal: Signal,
    queries: list[Query],
    interface: Interface,
    args: list[typed.Expr],
) -> tuple[typed.Attachment, Query]:
    """The listener that answers, among those attached to the signal; Latest is always there.

    Where several listeners answer a query, the one declared first in the store's interface does.
    """
    attached = [a for a in checker.context.attachments if a.signal == signal.name]
    found: list[tuple[typed.Attachment, Query]] = []
    for query in queries:
        if query.listener == "Latest":
            found = [(typed.Attachment(signal.name, "Latest", ()), query)]
        else:
            found = [(a, query) for a in attached if a.listener == query.listener]
        if found:
            break
    if len(found) > 1:
        found = _with_element(found, args) or found
    if not found:
        names = list(dict.fromkeys(query.listener for query in queries))
        example = example_of(interface.listeners[names[0]], queries[0], args)
        raise fail(
            "E0402",
            call.span,
            method=call.callee.text,
            listener=" or ".join(names),
            signal=signal.name,
            example=example,
        )
    if len(found) > 1:
        raise fail(
            "E0407",
            call.span,
            signal=signal.name,
            method=call.callee.text,
            listeners=", ".join(describe(a, interface) for a, _ in found),
        )
    return found[0]


def _with_element(
    found: list[tuple[typed.Attachment, Query]], args: list[typed.Expr]
) -> list[tuple[typed.Attachment, Query]]:
    """Of several attachments of one listener, the first whose list holds the element asked for."""
    for attachment, query in found:
        values = args[1:] if query.by_object else args
        for param, value in zip(query.params, values, strict=True):
            if param.element_of and isinstance(value, typed.Literal) and float(value.value) in attachment.params:
                return [(attachment, query)]
    return []


def _argument(
    kind: Type, element_of: str, value: typed.Expr, signal: Signal, attachment: typed.Attachment, interface: Interface
) -> typed.Expr:
    value = convert(value, kind)
    if not element_of:
        return value
    listener = interface.listeners[attachment.listener]
    if not isinstance(value, typed.Literal):
        raise fail(
            "E0311",
            value.span,
            what=f"this argument, one of the {element_of} of {listener.name},",
            fix="write the number itself, or a constexpr constant",
        )
    if value.value not in attachment.params:
        more = ", ".join(format_number(p) for p in (*attachment.params, float(value.value)))
        raise fail(
            "E0405",
            value.span,
            value=format_number(float(value.value)),
            param=element_of,
            listener=listener.name,
            signal=signal.name,
            have=", ".join(map(format_number, attachment.params)),
            example=f"vulcan::{listener.name}({{{more}}})",
        )
    return value


def example_of(listener: Listener, query: Query, args: list[typed.Expr]) -> str:
    """How to attach a listener that answers this query."""
    values = args[1:] if query.by_object else args
    if listener.is_list:
        wanted = [
            v.value for p, v in zip(query.params, values, strict=True) if p.element_of and isinstance(v, typed.Literal)
        ]
        return f"vulcan::{listener.name}({{{format_number(float(wanted[0])) if wanted else '0.2'}}})"
    return f"vulcan::{listener.name}({'16' if listener.param else ''})"


def describe(attachment: typed.Attachment, interface: Interface) -> str:
    """An attachment as written in `configure`."""
    listener = interface.listeners[attachment.listener]
    params = ", ".join(map(format_number, attachment.params))
    return f"vulcan::{listener.name}({{{params}}})" if listener.is_list else f"vulcan::{listener.name}({params})"


def format_number(value: float) -> str:
    """Shortest spelling: whole numbers without a point."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
