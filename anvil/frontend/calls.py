"""Calls: built-ins, functions with C++'s overload resolution, methods, construction of objects ([call])."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from anvil.builtins import BUILTINS
from anvil.diagnostics import fail
from anvil.frontend import ast, typed
from anvil.frontend.conversions import common, convert, promoted, rank
from anvil.frontend.queries import check_query
from anvil.frontend.scope import ClassInfo, Signature, Silent, did_you_mean
from anvil.span import Span
from anvil.types import Type

if TYPE_CHECKING:
    from anvil.frontend.expressions import ExpressionChecker

_ARGUMENT = typed.Expr | ast.BraceList


def check_call(checker: ExpressionChecker, expr: ast.Call) -> typed.Expr:
    """The typed form of a call."""
    if expr.receiver is not None:
        if isinstance(expr.receiver, ast.Name) and expr.receiver.text == checker.store:
            return check_query(checker, expr)
        return _method(checker, expr, checker.receiver(expr.receiver, expr.span))
    name, last = expr.callee.text, expr.callee.path[-1]
    symbol = checker.scopes.lookup(name)
    if symbol is not None and symbol.function is not None:
        return _function(checker, expr, [symbol.function])
    if checker.scopes.local(name) is not None or (
        checker.this is not None and checker.this.type.field(name) is not None
    ):
        fix = "it is hidden by the variable of that name; rename the variable"
        raise fail("E0205", expr.callee.span, name=name, fix=fix)
    if checker.this is not None and checker.this.methods_named(name):
        return _method(checker, expr, typed.This(checker.this.type, expr.callee.span))
    if last in BUILTINS and expr.callee.path[:-1] in ((), ("anvil",), ("std",)):
        return _builtin(checker, expr, last)
    if name in checker.context.functions:
        checker.context.check_visible(name)
        return _function(checker, expr, checker.context.functions[name])
    if name in checker.context.classes:
        return check_construction(checker, checker.context.classes[name], expr.args, expr.span, braces=False)
    raise _unknown(checker, expr)


def _unknown(checker: ExpressionChecker, expr: ast.Call) -> Exception:
    name, last = expr.callee.text, expr.callee.path[-1]
    if name in checker.context.later_functions:
        fix = "it is defined further down; move it above this function"
        return fail("E0205", expr.callee.span, name=name, fix=fix)
    known = [*BUILTINS, *checker.context.functions]
    return fail("E0205", expr.callee.span, name=name, fix=did_you_mean(last, known, "define it above this function"))


# ------------------------------------------------------------------------------------------------- built-ins


def _builtin(checker: ExpressionChecker, expr: ast.Call, name: str) -> typed.Expr:
    builtin = BUILTINS[name]
    if len(expr.args) != builtin.arity:
        form = f"{name}({', '.join('xyz'[: builtin.arity])})"
        raise fail("E0303", expr.span, name=name, expected=_count(builtin.arity), found=len(expr.args), form=form)
    args = [checker.arithmetic(checker.value(arg), name, arg.span) for arg in expr.args]
    kind = Type.DOUBLE if builtin.kind != "common" else _common(checker, expr, name, [kind for _, kind in args])
    result = Type.BOOL if builtin.kind == "test" else kind
    return typed.MathCall(result, name, tuple(convert(arg, kind) for arg, _ in args), expr.span)


def _common(checker: ExpressionChecker, expr: ast.Call, name: str, kinds: list[Type]) -> Type:
    if expr.callee.template_arg is not None:
        wanted = checker.type_of(expr.callee.template_arg)
        assert isinstance(wanted, Type)
        return wanted
    kind = promoted(kinds[0])
    for other in kinds[1:]:
        kind = common(kind, other)
    if len(set(kinds)) > 1 and expr.callee.path[0] == "std":
        fix = f"C++ wants one type: write `anvil::{name}` for the common type, or `std::{name}<{kind.value}>`"
        spelled = ", ".join(k.value for k in kinds)
        raise fail("E0304", expr.span, name=f"std::{name}", types=spelled, fix=fix)
    return kind


# -------------------------------------------------------------------------------------- functions and methods


def _function(checker: ExpressionChecker, expr: ast.Call, candidates: list[Signature]) -> typed.Expr:
    passes_store, rest = _without_store(checker, expr.args)
    chosen, values = _resolve(checker, expr.callee.text, candidates, rest, passes_store, expr.span)
    values = (*values, *chosen.captured)
    symbol = "" if chosen.symbol == chosen.name else chosen.symbol
    return typed.FunctionCall(chosen.result, chosen.name, values, chosen.takes_store, symbol, expr.span)


def _method(checker: ExpressionChecker, expr: ast.Call, receiver: typed.Expr) -> typed.Expr:
    kind, name = receiver.type, expr.callee.text
    if not isinstance(kind, typed.ClassType):
        raise fail("E0313", expr.span, type=kind.value, name=name, fix="only objects of classes have methods")
    candidates = checker.context.classes[kind.name].methods_named(name)
    if not candidates:
        known = [method.name for method in checker.context.classes[kind.name].methods]
        raise fail(
            "E0313",
            expr.callee.span,
            type=kind.name,
            name=name,
            fix=did_you_mean(name, known, "define it in the class"),
        )
    passes_store, rest = _without_store(checker, expr.args)
    chosen, values = _resolve(checker, name, list(candidates), rest, passes_store, expr.span)
    if not chosen.constant:
        _check_mutation(checker, expr, receiver, chosen)
    mutates = not chosen.constant
    return typed.MethodCall(chosen.result, receiver, name, chosen.symbol, values, mutates, passes_store, expr.span)


def _check_mutation(checker: ExpressionChecker, expr: ast.Call, receiver: typed.Expr, method: Signature) -> None:
    """A method that is not const needs an object that may change, and a statement of its own."""
    fix = "declare the method const, or make the object a variable"
    if isinstance(receiver, typed.This):
        if checker.this_constant:
            raise fail("E0316", expr.span, name=method.name, why="is constant here", fix=fix)
    else:
        assert expr.receiver is not None
        base: typed.Expr = receiver
        while isinstance(base, typed.Member):
            base = base.receiver
        if not isinstance(base, typed.Name | typed.This):
            raise fail("E0316", expr.span, name=method.name, why="is a temporary", fix="store it in a variable first")
        checker.place(expr.receiver)
    if expr is not checker.root:
        why = "may happen before or after the rest of the expression in C++"
        fix = "call it in a statement of its own, and use the result"
        raise fail("E0316", expr.span, name=method.name, why=why, fix=fix)


def _without_store(checker: ExpressionChecker, args: tuple[ast.Expr, ...]) -> tuple[bool, tuple[ast.Expr, ...]]:
    if args and isinstance(args[0], ast.Name) and args[0].text == checker.store:
        return True, args[1:]
    return False, args


def _resolve(
    checker: ExpressionChecker,
    name: str,
    candidates: Sequence[Signature],
    args: tuple[ast.Expr, ...],
    passes_store: bool,
    span: Span,
) -> tuple[Signature, tuple[typed.Expr, ...]]:
    """The best overload, and the arguments converted to its parameters."""
    if not candidates:
        raise Silent  # its declaration was faulty
    given: list[_ARGUMENT] = [
        arg if isinstance(arg, ast.BraceList) and arg.callee is None else checker.value(arg) for arg in args
    ]
    if len(candidates) > 1:
        chosen = _best(name, candidates, given, passes_store, span)
    else:
        chosen = candidates[0]
        _check_arity(chosen, len(given), passes_store, span)
    values = tuple(
        checker.converted(arg, kind) if isinstance(arg, ast.BraceList) else checker.to(arg, kind)
        for arg, kind in zip(given, chosen.params, strict=True)
    )
    return chosen, values


def _check_arity(signature: Signature, given: int, passes_store: bool, span: Span) -> None:
    wants_store = signature.takes_store and not signature.implicit_store
    if given != len(signature.params) or passes_store is not wants_store:
        total, found = len(signature.params) + wants_store, given + passes_store
        if total == found:
            raise fail("E0304", span, name=signature.name, types="...", fix=f"write `{signature.form}`")
        raise fail("E0303", span, name=signature.name, expected=_count(total), found=found, form=signature.form)


def _best(
    name: str, candidates: Sequence[Signature], args: list[_ARGUMENT], passes_store: bool, span: Span
) -> Signature:
    ranked: list[tuple[list[int], Signature]] = []
    for candidate in candidates:
        if len(candidate.params) == len(args) and candidate.takes_store is passes_store:
            ranks = [_rank(arg, kind) for arg, kind in zip(args, candidate.params, strict=True)]
            if None not in ranks:
                ranked.append(([r for r in ranks if r is not None], candidate))
    if not ranked:
        types = ", ".join("{...}" if isinstance(arg, ast.BraceList) else arg.type.value for arg in args)
        forms = " or ".join(f"`{candidate.form}`" for candidate in candidates)
        raise fail("E0304", span, name=name, types=types, fix=f"its forms are {forms}")
    best = [c for r, c in ranked if all(all(a <= b for a, b in zip(r, o, strict=True)) for o, _ in ranked)]
    if len(best) != 1:
        raise fail("E0306", span, name=name, forms=" and ".join(c.form for _, c in ranked))
    return best[0]


def _rank(arg: _ARGUMENT, kind: typed.AnyType) -> int | None:
    """How well an argument fits a parameter; None where it does not."""
    if isinstance(arg, ast.BraceList):
        return 0 if isinstance(kind, typed.ClassType) else None
    if arg.type == kind:
        return 0
    source = arg.type
    if isinstance(source, typed.EnumType) and not source.scoped and isinstance(kind, Type):
        return 1 if kind is Type.INT else 2
    return rank(source, kind) if isinstance(source, Type) and isinstance(kind, Type) else None


# ----------------------------------------------------------------------------------------------- construction


def check_construction(
    checker: ExpressionChecker, info: ClassInfo, args: tuple[ast.Expr, ...], span: Span, *, braces: bool
) -> typed.Expr:
    """An object of a class made from arguments: by a constructor, by copying, or field by field."""
    if len(args) == 1 and not isinstance(args[0], ast.BraceList):
        only = checker.value(args[0])
        if only.type == info.type:
            return only
    if info.constructors:
        chosen, values = _resolve(checker, info.type.name, info.constructors, args, False, span)
        return typed.FunctionCall(info.type, info.type.name, values, False, chosen.symbol, span)
    fields = info.type.fields
    if len(args) > len(fields):
        raise fail(
            "E0314",
            span,
            type=info.type.name,
            types=f"{_count(len(args), 'value')}",
            fix=f"it has {_count(len(fields), 'field')}",
        )
    given = [_field_value(checker, arg, f, braces) for arg, f in zip(args, fields, strict=False)]
    rest = [f.default if f.default is not None else zero(checker, f.type, span) for f in fields[len(args) :]]
    return typed.Aggregate(info.type, (*given, *rest), span)


def _field_value(checker: ExpressionChecker, arg: ast.Expr, target: typed.Field, braces: bool) -> typed.Expr:
    if braces and not isinstance(arg, ast.BraceList):
        value = checker.value(arg)
        checker.check_narrowing(value, target.type)
        return checker.to(value, target.type)
    return checker.converted(arg, target.type)


def default_object(checker: ExpressionChecker, info: ClassInfo, span: Span) -> typed.Expr:
    """The object of `T x;`: fields without a default stay unassigned."""
    if info.constructors:
        return check_construction(checker, info, (), span, braces=False)
    values = tuple(
        default_object(checker, checker.context.classes[f.type.name], span)
        if f.default is None and isinstance(f.type, typed.ClassType)
        else f.default
        for f in info.type.fields
    )
    return typed.Aggregate(info.type, values, span)


def zero(checker: ExpressionChecker, kind: typed.AnyType, span: Span) -> typed.Expr:
    """The value that empty braces give."""
    if isinstance(kind, typed.ClassType):
        return check_construction(checker, checker.context.classes[kind.name], (), span, braces=True)
    if isinstance(kind, typed.EnumType):
        return typed.Literal(kind, 0, span)
    return convert(typed.Literal(Type.INT, 0, span), kind)


def _count(number: int, noun: str = "argument") -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
