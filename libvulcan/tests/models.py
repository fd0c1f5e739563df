"""The listeners in plain Python, exact where the listener promises it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction


@dataclass
class AverageModel:
    values: list[float] = field(default_factory=list)

    def update(self, x: float) -> None:
        self.values.append(x)

    def exact(self) -> Fraction:
        return sum(map(Fraction, self.values), Fraction()) / len(self.values) if self.values else Fraction()

    def tolerance(self) -> float:
        """The error bound of Neumaier's sum, with a little room."""
        return bound(self.values, self.exact(), len(self.values))


@dataclass
class EwmaModel:
    alphas: list[float]
    values: list[float] | None = None

    def update(self, x: float) -> None:
        if self.values is None:
            self.values = [x for _ in self.alphas]
        else:
            self.values = [step(v, a, x) for v, a in zip(self.values, self.alphas, strict=True)]

    def get(self, index: int) -> float:
        return self.values[index] if self.values is not None else 0.0


def step(v: float, a: float, x: float) -> float:
    moved = v + a * (x - v)
    return moved if math.isfinite(moved) else a * x + (1.0 - a) * v


@dataclass
class WindowModel:
    n: int
    values: list[float] = field(default_factory=list)

    def update(self, x: float) -> None:
        self.values.append(x)

    def window(self) -> list[float]:
        return self.values[-self.n :]

    def kth(self, k: int) -> float:
        return self.window()[-1 - k] if 0 <= k < len(self.window()) else 0

    def exact(self) -> Fraction:
        window = self.window()
        return sum(map(Fraction, window), Fraction()) / len(window) if window else Fraction()

    def tolerance(self) -> float:
        """What left the window since the ring last wrapped still matters."""
        recent = self.values[-3 * self.n :]
        return bound(recent, self.exact(), len(self.window()))


def bound(terms: list[float], mean: Fraction, n: int) -> float:
    eps = Fraction(2) ** -53
    total = sum(map(abs, map(Fraction, terms)), Fraction())
    limit = 4 * eps * abs(mean) + (2 * len(terms) * eps) ** 2 * total / max(n, 1) + Fraction(5e-324)
    return float(limit) if limit < Fraction(1.7e308) else math.inf


def pop_rank(values: list[float], own: float) -> float:
    return sum(v < own for v in values) / len(values)


def pop_value(values: list[float], p: float) -> float:
    if not values:
        return 0
    share = min(max(p, 0.0), 1.0) if p == p else 0.0
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
