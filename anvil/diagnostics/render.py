"""Excerpts of source with places marked in them: `^^^` the finding itself, `---` what it has to do with."""

from __future__ import annotations

import itertools
import unicodedata
from dataclasses import dataclass

from anvil.span import Span

MAX_EXCERPT = 120
"""Longest part of a source line that an excerpt shows, in columns."""

CONTEXT = 2
"""Lines shown before the line of the finding."""

TAB = 4

_STYLES = {"error": "1;31", "primary": "1;31", "secondary": "1;34", "gutter": "34", "bold": "1"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the source and what to say about it."""

    span: Span
    text: str
    primary: bool


def paint(text: str, style: str, color: bool) -> str:
    """The text in a style of the terminal."""
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if color and text else text


def printable(text: str) -> str:
    """The text without characters that a terminal would obey."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def excerpt(source: str, filename: str, marks: list[Mark], color: bool) -> tuple[list[str], int]:
    """The lines that hold the marks, the first of which is the finding's, and the width of the line numbers."""
    lines = [line.removesuffix("\r") for line in source.split("\n")]
    here = marks[0].span
    name = printable(filename)
    if not 0 < here.line <= len(lines) or not source:
        place = f":{here.line}:{here.column}" if here.line else ""
        return [f" {paint('-->', 'gutter', color)} {name}{place}"], 1
    marked: dict[int, list[Mark]] = {}
    for mark in marks:
        if 0 < mark.span.line <= len(lines):
            marked.setdefault(mark.span.line, []).append(mark)
    shown = _lines_to_show(lines, here.line, set(marked))
    width = len(str(max(shown)))
    edge = paint(" " * width + " |", "gutter", color)
    out = [f"{' ' * width}{paint('-->', 'gutter', color)} {name}:{here.line}:{here.column}", edge]
    previous = shown[0] - 1
    for number in shown:
        if number > previous + 1:
            out.append(paint("...", "gutter", color))
        previous = number
        row = _Row(lines[number - 1], marked.get(number, []), color)
        out.append(f"{paint(f'{number:>{width}} |', 'gutter', color)} {row.text}".rstrip())
        out += [f"{edge} {line}" for line in row.underlines()]
    return [*out, edge], width


def _lines_to_show(lines: list[str], here: int, marked: set[int]) -> list[int]:
    """The marked lines, some context before the finding's, and no gap of a single line."""
    first = max(1, here - CONTEXT)
    while first < here and not lines[first - 1].strip():
        first += 1
    shown = marked | set(range(first, here))
    shown |= {number + 1 for number in shown if number + 2 in shown}
    return sorted(shown)


class _Row:
    """One line of source as shown, and the lines under it that mark places."""

    def __init__(self, line: str, marks: list[Mark], color: bool) -> None:
        self.color = color
        text, self._columns = _cells(line)
        # A line that is too long is cut around its first mark, the finding itself if it is there.
        first = self._column(marks[0].span.column - 1) if marks else 0
        self._shift = max(0, first - MAX_EXCERPT // 2) if len(text) > MAX_EXCERPT else 0
        self.text = text[self._shift : self._shift + MAX_EXCERPT]
        if self._shift + MAX_EXCERPT < len(text):
            self.text += "..."
        if self._shift:
            self.text = "..." + self.text[3:]
        self._marks = sorted(
            ((*self._range(mark.span, len(line)), mark) for mark in marks), key=lambda m: (m[0], m[2].primary)
        )

    def _column(self, index: int) -> int:
        return self._columns[max(0, min(index, len(self._columns) - 1))]

    def _range(self, span: Span, length: int) -> tuple[int, int]:
        """First and last column of a span, within what is shown of its first line."""
        first = self._column(span.column - 1) - self._shift
        last = self._column(min(span.column - 1 + span.end - span.start, length)) - self._shift
        return first, max(first + 1, min(last, MAX_EXCERPT))

    def underlines(self) -> list[str]:
        """A row of `^` and `-` with the last text behind it, then one row for each other text."""
        marks = [m for m in self._marks if 0 <= m[0] <= MAX_EXCERPT]
        if not marks:
            return []
        cells: dict[int, tuple[str, str]] = {}
        for first, last, mark in sorted(marks, key=lambda m: m[2].primary):
            for column in range(first, last):
                cells[column] = ("^", "primary") if mark.primary else ("-", "secondary")
        end = marks[-1]
        labelled = [m for m in marks[:-1] if m[2].text]
        # A text fits behind the row only if no mark goes on further right.
        if end[1] < max(cells) + 1:
            labelled, behind = [m for m in marks if m[2].text], ""
        else:
            behind = self._label(end[2])
        rows = [f"{self._draw(cells)} {behind}".rstrip()]
        while labelled:
            bars = {first: ("|", _style(mark)) for first, _, mark in labelled}
            rows.append(self._draw(bars))
            first, _, mark = labelled.pop()
            rest = self._draw({f: ("|", _style(m)) for f, _, m in labelled if f < first})
            width = max((f + 1 for f, _, _ in labelled if f < first), default=0)
            rows.append(rest + " " * (first - width) + self._label(mark))
        return rows

    def _label(self, mark: Mark) -> str:
        return paint(printable(mark.text), _style(mark), self.color)

    def _draw(self, cells: dict[int, tuple[str, str]]) -> str:
        row = [cells.get(column, (" ", "")) for column in range(max(cells, default=-1) + 1)]
        return "".join(
            paint(text, style, self.color) if style else text
            for style, run in itertools.groupby(row, key=lambda cell: cell[1])
            for text in ["".join(char for char, _ in run)]
        )


def _style(mark: Mark) -> str:
    return "primary" if mark.primary else "secondary"


def _cells(line: str) -> tuple[str, list[int]]:
    """The line as it is shown, and the column at which each of its characters starts."""
    shown, columns, column = "", [], 0
    for char in line:
        columns.append(column)
        if char == "\t":
            width = TAB - column % TAB
            shown += " " * width
        elif not char.isprintable():
            width = 1
            shown += "\N{REPLACEMENT CHARACTER}"
        else:
            width = 0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
            shown += char
        column += width
    return shown, [*columns, column]
