"""Ranges of expressions under an environment, and what conditions say about variables."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from anvil import core
from anvil.types import Type
from anvil.verify import ranges
from anvil.verify.ranges import EITHER, EMPTY, ONE, ZERO, Range, Result

if TYPE_CHECKING:
    from anvil.verify.analysis import Analysis

Env = dict[str, Range]
"""The range of every variable that may have been assigned."""

_NEGATED = {"lt": "ge", "le": "gt", "gt": "le", "ge": "lt", "eq": "ne", "ne": "eq"}
FLIPPED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq", "ne": "ne"}


class Evaluator:
    """The range of every expression; tells the analysis of each operation and call on the way."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._by_type: dict[type, Callable[..., Range]] = {
            core.Const: lambda expr, env: ranges.constant(expr.value),
            core.Local: lambda expr, env: env.get(expr.name) or ranges.full(expr.type),
            core.Unary: self._unary,
            core.Binary: self._binary,
            core.Compare: self._compare,
            core.Logical: self._logical,
            core.Select: self._select,
            core.Cast: self._cast,
            core.Math: self._math,
            core.Call: analysis.call,
            core.ExternCall: analysis.extern_call,
            core.Query: analysis.query,
        }

    def value(self, expr: core.Expr, env: Env) -> Range:
        """All values that the expression can have."""
        found = self._by_type[type(expr)](expr, env)
        self._analysis.note(expr, found)
        return found

    def _noted(self, expr: core.Expr, result: Result) -> Range:
        self._analysis.note_events(expr, result.events)
        return result.range

    def _unary(self, expr: core.Unary, env: Env) -> Range:
        return self._noted(expr, ranges.unary(expr.type, expr.op, self.value(expr.operand, env)))

    def _binary(self, expr: core.Binary, env: Env) -> Range:
        left, right = self.value(expr.left, env), self.value(expr.right, env)
        result = ranges.binary(expr.type, expr.op, left, right)
        if expr.op in ("sub", "div", "rem") and expr.left == expr.right and not _has_call(expr.left):
            result = _same_operands(expr, left, result)
        elif expr.op == "add" and not result.events and (other := _towards(expr)) is not None:
            end = self._analysis.quiet_value(other, env)
            if not ranges.binary(expr.type, "sub", end, left).events:
                result = Result(result.range.meet(left.join(end)))
        return self._noted(expr, result)

    def _compare(self, expr: core.Compare, env: Env) -> Range:
        return ranges.compare(expr.op, self.value(expr.left, env), self.value(expr.right, env))

    def _logical(self, expr: core.Logical, env: Env) -> Range:
        left = self.value(expr.left, env)
        decided = ZERO if expr.op == "and" else ONE
        if left == decided or left.empty:
            return left
        inner = self.refined(expr.left, expr.op == "and", env)
        right = EMPTY if inner is None else self.value(expr.right, inner)
        return right if decided.low not in left else right.join(decided)

    def _select(self, expr: core.Select, env: Env) -> Range:
        condition = self.value(expr.condition, env)
        found = EMPTY
        for outcome, arm in ((1, expr.then), (0, expr.otherwise)):
            if outcome in condition:
                inner = self.refined(expr.condition, bool(outcome), env)
                found = found if inner is None else found.join(self.value(arm, inner))
        return found

    def _cast(self, expr: core.Cast, env: Env) -> Range:
        return self._noted(expr, ranges.cast(expr.operand.type, expr.type, self.value(expr.operand, env)))

    def _math(self, expr: core.Math, env: Env) -> Range:
        args = tuple([self.value(arg, env) for arg in expr.args])
        return self._noted(expr, ranges.builtin(expr.type, expr.name, args))

    # ---------------------------------------------------------------------------------------- conditions

    def refined(self, condition: core.Expr, truth: bool, env: Env) -> Env | None:
        """The environment where the condition has the given outcome; None where that cannot be."""
        before = self._analysis.quiet()
        try:
            return self._refine(condition, truth, env)
        finally:
            self._analysis.restore(before)

    def _refine(self, condition: core.Expr, truth: bool, env: Env) -> Env | None:
        match condition:
            case core.Logical():
                return self._refine_logical(condition, truth, env)
            case core.Unary(_, "not", operand):
                return self._refine(operand, not truth, env)
            case core.Compare():
                return self._refine_compare(condition, truth, env)
            case core.Local():
                return self._narrowed(condition, ONE if truth else ZERO, env)
            case core.Cast(Type.BOOL, operand) if operand.type is not Type.BOOL:
                zero = core.Const(operand.type, 0.0 if operand.type is Type.DOUBLE else 0)
                return self._refine_compare(core.Compare("ne", operand, zero), truth, env)
            case core.Math(_, "isnan" | "isfinite" as name, (core.Local() as operand,)):
                return self._refine_test(name, operand, truth, env)
        return env if int(truth) in self.value(condition, env) else None

    def _refine_logical(self, condition: core.Logical, truth: bool, env: Env) -> Env | None:
        if truth is (condition.op == "and"):  # both operands have this outcome
            inner = self._refine(condition.left, truth, env)
            return None if inner is None else self._refine(condition.right, truth, inner)
        first = self._refine(condition.left, truth, env)
        rest = self._refine(condition.left, not truth, env)
        second = None if rest is None else self._refine(condition.right, truth, rest)
        return joined(first, second)

    def _refine_test(self, name: str, operand: core.Local, truth: bool, env: Env) -> Env | None:
        old = self.value(operand, env)
        new = old
        if name == "isnan":
            new = Range(math.inf, -math.inf, old.nan) if truth else Range(old.low, old.high)
        elif truth:
            new = Range(*old.meet(ranges.FINITE)[:2])
        return None if new.empty else {**env, operand.name: new}

    def _refine_compare(self, condition: core.Compare, truth: bool, env: Env) -> Env | None:
        left, right = self.value(condition.left, env), self.value(condition.right, env)
        outcome = ranges.compare(condition.op, left, right)
        if int(truth) not in outcome:
            return None
        nan = not truth if condition.op != "ne" else truth  # whether a NaN on either side has this outcome
        op = condition.op if truth else _NEGATED[condition.op]
        result: Env | None = env
        for expr, own, other, way in (
            (condition.left, left, right, op),
            (condition.right, right, left, FLIPPED[op]),
        ):
            if result is not None:
                limit = _limit(way, own, other, expr.type)
                if nan and other.nan:  # the comparison says nothing then
                    continue
                result = self._narrowed(expr, Range(limit.low, limit.high, nan and own.nan), result)
        return result

    def _narrowed(self, expr: core.Expr, limit: Range, env: Env) -> Env | None:
        """The environment where the expression lies in a range; it may be larger."""
        match expr:
            case core.Local():
                new = self.value(expr, env).meet(limit)
                return None if new.empty else {**env, expr.name: new}
            case core.Cast(target, operand) if operand.type is not Type.DOUBLE:
                return self._narrowed_cast(target, operand, limit, env)
            case core.Binary(type, "add" | "sub" as op, left, right) if type.is_integer:
                a, b = self.value(left, env), self.value(right, env)
                if ranges.binary(type, op, a, b).events:
                    return env
                sign = 1 if op == "add" else -1
                other = (b.low, b.high) if sign == 1 else (-b.high, -b.low)
                first = self._narrowed(left, Range(limit.low - other[1], limit.high - other[0]), env)
                if first is None:
                    return None
                if sign == 1:
                    return self._narrowed(right, Range(limit.low - a.high, limit.high - a.low), first)
                return self._narrowed(right, Range(a.low - limit.high, a.high - limit.low), first)
            case core.Math(_, "min", args) if len(args) == 2:
                return self._narrowed_each(args, Range(limit.low, math.inf, True), env)
            case core.Math(_, "max", args) if len(args) == 2:
                return self._narrowed_each(args, Range(-math.inf, limit.high, True), env)
        return env

    def _narrowed_each(self, args: tuple[core.Expr, ...], limit: Range, env: Env) -> Env | None:
        """Of integers: min(a, b) >= low says the same of both, max(a, b) <= high too."""
        result: Env | None = env
        for arg in args:
            if result is not None and arg.type is not Type.DOUBLE:
                result = self._narrowed(arg, limit, result)
        return result

    def _narrowed_cast(self, target: Type, operand: core.Expr, limit: Range, env: Env) -> Env | None:
        own = self.value(operand, env)
        if target is Type.BOOL or ranges.cast(operand.type, target, own).events or limit.low > limit.high:
            return env
        low = limit.low if limit.low == -math.inf else math.ceil(limit.low)
        high = limit.high if limit.high == math.inf else math.floor(limit.high)
        return self._narrowed(operand, Range(low, high), env)


def _limit(op: str, own: Range, other: Range, type: Type) -> Range:
    """What `x op y` says about x when y lies in `other`."""
    low, high = other.low, other.high
    if low > high:
        return Range(-math.inf, math.inf)
    match op:
        case "lt":
            return Range(-math.inf, math.nextafter(high, -math.inf) if type is Type.DOUBLE else high - 1)
        case "le":
            return Range(-math.inf, high)
        case "gt":
            return Range(math.nextafter(low, math.inf) if type is Type.DOUBLE else low + 1, math.inf)
        case "ge":
            return Range(low, math.inf)
        case "eq":
            return Range(low, high)
    if low == high and type is not Type.DOUBLE:  # another value than this one
        if own.low == low:
            return Range(low + 1, math.inf)
        if own.high == low:
            return Range(-math.inf, low - 1)
    return Range(-math.inf, math.inf)


def joined(one: Env | None, other: Env | None) -> Env | None:
    """What holds on either of two ways."""
    if one is None or other is None:
        return other if one is None else one
    if one is other:
        return one
    return {name: range.join(other[name]) for name, range in one.items() if name in other}


def _towards(expr: core.Binary) -> core.Expr | None:
    """The y of `x + (y - x) / c`, which lies between x and y."""
    match expr.right:
        case core.Binary(_, "div", core.Binary(_, "sub", y, x), core.Const(_, c)) if c >= 1 and x == expr.left:
            return y if expr.type.is_integer and not _has_call(x) and not _has_call(y) else None
    return None


def _has_call(expr: core.Expr) -> bool:
    return any(isinstance(node, core.Call | core.ExternCall | core.Query) for node in core.walk_expr(expr))


def _same_operands(expr: core.Binary, x: Range, result: Result) -> Result:
    """x - x, x / x and x % x."""
    if expr.type is Type.DOUBLE or x.empty:
        return result
    if expr.op == "div":
        return Result(ONE if 0 not in x else EITHER, tuple(e for e in result.events if e == "zero"))
    return Result(ZERO, tuple(e for e in result.events if e == "zero"))
