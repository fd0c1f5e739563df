"""The lines being written: the column, where a forced line break continues, and comments at the ends of lines."""

from __future__ import annotations

from dataclasses import dataclass, field

WIDTH = 120
INDENT = 4


@dataclass(slots=True)
class Line:
    code: str
    comment: str = ""


@dataclass(slots=True)
class Output:
    """`indent` is that of the current statement, `align` the column where a broken line goes on.

    While a statement is `starting`, comments before its first token stand at its own indent.
    """

    lines: list[Line] = field(default_factory=list)
    current: Line = field(default_factory=lambda: Line(""))
    indent: int = 0
    align: int = 0
    pending: bool = False
    starting: bool = False

    @property
    def column(self) -> int:
        if self.pending:
            return self.align
        return len(self.current.code) - (self.current.code.rfind("\n") + 1)

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands on the current line yet."""
        return not self.current.code.strip() and not self.current.comment

    def fits(self, width: int) -> bool:
        return self.column + width <= WIDTH

    def text(self, text: str) -> None:
        """Writes text, after the line break that a comment before it asks for."""
        if self.pending:
            self.newline(self.align)
        self.current.code += text

    def token(self, text: str) -> None:
        """Writes one or more tokens."""
        self.text(text)
        if self.starting:
            self.starting = False
            self.align = self.indent + INDENT

    def gap(self, text: str) -> None:
        """White space, which a line neither starts with nor ends in."""
        if not self.pending and not self.is_blank:
            self.current.code += text

    def comment(self, text: str) -> None:
        """A comment that ends the line."""
        if "\n" in text:
            self.current.code = f"{self.current.code.rstrip()}  {text}"
        else:
            self.current.comment = f"{self.current.comment} {text}".strip()
        self.pending = True

    def newline(self, indent: int) -> None:
        self.pending = False
        self._finish()
        self.current = Line(" " * indent)

    def fresh(self, indent: int) -> None:
        """Starts a line, unless nothing stands on this one."""
        if self.pending or not self.is_blank:
            self.newline(indent)

    def blank(self) -> None:
        """One empty line, after the current one is finished."""
        if self.lines and self.lines[-1].code:
            self.lines.append(Line(""))

    def _finish(self) -> None:
        self.current.code = self.current.code.rstrip()
        if self.current.code or self.current.comment:
            self.lines.append(self.current)

    def result(self) -> str:
        """All that was written."""
        self._finish()
        self.current = Line("")
        _align_comments(self.lines)
        return "".join(f"{line.code}  {line.comment}\n" if line.comment else f"{line.code}\n" for line in self.lines)


def _align_comments(lines: list[Line]) -> None:
    """Comments at the ends of neighbouring lines of one depth start in one column, where there is room for that."""
    place = 0
    while place < len(lines):
        run = place
        while run < len(lines) and lines[run].comment and _indent(lines[run]) == _indent(lines[place]):
            run += 1
        block = lines[place:run]
        width = max((len(line.code.rpartition("\n")[2]) for line in block), default=0)
        if all(width + 2 + len(line.comment) <= WIDTH and "\n" not in line.code for line in block):
            for line in block:
                line.code = line.code.ljust(width)
        place = max(run, place + 1)


def _indent(line: Line) -> int:
    return len(line.code) - len(line.code.lstrip())
