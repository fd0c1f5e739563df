"""Types of expressions: literals, names, operators, conversions, members ([expr])."""

from __future__ import annotations

from anvil.builtins import BUILTINS
from anvil.diagnostics import fail
from anvil.frontend import ast, typed
from anvil.frontend.calls import check_call, check_construction
from anvil.frontend.conversions import common, convert, promoted
from anvil.frontend.literals import number
from anvil.frontend.scope import ClassInfo, Scopes, Silent, did_you_mean
from anvil.span import Span
from anvil.types import Type

_BITWISE = frozenset(["&", "|", "^"])
_COMPARISONS = frozenset(["<", "<=", ">", ">=", "==", "!="])
_INSTEAD = {"float": ": use double", "long": ": use int64_t", "unsigned": ": use uint64_t", "size_t": ": use uint64_t"}


class ExpressionChecker:
    """Checks the expressions of one function; `store` is the name of its store parameter.

    In a method, `this` is its class, and `this_constant` holds where the object must not change.
    """

    def __init__(
        self, scopes: Scopes, store: str | None, this: ClassInfo | None = None, this_constant: bool = False
    ) -> None:
        self.scopes = scopes
        self.context = scopes.context
        self.store = store
        self.this = this
        self.this_constant = this_constant
        self.root: ast.Expr | None = None
        """The one expression of the statement at hand that may be a call that changes its object."""

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
                return check_call(self, expr)
            case ast.Member():
                return self._member(expr)
            case ast.BraceList() if expr.callee is not None:
                return check_construction(self, self.class_named(expr.callee), expr.items, expr.span, braces=True)
            case ast.String():
                raise fail("E0305", expr.span, what="a string", fix="heuristics compute with numbers only")
            case ast.BraceList():
                raise fail("E0305", expr.span, what="a list in braces", fix="use a single value")
            case ast.This():
                raise fail("E0305", expr.span, what="`this`", fix="name a member: `this->member`")
            case ast.Lambda():
                raise fail("E0305", expr.span, what="a lambda", fix="give it a name: `auto f = [...](...) { ... };`")

    # ------------------------------------------------------------------------------------------- conversions

    def converted(self, expr: ast.Expr, kind: typed.AnyType) -> typed.Expr:
        """An expression, or an initialiser in braces, as a value of type `kind`."""
        if isinstance(expr, ast.BraceList) and expr.callee is None:
            return self._initialiser(expr, kind)
        return self.to(self.value(expr), kind)

    def to(self, value: typed.Expr, kind: typed.AnyType) -> typed.Expr:
        """The implicit conversion of C++, or a finding."""
        if value.type == kind:
            return value
        source = value.type
        if isinstance(kind, Type) and isinstance(source, typed.EnumType) and not source.scoped:
            return convert(_as_int(value), kind)
        if not (isinstance(kind, Type) and isinstance(source, Type)):
            enum = isinstance(kind, typed.EnumType) or isinstance(source, typed.EnumType)
            fix = f"write `static_cast<{kind.value}>(...)`" if enum else "use values of one type"
            raise fail("E0315", value.span, source=source.value, target=kind.value, fix=fix)
        return convert(value, kind)

    def _initialiser(self, expr: ast.BraceList, kind: typed.AnyType) -> typed.Expr:
        if isinstance(kind, typed.ClassType):
            info = self.context.classes[kind.name]
            return check_construction(self, info, expr.items, expr.span, braces=not expr.parenthesised)
        if len(expr.items) != 1:
            raise fail("E0113", expr.span, what="a list of values", fix="initialise a scalar with one value")
        value = self.value(expr.items[0])
        if not expr.parenthesised:
            self.check_narrowing(value, kind)
        return self.to(value, kind)

    def check_narrowing(self, value: typed.Expr, kind: typed.AnyType) -> None:
        """`T x{value}` allows no narrowing."""
        source = value.type
        if not (isinstance(kind, Type) and isinstance(source, Type)) or source is kind or source is Type.BOOL:
            return
        widens = (source, kind) == (Type.INT, Type.INT64)
        if isinstance(value, typed.Literal) and kind is not Type.BOOL and source is not Type.DOUBLE:
            widens = convert(value, kind) == typed.Literal(kind, value.value)
        if not widens:
            raise fail(
                "E0302",
                value.span,
                op="{}",
                types=f"a {source.value} where {kind.value} is initialised",
                fix="write `= value` instead of braces, or convert with static_cast",
            )

    def arithmetic(self, value: typed.Expr, op: str, span: Span) -> tuple[typed.Expr, Type]:
        """An operand of a built-in operator, an unscoped enumerator as its int, and its type."""
        if isinstance(value.type, typed.EnumType) and not value.type.scoped:
            value = _as_int(value)
        if not isinstance(value.type, Type):
            fix = "operators work on numbers; compare or convert the members"
            raise fail("E0302", span, op=op, types=value.type.value, fix=fix)
        return value, value.type

    # ------------------------------------------------------------------------------------------------- types

    def type_of(self, name: ast.TypeName) -> typed.AnyType:
        """The type that a type name stands for; raises Stop where there is none."""
        text = name.text.removeprefix("std::")
        if text in self.context.classes:
            return self.context.classes[text].type
        if text in self.context.enums:
            return self.context.enums[text]
        try:
            kind = Type(text)
        except ValueError:
            raise fail("E0301", name.span, name=name.text, fix=_INSTEAD.get(text, "")) from None
        if kind is Type.VOID or name.args:
            raise fail("E0301", name.span, name=name.text, fix="")
        return kind

    def class_named(self, name: ast.Name) -> ClassInfo:
        """The class of that name."""
        info = self.context.classes.get(name.text)
        if info is None:
            fix = did_you_mean(name.text, self.context.classes, "")
            raise fail("E0301", name.span, name=name.text, fix=f": {fix}" if fix else "")
        return info

    # ------------------------------------------------------------------------------------------------- names

    def _name(self, expr: ast.Name) -> typed.Expr:
        symbol = self.scopes.lookup(expr.text) if len(expr.path) == 1 else None
        if symbol is not None and self.scopes.local(expr.text) is None and self._field(expr.text) is not None:
            symbol = None  # a member hides a constant of the file
        if symbol is not None and symbol is self.context.constants.get(expr.text):
            self.context.check_visible(expr.text)
        if symbol is None:
            return self._member_or_enumerator(expr)
        if symbol.function is not None:
            raise fail("E0305", expr.span, what=f"the lambda `{expr.text}`", fix=f"call it: `{expr.text}(...)`")
        if symbol.type is None:
            raise Silent
        if symbol.value is not None:
            return typed.Literal(symbol.type, symbol.value, expr.span)
        return typed.Name(symbol.type, symbol.name, symbol.unique, expr.span)

    def _field(self, name: str) -> typed.Field | None:
        return self.this.type.field(name) if self.this is not None else None

    def _member_or_enumerator(self, expr: ast.Name) -> typed.Expr:
        found = self._field(expr.text)
        if found is not None and self.this is not None:
            return typed.Member(found.type, typed.This(self.this.type, expr.span), found.name, expr.span)
        if len(expr.path) == 2 and expr.path[0] in self.context.enums:
            enum = self.context.enums[expr.path[0]]
            for label, value in enum.enumerators:
                if label == expr.path[1]:
                    return typed.Literal(enum, value, expr.span)
            known = [label for label, _ in enum.enumerators]
            fix = did_you_mean(expr.path[1], known, "its values are " + ", ".join(known))
            raise fail("E0313", expr.span, type=enum.name, name=expr.path[1], fix=fix)
        enumerator = self.context.enumerator(expr.text)
        if enumerator is not None:
            return typed.Literal(*enumerator, expr.span)
        raise self._unknown(expr)

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

    def _member(self, expr: ast.Member) -> typed.Expr:
        receiver = self.receiver(expr.receiver, expr.span)
        kind = receiver.type
        if not isinstance(kind, typed.ClassType):
            raise fail("E0313", expr.span, type=kind.value, name=expr.name, fix="only objects of classes have members")
        found = kind.field(expr.name)
        if found is None:
            known = [f.name for f in kind.fields]
            fix = did_you_mean(expr.name, known, "its members are " + ", ".join(known))
            raise fail("E0313", expr.span, type=kind.name, name=expr.name, fix=fix)
        return typed.Member(found.type, receiver, found.name, expr.span)

    def receiver(self, expr: ast.Expr, span: Span) -> typed.Expr:
        """The object before a `.` or `->`."""
        if not isinstance(expr, ast.This):
            return self.value(expr)
        if self.this is None:
            raise fail("E0305", span, what="`this` outside a method", fix="name an object")
        return typed.This(self.this.type, expr.span)

    def place(self, expr: ast.Expr) -> typed.Name | typed.Member:
        """What an assignment, or a method that changes its object, may write to."""
        if isinstance(expr, ast.Name) and self.scopes.lookup(expr.text) is None and self._field(expr.text) is None:
            raise self._no_place(expr)
        target = self.value(expr)
        base: typed.Expr = target
        while isinstance(base, typed.Member):
            base = base.receiver
        if isinstance(base, typed.This) and self.this_constant:
            raise fail(
                "E0206", expr.span, name=_spelling(expr), what="a member in a const method", fix="remove the `const`"
            )
        symbol = self.scopes.lookup(base.name) if isinstance(base, typed.Name) else None
        if isinstance(target, typed.Literal) and isinstance(expr, ast.Name):
            symbol = self.scopes.lookup(expr.text)
        if symbol is not None and symbol.constant:
            raise fail(
                "E0206",
                expr.span,
                name=symbol.name,
                what="a constant",
                fix="remove `const` from its declaration",
                notes=[("declared here", symbol.span)],
            )
        if not isinstance(target, typed.Name | typed.Member) or not isinstance(base, typed.Name | typed.This):
            raise fail(
                "E0113", expr.span, what="an assignment to anything but a variable", fix="assign to a local variable"
            )
        return target

    def _no_place(self, expr: ast.Name) -> Exception:
        signals = self.context.interface.signals if self.context.interface else {}
        name = expr.text
        if name in signals:
            return fail("E0206", expr.span, name=name, fix="heuristics only read signals", what="a signal")
        fix = did_you_mean(name, self.scopes.names(), f"declare it first: `double {name} = ...;`")
        return fail("E0201", expr.span, name=name, fix=fix)

    # --------------------------------------------------------------------------------------------- operators

    def _unary(self, expr: ast.Unary) -> typed.Expr:
        operand, source = self.arithmetic(self.value(expr.operand), expr.op, expr.span)
        if expr.op == "!":
            return typed.Unary(Type.BOOL, "!", convert(operand, Type.BOOL), expr.span)
        kind = promoted(source)
        if expr.op == "~" and not kind.is_integer:
            raise fail("E0302", expr.span, op="~", types=source.value, fix="bitwise operators work on integers")
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
        if op in _COMPARISONS and isinstance(left.type, typed.EnumType) and left.type == right.type:
            return typed.Binary(Type.BOOL, op, left, right, span)
        left, left_type = self.arithmetic(left, op, span)
        right, right_type = self.arithmetic(right, op, span)
        if op in ("&&", "||"):
            return typed.Binary(Type.BOOL, op, convert(left, Type.BOOL), convert(right, Type.BOOL), span)
        if op in ("<<", ">>"):
            kind, count = promoted(left_type), promoted(right_type)
            if not (kind.is_integer and count.is_integer):
                raise _operands(op, left_type, right_type, span)
            return typed.Binary(kind, op, convert(left, kind), convert(right, count), span)
        kind = common(left_type, right_type)
        if (op == "%" or op in _BITWISE) and not kind.is_integer:
            raise _operands(op, left_type, right_type, span)
        result = Type.BOOL if op in _COMPARISONS else kind
        return typed.Binary(result, op, convert(left, kind), convert(right, kind), span)

    def _conditional(self, expr: ast.Conditional) -> typed.Expr:
        condition = self.to(self.value(expr.condition), Type.BOOL)
        then, otherwise = self.value(expr.then), self.value(expr.otherwise)
        if then.type == otherwise.type:
            return typed.Conditional(then.type, condition, then, otherwise, expr.span)
        then, then_type = self.arithmetic(then, "?:", expr.span)
        otherwise, otherwise_type = self.arithmetic(otherwise, "?:", expr.span)
        kind = common(then_type, otherwise_type)
        return typed.Conditional(kind, condition, convert(then, kind), convert(otherwise, kind), expr.span)

    def _cast(self, expr: ast.Cast) -> typed.Expr:
        kind, operand = self.type_of(expr.type), self.value(expr.operand)
        if isinstance(kind, typed.ClassType) or isinstance(operand.type, typed.ClassType):
            raise fail("E0315", expr.span, source=operand.type.value, target=kind.value, fix="convert the members")
        if isinstance(operand, typed.Literal) and isinstance(kind, Type):
            return convert(_as_int(operand) if isinstance(operand.type, typed.EnumType) else operand, kind)
        return typed.Convert(kind, operand, True, expr.span)


def _as_int(value: typed.Expr) -> typed.Expr:
    """The int behind a value of an enumeration."""
    if isinstance(value, typed.Literal):
        return typed.Literal(Type.INT, value.value, value.span)
    return typed.Convert(Type.INT, value, False, value.span)


def _operands(op: str, left: Type, right: Type, span: Span) -> Exception:
    fix = "use `anvil::fmod`" if op == "%" else "convert to an integer with static_cast first"
    return fail("E0302", span, op=op, types=f"{left.value} and {right.value}", fix=fix)


def _spelling(expr: ast.Expr) -> str:
    return expr.name if isinstance(expr, ast.Member) else expr.text if isinstance(expr, ast.Name) else "this"
