"""The parser's driver: lark's LALR tables, own loop, and what may follow where it stops.

lark builds the tables; its loop costs 14 us a token, this one a third of that, and it can go on after an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeAlias

from lark import Lark
from lark.grammar import Rule
from lark.parsers.lalr_analysis import Shift

from anvil.frontend.lexer import END, Token

_Children = list[Any]
_State: TypeAlias = dict[str, Any]
"""What to do at a token or with a finished part, by its kind: a state to go to, or a `_Reduction`."""

_Reduction: TypeAlias = tuple[int, Callable[[_Children], Any] | None, str]
"""Number of parts, what makes one of them (None: a single part stays as it is), and its kind."""


class SyntaxStop(Exception):
    """The parser cannot take the next token."""


@dataclass(slots=True)
class Stack:
    """States and values of a parse, and for every token how high the stack was when it was taken."""

    states: list[_State]
    values: _Children = field(default_factory=list)
    heights: list[int] = field(default_factory=list)

    def cut(self, tokens: int) -> None:
        """Forgets all tokens but the first so many, which must end where a part of the grammar begins."""
        height = self.heights[tokens]
        del self.states[height:], self.values[height - 1 :], self.heights[tokens:]


class Tables:
    """The grammar as a table, with the builder's method for every rule."""

    def __init__(self, lark: Lark, builder: object) -> None:
        parsing = lark.parse_interactive("").parser_state.parse_conf
        self._states: Mapping[Any, _State] = {number: {} for number in parsing.states}
        reductions: dict[Rule, _Reduction] = {}
        for number, actions in parsing.states.items():
            for kind, (action, target) in actions.items():
                if action is Shift:
                    self._states[number][kind] = self._states[target]
                else:
                    if target not in reductions:
                        reductions[target] = _reduction(target, builder)
                    self._states[number][kind] = reductions[target]
        self._start = self._states[parsing.start_state]
        self._end = self._states[parsing.end_state]

    def begin(self) -> Stack:
        return Stack([self._start])

    def run(self, stack: Stack, tokens: Sequence[Token]) -> Any:
        """What the tokens mean, the last of which is the end; those that the stack has taken are not taken again.

        Raises SyntaxStop at the first that does not fit, and what the builder raises. The stack then holds all that
        was taken before that token.
        """
        states, values, heights = stack.states, stack.values, stack.heights
        for token in islice(tokens, len(heights), None):
            kind = token.kind
            action = states[-1].get(kind)
            while type(action) is tuple:
                size, build, origin = action
                if build is None:
                    states[-1] = states[-2][origin]
                else:
                    keep = len(values) - size
                    value = build(values[keep:])
                    del states[keep + 1 :], values[keep:]
                    states.append(states[-1][origin])
                    values.append(value)
                action = states[-1].get(kind)
            if action is None:
                if kind == END and states[-1] is self._end:
                    return values[-1]
                raise SyntaxStop
            heights.append(len(states))
            states.append(action)
            values.append(token)
        raise AssertionError("the tokens have no end")

    def accepts(self, stack: Stack) -> frozenset[str]:
        """The kinds of tokens that the parser could take next."""
        return frozenset(kind for kind in stack.states[-1] if kind.isupper() and self._takes(list(stack.states), kind))

    def _takes(self, states: list[_State], kind: str) -> bool:
        action = states[-1].get(kind)
        while type(action) is tuple:
            size, _, origin = action
            del states[len(states) - size :]
            states.append(states[-1][origin])
            action = states[-1].get(kind)
        return action is not None or (kind == END and states[-1] is self._end)


def _reduction(rule: Rule, builder: object) -> _Reduction:
    size, origin = len(rule.expansion), str(rule.origin.name)
    spliced = [place for place, symbol in enumerate(rule.expansion) if not symbol.is_term and symbol.name[0] == "_"]
    if origin.startswith("_"):  # a repetition: its parts, to be spliced in where it stands
        return size, _longer if spliced else _same, origin
    if size == 1 and not spliced and not rule.alias and rule.options.expand1:
        return size, None, origin
    method = getattr(builder, rule.alias or origin)
    return size, _splicer(spliced, method) if spliced else method, origin


def _same(children: _Children) -> _Children:
    return children


def _longer(children: _Children) -> _Children:
    first: _Children = children[0]
    first.extend(children[1:])
    return first


def _splicer(places: list[int], method: Callable[[_Children], Any]) -> Callable[[_Children], Any]:
    def build(children: _Children) -> Any:
        flat: _Children = []
        for place, child in enumerate(children):
            if place in places:
                flat.extend(child)
            else:
                flat.append(child)
        return method(flat)

    return build
