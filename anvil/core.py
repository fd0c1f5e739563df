"""Core: the typed, class-free, structured form of a program that everything below the front end reads.

Expressions are pure except for what an extern does; evaluation is left to right. Every operation is total
(DESIGN 3.2): the operators here carry the guarded meaning. Where `proved` is set, the verifier has shown that the guard
never acts, and an executor may leave it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from anvil.span import NOWHERE, Span
from anvil.types import Type

# ---------------------------------------------------------------------------------------------- expressions


@dataclass(frozen=True, slots=True)
class Const:
    """A literal; `value` is a bool, an int within the type's range, or a float."""

    type: Type
    value: bool | int | float
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Local:
    """The value of a parameter or of a local variable; names are unique within a function."""

    type: Type
    name: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """`neg` (int, int64, uint64, double), `not` (bool), `bitnot` (integers)."""

    type: Type
    op: str
    operand: Expr
    span: Span = field(default=NOWHERE, compare=False)
    proved: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """`add sub mul div rem` (`rem` on integers only) and `and or xor shl shr` (integers); both operands and the
    result have the type `type`, except that the right operand of a shift may be any integer type."""

    type: Type
    op: str
    left: Expr
    right: Expr
    span: Span = field(default=NOWHERE, compare=False)
    proved: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """`lt le gt ge eq ne` of two operands of one type; the result is a bool."""

    op: str
    left: Expr
    right: Expr
    span: Span = field(default=NOWHERE, compare=False)

    @property
    def type(self) -> Type:
        return Type.BOOL


@dataclass(frozen=True, slots=True)
class Logical:
    """`and` or `or` of two bools; the right one is evaluated only when it decides."""

    op: str
    left: Expr
    right: Expr
    span: Span = field(default=NOWHERE, compare=False)

    @property
    def type(self) -> Type:
        return Type.BOOL


@dataclass(frozen=True, slots=True)
class Select:
    """`condition ? then : otherwise`; only the chosen arm is evaluated."""

    type: Type
    condition: Expr
    then: Expr
    otherwise: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Cast:
    """Conversion between any two scalar types: integers wrap, double to integer saturates (NaN is 0),
    anything to bool is `!= 0`."""

    type: Type
    operand: Expr
    span: Span = field(default=NOWHERE, compare=False)
    proved: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Math:
    """A built-in of `anvil.builtins`. `min max abs clamp sign` work on the type `type` (int, int64, uint64, double);
    `isnan isinf isfinite` take a double and give a bool; all others take and give doubles."""

    type: Type
    name: str
    args: tuple[Expr, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """Call of a function of the program. Where the callee takes the store, the store is passed along."""

    type: Type
    function: str
    args: tuple[Expr, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Query:
    """Query of one listener of the feature store.

    `symbol` names the C function with its type suffix (`vk_ewma_get_i64`); it is called as
    `symbol(context, slot, state, *args, *constants)` with `args` converted to the declared types and `constants`
    int64. `method` is the spelling in the source. `object` is the id of the object (int64) for a listener on a
    per-object signal, None for a global one or for a query of the whole population.
    """

    type: Type
    method: str
    symbol: str
    slot: int
    object: Expr | None
    args: tuple[Expr, ...]
    constants: tuple[int, ...]
    span: Span = field(default=NOWHERE, compare=False)
    pre: Contract | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ExternCall:
    """Call of a function that the host provides under its own name, declared in `Program.externs`."""

    type: Type
    name: str
    args: tuple[Expr, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Contract:
    """A condition over the parameters named `params` and, in a postcondition, `result`; `text` as in the source."""

    params: tuple[str, ...]
    condition: Expr
    text: str
    span: Span = field(default=NOWHERE, compare=False)


Expr = Const | Local | Unary | Binary | Compare | Logical | Select | Cast | Math | Call | ExternCall | Query

# ----------------------------------------------------------------------------------------------- statements


@dataclass(frozen=True, slots=True)
class Assign:
    """Assignment to a local variable, whose first assignment is its declaration's initialiser."""

    name: str
    value: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class If:
    condition: Expr
    then: Block
    otherwise: Block
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Loop:
    """While `condition` holds: `body`, then `step`. `continue` goes to `step`; neither leaves `step`.

    `id` numbers the loops of a program; the verifier's report gives the proved trip bound under it.
    """

    id: int
    condition: Expr
    body: Block
    step: Block
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Break:
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Continue:
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Return:
    value: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class CallMany:
    """Call of a function with several results; `targets` names the variable for each, "" drops it."""

    targets: tuple[str, ...]
    function: str
    args: tuple[Expr, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ReturnMany:
    """Return from a function with several results."""

    values: tuple[Expr, ...]
    span: Span = field(default=NOWHERE, compare=False)


Stmt = Assign | CallMany | If | Loop | Break | Continue | Return | ReturnMany
Block = tuple[Stmt, ...]

# -------------------------------------------------------------------------------------------------- program


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Function:
    """`variables` lists the locals that are not parameters. Every path ends in a Return (verified).

    A function with several results, or none, has the result VOID and lists their types in `results`; it is left by
    ReturnMany and called by CallMany alone.
    """

    name: str
    params: tuple[Variable, ...]
    result: Type
    variables: tuple[Variable, ...]
    body: Block
    takes_store: bool = False
    span: Span = field(default=NOWHERE, compare=False)
    results: tuple[Type, ...] = ()
    pre: tuple[Contract, ...] = ()
    post: tuple[Contract, ...] = ()


@dataclass(frozen=True, slots=True)
class ExternFunction:
    """A function of the host: scalar parameters, one scalar result; cost and contracts as its declaration promises."""

    name: str
    params: tuple[Variable, ...]
    result: Type
    pure: bool = False
    cost: int = 0
    pre: tuple[Contract, ...] = ()
    post: tuple[Contract, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """A listener attached to a signal, with the place of its state in the row.

    `scope` is "object" or "global", `value_type` INT64 or DOUBLE; `offset` and `size` are bytes; `low` and `high` are
    the range that the template promises for the signal's values.
    """

    index: int
    signal: str
    scope: str
    value_type: Type
    listener: str
    params: tuple[float, ...]
    offset: int
    size: int
    low: float | None = None
    high: float | None = None

    def describe(self) -> dict[str, object]:
        """Plain data, as the runtime takes it."""
        return {
            "signal": self.signal,
            "scope": self.scope,
            "type": "i64" if self.value_type is Type.INT64 else "f64",
            "listener": self.listener,
            "params": list(self.params),
            "offset": self.offset,
            "low": self.low,
            "high": self.high,
        }


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry point of the template that the program defines; `kind` is "rank" or "value"."""

    function: str
    kind: str


@dataclass(frozen=True, slots=True)
class Program:
    """Functions stand callees first. `exports` names what was verified for calls from outside, besides the entries."""

    functions: tuple[Function, ...]
    slots: tuple[Slot, ...] = ()
    entries: tuple[Entry, ...] = ()
    externs: tuple[ExternFunction, ...] = ()
    exports: tuple[str, ...] = ()

    def function(self, name: str) -> Function:
        """The function of that name; KeyError if there is none."""
        for function in self.functions:
            if function.name == name:
                return function
        raise KeyError(name)


# ------------------------------------------------------------------------------------------------ traversal


def children(expr: Expr) -> tuple[Expr, ...]:
    """The direct operands of an expression, in evaluation order."""
    match expr:
        case Const() | Local():
            return ()
        case Unary() | Cast():
            return (expr.operand,)
        case Binary() | Compare() | Logical():
            return (expr.left, expr.right)
        case Select():
            return (expr.condition, expr.then, expr.otherwise)
        case Math() | Call() | ExternCall():
            return expr.args
        case Query():
            return (() if expr.object is None else (expr.object,)) + expr.args


def walk_expr(expr: Expr) -> Iterator[Expr]:
    """The expression and all below it, parents first."""
    stack = [expr]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def walk_block(block: Block) -> Iterator[Stmt]:
    """Every statement of the block and of the blocks inside it, in source order."""
    for stmt in block:
        yield stmt
        match stmt:
            case If():
                yield from walk_block(stmt.then)
                yield from walk_block(stmt.otherwise)
            case Loop():
                yield from walk_block(stmt.body)
                yield from walk_block(stmt.step)


def expressions(stmt: Stmt) -> tuple[Expr, ...]:
    """The expressions that stand directly in a statement."""
    match stmt:
        case Assign() | Return():
            return (stmt.value,)
        case CallMany():
            return stmt.args
        case ReturnMany():
            return stmt.values
        case If() | Loop():
            return (stmt.condition,)
        case _:
            return ()
