"""Whether a space stands between two neighbours, and what an operator is: prefix, postfix, reference or binary."""

from __future__ import annotations

from anvil.format.tokens import Token, would_merge
from anvil.format.tree import SCALARS, Block, Element, Group, is_operand
from anvil.frontend.precedence import PRECEDENCE

ASSIGNMENTS = frozenset(["=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "|=", "^="])
_PREFIX = frozenset(["+", "-", "!", "~", "++", "--", "*", "&"])
_KEYWORDS = frozenset(["if", "for", "while", "switch", "return", "case", "catch", "else", "do", "template"])


def roles(parts: list[Element], declares: bool) -> list[str]:
    """One of "binary", "prefix", "postfix", "reference", "cast", "" for each part of a run without commas.

    `declares` says that the run may begin with a type (a parameter, a statement).
    """
    found: list[str] = []
    for place, part in enumerate(parts):
        before = parts[place - 1] if place else None
        operand = before is not None and is_operand(before) and found[-1] not in ("cast", "introducer")
        found.append(_role(part, parts, place, operand, declares))
    return found


def _role(part: Element, parts: list[Element], place: int, operand: bool, declares: bool) -> str:
    if isinstance(part, Group):
        if part.bracket == "(" and not operand and place + 1 < len(parts) and _is_cast(part, parts[place + 1]):
            return "cast"
        return "template" if part.bracket == "<" else ""
    if not isinstance(part, Token) or part.kind != "op":
        return ""
    text = part.text
    if text in ("&", "*", "&&") and operand and _is_type(parts[:place], declares):
        return "reference"
    if text == "->" and place and _is_this(parts[place - 1]):
        return "member"
    if text in ("++", "--"):
        return "postfix" if operand else "prefix"
    if text in PRECEDENCE:
        return "binary" if operand or text not in _PREFIX else "prefix"
    return "prefix" if text in _PREFIX else ""


def _is_cast(group: Group, following: Element) -> bool:
    """`(int) x`: one type in parentheses before an operand."""
    words = group.items
    if not words or not all(isinstance(w, Token) and (w.kind == "name" or w.text == "::") for w in words):
        return False
    last = words[-1]
    if isinstance(last, Token) and last.text in SCALARS:
        return True
    return isinstance(following, Token) and following.kind in ("name", "number")


def _is_type(parts: list[Element], declares: bool) -> bool:
    """Whether the parts are a type, and one is expected: after `->`, or where a declaration may stand."""
    arrow = max((k for k, p in enumerate(parts) if isinstance(p, Token) and p.text == "->"), default=-1)
    name = [p for p in parts[arrow + 1 :] if not (isinstance(p, Group) and p.bracket == "<")]
    while name and isinstance(name[0], Group) and name[0].bracket == "[":
        name = name[1:]
    if not all(isinstance(p, Token) and (p.kind == "name" or p.text == "::") for p in name):
        return False
    words = [p.text for p in name if isinstance(p, Token)]
    return arrow >= 0 or declares or words[:1] == ["const"] or (len(words) == 1 and words[0] in SCALARS | {"auto"})


def gap(left: Element, right: Element, left_role: str, right_role: str) -> str:
    """What stands between two neighbours: nothing or a space."""
    first, second = last_token(left), first_token(right)
    if _wants_space(left, right, left_role, right_role):
        return " "
    return " " if would_merge(first.text, second.text) else ""


def _wants_space(left: Element, right: Element, left_role: str, right_role: str) -> bool:
    a, b = last_token(left).text, first_token(right).text
    if isinstance(right, Token) and b in (",", ";", "::", ".", ")", "]"):
        return False
    if isinstance(left, Token) and a in ("::", "."):
        return False
    if left_role in ("prefix", "cast") or right_role in ("postfix", "reference"):
        return False
    if left_role == "template" and isinstance(left, Group):
        return b not in ("(", "{") or is_template_header(right)
    if right_role == "template":
        return a == "template"
    if isinstance(right, Block):
        return True
    if isinstance(right, Group):
        return _before_group(left, right, left_role, a)
    return "member" not in (left_role, right_role)


def _before_group(left: Element, right: Group, left_role: str, a: str) -> bool:
    if isinstance(left, Token) and (left.kind == "op" or left_role == "binary" or a in _KEYWORDS):
        return True
    if isinstance(left, Group) and left.bracket == "[" and right.bracket == "[":
        return True  # two attributes
    return isinstance(left, Token) and left.kind == "name" and right.bracket == "[" and _is_attribute(right)


def _is_attribute(group: Group) -> bool:
    return any(isinstance(item, Group) and item.bracket == "[" for item in group.items)


def is_template_header(part: Element) -> bool:
    return isinstance(part, Group) and part.bracket == "<"


def _is_this(part: Element) -> bool:
    return isinstance(part, Token) and part.text == "this"


def first_token(part: Element) -> Token:
    """The first token of a part."""
    return part if isinstance(part, Token) else part.open


def last_token(part: Element) -> Token:
    """The last token of a part."""
    return part if isinstance(part, Token) else part.close
