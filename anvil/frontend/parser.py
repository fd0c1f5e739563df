"""Source text to surface AST: C++'s tokens, lark's LALR tables, and every syntax error of a file."""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from anvil.diagnostics import Diagnostic, Rejected, Stop, fail
from anvil.diagnostics.text import Word, words
from anvil.frontend import ast
from anvil.frontend.evolve import evolve_block
from anvil.frontend.mistakes import explain
from anvil.span import Span

if TYPE_CHECKING:
    from anvil.frontend.builder import Builder
    from anvil.frontend.lalr import Stack, Tables
    from anvil.frontend.lexer import Lexer, Token

MAX_BYTES = 64 * 1024
"""Largest source accepted, in bytes of UTF-8 ([lex.size])."""

MAX_ERRORS = 10
"""Syntax errors looked for in one file."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What could be read of a file: `file` is None where the rest of it made no sense.

    `damage` holds the ranges that were left out of `file` because of the errors.
    """

    file: ast.File | None
    errors: tuple[Diagnostic, ...] = ()
    damage: tuple[Span, ...] = ()


def parse(source: str, filename: str = "<source>") -> ast.File:
    """The surface AST of a file; raises Rejected with its syntax errors."""
    parsed = read(source)
    if parsed.errors or parsed.file is None:
        raise Rejected(parsed.errors, source, filename)
    return parsed.file


def read(source: str) -> Parsed:
    """The surface AST of a file as far as it can be read, and its syntax errors."""
    size = len(source.encode("utf-8", "surrogatepass"))
    try:
        if size > MAX_BYTES:
            raise fail("E0105", Span(1, 1), size=size, limit=MAX_BYTES)
        source = evolve_block(source)
        _check_comments(source)
    except Stop as stop:
        return Parsed(None, (stop.found,))
    lexer, tables, builder = _machinery()
    try:
        return _Parse(source, lexer.tokens(source), tables).run()
    finally:
        builder.forget()


class _Parse:
    """One parse, which goes on after an error with the next statement."""

    def __init__(self, source: str, tokens: list[Token], tables: Tables) -> None:
        self.source = source
        self.tokens = tokens
        self.tables = tables
        self.stack: Stack = tables.begin()
        self.errors: list[Diagnostic] = []
        self.damage: list[Span] = []
        self.words: list[Word] | None = None

    def run(self) -> Parsed:
        from anvil.frontend.lalr import SyntaxStop

        file: ast.File | None = None
        while file is None:
            try:
                file = self.tables.run(self.stack, self.tokens)
            except SyntaxStop:
                if self.continues():
                    continue
                token = self.tokens[len(self.stack.heights)]
                self.words = self.words or words(self.source)
                stop = explain(self.source, self.words, token, self.tables.accepts(self.stack))
            except Stop as raised:
                stop = raised
            if file is None:
                if stop.found.code != "E0106" or all(stop.found.message != error.message for error in self.errors):
                    self.errors.append(stop.found)  # a reserved word as a name: once, not for every use
                if len(self.errors) == MAX_ERRORS or not self.recovers(stop.found):
                    break
        return Parsed(file, tuple(self.errors), tuple(self.damage))

    def continues(self) -> bool:
        """Leaves out the `else` of an `if` that was left out itself."""
        at = len(self.stack.heights)
        if not self.damage or self.tokens[at] != "else":
            return False
        self.leave_out(at, at + 1)
        return True

    def recovers(self, found: Diagnostic) -> bool:
        """Makes the rest of the file readable: by the token that is missing, or without the damaged statement."""
        from anvil.frontend.recovery import damaged

        at = len(self.stack.heights)
        if (missing := self.missing(found)) is not None:
            self.tokens.insert(at, missing)
            return True
        if (cut := damaged(self.tokens, at)) is None:
            return False
        self.leave_out(*cut)
        return True

    def missing(self, found: Diagnostic) -> Token | None:
        """The token that the finding asks for right before the one that did not fit."""
        from anvil.frontend.lexer import Token

        kinds = {";": "SEMICOLON", ")": "RPAR"}
        accepted = self.tables.accepts(self.stack)
        for edit in found.edits:
            if edit.start == edit.end and kinds.get(edit.text) in accepted:
                token = Token(edit.text)
                token.kind, token.span = kinds[edit.text], found.span
                return token
        return None

    def leave_out(self, first: int, end: int) -> None:
        """Drops tokens, from one that begins a part of the grammar on."""
        if first < len(self.stack.heights):
            self.stack.cut(first)
        start, stop = self.tokens[first].span, self.tokens[end - 1].span.end
        self.damage.append(Span(start.line, start.column, start.start, stop))
        if self.words is not None:  # its mistakes are not found again
            self.words = [word for word in self.words if not start.start <= word.start < stop]
        del self.tokens[first:end]


@functools.cache
def _machinery() -> tuple[Lexer, Tables, Builder]:
    """Lexer and tables; lark's analysis is cached on disk, since it takes 20 times as long as reading it."""
    import lark

    from anvil.frontend.builder import Builder
    from anvil.frontend.lalr import Tables
    from anvil.frontend.lexer import Lexer

    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    made = lark.Lark(
        grammar,
        parser="lalr",
        lexer="basic",
        keep_all_tokens=True,
        maybe_placeholders=False,
        cache=_cache_file(grammar, lark.__version__),
    )
    builder = Builder()
    return Lexer(made.terminals, frozenset(made.lexer_conf.ignore)), Tables(made, builder), builder


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
