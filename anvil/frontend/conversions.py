"""C++'s conversions between scalar types: promotion, usual arithmetic conversions, conversion to bool ([conv])."""

from __future__ import annotations

from anvil.frontend import typed
from anvil.types import Type


def promoted(kind: Type) -> Type:
    """Integral promotion: bool becomes int."""
    return Type.INT if kind is Type.BOOL else kind


def common(left: Type, right: Type) -> Type:
    """The usual arithmetic conversions."""
    left, right = promoted(left), promoted(right)
    for kind in (Type.DOUBLE, Type.UINT64, Type.INT64):
        if kind in (left, right):
            return kind
    return Type.INT


def convert(expr: typed.Expr, kind: Type) -> typed.Expr:
    """`expr` converted to `kind`; the expression itself where it has that type, a literal where it is one."""
    if expr.type is kind:
        return expr
    if isinstance(expr, typed.Literal):
        return typed.Literal(kind, convert_value(expr.value, kind), expr.span)
    return typed.Convert(kind, expr, False, expr.span)


def convert_value(value: bool | int | float, kind: Type) -> bool | int | float:
    """A constant converted as at run time: integers wrap, doubles saturate, NaN becomes 0."""
    if kind is Type.BOOL:
        return value != 0
    if kind is Type.DOUBLE:
        return float(value)
    if isinstance(value, float):
        if value != value:
            return 0
        if value in (float("inf"), float("-inf")):
            return kind.high if value > 0 else kind.low
        return min(max(int(value), kind.low), kind.high)
    return kind.wrap(int(value))


def rank(source: Type, target: Type) -> int:
    """How good an implicit conversion is for overload resolution: 0 exact, 1 promotion, 2 conversion."""
    if source is target:
        return 0
    return 1 if source is Type.BOOL and target is Type.INT else 2
