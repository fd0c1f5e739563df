"""The process that compiles and scores: `python -m synth.worker FD`, started by `synth.pool`.

It reads a `Setup`, then jobs, from the socket FD, and answers each with an `Answer`. Results of candidates are
given to the sink before they are sent. It ends when the socket closes, and by an alarm when a job outlasts its
limit and nobody is left to end it.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from synth.archive import FAILED, REJECTED, SCORED, Result
from synth.candidate import Json, Language, Rejected
from synth.errors import UserError
from synth.task import Evaluator, Part, Score

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker keeps for its life; `limit` is the wall seconds that one job may take."""

    language: Language
    evaluator: Evaluator
    sink: Callable[[Result], None]
    limit: float


@dataclass(frozen=True, slots=True)
class CandidateJob:
    """Score a candidate on the part `search`."""

    id: int
    source: str


@dataclass(frozen=True, slots=True)
class ReportJob:
    """Score a source on any part."""

    name: str
    source: str
    part: Part


@dataclass(frozen=True, slots=True)
class BaselineJob:
    name: str
    part: Part


Job = CandidateJob | ReportJob | BaselineJob


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker has loaded the instance."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The instance cannot be loaded."""

    error: UserError


@dataclass(frozen=True, slots=True)
class Measured:
    """The answer to a ReportJob or a BaselineJob: a score, or why there is none."""

    job: ReportJob | BaselineJob
    score: Score | None
    problem: str = ""


Answer = Ready | Broken | Result | Measured


def evaluate(setup: Setup, job: CandidateJob) -> Result:
    """Compile and score one candidate; what goes wrong becomes its verdict."""
    start = time.perf_counter()
    score: Score | None = None
    verdict = SCORED
    diagnostics: tuple[Json, ...] = ()
    try:
        score = setup.evaluator.evaluate(setup.language.compile(job.source))
    except Rejected as error:
        verdict, diagnostics = REJECTED, error.diagnostics
    except Exception as error:  # whatever an evaluator raises must not end the run
        verdict, diagnostics = FAILED, ({"code": "evaluator", "message": f"{type(error).__name__}: {error}"},)
    return Result(job.id, verdict, score, diagnostics, time.perf_counter() - start)


def measure(setup: Setup, job: ReportJob | BaselineJob) -> Measured:
    """Score a baseline, or a source on a given part."""
    try:
        if isinstance(job, BaselineJob):
            return Measured(job, setup.evaluator.baseline(job.name, job.part))
        return Measured(job, setup.evaluator.report(setup.language.compile(job.source), job.part))
    except Exception as error:  # the same: the run goes on without this number
        return Measured(job, None, f"{type(error).__name__}: {error}")


def answer(setup: Setup, job: Job) -> Answer:
    """Do one job."""
    if not isinstance(job, CandidateJob):
        return measure(setup, job)
    result = evaluate(setup, job)
    setup.sink(result)
    return result


def serve(connection: Connection) -> None:
    """Answer jobs until the other side closes."""
    setup: Setup = connection.recv()
    try:
        setup.evaluator.prepare()
    except UserError as error:
        connection.send(Broken(error))
        return
    connection.send(Ready())
    while True:
        job: Job = connection.recv()
        signal.setitimer(signal.ITIMER_REAL, setup.limit + 1.0)
        reply = answer(setup, job)
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        connection.send(reply)


def main(arguments: Sequence[str]) -> int:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    connection: Connection[Any, Any] = Connection(int(arguments[0]))
    try:
        sys.path[:] = connection.recv()
        serve(connection)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass
    return 0


if __name__ == "__main__":
    # Under its own name, so that what is pickled here has the class that the other side knows.
    from synth import worker

    raise SystemExit(worker.main(sys.argv[1:]))
