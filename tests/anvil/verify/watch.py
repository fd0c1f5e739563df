"""Runs a program in the interpreter and compares every value with what the verifier says of it."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from anvil import core
from anvil.interp import Interpreter, Value
from anvil.types import Type
from anvil.verify.analysis import Analysis
from anvil.verify.flow import check_flow
from anvil.verify.ranges import Range

_DOUBLES = (0.0, -0.0, 1.0, -1.0, 0.5, 2.5, -7.25, 1e-300, 1e300, -1e300, math.inf, -math.inf, math.nan, 2.0**53, 1e10)


class Outside(AssertionError):
    """A value, or a number of steps, that the verifier excludes."""


class Watched(Interpreter):
    """Raises Outside for the first value outside of its range."""

    def __init__(self, program: core.Program, values: dict[int, Range]) -> None:
        super().__init__(program, budget=2_000_000)
        self.ranges = values

    def evaluate(self, expr: core.Expr, env: dict[str, Value]) -> Value:
        value = super().evaluate(expr, env)
        range = self.ranges.get(id(expr))
        if range is None:
            raise Outside(f"{expr} is {value!r}, but is never reached")
        if value not in range:
            raise Outside(f"{expr} is {value!r}, not {range}")
        return value


@dataclass(frozen=True, slots=True)
class Checked:
    """How much was compared: functions whose loops are all bounded, and calls."""

    functions: int = 0
    calls: int = 0


def check(program: core.Program, rng: random.Random, calls: int = 6) -> Checked:
    """Every function of a program that needs neither store nor host, on some arguments."""
    functions = done = 0
    for function in program.functions:
        if function.takes_store or function.result is Type.VOID or program.externs or check_flow(function):
            continue
        analysis = Analysis(program)
        spent = analysis.run((function.name,))[function.name]
        if analysis.unbounded or spent.steps > 100_000 or analysis.obligations.unproved() or function.pre:
            continue
        functions += 1
        for _ in range(calls):
            watched = Watched(program, analysis.values)
            args = [argument(param.type, rng) for param in function.params]
            try:
                watched.call(function.name, *args)
            except Outside as error:
                raise Outside(f"{function.name}{tuple(args)}: {error}") from None
            if watched.steps > spent.steps:
                raise Outside(f"{function.name}{tuple(args)}: {watched.steps} steps, not {spent.steps} at most")
            done += 1
    return Checked(functions, done)


def argument(type: Type, rng: random.Random) -> Value:
    """A value of a type, often one at an edge."""
    if type is Type.BOOL:
        return rng.random() < 0.5
    if type is Type.DOUBLE:
        return rng.choice(_DOUBLES) if rng.random() < 0.5 else rng.uniform(-100, 100)
    if rng.random() < 0.5:
        return rng.choice([type.low, type.high, max(type.low, -1), 0, 1, 2, 63, 64])
    return rng.randint(max(type.low, -20), 100)
