"""The reference semantics of Core: a direct reading of every rule, in no hurry.

Values are Python `bool`, `int` (kept within its type's range) and `float`. Mathematics comes from the runtime
library, so that the other executors can agree bit for bit.

Steps: one for every statement executed and one for every evaluation of a loop's condition.
"""

from __future__ import annotations

import enum
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import SupportsFloat, SupportsIndex

from anvil import runtime
from anvil.builtins import BUILTINS
from anvil.core import (
    Assign,
    Binary,
    Block,
    Break,
    Call,
    CallMany,
    Cast,
    Compare,
    Const,
    Continue,
    Expr,
    ExternCall,
    ExternFunction,
    Function,
    If,
    Local,
    Logical,
    Loop,
    Math,
    Program,
    Query,
    Return,
    ReturnMany,
    Select,
    Stmt,
    Unary,
    Variable,
    children,
)
from anvil.store import ReferenceStore
from anvil.types import Type

Value = bool | int | float


class BudgetExceeded(Exception):
    """More steps than the budget. The verifier rules this out for accepted programs: seen, it is a bug."""


class InvalidCore(Exception):
    """The program breaks an invariant of Core that the front end guarantees."""


class ExternFailed(Exception):
    """A function of the host is missing, or gave something that is not a value of its type."""


# ---------------------------------------------------------------------------------------------- operations


def unary(type: Type, op: str, x: Value) -> Value:
    """`neg`, `not`, `bitnot` on a value of `type`."""
    match op:
        case "neg":
            return -x if type is Type.DOUBLE else type.wrap(-int(x))
        case "not":
            return not x
        case "bitnot":
            return type.wrap(~int(x))
    raise InvalidCore(f"unary operator {op}")


def binary(type: Type, op: str, a: Value, b: Value) -> Value:
    """An arithmetic, bitwise or shift operator on values of `type`."""
    if type is Type.DOUBLE:
        return _DOUBLE_OPERATIONS[op](float(a), float(b))
    result = _INTEGER_OPERATIONS[op](int(a), int(b), type)
    return bool(result) if type is Type.BOOL else type.wrap(result)


def compare(op: str, a: Value, b: Value) -> bool:
    """IEEE-754 on doubles: every comparison with NaN is false but `ne`."""
    return bool(_COMPARISONS[op](a, b))


def cast(type: Type, x: Value) -> Value:
    """Conversion to `type`: integers wrap, doubles saturate (NaN is 0), bool is `!= 0`."""
    if type is Type.BOOL:
        return x != 0
    if type is Type.DOUBLE:
        return float(x)
    if not isinstance(x, float):
        return type.wrap(int(x))
    if not math.isfinite(x):
        return type.high if x > 0 else type.low if x < 0 else 0
    return min(max(int(x), type.low), type.high)  # as exact integers: the largest 64-bit values are not doubles


def builtin(type: Type, name: str, args: tuple[Value, ...]) -> Value:
    """A built-in of `anvil.builtins`; `type` is that of the Math node."""
    match BUILTINS[name].kind:
        case "common":
            return _common(type, name, args)
        case "runtime":
            return runtime.functions()[name](*args)
        case _:
            return _EXACT[name](float(args[0]))


def _divide(a: float, b: float) -> float:
    if b != 0.0:
        return a / b
    if a == 0.0 or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


def _quotient(a: int, b: int) -> int:
    """Toward zero; 0 when b is 0."""
    if b == 0:
        return 0
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


_DOUBLE_OPERATIONS: dict[str, Callable[[float, float], float]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": _divide,
}

# Of ints within the range of the type; the result is wrapped afterwards.
_INTEGER_OPERATIONS: dict[str, Callable[[int, int, Type], int]] = {
    "add": lambda a, b, _: a + b,
    "sub": lambda a, b, _: a - b,
    "mul": lambda a, b, _: a * b,
    "div": lambda a, b, _: _quotient(a, b),
    "rem": lambda a, b, _: a - b * _quotient(a, b),
    "and": lambda a, b, _: a & b,
    "or": lambda a, b, _: a | b,
    "xor": lambda a, b, _: a ^ b,
    "shl": lambda a, b, type: a << b % type.bits,
    "shr": lambda a, b, type: a >> b % type.bits,
}

_COMPARISONS: dict[str, Callable[[Value, Value], bool]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "eq": operator.eq,
    "ne": operator.ne,
}


def _common(type: Type, name: str, args: tuple[Value, ...]) -> Value:
    x = args[0]
    match name:
        case "min":
            return args[1] if args[1] < x else x
        case "max":
            return args[1] if x < args[1] else x
        case "clamp":
            return args[1] if x < args[1] else args[2] if args[2] < x else x
        case "abs":
            return math.fabs(x) if type is Type.DOUBLE else type.wrap(abs(int(x)))
        case "sign":
            return cast(type, (x > 0) - (x < 0))
    raise InvalidCore(f"built-in {name}")


def _to_integer(rounding: Callable[[float], int]) -> Callable[[float], float]:
    """`rounding` on doubles: what is infinite, NaN or too large to have a fraction stays, and so does the sign of 0."""

    def apply(x: float) -> float:
        return math.copysign(float(rounding(x)), x) if math.fabs(x) < 2.0**52 else x

    return apply


def _half_away(x: float) -> int:
    whole = math.trunc(x)
    return whole + (1 if x > 0 else -1) if math.fabs(x - whole) >= 0.5 else whole


_EXACT: dict[str, Callable[[float], Value]] = {
    "isnan": math.isnan,
    "isinf": math.isinf,
    "isfinite": math.isfinite,
    "sqrt": lambda x: math.nan if x < 0.0 else math.sqrt(x),
    "floor": _to_integer(math.floor),
    "ceil": _to_integer(math.ceil),
    "trunc": _to_integer(math.trunc),
    "round": _to_integer(_half_away),
}

# ---------------------------------------------------------------------------------------------- interpreter


class _Flow(enum.Enum):
    NEXT = enum.auto()
    BREAK = enum.auto()
    CONTINUE = enum.auto()


@dataclass(frozen=True, slots=True)
class _Returned:
    values: tuple[Value, ...]


_Locals = dict[str, Value]


class Interpreter:
    """Runs functions of one program, on `store` where they query. `steps` counts over all calls.

    `externs` gives the functions of the host by name. They are called with the values of their parameters; what they
    raise passes through, and what is not a value of their type is an ExternFailed.
    """

    def __init__(
        self,
        program: Program,
        store: ReferenceStore | None = None,
        budget: int | None = None,
        externs: Mapping[str, Callable[..., object]] | None = None,
    ) -> None:
        self.program = program
        self.store = store
        self.budget = budget
        self.externs = externs or {}
        self.steps = 0
        self._functions = {function.name: function for function in program.functions}
        self._declared = {extern.name: extern for extern in program.externs}

    def call(self, name: str, *args: Value) -> Value:
        """The result of a function with one. ValueError for arguments that do not fit its parameters."""
        if self._functions[name].result is Type.VOID:
            raise ValueError(f"{name} has no result or several: use call_many")
        return self.call_many(name, *args)[0]

    def call_many(self, name: str, *args: Value) -> tuple[Value, ...]:
        """All results of a function, however many it has."""
        function = self._functions[name]
        if len(args) != len(function.params):
            raise ValueError(f"{name} takes {len(function.params)} arguments, not {len(args)}")
        return self._call(function, tuple(map(accept, function.params, args)))

    def _call(self, function: Function, args: tuple[Value, ...]) -> tuple[Value, ...]:
        names = (param.name for param in function.params)
        outcome = self._block(function.body, dict(zip(names, args, strict=True)))
        if not isinstance(outcome, _Returned):
            raise InvalidCore(f"{function.name} ends without a return")
        promised = len(function.results) if function.result is Type.VOID else 1
        if len(outcome.values) != promised:
            raise InvalidCore(f"{function.name} returns {len(outcome.values)} values instead of {promised}")
        return outcome.values

    def _step(self) -> None:
        self.steps += 1
        if self.budget is not None and self.steps > self.budget:
            raise BudgetExceeded(f"more than {self.budget} steps")

    # ------------------------------------------------------------------------------------ statements

    def _block(self, block: Block, env: _Locals) -> _Flow | _Returned:
        for stmt in block:
            outcome = self._statement(stmt, env)
            if outcome is not _Flow.NEXT:
                return outcome
        return _Flow.NEXT

    def _statement(self, stmt: Stmt, env: _Locals) -> _Flow | _Returned:
        self._step()
        match stmt:
            case Assign():
                env[stmt.name] = self.evaluate(stmt.value, env)
                return _Flow.NEXT
            case CallMany():
                self._call_many(stmt, env)
                return _Flow.NEXT
            case If():
                return self._block(stmt.then if self.evaluate(stmt.condition, env) else stmt.otherwise, env)
            case Loop():
                return self._loop(stmt, env)
            case Break():
                return _Flow.BREAK
            case Continue():
                return _Flow.CONTINUE
            case Return():
                return _Returned((self.evaluate(stmt.value, env),))
            case ReturnMany():
                return _Returned(self._arguments(stmt.values, env))

    def _call_many(self, stmt: CallMany, env: _Locals) -> None:
        values = self._call(self._functions[stmt.function], self._arguments(stmt.args, env))
        if len(values) != len(stmt.targets):
            raise InvalidCore(f"{stmt.function} has {len(values)} results, not {len(stmt.targets)}")
        env.update((target, value) for target, value in zip(stmt.targets, values, strict=True) if target)

    def _loop(self, loop: Loop, env: _Locals) -> _Flow | _Returned:
        while self._condition(loop, env):
            outcome = self._block(loop.body, env)
            if isinstance(outcome, _Returned):
                return outcome
            if outcome is _Flow.BREAK:
                break
            self._block(loop.step, env)
        return _Flow.NEXT

    def _condition(self, loop: Loop, env: _Locals) -> bool:
        self._step()
        return bool(self.evaluate(loop.condition, env))

    # ----------------------------------------------------------------------------------- expressions

    def evaluate(self, expr: Expr, env: _Locals) -> Value:
        """The value of an expression under the given locals."""
        match expr:
            case Const():
                return expr.value
            case Local():
                return _read(env, expr.name)
            case Logical():
                left = bool(self.evaluate(expr.left, env))
                return left if left is (expr.op == "or") else self.evaluate(expr.right, env)
            case Select():
                return self.evaluate(expr.then if self.evaluate(expr.condition, env) else expr.otherwise, env)
            case Call():
                return self._call(self._functions[expr.function], self._arguments(expr.args, env))[0]
            case ExternCall():
                return self._extern(expr.name, self._arguments(expr.args, env))
            case Query():
                return self._query(expr, env)
            case _:
                return _operate(expr, self._arguments(children(expr), env))

    def _arguments(self, args: tuple[Expr, ...], env: _Locals) -> tuple[Value, ...]:
        return tuple(self.evaluate(arg, env) for arg in args)

    def _extern(self, name: str, args: tuple[Value, ...]) -> Value:
        if name not in self._declared:
            raise InvalidCore(f"{name} is not declared as a function of the host")
        if name not in self.externs:
            raise ExternFailed(f"the function {name} of the host is not given")
        return extern_result(self._declared[name], self.externs[name](*args))

    def _query(self, query: Query, env: _Locals) -> Value:
        if self.store is None:
            raise InvalidCore(f"{query.method} without a feature store")
        object_id = None if query.object is None else int(self.evaluate(query.object, env))
        args = self._arguments(query.args, env)
        return self.store.query(query.slot, query.symbol, object_id, args, query.constants)


def _operate(expr: Unary | Binary | Compare | Cast | Math, operands: tuple[Value, ...]) -> Value:
    """An operation that evaluates all its operands."""
    match expr:
        case Unary():
            return unary(expr.type, expr.op, *operands)
        case Binary():
            return binary(expr.type, expr.op, *operands)
        case Compare():
            return compare(expr.op, *operands)
        case Cast():
            return cast(expr.type, *operands)
        case Math():
            return builtin(expr.type, expr.name, operands)


def _read(env: _Locals, name: str) -> Value:
    if name not in env:
        raise InvalidCore(f"{name} is read before it is assigned")
    return env[name]


def accept(param: Variable, value: Value) -> Value:
    """An argument from outside as a value of the parameter's type."""
    accepted = _value_of(param.type, value)
    if accepted is None:
        raise ValueError(f"argument {param.name}: {value!r} is not a value of {param.type.value}")
    return accepted


def extern_result(extern: ExternFunction, value: object) -> Value:
    """What a function of the host gave, as a value of its type. ExternFailed if it is not one."""
    accepted = _value_of(extern.result, value)
    if accepted is None:
        raise ExternFailed(f"{extern.name} gave {value!r}, which is not a value of {extern.result.value}")
    return accepted


def _value_of(type: Type, value: object) -> Value | None:
    """None for what is not a value of the type. Any number is a double; other types take no conversion."""
    if isinstance(value, bool):
        return value if type is Type.BOOL else None
    if type is Type.DOUBLE:
        return _double(value) if isinstance(value, SupportsFloat) else None
    if type.is_integer and isinstance(value, SupportsIndex) and type.low <= operator.index(value) <= type.high:
        return operator.index(value)
    return None


def _double(value: SupportsFloat) -> float | None:
    try:
        return float(value)
    except OverflowError:  # an int beyond all doubles
        return None
