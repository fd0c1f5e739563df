"""Trip bounds of loops ([loop.bound]).

A loop is bounded when its condition, or one conjunct of it, compares a counter with a limit known at compile time,
the counter starts at a known value, nothing but the step changes it, and it reaches the limit without wrapping.
Limits that need ranges or relations are for the interval domain and the solver; until they are there, unknown is
rejected.
"""

from __future__ import annotations

from anvil import core
from anvil.diagnostics import Diagnostic, diagnostic
from anvil.fold import Known, agreeing, assigned, evaluate, without
from anvil.types import Type

_FLIPPED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq", "ne": "ne"}


class _Unbounded(Exception):
    """Why no bound was found; `fix` says what helps."""

    def __init__(self, why: str, fix: str) -> None:
        self.why = why
        self.fix = fix
        super().__init__(why)


def trip_bounds(program: core.Program) -> tuple[dict[int, int], list[Diagnostic]]:
    """The largest number of iterations of every loop, by its id, and a finding for each loop without one."""
    trips: dict[int, int] = {}
    found: list[Diagnostic] = []

    def block(body: core.Block, known: Known) -> Known:
        for stmt in body:
            known = statement(stmt, known)
        return known

    def statement(stmt: core.Stmt, known: Known) -> Known:
        match stmt:
            case core.Assign():
                value = evaluate(stmt.value, known)
                rest = without(known, (stmt.name,))
                return rest if value is None else {**rest, stmt.name: value}
            case core.CallMany():
                return without(known, stmt.targets)
            case core.If():
                return agreeing(block(stmt.then, known), block(stmt.otherwise, known))
            case core.Loop():
                return loop(stmt, known)
        return known

    def loop(stmt: core.Loop, known: Known) -> Known:
        changed = assigned(stmt.body) | assigned(stmt.step)
        inside = without(known, changed)
        try:
            trips[stmt.id] = _trips(stmt, known, inside)
        except _Unbounded as error:
            found.append(diagnostic("E0501", stmt.condition.span, why=error.why, fix=error.fix))
        block(stmt.body, inside)
        return inside

    for function in program.functions:
        block(function.body, {})
    return trips, found


def _trips(stmt: core.Loop, known: Known, inside: Known) -> int:
    """The least bound that some conjunct of the condition gives."""
    if evaluate(stmt.condition, inside) == core.Const(Type.BOOL, False):
        return 0
    bounds: list[int] = []
    reasons: list[_Unbounded] = []
    for part in _conjuncts(stmt.condition):
        try:
            bounds.append(_counted(part, stmt, known, inside))
        except _Unbounded as error:
            reasons.append(error)
    if not bounds:
        raise reasons[0]
    return min(bounds)


def _conjuncts(condition: core.Expr) -> list[core.Expr]:
    if isinstance(condition, core.Logical) and condition.op == "and":
        return _conjuncts(condition.left) + _conjuncts(condition.right)
    return [condition]


def _counted(condition: core.Expr, stmt: core.Loop, known: Known, inside: Known) -> int:
    if not isinstance(condition, core.Compare):
        if evaluate(condition, inside) is not None:
            raise _Unbounded("its condition is always true", "use `for (int i = 0; i < N; ++i)` with a constant N")
        raise _Unbounded(
            "its condition does not compare a counter with a limit", "add a limit: `i < N && ...` with a constant N"
        )
    for op, left, right in (
        (condition.op, condition.left, condition.right),
        (_FLIPPED[condition.op], condition.right, condition.left),
    ):
        counter, limit = _counter(left), evaluate(right, inside)
        if counter is not None and limit is not None:
            return _count(op, counter, limit, stmt, known)
    raise _Unbounded("its limit is not known at compile time", "compare the counter with a constant: `i < 64`")


def _counter(expr: core.Expr) -> core.Local | None:
    """The variable behind an expression that keeps its value: conversions to a wider integer type alone."""
    while isinstance(expr, core.Cast) and (expr.operand.type, expr.type) == (Type.INT, Type.INT64):
        expr = expr.operand
    return expr if isinstance(expr, core.Local) and expr.type.is_integer else None


def _count(op: str, counter: core.Local, limit: core.Const, stmt: core.Loop, known: Known) -> int:
    name = counter.name
    start, step = known.get(name), _step(name, stmt)
    if start is None:
        raise _Unbounded(f"the first value of `{name}` is not known", f"start `{name}` at a constant")
    if step is None:
        raise _Unbounded(
            f"`{name}` does not change by a constant in every iteration", "use `for (int i = A; i < B; i += C)`"
        )
    trips = _solve(op, int(start.value), int(limit.value), step)
    # The comparison is made once more after the last step, so that value must not have wrapped either.
    last = int(start.value) + trips * step
    if not counter.type.low <= last <= counter.type.high:
        raise _Unbounded(f"`{name}` wraps around before it reaches the limit", "use int64_t, or a smaller limit")
    return trips


def _solve(op: str, start: int, limit: int, step: int) -> int:
    """How often a counter steps while `counter op limit` holds."""
    if op in ("le", "ge"):
        limit += 1 if op == "le" else -1
    if op in ("lt", "le", "gt", "ge"):
        upward = op in ("lt", "le")
        if (start >= limit) if upward else (start <= limit):
            return 0
        if (step > 0) is not upward:
            raise _Unbounded("its counter moves away from the limit", "change the sign of the step")
        return -(-abs(limit - start) // abs(step))
    if op == "ne":
        if (limit - start) % step == 0 and (limit - start) // step >= 0:
            return (limit - start) // step
        raise _Unbounded("its counter steps past the limit", "compare with `<` or `>`")
    return 1 if start == limit else 0


def _step(name: str, stmt: core.Loop) -> int | None:
    """The constant that the step adds to a counter which the body leaves alone."""
    if name in assigned(stmt.body):
        return None
    changes = [s for s in stmt.step if isinstance(s, core.Assign) and s.name == name]
    if len(changes) != 1:
        return None
    match changes[0].value:
        case core.Binary(type, "add" | "sub" as op, core.Local(_, other), core.Const(_, value)) if other == name:
            return type.wrap(int(value)) * (1 if op == "add" else -1)
        case core.Cast(
            _, core.Binary(_, "add" | "sub" as op, core.Cast(_, core.Local(_, other)), core.Const(_, value))
        ) if other == name:
            return int(value) * (1 if op == "add" else -1)
    return None
