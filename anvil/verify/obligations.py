"""Conditions that must hold for a program to be accepted, and whether they were proved."""

from __future__ import annotations

from dataclasses import dataclass, field

from anvil import core
from anvil.span import Span

PROVED = "proved"
UNKNOWN = "unknown"


@dataclass(slots=True)
class Obligation:
    """A condition at a place of the program.

    `kind` is "index" (a query's precondition), "pre" or "post"; `inferred` says what is known of its values in the
    first context where it is not clear that it holds.
    """

    kind: str
    place: core.Expr | core.Stmt
    span: Span
    what: str
    contract: core.Contract
    inferred: str = ""
    status: str = PROVED
    proof: str = "intervals"

    @property
    def key(self) -> tuple[int, int]:
        """The same in every analysis of one program."""
        return id(self.place), id(self.contract)

    @property
    def required(self) -> str:
        return self.contract.text


@dataclass(slots=True)
class Obligations:
    """Every obligation once, however often its place is reached."""

    found: dict[tuple[int, int], Obligation] = field(default_factory=dict)

    def note(
        self, kind: str, place: core.Expr | core.Stmt, what: str, contract: core.Contract, proved: bool, inferred: str
    ) -> None:
        """One more context in which the condition was looked at."""
        key = id(place), id(contract)
        item = self.found.get(key)
        if item is None:
            item = self.found[key] = Obligation(kind, place, place.span, what, contract)
        if not proved and item.status == PROVED:
            item.status, item.inferred = UNKNOWN, inferred

    def unproved(self) -> list[Obligation]:
        return [item for item in self.found.values() if item.status != PROVED]
