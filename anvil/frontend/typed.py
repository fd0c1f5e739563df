"""The typed AST: names resolved, overloads chosen, every conversion explicit.

It still has the shape of the source (for loops, compound assignment, constant signals), prints as Anvil
(`anvil.frontend.printer`), and is what a genetic search mutates.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from anvil.interface import EntryPoint, Interface, Query, Signal
from anvil.span import NOWHERE, Span
from anvil.types import Type

# ---------------------------------------------------------------------------------------------- expressions


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant of type bool, int, int64, uint64 or double."""

    type: Type
    value: bool | int | float
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A parameter, a local variable or a named constant; `name` is its spelling, `symbol` is unique in the function."""

    type: Type
    name: str
    symbol: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """`-`, `+`, `~` on an arithmetic type, `!` on bool."""

    type: Type
    op: str
    operand: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic `+ - * / %`, bitwise `& | ^ << >>`, comparison `< <= > >= == !=`, logical `&& ||`.

    Both operands have the same type (shifts excepted); comparisons and logical operators have type bool.
    """

    type: Type
    op: str
    left: Expr
    right: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Conditional:
    """`condition ? then : otherwise`, both arms of type `type`."""

    type: Type
    condition: Expr
    then: Expr
    otherwise: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Convert:
    """Conversion to `type`; `explicit` when the source spells it."""

    type: Type
    operand: Expr
    explicit: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class MathCall:
    """A built-in of `anvil.builtins`, its arguments already of the type that it works on."""

    type: Type
    name: str
    args: tuple[Expr, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A call of a function of the program; `passes_store` when it takes the store as its first argument."""

    type: Type
    name: str
    args: tuple[Expr, ...]
    passes_store: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class QueryCall:
    """`fs.method(signal, object, args...)`.

    `query` is the declaration chosen; `listener` the listener that it reads, an element of `Module.listeners`
    (for Latest, which is always there, `Attachment(signal.name, "Latest", ())`). `args` are the arguments after
    signal and object, converted; one that the interface marks as an element (an EWMA's alpha) is a Literal.
    """

    type: Type
    query: Query
    signal: Signal
    listener: Attachment
    object: Expr | None
    args: tuple[Expr, ...]
    span: Span = field(default=NOWHERE, compare=False)


Expr = Literal | Name | Unary | Binary | Conditional | Convert | MathCall | FunctionCall | QueryCall

# ----------------------------------------------------------------------------------------------- statements


@dataclass(frozen=True, slots=True)
class Declare:
    """Declaration of a local; without `value` it is assigned before its first use (verified)."""

    type: Type
    name: str
    symbol: str
    value: Expr | None
    constant: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Assign:
    """`target op value`; `op` is `=`, or a compound one such as `+=`. The operation happens in the type
    `operation`, to which `value` is already converted; the result is converted back to the target's type."""

    target: Name
    op: str
    value: Expr
    operation: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class If:
    condition: Expr
    then: Block
    otherwise: Block
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class For:
    """`for (init; condition; step) body`; `init.symbol` is the loop variable."""

    init: Declare
    condition: Expr
    step: Assign
    body: Block
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class While:
    condition: Expr
    body: Block
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
class Scope:
    """A nested `{ ... }`."""

    body: Block
    span: Span = field(default=NOWHERE, compare=False)


Stmt = Declare | Assign | If | For | While | Break | Continue | Return | Scope
Block = tuple[Stmt, ...]

# --------------------------------------------------------------------------------------------------- module


@dataclass(frozen=True, slots=True)
class Attachment:
    """A listener attached to a signal, as written in `configure`: Attachment("accesses", "EWMA", (0.95, 0.35))."""

    signal: str
    listener: str
    params: tuple[float, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Param:
    type: Type
    name: str
    symbol: str


@dataclass(frozen=True, slots=True)
class Function:
    """`store` is the name of the store parameter, None where the function takes none; it is not in `params`."""

    name: str
    result: Type
    store: str | None
    params: tuple[Param, ...]
    body: Block
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Constant:
    """A named constant at file scope, already evaluated."""

    type: Type
    name: str
    value: bool | int | float
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Module:
    """A whole file: functions stand callees first; `entries` are those that the template names."""

    interface: Interface | None
    listeners: tuple[Attachment, ...]
    constants: tuple[Constant, ...]
    functions: tuple[Function, ...]
    entries: tuple[EntryPoint, ...]
