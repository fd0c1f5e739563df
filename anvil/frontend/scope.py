"""Names in scope while a function is checked, and the findings collected on the way."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

from anvil.diagnostics import Diagnostic, Stop
from anvil.frontend import ast, typed
from anvil.interface import Interface
from anvil.span import Span
from anvil.types import Type


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name that stands for a value. `type` is None after a faulty declaration: its uses are not reported again."""

    name: str
    unique: str
    type: Type | None
    constant: bool
    span: Span
    value: bool | int | float | None = None
    """Value of a constant known at compile time."""


class Silent(Exception):
    """The cause was reported already; give up on this construct without another finding."""


@dataclass(slots=True)
class Context:
    """What the checker of one file knows; `functions` holds those declared so far, by name."""

    interface: Interface | None
    constants: dict[str, Symbol] = field(default_factory=dict)
    functions: dict[str, ast.Function] = field(default_factory=dict)
    later_functions: frozenset[str] = frozenset()
    attachments: tuple[typed.Attachment, ...] = ()
    found: list[Diagnostic] = field(default_factory=list)

    def report(self, stop: Stop) -> None:
        if stop.found not in self.found:
            self.found.append(stop.found)


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

    def lookup(self, name: str) -> Symbol | None:
        for scope in reversed(self._stack):
            if name in scope:
                return scope[name]
        return self.context.constants.get(name)

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

    def names(self) -> list[str]:
        """Every name in scope."""
        return [name for scope in self._stack for name in scope] + list(self.context.constants)


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """A suggestion of the closest known name."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else otherwise
