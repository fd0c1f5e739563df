"""Core as terms of Z3: integers without limits, wherever the interval analysis excludes that an operation wraps.

Why it is sound: a term that is no exact image of its expression is an unknown that may be any value of the range which
the intervals give. Doubles are unknown reals; only comparisons of two that cannot be NaN, and conversions between them
and integers, say something of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import z3

from anvil import core
from anvil.types import Type
from anvil.verify import ranges
from anvil.verify.analysis import Analysis
from anvil.verify.queries import query_range
from anvil.verify.ranges import Range

Term = Any
"""An arithmetic or Boolean term; z3 has no types for them that tell more."""

Terms = dict[str, Term]
"""The term of every variable that may have been assigned."""


@dataclass(slots=True)
class Unknown:
    """A value that the solver chooses, and the place that it is the value of."""

    term: Term
    origin: core.Expr | str


@dataclass(slots=True)
class Encoder:
    """Terms in one context of Z3. `facts` hold whatever happens; `unknowns` are the free values among the terms."""

    analysis: Analysis
    context: z3.Context = field(default_factory=z3.Context)
    facts: list[Term] = field(default_factory=list)
    unknowns: list[Unknown] = field(default_factory=list)
    _same: dict[object, Term] = field(default_factory=dict)
    _finite: set[int] = field(default_factory=set)
    _exact: bool = False
    """Inside of a contract, whose integers have no limits."""

    # -------------------------------------------------------------------------------------------- unknowns

    def unknown(self, type: Type, range: Range, origin: core.Expr | str) -> Term:
        """A value of a range."""
        name = f"u{len(self.unknowns)}"
        if type is Type.BOOL:
            term = z3.Bool(name, self.context)
            if range.low == range.high:
                self.facts.append(term if range.low else z3.Not(term))
        else:
            term = z3.Real(name, self.context) if type is Type.DOUBLE else z3.Int(name, self.context)
            self._bound(term, range)
            if range.within(ranges.FINITE):
                self._finite.add(term.get_id())
        self.unknowns.append(Unknown(term, origin))
        return term

    def _bound(self, term: Term, range: Range) -> None:
        if range.nan or range.low > range.high:  # no number, or a place that is never reached
            return
        if math.isfinite(range.low):
            self.facts.append(term >= self._number(range.low))
        if math.isfinite(range.high):
            self.facts.append(term <= self._number(range.high))

    def _number(self, value: int | float) -> Term:
        if isinstance(value, float):
            exact = Fraction(value)
            return z3.RealVal(f"{exact.numerator}/{exact.denominator}", self.context)
        return z3.IntVal(value, self.context)

    def _of(self, expr: core.Expr) -> Term:
        """A value of which nothing but its range is known."""
        return self.unknown(expr.type, self.analysis.values.get(id(expr), ranges.full(expr.type)), expr)

    # ------------------------------------------------------------------------------------------ expressions

    def term(self, expr: core.Expr, env: Terms) -> Term:
        match expr:
            case core.Const(Type.BOOL, value):
                return z3.BoolVal(bool(value), self.context)
            case core.Const(Type.DOUBLE, value) if not math.isfinite(value):
                return self._of(expr)
            case core.Const(_, value):
                return self._number(value)
            case core.Local():
                if expr.name not in env:
                    env[expr.name] = self._of(expr)
                return env[expr.name]
            case core.Logical(op, left, right):
                both = (self.term(left, env), self.term(right, env))
                return z3.And(*both) if op == "and" else z3.Or(*both)
            case core.Unary():
                return self._unary(expr, env)
            case core.Compare():
                return self._compare(expr, env)
            case core.Select():
                arms = (self.term(expr.then, env), self.term(expr.otherwise, env))
                return z3.If(self.term(expr.condition, env), *arms)
            case core.Binary():
                return self._binary(expr, env)
            case core.Cast():
                return self._cast(expr, env)
            case core.Math():
                return self._math(expr, env)
            case core.Query():
                return self._query(expr, env)
            case core.ExternCall():
                return self._extern(expr, env)
            case core.Call():
                return self._call(expr, env)

    def _safe(self, expr: core.Expr) -> bool:
        """Whether nothing can happen in an operation that its exact meaning leaves out."""
        return self._exact or (id(expr) in self.analysis.events and not self.analysis.events[id(expr)])

    def _unary(self, expr: core.Unary, env: Terms) -> Term:
        operand = self.term(expr.operand, env)
        if expr.op == "not":
            return z3.Not(operand)
        if expr.op == "neg" and expr.type.is_integer and self._safe(expr):
            return -operand
        if expr.op == "bitnot" and expr.type.is_signed:
            return -operand - 1
        return self._of(expr)

    def _compare(self, expr: core.Compare, env: Terms) -> Term:
        left, right = self.term(expr.left, env), self.term(expr.right, env)
        if expr.left.type is Type.DOUBLE and not (
            self._is_number(expr.left, left) and self._is_number(expr.right, right)
        ):
            return self._of(expr)
        if expr.left.type is Type.BOOL:
            left, right = (z3.If(side, *self._bits()) for side in (left, right))
        return _COMPARE[expr.op](left, right)

    def _bits(self) -> tuple[Term, Term]:
        return z3.IntVal(1, self.context), z3.IntVal(0, self.context)

    def _is_number(self, expr: core.Expr, term: Term) -> bool:
        """Whether a double is finite for sure."""
        range = ranges.constant(expr.value) if isinstance(expr, core.Const) else self.analysis.values.get(id(expr))
        return term.get_id() in self._finite or (range is not None and range.within(ranges.FINITE))

    def _binary(self, expr: core.Binary, env: Terms) -> Term:
        left, right = self.term(expr.left, env), self.term(expr.right, env)
        if not expr.type.is_integer or not self._safe(expr):
            return self._of(expr)
        known = expr.right.value if isinstance(expr.right, core.Const) else None
        match expr.op:
            case "add":
                return left + right
            case "sub":
                return left - right
            case "mul" if known is not None or isinstance(expr.left, core.Const):
                return left * right
            case "div" if known is not None:
                return self._quotient(expr, left, int(known))
            case "rem":
                return self._remainder(expr, left, right)
            case "shr" if known is not None:
                return self._floor(expr, left, 1 << int(known))
            case "and":
                return self._masked(expr, left, right)
        return self._of(expr)

    def _shared(self, expr: core.Expr, *parts: object) -> tuple[Term, bool]:
        """The unknown for a function of some terms, the same wherever it is computed, and whether it is new.

        Its range is that of the type: what is known of the value at one place need not hold at another.
        """
        key = (type(expr), getattr(expr, "op", ""), expr.type, *parts)
        if key in self._same:
            return self._same[key], False
        self._same[key] = self.unknown(expr.type, ranges.full(expr.type), expr)
        return self._same[key], True

    def _quotient(self, expr: core.Expr, x: Term, by: int) -> Term:
        """Toward zero."""
        found, new = self._shared(expr, x.get_id(), by)
        if new:
            size, sign = abs(by), 1 if by > 0 else -1
            whole = sign * found * size
            self.facts.append(z3.Implies(x >= 0, z3.And(whole <= x, x < whole + size)))
            self.facts.append(z3.Implies(x < 0, z3.And(x <= whole, whole - size < x)))
        return found

    def _floor(self, expr: core.Expr, x: Term, by: int) -> Term:
        found, new = self._shared(expr, x.get_id(), by)
        if new:
            self.facts.append(z3.And(found * by <= x, x < found * by + by))
        return found

    def _remainder(self, expr: core.Binary, x: Term, by: Term) -> Term:
        """Smaller than the divisor, with the sign of x."""
        found, new = self._shared(expr, x.get_id(), by.get_id())
        if not new:
            return found
        size = z3.If(by < 0, -by, by)
        self.facts.append(z3.Implies(z3.And(x >= 0, by != 0), z3.And(found >= 0, found <= x, found < size)))
        self.facts.append(z3.Implies(z3.And(x < 0, by != 0), z3.And(found <= 0, found >= x, -found < size)))
        if isinstance(expr.right, core.Const):
            quotient = z3.Int(f"q{len(self.facts)}", self.context)
            self.facts.append(x == quotient * int(expr.right.value) + found)
        return found

    def _masked(self, expr: core.Binary, x: Term, mask: Term) -> Term:
        found, new = self._shared(expr, x.get_id(), mask.get_id())
        for side in (x, mask) if new else ():
            self.facts.append(z3.Implies(side >= 0, z3.And(found >= 0, found <= side)))
        return found

    def _cast(self, expr: core.Cast, env: Terms) -> Term:
        operand = self.term(expr.operand, env)
        source, target = expr.operand.type, expr.type
        if source is target:
            return operand
        if source is Type.BOOL:
            bit = z3.If(operand, *self._bits())
            return z3.ToReal(bit) if target is Type.DOUBLE else bit
        if target is Type.BOOL:
            return operand != 0 if source.is_integer else self._of(expr)
        if not self._safe(expr):
            return self._of(expr)
        if target is Type.DOUBLE:
            return z3.ToReal(operand)
        if source is not Type.DOUBLE:
            return operand
        found = self._of(expr)
        if self._is_number(expr.operand, operand):
            self.facts.append(z3.Implies(operand >= 0, z3.And(found <= operand, operand < found + 1)))
            self.facts.append(z3.Implies(operand < 0, z3.And(found >= operand, found - 1 < operand)))
        return found

    def _math(self, expr: core.Math, env: Terms) -> Term:
        args = [self.term(arg, env) for arg in expr.args]
        exact = expr.type.is_integer or (expr.type is Type.DOUBLE and all(map(self._is_number, expr.args, args)))
        if not exact:
            return self._of(expr)
        match expr.name:
            case "min":
                return z3.If(args[1] < args[0], args[1], args[0])
            case "max":
                return z3.If(args[0] < args[1], args[1], args[0])
            case "clamp":
                return z3.If(args[0] < args[1], args[1], z3.If(args[2] < args[0], args[2], args[0]))
            case "abs" if self._safe(expr) or expr.type is Type.DOUBLE:
                return z3.If(args[0] < 0, -args[0], args[0])
        return self._of(expr)

    def _query(self, expr: core.Query, env: Terms) -> Term:
        """Two queries of the same thing in one call have the same result."""
        parts = [self.term(arg, env).get_id() for arg in core.children(expr)]
        key = (expr.symbol, expr.slot, expr.constants, *parts)
        if key not in self._same:
            slot = self.analysis.program.slots[expr.slot]
            self._same[key] = self.unknown(expr.type, query_range(slot, expr), expr)
        return self._same[key]

    def _extern(self, expr: core.ExternCall, env: Terms) -> Term:
        args = [self.term(arg, env) for arg in expr.args]
        extern = self.analysis.externs[expr.name]
        key = (expr.name, *(arg.get_id() for arg in args))
        if extern.pure and key in self._same:
            return self._same[key]
        result = self.unknown(expr.type, ranges.full(expr.type), expr)
        self._promised(extern.post, extern.params, [*args, result])
        if extern.pure:
            self._same[key] = result
        return result

    def _call(self, expr: core.Call, env: Terms) -> Term:
        """What a function of the program gives: of its range, and as its postconditions say."""
        args = [self.term(arg, env) for arg in expr.args]
        function = self.analysis.functions[expr.function]
        result = self._of(expr)
        self._promised(function.post, function.params, [*args, result])
        return result

    def _promised(self, post: tuple[core.Contract, ...], params: tuple[core.Variable, ...], values: list[Term]) -> None:
        names = [*(param.name for param in params), "result"]
        for contract in post:
            self.facts.append(self.condition(contract, values, names))

    def condition(self, contract: core.Contract, values: list[Term], names: list[str] | None = None) -> Term:
        """A contract over values; exact, since contracts are judged without limits on integers."""
        before, self._exact = self._exact, True
        try:
            return self.term(contract.condition, dict(zip(names or contract.params, values, strict=True)))
        finally:
            self._exact = before


_COMPARE = {
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
}
