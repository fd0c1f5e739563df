"""Where to go on after a syntax error: the tokens of the damaged statement are left out, all others are read."""

from __future__ import annotations

from collections.abc import Sequence

from anvil.frontend.lexer import END, Token

_OPENS = {"(": ")", "[": "]", "{": "}"}
_CLOSES = frozenset(_OPENS.values())
_HEADERS = frozenset(["if", "for", "while", "switch"])
_BLOCKS = _HEADERS | {"else", "do", "try"}
_STATEMENTS = _HEADERS | {"return", "else", "break", "continue", "case", "default"}


def damaged(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """The range of tokens to leave out where the one at index `at` does not fit; None where nothing helps."""
    opened, pairs = _brackets(tokens[:at])
    block = next((place for place in reversed(opened) if tokens[place] == "{"), -1)
    if block < 0 and tokens[at] in _STATEMENTS:  # a block above ended too early: no bracket means what it should
        return None
    bracket = next((place for place in opened if place > block), at)
    first = _statement(tokens, pairs, block + 1, bracket)
    if bracket == at and tokens[first] in _HEADERS and (end := _block_of_line(tokens, first, at)) is not None:
        return first, end
    in_function = block >= 0 and not (block > 1 and tokens[block - 2] in ("class", "struct"))
    end = _end(tokens, first, bracket, at, in_function=in_function)
    return None if end is None or first == end else (first, end)


def _block_of_line(tokens: Sequence[Token], first: int, at: int) -> int | None:
    """The `{` that ends a header without parentheses."""
    line = (token for token in range(at, len(tokens)) if tokens[token].span.line == tokens[first].span.line)
    return next((place for place in line if tokens[place] == "{"), None)


def _brackets(tokens: Sequence[Token]) -> tuple[list[int], dict[int, int]]:
    """The brackets that are still open, outermost first, and for each that closes one, which."""
    opened: list[int] = []
    pairs: dict[int, int] = {}
    for place, token in enumerate(tokens):
        if token in _OPENS:
            opened.append(place)
        elif token in _CLOSES and opened and _OPENS[tokens[opened[-1]]] == token:
            pairs[place] = opened.pop()
    return opened, pairs


def _statement(tokens: Sequence[Token], pairs: dict[int, int], least: int, at: int) -> int:
    """Where the statement begins that goes on at `at`, which lies in no bracket of its own."""
    depth, place = 0, at
    while place > least:
        before = tokens[place - 1]
        if before in _CLOSES:
            if before == "}" and depth == 0 and _opens_block(tokens, pairs.get(place - 1, 0)):
                break
            depth += 1
        elif before in _OPENS:
            depth -= 1
        elif before == ";" and depth == 0:
            break
        place -= 1
    if tokens[place] in ("case", "default"):
        return next((p + 1 for p in range(place, at) if tokens[p] == ":" and tokens[p + 1] != ":"), place)
    return place


def _opens_block(tokens: Sequence[Token], opening: int) -> bool:
    """Whether a `{` opened a block, rather than a list of values or the body of a class."""
    return opening == 0 or tokens[opening - 1] in (";", "{", "}", ")", ":", "else", "const")


def _end(tokens: Sequence[Token], first: int, bracket: int, at: int, *, in_function: bool) -> int | None:
    """Where the next statement begins."""
    place = at
    if bracket < at and (closed := _closing(tokens, bracket)) is not None:
        place = max(at, closed + 1)
        if bracket > first and tokens[bracket - 1] in _HEADERS:
            return place
    while tokens[place].kind != END:
        token = tokens[place]
        if token == ";":
            return place + 1
        if token == "}":
            return place if place > first else None
        if token == "{":
            if in_function and place > at and (tokens[place - 1] == ")" or tokens[first] in _BLOCKS):
                return place
            if (closed := _closing(tokens, place)) is None:
                return None
            if not in_function:
                return closed + 1
            place = closed
        place += 1
    return None


def _closing(tokens: Sequence[Token], opening: int) -> int | None:
    """The bracket that closes the one at index `opening`, unless a block begins or ends before it."""
    depth = 0
    for place in range(opening, len(tokens)):
        token = tokens[place]
        if token in "{}" and tokens[opening] != "{" and token:
            return None
        depth += (token in _OPENS) - (token in _CLOSES)
        if depth == 0:
            return place
    return None
