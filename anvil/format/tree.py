"""Tokens to a tree of brackets and statements, by C++'s punctuation alone.

No grammar is needed: it is enough to tell blocks from lists in braces, and `<` of a template from `<` of a comparison.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from anvil.format.tokens import Comment, Token

CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}
SCALARS = frozenset(["bool", "int", "int64_t", "uint64_t", "double", "T"])
TYPE_HEADS = frozenset(["class", "struct", "union", "namespace"])
_BEFORE_BLOCK = frozenset(["const", "mutable", "noexcept", "override"])
_CONTROLS = frozenset(["if", "for", "while", "switch"])


@dataclass(slots=True)
class Group:
    """Something in brackets; `parameters` when its items declare parameters."""

    open: Token
    items: list[Element]
    close: Token
    parameters: bool = False

    @property
    def bracket(self) -> str:
        return self.open.text


@dataclass(slots=True)
class Block:
    """Statements in braces; `inline` for the body of a lambda, which stands inside an expression."""

    open: Token
    body: list[Stmt]
    close: Token
    inline: bool = False


Element = Token | Group | Block


@dataclass(slots=True)
class Simple:
    """Anything that ends in `;` or in the block of a definition; also `case x:`, `public:` (`label`)."""

    parts: list[Element]
    label: bool = False


@dataclass(slots=True)
class Control:
    """`if (...)`, `else`, `for (...)`, `while (...)`, `switch (...)`, `do` and what they govern.

    `next` is the `else` of an `if`, or the `while` of a `do`.
    """

    head: list[Element]
    body: Stmt
    next: Stmt | None = None


@dataclass(slots=True)
class Directive:
    token: Token


@dataclass(slots=True)
class Note:
    """Comments that have a line to themselves."""

    comments: list[Comment]


Stmt = Simple | Control | Directive | Block | Note


@dataclass(slots=True)
class _Reader:
    tokens: list[Token]
    place: int = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    def take(self) -> Token:
        self.place += 1
        return self.tokens[self.place - 1]

    def text(self, ahead: int = 0) -> str:
        place = self.place + ahead
        return self.tokens[place].text if 0 <= place < len(self.tokens) else ""


def build(tokens: list[Token]) -> tuple[list[Stmt], Token]:
    """The statements of a file, and its end."""
    reader = _Reader(tokens)
    body = _statements(reader)
    return body, reader.token


def _statements(reader: _Reader) -> list[Stmt]:
    found: list[Stmt] = []
    while True:
        found += _notes(reader)
        if reader.token.kind == "end" or reader.text() == "}":
            return found
        found.append(_statement(reader))


def _notes(reader: _Reader) -> list[Stmt]:
    """Takes the comments that end their line off the next token; before `}` and the end of the file, all."""
    token = reader.token
    closes = token.kind == "end" or token.text == "}"
    found: list[Stmt] = []
    line: list[Comment] = []
    for comment in token.before:
        line.append(comment)
        if comment.ends_line or (closes and comment is token.before[-1]):
            found.append(Note(line))
            line = []
    reader.tokens[reader.place] = replace(token, before=tuple(line), blank_before=_blank(line, token))
    return found


def _blank(line: list[Comment], token: Token) -> bool:
    return line[0].blank_before if line else token.blank_before


def _statement(reader: _Reader) -> Stmt:
    text = reader.text()
    if reader.token.kind == "directive":
        return Directive(reader.take())
    if text == "{":
        return _block(reader)
    if text in _CONTROLS and reader.text(1) == "(":
        head: list[Element] = [reader.take(), _group(reader, [])]
        control = Control(head, _statement(reader))
        if text == "if" and reader.text() == "else":
            control.next = _statement(reader)
        return control
    if text in ("else", "do"):
        word = reader.take()
        if text == "else" and reader.text() == "if" and not reader.token.before and not word.after:
            chained = _statement(reader)
            if isinstance(chained, Control):
                chained.head.insert(0, word)
            return chained
        control = Control([word], _statement(reader))
        if text == "do" and reader.text() == "while":
            control.next = _simple(reader)
        return control
    return _simple(reader)


def _block(reader: _Reader) -> Block:
    return Block(reader.take(), _statements(reader), reader.take())


def _simple(reader: _Reader) -> Simple:
    parts: list[Element] = []
    label = reader.text() in ("case", "default", "public", "private", "protected")
    while reader.token.kind != "end":
        text = reader.text()
        if text == ";":
            parts.append(reader.take())
            break
        if text == "}" or (reader.token.kind == "directive" and not parts):
            break
        if text == "{":
            block = _braces(reader, parts, True)
            parts.append(block)
            if isinstance(block, Block) and not block.inline and not _is_type_definition(parts):
                break
            continue
        _take_part(reader, parts)
        if label and text == ":":
            return Simple(parts, True)
    _mark_parameters(parts)
    return Simple(parts)


def _take_part(reader: _Reader, parts: list[Element]) -> None:
    if reader.text() in ("(", "[") or (reader.text() == "<" and _opens_template(reader)):
        parts.append(_group(reader, parts))
    else:
        parts.append(reader.take())


def _group(reader: _Reader, before: list[Element]) -> Group:
    opener = reader.take()
    closer = CLOSING[opener.text]
    items: list[Element] = []
    while reader.text() != closer and reader.token.kind != "end":
        if reader.text() == "{":
            items.append(_braces(reader, items, False))
        else:
            _take_part(reader, items)
    return Group(opener, items, reader.take(), bool(before) and _is_introducer(before, len(before) - 1))


def _braces(reader: _Reader, before: list[Element], statement: bool) -> Group | Block:
    """A block or a list, by what stands before the brace; inside brackets only lambdas have blocks."""
    lambda_body = _after_lambda(before)
    if lambda_body or (statement and _opens_block(before)):
        block = _block(reader)
        block.inline = lambda_body
        return block
    return _group(reader, [])


def _opens_block(before: list[Element]) -> bool:
    last = before[-1]
    words = _words(before)
    if "enum" in words[:2]:
        return False
    if any(word in TYPE_HEADS for word in words[:3]) and "=" not in words:
        return not any(isinstance(part, Group) and part.bracket == "(" for part in before)
    if isinstance(last, Group):
        return last.bracket == "(" or (last.bracket == "{" and ":" in words)
    returns = any(word == "->" and words[k - 1] != "this" for k, word in enumerate(words))
    return isinstance(last, Token) and (last.text in _BEFORE_BLOCK or returns)


def _words(parts: list[Element]) -> list[str]:
    return [part.text for part in parts if isinstance(part, Token)]


def _after_lambda(before: list[Element]) -> bool:
    """Whether `{` opens the body of a lambda: `[...]`, perhaps `(...)`, perhaps `mutable`, perhaps `-> type`."""
    place = len(before) - 1
    arrow = next((k for k in range(place, -1, -1) if _is(before[k], "->")), None)
    if arrow is not None and all(_in_type(part) for part in before[arrow + 1 :]):
        place = arrow - 1
    while place >= 0 and (_is(before[place], "mutable") or _is(before[place], "noexcept")):
        place -= 1
    if place >= 0 and isinstance(before[place], Group) and _bracket(before[place]) == "(":
        place -= 1
    return place >= 0 and _is_introducer(before, place)


def _is_introducer(parts: list[Element], place: int) -> bool:
    """Whether the part is the `[...]` that a lambda begins with: not an index, not an attribute."""
    part = parts[place]
    if _bracket(part) != "[" or any(_bracket(item) == "[" for item in _items(part)):
        return False
    return place == 0 or not is_operand(parts[place - 1])


def _items(part: Element) -> list[Element]:
    return part.items if isinstance(part, Group) else []


def _bracket(part: Element) -> str:
    return part.bracket if isinstance(part, Group) else ""


def _is(part: Element, text: str) -> bool:
    return isinstance(part, Token) and part.text == text


def _in_type(part: Element) -> bool:
    return (isinstance(part, Token) and (part.kind == "name" or part.text in ("::", "&"))) or _bracket(part) == "<"


def is_operand(part: Element) -> bool:
    """Whether a part ends an operand, so that an operator behind it takes two."""
    if isinstance(part, Group):
        return True
    return isinstance(part, Token) and part.is_word and part.text not in ("return", "case", "else", "do")


def _is_type_definition(parts: list[Element]) -> bool:
    words = _words(parts)[:3]
    return any(word in ("class", "struct", "union") for word in words) and "namespace" not in words


def _opens_template(reader: _Reader) -> bool:
    """`<` after `static_cast` or `template`, or around one scalar type (what the grammar calls LESS_TYPE)."""
    if reader.text(-1) in ("static_cast", "template"):
        return True
    ahead = 2 if reader.text(1) == "const" else 1
    if reader.text(ahead) in ("class", "typename"):
        return True
    if reader.text(ahead) == "std" and reader.text(ahead + 1) == "::":
        ahead += 2
    return reader.text(ahead) in SCALARS and reader.text(ahead + 1) == ">"


def _mark_parameters(parts: list[Element]) -> None:
    """Finds the parameter list of a function: `type name (...)` before any `=`."""
    for place, part in enumerate(parts):
        if _is(part, "=") or _is(part, "return"):
            return
        if isinstance(part, Group) and part.bracket == "(":
            before = [p for p in parts[:place] if not isinstance(p, Group) or p.bracket == "<"]
            ends_in_block = isinstance(parts[-1], Block)
            part.parameters = ends_in_block or _names_in_a_row(before)
            return


def _names_in_a_row(parts: list[Element]) -> bool:
    """`double f`, `const T& f`, but not `ns::f` or `fs.f`: a type before the name."""
    if len(parts) < 2 or not (isinstance(parts[-1], Token) and parts[-1].kind == "name"):
        return False
    before = parts[-2]
    return _bracket(before) == "<" or (isinstance(before, Token) and (before.kind == "name" or before.text == "&"))
