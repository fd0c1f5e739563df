"""Named syntax errors: what a parser's dead end means to the person who wrote it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from anvil.diagnostics import Stop, fail
from anvil.span import Span

if TYPE_CHECKING:
    from lark import Token
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

# Words of C++ (and habits of C) that cannot start or continue anything in Anvil: what each is, and what to do instead.
CONSTRUCTS: dict[str, tuple[str, str]] = {
    "float": ("`float`", "use `double`"),
    "long": ("`long`", "use `int64_t`"),
    "short": ("`short`", "use `int`"),
    "unsigned": ("`unsigned`", "use `uint64_t`"),
    "char": ("`char`", "use `int`"),
    "void": ("a function without a result", "return a value"),
    "while": ("this form of `while`", "write `while (condition) { ... }`"),
    "do": ("`do ... while`", "use a bounded `for` loop"),
    "goto": ("`goto`", "use `if`, `break` or `continue`"),
    "switch": ("`switch`", "use `if` and `else if`"),
    "new": ("`new`", "heuristics hold no memory; attach a listener to the signal instead"),
    "delete": ("`delete`", "heuristics hold no memory"),
    "try": ("exception handling", "no operation of Anvil throws; remove it"),
    "throw": ("`throw`", "return a value instead"),
    "class": ("this class", "use local variables of scalar types"),
    "struct": ("this struct", "use local variables of scalar types"),
    "enum": ("`enum`", "use `constexpr int` constants"),
    "template": ("a template", "write a function for each type"),
    "typedef": ("`typedef`", "use the type's own name"),
    "lambda": ("a lambda", "write a function"),
    "static_assert": ("`static_assert`", "remove it"),
    "asm": ("`asm`", "use the built-ins"),
}

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
    "$END": "the end of the file",
}


def explain(error: UnexpectedToken | UnexpectedCharacters, source: str) -> Stop:
    """The finding for a syntax error of lark's."""
    from lark.exceptions import UnexpectedCharacters

    if isinstance(error, UnexpectedCharacters):
        return _bad_character(error, source)
    token: Token = error.token
    if token.type == "$END":
        return fail("E0111", _end_of(source), expected=_expected(set(error.accepts or error.expected)))
    span = Span(token.line or 1, token.column or 1, token.start_pos or 0, token.end_pos or 0)
    named = _named(token, span, source)
    if named is not None:
        return named
    accepts = set(error.accepts or error.expected)
    return fail("E0110", span, found=f"`{token}`", expected=_expected(accepts), fix=_fix(token, accepts))


def _named(token: Token, span: Span, source: str) -> Stop | None:
    text = str(token)
    before = source[: span.start].rstrip()
    previous = re.search(r"[A-Za-z_]\w*$", before)
    for word in (text, previous.group() if previous else ""):
        if word in CONSTRUCTS:
            at = span if word == text else Span(span.line, span.column, span.start, span.end)
            what, fix = CONSTRUCTS[word]
            return fail("E0114", at, what=what, fix=fix)
    if text == "static":
        return fail("E0114", span, what="`static`", fix="the state of a heuristic lives in listeners; attach one")
    if re.search(r"\bstd::(?:vector|map|unordered_map|set|array|string|deque|pair|tuple|optional)\b[^;]*$", before):
        return fail(
            "E0114",
            span,
            what="a container of the standard library",
            fix="attach a listener to the signal; it holds the history that you need",
        )
    if text == "[":
        return fail(
            "E0114",
            span,
            what="an array, a subscript or a lambda",
            fix="attach a listener that keeps the history, such as vulcan::RollingWindow(16)",
        )
    if text in ("*", "&", "&&") and re.search(r"(?:\b(?:int|double|bool|auto|int64_t|uint64_t)|>)$", before):
        return fail("E0114", span, what="a pointer or a reference", fix="pass scalars by value")
    if text == "=" and re.search(r"(?:if|while)\s*\([^()]*$", before):
        return fail("E0114", span, what="an assignment inside a condition", fix="compare with `==`")
    if text in ("++", "--"):
        return fail("E0114", span, what=f"`{text}` inside an expression", fix="make it a statement of its own")
    return None


def _bad_character(error: UnexpectedCharacters, source: str) -> Stop:
    position = error.pos_in_stream or 0
    char = source[position]
    span = Span(error.line, error.column, position, position + 1)
    if char == "#":
        fix = (
            "declare a constant: `constexpr double NAME = value;`"
            if source.startswith("#define", position)
            else "remove it"
        )
        return fail("E0104", span, fix=fix)
    if char == "'":
        return fail("E0114", span, what="a character literal", fix="use a number")
    return fail("E0101", span, char=f"`{char}`" if char.isprintable() else f"U+{ord(char):04X}")


def _fix(token: Token, accepts: set[str]) -> str:
    if "SEMICOLON" in accepts and (token.type in ("NAME", "TYPE", "RBRACE", "RETURN", "IF", "FOR", "AUTO", "CONST")):
        return "a `;` seems to be missing before it"
    if token.type == "NAME" and "TYPE" in accepts:
        return "a declaration starts with a type, such as `double`"
    return "the forms of Anvil are listed in spec/anvil.md"


def _expected(accepts: set[str]) -> str:
    names = sorted(_NAMES.get(kind, f"`{kind.lower()}`") for kind in accepts)
    if len(names) > 6:
        return (
            "an expression"
            if {"NUMBER", "LPAR"} <= accepts and "SEMICOLON" not in accepts
            else "a statement or an operator"
        )
    return " or ".join(names) if names else "something else"


def _end_of(source: str) -> Span:
    text = source.rstrip()
    line = text.count("\n") + 1
    column = len(text) - (text.rfind("\n") + 1) + 1
    return Span(line, column, len(text), len(text))
