"""Named syntax errors: what a parser's dead end means to the person who wrote it."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from anvil.diagnostics import Edit, Stop, fail
from anvil.diagnostics.text import OPENING, Word, closing, span_of, still_open
from anvil.frontend.lexer import END, STRAY
from anvil.frontend.mistake_table import CONSTRUCTS, MISTAKES, Mistake
from anvil.span import Span

if TYPE_CHECKING:
    from anvil.frontend.lexer import Token

__all__ = ["CONSTRUCTS", "explain"]

BEFORE, AFTER = 60, 30
"""How many tokens around a dead end the patterns of named mistakes see."""

LONGEST = 200
"""A longer token is nobody's habit, and the patterns take quadratic time in it."""

_NAMES = {
    "SEMICOLON": "`;`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "NAME": "a name",
    "NUMBER": "a number",
    "TYPE": "a type",
    "EQUAL": "`=`",
    "COMMA": "`,`",
    "COLON": "`:`",
    "QMARK": "`?`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "DOT": "`.`",
    "STRING": "a string",
    END: "the end of the file",
}

_STATEMENTS = frozenset("RETURN IF FOR WHILE BREAK CONTINUE".split())

_STARTS = frozenset("TYPE AUTO CONST CONSTEXPR RETURN IF ELSE FOR WHILE BREAK CONTINUE SWITCH RBRACE".split())
"""Tokens that begin a statement, or end a block, and continue no expression."""


def explain(source: str, tokens: list[Word], token: Token, accepts: frozenset[str]) -> Stop:
    """The finding for a token that the parser cannot take.

    `tokens` are those of the source that are read, `accepts` the kinds that the parser could take.
    """
    if token.kind == STRAY:
        return _bad_character(source, token.span.start)
    place = _Place(source, tokens, token, accepts)
    if token.kind == END:
        return place.end_of_file()
    return place.named() or place.brackets() or place.outside() or place.semicolon() or place.unnamed()


class _Place:
    """A dead end: the source's tokens, the index of the one that the parser cannot take, and what it could take."""

    def __init__(self, source: str, tokens: list[Word], token: Token, accepts: frozenset[str]) -> None:
        self.source = source
        self.kind = token.kind
        self.accepts = accepts
        self.tokens = tokens
        self.span = token.span
        self.at = max(0, bisect_right(self.tokens, self.span.start, key=lambda w: w.start) - 1)
        if token.kind == END:
            self.at = len(self.tokens)
        self.before = self.tokens[: self.at]

    def _span(self, word: Word) -> Span:
        return span_of(self.source, word.start, word.end)

    def _index_of(self, word: Word) -> int:
        return bisect_right(self.tokens, word.start, key=lambda w: w.start) - 1

    def _after_previous(self) -> Span:
        """The place right after the last token that was understood."""
        end = self.before[-1].end if self.before else 0
        return span_of(self.source, end, end)

    # -------------------------------------------------------------------------------- named by a pattern

    def named(self) -> Stop | None:
        first = max(0, self.at - BEFORE)
        around = self.tokens[first : self.at + AFTER]
        if any(len(word.text) > LONGEST for word in around):
            return self._construct()
        text, starts = "", []
        for index, word in enumerate(around, first):
            text += "@" if index == self.at else ""
            starts.append(len(text))
            shown = '""' if word.text.startswith('"') else word.text
            text += f"{'?' if shown == '@' else shown} "
        for mistake in MISTAKES:
            if match := re.search(mistake.pattern, text):
                return self._matched(mistake, match, around, starts)
        return self._construct()

    def _matched(self, mistake: Mistake, match: re.Match[str], around: list[Word], starts: list[int]) -> Stop:
        def place(group: str) -> Span:
            begin, end = match.span(group)
            first = around[max(0, bisect_right(starts, begin + (text[begin] == "@")) - 1)]
            last = around[max(0, bisect_right(starts, end - 1) - 1)]
            return span_of(self.source, first.start, last.end)

        text = match.string
        groups = {name for name, value in match.groupdict().items() if value}
        span = place("here") if "here" in groups else self.span
        notes = [(mistake.note, place("note"))] if "note" in groups else []
        edits = []
        if mistake.edit is not None and "cut" in groups:
            cut = place("cut")
            edits = [Edit(cut.start, cut.end, match.expand(mistake.edit).replace("@", ""))]
        elif mistake.edit is not None and "after" in groups:
            end = place("after").end
            edits = [Edit(end, end, match.expand(mistake.edit))]
        values = {"what": mistake.what, "found": mistake.what, "expected": mistake.expected, "fix": mistake.fix}
        values = {key: match.expand(value).replace("@", "") for key, value in values.items()}
        return fail(mistake.code, span, notes=notes, edits=edits, label=mistake.label, **values)

    def _construct(self) -> Stop | None:
        """A word of C++ that cannot start or continue anything, here or just before."""
        if self.kind == "NAME" and (found := self._word(self.tokens[self.at])):
            return found
        return self._word(self.before[-1]) if self.before else None

    def _word(self, word: Word) -> Stop | None:
        if word.text not in CONSTRUCTS:
            return None
        what, fix = CONSTRUCTS[word.text]
        return fail("E0114", self._span(word), what=what, fix=fix)

    # ------------------------------------------------------------------------------------------ brackets

    def brackets(self) -> Stop | None:
        token, opened = self.tokens[self.at].text, still_open(self.before)
        if token in OPENING and (not opened or opened[-1].text != OPENING[token]):
            return self._surplus(token, opened)
        if nested := self._nested_function(opened):
            return nested
        if opened and opened[-1].text == "(" and "RPAR" in self.accepts and (token in "{};," or self.kind in _STARTS):
            here = self._after_previous()
            edits = [] if token == "," else [Edit(here.start, here.start, ")")]
            return fail(
                "E0110",
                here,
                found=f"`{token}`",
                expected="`)`",
                fix="close the parenthesis",
                label="`)` is missing here",
                notes=[("opened here", self._span(opened[-1]))],
                edits=edits,
            )
        return None

    def _surplus(self, token: str, opened: list[Word]) -> Stop:
        """A closing bracket that closes nothing, or another kind than was opened."""
        if opened and opened[-1].text != "{":
            here, closes = self._after_previous(), _CLOSING[opened[-1].text]
            certain = self.accepts & {"RPAR", "RSQB"}
            return fail(
                "E0110",
                here,
                found=f"`{token}`",
                expected=f"`{closes}`",
                fix=f"close it with `{closes}`",
                label=f"`{closes}` is missing here",
                notes=[("opened here", self._span(opened[-1]))],
                edits=[Edit(here.start, here.start, closes)] if certain else [],
            )
        return fail(
            "E0110",
            self.span,
            found=f"`{token}`",
            expected=self._expected(),
            fix=f"there is no `{OPENING[token]}` for it; remove it",
            label="closes nothing",
            edits=[Edit(self.span.start, self.span.end, "")],
        )

    def _nested_function(self, opened: list[Word]) -> Stop | None:
        """`double g(...) {` inside a function: a `}` is missing above, or it is nested."""
        at = self.at if self.tokens[self.at].text == "(" else self._index_of(opened[-1]) if opened else 0
        end = closing(self.tokens, at)
        if at < 2 or not opened or opened[0].text != "{" or end is None or end + 1 >= len(self.tokens):
            return None
        kind, name = self.tokens[at - 2 : at]
        if self.tokens[end + 1].text != "{" or not (kind.text.isidentifier() and name.text.isidentifier()):
            return None
        if kind.text in ("return", "else") or self.tokens[at].text != "(":
            return None
        return fail(
            "E0114",
            self._span(name),
            what="a function inside a function",
            fix="close the block above with `}`, or move this function out of it",
            notes=[("this block is still open", self._span(opened[0]))],
        )

    # ----------------------------------------------------------------------------------------- the others

    def outside(self) -> Stop | None:
        """A statement outside of functions, since a `}` too many ends the function above."""
        if self.kind not in _STATEMENTS or still_open(self.before) or not self.before or self.before[-1].text != "}":
            return None
        return fail(
            "E0110",
            self.span,
            found=f"`{self.tokens[self.at].text}`",
            expected="a function or a constant",
            fix="a `}` above closes the function too early; remove it",
            notes=[("the function ends here", self._span(self.before[-1]))],
        )

    def semicolon(self) -> Stop | None:
        """A `;` that is missing before this token."""
        if "SEMICOLON" not in self.accepts or not self.before or self.before[-1].text in (";", "{", "}"):
            return None
        here = self._after_previous()
        follows = self.tokens[self.at + 1].text if self.at + 1 < len(self.tokens) else ""
        starts = self.kind in _STARTS or (
            self.kind in ("NAME", "INCREMENT")
            and (self.span.line > here.line or re.fullmatch(r"[-+*/%]?=|\.", follows))
        )
        if not starts:
            return None
        return fail(
            "E0110",
            here,
            found=f"`{self.tokens[self.at].text}`",
            expected="`;`",
            fix="end the statement with `;`",
            label="`;` is missing here",
            edits=[Edit(here.start, here.start, ";")],
        )

    def unnamed(self) -> Stop:
        token = self.tokens[self.at].text
        return fail("E0110", self.span, found=f"`{token[:40]}`", expected=self._expected(), fix=self._fix())

    def end_of_file(self) -> Stop:
        opened = still_open(self.tokens)
        here = self._after_previous()
        if not opened:
            fix = "complete the last declaration"
            return fail("E0111", here, expected=self._expected(), fix=fix, label="the file ends here")
        return fail(
            "E0111",
            here,
            expected=f"`{_CLOSING[opened[-1].text]}`",
            fix=f"close what is still open: `{''.join(_CLOSING[word.text] for word in reversed(opened))[:20]}`",
            label="the file ends here",
            notes=[(f"this `{opened[-1].text}` is never closed", self._span(opened[-1]))],
        )

    def _fix(self) -> str:
        if self.kind == "ELSE":
            return "there is no `if` before this `else`"
        if not still_open(self.before) and self.kind == "NAME":
            return "a file holds functions, classes and constants; put text into comments"
        if "COLON" in self.accepts and "SEMICOLON" not in self.accepts:
            return "write `condition ? a : b`"
        if self.kind == "NAME" and "TYPE" in self.accepts:
            return "a declaration starts with a type, such as `double`"
        if "SEMICOLON" in self.accepts:
            return "write an operator before it, or end the statement with `;`"
        if {"NUMBER", "LPAR"} <= self.accepts and "RETURN" not in self.accepts:
            return "complete the expression before it"
        return "the forms of Anvil are listed in spec/anvil.md"

    def _expected(self) -> str:
        opened = still_open(self.before)
        if {"NUMBER", "LPAR"} <= self.accepts:
            return "a statement" if {"IF", "RETURN"} & self.accepts else "an expression"
        if not opened and {"TYPE", "NAME"} <= self.accepts:
            return "a function or a constant"
        names = sorted({_NAMES[kind] for kind in self.accepts if kind in _NAMES})
        operators = bool(self.accepts & {"PLUS", "MINUS", "STAR"})
        names = [name for name in names if name not in ("`?`", "`.`")] if operators else names
        names += ["an operator"] if operators else []
        return " or ".join(names[:5]) if names else "something else"


_CLOSING = {opening: closing for closing, opening in OPENING.items()}


def _bad_character(source: str, position: int) -> Stop:
    span = span_of(source, position, position + 1)
    char = source[position]
    line = source[position:].split("\n", 1)[0]
    if char == "#":
        directive = re.match(r"#\s*\w*", line)
        assert directive is not None
        return fail("E0104", span_of(source, position, position + directive.end()), fix=_directive_fix(line))
    if char == "'":
        literal = re.match(r"'(?:[^'\\]|\\.)*'?", line)
        width = literal.end() if literal else 1
        return fail(
            "E0114", span_of(source, position, position + width), what="a character literal", fix="use a number"
        )
    if char == '"':
        span = span_of(source, position, position + len(line.rstrip()))
        return fail(
            "E0114", span, what="a string without its end", fix="heuristics compute with numbers only; remove it"
        )
    if line.startswith("```"):
        edits = [Edit(position, position + len(line), "")]
        return fail("E0101", span, char="U+0060", fix="remove this line of Markdown", edits=edits)
    if char in _LOOKALIKES:
        better = _LOOKALIKES[char]
        edits = [Edit(position, position + 1, better)]
        shown = f"`{char}` (U+{ord(char):04X})" if char.isprintable() else f"U+{ord(char):04X}"
        fix = f"write `{better}`" if better.strip() else "write an ordinary space" if better else "remove it"
        return fail("E0101", span, char=shown, fix=fix, edits=edits)
    shown = f"`{char}`" if char.isprintable() else f"U+{ord(char):04X}"
    return fail("E0101", span, char=shown, fix="Anvil source is plain C++ text; remove the character")


_LOOKALIKES = {
    "\N{MULTIPLICATION SIGN}": "*",
    "\N{DIVISION SIGN}": "/",
    "\N{MINUS SIGN}": "-",
    "\N{EN DASH}": "-",
    "\N{LESS-THAN OR EQUAL TO}": "<=",
    "\N{GREATER-THAN OR EQUAL TO}": ">=",
    "\N{NOT EQUAL TO}": "!=",
    "\N{NO-BREAK SPACE}": " ",
    "\N{ZERO WIDTH SPACE}": "",
    "\N{ZERO WIDTH NO-BREAK SPACE}": "",
}
"""Characters that stand for one of C++ in prose."""


def _directive_fix(line: str) -> str:
    if re.match(r"#\s*define\s+\w+\(", line):
        return "write a function instead of the macro"
    if re.match(r"#\s*define\b", line):
        return "declare a constant: `constexpr double NAME = value;`"
    return "remove it"
