"""The interval domain: which values an expression can have, and what can go wrong in an operation.

Why it is sound: the bounds of `+ - * /`, of square roots and of conversions are computed with the very operation that
runs, and those are monotonic, so that the results at the ends of the operands enclose all others; the functions of the
mathematical library are widened by a few units in the last place. Integers are exact: a result that leaves its type
may have any value of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

from anvil import interp, runtime
from anvil.builtins import BUILTINS
from anvil.types import Type

Number = int | float

_LARGEST = float.fromhex("0x1.fffffffffffffp+1023")
_ULPS = 8
"""How far a function of the mathematical library may be from its exact value, in units in the last place."""


class Range(NamedTuple):
    """All values from `low` to `high` (infinities only where they are an end), and NaN where `nan` is set.

    A bool is 0 or 1. `low > high` leaves no value, or NaN alone.
    """

    low: Number
    high: Number
    nan: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is no value at all."""
        return self.low > self.high and not self.nan

    @property
    def single(self) -> bool:
        """Whether there is exactly one value. Zero may be either zero."""
        return self.low == self.high and not self.nan

    def __contains__(self, value: object) -> bool:
        if isinstance(value, float) and math.isnan(value):
            return self.nan
        return isinstance(value, int | float) and self.low <= value <= self.high

    def join(self, other: Range) -> Range:
        """The smallest range that holds both."""
        if self.low > self.high:
            return Range(other.low, other.high, self.nan or other.nan)
        if other.low > other.high:
            return Range(self.low, self.high, self.nan or other.nan)
        return Range(
            self.low if self.low <= other.low else other.low,
            self.high if self.high >= other.high else other.high,
            self.nan or other.nan,
        )

    def meet(self, other: Range) -> Range:
        """What both hold."""
        return Range(max(self.low, other.low), min(self.high, other.high), self.nan and other.nan)

    @property
    def text(self) -> str:
        """As shown to people: `in [0, 15]`."""
        if self.low > self.high:
            return "NaN" if self.nan else "never reached"
        shown = f"{self.low}" if self.low == self.high else f"in [{_end(self.low)}, {_end(self.high)}]"
        return f"{shown} or NaN" if self.nan else shown

    def within(self, other: Range) -> bool:
        """Whether every value lies in the other range."""
        return (self.low > self.high or (other.low <= self.low and self.high <= other.high)) and self.nan <= other.nan


def _end(value: Number) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.6g}"


EMPTY = Range(1, 0)
ZERO = Range(0, 0)
ONE = Range(1, 1)
EITHER = Range(0, 1)

_FULL: dict[Type, Range] = {type: Range(type.low, type.high) for type in Type}
_FULL[Type.DOUBLE] = Range(-math.inf, math.inf, True)
FINITE = Range(-_LARGEST, _LARGEST)


def full(type: Type) -> Range:
    """Every value of a type."""
    return _FULL[type]


def constant(value: bool | int | float) -> Range:
    """One value."""
    if isinstance(value, float):
        return Range(math.inf, -math.inf, True) if math.isnan(value) else Range(value, value)
    return Range(int(value), int(value))


def widened(old: Range, new: Range, thresholds: tuple[int, ...], far: bool) -> Range:
    """A range above both, whose ends that moved are thresholds, or with `far` the last ones: so growing ends."""
    if isinstance(new.low, float) or isinstance(new.high, float):
        far_low, far_high = -math.inf, math.inf
    else:
        far_low, far_high = thresholds[0], thresholds[-1]
    low, high = old.low, old.high
    if new.low < low:
        low = far_low if far else next((t for t in reversed(thresholds) if t <= new.low), far_low)
    if new.high > high:
        high = far_high if far else next((t for t in thresholds if t >= new.high), far_high)
    if isinstance(far_low, float):
        low, high = float(low), float(high)
    return Range(low, high, new.nan)


# ------------------------------------------------------------------------------------------------ operations


class Result(NamedTuple):
    """The values of an operation and what may happen in it: "overflow", "zero" (division by zero), "shift" (a
    distance outside of the width), "lossy" (a conversion that changes the value), "nan" (a NaN that no operand was).
    """

    range: Range
    events: tuple[str, ...] = ()


def unary(type: Type, op: str, x: Range) -> Result:
    """`neg`, `not`, `bitnot`."""
    match op:
        case "not":
            return Result(Range(1 - x.high, 1 - x.low))
        case "bitnot" if type.is_signed:
            return Result(Range(-x.high - 1, -x.low - 1))
        case "bitnot":
            return Result(Range(type.high - x.high, type.high - x.low))
    if type is Type.DOUBLE:
        return Result(Range(-x.high, -x.low, x.nan))
    return _fitted(type, -x.high, -x.low)


def binary(type: Type, op: str, a: Range, b: Range) -> Result:
    """An arithmetic, bitwise or shift operator; `b` of a shift may be of any integer type."""
    if a.empty or b.empty:
        return Result(EMPTY)
    if type is Type.DOUBLE:
        return _DOUBLE[op](a, b)
    return _INTEGER[op](type, a, b)


def _fitted(type: Type, low: int | float, high: int | float) -> Result:
    if low < type.low or high > type.high:
        return Result(full(type), ("overflow",))
    return Result(Range(low, high))


def _corners(a: Range, b: Range, operation: Callable[[int, int], int]) -> tuple[int, int]:
    values = [operation(int(x), int(y)) for x in a[:2] for y in b[:2]]
    return min(values), max(values)


def _integer_division(type: Type, a: Range, b: Range) -> Result:
    events: tuple[str, ...] = ()
    parts: list[Number] = []
    if b.low <= 0 <= b.high:
        events, parts = ("zero",), [0]
    if type.is_signed and a.low == type.low and -1 in b:
        events += ("overflow",)
        parts.append(type.low)
    for ends in ((b.low, min(b.high, -1)), (max(b.low, 1), b.high)):
        if ends[0] <= ends[1]:
            parts += _corners(a, Range(*ends), lambda x, y: abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1))
    return Result(Range(max(min(parts), type.low), min(max(parts), type.high)), events)


def _integer_remainder(type: Type, a: Range, b: Range) -> Result:
    events: tuple[str, ...] = ("zero",) if b.low <= 0 <= b.high else ()
    if type.is_signed and a.low == type.low and -1 in b:
        events += ("overflow",)
    if events[:1] == ("zero",):
        return Result(a.join(ZERO), events)  # the remainder lies between 0 and the dividend, which x % 0 gives
    most = max(abs(b.low), abs(b.high)) - 1
    if a.low >= 0 and a.high < min(abs(b.low), abs(b.high)):
        return Result(a, events)
    return Result(Range(max(a.low, -most) if a.low < 0 else 0, min(a.high, most) if a.high > 0 else 0), events)


def _mask(high: Number) -> int:
    return (1 << int(high).bit_length()) - 1


def _and(type: Type, a: Range, b: Range) -> Result:
    if a.low >= 0 or b.low >= 0:
        return Result(Range(0, min(r.high for r in (a, b) if r.low >= 0)))
    return Result(full(type))


def _or(type: Type, a: Range, b: Range) -> Result:
    if a.low >= 0 and b.low >= 0:
        return Result(Range(max(a.low, b.low), _mask(max(a.high, b.high))))
    return Result(Range(type.low, -1) if a.high < 0 or b.high < 0 else full(type))


def _xor(type: Type, a: Range, b: Range) -> Result:
    if a.low >= 0 and b.low >= 0:
        return Result(Range(0, _mask(max(a.high, b.high))))
    return Result(full(type))


def _shift(type: Type, a: Range, b: Range, left: bool) -> Result:
    events: tuple[str, ...] = ()
    if b.low < 0 or b.high >= type.bits:
        b, events = Range(0, type.bits - 1), ("shift",)
    low, high = _corners(a, b, (lambda x, y: x << y) if left else (lambda x, y: x >> y))
    if low < type.low or high > type.high:
        return Result(full(type), events)
    return Result(Range(low, high), events)


_INTEGER: dict[str, Callable[[Type, Range, Range], Result]] = {
    "add": lambda type, a, b: _fitted(type, a.low + b.low, a.high + b.high),
    "sub": lambda type, a, b: _fitted(type, a.low - b.high, a.high - b.low),
    "mul": lambda type, a, b: _fitted(type, *_corners(a, b, lambda x, y: x * y)),
    "div": _integer_division,
    "rem": _integer_remainder,
    "and": _and,
    "or": _or,
    "xor": _xor,
    "shl": lambda type, a, b: _shift(type, a, b, left=True),
    "shr": lambda type, a, b: _shift(type, a, b, left=False),
}


def _double(values: Iterable[float], nan: bool, a: Range, b: Range) -> Result:
    """The range of results at the ends of the operands, those that are NaN left out."""
    found = [value for value in values if not math.isnan(value)]
    low, high = (min(found), max(found)) if found else (math.inf, -math.inf)
    return Result(Range(low, high, nan or a.nan or b.nan), ("nan",) if nan and not (a.nan or b.nan) else ())


def _ends(a: Range, b: Range) -> list[tuple[float, float]]:
    if a.low > a.high or b.low > b.high:
        return []
    return [(x, y) for x in a[:2] for y in b[:2]]


def _add(a: Range, b: Range) -> Result:
    nan = (math.inf in a and -math.inf in b) or (-math.inf in a and math.inf in b)
    values = [x + y for x, y in _ends(a, b)]
    if nan:  # next to an infinity that cancels stands every finite value
        values += [value for r in (a, b) for value in r[:2]]
    return _double(values, nan, a, b)


def _multiply(a: Range, b: Range) -> Result:
    nan = (0 in a and (math.inf in b or -math.inf in b)) or (0 in b and (math.inf in a or -math.inf in a))
    values = [x * y for x, y in _ends(a, b)]
    return _double([*values, 0.0] if nan else values, nan, a, b)


def _divide(a: Range, b: Range) -> Result:
    if a.low > a.high or b.low > b.high:
        return _double((), False, a, b)
    infinite = (math.inf in a or -math.inf in a) and (math.inf in b or -math.inf in b)
    if 0 in b:  # of either sign
        only_zero = a.low == a.high == 0
        events = ("zero", "nan") if (0 in a or infinite) and not (a.nan or b.nan) else ("zero",)
        nan = a.nan or b.nan or 0 in a or infinite
        return Result(Range(0.0, 0.0, nan) if only_zero else Range(-math.inf, math.inf, nan), events)
    values = [x / y for x, y in _ends(a, b) if not (math.isinf(x) and math.isinf(y))]
    return _double([*values, 0.0] if infinite or math.inf in b or -math.inf in b else values, infinite, a, b)


_DOUBLE: dict[str, Callable[[Range, Range], Result]] = {
    "add": _add,
    "sub": lambda a, b: _add(a, Range(-b.high, -b.low, b.nan)),
    "mul": _multiply,
    "div": _divide,
}


def cast(source: Type, target: Type, x: Range) -> Result:
    """Conversion; "lossy" where a value may change, as by wrapping, saturation or rounding of a large integer."""
    if x.empty or source is target:
        return Result(x)
    if target is Type.BOOL:
        if x.nan or not x.low <= 0 <= x.high:
            return Result(ONE if not x.low <= 0 <= x.high else EITHER)
        return Result(ZERO if x.single else EITHER)
    if target is Type.DOUBLE:
        exact = x.low >= -(2**53) and x.high <= 2**53
        return Result(Range(float(x.low), float(x.high)), () if exact else ("lossy",))
    if source is Type.DOUBLE:
        return _saturated(target, x)
    if target.low <= x.low and x.high <= target.high:
        return Result(x)
    return Result(_wrapped(target, x), ("lossy",))


def _wrapped(target: Type, x: Range) -> Range:
    low, high = target.wrap(int(x.low)), target.wrap(int(x.high))
    return Range(low, high) if x.high - x.low < 2**target.bits and low <= high else full(target)


def _saturated(target: Type, x: Range) -> Result:
    found = Range(0, 0) if x.nan else EMPTY
    if x.low <= x.high:
        found = found.join(Range(int(interp.cast(target, float(x.low))), int(interp.cast(target, float(x.high)))))
    # Between -1 and the type's own limits nothing but the fraction is lost, which the program asked for.
    fits = not x.nan and target.low - 1 < x.low and x.high < target.high + 1
    return Result(found, () if fits else ("lossy",))


def compare(op: str, a: Range, b: Range) -> Range:
    """The possible outcomes of a comparison."""
    if a.empty or b.empty:
        return EMPTY
    nan, numbers = a.nan or b.nan, a.low <= a.high and b.low <= b.high
    yes, no = _outcomes(op, a, b) if numbers else (False, False)
    if nan:
        yes, no = (True, no) if op == "ne" else (yes, True)
    return Range(0 if no else 1, 1 if yes else 0)


def _outcomes(op: str, a: Range, b: Range) -> tuple[bool, bool]:
    match op:
        case "lt":
            return a.low < b.high, a.high >= b.low
        case "le":
            return a.low <= b.high, a.high > b.low
        case "gt":
            return a.high > b.low, a.low <= b.high
        case "ge":
            return a.high >= b.low, a.low < b.high
        case "eq":
            return a.low <= b.high and b.low <= a.high, not (a.low == a.high == b.low == b.high)
    yes, no = _outcomes("eq", a, b)
    return no, yes


# -------------------------------------------------------------------------------------------------- built-ins


def builtin(type: Type, name: str, args: tuple[Range, ...]) -> Result:
    """A built-in of `anvil.builtins` on ranges."""
    if any(arg.empty for arg in args):
        return Result(EMPTY)
    if name in _COMMON:
        return _COMMON[name](type, *args)
    if name in _TESTS:
        return Result(_TESTS[name](args[0]))
    return _mathematics(name, args)


def _minimum(type: Type, a: Range, b: Range) -> Result:
    if b.low > b.high:
        return Result(a)
    high = a.high if b.nan else min(a.high, b.high)
    return Result(Range(min(a.low, b.low), high, a.nan) if a.low <= a.high else a)


def _maximum(type: Type, a: Range, b: Range) -> Result:
    if b.low > b.high:
        return Result(a)
    low = a.low if b.nan else max(a.low, b.low)
    return Result(Range(low, max(a.high, b.high), a.nan) if a.low <= a.high else a)


def _clamp(type: Type, x: Range, low: Range, high: Range) -> Result:
    found = Range(math.inf, -math.inf, x.nan)
    if x.low < low.high:
        found = found.join(Range(low.low, low.high))
    if high.low < x.high:
        found = found.join(Range(high.low, high.high))
    inside = Range(x.low if low.nan else max(x.low, low.low), x.high if high.nan else min(x.high, high.high))
    if inside.low <= inside.high:
        found = found.join(inside)
    if type is not Type.DOUBLE and found.low > found.high:
        return Result(EMPTY)
    return Result(found)


def _absolute(type: Type, x: Range) -> Result:
    low = 0 if x.low <= 0 <= x.high else min(abs(x.low), abs(x.high))
    high = max(abs(x.low), abs(x.high))
    if type is Type.DOUBLE:
        return Result(Range(float(low), high, x.nan) if x.low <= x.high else x)
    return _fitted(type, low, high)


def _sign(type: Type, x: Range) -> Result:
    cast = float if type is Type.DOUBLE else int
    low = -1 if x.low < 0 else 0 if x.low <= 0 else 1
    high = 1 if x.high > 0 else 0 if x.high >= 0 else -1
    found = Range(low, high) if x.low <= x.high else EMPTY
    found = found.join(ZERO) if x.nan else found
    return Result(Range(cast(found.low), cast(found.high)))


_COMMON: dict[str, Callable[..., Result]] = {
    "min": _minimum,
    "max": _maximum,
    "clamp": _clamp,
    "abs": _absolute,
    "sign": _sign,
}


def _infinite(x: Range) -> bool:
    return x.low == -math.inf or x.high == math.inf


def _truth(yes: bool, no: bool) -> Range:
    return Range(0 if no else 1, 1 if yes else 0)


def _is_infinite(x: Range) -> Range:
    numbers = x.low <= x.high
    finite = numbers and not (x.low == x.high and math.isinf(x.low))
    return _truth(numbers and _infinite(x), x.nan or finite)


_TESTS: dict[str, Callable[[Range], Range]] = {
    "isnan": lambda x: _truth(x.nan, x.low <= x.high),
    "isinf": _is_infinite,
    "isfinite": lambda x: _truth(x.low <= x.high and x.low < math.inf and x.high > -math.inf, x.nan or _infinite(x)),
}

_GROWING = frozenset(
    ["sqrt", "floor", "ceil", "trunc", "round", "exp", "log", "log1p", "log2", "log10", "cbrt", "tanh"]
)
_LEAST = {"sqrt": 0.0, "log": 0.0, "log2": 0.0, "log10": 0.0, "log1p": -1.0}
"""Where the domain of a function begins."""

_VALUES = {
    "exp": Range(0.0, math.inf),
    "tanh": Range(-1.0, 1.0),
    "sin": Range(-1.0, 1.0),
    "cos": Range(-1.0, 1.0),
    "atan2": Range(-3.2, 3.2),
    "hypot": Range(0.0, math.inf),
    "sqrt": Range(-0.0, math.inf),
}


def _mathematics(name: str, args: tuple[Range, ...]) -> Result:
    nan = any(arg.nan for arg in args)
    made = False
    if name in _GROWING:
        found, made = _growing(name, args[0])
    elif name in ("sin", "cos"):
        found, made = _VALUES[name], _infinite(args[0])
    elif name == "pow":
        found, made = _power(*args)
    elif name == "fmod":
        found, made = _fmod(*args)
    else:
        found = _VALUES[name]
    if all(arg.low <= arg.high for arg in args):
        return Result(Range(found.low, found.high, nan or made), ("nan",) if made and not nan else ())
    if name in ("pow", "hypot"):  # pow(NaN, 0) and hypot(inf, NaN) are numbers
        return Result(full(Type.DOUBLE))
    return Result(Range(math.inf, -math.inf, True))


def _growing(name: str, x: Range) -> tuple[Range, bool]:
    least = _LEAST.get(name, -math.inf)
    low = max(x.low, least)
    if low > x.high:
        return Range(math.inf, -math.inf), x.low <= x.high
    apply = _functions(name)
    ends = (apply(float(low)), apply(float(x.high)))
    if BUILTINS[name].kind == "runtime":
        ends = (_below(ends[0]), _above(ends[1]))
        limits = _VALUES.get(name, full(Type.DOUBLE))
        ends = (max(ends[0], limits.low), min(ends[1], limits.high))
    return Range(*ends), x.low < least


def _functions(name: str) -> Callable[[float], float]:
    if BUILTINS[name].kind == "runtime":
        return runtime.functions()[name]
    return lambda x: float(interp.builtin(Type.DOUBLE, name, (x,)))


def _power(x: Range, y: Range) -> tuple[Range, bool]:
    if x.low < 0:
        whole = y.single and float(y.low).is_integer()
        return Range(-math.inf, math.inf), not whole
    values = [_power_at(float(a), float(b)) for a in (x.low, x.high) for b in (y.low, y.high)]
    if x.low <= 1 <= x.high or y.low <= 0 <= y.high:  # where the direction of growth turns
        values.append(1.0)
    return Range(max(0.0, _below(min(values))), _above(max(values))), False


def _power_at(x: float, y: float) -> float:
    return float(runtime.functions()["pow"](abs(x), y))


def _fmod(x: Range, y: Range) -> tuple[Range, bool]:
    most = min(max(abs(x.low), abs(x.high)), max(abs(y.low), abs(y.high)))
    return Range(-most if x.low < 0 else -0.0, most if x.high > 0 else 0.0), 0 in y or _infinite(x)


def _below(x: float) -> float:
    for _ in range(_ULPS):
        x = math.nextafter(x, -math.inf)
    return x


def _above(x: float) -> float:
    for _ in range(_ULPS):
        x = math.nextafter(x, math.inf)
    return x


def around(x: Range, slack: float) -> Range:
    """The range of doubles with its ends moved out by a share of its largest magnitude."""
    most = max(abs(x.low), abs(x.high)) * slack
    return Range(float(x.low) - most, float(x.high) + most)
