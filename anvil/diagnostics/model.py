"""Findings, and the exceptions that carry them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from anvil.diagnostics.advice import advise
from anvil.diagnostics.catalogue import CATALOGUE
from anvil.diagnostics.render import Mark, excerpt, paint, printable
from anvil.span import Span


@dataclass(frozen=True, slots=True)
class Edit:
    """Replaces the characters `[start, end)` of a source by `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Witness:
    """A counterexample: a function, its inputs and what the host and the store answer, and what goes wrong.

    `confirmed` says that a run of the reference interpreter showed it; otherwise a solver proposes it.
    """

    function: str
    inputs: Mapping[str, str]
    what: str
    path: tuple[str, ...] = ()
    confirmed: bool = False

    def lines(self) -> list[str]:
        """As shown below a finding."""
        inputs = ", ".join(f"{name} = {value}" for name, value in self.inputs.items()) or "any input"
        by = "confirmed by a run" if self.confirmed else "possible, not confirmed by a run"
        found = [f"counterexample: `{self.function}` with {inputs}: {self.what} ({by})"]
        return found + ([f"path: {'; '.join(self.path)}"] if self.path else [])

    def to_json(self) -> dict[str, object]:
        return {
            "function": self.function,
            "inputs": dict(self.inputs),
            "what": self.what,
            "path": list(self.path),
            "confirmed": self.confirmed,
        }


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: a code of the catalogue, a place, and the texts that its values gave.

    `notes` are secondary places, each with what it has to do with the finding; `edits` repair the source.
    """

    code: str
    span: Span
    message: str
    help: str
    notes: tuple[tuple[str, Span], ...] = ()
    severity: str = "error"
    label: str = ""
    edits: tuple[Edit, ...] = ()
    witness: Witness | None = None
    values: Mapping[str, object] = field(default_factory=dict, compare=False, repr=False)

    @property
    def rule(self) -> str:
        return CATALOGUE[self.code].rule

    @property
    def is_guess(self) -> bool:
        """Whether the edits rest on a similarity of names."""
        return self.help.startswith("did you mean")

    def render(self, source: str, filename: str, *, color: bool = False) -> str:
        """The finding with the lines of source that it is about, as a terminal shows it."""
        marks = [Mark(self.span, self.label, True), *(Mark(span, text, False) for text, span in self.notes)]
        head = (
            f"{paint(f'{self.severity}[{self.code}]', 'error', color)}: {paint(printable(self.message), 'bold', color)}"
        )
        lines, width = excerpt(source, filename, marks, color)
        edge = paint(" " * width + " =", "gutter", color)
        for line in self.witness.lines() if self.witness else []:
            lines.append(f"{edge} {printable(line)}")
        if self.help:
            lines.append(f"{edge} help: {printable(self.help)}")
        lines.append(f"{edge} rule: [{self.rule}]")
        return "\n".join([head, *lines])

    def to_json(self, filename: str) -> dict[str, object]:
        """The finding without its source, for records; `anvil.diagnostics.formats` has the forms for other tools."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "help": self.help,
            "rule": self.rule,
            "file": filename,
            "line": self.span.line,
            "column": self.span.column,
            "start": self.span.start,
            "end": self.span.end,
            "notes": [{"message": text, "line": span.line, "column": span.column} for text, span in self.notes],
            **({"counterexample": self.witness.to_json()} if self.witness else {}),
        }


def diagnostic(
    code: str,
    span: Span,
    /,
    *,
    notes: Iterable[tuple[str, Span]] = (),
    edits: Iterable[Edit] = (),
    label: str = "",
    **values: object,
) -> Diagnostic:
    """A finding of the kind `code`, its templates filled with `values`."""
    kind = CATALOGUE[code]
    help = advise(code, values) or kind.help.format(**values)
    label = label or kind.label.format(**values)
    return Diagnostic(
        code, span, kind.message.format(**values), help, tuple(notes), label=label, edits=tuple(edits), values=values
    )


class Rejected(Exception):
    """A source was not accepted; `diagnostics` say why."""

    def __init__(self, diagnostics: Iterable[Diagnostic], source: str = "", filename: str = "<source>") -> None:
        self.diagnostics = tuple(diagnostics)
        self.source = source
        self.filename = filename
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        return "\n\n".join(d.render(self.source, self.filename) for d in self.diagnostics)


class Stop(Exception):
    """Ends the analysis of one construct; the finding is already, or about to be, collected."""

    def __init__(self, found: Diagnostic) -> None:
        self.found = found
        super().__init__(found.message)


def fail(
    code: str,
    span: Span,
    /,
    *,
    notes: Iterable[tuple[str, Span]] = (),
    edits: Iterable[Edit] = (),
    label: str = "",
    **values: object,
) -> Stop:
    """The exception to raise for a finding of the kind `code`."""
    return Stop(diagnostic(code, span, notes=notes, edits=edits, label=label, **values))
