"""Declarations of enumerations and classes ([enum], [class])."""

from __future__ import annotations

from anvil.builtins import BUILTINS
from anvil.diagnostics import fail
from anvil.fold import evaluate
from anvil.frontend import ast, typed
from anvil.frontend.desugar import lower_expression
from anvil.frontend.expressions import ExpressionChecker
from anvil.frontend.functions import FunctionSource, check_body, signature_of
from anvil.frontend.scope import ClassInfo, Context, Scopes, Signature
from anvil.span import Span
from anvil.types import Type


def declare_enum(item: ast.Enum, context: Context) -> typed.EnumType:
    """The enumeration, known to the context from here on."""
    _check_new_type(item.name, item, context)
    checker = ExpressionChecker(Scopes(context), None)
    values: list[tuple[str, int]] = []
    following = 0
    for name, expr, span in item.enumerators:
        taken = name in (label for label, _ in values) or (not item.scoped and context.enumerator(name) is not None)
        if taken:
            raise fail("E0202", span, name=name)
        if not item.scoped:
            _check_new_enumerator(name, span, context)
        if expr is not None:
            # Earlier enumerators may be used in later values.
            context.enums[item.name] = typed.EnumType(item.name, False, tuple(values))
            value = checker.value(expr)
            known = evaluate(lower_expression(value), {})
            if known is None:
                raise fail("E0311", expr.span, what=f"the value of `{name}`", fix="write a number")
            if value.type is Type.DOUBLE:
                raise fail("E0102", expr.span, text=name, why="its value is a double", fix="write an integer")
            following = int(known.value)
        if not Type.INT.low <= following <= Type.INT.high:
            raise fail("E0102", span, text=name, why="it does not fit into int", fix="use a smaller value")
        values.append((name, following))
        following += 1
    context.enums[item.name] = typed.EnumType(item.name, item.scoped, tuple(values))
    return context.enums[item.name]


def declare_class(item: ast.Class, context: Context) -> ClassInfo:
    """The class with its methods checked, known to the context from here on."""
    _check_new_type(item.name, item, context)
    info = ClassInfo(_fields(item, context), (), ())
    context.classes[item.name] = info
    constructors = [(c, _constructor(c, item, info, context)) for c in item.constructors]
    methods = [(m, _method(m, info, context)) for m in item.methods]
    info = ClassInfo(info.type, tuple(s for _, s in constructors), tuple(s for _, s in methods))
    context.classes[item.name] = info
    for constructor, signature in constructors:
        body = ast.Compound((), False, constructor.span) if constructor.body is None else constructor.body
        source = FunctionSource(constructor.params, body, constructor.name_span, constructor.initialisers)
        check_body(source, signature, context, info)
    for method, signature in methods:
        assert method.body is not None
        for attribute in method.attributes:
            if attribute.name.startswith("anvil::"):
                what = f"`{attribute.name}` on a method"
                raise fail("E0114", attribute.span, what=what, fix="put the condition on a function")
        check_body(FunctionSource(method.params, method.body, method.name_span), signature, context, info)
    return info


def _fields(item: ast.Class, context: Context) -> typed.ClassType:
    checker = ExpressionChecker(Scopes(context), None)
    fields: list[typed.Field] = []
    for declared in item.fields:
        if any(f.name == declared.name for f in fields) or any(m.name == declared.name for m in item.methods):
            raise fail("E0202", declared.name_span, name=declared.name)
        if declared.constant:
            raise fail("E0114", declared.span, what="a constant member", fix="declare the constant outside the class")
        kind = checker.type_of(declared.type)
        default = None if declared.value is None else checker.converted(declared.value, kind)
        fields.append(typed.Field(declared.name, kind, default))
    return typed.ClassType(item.name, tuple(fields))


def _constructor(item: ast.Constructor, owner: ast.Class, info: ClassInfo, context: Context) -> Signature:
    if item.name != owner.name:
        raise fail("E0301", item.name_span, name=item.name, fix=f"; a constructor is called `{owner.name}`")
    checker = ExpressionChecker(Scopes(context), None)
    params = tuple(checker.type_of(param.type) for param in item.params)
    return Signature(item.name, context.unique(item.name), params, info.type, False, item.name_span)


def _method(item: ast.Function, info: ClassInfo, context: Context) -> Signature:
    if item.body is None:
        raise fail("E0113", item.span, what="a method without a body", fix="define it in the class")
    return signature_of(item, context, context.unique(f"{info.type.name}_{item.name}"))


def _check_new_type(name: str, item: ast.Class | ast.Enum, context: Context) -> None:
    if name in context.classes or name in context.enums or name in context.constants or name in context.functions:
        raise fail("E0202", item.name_span, name=name)
    if context.enumerator(name) is not None:
        raise fail("E0202", item.name_span, name=name)
    _check_reserved(name, item.name_span, context)


def _check_new_enumerator(name: str, span: Span, context: Context) -> None:
    if name in context.constants or name in context.functions or name in context.classes or name in context.enums:
        raise fail("E0202", span, name=name)
    _check_reserved(name, span, context)


def _check_reserved(name: str, span: Span, context: Context) -> None:
    if name in BUILTINS:
        raise fail("E0203", span, name=name, what="a built-in function")
    if context.interface and name in context.interface.signals:
        raise fail("E0203", span, name=name, what="a signal of the template")
