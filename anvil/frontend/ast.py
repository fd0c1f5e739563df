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
class This:
    """`this`, which only stands before `->`."""

    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Member:
    """`receiver.name`."""

    receiver: Expr
    name: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class BraceList:
    """`{a, b, c}`; with `callee` set `T{a, b, c}`; `parenthesised` for the `(a, b)` of `T x(a, b);`."""

    items: tuple[Expr, ...]
    callee: Name | None = None
    parenthesised: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Capture:
    """One entry of a capture list: `=` or `&` with an empty name captures whatever is used."""

    name: str
    by_reference: bool
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Lambda:
    """`[captures](params) -> result { body }`; `result` is None where it is deduced."""

    captures: tuple[Capture, ...]
    params: tuple[Param, ...]
    result: TypeName | None
    body: Compound
    span: Span = field(default=NOWHERE, compare=False)


Expr = Number | Bool | String | Name | Unary | Binary | Conditional | Cast | Call | This | Member | BraceList | Lambda

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
    """`const T name = value;`; `value` is None for an uninitialised one, `compile_time` for `constexpr`."""

    type: TypeName
    name: str
    value: Expr | None
    constant: bool
    name_span: Span = field(default=NOWHERE, compare=False)
    span: Span = field(default=NOWHERE, compare=False)
    attributes: tuple[Attribute, ...] = ()
    compile_time: bool = False


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
class Case:
    """`case a: case b: body`; a label that is None is `default`."""

    labels: tuple[Expr | None, ...]
    body: tuple[Stmt, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Switch:
    value: Expr
    cases: tuple[Case, ...]
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


Stmt = Declaration | Assignment | ExprStatement | If | For | While | Switch | Break | Continue | Return | Compound

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
    """A function or a method; `body` is None for a prototype, `constant` for a const method."""

    result: TypeName
    name: str
    params: tuple[Param, ...]
    body: Compound | None
    attributes: tuple[Attribute, ...] = ()
    constant: bool = False
    external: bool = False
    name_span: Span = field(default=NOWHERE, compare=False)
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Constructor:
    """`name(params) : field(value), ... { body }`; `body` is None for `= default`."""

    name: str
    params: tuple[Param, ...]
    initialisers: tuple[tuple[str, Expr, Span], ...]
    body: Compound | None
    name_span: Span = field(default=NOWHERE, compare=False)
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Class:
    """A class or struct: fields with their default values, constructors, methods; all are public to the language."""

    name: str
    fields: tuple[Declaration, ...]
    constructors: tuple[Constructor, ...]
    methods: tuple[Function, ...]
    name_span: Span = field(default=NOWHERE, compare=False)
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Enum:
    """`enum name { A, B = 3 };`, scoped for `enum class`."""

    name: str
    scoped: bool
    enumerators: tuple[tuple[str, Expr | None, Span], ...]
    name_span: Span = field(default=NOWHERE, compare=False)
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Namespace:
    name: str
    body: tuple[Item, ...]
    span: Span = field(default=NOWHERE, compare=False)


Item = Declaration | Function | Class | Enum | Namespace | ExprStatement


@dataclass(frozen=True, slots=True)
class File:
    items: tuple[Item, ...]
