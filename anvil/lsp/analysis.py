"""All that the server knows about one text: verdict, types, declarations, template."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from anvil.diagnostics import Diagnostic, Rejected, diagnostic
from anvil.driver import CheckResult, check
from anvil.frontend.evolve import evolve_block
from anvil.frontend.parser import parse
from anvil.interface import Interface
from anvil.lsp.outline import Declaration, Word, outline, resolve, visible, word_at, words
from anvil.lsp.templates import NAME, Templates
from anvil.span import NOWHERE, Span


@dataclass
class Analysis:
    """Computed on first use; `file` is None for a text that was never saved."""

    source: str
    file: Path | None
    templates: Templates

    @cached_property
    def template(self) -> Path | None:
        return self.templates.path_for(self.file)

    @cached_property
    def is_template(self) -> bool:
        """Whether the text is itself a template."""
        if self.file is None:
            return False
        return self.file.name == NAME or (self.template is not None and self.file.resolve() == self.template.resolve())

    @cached_property
    def interface(self) -> Interface | None:
        loaded = self.templates.load(self.template) if self.template else None
        return loaded if isinstance(loaded, Interface) else None

    @cached_property
    def result(self) -> CheckResult:
        return check(self.source, self.interface, filename=str(self.file or "<source>"))

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The findings; for a template those of its own form, as far as the text is saved."""
        if self.is_template:
            return self._template_diagnostics()
        loaded = self.templates.load(self.template) if self.template else None
        if isinstance(loaded, Rejected):
            first = loaded.diagnostics[0]
            return (diagnostic("E0602", NOWHERE, path=self.template, why=first.message, fix="correct the template"),)
        return self.result.diagnostics

    def _template_diagnostics(self) -> tuple[Diagnostic, ...]:
        try:
            parse(self.source)
        except Rejected as rejected:
            return rejected.diagnostics
        assert self.file is not None
        loaded = self.templates.load(self.file)
        if isinstance(loaded, Rejected) and loaded.source == self.source:
            return loaded.diagnostics
        return ()

    @cached_property
    def code(self) -> str:
        """The text with blanks where it is not part of the program."""
        return evolve_block(self.source)

    @cached_property
    def tokens(self) -> list[Word]:
        return words(self.code)

    @cached_property
    def declarations(self) -> list[Declaration]:
        return outline(self.code)

    def word(self, offset: int) -> Word | None:
        return word_at(self.code, offset)

    def before(self, word: Word, count: int) -> str:
        """The `count` tokens before a word, without white space between them."""
        place = self.tokens.index(word)
        return "".join(token.text for token in self.tokens[max(0, place - count) : place])

    def declaration(self, word: Word) -> Declaration | None:
        """What a word refers to in this file; members and qualified names aside."""
        previous = self.before(word, 1)
        if previous in (".", "->"):
            return next((d for d in self.declarations if d.name == word.text and d.kind in ("field", "method")), None)
        if previous == "::":
            return next((d for d in self.declarations if d.name == word.text and d.kind == "enumerator"), None)
        return resolve(self.declarations, word)

    def visible(self, offset: int) -> list[Declaration]:
        return visible(self.declarations, offset)

    # ------------------------------------------------------------------------------------------------- types

    def type_at(self, offset: int) -> tuple[str, Span] | None:
        """Type and place of the smallest expression around an offset, where the program has types."""
        best: tuple[str, Span] | None = None
        for node in _nodes(self.result.module):
            span, kind = getattr(node, "span", NOWHERE), getattr(getattr(node, "type", None), "value", None)
            if kind is None or not span.line or not span.start <= offset <= span.end:
                continue
            if best is None or span.end - span.start <= best[1].end - best[1].start:
                best = str(kind), span
        return best

    def type_of(self, declaration: Declaration) -> str:
        """The type of a variable, that of its initialiser for `auto`."""
        if "auto" not in declaration.type.split():
            return declaration.type
        for node in _nodes(self.result.module):
            span = getattr(node, "span", NOWHERE)
            covers = span.start <= declaration.start < max(span.end, span.start + 1)
            if covers and getattr(node, "name", "") == declaration.name and hasattr(node, "symbol"):
                return declaration.type.replace("auto", str(getattr(node.type, "value", "auto")))
        return declaration.type


def _nodes(node: object) -> Iterator[Any]:
    """A node of the typed program and all below it; not the interface that they refer to."""
    if isinstance(node, tuple):
        for item in node:
            yield from _nodes(item)
    elif is_dataclass(node) and not isinstance(node, Interface | Span):
        yield node
        for part in fields(node):
            if part.name not in ("query", "signal", "type", "interface", "entries"):
                yield from _nodes(getattr(node, part.name))
