"""Source text to tokens, by the terminals of the grammar: C++'s maximal munch, keywords before names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from anvil.span import Span

if TYPE_CHECKING:
    from lark.lexer import TerminalDef

END = "$END"
"""Kind of the token after the last one."""

STRAY = "$STRAY"
"""Kind of what is no token: a directive, a character literal, any other character."""

_STRAY = re.compile(r"#[^\n]*|'(?:[^'\\\n]|\\.)*'|.", re.DOTALL).match


class Token(str):
    """The text of a token, what kind of terminal it is, and its place."""

    __slots__ = ("kind", "span")

    kind: str
    span: Span


class Lexer:
    """All terminals in one regular expression, longer and more special ones first."""

    def __init__(self, terminals: Iterable[TerminalDef], ignored: frozenset[str]) -> None:
        ordered = sorted(terminals, key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name))
        self._keywords = {t.pattern.value: t.name for t in ordered if t.pattern.type == "str" and _wordy(t)}
        spelled = [t for t in ordered if t.pattern.value not in self._keywords]
        self._scan = re.compile("|".join(f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in spelled)).match
        self._ignored = ignored

    def tokens(self, source: str) -> list[Token]:
        """Every token of a source and one of kind `END` after them; never fails."""
        found: list[Token] = []
        keywords, ignored, scan = self._keywords, self._ignored, self._scan
        position, line, line_start, size = 0, 1, 0, len(source)
        while position < size:
            match = scan(source, position) or _STRAY(source, position)
            assert match is not None
            kind, end = match.lastgroup or STRAY, match.end()
            text = source[position:end]
            if kind in ignored:
                if "\n" in text:
                    line += text.count("\n")
                    line_start = position + text.rindex("\n") + 1
            else:
                token = Token(text)
                token.kind = keywords.get(text, kind) if kind == "NAME" else kind
                token.span = Span(line, position - line_start + 1, position, end)
                found.append(token)
            position = end
        last = Token("")
        last.kind, last.span = END, Span(line, position - line_start + 1, size, size)
        return [*found, last]


def _wordy(terminal: TerminalDef) -> bool:
    return terminal.pattern.value.isidentifier()
