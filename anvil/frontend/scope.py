"""Names in scope while a function is checked, and what the checker of one file knows."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from anvil.diagnostics import Diagnostic, Stop, fail
from anvil.frontend import ast, typed
from anvil.interface import Interface
from anvil.span import Span
from anvil.types import Type


@dataclass(frozen=True, slots=True)
class Signature:
    """A function, method or constructor that can be called. `params` leaves the store out.

    `symbol` is unique in the program; `captured` are the values that a lambda gets besides its arguments.
    """

    name: str
    symbol: str
    params: tuple[typed.AnyType, ...]
    result: typed.AnyType
    takes_store: bool
    span: Span
    constant: bool = False
    captured: tuple[typed.Expr, ...] = ()
    implicit_store: bool = False
    """A lambda that captures the store: it is passed without being named."""

    @property
    def form(self) -> str:
        """How a call of it looks."""
        store = ["fs"] if self.takes_store and not self.implicit_store else []
        return f"{self.name}({', '.join(store + [kind.value for kind in self.params])})"


@dataclass(frozen=True, slots=True)
class ClassInfo:
    """A class with what can be called on it."""

    type: typed.ClassType
    constructors: tuple[Signature, ...]
    methods: tuple[Signature, ...]

    def methods_named(self, name: str) -> tuple[Signature, ...]:
        return tuple(method for method in self.methods if method.name == name)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name that stands for a value. `type` is None after a faulty declaration: its uses are not reported again."""

    name: str
    unique: str
    type: typed.AnyType | None
    constant: bool
    span: Span
    value: bool | int | float | None = None
    """Value of a constant known at compile time."""
    function: Signature | None = None
    """The lifted function where the name is that of a lambda."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """The variables of a policy block that C++ does not let an item of the file use; `what` and `fix` say why."""

    names: frozenset[str]
    span: Span
    what: str
    fix: str


class Silent(Exception):
    """The cause was reported already; give up on this construct without another finding."""


@dataclass(slots=True)
class Context:
    """What the checker of one file knows; `functions` holds those declared so far, by name."""

    interface: Interface | None
    constants: dict[str, Symbol] = field(default_factory=dict)
    functions: dict[str, list[Signature]] = field(default_factory=dict)
    classes: dict[str, ClassInfo] = field(default_factory=dict)
    enums: dict[str, typed.EnumType] = field(default_factory=dict)
    later_functions: frozenset[str] = frozenset()
    attachments: tuple[typed.Attachment, ...] = ()
    in_body: Callable[[ast.Item], bool] = field(default=lambda item: False)
    """Whether an item stands in the body of a function in C++, as those of policy blocks do."""
    hidden: Hidden | None = None
    """What the item at hand cannot name, though it is declared before it."""
    found: list[Diagnostic] = field(default_factory=list)
    checked: list[typed.Function] = field(default_factory=list)
    """Functions already checked, those lifted out of lambdas among them."""
    _symbols: set[str] = field(default_factory=set)

    def report(self, stop: Stop) -> None:
        if stop.found not in self.found:
            self.found.append(stop.found)

    def check_visible(self, name: str) -> None:
        """Raises Stop for a variable of a policy block that the item at hand cannot name."""
        hidden = self.hidden
        if hidden is not None and name in hidden.names:
            fix = hidden.fix.format(name=name)
            raise fail("E0318", hidden.span, what=hidden.what.format(name=name), fix=fix)

    def unique(self, name: str) -> str:
        """A function symbol like `name` that no other function has."""
        candidate, count = name, 1
        while candidate in self._symbols:
            count += 1
            candidate = f"{name}_{count}"
        self._symbols.add(candidate)
        return candidate

    def enumerator(self, name: str) -> tuple[typed.EnumType, int] | None:
        """The unscoped enumerator of that name, with its value."""
        for enum in self.enums.values():
            for label, value in enum.enumerators:
                if label == name and not enum.scoped:
                    return enum, value
        return None


class Scopes:
    """The nested scopes of one function body."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._stack: list[dict[str, Symbol]] = [{}]
        self._taken: set[str] = set()

    def __enter__(self) -> None:
        self._stack.append({})

    def __exit__(self, *_: object) -> None:
        self._stack.pop()

    def innermost(self, name: str) -> Symbol | None:
        """The symbol of that name in the innermost scope alone."""
        return self._stack[-1].get(name)

    def local(self, name: str) -> Symbol | None:
        """The variable of the function of that name."""
        for scope in reversed(self._stack):
            if name in scope:
                return scope[name]
        return None

    def lookup(self, name: str) -> Symbol | None:
        """The variable or constant of that name."""
        return self.local(name) or self.context.constants.get(name)

    def unique(self, name: str) -> str:
        """A spelling of `name` that no other variable of the function has."""
        candidate, count = name, 1
        while candidate in self._taken:
            count += 1
            candidate = f"{name}_{count}"
        self._taken.add(candidate)
        return candidate

    def declare(self, symbol: Symbol) -> None:
        self._stack[-1][symbol.name] = symbol

    def declare_outermost(self, symbol: Symbol) -> None:
        """Declares beside the parameters, whatever scope is open."""
        self._stack[0][symbol.name] = symbol

    def names(self) -> list[str]:
        """Every name in scope."""
        return [name for scope in self._stack for name in scope] + list(self.context.constants)


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """A suggestion of the closest known name."""
    spelled = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(name.lower(), list(spelled), n=1, cutoff=0.6)
    return f"did you mean `{spelled[close[0]]}`?" if close else otherwise


def scalar_or_none(kind: typed.AnyType) -> Type | None:
    """The type itself where it is scalar."""
    return kind if isinstance(kind, Type) else None
