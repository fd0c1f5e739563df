"""The typed AST: names resolved, overloads chosen, every conversion explicit.

It still has the shape of the source (for loops, compound assignment, constant signals), prints as Anvil
(`anvil.frontend.printer`), and is what a genetic search mutates.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from anvil.interface import EntryPoint, Interface, Query, Signal
from anvil.span import NOWHERE, Span
from anvil.types import Type

# ----------------------------------------------------------------------------------------------------- types


@dataclass(frozen=True, slots=True)
class EnumType:
    """An enumeration; its values are ints. `scoped` for `enum class`."""

    name: str
    scoped: bool
    enumerators: tuple[tuple[str, int], ...]

    @property
    def value(self) -> str:
        """The spelling, as of a scalar type."""
        return self.name


@dataclass(frozen=True, slots=True)
class Field:
    """A member variable; `default` is its default member initialiser."""

    name: str
    type: AnyType
    default: Expr | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ClassType:
    """A class of scalars, enums and other classes, by value."""

    name: str
    fields: tuple[Field, ...]

    @property
    def value(self) -> str:
        """The spelling, as of a scalar type."""
        return self.name

    def field(self, name: str) -> Field | None:
        return next((f for f in self.fields if f.name == name), None)


AnyType = Type | EnumType | ClassType

# ---------------------------------------------------------------------------------------------- expressions


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant of type bool, int, int64, uint64, double, or of an enumeration."""

    type: AnyType
    value: bool | int | float
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A parameter, a local variable or a named constant; `name` is its spelling, `symbol` is unique in the function."""

    type: AnyType
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

    type: AnyType
    condition: Expr
    then: Expr
    otherwise: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Convert:
    """Conversion to `type`; `explicit` when the source spells it."""

    type: AnyType
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
    """A call of a function of the program or of the host; `passes_store` when it takes the store as its first argument.

    `symbol` tells overloads apart; it is the name itself where it is empty.
    """

    type: AnyType
    name: str
    args: tuple[Expr, ...]
    passes_store: bool = False
    symbol: str = ""
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


@dataclass(frozen=True, slots=True)
class This:
    """The object of a method, where a member is meant; it prints as `this->`, or as nothing."""

    type: ClassType
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Member:
    """A member variable of an object."""

    type: AnyType
    receiver: Expr
    name: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An object made of values for its fields in order; None leaves a field unassigned."""

    type: ClassType
    values: tuple[Expr | None, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class MethodCall:
    """`receiver.name(args)`; `symbol` names the method, `mutates` when it is not const.

    A call that mutates stands alone in its statement: as an expression statement, or as the whole value of a
    declaration, an assignment or a return.
    """

    type: AnyType
    receiver: Expr
    name: str
    symbol: str
    args: tuple[Expr, ...]
    mutates: bool
    passes_store: bool = False
    span: Span = field(default=NOWHERE, compare=False)


Expr = (
    Literal
    | Name
    | Unary
    | Binary
    | Conditional
    | Convert
    | MathCall
    | FunctionCall
    | QueryCall
    | This
    | Member
    | Aggregate
    | MethodCall
)

# ----------------------------------------------------------------------------------------------- statements


@dataclass(frozen=True, slots=True)
class Declare:
    """Declaration of a local; without `value` it is assigned before its first use (verified)."""

    type: AnyType
    name: str
    symbol: str
    value: Expr | None
    constant: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Assign:
    """`target op value`; `op` is `=`, or a compound one such as `+=`. The operation happens in the type
    `operation`, to which `value` is already converted; the result is converted back to the target's type."""

    target: Name | Member
    op: str
    value: Expr
    operation: AnyType
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
class Case:
    """The part of a switch for the values `labels`, and for all others when `default`."""

    labels: tuple[int, ...]
    default: bool
    body: Block
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Switch:
    """`switch` without fallthrough; the `break` that ends a case is left out."""

    value: Expr
    cases: tuple[Case, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class CallStatement:
    """A call whose value, if there is one, is not used."""

    call: MethodCall | FunctionCall
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Return:
    """`value` is None where nothing is returned."""

    value: Expr | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Scope:
    """A nested `{ ... }`."""

    body: Block
    span: Span = field(default=NOWHERE, compare=False)


Stmt = Declare | Assign | If | For | While | Switch | Break | Continue | CallStatement | Return | Scope
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
    type: AnyType
    name: str
    symbol: str


@dataclass(frozen=True, slots=True)
class Function:
    """`store` is the name of the store parameter, None where the function takes none; it is not in `params`.

    `owner` is the class of a method; a constructor is a method named like its class, with the class as result and
    `initialisers`, an assignment for each member that is given a value. `symbol` tells overloads apart; it is the
    name itself where it is empty.
    """

    name: str
    result: AnyType
    store: str | None
    params: tuple[Param, ...]
    body: Block
    span: Span = field(default=NOWHERE, compare=False)
    symbol: str = ""
    owner: ClassType | None = None
    constant: bool = False
    initialisers: tuple[Assign, ...] = ()
    pre: tuple[Contract, ...] = ()
    post: tuple[Contract, ...] = ()

    @property
    def unique(self) -> str:
        return self.symbol or self.name

    @property
    def is_constructor(self) -> bool:
        return self.owner is not None and self.name == self.owner.name


@dataclass(frozen=True, slots=True)
class Contract:
    """A condition over the parameters of a function and, afterwards, `result`; `names` are those of its variables."""

    names: tuple[str, ...]
    condition: Expr
    text: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Extern:
    """A function of the host; `pure`, `cost` and the conditions as its attributes promise."""

    name: str
    result: Type
    params: tuple[Param, ...]
    pure: bool = False
    cost: int = 0
    span: Span = field(default=NOWHERE, compare=False)
    pre: tuple[Contract, ...] = ()
    post: tuple[Contract, ...] = ()


@dataclass(frozen=True, slots=True)
class Constant:
    """A named constant at file scope, already evaluated."""

    type: AnyType
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
    types: tuple[EnumType | ClassType, ...] = ()
    externs: tuple[Extern, ...] = ()
