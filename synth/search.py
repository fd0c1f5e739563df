"""The search loop, generation by generation.

The proposals of a generation follow from the run's seed, the generation's number and the archive up to the generation
before. They are written as pending before any is evaluated. So a run that was ended at any point, and is started
again, goes on with the same candidates.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Protocol

from synth.archive import ARCHIVE_NAME, PENDING, SCORED, Archive, ArchiveSink, Candidate, Proposed, Result
from synth.candidate import Rejected
from synth.errors import UserError
from synth.lock import RunLock
from synth.pool import Pool
from synth.proposer import History, Proposer, champion
from synth.task import HELDOUT, SEARCH, TRAIN, VALIDATION, Instance, Part, Task
from synth.worker import BaselineJob, CandidateJob, Job, Measured, ReportJob, Setup

_PARTS: tuple[Part, ...] = (SEARCH, VALIDATION, TRAIN, HELDOUT)
_FINALISTS = 32


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop, and with how many hands. They may differ when a run is resumed.

    `plateau` is the number of evaluations without a better score; 0 switches it off.
    """

    workers: int = 2
    max_evals: int = 2000
    max_time: float | None = None
    plateau: int = 0
    candidate_time: float = 30.0


class Observer(Protocol):
    """Is told what happens, to show it."""

    def note(self, text: str) -> None: ...

    def began(self, done: int, seconds: float) -> None: ...

    def measured(self, measured: Measured) -> None: ...

    def generation(self, number: int, history: History) -> None: ...

    def evaluated(self, result: Result) -> None: ...

    def ended(self, reason: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What identifies a run, with the parts that carry it out."""

    task: Task
    instance: Instance
    proposer: Proposer
    seed: int
    population: int

    def settings(self) -> dict[str, object]:
        """What must be equal to resume."""
        return {
            "task": self.task.name,
            "instance": self.instance.description,
            **self.instance.settings,
            "language": self.task.language().fingerprint(),
            "seeds": dict(self.task.seeds()),
            "proposer": self.proposer.name,
            "seed": self.seed,
            "population": self.population,
            "goal": self.task.goal,
            "metric": self.task.metric,
            "baselines": list(self.task.baselines),
            "reference": self.task.reference,
        }


def run(plan: Plan, directory: Path, limits: Limits, observer: Observer) -> str:
    """Search in `directory`, or go on there; gives the reason for the end. Raises UserError."""
    directory.mkdir(parents=True, exist_ok=True)
    lock = RunLock(directory / "lock", limits.candidate_time + 5.0, observer.note)
    archive = Archive(directory / ARCHIVE_NAME)
    try:
        archive.claim(plan.settings())
        setup = Setup(plan.task.language(), plan.instance.evaluator, ArchiveSink(archive.path), limits.candidate_time)
        with Pool(setup, limits.workers, log=directory / "workers.log", inherit=(lock.fileno,)) as pool:
            return _Session(plan, limits, observer, archive, pool).run()
    finally:
        archive.close()
        lock.close()


class _Session:
    """The work of one process on a run."""

    def __init__(self, plan: Plan, limits: Limits, observer: Observer, archive: Archive, pool: Pool) -> None:
        self._plan = plan
        self._limits = limits
        self._observer = observer
        self._archive = archive
        self._pool = pool
        self._spent = archive.seconds_spent()
        self._id = archive.begin_session()
        self._start = time.monotonic()
        self._saved = self._start
        self._history = History(minimize=plan.task.goal == "minimize")
        self._generation = -1
        self._pending: list[Candidate] = []
        self._done_in_generation = 0
        self._load()

    def run(self) -> str:
        self._observer.began(len(self._history.candidates), self._spent)
        reason = "interrupted"
        try:
            self._preflight()
            reason = self._search()
            self._report()
        except KeyboardInterrupt:
            reason = "interrupted"
        finally:
            self._archive.update_session(self._id, self._seconds(), reason)
        self._observer.ended(reason)
        return reason

    # ---------------------------------------------------------------------------------------------- phases

    def _load(self) -> None:
        """Take up where the archive is: whole generations into the history, the rest is pending."""
        candidates = self._archive.candidates()
        self._pending = [candidate for candidate in candidates if candidate.verdict == PENDING]
        self._generation = max((candidate.generation for candidate in candidates), default=-1)
        latest = [candidate for candidate in candidates if candidate.generation == self._generation]
        self._done_in_generation = len(latest) - len(self._pending) if self._pending else 0
        whole = self._generation if self._pending else self._generation + 1
        self._history.add([candidate for candidate in candidates if candidate.generation < whole])

    def _preflight(self) -> None:
        """Seeds and baselines before anything is spent; raises UserError when there is nothing to start from."""
        if self._generation < 0:
            self._archive.propose(0, self._seeds())
            self._load()
        self._measure_baselines()
        if self._generation == 0 and self._pending:
            self._evaluate_pending(capped=False)
        if self._history.candidates and not self._history.ranking():
            problems = [f"{c.name}: {c.verdict}, {_first_message(c)}" for c in self._history.candidates[:3]]
            raise UserError("no seed can be scored: " + "; ".join(problems), "try `vulcan eval` on the seeds")

    def _search(self) -> str:
        while True:
            reason = self._reason_to_stop()
            if reason:
                return reason
            if not self._pending and not self._propose():
                return "the proposer has nothing new"
            self._observer.generation(self._generation, self._history)
            self._evaluate_pending(capped=True)

    def _report(self) -> None:
        """The finalists on the validation part, which chooses the champion; then it and the seeds on the others."""
        everything = History(self._history.minimize)
        everything.add(self._archive.candidates())
        seeds = [candidate for candidate in everything.candidates if candidate.name and candidate.verdict == SCORED]
        self._measure([*seeds, *everything.best(_FINALISTS)], VALIDATION)
        chosen = champion(everything, self._archive.measurements())
        for part in (TRAIN, HELDOUT):
            self._measure([*seeds, *([chosen] if chosen else [])], part)

    def _measure(self, candidates: list[Candidate], part: Part) -> None:
        known = self._archive.measurements()
        wanted = {candidate.id: candidate.source for candidate in candidates}
        self._take_measures(
            [
                ReportJob(str(id), source, part)
                for id, source in wanted.items()
                if ("candidate", str(id), part) not in known
            ]
        )

    # ----------------------------------------------------------------------------------------------- steps

    def _seeds(self) -> list[Proposed]:
        """The seeds, checked; of two that mean the same the first stays."""
        language = self._plan.task.language()
        proposed: dict[str, Proposed] = {}
        for name, source in self._plan.task.seeds().items():
            try:
                proof = language.check(source)
            except Rejected as error:
                raise UserError(f"seed `{name}` is rejected by the compiler\n{error.rendered}", "correct it") from None
            seed = Proposed(source, "seed", (), proof.key, proof.steps, proof.cost, name)
            proposed.setdefault(proof.key, seed)
        return list(proposed.values())

    def _propose(self) -> bool:
        """Write the next generation; False when it is empty."""
        number = self._generation + 1
        random = Random(f"{self._plan.seed}/{number}")
        proposals = self._plan.proposer.propose(self._history, number, self._plan.population, random)
        fresh: dict[str, Proposed] = {}
        for p in proposals:
            if p.proof.key not in self._history.keys:
                fresh.setdefault(
                    p.proof.key, Proposed(p.source, p.operator, p.parents, p.proof.key, p.proof.steps, p.proof.cost)
                )
        if not fresh:
            return False
        self._archive.propose(number, fresh.values())
        self._generation = number
        self._pending = [c for c in self._archive.candidates_of(number) if c.verdict == PENDING]
        return True

    def _evaluate_pending(self, *, capped: bool) -> None:
        """Evaluate what is pending, within the caps; a generation that is then whole joins the history."""
        allowed = self._limits.max_evals - self._evaluated() if capped else len(self._pending)
        jobs: list[Job] = [
            CandidateJob(candidate.id, candidate.source) for candidate in self._pending[: max(0, allowed)]
        ]
        for answer in self._answers(jobs, capped=capped):
            if isinstance(answer, Result):
                self._observer.evaluated(answer)
        generation = self._archive.candidates_of(self._generation)
        self._pending = [candidate for candidate in generation if candidate.verdict == PENDING]
        self._done_in_generation = len(generation) - len(self._pending)
        if not self._pending:
            self._history.add(generation)
            self._done_in_generation = 0

    def _measure_baselines(self) -> None:
        known = self._archive.measurements()
        jobs: list[Job] = [
            BaselineJob(name, part)
            for part in _PARTS
            for name in self._plan.task.baselines
            if ("baseline", name, part) not in known
        ]
        self._take_measures(jobs)

    def _take_measures(self, jobs: Sequence[Job]) -> None:
        for answer in self._answers(list(jobs), capped=False):
            assert isinstance(answer, Measured)
            kind = "baseline" if isinstance(answer.job, BaselineJob) else "candidate"
            if answer.score is not None:
                self._archive.measure(kind, answer.job.name, answer.job.part, answer.score)
            else:
                text = f"{kind} `{answer.job.name}` has no score on part {answer.job.part}: {answer.problem}"
                self._archive.log("warning", text)
                self._observer.note(text)
            self._observer.measured(answer)

    def _answers(self, jobs: list[Job], *, capped: bool) -> Iterator[Result | Measured]:
        for answer in self._pool.run(jobs, self._out_of_time if capped else lambda: False):
            assert isinstance(answer, Result | Measured)
            yield answer
            if time.monotonic() - self._saved > 1.0:
                self._saved = time.monotonic()
                self._archive.update_session(self._id, self._seconds())

    # -------------------------------------------------------------------------------------------- stopping

    def _reason_to_stop(self) -> str:
        limits = self._limits
        if self._evaluated() >= limits.max_evals:
            return f"{limits.max_evals} evaluations"
        if self._out_of_time():
            return f"{limits.max_time:g} seconds"
        if limits.plateau and not self._pending and self._since_best() >= limits.plateau:
            return f"plateau: {self._since_best()} evaluations without a better score"
        return ""

    def _evaluated(self) -> int:
        return len(self._history.candidates) + self._done_in_generation

    def _since_best(self) -> int:
        best = self._history.best(1)
        return sum(1 for c in self._history.candidates if c.id > best[0].id) if best else 0

    def _seconds(self) -> float:
        return time.monotonic() - self._start

    def _out_of_time(self) -> bool:
        return self._limits.max_time is not None and self._spent + self._seconds() >= self._limits.max_time


def _first_message(candidate: Candidate) -> str:
    return str(candidate.diagnostics[0].get("message", "")) if candidate.diagnostics else ""
