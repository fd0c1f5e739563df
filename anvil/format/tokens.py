"""Source text to tokens, each with the comments that belong to it. Knows C++'s tokens, none of Anvil's grammar."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\n\f\v]+)
    | (?P<comment>//[^\n]* | /\*.*?\*/)
    | (?P<directive>\#[^\n]*)
    | (?P<string>"(?:[^"\\\n]|\\.)*")
    | (?P<number>(?:\.[0-9]|[0-9])(?:[eEpP][+-]|'[0-9A-Za-z_]|[0-9A-Za-z_.])*)
    | (?P<name>[A-Za-z_][A-Za-z_0-9]*)
    | (?P<op><<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||\+=|-=|\*=|/=|%=|&=|\|=|\^=|::|.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment; whether it starts its line, ends it, and has an empty line above."""

    text: str
    starts_line: bool
    ends_line: bool
    blank_before: bool


@dataclass(frozen=True, slots=True)
class Token:
    """A token (or a preprocessor line, or the end of the file, kind "end") and its comments.

    `before` stand between the previous token and this one, `after` end the line that this token is on.
    """

    kind: str
    text: str
    before: tuple[Comment, ...] = ()
    after: tuple[Comment, ...] = ()
    blank_before: bool = False

    @property
    def is_word(self) -> bool:
        return self.kind in ("name", "number", "string")


@dataclass(slots=True)
class _Piece:
    kind: str
    text: str
    newlines: int


def scan(source: str) -> list[Token]:
    """The tokens of a source with balanced comments, the end of the file last."""
    pieces = _pieces(source)
    tokens: list[Token] = []
    place, after_token = 0, False
    while place < len(pieces):
        run = place
        while pieces[run].kind == "comment":
            run += 1
        comments = [_comment(pieces, k) for k in range(place, run)]
        count = _trailing(comments) if after_token else 0
        if count:
            last = tokens[-1]
            tokens[-1] = Token(last.kind, last.text, last.before, tuple(comments[:count]), last.blank_before)
        piece = pieces[run]
        tokens.append(Token(piece.kind, piece.text, tuple(comments[count:]), (), piece.newlines > 1))
        place, after_token = run + 1, piece.kind != "directive"
    return tokens


def _pieces(source: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    newlines = 0
    for match in _TOKEN.finditer(source):
        kind, text = str(match.lastgroup), match.group()
        if kind == "space":
            newlines += text.count("\n")
            continue
        pieces.append(_Piece(kind, _clean(text) if kind in ("comment", "directive") else text, newlines))
        newlines = 0
    return [*pieces, _Piece("end", "", max(newlines, 1))]


def _clean(text: str) -> str:
    """Without white space at the ends of lines, except where a backslash would become the last character."""
    lines = [line.rstrip() for line in text.split("\n")]
    return text.rstrip("\r") if lines[-1].endswith("\\") else "\n".join(lines)


def _comment(pieces: list[_Piece], k: int) -> Comment:
    piece = pieces[k]
    return Comment(piece.text, k == 0 or piece.newlines > 0, pieces[k + 1].newlines > 0, piece.newlines > 1)


def _trailing(comments: list[Comment]) -> int:
    """How many of the comments behind a token stand on its line, when they end that line."""
    count = 0
    while count < len(comments) and not comments[count].starts_line:
        count += 1
        if comments[count - 1].ends_line:
            return count
    return 0


def significant(source: str) -> list[str]:
    """What a formatter must not change: every token and comment, white space inside comments aside."""
    return [" ".join(piece.text.split()) if piece.kind == "comment" else piece.text for piece in _pieces(source)]


def would_merge(left: str, right: str) -> bool:
    """Whether two tokens without a space between them would be read as something else."""
    return [match.group() for match in _TOKEN.finditer(left + right)] != [left, right]
