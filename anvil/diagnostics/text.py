"""A source text as tokens, for finding the place of a repair; unlike the parser's lexer it never fails."""

from __future__ import annotations

import re
from dataclasses import dataclass

from anvil.span import Span

_TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?|\#[^\n]*)
    |"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'
    |(?:\.[0-9]|[0-9])(?:[eEpP][+-]|'[0-9A-Za-z_]|[0-9A-Za-z_.])*
    |[A-Za-z_]\w*
    |<<=|>>=|->|\+\+|--|&&|\|\||::|<<|>>|[-+*/%&|^=!<>]=
    |.""",
    re.VERBOSE | re.DOTALL,
)

OPENING = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Word:
    """One token of C++ and its place."""

    text: str
    start: int
    end: int


def words(source: str) -> list[Word]:
    """The tokens of a source; comments, directives and white space left out."""
    return [Word(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(source) if m.lastgroup != "skip"]


def still_open(tokens: list[Word]) -> list[Word]:
    """The brackets that these tokens open and do not close, outermost first."""
    found: list[Word] = []
    for token in tokens:
        if token.text in OPENING.values():
            found.append(token)
        elif token.text in OPENING and found and found[-1].text == OPENING[token.text]:
            found.pop()
    return found


def closing(tokens: list[Word], opening: int) -> int | None:
    """The index of the bracket that closes the one at index `opening`."""
    depth = 0
    for index in range(opening, len(tokens)):
        depth += (tokens[index].text in OPENING.values()) - (tokens[index].text in OPENING)
        if depth == 0:
            return index
    return None


def span_of(source: str, start: int, end: int) -> Span:
    """The span of the characters `[start, end)`."""
    line = source.count("\n", 0, start) + 1
    return Span(line, start - (source.rfind("\n", 0, start) + 1) + 1, start, end)
