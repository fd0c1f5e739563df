"""Short spellings for Core, and the values at which operations go wrong."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

from anvil.core import Assign, Binary, Block, Cast, Const, Expr, Function, Local, Math, Program, Return, Variable
from anvil.types import Type

B, N, L, U, D = Type.BOOL, Type.INT, Type.INT64, Type.UINT64, Type.DOUBLE
SCALARS = (B, N, L, U, D)
INTEGERS = (N, L, U)

_DOUBLES = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, -2.5, 2.0, 3.7, 5e-324, -5e-324, 2.2250738585072014e-308, 1e-300]
_DOUBLES += [0.49999999999999994, 4503599627370495.5, -4503599627370495.5, 9007199254740993.0, 1e300, -1e300]
_DOUBLES += [1.7976931348623157e308, math.inf, -math.inf, math.nan]
# Around the limits of the integer types, where conversions saturate.
_DOUBLES += [s * (2.0**n + d) for n in (31, 32, 53, 63, 64) for s in (1, -1) for d in (0, -1, 1)]
_DOUBLES += [math.nextafter(2.0**63, 0), math.nextafter(-(2.0**63), 0), math.nextafter(2.0**64, 0), 2147483647.5]

EDGES: dict[Type, list[bool | int | float]] = {
    B: [False, True],
    N: [0, 1, -1, 2, -2, 3, 7, 31, 32, 33, -31, N.high, N.low, N.high - 1, N.low + 1, 12345],
    L: [0, 1, -1, 2, -3, 7, 63, 64, 65, -64, N.high, N.low, L.high, L.low, L.high - 1, L.low + 1, 2**53 + 1, 1 << 32],
    U: [0, 1, 2, 3, 63, 64, 65, N.high, 1 << 32, 2**53 + 1, L.high, 1 << 63, U.high, U.high - 1, U.high - 1024],
    D: list(dict.fromkeys(_DOUBLES)),
}


def const(type: Type, value: bool | int | float) -> Const:
    return Const(type, value)


def var(type: Type, name: str) -> Local:
    return Local(type, name)


def params(*types: Type) -> tuple[Variable, ...]:
    """Named a, b, c, ..."""
    return tuple(Variable("abcdefgh"[i], type) for i, type in enumerate(types))


def locals_of(variables: Sequence[Variable]) -> list[Local]:
    return [Local(variable.type, variable.name) for variable in variables]


def function(name: str, arguments: tuple[Variable, ...], value: Expr) -> Function:
    """A function that is one expression."""
    return Function(name, arguments, value.type, (), (Return(value),))


def program(*functions: Function) -> Program:
    return Program(functions)


def add(a: Expr, b: Expr) -> Binary:
    return Binary(a.type, "add", a, b)


def mul(a: Expr, b: Expr) -> Binary:
    return Binary(a.type, "mul", a, b)


def as_double(expr: Expr) -> Expr:
    return expr if expr.type is D else Cast(D, expr)


def math_call(name: str, *args: Expr) -> Math:
    return Math(D, name, args)


def counting(name: str, start: int, body: Block = ()) -> tuple[Assign, Block]:
    """An initialisation and a step that adds 1."""
    i = var(N, name)
    return Assign(name, const(N, start)), (Assign(name, add(i, const(N, 1))),)


def same(a: bool | int | float, b: bool | int | float) -> bool:
    """Equal bit for bit, with all NaNs equal."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float) and isinstance(b, float):
        return struct.pack("d", a) == struct.pack("d", b) or (math.isnan(a) and math.isnan(b))
    return a == b
