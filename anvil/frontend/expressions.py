"""Types of expressions: literals, operators, conversions, built-ins, calls ([expr])."""

from __future__ import annotations

from anvil.builtins import BUILTINS
from anvil.diagnostics import fail
from anvil.frontend import ast, typed
from anvil.frontend.conversions import common, convert, promoted
from anvil.frontend.literals import number
from anvil.frontend.queries import check_query
from anvil.frontend.scope import Scopes, Silent, did_you_mean
from anvil.span import Span
from anvil.types import Type

_ARITHMETIC = frozenset(["+", "-", "*", "/", "%"])
_BITWISE = frozenset(["&", "|", "^"])
_COMPARISONS = frozenset(["<", "<=", ">", ">=", "==", "!="])


class ExpressionChecker:
    """Checks the expressions of one function; `store` is the name of its store parameter."""

    def __init__(self, scopes: Scopes, store: str | None) -> None:
        self.scopes = scopes
        self.context = scopes.context
        self.store = store

    def value(self, expr: ast.Expr) -> typed.Expr:
        """The typed form of an expression."""
        match expr:
            case ast.Number():
                kind, value = number(expr.text, expr.span)
                return typed.Literal(kind, value, expr.span)
            case ast.Bool():
                return typed.Literal(Type.BOOL, expr.value, expr.span)
            case ast.Name():
                return self._name(expr)
            case ast.Unary():
                return self._unary(expr)
            case ast.Binary():
                return self._binary(expr)
            case ast.Conditional():
                return self._conditional(expr)
            case ast.Cast():
                return self._cast(expr)
            case ast.Call():
                return self._call(expr)
            case ast.String():
                raise fail("E0305", expr.span, what="a string", fix="heuristics compute with numbers only")
            case ast.BraceList():
                raise fail("E0305", expr.span, what="a list in braces", fix="use a single value")

    def converted(self, expr: ast.Expr, kind: Type) -> typed.Expr:
        return convert(self.value(expr), kind)

    def scalar(self, name: ast.TypeName) -> Type:
        """The scalar type that a type name stands for; raises Stop for another."""
        text = name.text.removeprefix("std::")
        try:
            kind = Type(text)
        except ValueError:
            fix = {
                "float": ": use double",
                "long": ": use int64_t",
                "unsigned": ": use uint64_t",
                "size_t": ": use uint64_t",
            }
            raise fail("E0301", name.span, name=name.text, fix=fix.get(text, "")) from None
        if kind is Type.VOID or name.args:
            raise fail("E0301", name.span, name=name.text, fix="")
        return kind

    # ------------------------------------------------------------------------------------------------- names

    def _name(self, expr: ast.Name) -> typed.Expr:
        symbol = self.scopes.lookup(expr.text) if len(expr.path) == 1 else None
        if symbol is None:
            raise self._unknown(expr)
        if symbol.type is None:
            raise Silent
        if symbol.value is not None:
            return typed.Literal(symbol.type, symbol.value, expr.span)
        return typed.Name(symbol.type, symbol.name, symbol.unique, expr.span)

    def _unknown(self, expr: ast.Name) -> Exception:
        interface, text = self.context.interface, expr.text
        if interface and text in interface.signals:
            signal = interface.signals[text]
            id_part = ", obj_id" if signal.scope == "object" else ""
            return fail(
                "E0305", expr.span, what=f"the signal `{text}`", fix=f"query it: `fs.get_latest({text}{id_part})`"
            )
        if text == self.store:
            return fail("E0305", expr.span, what="the store", fix=f"query it: `{text}.get_latest(...)`")
        if text in self.context.functions or expr.path[-1] in BUILTINS:
            return fail("E0305", expr.span, what=f"the function `{text}`", fix=f"call it: `{text}(...)`")
        known = [*self.scopes.names(), *(interface.signals if interface else ())]
        return fail("E0201", expr.span, name=text, fix=did_you_mean(text, known, "declare it before its first use"))

    # --------------------------------------------------------------------------------------------- operators

    def _unary(self, expr: ast.Unary) -> typed.Expr:
        operand = self.value(expr.operand)
        if expr.op == "!":
            return typed.Unary(Type.BOOL, "!", convert(operand, Type.BOOL), expr.span)
        kind = promoted(operand.type)
        if expr.op == "~" and not kind.is_integer:
            raise fail("E0302", expr.span, op="~", types=operand.type.value, fix="bitwise operators work on integers")
        operand = convert(operand, kind)
        if expr.op == "-" and isinstance(operand, typed.Literal):
            value = -operand.value if kind is Type.DOUBLE else kind.wrap(-int(operand.value))
            return typed.Literal(kind, value, expr.span)
        return typed.Unary(kind, expr.op, operand, expr.span)

    def _binary(self, expr: ast.Binary) -> typed.Expr:
        left, right = self.value(expr.left), self.value(expr.right)
        return self.operation(expr.op, left, right, expr.span)

    def operation(self, op: str, left: typed.Expr, right: typed.Expr, span: Span) -> typed.Expr:
        """`left op right` with the conversions that C++ inserts."""
        if op in ("&&", "||"):
            return typed.Binary(Type.BOOL, op, convert(left, Type.BOOL), convert(right, Type.BOOL), span)
        if op in ("<<", ">>"):
            kind, count = promoted(left.type), promoted(right.type)
            if not (kind.is_integer and count.is_integer):
                raise self._operands(op, left, right, span)
            return typed.Binary(kind, op, convert(left, kind), convert(right, count), span)
        kind = common(left.type, right.type)
        if (op == "%" or op in _BITWISE) and not kind.is_integer:
            raise self._operands(op, left, right, span)
        result = Type.BOOL if op in _COMPARISONS else kind
        return typed.Binary(result, op, convert(left, kind), convert(right, kind), span)

    def _operands(self, op: str, left: typed.Expr, right: typed.Expr, span: Span) -> Exception:
        fix = "use `anvil::fmod`" if op == "%" else "convert to an integer with static_cast first"
        return fail("E0302", span, op=op, types=f"{left.type.value} and {right.type.value}", fix=fix)

    def _conditional(self, expr: ast.Conditional) -> typed.Expr:
        condition = self.converted(expr.condition, Type.BOOL)
        then, otherwise = self.value(expr.then), self.value(expr.otherwise)
        kind = then.type if then.type is otherwise.type else common(then.type, otherwise.type)
        return typed.Conditional(kind, condition, convert(then, kind), convert(otherwise, kind), expr.span)

    def _cast(self, expr: ast.Cast) -> typed.Expr:
        kind, operand = self.scalar(expr.type), self.value(expr.operand)
        if isinstance(operand, typed.Literal):
            return convert(operand, kind)
        return typed.Convert(kind, operand, True, expr.span)

    # ------------------------------------------------------------------------------------------------- calls

    def _call(self, expr: ast.Call) -> typed.Expr:
        if expr.receiver is not None:
            return self._method(expr, expr.receiver)
        name, last = expr.callee.text, expr.callee.path[-1]
        if last in BUILTINS and expr.callee.path[:-1] in ((), ("anvil",), ("std",)):
            return self._builtin(expr, last)
        if name in self.context.functions:
            return self._function(expr, self.context.functions[name])
        if name in self.context.later_functions:
            raise fail(
                "E0205", expr.callee.span, name=name, fix="it is defined further down; move it above this function"
            )
        known = [*BUILTINS, *self.context.functions]
        raise fail("E0205", expr.callee.span, name=name, fix=did_you_mean(last, known, "define it above this function"))

    def _method(self, expr: ast.Call, receiver: ast.Expr) -> typed.Expr:
        if isinstance(receiver, ast.Name) and receiver.text == self.store:
            return check_query(self, expr)
        raise fail("E0114", expr.span, what="a method call on anything but the store", fix="call a query of the store")

    def _builtin(self, expr: ast.Call, name: str) -> typed.Expr:
        builtin = BUILTINS[name]
        if len(expr.args) != builtin.arity:
            form = f"{name}({', '.join('xyz'[: builtin.arity])})"
            raise fail("E0303", expr.span, name=name, expected=_count(builtin.arity), found=len(expr.args), form=form)
        args = [self.value(arg) for arg in expr.args]
        kind = Type.DOUBLE if builtin.kind != "common" else self._common(expr, name, args)
        result = Type.BOOL if builtin.kind == "test" else kind
        return typed.MathCall(result, name, tuple(convert(arg, kind) for arg in args), expr.span)

    def _common(self, expr: ast.Call, name: str, args: list[typed.Expr]) -> Type:
        if expr.callee.template_arg is not None:
            return self.scalar(expr.callee.template_arg)
        kinds = {arg.type for arg in args}
        kind = promoted(args[0].type)
        for arg in args[1:]:
            kind = common(kind, arg.type)
        if len(kinds) > 1 and expr.callee.path[0] == "std":
            spelled = ", ".join(arg.type.value for arg in args)
            raise fail(
                "E0304",
                expr.span,
                name=f"std::{name}",
                types=spelled,
                fix=f"C++ wants one type: write `anvil::{name}` for the common type, or `std::{name}<{kind.value}>`",
            )
        return kind

    def _function(self, expr: ast.Call, function: ast.Function) -> typed.Expr:
        passes_store = takes_store(function)
        args, params = expr.args, function.params
        if len(args) != len(params):
            form = f"{function.name}({', '.join(p.name or p.type.text for p in params)})"
            raise fail("E0303", expr.span, name=function.name, expected=_count(len(params)), found=len(args), form=form)
        if passes_store:
            first, args, params = args[0], args[1:], params[1:]
            if not (isinstance(first, ast.Name) and first.text == self.store):
                raise fail("E0304", expr.span, name=function.name, types="...", fix="its first argument is the store")
        values = tuple(self.converted(a, self.scalar(p.type)) for a, p in zip(args, params, strict=True))
        return typed.FunctionCall(self.scalar(function.result), function.name, values, passes_store, expr.span)


def takes_store(function: ast.Function) -> bool:
    """Whether the first parameter of a function is the store."""
    return bool(function.params) and function.params[0].type.path in (("vulcan", "store"), ("vulcan", "feature_store"))


def _count(number: int) -> str:
    return f"{number} argument" + ("" if number == 1 else "s")
