"""The genetic operators: each makes a changed entry function from one or two parents, or None when it cannot."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from anvil.frontend import typed as t
from anvil.types import Type
from synth.gp.grow import COMPARISONS, Grower
from synth.gp.inline import closed
from synth.gp.simplify import constant
from synth.gp.tree import Site, children, put, rewrite, sites, size, splice, walk
from synth.gp.vocabulary import Vocabulary, draw_argument, number

_D = Type.DOUBLE
_GROWABLE = (Type.DOUBLE, Type.BOOL)
_ARITHMETIC = ("+", "-", "*", "/")
_MAX_DONOR = 20


@dataclass(frozen=True, slots=True)
class Parent:
    """A program taken apart: the entry function that is changed, and the module that it stands in."""

    module: t.Module
    function: t.Function

    @property
    def object_name(self) -> t.Expr | None:
        """How the object is named in the function; None for a Value heuristic."""
        params = self.function.params
        return t.Name(params[0].type, params[0].name, params[0].symbol) if params else None


@dataclass(frozen=True, slots=True)
class Workshop:
    """What the operators work with."""

    vocabulary: Vocabulary
    random: Random

    def grower(self, parent: Parent, scope: tuple[t.Name, ...] = ()) -> Grower:
        return Grower(self.vocabulary, self.random, parent.object_name, scope)

    def pick(self, parent: Parent, *types: Type) -> Site | None:
        """A random site whose expression has one of the types; None if there is none."""
        found = [site for site in sites(parent.function) if site.expr.type in types]
        return self.random.choice(found) if found else None


Operator = Callable[[Workshop, Parent, Parent], t.Function | None]


def fresh(shop: Workshop, parent: Parent, other: Parent) -> t.Function | None:
    """A new random program."""
    return dataclasses.replace(parent.function, body=(t.Return(shop.grower(parent).double(random_depth(shop.random))),))


def random_depth(random: Random) -> int:
    """Small programs are more often of use than large ones."""
    return random.choice((2, 2, 3, 3, 4))


def subtree(shop: Workshop, parent: Parent, other: Parent) -> t.Function | None:
    """A subexpression replaced by a random one."""
    site = shop.pick(parent, *_GROWABLE)
    if site is None or not isinstance(site.expr.type, Type):
        return None
    new = shop.grower(parent, site.scope).of(site.expr.type, shop.random.randint(0, 3))
    return _put(parent, site, new)


def point(shop: Workshop, parent: Parent, other: Parent) -> t.Function | None:
    """One operator exchanged for another of its kind."""
    random = shop.random
    found = [site for site in sites(parent.function) if _is_exchangeable(site.expr)]
    if not found:
        return None
    site = random.choice(found)
    match site.expr:
        case t.Binary(op=op) if op in _ARITHMETIC:
            return _put(parent, site, dataclasses.replace(site.expr, op=_other(random, _ARITHMETIC, op)))
        case t.Binary(op=op):
            return _put(parent, site, dataclasses.replace(site.expr, op=_other(random, COMPARISONS, op)))
        case t.MathCall(name="min" | "max" as name):
            return _put(parent, site, dataclasses.replace(site.expr, name="max" if name == "min" else "min"))
        case t.MathCall(args=args):
            other_name = random.choice(("log1p", "sqrt", "cbrt", ""))
            return _put(parent, site, dataclasses.replace(site.expr, name=other_name) if other_name else args[0])
    return None


def constants(shop: Workshop, parent: Parent, other: Parent) -> t.Function | None:
    """One constant moved: by a log-normal factor, seldom with a change of sign."""
    random = shop.random
    found = [site for site in sites(parent.function) if constant(site.expr) is not None]
    if not found:
        return None
    site = random.choice(found)
    return _put(parent, site, perturbed(site.expr, random.choice((0.05, 0.3, 1.0)), random))


def crossover(shop: Workshop, parent: Parent, other: Parent) -> t.Function | None:
    """A subexpression replaced by one of another program, in which the other's locals are inlined."""
    donors = [
        site for site in sites(other.function) if site.expr.type in _GROWABLE and 1 < size(site.expr) <= _MAX_DONOR
    ]
    if not donors:
        return None
    donor = shop.random.choice(donors)
    expr = closed(donor.expr, other.function, other.module, parent.object_name)
    wanted = donor.expr.type
    site = shop.pick(parent, wanted) if isinstance(wanted, Type) else None
    return None if expr is None or site is None else _put(parent, site, expr)


def combine(shop: Workshop, parent: Parent, other: Parent) -> t.Function | None:
    """What a program returns, joined with a new term or with what the other returns."""
    random = shop.random
    site = _returned(parent, random)
    if site is None:
        return None
    grower = shop.grower(parent, site.scope)
    term: t.Expr | None = grower.double(2)
    if random.random() < 0.4 and (returned := _returned(other, random)) is not None:
        term = closed(returned.expr, other.function, other.module, parent.object_name)
    if term is None:
        return None
    if random.random() < 0.5:
        weight = number(10 ** random.uniform(-2, 5))  # signals differ by orders of magnitude
        return _put(parent, site, t.Binary(_D, "+", site.expr, t.Binary(_D, "*", weight, term)))
    return _put(parent, site, t.Binary(_D, random.choice(_ARITHMETIC), site.expr, term))


def guard(shop: Workshop, parent: Parent, other: Parent) -> t.Function | None:
    """A threshold before a return: `if (condition) { return something else; }`."""
    site = _returned(parent, shop.random)
    if site is None:
        return None
    grower = shop.grower(parent, site.scope)
    if shop.random.random() < 0.5:
        alternative: t.Expr = t.Binary(_D, shop.random.choice(("*", "+", "-")), site.expr, grower.leaf())
    else:
        alternative = grower.double(2)
    branch = t.If(grower.condition(2), (t.Return(alternative),), ())
    return _insert_before(parent.function, site, branch)


def local(shop: Workshop, parent: Parent, other: Parent) -> t.Function | None:
    """A subexpression named by a local, which a second, changed place then uses."""
    random = shop.random
    found = [site for site in sites(parent.function) if site.expr.type is _D and 2 < size(site.expr) <= _MAX_DONOR]
    if not found:
        return None
    site = random.choice(found)
    taken = {node.symbol for node in walk(parent.function) if isinstance(node, t.Name | t.Declare)}
    taken |= {node.name for node in walk(parent.function) if isinstance(node, t.Name | t.Declare)}
    name = next(f"v{i}" for i in range(1, 1000) if f"v{i}" not in taken)
    named = t.Name(_D, name, name)
    changed = _put(parent, site, named)
    declared = _insert_before(changed, site, t.Declare(_D, name, name, site.expr))
    return subtree(shop, dataclasses.replace(parent, function=declared), other)


def shrink(shop: Workshop, parent: Parent, other: Parent) -> t.Function | None:
    """A subexpression replaced by one of its operands, or a branch dropped."""
    random = shop.random
    if random.random() < 0.3 and (dropped := _drop_branch(parent.function, random)) is not None:
        return dropped
    choices = [
        (site, child)
        for site in sites(parent.function)
        if site.expr.type in _GROWABLE and not isinstance(site.expr, t.QueryCall)
        for _, child in children(site.expr)
        if child.type is site.expr.type
    ]
    if not choices:
        return None
    site, child = random.choice(choices)
    return _put(parent, site, child)


def listener(shop: Workshop, parent: Parent, other: Parent) -> t.Function | None:
    """A query asked differently: another index, alpha or percentile, or another feature in its place."""
    random = shop.random
    found = [site for site in sites(parent.function) if isinstance(site.expr, t.QueryCall)]
    if not found:
        return None
    site = random.choice(found)
    call = site.expr
    assert isinstance(call, t.QueryCall)
    if call.args and random.random() < 0.6:
        args = tuple(draw_argument(param.type, param.element_of, random) for param in call.query.params)
        return _put(parent, site, dataclasses.replace(call, args=args))
    # The site's own conversion, if it has one, stays; a difference of integers needs an integer.
    alternatives = [
        feature
        for feature in shop.vocabulary.features
        if feature.since is None
        and feature.query.result_type(feature.signal) is call.type
        and feature.signal.scope == call.signal.scope
    ]
    if not alternatives:
        return None
    chosen = random.choices(alternatives, [feature.weight for feature in alternatives])[0]
    return _put(parent, site, shop.vocabulary.call(chosen.query, chosen.signal, random, parent.object_name))


def tune(shop: Workshop, parent: Parent, sigma: float) -> t.Function | None:
    """All constants moved together by log-normal factors of width `sigma`: a step of a (1+1) evolution strategy."""
    paths = [site.path for site in sites(parent.function) if constant(site.expr) is not None]
    paths = [path for path in paths if not any(path[: len(p)] == p and p != path for p in paths)]
    if not paths:
        return None
    function = parent.function
    by_path = {site.path: site.expr for site in sites(function)}
    for path in paths:
        function = put(function, path, perturbed(by_path[path], sigma, shop.random, flip=0.0))
    return function


def perturbed(expr: t.Expr, sigma: float, random: Random, flip: float = 0.05) -> t.Expr:
    """A constant times a log-normal factor; zero moves to either side."""
    value = constant(expr)
    assert value is not None
    if value == 0.0:
        return number(random.gauss(0.0, sigma))
    factor = math.exp(max(-20.0, min(20.0, random.gauss(0.0, sigma))))
    return number(value * factor * (-1.0 if random.random() < flip else 1.0))


# ------------------------------------------------------------------------------------------------- helpers


def _put(parent: Parent, site: Site, new: t.Expr) -> t.Function:
    function: t.Function = put(parent.function, site.path, new)
    return function


def _insert_before(function: t.Function, site: Site, stmt: t.Stmt) -> t.Function:
    """The function with `stmt` inserted before the statement of the site."""
    *owner, (field, index) = site.statement
    changed: t.Function = splice(function, tuple(owner), field, index, index, (stmt,))
    return changed


def _returned(parent: Parent, random: Random) -> Site | None:
    """The expression of a random return of a double."""
    found = [site for site in sites(parent.function) if site.path[-1] == ("value", -1) and site.expr.type is _D]
    found = [site for site in found if isinstance(_statement(parent.function, site), t.Return)]
    return random.choice(found) if found else None


def _statement(function: t.Function, site: Site) -> Any:
    node: Any = function
    for field, index in site.statement:
        node = getattr(node, field) if index < 0 else getattr(node, field)[index]
    return node


def _is_exchangeable(expr: t.Expr) -> bool:
    match expr:
        case t.Binary(op=op, left=left):
            return left.type is _D and op in (*_ARITHMETIC, *COMPARISONS)
        case t.MathCall(type=Type.DOUBLE, name=name):
            return name in ("min", "max", "log1p", "sqrt", "cbrt", "log", "log2")
    return False


def _other(random: Random, kind: tuple[str, ...], op: str) -> str:
    return random.choice([candidate for candidate in kind if candidate != op])


def _drop_branch(function: t.Function, random: Random) -> t.Function | None:
    """Without one `if`; None where a declaration without initialiser makes that unsafe."""
    if any(isinstance(node, t.Declare) and node.value is None for node in walk(function)):
        return None
    branches = [node for node in walk(function) if isinstance(node, t.If) and node is not function.body[-1]]
    if not branches:
        return None
    chosen = random.choice(branches)
    changed: t.Function = rewrite(function, lambda node: t.Scope(()) if node == chosen else node)
    return changed
