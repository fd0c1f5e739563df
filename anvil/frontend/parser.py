"""Source text to surface AST: lark's LALR parser with C++'s tokens, and named syntax errors."""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from anvil.diagnostics import Rejected, Stop, fail
from anvil.frontend import ast
from anvil.frontend.evolve import evolve_block
from anvil.frontend.mistakes import explain
from anvil.span import Span

if TYPE_CHECKING:
    from lark import Lark

    from anvil.frontend.builder import Builder

MAX_BYTES = 64 * 1024
"""Largest source accepted, in bytes of UTF-8 ([lex.size])."""


def parse(source: str, filename: str = "<source>") -> ast.File:
    """The surface AST of a file; raises Rejected with the first syntax error."""
    try:
        return _parse(source)
    except Stop as stop:
        raise Rejected([stop.found], source, filename) from None


def _parse(source: str) -> ast.File:
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

    size = len(source.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise fail("E0105", Span(1, 1), size=size, limit=MAX_BYTES)
    source = evolve_block(source)
    _check_comments(source)
    parser, builder = _lark()
    try:
        file = parser.parse(source)
    except (UnexpectedToken, UnexpectedCharacters) as error:
        raise explain(error, source) from None
    finally:
        builder.forget()
    assert isinstance(file, ast.File)
    return file


@functools.cache
def _lark() -> tuple[Lark, Builder]:
    """The parser; its tables are cached on disk, since building them takes 20 times as long as reading them."""
    import lark

    from anvil.frontend.builder import Builder

    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    builder = Builder()
    parser = lark.Lark(
        grammar,
        parser="lalr",
        lexer="basic",
        keep_all_tokens=True,
        maybe_placeholders=False,
        transformer=builder,
        cache=_cache_file(grammar, lark.__version__),
    )
    return parser, builder


def _cache_file(grammar: str, version: str) -> str | bool:
    """A file of the user's own; never the shared temporary directory, whose content others could write."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vulcan"
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root):
            pass
    except (OSError, RuntimeError):
        return False
    digest = hashlib.sha256(f"{version}\n{grammar}".encode()).hexdigest()[:16]
    return str(root / f"anvil-grammar-{digest}.lark")


def _check_comments(source: str) -> None:
    """Comments whose end C++ sees elsewhere than a reader does ([lex.comment])."""
    position = 0
    while (position := source.find("/", position)) >= 0:
        two = source[position : position + 2]
        if two == "//":
            end = source.find("\n", position)
            end = len(source) if end < 0 else end
            if source[position:end].rstrip().endswith("\\"):  # compilers look past white space after it
                raise fail(
                    "E0103",
                    span_at(source, position, end),
                    fix="remove the backslash",
                    what="a line comment that ends in a backslash goes on in the next line in C++",
                )
            position = end
        elif two == "/*":
            end = source.find("*/", position + 2)
            if end < 0:
                raise fail(
                    "E0103",
                    span_at(source, position, position + 2),
                    what="this comment is never closed",
                    fix="close it with `*/`",
                )
            position = end + 2
        else:
            position += 1


def span_at(source: str, start: int, end: int) -> Span:
    """The span of the characters `[start, end)`."""
    line = source.count("\n", 0, start) + 1
    column = start - (source.rfind("\n", 0, start) + 1) + 1
    return Span(line, column, start, end)
