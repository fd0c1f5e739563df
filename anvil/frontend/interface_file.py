"""Interface files: templates of tasks, and the store's own query interface, to `Interface` ([interface.form])."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import vulcan

from anvil.diagnostics import Rejected, Stop, fail
from anvil.frontend import ast
from anvil.frontend.contracts import POST, PRE, entry_contracts
from anvil.frontend.library import finding, taken_at_file_scope
from anvil.frontend.literals import number
from anvil.frontend.parser import parse
from anvil.interface import GLOBAL, OBJECT, EntryPoint, Interface, Listener, Query, QueryParam, Signal
from anvil.span import NOWHERE, Span
from anvil.types import Type

_SCOPES = {
    ("vulcan", "global_signal"): GLOBAL,
    ("vulcan", "object_signal"): OBJECT,
    ("global_signal",): GLOBAL,
    ("object_signal",): OBJECT,
}

STORE_TYPES = (("vulcan", "store"), ("vulcan", "feature_store"))


def load_interface(path: str | Path) -> Interface:
    """The interface of a template file, on top of the store's own; raises Rejected if either is wrong."""
    path = Path(path)
    listeners, queries = _store_interface()
    source = _read(path)
    try:
        return _template(source, path, listeners, queries)
    except Stop as stop:
        raise Rejected([stop.found], source, str(path)) from None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise Rejected(
            [fail("E0602", NOWHERE, path=path, why=why, fix="check the path").found], "", str(path)
        ) from None


# ------------------------------------------------------------------------------------------------- the store


def _store_interface() -> tuple[dict[str, Listener], tuple[Query, ...]]:
    path = vulcan.interface_path()
    source = _read(path)
    listeners: dict[str, Listener] = {}
    queries: list[Query] = []
    try:
        for item in _items(parse(source, str(path)).items):
            if isinstance(item, ast.Class) and item.name == "store":
                queries += [_query(method, source) for method in item.methods]
            elif isinstance(item, ast.Function) and item.result.text == "listener":
                listeners[item.name] = _listener(item, source)
    except Stop as stop:
        raise Rejected([stop.found], source, str(path)) from None
    return listeners, tuple(queries)


def _items(items: tuple[ast.Item, ...]) -> Iterator[ast.Item]:
    for item in items:
        if isinstance(item, ast.Namespace):
            yield from _items(item.body)
        else:
            yield item


def _listener(item: ast.Function, source: str) -> Listener:
    size = _attribute(item.attributes, "bytes", item.span)
    param = item.params[0] if item.params else None
    is_list = param is not None and param.type.text == "std::initializer_list"
    fixed = _linear(size.args[0], 0)
    return Listener(
        item.name,
        param.name if param else "",
        is_list,
        fixed,
        _linear(size.args[0], 1) - fixed,
        _comment_above(source, _head(item)),
    )


def _query(method: ast.Function, source: str) -> Query:
    attribute = _attribute(method.attributes, "query", method.span)
    if len(attribute.args) != 2 or not all(isinstance(arg, ast.Name) for arg in attribute.args):
        raise _malformed(attribute.span, "`anvil::query` takes a listener and a symbol")
    listener, symbol = (arg.text for arg in attribute.args if isinstance(arg, ast.Name))
    scope = _SCOPES.get(method.params[0].type.path) if method.params else None
    if scope is None:
        raise _malformed(method.span, "the first parameter of a query is its signal")
    rest = method.params[1:]
    by_object = bool(rest) and rest[0].name == "object"
    params = tuple(_query_param(param) for param in rest[by_object:])
    result = None if method.result.text == "T" else scalar(method.result)
    pre = next((a.args[0] for a in method.attributes if a.name == "anvil::pre"), None)
    pre_text = source[pre.span.start : pre.span.end] if pre else ""
    doc = _comment_above(source, _head(method))
    return Query(method.name, listener, symbol, scope, by_object, params, result, pre, pre_text, doc)


def _query_param(param: ast.Param) -> QueryParam:
    element = next((a.args[0] for a in param.attributes if a.name == "anvil::element"), None)
    return QueryParam(param.name, scalar(param.type), element.text if isinstance(element, ast.Name) else "")


# --------------------------------------------------------------------------------------------- the templates


def _template(source: str, path: Path, listeners: dict[str, Listener], queries: tuple[Query, ...]) -> Interface:
    signals: dict[str, Signal] = {}
    entries: list[EntryPoint] = []
    for item in _items(parse(source, str(path)).items):
        if isinstance(item, ast.Declaration):
            if item.name in signals:
                raise fail("E0202", item.name_span, name=item.name)
            _check_name(item)
            signals[item.name] = _signal(item, source)
        elif isinstance(item, ast.Function) and item.body is None:
            _check_name(item)
            entries.append(_entry(item, source))
        else:
            raise _malformed(item.span, "a template holds signals and the prototypes of its entry points")
    if not entries:
        raise _malformed(NOWHERE, "the template names no entry point")
    return Interface(path.stem, signals, listeners, queries, tuple(entries), _comment_above(source, Span(1, 1, 0, 0)))


def _check_name(item: ast.Declaration | ast.Function) -> None:
    """Programs are C++ beside their template, so its names are none of C++'s either."""
    found = finding(item.name, item.name_span, taken_at_file_scope(item.name), linked=True)
    if found is not None:
        raise Stop(found)


def _signal(item: ast.Declaration, source: str) -> Signal:
    scope = _SCOPES.get(item.type.path)
    value_type = scalar(item.type.args[0]) if item.type.args else None
    if scope is None or value_type not in (Type.INT64, Type.DOUBLE):
        raise _malformed(
            item.span,
            "a signal is a `vulcan::global_signal<T>` or a `vulcan::object_signal<T>` with T int64_t or double",
        )
    unit = next((a.args[0] for a in item.attributes if a.name == "anvil::unit"), None)
    limits = next((a.args for a in item.attributes if a.name == "anvil::range"), None)
    low, high = (float(_value(limits[0])), float(_value(limits[1]))) if limits else (None, None)
    text = unit.text.strip('"') if isinstance(unit, ast.String) else ""
    return Signal(item.name, scope, value_type, text, low, high, _comment_above(source, _head(item)), item.name_span)


def _entry(item: ast.Function, source: str) -> EntryPoint:
    for attribute in item.attributes:
        if attribute.name.startswith("anvil::") and attribute.name not in (PRE, POST):
            raise _malformed(attribute.span, f"an entry point has `{PRE}` and `{POST}`, not `{attribute.name}`")
    if not item.params or item.params[0].type.path not in STORE_TYPES:
        raise _malformed(item.span, f"the entry point `{item.name}` does not take the store")
    params = tuple(scalar(param.type) for param in item.params[1:])
    kind = {(): "value", (Type.INT64,): "rank"}.get(params)
    if kind is None or scalar(item.result) is not Type.DOUBLE:
        raise _malformed(
            item.span,
            f"`{item.name}` is neither `double (const vulcan::store&)` nor `double (const vulcan::store&, int64_t)`",
        )
    names = tuple(param.name for param in item.params[1:])
    doc = _comment_above(source, _head(item))
    entry = EntryPoint(item.name, kind, Type.DOUBLE, params, doc, names, item.attributes)
    for post in (False, True):
        entry_contracts(entry, post)  # faults of the template are found with the template
    return entry


# --------------------------------------------------------------------------------------------------- pieces


def scalar(name: ast.TypeName) -> Type:
    """The scalar type of that name."""
    try:
        return Type(name.text.removeprefix("std::"))
    except ValueError:
        raise fail("E0301", name.span, name=name.text, fix="") from None


def _attribute(attributes: tuple[ast.Attribute, ...], name: str, span: Span) -> ast.Attribute:
    for attribute in attributes:
        if attribute.name == f"anvil::{name}":
            return attribute
    raise _malformed(span, f"the attribute `anvil::{name}` is missing")


def _value(expr: ast.Expr) -> int | float:
    if isinstance(expr, ast.Number):
        return number(expr.text, expr.span)[1]
    if isinstance(expr, ast.Unary) and expr.op == "-":
        return -_value(expr.operand)
    raise _malformed(expr.span, "a number is expected here")


def _linear(expr: ast.Expr, each: int) -> int:
    """Value of a size expression with its one variable set to `each`."""
    match expr:
        case ast.Number():
            return int(_value(expr))
        case ast.Name():
            return each
        case ast.Binary("+", left, right):
            return _linear(left, each) + _linear(right, each)
        case ast.Binary("*", left, right):
            return _linear(left, each) * _linear(right, each)
    raise _malformed(expr.span, "a size is a sum of constants and multiples of the parameter")


def _malformed(span: Span, what: str) -> Stop:
    return fail(
        "E0601", span, what=what, fix="compare with studies/cache/template.anv; the forms are listed in spec/anvil.md"
    )


def _head(item: ast.Declaration | ast.Function) -> Span:
    """Where a declaration begins, its attributes included."""
    return min((item.span, *(a.span for a in item.attributes)), key=lambda span: span.start)


def _comment_above(source: str, span: Span) -> str:
    """The `//` lines directly above the line of `span`; at the head of a file, those it begins with."""
    lines = source.splitlines()
    if span.line <= 1:
        found = []
        for line in lines:
            if not line.startswith("//"):
                break
            found.append(line)
    else:
        first = last = span.line - 1
        while first > 0 and lines[first - 1].lstrip().startswith("//"):
            first -= 1
        found = lines[first:last]
    return " ".join(line.lstrip().removeprefix("//").strip() for line in found)
