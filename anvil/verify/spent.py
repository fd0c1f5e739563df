"""Worst-case steps and cost of a piece of a program, in all and by source line."""

from __future__ import annotations

from dataclasses import dataclass, field

UNLIMITED = 10**18
"""Where counting stops: anything above exceeds every budget."""


@dataclass(slots=True)
class Spent:
    """`lines` gives the steps and the cost of every line, in all executions of it."""

    steps: int = 0
    cost: int = 0
    lines: dict[int, tuple[int, int]] = field(default_factory=dict)

    def add(self, line: int, steps: int, cost: int) -> None:
        """Adds something that is done once."""
        self.steps += steps
        self.cost += cost
        old = self.lines.get(line, (0, 0))
        self.lines[line] = (old[0] + steps, old[1] + cost)

    def merge(self, other: Spent, times: int = 1) -> None:
        """Adds what another piece spends, so many times."""
        self.steps = min(self.steps + other.steps * times, UNLIMITED)
        self.cost = min(self.cost + other.cost * times, UNLIMITED)
        self._merge_lines(other, times)

    def merge_worse(self, one: Spent, other: Spent) -> None:
        """Adds the worse of two ways; a line counts on the way that it stands on."""
        self.steps = min(self.steps + max(one.steps, other.steps), UNLIMITED)
        self.cost = min(self.cost + max(one.cost, other.cost), UNLIMITED)
        self._merge_lines(one, 1)
        self._merge_lines(other, 1)

    def _merge_lines(self, other: Spent, times: int) -> None:
        for line, (steps, cost) in other.lines.items():
            old = self.lines.get(line, (0, 0))
            self.lines[line] = (min(old[0] + steps * times, UNLIMITED), min(old[1] + cost * times, UNLIMITED))
