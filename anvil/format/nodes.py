"""Pieces of a statement that know how to stand on one line, and how to break over several.

A node is written flat where it fits; a body of a lambda may follow a flat beginning; else the node breaks itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

from anvil.format.output import INDENT, WIDTH, Output
from anvil.format.tokens import Token


class Node:
    """`flat` is the text on one line, None where a comment or a body forbids it; `lead` that up to the first body."""

    def pieces(self) -> Iterator[str | Node]:
        """White space and parts in order; none for a node that writes itself."""
        return iter(())

    def broken(self, out: Output, tail: int) -> None:
        """Writes the node over several lines; `tail` columns follow the last."""
        self.inline(out)

    def put(self, out: Output, tail: int = 0) -> None:
        """Writes the node in the best form for the place where it stands."""
        if self.flat is not None and out.fits(len(self.flat) + tail):
            out.token(self.flat)
        elif self.lead is not None and out.fits(len(self.lead)):
            self.inline(out)
        else:
            self.broken(out, tail)

    def inline(self, out: Output) -> None:
        """Writes the node without breaks of its own; bodies and comments bring theirs."""
        for piece in self.pieces():
            if isinstance(piece, str):
                out.gap(piece)
            else:
                piece.inline(out)

    @cached_property
    def flat(self) -> str | None:
        texts = [piece if isinstance(piece, str) else piece.flat for piece in self.pieces()]
        return None if None in texts else "".join(text for text in texts if text is not None)

    @cached_property
    def lead(self) -> str | None:
        text = ""
        for piece in self.pieces():
            if isinstance(piece, Node) and piece.lead is not None:
                return text + piece.lead
            part = piece if isinstance(piece, str) else piece.flat
            if part is None:
                return None
            text += part
        return None


class Leaf(Node):
    """A token with its comments."""

    def __init__(self, token: Token) -> None:
        self.token = token

    def pieces(self) -> Iterator[str | Node]:
        return iter(())

    @cached_property
    def flat(self) -> str | None:
        token = self.token
        texts = [comment.text for comment in token.before]
        if token.kind == "directive" or token.after or any(c.ends_line for c in token.before):
            return None
        if any("\n" in text for text in texts):
            return None
        space = "" if token.text in (",", ";", ")", "]") else " "
        return " ".join(texts) + (space if texts else "") + token.text

    def inline(self, out: Output) -> None:
        token = self.token
        if token.kind == "directive":
            out.fresh(0)
            out.current.code = token.text
            out.pending = True
            return
        forced = any(comment.ends_line for comment in token.before)
        for comment in token.before:
            if forced and comment.starts_line:
                out.fresh(out.align)
            out.text(reindented(comment.text, out.column))
            if comment.ends_line:
                out.pending = True
            elif token.text not in (",", ";", ")", "]") or comment is not token.before[-1]:
                out.gap(" ")
        out.token(token.text)
        for comment in token.after:
            out.comment(reindented(comment.text, out.column + 2))


def reindented(text: str, column: int) -> str:
    """A block comment whose lines begin with `*`, its stars below the first; other comments as they are."""
    first, *rest = text.split("\n")
    if not rest or not all(line.lstrip().startswith("*") for line in rest):
        return text
    return "\n".join([first, *(f"{' ' * (column + 1)}{line.lstrip()}" for line in rest)])


class Join(Node):
    """Parts side by side, which break only inside."""

    def __init__(self, parts: list[Node], gaps: list[str]) -> None:
        self.parts = parts
        self.gaps = gaps

    def pieces(self) -> Iterator[str | Node]:
        for part, space in zip(self.parts, ["", *self.gaps], strict=False):  # no part, no gap
            yield space
            yield part

    def broken(self, out: Output, tail: int) -> None:
        for place, part in enumerate(self.parts):
            out.gap(self.gaps[place - 1] if place else "")
            part.put(out, self._following(place, tail))

    def _following(self, place: int, tail: int) -> int:
        """Columns that stand on the line of a part's end whatever happens: up to the next bracket."""
        width = 0
        for part, space in zip(self.parts[place + 1 :], self.gaps[place:], strict=True):
            if isinstance(part, Items):
                return width + len(space) + 1
            width += len(space) + (len(part.token.text) if isinstance(part, Leaf) else len(part.flat or ""))
        return width + tail


class Chain(Node):
    """Operands of operators of one precedence; breaks after operators, operands below each other."""

    def __init__(self, operands: list[Node], operators: list[Leaf]) -> None:
        self.operands = operands
        self.operators = operators

    def pieces(self) -> Iterator[str | Node]:
        yield self.operands[0]
        for operator, operand in zip(self.operators, self.operands[1:], strict=True):
            yield from (" ", operator, " ", operand)

    def broken(self, out: Output, tail: int) -> None:
        outer, column = out.align, out.column
        self.operands[0].put(out, self._tail(0, tail))
        out.align = column
        for place, operator in enumerate(self.operators, 1):
            operand = self.operands[place]
            out.gap(" ")
            operator.put(out)
            width = _width(operand) + self._tail(place, tail)
            if out.fits(1 + width) or out.pending:
                out.gap(" ")
            else:
                out.newline(column)
            operand.put(out, self._tail(place, tail))
        out.align = outer

    def _tail(self, place: int, tail: int) -> int:
        return 1 + len(self.operators[place].token.text) if place < len(self.operators) else tail


class Ternary(Node):
    """`condition ? then : otherwise`; breaks before `?` and `:`."""

    def __init__(self, condition: Node, question: Leaf, then: Node, colon: Leaf, otherwise: Node) -> None:
        self.parts = (condition, question, then, colon, otherwise)

    def pieces(self) -> Iterator[str | Node]:
        for place, part in enumerate(self.parts):
            yield " " if place else ""
            yield part

    def broken(self, out: Output, tail: int) -> None:
        condition, question, then, colon, otherwise = self.parts
        outer, column = out.align, out.column + INDENT
        condition.put(out)
        out.align = column
        for mark, value, after in ((question, then, 0), (colon, otherwise, tail)):
            out.fresh(column)
            mark.put(out)
            out.gap(" ")
            value.put(out, after)
        out.align = outer


class Assignment(Node):
    """`target = value`; the value moves to the next line where it is whole there."""

    def __init__(self, target: Node, operator: Leaf, value: Node) -> None:
        self.parts = (target, operator, value)

    def pieces(self) -> Iterator[str | Node]:
        target, operator, value = self.parts
        yield from (target, " ", operator, " ", value)

    def broken(self, out: Output, tail: int) -> None:
        target, operator, value = self.parts
        target.put(out, 1 + len(operator.token.text))
        out.gap(" ")
        operator.put(out)
        width = _width(value) + tail
        if not out.fits(1 + width) and out.align + width <= WIDTH and value.flat is not None:
            out.fresh(out.align)
        out.gap(" ")
        value.put(out, tail)


class Items(Node):
    """A bracket and its items, which fill lines below the first item, or one step in where that is too narrow."""

    def __init__(self, opener: Node | None, items: list[tuple[Node, Leaf | None]], closer: Node | None) -> None:
        self.opener = opener
        self.items = items
        self.closer = closer

    def pieces(self) -> Iterator[str | Node]:
        if self.opener:
            yield self.opener
        for place, (item, separator) in enumerate(self.items):
            if place and not (isinstance(item, Join) and not item.parts):
                yield " "
            yield item
            if separator:
                yield separator
        if self.closer:
            yield self.closer

    def broken(self, out: Output, tail: int) -> None:
        outer, inner = out.align, out.indent + INDENT
        close = 1 if self.closer else 0
        if self.opener:
            self.opener.put(out)
            inner = out.align if out.pending else out.column
            step = self._step(out)
            if not out.pending and self._too_wide(inner) and not self._too_wide(step):
                inner = step
                out.newline(inner)
        out.align = inner
        for place, (item, separator) in enumerate(self.items):
            after = 1 if separator else close + tail
            if place and not out.pending and not out.fits(1 + _width(item) + after):
                out.newline(inner)
            out.gap(" " if place else "")
            item.put(out, after)
            if separator:
                separator.put(out)
        if self.closer:
            self.closer.put(out)
        out.align = outer

    def _step(self, out: Output) -> int:
        code = out.current.code.rpartition("\n")[2]
        return len(code) - len(code.lstrip()) + INDENT

    def _too_wide(self, column: int) -> bool:
        """Whether an item that could stand on one line cannot do so from this column."""
        return any(item.flat is not None and column + _width(item) + 1 > WIDTH for item, _ in self.items)


class Enumerators(Items):
    """The braces of an enum: spaces inside, or one enumerator a line."""

    def pieces(self) -> Iterator[str | Node]:
        first, *rest = super().pieces()
        yield first
        if self.items:
            yield " "
        yield from rest[:-1]
        if self.items:
            yield " "
        yield rest[-1]

    def broken(self, out: Output, tail: int) -> None:
        assert self.opener and self.closer
        outer, out.align = out.align, out.indent + INDENT
        self.opener.put(out)
        for item, separator in self.items:
            out.fresh(out.align)
            item.put(out, 1)
            if separator:
                separator.put(out)
        out.fresh(out.indent)
        self.closer.put(out)
        out.align = outer


class Body(Node):
    """The block of a lambda; `write` prints it over several lines."""

    def __init__(self, flat: str | None, write: Callable[[Output], None]) -> None:
        self._flat = flat
        self._write = write

    @cached_property
    def flat(self) -> str | None:
        return self._flat

    @cached_property
    def lead(self) -> str | None:
        return "{"

    def inline(self, out: Output) -> None:
        self._write(out)


def _width(node: Node) -> int:
    """Columns that a node needs on its first line to be worth starting there."""
    text = node.lead if node.lead is not None else node.flat
    return WIDTH if text is None else len(text)
