"""From source text to a compiled candidate: the only module of the search loop that knows the compiler.

`Language` is what the loop needs of a language. `Anvil` is the real one; tests bring a smaller one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from anvil.driver import CheckResult
    from anvil.interface import Interface

Json = dict[str, Any]


class Rejected(Exception):
    """The compiler did not accept a source; `rendered` is the text for people, `diagnostics` the same as data."""

    def __init__(self, rendered: str, diagnostics: tuple[Json, ...]) -> None:
        super().__init__(rendered)
        self.rendered = rendered
        self.diagnostics = diagnostics

    def __reduce__(self) -> tuple[type[Rejected], tuple[str, tuple[Json, ...]]]:
        return Rejected, (self.rendered, self.diagnostics)


@dataclass(frozen=True, slots=True)
class Proof:
    """What the compiler proved of a source. Equal `key` means equal behaviour, whatever the spelling."""

    key: str
    steps: int
    cost: int
    slots: tuple[Json, ...] = ()


class Language(Protocol):
    """A way to check and to compile sources; it is pickled to the workers, so it holds little state."""

    def fingerprint(self) -> str:
        """Changes when the same source may mean something else, as when the template changes."""

    def check(self, source: str) -> Proof:
        """The proof of a source; raises Rejected."""

    def compile(self, source: str, filename: str = "<source>") -> Any:
        """What the evaluator of the task takes; raises Rejected."""

    def tidy(self, source: str) -> str:
        """The source made easier to read, with the same meaning; raises Rejected."""

    def emit_c(self, source: str) -> str:
        """The source as standalone C; raises Rejected."""


def key_of(canonical: str) -> str:
    """A short name for a canonical text."""
    return hashlib.sha256(canonical.encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Anvil:
    """Anvil programs for one template."""

    template: Path
    budget: int = 1_000_000

    def __reduce__(self) -> tuple[type[Anvil], tuple[Path, int]]:
        return Anvil, (self.template, self.budget)

    @cached_property
    def interface(self) -> Interface:
        """The template, read once."""
        import anvil

        return anvil.load_interface(self.template)

    def result(self, source: str) -> CheckResult:
        """The compiler's full answer on a source that it accepts; raises Rejected."""
        import anvil

        checked = anvil.check(source, self.interface, budget=self.budget)
        if not checked.ok:
            raise Rejected(checked.render(), tuple(item.to_json(checked.filename) for item in checked.diagnostics))
        return checked

    def fingerprint(self) -> str:
        return f"anvil, template {key_of(self.template.read_text())}, budget {self.budget}"

    def check(self, source: str) -> Proof:
        return proof_of(self.result(source))

    def compile(self, source: str, filename: str = "<source>") -> Any:
        import anvil

        try:
            return anvil.compile(source, self.interface, filename=filename, budget=self.budget)
        except anvil.Rejected as error:
            raise Rejected(str(error), tuple(item.to_json(filename) for item in error.diagnostics)) from None

    def tidy(self, source: str) -> str:
        from anvil.frontend.printer import print_module
        from synth.gp.tidy import tidy

        module = self.result(source).module
        assert module is not None
        tidied = print_module(tidy(module))
        self.result(tidied)
        return tidied

    def emit_c(self, source: str) -> str:
        return str(self.compile(source).c_source())


def proof_of(checked: CheckResult) -> Proof:
    """The proof inside the compiler's answer on an accepted program."""
    import anvil

    assert checked.program is not None and checked.report is not None
    return Proof(
        key=key_of(anvil.canonical(checked.program)),
        steps=int(checked.report.steps),
        cost=int(checked.report.cost),
        slots=tuple(slot.describe() | {"bytes": slot.size} for slot in checked.program.slots),
    )
