"""Random well-typed expressions."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from anvil.frontend import typed as t
from anvil.types import Type
from synth.gp.vocabulary import Vocabulary, draw_number, draw_threshold, number

_D = Type.DOUBLE
_FORMS = {
    "*": 4.0, "/": 4.0, "+": 3.0, "-": 2.0, "min": 0.7, "max": 0.7, "log1p": 2.0, "sqrt": 1.0, "pow": 0.8,
    "choice": 1.5, "negate": 0.3, "weigh": 2.0,
}  # fmt: skip
COMPARISONS = ("<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Grower:
    """Grows expressions for one place: its vocabulary, the object's name there, and the locals in scope."""

    vocabulary: Vocabulary
    random: Random
    object_name: t.Expr | None
    scope: tuple[t.Name, ...] = ()

    def double(self, depth: int) -> t.Expr:
        """A double of at most `depth` operations above its leaves."""
        random = self.random
        if depth <= 0 or random.random() < 0.15:
            return self.leaf()
        form = random.choices(list(_FORMS), list(_FORMS.values()))[0]
        first = self.double(depth - 1)
        match form:
            case "+" | "-" | "*" | "/":
                return t.Binary(_D, form, first, self.double(depth - 1))
            case "min" | "max":
                return t.MathCall(_D, form, (first, self.double(depth - 1)))
            case "log1p" | "sqrt":
                return t.MathCall(_D, form, (first,))
            case "pow":
                return t.MathCall(_D, "pow", (first, number(random.uniform(0.2, 2.5))))
            case "weigh":
                return t.Binary(_D, "*", draw_number(random), first)
            case "negate":
                return t.Unary(_D, "-", first)
            case _:
                return t.Conditional(_D, self.condition(depth - 1), first, self.double(depth - 1))

    def leaf(self) -> t.Expr:
        """A feature, a local, or a constant."""
        random = self.random
        doubles = [name for name in self.scope if name.type is _D]
        if doubles and random.random() < 0.3:
            return random.choice(doubles)
        if random.random() < 0.15:
            return draw_number(random)
        return self.vocabulary.feature(random, self.object_name)

    def condition(self, depth: int) -> t.Expr:
        """A bool: mostly a feature against a threshold."""
        random = self.random
        if depth > 1 and random.random() < 0.15:
            op = random.choice(("&&", "||"))
            return t.Binary(Type.BOOL, op, self.condition(depth - 2), self.condition(depth - 2))
        left = self.double(min(depth, 1))
        right = draw_threshold(random) if random.random() < 0.7 else self.double(min(depth, 1))
        return t.Binary(Type.BOOL, random.choice(COMPARISONS), left, right)

    def of(self, type: Type, depth: int) -> t.Expr:
        """An expression of type double or bool."""
        return self.double(depth) if type is _D else self.condition(depth)
