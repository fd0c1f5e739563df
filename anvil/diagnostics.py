"""Diagnostics as data: one catalogue of kinds, each with its rule, its message and its help as templates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from anvil.span import Span


@dataclass(frozen=True, slots=True)
class Kind:
    """`rule` is the id of the rule in spec/anvil.md; `message` and `help` are filled by `str.format`."""

    rule: str
    message: str
    help: str = ""


CATALOGUE: dict[str, Kind] = {
    # text and tokens
    "E0101": Kind(
        "lex.character", "unexpected character {char}", "Anvil source is plain C++ text; remove the character"
    ),
    "E0102": Kind("lex.number", "`{text}` is not a number of Anvil: {why}", "{fix}"),
    "E0103": Kind("lex.comment", "{what}", "{fix}"),
    "E0104": Kind("lex.preprocessor", "preprocessor directives other than `#include` are not part of Anvil", "{fix}"),
    "E0105": Kind(
        "lex.size", "the source has {size} bytes; the limit is {limit}", "split the program or remove dead code"
    ),
    "E0106": Kind("lex.identifier", "`{name}` is a reserved word of C++ and cannot be used here", "{fix}"),
    # syntax
    "E0110": Kind("syntax.unexpected", "unexpected {found}; expected {expected}", "{fix}"),
    "E0111": Kind("syntax.end", "the file ends too early; expected {expected}", "close what is still open"),
    "E0112": Kind("syntax.depth", "nested more than {limit} deep", "name parts of the expression with local variables"),
    "E0113": Kind("syntax.statement", "{what} is not allowed here", "{fix}"),
    "E0114": Kind("syntax.construct", "{what} is not part of Anvil", "{fix}"),
    # names
    "E0201": Kind("name.unknown", "unknown name `{name}`", "{fix}"),
    "E0202": Kind("name.redeclared", "`{name}` is declared twice in one scope", "rename one of them"),
    "E0203": Kind("name.reserved", "`{name}` is {what} and cannot be declared again", "choose another name"),
    "E0204": Kind(
        "function.recursion",
        "`{name}` calls itself: {path}",
        "recursion is not part of Anvil; use a bounded `for` loop",
    ),
    "E0205": Kind("function.unknown", "unknown function `{name}`", "{fix}"),
    "E0206": Kind("name.constant", "`{name}` is {what} and cannot be assigned", "{fix}"),
    # types
    "E0301": Kind(
        "type.unknown", "unknown type `{name}`", "the types are bool, int, int64_t, uint64_t, double and auto{fix}"
    ),
    "E0302": Kind("expr.operand", "`{op}` does not take {types}", "{fix}"),
    "E0303": Kind("call.arity", "`{name}` takes {expected}, got {found}", "its form is `{form}`"),
    "E0304": Kind("call.types", "`{name}` has no form for ({types})", "{fix}"),
    "E0305": Kind("type.value", "{what} is not a value", "{fix}"),
    "E0306": Kind(
        "call.ambiguous", "the call of `{name}` is ambiguous between {forms}", "convert the argument with static_cast"
    ),
    "E0307": Kind("for.form", "{what}", "write `for (int i = A; i < B; i += C)` with a constant step"),
    "E0308": Kind(
        "for.variable",
        "the loop variable `{name}` is assigned in the body of its loop",
        "use another variable; only the loop header may change it",
    ),
    "E0309": Kind(
        "function.missing_return", "not every path of `{name}` returns a value", "end the function with a `return`"
    ),
    "E0310": Kind(
        "var.unassigned", "`{name}` may be used before it is assigned", "give it a value where it is declared"
    ),
    "E0311": Kind("const.expression", "{what} is not a constant expression", "{fix}"),
    "E0312": Kind("expr.side_effect", "the value of this expression is not used", "remove it, or assign it"),
    # store
    "E0401": Kind("store.signal", "`{name}` is not a signal of this template", "{fix}"),
    "E0402": Kind(
        "store.unattached",
        "`{method}` needs {listener} on `{signal}`, which is not attached",
        "add to configure: `config.add_listeners({signal}, {{{example}}});`",
    ),
    "E0403": Kind("store.scope", "`{signal}` is a {scope} signal: {what}", "{fix}"),
    "E0404": Kind("store.query", "the store has no query `{method}`", "{fix}"),
    "E0405": Kind(
        "store.element",
        "{value} is not one of the {param} of {listener} on `{signal}` ({have})",
        "use one of these, or attach `{example}`",
    ),
    "E0406": Kind("store.configure", "{what}", "{fix}"),
    "E0407": Kind(
        "store.ambiguous",
        "`{signal}` has several listeners that answer `{method}`: {listeners}",
        "attach only one of them",
    ),
    "E0408": Kind(
        "store.template",
        "the store is used, but no template declares its signals",
        "name the template: `--interface FILE`",
    ),
    # entry points
    "E0420": Kind("entry.missing", "the template's entry point `{name}` is not defined", "define `{form}`"),
    "E0421": Kind("entry.signature", "`{name}` does not have the signature of the template", "write `{form}`"),
    # verification
    "E0501": Kind("loop.bound", "no bound on the number of iterations of this loop could be proved: {why}", "{fix}"),
    "E0502": Kind(
        "cost.budget", "{what} of {cost:,} steps exceeds the budget of {budget:,} by factor {factor:.1f}", "{fix}"
    ),
    "E0503": Kind("query.index", "`{expr}` violates the precondition `{required}`", "{fix}"),
    # interface files
    "E0601": Kind("interface.form", "{what}", "{fix}"),
    "E0602": Kind("interface.file", "cannot read `{path}`: {why}", "{fix}"),
    # the compiler itself: fail closed
    "E0901": Kind("internal", "internal error while {stage}: {what}", "the program is rejected; please report it"),
}


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: a code of the catalogue, a place, and the values of its templates."""

    code: str
    span: Span
    message: str
    help: str
    notes: tuple[tuple[str, Span], ...] = ()

    severity: str = "error"

    @property
    def rule(self) -> str:
        return CATALOGUE[self.code].rule

    def render(self, source: str, filename: str) -> str:
        """The finding with the line of source that it is about, as a terminal shows it."""
        lines = source.splitlines()
        head = f"{self.severity}[{self.code}]: {self.message}"
        body = [head, *_excerpt(lines, filename, self.span, "^", "-->")]
        for text, span in self.notes:
            body += [f"note: {text}", *_excerpt(lines, filename, span, "-", "-->")]
        if self.help:
            body.append(f"  = help: {self.help}")
        body.append(f"  = rule: [{self.rule}]")
        return "\n".join(body)

    def to_json(self, filename: str) -> dict[str, object]:
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
        }


MAX_EXCERPT = 120
"""Longest part of a source line that a rendered diagnostic shows, in characters."""


def _excerpt(lines: list[str], filename: str, span: Span, mark: str, arrow: str) -> list[str]:
    if not span.line:
        return [f"  {arrow} {filename}"]
    place = f"  {arrow} {filename}:{span.line}:{span.column}"
    if span.line > len(lines):
        return [place]
    line = lines[span.line - 1].replace("\t", " ")
    number = str(span.line)
    first = max(0, span.column - 1 - MAX_EXCERPT // 2) if len(line) > MAX_EXCERPT else 0
    shown = line[first : first + MAX_EXCERPT]
    column = span.column - 1 - first
    width = max(1, min(span.end - span.start, len(shown) - column))
    gutter = " " * len(number)
    return [place, f"{gutter} |", f"{number} | {shown}", f"{gutter} | {' ' * column}{mark * width}"]


def diagnostic(code: str, span: Span, /, *, notes: Iterable[tuple[str, Span]] = (), **values: object) -> Diagnostic:
    """A finding of the kind `code`, its templates filled with `values`."""
    kind = CATALOGUE[code]
    return Diagnostic(code, span, kind.message.format(**values), kind.help.format(**values), tuple(notes))


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


def fail(code: str, span: Span, /, *, notes: Iterable[tuple[str, Span]] = (), **values: object) -> Stop:
    """The exception to raise for a finding of the kind `code`."""
    return Stop(diagnostic(code, span, notes=notes, **values))
