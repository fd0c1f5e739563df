"""The mathematical built-ins: one table for the type checker, the executors, the cost model and the documents."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Builtin:
    """`kind`: "common" works on the common type of its arguments, "test" takes a double and gives a bool,
    "inline" is one exact IEEE-754 operation that every executor inlines, "runtime" calls `anvil_rt_<name>`."""

    name: str
    arity: int
    kind: str
    cost: int
    meaning: str


_TABLE = (
    Builtin("min", 2, "common", 1, "b < a ? b : a"),
    Builtin("max", 2, "common", 1, "a < b ? b : a"),
    Builtin("clamp", 3, "common", 2, "x < low ? low : high < x ? high : x"),
    Builtin("abs", 1, "common", 1, "absolute value; the smallest integer gives itself"),
    Builtin("sign", 1, "common", 1, "x > 0 ? 1 : x < 0 ? -1 : 0"),
    Builtin("isnan", 1, "test", 1, "x is not a number"),
    Builtin("isinf", 1, "test", 1, "x is an infinity"),
    Builtin("isfinite", 1, "test", 1, "x is neither infinite nor NaN"),
    Builtin("sqrt", 1, "inline", 5, "square root"),
    Builtin("floor", 1, "inline", 1, "largest integer not above x"),
    Builtin("ceil", 1, "inline", 1, "smallest integer not below x"),
    Builtin("trunc", 1, "inline", 1, "integer part"),
    Builtin("round", 1, "inline", 2, "nearest integer, halves away from zero"),
    Builtin("exp", 1, "runtime", 10, "e to the power x"),
    Builtin("log", 1, "runtime", 10, "natural logarithm"),
    Builtin("log1p", 1, "runtime", 12, "natural logarithm of 1 + x"),
    Builtin("log2", 1, "runtime", 10, "logarithm to base 2"),
    Builtin("log10", 1, "runtime", 12, "logarithm to base 10"),
    Builtin("cbrt", 1, "runtime", 12, "cube root"),
    Builtin("tanh", 1, "runtime", 15, "hyperbolic tangent"),
    Builtin("sin", 1, "runtime", 15, "sine, x in radians"),
    Builtin("cos", 1, "runtime", 15, "cosine, x in radians"),
    Builtin("pow", 2, "runtime", 25, "x to the power y"),
    Builtin("fmod", 2, "runtime", 15, "remainder of x / y with the sign of x"),
    Builtin("atan2", 2, "runtime", 25, "angle of the point (second, first), in radians"),
    Builtin("hypot", 2, "runtime", 15, "sqrt(x*x + y*y) without overflow"),
)

BUILTINS: dict[str, Builtin] = {builtin.name: builtin for builtin in _TABLE}
