"""The surface AST: what the parser makes of a file, names and types still as written."""

from __future__ import annotations

from dataclasses import dataclass, field

from anvil.span import NOWHERE, Span

# ---------------------------------------------------------------------------------------------- expressions


@dataclass(frozen=True, slots=True)
class Number:
    """An integer or floating literal, as written."""

    text: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Bool:
    value: bool
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class String:
    """A string literal with its quotes; only interface files and signal names have a use for one."""

    text: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A possibly qualified name such as `x`, `anvil::min` or `std::max<int64_t>` (`template_arg` int64_t)."""

    path: tuple[str, ...]
    template_arg: TypeName | None = None
    span: Span = field(default=NOWHERE, compare=False)

    @property
    def text(self) -> str:
        return "::".join(self.path)


@dataclass(frozen=True, slots=True)
class Unary:
    op: str
    operand: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    op: str
    left: Expr
    right: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Conditional:
    condition: Expr
    then: Expr
    otherwise: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Cast:
    """`static_cast<T>(x)`, `(T)x` or `T(x)`."""

    type: TypeName
    operand: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """`callee(args)`, or `receiver.method(args)` when `receiver` is set."""

    callee: Name
    args: tuple[Expr, ...]
    receiver: Expr | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class BraceList:
    """`{a, b, c}`."""

    items: tuple[Expr, ...]
    span: Span = field(default=NOWHERE, compare=False)


Expr = Number | Bool | String | Name | Unary | Binary | Conditional | Cast | Call | BraceList

# ----------------------------------------------------------------------------------------------- statements


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type as written: `double`, `const vulcan::store&`, `vulcan::object_signal<int64_t>`, `auto`."""

    path: tuple[str, ...]
    args: tuple[TypeName, ...] = ()
    constant: bool = False
    reference: bool = False
    span: Span = field(default=NOWHERE, compare=False)

    @property
    def text(self) -> str:
        return "::".join(self.path)


@dataclass(frozen=True, slots=True)
class Declaration:
    """`const T name = value;`; `value` is None for an uninitialised one, `braced` when written `T name{value}`."""

    type: TypeName
    name: str
    value: Expr | None
    constant: bool
    name_span: Span = field(default=NOWHERE, compare=False)
    span: Span = field(default=NOWHERE, compare=False)
    attributes: tuple[Attribute, ...] = ()
    braced: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    """`target op value` with op `=`, `+=`, ...; `++x` and `x--` come as `+=` and `-=` of 1."""

    target: Expr
    op: str
    value: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ExprStatement:
    value: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class If:
    condition: Expr
    then: Stmt
    otherwise: Stmt | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class For:
    init: Stmt | None
    condition: Expr | None
    step: Stmt | None
    body: Stmt
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class While:
    condition: Expr
    body: Stmt
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Break:
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Continue:
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Return:
    value: Expr | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Compound:
    """`{ ... }`; also several declarations of one statement (`int a = 0, b = 1;`) when `transparent`."""

    body: tuple[Stmt, ...]
    transparent: bool = False
    span: Span = field(default=NOWHERE, compare=False)


Stmt = Declaration | Assignment | ExprStatement | If | For | While | Break | Continue | Return | Compound

# ---------------------------------------------------------------------------------------------- declarations


@dataclass(frozen=True, slots=True)
class Attribute:
    """`[[anvil::name(args)]]`, the arguments as expressions."""

    name: str
    args: tuple[Expr, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter; attributes only in interface files."""

    type: TypeName
    name: str
    attributes: tuple[Attribute, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Function:
    """A function; `body` is None for a prototype."""

    result: TypeName
    name: str
    params: tuple[Param, ...]
    body: Compound | None
    attributes: tuple[Attribute, ...] = ()
    name_span: Span = field(default=NOWHERE, compare=False)
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Class:
    """`class name { public: ... };`, only in interface files so far."""

    name: str
    methods: tuple[Function, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Namespace:
    name: str
    body: tuple[Item, ...]
    span: Span = field(default=NOWHERE, compare=False)


Item = Declaration | Function | Class | Namespace


@dataclass(frozen=True, slots=True)
class File:
    items: tuple[Item, ...]
