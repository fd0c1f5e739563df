"""What a program may use besides the language: signals, listeners, queries and entry points of a template."""

from __future__ import annotations

from dataclasses import dataclass, field

from anvil.frontend import ast
from anvil.span import NOWHERE, Span
from anvil.types import Type

GLOBAL = "global"
OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Signal:
    """A raw signal: `scope` is "global" or "object", `type` INT64 or DOUBLE, `low` and `high` its promised range."""

    name: str
    scope: str
    type: Type
    unit: str = ""
    low: float | None = None
    high: float | None = None
    doc: str = ""
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Listener:
    """A kind of listener: its state takes `fixed_bytes`, and `bytes_each` for every value of `param`.

    `param` is "" (takes none), or the name of the one parameter: a count (`n` of RollingWindow) when `is_list` is
    false, a list of doubles (`alphas` of EWMA) when true.
    """

    name: str
    param: str = ""
    is_list: bool = False
    fixed_bytes: int = 8
    bytes_each: int = 0
    doc: str = ""

    def state_bytes(self, params: tuple[float, ...]) -> int:
        """Size in bytes of the state of this listener with the given parameters."""
        each = len(params) if self.is_list else int(params[0]) if params else 0
        return self.fixed_bytes + self.bytes_each * each


@dataclass(frozen=True, slots=True)
class QueryParam:
    """A parameter after signal and object; `element_of` names the listener's list that it must be an element of."""

    name: str
    type: Type
    element_of: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """One overload of a query method of the store.

    `scope` is that of the signal it takes; `by_object` whether an object id follows the signal; `result` None means
    the signal's own type. `symbol` is the C function without its type suffix. `pre` is the precondition, if there is
    one, over the parameters of the query and of its listener.
    """

    method: str
    listener: str
    symbol: str
    scope: str
    by_object: bool
    params: tuple[QueryParam, ...]
    result: Type | None
    pre: ast.Expr | None = None
    pre_text: str = ""
    doc: str = ""

    def result_type(self, signal: Signal) -> Type:
        return signal.type if self.result is None else self.result


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A function that a program for this template must define; `kind` is "rank" or "value"."""

    name: str
    kind: str
    result: Type
    params: tuple[Type, ...]
    doc: str = ""
    param_names: tuple[str, ...] = ()
    attributes: tuple[ast.Attribute, ...] = ()
    """Its conditions, `anvil::pre` and `anvil::post`."""


@dataclass(frozen=True, slots=True)
class Interface:
    """A template together with the store's query interface."""

    name: str
    signals: dict[str, Signal]
    listeners: dict[str, Listener]
    queries: tuple[Query, ...]
    entries: tuple[EntryPoint, ...]
    doc: str = ""

    def queries_named(self, method: str) -> tuple[Query, ...]:
        """All overloads of a query method; empty if there is none of that name."""
        return tuple(query for query in self.queries if query.method == method)

    def entry(self, name: str) -> EntryPoint | None:
        return next((entry for entry in self.entries if entry.name == name), None)
