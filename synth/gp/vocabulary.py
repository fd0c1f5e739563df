"""What programs are made of: the numeric features that a template's signals and listeners offer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from anvil.frontend import typed as t
from anvil.interface import GLOBAL, OBJECT, EntryPoint, Interface, Query, Signal
from anvil.types import Type

MAX_WINDOW = 16
_MAX_K = 4
# How often each listener is chosen: cheap ones and those that published heuristics use come first.
_WEIGHTS = {"Latest": 4.0, "RollingWindow": 1.2, "EWMA": 0.5, "Average": 0.4, "PopPercentile": 0.15}
_DIFFERENCE = 2.0


@dataclass(frozen=True, slots=True)
class Feature:
    """A way to get a number: one query, or the difference of a global signal and a query of the same unit (an age)."""

    query: Query
    signal: Signal
    since: Signal | None
    weight: float


class Vocabulary:
    """Features of an interface, and random numbers, for one entry point."""

    def __init__(self, interface: Interface, entry: EntryPoint) -> None:
        self.interface = interface
        self._has_object = entry.kind == "rank"
        self._latest = {q.scope: q for q in interface.queries if q.listener == "Latest" and not q.params}
        self.features = self._features()
        if not self.features:
            raise ValueError(f"interface {interface.name} offers no feature to {entry.name}")
        self._weights = [feature.weight for feature in self.features]

    def _features(self) -> list[Feature]:
        features = []
        for signal in self.interface.signals.values():
            for query in unambiguous(self.interface):
                if query.scope != signal.scope or (query.by_object and not self._has_object):
                    continue
                if not all(_is_drawable(param.type, param.element_of) for param in query.params):
                    continue
                weight = _WEIGHTS.get(query.listener, 0.3)
                if signal.scope == GLOBAL and self._has_object:
                    if query.listener != "Latest":
                        continue
                    weight *= 0.1  # the same for all objects: of use only together with others
                features.append(Feature(query, signal, None, weight))
                features += [
                    Feature(query, signal, clock, weight * _DIFFERENCE) for clock in self._clocks(signal, query)
                ]
        return features

    def _clocks(self, signal: Signal, query: Query) -> list[Signal]:
        """Global signals that a value of `query` can be subtracted from."""
        if signal.scope != OBJECT or not signal.unit or query.result is not None:
            return []
        return [
            other
            for other in self.interface.signals.values()
            if other.scope == GLOBAL and other.unit == signal.unit and other.type is signal.type
        ]

    # --------------------------------------------------------------------------------------------- drawing

    def feature(self, random: Random, object_name: t.Expr | None) -> t.Expr:
        """A random feature as a double."""
        chosen = random.choices(self.features, self._weights)[0]
        call: t.Expr = self.call(chosen.query, chosen.signal, random, object_name)
        if chosen.since is not None:
            clock = t.QueryCall(
                chosen.since.type,
                self._latest[GLOBAL],
                chosen.since,
                t.Attachment(chosen.since.name, "Latest", ()),
                None,
                (),
            )
            call = t.Binary(chosen.since.type, "-", clock, call)
        return as_double(call)

    def call(self, query: Query, signal: Signal, random: Random, object_name: t.Expr | None) -> t.QueryCall:
        args = tuple(draw_argument(param.type, param.element_of, random) for param in query.params)
        params = self._parameters(query, random)
        return t.QueryCall(
            query.result_type(signal),
            query,
            signal,
            t.Attachment(signal.name, query.listener, params),
            object_name if query.by_object else None,
            args,
        )

    def _parameters(self, query: Query, random: Random) -> tuple[float, ...]:
        listener = self.interface.listeners[query.listener]
        if not listener.param or listener.is_list:
            return ()
        return (float(random.choice((2, 4, 8, MAX_WINDOW))),)


def unambiguous(interface: Interface) -> list[Query]:
    """The queries that mean the same whatever else is attached: of equal overloads, the first listener answers."""
    first: dict[tuple[object, ...], Query] = {}
    for query in interface.queries:
        first.setdefault(overload(query), query)
    return list(first.values())


def overload(query: Query) -> tuple[object, ...]:
    """What a call is resolved by, besides the listeners that are attached."""
    return (query.method, query.scope, query.by_object, tuple(param.type for param in query.params))


def _is_drawable(type: Type, element_of: str) -> bool:
    return bool(element_of) or type is Type.DOUBLE or type.is_integer


def draw_argument(type: Type, element_of: str, random: Random) -> t.Literal:
    """A literal for a parameter of a query: an alpha, an index into a window, or a percentile."""
    if element_of:
        return t.Literal(type, random.choice((0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)))
    if type is Type.DOUBLE:
        return t.Literal(type, random.choice((0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)))
    return t.Literal(type, random.randint(1, _MAX_K))


def as_double(expr: t.Expr) -> t.Expr:
    """The expression converted to double, spelled out so that it reads back the same."""
    return expr if expr.type is Type.DOUBLE else t.Convert(Type.DOUBLE, expr, explicit=True)


def number(value: float) -> t.Expr:
    """A double of four significant digits; a negative one is the negation of a literal, as C++ has it."""
    value = float(f"{value:.4g}")
    if not math.isfinite(value):
        value = 1.0
    literal = t.Literal(Type.DOUBLE, abs(value))
    return t.Unary(Type.DOUBLE, "-", literal) if value < 0 else literal


def draw_number(random: Random) -> t.Expr:
    """A constant: often a small round one, else log-uniform over six decades."""
    if random.random() < 0.4:
        return number(random.choice((0.1, 0.5, 1.0, 2.0, 3.0, 10.0, 100.0)))
    value = 10 ** random.uniform(-3, 3)
    return number(-value if random.random() < 0.2 else value)


def draw_threshold(random: Random) -> t.Expr:
    """A constant to compare with: log-uniform, up to a million."""
    return number(10 ** random.uniform(-1, 6) if random.random() < 0.5 else random.choice((1.0, 2.0, 3.0, 5.0)))
