"""Separate lines of descent, so that one early success does not crowd out all others."""

from __future__ import annotations

from random import Random

from synth.archive import Candidate
from synth.proposer import History

COUNT = 4
_ABROAD = 0.15


class Islands:
    """The best candidates of each island. A child lives where its first parent does; seeds live everywhere.

    Where a candidate lives follows from the history alone, so nothing has to be stored.
    """

    def __init__(self, history: History, elites: int) -> None:
        homes: dict[int, int | None] = {}
        for candidate in history.candidates:
            home = homes.get(candidate.parents[0]) if candidate.parents else None
            homes[candidate.id] = None if candidate.generation == 0 else candidate.id % COUNT if home is None else home
        ranking = history.ranking()
        islands = ([c for c in ranking if homes[c.id] in (None, island)] for island in range(COUNT))
        self._elites = [(island or ranking)[:elites] for island in islands]
        self.leaders = self._leaders(ranking[0])

    def pair(self, turn: int, random: Random) -> tuple[Candidate, Candidate]:
        """Two parents for the next child, whose turn decides the island; seldom the second is from elsewhere."""
        home = self._elites[turn % COUNT]
        other = random.choice(self._elites) if random.random() < _ABROAD else home
        return _tournament(home, random), _tournament(other, random)

    def _leaders(self, best: Candidate) -> list[Candidate]:
        """The best of each island, and the best of all twice."""
        return [best, *(elites[0] for elites in self._elites)]


def _tournament(elites: list[Candidate], random: Random) -> Candidate:
    """The better of two drawn from the elites, which stand best first."""
    return elites[min(random.randrange(len(elites)) for _ in range(2))]
