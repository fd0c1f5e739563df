"""Trip bounds: a measure that every iteration brings nearer to the end, or following the iterations themselves.

From a condition `a < b` over integers the measure is `b - a`. If no iteration can leave it as large as it was, the
loop ends after at most as many iterations as the measure's first value has room for. How much an iteration changes
each variable is an interval, found by walking its paths.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

from anvil import core
from anvil.fold import targets
from anvil.types import Type
from anvil.verify import ranges
from anvil.verify.evaluate import FLIPPED, Env
from anvil.verify.ranges import Number, Range

if TYPE_CHECKING:
    from anvil.verify.analysis import Analysis

MAX_PATHS = 24
"""Ways through a body that are told apart."""

_COUNTABLE = 10**9
"""More iterations than this are as good as none known."""

_ANY = Range(-math.inf, math.inf)
_SAME = Range(0, 0)
_UPWARD = {"lt", "le"}
NEGATED = {"lt": "ge", "le": "gt", "gt": "le", "ge": "lt", "eq": "ne", "ne": "eq"}

_Term = TypeVar("_Term", str, core.Expr)

Path = dict[str, Range]
"""How much one way through an iteration changes each variable that it assigns."""


class Unbounded(Exception):
    """Why no bound was found; `fix` says what helps."""

    def __init__(self, why: str, fix: str) -> None:
        self.why = why
        self.fix = fix
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Trips:
    """The largest number of iterations. `counter` moves by at least `stride` in each, where there is one."""

    count: int
    proof: str
    counter: str = ""
    stride: int = 0


@dataclass(frozen=True, slots=True)
class Exit:
    """A condition under which an iteration goes on: that of the loop, or that of an early `break` being false.

    `entry` holds where it is evaluated for the first time, `always` at every evaluation; `late` counts the iterations
    that begin although it will fail.
    """

    condition: core.Expr
    truth: bool
    entry: Env
    always: Env
    late: int = 0
    after: int = 0
    """How many statements of the body stand before it."""


@dataclass(slots=True)
class Linear:
    """`constant` plus the sum of variables and of values that the loop leaves alone, each with its factor."""

    constant: float = 0
    variables: dict[str, int] = field(default_factory=dict)
    others: dict[core.Expr, int] = field(default_factory=dict)

    def plus(self, other: Linear, factor: int = 1) -> Linear:
        return Linear(
            self.constant + factor * other.constant,
            _summed(self.variables, other.variables, factor),
            _summed(self.others, other.others, factor),
        )


def _summed(one: dict[_Term, int], other: dict[_Term, int], factor: int) -> dict[_Term, int]:
    total = dict(one)
    for key, value in other.items():
        total[key] = total.get(key, 0) + factor * value
    return {key: value for key, value in total.items() if value}


def exits(loop: core.Loop, entry: Env, head: Env, points: dict[int, Env]) -> list[Exit]:
    """Every condition that an iteration must pass."""
    found = list(conjuncts(Exit(loop.condition, True, entry, head)))
    for place, stmt in enumerate(loop.body):
        if any(isinstance(inner, core.Continue) for inner in core.walk_block((stmt,))):
            break  # what follows is not reached in every iteration
        if isinstance(stmt, core.If) and id(stmt) in points and _leaves(stmt.then) is not _leaves(stmt.otherwise):
            at = points[id(stmt)]
            found += conjuncts(Exit(stmt.condition, _leaves(stmt.otherwise), at, at, 1, place))
    return found


def _leaves(block: core.Block) -> bool:
    """Whether a block ends the loop."""
    return bool(block) and isinstance(block[-1], core.Break | core.Return | core.ReturnMany)


def conjuncts(exit: Exit) -> Iterator[Exit]:
    """The conditions that all hold where this one does."""
    match exit.condition:
        case core.Logical(op, left, right) if exit.truth is (op == "and"):
            yield from conjuncts(replace(exit, condition=left))
            yield from conjuncts(replace(exit, condition=right))
        case core.Unary(_, "not", operand):
            yield from conjuncts(replace(exit, condition=operand, truth=not exit.truth))
        case _:
            yield exit


class Measurer:
    """Bounds one loop, whose invariant and whose increments the analysis has found."""

    def __init__(self, analysis: Analysis, loop: core.Loop, changed: frozenset[str], deltas: dict[int, Range]) -> None:
        self._analysis = analysis
        self._loop = loop
        self._changed = changed
        self._deltas = deltas
        self._paths = self._through()

    def bound(self, conditions: list[Exit]) -> Trips:
        """The least bound that some condition gives; raises Unbounded with the reason of the first otherwise."""
        if not self._paths:
            return Trips(1, "intervals")  # every way through the body leaves the loop
        found: list[Trips] = []
        reasons: list[Unbounded] = []
        for condition in conditions:
            try:
                found.append(self._counted(condition))
            except Unbounded as error:
                reasons.append(error)
        if not found:
            raise reasons[0]
        return min(found, key=lambda trips: trips.count)

    def drift(self) -> Path:
        """How much an iteration that goes on may change each integer of its own function."""
        return {
            name: _hull([path.get(name, _SAME) for path in self._paths])
            for name in sorted({name for path in self._paths for name in path})
        }

    def _counted(self, exit: Exit) -> Trips:
        condition = exit.condition
        if not isinstance(condition, core.Compare):
            if isinstance(condition, core.Const):
                raise Unbounded(
                    "its condition is always true", "use `for (int i = 0; i < N; ++i)`, or leave it by a limit"
                )
            raise Unbounded("its condition does not compare a counter with a limit", "add a limit: `i < 64 && ...`")
        op = condition.op if exit.truth else NEGATED.get(condition.op if condition.left.type.is_integer else "", "")
        if not op:
            raise Unbounded("its condition does not compare a counter with a limit", "add a limit: `i < 64 && ...`")
        left, right = condition.left, condition.right
        if op not in _UPWARD and op not in ("eq", "ne"):
            op, left, right = FLIPPED[op], right, left
        room = self.linear(right, exit.always).plus(self.linear(left, exit.always), -1)
        if not any(name in self._changed for name in room.variables):
            raise Unbounded(
                "nothing in its condition changes from one iteration to the next",
                "move a counter towards a limit in every iteration",
            )
        before = self._block(self._loop.body[: exit.after], [{}], [])
        ahead = _hull([_weighted(room, path) for path in before])
        if ahead.low != ahead.high:  # it is not an iteration that lies between two evaluations
            raise Unbounded("its limit is tested where the counter has moved by no fixed amount", "test it first")
        entry = self._analysis.evaluator.refined(condition, exit.truth, exit.entry)
        if entry is None:
            return Trips(exit.late, "intervals")
        count = self._steps(op, room, self._sum(room, entry))
        if count > _COUNTABLE:
            raise self._boundless(left, right, exit.entry)
        counter = next(iter(room.variables)) if len(room.variables) == 1 else ""
        stride = self._stride(counter)
        return Trips(count + exit.late, "intervals", counter if stride else "", stride)

    def _steps(self, op: str, room: Linear, first: Range) -> int:
        """How often an iteration begins while `room` is above 0, at least 0, not 0, or 0."""
        change = self._change(room)
        if op == "eq":
            if 0 not in change:
                return 1
            raise Unbounded("its condition may hold for ever", "compare a counter with a limit: `i < 64`")
        if op == "ne":
            return _until_zero(first, change)
        if change.high >= 0:
            raise self._astray(change)
        if first.high == math.inf:
            return _COUNTABLE + 1
        room_per_step = first.high / Fraction(-change.high)
        return max(0, math.ceil(room_per_step) if op == "lt" else math.floor(room_per_step) + 1)

    def _boundless(self, left: core.Expr, right: core.Expr, entry: Env) -> Unbounded:
        """Names the side of the comparison that says nothing."""
        limit = max((right, left), key=lambda side: self._value(side, entry).high - self._value(side, entry).low)
        name = f"`{limit.name}`" if isinstance(limit, core.Local) else "its limit"
        example = limit.name if isinstance(limit, core.Local) else "limit"
        return Unbounded(
            f"{name} is only known to be {self._value(limit, entry).text}",
            f"clamp it: `anvil::min({example}, 64)`, or give the signal a range in the template",
        )

    def _astray(self, change: Range) -> Unbounded:
        if change.low > 0 or (change.low >= 0 and change.high > 0):
            return Unbounded("its counter moves away from the limit", "change the sign of the step")
        if change.low == change.high == 0:
            return Unbounded("an iteration may leave its counter as it was", "step the counter in every iteration")
        return Unbounded(
            "no iteration is sure to bring its counter nearer to the limit",
            "step the counter by at least 1 in every iteration, and keep the limit still",
        )

    # ------------------------------------------------------------------------------------------ linear forms

    def linear(self, expr: core.Expr, env: Env) -> Linear:
        """The expression as a sum; raises Unbounded for what is none."""
        match expr:
            case core.Const(_, value):
                if isinstance(value, float) and not math.isfinite(value):
                    raise Unbounded("its limit is not finite", "compare with a finite number")
                return Linear(value)
            case core.Local(type, name) if type.is_integer:
                return Linear(0, {name: 1})
            case core.Cast(type, operand) if self._keeps(expr, env):
                return self.linear(operand, env)
            case core.Binary(type, "add" | "sub" as op, left, right) if type.is_integer and self._exact(expr, env):
                return self.linear(left, env).plus(self.linear(right, env), 1 if op == "add" else -1)
            case core.Binary(type, "mul", left, core.Const(_, factor)) if type.is_integer and self._exact(expr, env):
                return Linear().plus(self.linear(left, env), int(factor))
        if self._still(expr):
            return Linear(0, {}, {expr: 1})
        raise self._unclear(expr)

    def _keeps(self, cast: core.Cast, env: Env) -> bool:
        """Whether a conversion keeps its operand's value."""
        source = cast.operand.type
        if not source.is_integer or cast.type is Type.BOOL:
            return False
        return not ranges.cast(source, cast.type, self._value(cast.operand, env)).events

    def _exact(self, expr: core.Binary, env: Env) -> bool:
        left, right = self._value(expr.left, env), self._value(expr.right, env)
        return not ranges.binary(expr.type, expr.op, left, right).events

    def _still(self, expr: core.Expr) -> bool:
        """Whether an expression has the same value in every iteration."""
        for node in core.walk_expr(expr):
            if isinstance(node, core.Call) or (isinstance(node, core.Local) and node.name in self._changed):
                return False
            if isinstance(node, core.ExternCall) and not self._analysis.externs[node.name].pure:
                return False
        return True

    def _unclear(self, expr: core.Expr) -> Unbounded:
        if expr.type is Type.DOUBLE:
            return Unbounded(
                "it counts with a double, whose steps are rounded", "count iterations with an int beside it: `i < 64`"
            )
        return Unbounded(
            "its counter may wrap around before it reaches the limit, or is no sum of variables",
            "compare a plain counter with a limit: `i < 64`",
        )

    def _value(self, expr: core.Expr, env: Env) -> Range:
        return self._analysis.quiet_value(expr, env)

    def _sum(self, room: Linear, env: Env) -> Range:
        total = Range(_exactly(room.constant), _exactly(room.constant))
        terms = [(core.Local(Type.INT64, name), factor) for name, factor in room.variables.items()]
        for expr, factor in [*terms, *room.others.items()]:
            value = env[expr.name] if isinstance(expr, core.Local) and expr.name in env else self._value(expr, env)
            if value.nan:
                raise Unbounded("its limit may be NaN", "check it with `anvil::isnan`")
            ends = (_exactly(value.low) * factor, _exactly(value.high) * factor)
            total = Range(total.low + min(ends), total.high + max(ends))
        return total

    # ------------------------------------------------------------------------------------------------ changes

    def _change(self, room: Linear) -> Range:
        """How much an iteration that goes on changes the measure."""
        return _hull([_weighted(room, path) for path in self._paths])

    def _stride(self, counter: str) -> int:
        if not counter:
            return 0
        change = _hull([path.get(counter, _SAME) for path in self._paths])
        if change.low > 0:
            return int(change.low) if change.low < math.inf else 0
        return -int(change.high) if -math.inf < change.high < 0 else 0

    def _through(self) -> list[Path]:
        continues: list[Path] = []
        paths = self._block(self._loop.body, [{}], continues)
        return self._block(self._loop.step, _few(paths + continues), [])

    def _block(self, block: core.Block, paths: list[Path], continues: list[Path]) -> list[Path]:
        for stmt in block:
            if not paths:
                return []
            paths = self._statement(stmt, paths, continues)
        return paths

    def _statement(self, stmt: core.Stmt, paths: list[Path], continues: list[Path]) -> list[Path]:
        match stmt:
            case core.Assign() if stmt.value.type.is_integer:
                change = self._deltas.get(id(stmt))
                return [] if change is None else [_moved(path, stmt.name, change) for path in paths]
            case core.Assign() | core.CallMany():
                return [{**path, **dict.fromkeys(targets(stmt), _ANY)} for path in paths]
            case core.If():
                then = self._block(stmt.then, paths, continues)
                return _few(then + self._block(stmt.otherwise, paths, continues))
            case core.Loop():
                return self._inner(stmt, paths)
            case core.Continue():
                continues += paths
        return []

    def _inner(self, loop: core.Loop, paths: list[Path]) -> list[Path]:
        """An inner loop repeats its changes any number of times."""
        moved: Path = {}
        for stmt in core.walk_block((loop,)):
            for name in targets(stmt):
                change = self._deltas.get(id(stmt), _SAME) if isinstance(stmt, core.Assign) else _ANY
                if isinstance(stmt, core.Assign) and not stmt.value.type.is_integer:
                    change = _ANY
                low = -math.inf if change.low < 0 else 0
                high = math.inf if change.high > 0 else 0
                moved[name] = moved.get(name, _SAME).join(Range(low, high))
        return [_all_moved(path, moved) for path in paths]


def delta(analysis: Analysis, expr: core.Expr, name: str, env: Env) -> Range:
    """How far the value of an integer expression is from the present value of a variable."""
    match expr:
        case core.Local(_, other) if other == name:
            return _SAME
        case core.Cast(type, operand) if operand.type.is_integer and type.is_integer:
            value = analysis.quiet_value(operand, env)
            if not ranges.cast(operand.type, type, value).events:
                return delta(analysis, operand, name, env)
        case core.Binary(type, op, left, right) if type.is_integer:
            a, b = analysis.quiet_value(left, env), analysis.quiet_value(right, env)
            if not ranges.binary(type, op, a, b).events and (found := _shifted(analysis, expr, a, b, name, env)):
                return found
        case core.Select(_, _, then, otherwise):
            return delta(analysis, then, name, env).join(delta(analysis, otherwise, name, env))
        case core.Math(type, "min" | "max" as op, (a, b)) if type.is_integer:
            one, two = delta(analysis, a, name, env), delta(analysis, b, name, env)
            choose = min if op == "min" else max
            return Range(choose(one.low, two.low), choose(one.high, two.high))
    value, old = analysis.quiet_value(expr, env), env.get(name, _ANY)
    return Range(value.low - old.high, value.high - old.low)


def _shifted(analysis: Analysis, expr: core.Binary, a: Range, b: Range, name: str, env: Env) -> Range | None:
    match expr.op:
        case "add" if _mentions(expr.left, name):
            change = delta(analysis, expr.left, name, env)
            return Range(change.low + b.low, change.high + b.high)
        case "add" if _mentions(expr.right, name):
            change = delta(analysis, expr.right, name, env)
            return Range(change.low + a.low, change.high + a.high)
        case "sub" if _mentions(expr.left, name):
            change = delta(analysis, expr.left, name, env)
            return Range(change.low - b.high, change.high - b.low)
        case "div" | "shr" if _is(expr.left, name) and b.single and a.low >= 0:
            least, most = (
                int(end) // int(b.low) if expr.op == "div" and b.low > 0 else int(end) >> int(b.low) for end in a[:2]
            )
            return Range(most - a.high, least - a.low)
    return None


def _is(expr: core.Expr, name: str) -> bool:
    return isinstance(expr, core.Local) and expr.name == name


def _mentions(expr: core.Expr, name: str) -> bool:
    return any(isinstance(node, core.Local) and node.name == name for node in core.walk_expr(expr))


def _exactly(value: Number) -> Any:
    """The value without rounding in what is computed from it."""
    return Fraction(value) if isinstance(value, float) and math.isfinite(value) else value


def _until_zero(first: Range, change: Range) -> int:
    """How often a measure can change before it is exactly 0."""
    step = change.low
    if change.low != change.high or step == 0 or math.isinf(step):
        raise Unbounded("its counter may step past the limit", "compare with `<` or `>`")
    towards = first.low >= 0 if step < 0 else first.high <= 0
    exact = abs(step) == 1 or (first.low == first.high and int(first.low) % int(abs(step)) == 0)
    if not towards or not exact:
        raise Unbounded("its counter may step past the limit", "compare with `<` or `>`")
    most = max(abs(first.low), abs(first.high))
    if most == math.inf:
        return _COUNTABLE + 1
    return int(most) // int(abs(step))


def _weighted(room: Linear, path: Path) -> Range:
    total = _SAME
    for name, factor in room.variables.items():
        change = path.get(name, _SAME)
        ends = (change.low * factor, change.high * factor)
        total = Range(total.low + min(ends), total.high + max(ends))
    return total


def _hull(found: list[Range]) -> Range:
    total = ranges.EMPTY
    for item in found:
        total = total.join(item)
    return total


def _moved(path: Path, name: str, change: Range) -> Path:
    old = path.get(name, _SAME)
    return {**path, name: Range(old.low + change.low, old.high + change.high)}


def _all_moved(path: Path, changes: Path) -> Path:
    for name, change in changes.items():
        path = _moved(path, name, change)
    return path


def _few(paths: list[Path]) -> list[Path]:
    """The paths, or one that is as wide as all of them."""
    if len(paths) <= MAX_PATHS:
        return paths
    names = {name for path in paths for name in path}
    return [{name: _hull([path.get(name, _SAME) for path in paths]) for name in names}]
