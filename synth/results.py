"""What a run found, read from its archive alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth.archive import ARCHIVE_NAME, PENDING, REJECTED, Archive, Candidate
from synth.errors import UserError
from synth.proposer import History, champion
from synth.task import HELDOUT, SEARCH, TRAIN, Score


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the result table; `kind` is baseline, seed or best. A score that is not known is None."""

    name: str
    kind: str
    search: Score | None
    train: Score | None
    heldout: Score | None


@dataclass(frozen=True, slots=True)
class Summary:
    """A run as reports show it. `lineage` goes from the seed to the champion."""

    directory: Path
    settings: dict[str, Any]
    rows: tuple[Row, ...]
    candidates: tuple[Candidate, ...]
    champion: Candidate | None
    lineage: tuple[Candidate, ...]
    rejects: dict[str, int]
    seconds: float
    ending: str

    @property
    def minimize(self) -> bool:
        return bool(self.settings["goal"] == "minimize")

    @property
    def metric(self) -> str:
        return str(self.settings["metric"])

    @property
    def evaluated(self) -> int:
        return sum(1 for candidate in self.candidates if candidate.verdict != PENDING)

    def improvement(self, score: Score | None, part: str) -> float | None:
        """By how much a score is better than the reference baseline's, as a fraction of that."""
        reference = next((row for row in self.rows if row.name == self.settings["reference"]), None)
        base = None if reference is None else (reference.train if part == TRAIN else reference.heldout)
        if score is None or base is None or base.value == 0.0:
            return None
        change = (base.value - score.value) / abs(base.value)
        return change if self.minimize else -change

    def best_row(self, part: str) -> Row | None:
        """The row with the best score on a part."""
        known = [(row.train if part == TRAIN else row.heldout, row) for row in self.rows]
        scored = [(score.value, row) for score, row in known if score is not None]
        if not scored:
            return None
        choose = min if self.minimize else max
        return choose(scored, key=lambda pair: pair[0])[1]


def summarize(directory: Path) -> Summary:
    """The summary of the run in `directory`; raises UserError when there is none."""
    archive = Archive.open(directory / ARCHIVE_NAME)
    try:
        settings = archive.settings()
        if not settings:
            raise UserError(f"the run in `{directory}` has not begun", "start it with `vulcan synth`")
        candidates = archive.candidates()
        measures = archive.measurements()
        seconds, ending = archive.seconds_spent(), archive.ending()
    finally:
        archive.close()
    history = History(minimize=settings["goal"] == "minimize")
    history.add(candidates)
    best = champion(history, measures)
    rows = [
        Row(name, "baseline", *(measures.get(("baseline", name, part)) for part in (SEARCH, TRAIN, HELDOUT)))
        for name in settings["baselines"]
    ]
    seeds = [candidate for candidate in candidates if candidate.name and candidate.score is not None]
    rows += [_candidate_row(candidate, seed_label(candidate.name), "seed", measures) for candidate in seeds]
    if best is not None:
        rows.append(_candidate_row(best, f"best found (#{best.id})", "best", measures))
    codes = Counter(
        str(diagnostic.get("code", "?"))
        for candidate in candidates
        if candidate.verdict not in ("scored", PENDING)
        for diagnostic in candidate.diagnostics[: None if candidate.verdict == REJECTED else 1]
    )
    return Summary(
        directory, settings, tuple(rows), tuple(candidates), best, _lineage(best, candidates), dict(codes),
        seconds, ending,
    )  # fmt: skip


def seed_label(name: str) -> str:
    """How a seed is called in tables."""
    return name if name == "seed" else f"seed {name}"


def _candidate_row(candidate: Candidate, name: str, kind: str, measures: dict[tuple[str, str, str], Score]) -> Row:
    assert candidate.score is not None
    train, heldout = (measures.get(("candidate", str(candidate.id), part)) for part in (TRAIN, HELDOUT))
    return Row(name, kind, Score(candidate.score, candidate.metrics), train, heldout)


def _lineage(champion: Candidate | None, candidates: list[Candidate]) -> tuple[Candidate, ...]:
    """First parents from the champion back, oldest first."""
    by_id = {candidate.id: candidate for candidate in candidates}
    line: list[Candidate] = []
    node = champion
    while node is not None:
        line.append(node)
        node = by_id.get(node.parents[0]) if node.parents else None
    return tuple(reversed(line))
