"""Places in a source text."""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """A half-open range of characters `[start, end)` of a source; line and column count from 1."""

    line: int = 0
    column: int = 0
    start: int = 0
    end: int = 0

    def to(self, other: Span) -> Span:
        """The range from the start of this span to the end of `other`."""
        return Span(self.line, self.column, self.start, max(self.end, other.end))


NOWHERE = Span()
