"""What a file declares and where each name is seen, from tokens alone: a file that is being edited rarely parses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"//[^\n]*|/\*.*?(?:\*/|\Z)|#[^\n]*|\"(?:[^\"\\\n]|\\.)*\"|(?:\.\d|\d)(?:[eEpP][+-]|'\w|[\w.])*|[A-Za-z_]\w*|::|->|&&|\S",
    re.DOTALL,
)
_NOT_TYPES = frozenset(["return", "else", "case", "new", "delete", "goto", "using", "namespace", "break", "continue"])
_DEFINES = frozenset(["class", "struct", "enum"])
_REFERENCES = frozenset(["const", "::", "auto", "bool", "int", "int64_t", "uint64_t", "double"])
_BEFORE_TYPE = frozenset(["(", ",", ";", "{", "}", ":", ")", "]", ">", "else", "do"])
_QUALIFIERS = frozenset(["const", "constexpr", "static", "inline", "extern", "explicit"])
KEYWORDS = frozenset(
    "if for while do switch template public private default sizeof operator this true false static_cast".split()
)


@dataclass(frozen=True, slots=True)
class Word:
    """A token and its first character."""

    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def is_name(self) -> bool:
        return self.text[0].isalpha() or self.text[0] == "_"


@dataclass(frozen=True, slots=True)
class Declaration:
    """A name that a file declares, seen from `start` to `visible_until`; the whole construct ends at `end`."""

    name: str
    kind: str
    """One of function, prototype, parameter, variable, constant, field, method, class, enum, enumerator."""
    type: str
    start: int
    end: int
    visible_until: int
    parent: str = ""


def words(source: str) -> list[Word]:
    """The tokens of a source without comments and preprocessor lines."""
    found = (Word(match.group(), match.start()) for match in _TOKEN.finditer(source))
    return [word for word in found if not word.text.startswith(("//", "/*", "#"))]


def word_at(source: str, offset: int) -> Word | None:
    """The name that an offset is in, or directly behind; none inside comments."""
    for word in words(source):
        if word.start <= offset <= word.end and word.is_name:
            return word
    return None


def outline(source: str) -> list[Declaration]:
    """Every declaration of a source, in its order."""
    tokens = words(source)
    closers = _closers(tokens)
    return list(_declarations(tokens, closers, len(source)))


def _closers(tokens: list[Word]) -> dict[int, int]:
    """Where each opening bracket is closed; those never closed reach to the end."""
    found: dict[int, int] = {}
    stack: list[int] = []
    for place, token in enumerate(tokens):
        if token.text in ("(", "{", "["):
            stack.append(place)
        elif token.text in (")", "}", "]") and stack:
            found[stack.pop()] = place
    return found | {place: len(tokens) - 1 for place in stack}


@dataclass(slots=True)
class _Scope:
    """A brace, or a bracket with parameters: what is declared in it and until where it is seen."""

    last: int
    kind: str
    name: str = ""


def _declarations(tokens: list[Word], closers: dict[int, int], size: int) -> Iterator[Declaration]:
    openers = _openers(tokens)
    scopes = [_Scope(len(tokens), "file")]
    pending = ("", "")  # kind and name of the definition whose brace comes next
    shared = ""  # the type of a declaration that a comma may continue
    for place, token in enumerate(tokens):
        while len(scopes) > 1 and place > scopes[-1].last:
            scopes.pop()
        if token.text == "{":
            scopes.append(_Scope(closers[place], pending[0] or "block", pending[1] or scopes[-1].name))
            pending, shared = ("", ""), ""
            continue
        if token.text in (";", "}"):
            pending, shared = ("", ""), ""
        if not token.is_name or token.text in KEYWORDS | _QUALIFIERS | _DEFINES:
            continue
        scope = scopes[-1]
        until = tokens[scope.last].end if scope.last < len(tokens) else size
        if place and tokens[place - 1].text in _DEFINES and token.text not in _DEFINES:
            kind = "enum" if "enum" in (t.text for t in tokens[max(0, place - 2) : place]) else "class"
            pending = (kind, token.text)
            yield Declaration(token.text, kind, kind, token.start, _end(tokens, closers, place), size)
        elif scope.kind == "enum":
            if tokens[place - 1].text in ("{", ","):
                yield Declaration(token.text, "enumerator", scope.name, token.start, token.end, size, scope.name)
        elif (type_text := _type_before(tokens, place) or _continued(tokens, openers, place, shared)) and _text(
            tokens, place + 1
        ) != "::":
            found = _declared(tokens, closers, openers[place], place, type_text, scope, until)
            shared = type_text if found.kind in ("variable", "constant", "field") else shared
            if found.kind in ("function", "method"):
                pending = (found.kind, found.name)
            yield found


def _declared(
    tokens: list[Word], closers: dict[int, int], opener: int, place: int, type_text: str, scope: _Scope, until: int
) -> Declaration:
    token, following = tokens[place], _text(tokens, place + 1)
    in_class = scope.kind == "class"
    at_file = scope.kind in ("file", "block") and not scope.name
    if following == "(" and (at_file or in_class):
        body = _end(tokens, closers, place)
        kind = (
            "method" if in_class else "prototype" if tokens[_last(tokens, closers, place)].text == ";" else "function"
        )
        return Declaration(token.text, kind, type_text, token.start, body, until, scope.name if in_class else "")
    if opener >= 0 and tokens[opener].text == "(":
        bracket = opener
        last = _governed(tokens, closers, bracket)
        kind = "variable" if _text(tokens, bracket - 1) == "for" else "parameter"
        return Declaration(token.text, kind, type_text, token.start, token.end, tokens[last].end, scope.name)
    kind = "field" if in_class else "constant" if scope.kind == "file" else "variable"
    return Declaration(token.text, kind, type_text, token.start, token.end, until, scope.name)


def _enclosing(tokens: list[Word], openers: list[int], place: int) -> int | None:
    """The innermost `(` around a token, unless a `{` is further in."""
    opener = openers[place]
    return opener if opener >= 0 and tokens[opener].text == "(" else None


def _openers(tokens: list[Word]) -> list[int]:
    """The innermost open `(` or `{` of each token, -1 where there is none."""
    found: list[int] = []
    stack: list[int] = []
    for place, token in enumerate(tokens):
        if token.text in (")", "}") and stack:
            stack.pop()
        found.append(stack[-1] if stack else -1)
        if token.text in ("(", "{"):
            stack.append(place)
    return found


def _governed(tokens: list[Word], closers: dict[int, int], bracket: int) -> int:
    """The last token of what follows a list of parameters or the head of a `for`: a block or a statement."""
    place = closers[bracket] + 1
    while place < len(tokens) and tokens[place].text not in ("{", ";"):
        place += 1
    return min(closers.get(place, place), len(tokens) - 1)


def _last(tokens: list[Word], closers: dict[int, int], place: int) -> int:
    while place < len(tokens) and tokens[place].text not in ("{", ";"):
        place = closers.get(place, place) + 1
    return min(closers.get(place, place), len(tokens) - 1)


def _end(tokens: list[Word], closers: dict[int, int], place: int) -> int:
    return tokens[_last(tokens, closers, place)].end


def _type_before(tokens: list[Word], place: int) -> str:
    """The type that stands directly before a name; "" where none does."""
    first = place
    while first and (tokens[first - 1].text in ("&", "*", "::", "<", ">") or _is_type_word(tokens[first - 1])):
        if (
            tokens[first - 1].is_name
            and first < place
            and tokens[first].is_name
            and tokens[first - 1].text not in _QUALIFIERS
        ):
            break
        first -= 1
    while first < place and not tokens[first].is_name:
        first += 1
    parts = [token.text for token in tokens[first:place]]
    starts = not first or tokens[first - 1].text in _BEFORE_TYPE
    if parts[-1:] == ["&"] and not _REFERENCES & set(parts):
        return ""  # rather an operator
    complete = bool(parts) and parts[-1] not in ("::", "<", "*") and parts.count("<") == parts.count(">")
    return _spelled(parts) if starts and complete and any(map(_names_type, parts)) else ""


def _continued(tokens: list[Word], openers: list[int], place: int, shared: str) -> str:
    """The type that a name behind a comma shares with the declaration before it."""
    is_next = shared and _text(tokens, place - 1) == "," and _enclosing(tokens, openers, place) is None
    return shared if is_next else ""


def _is_type_word(token: Word) -> bool:
    return token.is_name and token.text not in KEYWORDS | _NOT_TYPES


def _names_type(text: str) -> bool:
    return text[0].isalpha() and text not in _QUALIFIERS


def _spelled(parts: list[str]) -> str:
    text = ""
    for part in parts:
        text += f" {part}" if text and part[0].isalpha() and text[-1].isalnum() else part
    return text


def _text(tokens: list[Word], place: int) -> str:
    return tokens[place].text if 0 <= place < len(tokens) else ""


def visible(declarations: list[Declaration], offset: int) -> list[Declaration]:
    """What can be named at an offset, innermost and latest first."""
    seen = [d for d in declarations if d.start <= offset <= d.visible_until]
    return sorted(seen, key=lambda d: (d.visible_until, -d.start))


def resolve(declarations: list[Declaration], word: Word) -> Declaration | None:
    """The declaration that a name means; a definition is preferred to its prototype."""
    named = [d for d in visible(declarations, word.start) if d.name == word.text]
    if named and named[0].kind == "prototype":
        return next((d for d in declarations if d.name == word.text and d.kind == "function"), named[0])
    return named[0] if named else None
