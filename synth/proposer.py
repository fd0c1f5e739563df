"""What a proposer sees and gives: from the history of a run, the next generation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from synth.archive import PENDING, SCORED, Candidate
from synth.candidate import Proof
from synth.task import VALIDATION, Score


@dataclass(frozen=True, slots=True)
class Proposal:
    """A source with what the compiler proved of it, the operator that made it, and the ids it came from."""

    source: str
    operator: str
    parents: tuple[int, ...]
    proof: Proof


class Proposer(Protocol):
    """Proposals depend on nothing but the history, the generation's number and `random`."""

    name: str

    def propose(self, history: History, generation: int, count: int, random: Random) -> list[Proposal]:
        """Up to `count` proposals, all new to the history and to each other."""


@dataclass
class History:
    """All candidates with a verdict up to the last whole generation, best first where asked."""

    minimize: bool
    candidates: list[Candidate] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    _ranking: list[Candidate] | None = None

    def add(self, candidates: list[Candidate]) -> None:
        """Append a generation; the order of `candidates` is made that of their ids."""
        self.candidates.extend(sorted((c for c in candidates if c.verdict != PENDING), key=lambda c: c.id))
        self.keys.update(candidate.key for candidate in candidates)
        self._ranking = None

    def order(self, candidate: Candidate) -> tuple[float, int, int]:
        """Sorting key: better score, then cheaper, then older."""
        assert candidate.score is not None
        return (candidate.score if self.minimize else -candidate.score, candidate.cost, candidate.id)

    def ranking(self) -> list[Candidate]:
        """All scored candidates, best first, one of each behaviour (equal score and metrics)."""
        if self._ranking is None:
            seen: set[tuple[object, ...]] = set()
            self._ranking = []
            for candidate in sorted((c for c in self.candidates if _is_scored(c)), key=self.order):
                behaviour = (candidate.score, *sorted(candidate.metrics.items()))
                if behaviour not in seen:
                    seen.add(behaviour)
                    self._ranking.append(candidate)
        return self._ranking

    def best(self, count: int) -> list[Candidate]:
        """The `count` best of the ranking."""
        return self.ranking()[:count]


def champion(history: History, measurements: Mapping[tuple[str, str, str], Score]) -> Candidate | None:
    """The best on the validation part of those measured there, else the best of the search; None without any."""
    ranking = history.ranking()
    measured = [
        (score.value if history.minimize else -score.value, place, candidate)
        for place, candidate in enumerate(ranking)
        if (score := measurements.get(("candidate", str(candidate.id), VALIDATION))) is not None
    ]
    if not measured:
        return ranking[0] if ranking else None
    return min(measured, key=lambda item: item[:2])[2]


def _is_scored(candidate: Candidate) -> bool:
    return candidate.verdict == SCORED and candidate.score is not None and candidate.score == candidate.score
